/* tar and zip made by real tools: members, links, limits, damage.
 * floors: sp_extract */
#include "jobs.h"

#include <locale.h>

static struct tools tools;

static void free_bytes(struct sp_slice bytes)
{
    free((void *)(uintptr_t)bytes.ptr);
}

static void test_tar_members(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "mkdir d; echo 'mail anna@example.nl' > d/a.txt; ln -s a.txt d/l;"
                      "ln d/a.txt d/h; mkfifo d/f; touch -hd @1000000000 d/* d;"
                      "tar --owner=jan:1000 --group=staff:1000 --sort=name -cf m.tar d");
    jobs_file(&rec, &tools, "m.tar", NULL);
    assert_string_equal(
        rec.out,
        "  begin member 1 \"d/\" directory size=0 mtime=1000000000 owner=\"jan\" group=\"staff\"\n"
        "  end directory none bytes=0 records=0 complete\n"
        "  begin member 2 \"d/a.txt\" size=21 mtime=1000000000 owner=\"jan\" group=\"staff\"\n"
        "    record document 1 line=1\n"
        "      text \"mail anna@example.nl\\x0a\" @0\n"
        "    end record\n"
        "  end plain document us-ascii bytes=21 records=1 complete\n"
        "  begin member 3 \"d/f\" special size=0 mtime=1000000000 owner=\"jan\" group=\"staff\"\n"
        "    unread special\n"
        "  end special none bytes=0 records=0 skipped\n"
        "  begin member 4 \"d/h\" hardlink link=\"d/a.txt\" size=0 mtime=1000000000 owner=\"jan\""
        " group=\"staff\"\n"
        "  end hardlink none bytes=0 records=0 complete\n"
        "  begin member 5 \"d/l\" symlink link=\"a.txt\" size=0 mtime=1000000000 owner=\"jan\""
        " group=\"staff\"\n"
        "  end symlink none bytes=0 records=0 complete\n"
        "end tar archive bytes=10240 records=0 complete\n");
    recorder_clear(&rec);
    struct sp_slice bytes = tools_read(&tools, "m.tar");
    jobs_any_blocks(bytes);
    free_bytes(bytes);
}

/* Old and new dialects, long names, names that are no UTF-8. */
static void test_tar_dialects(void **state)
{
    (void)state;
    static const char *const dialects[] = {"v7", "ustar", "gnu", "pax"};
    tools_run(&tools, "mkdir -p w; echo 'mail anna@example.nl' > w/a.txt;"
                      "for f in v7 ustar gnu pax; do tar --format=$f -cf w-$f.tar w; done;"
                      "n=$(head -c 180 /dev/zero | tr '\\0' n); mkdir -p long/$n/$n;"
                      "echo 'mail bram@example.nl' > long/$n/$n/b.txt;"
                      "for f in gnu pax; do tar --format=$f -cf l-$f.tar long; done");
    for (size_t i = 0; i < 4; i++) {
        struct recorder rec;
        char name[32];
        (void)snprintf(name, sizeof name, "w-%s.tar", dialects[i]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "begin member 2 \"w/a.txt\" size=21");
        recorder_expect(&rec, "complete\nend tar archive");
        recorder_expect(&rec, "anna@example.nl");
        recorder_clear(&rec);
        if (i < 2)
            continue;
        (void)snprintf(name, sizeof name, "l-%s.tar", dialects[i]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "nnn/b.txt\" size=21");
        recorder_expect(&rec, "bram@example.nl");
        recorder_clear(&rec);
    }
}

/* Headers of odd types: their bodies are text of the archive, data is content. */
static void test_tar_odd_types(void **state)
{
    (void)state;
    tools_run(
        &tools,
        "python3 - <<'E'\n"
        "import io,tarfile\n"
        "for ty in 'ADKLMNSVXZ7xg':\n"
        "    t=tarfile.open('ty-%s.tar'%ty,'w',format=tarfile.GNU_FORMAT)\n"
        "    i=tarfile.TarInfo('odd'); d=b'mail anna@example.nl and more'\n"
        "    if ty in 'xgX': d=b'33 comment=mail anna@example.nl \\n'\n"
        "    i.size=len(d); i.type=ty.encode()\n"
        "    t.fileobj.write(i.tobuf(tarfile.GNU_FORMAT)+d.ljust(512,b'\\0')); t.offset+=1024\n"
        "    j=tarfile.TarInfo('b.txt'); j.size=4; t.addfile(j,io.BytesIO(b'text')); t.close()\n"
        "E");
    for (const char *type = "ADKLMNSVXZ7xg"; *type != '\0'; type++) {
        struct recorder rec;
        char name[16];
        (void)snprintf(name, sizeof name, "ty-%c.tar", *type);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "mail anna@example.nl");
        recorder_refuse(&rec, "link=\"mail");
        recorder_clear(&rec);
    }
}

