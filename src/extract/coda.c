/* CODA, coded statements of account as all Belgian banks have them: lines of 128 characters with
 * fields at fixed places, in which values stand without a blank between them. A movement (2.1 with
 * its 2.2 and 2.3, and the information 3.1 to 3.3 about it) is a record; its communication goes on
 * from line to line in the middle of a word. Source: Febelfin, "Standards: Coded statement of
 * account (CODA)", version 2.6. */
#include "base/mem.h"
#include "core/charset.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/row.h"

enum {
    BID_CODA = 85,
    LINE_CHARS = 128,
    LINE_BYTES = 4 * LINE_CHARS,
    RUN_CHARS = 320, /* of a communication: 53 + 53 + 43, or 73 + 105 + 90 */
    RUN_AGAIN = 80,  /* of one that is longer, which begins anew with its end */
    NAME_CHARS = 26, /* of the holder */
    DATE_DIGITS = 6  /* DDMMYY */
};

/* Characters with their places in the source. */
struct coda_char {
    uint8_t len;
    uint8_t utf8[4];
    uint64_t off;
};

struct coda {
    struct sp_row row;
    uint64_t line; /* of the next character, from 1 */
    size_t len;    /* characters of the line at hand */
    bool overlong; /* which has more than it may: they were pushed as text */
    bool in_text;  /* the cell at hand is text that is no field, and goes on */
    struct coda_char chars[LINE_CHARS];
    size_t run_len; /* of the communication that waits for its next line */
    uint64_t run_line;
    struct coda_char run[RUN_CHARS];
    bool structured; /* the information at hand is the other party's address */
    uint64_t movements;
};

/* A field at a fixed place: characters from 1, as the standard counts. */
struct coda_field {
    const char *line; /* which lines have it: the first characters */
    uint8_t first, len;
    const char *key; /* what it is judged by; NULL: it goes on with the communication */
};

static const struct coda_field coda_fields[] = {
    {"0", 25, 10, "referentie"},
    {"0", 35, NAME_CHARS, "naam"},
    {"0", 61, 11, "bic"},
    {"0", 73, 10, "ondernemingsnummer"}, /* behind a zero */
    {"1", 6, 34, "rekeningnummer"},
    {"1", 40, 3, "valuta"},
    {"1", 65, NAME_CHARS, "naam"},
    {"1", 91, 35, "omschrijving"},
    {"21", 11, 21, "referentie"},
    {"21", 63, 53, NULL},
    {"22", 11, 53, NULL},
    {"22", 64, 35, "klantreferentie"},
    {"22", 99, 11, "bic"},
    {"23", 83, 43, NULL},
    {"23", 11, 34, "rekeningnummer"},
    {"23", 45, 3, "valuta"},
    {"23", 48, 35, "naam"},
    {"31", 11, 21, "referentie"},
    {"31", 41, 73, NULL},
    {"32", 11, 105, NULL},
    {"33", 11, 90, NULL},
    {"4", 33, 80, NULL},
    {"8", 5, 34, "rekeningnummer"},
    {"8", 39, 3, "valuta"},
};

/* Information of kind 001 on lines 3.1 and 3.2. */
static const struct coda_field coda_address[] = {
    {"31", 44, 70, "naam"},
    {"32", 11, 35, "adres"},
    {"32", 46, 35, "plaats"},
    {"32", 81, 35, "identificatie"},
};

