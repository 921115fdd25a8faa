/* CSV: what is CSV and what is not, rows, cells, quotes, broken quotes, encodings, cuts.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/csv_dialect.h"
#include "extract/formats.h"
#include "extract/row.h"

static const struct recorder_job csv_job = {.name = "x.csv", .extract = sp_csv_extract};

static struct sp_slice of(const char *text)
{
    return sp_slice_of(text);
}

/* The events of one run; the caller clears. */
static void run(struct recorder *rec, struct sp_slice in, size_t block, bool offsets)
{
    recorder_init(rec);
    rec->hide_offsets = !offsets;
    assert_int_equal(recorder_bytes(rec, in, block, &csv_job), SP_OK);
}

/* Runs the input in one block and in blocks of 1 and 3 bytes; expects each of the pieces. */
static void check(struct sp_slice in, bool offsets, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    run(&whole, in, 0, offsets);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        run(&cut, in, block, offsets);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...) check(of(in), true, (const char *const[]){__VA_ARGS__, NULL})

static int bid(const char *text, const char *name)
{
    return bid_of(sp_csv_bid, of(text), of(name));
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid("bsn;naam\n12345672;Voorbeeld\n", "export") > 50);
    assert_true(bid("bsn;naam\r\n12345672;Voorbeeld\r\n", "export.txt") > 50);
    assert_true(bid("naam,email\nJan,jan@example.nl\n", "") > 50);
    assert_true(bid("\"Email Address\",\"First Name\",MEMBER_RATING\n"
                    "\"a@example.org\",\"Jan, de heer\",2\n",
                    "subscribed") > 50);
    assert_true(bid("a\tb\n1\t2\n", "") > 50);
    assert_true(bid("1;Jan;jan@example.nl\n2;Piet;p@example.nl\n3;Ans;a@example.nl\n", "") > 50);
    assert_true(bid("email\njan@example.nl\n", "x.CSV") > 50);
    assert_true(bid("bsn;naam\n", "x.csv") > 50);
    assert_true(bid("Rapport klanten;;;\n\nid;naam;plaats;tel\n1;Jan;Ede;0\n2;An;Ede;1\n", "") >
                50);
    assert_true(bid("sep=;\nid;naam\n1;Jan\n2;Piet\n", "x.csv") > 50);
    /* Not CSV. */
    assert_int_equal(bid("", ""), 0);
    assert_int_equal(bid("Beste Jan, hoe gaat het?\nMet mij goed, dank je, en met Piet?\n", ""), 0);
    assert_int_equal(bid("Beste Jan, alles goed\nMet groet, Piet\n", ""), 0);
    assert_int_equal(bid("Een regel zonder iets.\nNog een regel.\n", "a.txt"), 0);
    assert_int_equal(bid("192.0.2.1 - - [01/Jan/2024:10:00:00 +0100] \"GET / HTTP/1.1\" 200 1 "
                         "\"-\" \"Mozilla/5.0 (X11; Linux; x64)\"\n"
                         "192.0.2.2 - - [01/Jan/2024:10:00:01 +0100] \"GET / HTTP/1.1\" 200 1 "
                         "\"-\" \"Mozilla/5.0 (X11; Linux; x64)\"\n"
                         "192.0.2.3 - - [01/Jan/2024:10:00:02 +0100] \"GET / HTTP/1.1\" 200 1 "
                         "\"-\" \"Mozilla/5.0 (X11; Linux; x64)\"\n",
                         "access"),
                     0);
    assert_int_equal(
        bid("2024-01-01 10:00:00,123 INFO a, b, c\n2024-01-01 10:00:01,123 INFO a, b, c\n"
            "2024-01-01 10:00:02,124 WARN d, e, f\n",
            "app"),
        0);
    assert_int_equal(
        bid("2024-01-01 10:00:00;INFO;x\n2024-01-01 10:00:01;INFO;y\n2024-01-01 10:00:02;INFO;y\n",
            ""),
        0);
    assert_int_equal(bid("{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n{\"a\":5,\"b\":6}\n", "x.jsonl"),
                     0);
    assert_int_equal(bid("<a>b;c</a>\n<a>b;d</a>\n", "x.xml"), 0);
    assert_int_equal(bid("INSERT INTO t VALUES (1,'a');\nINSERT INTO t VALUES (2,'b');\nINSERT "
                         "INTO t VALUES (3,'c');\n",
                         ""),
                     0);
    assert_int_equal(
        bid("int main(void)\n{\n    int a = f(1, 2);\n    int b = g(3, 4);\n    return a;\n}\n",
            "x.c"),
        0);
    assert_int_equal(
        bid("From: Jan <jan@example.nl>\nTo: a@example.nl, b@example.nl\nSubject: x\n\nbody\n", ""),
        0);
    assert_int_equal(bid("a;b\n1;2\n", "x.log"), 0);
}

