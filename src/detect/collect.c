#include "detect/collect.h"

#include "base/mem.h"
#include "speur/finding.h"

enum {
    JIT_STACK_BYTES = 256 * 1024, /* an expression that needs more is a match limit */
    SORT_MOVES = 16               /* a candidate, before sorting is left to qsort */
};

/* One call of sp_collect_run. */
struct run {
    struct sp_collector *collector;
    const struct sp_collect_range *range;
    struct sp_filter_set tried;     /* anchors that are not closed by the gate here */
    size_t block;                   /* where the block begins that is looked at */
    struct sp_filter_digits digits; /* in it */
    struct sp_why *why;
};

enum sp_err sp_collect_init(struct sp_collector *collector, const struct sp_patterns *patterns,
                            struct sp_why *why)
{
    *collector = (struct sp_collector){.patterns = patterns};
    collector->match = pcre2_match_data_create(32, NULL);
    collector->options = pcre2_match_context_create(NULL);
    collector->stack = pcre2_jit_stack_create((size_t)32 * 1024, JIT_STACK_BYTES, NULL);
    if (!collector->match || !collector->options || !collector->stack) {
        sp_collect_clear(collector);
        return sp_fail(why, SP_ERR_NOMEM, "matcher: no memory");
    }
    pcre2_jit_stack_assign(collector->options, NULL, collector->stack);
    pcre2_set_match_limit(collector->options, SP_MATCH_STEPS_MAX);
    return SP_OK;
}

void sp_collect_clear(struct sp_collector *collector)
{
    pcre2_match_data_free(collector->match);
    pcre2_match_context_free(collector->options);
    pcre2_jit_stack_free(collector->stack);
    sp_free(collector->list);
    sp_gate_clear(&collector->gate);
    *collector = (struct sp_collector){0};
}

static bool list_grow(struct sp_collector *collector)
{
    size_t more = collector->cap ? collector->cap * 2 : 256;
    struct sp_candidate *grown = sp_realloc(collector->list, more * sizeof *grown);
    if (!grown)
        return false;
    collector->list = grown;
    collector->cap = more;
    return true;
}

static const struct sp_form *form_of(const struct run *run, unsigned pattern, unsigned form)
{
    return &run->collector->patterns->list[pattern].forms[form];
}

static enum sp_err add_candidate(struct run *run, unsigned pattern, unsigned form)
{
    struct sp_collector *collector = run->collector;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(collector->match);
    size_t group = form_of(run, pattern, form)->value_group;
    if (group >= pcre2_get_ovector_count(collector->match) || places[2 * group] == PCRE2_UNSET)
        group = 0;
    PCRE2_SIZE begin = places[2 * group], end = places[2 * group + 1];
    if (end <= begin)
        return SP_OK; /* nothing in it */
    if (end - begin > SP_VALUE_MAX)
        end = begin + SP_VALUE_MAX;
    if (collector->count == collector->cap && !list_grow(collector))
        return sp_fail(run->why, SP_ERR_NOMEM, "matcher: no memory");
    collector->list[collector->count++] =
        (struct sp_candidate){(uint32_t)begin, (uint32_t)end, (uint8_t)pattern, (uint8_t)form};
    return SP_OK;
}

/* A candidate at pos met a limit: another window's is not told. */
static enum sp_err tell_limit(struct run *run, size_t pos)
{
    const struct sp_text *text = run->range->text;
    if (pos < text->own_begin || pos >= text->own_end)
        return SP_OK;
    return run->range->limit(run->range->ctx, (uint32_t)pos, run->why);
}

/* Whether the form matches at pos: PCRE2's code. */
static int try_at(struct run *run, const struct sp_form *form, size_t pos)
{
    struct sp_collector *collector = run->collector;
    const struct sp_text *text = run->range->text;
    if (form->fast) /* without the checks that pcre2_match makes each time */
        return pcre2_jit_match(form->anchored, text->data, text->len, pos, PCRE2_NOTEMPTY,
                               collector->match, collector->options);
    return pcre2_match(form->anchored, text->data, text->len, pos, PCRE2_NOTEMPTY, collector->match,
                       collector->options);
}

