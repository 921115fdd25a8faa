/* Takes members out of a tar as it streams past, and records out of members. What stays is byte for
 * byte what came. Hard links stay whole: content that goes with its first name passes to the next
 * name that stays. Input that is no tar is one member. */
#ifndef SP_RESTORE_FILTER_H
#define SP_RESTORE_FILTER_H

#include "core/budget.h"
#include "restore/names.h"
#include "restore/records.h"

#include <stdio.h>

struct sp_filter_sum {
    uint64_t members, dropped, cut; /* cut: records were taken out of so many members */
    uint64_t records;               /* that were taken out */
    uint64_t refused;               /* members left out because records could not be cut out */
    uint64_t anonymised;            /* exempt tuples of which the SQL changes something */
    uint64_t left;                  /* columns of such that nobody can change but a person */
    uint64_t unchanged;             /* members whose exempt tuples the SQL does not change */
    uint64_t missing;               /* names and members with records that never came */
};
/* What became of a member. */
enum sp_filter_fate {
    SP_FILTER_LEFT_OUT,  /* `reason`, a constant, says why */
    SP_FILTER_UNCHANGED, /* it goes on, but its exempt tuples are not in the SQL: `reason` */
    SP_FILTER_MISSING    /* it never came */
};
typedef void (*sp_filter_told)(void *ctx, struct sp_slice name, enum sp_filter_fate fate,
                               const char *reason);

struct sp_filter_job {
    int in, out;                /* descriptors, borrowed */
    struct sp_names *drop;      /* or NULL */
    struct sp_records *records; /* or NULL */
    bool anonymise;             /* the SQL changes exempt tuples too: records were read with them */
    FILE *undo; /* gets SQL that takes the same tuples out of a database; or NULL. Borrowed */
    const struct sp_limits *limits; /* as the check had */
    sp_filter_told told;
    void *ctx;
};

/* SP_ERR_FORMAT: a damaged tar: what was written is not whole, and no member behind that place was
 * given on. SP_ERR_IO: in or out failed. */
enum sp_err sp_filter_run(const struct sp_filter_job *job, struct sp_filter_sum *sum,
                          struct sp_why *why);

#endif
