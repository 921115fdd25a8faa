/* Does the filter lose anything? Candidates with it and without it over the same bytes. */
#include "detect/collect.h"

static enum sp_err verify_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)begin;
    (void)why;
    size_t *limits = ctx;
    (*limits)++;
    return SP_OK;
}

static enum sp_err verify_collect(struct sp_collector *collector, bool plain,
                                  const struct sp_text *text, size_t *limits, struct sp_why *why)
{
    struct sp_collect_range range = {
        .text = text, .end = text->len, .limit = verify_limit, .ctx = limits};
    collector->plain = plain;
    collector->ungated = true;
    return sp_collect_run(collector, &range, why);
}

static bool is_same(const struct sp_candidate *a, const struct sp_candidate *b)
{
    return a->begin == b->begin && a->end == b->end && a->pattern == b->pattern &&
           a->form == b->form;
}

/* How many candidates of one list the other lacks. Both ascend in the same order, so the lists
 * differ first where one lacks something. */
static size_t verify_compare(const struct sp_collector *plain, const struct sp_collector *filtered,
                             FILE *out)
{
    size_t differ = 0, a = 0, b = 0;
    while (a < plain->count || b < filtered->count) {
        if (a < plain->count && b < filtered->count &&
            is_same(&plain->list[a], &filtered->list[b])) {
            a++;
            b++;
            continue;
        }
        bool lost = a < plain->count &&
                    (b == filtered->count || plain->list[a].begin <= filtered->list[b].begin);
        const struct sp_candidate *which = lost ? &plain->list[a++] : &filtered->list[b++];
        const struct sp_pattern *pattern = &plain->patterns->list[which->pattern];
        if (out)
            fprintf(out, "%s: %s: the filter %s byte %u\n", pattern->id,
                    pattern->forms[which->form].name, lost ? "loses" : "adds", which->begin);
        differ++;
    }
    return differ;
}

enum sp_err sp_patterns_verify(const struct sp_patterns *patterns, struct sp_slice data, void *out,
                               size_t *differ, struct sp_why *why)
{
    struct sp_collector plain = {0}, filtered = {0};
    const struct sp_text_record record = {.end = (uint32_t)data.len, .kind = SP_RECORD_NAME};
    const struct sp_text text = {
        .data = data.ptr,
        .len = data.len,
        .own_end = data.len,
        .first = true,
        .last = true,
        .kind = SP_RECORD_NAME, /* forms for names run, too */
        .records = &record,
        .record_count = 1,
    };
    size_t plain_limits = 0, filtered_limits = 0;
    *differ = 0;
    if (data.len == 0)
        return SP_OK;
    enum sp_err err = sp_collect_init(&plain, patterns, why);
    if (!err)
        err = sp_collect_init(&filtered, patterns, why);
    if (!err)
        err = verify_collect(&plain, true, &text, &plain_limits, why);
    if (!err)
        err = verify_collect(&filtered, false, &text, &filtered_limits, why);
    if (!err)
        *differ = verify_compare(&plain, &filtered, out) + (plain_limits != filtered_limits);
    sp_collect_clear(&plain);
    sp_collect_clear(&filtered);
    return err;
}

enum sp_err sp_patterns_verify_examples(const struct sp_patterns *patterns, void *out,
                                        size_t *differ, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *differ = 0;
    for (size_t p = 0; p < patterns->count; p++) {
        const struct sp_pattern *pattern = &patterns->list[p];
        for (size_t i = 0; !err && i < pattern->example_count; i++) {
            size_t here = 0;
            err = sp_patterns_verify(patterns, sp_slice_of(pattern->examples[i].text), out, &here,
                                     why);
            *differ += here;
        }
    }
    return err;
}

size_t sp_patterns_unfiltered(const struct sp_patterns *patterns, void *out)
{
    size_t count = 0;
    for (size_t p = 0; p < patterns->count; p++) {
        const struct sp_pattern *pattern = &patterns->list[p];
        for (size_t f = 0; f < pattern->form_count; f++) {
            if (pattern->forms[f].filtered)
                continue;
            count++;
            if (out)
                fprintf((FILE *)out,
                        "%s: %s: its expression is tried at every byte, which is slow\n",
                        pattern->id, pattern->forms[f].name);
        }
    }
    return count;
}
