/* The only user of libsodium. One master key; every use has a subkey of its own (crypto_kdf), so
 * that what one use shows tells nothing about another. */
#include "store/seal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "store/private.h"

/* Numbers and contexts of the subkeys are part of the stored form: never change one. */
enum seal_subkey { SEAL_TOKEN = 1, SEAL_KEY_ID, SEAL_MAC = 4, SEAL_VALUES, SEAL_SIGN };
static const char seal_kdf_context[crypto_kdf_CONTEXTBYTES] = "speur-1";

enum {
    SEAL_KEY_BYTES = 32,
    SEAL_SALT_BYTES = crypto_generichash_blake2b_SALTBYTES,
    SEAL_PERSONAL_BYTES = crypto_generichash_blake2b_PERSONALBYTES,
    SEAL_NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEAL_FILE_MAX = 256 /* bytes; the one line of a key file has 77 */
};
static_assert(SEAL_KEY_BYTES == crypto_kdf_KEYBYTES, "a master key is a crypto_kdf key");
static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");

/* The whole key file: this, the key in hexadecimal, a newline. */
static const char seal_file_mark[] = "speur-key-1 ";

/* From sodium_malloc: pages of its own, locked, not dumped, wiped when freed. Bytes only. */
struct sp_key {
    uint8_t master[SEAL_KEY_BYTES];
    uint8_t token[SEAL_KEY_BYTES];
    uint8_t mac[SEAL_KEY_BYTES];
    uint8_t values[SEAL_KEY_BYTES];
    uint8_t personal[SP_TYPE_COUNT][SEAL_PERSONAL_BYTES]; /* what a token of a type is for */
    char id[2 * SP_KEY_ID_LEN + 1];
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

/* Fills everything from key->master. */
static void key_complete(struct sp_key *key)
{
    static const uint8_t words[] = "speur key id";
    uint8_t subkey[SEAL_KEY_BYTES];
    uint8_t digest[SP_KEY_ID_LEN];

    seal_derive(key->token, SEAL_TOKEN, key->master);
    seal_derive(key->mac, SEAL_MAC, key->master);
    seal_derive(key->values, SEAL_VALUES, key->master);
    seal_derive(subkey, SEAL_KEY_ID, key->master);
    crypto_generichash(digest, sizeof digest, words, sizeof words - 1, subkey, sizeof subkey);
    sodium_bin2hex(key->id, sizeof key->id, digest, sizeof digest);
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
    return key;
}

static enum sp_err key_parse(struct sp_slice line, const char *path, struct sp_key *key,
                             struct sp_why *why)
{
    const size_t mark_len = sizeof seal_file_mark - 1;
    const size_t hex_len = 2 * sizeof key->master;
    size_t len = 0;

    if (line.len && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len != mark_len + hex_len || memcmp(line.ptr, seal_file_mark, mark_len) != 0 ||
        sodium_hex2bin(key->master, sizeof key->master, (const char *)line.ptr + mark_len, hex_len,
                       NULL, &len, NULL) != 0 ||
        len != SEAL_KEY_BYTES)
        return sp_fail(why, SP_ERR_KEY, "%s: not a speur key file", path);
    key_complete(key);
    return SP_OK;
}

enum sp_err sp_key_open(const char *path, struct sp_key **out, struct sp_why *why)
{
    struct sp_key *key = key_alloc(why);
    struct sp_buf line;
    enum sp_err err;
    int fd = -1;

    if (!key)
        return SP_ERR_NOMEM;
    sp_buf_init(&line, SEAL_FILE_MAX);
    err = sp_private_open(path, O_RDONLY, &fd, why);
    if (err == SP_ERR_NOINPUT)
        err = SP_ERR_KEY; /* no key: exit status 77 */
    if (!err)
        err = sp_private_read(fd, path, &line, why);
    if (err == SP_ERR_LIMIT)
        err = sp_fail(why, SP_ERR_KEY, "%s: not a speur key file", path);
    if (!err)
        err = key_parse(sp_buf_slice(&line), path, key, why);
    if (!err) {
        *out = key;
        key = NULL;
    }
    if (fd >= 0)
        close(fd);
    sp_buf_wipe(&line);
    sp_key_free(key);
    return err;
}

enum sp_err sp_key_save(const struct sp_key *key, const char *path, struct sp_why *why)
{
    char hex[2 * SEAL_KEY_BYTES + 1];
    char line[sizeof seal_file_mark + sizeof hex];
    enum sp_err err;
    int len;
    int fd = -1;

    sodium_bin2hex(hex, sizeof hex, key->master, sizeof key->master);
    len = snprintf(line, sizeof line, "%s%s\n", seal_file_mark, hex);
    err = sp_private_make(path, &fd, why);
    if (err)
        goto done;
    err = sp_private_write(fd, path, (struct sp_slice){(uint8_t *)line, (size_t)len}, why);
    if (!err)
        err = sp_private_sync(fd, path, why);
    if (!err)
        err = sp_private_sync_parent(path, why);
    if (err)
        unlink(path); /* half a key must not stand in the way of the next attempt */
done:
    if (fd >= 0)
        close(fd);
    sp_wipe(hex, sizeof hex);
    sp_wipe(line, sizeof line);
    return err;
}

enum sp_err sp_key_make(const char *path, struct sp_key **out, struct sp_why *why)
{
    struct sp_key *key = key_alloc(why);
    enum sp_err err;

