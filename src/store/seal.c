/* The only user of libsodium. Every use of a master key has a subkey of its own (crypto_kdf), so
 * that what one use shows tells nothing about another.
 *
 * MACs and signatures are made with subkeys of the first key that a ring ever had. When that key is
 * destroyed these two subkeys stay in the key file: nobody can compute a token or the master key
 * from them, and every row of the register and every report can still be verified. */
#include "store/seal_in.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <unistd.h>

/* Numbers and contexts of the subkeys are part of the stored form: never change one. */
enum seal_subkey { SEAL_TOKEN = 1, SEAL_KEY_ID, SEAL_MAC = 4, SEAL_VALUES, SEAL_SIGN };
static const char seal_kdf_context[crypto_kdf_CONTEXTBYTES] = "speur-1";

enum {
    SEAL_KEY_BYTES = 32,
    SEAL_SALT_BYTES = crypto_generichash_blake2b_SALTBYTES,
    SEAL_PERSONAL_BYTES = crypto_generichash_blake2b_PERSONALBYTES,
    SEAL_NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES
};
static_assert(SEAL_KEY_BYTES == crypto_kdf_KEYBYTES, "a master key is a crypto_kdf key");
static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");
static_assert(SEAL_KEY_BYTES == crypto_sign_SEEDBYTES, "a subkey is the seed of a pair");

/* A line of a key file: this, and a master key in hexadecimal. */
static const char seal_key_mark[] = "speur-key-1 ";
/* The last line, once the first key is gone: this, its id, its subkeys SEAL_MAC and SEAL_SIGN. */
static const char seal_first_mark[] = "speur-first-1 ";

/* What is left of the first key of a ring when it is destroyed. */
struct seal_first {
    uint8_t mac[SEAL_KEY_BYTES];
    uint8_t sign[SEAL_KEY_BYTES]; /* seed of the pair that signs */
    char id[SP_KEY_ID_SIZE];
};

/* From sodium_malloc: pages of its own, locked, not dumped, wiped when freed. */
struct sp_key {
    uint8_t master[SEAL_KEY_BYTES];
    uint8_t token[SEAL_KEY_BYTES];
    uint8_t values[SEAL_KEY_BYTES];
    struct seal_first first;                              /* the same in all keys of a ring */
    uint8_t personal[SP_TYPE_COUNT][SEAL_PERSONAL_BYTES]; /* what a token of a type is for */
    char id[SP_KEY_ID_SIZE];
    struct sp_key *older; /* owned; the next of the ring, or NULL */
};

enum sp_err sp_seal_init(struct sp_why *why)
{
    if (sodium_init() < 0)
        return sp_fail(why, SP_ERR_BUG, "libsodium cannot start (no random numbers?)");
    return SP_OK;
}

void sp_wipe(void *memory, size_t len)
{
    if (len)
        sodium_memzero(memory, len);
}

/* ---- keys -------------------------------------------------------------------------------- */

static void seal_derive(uint8_t *out, enum seal_subkey number, const uint8_t *master)
{
    int failed =
        crypto_kdf_derive_from_key(out, SEAL_KEY_BYTES, (uint64_t)number, seal_kdf_context, master);
    assert(!failed); /* only wrong lengths fail */
    (void)failed;
}

/* `sp1:email`, filled up with zero bytes. */
static void key_personal(uint8_t out[SEAL_PERSONAL_BYTES], enum sp_type type)
{
    char text[SEAL_PERSONAL_BYTES + 1] = {0};
    int len =
        snprintf(text, sizeof text, "sp%u:%s", sp_type_canonical_version(type), sp_type_name(type));

    assert(len > 0 && len <= SEAL_PERSONAL_BYTES); /* a longer type name needs another form */
    (void)len;
    memcpy(out, text, SEAL_PERSONAL_BYTES);
}

/* Fills everything from key->master, as if this were the first key of its ring. */
static void key_complete(struct sp_key *key)
{
    static const uint8_t words[] = "speur key id";
    uint8_t subkey[SEAL_KEY_BYTES];
    uint8_t digest[SP_KEY_ID_LEN];

    seal_derive(key->token, SEAL_TOKEN, key->master);
    seal_derive(key->values, SEAL_VALUES, key->master);
    seal_derive(key->first.mac, SEAL_MAC, key->master);
    seal_derive(key->first.sign, SEAL_SIGN, key->master);
    seal_derive(subkey, SEAL_KEY_ID, key->master);
    crypto_generichash(digest, sizeof digest, words, sizeof words - 1, subkey, sizeof subkey);
    sodium_bin2hex(key->id, sizeof key->id, digest, sizeof digest);
    memcpy(key->first.id, key->id, sizeof key->first.id);
    sp_wipe(subkey, sizeof subkey);
    for (unsigned type = 0; type < SP_TYPE_COUNT; type++)
        key_personal(key->personal[type], (enum sp_type)type);
}

