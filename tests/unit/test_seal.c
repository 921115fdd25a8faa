/* floors: sp_store
 * Keys, tokens, MACs, sealed values. The known answers freeze the stored form: registers keep
 * tokens and no value, so a token that changes silently would stop matching for ever. They were
 * computed a second time by an independent program (BLAKE2b of Python's hashlib). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/seal.h"

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* The key 00 01 02 … 1f. */
static const char fixed_line[] =
    "speur-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static struct sp_key *fixed_key(void)
{
    struct sp_key *key = NULL;

    put_file(path_of("fixed.key"), fixed_line, 0600);
    assert_int_equal(sp_key_open(path_of("fixed.key"), &key, NULL), SP_OK);
    return key;
}

static void hex_of(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static struct sp_canonical canonical_of(const char *text)
{
    struct sp_canonical canonical = {.len = (uint16_t)strlen(text)};

    memcpy(canonical.bytes, text, canonical.len);
    return canonical;
}

static void test_known_answers(void **state)
{
    static const struct {
        enum sp_type type;
        enum sp_token_kind kind;
        const char *canonical, *token;
    } rows[] = {
        {SP_TYPE_EMAIL, SP_TOKEN_EXACT, "jan@voorbeeld.example",
         "86969c29d8a5fd3dc3bc1f6831b72f8b"},
        {SP_TYPE_EMAIL, SP_TOKEN_POSSIBLE, "jan@voorbeeld.example",
         "2a2e27bfbdb6c50c343232db62b08336"},
        {SP_TYPE_IBAN, SP_TOKEN_EXACT, "NL91ABNA0417164300", "44d6d382ffdc2f71f27944653586043d"},
        {SP_TYPE_BSN, SP_TOKEN_EXACT, "111222333", "4586d1fd5e57c7c4772510969900937d"},
        {SP_TYPE_RSIN, SP_TOKEN_EXACT, "111222333", "7b340b69f49d5ffd17b60d3ff0263257"},
        {SP_TYPE_BSN, SP_TOKEN_EMBEDDED, "111222333", "2b78c930e4f8d0e295ae7897080341d0"},
        {SP_TYPE_CUSTOMER_NO, SP_TOKEN_EXACT, "K-10041", "e1740837cde5f6ef20a5190260b8264e"},
        {SP_TYPE_ADDRESS, SP_TOKEN_POSSIBLE, "NL:1234AB:12:", "d95c342962255128bf69d24f8ab5b7dc"},
    };
    struct sp_key *key = fixed_key();
    uint8_t mac[SP_DIGEST_LEN], digest[SP_DIGEST_LEN];
    char hex[2 * SP_DIGEST_LEN + 1];

    (void)state;
    assert_string_equal(sp_key_id(key), "b85aa675db3e122b1faf80d03d366c0f");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sp_canonical canonical = canonical_of(rows[i].canonical);
        uint8_t token[SP_TOKEN_LEN];

        sp_token(key, rows[i].type, rows[i].kind, &canonical, token);
        hex_of(hex, token, sizeof token);
        assert_string_equal(hex, rows[i].token);
    }
    sp_mac(key, sp_slice_of("row"), mac);
    hex_of(hex, mac, sizeof mac);
    assert_string_equal(hex, "ba3c4265a8cb92139fe4e3d5c6dc25359437bf7b0f8cae611ce0ec608f168b63");
    sp_digest(sp_slice_of("row"), digest);
    hex_of(hex, digest, sizeof digest);
    assert_string_equal(hex, "cc26da06a626e9f2b0be5dad000d1b7ae36d7835c0bd392f74c1c69d6d35ea7b");
    sp_key_free(key);
}

