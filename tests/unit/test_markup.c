/* HTML and XML: entities, values that tags split, origins, cuts.
 * floors: sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/entity.h"
#include "extract/formats.h"

static const struct recorder_job markup_job = {.name = "x.html", .extract = sp_markup_extract};

static void run(struct recorder *rec, struct sp_slice in, size_t block)
{
    recorder_init(rec);
    assert_int_equal(recorder_bytes(rec, in, block, &markup_job), SP_OK);
}

static void check(struct sp_slice in, const char *const *pieces)
{
    struct recorder whole;
    struct recorder cut;
    run(&whole, in, 0);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        run(&cut, in, block);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...)                                                                             \
    check((struct sp_slice){(const uint8_t *)(in), sizeof(in) - 1},                                \
          (const char *const[]){__VA_ARGS__, NULL})

static int bid(const char *text, const char *name)
{
    return bid_of(sp_markup_bid, sp_slice_of(text), sp_slice_of(name));
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid("\n<!doctype HTML><p>", "") > 50);
    assert_true(bid("<?xml version='1.0'?>", "a") > 50);
    assert_true(bid("\xEF\xBB\xBF<svg>", "") > 50);
    assert_true(bid("<ul><li>", "a.HTM") > 50);
    assert_int_equal(bid("<ul><li>", "a.txt"), 0);
    assert_int_equal(bid("a < b", "a.html"), 0);
    assert_int_equal(bid("", "a.html"), 0);
}

static void test_entities(void **state)
{
    (void)state;
    CHECK("jan&#64;b&period;nl", "text \"jan@b.nl\" @0 @4:8 @6:17");
    CHECK("<a href='mailto:jan&#x40;b.nl'>", "text \"<a href='mailto:jan@b.nl'>\"");
    CHECK("06&nbsp;12&shy;34&ndash;5678", "text \"06 1234-5678\"");
    CHECK("Ren&eacute; &Euml;&#233;", "text \"Ren\xC3\xA9 \xC3\x8B\xC3\xA9\"");
    CHECK("jan&#64b.nl jan&#x40;x &#64", "text \"jan@b.nl jan@x @\"");
    CHECK("jan&amp;#64;b.nl &amp;amp;lt;", "text \"jan@b.nl <\"");
    CHECK("a & b &unknown; &#xD800; &; &# &#x; R&D &aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
          "text \"a & b &unknown; &#xD800; &; &# &#x; R&D "
          "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;\" @0\n");
    CHECK("a &am", "text \"a &am\" @0\n", "records=1 complete");
    CHECK("", "records=0 complete");
}

static void test_split_values(void **state)
{
    (void)state;
    CHECK("<p>Bel <i>nu</i> 06-<b>1234</b>5678.</p><p>x <b>y</b> z</p>",
          "record document 1 line=1\n    text \"<p>Bel <i>nu</i> 06-<b>1234</b>5678.</p><p>x "
          "<b>y</b> z</p>\" @0\n    field \"\"\n    text \"Bel nu 06-12345678.\\x0ax y z\" @3 "
          "@4:10 @6:16 @10:23 @14:31 @19:43 @20:43 @22:48 @23:53\n  end record\nend ? document "
          "us-ascii bytes=59 records=1 complete");
    CHECK("<td>\nNL91<wbr>ABNA<!-- > -- -->0417</td>", "field \"\" line=2\n",
          "text \"NL91ABNA0417\"");
    CHECK("<p>jan&#64;<span class=\"x\"\n>b</span>&period;nl</p>", "text \"jan@b.nl\"");
    CHECK("<w:t>jan@</w:t></w:r><w:r><w:rPr/><w:t>b.nl</w:t>", "text \"jan@b.nl\"");
    CHECK("a<b>c<d", "text \"ac\"");
    CHECK("<p>NL91 <b>ABNA</b> <i>0417</i> 1643</p>", "text \"NL91 ABNA 0417 1643\"");
    CHECK("<p>Bel <i>nu</i> met <b>ons</b></p>", "</b></p>\" @0\n  end record");
    CHECK("1 <2 x<b>y</b><& <", "text \"1 <2 xy<&\"");
}

/* What is shown as lines below each other and cells side by side is read so. */
static void test_lines_and_cells(void **state)
{
    (void)state;
    CHECK("<p>Jan\n<br>Dorpsstraat 12<br />\n1234 AB  \t Tiel</p>\n<p>x</p>", "field \"\" line=1\n",
          "text \"Jan\\x0aDorpsstraat 12\\x0a1234 AB Tiel\\x0ax\"");
    CHECK("<tr><td>Jan</td><td><b>Vries</b></td></tr><tr>\n<td>Piet</td></tr>",
          "text \"Jan\\x09Vries\\x0aPiet\"");
    CHECK("<p>IBAN NL91 ABNA\n  0417</p>", "field \"\"\n", "text \"IBAN NL91 ABNA 0417\"");
    CHECK("<p>Geen\n<br>cijfers</p>", "<br>cijfers</p>\" @0\n  end record");
    CHECK("<p>1 regel</p>", "regel</p>\" @0\n  end record");
    CHECK("<p>06&nbsp;12<br>34</p>", "text \"06 12\\x0a34\"");
}

