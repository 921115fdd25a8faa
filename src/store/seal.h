/* The only way to keep a value: as keyed tokens, a mask and, when asked for, encrypted. The only
 * user of libsodium. Everything that goes in is wiped by the caller right after.
 *
 * Token: keyed BLAKE2b (crypto_generichash_blake2b_salt_personal), 16 bytes out; personal =
 * "sp1:<type>" zero-padded to 16 bytes, the digit being the version of the canonical form; salt =
 * kind (exact, possible, embedded). The token key is a subkey (crypto_kdf) of a 32-byte master key.
 */
#ifndef SP_STORE_SEAL_H
#define SP_STORE_SEAL_H

#include "base/buf.h"
#include "speur/finding.h"

enum { SP_TOKEN_LEN = 16, SP_KEY_ID_LEN = 16, SP_MASK_LEN = 48, SP_DIGEST_LEN = 32 };
enum {
    SP_KEY_MAX = 4,                               /* live keys of a ring */
    SP_KEY_ID_SIZE = 2 * SP_KEY_ID_LEN + 1,       /* bytes of an id in hexadecimal, with its NUL */
    SP_KEY_IDS_SIZE = SP_KEY_MAX * SP_KEY_ID_SIZE /* of a list: ids with a blank between, a NUL */
};

enum sp_token_kind { SP_TOKEN_EXACT, SP_TOKEN_POSSIBLE, SP_TOKEN_EMBEDDED, SP_TOKEN_KIND_COUNT };
enum {
    SP_TOKENS_MAX = SP_KEY_MAX * SP_TOKEN_KIND_COUNT /* of a value, under all keys of a ring */
};

/* A master key and its subkeys: locked in memory, wiped when freed. Keys hang together in a *ring*
 * of at most SP_KEY_MAX, newest first; a ring is given by its newest key, which owns the others.
 * What enrols, seals or computes a token takes the key that it is given; the older ones are reached
 * with sp_key_older. MACs and signatures are the same with every key of a ring: they are made with
 * subkeys of the first key that it ever had, which outlive that key. */
struct sp_key;

/* Reads a key file: a ring. SP_ERR_KEY: missing, not a key file, damaged, readable by group or
 * others. */
enum sp_err sp_key_open(const char *path, struct sp_key **out, struct sp_why *why);
/* Makes a ring of one new random key, 0600, never over an existing file; makes its directory
 * (0700). */
enum sp_err sp_key_make(const char *path, struct sp_key **out, struct sp_why *why);
/* The whole ring; NULL is fine. */
void sp_key_free(struct sp_key *ring);
/* Appends the ring as one line without a newline, encrypted with a passphrase (Argon2id, RFC 9106),
 * for keeping elsewhere. Takes 256 MiB and about a second on purpose. */
enum sp_err sp_key_wrap(const struct sp_key *ring, struct sp_slice passphrase, struct sp_buf *out,
                        struct sp_why *why);
/* The other way. SP_ERR_KEY: not such a line, or another passphrase. */
enum sp_err sp_key_unwrap(struct sp_slice line, struct sp_slice passphrase, struct sp_key **out,
                          struct sp_why *why);
/* Writes a key file, 0600, never over an existing one. */
enum sp_err sp_key_save(const struct sp_key *ring, const char *path, struct sp_why *why);
/* The next older key of the ring, borrowed; NULL: there is none. */
const struct sp_key *sp_key_older(const struct sp_key *key);
/* Keys from this one to the oldest. */
unsigned sp_key_count(const struct sp_key *ring);
/* 32 hexadecimal characters + NUL that name this key without telling it. Borrowed. */
const char *sp_key_id(const struct sp_key *key);
/* Of the first key of the ring, which need not be there any more. It names register and reports. */
const char *sp_key_first_id(const struct sp_key *key);

/* The ids of a ring as a list, newest first. */
void sp_key_ids(const struct sp_key *ring, char out[SP_KEY_IDS_SIZE]);
/* Whether this id is in the list; an empty one never is. */
bool sp_key_ids_have(const char *ids, const char *id);
/* Whether every id of `others` is in the list. */
bool sp_key_ids_include(const char *ids, const char *others);

