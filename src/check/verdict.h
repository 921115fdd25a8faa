/* From an inventory and a register to decisions by record, and to a verdict by restore unit. */
#ifndef SP_CHECK_VERDICT_H
#define SP_CHECK_VERDICT_H

#include "speur/verdict.h"
#include "store/inventory.h"
#include "store/register.h"

/* A rule of acceptance: gaps of this reason below this glob are known and taken (--accept). */
struct sp_accept {
    enum sp_reason reason;
    const char *glob; /* over the object's locator; fnmatch without special slashes */
    const char *who, *until, *why_text; /* until "YYYY-MM-DD", included */
};
/* Reads REASON:GLOB:WHO:UNTIL:WHY; GLOB and WHY may hold colons. `text` is cut in place and must
 * outlive *out, which points into it. SP_ERR_USAGE: not such a rule, no such gap, a part is empty,
 * or the rule ended before `today`. */
enum sp_err sp_accept_parse(char *text, const char *today, struct sp_accept *out,
                            struct sp_why *why);

struct sp_verdict_options {
    bool review_ok;            /* --review=ok: REVIEW does not count as HITS */
    bool strict_kinds;         /* --strict-kinds */
    const char *backup_taken;  /* "YYYY-MM-DD…" or NULL */
    const char *target_system; /* or NULL = unknown: in every scope */
    const struct sp_accept *accepts;
    size_t accept_count;
    bool drop_containers;    /* --drop-containers */
    size_t patterns_refused; /* files that the scan could not look with: a gap each */
    bool empty_register_ok;  /* --empty-register-ok: the line and the evidence say so */
    const char *today;       /* "YYYY-MM-DD" */
};

/* A column of a tuple in which a request was met. */
struct sp_met_column {
    uint32_t ordinal; /* from 1 */
    enum sp_type type;
    bool packed; /* inside of JSON or the like in it */
};

/* One decision: an identifier of one request in one record. All slices borrowed for the call. */
struct sp_decided {
    const char *req_id;
    enum sp_decision decision;
    uint64_t types; /* bit i: type i took part */
    int64_t object_id;
    struct sp_slice path;                /* raw: the file of the tree, or the target's base name */
    struct sp_slice locator;             /* escaped, down to the record and the first field hit */
    struct sp_slice unit;                /* raw name of the restore unit; empty above units */
    uint64_t unit_size;                  /* of its bytes; SP_SIZE_UNKNOWN */
    const struct sp_met_column *columns; /* of a tuple, each pair once; NULL of what is none */
    size_t column_count;
    const struct sp_kept_record *record;
    const struct sp_kept_finding *finding; /* the first that was hit, in record order; its value is
                                            * always empty */
};
typedef enum sp_err (*sp_decided_out)(void *ctx, const struct sp_decided *decided,
                                      struct sp_why *why);

/* A restore unit and where it goes. Every unit name comes once; same-named members together. */
enum sp_list { SP_LIST_KEEP, SP_LIST_DROP, SP_LIST_HOLD, SP_LIST_COUNT };
typedef enum sp_err (*sp_unit_out)(void *ctx, struct sp_slice name, enum sp_list list,
                                   struct sp_why *why);

struct sp_verdict_sum {
    unsigned status; /* enum sp_verdict bits */
    uint64_t decisions[SP_DECISION_COUNT];
    uint64_t requests_hit; /* requests with at least one HIT */
    uint64_t units[SP_LIST_COUNT];
    uint64_t records_of_others; /* that --drop-containers drops along */
    uint64_t gaps;              /* all, those of the whole root included */
    uint64_t gaps_accepted, accept_rules_used;
    uint64_t gaps_by_reason[SP_REASON_COUNT];
    uint64_t accepted_by_reason[SP_REASON_COUNT];
    uint64_t reviews_accepted; /* REVIEW decisions that --review=ok let pass */
    uint64_t not_searched;     /* bit i: the register holds type i, this scan did not look for it */
    uint64_t rows_live, rows_expired; /* of the register, in the scope of the target */
    uint64_t rows_withdrawn;          /* likewise: asked for, and taken back */
    uint64_t rows_elsewhere;          /* of other systems than the target's */
    uint64_t rows_key_missing;        /* live, enrolled with a key that the scan did not have */
    uint64_t rows_stale;          /* live, enrolled with another version of the canonical form */
    uint64_t rows_expired_needed; /* expired, but older than their erasure is this backup */
    bool register_empty;          /* and --empty-register-ok */
    bool scan_complete;           /* the root's scan reached its end */
    struct sp_coverage coverage;
};

/* What is judged, by what, and who is told. All borrowed; both doors may be NULL. */
struct sp_verdict_job {
    struct sp_inventory *inventory;
    const struct sp_root_row *root;
    const struct sp_register *reg;
    const struct sp_verdict_options *options;
    sp_decided_out decided;
    sp_unit_out unit;
    void *ctx; /* of both doors */
};

/* Judges one root. Decisions come in inventory order; units in the order of their stored names'
 * first appearance, after the last decision. A register row whose type was
 * not searched (not_searched), whose key the scan lacked (key_missing), whose canonical form has
 * another version (stale), or that expired although this backup is older (register_gap) is a gap of
 * the whole root, with the target's base name as its locator; while one is not accepted, no unit is
 * KEEP. INCOMPLETE: a gap that no rule
 * accepts, an object not finished, or a scan that did not reach its end.
 * SP_ERR_KEY: the register is empty. SP_ERR_USAGE: a date of the options is none. What `decided` or
 * `unit` return other than SP_OK ends the run and is returned. Memory: the register, the ids of
 * objects with hits and gaps, and each unit's name once. */
enum sp_err sp_verdict_run(const struct sp_verdict_job *job, struct sp_verdict_sum *sum,
                           struct sp_why *why);

/* "VERDICT: HITS INCOMPLETE" with accepted rules in brackets, no newline. */
enum sp_err sp_verdict_line(const struct sp_verdict_sum *sum, struct sp_buf *out,
                            struct sp_why *why);

#endif
