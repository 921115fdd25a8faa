/* 7z, rar, cab, iso, cpio, ar, xar, warc, rpm, and the filters lzma, lzip and compress: made by
 * real tools (rar by tests/make_rar), read whole or reported. floors: sp_extract */
#include "jobs.h"

#include <locale.h>

static struct tools tools;

#define MAKE_RAR SPEUR_SOURCE_DIR "/tests/make_rar"

static void free_bytes(struct sp_slice bytes)
{
    free((void *)(uintptr_t)bytes.ptr);
}

static void expect_no_gap(const struct recorder *rec)
{
    const char *at = strstr(rec->out, "unread");
    if (rec->gaps != 0)
        fail_msg("%.300s\n...\n%s", at, rec->out);
}

/* Every archive holds a.txt and sub/b.txt. */
static const struct {
    const char *name;
    const char *format;
} archives[] = {
    {"m.7z", "end 7z archive"},        {"m4.rar", "end rar archive"},
    {"m5.rar", "end rar archive"},     {"m.cab", "end cab archive"},
    {"m.iso", "end iso archive"},      {"plain.iso", "end iso archive"},
    {"newc.cpio", "end cpio archive"}, {"odc.cpio", "end cpio archive"},
    {"crc.cpio", "end cpio archive"},  {"bin.cpio", "end cpio archive"},
    {"m.xar", "end xar archive"},      {"m.ar", "end ar archive"},
    {"bsd.ar", "end ar archive"},      {"sfx.exe", "end 7z archive"},
    {"sfx4.exe", "end rar archive"},   {"sfx5.exe", "end rar archive"},
};

enum { ARCHIVES = sizeof archives / sizeof archives[0] };

static void make_archives(void)
{
    tools_run(&tools,
              "mkdir sub; echo 'mail anna@example.nl' > a.txt;"
              "for i in $(seq 400); do echo \"$i bram@example.nl\"; done > sub/b.txt;"
              "cp sub/b.txt b.txt; ln -s a.txt link;"
              "7z a -bd m.7z a.txt sub > /dev/null;"
              "bsdtar -cf m.xar --format=xar a.txt sub;"
              "for f in newc odc crc bin; do find a.txt sub link | cpio --quiet -o -H $f > $f.cpio;"
              "done; gcab -c -n m.cab a.txt sub/b.txt 2>/dev/null || gcab -c m.cab a.txt sub/b.txt;"
              "genisoimage -quiet -J -R -o m.iso a.txt b.txt;"
              "genisoimage -quiet -o plain.iso a.txt b.txt;"
              "ar rc m.ar a.txt b.txt; bsdtar -cf bsd.ar --format=arbsd a.txt b.txt;");
    tools_run(&tools, MAKE_RAR " 4 m4.rar a.txt sub/b.txt; " MAKE_RAR " 5 m5.rar a.txt sub/b.txt;"
                               "head -c 300000 /bin/ls > stub; head -c 200000 /dev/zero >> stub;"
                               "cat stub m.7z > sfx.exe; cat stub m4.rar > sfx4.exe;"
                               "cat stub m5.rar > sfx5.exe");
}

static void test_members(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARCHIVES; i++) {
        struct recorder rec;
        jobs_file(&rec, &tools, archives[i].name, NULL);
        recorder_expect(&rec, archives[i].format);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        recorder_expect(&rec, "400 bram@example.nl\\x0a\"");
        expect_no_gap(&rec);
        recorder_clear(&rec);
    }
}

