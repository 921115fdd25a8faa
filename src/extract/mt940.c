/* MT940, statements of banks as SWIFT has them: fields of tags (:86:), each transaction (:61: and
 * what follows) a record. A line that is full goes on in the next one, in the middle of an account
 * number if need be: there the line end is taken out. Source: SWIFT Standards, MT 940; the Dutch
 * banks' descriptions of it. */
#include "base/mem.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/row.h"

enum {
    BID_MT940 = 80,
    LINE_FULL = 65, /* characters of a line that goes on */
    TAG_MAX = 4,    /* 61, 28C, NS: with the colon behind it */
    DATE_DIGITS = 6 /* YYMMDD, of the value date */
};

struct mt940 {
    struct sp_row row;
    uint64_t line;    /* of the next byte, from 1 */
    size_t line_len;  /* characters of the line so far */
    bool in_tag;      /* behind the colon that begins a line */
    bool end_waits;   /* a line end, which perhaps is none */
    uint64_t end_off; /* its source byte */
    uint64_t tag_off; /* of the colon */
    size_t tag_len;   /* of the tag while it is read */
    char tag[TAG_MAX + 1];
    size_t date_len; /* digits of :61: so far; beyond DATE_DIGITS: no date is read */
    char date[DATE_DIGITS];
    uint64_t transactions;
};

/* Keys and paths of the tags that occur; others are 00. */
static const char *const mt940_paths[] = {"/00",  "/13",  "/20",  "/21", "/25",  "/28",
                                          "/28C", "/60F", "/60M", "/61", "/62F", "/62M",
                                          "/64",  "/65",  "/86",  "/NS"};

/* The first line but one or later that begins with the tag; NULL: none. */
static const uint8_t *tag_line(struct sp_slice text, const char *tag, size_t len)
{
    if (text.len == 0) /* and no place to count from */
        return NULL;
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if ((size_t)(end - at) >= len && memcmp(at, tag, len) == 0)
            return at;
    }
    return NULL;
}

int sp_mt940_bid(const struct sp_glance *at)
{
    const struct sp_slice text = at->sample;
    const uint8_t *account = tag_line(text, ":25:", 4);
    if (account == NULL || memmem(text.ptr, (size_t)(account - text.ptr), ":20:", 4) == NULL)
        return 0;
    return tag_line(text, ":60F:", 5) != NULL || tag_line(text, ":60M:", 5) != NULL ? BID_MT940 : 0;
}

/* ---- records ------------------------------------------------------------------------------- */
static enum sp_err record_begin(struct mt940 *mt940, bool transaction, struct sp_why *why)
{
    enum sp_err err = sp_row_end(&mt940->row, why);
    mt940->transactions += transaction;
    mt940->row.record = (struct sp_record){.kind = SP_RECORD_NODE,
                                           .ordinal = mt940->row.record.ordinal + 1,
                                           .row = transaction ? mt940->transactions : 0,
                                           .line = mt940->line,
                                           .table = sp_slice_of(transaction ? "61" : ""),
                                           .date_s = INT64_MIN};
    sp_row_begin(&mt940->row);
    return err;
}

static enum sp_err field_begin(struct mt940 *mt940, const char *path, struct sp_why *why)
{
    return sp_row_named(&mt940->row, (struct sp_slice){NULL, 0}, sp_slice_of(path), mt940->line,
                        why);
}

/* Text outside of fields, or of the field at hand. */
static enum sp_err text_append(struct mt940 *mt940, const uint8_t *bytes, size_t len, uint64_t off,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (!mt940->row.active) {
        err = record_begin(mt940, false, why);
        if (err == SP_OK)
            err = field_begin(mt940, mt940_paths[0], why);
    }
    return err == SP_OK ? sp_row_append(&mt940->row, bytes, len, off, why) : err;
}

/* ---- tags ---------------------------------------------------------------------------------- */
static const char *path_of(const char *tag)
{
    for (size_t i = 1; i < sizeof mt940_paths / sizeof *mt940_paths; i++) {
        if (strcmp(mt940_paths[i] + 1, tag) == 0)
            return mt940_paths[i];
    }
    return mt940_paths[0];
}

/* A statement and a transaction begin a record; all else belongs to the last one. */
static enum sp_err tag_begin(struct mt940 *mt940, struct sp_why *why)
{
    bool transaction = strcmp(mt940->tag, "61") == 0;
    bool closing = mt940->tag[0] == '6' && mt940->tag[1] == '2'; /* of the statement */
    enum sp_err err = SP_OK;
    if (transaction || closing || strcmp(mt940->tag, "20") == 0 || !mt940->row.active)
        err = record_begin(mt940, transaction, why);
    mt940->date_len = transaction ? 0 : DATE_DIGITS + 1;
    return err == SP_OK ? field_begin(mt940, path_of(mt940->tag), why) : err;
}