/* What a script writes as escapes is given once more, decoded, up to its quotes. */
static void test_escapes(void **state)
{
    (void)state;
    CHECK("<script>a='x';\nb='jan\\u0040b.nl';c='pi\\x65t'</script>",
          "field \"\" line=2\n    text \"jan@b.nl\" @18 @4:27", "text \"piet\"");
    CHECK("<i>\\u{40} \\\\u0040 \\ud83d\\ude00 \\u00zz \\u</i>",
          "text \"<i>@ @ \xF0\x9F\x98\x80 \\x5cu00zz \\x5cu</i>\"");
    CHECK("<i>C:\\users\\x</i>", "records=1 complete");
}

/* data-cfemail: each byte XOR the first. */
static void test_hidden(void **state)
{
    (void)state;
    CHECK("<p>\n<a data-cfemail=\"107150723e7e7c\" href='/p#'>x</a>",
          "field \"\" line=2\n    text \"a@b.nl\" @4\n", "records=1");
    CHECK("<a href=\"/cdn-cgi/l/email-protection#0064617440622e6e6c\">", "text \"dat@b.nl\"");
    CHECK("<a data-cfemail='0064'>", "records=1 complete");
}

/* More blocks, and a longer one, than are kept. */
static void test_many_blocks(void **state)
{
    (void)state;
    size_t cap = 1000000;
    char *text = malloc(cap);
    assert_non_null(text);
    size_t len = 0;
    for (int i = 0; i < 20000; i++)
        len += (size_t)snprintf(text + len, cap - len, "<p>\nx<b>%d</b></p>", i);
    for (int i = 0; i < 20000; i++)
        len += (size_t)snprintf(text + len, cap - len, "y<b>%d</b>", i);
    struct recorder rec;
    run(&rec, (struct sp_slice){(uint8_t *)text, len}, 0);
    recorder_expect(&rec, "text \"x0\\x0ax1\\x0a");
    recorder_expect(&rec, "\\x0ax9999\\x0ax10000\\x0a");
    recorder_expect(&rec, "\\x0ax19999");
    recorder_expect(&rec, "y9998y9999y");
    recorder_expect(&rec, "y19998y19999\"");
    recorder_expect(&rec, "<p>\\x0ax<b>15000</b></p>");
    recorder_clear(&rec);
    free(text);
}

static const char mixed[] = "<p>\xC3\xA9&#64;<b>&amp;#x40;</b>x<!-- - -- -->&nbsp;&shy;<&<![CDATA[a"
                            "<i>\xE2\x82\xAC</i>b]]><a b='&#233;>'>c</a>d</p>&#1234567890;&";

static void test_chop(void **state)
{
    (void)state;
    uint8_t bytes[sizeof mixed];
    uint32_t seed = 11;
    for (size_t len = 0; len < sizeof mixed; len++)
        check((struct sp_slice){(const uint8_t *)mixed, len}, (const char *const[]){NULL});
    for (int round = 0; round < 1500; round++) {
        memcpy(bytes, mixed, sizeof mixed);
        for (int flips = 0; flips < 3; flips++) {
            seed = seed * 1664525 + 1013904223;
            bytes[(seed >> 8) % sizeof mixed] ^= (uint8_t)(1U << (seed >> 29));
        }
        check((struct sp_slice){bytes, sizeof mixed - 1}, (const char *const[]){NULL});
    }
}

static void test_failures(void **state)
{
    (void)state;
    struct recorder rec;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, sp_slice_of(mixed), 50, &markup_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
        assert_true(nth < 1000);
    }
    assert_int_equal(err, SP_OK);
    err = SP_ERR_STOP;
    for (uint64_t at = 1; err == SP_ERR_STOP; at++) {
        recorder_init(&rec);
        rec.fail_with = SP_ERR_STOP;
        rec.fail_at = at;
        err = recorder_bytes(&rec, sp_slice_of(mixed), 50, &markup_job);
        recorder_clear(&rec);
        assert_true(at < 1000);
    }
    assert_int_equal(err, SP_OK);
}

