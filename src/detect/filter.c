#include "detect/filter.h"

#include "base/mem.h"
#include "detect/bytes.h"

void sp_filter_init(struct sp_filter *filter)
{
    memset(filter, 0, sizeof *filter);
}

/* A form that is to be taken in. */
struct sp_filter_draft {
    struct sp_anchor anchors[SP_FILTER_FORM_ANCHORS];
    size_t count;
    uint16_t form;
    uint8_t digit_within, digits_min, digits_reach;
};

void sp_filter_clear(struct sp_filter *filter)
{
    sp_free(filter->drafts);
    filter->drafts = NULL;
    filter->draft_count = 0;
}

enum sp_err sp_filter_add(struct sp_filter *filter, struct sp_slice expression, uint16_t form,
                          struct sp_why *why)
{
    struct sp_anchor_list *raw = sp_alloc_zero(sizeof *raw);
    struct sp_filter_draft *grown =
        sp_realloc(filter->drafts, (filter->draft_count + 1) * sizeof *grown);
    if (grown)
        filter->drafts = grown;
    if (!raw || !grown) {
        sp_free(raw);
        return sp_fail(why, SP_ERR_NOMEM, "filter: no memory");
    }
    bool enough = sp_anchor_derive(expression, raw);
    size_t count = sp_anchor_merge(raw->list, raw->count, SP_FILTER_FORM_ANCHORS);
    if (!enough || count > SP_FILTER_FORM_ANCHORS) {
        sp_free(raw);
        return sp_fail(why, SP_ERR_NOMEM, "filter: no memory");
    }
    if (count) {
        struct sp_filter_draft *draft = &grown[filter->draft_count++];
        memcpy(draft->anchors, raw->list, count * sizeof *raw->list);
        draft->count = count;
        draft->form = form;
        draft->digit_within = raw->digit_within;
        draft->digits_min = raw->digits_min;
        draft->digits_reach = raw->digits_reach;
    }
    sp_free(raw);
    return SP_OK;
}

static size_t count_anchors(const struct sp_filter *filter)
{
    size_t count = 0;
    for (size_t i = 0; i < filter->draft_count; i++)
        count += filter->drafts[i].count;
    return count;
}

/* All anchors of as many forms as there is room for; those with many give up some first. False: no
 * memory. */
static bool place_anchors(struct sp_filter *filter, struct sp_anchor *anchors)
{
    for (size_t max = SP_FILTER_FORM_ANCHORS;
         max-- > 1 && count_anchors(filter) > SP_FILTER_ANCHORS_MAX;) {
        for (size_t i = 0; i < filter->draft_count; i++) {
            struct sp_filter_draft *draft = &filter->drafts[i];
            draft->count = sp_anchor_merge(draft->anchors, draft->count, max);
            if (draft->count > max)
                return false;
        }
    }
    for (size_t i = 0; i < filter->draft_count; i++) {
        const struct sp_filter_draft *draft = &filter->drafts[i];
        if (draft->count > SP_FILTER_ANCHORS_MAX - filter->count)
            break;
        for (size_t k = 0; k < draft->count; k++) {
            anchors[filter->count] = draft->anchors[k];
            filter->digit_within[filter->count] = draft->digit_within;
            filter->digits_min[filter->count] = draft->digits_min;
            filter->digits_reach[filter->count] = draft->digits_reach;
            filter->form_of[filter->count++] = draft->form;
        }
    }
    return true;
}

bool sp_filter_knows(const struct sp_filter *filter, uint16_t form)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->form_of[i] == form)
            return true;
    }
    return false;
}

static void build_suits(struct sp_filter *filter, const struct sp_anchor *anchors)
{
    for (size_t i = 0; i < filter->count; i++) {
        for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
            for (unsigned member = 0; member <= SP_ANCHOR_OUTSIDE; member++) {
                struct sp_filter_set *set = &filter->suits[place][member];
                uint64_t has = sp_class_has(&anchors[i].at[place], member);
                if (i < 64)
                    set->low |= has << i;
                else
                    set->high |= has << (i - 64);
            }
        }
    }
}

/* Places that the first look does not see must not keep buckets apart. */
static void forget_far_places(struct sp_anchor *anchors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
            if (place < SP_ANCHOR_BACK - SP_LOOK_BACK || place > SP_ANCHOR_BACK + SP_LOOK_AHEAD)
                memset(&anchors[i].at[place], 0xFF, sizeof anchors[i].at[place]);
        }
    }
}

/* Whether the anchor is looked for in that scope. */
static bool in_scope(const struct sp_filter *filter, size_t anchor, bool is_labelled,
                     enum sp_filter_scope scope)
{
    bool needs_digit = filter->digit_within[anchor] != SP_ANCHOR_NO_DIGIT;
    switch (scope) {
    case SP_FILTER_NO_WIDE:
        return !is_labelled || needs_digit;
    case SP_FILTER_NO_LABELLED:
        return !is_labelled;
    case SP_FILTER_NO_DIGIT:
        return !needs_digit;
    case SP_FILTER_NO_DIGIT_NO_WIDE:
        return !needs_digit && !is_labelled;
    case SP_FILTER_ALL:
    case SP_FILTER_SCOPES:
        break;
    }
    return true;
}

