/* What was not read, by object, and which of it was accepted. */
#ifndef SP_CHECK_GAPS_H
#define SP_CHECK_GAPS_H

#include "check/verdict.h"

struct sp_gap_at {
    int64_t object_id;
    uint32_t reason; /* enum sp_reason */
    bool judged;     /* its object came by */
};

struct sp_gaps {
    struct sp_gap_at *items; /* ascending by object */
    size_t count, cap;
};

/* Collects the gaps of a root; noted ones are left out, except `excluded`, which is a gap in a
 * check: the user's rule says that it was not looked at, not that it is clean. */
enum sp_err sp_gaps_collect(struct sp_gaps *gaps, struct sp_inventory *inventory, int64_t root_id,
                            struct sp_why *why);
void sp_gaps_clear(struct sp_gaps *gaps);
/* The gaps of one object, *count of them, borrowed; NULL when there are none. */
struct sp_gap_at *sp_gaps_find(struct sp_gaps *gaps, int64_t object_id, size_t *count);

/* The first rule that takes this gap, or NULL. `locator` is the object's, without a place. */
const struct sp_accept *sp_accept_find(const struct sp_accept *accepts, size_t count,
                                       enum sp_reason reason, const char *locator);

#endif
