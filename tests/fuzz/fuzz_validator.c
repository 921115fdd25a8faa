/* Each validator over any candidate in any text: it stays within both, and says of the same the
 * same; what it accepts without a word for it, it accepts with one. */
#include "detect/validator.h"
#include "judge.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 4, CONTEXTS = 4, REGIONS = 2 };

static struct sp_check check_of(const struct sp_text *text, const uint8_t *data)
{
    size_t begin = data[2] % text->len;
    size_t left = text->len - begin;
    struct sp_check check = {.text = text,
                             .begin = begin,
                             .end = begin + 1 + data[3] % left,
                             .context = (enum sp_context_level)(data[1] % CONTEXTS),
                             .glued = (data[1] & 4) != 0,
                             .region = (enum sp_region)(data[1] / 8 % REGIONS),
                             .base = SP_CONF_LOW,
                             .label = SP_CONF_HIGH};
    while (check.begin > 0 && (text->data[check.begin] & 0xC0) == 0x80)
        check.begin--;
    while (check.end < text->len && (text->data[check.end] & 0xC0) == 0x80)
        check.end++;
    check.value_begin = check.begin;
    check.value_end = check.end;
    return check;
}

static void judge_value(const struct sp_check *check)
{
    assert(check->value_begin < check->value_end && check->value_end <= check->text->len);
    assert(check->canonical.len <= SP_CANONICAL_MAX && check->part_count <= SP_PARTS_MAX);
    for (unsigned i = 0; i < check->part_count; i++)
        assert(check->parts[i].begin < check->parts[i].end &&
               check->parts[i].end <= check->text->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0;
    if (size <= HEAD || size > 2000 || !sp_utf8_valid((struct sp_slice){data + HEAD, size - HEAD}))
        return 0;
    const struct sp_text_record record = {.end = (uint32_t)(size - HEAD), .ordinal = 1};
    const struct sp_text text = {.data = data + HEAD,
                                 .len = size - HEAD,
                                 .own_end = size - HEAD,
                                 .first = true,
                                 .last = true,
                                 .records = &record,
                                 .record_count = 1};
    while (sp_validators[count].name != NULL)
        count++;
    const struct sp_validator *validator = &sp_validators[data[0] % count];
    struct sp_check one = check_of(&text, data), two = one, labelled = one;
    bool accepts = validator->validate(&one);
    assert(validator->validate(&two) == accepts);
    if (!accepts)
        return 0;
    judge_value(&one);
    assert(two.canonical.len == one.canonical.len &&
           memcmp(two.canonical.bytes, one.canonical.bytes, one.canonical.len) == 0);
    labelled.context = SP_CONTEXT_LABEL;
    assert(validator->validate(&labelled));
    judge_value(&labelled);
    return 0;
}
