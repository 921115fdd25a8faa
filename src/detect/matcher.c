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
#include "detect/context.h"
#include "detect/judge.h"
#include "detect/mask.h"
#include "detect/pattern.h"

enum {
    SLACK_BYTES = 2 * SP_VALUE_MAX,
    JIT_STACK_BYTES = 256 * 1024, /* an expression that needs more is a match limit */
    STORE_MAX_BYTES = 1 << 30     /* of canonical forms of one window */
};

/* What is looked at before a candidate at the far end of the slack stays inside the margin. */
_Static_assert(SLACK_BYTES + SP_TABLE_LOOK_BYTES + SP_TABLE_LINE_BYTES + 64 <=
                   SP_WINDOW_MARGIN_BYTES,
               "the margin does not cover what detectors look at");

struct candidate {
    uint32_t begin, end;
    uint8_t pattern, form;
};

struct sp_matcher {
    bool busy; /* at work: whoever is told of a match may not ask it again, its lists would be lost
                */
    const struct sp_patterns *patterns;
    enum sp_region region;
    pcre2_match_data *match;
    pcre2_match_context *options;
    pcre2_jit_stack *stack;
    struct sp_context *context;
    struct candidate *candidates;
    size_t candidate_count, candidate_cap;
    struct sp_found *found;
    size_t found_count, found_cap;
    struct sp_buf store; /* canonical forms of `found` */
    uint8_t *taken;      /* a zero byte a byte of text */
    size_t taken_cap;
};

/* One call of sp_matcher_run. */
struct run {
    struct sp_matcher *matcher;
    const struct sp_text *text;
    size_t scan_begin, scan_end; /* owned part with slack */
    sp_match_limit_out limit;
    void *ctx;
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
    matcher->match = pcre2_match_data_create(32, NULL);
    matcher->options = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create((size_t)32 * 1024, JIT_STACK_BYTES, NULL);
    if (!matcher->context || !matcher->match || !matcher->options || !matcher->stack) {
        sp_matcher_free(matcher);
        return sp_fail(why, SP_ERR_NOMEM, "matcher: no memory");
    }
    pcre2_jit_stack_assign(matcher->options, NULL, matcher->stack);
    pcre2_set_match_limit(matcher->options, SP_MATCH_STEPS_MAX);
    *out = matcher;
    return SP_OK;
}

void sp_matcher_free(struct sp_matcher *matcher)
{
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->match);
    pcre2_match_context_free(matcher->options);
    pcre2_jit_stack_free(matcher->stack);
    sp_buf_wipe(&matcher->store);
    sp_free(matcher->context);
    sp_free(matcher->candidates);
    sp_free(matcher->found);
    sp_free(matcher->taken);
    sp_free(matcher);
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

static enum sp_err add_candidate(struct run *run, size_t pattern, size_t form)
{
    struct sp_matcher *matcher = run->matcher;
    const struct sp_form *what = &matcher->patterns->list[pattern].forms[form];
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(matcher->match);
    size_t group = what->value_group;
    if (group >= pcre2_get_ovector_count(matcher->match) || places[2 * group] == PCRE2_UNSET)
        group = 0;
    PCRE2_SIZE begin = places[2 * group], end = places[2 * group + 1];
    if (end <= begin)
        return SP_OK; /* nothing in it */
    if (end - begin > SP_VALUE_MAX)
        end = begin + SP_VALUE_MAX;
    if (!grow((void **)&matcher->candidates, &matcher->candidate_cap, matcher->candidate_count,
              sizeof *matcher->candidates))
        return sp_fail(run->why, SP_ERR_NOMEM, "matcher: no memory");
    matcher->candidates[matcher->candidate_count++] =
        (struct candidate){(uint32_t)begin, (uint32_t)end, (uint8_t)pattern, (uint8_t)form};
    return SP_OK;
}

static int try_at(struct run *run, const pcre2_code *code, size_t pos)
{
    struct sp_matcher *matcher = run->matcher;
    return pcre2_match(code, run->text->data, run->text->len, pos, PCRE2_NOTEMPTY, matcher->match,
                       matcher->options);
}

