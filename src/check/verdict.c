/* A check is two passes over the inventory. The first streams all token arrays past the register's
 * tokens and keeps the ids of objects where one was met; on clean backups that is nearly all of the
 * work. The second walks the tree once: it needs the ancestors of what was met for locators, and
 * the names of all units for the lists. */
#include "check/verdict.h"

#include "base/mem.h"
#include "check/account.h"
#include "check/gaps.h"
#include "check/gather.h"
#include "check/met.h"
#include "store/trail.h"

/* One run: what the callbacks share. */
struct verdict_run {
    struct sp_inventory *inventory;
    const struct sp_verdict_options *options;
    sp_decided_out decided;
    void *ctx;
    struct sp_verdict_sum *sum;
    struct sp_wanted wanted;
    struct sp_met met;
    struct sp_gaps gaps;
    struct sp_gather gather;
    struct sp_trail trail;
    struct sp_account account;
    struct sp_buf locator; /* of the object at hand, as a C string */
    char *base;            /* base name of the root, escaped, as a C string */
    int64_t object_id;     /* the object at hand */
    bool *rule_used;       /* by rule of acceptance */
    bool *request_hit;     /* by request */
};

/* Accounts for one gap at `locator`. True when a rule takes it. */
static bool verdict_gap(struct verdict_run *run, enum sp_reason reason, const char *locator)
{
    const struct sp_verdict_options *options = run->options;
    struct sp_verdict_sum *sum = run->sum;
    const struct sp_accept *rule =
        sp_accept_find(options->accepts, options->accept_count, reason, locator);
    sum->gaps++;
    sum->gaps_by_reason[reason]++;
    if (rule == NULL)
        return false;
    sum->gaps_accepted++;
    sum->accepted_by_reason[reason]++;
    sum->accept_rules_used += run->rule_used[rule - options->accepts] ? 0 : 1;
    run->rule_used[rule - options->accepts] = true;
    return true;
}

static enum sp_err verdict_locator(struct verdict_run *run, struct sp_why *why)
{
    struct sp_slice locator = sp_trail_locator(&run->trail);
    sp_buf_reset(&run->locator);
    enum sp_err err = sp_buf_append(&run->locator, locator.ptr, locator.len, why);
    return err != SP_OK ? err : sp_buf_append_byte(&run->locator, '\0', why);
}

static enum sp_err verdict_object_gaps(struct verdict_run *run, int64_t object_id,
                                       struct sp_why *why)
{
    size_t count;
    struct sp_gap_at *gaps = sp_gaps_find(&run->gaps, object_id, &count);
    if (count == 0)
        return SP_OK;
    enum sp_err err = verdict_locator(run, why);
    for (size_t i = 0; i < count && err == SP_OK; i++) {
        const char *locator = (const char *)run->locator.data;
        gaps[i].judged = true;
        sp_account_gap(&run->account, verdict_gap(run, (enum sp_reason)gaps[i].reason, locator));
    }
    return err;
}

/* What is no HIT, and counts as one with strict kinds: a person must decide. */
static bool verdict_is_other(enum sp_decision decision)
{
    return decision == SP_DECISION_RESTRICT || decision == SP_DECISION_STALE ||
           decision == SP_DECISION_OPTOUT;
}

/* A request met in a record of the object at hand. */
static enum sp_err verdict_gathered(void *ctx, const struct sp_gathered *gathered,
                                    struct sp_why *why)
{
    struct verdict_run *run = ctx;
    run->sum->decisions[gathered->decision]++;
    if (gathered->decision == SP_DECISION_HIT && !run->request_hit[gathered->request]) {
        run->request_hit[gathered->request] = true;
        run->sum->requests_hit++;
    }
    enum sp_decision decision = gathered->decision;
    bool counts = run->options->strict_kinds && verdict_is_other(decision);
    sp_account_decision(&run->account, counts ? SP_DECISION_REVIEW : decision, gathered->record);
    if (run->decided == NULL)
        return SP_OK;
    struct sp_decided decided = {
        .req_id = gathered->row->req_id,
        .decision = gathered->decision,
        .types = gathered->types,
        .object_id = run->object_id,
        .path = sp_buf_slice(&run->trail.path),
        .record = gathered->record,
        .finding = gathered->finding,
        .columns = gathered->columns,
        .column_count = gathered->column_count,
    };
    decided.unit_size = SP_SIZE_UNKNOWN;
    if (run->account.unit != 0) {
        decided.unit = sp_buf_slice(&run->account.unit_name);
        decided.unit_size = run->account.unit_size;
    }
    enum sp_err err =
        sp_trail_place(&run->trail, gathered->record, gathered->finding, &decided.locator, why);
    return err != SP_OK ? err : run->decided(run->ctx, &decided, why);
}