/* The same name twice: two members. */
static void test_repeated_names(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "echo 'mail anna@example.nl' > r.txt; tar -cf r.tar r.txt;"
                      "echo 'mail bram@example.nl' > r.txt; tar -rf r.tar r.txt");
    jobs_file(&rec, &tools, "r.tar", NULL);
    recorder_expect(&rec, "begin member 1 \"r.txt\"");
    recorder_expect(&rec, "begin member 2 \"r.txt\"");
    recorder_expect(&rec, "anna@example.nl");
    recorder_expect(&rec, "bram@example.nl");
    recorder_clear(&rec);
}

/* What can stream is read in place, what must seek is handed out or read from a spool. */
static void test_nesting(void **state)
{
    (void)state;
    struct recorder rec;
    struct recorder_job job = {.hand_out_children = true};
    tools_run(&tools, "mkdir -p n; cd n; echo 'mail anna@example.nl' > a.txt; tar -czf i.tgz a.txt;"
                      "zip -q i.zip a.txt; gzip -c i.zip > i.zip.gz;"
                      "touch -d @1000000000 i.tgz i.zip i.zip.gz; tar --owner=jan --group=staff"
                      " --sort=name -cf ../n.tar i.tgz i.zip i.zip.gz");
    jobs_file(&rec, &tools, "n.tar", &job);
    recorder_expect(&rec, "  begin member 1 \"i.tgz\"");
    recorder_expect(&rec, "    begin member 1 \"a.txt\"");
    recorder_expect(&rec, "  end gzip+tar archive");
    recorder_expect(&rec, "  child member 2 \"i.zip\" size=");
    recorder_expect(&rec, "  begin member 3 \"i.zip.gz\"");
    recorder_expect(&rec, "  end gzip+zip archive");
    assert_int_equal(rec.children, 1);
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "n.tar", NULL);
    recorder_expect(&rec, "  end zip archive");
    assert_int_equal(rec.children, 0);
    recorder_clear(&rec);
    struct sp_slice bytes = tools_read(&tools, "n.tar");
    jobs_any_blocks(bytes);
    free_bytes(bytes);
}

/* A zip that is larger than a spool is read by its local records. */
static void test_spool_limit(void **state)
{
    (void)state;
    struct recorder rec;
    struct sp_limits limits;
    sp_limits_init(&limits);
    limits.spool_max_bytes = 1000;
    struct recorder_job job = {.limits = &limits, .hand_out_children = true};
    tools_run(&tools, "mkdir -p p; cd p; seq 1 2000 > a.txt; echo 'mail anna@example.nl' > b.txt;"
                      "zip -q p.zip a.txt b.txt; tar -cf ../p.tar p.zip b.txt");
    jobs_file(&rec, &tools, "p.tar", &job);
    recorder_expect(&rec, "  begin member 1 \"p.zip\"");
    recorder_expect(&rec, "    begin member 2 \"b.txt\"");
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_expect(&rec, "\\x0a2000\\x0a\"");
    recorder_expect(&rec, "  begin member 2 \"b.txt\"");
    assert_int_equal(rec.children, 0);
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
}

static void test_limits(void **state)
{
    (void)state;
    struct recorder rec;
    struct sp_limits limits;
    sp_limits_init(&limits);
    limits.depth_max = 2;
    limits.entries_max = 3;
    struct recorder_job job = {.limits = &limits};
    tools_run(&tools, "mkdir -p q; cd q; echo 'mail anna@example.nl' > a.txt; tar -cf 1.tar a.txt;"
                      "tar -cf 2.tar 1.tar; tar -cf 3.tar 2.tar;"
                      "for i in 1 2 3 4 5; do echo $i > e$i; done; tar -cf e.tar e1 e2 e3 e4 e5;"
                      "zip -q e.zip e1 e2 e3 e4 e5; cp 3.tar e.tar e.zip ..");
    jobs_file(&rec, &tools, "3.tar", &job);
    recorder_expect(&rec, "unread limit_depth \"deeper than 2 containers\"");
    recorder_expect(&rec, "mail anna@example.nl"); /* by the raw pass */
    recorder_clear(&rec);
    static const char *const names[] = {"e.tar", "e.zip"};
    for (size_t i = 0; i < 2; i++) {
        jobs_file(&rec, &tools, names[i], &job);
        assert_int_equal(rec.objects, 3);
        recorder_expect(&rec, "\n  unread limit_entries \"more than 3 members\" partial\nend");
        recorder_clear(&rec);
    }
}

