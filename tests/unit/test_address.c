/* The address detector, through patterns/address.pat and the matcher.
 * floors: sp_detect */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address_cases.h"
#include "detect/matcher.h"
#include "detect/validator.h"

enum { MATCHES_MAX = 64 };

/* What the matcher gave out: addresses only. */
struct seen {
    struct {
        char canonical[SP_CANONICAL_MAX + 1];
        size_t begin, len;
        enum sp_confidence confidence;
        unsigned attributes;
    } list[MATCHES_MAX];
    size_t count;  /* may exceed MATCHES_MAX */
    size_t limits; /* candidates that met a match limit */
};

struct fixture {
    struct sp_patterns *patterns;
    struct sp_matcher *matcher;
};

static enum sp_err take_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct seen *seen = ctx;

    (void)why;
    if (match->type == SP_TYPE_ADDRESS && seen->count < MATCHES_MAX) {
        memcpy(seen->list[seen->count].canonical, match->canonical->bytes, match->canonical->len);
        seen->list[seen->count].canonical[match->canonical->len] = '\0';
        seen->list[seen->count].begin = match->begin;
        seen->list[seen->count].len = match->len;
        seen->list[seen->count].confidence = match->confidence;
        seen->list[seen->count].attributes = match->attributes;
    }
    seen->count += match->type == SP_TYPE_ADDRESS;
    return SP_OK;
}

static enum sp_err take_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)begin;
    (void)why;
    ((struct seen *)ctx)->limits++;
    return SP_OK;
}

static void run_text(const struct fixture *fixture, const struct sp_text *text, struct seen *seen)
{
    struct sp_why why = {0};

    seen->count = 0;
    seen->limits = 0;
    assert_int_equal(sp_matcher_run(fixture->matcher, text, take_match, take_limit, seen, &why),
                     SP_OK);
}

/* Runs a flowing text from a buffer of exactly its length, so that ASan sees a read beyond it. */
static void run_bytes(const struct fixture *fixture, const uint8_t *bytes, size_t len,
                      struct seen *seen)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct sp_text_record record = {.end = (uint32_t)len, .ordinal = 1};
    struct sp_text text = {.data = copy,
                           .len = len,
                           .own_end = len,
                           .first = true,
                           .last = true,
                           .records = &record,
                           .record_count = 1};

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    run_text(fixture, &text, seen);
    free(copy);
}

static void run_string(const struct fixture *fixture, const char *string, struct seen *seen)
{
    run_bytes(fixture, (const uint8_t *)string, strlen(string), seen);
}

/* Loads address.pat alone: a folder with a link to it. */
static int set_up(void **state)
{
    static struct fixture fixture;
    char dir[] = "/tmp/speur-address-XXXXXX";
    char path[64];
    struct sp_why why = {0};
    enum sp_err err;

    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/address.pat", dir);
    if (symlink(SPEUR_SOURCE_DIR "/patterns/address.pat", path) != 0)
        return -1;
    err = sp_patterns_load(dir, &fixture.patterns, &why);
    unlink(path);
    rmdir(dir);
    if (err == SP_OK)
        err = sp_matcher_new(fixture.patterns, SP_REGION_NL, &fixture.matcher, &why);
    if (err != SP_OK)
        fprintf(stderr, "%s\n", why.text);
    *state = &fixture;
    return err == SP_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    sp_matcher_free(fixture->matcher);
    sp_patterns_free(fixture->patterns);
    return 0;
}

static bool has(const struct seen *seen, const char *canonical, enum sp_confidence least)
{
    for (size_t i = 0; i < seen->count && i < MATCHES_MAX; i++)
        if (seen->list[i].confidence >= least &&
            (canonical[0] == '\0' || strcmp(seen->list[i].canonical, canonical) == 0))
            return true;
    return false;
}

static void test_cases(void **state)
{
    size_t wrong = 0;
    struct seen seen;

    for (size_t i = 0; i < sizeof address_cases / sizeof address_cases[0]; i++) {
        const struct address_case *one = &address_cases[i];

        run_string(*state, one->text, &seen);
        if (has(&seen, one->match ? one->canonical : "", SP_CONF_MEDIUM) != one->match) {
            wrong++;
            print_error("%s: %s\n", one->match ? one->canonical : "not an address", one->text);
            for (size_t k = 0; k < seen.count && k < MATCHES_MAX; k++)
                print_error("    got %s\n", seen.list[k].canonical);
        }
    }
    assert_int_equal(wrong, 0);
}