static enum sp_err verdict_finding(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                   const struct sp_kept_finding *finding, struct sp_why *why)
{
    struct verdict_run *run = ctx;
    (void)index;
    return sp_gather_add(&run->gather, record, finding, why);
}

/* Segments without a wanted token are not decoded. */
static enum sp_err verdict_segment(void *ctx, int64_t object_id, const struct sp_segment_view *view,
                                   struct sp_why *why)
{
    const struct verdict_run *run = ctx;
    (void)object_id;
    if (!sp_wanted_any(&run->wanted, view->tokens))
        return SP_OK;
    return sp_segment_each(view, verdict_finding, ctx, why);
}

static enum sp_err verdict_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct verdict_run *run = ctx;
    run->object_id = row->id;
    enum sp_err err = sp_trail_enter(&run->trail, row, why);
    if (err == SP_OK)
        err = sp_account_enter(&run->account, row, why);
    if (err == SP_OK)
        err = verdict_object_gaps(run, row->id, why);
    if (err != SP_OK || !sp_met_has(&run->met, row->id))
        return err;
    err = sp_inventory_each_segment(run->inventory, row->id, NULL, verdict_segment, run, why);
    return err != SP_OK ? err : sp_gather_end(&run->gather, why);
}

/* A gap of the whole root, `count` times over (0: there is none). False: no rule accepts it. */
static bool verdict_root_gap(struct verdict_run *run, enum sp_reason reason, uint64_t count)
{
    bool accepted = true;
    for (uint64_t i = 0; i < count; i++)
        accepted = verdict_gap(run, reason, run->base) && accepted;
    return accepted;
}