/* The search from `from` on met a limit: finds where, reports it, and gives the place behind it. */
static enum sp_err report_limit(struct run *run, const struct sp_form *form, size_t from,
                                size_t *next)
{
    size_t pos = from;
    pcre2_set_offset_limit(run->matcher->options, PCRE2_UNSET);
    while (pos < run->scan_end) {
        int code = try_at(run, form->anchored, pos);
        if (code < 0 && code != PCRE2_ERROR_NOMATCH)
            break;
        pos++;
    }
    pcre2_set_offset_limit(run->matcher->options, run->scan_end - 1);
    *next = pos + 1;
    if (pos < run->text->own_begin || pos >= run->text->own_end)
        return SP_OK; /* another window's */
    return run->limit(run->ctx, (uint32_t)pos, run->why);
}

static enum sp_err collect_form(struct run *run, size_t pattern, size_t form)
{
    const struct sp_form *what = &run->matcher->patterns->list[pattern].forms[form];
    size_t pos = run->scan_begin;
    while (pos < run->scan_end) {
        enum sp_err err = SP_OK;
        int code = try_at(run, what->code, pos);
        if (code == PCRE2_ERROR_NOMATCH)
            return SP_OK;
        if (code < 0) {
            err = report_limit(run, what, pos, &pos);
        } else {
            err = add_candidate(run, pattern, form);
            pos = pcre2_get_startchar(run->matcher->match) + 1;
        }
        if (err)
            return err;
    }
    return SP_OK;
}

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->pattern != b->pattern ? a->pattern - b->pattern : a->form - b->form;
}

static enum sp_err collect(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    matcher->candidate_count = 0;
    pcre2_set_offset_limit(matcher->options, run->scan_end - 1);
    for (size_t p = 0; p < matcher->patterns->count; p++) {
        const struct sp_pattern *pattern = &matcher->patterns->list[p];
        for (size_t f = 0; f < pattern->form_count; f++) {
            if (pattern->forms[f].names_only && run->text->kind != SP_RECORD_NAME)
                continue;
            enum sp_err err = collect_form(run, p, f);
            if (err)
                return err;
        }
    }
    if (matcher->candidate_count)
        qsort(matcher->candidates, matcher->candidate_count, sizeof *matcher->candidates,
              compare_candidates);
    return SP_OK;
}

/* Types that are looked for before masks are drawn: their own form proves them. */
static bool is_masked(const struct sp_check *check, enum sp_type type)
{
    return type != SP_TYPE_IBAN && type != SP_TYPE_MRZ && type != SP_TYPE_EMAIL &&
           type != SP_TYPE_COOKIE &&
           sp_mask_covers(check->text, check->value_begin, check->value_end);
}

static enum sp_err add_found(struct run *run, const struct sp_check *check, unsigned pattern,
                             enum sp_confidence confidence)
{
    struct sp_matcher *matcher = run->matcher;
    if (!grow((void **)&matcher->found, &matcher->found_cap, matcher->found_count,
              sizeof *matcher->found))
        return sp_fail(run->why, SP_ERR_NOMEM, "matcher: no memory");
    size_t end = check->value_end;
    if (end - check->value_begin > SP_VALUE_MAX)
        end = check->value_begin + SP_VALUE_MAX;
    matcher->found[matcher->found_count++] = (struct sp_found){
        .begin = (uint32_t)check->value_begin,
        .end = (uint32_t)end,
        .canonical = (uint32_t)matcher->store.len,
        .canonical_len = check->canonical.len,
        .type = (uint8_t)matcher->patterns->list[pattern].type,
        .confidence = (uint8_t)confidence,
        .pattern = (uint8_t)pattern,
        .attributes = check->attributes,
    };
    return sp_buf_append(&matcher->store, check->canonical.bytes, check->canonical.len, run->why);
}

static struct sp_check check_of(const struct run *run, const struct candidate *candidate)
{
    const struct sp_pattern *pattern = &run->matcher->patterns->list[candidate->pattern];
    const struct sp_form *form = &pattern->forms[candidate->form];
    return (struct sp_check){
        .text = run->text,
        .begin = candidate->begin,
        .end = candidate->end,
        .region = run->matcher->region,
        .value_begin = candidate->begin,
        .value_end = candidate->end,
        .base = form->base,
        .label = form->label,
    };
}

/* Whether the best possible context would make a value of it. Most candidates fail here, before
 * the dearer look at their context. */