/* As which kind a token is computed: an embedded BSN gets the exact token of that BSN, and the form
 * of a name with an initial the exact token of a name that is written so; both sides meet. */
enum sp_token_kind sp_token_computed(enum sp_type type, enum sp_token_kind kind);
void sp_token(const struct sp_key *key, enum sp_type type, enum sp_token_kind kind,
              const struct sp_canonical *canonical, uint8_t out[SP_TOKEN_LEN]);
/* MAC of register rows and heads: with a subkey of the ring's first key. */
void sp_mac(const struct sp_key *key, struct sp_slice bytes, uint8_t out[SP_DIGEST_LEN]);
/* Constant-time comparison. */
bool sp_mac_equal(const uint8_t a[SP_DIGEST_LEN], const uint8_t b[SP_DIGEST_LEN]);
/* Plain BLAKE2b digest, no key. */
void sp_digest(struct sp_slice bytes, uint8_t out[SP_DIGEST_LEN]);

/* A digest over bytes that come in parts. */
struct sp_digester;
enum sp_err sp_digester_new(struct sp_digester **out, struct sp_why *why);
void sp_digester_add(struct sp_digester *digester, struct sp_slice bytes);
/* Frees it. */
void sp_digester_end(struct sp_digester *digester, uint8_t out[SP_DIGEST_LEN]);
/* Of what a descriptor gives from its position to its end. SP_ERR_IO. */
enum sp_err sp_digest_fd(int fd, uint8_t out[SP_DIGEST_LEN], struct sp_why *why);

/* Ed25519 (RFC 8032) with a pair of its own made from the ring's first key: who has the public key
 * alone can check, and cannot sign. It stays the same as long as the ring lives. */
enum { SP_PUBLIC_KEY_LEN = 32, SP_SIGNATURE_LEN = 64 };
void sp_sign(const struct sp_key *key, struct sp_slice bytes, uint8_t out[SP_SIGNATURE_LEN]);
void sp_public_key(const struct sp_key *key, uint8_t out[SP_PUBLIC_KEY_LEN]);
bool sp_signature_holds(const uint8_t public_key[SP_PUBLIC_KEY_LEN], struct sp_slice bytes,
                        const uint8_t signature[SP_SIGNATURE_LEN]);

/* Authenticated encryption of values kept with --keep-values (XChaCha20-Poly1305, random nonce in
 * front). `context` is authenticated, so that a blob cannot be moved to another place. */
enum sp_err sp_seal_values(const struct sp_key *key, struct sp_slice clear, struct sp_slice context,
                           struct sp_buf *out, struct sp_why *why);
/* With whichever key of the ring sealed them. SP_ERR_ALTERED: none of these, moved or altered. */
enum sp_err sp_open_values(const struct sp_key *ring, struct sp_slice sealed,
                           struct sp_slice context, struct sp_buf *out, struct sp_why *why);

/* Scrambles bytes that wait outside memory (restore/scratch.c): XChaCha20 with a key that is made
 * anew and never kept. Applied twice, the bytes are as they were. No authentication: nobody else
 * has the descriptor. */
struct sp_scramble;
enum sp_err sp_scramble_new(struct sp_scramble **out, struct sp_why *why);
void sp_scramble_free(struct sp_scramble *scramble);
/* `off`: where the first byte stands in the file. */
void sp_scramble_bytes(const struct sp_scramble *scramble, uint64_t off, uint8_t *bytes,
                       size_t len);

/* Masks by type (store/mask.c): IBAN country + last 3, e-mail first letter of each part + TLD, …
 * `hint` false masks everything. Always NUL-terminated. */
void sp_mask(enum sp_type type, const struct sp_canonical *canonical, bool hint,
             char out[SP_MASK_LEN]);

/* Overwrites memory in a way that the compiler keeps. */
void sp_wipe(void *memory, size_t len);
/* crypto start-up; once, before threads. */
enum sp_err sp_seal_init(struct sp_why *why);

#endif