/* A member that crashed a worker once is read raw, twice not at all. */
static void test_skip(void **state)
{
    (void)state;
    static const struct sp_plan plan = {
        .lost = {{2, SP_REASON_CRASHED, true}, {3, SP_REASON_TIMEOUT, false}}, .lost_count = 2};
    struct recorder rec;
    struct recorder_job job = {.plan = &plan};
    tools_run(&tools,
              "mkdir -p s; cd s; for i in 1 2 3 4; do echo \"mail anna$i@example.nl\" > $i.txt;"
              " done; tar -cf ../s.tar 1.txt 2.txt 3.txt 4.txt");
    jobs_file(&rec, &tools, "s.tar", &job);
    recorder_expect(&rec, "anna1@example.nl");
    recorder_expect(&rec, "    unread crashed \"its parser ended with it\" expected=22 partial"
                          " fallback\n    record bytes 1\n"
                          "      text \"mail anna2@example.nl");
    recorder_expect(&rec, "    unread timeout \"its parser ended with it\" expected=22\n  end "
                          "bytes document bytes=0 records=0"
                          " skipped\n");
    recorder_refuse(&rec, "anna3");
    recorder_expect(&rec, "anna4@example.nl");
    recorder_clear(&rec);
}

/* ---- zip ----------------------------------------------------------------------------------- */
static void test_zip_members(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "mkdir -p z/d; cd z; echo 'mail anna@example.nl' > d/a.txt; ln -s a.txt d/l;"
                      "head -c 5000 /dev/zero > d/zero; touch -hd @1000000000 d/* d;"
                      "zip -qryX ../m.zip d; zip -q0X ../stored.zip d/a.txt d/zero;"
                      /* zip 3.0 cannot store a link into a pipe */
                      "cat d/a.txt | zip -q ../piped.zip -;"
                      "zip -qrX - d -x d/l | cat > ../stream.zip");
    jobs_file(&rec, &tools, "m.zip", NULL);
    recorder_expect(&rec, "begin member 1 \"d/\" directory");
    recorder_expect(&rec, "\"d/l\" symlink link=\"a.txt\"");
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    recorder_expect(&rec, "mtime=1000000000");
    recorder_expect(&rec, "end zip archive");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    static const char *const names[] = {"stored.zip", "piped.zip", "stream.zip"};
    for (size_t i = 0; i < 3; i++) {
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
        struct sp_slice bytes = tools_read(&tools, names[i]);
        jobs_any_blocks(bytes);
        free_bytes(bytes);
    }
}

/* Members that are called directories, devices or links but have data: files like the others. */
static void test_zip_odd_members(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "python3 - <<'E'\n"
                      "import zipfile\n"
                      "z=zipfile.ZipFile('odd.zip','w')\n"
                      "def add(n,attr,data,sys=3):\n"
                      "    i=zipfile.ZipInfo(n); i.external_attr=attr; i.create_system=sys\n"
                      "    i.compress_type=8; z.writestr(i,data)\n"
                      "add('dir',(0o040755<<16)|0x10,'mail anna@example.nl')\n"
                      "add('slash/',0o100644<<16,'mail bram@example.nl')\n"
                      "add('dos',0x10,'mail cato@example.nl',0)\n"
                      "add('back\\\\',0,'mail dirk@example.nl',0)\n"
                      "add('dev',0o020644<<16,'mail eva@example.nl')\n"
                      "add('sock',0o140644<<16,'mail frits@example.nl')\n"
                      "add('link',0o120777<<16,'mail gijs@example.nl\\n')\n"
                      "add('long',0o120777<<16,'x'*70000+' mail hans@example.nl')\n"
                      "add('nul',0o120777<<16,'a\\0mail ida@example.nl')\n"
                      "add('good',0o120777<<16,'target.txt')\n"
                      "add('plain/',(0o040755<<16)|0x10,'')\n"
                      "z.close()\nE");
    jobs_file(&rec, &tools, "odd.zip", NULL);
    static const char *const names[] = {"anna",  "bram", "cato", "dirk", "eva",
                                        "frits", "gijs", "hans", "ida"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "mail %s@example.nl", names[i]);
        recorder_expect(&rec, text);
    }
    recorder_expect(&rec, "\"slash/\" size=20"); /* the name as stored */
    recorder_expect(&rec, "\"back\\x5c\" size=20");
    recorder_refuse(&rec, "\"slash_\"");
    recorder_refuse(&rec, "link=\"mail");
    recorder_refuse(&rec, "link=\"a\"");
    recorder_expect(&rec, "\"good\" symlink link=\"target.txt\"");
    recorder_expect(&rec, "\"plain/\" directory");
    assert_int_equal(rec.gaps, 0);
    assert_int_equal(rec.objects, 11);
    recorder_clear(&rec);
}

