/* Pattern files: the shipped ones, and every error with file and line. floors: sp_detect */
#include "detect_fixture.h"

#include "base/mem.h"
#include "detect/pattern.h"

#include <sys/stat.h>
#include <unistd.h>

#define PATTERNS SPEUR_SOURCE_DIR "/patterns"

/* A directory with one pattern file. */
struct place {
    char dir[64];
    char file[96];
};

static void place_write(struct place *place, const char *content)
{
    FILE *file = fopen(place->file, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void place_make(struct place *place, const char *content)
{
    snprintf(place->dir, sizeof place->dir, "/tmp/speur-patterns-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    snprintf(place->file, sizeof place->file, "%s/x.pat", place->dir);
    place_write(place, content);
}

static void place_remove(struct place *place)
{
    unlink(place->file);
    rmdir(place->dir);
}

static void test_shipped(void **state)
{
    (void)state;
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    assert_int_equal(sp_patterns_load(PATTERNS, &patterns, &why), SP_OK);
    assert_true(sp_patterns_has_type(patterns, SP_TYPE_IBAN));
    assert_false(sp_patterns_has_type(patterns, SP_TYPE_COUNT));
    assert_int_equal(strlen(sp_patterns_digest(patterns)), 32);
    assert_int_equal(sp_patterns_test(patterns, stdout), 0);
    sp_patterns_free(patterns);
}

#define HEAD "id: x.y\ntype: bsn\nvalidator: bsn\n"
#define FORM "form: a\nregex: (?<value>[0-9]{9})\nbase: low\nlabel: high\n"

static const struct {
    const char *content, *reason;
} wrong[] = {
    {"type: bsn\n", "x.pat:1: id: must come first"},
    {"id: X\n", "x.pat:1: an id: is lower case"},
    {"id:\n", "x.pat:1: an id: is lower case"},
    {"id: a\nid: b\n", "x.pat:2: a file has one id:"},
    {"id: a\ntype: nosuch\n", "x.pat:2: there is no such type"},
    {"id: a\nvalidator: nosuch\n", "x.pat:2: there is no such validator"},
    {"id: a\nfoo: b\n", "x.pat:2: there is no such key"},
    {"id: a\njust words\n", "x.pat:2: a line is `key: text`"},
    {HEAD "regex: a\n", "x.pat:4: form: must come first"},
    {HEAD "form: a\nregex: (a\n", "x.pat:5: at character 2: missing closing parenthesis"},
    {HEAD "form: a\nregex: a\nregex: b\n", "x.pat:6: a form has one regex:"},
    {HEAD "form: a\nbase: huge\n", "x.pat:5: a level is none, low, medium or high"},
    {HEAD "form: a\nrecords: row\n", "x.pat:5: records: knows only name"},
    {HEAD "form: a\nregex: a\nbase: low\n", "x.pat:6: a form needs regex:, base: and label:"},
    {HEAD, "x.pat:3: form: is missing"},
    {"id: a\ntype: bsn\n" FORM, "x.pat:6: validator: is missing"},
    {"id: a\nvalidator: bsn\n" FORM, "x.pat:6: type: is missing"},
    {HEAD "context: @nosuch\n" FORM, "x.pat:4: no word list has the name @nosuch"},
    {HEAD "context: a;b\n" FORM, "x.pat:4: a;b: a word has only letters"},
    {"words: one @one\n" HEAD "context: @one\n" FORM, "x.pat:1: word lists name each other"},
    {"words: lonely\n", "x.pat:1: words: needs a name and words"},
    {"id: a\ntype: health\ncontext: b\n" FORM,
     "x.pat:7: a category has no validator: and no form:"},
    {"id: a\ntype: health\nvalidator: bsn\n", "x.pat:3: a category has no validator:"},
    {"# nothing\n", "there is no pattern in it"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct place place;
        struct sp_patterns *patterns = NULL;
        struct sp_why why = {{0}};
        place_make(&place, wrong[i].content);
        assert_int_not_equal(sp_patterns_load(place.dir, &patterns, &why), SP_OK);
        assert_null(patterns);
        if (!strstr(why.text, wrong[i].reason))
            fail_msg("wanted \"%s\", got \"%s\"", wrong[i].reason, why.text);
        place_remove(&place);
    }
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    assert_int_equal(sp_patterns_load("/nonexistent", &patterns, &why), SP_ERR_NOINPUT);
}

/* A failing example is told with its line; the digest follows the content. */
static void test_examples_and_digest(void **state)
{
    (void)state;
    struct place place;
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    char first[40], told[256] = {0};
    place_make(&place, HEAD "context: bsn\n" FORM "match: BSN 111222333 => 111222333\n"
                            "match: 111222333\nrefuse: BSN: 111222333\n");
    assert_int_equal(sp_patterns_load(place.dir, &patterns, &why), SP_OK);
    FILE *out = fmemopen(told, sizeof told - 1, "w");
    assert_non_null(out);
    assert_int_equal(sp_patterns_test(patterns, out), 2);
    fclose(out);
    assert_non_null(strstr(told, "x.pat:10: x.y: the text is to be found"));
    assert_non_null(strstr(told, "x.pat:11: x.y: the text is to be refused"));
    snprintf(first, sizeof first, "%s", sp_patterns_digest(patterns));
    sp_patterns_free(patterns);

    place_write(&place, HEAD "context: bsn\n" FORM);
    assert_int_equal(sp_patterns_load(place.dir, &patterns, &why), SP_OK);
    assert_string_not_equal(first, sp_patterns_digest(patterns));
    sp_patterns_free(patterns);
    place_remove(&place);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err == SP_ERR_NOMEM || err == SP_ERR_LIMIT; nth++) {
        struct sp_patterns *patterns = NULL;
        struct sp_why why = {{0}};
        sp_mem_fail_at(nth);
        err = sp_patterns_load(PATTERNS, &patterns, &why);
        sp_mem_fail_at(0);
        assert_true((err == SP_OK) == (patterns != NULL));
        sp_patterns_free(patterns);
        nth += nth / 8; /* not every one of thousands */
    }
    assert_int_equal(err, SP_OK);
}

/* ---- the filter against plain PCRE2 -------------------------------------------------------- */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void verify(const struct sp_patterns *patterns, const uint8_t *data, size_t len)
{
    struct sp_why why = {{0}};
    size_t differ = 0;
    /* a copy of its own, so that a read beyond the text is seen */
    uint8_t *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    uint8_t *exact = realloc(copy, len ? len : 1);
    assert_non_null(exact);
    struct sp_slice slice = {exact, len};
    assert_int_equal(sp_patterns_verify(patterns, slice, stdout, &differ, &why), SP_OK);
    if (differ)
        fail_msg("%zu candidates differ in: %.*s", differ, (int)len, (const char *)exact);
    free(exact);
}

/* The text, and copies of it with a few bytes changed, dropped or doubled. */
static void verify_mutated(const struct sp_patterns *patterns, const char *text, uint64_t *random)
{
    static const char bytes[] = "0123456789 .-/@:;,'\"()[]+ABNLRZabelnst\xC3\xAB\n\x1F_";
    uint8_t copy[1024];
    size_t len = strlen(text);
    if (len > sizeof copy)
        len = sizeof copy;
    verify(patterns, (const uint8_t *)text, len);
    for (unsigned round = 0; round < 6 && len > 0; round++) {
        memcpy(copy, text, len);
        for (unsigned change = 0; change <= round / 2; change++)
            copy[next_random(random) % len] =
                (uint8_t)bytes[next_random(random) % (sizeof bytes - 1)];
        size_t from = next_random(random) % len; /* cut at both ends, too */
        verify(patterns, copy + from / 4, len - from / 4 - (len - from) / 4);
    }
}

static void test_filter_on_examples(void **state)
{
    (void)state;
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    uint64_t random = 88172645463325252U;
    assert_int_equal(sp_patterns_load(PATTERNS, &patterns, &why), SP_OK);
    assert_int_equal(sp_patterns_unfiltered(patterns, stdout), 0);
    for (size_t p = 0; p < patterns->count; p++) {
        const struct sp_pattern *pattern = &patterns->list[p];
        for (size_t i = 0; i < pattern->example_count; i++)
            verify_mutated(patterns, pattern->examples[i].text, &random);
    }
    char line[4096];
    FILE *cases = fopen(SPEUR_SOURCE_DIR "/tests/cases/detector_cases.tsv", "r");
    assert_non_null(cases);
    while (fgets(line, sizeof line, cases))
        verify_mutated(patterns, line, &random);
    fclose(cases);
    sp_patterns_free(patterns);
}

/* Random text of alphabets that come near to values. */
static void test_filter_on_random_text(void **state)
{
    (void)state;
    static const char *const alphabets[] = {
        "0123456789",
        "0123456789 -./",
        "0123456789ABN.- ",
        "0123abAB@.- ",
        "ABCDEFabcdef0123456789:",
        "straelngwp 1234567890,;'\"",
        "Aa1<>",
        "NL0123 AB.\n\x1F",
        "@%40at[]() .ab",
        "0123456789+() -",
        "abcdefghijklmnopqrstuvwxyzABCD \n,.:=_'\"0123456789\xC3\xAB\x1F",
    };
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    uint64_t random = 1234567;
    uint8_t text[3000];
    assert_int_equal(sp_patterns_load(PATTERNS, &patterns, &why), SP_OK);
    for (unsigned round = 0; round < 88; round++) {
        const char *alphabet = alphabets[round % (sizeof alphabets / sizeof alphabets[0])];
        size_t size = strlen(alphabet), len = 1 + next_random(&random) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = (uint8_t)alphabet[next_random(&random) % size];
        verify(patterns, text, len);
    }
    sp_patterns_free(patterns);
}

/* Expressions as somebody else may write them: known to the filter or not, nothing is lost. */
static void test_filter_on_expressions(void **state)
{
    (void)state;
    static const struct {
        const char *regex;
        bool known;
    } list[] = {
        {"[0-9]{3}", true},
        {"a?b?c", true},
        {"(?i)ab|(?<=x)c[^d]", true},
        {"(?<![0-9])(?<value>1{2,})(?![0-9])", true},
        {"(?<=ab|c|[0-9]{2})d", true},
        {"(?=[ab]{2})[a-c]+?d", true},
        {"([ab])\\1c", true},
        {"(?:a|bc|(?i:d))*e", true},
        {"x*", false},    /* may match nothing */
        {"\\bab", false}, /* not understood */
        {"[[:digit:]]a", false},
        {"^a", false},
        {"(?<=a)(?!b).", true},
        {"(?s:.)b", false},
        {"ab{1,2}(?>c|d)", true},
        {"(?|(?<value>a)1|(?<value>b)2)", true},
        {"\\x61[\\x80-\\xFF]", true},
        {"a{,3}", false},
    };
    uint64_t random = 99;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        struct place place;
        struct sp_patterns *patterns = NULL;
        struct sp_why why = {{0}};
        char content[512];
        uint8_t text[400];
        snprintf(content, sizeof content, HEAD "form: a\nregex: %s\nbase: low\nlabel: high\n",
                 list[i].regex);
        place_make(&place, content);
        if (sp_patterns_load(place.dir, &patterns, &why) != SP_OK)
            fail_msg("%s", why.text);
        if ((sp_patterns_unfiltered(patterns, NULL) == 0) != list[i].known)
            fail_msg("%s: %s", list[i].regex, list[i].known ? "unknown" : "known");
        for (unsigned round = 0; round < 40; round++) {
            size_t len = 1 + next_random(&random) % sizeof text;
            for (size_t k = 0; k < len; k++)
                text[k] = (uint8_t) "abcdexAD01\xC3\n"[next_random(&random) % 12];
            verify(patterns, text, len);
        }
        sp_patterns_free(patterns);
        place_remove(&place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_examples_and_digest),
        cmocka_unit_test(test_filter_on_examples),
        cmocka_unit_test(test_filter_on_random_text),
        cmocka_unit_test(test_filter_on_expressions),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
