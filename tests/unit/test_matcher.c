/* The matcher: windows of any size, floods, limits, overlaps, context. floors: sp_detect */
#include "detect_fixture.h"

#include "base/buf.h"
#include "base/mem.h"

#include <unistd.h>

#define PATTERNS SPEUR_SOURCE_DIR "/patterns"

enum { TEXT_MAX_BYTES = 1024 * 1024 };

static struct fixture shared;

static int open_shared(void **state)
{
    (void)state;
    fixture_open(&shared, PATTERNS);
    return 0;
}

static int close_shared(void **state)
{
    (void)state;
    fixture_close(&shared);
    return 0;
}

/* Text in which everything stands that context looks at, in an order that differs each time. */
static void mixed_text(struct sp_buf *buf, size_t min_bytes)
{
    static const char *const parts[] = {
        "IBAN: NL02 ABNA 0123 4567 89 t.n.v. A. Voorbeeld\n",
        "bsn;naam;telefoon\n12345672;Voorbeeld;612345678\n111222333;Ander;0201234567\n",
        "Mail naar jan.jansen@example.nl of bel 06-12345678 / 06-87654321.\n\n",
        ("INSERT INTO klant (id,bsn,email,kvk) VALUES (1,'111222333','a@example.nl','12345678'),\n"
         "(2,'999001231','b@example.nl','87654321'),(3,NULL,'c@example.nl',NULL);\n"),
        "{\"kvkNummer\":\"12345678\",\"tel\":\"0612345678\",\"bsn\": 999555017}\n",
        "BSN:\n999876545\n\nordernummer 111222333, factuurnr: 0201234567 \n",
        "Dorpsstraat 12, 1012 AB Amsterdam\nPostbus 626\n1000 AP Amsterdam\n",
        "| BSN | 999001231 |\n| KvK | 12345678 |\n",
        "<klant><bsn>111222333</bsn><tel>0612345678</tel></klant> 999001231 ",
        "lorem ipsum dolor sit amet 12 34 56 consectetur 2023-10-10T13:55:36.123Z elit. ",
        "12345678,12345678,12345678,12345678,a@a@a@a@example.nl 06 12 34 56 78 06 12 34 56 78 ",
        "j\xC3\xB6rg@example.de \xE2\x80\xA2 info [at] example.nl \xE2\x80\xA2 BTW "
        "NL004495445B01\n",
    };
    struct sp_why why = {{0}};
    uint32_t seed = 12345;
    sp_buf_init(buf, 2 * TEXT_MAX_BYTES);
    while (buf->len < min_bytes) {
        seed = seed * 1664525 + 1013904223;
        assert_int_equal(sp_buf_append_string(buf, parts[(seed >> 16) % 12], &why), SP_OK);
    }
}

static void assert_same(const struct fixture_match *a, size_t a_count,
                        const struct fixture_match *b, size_t b_count, size_t own_bytes)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (memcmp(&a[i], &b[i], sizeof a[i]) != 0)
            fail_msg("windows of %zu: match %zu is %s %s at %zu+%zu, not %s %s at %zu+%zu",
                     own_bytes, i, sp_type_name(b[i].type), sp_confidence_name(b[i].confidence),
                     b[i].begin, b[i].len, sp_type_name(a[i].type),
                     sp_confidence_name(a[i].confidence), a[i].begin, a[i].len);
    }
    assert_int_equal(a_count, b_count);
}

static void check_windows(struct sp_slice text, enum sp_record_kind kind)
{
    static const size_t sizes[] = {97, 1000, 4096, 20011};
    fixture_run(&shared, text, kind, 0);
    size_t count = shared.count;
    struct fixture_match *whole = malloc((count + 1) * sizeof *whole);
    assert_non_null(whole);
    memcpy(whole, shared.matches, count * sizeof *whole);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (text.len / sizes[i] > 350)
            continue; /* a copy with margins each: too slow */
        fixture_run(&shared, text, kind, sizes[i]);
        assert_same(whole, count, shared.matches, shared.count, sizes[i]);
    }
    free(whole);
}

static void test_windows(void **state)
{
    (void)state;
    struct sp_buf buf;
    mixed_text(&buf, 30000);
    check_windows(sp_buf_slice(&buf), SP_RECORD_DOCUMENT);
    assert_true(shared.count > 250);
    check_windows(sp_buf_slice(&buf), SP_RECORD_LINE);
    sp_buf_clear(&buf);
}

