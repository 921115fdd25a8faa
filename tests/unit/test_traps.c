/* The silent-loss traps: inputs on which well-known tools and libraries lose text without a word.
 * Each is made by a real tool and must be read whole, or be reported.
 * floors: sp_extract */
#include "jobs.h"

#include <locale.h>
#include <stdlib.h>

static struct tools tools;

static void read_and_clear(const char *name, const char *expected)
{
    struct recorder rec;
    jobs_file(&rec, &tools, name, NULL);
    recorder_expect(&rec, expected);
    recorder_clear(&rec);
}

/* libarchive takes 512 zeros for an empty tar (libarchive#1778). */
static void test_zeros_first(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "(head -c 1048576 /dev/zero; echo 'mail anna@example.nl here') > disk.img;"
                      "gzip -k disk.img; xz -k disk.img; zstd -qk disk.img");
    static const char *const names[] = {"disk.img", "disk.img.gz", "disk.img.xz", "disk.img.zst"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "text \"mail anna@example.nl here\\x0a\\x0a\" @1048576");
        recorder_expect(&rec, "bytes=1048602 records=1 complete");
        recorder_refuse(&rec, "tar");
        recorder_clear(&rec);
    }
}

/* A uu filter swallows the letter from its "begin" line on. */
static void test_uu_line(void **state)
{
    (void)state;
    tools_run(&tools, "printf 'begin 644 letter.txt\\nDear anna@example.nl\\n`\\nend\\n' > uu.txt;"
                      "gzip -k uu.txt");
    read_and_clear("uu.txt",
                   "begin 644 letter.txt\\x0aDear anna@example.nl\\x0a`\\x0aend\\x0a\" @0");
    read_and_clear("uu.txt.gz", "Dear anna@example.nl");
}

/* mtree turns every line into an entry that does not exist. */
static void test_mtree_line(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "printf '#mtree\\nanna@example.nl type=file\\n' > mtree.txt; gzip -k mtree.txt");
    jobs_file(&rec, &tools, "mtree.txt.gz", NULL);
    recorder_expect(&rec, "#mtree\\x0aanna@example.nl type=file");
    recorder_refuse(&rec, "begin");
    recorder_clear(&rec);
}

/* libarchive would start the programs lrzip and lzop. */
static void test_foreign_programs(void **state)
{
    (void)state;
    tools_run(&tools, "printf 'LRZI\\0\\6 anna@example.nl \\0' > a.lrz;"
                      "printf '\\211LZO\\0\\r\\n\\032\\n\\0 anna@example.nl \\0' > a.lzo;"
                      "printf '\\355\\253\\356\\333\\3\\0 anna@example.nl \\0' > a.rpm");
    read_and_clear("a.lrz", "unread unsupported \"lrzip\" expected=24 partial fallback");
    read_and_clear("a.lrz", "anna@example.nl");
    read_and_clear("a.lzo", "unread unsupported \"lzop\"");
    read_and_clear("a.lzo", "anna@example.nl");
    read_and_clear("a.rpm", "unread truncated \"ends before its payload\"");
}

/* A 7z within a stream cannot be sought in: it is spooled first. */
static void test_7z(void **state)
{
    (void)state;
    tools_run(&tools, "echo 'mail anna@example.nl' > s.txt; 7z a -bd s.7z s.txt > /dev/null;"
                      "tar -czf s7.tar.gz s.7z");
    read_and_clear("s7.tar.gz", "end 7z archive");
    read_and_clear("s7.tar.gz", "text \"mail anna@example.nl\\x0a\" @0");
}

/* Encrypted members are told one by one; the others are read. */
static void test_encrypted_zip(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "echo 'mail anna@example.nl' > open.txt; cp open.txt one.txt;"
                      "cp open.txt two.txt; zip -q -P geheim x.zip one.txt; zip -q x.zip open.txt;"
                      "zip -q -P geheim x.zip two.txt;"
                      "7z a -bd -tzip -pgeheim -mem=AES256 aes.zip one.txt two.txt > /dev/null");
    jobs_file(&rec, &tools, "x.zip", NULL);
    assert_int_equal(rec.gaps, 2);
    recorder_expect(&rec, "unread encrypted read=0 expected=21");
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
    recorder_expect(&rec, "records=0 skipped");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "aes.zip", NULL);
    assert_int_equal(rec.gaps, 2);
    recorder_expect(&rec, "\"two.txt\"");
    recorder_refuse(&rec, "corrupt");
    recorder_clear(&rec);
}