/* Within a tag: true while the byte may belong to it. */
static enum sp_err tag_read(struct mt940 *mt940, uint8_t byte, bool *taken, struct sp_why *why)
{
    bool name = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
    enum sp_err err = SP_OK;
    *taken = true;
    if (name && mt940->tag_len < TAG_MAX) {
        mt940->tag[mt940->tag_len++] = (char)byte;
        return SP_OK;
    }
    mt940->in_tag = false;
    mt940->tag[mt940->tag_len] = '\0';
    if (byte == ':' && mt940->tag_len >= 2)
        return tag_begin(mt940, why);
    *taken = false; /* no tag: text that begins with a colon */
    err = text_append(mt940, (const uint8_t *)":", 1, mt940->tag_off, why);
    return err == SP_OK && mt940->tag_len > 0 ? text_append(mt940, (const uint8_t *)mt940->tag,
                                                            mt940->tag_len, mt940->tag_off + 1, why)
                                              : err;
}

static void date_take(struct mt940 *mt940, uint8_t byte)
{
    if (mt940->date_len >= DATE_DIGITS)
        return;
    mt940->date[mt940->date_len++] = (char)byte;
    if (mt940->date_len < DATE_DIGITS)
        return;
    char text[] = "20YY-MM-DD";
    memcpy(text + 2, mt940->date, 2);
    memcpy(text + 5, mt940->date + 2, 2);
    memcpy(text + 8, mt940->date + 4, 2);
    mt940->row.record.date_s = sp_row_date_of(sp_slice_of(text));
    mt940->date_len = DATE_DIGITS + 1;
}

/* A line end was read, and `byte` begins the next line. */
static enum sp_err line_begin(struct mt940 *mt940, uint8_t byte, uint64_t off, bool *taken,
                              struct sp_why *why)
{
    bool full = mt940->line_len >= LINE_FULL;
    bool goes_on = full && byte != ':' && byte != '-' && byte != '{';
    enum sp_err err = SP_OK;
    mt940->end_waits = false;
    mt940->line_len = 0;
    if (!goes_on && mt940->row.active)
        err = text_append(mt940, (const uint8_t *)"\n", 1, mt940->end_off, why);
    *taken = byte == ':';
    if (byte == ':') {
        mt940->in_tag = true;
        mt940->tag_len = 0;
        mt940->tag_off = off;
    }
    return err;
}

static enum sp_err mt940_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    struct mt940 *mt940 = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        uint8_t byte = utf8.ptr[pos];
        uint64_t off = sp_walk_origin(&walk, pos);
        bool taken = false;
        if (mt940->end_waits) {
            err = line_begin(mt940, byte, off, &taken, why);
            pos += taken;
        } else if (mt940->in_tag) {
            err = tag_read(mt940, byte, &taken, why);
            pos += taken;
        } else if (byte == '\r') {
            pos++; /* of a line end */
        } else if (byte == '\n') {
            mt940->end_waits = true;
            mt940->end_off = off;
            mt940->line++;
            pos++;
        } else {
            size_t end = pos;
            while (end < utf8.len && utf8.ptr[end] != '\n' && utf8.ptr[end] != '\r') {
                date_take(mt940, utf8.ptr[end]);
                mt940->line_len += (utf8.ptr[end] & 0xC0) != 0x80;
                end++;
            }
            if (!mt940->row.active)
                err = text_append(mt940, (const uint8_t *)"", 0, off, why);
            if (err == SP_OK)
                err = sp_walk_append(&walk, &mt940->row, pos, end, why);
            pos = end;
        }
    }
    return err;
}

enum sp_err sp_mt940_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct mt940 *mt940 = sp_alloc(sizeof *mt940);
    if (mt940 == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a statement");
    memset(mt940, 0, sizeof *mt940);
    sp_row_init(&mt940->row, x->sink);
    mt940->line = 1;
    mt940->end_waits = true; /* the first line begins as all others */
    mt940->date_len = DATE_DIGITS + 1;
    enum sp_err err = sp_extract_decode(x, false, mt940_text, mt940, &stream_err, why);
    if (err == SP_OK)
        err = sp_row_end(&mt940->row, why);
    x->done->record_count = mt940->row.record_count;
    sp_free(mt940);
    return err != SP_OK ? err : stream_err;
}
