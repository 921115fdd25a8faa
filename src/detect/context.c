#include "detect/context.h"

#include "detect/bytes.h"
#include "detect/gap.h"
#include "speur/finding.h"

enum {
    NEAR_BEFORE = 100, /* bytes */
    NEAR_AFTER = 40,
    BACK_SLACK = 64, /* what is known before it is kept: a value may turn out to begin earlier */
    SCAN_STEP = 64   /* bytes of a quick look */
};

void sp_context_begin(struct sp_context *context, const struct sp_words *words,
                      const struct sp_text *text)
{
    context->words = words;
    context->text = text;
    context->hit_first = context->hit_count = 0;
    context->covered = context->scanned = 0;
    context->table = (struct sp_table){0};
    memset(context->keys, 0, sizeof context->keys);
}

static const struct sp_word_hit *hit_at(const struct sp_context *context, size_t index)
{
    return &context->hits[(context->hit_first + index) % SP_CONTEXT_HITS_MAX];
}

static void context_hit(struct sp_context *context, size_t pos)
{
    const struct sp_text *text = context->text;
    struct sp_word_hit hit;
    if (!sp_words_at(context->words, text->data, text->len, pos, &hit))
        return;
    if (context->hit_count && hit_at(context, context->hit_count - 1)->end >= hit.end)
        return;                                      /* inside a longer word */
    if (context->hit_count == SP_CONTEXT_HITS_MAX) { /* the oldest gives way */
        context->hit_first = (context->hit_first + 1) % SP_CONTEXT_HITS_MAX;
        context->hit_count--;
    }
    context->hits[(context->hit_first + context->hit_count++) % SP_CONTEXT_HITS_MAX] = hit;
}

/* Searches words that begin in [from, to). A word that begins before `from` may hide one within it:
 * as far back as one can span is looked at, too. */
static void context_scan(struct sp_context *context, size_t from, size_t to)
{
    const struct sp_text *text = context->text;
    size_t need = from > SP_WORD_HIT_MAX_BYTES ? from - SP_WORD_HIT_MAX_BYTES : 0;
    if (to > text->len)
        to = text->len;
    size_t keep = need > BACK_SLACK ? need - BACK_SLACK : 0;
    if (need < context->covered || keep > context->scanned) { /* not joined to what is known */
        context->hit_count = 0;
        context->covered = context->scanned = keep;
    }
    while (context->hit_count && hit_at(context, 0)->begin < keep) {
        context->hit_first = (context->hit_first + 1) % SP_CONTEXT_HITS_MAX;
        context->hit_count--;
    }
    if (keep > context->covered)
        context->covered = keep;
    while (context->scanned < to) {
        size_t begin = context->scanned;
        size_t count = to - begin < SCAN_STEP ? to - begin : SCAN_STEP;
        for (uint64_t places =
                 sp_words_may_start(context->words, text->data, text->len, begin, count);
             places; places &= places - 1)
            context_hit(context, begin + (size_t)__builtin_ctzll(places));
        context->scanned += count;
    }
}

/* The words of a key, remembered by its address. */
static struct sp_word_hit context_key(struct sp_context *context, struct sp_slice key)
{
    size_t slot = sp_words_key_slot(key, SP_CONTEXT_KEYS_MAX);
    struct sp_context_key *known = &context->keys[slot];
    if (known->key.ptr != key.ptr || known->key.len != key.len) {
        known->key = key;
        known->hit = sp_words_in_key(context->words, key);
    }
    return known->hit;
}

/* The key over a place: of its field, or of a table in the text. end is 0 when no word is in it. */
static struct sp_word_hit key_over(struct sp_context *context, size_t begin)
{
    const struct sp_text *text = context->text;
    const struct sp_text_field *field = sp_text_field_find(text, begin);
    struct sp_slice header;
    if (field && text->columns && field->column < SP_TEXT_COLUMNS_MAX &&
        text->columns->labels[field->column])
        return (struct sp_word_hit){.end = 1, .context_of = text->columns->labels[field->column]};
    if (field && field->key.len)
        return context_key(context, field->key);
    if (sp_table_header(&context->table, context->text, begin, &header))
        return context_key(context, header);
    return (struct sp_word_hit){0};
}

/* In a closing tag a word labels nothing. */
static bool in_closing_tag(const struct sp_text *text, size_t pos)
{
    size_t low = pos > 32 ? pos - 32 : 0;
    while (pos > low && (byte_is_alnum(text->data[pos - 1]) || byte_in(text->data[pos - 1], ":_-")))
        pos--;
    return pos >= 2 && text->data[pos - 1] == '/' && text->data[pos - 2] == '<';
}

/* Labels before the value: the nearest decides for its patterns. One that stands tightly before
 * the value also shuts out farther ones of other patterns, unless both are joined. */