    if (!key)
        return SP_ERR_NOMEM;
    crypto_kdf_keygen(key->master);
    key_complete(key);
    err = sp_key_save(key, path, why);
    if (err) {
        sp_key_free(key);
        return err;
    }
    *out = key;
    return SP_OK;
}

/* ---- wrapped in a passphrase ---------------------------------------------------------------- */

enum {
    WRAP_SALT = crypto_pwhash_SALTBYTES,
    WRAP_NONCE = crypto_secretbox_NONCEBYTES,
    WRAP_BOX = SEAL_KEY_BYTES + crypto_secretbox_MACBYTES,
    WRAP_BYTES = WRAP_SALT + WRAP_NONCE + WRAP_BOX
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

enum sp_err sp_key_wrap(const struct sp_key *key, struct sp_slice passphrase, struct sp_buf *out,
                        struct sp_why *why)
{
    uint8_t bytes[WRAP_BYTES];
    uint8_t wrapping[crypto_secretbox_KEYBYTES];
    char hex[2 * WRAP_BYTES + 1];
    enum sp_err err;

    randombytes_buf(bytes, WRAP_SALT + WRAP_NONCE);
    err = wrap_key_of(passphrase, bytes, wrapping, why);
    if (err)
        return err;
    crypto_secretbox_easy(bytes + WRAP_SALT + WRAP_NONCE, key->master, sizeof key->master,
                          bytes + WRAP_SALT, wrapping);
    sp_wipe(wrapping, sizeof wrapping);
    sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
    return sp_buf_appendf(out, why, "%s%s", wrap_mark, hex);
}

enum sp_err sp_key_unwrap(struct sp_slice line, struct sp_slice passphrase, struct sp_key **out,
                          struct sp_why *why)
{
    const size_t mark_len = sizeof wrap_mark - 1;
    uint8_t bytes[WRAP_BYTES];
    uint8_t wrapping[crypto_secretbox_KEYBYTES];
    struct sp_key *key;
    size_t len = 0;
    enum sp_err err;

    if (line.len != mark_len + 2 * (size_t)WRAP_BYTES ||
        memcmp(line.ptr, wrap_mark, mark_len) != 0 ||
        sodium_hex2bin(bytes, sizeof bytes, (const char *)line.ptr + mark_len, line.len - mark_len,
                       NULL, &len, NULL) != 0 ||
        len != sizeof bytes)
        return sp_fail(why, SP_ERR_KEY, "not a wrapped key of speur");
    key = key_alloc(why);
    if (!key)
        return SP_ERR_NOMEM;
    err = wrap_key_of(passphrase, bytes, wrapping, why);
    if (!err && crypto_secretbox_open_easy(key->master, bytes + WRAP_SALT + WRAP_NONCE, WRAP_BOX,
                                           bytes + WRAP_SALT, wrapping) != 0)
        err = sp_fail(why, SP_ERR_KEY, "another passphrase, or the kit was altered");
    sp_wipe(wrapping, sizeof wrapping);
    if (err) {
        sp_key_free(key);
        return err;
    }
    key_complete(key);
    *out = key;
    return SP_OK;
}

void sp_key_free(struct sp_key *key)
{
    sodium_free(key); /* wipes; NULL is fine */
}

const char *sp_key_id(const struct sp_key *key)
{
    return key->id;
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
    crypto_generichash(out, SP_DIGEST_LEN, bytes.ptr, bytes.len, key->mac, sizeof key->mac);
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

enum sp_err sp_open_values(const struct sp_key *key, struct sp_slice sealed,
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
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out->data + out->len, &clear_len, NULL, body.ptr,
                                                   body.len, context.ptr, context.len, sealed.ptr,
                                                   key->values) != 0)
        return sp_fail(why, SP_ERR_ALTERED,
                       "kept values were altered, moved, or sealed with "
                       "another key");
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

static void sign_pair(const struct sp_key *key, uint8_t public_key[SP_PUBLIC_KEY_LEN],
                      uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    uint8_t seed[SEAL_KEY_BYTES];
    seal_derive(seed, SEAL_SIGN, key->master);
    crypto_sign_seed_keypair(public_key, secret, seed);
    sp_wipe(seed, sizeof seed);
}

void sp_sign(const struct sp_key *key, struct sp_slice bytes, uint8_t out[SP_SIGNATURE_LEN])
{
    uint8_t public_key[SP_PUBLIC_KEY_LEN];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    sign_pair(key, public_key, secret);
    crypto_sign_detached(out, NULL, bytes.ptr, bytes.len, secret);
    sp_wipe(secret, sizeof secret);
}

void sp_public_key(const struct sp_key *key, uint8_t out[SP_PUBLIC_KEY_LEN])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    sign_pair(key, out, secret);
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