static void test_key_file_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "\n",
        "speur-key-1 \n",
        "speur-key-1 00\n",
        "speur-key-2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "speur-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n",
        "speur-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00\n",
        "speur-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n",
    };
    static const mode_t open_modes[] = {0640, 0604, 0660, 0610, 0601};
    struct sp_key *key = NULL;
    struct sp_why why;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put_file(path_of("wrong.key"), wrong[i], 0600);
        assert_int_equal(sp_key_open(path_of("wrong.key"), &key, &why), SP_ERR_KEY);
    }
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        put_file(path_of("open.key"), fixed_line, open_modes[i]);
        assert_int_equal(sp_key_open(path_of("open.key"), &key, &why), SP_ERR_KEY);
        assert_null(strstr(why.text, "0001020304"));
    }
    assert_int_equal(sp_key_open(path_of("missing.key"), &key, &why), SP_ERR_KEY);
    assert_int_equal(sp_key_open(folder, &key, &why), SP_ERR_KEY);
    put_file(path_of("real.key"), fixed_line, 0600);
    assert_int_equal(symlink(path_of("real.key"), path_of("link.key")), 0);
    assert_int_equal(sp_key_open(path_of("link.key"), &key, &why), SP_ERR_KEY);
    assert_int_equal(mkfifo(path_of("fifo.key"), 0600), 0);
    assert_int_equal(sp_key_open(path_of("fifo.key"), &key, &why), SP_ERR_KEY);
    assert_null(key);
}

