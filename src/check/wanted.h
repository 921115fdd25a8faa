/* Whom a check looks for: the register's rows in force, as a hash set of their tokens. */
#ifndef SP_CHECK_WANTED_H
#define SP_CHECK_WANTED_H

#include "check/verdict.h"

/* A row in force: not expired, in the scope of the target's system. */
struct sp_wanted_row {
    const struct sp_register_row *row; /* borrowed from the register */
    uint32_t request;                  /* index of (req_id, kind), < request_count */
    enum sp_strength strength;
    bool exempt;            /* its exemption is in force today */
    int64_t erased_until_s; /* first second after the day of erasure; INT64_MAX unknown: a record
                             * dated from here on is newer */
};

/* What a token of the register means. Several rows may share a token (two requests of one
 * household), so that equal tokens lie side by side. */
struct sp_wanted_token {
    uint8_t bytes[SP_TOKEN_LEN];
    uint32_t row; /* index into rows */
    uint8_t kind; /* enum sp_token_kind of the row's token */
};

struct sp_wanted_slot {
    uint64_t head;  /* first 8 bytes of the token: tokens are random, so this is its hash too */
    uint32_t first; /* index into tokens */
    uint32_t count; /* equal tokens from there on; 0: slot is free */
};

struct sp_wanted {
    struct sp_wanted_row *rows;
    size_t row_count;
    uint32_t request_count;
    struct sp_wanted_token *tokens; /* ascending by bytes */
    size_t token_count;
    struct sp_wanted_slot *slots; /* open addressing, at most half full */
    size_t slot_mask;             /* slots - 1; slots is a power of two */
    uint64_t types;               /* bit i: a row in force has type i; name: and a request has
                                   * nothing else */
    /* Rows that this scan cannot meet; each makes the verdict INCOMPLETE. */
    uint64_t rows_key_missing;    /* enrolled with a key that the scan did not have */
    uint64_t rows_stale;          /* enrolled with another version of the canonical form */
    uint64_t rows_expired_needed; /* expired, yet this backup is older than the erasure: it is
                                   * looked for, but other such rows may be gone already */
    uint64_t rows_elsewhere;      /* of another system than the target's: not looked for */
    uint64_t rows_withdrawn;      /* asked for, and taken back: not looked for */
    uint64_t rows_expired;        /* no backup older than the erasure should exist: the others of
                                   * these are not looked for, and that is no gap */
};

/* Builds the set. `options` gives today, system and backup_taken. SP_ERR_USAGE: a date of the
 * options is none. The register must outlive it. */
enum sp_err sp_wanted_init(struct sp_wanted *wanted, const struct sp_register *reg,
                           const struct sp_root_row *root, const struct sp_verdict_options *options,
                           struct sp_why *why);
void sp_wanted_clear(struct sp_wanted *wanted);

/* The meanings of a token, *count of them, borrowed; NULL when nobody asked for it. */
const struct sp_wanted_token *sp_wanted_find(const struct sp_wanted *wanted,
                                             const uint8_t token[SP_TOKEN_LEN], size_t *count);
/* True when any of the 16-byte tokens in the array is wanted: the fast path. Bytes beyond the
 * last whole token are ignored. */
bool sp_wanted_any(const struct sp_wanted *wanted, struct sp_slice tokens);

#endif
