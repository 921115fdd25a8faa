/* Reading side of the packed form told in segment.c. The blobs come from a file that somebody
 * may have altered: every number is checked, every read is bounded. */
#include "store/segment.h"

#include "store/segment_form.h"

/* What the findings of one form have in common. */
struct segment_form {
    uint32_t ref; /* where it stands in the strings; 0: none decoded yet */
    unsigned bits, kinds;
    struct sp_kept_finding common;
};

struct segment_decoder {
    const struct sp_segment_view *view;
    struct sp_reader records, findings, tokens, values;
    struct segment_form form; /* the last one: neighbours often share it */
    struct sp_kept_record record;
    int64_t last_date_s;
    uint64_t last_offset, last_line;
    bool in_record;
};

static enum sp_err segment_altered(struct sp_why *why, const char *what)
{
    return sp_fail(why, SP_ERR_ALTERED, "a segment of findings is damaged: %s", what);
}

static uint64_t segment_delta(struct sp_reader *reader, uint64_t before)
{
    uint64_t coded = sp_reader_varint(reader);

    return before + ((coded >> 1) ^ (0 - (coded & 1)));
}

/* Empty for ref 0; sets reader->failed (of whom asks) when the ref points nowhere. */
static struct sp_slice segment_string(const struct sp_segment_view *view, uint64_t ref,
                                      struct sp_reader *asker)
{
    struct sp_slice text = {NULL, 0};
    struct sp_reader reader;

    if (!ref)
        return text;
    if (ref >= view->strings.len) {
        asker->failed = true;
        return text;
    }
    sp_reader_init(&reader,
                   (struct sp_slice){view->strings.ptr + ref, view->strings.len - (size_t)ref});
    text = sp_reader_slice(&reader);
    asker->failed |= reader.failed;
    return text;
}

static uint32_t segment_u32(struct sp_reader *reader)
{
    uint64_t value = sp_reader_varint(reader);

    if (value > UINT32_MAX)
        reader->failed = true;
    return reader->failed ? 0 : (uint32_t)value;
}

static enum sp_err segment_next_record(struct segment_decoder *decoder, struct sp_why *why)
{
    struct sp_kept_record *record = &decoder->record;
    struct sp_reader *in = &decoder->records;
    unsigned head = sp_reader_u8(in);

    record->ordinal = segment_delta(in, record->ordinal);
    record->row = segment_delta(in, record->ordinal);
    record->line = segment_delta(in, record->line);
    record->date_s = INT64_MIN;
    if (head & SEGMENT_RECORD_DATE) {
        decoder->last_date_s = (int64_t)segment_delta(in, (uint64_t)decoder->last_date_s);
        record->date_s = decoder->last_date_s;
    }
    record->table = record->pk = record->message_id = (struct sp_slice){NULL, 0};
    if (head & SEGMENT_RECORD_TABLE)
        record->table = segment_string(decoder->view, sp_reader_varint(in), in);
    if (head & SEGMENT_RECORD_PK)
        record->pk = segment_string(decoder->view, sp_reader_varint(in), in);
    if (head & SEGMENT_RECORD_MESSAGE_ID)
        record->message_id = segment_string(decoder->view, sp_reader_varint(in), in);
    head &= SEGMENT_RECORD_KIND_MASK;
    if (in->failed || head >= SP_RECORD_KIND_COUNT)
        return segment_altered(why, "record");
    record->kind = (enum sp_record_kind)head;
    decoder->in_record = true;
    return SP_OK;
}

static enum sp_err segment_read_form(struct segment_decoder *decoder, uint32_t ref,
                                     struct sp_why *why)
{
    struct segment_form *form = &decoder->form;
    struct sp_kept_finding *common = &form->common;
    unsigned type, confidence;
    struct sp_reader in;

    if (ref && ref == form->ref)
        return SP_OK;
    form->ref = 0;
    sp_reader_init(&in, segment_string(decoder->view, ref, &decoder->findings));
    type = sp_reader_u8(&in);
    confidence = sp_reader_u8(&in);
    common->attributes = segment_u32(&in);
    common->token_count = sp_reader_u8(&in);
    form->kinds = segment_u32(&in);
    common->column = segment_u32(&in);
    common->key = segment_string(decoder->view, sp_reader_varint(&in), &in);
    common->part = segment_string(decoder->view, sp_reader_varint(&in), &in);
    form->bits = sp_reader_u8(&in);
    common->holder = (struct sp_slice){NULL, 0};
    if (form->bits & SEGMENT_FORM_HOLDER)
        common->holder = segment_string(decoder->view, sp_reader_varint(&in), &in);
    if (in.failed || in.left || type >= SP_TYPE_COUNT || confidence > SP_CONF_HIGH ||
        common->token_count < 1 || common->token_count > SP_TOKENS_MAX ||
        form->bits > SEGMENT_FORM_ALL)
        return segment_altered(why, "form");
    common->type = (enum sp_type)type;
    common->confidence = (enum sp_confidence)confidence;
    for (unsigned i = 0; i < common->token_count; i++) {
        common->tokens[i].kind = (uint8_t)((form->kinds >> (2 * i)) & 3);
        if (common->tokens[i].kind >= SP_TOKEN_KIND_COUNT)
            return segment_altered(why, "kind of token");
    }
    form->ref = ref;
    return SP_OK;
}

