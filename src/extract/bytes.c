/* The raw byte pass: printable runs of what no parser reads.
 *
 * Two kinds of runs are looked for in a window of bytes that slides over the stream:
 * - narrow: ASCII, with valid UTF-8 and single letters of windows-1252 in between;
 * - wide: UTF-16LE of European letters, from even and from odd bytes on.
 * Most of a binary file is neither: only around marks (bytes_masks.h) is looked closely.
 * A run at the end of a window is carried into the next one, so that no border cuts a value. Of
 * the three scanners at most one is within a run of RUN_CHARS_MIN characters at any byte (wide
 * runs have a zero or a control at every second byte, which ends narrow ones), so the texts of
 * runs never mix. Runs are told apart by a newline. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "extract/bytes_runs.h"
#include "extract/entropy.h"
#include "extract/formats.h"
#include "extract/packed.h"
#include "extract/run.h"

enum {
    RUN_CARRY_BYTES = 4096, /* a longer run at the end of a window is given as far as it goes */
    WINDOW_BYTES = SP_BLOCK_BYTES,
    FOREIGN_FEW = 6,   /* bytes of nobody's that may be a length or a sum */
    POINTS_MAX = 2048, /* origin points of one text */
};

/* ASCII printable with tab and newline; letters, quotes and dashes of windows-1252; the rest of
 * what may be UTF-8. */