/* Cut anywhere: told, unless only padding or nothing but the mark of the format is gone. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARCHIVES; i++) {
        struct sp_slice bytes = tools_read(&tools, archives[i].name);
        for (size_t part = 1; part < 40; part++) {
            struct recorder rec;
            size_t len = bytes.len * part / 40;
            tools_write(&tools, "cut", (struct sp_slice){bytes.ptr, len});
            jobs_file(&rec, &tools, "cut", NULL);
            bool whole = strstr(rec.out, "400 bram@example.nl\\x0a\"") != NULL &&
                         strstr(rec.out, "text \"mail anna@example.nl\\x0a\" @0") != NULL;
            bool known = strstr(rec.out, archives[i].format) != NULL;
            if (rec.gaps == 0 && known && !whole)
                fail_msg("%s cut at %zu of %zu:\n%s", archives[i].name, len, bytes.len, rec.out);
            recorder_clear(&rec);
        }
        free_bytes(bytes);
    }
}

/* One damaged byte in each of many places: what comes out differently is told. (Of what is stored
 * in a rar 4 libarchive 3.6 does not look at the checksum.) */
static void test_damage(void **state)
{
    (void)state;
    static const char *const checked[] = {"m.7z", "m5.rar", "m.cab", "m.xar"};
    for (size_t i = 0; i < sizeof checked / sizeof checked[0]; i++) {
        struct sp_slice bytes = tools_read(&tools, checked[i]);
        uint8_t *copy = malloc(bytes.len);
        assert_non_null(copy);
        for (size_t pos = 8; pos < bytes.len; pos += 1 + bytes.len / 150) {
            struct recorder rec;
            memcpy(copy, bytes.ptr, bytes.len);
            copy[pos] ^= 0x10;
            tools_write(&tools, "bad", (struct sp_slice){copy, bytes.len});
            jobs_file(&rec, &tools, "bad", NULL);
            bool whole = strstr(rec.out, "400 bram@example.nl\\x0a\"") != NULL &&
                         strstr(rec.out, "text \"mail anna@example.nl\\x0a\" @0") != NULL;
            if (rec.gaps == 0 && !whole)
                fail_msg("%s damaged at %zu of %zu:\n%s", checked[i], pos, bytes.len, rec.out);
            recorder_clear(&rec);
        }
        free(copy);
        free_bytes(bytes);
    }
}

/* As a member of a tar in a stream: seekers are spooled, all are read. */
static void test_in_stream(void **state)
{
    (void)state;
    tools_run(&tools, "tar -czf all.tar.gz m.7z m4.rar m5.rar m.cab m.iso newc.cpio m.xar m.ar");
    struct recorder rec;
    struct recorder_job job = {.name = "all.tar.gz"};
    jobs_file(&rec, &tools, "all.tar.gz", &job);
    size_t found = 0;
    for (const char *at = rec.out; (at = strstr(at, "text \"mail anna@example.nl")) != NULL; at++)
        found++;
    assert_int_equal(found, 8);
    expect_no_gap(&rec);
    recorder_clear(&rec);
}

static void expect_one(const char *name, const char *line)
{
    struct recorder rec;
    jobs_file(&rec, &tools, name, NULL);
    recorder_expect(&rec, line);
    if (rec.gaps == 0)
        fail_msg("%s:\n%s", name, rec.out);
    recorder_clear(&rec);
}

static void test_encrypted(void **state)
{
    (void)state;
    tools_run(&tools, "7z a -bd -pgeheim e.7z a.txt sub > /dev/null;"
                      "7z a -bd -pgeheim -mhe=on eh.7z a.txt sub > /dev/null;"
                      "7z a -bd mixed.7z a.txt > /dev/null;"
                      "7z a -bd -pgeheim mixed.7z sub > /dev/null; " MAKE_RAR
                      " 4 e4.rar --encrypted a.txt sub/b.txt; " MAKE_RAR
                      " 5 e5.rar --encrypted a.txt sub/b.txt; " MAKE_RAR
                      " 4 h4.rar --headers a.txt; " MAKE_RAR " 5 h5.rar --headers a.txt");
    static const char *const members[] = {"e.7z", "e4.rar", "e5.rar"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct recorder rec;
        jobs_file(&rec, &tools, members[i], NULL);
        recorder_expect(&rec, "unread encrypted read=0 expected=21");
        recorder_refuse(&rec, "corrupt");
        recorder_refuse(&rec, "truncated");
        if (rec.gaps != 2)
            fail_msg("%s:\n%s", members[i], rec.out);
        recorder_clear(&rec);
    }
    expect_one("eh.7z", "unread encrypted \"encrypted headers\"");
    expect_one("h4.rar", "unread encrypted \"encrypted headers\"");
    expect_one("h5.rar", "unread encrypted \"encrypted headers\"");
    struct recorder rec;
    jobs_file(&rec, &tools, "mixed.7z", NULL);
    recorder_expect(&rec, "unread encrypted");
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    recorder_clear(&rec);
}