/* (PKWARE's check lets one wrong password of 256 pass: the right one stands first.)
 * With the right password among others members open; a wrong one leaves them encrypted, whatever
 * the check of one byte says. */
static void test_zip_passwords(void **state)
{
    (void)state;
    static const char *const archives[] = {"pk.zip", "aes.zip"};
    static const char right[] = "geheim\0falsch";
    struct recorder rec;
    struct sp_limits limits;
    struct recorder_job job = {.name = "x.zip", .limits = &limits};
    tools_run(&tools, "echo 'mail anna@example.nl' > pw.txt; rm -f pk.zip aes.zip;"
                      "zip -q -P geheim pk.zip pw.txt;"
                      "7z a -bd -tzip -pgeheim -mem=AES256 aes.zip pw.txt > /dev/null");
    for (size_t i = 0; i < 2; i++) {
        sp_limits_init(&limits);
        limits.passwords = right;
        limits.passwords_len = sizeof right;
        jobs_file(&rec, &tools, archives[i], &job);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @0");
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
        for (unsigned word = 0; word < 600; word++) {
            char wrong[16];
            int len = snprintf(wrong, sizeof wrong, "w%u", word);
            limits.passwords = wrong;
            limits.passwords_len = (uint32_t)len + 1;
            jobs_file(&rec, &tools, archives[i], &job);
            recorder_expect(&rec, "unread encrypted");
            recorder_refuse(&rec, "unread corrupt");
            recorder_refuse(&rec, "anna");
            recorder_refuse(&rec, wrong);
            recorder_clear(&rec);
        }
    }
}

/* Without a UTF-8 locale libarchive gives NULL names, and some data reads fail. */
static void test_locale(void **state)
{
    (void)state;
    struct recorder with;
    struct recorder without;
    tools_run(&tools, "mkdir -p n; echo 'mail anna@example.nl' > n/caf\xC3\xA9.txt;"
                      "echo 'raw' > \"$(printf 'n/caf\\351.txt')\";"
                      "tar --format=gnu --sort=name -cf gnu.tar n;"
                      "tar --format=pax --sort=name -cf pax.tar n;"
                      "cd n; zip -q ../n.zip *");
    static const char *const names[] = {"gnu.tar", "pax.tar", "n.zip"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        jobs_file(&with, &tools, names[i], NULL);
        recorder_expect(&with, "caf\xC3\xA9.txt\"");
        assert_string_equal(setlocale(LC_CTYPE, "C"), "C");
        jobs_file(&without, &tools, names[i], NULL);
        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
        recorder_expect(&without, "text \"mail anna@example.nl\\x0a\" @0");
        recorder_expect(&without, "text \"raw\\x0a\" @0");
        assert_int_equal(without.gaps, 0);
        assert_int_equal(with.objects, without.objects);
        recorder_clear(&without);
        recorder_clear(&with);
    }
    jobs_file(&with, &tools, "gnu.tar", NULL);
    recorder_expect(&with, "caf\xE9.txt\"");
    recorder_clear(&with);
}

/* What came out before a gzip file broke is read to the last byte, as zlib gives it, and the
 * break is told. */
static void test_broken_gzip(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(
        &tools,
        "seq 1 200000 > seq.txt; gzip -k seq.txt; head -c 100000 seq.txt.gz > cut.gz;"
        "(head -c 100000 seq.txt.gz; head -c 50 /dev/zero;"
        " tail -c +100051 seq.txt.gz) > bad.gz;"
        "/usr/bin/env python3 -c 'import zlib\n"
        "for n in \"cut\", \"bad\":\n"
        "  d = zlib.decompressobj(31); made = 0\n"
        "  try:\n"
        "    for b in open(n + \".gz\", \"rb\").read(): made += len(d.decompress(bytes([b])))\n"
        "  except zlib.error: pass\n"
        "  open(n + \".len\", \"w\").write(\"bytes=%d \" % made)'");
    static const char *const names[] = {"cut", "bad"};
    static const char *const unread[] = {
        "unread truncated \"gzip: ends within a member\"",
        "unread corrupt \"gzip: damaged data or a wrong checksum\""};
    for (size_t i = 0; i < 2; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s.len", names[i]);
        struct sp_slice expected = tools_read(&tools, name);
        char bytes[32] = "";
        memcpy(bytes, expected.ptr, expected.len);
        free((void *)(uintptr_t)expected.ptr);
        (void)snprintf(name, sizeof name, "%s.gz", names[i]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, unread[i]);
        recorder_expect(&rec, bytes);
        recorder_expect(&rec, "records=2 partial");
        recorder_clear(&rec);
    }
}

