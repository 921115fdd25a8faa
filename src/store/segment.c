/* The packed form of findings, writing side (segment_read.c has the other). All integers are
 * unsigned LEB128 varints unless told otherwise; signed ones are zigzag coded first; `ref` is the
 * offset of a string in the strings blob, 0 being the empty one.
 *
 * strings   a zero byte (the empty string), then ( length, bytes )*; equal strings are written
 *           once where that is cheap. Besides names and masks it holds the *forms* of findings:
 *           what the findings of one column have in common.
 * records   per record: byte kind | SEGMENT_RECORD_* bits; ordinal minus the last (signed); row
 *           minus ordinal (signed); line minus the last (signed); [date minus the last
 *           (signed)]; [table ref]; [pk ref]; [message-id ref]
 * form      byte type, byte confidence, attributes, byte count of tokens, kinds (2 bits a
 *           token), column, key ref, part ref, byte SEGMENT_FORM_* bits, [holder ref]
 * findings  per finding: form ref; [records to step over, when SEGMENT_FORM_STEP];
 *           [offset minus the last (signed)]; length; [line minus the last (signed)];
 *           [position in the line]; mask ref
 * tokens    16 bytes each, in the order of the findings
 * values    ( length, bytes )* in the order of the findings; sealed before it is stored
 * counts    ( byte type, byte confidence, findings )*
 *
 * Stored: a change of form needs a new schema version. */
#include "store/segment.h"

#include <assert.h>

#include "base/mem.h"
#include "store/segment_form.h"

enum {
    SEGMENT_STRINGS_FULL = 1024 * 1024, /* bytes; keeps segments of long names small too */
    SEGMENT_BUF_MAX = 64 * 1024 * 1024, /* bytes; never reached: one finding has < 16 KiB */
    SEGMENT_SHARED_MAX = 127,           /* bytes; longer strings are rarely equal */
    SEGMENT_ROW_MAX = 96,               /* bytes of an encoded record or finding, or of a form */
    SEGMENT_VALUES_MIN = 4096           /* bytes; first size of the values buffer */
};

/* An encoded row under way. Every writer puts a bounded number of varints into it. */
struct segment_row {
    uint8_t bytes[SEGMENT_ROW_MAX];
    size_t len;
};

