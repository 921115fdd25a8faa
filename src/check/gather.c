#include "check/gather.h"

#include "base/mem.h"

/* Ceiling of the strings of one record: each meeting keeps a key, a part and a mask. */
#define GATHER_STRINGS_MAX ((size_t)1 << 30)

/* A slice inside the strings, which move when they grow. */
struct gather_span {
    size_t at, len;
};

/* A column in which the request was met. */
struct gather_column {
    uint32_t meeting; /* index */
    struct sp_met_column met;
};

struct gather_meeting {
    struct sp_meeting met;
    uint32_t request;
    uint32_t row;                   /* index into wanted->rows, the first met */
    struct sp_kept_finding finding; /* slices below instead of its own */
    struct gather_span key, part, mask;
};

enum sp_err sp_gather_init(struct sp_gather *gather, const struct sp_wanted *wanted,
                           sp_gathered_out out, void *ctx, struct sp_why *why)
{
    *gather = (struct sp_gather){.wanted = wanted, .out = out, .ctx = ctx};
    sp_buf_init(&gather->strings, GATHER_STRINGS_MAX);
    sp_buf_init(&gather->columns, GATHER_STRINGS_MAX);
    sp_buf_init(&gather->told, GATHER_STRINGS_MAX);
    gather->meeting_of =
        sp_alloc_zero(((size_t)wanted->request_count + 1) * sizeof *gather->meeting_of);
    if (gather->meeting_of == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %u requests", wanted->request_count);
    return SP_OK;
}

void sp_gather_clear(struct sp_gather *gather)
{
    sp_free(gather->meetings);
    sp_free(gather->meeting_of);
    sp_buf_clear(&gather->strings);
    sp_buf_clear(&gather->columns);
    sp_buf_clear(&gather->told);
    *gather = (struct sp_gather){0};
}

static enum sp_err gather_copy(struct sp_gather *gather, struct sp_slice from,
                               struct gather_span *span, struct sp_why *why)
{
    *span = (struct gather_span){gather->strings.len, from.len};
    return sp_buf_append(&gather->strings, from.ptr, from.len, why);
}

static struct sp_slice gather_slice(const struct sp_gather *gather, struct gather_span span)
{
    if (span.len == 0)
        return (struct sp_slice){NULL, 0};
    return (struct sp_slice){gather->strings.data + span.at, span.len};
}

static bool gather_same(const struct sp_gather *gather, const struct sp_kept_record *record)
{
    return gather->open && gather->record.kind == record->kind &&
           gather->record.ordinal == record->ordinal;
}

/* The record's own strings stand first in `strings`: table, pk, message_id. */
static enum sp_err gather_begin(struct sp_gather *gather, const struct sp_kept_record *record,
                                struct sp_why *why)
{
    gather->open = true;
    gather->record = *record;
    enum sp_err err = sp_buf_append(&gather->strings, record->table.ptr, record->table.len, why);
    if (err == SP_OK)
        err = sp_buf_append(&gather->strings, record->pk.ptr, record->pk.len, why);
    if (err == SP_OK)
        err = sp_buf_append(&gather->strings, record->message_id.ptr, record->message_id.len, why);
    return err;
}

static struct sp_kept_record gather_record(const struct sp_gather *gather)
{
    struct sp_kept_record record = gather->record;
    struct gather_span span = {0, record.table.len};
    record.table = gather_slice(gather, span);
    span = (struct gather_span){span.at + span.len, record.pk.len};
    record.pk = gather_slice(gather, span);
    span = (struct gather_span){span.at + span.len, record.message_id.len};
    record.message_id = gather_slice(gather, span);
    return record;
}

static enum sp_err gather_new_meeting(struct sp_gather *gather, uint32_t row,
                                      const struct sp_kept_finding *finding, struct sp_why *why)
{
    if (gather->meeting_count == gather->meeting_cap) {
        size_t cap = gather->meeting_cap == 0 ? 16 : gather->meeting_cap * 2;
        struct gather_meeting *grown = sp_realloc(gather->meetings, cap * sizeof *gather->meetings);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu requests in one record", cap);
        gather->meetings = grown;
        gather->meeting_cap = cap;
    }
    struct gather_meeting *meeting = &gather->meetings[gather->meeting_count];
    *meeting = (struct gather_meeting){
        .request = gather->wanted->rows[row].request, .row = row, .finding = *finding};
    enum sp_err err = gather_copy(gather, finding->key, &meeting->key, why);
    if (err == SP_OK)
        err = gather_copy(gather, finding->part, &meeting->part, why);
    if (err == SP_OK)
        err = gather_copy(gather, finding->mask, &meeting->mask, why);
    if (err != SP_OK)
        return err;
    gather->meeting_of[meeting->request] = (uint32_t)++gather->meeting_count;
    return SP_OK;
}

/* Each pair of column and type once; a tuple has few columns. */
static enum sp_err gather_add_column(struct sp_gather *gather, uint32_t meeting, enum sp_type type,
                                     const struct sp_kept_finding *finding, struct sp_why *why)
{
    const struct gather_column *columns =
        (const struct gather_column *)(const void *)gather->columns.data;
    const struct gather_column added = {
        meeting, {finding->column, type, finding->part.len > 0 && finding->part.ptr[0] == '/'}};
    if (gather->record.kind != SP_RECORD_SQL || finding->column == 0)
        return SP_OK;
    for (size_t i = 0; i < gather->columns.len / sizeof *columns; i++)
        if (columns[i].meeting == meeting && columns[i].met.ordinal == added.met.ordinal &&
            columns[i].met.type == type && columns[i].met.packed == added.met.packed)
            return SP_OK;
    return sp_buf_append(&gather->columns, &added, sizeof added, why);
}

/* Two full names of which only the initials are the same: no meeting. */
static bool gather_apart(enum sp_type type, unsigned finding_kind, unsigned token_kind)
{
    return type == SP_TYPE_NAME && finding_kind == SP_TOKEN_POSSIBLE &&
           token_kind == SP_TOKEN_POSSIBLE;
}

/* An embedded BSN meets a BSN, on whichever side it is embedded; an embedded mail address a mail
 * address. A pair that is equal both exactly
 * and possibly comes here twice; the possible match never weighs more and has the same type, so
 * that it changes nothing. */
static enum sp_err gather_match(struct sp_gather *gather, const struct sp_kept_record *record,
                                const struct sp_kept_finding *finding, unsigned finding_kind,
                                const struct sp_wanted_token *token, struct sp_why *why)
{
    const struct sp_wanted_row *row = &gather->wanted->rows[token->row];
    bool embedded = finding_kind == SP_TOKEN_EMBEDDED || token->kind == SP_TOKEN_EMBEDDED;
    enum sp_type type = embedded && finding->type != SP_TYPE_EMAIL ? SP_TYPE_BSN : finding->type;
    enum sp_token_kind kind = embedded ? SP_TOKEN_EXACT : (enum sp_token_kind)token->kind;
    enum sp_weight weight = sp_policy_weight(type, finding->attributes | row->row->attributes,
                                             row->strength, kind, finding->confidence);
    if (!gather->open) {
        enum sp_err err = gather_begin(gather, record, why);
        if (err != SP_OK)
            return err;
    }
    if (gather->meeting_of[row->request] == 0) {
        enum sp_err err = gather_new_meeting(gather, token->row, finding, why);
        if (err != SP_OK)
            return err;
    }
    uint32_t index = gather->meeting_of[row->request] - 1;
    sp_meeting_add(&gather->meetings[index].met, type, weight, row->exempt,
                   record->date_s != INT64_MIN && record->date_s >= row->erased_until_s);
    return gather_add_column(gather, index, finding->type, finding, why);
}

enum sp_err sp_gather_add(struct sp_gather *gather, const struct sp_kept_record *record,
                          const struct sp_kept_finding *finding, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (finding->type >= SP_TYPE_COUNT)
        return sp_fail(why, SP_ERR_ALTERED, "the inventory holds a finding of an unknown type");
    if (gather->open && !gather_same(gather, record))
        err = sp_gather_end(gather, why);
    for (unsigned i = 0; i < finding->token_count && i < SP_TOKENS_MAX; i++) {
        size_t count = 0;
        const struct sp_wanted_token *tokens =
            sp_wanted_find(gather->wanted, finding->tokens[i].bytes, &count);
        for (size_t k = 0; k < count && err == SP_OK; k++) {
            if (!gather_apart(finding->type, finding->tokens[i].kind, tokens[k].kind))
                err =
                    gather_match(gather, record, finding, finding->tokens[i].kind, &tokens[k], why);
        }
    }
    return err;
}

/* The columns of one meeting, one behind the other. */
static enum sp_err gather_columns(struct sp_gather *gather, uint32_t meeting, struct sp_why *why)
{
    const struct gather_column *columns =
        (const struct gather_column *)(const void *)gather->columns.data;
    enum sp_err err = SP_OK;
    sp_buf_reset(&gather->told);
    for (size_t i = 0; err == SP_OK && i < gather->columns.len / sizeof *columns; i++)
        if (columns[i].meeting == meeting)
            err = sp_buf_append(&gather->told, &columns[i].met, sizeof columns[i].met, why);
    return err;
}

static enum sp_err gather_tell(struct sp_gather *gather, const struct gather_meeting *meeting,
                               const struct sp_kept_record *record, struct sp_why *why)
{
    const struct sp_register_row *row = gather->wanted->rows[meeting->row].row;
    struct sp_kept_finding finding = meeting->finding;
    finding.key = gather_slice(gather, meeting->key);
    finding.part = gather_slice(gather, meeting->part);
    finding.mask = gather_slice(gather, meeting->mask);
    finding.value = finding.holder = (struct sp_slice){NULL, 0};
    enum sp_err err = gather_columns(gather, (uint32_t)(meeting - gather->meetings), why);
    if (err != SP_OK)
        return err;
    struct sp_gathered gathered = {
        .row = row,
        .request = meeting->request,
        .decision = sp_decide(&meeting->met, row->kind),
        .types = sp_meeting_types(&meeting->met),
        .record = record,
        .finding = &finding,
        .columns = (const struct sp_met_column *)(const void *)gather->told.data,
        .column_count = gather->told.len / sizeof(struct sp_met_column),
    };
    return gathered.decision == SP_DECISION_NONE ? SP_OK : gather->out(gather->ctx, &gathered, why);
}

enum sp_err sp_gather_end(struct sp_gather *gather, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    struct sp_kept_record record = gather_record(gather);
    for (size_t i = 0; i < gather->meeting_count; i++) {
        if (err == SP_OK)
            err = gather_tell(gather, &gather->meetings[i], &record, why);
        gather->meeting_of[gather->meetings[i].request] = 0;
    }
    gather->open = false;
    gather->meeting_count = 0;
    sp_buf_reset(&gather->strings);
    sp_buf_reset(&gather->columns);
    return err;
}