/* Two names of one member, and one more in an extra field: all are searched. */
static void test_zip_names(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "python3 - <<'E'\n"
              "import struct,zipfile,zlib\n"
              "z=zipfile.ZipFile('names.zip','w')\n"
              "z.writestr('anna@example.nl','one')\n"
              "i=zipfile.ZipInfo('x.txt')\n"
              "up=b'\\1'+struct.pack('<I',zlib.crc32(b'x.txt'))+b'cato@example.nl'\n"
              "i.extra=struct.pack('<HH',0x7075,len(up))+up; z.writestr(i,'two')\n"
              "i=zipfile.ZipInfo('y.txt'); i.comment=b'dirk@example.nl'; z.writestr(i,'three')\n"
              "z.close()\n"
              "b=open('names.zip','rb').read()\n"
              "open('names.zip','wb').write(b.replace(b'anna@',b'bram@',1))\nE");
    static const char *const names[] = {"anna@", "bram@", "cato@", "text \"dirk@example.nl"};
    jobs_file(&rec, &tools, "names.zip", NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        recorder_expect(&rec, names[i]);
    recorder_expect(&rec, "x.txt");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
}

/* Text before, between, behind and in comments is text of the zip itself. */
static void test_zip_gaps(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "mkdir -p g; cd g; echo 'mail anna@example.nl' > a.txt; zip -qX g.zip a.txt;"
              "echo 'comment of bram@example.nl' | zip -qz g.zip;"
              "(echo '#!/bin/sh cato@example.nl'; cat g.zip) > ../sfx.zip; zip -qA ../sfx.zip;"
              "cp g.zip ../g.zip; (cat g.zip; echo 'tail dirk@example.nl') > ../tail.zip");
    jobs_file(&rec, &tools, "g.zip", NULL);
    recorder_expect(&rec, "comment of bram@example.nl");
    recorder_expect(&rec, "mail anna@example.nl");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "tail.zip", NULL);
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_expect(&rec, "tail dirk@example.nl");
    recorder_clear(&rec);
}

/* Damaged data of one member, of the directory, of a record; a part of several. */
static void test_zip_damage(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "mkdir -p b; cd b; seq 1 5000 > a.txt; echo 'mail anna@example.nl' > b.txt;"
                      "zip -qX b.zip a.txt b.txt; cp b.zip bad-data.zip; cp b.zip bad-dir.zip;"
                      "printf 'ZZZZZZZZZZZZZZZZZZZZZZZZ' | dd of=bad-data.zip bs=1 seek=600 "
                      "conv=notrunc status=none;"
                      "o=$(grep -abo 'PK..' b.zip | tail -n 3 | head -n 1 | cut -d: -f1);"
                      "printf 'ZZ' | dd of=bad-dir.zip bs=1 seek=$o conv=notrunc status=none;"
                      "head -c 4000 b.zip > cut.zip; cp bad-data.zip bad-dir.zip cut.zip ..;"
                      "head -c 300000 /dev/urandom > r; zip -q -s 64k ../split.zip r");
    jobs_file(&rec, &tools, "bad-data.zip", NULL);
    recorder_expect(&rec, "    unread corrupt \"damaged data or a wrong checksum\"");
    recorder_expect(&rec, "begin member 2 \"b.txt\"");
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "bad-dir.zip", NULL);
    recorder_expect(&rec, "\\x0a5000\\x0a");
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_expect(&rec, "unread corrupt \"a record of the directory is damaged\"");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "cut.zip", NULL);
    recorder_expect(&rec, "unread corrupt \"no end record\"");
    recorder_expect(&rec, "begin member 1 \"a.txt\"");
    recorder_expect(&rec, "\\x0a500\\x0a");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "split.zip", NULL);
    recorder_expect(&rec, "unread multivolume");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "split.z01", NULL);
    recorder_expect(&rec, "unread multivolume");
    recorder_expect(&rec, "begin member 1 \"r\"");
    recorder_clear(&rec);
}