/* The same for every cut of a file that expands a lot: what zlib holds back when its buffer is
 * full comes out as well. */
static void test_cut_gzip_everywhere(void **state)
{
    (void)state;
    tools_run(&tools, "head -c 300000 /dev/zero | tr '\\0' a | gzip -n > a.gz;"
                      "/usr/bin/env python3 -c 'import zlib\n"
                      "b = open(\"a.gz\", \"rb\").read()\n"
                      "f = open(\"a.len\", \"w\")\n"
                      "for n in range(20, len(b)):\n"
                      "  print(len(zlib.decompressobj(31).decompress(b[:n])), file=f)'");
    struct sp_slice packed = tools_read(&tools, "a.gz");
    struct sp_slice lens = tools_read(&tools, "a.len");
    const char *expected = (const char *)lens.ptr;
    for (size_t len = 20; len < packed.len; len++) {
        struct recorder rec;
        char *next = NULL;
        unsigned long long least = strtoull(expected, &next, 10);
        expected = next + 1;
        jobs_blocks(&rec, (struct sp_slice){packed.ptr, len}, 0, NULL);
        const char *made = strstr(rec.out, " bytes=");
        unsigned long long got = made == NULL ? 0 : strtoull(made + 7, NULL, 10);
        if (least > 0 && (got < least || got > least + 258)) /* ISA-L: one match more */
            fail_msg("cut at %zu: %llu bytes, not %llu", len, got, least);
        recorder_expect(&rec, "unread truncated");
        recorder_clear(&rec);
    }
    free((void *)(uintptr_t)packed.ptr);
    free((void *)(uintptr_t)lens.ptr);
}

/* UTF-16 without a byte order mark. */
static void test_utf16(void **state)
{
    (void)state;
    tools_run(&tools, "printf 'm\\0a\\0i\\0l\\0 "
                      "\\0a\\0n\\0n\\0a\\0@\\0e\\0x\\0a\\0m\\0p\\0l\\0e\\0.\\0n\\0l\\0' > u16.txt;"
                      "tar -czf u16.tar.gz u16.txt");
    read_and_clear("u16.txt", "mail anna@example.nl");
    read_and_clear("u16.tar.gz", "mail anna@example.nl");
}

/* A sparse member of 8 GB: its zeros are not delivered, its text is, with the right offset. */
static void test_sparse_tar(void **state)
{
    (void)state;
    static const char *const formats[] = {"gnu", "pax"};
    struct recorder rec;
    tools_run(&tools, "truncate -s 8G sparse.bin;"
                      "printf 'mail anna@example.nl' | dd of=sparse.bin bs=1 seek=8000000000 "
                      "conv=notrunc status=none; tar --format=gnu -Scf gnu-s.tar sparse.bin;"
                      "tar --format=pax -Scf pax-s.tar sparse.bin; rm sparse.bin");
    for (size_t i = 0; i < 2; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s-s.tar", formats[i]);
        jobs_file(&rec, &tools, name, NULL);
        recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\" @8000000000");
        recorder_expect(&rec, "size=8589934592");
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
    }
}

/* Within a small sparse member the holes are delivered: a zip stays whole. */
static void test_sparse_child(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "mkdir -p sp; cd sp; (head -c 500000 /dev/zero; echo 'mail anna@example.nl')"
                      " > z.bin; zip -q0X z.zip z.bin; cp --sparse=always z.zip s.zip;"
                      "tar -Scf ../sz.tar s.zip; test $(stat -c %s ../sz.tar) -lt 100000");
    jobs_file(&rec, &tools, "sz.tar", NULL);
    recorder_expect(&rec, "text \"mail anna@example.nl\\x0a\\x0a\" @500000");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
}