/* However an address is reached, it is given once. */
static void test_once(void **state)
{
    static const char *const texts[] = {
        "Dorpsstraat 12, 1234 AB Voorbeeld",
        "Nieuwstraat 12 bus 4\n1000 Brussel",
        "Hauptweg 5, 20095 Hamburg, Duitsland",
        "1234 AB Voorbeeld, Dorpsstraat 12",
        "straat;nr;postcode;plaats\nDorpsstraat;12;1234 AB;Voorbeeld",
        "{\"straat\":\"Dorpsstraat\",\"huisnummer\":12,\"postcode\":\"1234 AB\"}"};
    struct seen seen;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        run_string(*state, texts[i], &seen);
        assert_int_equal(seen.count, 1);
    }
}

static void test_levels(void **state)
{
    static const struct {
        const char *text;
        enum sp_confidence confidence;
    } rows[] = {{"Dorpsstraat 12, 1234 AB Voorbeeld", SP_CONF_HIGH},
                {"1234 AB 12", SP_CONF_MEDIUM},
                {"1234 AB Voorbeeld", SP_CONF_MEDIUM},
                {"zie 1234 AB bij ons", SP_CONF_LOW},
                {"Postcode: 1234 AB", SP_CONF_MEDIUM},
                {"Kerkplein 3", SP_CONF_MEDIUM},
                {"Woonadres: Kerkplein 3", SP_CONF_HIGH},
                {"Postbus 12345", SP_CONF_MEDIUM},
                {"Nieuwstraat 12, 1000 Brussel", SP_CONF_HIGH},
                {"Meir 5, 2000 Antwerpen", SP_CONF_LOW},
                {"Meir 5, B-2000 Antwerpen", SP_CONF_HIGH},
                {"12 Example Road, Dublin 4, D04 E5W5, Ireland", SP_CONF_MEDIUM}};
    struct seen seen;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_string(*state, rows[i].text, &seen);
        if (seen.count != 1 || seen.list[0].confidence != rows[i].confidence)
            fail_msg("%s: %zu found, level %d", rows[i].text, seen.count,
                     seen.count ? (int)seen.list[0].confidence : -1);
    }
}

static void test_attributes(void **state)
{
    struct seen seen;

    run_string(*state, "12 Example Road, Dublin 4, D04 E5W5, Ireland", &seen);
    assert_int_equal(seen.count, 1);
    assert_true(seen.list[0].attributes & SP_ATTR_FOREIGN);
    run_string(*state, "1234 AB Voorbeeld", &seen);
    assert_int_equal(seen.count, 1);
    assert_true(seen.list[0].attributes & SP_ATTR_NO_NUMBER);
    run_string(*state, "Dorpsstraat 12, 1234 AB Voorbeeld", &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.list[0].attributes & (SP_ATTR_NO_NUMBER | SP_ATTR_FOREIGN), 0);
}

/* ---- fields ---- */

struct cell {
    const char *key; /* NULL: none */
    const char *value;
};

/* Runs one row of cells as an extractor hands it over; `rows` times the same row. */
static void run_cells(const struct fixture *fixture, const struct cell *cells, size_t count,
                      struct seen *seen)
{
    uint8_t data[1024];
    struct sp_text_field fields[16];
    struct sp_text_record record = {.ordinal = 1, .kind = SP_RECORD_ROW};
    struct sp_text text = {.data = data,
                           .first = true,
                           .last = true,
                           .kind = SP_RECORD_ROW,
                           .fields = fields,
                           .field_count = count,
                           .records = &record,
                           .record_count = 1};

    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(cells[i].value);

        if (i != 0)
            data[text.len++] = SP_TEXT_FIELD_SEPARATOR;
        fields[i] = (struct sp_text_field){.begin = (uint32_t)text.len,
                                           .end = (uint32_t)(text.len + len),
                                           .column = (uint32_t)i + 1,
                                           .key = sp_slice_of(cells[i].key)};
        memcpy(data + text.len, cells[i].value, len);
        text.len += len;
    }
    text.own_end = text.len;
    record.end = (uint32_t)text.len;
    run_text(fixture, &text, seen);
}

static void expect_cells(const struct fixture *fixture, const struct cell *cells, size_t count,
                         const char *canonical, enum sp_confidence confidence)
{
    struct seen seen;

    run_cells(fixture, cells, count, &seen);
    if (seen.count != 1 || strcmp(seen.list[0].canonical, canonical) != 0 ||
        seen.list[0].confidence != confidence)
        fail_msg("%s wanted; %zu found: %s (%d)", canonical, seen.count,
                 seen.count ? seen.list[0].canonical : "",
                 seen.count ? (int)seen.list[0].confidence : 0);
}