/* ---- what it is ---------------------------------------------------------------------------- */
static bool all_digits(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

/* The header record, and an old balance behind it. */
int sp_coda_bid(const struct sp_glance *at)
{
    const uint8_t *sample = at->sample.ptr;
    size_t len = at->sample.len;
    if (len < LINE_CHARS + 3 || memcmp(sample, "00000", 5) != 0 || !all_digits(sample + 5, 9) ||
        memcmp(sample + 14, "05", 2) != 0)
        return 0;
    bool version = sample[LINE_CHARS - 1] == '1' || sample[LINE_CHARS - 1] == '2';
    size_t next = LINE_CHARS;
    while (next < len && (sample[next] == '\r' || sample[next] == '\n'))
        next++;
    return version && next > LINE_CHARS && next < len && sample[next] == '1' ? BID_CODA : 0;
}

/* ---- records ------------------------------------------------------------------------------- */
static enum sp_err field_put(struct coda *coda, const char *key, const struct coda_char *chars,
                             size_t count, uint64_t line, struct sp_why *why)
{
    while (count > 0 && chars[count - 1].utf8[0] == ' ')
        count--;
    if (count == 0)
        return SP_OK;
    coda->in_text = false;
    enum sp_err err =
        sp_row_named(&coda->row, sp_slice_of(key), (struct sp_slice){NULL, 0}, line, why);
    for (size_t i = 0; i < count && err == SP_OK; i++)
        err = sp_row_append(&coda->row, chars[i].utf8, chars[i].len, chars[i].off, why);
    return err;
}

/* The communication that waited is whole. */
static enum sp_err run_end(struct coda *coda, struct sp_why *why)
{
    enum sp_err err =
        coda->run_len == 0 || !coda->row.active
            ? SP_OK
            : field_put(coda, "mededeling", coda->run, coda->run_len, coda->run_line, why);
    coda->run_len = 0;
    return err;
}

/* Padding is one blank: what goes on does so at the line's very end. */
static enum sp_err run_add(struct coda *coda, const struct coda_char *chars, size_t count,
                           struct sp_why *why)
{
    size_t used = count;
    enum sp_err err = SP_OK;
    while (used > 0 && chars[used - 1].utf8[0] == ' ')
        used--;
    used += used < count && used > 0;
    if (coda->run_len == 0)
        coda->run_line = coda->line;
    for (size_t i = 0; i < used && err == SP_OK; i++) {
        if (coda->run_len == RUN_CHARS) {
            err = run_end(coda, why);
            memmove(coda->run, coda->run + RUN_CHARS - RUN_AGAIN, RUN_AGAIN * sizeof *coda->run);
            coda->run_len = RUN_AGAIN;
        }
        coda->run[coda->run_len++] = chars[i];
    }
    return err;
}

static int64_t line_date(const struct coda *coda, size_t first)
{
    if (coda->len < first - 1 + DATE_DIGITS)
        return INT64_MIN;
    char text[] = "20YY-MM-DD";
    static const uint8_t places[DATE_DIGITS] = {8, 9, 5, 6, 2, 3};
    for (size_t i = 0; i < DATE_DIGITS; i++)
        text[places[i]] = (char)coda->chars[first - 1 + i].utf8[0];
    return sp_row_date_of(sp_slice_of(text));
}

static enum sp_err record_begin(struct coda *coda, bool movement, struct sp_why *why)
{
    enum sp_err err = run_end(coda, why);
    if (err == SP_OK)
        err = sp_row_end(&coda->row, why);
    coda->movements += movement;
    coda->structured = coda->in_text = false;
    coda->row.record = (struct sp_record){.kind = SP_RECORD_NODE,
                                          .ordinal = coda->row.record.ordinal + 1,
                                          .row = movement ? coda->movements : 0,
                                          .line = coda->line,
                                          .table = sp_slice_of(movement ? "21" : ""),
                                          .date_s = movement ? line_date(coda, 48) : INT64_MIN};
    sp_row_begin(&coda->row);
    return err;
}

/* ---- lines --------------------------------------------------------------------------------- */
static bool line_is(const struct coda *coda, const char *kind)
{
    size_t len = strlen(kind);
    for (size_t i = 0; i < len; i++) {
        if (coda->len <= i || coda->chars[i].utf8[0] != (uint8_t)kind[i])
            return false;
    }
    return true;
}

static bool char_is_blank(const struct coda *coda, size_t at)
{
    return at >= coda->len || coda->chars[at].utf8[0] == ' ';
}

/* Fields of a line; *told: nothing but numbers of the bank stands outside of them, and nothing goes
 * on from one into the next. */
static enum sp_err line_fields(struct coda *coda, const struct coda_field *fields, size_t count,
                               bool *told, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool inside[LINE_CHARS] = {false};
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        const struct coda_field *field = &fields[i];
        size_t first = field->first - (size_t)1;
        if (!line_is(coda, field->line) || coda->len <= first)
            continue;
        size_t len = coda->len - first < field->len ? coda->len - first : field->len;
        memset(inside + first, true, len);
        *told = *told && (first == 0 || !inside[first - 1] || char_is_blank(coda, first - 1) ||
                          char_is_blank(coda, first));
        if (field->key != NULL)
            err = field_put(coda, field->key, coda->chars + first, len, coda->line, why);
        else
            err = run_add(coda, coda->chars + first, len, why);
    }
    for (size_t i = 0; i < coda->len; i++) {
        uint8_t byte = coda->chars[i].utf8[0];
        *told = *told && (inside[i] || byte == ' ' || (byte >= '0' && byte <= '9'));
    }
    return err;
}

