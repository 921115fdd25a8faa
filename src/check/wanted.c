#include "check/wanted.h"

#include "base/mem.h"
#include "check/date.h"
#include "check/policy.h"

#include <string.h>
#include <strings.h>

/* What the options say, parsed once. */
struct wanted_when {
    int64_t today; /* days since 1970 */
    int64_t taken; /* day of the backup; INT64_MAX unknown */
    const char *target_system;
};

static bool wanted_day(const char *text, int64_t *days)
{
    struct sp_slice slice = sp_slice_of(text);
    if (slice.len > SP_DATE_LEN) /* a time may follow: "2026-02-11T03:00:00Z" */
        slice.len = SP_DATE_LEN;
    return sp_date_parse(slice, days);
}

static enum sp_err wanted_when_init(struct wanted_when *when,
                                    const struct sp_verdict_options *options, struct sp_why *why)
{
    *when = (struct wanted_when){.taken = INT64_MAX, .target_system = options->target_system};
    if (options->today == NULL || !wanted_day(options->today, &when->today))
        return sp_fail(why, SP_ERR_USAGE, "today's date is not YYYY-MM-DD");
    if (options->backup_taken != NULL && !wanted_day(options->backup_taken, &when->taken))
        return sp_fail(why, SP_ERR_USAGE, "the date of the backup does not begin YYYY-MM-DD");
    if (options->backup_taken != NULL && when->taken > when->today + 1) /* days begin elsewhere */
        return sp_fail(why, SP_ERR_USAGE, "the date of the backup lies in the future");
    if (options->target_system != NULL &&
        strspn(options->target_system, " \t") == strlen(options->target_system))
        return sp_fail(why, SP_ERR_USAGE, "--system is empty: name the system, or leave it out");
    return SP_OK;
}

static bool wanted_in_scope(const struct sp_register_row *row, const char *target_system)
{
    bool everywhere = row->scope == NULL || row->scope[0] == '\0';
    if (everywhere || target_system == NULL)
        return true;
    struct sp_slice target = sp_slice_of(target_system + strspn(target_system, " \t"));
    while (target.len > 0 && target.ptr[target.len - 1] <= ' ')
        target.len--;
    return strlen(row->scope) == target.len &&
           strncasecmp(row->scope, (const char *)target.ptr, target.len) == 0;
}

static bool wanted_before(const char *date, int64_t day)
{
    int64_t days;
    return wanted_day(date, &days) && days < day;
}

/* The exemption's scope is the row's, which holds for the target: rows out of scope are not here.
 */
static bool wanted_exempt(const struct sp_register_row *row, int64_t today)
{
    bool given = row->exempt_basis != NULL && row->exempt_basis[0] != '\0';
    return given && !wanted_before(row->exempt_until, today);
}

static void wanted_add_row(struct sp_wanted *wanted, const struct sp_register_row *row,
                           int64_t today)
{
    int64_t erased;
    bool known = wanted_day(row->erased_at, &erased);
    wanted->rows[wanted->row_count++] = (struct sp_wanted_row){
        .row = row,
        .strength = sp_policy_strength(row),
        .exempt = wanted_exempt(row, today),
        .erased_until_s = known ? (erased + 1) * 86400 : INT64_MAX,
    };
}

/* An expired row: true when this backup was made before the erasure all the same, or on its day.
 * Where that is not known, the day on which the last backup expired was after it. */
static bool wanted_needed(const struct sp_register_row *row, const struct wanted_when *when)
{
    int64_t erased;
    return (wanted_day(row->erased_at, &erased) || wanted_day(row->last_backup_expiry, &erased)) &&
           when->taken <= erased;
}

