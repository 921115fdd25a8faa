/* What is packed in cells: JSON, PHP, base64, HTML, character references, numbers, each in the
 * others, damaged and cut. floors: sp_extract */
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"
#include "extract/php_read.h"

static const struct recorder_job csv_job = {.name = "x.csv", .extract = sp_csv_extract};

static void check(const char *in, const char *const *pieces)
{
    struct recorder whole;
    recorder_init(&whole);
    assert_int_equal(recorder_bytes(&whole, sp_slice_of(in), 0, &csv_job), SP_OK);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        struct recorder cut;
        recorder_init(&cut);
        assert_int_equal(recorder_bytes(&cut, sp_slice_of(in), block, &csv_job), SP_OK);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(cell, ...) check("id\tdata\n1\t" cell "\n", (const char *const[]){__VA_ARGS__, NULL})

static void test_json(void **state)
{
    (void)state;
    CHECK("{\"tel\":\"06\",\"l\":[\"a\",{\"b\":2}]}",
          "field \"data.tel\" part=\"/tel\" column=2 line=2\n    text \"06\" @18\n",
          "field \"data.l\" part=\"/l/0\" column=2", "field \"data.b\" part=\"/l/1/b\" column=2");
    /* a record is a row, whatever arrays are in it */
    CHECK("[{\"a\":\"x\"},{\"a\":\"y\"}]", "part=\"/0/a\"", "part=\"/1/a\"", "records=1");
    /* not JSON, or not all of it: the cell as it stands */
    CHECK("{\"a\":\"x\"", "text \"{\\x22a\\x22:\\x22x\\x22\"");
    CHECK("{\"a\":\"x\"} en meer", "text \"{\\x22a\\x22:\\x22x\\x22} en meer\"");
}

static void test_html(void **state)
{
    (void)state;
    CHECK("<p>Jan<br />Dorpsstraat 12<br/>1234 AB</p>",
          "field \"data\" column=2 line=2\n    text \"<p>Jan<br />Dorpsstraat 12<br/>1234 AB</p>\" "
          "@10\n",
          "    field \"data\" column=2 line=2\n    text \"Jan\\x0aDorpsstraat 12\\x0a1234 AB\"");
    CHECK("06-<b>12</b>&#51;4", "text \"06-<b>12</b>34\"", "text \"06-1234\"");
    CHECK("1 < 2 en 3 > 2", "text \"1 < 2 en 3 > 2\" @10\n  end record");
    CHECK("<br", "text \"<br\" @10\n  end record");
    CHECK("{\"a\":\"12<br>3\"}",
          "field \"data.a\" part=\"/a\" column=2 line=2\n    text \"12<br>3\"",
          "text \"12\\x0a3\"");
}

static void test_php(void **state)
{
    (void)state;
    CHECK("a:2:{s:3:\"tel\";s:2:\"06\";s:1:\"l\";a:1:{i:0;i:12345;}}",
          "field \"data.tel\" part=\"/tel\" column=2 line=2\n    text \"06\" @30\n",
          "field \"data.l.0\" part=\"/l/0\"", "text \"12345\"");
    CHECK("O:8:\"stdClass\":2:{s:1:\"a\";N;s:1:\"b\";b:1;}", "records=1");
    CHECK("s:7:\"jan@x.y\";", "field \"data\" column=2", "text \"jan@x.y\"");
    /* lengths of another encoding, quotes within, what comes after damage */
    CHECK("a:1:{s:1:\"a\";s:9:\"ge\xC3\xAFnd \"q\" x\";}", "text \"ge\xC3\xAFnd \\x22q\\x22 x\"");
    CHECK("a:1:{s:1:\"a\";s:2:\"ok\";?? jan@example.nl", "text \"ok\"",
          "text \"?? jan@example.nl\"");
    CHECK("a:9:{s:14:\"jan@example.nl\";s:1:\"x\";}", "text \"jan@example.nl\"", "part=\"/***\"");
    /* what only looks like a part of it is text */
    CHECK("a:1:{s:1:\"a\";b:jan@example.nl;}", "text \"jan@example.nl\"");
    CHECK("a:1:{s:1:\"a\";O:14:\"jan@example.nl\":0:{}}", "jan@example.nl");
    CHECK("a:1:{s:1:\"a\";O:3:\"Abc\"jan@example.nl", "Abc", "jan@example.nl");
    assert_false(sp_php_looks(sp_slice_of("a:b:c")));
    assert_false(sp_php_looks(sp_slice_of("s:1:\"a\"; en meer")));
    assert_false(sp_php_looks(sp_slice_of("a: 1: {}")));
}

static void test_base64(void **state)
{
    (void)state;
    /* Bel jan@example.nl nu. */
    CHECK("QmVsIGphbkBleGFtcGxlLm5sIG51Lg==", "text \"Bel jan@example.nl nu.\" @10\n",
          "text \"QmVsIGphbkBleGFtcGxlLm5sIG51Lg==\" @10\n");
    /* {"mail":"jan@example.nl"} */
    CHECK("eyJtYWlsIjoiamFuQGV4YW1wbGUubmwifQ", "field \"data.mail\" part=\"/mail\"",
          "text \"jan@example.nl\"");
    /* Andr\xE9: jan@example.nl graag, in windows-1252 */
    CHECK("QW5kcuk6IGphbkBleGFtcGxlLm5sIGdyYWFn", "text \"Andr\xC3\xA9: jan@example.nl graag\"");
    CHECK("abcdefgh12345678ijkl", "text \"abcdefgh12345678ijkl\"", "records=1");
}

static void test_references(void **state)
{
    (void)state;
    /* a JSON Web Token: {"email":"jan@example.nl"} */
    CHECK("eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImphbkBleGFtcGxlLm5sIn0.c2lnbmF0dXJl",
          "part=\"/email\"", "text \"jan@example.nl\"");
    CHECK("eyJhbGciOiJIUzI1NiJ9.x", "text \"eyJhbGciOiJIUzI1NiJ9.x\"");
    CHECK("jan&#64;example.nl &amp; &onbekend; R&D &lt;",
          "text \"jan@example.nl & &onbekend; R&D <\"");
    CHECK("{&quot;tel&quot;:&quot;06&quot;}", "field \"data.tel\" part=\"/tel\"", "text \"06\"");
    CHECK("AT&T; gewoon & zo", "text \"AT&T; gewoon & zo\"");
}

/* HTML in a cell is read as HTML: as it stands, and without tags where they split a value. */
static void test_markup(void **state)
{
    (void)state;
    CHECK("jan<b>@</b>x.nl", "field \"data\" column=2 line=2\n    text \"jan<b>@</b>x.nl\"",
          "text \"jan@x.nl\"", "records=1");
    CHECK("<p>Bel <b>nu</b> &amp; mail</p>", "text \"<p>Bel <b>nu</b> & mail</p>\" @10");
    CHECK("{\"h\":\"1<i>2</i>c\"}",
          "field \"data.h\" part=\"/h\" column=2 line=2\n    text \"12c\"");
    CHECK("a < b en c > d", "text \"a < b en c > d\"");
}

/* Escapes of programs, and whole numbers with an exponent or a fraction, in both spellings. */
static void test_spellings(void **state)
{
    (void)state;
    CHECK("x 'jan\\u0040x.nl' y", "text \"x 'jan\\x5cu0040x.nl' y\"", "text \"jan@x.nl\"");
    /* what begins as base64 does */
    CHECK("JanVanDenBergKees\\u0040x.nl", "text \"JanVanDenBergKees@x.nl\"");
    CHECK("JanVanDenBergKees&#64;x.nl", "text \"JanVanDenBergKees@x.nl\"");
    CHECK("JanVanDenBergKees<b>@</b>x.nl", "text \"JanVanDenBergKees@x.nl\"");
    /* two spellings in one cell */
    CHECK("R&amp;D: jan\\u0040x.nl", "text \"R&D: jan\\x5cu0040x.nl\"", "jan@x.nl");
    CHECK("jan<wbr>&commat;x.nl", "text \"jan@x.nl\"");
    CHECK("1.11222333E8", "text \"1.11222333E8\"", "text \"111222333\"");
    CHECK("1,23456782e+08", "text \"123456782\"");
    CHECK("111222333.0", "text \"111222333\"");
    CHECK("-3.1612345678E10", "text \"-31612345678\"");
    CHECK("1.112223334E8", "text \"1.112223334E8\"", "records=1");
    CHECK("1E999", "text \"1E999\"");
}

/* One in the other, ten deep: opened as far as the limit, then text. */
static void test_nests(void **state)
{
    struct sp_buf in;
    struct sp_why why;
    struct recorder rec;
    char value[4096] = "jan@example.nl";
    (void)state;
    for (unsigned depth = 0; depth < 10; depth++) {
        char outer[4096];
        assert_true(snprintf(outer, sizeof outer, "a:1:{s:1:\"k\";s:%zu:\"%s\";}", strlen(value),
                             value) < (int)sizeof outer);
        memcpy(value, outer, sizeof value);
    }
    sp_buf_init(&in, 1 << 20);
    assert_int_equal(sp_buf_appendf(&in, &why, "id\tdata\n1\t%s\n", value), SP_OK);
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, sp_buf_slice(&in), 0, &csv_job), SP_OK);
    recorder_expect(&rec, "part=\"/k/k/k/k/k/k\"");
    assert_non_null(strstr(rec.out, "jan@example.nl"));
    recorder_clear(&rec);
    sp_buf_clear(&in);
}