static bool could_hold(const struct run *run, const struct candidate *candidate)
{
    struct sp_check check = check_of(run, candidate);
    check.context = SP_CONTEXT_LABEL;
    check.glued = true;
    return run->matcher->patterns->list[candidate->pattern].validator->validate(&check);
}

static enum sp_err judge_candidate(struct run *run, const struct candidate *candidate,
                                   const struct sp_context_masks *masks)
{
    struct sp_matcher *matcher = run->matcher;
    const struct sp_pattern *pattern = &matcher->patterns->list[candidate->pattern];
    struct sp_check check = check_of(run, candidate);
    check.context = sp_context_level_of(masks, candidate->pattern);
    check.glued = (masks->glued >> candidate->pattern) & 1;
    if (!pattern->validator->validate(&check) || is_masked(&check, pattern->type))
        return SP_OK;
    if (check.value_begin < check.begin) { /* what was taken in stood between label and value */
        struct sp_context_masks wider =
            sp_context_at(matcher->context, check.value_begin, check.value_end);
        check.context = sp_context_level_of(&wider, candidate->pattern);
    }
    if (check.context == SP_CONTEXT_LABEL)
        check.attributes |= SP_ATTR_LABELLED;
    enum sp_confidence confidence = sp_judge_confidence(&check);
    if (confidence == SP_CONF_NONE)
        return SP_OK;
    return add_found(run, &check, candidate->pattern, confidence);
}

static enum sp_err judge(struct run *run)
{
    struct sp_matcher *matcher = run->matcher;
    struct sp_context_masks masks = {0};
    const struct candidate *known = NULL; /* whose context `masks` is */
    sp_context_begin(matcher->context, matcher->patterns->words, run->text);
    matcher->found_count = 0;
    sp_buf_reset(&matcher->store);
    for (size_t i = 0; i < matcher->candidate_count; i++) {
        const struct candidate *candidate = &matcher->candidates[i];
        if (!could_hold(run, candidate))
            continue;
        if (!known || candidate->begin != known->begin || candidate->end != known->end)
            masks = sp_context_at(matcher->context, candidate->begin, candidate->end);
        known = candidate;
        enum sp_err err = judge_candidate(run, candidate, &masks);
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
    sp_judge_overlaps(matcher->found, matcher->found_count, matcher->taken,
                      run->text->kind == SP_RECORD_NAME);
    return SP_OK;
}

static enum sp_err give_out(struct run *run, sp_match_out out)
{
    struct sp_matcher *matcher = run->matcher;
    struct sp_canonical canonical;
    for (size_t i = 0; i < matcher->found_count; i++) {
        const struct sp_found *found = &matcher->found[i];
        if (!found->kept || found->begin < run->text->own_begin ||
            found->begin >= run->text->own_end)
            continue;
        canonical.len = found->canonical_len;
        memcpy(canonical.bytes, matcher->store.data + found->canonical, canonical.len);
        struct sp_match match = {
            .type = found->type,
            .confidence = found->confidence,
            .attributes = found->attributes,
            .begin = found->begin,
            .len = found->end - found->begin,
            .canonical = &canonical,
        };
        enum sp_err err = out(run->ctx, &match, run->why);
        if (err)
            return err;
    }
    return SP_OK;
}

enum sp_err sp_matcher_run(struct sp_matcher *matcher, const struct sp_text *text, sp_match_out out,
                           sp_match_limit_out limit, void *ctx, struct sp_why *why)
{
    struct run run = {.matcher = matcher, .text = text, .limit = limit, .ctx = ctx, .why = why};
    run.scan_begin = text->own_begin > SLACK_BYTES ? text->own_begin - SLACK_BYTES : 0;
    run.scan_end =
        text->len - text->own_end > SLACK_BYTES ? text->own_end + SLACK_BYTES : text->len;
    if (text->len == 0 || text->own_begin >= text->own_end)
        return SP_OK;
    if (matcher->busy)
        return sp_fail(why, SP_ERR_BUG, "a matcher was asked while it gives out matches");
    matcher->busy = true;
    enum sp_err err = collect(&run);
    if (!err)
        err = judge(&run);
    if (!err)
        err = resolve(&run);
    if (!err)
        err = give_out(&run, out);
    matcher->busy = false;
    return err;
}