/* NULL, with the reason told, when there is no memory or libsodium cannot start. */
static struct sp_key *key_alloc(struct sp_why *why)
{
    struct sp_key *key = NULL;

    if (sp_seal_init(why) != SP_OK)
        return NULL;
    key = sodium_malloc(sizeof *key);
    if (!key)
        sp_fail(why, SP_ERR_NOMEM, "no memory for a key");
    else
        key->older = NULL;
    return key;
}

enum sp_err sp_key_new(struct sp_key *older, struct sp_key **out, struct sp_why *why)
{
    struct sp_key *key = key_alloc(why);

    if (!key)
        return SP_ERR_NOMEM;
    crypto_kdf_keygen(key->master);
    key_complete(key);
    if (older)
        key->first = older->first;
    key->older = older;
    *out = key;
    return SP_OK;
}

void sp_key_cut(struct sp_key *ring, const char *ids)
{
    while (ring->older) {
        struct sp_key *key = ring->older;

        if (sp_key_ids_have(ids, key->id)) {
            ring->older = key->older;
            key->older = NULL;
            sp_key_free(key);
        } else {
            ring = key;
        }
    }
}

void sp_key_free(struct sp_key *key)
{
    while (key) {
        struct sp_key *older = key->older;

        sodium_free(key); /* wipes */
        key = older;
    }
}

const char *sp_key_id(const struct sp_key *key)
{
    return key->id;
}

const char *sp_key_first_id(const struct sp_key *key)
{
    return key->first.id;
}

const struct sp_key *sp_key_older(const struct sp_key *key)
{
    return key->older;
}

unsigned sp_key_count(const struct sp_key *ring)
{
    unsigned count = 0;

    for (; ring; ring = ring->older)
        count++;
    return count;
}

/* ---- lists of ids --------------------------------------------------------------------------- */

void sp_key_ids(const struct sp_key *ring, char out[SP_KEY_IDS_SIZE])
{
    size_t len = 0;

    out[0] = '\0';
    for (; ring; ring = ring->older)
        len += (size_t)snprintf(out + len, SP_KEY_IDS_SIZE - len, "%s%s", len ? " " : "", ring->id);
}

/* The first word of *ids, which goes on behind it; empty at the end. */
static struct sp_slice key_ids_next(const char **ids)
{
    size_t len = strcspn(*ids, " ");
    struct sp_slice id = {(const uint8_t *)*ids, len};

    *ids += len + ((*ids)[len] == ' ');
    return id;
}

static bool key_ids_have(const char *ids, struct sp_slice id)
{
    while (id.len && *ids) {
        if (sp_slice_equal(key_ids_next(&ids), id))
            return true;
    }
    return false;
}

bool sp_key_ids_have(const char *ids, const char *id)
{
    return key_ids_have(ids, sp_slice_of(id));
}

bool sp_key_ids_include(const char *ids, const char *others)
{
    while (*others) {
        if (!key_ids_have(ids, key_ids_next(&others)))
            return false;
    }
    return true;
}

/* ---- as text -------------------------------------------------------------------------------- */

static enum sp_err key_text_hex(struct sp_buf *out, const uint8_t *bytes, size_t len,
                                struct sp_why *why)
{
    char hex[2 * SEAL_KEY_BYTES + 1];
    enum sp_err err;

    sodium_bin2hex(hex, sizeof hex, bytes, len);
    err = sp_buf_append_string(out, hex, why);
    sp_wipe(hex, sizeof hex);
    return err;
}

static enum sp_err key_text_first(struct sp_buf *out, const struct seal_first *first,
                                  struct sp_why *why)
{
    enum sp_err err = sp_buf_appendf(out, why, "%s%s ", seal_first_mark, first->id);

    if (!err)
        err = key_text_hex(out, first->mac, sizeof first->mac, why);
    if (!err)
        err = sp_buf_append_byte(out, ' ', why);
    if (!err)
        err = key_text_hex(out, first->sign, sizeof first->sign, why);
    return err ? err : sp_buf_append_byte(out, '\n', why);
}

