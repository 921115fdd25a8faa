/* What a job does with the members directly below its object after an earlier attempt at it: those
 * that were read already are passed over, those that ended a worker are not parsed again. */
#ifndef SP_CORE_PLAN_H
#define SP_CORE_PLAN_H

#include "speur/err.h"
#include "speur/reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SP_PLAN_SPANS_MAX = 4096, /* what fits into one frame; members beyond them are read again */
    SP_PLAN_LOST_MAX = 8      /* members that may end a worker before its object is given up */
};

/* Ordinals first..last, both included, from 1. */
struct sp_span {
    uint64_t first, last;
};

/* A member with which a worker ended. */
struct sp_lost {
    uint64_t ordinal;
    enum sp_reason reason; /* crashed, timeout, limit_memory, sandbox: told of the member */
    bool raw;              /* the raw byte pass may look at it; false: that ended a worker too */
};

struct sp_plan {
    const struct sp_span *done; /* borrowed; ascending, apart from each other. Passed over without
                                 * a word */
    size_t done_count;          /* at most SP_PLAN_SPANS_MAX */
    struct sp_lost lost[SP_PLAN_LOST_MAX];
    size_t lost_count;
    bool careful; /* send at once where each member begins and ends, so that whoever counts knows
                   * with which one a worker ended */
};

/* NULL is a plan that leaves nothing out. */
bool sp_plan_is_done(const struct sp_plan *plan, uint64_t ordinal);
/* Borrowed, or NULL. */
const struct sp_lost *sp_plan_lost(const struct sp_plan *plan, uint64_t ordinal);

#endif