/* Lines of the detector cases and of prose, far enough apart that labels are out of reach, and near
 * enough that they are not. */
static void cases_text(struct sp_buf *buf, uint32_t seed, size_t min_bytes)
{
    static const char *const between[] = {"lorem ipsum dolor sit amet consectetur adipiscing elit ",
                                          "\n",
                                          "; ",
                                          "\t|",
                                          "user=",
                                          "geboortedatum ",
                                          "klantnr ",
                                          " en verder ging het over de levering van vorige week. ",
                                          "paspoort ",
                                          "\n\n",
                                          "7 ",
                                          "\xC3\xA9 "};
    char line[4096];
    struct sp_why why = {{0}};
    FILE *file = fopen(SPEUR_SOURCE_DIR "/tests/cases/detector_cases.tsv", "r");
    assert_non_null(file);
    sp_buf_init(buf, 1 << 22);
    while (buf->len < min_bytes) {
        if (!fgets(line, sizeof line, file)) {
            rewind(file);
            continue;
        }
        const char *text = strrchr(line, '\t');
        assert_int_equal(sp_buf_append_string(buf, text ? text : line, &why), SP_OK);
        seed = seed * 1664525 + 1013904223;
        for (unsigned i = (seed >> 24) % 90; i > 0; i--) {
            seed = seed * 1664525 + 1013904223;
            /* mostly prose, which is wide */
            unsigned which = (seed >> 16) % 64;
            assert_int_equal(
                sp_buf_append_string(buf, between[which < 12 ? which : which % 2 * 7], &why),
                SP_OK);
        }
    }
    fclose(file);
}

/* What filter and gate skip holds nothing: the same matches as when every expression is tried at
 * every place. */
static void test_nothing_is_skipped(void **state)
{
    static const enum sp_record_kind kinds[] = {SP_RECORD_DOCUMENT, SP_RECORD_LINE, SP_RECORD_ROW,
                                                SP_RECORD_NAME};
    struct fixture plain;
    (void)state;
    fixture_open(&plain, SPEUR_SOURCE_DIR "/patterns");
    sp_matcher_plain(plain.matcher);
    for (uint32_t seed = 1; seed <= 4; seed++) {
        struct sp_buf buf;
        cases_text(&buf, seed, 400000);
        fixture_run(&shared, sp_buf_slice(&buf), kinds[seed - 1], 0);
        fixture_run(&plain, sp_buf_slice(&buf), kinds[seed - 1], 0);
        assert_true(plain.count > 200);
        assert_same(plain.matches, plain.count, shared.matches, shared.count, 0);
        sp_buf_clear(&buf);
    }
    fixture_close(&plain);
}

/* Headers that are near the first rows and too far from the last. */
static void test_long_tables(void **state)
{
    (void)state;
    static const char *const headers[] = {"kvk;naam\n", "kvk\n",
                                          "INSERT INTO t (kvk, naam) VALUES\n"};
    static const char *const rows[][2] = {{"", ";Voorbeeld\n"}, {"", "\n"}, {"('", "','V'),\n"}};
    for (size_t i = 0; i < 3; i++) {
        struct sp_why why = {{0}};
        struct sp_buf buf;
        sp_buf_init(&buf, TEXT_MAX_BYTES);
        assert_int_equal(sp_buf_append_string(&buf, headers[i], &why), SP_OK);
        for (unsigned row = 1; row <= 900; row++) {
            char line[64];
            snprintf(line, sizeof line, "%s%08u%s", rows[i][0], 12345000 + row, rows[i][1]);
            assert_int_equal(sp_buf_append_string(&buf, line, &why), SP_OK);
        }
        check_windows(sp_buf_slice(&buf), SP_RECORD_DOCUMENT);
        assert_true(shared.count > 50 && shared.count < 900);
        sp_buf_clear(&buf);
    }
}

static const char *const floods[] = {
    "a@",
    "12345678,",
    "1",
    "0612345678 ",
    "06 12 ",
    "0",
    "a@example.nl",
    "NL02ABNA0123456789",
    "(at)",
    "Aa de laan 1 ",
    "1234 AB ",
    "bsn ",
    "111222333;",
    "KvK ",
    "a",
    "+31 ",
    "'(1,",
    "BSN:\n",
    "12.34.56.78.",
    "VALUES (1),",
    "\n",
    ". ",
    "a.b",
    "1 2 3 4 5 6 7 8 ",
};

