/* One window at a time: all expressions over it, the candidates in the order of their places
 * through context and validator, then overlaps.
 *
 * Candidates are judged a little beyond what the window owns (SLACK_BYTES to both sides), because
 * a value may begin before the place where its expression matched, and because its rivals may lie
 * there. Everything that is looked at for a candidate lies within SP_WINDOW_MARGIN_BYTES of the
 * owned part; so it is the same however the text was cut. */
#include "detect/matcher.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "detect/address_row.h"
#include "detect/bytes.h"
#include "detect/category.h"
#include "detect/collect.h"
#include "detect/columns.h"
#include "detect/context.h"
#include "detect/judge.h"
#include "detect/mask.h"
#include "detect/pattern.h"

enum {
    SLACK_BYTES = 2 * SP_VALUE_MAX,
    STORE_MAX_BYTES = 1 << 30 /* of canonical forms of one window */
};

/* What is looked at before a candidate at the far end of the slack stays inside the margin. */
_Static_assert(SLACK_BYTES + SP_TABLE_LOOK_BYTES + SP_TABLE_LINE_BYTES + 64 <=
                   SP_WINDOW_MARGIN_BYTES,
               "the margin does not cover what detectors look at");

struct sp_matcher {
    bool busy; /* at work: whoever is told of a match may not ask it again, its lists would be lost
                */
    const struct sp_patterns *patterns;
    enum sp_region region;
    struct sp_collector collector;
    struct sp_context *context;
    struct sp_addr_memo memo;
    struct sp_found *found;
    size_t found_count, found_cap;
    struct sp_buf store; /* canonical forms of `found` */
    uint8_t *taken;      /* a zero byte a byte of text */
    size_t taken_cap;
    sp_name_wanted name_wanted; /* NULL: names are not looked for */
    void *name_ctx;
    struct sp_categories categories;
};

/* One call of sp_matcher_run. */
struct run {
    struct sp_matcher *matcher;
    const struct sp_text *text;
    struct sp_why *why;
};

enum sp_err sp_matcher_new(const struct sp_patterns *patterns, enum sp_region region,
                           struct sp_matcher **out, struct sp_why *why)
{
    struct sp_matcher *matcher = sp_alloc_zero(sizeof *matcher);
    if (!matcher)
        return sp_fail(why, SP_ERR_NOMEM, "matcher: no memory");
    matcher->patterns = patterns;
    matcher->region = region;
    sp_buf_init(&matcher->store, STORE_MAX_BYTES);
    matcher->context = sp_alloc_zero(sizeof *matcher->context);
    enum sp_err err = sp_collect_init(&matcher->collector, patterns, why);
    if (!err && !matcher->context)
        err = sp_fail(why, SP_ERR_NOMEM, "matcher: no memory");
    if (err) {
        sp_matcher_free(matcher);
        return err;
    }
    *out = matcher;
    return SP_OK;
}

void sp_matcher_free(struct sp_matcher *matcher)
{
    if (!matcher)
        return;
    sp_collect_clear(&matcher->collector);
    sp_buf_wipe(&matcher->store);
    sp_free(matcher->context);
    sp_free(matcher->found);
    sp_free(matcher->taken);
    sp_free(matcher);
}

void sp_matcher_names(struct sp_matcher *matcher, sp_name_wanted wanted, void *wanted_ctx)
{
    matcher->name_wanted = wanted;
    matcher->name_ctx = wanted_ctx;
}

void sp_matcher_infer(const struct sp_matcher *matcher, const struct sp_text *text,
                      struct sp_text_columns *columns)
{
    sp_columns_infer(matcher->patterns, text, columns);
}

void sp_matcher_plain(struct sp_matcher *matcher)
{
    matcher->collector.plain = true;
}

/* Makes room for one more element; false: no memory. */
static bool grow(void **list, size_t *cap, size_t count, size_t element_bytes)
{
    if (count < *cap)
        return true;
    size_t more = *cap ? *cap * 2 : 256;
    void *grown = sp_realloc(*list, more * element_bytes);
    if (!grown)
        return false;
    *list = grown;
    *cap = more;
    return true;
}

static enum sp_err collect(struct run *run, sp_match_limit_out limit, void *ctx)
{
    const struct sp_text *text = run->text;
    struct sp_collect_range range = {.text = text, .limit = limit, .ctx = ctx};
    range.begin = text->own_begin > SLACK_BYTES ? text->own_begin - SLACK_BYTES : 0;
    range.end = text->len - text->own_end > SLACK_BYTES ? text->own_end + SLACK_BYTES : text->len;
    return sp_collect_run(&run->matcher->collector, &range, run->why);
}

