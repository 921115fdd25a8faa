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

enum sp_row_kind { /* what a row is: an identifier, or a note about those of its request */
                   SP_ROW_IDENTIFIER,
                   SP_ROW_WITHDRAWN,  /* they no longer count */
                   SP_ROW_EXEMPTED,   /* `reason` is the basis, `until` its end */
                   SP_ROW_IDENTIFIED, /* who asked was identified on `day` (GDPR art. 12(6)) */
                   SP_ROW_EXTENDED,   /* the term runs until `until` (GDPR art. 12(3)) */
                   SP_ROW_ANSWERED,   /* on `day` */
                   SP_ROW_EXPIRED,    /* an identifier whose tokens were destroyed */
                   SP_ROW_DESTROYED,  /* on `day`: how many, is in `reason` */
                   SP_ROW_KEY_MADE,   /* on `day`: the key whose id is in `reason` */
                   SP_ROW_KEY_DESTROYED,
                   SP_ROW_KIND_COUNT
};
const char *sp_row_kind_name(enum sp_row_kind kind);
/* Of the register as a whole: a row of no request. */
bool sp_row_is_event(enum sp_row_kind kind);

enum sp_request_origin { /* why it is to be forgotten */
                         SP_ORIGIN_REQUEST,
                         SP_ORIGIN_RETENTION,
                         SP_ORIGIN_ACCOUNT_CLOSED,
                         SP_ORIGIN_OPT_OUT,
                         SP_ORIGIN_COUNT
};
const char *sp_request_origin_name(enum sp_request_origin origin);
bool sp_request_origin_from_name(struct sp_slice name, enum sp_request_origin *out);

/* One identifier of one request, or a note about them, as stored. Strings are owned by the row;
 * empty = "". Dates are "YYYY-MM-DD" or "". A note has no tokens, and no type of its own. */
struct sp_register_row {
    uint64_t seq; /* from 1 */
    enum sp_row_kind row_kind;
    uint64_t of_seq; /* a note about this row only; 0: about all rows of its request before it */
    char *req_id;
    enum sp_request_kind kind;
    char key_id[SP_KEY_ID_SIZE]; /* under which its tokens are; of a note: the newest then */
    enum sp_type type;
    unsigned canonical_version;
    unsigned attributes; /* role mailbox, landline, embeds_bsn … as judged when enrolled */
    enum sp_strength strength;
    uint8_t token_count;
    struct {
        uint8_t kind; /* enum sp_token_kind */
        uint8_t bytes[SP_TOKEN_LEN];
    } tokens[SP_TOKEN_KIND_COUNT];
    char received[11], identified[11], due[11], erased_at[11], last_backup_expiry[11];
    enum sp_request_origin origin;
    char day[11], until[11]; /* of a note */
    char *reason;            /* of a note */
    char *decided_by;        /* of a note: a role or a name of staff */
    char *scope;             /* system, or "" for all */
    char *exempt_basis;      /* or "" */
    char exempt_until[11];
    char *legal_basis;                   /* of a BSN row: UAVG art. 46 */
    uint8_t first_digest[SP_DIGEST_LEN]; /* of its line, when it was first written */
    bool rewritten;                      /* since then, with others that were destroyed */
    bool withdrawn;                      /* not stored: a later note says so */
};
void sp_register_row_clear(struct sp_register_row *row);

struct sp_register;

/* Makes register and head, 0600, never over existing ones. */
enum sp_err sp_register_init(const char *path, const struct sp_key *key, struct sp_why *why);
/* Reads and verifies all; the ring `key` must outlive it. Rows under keys that were destroyed are
 * verified like all others. SP_ERR_KEY: missing, readable by others, made with another ring.
 * SP_ERR_ALTERED: a row's MAC or the chain does not hold, or the head knows more rows than there
 * are. What a crash left behind the row that the head names: whole rows, whose MACs and chain hold,
 * count (an old head that is put back hides nothing); half a row at the end is dropped.
 * SP_ERR_CONFIG: a row of a newer speur. */
enum sp_err sp_register_open(const char *path, const struct sp_key *key, struct sp_register **out,
                             struct sp_why *why);
void sp_register_close(struct sp_register *);
/* Rows of all kinds. */
size_t sp_register_count(const struct sp_register *);
/* Identifiers that were not withdrawn. */
size_t sp_register_live_count(const struct sp_register *);
const struct sp_register_row *sp_register_row_at(const struct sp_register *, size_t index);
/* "SEQ:DIGEST" of the head, for evidence and --expect-head. Borrowed. */
const char *sp_register_head(const struct sp_register *);
enum { SP_REGISTER_HEAD_SIZE = 20 + 1 + 2 * SP_DIGEST_LEN + 1 }; /* with the NUL */
/* Whether it is the register whose head this was ("SEQ:DIGEST"), or has grown from it. One that was
 * rolled back has not, however much was added to it since; one whose rows expired has. */
bool sp_register_grew_from(const struct sp_register *, const char *head);
/* --expect-head: fails with SP_ERR_KEY when it did not; SP_ERR_USAGE: no head. */
enum sp_err sp_register_expect(const struct sp_register *, const char *head, struct sp_why *);
/* Appends rows (seq, key_id: that of the newest key, and MAC are filled), durable when it returns
 * (fsync), then the head. SP_ERR_KEY: the register says that this key was destroyed.
 * All or nothing; only when the head alone could not be written the rows stay, and count. A row
 * that is there already (same request, kind, type, tokens), and was not withdrawn, is not added
 * twice: *added counts. A note is always added; SP_ERR_USAGE when it is about no row that counts.
 */
enum sp_err sp_register_append(struct sp_register *, struct sp_register_row *rows, size_t count,
                               size_t *added, struct sp_why *);

/* Destroys the tokens of identifiers whose last backup expired before `today` ("YYYY-MM-DD"), and
 * of those that were withdrawn: their rows stay, with their numbers and dates, and the file is
 * written anew as a whole, with a row at its end that tells of it. *count: how many. dry_run: only
 * counts.
 */
enum sp_err sp_register_expire(struct sp_register *, const char *today, bool dry_run, size_t *count,
                               struct sp_why *);

/* ---- keys (register_keys.c) --------------------------------------------------------------- */

/* Identifiers under this key (NULL: any) that count, and will when those that end before `today`
 * are destroyed ("YYYY-MM-DD"; "": all that count). */
size_t sp_register_key_live(const struct sp_register *, const char *key_id, const char *today);
/* Whether the register says so. */
bool sp_register_key_destroyed(const struct sp_register *, const char *key_id);
/* Notes that a key was made, or that it is destroyed now: from then on no row is enrolled under it.
 * SP_ERR_KEY: an identifier that counts is under the key that would be destroyed. */
enum sp_err sp_register_note_key(struct sp_register *, enum sp_row_kind kind, const char *key_id,
                                 const char *today, struct sp_why *);

/* A key of the ring, or one that rows are under. */
struct sp_key_use {
    char id[SP_KEY_ID_SIZE];
    size_t live;    /* identifiers that count */
    bool on_ring;   /* false: no scan of now can meet them */
    bool destroyed; /* the register says so */
};
enum { SP_KEY_USES_MAX = 64 };
/* The ring's keys, newest first, then others under which identifiers count; gives their number. */
size_t sp_register_key_uses(const struct sp_register *, struct sp_key_use uses[SP_KEY_USES_MAX]);

#endif
