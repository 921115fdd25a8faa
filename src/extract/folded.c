/* vCard, iCalendar and LDIF: long lines are folded over several, and values may be in
 * quoted-printable or base64. Each card, event or entry is a record of whole lines.
 * Sources: RFC 6350 3.2, RFC 5545 3.1, vCard 2.1 section 2.1.3, RFC 2849. */
#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/row.h"

#include <stdio.h>
#include <strings.h>

enum {
    BID_FOLDED = 70,
    LINE_MAX_BYTES = SP_FRAME_TEXT_MAX /* of a whole line; what is longer is read as it stands */
};

struct folded {
    struct sp_row row;
    uint64_t binary_count; /* values in base64 that are no text */
    bool too_long;         /* the line's beginning was passed on already */
    bool record_has_text;  /* of the record at hand a line was passed on */
    uint64_t line;         /* of the next byte, from 1 */
    uint64_t line_at;      /* where the line at hand begins */
    unsigned folds;        /* line ends taken out of the line */
    bool end_waits;        /* a line end that perhaps is a fold */
    uint64_t end_off;      /* its source byte */
    size_t len;            /* of the line so far */
    uint8_t text[LINE_MAX_BYTES];
    uint64_t off[LINE_MAX_BYTES]; /* source byte of each */
};

int sp_folded_bid(const struct sp_glance *at)
{
    static const char *const openings[] = {"BEGIN:VCARD", "BEGIN:VCALENDAR", "dn: ", "dn:: "};
    const uint8_t *sample = at->sample.ptr;
    size_t len = at->sample.len;
    size_t pos = 0;
    while (pos < len && sample[pos] <= ' ')
        pos++;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t want = strlen(openings[i]);
        if (len - pos >= want && strncasecmp((const char *)sample + pos, openings[i], want) == 0)
            return BID_FOLDED;
    }
    return pos < len && sp_name_has_suffix(at->name, ".vcf\0.vcard\0.ics\0.ldif\0") ? BID_FOLDED
                                                                                    : 0;
}

/* ---- values ------------------------------------------------------------------------------ */
/* Where the value of the line begins; 0: the line has none. */
static size_t value_begin(const struct folded *folded)
{
    const uint8_t *colon = memchr(folded->text, ':', folded->len);
    return colon == NULL ? 0 : (size_t)(colon - folded->text) + 1;
}

static bool names_encoding(const struct folded *folded, const char *encoding)
{
    size_t want = strlen(encoding);
    size_t end = value_begin(folded);
    for (size_t i = 0; i + want < end; i++) {
        if (folded->text[i] == ';' &&
            strncasecmp((const char *)folded->text + i + 1, encoding, want) == 0 &&
            (folded->text[i + 1 + want] == ':' || folded->text[i + 1 + want] == ';'))
            return true;
    }
    return false;
}

static bool is_quoted_printable(const struct folded *folded)
{
    return names_encoding(folded, "ENCODING=QUOTED-PRINTABLE") ||
           names_encoding(folded, "QUOTED-PRINTABLE");
}

static bool is_base64(const struct folded *folded)
{
    size_t at = value_begin(folded);
    return (at > 0 && at < folded->len && folded->text[at] == ':') ||
           names_encoding(folded, "ENCODING=B") || names_encoding(folded, "ENCODING=BASE64") ||
           names_encoding(folded, "BASE64");
}

/* In place: the decoded bytes are fewer. */
static void quoted_decode(struct folded *folded, size_t from)
{
    size_t to = from;
    for (size_t i = from; i < folded->len; i++) {
        int high = i + 2 < folded->len ? sp_hex_digit(folded->text[i + 1]) : -1;
        int low = high >= 0 ? sp_hex_digit(folded->text[i + 2]) : -1;
        bool code = folded->text[i] == '=' && low >= 0;
        folded->off[to] = folded->off[i];
        folded->text[to++] = code ? (uint8_t)(high << 4 | low) : folded->text[i];
        i += code ? 2 : 0;
    }
    folded->len = to;
}

/* In place; false, and nothing changed, when the value is no text. */
static bool base64_decode(struct folded *folded, size_t from)
{
    for (int write = 0; write < 2; write++) {
        uint32_t bits = 0;
        unsigned count = 0;
        size_t to = from;
        for (size_t i = from; i < folded->len; i++) {
            int sextet = sp_base64_digit(folded->text[i]);
            if (sextet < 0)
                continue; /* the blank before, the = behind */
            bits = (bits << 6 | (uint32_t)sextet) & 0xFFFF;
            count += 6;
            if (count < 8)
                continue;
            count -= 8;
            uint8_t byte = (uint8_t)(bits >> count);
            if (byte < ' ' && !(byte >= '\t' && byte <= '\r'))
                return false;
            if (write) {
                folded->off[to] = folded->off[i];
                folded->text[to++] = byte;
            }
        }
        if (write)
            folded->len = to;
    }
    return true;
}

/* ---- records ----------------------------------------------------------------------------- */
static bool line_opens_record(const struct folded *folded)
{
    static const char *const openings[] = {"BEGIN:VCARD", "BEGIN:VEVENT",   "BEGIN:VTODO",
                                           "dn:",         "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY"};
    for (size_t i = 0; !folded->too_long && i < sizeof openings / sizeof *openings; i++) {
        size_t want = strlen(openings[i]);
        if (folded->len >= want && strncasecmp((const char *)folded->text, openings[i], want) == 0)
            return true;
    }
    return false;
}