static void repeat(struct sp_buf *buf, const char *part, size_t min_bytes)
{
    struct sp_why why = {{0}};
    sp_buf_init(buf, 2 * TEXT_MAX_BYTES);
    while (buf->len < min_bytes)
        assert_int_equal(sp_buf_append_string(buf, part, &why), SP_OK);
}

static void test_flood_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        struct sp_buf buf;
        repeat(&buf, floods[i], 9000);
        check_windows(sp_buf_slice(&buf), SP_RECORD_DOCUMENT);
        sp_buf_clear(&buf);
    }
}

static double seconds_for(struct sp_slice text)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    fixture_run(&shared, text, SP_RECORD_DOCUMENT, SP_WINDOW_OWN_BYTES);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Four times the text may cost at most about four times the time. */
static void test_flood_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        struct sp_buf small, large;
        repeat(&small, floods[i], 32 * 1024);
        repeat(&large, floods[i], 128 * 1024);
        double one = seconds_for(sp_buf_slice(&small));
        double four = seconds_for(sp_buf_slice(&large));
        if (four > 0.05 && four > 10 * one)
            fail_msg("\"%s\": 32 KB take %.3f s, 128 KB %.3f s", floods[i], one, four);
        sp_buf_clear(&small);
        sp_buf_clear(&large);
    }
}

/* An expression that runs away is reported at its place, and the rest is still read. */
static void test_limit(void **state)
{
    (void)state;
    char dir[] = "/tmp/speur-limit-XXXXXX", file[64];
    struct fixture fixture;
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/x.pat", dir);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs("id: x\ntype: bsn\nvalidator: bsn\ncontext: bsn\nform: a\n"
          "regex: (?<![0-9x])(?:x(?:y+y+)+z|(?<value>[0-9]{9}))\nbase: low\nlabel: high\n",
          out);
    fclose(out);
    fixture_open(&fixture, dir);
    fixture_run(&fixture,
                sp_slice_of("bsn 111222333 xyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy bsn 999001231"),
                SP_RECORD_DOCUMENT, 0);
    assert_int_equal(fixture.limits, 1);
    assert_int_equal(fixture.count, 2);
    assert_int_equal(fixture.matches[1].begin, 57);
    fixture_close(&fixture);
    unlink(file);
    rmdir(dir);
}