/* A record that the central directory does not list is invisible to a seeking reader. */
static void test_hidden_record(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "/usr/bin/env python3 - <<'END'\n"
                      "import zipfile, io\n"
                      "z = zipfile.ZipFile('hid.zip', 'w', zipfile.ZIP_DEFLATED)\n"
                      "z.writestr('gez\u00efn.txt', 'mail anna@example.nl')\n"
                      "z.writestr('hidden.txt', 'mail bram@example.nl ' * 9)\n"
                      "z.writestr('late.txt', 'mail cato@example.nl')\n"
                      "z.filelist.pop(1)\n"
                      "z.NameToInfo.pop('hidden.txt')\n"
                      "z.close()\n"
                      "END");
    jobs_file(&rec, &tools, "hid.zip", NULL);
    recorder_expect(&rec, "begin member 1 \"gez\u00EFn.txt\"");
    recorder_expect(&rec, "anna@example.nl");
    recorder_expect(&rec, "begin member 3 \"hidden.txt\"");
    recorder_expect(&rec, "bram@example.nl");
    recorder_expect(&rec, "cato@example.nl");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
}

/* A line of 300 KB is one line. */
static void test_long_line(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "(head -c 300000 /dev/zero | tr '\\0' x; echo ' mail anna@example.nl') > long.txt");
    jobs_file(&rec, &tools, "long.txt", NULL);
    recorder_expect(&rec, "xxxx mail anna@example.nl\\x0a\" @0\n");
    recorder_clear(&rec);
}

/* Two archives in one file: the first end mark does not end it. */
static void test_joined_tar(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "echo 'mail anna@example.nl' > j1.txt; echo 'mail bram@example.nl' > j2.txt;"
                      "tar -cf j1.tar j1.txt; tar -cf j2.tar j2.txt; cat j1.tar j2.tar > j.tar;"
                      "gzip -c j1.tar > j.tgz; gzip -c j2.tar >> j.tgz");
    static const char *const names[] = {"j.tar", "j.tgz"};
    for (size_t i = 0; i < 2; i++) {
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "anna@example.nl");
        recorder_expect(&rec, "begin member 2 \"j2.txt\"");
        recorder_expect(&rec, "bram@example.nl");
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
    }
}

/* One damaged header does not hide the member behind it. */
static void test_damaged_header(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "echo 'mail anna@example.nl' > k1.txt; echo 'mail bram@example.nl' > k2.txt;"
                      "echo 'mail cato@example.nl' > k3.txt; tar -cf k.tar k1.txt k2.txt k3.txt;"
                      "printf 'Z' | dd of=k.tar bs=1 seek=1030 conv=notrunc status=none");
    jobs_file(&rec, &tools, "k.tar", NULL);
    recorder_expect(&rec, "begin member 1 \"k1.txt\"");
    recorder_expect(&rec, "mail bram@example.nl");
    recorder_expect(&rec, "begin member 2 \"k3.txt\"");
    recorder_expect(&rec, "mail cato@example.nl");
    recorder_expect(&rec, "unread corrupt \"1024 bytes in 1 places are no tar\" partial fallback");
    recorder_clear(&rec);
}

/* Cut exactly between two members: no reader complains. */
static void test_cut_between(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools, "echo 'mail anna@example.nl' > m1.txt; cp m1.txt m2.txt;"
                      "tar -cf m.tar m1.txt m2.txt; head -c 1024 m.tar > m-cut.tar;"
                      "head -c 1540 m.tar > m-in.tar");
    jobs_file(&rec, &tools, "m-cut.tar", NULL);
    recorder_expect(&rec, "anna@example.nl");
    recorder_expect(&rec, "\n  unread truncated \"the archive ends before its end mark\"");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "m-in.tar", NULL); /* within a member: told of both */
    recorder_expect(&rec, "\n    unread truncated \"the archive ends within this member\"");
    recorder_expect(&rec, "\n  unread truncated \"the archive ends before its end mark\"");
    recorder_clear(&rec);
}

/* Bytes behind a compressed file are text too. (In xz, zstd and lz4 they count as damage of it.) */
static void test_trailing(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "echo 'inner text' > t.txt; for c in gzip bzip2 xz lz4; do $c -c < t.txt > t.$c;"
              "echo 'mail anna@example.nl' >> t.$c; done");
    static const char *const names[] = {"t.gzip", "t.bzip2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        jobs_file(&rec, &tools, names[i], NULL);
        recorder_expect(&rec, "unread corrupt \"bytes after the end of the compressed data\"");
        recorder_expect(&rec, "inner text");
        recorder_expect(&rec, "anna@example.nl");
        recorder_clear(&rec);
    }
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

