/* How many of the detector cases come out right, by type. floors: sp_detect
 * Each type has a floor that may only rise. */
#include "detect_fixture.h"

enum { LINE_MAX_BYTES = 4096 };

/* Cases that must pass; all of those in the file today. */
static const struct floor {
    const char *type;
    unsigned passed;
} score_floors[] = {
    {"iban", 33},   {"bsn", 36},     {"rsin", 8},    {"kvk", 29},         {"email", 38},
    {"phone", 107}, {"address", 76}, {"vat_nl", 18}, {"be_kbo", 14},      {"be_nrn", 15},
    {"dob", 24},    {"ip", 22},      {"mac", 12},    {"pan", 20},         {"id_nl", 12},
    {"mrz", 7},     {"plate", 16},   {"bic", 12},    {"customer_no", 12}, {"username", 11},
    {"any", 12},
};

struct score {
    unsigned passed, total;
};

/* Text as the scanner would hand it over: escapes resolved, then normalised. */
static size_t unescape(char *text)
{
    size_t len = 0;
    for (const char *at = text; *at; at++) {
        char byte = *at;
        if (byte == '\\' && at[1]) {
            at++;
            byte = *at == 'n' ? '\n' : *at == 't' ? '\t' : *at == 'r' ? '\r' : *at;
        }
        text[len++] = byte;
    }
    text[len] = '\0';
    return len;
}

static enum sp_err take_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    (void)map;
    return sp_buf_append(ctx, utf8.ptr, utf8.len, why);
}

static void normalise(const char *raw, size_t len, struct sp_buf *out)
{
    struct sp_why why = {{0}};
    struct sp_decoder *decoder = NULL;
    sp_buf_init(out, 64 * 1024);
    assert_int_equal(sp_decoder_new(SP_ENC_UTF8, NULL, &decoder, &why), SP_OK);
    struct sp_slice bytes = {(const uint8_t *)raw, len};
    assert_int_equal(sp_decoder_push(decoder, bytes, 0, true, take_text, out, &why), SP_OK);
    sp_decoder_free(decoder);
}

/* Whether any finding of medium or more is there. */
static bool has_any(const struct fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++) {
        if (fixture->matches[i].confidence >= SP_CONF_MEDIUM)
            return true;
    }
    return false;
}

static bool case_passes(struct fixture *fixture, const char *type_name, bool match,
                        const char *canonical, char *text)
{
    struct sp_buf normal;
    enum sp_type type = SP_TYPE_COUNT;
    normalise(text, unescape(text), &normal);
    fixture_run(fixture, sp_buf_slice(&normal), SP_RECORD_DOCUMENT, 0);
    sp_buf_clear(&normal);
    if (strcmp(type_name, "any") == 0)
        return !has_any(fixture);
    assert_true(sp_type_from_name(sp_slice_of(type_name), &type));
    return fixture_has(fixture, type, canonical) == match;
}

static void show_failure(const struct fixture *fixture, const char *line)
{
    printf("  failed: %s\n", line);
    for (size_t i = 0; i < fixture->count; i++) {
        const struct fixture_match *match = &fixture->matches[i];
        printf("          %s %s %.*s\n", sp_type_name(match->type),
               sp_confidence_name(match->confidence), (int)match->canonical.len,
               (const char *)match->canonical.bytes);
    }
}

/* Runs one line of the case file. */
static void run_line(struct fixture *fixture, char *line, struct score scores[SP_TYPE_COUNT + 1])
{
    char shown[LINE_MAX_BYTES], *rest = line;
    snprintf(shown, sizeof shown, "%s", line);
    const char *type_name = strsep(&rest, "\t");
    const char *expect = strsep(&rest, "\t");
    const char *canonical = strsep(&rest, "\t");
    assert_non_null(rest);
    enum sp_type type = SP_TYPE_COUNT;
    if (strcmp(type_name, "any") != 0)
        assert_true(sp_type_from_name(sp_slice_of(type_name), &type));
    bool passed = case_passes(fixture, type_name, strcmp(expect, "match") == 0, canonical, rest);
    scores[type].total++;
    scores[type].passed += passed;
    if (!passed && (type == SP_TYPE_COUNT || sp_patterns_has_type(fixture->patterns, type)))
        show_failure(fixture, shown);
}

static unsigned floor_of(const char *name)
{
    for (size_t i = 0; i < sizeof score_floors / sizeof score_floors[0]; i++) {
        if (strcmp(score_floors[i].type, name) == 0)
            return score_floors[i].passed;
    }
    return 0;
}

static void test_cases(void **state)
{
    (void)state;
    struct fixture fixture;
    struct score scores[SP_TYPE_COUNT + 1] = {0};
    char line[LINE_MAX_BYTES];
    unsigned below = 0;
    FILE *file = fopen(SPEUR_SOURCE_DIR "/tests/cases/detector_cases.tsv", "r");
    assert_non_null(file);
    fixture_open(&fixture, SPEUR_SOURCE_DIR "/patterns");
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] && line[0] != '#')
            run_line(&fixture, line, scores);
    }
    fclose(file);
    for (unsigned type = 0; type <= SP_TYPE_COUNT; type++) {
        const char *name = type == SP_TYPE_COUNT ? "any" : sp_type_name(type);
        if (!scores[type].total)
            continue;
        bool low = scores[type].passed < floor_of(name);
        printf("%-12s %3u of %3u%s\n", name, scores[type].passed, scores[type].total,
               low ? "  BELOW ITS FLOOR" : "");
        below += low;
    }
    fixture_close(&fixture);
    assert_int_equal(below, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