/* ---- with the filter ----------------------------------------------------------------------- */
static enum sp_err collect_anchor(struct run *run, size_t pos, unsigned number)
{
    unsigned pattern = number / SP_PATTERN_FORMS_MAX, which = number % SP_PATTERN_FORMS_MAX;
    const struct sp_form *form = form_of(run, pattern, which);
    if (form->names_only && run->range->text->kind != SP_RECORD_NAME)
        return SP_OK;
    if (form->labelled && !run->collector->ungated &&
        !((sp_gate_open_at(&run->collector->gate, pos) >> pattern) & 1))
        return SP_OK;
    int code = try_at(run, form, pos);
    if (code == PCRE2_ERROR_NOMATCH)
        return SP_OK;
    return code < 0 ? tell_limit(run, pos) : add_candidate(run, pattern, which);
}

/* The forms of a word of anchors, each once: those of one form lie side by side. */
static enum sp_err collect_anchors(struct run *run, size_t pos, uint64_t bits, unsigned base,
                                   unsigned *last)
{
    const struct sp_filter *filter = &run->collector->patterns->filter;
    enum sp_err err = SP_OK;
    for (; bits && !err; bits &= bits - 1) {
        unsigned anchor = base + (unsigned)__builtin_ctzll(bits), form = filter->form_of[anchor];
        if (form == *last)
            continue;
        *last = form;
        if (!sp_filter_has_digits(filter, anchor, &run->digits, pos - run->block))
            continue;
        err = collect_anchor(run, pos, form);
    }
    return err;
}

static enum sp_err collect_place(struct run *run, size_t pos)
{
    const struct sp_text *text = run->range->text;
    unsigned last = UINT_MAX;
    struct sp_filter_set set =
        sp_filter_at(&run->collector->patterns->filter, text->data, text->len, pos);
    set.low &= run->tried.low;
    set.high &= run->tried.high;
    enum sp_err err = set.low ? collect_anchors(run, pos, set.low, 0, &last) : SP_OK;
    if (!err && set.high)
        err = collect_anchors(run, pos, set.high, 64, &last);
    return err;
}

/* What is looked for in a block: the gate closes forms whose label is nowhere near. */
static enum sp_filter_scope block_scope(struct run *run, size_t begin, size_t end)
{
    const struct sp_patterns *patterns = run->collector->patterns;
    uint64_t open = UINT64_MAX;
    run->block = begin;
    sp_filter_find_digits(&run->digits, run->range->text->data, run->range->text->len, begin);
    bool digits = sp_filter_any_digit(&run->digits);
    run->tried = (struct sp_filter_set){UINT64_MAX, UINT64_MAX};
    if (!run->collector->ungated)
        open = sp_gate_open(&run->collector->gate, begin, end);
    for (uint64_t closed = patterns->labelled & ~open; closed; closed &= closed - 1) {
        const struct sp_filter_set *set =
            &patterns->labelled_anchors[(unsigned)__builtin_ctzll(closed)];
        run->tried.low &= ~set->low;
        run->tried.high &= ~set->high;
    }
    bool wide = (patterns->wide & open) != 0;
    if (!digits)
        return wide ? SP_FILTER_NO_DIGIT : SP_FILTER_NO_DIGIT_NO_WIDE;
    if (wide)
        return SP_FILTER_ALL;
    return (patterns->labelled & open) != 0 ? SP_FILTER_NO_WIDE : SP_FILTER_NO_LABELLED;
}