/* Archives behind something else, under any name; and what is packed behind a script. */
static void test_behind_prefix(void **state)
{
    (void)state;
    static const char *const zips[] = {"app", "odd.docx", "big.exe"};
    struct recorder rec;
    tools_run(&tools,
              "mkdir -p bp; cd bp; echo 'mail anna@example.nl' > a.txt; zip -qX a.zip a.txt;"
              "(echo '#!/bin/sh bram@example.nl'; cat a.zip) > ../app;"
              "(printf x; cat a.zip) > ../odd.docx;"
              "(printf 'MZ\\0\\1'; head -c 200000 /dev/zero; cat a.zip) > ../big.exe;"
              "seq 1 30000 > n.txt; (echo '#!/bin/sh'; seq 1 20000; gzip -c n.txt) > ../m.run;"
              "(echo '#!/bin/sh'; echo exit; gzip -c n.txt) > ../s.run;"
              "(head -c 300000 /dev/zero; gzip -c n.txt; head -c 300000 /dev/zero) > ../fw.bin;"
              "cd ..; tar -cf m.tar m.run; tar -cf fw.tar fw.bin");
    for (size_t i = 0; i < sizeof zips / sizeof zips[0]; i++) {
        jobs_file(&rec, &tools, zips[i], NULL);
        recorder_expect(&rec, "begin member 1 \"a.txt\"");
        recorder_expect(&rec, "mail anna@example.nl");
        recorder_expect(&rec, "end zip archive");
        recorder_clear(&rec);
    }
    jobs_file(&rec, &tools, "app", NULL);
    recorder_expect(&rec, "#!/bin/sh bram@example.nl");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    static const char *const packed[] = {"m.run", "s.run", "fw.bin", "m.tar", "fw.tar"};
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++) {
        jobs_file(&rec, &tools, packed[i], NULL);
        recorder_expect(&rec, "unread unsupported \"compressed data inside (gzip)\" partial");
        recorder_clear(&rec);
    }
}

/* A name that promises what the bytes do not hold. */
static void test_promises(void **state)
{
    (void)state;
    static const char *const names[] = {"a.gz",  "A.TGZ", "a.tar", "a.docx",
                                        "a.pdf", "a.7z",  "a.zst"};
    static const char *const honest[] = {"a.tar.txt", "gz", "a.gz.bak", "targz"};
    struct sp_slice text = sp_slice_of("mail anna@example.nl and more\n");
    struct recorder rec;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct recorder_job job = {.name = names[i]};
        jobs_blocks(&rec, text, 0, &job);
        recorder_expect(&rec, "unread corrupt \"by its name ");
        recorder_expect(&rec, "mail anna@example.nl");
        recorder_clear(&rec);
    }
    for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++) {
        struct recorder_job job = {.name = honest[i]};
        jobs_blocks(&rec, text, 0, &job);
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
    }
}

/* Few random bytes are as opaque as many; text, programs and tables of numbers are not. */
static void test_small_opaque(void **state)
{
    (void)state;
    uint8_t bytes[800];
    struct recorder rec;
    uint64_t seed = 88172645463325252u; /* xorshift64 */
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bytes[i] = (uint8_t)(seed >> 32);
    }
    for (size_t len = 50; len <= sizeof bytes; len += 25) {
        jobs_blocks(&rec, (struct sp_slice){bytes, len}, 0, NULL);
        recorder_expect(&rec, "unread opaque \"unknown format, ");
        recorder_clear(&rec);
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i % 4 == 0 ? (uint8_t)(i / 4) : 0;
    for (size_t len = 50; len <= sizeof bytes; len += 25) {
        jobs_blocks(&rec, (struct sp_slice){bytes, len}, 0, NULL);
        assert_int_equal(rec.gaps, 0);
        recorder_clear(&rec);
    }
}

/* zlib without a gzip header, and what only begins like it. */
static void test_zlib(void **state)
{
    (void)state;
    static const uint8_t fake[] = "\x78\x9C\xFF\xFF\0\0\0\0\0\0\0\0 mail bram@example.nl \0\0\0";
    struct recorder rec;
    tools_run(&tools, "python3 -c \"import zlib; open('z.obj','wb').write("
                      "zlib.compress(b'blob 21\\0mail anna@example.nl'))\"");
    jobs_file(&rec, &tools, "z.obj", NULL);
    recorder_expect(&rec, "mail anna@example.nl");
    recorder_expect(&rec, "end zlib+");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    struct sp_slice bytes = tools_read(&tools, "z.obj");
    jobs_any_blocks(bytes);
    free((void *)(uintptr_t)bytes.ptr);
    jobs_blocks(&rec, (struct sp_slice){fake, sizeof fake}, 0, NULL);
    recorder_expect(&rec, "mail bram@example.nl");
    recorder_clear(&rec);
}