static void labels_before(const struct sp_context *context, size_t begin,
                          struct sp_context_masks *masks)
{
    uint64_t decided = 0;
    size_t chain = 0; /* where the tight label begins; 0: none yet */
    for (size_t i = context->hit_count; i-- > 0;) {
        const struct sp_word_hit *hit = hit_at(context, i);
        if (hit->end > begin)
            continue;
        if (begin - hit->begin > SP_CONTEXT_BACK_BYTES || begin - hit->end > SP_GAP_MAX_BYTES)
            break;
        enum sp_gap gap = sp_gap_between(context->text, hit->end, begin);
        bool joined = chain && hit->end <= chain && sp_gap_joins(context->text, hit->end, chain);
        if (chain ? !(joined || hit->end > chain) : gap == SP_GAP_NONE)
            continue;
        if (in_closing_tag(context->text, hit->begin))
            continue;
        masks->label |= hit->context_of & ~decided;
        masks->against |= hit->against_of & ~decided;
        decided |= hit->context_of | hit->against_of;
        if (hit->end == begin)
            masks->glued |= hit->context_of;
        if (gap == SP_GAP_TIGHT || joined)
            chain = hit->begin ? hit->begin : 1;
    }
}

/* `111222333 (BSN)` */
static void label_behind(const struct sp_context *context, size_t end,
                         struct sp_context_masks *masks)
{
    const struct sp_text *text = context->text;
    if (end < text->len && text->data[end] == ' ')
        end++;
    if (end >= text->len || text->data[end] != '(')
        return;
    for (size_t i = 0; i < context->hit_count; i++) {
        const struct sp_word_hit *hit = hit_at(context, i);
        if (hit->begin == end + 1 && hit->end < text->len && text->data[hit->end] == ')')
            masks->label |= hit->context_of & ~masks->against;
    }
}

/* Where a paragraph is broken in text [from, to): by a blank line, in rows and lines by a newline.
 * `to` when it is not; else the first byte of the last break, or of the first. */
static size_t paragraph_break(const struct sp_text *text, size_t from, size_t to, bool last)
{
    bool rows = text->kind == SP_RECORD_ROW || text->kind == SP_RECORD_SQL ||
                text->kind == SP_RECORD_NODE || text->kind == SP_RECORD_LINE;
    size_t begin = from, end = to;
    while (begin < end) {
        const uint8_t *at = text->data + begin;
        const uint8_t *newline =
            last ? memrchr(at, '\n', end - begin) : memchr(at, '\n', end - begin);
        if (!newline)
            break;
        size_t pos = (size_t)(newline - text->data);
        if (rows || (pos + 1 < to && text->data[pos + 1] == '\n'))
            return pos;
        if (last)
            end = pos;
        else
            begin = pos + 1;
    }
    return to;
}

/* Words in the paragraph of the value, not far from it. */
static void words_near(const struct sp_context *context, size_t begin, size_t end,
                       struct sp_context_masks *masks)
{
    const struct sp_text *text = context->text;
    if (context->hit_count == 0)
        return;
    size_t far = text->len - end < NEAR_AFTER ? text->len : end + NEAR_AFTER;
    size_t near = begin < NEAR_BEFORE ? 0 : begin - NEAR_BEFORE;
    size_t break_before = paragraph_break(text, near, begin, true);
    size_t break_after = paragraph_break(text, end, far, false);
    for (size_t i = 0; i < context->hit_count; i++) {
        const struct sp_word_hit *hit = hit_at(context, i);
        bool before = hit->end <= begin && begin - hit->begin <= NEAR_BEFORE &&
                      (break_before == begin || hit->end > break_before);
        bool after =
            hit->begin >= end && hit->begin - end < NEAR_AFTER && hit->begin <= break_after;
        if (before || after)
            masks->near |= hit->context_of;
    }
}

struct sp_context_masks sp_context_at(struct sp_context *context, size_t begin, size_t end)
{
    struct sp_context_masks masks = {0};
    struct sp_word_hit key = key_over(context, begin);
    context_scan(context, begin > SP_CONTEXT_BACK_BYTES ? begin - SP_CONTEXT_BACK_BYTES : 0,
                 end + SP_CONTEXT_AHEAD_BYTES);
    labels_before(context, begin, &masks);
    label_behind(context, end, &masks);
    words_near(context, begin, end, &masks);
    /* The key beats words in the text; a label in the text beats only a negative key. */
    masks.label |= key.context_of;
    masks.against = (masks.against | key.against_of) & ~masks.label;
    if (key.end)
        masks.near &= key.context_of;
    return masks;
}

enum sp_context_level sp_context_level_of(const struct sp_context_masks *masks, unsigned pattern)
{
    uint64_t bit = UINT64_C(1) << pattern;
    if (masks->label & bit)
        return SP_CONTEXT_LABEL;
    if (masks->against & bit)
        return SP_CONTEXT_NEG;
    return (masks->near & bit) != 0 ? SP_CONTEXT_NEAR : SP_CONTEXT_NONE;
}