static uint64_t verdict_bit_count(uint64_t set)
{
    uint64_t count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* Gaps that no object carries: what the scan and the register lack, and unread records without an
 * object of this root. False: somebody was not looked for, so that nothing of it can be kept. */
static bool verdict_root_gaps(struct verdict_run *run, const struct sp_root_row *root)
{
    const struct sp_wanted *wanted = &run->wanted;
    struct sp_verdict_sum *sum = run->sum;
    sum->not_searched = wanted->types & ~root->types_searched;
    const struct {
        enum sp_reason reason;
        uint64_t count;
    } lacks[] = {
        {SP_REASON_NOT_SEARCHED, verdict_bit_count(sum->not_searched)},
        {SP_REASON_NOT_SEARCHED, run->options->patterns_refused},
        {SP_REASON_KEY_MISSING, wanted->rows_key_missing},
        {SP_REASON_STALE, wanted->rows_stale},
        {SP_REASON_REGISTER_GAP, wanted->rows_expired_needed},
    };
    bool all_sought = true;
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        all_sought = verdict_root_gap(run, lacks[i].reason, lacks[i].count) && all_sought;
    for (size_t i = 0; i < run->gaps.count; i++) {
        if (!run->gaps.items[i].judged)
            (void)verdict_gap(run, (enum sp_reason)run->gaps.items[i].reason, run->base);
    }
    return all_sought;
}

static void verdict_status(const struct sp_verdict_options *options, struct sp_verdict_sum *sum)
{
    const uint64_t *decisions = sum->decisions;
    uint64_t other = decisions[SP_DECISION_RESTRICT] + decisions[SP_DECISION_STALE] +
                     decisions[SP_DECISION_OPTOUT];
    sum->reviews_accepted = options->review_ok ? decisions[SP_DECISION_REVIEW] : 0;
    bool hits = decisions[SP_DECISION_HIT] > 0 ||
                decisions[SP_DECISION_REVIEW] > sum->reviews_accepted ||
                (options->strict_kinds && other > 0);
    bool incomplete =
        sum->gaps > sum->gaps_accepted || sum->coverage.objects_open > 0 || !sum->scan_complete;
    sum->status = (hits ? SP_VERDICT_HITS : 0U) | (incomplete ? SP_VERDICT_INCOMPLETE : 0U);
}

/* The locator of the root: the last component of its path, escaped as in any locator. */
static enum sp_err verdict_base(const char *path, char **out, struct sp_why *why)
{
    struct sp_slice none = {NULL, 0};
    struct sp_slice name = sp_slice_of(path);
    struct sp_buf buf;
    while (name.len > 1 && name.ptr[name.len - 1] == '/')
        name.len--;
    const uint8_t *slash = name.len > 1 ? memrchr(name.ptr, '/', name.len) : NULL;
    if (slash != NULL)
        name = (struct sp_slice){slash + 1, name.len - (size_t)(slash + 1 - name.ptr)};
    sp_buf_init(&buf, SIZE_MAX);
    enum sp_err err = sp_locator_object(&buf, SP_STEP_FILE, 1, name, none, why);
    if (err == SP_OK && (*out = sp_copy_string(buf.data, buf.len)) == NULL)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for a name");
    sp_buf_clear(&buf);
    return err;
}

static enum sp_err verdict_prepare(struct verdict_run *run, const struct sp_root_row *root,
                                   const struct sp_register *reg, struct sp_why *why)
{
    const struct sp_verdict_options *options = run->options;
    enum sp_err err = sp_wanted_init(&run->wanted, reg, root, options, why);
    if (err == SP_OK)
        err = sp_account_init(&run->account, options->drop_containers, why);
    if (err == SP_OK)
        err = verdict_base(root->path, &run->base, why);
    if (err == SP_OK)
        err = sp_gather_init(&run->gather, &run->wanted, verdict_gathered, run, why);
    if (err != SP_OK)
        return err;
    run->rule_used = sp_alloc_zero((options->accept_count + 1) * sizeof *run->rule_used);
    run->request_hit =
        sp_alloc_zero(((size_t)run->wanted.request_count + 1) * sizeof *run->request_hit);
    if (run->rule_used == NULL || run->request_hit == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a check");
    struct sp_verdict_sum *sum = run->sum;
    sum->rows_live = run->wanted.row_count + run->wanted.rows_key_missing + run->wanted.rows_stale;
    sum->rows_expired = run->wanted.rows_expired;
    sum->rows_withdrawn = run->wanted.rows_withdrawn;
    sum->rows_elsewhere = run->wanted.rows_elsewhere;
    sum->rows_key_missing = run->wanted.rows_key_missing;
    sum->rows_stale = run->wanted.rows_stale;
    sum->rows_expired_needed = run->wanted.rows_expired_needed;
    sum->register_empty = sp_register_live_count(reg) == 0;
    sum->scan_complete = root->complete;
    return SP_OK;
}

static void verdict_run_clear(struct verdict_run *run)
{
    sp_wanted_clear(&run->wanted);
    sp_met_clear(&run->met);
    sp_gaps_clear(&run->gaps);
    sp_gather_clear(&run->gather);
    sp_trail_clear(&run->trail);
    sp_account_clear(&run->account);
    sp_buf_clear(&run->locator);
    sp_free(run->base);
    sp_free(run->rule_used);
    sp_free(run->request_hit);
}

enum sp_err sp_verdict_run(const struct sp_verdict_job *job, struct sp_verdict_sum *sum,
                           struct sp_why *why)
{
    struct sp_inventory *inventory = job->inventory;
    const struct sp_root_row *root = job->root;
    struct verdict_run run = {.inventory = inventory,
                              .options = job->options,
                              .decided = job->decided,
                              .ctx = job->ctx,
                              .sum = sum};
    sp_trail_init(&run.trail);
    sp_buf_init(&run.locator, SIZE_MAX);
    *sum = (struct sp_verdict_sum){0};
    if (sp_register_live_count(job->reg) == 0 && !job->options->empty_register_ok)
        return sp_fail(why, SP_ERR_KEY, "the register is empty: no verdict from nothing");
    enum sp_err err = verdict_prepare(&run, root, job->reg, why);
    if (err == SP_OK)
        err = sp_met_collect(&run.met, &run.wanted, inventory, root->id, why);
    if (err == SP_OK)
        err = sp_gaps_collect(&run.gaps, inventory, root->id, why);
    if (err == SP_OK)
        err = sp_inventory_each_object(inventory, root->id, verdict_object, &run, why);
    if (err == SP_OK)
        err = sp_account_end(&run.account, why);
    if (err == SP_OK) {
        bool keeps = verdict_root_gaps(&run, root) && !run.account.above;
        err = sp_units_each(run.account.units, keeps, job->unit, job->ctx, sum, why);
    }
    if (err == SP_OK)
        err = sp_inventory_coverage(inventory, root->id, &sum->coverage, why);
    if (err == SP_OK)
        verdict_status(job->options, sum);
    verdict_run_clear(&run);
    return err;
}