/* Runs are given while an escape is at hand: it goes on. */
static void test_many_escapes(void **state)
{
    (void)state;
    enum { ROWS = 30000 };
    size_t cap = (size_t)ROWS * 70;
    char *text = malloc(cap);
    assert_non_null(text);
    for (int shift = 0; shift < 15; shift += 7) {
        struct recorder rec;
        size_t len = (size_t)snprintf(text, cap, "<p>%.*s", shift, "aaaaaaaaaaaaaaa");
        for (int i = 0; i < ROWS; i++)
            len += (size_t)snprintf(text + len, cap - len,
                                    "<tr><td>n%d</td><td>kees%05d@voor\\u0062eeld.nl</td></tr>\n",
                                    i, i);
        run(&rec, (struct sp_slice){(uint8_t *)text, len}, 4093);
        const char *at = rec.out; /* they come in their order */
        for (int i = 0; i < ROWS; i++) {
            char want[64];
            (void)snprintf(want, sizeof want, "kees%05d@voorbeeld.nl", i);
            const char *found = at;
            while (*found != '\0' && (*found != 'k' || strncmp(found, want, strlen(want)) != 0))
                found++;
            if (*found == '\0')
                fail_msg("shift %d: no %s", shift, want);
            at = found;
        }
        recorder_clear(&rec);
    }
    free(text);
}

/* Fails when one of keesNNNNN@voorbeeld.nl stands nowhere in what was given. */
static void expect_all(const struct recorder *rec, int rows, const char *what)
{
    bool *met = calloc((size_t)rows, sizeof *met);
    assert_non_null(met);
    for (const char *at = rec->out; *at != '\0'; at++) { /* strstr is slow with sanitizers */
        char *end;
        if (strncmp(at, "kees", 4) != 0)
            continue;
        long number = strtol(at + 4, &end, 10);
        if (number >= 0 && number < rows && strncmp(end, "@voorbeeld.nl", 13) == 0)
            met[number] = true;
    }
    for (int i = 0; i < rows; i++) {
        if (!met[i])
            fail_msg("%s: no kees%05d", what, i);
    }
    free(met);
}

/* Nothing is lost where runs fill their room, or where what waits is given: in text over tags, in
 * attributes, in references, in escapes; wherever the pieces are cut. */
static void test_much(void **state)
{
    (void)state;
    enum { ROWS = 12000 };
    static const struct {
        const char *before, *behind;
    } forms[] = {
        {"<p>m <b>kees", "</b>@voorbeeld.nl</p>\n"},
        {"<i>m</i> <b>kees", "</b>@voorbeeld.nl "},
        {"<tr><td>n</td><td><a href='mailto:kees", "@voorbeeld.nl'>x</a></td></tr>"},
        {"<tr><td>n</td><td>kees", "&#64;voorbeeld.nl</td></tr>"},
        {"<p>&#107;&#101;es", "&#64;&#118;&#111;orbeeld.nl 1</p>\n<p>2</p>"},
        {"x <p>\\u006b\\u0065es", "\\u0040voorbeeld.nl</p> "},
        {"\\u006b\\u0065\\u0065\\u0073", "\\u0040\\u0076\\u006f\\u006f\\u0072\\u0062eeld.nl "},
    };
    size_t cap = (size_t)ROWS * 90;
    char *text = malloc(cap);
    assert_non_null(text);
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        for (size_t block = 4093; block < 70000; block += 59999) {
            struct recorder rec;
            size_t len = 0;
            for (int i = 0; i < ROWS; i++)
                len += (size_t)snprintf(text + len, cap - len, "%s%05d%s", forms[form].before, i,
                                        forms[form].behind);
            run(&rec, (struct sp_slice){(uint8_t *)text, len}, block);
            expect_all(&rec, ROWS, forms[form].before);
            recorder_clear(&rec);
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bid),          cmocka_unit_test(test_entities),
        cmocka_unit_test(test_split_values), cmocka_unit_test(test_many_blocks),
        cmocka_unit_test(test_many_escapes), cmocka_unit_test(test_lines_and_cells),
        cmocka_unit_test(test_much),         cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_hidden),       cmocka_unit_test(test_chop),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
