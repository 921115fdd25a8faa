#include "detect/judge.h"

enum sp_confidence sp_judge_confidence(const struct sp_check *check)
{
    enum sp_confidence base = check->base, label = check->label;
    switch (check->context) {
    case SP_CONTEXT_LABEL:
        return label > base ? label : base;
    case SP_CONTEXT_NEAR:
        return base < label ? base + 1 : base;
    case SP_CONTEXT_NEG:
        return base > SP_CONF_NONE ? base - 1 : SP_CONF_NONE;
    case SP_CONTEXT_NONE:
        break;
    }
    return base;
}

/* Who wins where confidence and length are the same: lower first. */
static unsigned type_rank(unsigned type)
{
    static const uint8_t ranks[SP_TYPE_COUNT] = {
        [SP_TYPE_MRZ] = 0,          [SP_TYPE_IBAN] = 1,      [SP_TYPE_EMAIL] = 2,
        [SP_TYPE_ADDRESS] = 3,      [SP_TYPE_VAT_NL] = 4,    [SP_TYPE_BE_NRN] = 5,
        [SP_TYPE_BE_KBO] = 6,       [SP_TYPE_PAN] = 7,       [SP_TYPE_PHONE] = 8,
        [SP_TYPE_BSN] = 9,          [SP_TYPE_RSIN] = 10,     [SP_TYPE_KVK] = 11,
        [SP_TYPE_ID_NL] = 12,       [SP_TYPE_DOB] = 13,      [SP_TYPE_IP] = 14,
        [SP_TYPE_MAC] = 15,         [SP_TYPE_PLATE] = 16,    [SP_TYPE_BIC] = 17,
        [SP_TYPE_CUSTOMER_NO] = 18, [SP_TYPE_USERNAME] = 19, [SP_TYPE_COOKIE] = 20,
        [SP_TYPE_NAME] = 21,
    };
    return ranks[type];
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const struct sp_found *a = left, *b = right;
    int order = compare_numbers(a->begin, b->begin);
    if (!order)
        order = compare_numbers(a->type, b->type);
    if (!order)
        order = compare_numbers(a->end, b->end);
    if (!order)
        order = compare_numbers(a->pattern, b->pattern);
    return order ? order : compare_numbers(a->canonical, b->canonical);
}

/* The stronger first. */
static int compare_strength(const void *left, const void *right)
{
    const struct sp_found *a = left, *b = right;
    int order = compare_numbers(b->confidence, a->confidence);
    if (!order)
        order = compare_numbers(b->end - b->begin, a->end - a->begin);
    if (!order) /* of the same bytes what their label says */
        order = compare_numbers(b->attributes & SP_ATTR_LABELLED, a->attributes & SP_ATTR_LABELLED);
    if (!order)
        order = compare_numbers(type_rank(a->type), type_rank(b->type));
    return order ? order : compare_places(a, b);
}

/* A shorter reading of a mail address that was kept. */
static bool is_second_reading(const struct sp_found *group, size_t count,
                              const struct sp_found *mail)
{
    bool inside = false;
    if (mail->type != SP_TYPE_EMAIL)
        return false;
    for (size_t i = 0; i < count && &group[i] != mail; i++) {
        if (!group[i].kept || group[i].end <= mail->begin || group[i].begin >= mail->end)
            continue;
        if (group[i].type != SP_TYPE_EMAIL || group[i].end != mail->end ||
            group[i].begin == mail->begin)
            return false;
        inside = true;
    }
    return inside;
}

/* Most come in order, or nearly so. */
static void sort_places(struct sp_found *found, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_places(&found[i - 1], &found[i]) > 0) {
            qsort(found, count, sizeof *found, compare_places);
            return;
        }
    }
}

/* What is called something else, a customer's number or a login, may be somebody's telephone number
 * or BSN all the same: whoever asks for that person must still see it. */
static bool is_hidden(const struct sp_found *group, size_t count, const struct sp_found *lost)
{
    for (size_t i = 0; i < count; i++) {
        if (group[i].kept && group[i].type == lost->type && group[i].begin < lost->end &&
            lost->begin < group[i].end)
            return false;
    }
    return !lost->kept;
}

/* Candidates that hang together by overlaps: the strongest first, each where there is room. */
static void judge_group(struct sp_found *group, size_t count, uint8_t *taken)
{
    if (count == 1) {
        group->kept = !group->other;
        group->hidden = group->other;
        return;
    }
    qsort(group, count, sizeof *group, compare_strength);
    for (size_t i = 0; i < count; i++) {
        size_t len = group[i].end - group[i].begin;
        group[i].kept = !group[i].other && (!memchr(taken + group[i].begin, 1, len) ||
                                            is_second_reading(group, count, &group[i]));
        if (group[i].kept)
            memset(taken + group[i].begin, 1, len);
    }
    for (size_t i = 0; i < count; i++) {
        memset(taken + group[i].begin, 0, group[i].end - group[i].begin);
        group[i].hidden = group[i].other || is_hidden(group, count, &group[i]);
    }
    qsort(group, count, sizeof *group, compare_places);
}

void sp_judge_sort(struct sp_found *found, size_t count)
{
    sort_places(found, count);
}

void sp_judge_overlaps(struct sp_found *found, size_t count, uint8_t *taken)
{
    if (count == 0)
        return;
    sort_places(found, count);
    for (size_t first = 0; first < count;) {
        size_t end = found[first].end, next = first + 1;
        for (; next < count && found[next].begin < end; next++) {
            if (found[next].end > end)
                end = found[next].end;
        }
        judge_group(found + first, next - first, taken);
        first = next;
    }
}