/* text, what must come out: "type level canonical", in order, joined by "; ". */
static const struct {
    enum sp_record_kind kind;
    const char *text, *wanted;
} outcomes[] = {
    /* overlaps */
    {SP_RECORD_DOCUMENT, "telefoon 040-3019261", "phone high +31403019261"},
    {SP_RECORD_DOCUMENT, "BTW NL004495445B01", "vat_nl high NL004495445B01"},
    {SP_RECORD_DOCUMENT, "999001231", "bsn low 999001231"},
    {SP_RECORD_DOCUMENT, "812345678", "rsin low 812345678"},
    {SP_RECORD_DOCUMENT, "RSIN 999001231", "bsn none 999001231; rsin high 999001231"},
    {SP_RECORD_DOCUMENT, "klantnummer 0612345678",
     "phone none +31612345678; customer_no medium 0612345678"},
    {SP_RECORD_DOCUMENT, "BSN / RSIN: 999001231", "bsn high 999001231; rsin none 999001231"},
    /* nearest label */
    {SP_RECORD_DOCUMENT, "BSN onbekend, ordernummer 999001231", ""},
    {SP_RECORD_DOCUMENT, "KvK tel 12345678", ""},
    {SP_RECORD_DOCUMENT, "<kvk>87654321</kvk><x>12345678</x>", "kvk high 87654321"},
    {SP_RECORD_DOCUMENT, "**KvK:** 12345678", "kvk high 12345678"},
    {SP_RECORD_DOCUMENT, "KvK | 12345678", "kvk high 12345678"},
    {SP_RECORD_DOCUMENT, "<td>KvK</td><td>12345678</td>", "kvk high 12345678"},
    /* tables in text */
    {SP_RECORD_DOCUMENT, "naam;kvk\nA;12345678\nB;23456789",
     "kvk high 12345678; kvk high 23456789"},
    {SP_RECORD_DOCUMENT, "| Naam | KvK |\n|---|---|\n| A | 12345678 |", "kvk high 12345678"},
    {SP_RECORD_DOCUMENT, "kvk\n12345678\n23456789", "kvk high 12345678; kvk high 23456789"},
    {SP_RECORD_DOCUMENT, "INSERT INTO t (`id`,`kvk`) VALUES (1,'12345678'),(2,'23456789');",
     "kvk high 12345678; kvk high 23456789"},
    {SP_RECORD_DOCUMENT, "naam;aantal\nKvK;12345678", "kvk high 12345678"},
    {SP_RECORD_DOCUMENT, "kvk;aantal\nA;12345678", ""},
    /* boundaries and masks */
    {SP_RECORD_DOCUMENT, "550e8400-e29b-41d4-a716-446655440000 999001231-1", ""},
    {SP_RECORD_DOCUMENT, "kvk EUR 12345678", ""},
    {SP_RECORD_DOCUMENT, "https://example.org/tel/0612345678/x", ""},
    {SP_RECORD_DOCUMENT, "https://example.org/?tel=0612345678", "phone high +31612345678"},
    {SP_RECORD_DOCUMENT, "123.456.782,00", ""},
    /* mail */
    {SP_RECORD_DOCUMENT, "bounce+jan=example.nl@list.example.org",
     "email high bounce+jan=example.nl@list.example.org"},
    /* what may be an address is kept for a check, a machine's number is not */
    {SP_RECORD_DOCUMENT, "In-Reply-To: <a@x.nl>\n <20260101.77@y.nl>\nTo: c@z.nl",
     "email low a@x.nl; email high c@z.nl"},
    {SP_RECORD_DOCUMENT, "{\"t\":\"Beste,\\nwim@voorbeeld.nl\"}",
     "email high nwim@voorbeeld.nl; email high wim@voorbeeld.nl"},
    {SP_RECORD_DOCUMENT, ":25:NL91ABNA0417164300EUR", "iban high NL91ABNA0417164300"},
    {SP_RECORD_DOCUMENT, "x:\\nNL91ABNA0417164300", "iban high NL91ABNA0417164300"},
    {SP_RECORD_DOCUMENT, "bel\\t06-12345678", "phone high +31612345678"},
    {SP_RECORD_DOCUMENT, "x='jan@voorbeeld.nl'", "email high jan@voorbeeld.nl"},
    {SP_RECORD_DOCUMENT, "?m=p.de%2Evries%2Bx%40voorbeeld.nl&a=1",
     "email high p.de.vries+x@voorbeeld.nl"},
    {SP_RECORD_DOCUMENT, "\xC3\x89lise@Voorbeeld.NL", "email high \xC3\xA9lise@voorbeeld.nl"},
    /* zones of Belgium that are no area or mobile number of the Netherlands */
    {SP_RECORD_DOCUMENT, "+32 65 12 34 56", "phone high +3265123456"},
    {SP_RECORD_DOCUMENT, "+32 10 12 34 56", "phone high +3210123456"},
    {SP_RECORD_DOCUMENT, "Tel. 061/23 45 67 (Belgi\xC3\xAB)", "phone high +3261234567"},
    {SP_RECORD_DOCUMENT, "tel 06-1234567", ""},
    /* names */
    {SP_RECORD_NAME, "jan.jansen@example.nl.eml", "email high jan.jansen@example.nl"},
    {SP_RECORD_NAME, "factuur_jan@voorbeeld.nl.pdf",
     "email high factuur_jan@voorbeeld.nl; email high jan@voorbeeld.nl"},
    {SP_RECORD_NAME, "brief_NL02ABNA0123456789_2.pdf", "iban high NL02ABNA0123456789"},
    {SP_RECORD_NAME, "scan_06-12345678.tif", "phone medium +31612345678"},
};

static void test_outcomes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        char got[512] = "";
        size_t len = 0;
        fixture_run(&shared, sp_slice_of(outcomes[i].text), outcomes[i].kind, 0);
        for (size_t k = 0; k < shared.count; k++) {
            const struct fixture_match *match = &shared.matches[k];
            len +=
                (size_t)snprintf(got + len, sizeof got - len, "%s%s %s %.*s", k ? "; " : "",
                                 sp_type_name(match->type), sp_confidence_name(match->confidence),
                                 (int)match->canonical.len, (const char *)match->canonical.bytes);
        }
        if (strcmp(got, outcomes[i].wanted) != 0)
            fail_msg("\"%s\" gives \"%s\"", outcomes[i].text, got);
    }
}

