/* From the identifiers of one request that meet in one record to a decision. Pure. */
#ifndef SP_CHECK_DECIDE_H
#define SP_CHECK_DECIDE_H

#include "check/policy.h"

/* What met. Each set has bit i for type i; a type may be in several. */
struct sp_meeting {
    uint64_t strong, weak, review, with; /* by weight, exempt matches left out */
    uint64_t exempt;                     /* matches of rows that the law or a contract keeps */
};

/* Adds one match. Exempt: the row's exemption is in force. Newer: the record is dated after the
 * erasure, so that it may belong to a new relation: REVIEW at most. */
void sp_meeting_add(struct sp_meeting *meeting, enum sp_type type, enum sp_weight weight,
                    bool exempt, bool newer);
/* All types that took part. */
uint64_t sp_meeting_types(const struct sp_meeting *meeting);

/* NONE: not enough (a date of birth alone). Requests of another kind than erasure are listed under
 * their own decision whatever the weight: nothing is to be dropped for them. */
enum sp_decision sp_decide(const struct sp_meeting *meeting, enum sp_request_kind kind);

#endif
