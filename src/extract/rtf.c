/* RTF: text with its control words carried out; pictures and embedded objects become parts. Source:
 * Microsoft, Rich Text Format Specification 1.9.1. */
#include "extract/rtf.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/changes.h"
#include "extract/decode.h"
#include "extract/flow.h"
#include "extract/formats.h"

#include <stdlib.h>

enum {
    BID_RTF = 90,
    RTF_WORD_MAX = 32,
    RTF_GROUPS_MAX = 1024, /* deeper ones share the last one's state */
    RTF_PARTS_MAX = 10000,
    RTF_PAGE_DEFAULT = 1252
};

enum rtf_where { /* what the text of a group is */
                 RTF_TEXT,
                 RTF_SKIPPED, /* names of fonts, colours, styles */
                 RTF_HEX      /* a picture or an object */
};

enum rtf_apart { /* does its text go on that of the group around it? */
                 RTF_JOINED,
                 RTF_APART,      /* no: a note, a property */
                 RTF_APART_ITEMS /* nor does that of the groups in it */
};

struct rtf_group {
    enum rtf_where where;
    enum rtf_apart apart;
    unsigned unicode_skip;         /* characters that stand for one of \u, for old readers */
    bool deleted, revised, hidden; /* its text was taken out, put in, is not shown */
    bool aside;                    /* it lies in a group that is apart */
};

struct rtf {
    struct sp_flow *flow;
    struct sp_extract *x; /* for parts; NULL: they are left out */
    struct sp_decoder *decoder;
    unsigned page; /* of the decoder */
    struct rtf_group groups[RTF_GROUPS_MAX];
    size_t depth;  /* of the group at hand; 0: outside */
    unsigned skip; /* characters behind \u that are still to be left out */
    uint64_t off;  /* of the byte at hand */
    /* the control word that is being read */
    bool in_control, in_number, negative, has_number;
    unsigned hex_wanted; /* digits of \' */
    unsigned hex;
    size_t word_len;
    char word[RTF_WORD_MAX + 1];
    int64_t number;
    uint64_t binary; /* bytes of \bin that follow */
    uint32_t high;   /* first half of a pair */
    struct sp_buf part;
    int half;                  /* of a byte in hex: -1 none */
    struct sp_changes changes; /* of the paragraph at hand */
    uint64_t parts, records;
};

int sp_rtf_bid(const struct sp_glance *at)
{
    return at->head.len >= 6 && memcmp(at->head.ptr, "{\\rtf", 5) == 0 ? BID_RTF : 0;
}

static struct rtf_group *rtf_group(struct rtf *rtf)
{
    size_t at = rtf->depth < RTF_GROUPS_MAX ? rtf->depth : RTF_GROUPS_MAX - 1;
    return &rtf->groups[at];
}

static void rtf_begin(struct rtf *rtf)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = ++rtf->records, .line = 1, .date_s = INT64_MIN};
    sp_flow_begin(rtf->flow, &record);
}

/* ---- changes --------------------------------------------------------------------------------- */
static enum sp_err rtf_reading(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    struct rtf *rtf = ctx;
    return utf8.len > 0 ? sp_flow_text(rtf->flow, utf8, off, why)
                        : sp_flow_break(rtf->flow, '\n', rtf->off, why);
}

/* The paragraph before its changes, with them, without what is hidden, and without the notes that
 * stand in it, as far as these differ. */
static enum sp_err rtf_readings(struct rtf *rtf, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (rtf->changes.kinds > 1U << SP_CHANGE_NONE)
        err = sp_flow_break(rtf->flow, '\n', rtf->off, why);
    return err == SP_OK ? sp_changes_give(&rtf->changes, false, rtf_reading, rtf, why) : err;
}

static enum sp_change rtf_kind(const struct rtf_group *group)
{
    if (group->aside)
        return SP_CHANGE_ASIDE;
    if (group->deleted)
        return SP_CHANGE_DELETED;
    if (group->hidden)
        return SP_CHANGE_HIDDEN;
    return group->revised ? SP_CHANGE_INSERTED : SP_CHANGE_NONE;
}