static void test_rows(void **state)
{
    (void)state;
    CHECK("bsn;naam\n12345672;Voorbeeld\n;x\n\n9;\n",
          "record row 0 line=1\n    field \"\" column=1 line=1\n    text \"bsn\" @0\n",
          "record row 1 line=2\n    field \"bsn\" column=1 line=2\n    text \"12345672\" @9\n"
          "    field \"naam\" column=2 line=2\n    text \"Voorbeeld\" @18\n  end record",
          "record row 2 line=3\n    field \"naam\" column=2 line=3\n    text \"x\" @29\n",
          "record row 3 line=5\n    field \"bsn\" column=1 line=5\n    text \"9\" @32\n  end",
          "us-ascii bytes=35 records=3 complete");
    CHECK("a,b\r\n\"x \"\"y\"\", z\r\nw\",2\r\n3,4",
          "text \"x \\x22y\\x22, z\\x0aw\" @6 @2:9 @4:12 @8:17",
          "field \"b\" column=2 line=3\n    text \"2\" @", "record row 2 line=4\n",
          "text \"4\" @26");
    CHECK("a, \"b\", c\n1, \"2,3\", 4\n5, \"6\", 7\n",
          "field \"b\" column=2 line=2\n    text \"2,3\" @",
          "field \"c\" column=3 line=2\n    text \" 4\"");
    CHECK("1;Jan;a\n2;Piet;b\n3;An;c\n",
          "record row 1 line=1\n    field \"\" column=1 line=1\n    text \"1\" @0");
    CHECK("Rapport;;\nid;naam;tel\n1;Jan;2\n2;Piet;3\n",
          "record row 0 line=1\n    field \"\" column=1 line=1\n    text \"Rapport\"",
          "text \"naam\" @13",
          "record row 1 line=3\n    field \"id\" column=1 line=3\n    text \"1\"");
    CHECK("email\njan@example.nl\n",
          "field \"email\" column=1 line=2\n    text \"jan@example.nl\" @6");
    CHECK("a;b\r1;2\r3;4\r",
          "record row 2 line=1\n    field \"a\" column=1 line=1\n    text \"3\"");
}

static void test_broken(void **state)
{
    (void)state;
    CHECK("a;b\n\"x\"y\";2\n\"open;3\n4;5\n", "text \"xy\\x22\" @5 @1:7",
          "text \"open;3\\x0a4;5\\x0a\"");
    CHECK("a;b\n1;x \"y\" z\n", "text \"x \\x22y\\x22 z\" @6");
    CHECK("a;b\n1;2;3;4\n5;6\n7\n8;9\n", "field \"\" column=4 line=2\n    text \"4\"");
    /* A quote that is never closed: after 1000 lines rows are rows again. */
    char text[40000] = "a;b\n\"1;2\n";
    size_t len = strlen(text);
    for (int i = 0; i < 1500; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "k%d;v%d\n", i, i);
    struct recorder rec;
    run(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, false);
    recorder_expect(&rec, "field \"a\" column=1 line=1502\n    text \"k1499\"");
    recorder_clear(&rec);
}

static void test_encodings(void **state)
{
    (void)state;
    static const char utf16[] = "\xFF\xFE"
                                "b\0s\0n\0;\0n\0\r\0\n\0"
                                "1\0;\0\xE9\0\r\0\n\0";
    check((struct sp_slice){(const uint8_t *)utf16, sizeof utf16 - 1}, true,
          (const char *const[]){"field \"n\" column=2 line=2\n    text \"\xC3\xA9\" @20",
                                "utf-16le", NULL});
    assert_true(bid_of(sp_csv_bid, (struct sp_slice){(const uint8_t *)utf16, sizeof utf16 - 1},
                       of("")) > 50);
    CHECK("\xEF\xBB\xBF"
          "bsn;naam\n1;Ren\xC3\xA9"
          "e\n",
          "field \"bsn\" column=1 line=2\n    text \"1\" @12",
          "text \"Ren\xC3\xA9"
          "e\" @14");
    CHECK("bsn;naam\n1;Ren\xE9"
          "e\n2;x\n",
          "field \"naam\" column=2 line=2\n    text \"Ren\xC3\xA9"
          "e\" @11 @5:15",
          "windows-1252");
    CHECK("bsn;na\xC2\xA0"
          "am\n1;\xE2\x80\x99s\n",
          "field \"na am\" column=2 line=2\n    text \"'s\" @13 @1:16");
}