static void test_volumes(void **state)
{
    (void)state;
    tools_run(&tools,
              "head -c 100000 /dev/urandom > random; 7z a -bd -v40k v.7z random > /dev/null;"
              "7z a -bd -tzip -v40k v.zip random > /dev/null; " MAKE_RAR
              " 4 v.rar --volume a.txt sub/b.txt; " MAKE_RAR
              " 5 v.part1.rar --volume a.txt sub/b.txt; cp random x.r00; cp random x.z01;"
              "cp m.cab v.cab; printf '\\2' | dd of=v.cab bs=1 seek=30 conv=notrunc status=none");
    expect_one("v.7z.001", "unread multivolume");
    expect_one("v.7z.002", "unread multivolume");
    expect_one("v.7z.003", "unread multivolume");
    expect_one("v.zip.001", "unread multivolume");
    expect_one("v.zip.002", "unread multivolume");
    expect_one("v.rar", "unread multivolume");
    expect_one("v.part1.rar", "unread multivolume");
    expect_one("v.rar", "mail anna@example.nl");
    expect_one("v.part1.rar", "mail anna@example.nl");
    expect_one("v.part1.rar", "unread truncated");
    expect_one("v.cab", "unread multivolume");
    expect_one("x.r00", "unread multivolume");
    expect_one("x.z01", "unread multivolume");
}

/* What stands before, behind and beside the members. */
static void test_beside(void **state)
{
    (void)state;
    tools_run(&tools,
              "(cat m.7z; echo 'behind carla@example.nl') > tail.7z;"
              "(cat m5.rar; echo 'behind carla@example.nl') > tail.rar;"
              "(cat newc.cpio; echo 'behind carla@example.nl') > tail.cpio;"
              "cat newc.cpio odc.cpio > two.cpio;"
              "(printf '#!/bin/sh\\n# by carla@example.nl\\n'; cat m.7z) > sh.run; " MAKE_RAR
              " 5 c5.rar --comment 'for carla@example.nl' a.txt; " MAKE_RAR
              " 4 c4.rar --comment 'for carla@example.nl' a.txt;"
              "cp m.iso udf.iso; printf '\\0NSR02\\1' |"
              " dd of=udf.iso bs=1 seek=$((2048 * 20)) conv=notrunc status=none");
    expect_one("tail.7z", "unread corrupt \"bytes after the end\"");
    expect_one("tail.7z", "behind carla@example.nl");
    expect_one("tail.rar", "behind carla@example.nl");
    expect_one("tail.cpio", "behind carla@example.nl");
    expect_one("udf.iso", "UDF");
    static const char *const fine[] = {"sh.run", "c5.rar", "c4.rar"};
    for (size_t i = 0; i < 3; i++) {
        struct recorder rec;
        jobs_file(&rec, &tools, fine[i], NULL);
        recorder_expect(&rec, "carla@example.nl");
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        expect_no_gap(&rec);
        recorder_clear(&rec);
    }
    struct recorder rec;
    jobs_file(&rec, &tools, "two.cpio", NULL);
    recorder_expect(&rec, "begin member 8");
    expect_no_gap(&rec);
    recorder_clear(&rec);
}