/* Notes text of the group at hand. */
static enum sp_err rtf_change(struct rtf *rtf, struct sp_slice utf8, struct sp_why *why)
{
    enum sp_change kind = rtf_kind(rtf_group(rtf));
    bool full = false;
    enum sp_err err = sp_changes_text(&rtf->changes, kind, utf8, rtf->off, &full, why);
    if (err == SP_OK && full)
        err = rtf_readings(rtf, why);
    return err == SP_OK && full ? sp_changes_text(&rtf->changes, kind, utf8, rtf->off, &full, why)
                                : err;
}

static enum sp_err rtf_text(struct rtf *rtf, struct sp_slice utf8, struct sp_why *why)
{
    enum sp_err err = rtf_change(rtf, utf8, why);
    return err == SP_OK ? sp_flow_text(rtf->flow, utf8, rtf->off, why) : err;
}

/* ---- text ------------------------------------------------------------------------------------ */
static enum sp_err rtf_decoded(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                               struct sp_why *why)
{
    struct rtf *rtf = ctx;
    (void)map; /* \'e9 is four bytes for one */
    return rtf_text(rtf, utf8, why);
}

/* Bytes in the document's code page. */
static enum sp_err rtf_bytes(struct rtf *rtf, struct sp_slice bytes, struct sp_why *why)
{
    if (rtf_group(rtf)->where != RTF_TEXT)
        return SP_OK;
    return sp_decoder_push(rtf->decoder, bytes, 0, false, rtf_decoded, rtf, why);
}

static enum sp_err rtf_code(struct rtf *rtf, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4] = {0};
    if (rtf_group(rtf)->where != RTF_TEXT)
        return SP_OK;
    return rtf_text(rtf, (struct sp_slice){utf8, sp_utf8_encode(code, utf8)}, why);
}

/* \uN, which is a unit of UTF-16, as a signed number. */
static enum sp_err rtf_unicode(struct rtf *rtf, int64_t number, struct sp_why *why)
{
    uint32_t unit = (uint32_t)number & 0xFFFF;
    rtf->skip = rtf_group(rtf)->unicode_skip;
    if (unit >= 0xD800 && unit < 0xDC00) {
        rtf->high = unit;
        return SP_OK;
    }
    if (unit >= 0xDC00 && unit < 0xE000) {
        uint32_t high = rtf->high;
        rtf->high = 0;
        return high == 0 ? SP_OK
                         : rtf_code(rtf, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00), why);
    }
    return unit == 0 ? SP_OK : rtf_code(rtf, unit, why);
}

static enum sp_err rtf_page(struct rtf *rtf, int64_t page, struct sp_why *why)
{
    char name[32];
    struct sp_decoder *decoder = NULL;
    if (page <= 0 || page > 65535 || (unsigned)page == rtf->page)
        return SP_OK;
    (void)snprintf(name, sizeof name, page >= 1250 && page <= 1258 ? "windows-%u" : "CP%u",
                   (unsigned)page);
    enum sp_err err = page == RTF_PAGE_DEFAULT
                          ? sp_decoder_new(SP_ENC_WINDOWS_1252, NULL, &decoder, why)
                      : page == 65001 ? sp_decoder_new(SP_ENC_UTF8, NULL, &decoder, why)
                                      : sp_decoder_new(SP_ENC_NAMED, name, &decoder, why);
    if (err == SP_ERR_FORMAT)
        return SP_OK; /* not known here: windows-1252 stays, ASCII is right in all */
    if (err != SP_OK)
        return err;
    sp_decoder_free(rtf->decoder);
    rtf->decoder = decoder;
    rtf->page = (unsigned)page;
    return SP_OK;
}

/* ---- pictures and objects -------------------------------------------------------------------- */
static enum sp_err rtf_hex(struct rtf *rtf, uint8_t c, struct sp_why *why)
{
    int digit = sp_hex_digit(c);
    if (digit < 0)
        return SP_OK;
    if (rtf->half < 0) {
        rtf->half = digit;
        return SP_OK;
    }
    uint8_t byte = (uint8_t)(rtf->half << 4 | digit);
    rtf->half = -1;
    return sp_buf_append_byte(&rtf->part, byte, why);
}