#define EXPECT(canonical, confidence, ...)                                                         \
    do {                                                                                           \
        const struct cell cells_[] = {__VA_ARGS__};                                                \
        expect_cells(*state, cells_, sizeof cells_ / sizeof cells_[0], canonical, confidence);     \
    } while (0)

static void test_fields(void **state)
{
    EXPECT("NL:1234AB:12:B", SP_CONF_HIGH, {"straat", "Overtoom"}, {"huisnummer", "12"},
           {"toevoeging", "b"}, {"postcode", "1234 AB"}, {"plaats", "Voorbeeld"});
    EXPECT("NL:1234AB:12:", SP_CONF_HIGH, {"billing_first_name", "Jan"},
           {"billing_address_1", "Dorpsstraat 12"}, {"billing_address_2", ""},
           {"billing_postcode", "1234AB"}, {"billing_city", "Voorbeeld"});
    EXPECT("NL:1234AB:12:A2", SP_CONF_HIGH, {"huisnr", "12"}, {"huisletter", "a"}, {"toev", "2"},
           {"pc", "1234AB"});
    EXPECT("BE:3000:21:BUS3:bondgenotenlaan", SP_CONF_HIGH, {"street", "Bondgenotenlaan"},
           {"nr", "21"}, {"bus", "3"}, {"zip", "3000"}, {"city", "Leuven"}, {"country", "BE"});
    EXPECT("NL::45::overtoom:voorbeeld", SP_CONF_MEDIUM, {"straat", "Overtoom"}, {"huisnr", "45"},
           {"woonplaats", "Voorbeeld"});
    EXPECT("DE:20095:5:", SP_CONF_MEDIUM, {"address_1", "Musterweg 5"}, {"city", "Hamburg"},
           {"postcode", "20095"}, {"country", "DE"});
    EXPECT("NL:1234AB::", SP_CONF_MEDIUM, {"postcode", "1234AB"}, {"bedrag", "12"});
    EXPECT("NL:1234AB::", SP_CONF_LOW, {"post_id", "12"}, {"meta_value", "1234AB"});
    EXPECT("NL:1234AB:12:", SP_CONF_HIGH, {"opmerking", "woont Dorpsstraat 12, 1234 AB Voorbeeld"},
           {"aantal", "3"});
}

/* Two addresses of one row keep apart. */
static void test_groups(void **state)
{
    const struct cell cells[] = {{"billing_address_1", "Dorpsstraat 12"},
                                 {"billing_postcode", "1234 AB"},
                                 {"shipping_address_1", "Kerkweg 3"},
                                 {"shipping_postcode", "5678 CD"}};
    struct seen seen;

    run_cells(*state, cells, 4, &seen);
    assert_int_equal(seen.count, 2);
    assert_true(has(&seen, "NL:1234AB:12:", SP_CONF_HIGH));
    assert_true(has(&seen, "NL:5678CD:3:", SP_CONF_HIGH));
}

/* Without a header the neighbours tell. */
static void test_cells_without_keys(void **state)
{
    EXPECT("NL:1234AB:12:", SP_CONF_HIGH, {NULL, "Jan Voorbeeld"}, {NULL, "Dorpsstraat"},
           {NULL, "12"}, {NULL, ""}, {NULL, "1234AB"}, {NULL, "VOORBEELD"});
    EXPECT("NL:1234AB:12:B", SP_CONF_HIGH, {NULL, "Dorpsstraat"}, {NULL, "12"}, {NULL, "B"},
           {NULL, "1234 AB"}, {NULL, "Voorbeeld"});
}

/* ---- robustness ---- */