static void segment_put(struct segment_row *row, uint64_t value)
{
    while (value >= 0x80) {
        row->bytes[row->len++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    row->bytes[row->len++] = (uint8_t)value;
}

/* The difference as a small number whichever its sign; wraps, as does the reader. */
static void segment_put_delta(struct segment_row *row, uint64_t now, uint64_t before)
{
    uint64_t delta = now - before;

    segment_put(row, (delta << 1) ^ (0 - (delta >> 63)));
}

static void segment_put_byte(struct segment_row *row, unsigned value)
{
    row->bytes[row->len++] = (uint8_t)value;
}

/* ---- life ---------------------------------------------------------------------------------- */

void sp_segment_init(struct sp_segment *segment)
{
    memset(segment, 0, sizeof *segment);
    sp_buf_init(&segment->records, SEGMENT_BUF_MAX);
    sp_buf_init(&segment->findings, SEGMENT_BUF_MAX);
    sp_buf_init(&segment->strings, SEGMENT_BUF_MAX);
    sp_buf_init(&segment->tokens, SEGMENT_BUF_MAX);
    sp_buf_init(&segment->values, SEGMENT_BUF_MAX);
}

void sp_segment_reset(struct sp_segment *segment)
{
    sp_buf_reset(&segment->records);
    sp_buf_reset(&segment->findings);
    sp_buf_reset(&segment->strings);
    sp_buf_reset(&segment->tokens);
    sp_wipe(segment->values.data, segment->values.len);
    sp_buf_reset(&segment->values);
    segment->record_count = segment->finding_count = segment->token_count = 0;
    segment->record_step = 0;
    segment->last_record = segment->last_record_line = 0;
    segment->last_offset = segment->last_line = 0;
    segment->last_date_s = 0;
    memset(segment->counts, 0, sizeof segment->counts);
}

void sp_segment_clear(struct sp_segment *segment)
{
    sp_segment_reset(segment);
    sp_buf_clear(&segment->records);
    sp_buf_clear(&segment->findings);
    sp_buf_clear(&segment->strings);
    sp_buf_clear(&segment->tokens);
    sp_buf_wipe(&segment->values);
}

bool sp_segment_full(const struct sp_segment *segment)
{
    return segment->finding_count >= SP_SEGMENT_FINDINGS_MAX ||
           segment->strings.len >= SEGMENT_STRINGS_FULL ||
           segment->values.len >= SEGMENT_STRINGS_FULL;
}

struct sp_segment_view sp_segment_view_of(const struct sp_segment *segment)
{
    return (struct sp_segment_view){
        .records = sp_buf_slice(&segment->records),
        .findings = sp_buf_slice(&segment->findings),
        .strings = sp_buf_slice(&segment->strings),
        .tokens = sp_buf_slice(&segment->tokens),
        .values = sp_buf_slice(&segment->values),
        .finding_count = segment->finding_count,
        .token_count = segment->token_count,
    };
}

/* ---- strings ------------------------------------------------------------------------------- */

/* A mixing hash; collisions cost bytes, never correctness. */
static uint32_t segment_hash(struct sp_slice text)
{
    uint64_t hash = text.len * UINT64_C(0x9E3779B97F4A7C15);
    size_t pos = 0;

    for (; text.len - pos >= 8; pos += 8) {
        uint64_t word;

        memcpy(&word, text.ptr + pos, sizeof word);
        hash = (hash ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        hash ^= hash >> 32;
    }
    for (; pos < text.len; pos++)
        hash = (hash ^ text.ptr[pos]) * UINT64_C(0x100000001B3);
    hash ^= hash >> 29;
    return (uint32_t)hash & (SP_SEGMENT_SLOTS - 1);
}
static_assert((SP_SEGMENT_SLOTS & (SP_SEGMENT_SLOTS - 1)) == 0, "slots are masked");

/* True when this string stands at `at` of the strings blob. */
static bool segment_stands_at(const struct sp_buf *strings, uint32_t at, struct sp_slice text)
{
    return at && strings->len > at && strings->len - at > text.len &&
           strings->data[at] == text.len && memcmp(strings->data + at + 1, text.ptr, text.len) == 0;
}

/* Gives the ref of the string, which is written when it does not stand there yet. */
static enum sp_err segment_intern(struct sp_segment *segment, struct sp_slice text, uint32_t *ref,
                                  struct sp_why *why)
{
    struct sp_buf *strings = &segment->strings;
    uint32_t *slot = NULL;
    enum sp_err err;

    *ref = 0;
    if (!text.len)
        return SP_OK;
    if (!strings->len) {
        err = sp_buf_append_byte(strings, 0, why);
        if (err)
            return err;
    }
    if (text.len <= SEGMENT_SHARED_MAX) {
        slot = &segment->slots[segment_hash(text)];
        if (segment_stands_at(strings, *slot, text)) {
            *ref = *slot;
            return SP_OK;
        }
    }
    *ref = (uint32_t)strings->len; /* fits: SEGMENT_BUF_MAX */
    err = sp_buf_append_slice(strings, text, why);
    if (!err && slot)
        *slot = *ref;
    return err;
}

/* ---- records ------------------------------------------------------------------------------- */

enum sp_err sp_segment_add_record(struct sp_segment *segment, const struct sp_kept_record *record,
                                  struct sp_why *why)
{
    const struct sp_slice texts[] = {record->table, record->pk, record->message_id};
    static const unsigned bits[] = {SEGMENT_RECORD_TABLE, SEGMENT_RECORD_PK,
                                    SEGMENT_RECORD_MESSAGE_ID};
    bool dated = record->date_s != INT64_MIN;
    struct segment_row row = {.len = 0};
    uint32_t refs[3];
    unsigned head = (unsigned)record->kind;
    enum sp_err err;

    assert((unsigned)record->kind <= SEGMENT_RECORD_KIND_MASK);
    for (size_t i = 0; i < 3; i++) {
        err = segment_intern(segment, texts[i], &refs[i], why);
        if (err)
            return err;
        head |= refs[i] ? bits[i] : 0;
    }
    segment_put_byte(&row, head | (dated ? SEGMENT_RECORD_DATE : 0));
    segment_put_delta(&row, record->ordinal, segment->last_record);
    segment_put_delta(&row, record->row, record->ordinal);
    segment_put_delta(&row, record->line, segment->last_record_line);
    if (dated)
        segment_put_delta(&row, (uint64_t)record->date_s, (uint64_t)segment->last_date_s);
    for (size_t i = 0; i < 3; i++) {
        if (refs[i])
            segment_put(&row, refs[i]);
    }
    err = sp_buf_append(&segment->records, row.bytes, row.len, why);
    if (err)
        return err;
    segment->last_record = record->ordinal;
    segment->last_record_line = record->line;
    if (dated)
        segment->last_date_s = record->date_s;
    segment->record_count++;
    segment->record_step++;
    return SP_OK;
}

/* ---- findings ------------------------------------------------------------------------------ */

static unsigned segment_form_bits(const struct sp_segment *segment,
                                  const struct sp_kept_finding *finding)
{
    unsigned bits = 0;

    if (segment->record_step == 1)
        bits |= SEGMENT_FORM_NEXT;
    else if (segment->record_step)
        bits |= SEGMENT_FORM_STEP;
    if (finding->offset != SP_SIZE_UNKNOWN)
        bits |= SEGMENT_FORM_OFFSET;
    if (finding->line)
        bits |= SEGMENT_FORM_LINE;
    if (finding->line_column)
        bits |= SEGMENT_FORM_LINE_COLUMN;
    if (finding->holder.len)
        bits |= SEGMENT_FORM_HOLDER;
    return bits;
}

static enum sp_err segment_form(struct sp_segment *segment, const struct sp_kept_finding *finding,
                                unsigned bits, uint32_t *ref, struct sp_why *why)
{
    struct segment_row form = {.len = 0};
    uint32_t key, part, holder = 0;
    unsigned kinds = 0;
    enum sp_err err = segment_intern(segment, finding->key, &key, why);

    if (!err)
        err = segment_intern(segment, finding->part, &part, why);
    if (!err && bits & SEGMENT_FORM_HOLDER)
        err = segment_intern(segment, finding->holder, &holder, why);
    if (err)
        return err;
    for (unsigned i = 0; i < finding->token_count; i++)
        kinds |= (unsigned)finding->tokens[i].kind << (2 * i);
    segment_put_byte(&form, (unsigned)finding->type);
    segment_put_byte(&form, (unsigned)finding->confidence);
    segment_put(&form, finding->attributes);
    segment_put_byte(&form, finding->token_count);
    segment_put(&form, kinds);
    segment_put(&form, finding->column);
    segment_put(&form, key);
    segment_put(&form, part);
    segment_put_byte(&form, bits);
    if (bits & SEGMENT_FORM_HOLDER)
        segment_put(&form, holder);
    return segment_intern(segment, (struct sp_slice){form.bytes, form.len}, ref, why);
}

/* As sp_buf_append_slice, but a buffer that must grow is wiped before it is given back. */
static enum sp_err segment_append_value(struct sp_buf *values, struct sp_slice value,
                                        struct sp_why *why)
{
    size_t need = value.len + SEGMENT_VARINT_MAX;
    size_t cap = values->cap ? values->cap : SEGMENT_VALUES_MIN;
    struct sp_buf grown;
    enum sp_err err;

    if (need <= values->cap - values->len)
        return sp_buf_append_slice(values, value, why);
    while (cap - values->len < need && cap <= SEGMENT_BUF_MAX / 2)
        cap *= 2;
    sp_buf_init(&grown, SEGMENT_BUF_MAX);
    err = sp_buf_reserve(&grown, cap, why);
    if (!err)
        err = sp_buf_append(&grown, values->data, values->len, why);
    if (!err)
        err = sp_buf_append_slice(&grown, value, why);
    if (err) {
        sp_buf_wipe(&grown);
        return err;
    }
    sp_buf_wipe(values);
    *values = grown;
    return SP_OK;
}

/* The row of the findings blob, without side effects. */
static void segment_finding_row(const struct sp_segment *segment,
                                const struct sp_kept_finding *finding, unsigned bits, uint32_t form,
                                uint32_t mask, struct segment_row *row)
{
    segment_put(row, form);
    if (bits & SEGMENT_FORM_STEP)
        segment_put(row, segment->record_step);
    if (bits & SEGMENT_FORM_OFFSET)
        segment_put_delta(row, finding->offset, segment->last_offset);
    segment_put(row, finding->length);
    if (bits & SEGMENT_FORM_LINE)
        segment_put_delta(row, finding->line, segment->last_line);
    if (bits & SEGMENT_FORM_LINE_COLUMN)
        segment_put(row, finding->line_column);
    segment_put(row, mask);
}

static enum sp_err segment_append_finding(struct sp_segment *segment,
                                          const struct sp_kept_finding *finding,
                                          const struct segment_row *row, struct sp_why *why)
{
    const size_t findings_len = segment->findings.len;
    const size_t tokens_len = segment->tokens.len;
    enum sp_err err = sp_buf_append(&segment->findings, row->bytes, row->len, why);

    for (unsigned i = 0; i < finding->token_count && !err; i++)
        err = sp_buf_append(&segment->tokens, finding->tokens[i].bytes, SP_TOKEN_LEN, why);
    if (!err)
        err = segment_append_value(&segment->values, finding->value, why);
    if (err) {
        segment->findings.len = findings_len;
        segment->tokens.len = tokens_len;
    }
    return err;
}

enum sp_err sp_segment_add_finding(struct sp_segment *segment,
                                   const struct sp_kept_finding *finding, struct sp_why *why)
{
    struct segment_row row = {.len = 0};
    unsigned bits = segment_form_bits(segment, finding);
    uint32_t form, mask;
    enum sp_err err;

    assert(segment->finding_count < SP_SEGMENT_FINDINGS_MAX);
    assert(segment->record_count); /* a finding always belongs to a record */
    assert((unsigned)finding->type < SP_TYPE_COUNT && finding->confidence <= SP_CONF_HIGH);
    assert(finding->token_count >= 1 && finding->token_count <= SP_TOKENS_MAX);
    assert(finding->value.len <= SP_VALUE_MAX);
    err = segment_form(segment, finding, bits, &form, why);
    if (!err)
        err = segment_intern(segment, finding->mask, &mask, why);
    if (err)
        return err;
    segment_finding_row(segment, finding, bits, form, mask, &row);
    err = segment_append_finding(segment, finding, &row, why);
    if (err)
        return err;
    if (bits & SEGMENT_FORM_OFFSET)
        segment->last_offset = finding->offset;
    if (bits & SEGMENT_FORM_LINE)
        segment->last_line = finding->line;
    segment->record_step = 0;
    segment->finding_count++;
    segment->token_count += finding->token_count;
    segment->counts[finding->type][finding->confidence]++;
    return SP_OK;
}

enum sp_err sp_segment_counts(const struct sp_segment *segment, struct sp_buf *out,
                              struct sp_why *why)
{
    for (unsigned type = 0; type < SP_TYPE_COUNT; type++) {
        for (unsigned conf = 0; conf <= SP_CONF_HIGH; conf++) {
            struct segment_row row = {.len = 0};
            enum sp_err err;

            if (!segment->counts[type][conf])
                continue;
            segment_put_byte(&row, type);
            segment_put_byte(&row, conf);
            segment_put(&row, segment->counts[type][conf]);
            err = sp_buf_append(out, row.bytes, row.len, why);
            if (err)
                return err;
        }
    }
    return SP_OK;
}
