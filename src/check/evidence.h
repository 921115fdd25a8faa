/* Evidence: what a check read, what it decided by, and its answer, signed, each report chained to
 * the one before it. JSON on one line; the last key is the signature over all bytes before it.
 * Holds no value of a person, and no token.
 *
 * The chain stands beside the register (REGISTER.evidence): the number and digest of the last
 * report, and the register's head at that time, MACed. */
#ifndef SP_CHECK_EVIDENCE_H
#define SP_CHECK_EVIDENCE_H

#include "base/json.h"
#include "check/verdict.h"

enum { SP_EVIDENCE_BYTES_MAX = 16 << 20, SP_HEX_DIGEST_LEN = 2 * SP_DIGEST_LEN };

struct sp_chain {
    uint64_t number;                           /* of the last report; 0: there is none */
    char digest[SP_HEX_DIGEST_LEN + 1];        /* of its line */
    char register_head[SP_REGISTER_HEAD_SIZE]; /* then; "" before the first report */
};

/* Reads the chain of a register. No file: number 0. SP_ERR_ALTERED: its MAC does not hold.
 * SP_ERR_KEY: the register has not grown from what it was when the last report was made. */
enum sp_err sp_chain_open(const char *register_path, const struct sp_key *key,
                          const struct sp_register *reg, struct sp_chain *chain,
                          struct sp_why *why);

/* A report: {"speur","kind","made","number","previous","user","host","key","keys","register", then
 * what `body` adds, then the signature. */
struct sp_evidence_job {
    const char *path; /* of the report, 0600 */
    const char *kind; /* check, find, answer */
    const char *register_path;
    const struct sp_key *key;
    const struct sp_register *reg;
    void (*body)(struct sp_json *json, void *ctx);
    void *ctx;
};
/* Writes it and moves the chain on, durable when it returns, under a lock: reports that are made at
 * once follow each other. Fails as sp_chain_open does; SP_ERR_IO. */
enum sp_err sp_evidence_write(const struct sp_evidence_job *job, struct sp_why *why);
/* What was read of a root, by the account of its scan: objects, bytes, and what was not by reason.
 */
void sp_evidence_coverage(struct sp_json *json, const struct sp_coverage *coverage);
void sp_evidence_digest(struct sp_json *json, const char *key, const uint8_t digest[SP_DIGEST_LEN]);

/* Whether a report is as it was signed. *reason (a constant) says why not. */
bool sp_evidence_holds(struct sp_slice line, const uint8_t public_key[SP_PUBLIC_KEY_LEN],
                       const char **reason);
/* "speur-public-1 HEX\n", as evidence pubkey writes it. False: it is none. */
bool sp_public_key_read(struct sp_slice line, uint8_t out[SP_PUBLIC_KEY_LEN]);
enum sp_err sp_public_key_write(const struct sp_key *key, struct sp_buf *out, struct sp_why *why);

#endif
