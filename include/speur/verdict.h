/* The verdict over a target that was scanned: may it be restored? */
#ifndef SPEUR_VERDICT_H
#define SPEUR_VERDICT_H

/* What a check decides about a record, an object or a restore unit. */
enum sp_decision {
    SP_DECISION_NONE,     /* nothing of a requested person */
    SP_DECISION_HIT,      /* erasure: must not come back */
    SP_DECISION_REVIEW,   /* a person must look: weak or possible identifiers, newer relation */
    SP_DECISION_EXEMPT,   /* the law or a contract keeps it */
    SP_DECISION_RESTRICT, /* may come back, but locked (restriction, objection) */
    SP_DECISION_STALE,    /* rectified since: the restored value is the old one */
    SP_DECISION_OPTOUT,   /* do not mail again */
    SP_DECISION_COUNT
};
/* "HIT", "REVIEW", …; "NONE" too. Never NULL. */
const char *sp_decision_name(enum sp_decision decision);

/* Exit status of a check: a bitmask. 64 and above is an error (sysexits.h). */
enum sp_verdict { SP_VERDICT_CLEAN = 0, SP_VERDICT_HITS = 1, SP_VERDICT_INCOMPLETE = 2 };

#endif