static void wanted_pick(struct sp_wanted *wanted, const struct sp_register_row *row,
                        const struct sp_root_row *root, const struct wanted_when *when)
{
    bool destroyed = row->row_kind == SP_ROW_EXPIRED; /* nothing is left to look for */
    if (row->row_kind != SP_ROW_IDENTIFIER && !destroyed)
        return;
    if (!wanted_in_scope(row, when->target_system)) {
        wanted->rows_elsewhere++;
        return;
    }
    if (row->withdrawn) {
        wanted->rows_withdrawn++;
        return;
    }
    if (destroyed || wanted_before(row->last_backup_expiry, when->today)) {
        wanted->rows_expired++;
        bool dated =
            when->taken != INT64_MAX; /* an undated backup may be the very one: looked for */
        if (dated && !wanted_needed(row, when))
            return;
        wanted->rows_expired_needed += dated; /* others like it may have been removed */
    }
    if (destroyed)
        return;
    wanted->types |= UINT64_C(1) << row->type;
    if (!sp_key_ids_have(root->key_ids, row->key_id))
        wanted->rows_key_missing++;
    else if (row->canonical_version != sp_type_canonical_version(row->type))
        wanted->rows_stale++;
    else
        wanted_add_row(wanted, row, when->today);
}

static int wanted_compare_request(const void *a, const void *b)
{
    const struct sp_wanted_row *x = a;
    const struct sp_wanted_row *y = b;
    int order = strcmp(x->row->req_id, y->row->req_id);
    if (order == 0)
        order = (int)x->row->kind - (int)y->row->kind;
    return order != 0 ? order : (x->row->seq > y->row->seq) - (x->row->seq < y->row->seq);
}

/* Sorted by request, numbering is counting. */
static void wanted_number(struct sp_wanted *wanted)
{
    if (wanted->row_count == 0)
        return;
    qsort(wanted->rows, wanted->row_count, sizeof *wanted->rows, wanted_compare_request);
    for (size_t i = 1; i < wanted->row_count; i++) {
        const struct sp_register_row *before = wanted->rows[i - 1].row;
        const struct sp_register_row *row = wanted->rows[i].row;
        bool same = row->kind == before->kind && strcmp(row->req_id, before->req_id) == 0;
        wanted->rows[i].request = wanted->rows[i - 1].request + (same ? 0 : 1);
    }
    wanted->request_count = wanted->rows[wanted->row_count - 1].request + 1;
}

/* Names need not be looked for as long as each request has something else to be found by: a name
 * alone would be no more than REVIEW. */
static void wanted_forgive_names(struct sp_wanted *wanted)
{
    bool only_names = true;
    for (size_t i = 0; i < wanted->row_count; i++) {
        bool begins = i == 0 || wanted->rows[i].request != wanted->rows[i - 1].request;
        bool ends =
            i + 1 == wanted->row_count || wanted->rows[i].request != wanted->rows[i + 1].request;
        only_names = (begins || only_names) && wanted->rows[i].row->type == SP_TYPE_NAME;
        if (ends && only_names)
            return;
    }
    wanted->types &= ~(UINT64_C(1) << SP_TYPE_NAME);
}