/* Too large to spool: 7z says so, the others are read as they come, of an iso the files. */
static void test_spool_limit(void **state)
{
    (void)state;
    static const char *const names[] = {"m4.rar", "m5.rar", "m.cab", "m.iso"};
    enum { LAST = sizeof names / sizeof names[0] - 1 };
    struct recorder rec;
    struct sp_limits limits;
    struct recorder_job job = {.limits = &limits};
    sp_limits_init(&limits);
    limits.spool_max_bytes = 100;
    struct sp_slice bytes = tools_read(&tools, "m.7z");
    jobs_blocks(&rec, bytes, 0, &job);
    recorder_expect(&rec, "unread limit_spool");
    recorder_clear(&rec);
    free_bytes(bytes);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bytes = tools_read(&tools, names[i]);
        jobs_blocks(&rec, bytes, 0, &job);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        if (i == LAST) /* what lies between them */
            recorder_expect(&rec, "unread limit_spool");
        else
            expect_no_gap(&rec);
        recorder_clear(&rec);
        free_bytes(bytes);
    }
}

static void test_deb(void **state)
{
    (void)state;
    tools_run(&tools, "mkdir -p pkg/DEBIAN pkg/etc; echo 'mail anna@example.nl' > pkg/etc/conf;"
                      "printf 'Package: x\\nVersion: 1\\nArchitecture: all\\nMaintainer: Bram "
                      "<bram@example.nl>\\nDescription: x\\n' > pkg/DEBIAN/control;"
                      "dpkg-deb -Zxz --root-owner-group -b pkg x.deb > /dev/null");
    struct recorder rec;
    jobs_file(&rec, &tools, "x.deb", NULL);
    recorder_expect(&rec, "./etc/conf");
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    recorder_expect(&rec, "Bram <bram@example.nl>");
    expect_no_gap(&rec);
    recorder_clear(&rec);
}

static void test_rpm(void **state)
{
    (void)state;
    tools_run(&tools,
              "mkdir -p rpm; printf '%s\\n' 'Name: x' 'Version: 1' 'Release: 1' 'License: x'"
              " 'Summary: x' 'BuildArch: noarch' 'Packager: Bram <bram@example.nl>'"
              " '%description' x '%install' 'mkdir -p %{buildroot}/etc'"
              " 'echo mail anna@example.nl > %{buildroot}/etc/conf' '%files' /etc/conf"
              " > x.spec; for w in w9.gzdio w3.zstdio w6.xzdio; do HOME=$PWD rpmbuild -bb"
              " --quiet --define \"_topdir $PWD/rpm\" --define \"_binary_payload $w\" x.spec"
              " > rpm.log 2>&1; cp rpm/RPMS/noarch/*.rpm $w.rpm; done");
    static const char *const names[] = {"w9.gzdio.rpm", "w3.zstdio.rpm", "w6.xzdio.rpm"};
    for (size_t i = 0; i < 3; i++) {
        struct recorder rec;
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "begin member 1 \"./etc/conf\"");
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        recorder_expect(&rec, "Bram <bram@example.nl>");
        expect_no_gap(&rec);
        recorder_clear(&rec);
        struct sp_slice bytes = tools_read(&tools, names[i]);
        jobs_cut(bytes, 97, 6, bytes.len);
        jobs_flip(bytes, 41);
        free_bytes(bytes);
    }
}