/* A row whose cells are of these sizes, `packed` at the end of the second or third. */
static void check_sizes(size_t first, size_t second, size_t before, const char *packed,
                        const char *want, size_t block)
{
    size_t cap = first + second + before + 200;
    char *text = malloc(cap);
    struct recorder rec;
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, cap, "a\tb\tc\td\n");
    memset(text + len, 'x', first);
    len += first;
    text[len++] = '\t';
    for (size_t i = 0; i < second; i++)
        text[len++] = i % 9 == 8 ? ' ' : 'y';
    text[len++] = '\t';
    for (size_t i = 0; i < before; i++)
        text[len++] = i % 9 == 8 ? ' ' : 'z';
    len += (size_t)snprintf(text + len, cap - len, "%s\teind\n", packed);
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, (struct sp_slice){(uint8_t *)text, len}, block, &csv_job),
                     SP_OK);
    if (strstr(rec.out, want) == NULL)
        fail_msg("%zu, %zu, %zu bytes, pieces of %zu: no %s", first, second, before, block, want);
    recorder_expect(&rec, "text \"eind\"");
    recorder_expect(&rec, "records=1 complete");
    recorder_clear(&rec);
    free(text);
}

/* Cells that are larger than a piece, or lie over the end of one, are opened too. */
static void test_long(void **state)
{
    (void)state;
    static const struct {
        const char *packed, *want;
        bool whole; /* the form is that of all of the cell */
    } forms[] = {
        {" <p>kees@<b>voorbeeld</b>.nl</p>", "kees@voorbeeld.nl", false},
        {" kees&#64;voorbeeld.nl", "kees@voorbeeld.nl", false},
        {" kees\\u0040voorbeeld.nl", "kees@voorbeeld.nl", false},
        {" a2Vlc0B2b29yYmVlbGQubmw=", "kees@voorbeeld.nl", false},
        {"a2Vlc0B2b29yYmVlbGQubmw=", "kees@voorbeeld.nl", true},
        {"{\"a\":{\"b\":\"kees\"}}", "part=\"/a/b\"", true},
        {"a:1:{s:1:\"a\";s:4:\"kees\";}", "part=\"/a\"", true},
    };
    static const size_t sizes[] = {0, 1, 30000, 65500, 65520, 65536, 65540, 131072, 200001};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        for (size_t i = 0; i < (size_t)COUNT * COUNT; i++) {
            size_t before = forms[form].whole ? 0 : sizes[(i * 5 + form) % COUNT];
            check_sizes(sizes[i % COUNT], sizes[i / COUNT], before, forms[form].packed,
                        forms[form].want, i % 2 == 0 ? 0 : 4093);
        }
    }
}

static void test_memory(void **state)
{
    const struct sp_slice in =
        sp_slice_of("id\tdata\n1\ta:1:{s:1:\"k\";s:9:\"{\"a\":\"b\"}\";}\n2\t{\"a\":\"&amp;\"}\n");
    enum sp_err err = SP_ERR_NOMEM;
    (void)state;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, in, 0, &csv_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
        assert_true(nth < 100);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),       cmocka_unit_test(test_php),
        cmocka_unit_test(test_html),       cmocka_unit_test(test_base64),
        cmocka_unit_test(test_references), cmocka_unit_test(test_markup),
        cmocka_unit_test(test_spellings),  cmocka_unit_test(test_nests),
        cmocka_unit_test(test_long),       cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