static enum byte_class byte_class(uint8_t byte)
{
    if ((byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n')
        return BYTE_ASCII;
    if (byte == '\r')
        return BYTE_CR;
    if (byte < 0x80)
        return BYTE_OTHER;
    if (byte >= 0xC0 && byte != 0xD7 && byte != 0xF7)
        return BYTE_LETTER;
    switch (byte) {
    case 0x80: /* euro */
    case 0x8A: /* S, OE, Z with caron and their small forms, Y with dots */
    case 0x8C:
    case 0x8E:
    case 0x9A:
    case 0x9C:
    case 0x9E:
    case 0x9F:
    case 0x91: /* quotes and dashes */
    case 0x92:
    case 0x93:
    case 0x94:
    case 0x96:
    case 0x97:
    case 0xA0: /* no-break space */
    case 0xB0: /* degree */
        return BYTE_LETTER;
    default:
        return BYTE_HIGH;
    }
}

static bool ascii_is_lower(unsigned code)
{
    return code >= 'a' && code <= 'z';
}

static bool ascii_is_upper(unsigned code)
{
    return code >= 'A' && code <= 'Z';
}

bool sp_bytes_foreign_fits(unsigned before, unsigned after)
{
    bool word_before = ascii_is_lower(before) || ascii_is_upper(before);
    bool gap_before = before != 0 && before < 0x80 && strchr(" '\"(-\n", (int)before) != NULL;
    bool gap_after = after != 0 && after < 0x80 && strchr(" '\".,;:)!?-\r\n", (int)after) != NULL;
    return (word_before || gap_before) && (ascii_is_lower(after) || gap_after ||
                                           (ascii_is_upper(after) && !ascii_is_lower(before)));
}

/* ---- text out ------------------------------------------------------------------------------ */
static enum sp_err bytes_flush(struct sp_bytes_pass *pass)
{
    struct sp_extract *x = pass->x;
    if (pass->text_len == 0)
        return SP_OK;
    if (!pass->record_open) {
        struct sp_record record = {
            .kind = SP_RECORD_BYTES, .ordinal = ++x->done->record_count, .date_s = INT64_MIN};
        enum sp_err err = sp_sink_record_begin(x->sink, &record, pass->why);
        if (err != SP_OK)
            return err;
        pass->record_open = true;
    }
    struct sp_slice text = {pass->text, pass->text_len};
    struct sp_origin_map map = {pass->points, pass->point_count};
    pass->text_len = 0;
    pass->point_count = 0;
    return sp_sink_text(x->sink, text, map, pass->why);
}

enum sp_err sp_bytes_put(struct sp_bytes_pass *pass, const uint8_t *ptr, size_t len, uint64_t off)
{
    while (len > 0) {
        size_t room = SP_FRAME_TEXT_MAX - pass->text_len;
        if (room < 4 || pass->point_count == POINTS_MAX) {
            enum sp_err err = bytes_flush(pass);
            if (err != SP_OK)
                return err;
            continue;
        }
        size_t part = len < room ? len : room; /* more than 4 bytes are ASCII: cut anywhere */
        pass->points[pass->point_count++] = (struct sp_origin){(uint32_t)pass->text_len, off};
        memcpy(pass->text + pass->text_len, ptr, part);
        pass->text_len += part;
        ptr += part;
        off += part;
        len -= part;
    }
    return SP_OK;
}

enum sp_err sp_bytes_put_code(struct sp_bytes_pass *pass, uint32_t code, uint64_t off)
{
    uint8_t utf8[4];
    if (!sp_code_normalise(&code))
        return SP_OK;
    return sp_bytes_put(pass, utf8, sp_utf8_encode(code, utf8), off);
}

enum sp_err sp_bytes_separate(struct sp_bytes_pass *pass, uint64_t off)
{
    return sp_bytes_put(pass, (const uint8_t *)"\n", 1, off);
}

/* ---- the pass ------------------------------------------------------------------------------ */
static enum sp_err bytes_scan_kind(struct sp_bytes_pass *pass, enum sp_run_kind kind)
{
    struct sp_scanner *scanner = &pass->scanners[kind];
    if (scanner->next >= pass->window_off + pass->window_len)
        return SP_OK;
    return kind == SP_RUN_NARROW ? sp_narrow_scan(pass, scanner) : sp_wide_scan(pass, scanner);
}

/* Gives what is too long to be carried. */
static enum sp_err bytes_cut_kind(struct sp_bytes_pass *pass, enum sp_run_kind kind)
{
    struct sp_scanner *scanner = &pass->scanners[kind];
    uint64_t end = pass->window_off + pass->window_len;
    if (scanner->next >= end || end - scanner->next <= RUN_CARRY_BYTES)
        return SP_OK;
    return kind == SP_RUN_NARROW ? sp_narrow_cut(pass, scanner) : sp_wide_cut(pass, scanner);
}

/* Scans the window and moves what is carried to its front. The scanner whose run was given in
 * part goes first, so that its run goes on where it stopped; what is given in part of this
 * window comes last. */
static enum sp_err bytes_scan(struct sp_bytes_pass *pass)
{
    enum sp_run_kind first = SP_RUN_NARROW;
    uint64_t keep = pass->window_off + pass->window_len;
    for (enum sp_run_kind kind = 0; kind < SP_RUN_KIND_COUNT; kind++)
        first = pass->scanners[kind].open ? kind : first;
    enum sp_err err = bytes_scan_kind(pass, first);
    for (enum sp_run_kind kind = 0; kind < SP_RUN_KIND_COUNT && err == SP_OK; kind++) {
        if (kind != first)
            err = bytes_scan_kind(pass, kind);
    }
    for (enum sp_run_kind kind = 0; kind < SP_RUN_KIND_COUNT && err == SP_OK && !pass->final;
         kind++)
        err = bytes_cut_kind(pass, kind);
    for (enum sp_run_kind kind = 0; kind < SP_RUN_KIND_COUNT; kind++)
        keep = pass->scanners[kind].next < keep ? pass->scanners[kind].next : keep;
    size_t drop = (size_t)(keep - pass->window_off);
    memmove(pass->window, pass->window + drop, pass->window_len - drop);
    pass->window_len -= drop;
    pass->window_off = keep;
    return err;
}

/* What the bytes look like that are no text. */
struct bytes_look {
    struct sp_entropy entropy;
    struct sp_packed packed;
    bool counts;            /* of bytes that are nobody's: */
    uint64_t text, foreign; /* ASCII; neither that nor zeros */
};

/* Of all bytes: a packed line is too short to look random, and zeros may lie around it. */
static void bytes_count(struct bytes_look *look, struct sp_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        bool text = byte_class(bytes.ptr[i]) == BYTE_ASCII || bytes.ptr[i] == '\r';
        look->text += text;
        look->foreign += !text && bytes.ptr[i] != 0;
    }
}

/* Fills the window from the stream and scans it whenever it is full. */
static enum sp_err bytes_read(struct sp_bytes_pass *pass, struct bytes_look *look,
                              enum sp_err *stream_err)
{
    struct sp_slice block = {NULL, 0};
    enum sp_err err = SP_OK;
    while (err == SP_OK) {
        *stream_err = sp_stream_next(pass->x->stream, &block, pass->why);
        if (*stream_err != SP_OK || block.len == 0)
            break;
        sp_entropy_add(&look->entropy, block);
        sp_packed_add(&look->packed, block);
        if (look->counts)
            bytes_count(look, block);
        while (block.len > 0 && err == SP_OK) {
            size_t room = WINDOW_BYTES - pass->window_len;
            size_t part = block.len < room ? block.len : room;
            memcpy(pass->window + pass->window_len, block.ptr, part);
            pass->window_len += part;
            block.ptr += part;
            block.len -= part;
            if (pass->window_len == WINDOW_BYTES)
                err = bytes_scan(pass);
        }
        if (err == SP_OK)
            err = sp_extract_progress(pass->x, pass->why);
    }
    pass->final = true;
    sp_packed_end(&look->packed);
    if (err == SP_OK)
        err = bytes_scan(pass);
    return err;
}

/* Reports what looks compressed or encrypted, unless something is reported already. */
static enum sp_err bytes_opaque(struct sp_extract *x, const struct bytes_look *look,
                                struct sp_why *why)
{
    struct sp_unread unread;
    unsigned bits = sp_entropy_milli_bits(&look->entropy);
    bool known = x->beside == SP_BESIDE_NOT && x->known;
    bool random = x->beside == SP_BESIDE_NOBODY
                      ? look->foreign > FOREIGN_FEW && look->foreign > look->text / 8
                      : x->beside == SP_BESIDE_NOT && bits > sp_entropy_limit(&look->entropy);
    if (known || x->done->state != SP_STATE_COMPLETE || (!random && look->packed.found == NULL))
        return SP_OK;
    sp_unread_init(&unread, look->packed.found != NULL ? SP_REASON_UNSUPPORTED : SP_REASON_OPAQUE);
    unread.partial = true;
    unread.fallback = true;
    if (look->packed.found != NULL)
        (void)snprintf(unread.detail, sizeof unread.detail, "compressed data inside (%s)",
                       look->packed.found);
    else if (x->beside == SP_BESIDE_NOBODY)
        (void)snprintf(unread.detail, sizeof unread.detail,
                       "bytes between the members that are no text");
    else
        (void)snprintf(unread.detail, sizeof unread.detail, "unknown format, %u.%02u bits a byte",
                       bits / 1000, bits % 1000 / 10);
    return sp_extract_unread(x, &unread, why);
}

int sp_bytes_bid(const struct sp_glance *at)
{
    (void)at;
    return 1;
}

enum sp_err sp_bytes_extract(struct sp_extract *x, struct sp_why *why)
{
    struct bytes_look look = {.counts = x->beside == SP_BESIDE_NOBODY};
    enum sp_err stream_err = SP_OK;
    enum sp_err err = SP_OK;
    uint64_t start = sp_stream_offset(x->stream);
    struct sp_bytes_pass *pass = sp_alloc_zero(sizeof *pass);
    uint8_t *room = sp_alloc(WINDOW_BYTES + SP_FRAME_TEXT_MAX + POINTS_MAX * sizeof *pass->points);
    if (pass == NULL || room == NULL) {
        sp_free(pass);
        sp_free(room);
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the raw byte pass");
    }
    pass->x = x;
    pass->why = why;
    pass->points = (struct sp_origin *)(void *)room;
    pass->window = room + POINTS_MAX * sizeof *pass->points;
    pass->text = pass->window + WINDOW_BYTES;
    pass->window_off = start;
    for (unsigned i = 0; i < 256; i++)
        pass->classes[i] = (uint8_t)byte_class((uint8_t)i);
    for (enum sp_run_kind kind = 0; kind < SP_RUN_KIND_COUNT; kind++)
        pass->scanners[kind].next = start + (kind == SP_RUN_WIDE_ODD);
    err = bytes_read(pass, &look, &stream_err);
    if (err == SP_OK)
        err = bytes_flush(pass);
    if (err == SP_OK && pass->record_open)
        err = sp_sink_record_end(x->sink, why);
    sp_free(room);
    sp_free(pass);
    if (err == SP_OK && stream_err == SP_OK)
        err = bytes_opaque(x, &look, why);
    return err != SP_OK ? err : stream_err;
}