static enum sp_err segment_step(struct segment_decoder *decoder, struct sp_why *why)
{
    uint64_t steps = decoder->form.bits & SEGMENT_FORM_NEXT ? 1 : 0;

    if (decoder->form.bits & SEGMENT_FORM_STEP)
        steps = sp_reader_varint(&decoder->findings);
    for (; steps; steps--) { /* ends: each record takes bytes, and they end */
        enum sp_err err = segment_next_record(decoder, why);

        if (err)
            return err;
    }
    if (!decoder->in_record)
        return segment_altered(why, "finding without a record");
    return SP_OK;
}

static enum sp_err segment_next_finding(struct segment_decoder *decoder,
                                        struct sp_kept_finding *finding, struct sp_why *why)
{
    struct sp_reader *in = &decoder->findings;
    unsigned bits;
    enum sp_err err = segment_read_form(decoder, segment_u32(in), why);

    if (!err)
        err = segment_step(decoder, why);
    if (err)
        return err;
    *finding = decoder->form.common;
    bits = decoder->form.bits;
    finding->offset = SP_SIZE_UNKNOWN;
    if (bits & SEGMENT_FORM_OFFSET)
        finding->offset = decoder->last_offset = segment_delta(in, decoder->last_offset);
    finding->length = segment_u32(in);
    finding->line = 0;
    if (bits & SEGMENT_FORM_LINE)
        finding->line = decoder->last_line = segment_delta(in, decoder->last_line);
    finding->line_column = bits & SEGMENT_FORM_LINE_COLUMN ? segment_u32(in) : 0;
    finding->mask = segment_string(decoder->view, sp_reader_varint(in), in);
    for (unsigned i = 0; i < finding->token_count; i++) {
        struct sp_slice token = sp_reader_bytes(&decoder->tokens, SP_TOKEN_LEN);

        if (token.len)
            memcpy(finding->tokens[i].bytes, token.ptr, SP_TOKEN_LEN);
    }
    finding->value = (struct sp_slice){NULL, 0};
    if (decoder->view->values.len)
        finding->value = sp_reader_slice(&decoder->values);
    if (in->failed || decoder->tokens.failed || decoder->values.failed)
        return segment_altered(why, "finding");
    return SP_OK;
}

enum sp_err sp_segment_each(const struct sp_segment_view *view, sp_segment_out out, void *ctx,
                            struct sp_why *why)
{
    struct segment_decoder decoder = {.view = view};

    if (view->tokens.len / SP_TOKEN_LEN != view->token_count || view->tokens.len % SP_TOKEN_LEN)
        return segment_altered(why, "count of tokens");
    sp_reader_init(&decoder.records, view->records);
    sp_reader_init(&decoder.findings, view->findings);
    sp_reader_init(&decoder.tokens, view->tokens);
    sp_reader_init(&decoder.values, view->values);
    for (uint32_t i = 0; i < view->finding_count; i++) {
        struct sp_kept_finding finding;
        enum sp_err err = segment_next_finding(&decoder, &finding, why);

        if (!err)
            err = out(ctx, i, &decoder.record, &finding, why);
        if (err)
            return err;
    }
    if (decoder.findings.left || decoder.tokens.left || decoder.values.left)
        return segment_altered(why, "more than its counts tell");
    return SP_OK;
}

enum sp_err sp_segment_counts_add(struct sp_slice packed,
                                  uint64_t counts[SP_TYPE_COUNT][SP_CONF_HIGH + 1],
                                  struct sp_why *why)
{
    struct sp_reader in;

    sp_reader_init(&in, packed);
    while (in.left) {
        unsigned type = sp_reader_u8(&in);
        unsigned confidence = sp_reader_u8(&in);
        uint64_t count = sp_reader_varint(&in);

        if (in.failed || type >= SP_TYPE_COUNT || confidence > SP_CONF_HIGH ||
            count > SP_SEGMENT_FINDINGS_MAX)
            return segment_altered(why, "counts");
        counts[type][confidence] += count;
    }
    return SP_OK;
}