/* The same text in windows of several sizes gives the same matches. */
static void test_windows(void **state)
{
    enum { MARGIN = 4096, LEN = 12000 };
    static char all[LEN + 200];
    static uint64_t whole[512], parts[512];
    const struct fixture *fixture = *state;
    size_t len = 0;
    size_t whole_count = 0;
    struct seen seen;

    while (len < LEN)
        len += (size_t)snprintf(all + len, sizeof all - len,
                                "Regel %zu met tekst.\nDorpsstraat %zu,\n1234 AB Voorbeeld\n\n"
                                "postcode: 1234AC huisnummer: %zu\nnog een regel met wat tekst\n",
                                len, len % 90 + 1, len % 70 + 1);
    for (size_t own = 300; own <= 2 * LEN; own = own * 5 / 2) {
        size_t count = 0;

        for (size_t begin = 0; begin < len; begin += own) {
            size_t from = begin > MARGIN ? begin - MARGIN : 0;
            size_t end = begin + own < len ? begin + own : len;
            size_t to = end + MARGIN < len ? end + MARGIN : len;
            struct sp_text_record part = {.end = (uint32_t)(to - from), .ordinal = 1};
            struct sp_text text = {.data = (const uint8_t *)all + from,
                                   .len = to - from,
                                   .own_begin = begin - from,
                                   .own_end = end - from,
                                   .first = from == 0,
                                   .last = to == len,
                                   .records = &part,
                                   .record_count = 1};
            run_text(fixture, &text, &seen);
            if (seen.count > MATCHES_MAX) { /* too large a window for the list: skip this size */
                count = 0;
                break;
            }
            for (size_t i = 0; i < seen.count; i++)
                parts[count++] = ((uint64_t)(seen.list[i].begin + from) << 16) | seen.list[i].len;
        }
        if (count == 0)
            continue;
        if (whole_count == 0) {
            memcpy(whole, parts, sizeof whole);
            whole_count = count;
        }
        assert_int_equal(count, whole_count);
        assert_memory_equal(whole, parts, count * sizeof whole[0]);
    }
    assert_true(whole_count > 100);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Four times the text takes about four times the time, whatever is repeated. */
static void test_floods(void **state)
{
    enum { SMALL = 16 * 1024, LARGE = 4 * SMALL };
    static const char *const seeds[] = {
        "Aa de ",       "Dorpsstraat 1 ",    "straat 1", "1234 AB ",      "1234AB;",
        "Laan van de ", "postcode: 1234AB ", "(",        "<a>1234AB</a>", "Postbus 1, ",
        "2000 Ab ",     "rue de la ",        "1 ",       "\n1234AB\n",    ",1,1234AB",
        "Duitsland, "};
    static uint8_t text[LARGE];
    struct seen seen;

    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        double start;
        double small;
        double large;

        for (size_t k = 0; k < LARGE; k++)
            text[k] = (uint8_t)seeds[i][k % strlen(seeds[i])];
        start = seconds();
        run_bytes(*state, text, SMALL, &seen);
        small = seconds() - start;
        start = seconds();
        run_bytes(*state, text, LARGE, &seen);
        large = seconds() - start;
        if (large > 10 * small + 0.2)
            fail_msg("\"%s\": %.3f s, then %.3f s", seeds[i], small, large);
        assert_int_equal(seen.limits, 0);
    }
}

/* Pieces of addresses and any bytes in any order: nothing is read beyond the text. */
static void test_random(void **state)
{
    static const char *const pieces[] = {
        "1234",     "AB",       " ",          ",",      "\n",        "Dorpsstraat", "12",
        "B-",       "2000",     "Antwerpen",  "(",      ")",         "'",           "\"",
        ":",        "postcode", "=",          "<pc>",   "</",        "{",           "}",
        "VALUES",   ";",        "\t",         "bus",    "Postbus",   "\xC3",        "\xE2\x80",
        "\xC3\xAB", "NL-",      "Duitsland",  "s:6:\"", "\\",        "%20",         "+",
        "-",        "\x1F",     "huisnummer", "Laan",   "1940-1945", "hoog",        "/",
        "<",        ">",        ".",          "te",     "|"};
    uint32_t seed = 12345;
    uint8_t text[160];
    struct seen seen;

    for (int round = 0; round < 6000; round++) {
        size_t len = 0;

        while (len < sizeof text - 16) {
            seed = seed * 1664525u + 1013904223u;
            if ((seed >> 28) == 0) {
                text[len++] = (uint8_t)(seed >> 16);
            } else {
                const char *piece = pieces[(seed >> 8) % (sizeof pieces / sizeof pieces[0])];
                memcpy(text + len, piece, strlen(piece));
                len += strlen(piece);
            }
            if ((seed >> 12) % 40 == 0)
                break;
        }
        run_bytes(*state, text, len, &seen);
        for (size_t i = 0; i < seen.count && i < MATCHES_MAX; i++)
            assert_true(seen.list[i].len > 0 && seen.list[i].begin + seen.list[i].len <= len);
    }
}

