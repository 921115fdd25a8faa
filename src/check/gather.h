/* Gathers what was hit, record by record: the findings of one object go in, in stored order, and
 * decisions come out whenever a record ends. Memory: the requests that meet in one record. */
#ifndef SP_CHECK_GATHER_H
#define SP_CHECK_GATHER_H

#include "check/decide.h"
#include "check/wanted.h"

/* A request that was met in a record. Borrowed for the call. */
struct sp_gathered {
    const struct sp_register_row *row; /* the first of the request's rows that was met */
    uint32_t request;
    enum sp_decision decision; /* never NONE */
    uint64_t types;
    const struct sp_kept_record *record;
    const struct sp_kept_finding *finding; /* the first met; value is always empty */
    const struct sp_met_column *columns;   /* of a tuple, each pair once; NULL of what is none */
    size_t column_count;
};
typedef enum sp_err (*sp_gathered_out)(void *ctx, const struct sp_gathered *gathered,
                                       struct sp_why *why);

struct gather_meeting; /* a request in the record at hand */

struct sp_gather {
    const struct sp_wanted *wanted; /* borrowed */
    sp_gathered_out out;
    void *ctx;
    bool open;                    /* a record is at hand: has at least one meeting */
    struct sp_kept_record record; /* its slices are offsets into strings */
    struct gather_meeting *meetings;
    size_t meeting_count, meeting_cap;
    uint32_t *meeting_of; /* by request: index + 1 into meetings, 0 none */
    struct sp_buf strings;
    struct sp_buf columns; /* struct gather_column[], of all meetings */
    struct sp_buf told;    /* struct sp_met_column[], of the one that is told */
};

/* out is called from add and end. The wanted set must outlive it. */
enum sp_err sp_gather_init(struct sp_gather *gather, const struct sp_wanted *wanted,
                           sp_gathered_out out, void *ctx, struct sp_why *why);
/* One finding, met or not. A record that differs from the one at hand ends that one. */
enum sp_err sp_gather_add(struct sp_gather *gather, const struct sp_kept_record *record,
                          const struct sp_kept_finding *finding, struct sp_why *why);
/* Ends the record at hand: the object ends. */
enum sp_err sp_gather_end(struct sp_gather *gather, struct sp_why *why);
void sp_gather_clear(struct sp_gather *gather);

#endif