static enum sp_err record_next(struct folded *folded, struct sp_why *why)
{
    enum sp_err err = sp_row_end(&folded->row, why);
    folded->row.record = (struct sp_record){.kind = SP_RECORD_DOCUMENT,
                                            .ordinal = folded->row.record.ordinal + 1,
                                            .line = folded->line_at,
                                            .date_s = INT64_MIN};
    sp_row_begin(&folded->row);
    folded->record_has_text = false;
    return err == SP_OK ? sp_row_cell(&folded->row, 0, folded->line_at, why) : err;
}

/* ---- lines ------------------------------------------------------------------------------- */
/* The line as text; bytes that an encoding gave and that are no UTF-8 are Latin-1. */
static enum sp_err line_push(struct folded *folded, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < folded->len;) {
        uint32_t code;
        uint8_t utf8[4];
        unsigned used = sp_utf8_decode(folded->text + i, folded->len - i, &code);
        if (used == 0)
            code = folded->text[i];
        if (code != '\r' && sp_code_normalise(&code)) {
            unsigned len = sp_utf8_encode(code, utf8);
            err = sp_row_append(&folded->row, utf8, len, folded->off[i], why);
        }
        i += used == 0 ? 1 : used;
    }
    folded->len = 0;
    return err;
}

static enum sp_err line_end(struct folded *folded, struct sp_why *why)
{
    size_t from = folded->too_long ? 0 : value_begin(folded);
    if (folded->record_has_text && line_opens_record(folded)) {
        enum sp_err next_err = record_next(folded, why);
        if (next_err != SP_OK)
            return next_err;
    }
    folded->record_has_text = folded->record_has_text || folded->len > 0;
    if (from > 0 && is_quoted_printable(folded))
        quoted_decode(folded, from);
    else if (from > 0 && is_base64(folded))
        folded->binary_count += base64_decode(folded, from + (folded->text[from] == ':')) ? 0 : 1;
    enum sp_err err = line_push(folded, why);
    for (unsigned i = 0; err == SP_OK && folded->end_waits && i <= folded->folds; i++)
        err = sp_row_append(&folded->row, (const uint8_t *)"\n", 1, folded->end_off, why);
    folded->folds = 0;
    folded->too_long = false;
    folded->end_waits = false;
    return err;
}

/* A line end was read, and `byte` follows: does the line go on? */
static bool line_goes_on(struct folded *folded, uint8_t byte, bool *taken)
{
    bool soft =
        folded->len > 0 && folded->text[folded->len - 1] == '=' && is_quoted_printable(folded);
    *taken = byte == ' ' || (byte == '\t' && folded->len > 0);
    if (!soft && !*taken)
        return false;
    *taken = *taken && !soft;
    folded->len -= soft ? 1 : 0;
    folded->folds++;
    folded->end_waits = false;
    return true;
}

static enum sp_err folded_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                               struct sp_why *why)
{
    struct folded *folded = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    if (!folded->row.active) {
        sp_row_begin(&folded->row);
        err = sp_row_cell(&folded->row, 0, 1, why);
    }
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        uint8_t byte = utf8.ptr[pos];
        uint64_t off = sp_walk_origin(&walk, pos);
        bool taken = false;
        if (folded->end_waits && !line_goes_on(folded, byte, &taken)) {
            err = line_end(folded, why);
        } else if (taken) {
            pos++;
        } else if (byte == '\n') {
            folded->line_at =
                folded->len == 0 && !folded->too_long ? folded->line : folded->line_at;
            folded->line++;
            folded->end_waits = true;
            folded->end_off = off;
            pos++;
        } else if (folded->len >= LINE_MAX_BYTES - 4 && (byte & 0xC0) != 0x80) {
            folded->binary_count += !folded->too_long && is_base64(folded);
            folded->too_long = true;
            err = line_push(folded, why);
        } else {
            folded->line_at = folded->len == 0 ? folded->line : folded->line_at;
            folded->text[folded->len] = byte;
            folded->off[folded->len++] = off;
            pos++;
        }
    }
    return err;
}

static enum sp_err folded_report(struct sp_extract *x, const struct folded *folded,
                                 struct sp_why *why)
{
    struct sp_unread unread;
    if (folded->binary_count == 0)
        return SP_OK;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%llu values in base64 are no text",
                   (unsigned long long)folded->binary_count);
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_folded_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct folded *folded = sp_alloc_zero(sizeof *folded);
    if (folded == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read folded lines");
    sp_row_init(&folded->row, x->sink);
    folded->row.record = (struct sp_record){
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    folded->line = folded->line_at = 1;
    enum sp_err err = sp_extract_decode(x, false, folded_text, folded, &stream_err, why);
    if (err == SP_OK && folded->row.active)
        err = line_end(folded, why);
    if (err == SP_OK)
        err = sp_row_end(&folded->row, why);
    if (err == SP_OK && stream_err == SP_OK)
        err = folded_report(x, folded, why);
    x->done->record_count = folded->row.record_count;
    sp_free(folded);
    return err != SP_OK ? err : stream_err;
}