/* The key of an extractor's field beats words in the text. */
static void test_fields(void **state)
{
    (void)state;
    static const char data[] = "12345678\x1F"
                               "111222333\x1F"
                               "111222333\n";
    struct sp_text_record record = {.end = sizeof data - 2, .ordinal = 2, .kind = SP_RECORD_ROW};
    const struct sp_text_field fields[] = {
        {.begin = 0, .end = 8, .column = 1, .key = sp_slice_of("kvkNummer")},
        {.begin = 9, .end = 18, .column = 2, .key = sp_slice_of("PATIENT_BSN")},
        {.begin = 19, .end = 28, .column = 3, .key = sp_slice_of("order_id")},
    };
    struct sp_text text = {
        .data = (const uint8_t *)data,
        .len = sizeof data - 1,
        .own_end = sizeof data - 1,
        .first = true,
        .last = true,
        .kind = SP_RECORD_ROW,
        .fields = fields,
        .field_count = 3,
        .records = &record,
        .record_count = 1,
    };
    struct sp_why why = {{0}};
    shared.count = 0;
    shared.window_base = 0;
    assert_int_equal(
        sp_matcher_run(shared.matcher, &text, fixture_take, fixture_limit, &shared, &why), SP_OK);
    assert_int_equal(shared.count, 2);
    assert_int_equal(shared.matches[0].type, SP_TYPE_KVK);
    assert_int_equal(shared.matches[0].attributes, SP_ATTR_PUBLIC | SP_ATTR_LABELLED);
    assert_int_equal(shared.matches[1].type, SP_TYPE_BSN);
    assert_int_equal(shared.matches[1].confidence, SP_CONF_HIGH);
    assert_int_equal(shared.matches[1].begin, 9);
}

static const struct {
    const char *text;
    unsigned attributes;
} attributed[] = {
    {"NL02ABNA0123456789", SP_ATTR_TEST_VALUE | SP_ATTR_KNOWN_BANK},
    {"NL39RABO0300065264", SP_ATTR_KNOWN_BANK},
    {"info@voorbeeld.nl", SP_ATTR_ROLE},
    {"jan@example.com", SP_ATTR_TEST_VALUE},
    {"jan (at) voorbeeld.nl", SP_ATTR_OBFUSCATED},
    {"tel 0800-1234", SP_ATTR_LABELLED | SP_ATTR_SERVICE | SP_ATTR_PUBLIC | SP_ATTR_LANDLINE},
    {"020-1234567", SP_ATTR_LANDLINE},
    {"06-12345678", 0},
    {"BSN 123456782", SP_ATTR_LABELLED | SP_ATTR_TEST_VALUE},
    {"NL004495445B01", 0},
    {"NL999001231B02", SP_ATTR_EMBEDS_BSN},
};

static void test_attributes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof attributed / sizeof attributed[0]; i++) {
        fixture_run(&shared, sp_slice_of(attributed[i].text), SP_RECORD_DOCUMENT, 0);
        assert_int_equal(shared.count, 1);
        if (shared.matches[0].attributes != attributed[i].attributes)
            fail_msg("\"%s\" has attributes %x", attributed[i].text, shared.matches[0].attributes);
    }
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct sp_buf buf;
    mixed_text(&buf, 20000);
    struct sp_text_record record = {.end = (uint32_t)buf.len, .kind = SP_RECORD_DOCUMENT};
    struct sp_text text = {
        .data = buf.data,
        .len = buf.len,
        .own_end = buf.len,
        .first = true,
        .last = true,
        .records = &record,
        .record_count = 1,
    };
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct sp_matcher *matcher = NULL;
        struct sp_why why = {{0}};
        shared.count = 0;
        sp_mem_fail_at(nth);
        err = sp_matcher_new(shared.patterns, SP_REGION_NL, &matcher, &why);
        if (!err)
            err = sp_matcher_run(matcher, &text, fixture_take, fixture_limit, &shared, &why);
        sp_mem_fail_at(0);
        sp_matcher_free(matcher);
    }
    assert_int_equal(err, SP_OK);
    sp_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_skipped), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_long_tables),        cmocka_unit_test(test_flood_windows),
        cmocka_unit_test(test_flood_cost),         cmocka_unit_test(test_limit),
        cmocka_unit_test(test_outcomes),           cmocka_unit_test(test_fields),
        cmocka_unit_test(test_attributes),         cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