static void test_zip_method(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(
        &tools,
        "mkdir -p y; cd y; seq 1 5000 > a.txt; echo 'mail anna@example.nl' > b.txt;"
        "7z a -bd -tzip -mm=Deflate64 y.zip a.txt > /dev/null; zip -q y.zip b.txt; cp y.zip ..");
    jobs_file(&rec, &tools, "y.zip", NULL);
    recorder_expect(&rec, "unread unsupported \"compression method without a reader\"");
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_clear(&rec);
}

/* ---- damage and memory --------------------------------------------------------------------- */
static void make_small(void)
{
    tools_run(&tools, "mkdir -p c; cd c; seq 1 300 > a.txt; echo 'mail anna@example.nl' > b.txt;"
                      "ln -sf a.txt l; tar --owner=jan --group=staff -cf ../c.tar a.txt b.txt l;"
                      "zip -qXy ../c.zip a.txt b.txt l; zip -qXy - a.txt b.txt | cat > ../cs.zip;"
                      "cd ..; tar -cf cn.tar c.zip c.tar");
}

static void test_damage(void **state)
{
    (void)state;
    static const char *const names[] = {"c.tar", "c.zip", "cs.zip", "cn.tar"};
    make_small();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sp_slice bytes = tools_read(&tools, names[i]);
        size_t harmless = bytes.len;
        while (names[i][1] != 's' && harmless > 512 && bytes.ptr[harmless - 1] == 0)
            harmless--; /* a tar ends in zeros */
        if (harmless < bytes.len)
            harmless += 512;
        size_t known = bytes.ptr[0] == 'P' ? 4 : 512;
        jobs_cut(bytes, bytes.len < 2000 ? 1 : 37, known, harmless);
        jobs_cut(bytes, 512, known, harmless);
        jobs_flip(bytes, bytes.len < 2000 ? 1 : 23);
        free_bytes(bytes);
    }
}

/* The same from a file, where the reader may seek. */
static void test_damage_seeking(void **state)
{
    (void)state;
    make_small();
    struct sp_slice bytes = tools_read(&tools, "c.zip");
    uint8_t *copy = malloc(bytes.len);
    assert_non_null(copy);
    for (size_t pos = 0; pos < bytes.len; pos++) {
        struct recorder rec;
        memcpy(copy, bytes.ptr, bytes.len);
        copy[pos] ^= (uint8_t)(1u << pos % 8);
        tools_write(&tools, "flip.zip", (struct sp_slice){copy, bytes.len});
        jobs_file(&rec, &tools, "flip.zip", NULL);
        recorder_clear(&rec);
        tools_write(&tools, "flip.zip", (struct sp_slice){bytes.ptr, pos});
        jobs_file(&rec, &tools, "flip.zip", NULL);
        if (rec.gaps == 0 && pos >= 4)
            fail_msg("cut at %zu of %zu:\n%s", pos, bytes.len, rec.out);
        recorder_clear(&rec);
    }
    free(copy);
    free_bytes(bytes);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"c.tar", "c.zip", "cn.tar"};
    struct recorder_job job = {0};
    make_small();
    for (size_t i = 0; i < 3; i++) {
        struct sp_slice bytes = tools_read(&tools, names[i]);
        jobs_no_memory(bytes, &job);
        free_bytes(bytes);
    }
}

/* A sink that fails ends the job with its error, wherever that happens. */
static void test_sink_fails(void **state)
{
    (void)state;
    make_small();
    struct sp_slice bytes = tools_read(&tools, "cn.tar");
    for (uint64_t at = 1; at < 200; at++) {
        struct recorder rec;
        struct recorder_job job = {0};
        recorder_init(&rec);
        rec.fail_with = at % 2 ? SP_ERR_STOP : SP_ERR_IO;
        rec.fail_at = at;
        enum sp_err err = recorder_bytes(&rec, bytes, 0, &job);
        bool all = rec.calls < at;
        assert_int_equal(err, all ? SP_OK : rec.fail_with);
        assert_true(rec.calls <= at);
        recorder_clear(&rec);
        if (all)
            break;
    }
    free_bytes(bytes);
}

static int setup(void **state)
{
    (void)state;
    tools_open(&tools);
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
        cmocka_unit_test(test_tar_members),
        cmocka_unit_test(test_tar_dialects),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_spool_limit),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_zip_members),
        cmocka_unit_test(test_zip_odd_members),
        cmocka_unit_test(test_tar_odd_types),
        cmocka_unit_test(test_zip_names),
        cmocka_unit_test(test_zip_gaps),
        cmocka_unit_test(test_zip_damage),
        cmocka_unit_test(test_zip_method),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_damage_seeking),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_sink_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