static enum sp_err rtf_part_end(struct rtf *rtf, struct sp_why *why)
{
    char name[32];
    struct sp_stream *stream = NULL;
    rtf->half = -1;
    if (rtf->part.len == 0 || rtf->x == NULL || rtf->parts == RTF_PARTS_MAX) {
        sp_buf_reset(&rtf->part);
        return SP_OK;
    }
    (void)snprintf(name, sizeof name, "object%llu", (unsigned long long)++rtf->parts);
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = rtf->parts,
                                        .name = sp_slice_of(name),
                                        .size_claimed = rtf->part.len,
                                        .mtime_s = INT64_MIN};
    enum sp_err err = sp_flow_end(rtf->flow, why); /* no object begins within a record */
    if (err == SP_OK)
        err = sp_stream_open_memory(sp_buf_slice(&rtf->part), &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(rtf->x, &info, stream, why);
    sp_stream_close(stream);
    sp_buf_reset(&rtf->part);
    rtf_begin(rtf);
    return err;
}

/* ---- control words --------------------------------------------------------------------------- */
static bool rtf_is_in(const char *word, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

static enum sp_err rtf_break(struct rtf *rtf, char c, struct sp_why *why)
{
    return rtf_group(rtf)->where == RTF_TEXT ? sp_flow_break(rtf->flow, c, rtf->off, why) : SP_OK;
}

/* The end of a line or a paragraph; of a tab within one. */
static enum sp_err rtf_line(struct rtf *rtf, char c, struct sp_why *why)
{
    const uint8_t byte = (uint8_t)c;
    const struct rtf_group *group = rtf_group(rtf);
    if (group->where != RTF_TEXT)
        return SP_OK;
    enum sp_err err = c == '\n' ? SP_OK : rtf_change(rtf, (struct sp_slice){&byte, 1}, why);
    if (err == SP_OK)
        err = rtf_break(rtf, c, why);
    return err == SP_OK && c == '\n' && !group->aside ? rtf_readings(rtf, why) : err;
}

/* Flags of a run. */
static bool rtf_flag(struct rtf *rtf)
{
    struct rtf_group *group = rtf_group(rtf);
    bool on = rtf->number != 0;
    if (strcmp(rtf->word, "deleted") == 0)
        group->deleted = on;
    else if (strcmp(rtf->word, "revised") == 0)
        group->revised = on;
    else if (strcmp(rtf->word, "v") == 0)
        group->hidden = on;
    else if (strcmp(rtf->word, "plain") == 0)
        group->hidden = false;
    else
        return false;
    return true;
}

static enum sp_err rtf_word(struct rtf *rtf, struct sp_why *why)
{
    static const char *const lines[] = {"par", "line", "row", "page", "sect", "nestrow", NULL};
    static const char *const tabs[] = {"tab", "cell", "nestcell", NULL};
    static const char *const skipped[] = {
        "fonttbl",   "colortbl",     "stylesheet", "listtable",          "rsidtbl",   "themedata",
        "datastore", "latentstyles", "filetbl",    "colorschememapping", "bkmkstart", "bkmkend",
        NULL};
    static const char *const packed[] = {"pict", "objdata", NULL};
    static const char *const apart[] = {
        "footnote", "annotation", "atnid",   "atnauthor", "atndate",   "propname", "staticval",
        "linkval",  "sn",         "sv",      "ffname",    "ffdeftext", "ffl",      "ffhelptext",
        "header",   "headerl",    "headerr", "headerf",   "footer",    "footerl",  "footerr",
        "footerf",  "shptxt",     "fldinst", "ud",        "xe",        "tc",       NULL};
    static const char *const items[] = {"info", "docvar", "userprops", NULL};
    const char *word = rtf->word;
    if (rtf_is_in(word, lines))
        return rtf_line(rtf, '\n', why);
    if (rtf_is_in(word, tabs))
        return rtf_line(rtf, '\t', why);
    if (rtf_flag(rtf))
        return SP_OK;
    if (strcmp(word, "u") == 0)
        return rtf_unicode(rtf, rtf->number, why);
    if (strcmp(word, "uc") == 0)
        rtf_group(rtf)->unicode_skip = rtf->number < 0 ? 0 : (unsigned)rtf->number & 0xFF;
    else if (strcmp(word, "bin") == 0)
        rtf->binary = rtf->number < 0 ? 0 : (uint64_t)rtf->number;
    else if (strcmp(word, "ansicpg") == 0)
        return rtf_page(rtf, rtf->number, why);
    else if (strcmp(word, "mac") == 0)
        return rtf_page(rtf, 10000, why);
    else if (strcmp(word, "pc") == 0)
        return rtf_page(rtf, 437, why);
    else if (strcmp(word, "emdash") == 0)
        return rtf_code(rtf, 0x2014, why);
    else if (strcmp(word, "endash") == 0)
        return rtf_code(rtf, '-', why);
    else if (strcmp(word, "lquote") == 0 || strcmp(word, "rquote") == 0)
        return rtf_code(rtf, '\'', why);
    else if (rtf_is_in(word, skipped))
        rtf_group(rtf)->where = RTF_SKIPPED;
    else if (rtf_is_in(word, apart) || rtf_is_in(word, items)) {
        rtf_group(rtf)->apart = rtf_is_in(word, items) ? RTF_APART_ITEMS : RTF_APART;
        rtf_group(rtf)->aside = true;
        return rtf_break(rtf, '\n', why);
    } else if (rtf_is_in(word, packed))
        rtf_group(rtf)->where = RTF_HEX;
    return SP_OK;
}

static enum sp_err rtf_control_end(struct rtf *rtf, struct sp_why *why)
{
    rtf->in_control = rtf->in_number = false;
    rtf->word[rtf->word_len] = '\0';
    if (rtf->negative)
        rtf->number = -rtf->number;
    if (!rtf->has_number)
        rtf->number = 1;
    return rtf_word(rtf, why);
}

/* The character behind a backslash that begins no word. */
static enum sp_err rtf_symbol(struct rtf *rtf, uint8_t c, struct sp_why *why)
{
    rtf->in_control = false;
    switch (c) {
    case '\'':
        rtf->hex_wanted = 2;
        rtf->hex = 0;
        return SP_OK;
    case '~':
        return rtf_line(rtf, ' ', why);
    case '_':
        return rtf_code(rtf, '-', why);
    case '\n':
    case '\r':
        return rtf_break(rtf, '\n', why);
    case '\\':
    case '{':
    case '}':
        return rtf_code(rtf, c, why);
    default:
        return SP_OK;
    }
}

/* One byte of a control word; *used false: the byte belongs to what follows. */
static enum sp_err rtf_control(struct rtf *rtf, uint8_t c, bool *used, struct sp_why *why)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    *used = true;
    if (rtf->word_len == 0 && !letter)
        return rtf_symbol(rtf, c, why);
    if (letter && !rtf->in_number) {
        if (rtf->word_len < RTF_WORD_MAX)
            rtf->word[rtf->word_len++] = (char)c;
        return SP_OK;
    }
    if (!rtf->in_number && c == '-') {
        rtf->in_number = rtf->negative = true;
        return SP_OK;
    }
    if (c >= '0' && c <= '9') {
        rtf->in_number = rtf->has_number = true;
        if (rtf->number < INT32_MAX)
            rtf->number = rtf->number * 10 + (c - '0');
        return SP_OK;
    }
    *used = c == ' ';
    return rtf_control_end(rtf, why);
}

