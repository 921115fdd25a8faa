/* All detectors over any bytes that are valid UTF-8: with filter and gate the same as without. */
#include "detect/matcher.h"
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#ifndef SPEUR_SOURCE_DIR
#define SPEUR_SOURCE_DIR "."
#endif

static struct sp_patterns *patterns;
static struct sp_matcher *fast, *plain;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    struct sp_why why = {""};
    if (sp_patterns_load(SPEUR_SOURCE_DIR "/patterns", &patterns, &why) != SP_OK ||
        sp_matcher_new(patterns, SP_REGION_NL, &fast, &why) != SP_OK ||
        sp_matcher_new(patterns, SP_REGION_NL, &plain, &why) != SP_OK)
        abort();
    sp_matcher_plain(plain);
    return 0;
}

static enum sp_err add_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    uint64_t *sum = ctx;
    (void)why;
    assert(match->len > 0 && match->canonical->len <= sizeof match->canonical->bytes);
    *sum =
        *sum * 31 + match->type * 7 + match->begin * 3 + match->len + (uint64_t)match->confidence;
    for (size_t i = 0; i < match->canonical->len; i++)
        *sum = *sum * 31 + match->canonical->bytes[i];
    return SP_OK;
}

static enum sp_err no_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)ctx, (void)begin, (void)why;
    return SP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 20000 || !sp_utf8_valid((struct sp_slice){data + 1, size - 1}))
        return 0;
    const struct sp_text_record record = {.end = (uint32_t)(size - 1), .ordinal = 1};
    const struct sp_text text = {.data = data + 1,
                                 .len = size - 1,
                                 .own_end = size - 1,
                                 .first = true,
                                 .last = true,
                                 .kind = (enum sp_record_kind)(data[0] % SP_RECORD_KIND_COUNT),
                                 .records = &record,
                                 .record_count = 1};
    uint64_t sums[2] = {0, 0};
    struct sp_why why;
    if (sp_matcher_run(fast, &text, add_match, no_limit, &sums[0], &why) != SP_OK ||
        sp_matcher_run(plain, &text, add_match, no_limit, &sums[1], &why) != SP_OK)
        return 0;
    assert(sums[0] == sums[1]);
    return 0;
}
