#include "scan/lane.h"

#include "base/mem.h"

enum sp_err sp_lane_new(const struct sp_shared *shared, struct sp_lane **out, struct sp_why *why)
{
    const struct sp_scan_options *options = shared->options;
    struct sp_lane *lane = sp_alloc_zero(sizeof *lane);
    if (lane == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a lane");
    lane->base.ops = &sp_lane_ops;
    lane->shared = shared;
    for (unsigned i = 0; i < SP_LANE_LINKS_MAX; i++)
        sp_link_init(&lane->links[i], &shared->worker);
    sp_link_init(&lane->ocr, &shared->ocr);
    sp_buf_init(&lane->resume.spans, SP_PLAN_SPANS_MAX * sizeof(struct sp_span));
    enum sp_err err = sp_matcher_new(options->patterns, options->region, &lane->matcher, why);
    if (err == SP_OK)
        err = sp_matcher_new(options->patterns, options->region, &lane->safe.matcher, why);
    if (err == SP_OK && options->names != NULL) {
        sp_matcher_names(lane->matcher, sp_name_set_wanted, options->names);
        sp_matcher_names(lane->safe.matcher, sp_name_set_wanted, options->names);
        lane->safe.names = true;
    }
    if (err == SP_OK)
        err = sp_window_new(lane->matcher, options->window_bytes, sp_lane_located, sp_lane_unjudged,
                            lane, &lane->window, why);
    if (err == SP_OK && options->copy != NULL)
        err = sp_copier_new(options->copy, lane->safe.matcher, options->key, options->mask_hint,
                            &lane->copier, why);
    if (err == SP_OK)
        err =
            sp_batch_new(options->inventory, options->key, options->keep_values, &lane->batch, why);
    if (err != SP_OK) {
        sp_lane_free(lane);
        return err;
    }
    *out = lane;
    return SP_OK;
}

void sp_lane_free(struct sp_lane *lane)
{
    if (lane == NULL)
        return;
    while (lane->open_count > 0)
        sp_lane_drop(lane);
    for (unsigned i = 0; i < SP_LANE_LINKS_MAX; i++)
        sp_link_close(&lane->links[i]);
    sp_link_close(&lane->ocr);
    sp_wire_in_free(lane->replay);
    sp_buf_clear(&lane->resume.spans);
    sp_batch_free(lane->batch);
    sp_copier_free(lane->copier);
    sp_window_free(lane->window);
    sp_safe_clear(&lane->safe);
    sp_matcher_free(lane->matcher);
    sp_free(lane);
}

enum sp_err sp_lane_do(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    enum sp_err err = task->kind == SP_TASK_FILE ? sp_lane_do_file(lane, task, why)
                                                 : sp_lane_do_part(lane, task, why);
    while (err != SP_OK && lane->open_count > 0)
        sp_lane_drop(lane);
    sp_task_free(task);
    return err;
}