/* Types that are looked for before masks are drawn: their own form proves them. */
static bool is_masked(const struct sp_check *check, enum sp_type type)
{
    return type != SP_TYPE_IBAN && type != SP_TYPE_MRZ && type != SP_TYPE_EMAIL &&
           type != SP_TYPE_COOKIE &&
           sp_mask_covers(check->text, check->value_begin, check->value_end);
}

/* Appends; the canonical form is kept in the store. */
static enum sp_err add(struct run *run, const struct sp_found *found,
                       const struct sp_canonical *canonical)
{
    struct sp_matcher *matcher = run->matcher;
    if (!grow((void **)&matcher->found, &matcher->found_cap, matcher->found_count,
              sizeof *matcher->found))
        return sp_fail(run->why, SP_ERR_NOMEM, "matcher: no memory");
    struct sp_found *added = &matcher->found[matcher->found_count++];
    *added = *found;
    added->canonical = (uint32_t)matcher->store.len;
    added->canonical_len = canonical->len;
    return sp_buf_append(&matcher->store, canonical->bytes, canonical->len, run->why);
}

static enum sp_err add_found(struct run *run, const struct sp_check *check, unsigned pattern,
                             enum sp_confidence confidence)
{
    size_t end = check->value_end;
    if (end - check->value_begin > SP_VALUE_MAX)
        end = check->value_begin + SP_VALUE_MAX;
    const struct sp_found found = {
        .begin = (uint32_t)check->value_begin,
        .end = (uint32_t)end,
        .type = (uint8_t)run->matcher->patterns->list[pattern].type,
        .confidence = (uint8_t)confidence,
        .pattern = (uint8_t)pattern,
        .parts = (uint8_t)check->part_count,
        .other = check->other,
        .attributes = check->attributes,
    };
    enum sp_err err = add(run, &found, &check->canonical);
    return err == SP_OK && check->part_count > 0
               ? sp_buf_append(&run->matcher->store, check->parts,
                               check->part_count * sizeof *check->parts, run->why)
               : err;
}

static enum sp_err add_name(void *ctx, const struct sp_name *name, struct sp_why *why)
{
    (void)why; /* it is the run's */
    const struct sp_found found = {
        .begin = name->begin,
        .end = name->end - name->begin > SP_VALUE_MAX ? name->begin + SP_VALUE_MAX : name->end,
        .type = SP_TYPE_NAME,
        .confidence = SP_CONF_MEDIUM,
        .pattern = UINT8_MAX,
        .kept = true,
    };
    return add(ctx, &found, name->canonical);
}

/* Names stand beside what the patterns found. */
static enum sp_err find_names(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    size_t before = matcher->found_count;
    if (matcher->name_wanted == NULL)
        return SP_OK;
    enum sp_err err =
        sp_name_find(run->text, matcher->name_wanted, matcher->name_ctx, add_name, run, run->why);
    if (matcher->found_count > before)
        sp_judge_sort(matcher->found, matcher->found_count);
    return err;
}

static enum sp_err add_category(void *ctx, unsigned pattern, size_t begin, size_t end,
                                struct sp_why *why)
{
    const struct run *run = ctx;
    static const struct sp_canonical nothing = {.len = 0}; /* what it says is not kept */
    (void)why;                                             /* it is the run's */
    const struct sp_found found = {
        .begin = (uint32_t)begin,
        .end = (uint32_t)(end - begin > SP_VALUE_MAX ? begin + SP_VALUE_MAX : end),
        .type = (uint8_t)run->matcher->patterns->list[pattern].type,
        .confidence = SP_CONF_MEDIUM,
        .pattern = (uint8_t)pattern,
        .attributes = SP_ATTR_LABELLED,
        .kept = true,
    };
    return add(ctx, &found, &nothing);
}

/* So do categories, and they hide nothing. */
static enum sp_err find_categories(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    size_t before = matcher->found_count;
    if (matcher->patterns->categories == 0)
        return SP_OK;
    matcher->categories.words = matcher->patterns->keys;
    enum sp_err err =
        sp_category_find(&matcher->categories, run->text, add_category, run, run->why);
    if (matcher->found_count > before)
        sp_judge_sort(matcher->found, matcher->found_count);
    return err;
}

