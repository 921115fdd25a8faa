/* The raw byte pass: runs, encodings, borders, entropy.
 * floors: sp_extract */
#include "jobs.h"

#include "extract/entropy.h"
#include "extract/formats.h"

enum { NOISE_BYTES = 700000 }; /* more than two windows */

/* Bytes that look random; xorshift, so that every run sees the same. */
static uint8_t *make_noise(size_t len, uint64_t seed)
{
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bytes[i] = (uint8_t)(seed >> 32);
    }
    return bytes;
}

static enum sp_err known_bytes(struct sp_extract *x, struct sp_why *why)
{
    struct sp_account account = {.top = x->stream};
    x->account = &account;
    enum sp_err err = sp_bytes_extract(x, why);
    x->account = NULL;
    return err;
}

static const struct recorder_job raw = {.extract = known_bytes};

static void expect_raw(struct sp_slice bytes, const char *expected)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 64};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct recorder rec;
        jobs_blocks(&rec, bytes, sizes[i], &raw);
        if (strstr(rec.out, expected) == NULL)
            fail_msg("blocks of %zu: expected %s in:\n%s", sizes[i], expected, rec.out);
        recorder_clear(&rec);
    }
}

#define BYTES(text) ((struct sp_slice){(const uint8_t *)(text), sizeof(text) - 1})

static void test_narrow(void **state)
{
    (void)state;
    expect_raw(BYTES("\0\1\2anna@example.nl\0\3"), "text \"anna@example.nl\\x0a\" @3\n");
    expect_raw(BYTES("\0a@b.nl\0"), "text \"a@b.nl\\x0a\" @1\n"); /* the shortest */
    expect_raw(BYTES("\0a@bnl\0"), "end ? document bytes=0 records=0");
    expect_raw(BYTES("first@x.nl\0second@x.nl"), "text \"first@x.nl\\x0asecond@x.nl\\x0a\" @0\n");
    /* UTF-8 stays, windows-1252 becomes UTF-8, CR LF becomes LF */
    expect_raw(BYTES("\1Ren\xC3\xA9 Mol\0"), "text \"Ren\xC3\xA9 Mol\\x0a\" @1\n");
    expect_raw(BYTES("\1Ren\xE9 Mol x\0"), "text \"Ren\xC3\xA9 Mol x\\x0a\" @1");
    expect_raw(BYTES("\1one line\r\nnext\0"), "text \"one line\\x0anext\\x0a\" @1 @8:10\n");
    expect_raw(BYTES("\1price \x80 each\0"), "text \"price \xE2\x82\xAC each\\x0a\" @1");
    /* letters without ASCII around them are noise: what is between them stands alone */
    expect_raw(
        BYTES("\0a\xE9\xE8z\xE9\xE8y\xE9\xE8 jan@example.nl\xE9\xE8x\xE9\xE8y\xE9\xE8w\xE9\xE8"),
        "jan@example.nl");
}

static void test_wide(void **state)
{
    (void)state;
    static const char text[] = "\0a\0n\0n\0a\0@\0e\0x\0.\0n\0l\0\0\0\1";
    struct sp_slice even = {(const uint8_t *)text + 1, sizeof text - 2};
    struct sp_slice odd = BYTES(text);
    expect_raw(even, "text \"anna@ex.nl\\x0a\" @0 @1:2 @2:4");
    expect_raw(odd, "text \"anna@ex.nl\\x0a\" @1 @1:3 @2:5");
    /* a length or a flag beside a value is no letter of it */
    expect_raw(BYTES("\0anna@example.nl\xC8\0"), "text \"anna@example.nl\\x0a\" @1\n");
    expect_raw(BYTES("\0anna@example.nl\xC8Piet Jansen\0"),
               "text \"anna@example.nl\\x0aPiet Jansen\\x0a\" @1\n");
    expect_raw(BYTES("\xE9"
                     "123456782\xE9\0"),
               "text \"123456782\\x0a\" @1\n");
    expect_raw(BYTES("\1\1\0\0\x12\1x\0@\0y\0.\0n\0l\0\xC8\0\0"),
               "text \"x@y.nl\\x0a\" @6 @1:8 @2:10 @3:12 @4:14 @5:16 @6:18\n");
    expect_raw(BYTES("\1\1R\0e\0n\0\xE9\0\x20\0M\0o\0l\0\xAC\x20\1\1"),
               "text \"Ren\xC3\xA9 Mol\\x0a\"");
    /* ASCII right before and behind */
    struct sp_slice mixed = BYTES("plain text\1w\0i\0d\0e\0r\0 \0t\0e\0x\0t\0plain again");
    expect_raw(mixed, "plain text\\x0aplain again\\x0a");
    expect_raw(mixed, "wider text\\x0a");
}