enum sp_err sp_key_text(const struct sp_key *ring, struct sp_buf *out, struct sp_why *why)
{
    const struct seal_first *first = &ring->first;
    bool gone = false;
    enum sp_err err = sp_buf_reserve(out, SP_KEY_TEXT_MAX, why); /* never moves: no copy is left */

    for (; ring && !err; ring = ring->older) {
        err = sp_buf_append_string(out, seal_key_mark, why);
        if (!err)
            err = key_text_hex(out, ring->master, sizeof ring->master, why);
        if (!err)
            err = sp_buf_append_byte(out, '\n', why);
        gone = strcmp(ring->id, first->id) != 0;
    }
    return !err && gone ? key_text_first(out, first, why) : err;
}

/* Takes `mark` and what follows up to the newline, or to the end, off the text. */
static bool key_line(struct sp_slice *text, const char *mark, struct sp_slice *line)
{
    size_t len = strlen(mark);
    const uint8_t *newline;

    if (text->len < len || memcmp(text->ptr, mark, len) != 0)
        return false;
    text->ptr += len;
    text->len -= len;
    newline = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
    *line = (struct sp_slice){text->ptr, newline ? (size_t)(newline - text->ptr) : text->len};
    len = line->len + (newline != NULL);
    text->ptr += len;
    text->len -= len;
    return true;
}

static bool key_unhex(struct sp_slice hex, uint8_t *out, size_t len)
{
    size_t got = 0;

    return hex.len == 2 * len &&
           sodium_hex2bin(out, len, (const char *)hex.ptr, hex.len, NULL, &got, NULL) == 0 &&
           got == len;
}

static bool key_parse_first(struct sp_slice line, struct seal_first *first)
{
    const size_t id_len = sizeof first->id - 1;
    const size_t hex_len = 2 * sizeof first->mac;
    uint8_t id[SP_KEY_ID_LEN];

    if (line.len != id_len + 1 + hex_len + 1 + hex_len || line.ptr[id_len] != ' ' ||
        line.ptr[id_len + 1 + hex_len] != ' ' ||
        !key_unhex((struct sp_slice){line.ptr, id_len}, id, sizeof id) ||
        !key_unhex((struct sp_slice){line.ptr + id_len + 1, hex_len}, first->mac,
                   sizeof first->mac) ||
        !key_unhex((struct sp_slice){line.ptr + id_len + 1 + hex_len + 1, hex_len}, first->sign,
                   sizeof first->sign))
        return false;
    sodium_bin2hex(first->id, sizeof first->id, id, sizeof id);
    return true;
}

/* Hangs the key of one line behind *ring, whose last key is *last. */
static enum sp_err key_parse_line(struct sp_slice line, struct sp_key **ring, struct sp_key **last,
                                  struct sp_why *why)
{
    struct sp_key *key = key_alloc(why);

    if (!key)
        return SP_ERR_NOMEM;
    if (!key_unhex(line, key->master, sizeof key->master)) {
        sp_key_free(key);
        return sp_fail(why, SP_ERR_KEY, "not a speur key file");
    }
    key_complete(key);
    for (const struct sp_key *other = *ring; other; other = other->older) {
        if (strcmp(other->id, key->id) == 0) {
            sp_key_free(key);
            return sp_fail(why, SP_ERR_KEY, "damaged: a key stands there twice");
        }
    }
    if (*last)
        (*last)->older = key;
    else
        *ring = key;
    *last = key;
    return SP_OK;
}

/* Who made the first MAC: what the rest of the text tells, else the oldest key. */
static enum sp_err key_parse_end(struct sp_slice text, struct sp_key *ring,
                                 const struct sp_key *last, struct sp_why *why)
{
    struct seal_first first;
    struct sp_slice line;

    if (!last)
        return sp_fail(why, SP_ERR_KEY, "not a speur key file");
    first = last->first;
    if (text.len &&
        (!key_line(&text, seal_first_mark, &line) || !key_parse_first(line, &first) || text.len)) {
        sp_wipe(&first, sizeof first);
        return sp_fail(why, SP_ERR_KEY, "not a speur key file");
    }
    for (; ring; ring = ring->older)
        ring->first = first;
    sp_wipe(&first, sizeof first);
    return SP_OK;
}

enum sp_err sp_key_from_text(struct sp_slice text, struct sp_key **out, struct sp_why *why)
{
    struct sp_key *ring = NULL, *last = NULL;
    struct sp_slice line;
    unsigned count = 0;
    enum sp_err err = SP_OK;