/* A check as a validator is given it; `asked` gathers what it asks for. The bytes of the canonical
 * form are left as they are: it is large, and this runs for every candidate. */
static void check_begin(const struct run *run, const struct sp_candidate *candidate,
                        struct sp_check *check, unsigned *asked)
{
    const struct sp_pattern *pattern = &run->matcher->patterns->list[candidate->pattern];
    const struct sp_form *form = &pattern->forms[candidate->form];
    check->text = run->text;
    check->begin = check->value_begin = candidate->begin;
    check->end = check->value_end = candidate->end;
    check->context = SP_CONTEXT_NONE;
    check->glued = false;
    check->asked = asked;
    check->region = run->matcher->region;
    check->memo = &run->matcher->memo;
    check->canonical.len = 0;
    check->part_count = 0;
    check->reading = check->more = 0;
    check->other = false;
    check->attributes = 0;
    check->base = form->base;
    check->label = form->label;
}

/* Whether a word may end directly at the candidate: words end in what is tested here. */
static bool may_be_glued(const struct sp_text *text, size_t begin)
{
    uint8_t before = begin ? text->data[begin - 1] : 0;
    return before >= 0x80 || byte_is_alnum(before) || byte_in(before, "' .-_/&");
}

/* Whether some context would make a value of it, which `check` then describes. Most candidates fail
 * here, before the dearer look at their context. */
static bool could_hold(const struct run *run, const struct sp_candidate *candidate,
                       struct sp_check *check, unsigned *asked)
{
    sp_validate validate = run->matcher->patterns->list[candidate->pattern].validator->validate;
    check_begin(run, candidate, check, asked);
    check->context = SP_CONTEXT_LABEL;
    if (validate(check))
        return true;
    if (!(*asked & SP_ASKED_GLUED) || !may_be_glued(run->text, candidate->begin))
        return false;
    check_begin(run, candidate, check, asked);
    check->context = SP_CONTEXT_LABEL;
    check->glued = true;
    return validate(check);
}

/* Validates in the context that was found, unless `check` is the answer for it: by what was asked.
 */
static bool validate_again(const struct run *run, const struct sp_candidate *candidate,
                           enum sp_context_level context, bool glued, struct sp_check *check)
{
    bool same_context = check->context == context || !(*check->asked & SP_ASKED_CONTEXT);
    bool same_glued = check->glued == glued || !(*check->asked & SP_ASKED_GLUED);
    if (same_context && same_glued) {
        check->context = context;
        check->glued = glued;
        return true;
    }
    check_begin(run, candidate, check, check->asked);
    check->context = context;
    check->glued = glued;
    return run->matcher->patterns->list[candidate->pattern].validator->validate(check);
}

/* Values that stand where somebody's were: what programs leave behind when they erase. */
static bool is_nobodys(const struct sp_pattern *pattern, const struct sp_canonical *canonical)
{
    for (size_t i = 0; i < pattern->never_count; i++) {
        if (strlen(pattern->never[i]) == canonical->len &&
            memcmp(pattern->never[i], canonical->bytes, canonical->len) == 0)
            return true;
    }
    return false;
}

/* What else the same candidate may be. */
static enum sp_err judge_readings(struct run *run, const struct sp_candidate *candidate,
                                  unsigned more)
{
    sp_validate validate = run->matcher->patterns->list[candidate->pattern].validator->validate;
    enum sp_err err = SP_OK;
    for (unsigned reading = 1; err == SP_OK && reading < SP_READINGS_MAX; reading++) {
        struct sp_check check;
        unsigned asked = 0;
        if ((reading & more) != reading)
            continue;
        check_begin(run, candidate, &check, &asked);
        check.reading = reading;
        if (!validate(&check))
            continue;
        check.other = true;
        err = add_found(run, &check, candidate->pattern, SP_CONF_LOW);
    }
    return err;
}