/* ---- bytes ----------------------------------------------------------------------------------- */
static enum sp_err rtf_escaped(struct rtf *rtf, uint8_t c, struct sp_why *why)
{
    int digit = sp_hex_digit(c);
    if (digit < 0) {
        rtf->hex_wanted = 0;
        return SP_OK;
    }
    rtf->hex = rtf->hex << 4 | (unsigned)digit;
    if (--rtf->hex_wanted > 0)
        return SP_OK;
    if (rtf->skip > 0) {
        rtf->skip--;
        return SP_OK;
    }
    const uint8_t byte = (uint8_t)rtf->hex;
    return rtf_bytes(rtf, (struct sp_slice){&byte, 1}, why);
}

static enum sp_err rtf_open(struct rtf *rtf)
{
    struct rtf_group outer = *rtf_group(rtf);
    rtf->depth++;
    *rtf_group(rtf) = outer;
    if (outer.apart == RTF_APART)
        rtf_group(rtf)->apart = RTF_JOINED;
    return SP_OK;
}

static enum sp_err rtf_close(struct rtf *rtf, struct sp_why *why)
{
    enum sp_err err = rtf_group(rtf)->where == RTF_HEX ? rtf_part_end(rtf, why) : SP_OK;
    if (err == SP_OK && rtf_group(rtf)->apart != RTF_JOINED)
        err = rtf_break(rtf, '\n', why);
    rtf->depth -= rtf->depth > 0;
    return err;
}

