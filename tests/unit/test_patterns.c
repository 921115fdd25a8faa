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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_examples_and_digest),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
