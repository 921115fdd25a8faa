/* ISA-L against zlib: the same events for sound, cut and damaged gzip files, but for bytes that
 * ISA-L may give beyond what zlib does behind a damage.
 * floors: sp_extract */
#include "extract/gzip_body.h"
#include "jobs.h"

#include <locale.h>
#include <zlib.h>

static struct tools tools;

static const char *const names[] = {"one.gz", "two.gz",   "named.gz", "stored.gz", "tail.gz",
                                    "pad.gz", "fixed.gz", "best.gz",  "t.tar.gz"};

enum { NAMES = sizeof names / sizeof names[0] };

static void free_bytes(struct sp_slice bytes)
{
    free((void *)(uintptr_t)bytes.ptr);
}

static void run_both(struct sp_slice bytes, size_t block, struct recorder *fast,
                     struct recorder *slow)
{
    jobs_blocks(fast, bytes, block, NULL);
    sp_gzip_body_off = true;
    jobs_blocks(slow, bytes, block, NULL);
    sp_gzip_body_off = false;
}

/* Where ISA-L is built in, it must be what is tested. */
static void test_present(void **state)
{
    (void)state;
    struct sp_gzip_body *body = NULL;
    assert_int_equal(sp_gzip_body_open(&body, NULL), SP_OK);
    if (body == NULL)
        skip();
    sp_gzip_body_close(body);
    sp_gzip_body_off = true;
    assert_int_equal(sp_gzip_body_open(&body, NULL), SP_OK);
    assert_null(body);
    sp_gzip_body_off = false;
}

static void test_sound(void **state)
{
    (void)state;
    static const size_t blocks[] = {0, 1, 7, 4096};
    for (size_t i = 0; i < NAMES * 4; i++) {
        struct recorder fast;
        struct recorder slow;
        struct sp_slice bytes = tools_read(&tools, names[i / 4]);
        run_both(bytes, blocks[i % 4], &fast, &slow);
        assert_string_equal(fast.out, slow.out);
        recorder_expect(&fast, "anna@example.nl");
        recorder_clear(&fast);
        recorder_clear(&slow);
        free_bytes(bytes);
    }
}

/* All bytes of one body by zlib (`fast` false) or ISA-L. */
static size_t inflate_body(struct sp_slice in, bool fast, uint8_t *out, size_t room)
{
    size_t made = 0;
    if (!fast) {
        z_stream zlib = {.next_in = (uint8_t *)(uintptr_t)in.ptr,
                         .avail_in = (unsigned)in.len,
                         .next_out = out,
                         .avail_out = (unsigned)room};
        assert_int_equal(inflateInit2(&zlib, -MAX_WBITS), Z_OK);
        (void)inflate(&zlib, Z_SYNC_FLUSH);
        made = room - zlib.avail_out;
        (void)inflateEnd(&zlib);
        return made;
    }
    struct sp_gzip_body *body = NULL;
    assert_int_equal(sp_gzip_body_open(&body, NULL), SP_OK);
    if (body == NULL) {
        skip();
        return 0;
    }
    enum sp_gzip_body_end end = SP_GZIP_BODY_MORE;
    size_t more = 1;
    sp_gzip_body_start(body);
    for (; end == SP_GZIP_BODY_MORE && (more > 0 || in.len > 0); made += more)
        end = sp_gzip_body_inflate(body, &in, out + made, room - made, &more);
    if (end == SP_GZIP_BODY_MORE) {
        sp_gzip_body_flush(body, out + made, room - made, &more);
        made += more;
    }
    sp_gzip_body_close(body);
    return made;
}

/* Cut: everything that zlib gives comes out, and it is told like there. */
static void test_cut(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20 };
    uint8_t *fast_out = malloc(ROOM);
    uint8_t *slow_out = malloc(ROOM);
    assert_true(fast_out != NULL && slow_out != NULL);
    for (size_t i = 0; i < NAMES; i++) {
        struct sp_slice bytes = tools_read(&tools, names[i]);
        for (size_t len = 11; len < bytes.len; len += 1 + bytes.len / 60) {
            struct recorder fast;
            struct recorder slow;
            run_both((struct sp_slice){bytes.ptr, len}, 0, &fast, &slow);
            if ((fast.gaps == 0) != (slow.gaps == 0))
                fail_msg("%s cut at %zu:\n%s\nzlib:\n%s", names[i], len, fast.out, slow.out);
            recorder_clear(&fast);
            recorder_clear(&slow);
            struct sp_slice body = {bytes.ptr + 10, len - 10};
            size_t fast_len = inflate_body(body, true, fast_out, ROOM);
            size_t slow_len = inflate_body(body, false, slow_out, ROOM);
            if (fast_len < slow_len || memcmp(fast_out, slow_out, slow_len) != 0)
                fail_msg("%s cut at %zu: %zu, zlib %zu bytes", names[i], len, fast_len, slow_len);
        }
        free_bytes(bytes);
    }
    free(fast_out);
    free(slow_out);
}

/* Damaged: everything that zlib gives comes out, and it is told like there. */
static void test_damaged(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20 };
    uint8_t *fast_out = malloc(ROOM);
    uint8_t *slow_out = malloc(ROOM);
    assert_true(fast_out != NULL && slow_out != NULL);
    for (size_t i = 0; i < NAMES; i++) {
        struct sp_slice bytes = tools_read(&tools, names[i]);
        uint8_t *copy = malloc(bytes.len);
        assert_non_null(copy);
        for (size_t pos = 0; pos < bytes.len; pos += 1 + bytes.len / 60) {
            struct recorder fast;
            struct recorder slow;
            memcpy(copy, bytes.ptr, bytes.len);
            copy[pos] ^= (uint8_t)(1u << (pos % 8));
            run_both((struct sp_slice){copy, bytes.len}, 0, &fast, &slow);
            if ((fast.gaps == 0) != (slow.gaps == 0))
                fail_msg("%s damaged at %zu:\n%s\nzlib:\n%s", names[i], pos, fast.out, slow.out);
            recorder_clear(&fast);
            recorder_clear(&slow);
            struct sp_slice body = {copy + 10, bytes.len - 10};
            size_t fast_len = inflate_body(body, true, fast_out, ROOM);
            size_t slow_len = inflate_body(body, false, slow_out, ROOM);
            if (fast_len < slow_len || memcmp(fast_out, slow_out, slow_len) != 0)
                fail_msg("%s damaged at %zu: %zu, zlib %zu bytes", names[i], pos, fast_len,
                         slow_len);
        }
        free(copy);
        free_bytes(bytes);
    }
    free(fast_out);
    free(slow_out);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    tools_open(&tools);
    tools_run(
        &tools,
        "for i in $(seq 3000); do echo \"$i anna@example.nl $((i * 7919 % 10007))\"; done > t;"
        "gzip -cn t > one.gz; cat one.gz one.gz > two.gz; gzip -c t > named.gz;"
        "head -c 5000 /dev/urandom > r; (cat r; cat t) | gzip -c1 > stored.gz;"
        "(cat one.gz; echo 'behind anna@example.nl') > tail.gz;"
        "(cat one.gz; head -c 2000 /dev/zero; cat one.gz) > pad.gz;"
        "echo 'mail anna@example.nl' | gzip -c > fixed.gz; gzip -c9 t > best.gz;"
        "tar -czf t.tar.gz t r");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&tools);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present),
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
