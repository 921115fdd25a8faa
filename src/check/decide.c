#include "check/decide.h"

#include <assert.h>

const char *sp_decision_name(enum sp_decision decision)
{
    static const char *const names[SP_DECISION_COUNT] = {"NONE",     "HIT",   "REVIEW", "EXEMPT",
                                                         "RESTRICT", "STALE", "OPTOUT"};
    return decision < SP_DECISION_COUNT ? names[decision] : "?";
}

void sp_meeting_add(struct sp_meeting *meeting, enum sp_type type, enum sp_weight weight,
                    bool exempt, bool newer)
{
    uint64_t bit = UINT64_C(1) << type;
    if (newer && weight < SP_WEIGHT_REVIEW)
        weight = SP_WEIGHT_REVIEW;
    if (exempt) { /* a date of birth alone is nobody's, exempt or not */
        meeting->exempt |= weight == SP_WEIGHT_WITH ? 0 : bit;
        return;
    }
    switch (weight) {
    case SP_WEIGHT_STRONG:
        meeting->strong |= bit;
        break;
    case SP_WEIGHT_WEAK:
        meeting->weak |= bit;
        break;
    case SP_WEIGHT_REVIEW:
        meeting->review |= bit;
        break;
    case SP_WEIGHT_WITH:
        meeting->with |= bit;
        break;
    }
}

uint64_t sp_meeting_types(const struct sp_meeting *meeting)
{
    return meeting->strong | meeting->weak | meeting->review | meeting->with | meeting->exempt;
}

static bool decide_two(uint64_t set)
{
    return (set & (set - 1)) != 0; /* more than one bit */
}

/* A type that needs company counts as a second weak one. */
static enum sp_decision decide_erasure(const struct sp_meeting *meeting)
{
    bool pair = meeting->weak != 0 && decide_two(meeting->weak | meeting->with);
    if (meeting->strong != 0 || pair)
        return SP_DECISION_HIT;
    if (meeting->weak != 0 || meeting->review != 0)
        return SP_DECISION_REVIEW;
    return meeting->exempt != 0 ? SP_DECISION_EXEMPT : SP_DECISION_NONE;
}

enum sp_decision sp_decide(const struct sp_meeting *meeting, enum sp_request_kind kind)
{
    enum sp_decision erasure = decide_erasure(meeting);
    if (erasure == SP_DECISION_NONE || erasure == SP_DECISION_EXEMPT)
        return erasure;
    switch (kind) {
    case SP_REQUEST_RESTRICTION:
    case SP_REQUEST_OBJECTION:
        return SP_DECISION_RESTRICT;
    case SP_REQUEST_RECTIFICATION:
        return SP_DECISION_STALE;
    case SP_REQUEST_OPTOUT:
        return SP_DECISION_OPTOUT;
    case SP_REQUEST_ERASURE:
    case SP_REQUEST_KIND_COUNT:
        break;
    }
    return erasure;
}