enum sp_err sp_filter_build(struct sp_filter *filter, bool (*is_labelled)(void *ctx, uint16_t form),
                            void *ctx, struct sp_why *why)
{
    struct sp_anchor *anchors = sp_alloc_zero((size_t)2 * SP_FILTER_ANCHORS_MAX * sizeof *anchors);
    if (!anchors || !place_anchors(filter, anchors)) {
        sp_free(anchors);
        return sp_fail(why, SP_ERR_NOMEM, "filter: no memory");
    }
    struct sp_anchor *chosen = anchors + SP_FILTER_ANCHORS_MAX;
    build_suits(filter, anchors);
    forget_far_places(anchors, filter->count);
    for (unsigned scope = 0; scope < SP_FILTER_SCOPES; scope++) {
        size_t count = 0;
        for (size_t i = 0; i < filter->count; i++) {
            if (in_scope(filter, i, is_labelled(ctx, filter->form_of[i]), scope))
                chosen[count++] = anchors[i];
        }
        size_t buckets = sp_anchor_merge(chosen, count, SP_LOOK_BUCKETS);
        if (buckets > SP_LOOK_BUCKETS) {
            sp_free(anchors);
            return sp_fail(why, SP_ERR_NOMEM, "filter: no memory");
        }
        sp_look_build(&filter->look[scope], chosen, buckets);
    }
    sp_free(anchors);
    sp_filter_clear(filter);
    return SP_OK;
}

/* ---- looking ------------------------------------------------------------------------------- */
static unsigned member_at(const uint8_t *data, size_t len, size_t pos)
{
    return pos < len ? data[pos] : SP_ANCHOR_OUTSIDE; /* also for places before the first */
}

void sp_filter_look(const struct sp_filter *filter, enum sp_filter_scope scope, const uint8_t *data,
                    size_t len, size_t begin, size_t end, uint64_t out[SP_LOOK_LANES])
{
    sp_look_at(&filter->look[scope], data, len, begin, end, out);
}

/* At the edges of the text. */
static struct sp_filter_set at_slowly(const struct sp_filter *filter, const uint8_t *data,
                                      size_t len, size_t pos)
{
    struct sp_filter_set set = {UINT64_MAX, UINT64_MAX};
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        const struct sp_filter_set *suits =
            &filter->suits[place][member_at(data, len, pos + place - SP_ANCHOR_BACK)];
        set.low &= suits->low;
        set.high &= suits->high;
    }
    return set;
}

struct sp_filter_set sp_filter_at(const struct sp_filter *filter, const uint8_t *data, size_t len,
                                  size_t pos)
{
    if (pos < SP_ANCHOR_BACK || len - pos < SP_ANCHOR_AHEAD)
        return at_slowly(filter, data, len, pos);
    typedef uint64_t both __attribute__((vector_size(sizeof(struct sp_filter_set))));
    const uint8_t *from = data + pos - SP_ANCHOR_BACK;
    both fit = {UINT64_MAX, UINT64_MAX};
    /* all places: what a wrongly foreseen way out would cost is more than what it saves */
#pragma GCC unroll 11
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        both suits;
        memcpy(&suits, &filter->suits[place][from[place]], sizeof suits);
        fit &= suits;
    }
    return (struct sp_filter_set){fit[0], fit[1]};
}

static uint64_t digits_of(const uint8_t *data, size_t count)
{
    typedef uint8_t bytes __attribute__((vector_size(16)));
    uint64_t bits = 0;
    size_t at = 0;
    for (; count - at >= sizeof(bytes); at += sizeof(bytes)) {
        bytes part;
        memcpy(&part, data + at, sizeof part);
        bits |= bits_of((bytes)((part - '0') < 10)) << at;
    }
    for (; at < count; at++)
        bits |= (uint64_t)byte_is_digit(data[at]) << at;
    return bits;
}

void sp_filter_find_digits(struct sp_filter_digits *digits, const uint8_t *data, size_t len,
                           size_t begin)
{
    for (size_t lane = 0; lane <= SP_LOOK_LANES; lane++) {
        size_t from = begin + lane * 64, left = from < len ? len - from : 0;
        digits->bits[lane] = digits_of(data + (left ? from : 0), left < 64 ? left : 64);
    }
}

bool sp_filter_any_digit(const struct sp_filter_digits *digits)
{
    uint64_t any = 0;
    for (size_t lane = 0; lane <= SP_LOOK_LANES; lane++)
        any |= digits->bits[lane];
    return any != 0;
}

bool sp_filter_has_digits(const struct sp_filter *filter, unsigned anchor,
                          const struct sp_filter_digits *digits, size_t at)
{
    unsigned within = filter->digit_within[anchor], reach = filter->digits_reach[anchor];
    uint64_t ahead = digits->bits[at / 64] >> (at % 64);
    if (at % 64)
        ahead |= digits->bits[at / 64 + 1] << (64 - at % 64);
    if (within != SP_ANCHOR_NO_DIGIT && !(ahead & (UINT64_MAX >> (63 - within))))
        return false;
    if (reach == 0)
        return true;
    ahead &= UINT64_MAX >> (64 - reach);
    for (unsigned need = filter->digits_min[anchor]; need > 1 && ahead; need--)
        ahead &= ahead - 1;
    return ahead != 0;
}