/* The line as it stands: one of no kind that is known, or with something where the standard has
 * nothing. Such lines are one text. */
static enum sp_err line_text(struct coda *coda, bool goes_on, struct sp_why *why)
{
    static const uint8_t newline[] = "\n";
    enum sp_err err = coda->row.active ? SP_OK : record_begin(coda, false, why);
    if (err == SP_OK && !coda->in_text)
        err = sp_row_named(&coda->row, (struct sp_slice){NULL, 0}, (struct sp_slice){NULL, 0},
                           coda->line, why);
    else if (err == SP_OK && !goes_on)
        err = sp_row_append(&coda->row, newline, 1, coda->chars[0].off - 1, why);
    coda->in_text = true;
    for (size_t i = 0; i < coda->len && err == SP_OK; i++)
        err = sp_row_append(&coda->row, coda->chars[i].utf8, coda->chars[i].len, coda->chars[i].off,
                            why);
    return err;
}

static enum sp_err line_read(struct coda *coda, struct sp_why *why)
{
    static const char *const kinds[] = {"0",  "1",  "21", "22", "23", "31",
                                        "32", "33", "4",  "8",  "9"};
    bool known = false, goes_on = line_is(coda, "22") || line_is(coda, "23") ||
                                  line_is(coda, "32") || line_is(coda, "33");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        known = known || line_is(coda, kinds[i]);
    bool told = true;
    if (coda->len == 0)
        return SP_OK;
    if (!known || coda->overlong)
        return line_text(coda, coda->overlong, why);
    enum sp_err err = goes_on ? SP_OK : run_end(coda, why);
    bool begins = line_is(coda, "0") || line_is(coda, "21") || line_is(coda, "8") ||
                  line_is(coda, "4") || !coda->row.active;
    if (err == SP_OK && begins)
        err = record_begin(coda, line_is(coda, "21"), why);
    if (line_is(coda, "31"))
        coda->structured = coda->len > 42 && coda->chars[39].utf8[0] == '1' &&
                           coda->chars[40].utf8[0] == '0' && coda->chars[41].utf8[0] == '0' &&
                           coda->chars[42].utf8[0] == '1';
    if (err == SP_OK && coda->structured && (line_is(coda, "31") || line_is(coda, "32")))
        err =
            line_fields(coda, coda_address, sizeof coda_address / sizeof *coda_address, &told, why);
    else if (err == SP_OK)
        err = line_fields(coda, coda_fields, sizeof coda_fields / sizeof *coda_fields, &told, why);
    return err == SP_OK && !told ? line_text(coda, false, why) : err;
}

static enum sp_err line_end(struct coda *coda, struct sp_why *why)
{
    enum sp_err err = line_read(coda, why);
    coda->len = 0;
    coda->overlong = false;
    coda->line++;
    return err;
}

/* Too long for a line of a statement: what there is of it is text, and so is the rest. */
static enum sp_err line_overflows(struct coda *coda, struct sp_why *why)
{
    enum sp_err err = line_text(coda, coda->overlong, why);
    coda->len = 0;
    coda->overlong = true;
    return err;
}

static enum sp_err coda_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct coda *coda = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        uint8_t byte = utf8.ptr[pos];
        uint8_t len = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (byte == '\n') {
            err = line_end(coda, why);
        } else if (byte != '\r') {
            if (coda->len == LINE_CHARS)
                err = line_overflows(coda, why);
            struct coda_char *at = &coda->chars[coda->len++];
            at->len = len;
            at->off = sp_walk_origin(&walk, pos);
            memcpy(at->utf8, utf8.ptr + pos, len);
        }
        pos += len;
    }
    return err;
}

enum sp_err sp_coda_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct coda *coda = sp_alloc(sizeof *coda);
    if (coda == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a statement");
    memset(coda, 0, sizeof *coda);
    sp_row_init(&coda->row, x->sink);
    coda->line = 1;
    enum sp_err err = sp_extract_decode(x, false, coda_text, coda, &stream_err, why);
    if (err == SP_OK && coda->len > 0)
        err = line_end(coda, why);
    if (err == SP_OK)
        err = run_end(coda, why);
    if (err == SP_OK)
        err = sp_row_end(&coda->row, why);
    x->done->record_count = coda->row.record_count;
    sp_free(coda);
    return err != SP_OK ? err : stream_err;
}