    while (!err && key_line(&text, seal_key_mark, &line)) {
        if (count++ == SP_KEY_MAX)
            err = sp_fail(why, SP_ERR_KEY, "damaged: more than %d keys", SP_KEY_MAX);
        else
            err = key_parse_line(line, &ring, &last, why);
    }
    if (!err)
        err = key_parse_end(text, ring, last, why);
    if (err)
        sp_key_free(ring);
    else
        *out = ring;
    return err;
}

/* ---- wrapped in a passphrase ---------------------------------------------------------------- */

enum {
    WRAP_SALT = crypto_pwhash_SALTBYTES,
    WRAP_NONCE = crypto_secretbox_NONCEBYTES,
    WRAP_HEAD = WRAP_SALT + WRAP_NONCE,
    WRAP_TAG = crypto_secretbox_MACBYTES,
    WRAP_BYTES = WRAP_HEAD + WRAP_TAG + SP_KEY_TEXT_MAX /* the most */
};
static const char wrap_mark[] = "argon2id-moderate ";

static enum sp_err wrap_key_of(struct sp_slice passphrase, const uint8_t *salt, uint8_t *out,
                               struct sp_why *why)
{
    if (crypto_pwhash(out, crypto_secretbox_KEYBYTES, (const char *)passphrase.ptr, passphrase.len,
                      salt, crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the key of a passphrase (256 MiB)");
    return SP_OK;
}

/* What is wrapped: the master key alone, as long as there was no other; else the key file. */
static enum sp_err wrap_content(const struct sp_key *ring, struct sp_buf *out, struct sp_why *why)
{
    if (!ring->older && strcmp(ring->id, ring->first.id) == 0)
        return sp_buf_append(out, ring->master, sizeof ring->master, why);
    return sp_key_text(ring, out, why);
}

static enum sp_err wrap_open_content(struct sp_slice content, struct sp_key **out,
                                     struct sp_why *why)
{
    struct sp_key *key;

    if (content.len != SEAL_KEY_BYTES)
        return sp_key_from_text(content, out, why);
    key = key_alloc(why);
    if (!key)
        return SP_ERR_NOMEM;
    memcpy(key->master, content.ptr, sizeof key->master);
    key_complete(key);
    *out = key;
    return SP_OK;
}

enum sp_err sp_key_wrap(const struct sp_key *ring, struct sp_slice passphrase, struct sp_buf *out,
                        struct sp_why *why)
{
    uint8_t bytes[WRAP_BYTES];
    uint8_t wrapping[crypto_secretbox_KEYBYTES];
    char hex[2 * WRAP_BYTES + 1];
    struct sp_buf content;
    enum sp_err err;

    sp_buf_init(&content, SP_KEY_TEXT_MAX);
    randombytes_buf(bytes, WRAP_HEAD);
    err = wrap_content(ring, &content, why);
    if (!err)
        err = wrap_key_of(passphrase, bytes, wrapping, why);
    if (!err) {
        crypto_secretbox_easy(bytes + WRAP_HEAD, content.data, content.len, bytes + WRAP_SALT,
                              wrapping);
        sodium_bin2hex(hex, sizeof hex, bytes, WRAP_HEAD + WRAP_TAG + content.len);
        err = sp_buf_appendf(out, why, "%s%s", wrap_mark, hex);
    }
    sp_wipe(wrapping, sizeof wrapping);
    sp_buf_wipe(&content);
    return err;
}

enum sp_err sp_key_unwrap(struct sp_slice line, struct sp_slice passphrase, struct sp_key **out,
                          struct sp_why *why)
{
    const size_t mark_len = sizeof wrap_mark - 1;
    uint8_t bytes[WRAP_BYTES];
    uint8_t content[SP_KEY_TEXT_MAX];
    uint8_t wrapping[crypto_secretbox_KEYBYTES];
    size_t len = 0;
    enum sp_err err;

    if (line.len <= mark_len || memcmp(line.ptr, wrap_mark, mark_len) != 0 ||
        sodium_hex2bin(bytes, sizeof bytes, (const char *)line.ptr + mark_len, line.len - mark_len,
                       NULL, &len, NULL) != 0 ||
        2 * len != line.len - mark_len || len < WRAP_HEAD + WRAP_TAG + SEAL_KEY_BYTES)
        return sp_fail(why, SP_ERR_KEY, "not a wrapped key of speur");
    err = sp_seal_init(why);
    if (!err)
        err = wrap_key_of(passphrase, bytes, wrapping, why);
    if (!err && crypto_secretbox_open_easy(content, bytes + WRAP_HEAD, len - WRAP_HEAD,
                                           bytes + WRAP_SALT, wrapping) != 0)
        err = sp_fail(why, SP_ERR_KEY, "another passphrase, or the kit was altered");
    if (!err)
        err = wrap_open_content((struct sp_slice){content, len - WRAP_HEAD - WRAP_TAG}, out, why);
    sp_wipe(wrapping, sizeof wrapping);
    sp_wipe(content, sizeof content);
    return err;
}

/* ---- tokens, MACs, digests --------------------------------------------------------------- */

enum sp_token_kind sp_token_computed(enum sp_type type, enum sp_token_kind kind)
{
    return kind == SP_TOKEN_EMBEDDED || type == SP_TYPE_NAME ? SP_TOKEN_EXACT : kind;
}

void sp_token(const struct sp_key *key, enum sp_type type, enum sp_token_kind kind,
              const struct sp_canonical *canonical, uint8_t out[SP_TOKEN_LEN])
{
    uint8_t salt[SEAL_SALT_BYTES] = {(uint8_t)kind};
    int failed;

    assert(canonical->len <= SP_CANONICAL_MAX);
    failed = crypto_generichash_blake2b_salt_personal(out, SP_TOKEN_LEN, canonical->bytes,
                                                      canonical->len, key->token, sizeof key->token,
                                                      salt, key->personal[type]);
    assert(!failed);
    (void)failed;
}

void sp_mac(const struct sp_key *key, struct sp_slice bytes, uint8_t out[SP_DIGEST_LEN])
{
    crypto_generichash(out, SP_DIGEST_LEN, bytes.ptr, bytes.len, key->first.mac,
                       sizeof key->first.mac);
}

bool sp_mac_equal(const uint8_t a[SP_DIGEST_LEN], const uint8_t b[SP_DIGEST_LEN])
{
    return sodium_memcmp(a, b, SP_DIGEST_LEN) == 0;
}

void sp_digest(struct sp_slice bytes, uint8_t out[SP_DIGEST_LEN])
{
    crypto_generichash(out, SP_DIGEST_LEN, bytes.ptr, bytes.len, NULL, 0);
}

/* ---- kept values -------------------------------------------------------------------------- */

enum sp_err sp_seal_values(const struct sp_key *key, struct sp_slice clear, struct sp_slice context,
                           struct sp_buf *out, struct sp_why *why)
{
    unsigned long long sealed_len = 0;
    uint8_t *nonce;
    enum sp_err err;

    if (clear.len > SIZE_MAX - SEAL_NONCE_BYTES - SEAL_TAG_BYTES)
        return sp_fail(why, SP_ERR_LIMIT, "values too large to seal");
    err = sp_buf_reserve(out, SEAL_NONCE_BYTES + clear.len + SEAL_TAG_BYTES, why);
    if (err)
        return err;
    nonce = out->data + out->len;
    randombytes_buf(nonce, SEAL_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + SEAL_NONCE_BYTES, &sealed_len, clear.ptr,
                                               clear.len, context.ptr, context.len, NULL, nonce,
                                               key->values);
    out->len += SEAL_NONCE_BYTES + (size_t)sealed_len;
    return SP_OK;
}

enum sp_err sp_open_values(const struct sp_key *ring, struct sp_slice sealed,
                           struct sp_slice context, struct sp_buf *out, struct sp_why *why)
{
    unsigned long long clear_len = 0;
    struct sp_slice body;
    enum sp_err err;

    if (sealed.len < SEAL_NONCE_BYTES + SEAL_TAG_BYTES)
        return sp_fail(why, SP_ERR_ALTERED, "kept values are cut");
    body.ptr = sealed.ptr + SEAL_NONCE_BYTES;
    body.len = sealed.len - SEAL_NONCE_BYTES;
    /* At least one byte, so that there is somewhere to write even when nothing was kept. */
    err = sp_buf_reserve(out, body.len - SEAL_TAG_BYTES + 1, why);
    if (err)
        return err;
    while (ring && crypto_aead_xchacha20poly1305_ietf_decrypt(
                       out->data + out->len, &clear_len, NULL, body.ptr, body.len, context.ptr,
                       context.len, sealed.ptr, ring->values) != 0)
        ring = ring->older;
    if (!ring)
        return sp_fail(why, SP_ERR_ALTERED,
                       "kept values were altered, moved, or sealed with a key that is not there");
    out->len += (size_t)clear_len;
    return SP_OK;
}

/* ---- digests in parts, signatures ----------------------------------------------------------- */
struct sp_digester {
    crypto_generichash_state state;
};

enum sp_err sp_digester_new(struct sp_digester **out, struct sp_why *why)
{
    /* not sp_alloc: the state wants an alignment of 64 bytes */
    struct sp_digester *digester = sodium_malloc(sizeof *digester);
    if (digester == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a digest");
    crypto_generichash_init(&digester->state, NULL, 0, SP_DIGEST_LEN);
    *out = digester;
    return SP_OK;
}

void sp_digester_add(struct sp_digester *digester, struct sp_slice bytes)
{
    crypto_generichash_update(&digester->state, bytes.ptr, bytes.len);
}

void sp_digester_end(struct sp_digester *digester, uint8_t out[SP_DIGEST_LEN])
{
    crypto_generichash_final(&digester->state, out, SP_DIGEST_LEN);
    sodium_free(digester);
}

enum sp_err sp_digest_fd(int fd, uint8_t out[SP_DIGEST_LEN], struct sp_why *why)
{
    uint8_t block[64 * 1024];
    struct sp_digester *digester;
    ssize_t got = 1;
    enum sp_err err = sp_digester_new(&digester, why);
    if (err != SP_OK)
        return err;
    while (got > 0 || (got < 0 && errno == EINTR)) {
        got = read(fd, block, sizeof block);
        if (got > 0)
            sp_digester_add(digester, (struct sp_slice){block, (size_t)got});
    }
    int failed = errno;
    sp_digester_end(digester, out);
    return got == 0 ? SP_OK : sp_fail(why, SP_ERR_IO, "cannot read: %s", strerrordesc_np(failed));
}

void sp_sign(const struct sp_key *key, struct sp_slice bytes, uint8_t out[SP_SIGNATURE_LEN])
{
    uint8_t public_key[SP_PUBLIC_KEY_LEN];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public_key, secret, key->first.sign);
    crypto_sign_detached(out, NULL, bytes.ptr, bytes.len, secret);
    sp_wipe(secret, sizeof secret);
}

void sp_public_key(const struct sp_key *key, uint8_t out[SP_PUBLIC_KEY_LEN])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(out, secret, key->first.sign);
    sp_wipe(secret, sizeof secret);
}

bool sp_signature_holds(const uint8_t public_key[SP_PUBLIC_KEY_LEN], struct sp_slice bytes,
                        const uint8_t signature[SP_SIGNATURE_LEN])
{
    return crypto_sign_verify_detached(signature, bytes.ptr, bytes.len, public_key) == 0;
}

/* ---- bytes that wait ----------------------------------------------------------------------- */
enum { SCRAMBLE_BLOCK = 64 }; /* of the key stream */

struct sp_scramble {
    uint8_t key[crypto_stream_xchacha20_KEYBYTES];
    uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES];
};