/* The validator itself, on any candidate. */
static void test_any_candidate(void **state)
{
    static const char all[] =
        "Jan, Dorpsstraat 12b (ark), NL-1234 AB Voorbeeld\nB-2000 Antwerpen, "
        "70 Quay, D02 X285, Ierland; {\"pc\":\"1234AB\",\"nr\":\"1\"} Postbus 3";
    size_t len = sizeof all - 1;
    uint8_t *copy = malloc(len);
    struct sp_text_record record = {.end = (uint32_t)len, .ordinal = 1};
    struct sp_text text = {.data = copy,
                           .len = len,
                           .own_end = len,
                           .first = true,
                           .last = true,
                           .records = &record,
                           .record_count = 1};

    (void)state;
    assert_non_null(copy);
    memcpy(copy, all, len);
    for (size_t begin = 0; begin < len; begin++)
        for (size_t end = begin + 1; end <= len; end += 7) {
            struct sp_check check = {.text = &text, .begin = begin, .end = end};

            if (sp_check_address(&check)) {
                assert_true(check.value_begin < check.value_end && check.value_end <= len);
                assert_true(check.canonical.len >= 4);
            }
        }
    free(copy);
}

/* ---- typed values ---- */

static void test_typed(void **state)
{
    static const struct {
        const char *typed, *canonical; /* NULL: refused */
    } rows[] = {{"Dorpsstraat 12b, 1234 AB Voorbeeld", "NL:1234AB:12:B"},
                {"dorpsstraat 12 b 1234ab voorbeeld", "NL:1234AB:12:B"},
                {"1234AB 12", "NL:1234AB:12:"},
                {"1234 ab 12-2", "NL:1234AB:12:2"},
                {"1234AB-12", "NL:1234AB:12:"},
                {"1234AB, 12b", "NL:1234AB:12:B"},
                {"12, 1234AB", "NL:1234AB:12:"},
                {"Postbus 626, 1234 AB Voorbeeld", "NL:1234AB:PB626:"},
                {"Nieuwstraat 12 bus 4, 1000 Brussel", "BE:1000:12:BUS4:nieuwstraat"},
                {"Meir 5, 2000 Antwerpen", "BE:2000:5::meir"},
                {"Rue de l'\xC3\x89"
                 "cole 7, 4000 Li\xC3\xA8ge",
                 "BE:4000:7::ruedelecole"},
                {"Musterstra\xC3\x9F"
                 "e 5, 20095 Hamburg, Duitsland",
                 "DE:20095:5:"},
                {"Overtoom 45, Amsterdam", "NL::45::overtoom:amsterdam"},
                {"Kerkplein 3", "NL::3::kerkplein:"},
                {"Heidelberglaan 100 in Utrecht", "NL::100::heidelberglaan:utrecht"},
                {"1234 AB", "NL:1234AB::"},
                {"", NULL},
                {"Voorbeeld", NULL},
                {"jan@example.nl", NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sp_canonical canonical = {0};
        unsigned attributes = 0;
        struct sp_why why = {0};
        enum sp_err err = sp_address_canonical(sp_slice_of(rows[i].typed), SP_REGION_NL, &canonical,
                                               &attributes, &why);

        if (rows[i].canonical == NULL) {
            assert_int_equal(err, SP_ERR_FORMAT);
            continue;
        }
        if (err != SP_OK || canonical.len != strlen(rows[i].canonical) ||
            memcmp(canonical.bytes, rows[i].canonical, canonical.len) != 0)
            fail_msg("%s: %.*s", rows[i].typed, (int)canonical.len, (char *)canonical.bytes);
    }
}

/* What is found in text and the same address typed by a person have one canonical form. */
static void test_typed_like_found(void **state)
{
    struct seen seen;

    for (size_t i = 0; i < sizeof address_cases / sizeof address_cases[0]; i++) {
        struct sp_canonical canonical = {0};
        unsigned attributes = 0;
        struct sp_why why = {0};
        const char *text = address_cases[i].text;

        /* one address and nothing else: what a register row holds */
        if (!address_cases[i].match || strpbrk(text, ":;<{=\"\n\t|") != NULL)
            continue;
        run_string(*state, text, &seen);
        if (seen.count != 1 || seen.list[0].begin != 0 || seen.list[0].len != strlen(text))
            continue;
        assert_int_equal(
            sp_address_canonical(sp_slice_of(text), SP_REGION_NL, &canonical, &attributes, &why),
            SP_OK);
        if (canonical.len != strlen(seen.list[0].canonical) ||
            memcmp(canonical.bytes, seen.list[0].canonical, canonical.len) != 0)
            fail_msg("%s: typed %.*s, found %s", text, (int)canonical.len, (char *)canonical.bytes,
                     seen.list[0].canonical);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_cells_without_keys),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_floods),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_any_candidate),
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_typed_like_found),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