/* Every type of record; libarchive's own writer, and one gzip member a record. */
static void test_warc(void **state)
{
    (void)state;
    tools_run(
        &tools,
        "bsdtar -cf lib.warc --format=warc a.txt;"
        "r() { printf 'WARC/1.0\\r\\nWARC-Type: %s\\r\\nWARC-Record-ID: <urn:uuid:%s>\\r\\n"
        "Content-Type: %s\\r\\nContent-Length: %s\\r\\n\\r\\n' $1 $2 $3 $(wc -c < $4); cat $4;"
        " printf '\\r\\n\\r\\n'; };"
        "printf 'POST /x HTTP/1.1\\r\\nFrom: dirk@example.nl\\r\\n\\r\\nq=elly@example.nl' > q;"
        "(printf 'HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\n\\r\\n'; gzip -c a.txt) > p;"
        "echo 'note: fred@example.nl' > n;"
        "(r request 1 application/http q; r response 2 application/http p;"
        " r metadata 3 application/warc-fields n; r warcinfo 4 text/plain n) > own.warc;"
        "(r request 1 application/http q | gzip; r metadata 3 text/plain n | gzip) >"
        " own.warc.gz");
    struct recorder rec;
    jobs_file(&rec, &tools, "lib.warc", NULL);
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    expect_no_gap(&rec);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "own.warc", NULL);
    recorder_expect(&rec, "From: dirk@example.nl");
    recorder_expect(&rec, "text \"q=elly@example.nl\" @0");
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    recorder_expect(&rec, "begin member 4 \"<urn:uuid:4>\" size=22");
    recorder_expect(&rec, "text \"note: fred@example.nl\\x0a\" @0");
    expect_no_gap(&rec);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "own.warc.gz", NULL);
    recorder_expect(&rec, "end gzip+warc archive");
    recorder_expect(&rec, "begin member 2 \"<urn:uuid:3>\"");
    expect_no_gap(&rec);
    recorder_clear(&rec);
    struct sp_slice bytes = tools_read(&tools, "own.warc");
    jobs_any_blocks(bytes);
    jobs_flip(bytes, 3);
    struct recorder_job job = {.name = "own.warc"};
    jobs_no_memory(bytes, &job);
    size_t first =
        8 + (size_t)((const uint8_t *)memmem(bytes.ptr, bytes.len, "q=elly", 6) - bytes.ptr);
    jobs_cut((struct sp_slice){bytes.ptr, first}, 1, 8, first);
    free_bytes(bytes);
}

/* Every allocation of ours fails once; every byte of the headers is damaged once. */
static void test_hostile(void **state)
{
    (void)state;
    static const char *const names[] = {"m.7z",     "m4.rar",    "m5.rar",   "m.cab", "m.xar",
                                        "odc.cpio", "newc.cpio", "bin.cpio", "m.ar",  "c5.rar"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct recorder_job job = {.name = names[i]};
        struct sp_slice bytes = tools_read(&tools, names[i]);
        jobs_no_memory(bytes, &job);
        jobs_flip(bytes, 1 + bytes.len / 300);
        if (strcmp(names[i], "m.ar") != 0)
            jobs_any_blocks(bytes);
        free_bytes(bytes);
    }
}

static void test_filters(void **state)
{
    (void)state;
    static const char *const names[] = {"b.txt.lzma", "b.txt.lz", "b.txt.Z", "two.lz"};
    tools_run(&tools, "xz -k --format=lzma b.txt; lzip -k b.txt; compress -f < b.txt > b.txt.Z;"
                      "cat b.txt.lz b.txt.lz > two.lz");
    for (size_t i = 0; i < 4; i++) {
        struct recorder rec;
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "400 bram@example.nl\\x0a");
        recorder_expect(&rec, "plain document us-ascii");
        expect_no_gap(&rec);
        recorder_clear(&rec);
        struct sp_slice bytes = tools_read(&tools, names[i]);
        jobs_flip(bytes, 7);
        if (i < 2)
            jobs_cut(bytes, 13, 18, bytes.len);
        free_bytes(bytes);
    }
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    tools_open(&tools);
    make_archives();
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
        cmocka_unit_test(test_members),   cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damage),    cmocka_unit_test(test_in_stream),
        cmocka_unit_test(test_encrypted), cmocka_unit_test(test_volumes),
        cmocka_unit_test(test_beside),    cmocka_unit_test(test_spool_limit),
        cmocka_unit_test(test_deb),       cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_rpm),       cmocka_unit_test(test_warc),
        cmocka_unit_test(test_filters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