enum sp_err sp_scramble_new(struct sp_scramble **out, struct sp_why *why)
{
    struct sp_scramble *scramble = sodium_malloc(sizeof *scramble);
    if (scramble == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a key");
    crypto_stream_xchacha20_keygen(scramble->key);
    randombytes_buf(scramble->nonce, sizeof scramble->nonce);
    *out = scramble;
    return SP_OK;
}

void sp_scramble_free(struct sp_scramble *scramble)
{
    sodium_free(scramble); /* wipes; NULL is fine */
}

void sp_scramble_bytes(const struct sp_scramble *scramble, uint64_t off, uint8_t *bytes, size_t len)
{
    size_t skip = (size_t)(off % SCRAMBLE_BLOCK);
    uint64_t block = off / SCRAMBLE_BLOCK;
    if (skip > 0) {
        uint8_t first[SCRAMBLE_BLOCK] = {0};
        size_t part = len < SCRAMBLE_BLOCK - skip ? len : SCRAMBLE_BLOCK - skip;
        memcpy(first + skip, bytes, part);
        (void)crypto_stream_xchacha20_xor_ic(first, first, sizeof first, scramble->nonce, block,
                                             scramble->key);
        memcpy(bytes, first + skip, part);
        sp_wipe(first, sizeof first);
        bytes += part;
        len -= part;
        block++;
    }
    if (len > 0)
        (void)crypto_stream_xchacha20_xor_ic(bytes, bytes, len, scramble->nonce, block,
                                             scramble->key);
}
