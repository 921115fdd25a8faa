/* gzip, bzip2, xz, zstd and lz4 as transparent layers.
 * floors: sp_extract */
#include "jobs.h"

#include <locale.h>

static struct tools tools;

static const char *const packers[] = {"gzip", "bzip2", "xz", "zstd", "lz4"};
enum { PACKERS = sizeof packers / sizeof packers[0] };

/* One object, whatever was taken off it. */
static void test_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < PACKERS; i++) {
        char expected[160];
        char name[32];
        struct recorder rec;
        (void)snprintf(name, sizeof name, "a.%s", packers[i]);
        (void)snprintf(expected, sizeof expected,
                       "  record document 1 line=1\n    text \"mail anna@example.nl\\x0a\" @0\n"
                       "  end record\nend %s+plain document us-ascii bytes=21 records=1 complete\n",
                       packers[i]);
        jobs_file(&rec, &tools, name, NULL);
        assert_string_equal(rec.out, expected);
        recorder_clear(&rec);
        struct sp_slice bytes = tools_read(&tools, name);
        jobs_any_blocks(bytes);
        free((void *)(uintptr_t)bytes.ptr);
    }
}

/* A chain of all five over a tar: its members hang directly below the one object. */
static void test_chain(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "tar -cf - a.txt | gzip | bzip2 | xz | zstd -q | lz4 -q > chain");
    jobs_file(&rec, &tools, "chain", NULL);
    recorder_expect(&rec, "  begin member 1 \"a.txt\" size=21");
    recorder_expect(&rec,
                    "\nend lz4+zstd+xz+bzip2+gzip+tar archive bytes=10240 records=0 complete");
    assert_int_equal(rec.objects, 1);
    recorder_clear(&rec);
}

/* Layers count as containers: a file that unpacks to itself ends. */
static void test_depth(void **state)
{
    (void)state;
    struct recorder rec;
    struct sp_limits limits;
    sp_limits_init(&limits);
    limits.depth_max = 3;
    struct recorder_job job = {.limits = &limits};
    tools_run(&tools, "gzip -n < a.txt | gzip -n | gzip -n > deep3; gzip -n < deep3 > deep4");
    jobs_file(&rec, &tools, "deep3", &job);
    recorder_expect(&rec, "mail anna@example.nl");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "deep4", &job);
    recorder_expect(&rec, "unread limit_depth \"deeper than 3 containers\" partial fallback");
    recorder_clear(&rec);
}

static void test_empty(void **state)
{
    (void)state;
    tools_run(&tools, ": > e; for c in gzip bzip2 xz zstd lz4; do $c -c < e > e.$c; done");
    for (size_t i = 0; i < PACKERS; i++) {
        char name[32];
        struct recorder rec;
        (void)snprintf(name, sizeof name, "e.%s", packers[i]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "+empty document bytes=0 records=0 complete");
        recorder_clear(&rec);
    }
}

/* Compressed files that were joined are one stream. */
static void test_joined(void **state)
{
    (void)state;
    tools_run(&tools,
              "for c in gzip bzip2 xz zstd lz4; do cat a.$c a.$c > j.$c; done;"
              "(cat a.gzip; head -c 1000 /dev/zero; cat a.gzip; head -c 700 /dev/zero) > j0.gzip");
    for (size_t i = 0; i <= PACKERS; i++) {
        char name[32];
        struct recorder rec;
        (void)snprintf(name, sizeof name, "%s.%s", i < PACKERS ? "j" : "j0", packers[i % PACKERS]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0amail anna@example.nl\\x0a\" @0\n");
        recorder_expect(&rec, "complete");
        recorder_clear(&rec);
    }
}

/* A bomb is cut off by its ratio; what came before the limit was read. */
static void test_ratio(void **state)
{
    (void)state;
    struct sp_limits limits;
    sp_limits_init(&limits);
    limits.ratio_free_bytes = 1 << 20;
    struct recorder_job job = {.limits = &limits};
    tools_run(&tools, "(echo 'mail anna@example.nl'; head -c 20000000 /dev/zero) > z;"
                      "for c in gzip bzip2 xz zstd lz4; do $c -c < z > z.$c; done; rm z");
    for (size_t i = 0; i < PACKERS; i++) {
        char name[32];
        struct recorder rec;
        (void)snprintf(name, sizeof name, "z.%s", packers[i]);
        jobs_file(&rec, &tools, name, &job);
        recorder_expect(&rec, "mail anna@example.nl");
        recorder_expect(&rec, "unread limit_ratio \"");
        recorder_expect(&rec, "partial\n");
        recorder_clear(&rec);
    }
}

static void test_gzip_name(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "cp a.txt 'cato@example.nl'; gzip -c 'cato@example.nl' > other.gz");
    jobs_file(&rec, &tools, "other.gz", NULL);
    recorder_expect(&rec, "  record name 1\n    text \"cato@example.nl\" @0:?\n  end record\n");
    recorder_expect(&rec, "records=2 complete");
    recorder_clear(&rec);
}

/* Damage of every kind to small files. */
static void test_damage(void **state)
{
    (void)state;
    tools_run(&tools, "seq 1 3000 > s.txt; for c in gzip bzip2 xz zstd lz4; do"
                      " $c -c < s.txt > s.$c; done");
    for (size_t i = 0; i < PACKERS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "s.%s", packers[i]);
        struct sp_slice bytes = tools_read(&tools, name);
        struct recorder rec;
        jobs_blocks(&rec, (struct sp_slice){bytes.ptr, bytes.len / 2}, 0, NULL);
        recorder_expect(&rec, "unread truncated");
        recorder_clear(&rec);
        jobs_cut(bytes, bytes.len / 97 + 1, 10, bytes.len);
        jobs_flip(bytes, bytes.len / 199 + 1);
        free((void *)(uintptr_t)bytes.ptr);
    }
}

/* Cut at every byte. */
static void test_cut_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < PACKERS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "a.%s", packers[i]);
        struct sp_slice bytes = tools_read(&tools, name);
        jobs_cut(bytes, 1, 10, bytes.len);
        free((void *)(uintptr_t)bytes.ptr);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    struct recorder_job job = {0};
    for (size_t i = 0; i < PACKERS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "a.%s", packers[i]);
        struct sp_slice bytes = tools_read(&tools, name);
        jobs_no_memory(bytes, &job);
        free((void *)(uintptr_t)bytes.ptr);
    }
}

static int setup(void **state)
{
    (void)state;
    tools_open(&tools);
    tools_run(&tools, "echo 'mail anna@example.nl' > a.txt;"
                      "for c in gzip bzip2 xz zstd lz4; do $c -c < a.txt > a.$c; done");
    return setlocale(LC_CTYPE, "C.UTF-8") == NULL;
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
        cmocka_unit_test(test_layers),         cmocka_unit_test(test_chain),
        cmocka_unit_test(test_depth),          cmocka_unit_test(test_empty),
        cmocka_unit_test(test_joined),         cmocka_unit_test(test_ratio),
        cmocka_unit_test(test_gzip_name),      cmocka_unit_test(test_damage),
        cmocka_unit_test(test_cut_everywhere), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
