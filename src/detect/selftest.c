/* `patterns test`: every match: and refuse: of the files, through a whole matcher. */
#include "base/mem.h"
#include "detect/matcher.h"
#include "detect/pattern.h"

/* What the example under test gave so far. */
struct outcome {
    enum sp_type type;
    const char *canonical; /* wanted; NULL: any */
    bool found;
};

static enum sp_err take_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct outcome *outcome = ctx;
    struct sp_slice canonical = {match->canonical->bytes, match->canonical->len};
    (void)why;
    if (match->type == outcome->type && match->confidence >= SP_CONF_MEDIUM &&
        (!outcome->canonical || sp_slice_equal(canonical, sp_slice_of(outcome->canonical))))
        outcome->found = true;
    return SP_OK;
}

static enum sp_err take_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)ctx;
    (void)begin;
    (void)why;
    return SP_OK; /* the example then fails by what was not found */
}

static enum sp_err run_example(struct sp_matcher *matcher, const struct sp_example *example,
                               struct outcome *outcome, struct sp_why *why)
{
    size_t len = strlen(example->text);
    struct sp_text_record record = {.end = (uint32_t)len, .kind = SP_RECORD_DOCUMENT};
    struct sp_text text = {
        .data = (const uint8_t *)example->text,
        .len = len,
        .own_end = len,
        .first = true,
        .last = true,
        .kind = SP_RECORD_DOCUMENT,
        .records = &record,
        .record_count = 1,
    };
    return sp_matcher_run(matcher, &text, take_match, take_limit, outcome, why);
}

/* Of a category the example is a key over something. */
static enum sp_err run_key_example(struct sp_matcher *matcher, const struct sp_example *example,
                                   struct outcome *outcome, struct sp_why *why)
{
    static const uint8_t something[] = "x";
    struct sp_text_record record = {.end = 1, .kind = SP_RECORD_ROW};
    struct sp_text_field field = {.end = 1, .column = 1, .key = sp_slice_of(example->text)};
    struct sp_text text = {
        .data = something,
        .len = 1,
        .own_end = 1,
        .first = true,
        .last = true,
        .kind = SP_RECORD_ROW,
        .records = &record,
        .record_count = 1,
        .fields = &field,
        .field_count = 1,
    };
    return sp_matcher_run(matcher, &text, take_match, take_limit, outcome, why);
}

static size_t test_pattern(struct sp_matcher *matcher, const struct sp_pattern *pattern, FILE *out)
{
    size_t failed = 0;
    for (size_t i = 0; i < pattern->example_count; i++) {
        const struct sp_example *example = &pattern->examples[i];
        struct outcome outcome = {pattern->type, example->canonical, false};
        struct sp_why why = {{0}};
        enum sp_err err = sp_type_is_category(pattern->type)
                              ? run_key_example(matcher, example, &outcome, &why)
                              : run_example(matcher, example, &outcome, &why);
        if (!err && outcome.found != example->refuse)
            continue;
        failed++;
        fprintf(out, "%s:%u: %s: %s\n", pattern->file, example->line, pattern->id,
                err               ? why.text
                : example->refuse ? "the text is to be refused, but is found"
                                  : "the text is to be found, but is not");
    }
    return failed;
}

size_t sp_patterns_test(const struct sp_patterns *patterns, void *out)
{
    struct sp_matcher *matcher = NULL;
    struct sp_why why = {{0}};
    size_t failed = 0;
    if (sp_matcher_new(patterns, SP_REGION_NL, &matcher, &why)) {
        fprintf(out, "%s\n", why.text);
        return 1;
    }
    for (size_t i = 0; i < patterns->count; i++)
        failed += test_pattern(matcher, &patterns->list[i], out);
    sp_matcher_free(matcher);
    return failed;
}