static enum sp_err rtf_plain(struct rtf *rtf, uint8_t c, struct sp_why *why)
{
    if (c == '\r' || c == '\n')
        return SP_OK;
    if (rtf_group(rtf)->where == RTF_HEX)
        return rtf_hex(rtf, c, why);
    if (rtf->skip > 0) {
        rtf->skip--;
        return SP_OK;
    }
    return rtf_bytes(rtf, (struct sp_slice){&c, 1}, why);
}

static enum sp_err rtf_byte(struct rtf *rtf, uint8_t c, struct sp_why *why)
{
    bool used = false;
    if (rtf->binary > 0) {
        rtf->binary--;
        return rtf_group(rtf)->where == RTF_HEX ? sp_buf_append_byte(&rtf->part, c, why) : SP_OK;
    }
    if (rtf->hex_wanted > 0)
        return rtf_escaped(rtf, c, why);
    if (rtf->in_control) {
        enum sp_err err = rtf_control(rtf, c, &used, why);
        if (err != SP_OK || used)
            return err;
    }
    switch (c) {
    case '\\':
        rtf->in_control = true;
        rtf->in_number = rtf->negative = rtf->has_number = false;
        rtf->word_len = 0;
        rtf->number = 0;
        return SP_OK;
    case '{':
        return rtf_open(rtf);
    case '}':
        return rtf_close(rtf, why);
    default:
        return rtf_plain(rtf, c, why);
    }
}

static enum sp_err rtf_run(struct rtf *rtf, struct sp_stream *stream, struct sp_why *why)
{
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(stream, &block, why);
        if (err != SP_OK || block.len == 0)
            return err;
        for (size_t i = 0; i < block.len; i++, rtf->off++) {
            err = rtf_byte(rtf, block.ptr[i], why);
            if (err != SP_OK)
                return err;
        }
    }
}

enum sp_err sp_rtf_read(struct sp_stream *stream, struct sp_flow *flow, struct sp_extract *x,
                        size_t part_max, bool *closed, struct sp_why *why)
{
    struct rtf *rtf = sp_alloc_zero(sizeof *rtf);
    if (rtf == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read RTF");
    rtf->flow = flow;
    rtf->x = x;
    rtf->half = -1;
    rtf->groups[0].unicode_skip = 1;
    rtf->page = RTF_PAGE_DEFAULT;
    sp_buf_init(&rtf->part, part_max);
    sp_changes_init(&rtf->changes);
    enum sp_err err = sp_decoder_new(SP_ENC_WINDOWS_1252, NULL, &rtf->decoder, why);
    if (x != NULL)
        rtf_begin(rtf);
    if (err == SP_OK)
        err = rtf_run(rtf, stream, why);
    if (err == SP_OK)
        err = rtf_readings(rtf, why);
    *closed = rtf->depth == 0;
    sp_decoder_free(rtf->decoder);
    sp_buf_wipe(&rtf->part);
    sp_changes_clear(&rtf->changes);
    sp_free(rtf);
    return err;
}

enum sp_err sp_rtf_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_flow *flow = NULL;
    struct sp_unread unread;
    bool closed = true;
    enum sp_err err = sp_flow_new(x->sink, &flow, why);
    if (err != SP_OK)
        return err;
    err = sp_rtf_read(x->stream, flow, x, (size_t)x->limits->spool_max_bytes, &closed, why);
    struct sp_why ignored = {""};
    enum sp_err ended = sp_flow_end(flow, err == SP_OK ? why : &ignored);
    x->done->record_count = sp_flow_records(flow);
    sp_flow_free(flow);
    if (err == SP_OK && ended == SP_OK && !closed) {
        sp_unread_init(&unread, SP_REASON_TRUNCATED);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "ends within a group");
        return sp_extract_unread(x, &unread, why);
    }
    return err != SP_OK ? err : ended;
}
