/* The candidates of a window: every place where an expression of a form matches. The filter skips
 * the places where none can; forms it does not speak for are searched for everywhere. */
#ifndef SP_DETECT_COLLECT_H
#define SP_DETECT_COLLECT_H

#include "core/text.h"
#include "detect/gate.h"
#include "detect/pattern.h"

struct sp_candidate {
    uint32_t begin, end; /* the value group in the text, not empty, end clipped to SP_VALUE_MAX */
    uint8_t pattern, form;
};

/* Per thread; its lists last until the next run. */
struct sp_collector {
    const struct sp_patterns *patterns;
    pcre2_match_data *match;
    pcre2_match_context *options;
    pcre2_jit_stack *stack;
    struct sp_gate gate;
    bool plain;   /* without the filter: for verifying it */
    bool ungated; /* without the gate: for verifying filter or gate */
    struct sp_candidate *list;
    size_t count, cap;
};

/* What a run looks at, and whom it tells of a candidate that met the match limit. */
struct sp_collect_range {
    const struct sp_text *text;
    size_t begin, end; /* matches start here; a part of the text */
    enum sp_err (*limit)(void *ctx, uint32_t begin, struct sp_why *why); /* any order, owned only */
    void *ctx;
};

/* On failure everything is freed again. SP_ERR_NOMEM. */
enum sp_err sp_collect_init(struct sp_collector *collector, const struct sp_patterns *patterns,
                            struct sp_why *why);
void sp_collect_clear(struct sp_collector *collector);
/* Fills collector->list in ascending (begin, end, pattern, form) order. SP_ERR_NOMEM, or what
 * range->limit gave. */
enum sp_err sp_collect_run(struct sp_collector *collector, const struct sp_collect_range *range,
                           struct sp_why *why);

#endif