/* What comes back with a restore besides the data. */
static void test_metadata(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(
        &tools,
        "python3 - <<'E'\n"
        "import gzip,io,tarfile,struct,zlib\n"
        "def member(data,extra=b'',name=b'',comment=b''):\n"
        "    flags=(4 if extra else 0)|(8 if name else 0)|(16 if comment else 0)\n"
        "    out=b'\\x1f\\x8b\\x08'+bytes([flags])+bytes(6)\n"
        "    if extra: out+=struct.pack('<H',len(extra))+extra\n"
        "    if name: out+=name+b'\\0'\n"
        "    if comment: out+=comment+b'\\0'\n"
        "    c=zlib.compressobj(9,8,-15)\n"
        "    return out+c.compress(data)+c.flush()+struct.pack('<II',zlib.crc32(data),len(data))\n"
        "open('meta.bin','wb').write(member(b'one\\n',b'AB\\x10\\0anna@example.nl  ',"
        "b'bram@example.nl',b'cato@example.nl')+member(b'two\\n',b'AB\\x10\\0dirk@example.nl  ',"
        "b'eva@example.nl',b'frits@example.nl'))\n"
        "t=tarfile.open('meta.tar','w',format=tarfile.PAX_FORMAT)\n"
        "i=tarfile.TarInfo('a.txt'); i.uname='gijs@example.nl'; i.gname='hans@example.nl'\n"
        "i.pax_headers={'SCHILY.xattr.user.note':'mail ida@example.nl'}\n"
        "i.size=4; t.addfile(i,io.BytesIO(b'text')); t.close()\nE");
    static const char *const packed[] = {"anna", "bram", "cato", "dirk", "eva", "frits"};
    jobs_file(&rec, &tools, "meta.bin", NULL);
    for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
        recorder_expect(&rec, packed[i]);
    recorder_expect(&rec, "text \"one\\x0atwo\\x0a\"");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "meta.tar", NULL);
    recorder_expect(&rec, "text \"gijs@example.nl");
    recorder_expect(&rec, "text \"hans@example.nl");
    recorder_expect(&rec, "text \"mail ida@example.nl");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
}

/* Frames that zstd passes over, and a name for all members of a tar. */
static void test_passed_over(void **state)
{
    (void)state;
    struct recorder rec;
    tools_run(&tools,
              "(printf 'P*M\\030\\021\\0\\0\\0 anna@example.nl '; echo text | zstd -qc) > f.zst;"
              "python3 -c \"import tarfile\n"
              "t=tarfile.open('g.tar','w',format=tarfile.PAX_FORMAT,"
              "pax_headers={'path':'bram@example.nl'})\n"
              "t.addfile(tarfile.TarInfo('a.txt')); t.close()\"");
    jobs_file(&rec, &tools, "f.zst", NULL);
    recorder_expect(&rec, "anna@example.nl");
    recorder_expect(&rec, "text \"text");
    recorder_clear(&rec);
    jobs_file(&rec, &tools, "g.tar", NULL);
    recorder_expect(&rec, "path=bram@example.nl");
    recorder_expect(&rec, "unread unsupported \"one name for all members\"");
    recorder_clear(&rec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_passed_over),
        cmocka_unit_test(test_behind_prefix),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_small_opaque),
        cmocka_unit_test(test_zlib),
        cmocka_unit_test(test_zeros_first),
        cmocka_unit_test(test_uu_line),
        cmocka_unit_test(test_mtree_line),
        cmocka_unit_test(test_foreign_programs),
        cmocka_unit_test(test_7z),
        cmocka_unit_test(test_encrypted_zip),
        cmocka_unit_test(test_zip_passwords),
        cmocka_unit_test(test_locale),
        cmocka_unit_test(test_broken_gzip),
        cmocka_unit_test(test_cut_gzip_everywhere),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_sparse_tar),
        cmocka_unit_test(test_sparse_child),
        cmocka_unit_test(test_hidden_record),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_joined_tar),
        cmocka_unit_test(test_damaged_header),
        cmocka_unit_test(test_cut_between),
        cmocka_unit_test(test_trailing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