static int wanted_compare_token(const void *a, const void *b)
{
    const struct sp_wanted_token *x = a;
    const struct sp_wanted_token *y = b;
    int order = memcmp(x->bytes, y->bytes, SP_TOKEN_LEN);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static uint64_t wanted_head(const uint8_t *token)
{
    uint64_t head;
    memcpy(&head, token, sizeof head);
    return head;
}

static void wanted_place(struct sp_wanted *wanted, uint32_t first, uint32_t count)
{
    uint64_t head = wanted_head(wanted->tokens[first].bytes);
    size_t at = (size_t)head & wanted->slot_mask;
    while (wanted->slots[at].count != 0)
        at = (at + 1) & wanted->slot_mask;
    wanted->slots[at] = (struct sp_wanted_slot){head, first, count};
}

static enum sp_err wanted_index(struct sp_wanted *wanted, struct sp_why *why)
{
    size_t slots = 16;
    while (slots < 2 * wanted->token_count)
        slots *= 2;
    wanted->slots = sp_alloc_zero(slots * sizeof *wanted->slots);
    if (wanted->slots == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu register tokens", wanted->token_count);
    wanted->slot_mask = slots - 1;
    if (wanted->token_count > 0)
        qsort(wanted->tokens, wanted->token_count, sizeof *wanted->tokens, wanted_compare_token);
    for (size_t i = 0, next; i < wanted->token_count; i = next) {
        const uint8_t *bytes = wanted->tokens[i].bytes;
        next = i + 1;
        while (next < wanted->token_count &&
               memcmp(wanted->tokens[next].bytes, bytes, SP_TOKEN_LEN) == 0)
            next++;
        wanted_place(wanted, (uint32_t)i, (uint32_t)(next - i));
    }
    return SP_OK;
}

static void wanted_collect_tokens(struct sp_wanted *wanted)
{
    for (size_t i = 0; i < wanted->row_count; i++) {
        const struct sp_register_row *row = wanted->rows[i].row;
        for (unsigned k = 0; k < row->token_count && k < SP_TOKEN_KIND_COUNT; k++) {
            struct sp_wanted_token *token = &wanted->tokens[wanted->token_count++];
            memcpy(token->bytes, row->tokens[k].bytes, SP_TOKEN_LEN);
            token->kind = row->tokens[k].kind;
            token->row = (uint32_t)i;
        }
    }
}

enum sp_err sp_wanted_init(struct sp_wanted *wanted, const struct sp_register *reg,
                           const struct sp_root_row *root, const struct sp_verdict_options *options,
                           struct sp_why *why)
{
    struct wanted_when when;
    size_t count = sp_register_count(reg);
    *wanted = (struct sp_wanted){0};
    enum sp_err err = wanted_when_init(&when, options, why);
    if (err != SP_OK)
        return err;
    if (count > UINT32_MAX / SP_TOKEN_KIND_COUNT)
        return sp_fail(why, SP_ERR_LIMIT, "a register of %zu rows is too large", count);
    wanted->rows = sp_alloc_zero((count + 1) * sizeof *wanted->rows);
    wanted->tokens = sp_alloc_zero((count + 1) * SP_TOKEN_KIND_COUNT * sizeof *wanted->tokens);
    if (wanted->rows == NULL || wanted->tokens == NULL) {
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for %zu register rows", count);
        goto done;
    }
    for (size_t i = 0; i < count; i++)
        wanted_pick(wanted, sp_register_row_at(reg, i), root, &when);
    wanted_number(wanted);
    wanted_forgive_names(wanted);
    wanted_collect_tokens(wanted);
    err = wanted_index(wanted, why);
done:
    if (err != SP_OK)
        sp_wanted_clear(wanted);
    return err;
}

void sp_wanted_clear(struct sp_wanted *wanted)
{
    sp_free(wanted->rows);
    sp_free(wanted->tokens);
    sp_free(wanted->slots);
    *wanted = (struct sp_wanted){0};
}

const struct sp_wanted_token *sp_wanted_find(const struct sp_wanted *wanted,
                                             const uint8_t token[SP_TOKEN_LEN], size_t *count)
{
    uint64_t head = wanted_head(token);
    size_t at = (size_t)head & wanted->slot_mask;
    for (; wanted->slots[at].count != 0; at = (at + 1) & wanted->slot_mask) {
        const struct sp_wanted_slot *slot = &wanted->slots[at];
        if (slot->head == head &&
            memcmp(wanted->tokens[slot->first].bytes, token, SP_TOKEN_LEN) == 0) {
            *count = slot->count;
            return &wanted->tokens[slot->first];
        }
    }
    return NULL;
}

bool sp_wanted_any(const struct sp_wanted *wanted, struct sp_slice tokens)
{
    size_t count;
    for (size_t at = 0; tokens.len - at >= SP_TOKEN_LEN; at += SP_TOKEN_LEN) {
        if (sp_wanted_find(wanted, tokens.ptr + at, &count) != NULL)
            return true;
    }
    return false;
}