static void test_key_made_is_new_private_and_never_overwritten(void **state)
{
    struct sp_key *first = NULL, *again = NULL, *other = NULL;
    struct stat status;

    (void)state;
    assert_int_equal(sp_key_make(path_of("deep/er/own.key"), &first, NULL), SP_OK);
    assert_int_equal(stat(path_of("deep/er/own.key"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(path_of("deep/er"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(sp_key_make(path_of("deep/er/own.key"), &again, NULL), SP_ERR_USAGE);
    assert_null(again);
    assert_int_equal(sp_key_open(path_of("deep/er/own.key"), &again, NULL), SP_OK);
    assert_string_equal(sp_key_id(first), sp_key_id(again));
    assert_int_equal(sp_key_make(path_of("other.key"), &other, NULL), SP_OK);
    assert_string_not_equal(sp_key_id(first), sp_key_id(other));
    sp_key_free(first);
    sp_key_free(again);
    sp_key_free(other);
    sp_key_free(NULL);
}

static void test_key_of_another_user_is_refused(void **state)
{
    struct sp_key *key = NULL;

    (void)state;
    if (geteuid() != 0)
        skip();
    put_file(path_of("foreign.key"), fixed_line, 0600);
    assert_int_equal(chown(path_of("foreign.key"), 65534, 65534), 0);
    assert_int_equal(sp_key_open(path_of("foreign.key"), &key, NULL), SP_ERR_KEY);
}

static void test_sealed_values(void **state)
{
    struct sp_slice clear = sp_slice_of("jan@voorbeeld.example");
    struct sp_slice context = sp_slice_of("object 1");
    struct sp_key *key = fixed_key(), *other = NULL;
    struct sp_buf sealed, again, opened;

    (void)state;
    sp_buf_init(&sealed, 4096);
    sp_buf_init(&again, 4096);
    sp_buf_init(&opened, 4096);
    assert_int_equal(sp_key_make(path_of("values.key"), &other, NULL), SP_OK);
    assert_int_equal(sp_seal_values(key, clear, context, &sealed, NULL), SP_OK);
    assert_int_equal(sp_seal_values(key, clear, context, &again, NULL), SP_OK);
    assert_false(sp_slice_equal(sp_buf_slice(&sealed), sp_buf_slice(&again))); /* fresh nonce */
    assert_null(memmem(sealed.data, sealed.len, clear.ptr, clear.len));
    assert_int_equal(sp_open_values(key, sp_buf_slice(&sealed), context, &opened, NULL), SP_OK);
    assert_true(sp_slice_equal(sp_buf_slice(&opened), clear));
    assert_int_equal(sp_open_values(other, sp_buf_slice(&sealed), context, &opened, NULL),
                     SP_ERR_ALTERED);
    assert_int_equal(
        sp_open_values(key, sp_buf_slice(&sealed), sp_slice_of("object 2"), &opened, NULL),
        SP_ERR_ALTERED);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(sp_open_values(key, sp_buf_slice(&sealed), context, &opened, NULL),
                         SP_ERR_ALTERED);
        sealed.data[i] ^= 1;
        assert_int_equal(
            sp_open_values(key, (struct sp_slice){sealed.data, i}, context, &opened, NULL),
            SP_ERR_ALTERED);
    }
    assert_int_equal(opened.len, clear.len); /* failures left nothing behind */
    sp_buf_reset(&sealed);
    sp_buf_reset(&opened);
    assert_int_equal(sp_seal_values(key, (struct sp_slice){NULL, 0}, context, &sealed, NULL),
                     SP_OK);
    assert_int_equal(sp_open_values(key, sp_buf_slice(&sealed), context, &opened, NULL), SP_OK);
    assert_int_equal(opened.len, 0);
    sp_buf_clear(&sealed);
    sp_buf_clear(&again);
    sp_buf_clear(&opened);
    sp_key_free(key);
    sp_key_free(other);
}

static void test_types_kinds_and_keys_give_other_tokens(void **state)
{
    struct sp_canonical canonical = canonical_of("111222333");
    uint8_t tokens[SP_TYPE_COUNT * SP_TOKEN_KIND_COUNT][SP_TOKEN_LEN];
    struct sp_key *key = fixed_key();
    size_t count = 0;

    (void)state;
    for (unsigned type = 0; type < SP_TYPE_COUNT; type++) {
        for (unsigned kind = 0; kind < SP_TOKEN_KIND_COUNT; kind++)
            sp_token(key, (enum sp_type)type, (enum sp_token_kind)kind, &canonical,
                     tokens[count++]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++)
            assert_memory_not_equal(tokens[i], tokens[k], SP_TOKEN_LEN);
    }
    sp_key_free(key);
}

static void test_mac_equal(void **state)
{
    uint8_t a[SP_DIGEST_LEN] = {1}, b[SP_DIGEST_LEN] = {1};

    (void)state;
    assert_true(sp_mac_equal(a, b));
    b[SP_DIGEST_LEN - 1] ^= 0x80;
    assert_false(sp_mac_equal(a, b));
}

static void test_no_memory(void **state)
{
    (void)state;
    put_file(path_of("fixed.key"), fixed_line, 0600);
    for (long nth = 1;; nth++) {
        struct sp_key *key = NULL;
        enum sp_err err;

        sp_mem_fail_at(nth);
        err = sp_key_open(path_of("fixed.key"), &key, NULL);
        sp_mem_fail_at(0);
        sp_key_free(key);
        if (!err)
            break;
        assert_int_equal(err, SP_ERR_NOMEM);
        assert_true(nth < 100);
    }
    for (long nth = 1;; nth++) {
        struct sp_key *key = NULL;
        enum sp_err err;

        sp_mem_fail_at(nth);
        err = sp_key_make(path_of("oom.key"), &key, NULL);
        sp_mem_fail_at(0);
        sp_key_free(key);
        if (!err)
            break;
        assert_int_equal(err, SP_ERR_NOMEM);
        assert_int_not_equal(access(path_of("oom.key"), F_OK), 0); /* no half key left */
        assert_true(nth < 100);
    }
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/speur-seal-XXXXXX");
    return mkdtemp(folder) && sp_seal_init(NULL) == SP_OK ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"fixed.key", "wrong.key",       "open.key",    "real.key",
                                        "link.key",  "fifo.key",        "foreign.key", "values.key",
                                        "other.key", "deep/er/own.key", "oom.key"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]));
    rmdir(path_of("deep/er"));
    rmdir(path_of("deep"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_key_file_is_refused),
        cmocka_unit_test(test_key_made_is_new_private_and_never_overwritten),
        cmocka_unit_test(test_key_of_another_user_is_refused),
        cmocka_unit_test(test_sealed_values),
        cmocka_unit_test(test_types_kinds_and_keys_give_other_tokens),
        cmocka_unit_test(test_mac_equal),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
