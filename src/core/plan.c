#include "core/plan.h"

bool sp_plan_is_done(const struct sp_plan *plan, uint64_t ordinal)
{
    size_t low = 0;
    size_t high = plan == NULL ? 0 : plan->done_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->done[middle].last < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return plan != NULL && low < plan->done_count && plan->done[low].first <= ordinal;
}

const struct sp_lost *sp_plan_lost(const struct sp_plan *plan, uint64_t ordinal)
{
    for (size_t i = 0; plan != NULL && i < plan->lost_count; i++) {
        if (plan->lost[i].ordinal == ordinal)
            return &plan->lost[i];
    }
    return NULL;
}