/* A value at every position around the borders of the windows, in noise and in text. */
static void test_borders(void **state)
{
    (void)state;
    static const char value[] = "\2mail anna@example.nl\2";
    enum { LEN = sizeof value - 1 };
    uint8_t *noise = malloc(NOISE_BYTES);
    assert_non_null(noise);
    for (size_t shift = 0; shift <= LEN; shift++) {
        struct recorder rec;
        char expected[80];
        memset(noise, 3, NOISE_BYTES);
        size_t at = SP_BLOCK_BYTES - shift;
        memcpy(noise + at, value, LEN);
        (void)snprintf(expected, sizeof expected, "text \"mail anna@example.nl\\x0a\" @%zu\n",
                       at + 1);
        jobs_blocks(&rec, (struct sp_slice){noise, NOISE_BYTES}, 0, &raw);
        recorder_expect(&rec, expected);
        recorder_clear(&rec);
        jobs_blocks(&rec, (struct sp_slice){noise, NOISE_BYTES}, 1000, &raw);
        recorder_expect(&rec, expected);
        recorder_clear(&rec);
        for (size_t i = 0; i < 20 && at + 2 * i + 1 < NOISE_BYTES; i++) { /* wide */
            noise[at + 2 * i] = (uint8_t)value[1 + i];
            noise[at + 2 * i + 1] = 0;
        }
        jobs_blocks(&rec, (struct sp_slice){noise, NOISE_BYTES}, 0, &raw);
        recorder_expect(&rec, "mail anna@example.nl\\x0a\"");
        recorder_clear(&rec);
    }
    free(noise);
}

/* A run over several windows is one text: no separator, no lost byte, offsets right. */
static void test_long_run(void **state)
{
    (void)state;
    struct recorder rec;
    uint8_t *bytes = malloc(NOISE_BYTES);
    assert_non_null(bytes);
    memset(bytes, 'x', NOISE_BYTES);
    bytes[0] = 0;
    bytes[NOISE_BYTES - 1] = 0;
    memcpy(bytes + SP_BLOCK_BYTES - 6, "anna@example.nl", 15);
    memcpy(bytes + 2 * SP_BLOCK_BYTES - 1, "\r\nb", 3);
    jobs_blocks(&rec, (struct sp_slice){bytes, NOISE_BYTES}, 0, &raw);
    recorder_expect(&rec, "xxanna@example.nlxx");
    recorder_expect(&rec, "xx\\x0abxx");
    recorder_expect(&rec, "xxxx\\x0a\" @1 @");
    recorder_refuse(&rec, "\\x0axx");
    recorder_clear(&rec);
    for (size_t i = 1; i + 1 < NOISE_BYTES; i += 2) { /* the same as UTF-16 */
        bytes[i] = 'x';
        bytes[i + 1] = 0;
    }
    rec.hide_offsets = true;
    jobs_blocks(&rec, (struct sp_slice){bytes, NOISE_BYTES}, 0, &raw);
    recorder_refuse(&rec, "\\x0ax");
    recorder_expect(&rec, "xxx\\x0a\" @1 @1:3");
    recorder_clear(&rec);
    free(bytes);
}

/* The events do not depend on the size of the blocks, whatever the bytes are. */
static void test_any_blocks(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint8_t *noise = make_noise(3000, seed * 7919);
        for (size_t i = 0; i < 3000 && seed % 2; i++)
            noise[i] = (uint8_t) "\0\0\1\2abcdefghij@.\r\n\xC3\xA9\xE9 09"[noise[i] % 25];
        struct sp_slice bytes = {noise, 3000};
        struct recorder whole;
        jobs_blocks(&whole, bytes, 0, &raw);
        for (size_t block = 1; block < 40; block += 6) {
            struct recorder rec;
            jobs_blocks(&rec, bytes, block, &raw);
            assert_string_equal(rec.out, whole.out);
            recorder_clear(&rec);
        }
        recorder_clear(&whole);
        free(noise);
    }
}

static void test_entropy(void **state)
{
    (void)state;
    struct recorder rec;
    uint8_t *noise = make_noise(NOISE_BYTES, 42);
    jobs_blocks(&rec, (struct sp_slice){noise, NOISE_BYTES}, 0, NULL);
    recorder_expect(&rec, "unread opaque \"unknown format, 7.99 bits a byte\" partial fallback");
    recorder_clear(&rec);
    for (size_t i = 0; i < NOISE_BYTES; i++)
        noise[i] &= 0x7F; /* 7 bits: a program, not a cipher */
    noise[0] = 0;
    jobs_blocks(&rec, (struct sp_slice){noise, NOISE_BYTES}, 0, NULL);
    recorder_refuse(&rec, "unread");
    recorder_clear(&rec);
    struct sp_entropy entropy = {0};
    sp_entropy_add(&entropy, (struct sp_slice){noise, 0});
    assert_int_equal(sp_entropy_milli_bits(&entropy), 0);
    uint8_t two[] = {0, 1};
    sp_entropy_add(&entropy, (struct sp_slice){two, 2});
    assert_int_equal(sp_entropy_milli_bits(&entropy), 1000);
    for (unsigned i = 0; i < 256; i++)
        entropy.counts[i] = 77;
    assert_int_equal(sp_entropy_milli_bits(&entropy), 8000);
    free(noise);
}

static void test_no_memory(void **state)
{
    (void)state;
    jobs_no_memory(BYTES("\0\1\2anna@example.nl\0\3Ren\xE9 Mol x\0"), &raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrow),     cmocka_unit_test(test_wide),
        cmocka_unit_test(test_borders),    cmocka_unit_test(test_long_run),
        cmocka_unit_test(test_any_blocks), cmocka_unit_test(test_entropy),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
