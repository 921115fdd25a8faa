/* The erasure register: who asked to be forgotten, as keyed tokens. Append-only JSON Lines, each
 * row chained to the one before and MACed with a subkey; a head beside it (sequence, digest,
 * time, signed) shows when rows at the end were removed. Pseudonymised, never anonymous. */
#ifndef SP_STORE_REGISTER_H
#define SP_STORE_REGISTER_H

#include "store/seal.h"

enum sp_request_kind { /* GDPR articles 17, 18, 21, 16; and mail opt-outs */
                       SP_REQUEST_ERASURE,
                       SP_REQUEST_RESTRICTION,
                       SP_REQUEST_OBJECTION,
                       SP_REQUEST_RECTIFICATION,
                       SP_REQUEST_OPTOUT,
                       SP_REQUEST_KIND_COUNT
};
const char *sp_request_kind_name(enum sp_request_kind kind);
bool sp_request_kind_from_name(struct sp_slice name, enum sp_request_kind *out);

enum sp_strength { /* how surely an identifier means one person: the policy's second axis */
                   SP_STRENGTH_DEFAULT, /* by type and attributes */
                   SP_STRENGTH_STRONG,
                   SP_STRENGTH_WEAK /* the CSV calls it shared */
};

/* One identifier of one request, as stored. Strings are owned by the row; empty = "". Dates are
 * "YYYY-MM-DD" or "". */
struct sp_register_row {
    uint64_t seq; /* from 1 */
    char *req_id;
    enum sp_request_kind kind;
    char key_id[33];
    enum sp_type type;
    unsigned canonical_version;
    unsigned attributes; /* role mailbox, landline, embeds_bsn … as judged when enrolled */
    enum sp_strength strength;
    uint8_t token_count;
    struct {
        uint8_t kind; /* enum sp_token_kind */
        uint8_t bytes[SP_TOKEN_LEN];
    } tokens[SP_TOKEN_KIND_COUNT];
    char received[11], erased_at[11], last_backup_expiry[11];
    char *scope;        /* system, or "" for all */
    char *exempt_basis; /* or "" */
    char exempt_until[11];
    char *legal_basis; /* of a BSN row: UAVG art. 46 */
};
void sp_register_row_clear(struct sp_register_row *row);

struct sp_register;

/* Makes register and head, 0600, never over existing ones. */
enum sp_err sp_register_init(const char *path, const struct sp_key *key, struct sp_why *why);
/* Reads and verifies all; `key` must outlive it. SP_ERR_KEY: missing, readable by others, made with
 * another key. SP_ERR_ALTERED: a row's MAC or the chain does not hold, or the head knows more rows
 * than there are. What a crash left behind the row that the head names: whole rows, whose MACs and
 * chain hold, count (an old head that is put back hides nothing); half a row at the end is dropped.
 * SP_ERR_CONFIG: a row of a newer speur. */
enum sp_err sp_register_open(const char *path, const struct sp_key *key, struct sp_register **out,
                             struct sp_why *why);
void sp_register_close(struct sp_register *);
size_t sp_register_count(const struct sp_register *);
const struct sp_register_row *sp_register_row_at(const struct sp_register *, size_t index);
/* "SEQ:DIGEST" of the head, for evidence and --expect-head. Borrowed. */
const char *sp_register_head(const struct sp_register *);
/* Appends rows (seq, key_id and MAC are filled), durable when it returns (fsync), then the head.
 * All or nothing; only when the head alone could not be written the rows stay, and count. A row
 * that is there already (same request, kind, type, tokens) is not added twice: *added counts. */
enum sp_err sp_register_append(struct sp_register *, struct sp_register_row *rows, size_t count,
                               size_t *added, struct sp_why *);

#endif