/* Cells longer than a frame, rows wider than the row keeps. */
static void test_bounds(void **state)
{
    (void)state;
    size_t cap = 900000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap, "a;b\n1;");
    memset(text + len, 'x', 300000);
    len += 300000;
    len += (size_t)snprintf(text + len, cap - len, "\n2;y\n");
    for (int i = 0; i < 70000; i++)
        len += (size_t)snprintf(text + len, cap - len, "%d;", i % 10000);
    struct recorder rec;
    run(&rec, (struct sp_slice){(uint8_t *)text, len}, 0, false);
    assert_non_null(memmem(rec.out, rec.out_len, "xxxxxxxx\"\n  end record", 21));
    recorder_expect(&rec, "field \"\" column=69999 line=4\n    text \"9998\"");
    recorder_expect(&rec, "records=3 complete");
    recorder_clear(&rec);
    free(text);
}

static const char sample[] =
    "\xEF\xBB\xBFid;\"na\"\"am\";e-mail\r\n1;\"Jan\r\nde \"\"V\"\"\"; \"x\"\r\n"
    "2;Ren\xE9;\xC2\xA0;\xE2\x80\x91\r\n\"3;4";

/* Cut at every byte and with random bits turned over: never a crash, always the same in blocks. */
static void test_chop(void **state)
{
    (void)state;
    uint8_t bytes[sizeof sample];
    uint32_t seed = 7;
    for (size_t len = 0; len < sizeof sample; len++)
        check((struct sp_slice){(const uint8_t *)sample, len}, true, (const char *const[]){NULL});
    for (int round = 0; round < 1500; round++) {
        memcpy(bytes, sample, sizeof sample);
        for (int flips = 0; flips < 3; flips++) {
            seed = seed * 1664525 + 1013904223;
            bytes[(seed >> 8) % sizeof sample] ^= (uint8_t)(1U << (seed >> 29));
        }
        check((struct sp_slice){bytes, sizeof sample - 1}, true, (const char *const[]){NULL});
    }
}

/* The latest date of a row is the record's. */
static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* INT64_MIN: none */
    } rows[] = {
        {"1970-01-01", 0},
        {"2026-02-03 10:11:12", 1770113472},
        {"2026-02-03T10:11:12.5+01:00", 1770113472},
        {"2026-02-03T10:11", 1770113460},
        {"2024-02-29", 1709164800},
        {"03-02-2026", 1770076800},
        {"3-2-2026", INT64_MIN},
        {"31.12.2099", 4102358400},
        {"9999-12-31", INT64_MIN},
        {"1969-12-31", INT64_MIN},
        {"0000-00-00 00:00:00", INT64_MIN},
        {"2026-13-01", INT64_MIN},
        {"2026-02-03 is later", INT64_MIN},
        {"2026-02-0311", INT64_MIN},
        {"20260203", INT64_MIN},
        {"", INT64_MIN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = sp_row_date_of(of(rows[i].text));
        if (got != rows[i].seconds)
            fail_msg("%s: %lld", rows[i].text, (long long)got);
    }
    CHECK("id;a;b;c\n1;2026-02-03;2025-01-01 12:00:00;x\n2;x;y;z\n",
          "record row 1 line=2 date=1770076800\n", "record row 2 line=3\n");
}

static void test_failures(void **state)
{
    (void)state;
    struct recorder rec;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, of(sample), 5, &csv_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
        assert_true(nth < 100);
    }
    assert_int_equal(err, SP_OK);
    err = SP_ERR_STOP;
    for (uint64_t at = 1; err == SP_ERR_STOP; at++) {
        recorder_init(&rec);
        rec.fail_with = SP_ERR_STOP;
        rec.fail_at = at;
        err = recorder_bytes(&rec, of(sample), 5, &csv_job);
        recorder_clear(&rec);
        assert_true(at < 100);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bid),    cmocka_unit_test(test_rows),
        cmocka_unit_test(test_broken), cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_chop),
        cmocka_unit_test(test_dates),  cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