static enum sp_err collect_filtered(struct run *run)
{
    const struct sp_collect_range *range = run->range;
    uint64_t lanes[SP_LOOK_LANES];
    enum sp_err err = sp_gate_begin(&run->collector->gate, run->collector->patterns->labels,
                                    range->text, run->why);
    if (err)
        return err;
    for (size_t begin = range->begin; begin < range->end; begin += SP_LOOK_BLOCK) {
        size_t end = range->end - begin < SP_LOOK_BLOCK ? range->end : begin + SP_LOOK_BLOCK;
        enum sp_filter_scope scope = block_scope(run, begin, end);
        sp_filter_look(&run->collector->patterns->filter, scope, range->text->data,
                       range->text->len, begin, end, lanes);
        for (size_t lane = 0; lane < SP_LOOK_LANES; lane++) {
            for (uint64_t bits = lanes[lane]; bits && !err; bits &= bits - 1)
                err = collect_place(run, begin + lane * 64 + (size_t)__builtin_ctzll(bits));
        }
        if (err)
            return err;
    }
    return SP_OK;
}

/* ---- everywhere ---------------------------------------------------------------------------- */
/* The search from `from` on met a limit: finds where, reports it, and gives the place behind it. */
static enum sp_err report_limit(struct run *run, const struct sp_form *form, size_t from,
                                size_t *next)
{
    size_t pos = from;
    pcre2_set_offset_limit(run->collector->options, PCRE2_UNSET);
    while (pos < run->range->end) {
        int code = try_at(run, form, pos);
        if (code < 0 && code != PCRE2_ERROR_NOMATCH)
            break;
        pos++;
    }
    pcre2_set_offset_limit(run->collector->options, run->range->end - 1);
    *next = pos + 1;
    return tell_limit(run, pos);
}

static enum sp_err collect_everywhere(struct run *run, unsigned pattern, unsigned form)
{
    struct sp_collector *collector = run->collector;
    const struct sp_form *what = form_of(run, pattern, form);
    const struct sp_text *text = run->range->text;
    size_t pos = run->range->begin;
    enum sp_err err = SP_OK;
    pcre2_set_offset_limit(collector->options, run->range->end - 1);
    while (pos < run->range->end && !err) {
        int code = pcre2_match(what->code, text->data, text->len, pos, PCRE2_NOTEMPTY,
                               collector->match, collector->options);
        if (code == PCRE2_ERROR_NOMATCH)
            break;
        if (code < 0) {
            err = report_limit(run, what, pos, &pos);
        } else {
            err = add_candidate(run, pattern, form);
            pos = pcre2_get_startchar(collector->match) + 1;
        }
    }
    pcre2_set_offset_limit(collector->options, PCRE2_UNSET);
    return err;
}

/* ---- order --------------------------------------------------------------------------------- */
static int compare_candidates(const void *left, const void *right)
{
    const struct sp_candidate *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->pattern != b->pattern ? a->pattern - b->pattern : a->form - b->form;
}

/* The filter gives candidates nearly in order. */
static void sort_candidates(struct sp_candidate *list, size_t count)
{
    size_t moves = SORT_MOVES * count;
    for (size_t i = 1; i < count; i++) {
        struct sp_candidate one = list[i];
        size_t at = i;
        for (; at > 0 && moves && compare_candidates(&list[at - 1], &one) > 0; at--, moves--)
            list[at] = list[at - 1];
        list[at] = one;
        if (!moves) {
            qsort(list, count, sizeof *list, compare_candidates);
            return;
        }
    }
}

enum sp_err sp_collect_run(struct sp_collector *collector, const struct sp_collect_range *range,
                           struct sp_why *why)
{
    struct run run = {.collector = collector, .range = range, .why = why};
    const struct sp_patterns *patterns = collector->patterns;
    enum sp_err err = SP_OK;
    collector->count = 0;
    for (unsigned p = 0; p < patterns->count; p++) {
        const struct sp_pattern *pattern = &patterns->list[p];
        for (unsigned f = 0; f < pattern->form_count && !err; f++) {
            if (pattern->forms[f].names_only && range->text->kind != SP_RECORD_NAME)
                continue;
            if (collector->plain || !pattern->forms[f].filtered)
                err = collect_everywhere(&run, p, f);
        }
    }
    if (!err && !collector->plain && patterns->filter.count)
        err = collect_filtered(&run);
    if (!err)
        sort_candidates(collector->list, collector->count);
    return err;
}