static enum sp_err judge_candidate(struct run *run, const struct sp_candidate *candidate,
                                   const struct sp_context_masks *masks, struct sp_check *check)
{
    struct sp_matcher *matcher = run->matcher;
    const struct sp_pattern *pattern = &matcher->patterns->list[candidate->pattern];
    bool glued = (masks->glued >> candidate->pattern) & 1;
    if (!validate_again(run, candidate, sp_context_level_of(masks, candidate->pattern), glued,
                        check) ||
        is_masked(check, pattern->type) || is_nobodys(pattern, &check->canonical))
        return SP_OK;
    if (check->value_begin < check->begin) { /* what was taken in stood between label and value */
        struct sp_context_masks wider =
            sp_context_at(matcher->context, check->value_begin, check->value_end);
        check->context = sp_context_level_of(&wider, candidate->pattern);
    }
    if (check->context == SP_CONTEXT_LABEL)
        check->attributes |= SP_ATTR_LABELLED;
    enum sp_confidence confidence = sp_judge_confidence(check);
    if (confidence == SP_CONF_NONE)
        return SP_OK;
    enum sp_err err = add_found(run, check, candidate->pattern, confidence);
    return err == SP_OK && check->more != 0 ? judge_readings(run, candidate, check->more) : err;
}

static enum sp_err judge(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    struct sp_context_masks masks = {0};
    const struct sp_candidate *known = NULL; /* whose context `masks` is */
    enum sp_err err = SP_OK;
    sp_context_begin(matcher->context, matcher->patterns->words, run->text);
    memset(&matcher->memo, 0, sizeof matcher->memo); /* keys live as long as their window */
    matcher->found_count = 0;
    sp_buf_reset(&matcher->store);
    for (size_t i = 0; i < matcher->collector.count; i++) {
        const struct sp_candidate *candidate = &matcher->collector.list[i];
        struct sp_check check;
        unsigned asked = 0;
        if (!could_hold(run, candidate, &check, &asked))
            continue;
        if (!known || candidate->begin != known->begin || candidate->end != known->end)
            masks = sp_context_at(matcher->context, candidate->begin, candidate->end);
        known = candidate;
        err = judge_candidate(run, candidate, &masks, &check);
        if (err)
            return err;
    }
    return SP_OK;
}

static enum sp_err resolve(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    if (matcher->found_count && matcher->taken_cap < run->text->len) {
        uint8_t *grown = sp_alloc_zero(run->text->len);
        if (!grown)
            return sp_fail(run->why, SP_ERR_NOMEM, "matcher: no memory");
        sp_free(matcher->taken);
        matcher->taken = grown;
        matcher->taken_cap = run->text->len;
    }
    sp_judge_overlaps(matcher->found, matcher->found_count, matcher->taken);
    return SP_OK;
}

static enum sp_err give_out(struct run *run, sp_match_out out, void *ctx)
{
    struct sp_matcher *matcher = run->matcher;
    struct sp_canonical canonical;
    for (size_t i = 0; i < matcher->found_count; i++) {
        const struct sp_found *found = &matcher->found[i];
        if (!(found->kept || found->hidden) || found->begin < run->text->own_begin ||
            found->begin >= run->text->own_end)
            continue;
        canonical.len = found->canonical_len;
        if (canonical.len > 0) /* a category has none */
            memcpy(canonical.bytes, matcher->store.data + found->canonical, canonical.len);
        struct sp_match match = {
            .type = found->type,
            .confidence = found->kept ? found->confidence : SP_CONF_NONE,
            .attributes = found->attributes,
            .begin = found->begin,
            .len = found->end - found->begin,
            .canonical = &canonical,
            .part_count = found->parts,
        };
        if (found->parts > 0)
            memcpy(match.parts, matcher->store.data + found->canonical + found->canonical_len,
                   found->parts * sizeof *match.parts);
        enum sp_err err = out(ctx, &match, run->why);
        if (err)
            return err;
    }
    return SP_OK;
}

enum sp_err sp_matcher_run(struct sp_matcher *matcher, const struct sp_text *text, sp_match_out out,
                           sp_match_limit_out limit, void *ctx, struct sp_why *why)
{
    struct run run = {.matcher = matcher, .text = text, .why = why};
    if (text->len == 0 || text->own_begin >= text->own_end)
        return SP_OK;
    if (matcher->busy)
        return sp_fail(why, SP_ERR_BUG, "a matcher was asked while it gives out matches");
    matcher->busy = true;
    enum sp_err err = collect(&run, limit, ctx);
    if (!err)
        err = judge(&run);
    if (!err)
        err = resolve(&run);
    if (!err)
        err = find_names(&run);
    if (!err)
        err = find_categories(&run);
    if (!err)
        err = give_out(&run, out, ctx);
    matcher->busy = false;
    return err;
}
