/* Where a word may start: a quick look that refuses nearly all other places. */
#include "detect/words_in.h"

#include "base/mem.h"
#include "detect/bytes.h"

/* What the quick look tells apart. */
enum {
    START_DIGIT = 26, /* letters before it, without case */
    START_APOSTROPHE = 27,
    START_SEPARATOR = 28,
    START_OTHER = 29,
    START_BEYOND = 30,  /* not ASCII: anything may come of it */
    START_OUTSIDE = 31, /* the text has ended */
    START_BITS = 5,
    START_CLASSES = 3,
    START_ROWS = 1 << (START_BITS * START_CLASSES),
    START_LONGER_ROWS = START_ROWS << START_BITS,
    START_END_NEAR = 5 /* so far behind a place a capital or digit may tell that a word of at most
                        * START_CLASSES letters has ended: the last digit but one of a glued code */
};

static unsigned start_class(uint8_t byte)
{
    if (byte_is_alpha(byte))
        return (unsigned)(byte_lower(byte) - 'a');
    if (byte_is_digit(byte))
        return START_DIGIT;
    if (byte == '\'')
        return START_APOSTROPHE;
    if (byte >= 0x80)
        return START_BEYOND;
    return sp_word_is_separator(byte) ? START_SEPARATOR : START_OTHER;
}

/* A table of rows while it is filled. */
struct start_rows {
    const struct sp_words *words;
    uint32_t *bits;
    unsigned classes; /* of a row */
    bool strict;      /* no word ends before a letter, but for tails */
};

/* All rows that begin with the first `depth` classes of `row`. */
static void start_mark_all(const struct start_rows *rows, unsigned row, unsigned depth)
{
    unsigned shift = START_BITS * (rows->classes - depth);
    for (unsigned i = row << shift; i < (row + 1) << shift; i++)
        rows->bits[i / 32] |= UINT32_C(1) << (i % 32);
}

/* A word ends behind the first `depth` classes. */
static void start_mark_end(const struct start_rows *rows, unsigned row, unsigned depth)
{
    static const uint8_t tails[] = {'n' - 'a', 'i' - 'a', 'c' - 'a'}; /* see word_end */
    if (depth == rows->classes || !rows->strict) {
        start_mark_all(rows, row, depth);
        return;
    }
    for (unsigned class = START_DIGIT; class <= START_OUTSIDE; class ++)
        start_mark_all(rows, (row << START_BITS) | class, depth + 1);
    for (size_t i = 0; i < sizeof tails; i++)
        start_mark_all(rows, (row << START_BITS) | tails[i], depth + 1);
}

static void start_mark(const struct start_rows *rows, uint16_t index, unsigned row, unsigned depth)
{
    const struct word_node *node = &rows->words->nodes[index];
    if (depth == rows->classes || node->ends[WORD_PREFIX]) {
        start_mark_all(rows, row, depth);
        return;
    }
    if (node->ends[WORD_WHOLE] || node->ends[WORD_EDGE])
        start_mark_end(rows, row, depth);
    start_mark_all(rows, (row << START_BITS) | START_BEYOND, depth + 1);
    for (unsigned symbol = 0; symbol < SYMBOL_SEPARATOR; symbol++) {
        unsigned class = symbol < SYMBOL_DIGIT        ? symbol
                         : symbol < SYMBOL_APOSTROPHE ? START_DIGIT
                                                      : START_APOSTROPHE;
        if (node->next[symbol] && symbol != SYMBOL_DEGREE)
            start_mark(rows, node->next[symbol], (row << START_BITS) | class, depth + 1);
    }
    uint16_t behind = node->next[SYMBOL_SEPARATOR];
    for (unsigned run = 0; behind && run <= SEPARATOR_RUN_MAX && depth <= rows->classes; run++) {
        start_mark(rows, behind, row, depth);
        row = (row << START_BITS) | START_SEPARATOR;
        depth++;
    }
}

/* ---- first letters by one look at all of a block ------------------------------------------- */
static void look_below(const struct sp_words *words, uint16_t index, struct sp_anchor *anchor,
                       unsigned depth);

/* The edge of a symbol that is one byte, or two that differ in case. */
static void look_edge(const struct sp_words *words, uint16_t index, unsigned symbol,
                      struct sp_anchor *anchor, unsigned depth)
{
    struct sp_byte_class *class = &anchor->at[SP_ANCHOR_BACK + depth];
    if (symbol < SYMBOL_DIGIT) {
        sp_class_add(class, 'a' + symbol);
        sp_class_add(class, 'A' + symbol);
    } else {
        sp_class_add(class, symbol < SYMBOL_APOSTROPHE ? '0' + symbol - SYMBOL_DIGIT : '\'');
    }
    look_below(words, index, anchor, depth + 1);
}

/* What stands behind the first `depth` symbols of the words of an anchor. */
static void look_below(const struct sp_words *words, uint16_t index, struct sp_anchor *anchor,
                       unsigned depth)
{
    const struct word_node *node = &words->nodes[index];
    bool ends = node->ends[WORD_WHOLE] || node->ends[WORD_PREFIX] || node->ends[WORD_EDGE];
    if (ends || node->next[SYMBOL_SEPARATOR] || depth > SP_LOOK_AHEAD) {
        memset(&anchor->at[SP_ANCHOR_BACK + depth], 0xFF,
               (SP_ANCHOR_AHEAD - depth) * sizeof *anchor->at);
        return;
    }
    for (unsigned symbol = 0; symbol < SYMBOL_DEGREE; symbol++) {
        if (node->next[symbol])
            look_edge(words, node->next[symbol], symbol, anchor, depth);
    }
}

/* The words that begin with the same symbol are an anchor; those that cost the least together share
 * a bucket. Not for places where the text is not ASCII. */
static enum sp_err look_build(struct sp_words *words, struct sp_why *why)
{
    struct sp_anchor *anchors = sp_alloc_zero(SYMBOL_COUNT * sizeof *anchors);
    size_t count = 0;
    if (!anchors)
        return sp_fail(why, SP_ERR_NOMEM, "words: no memory");
    for (unsigned symbol = 0; symbol < SYMBOL_DEGREE; symbol++) {
        if (!words->nodes[0].next[symbol])
            continue;
        memset(anchors[count].at, 0xFF, SP_ANCHOR_BACK * sizeof *anchors->at);
        look_edge(words, words->nodes[0].next[symbol], symbol, &anchors[count++], 0);
    }
    size_t buckets = sp_anchor_merge(anchors, count, SP_LOOK_BUCKETS);
    if (buckets <= SP_LOOK_BUCKETS)
        sp_look_build(&words->look, anchors, buckets);
    sp_free(anchors);
    return buckets <= SP_LOOK_BUCKETS ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "words: no memory");
}

enum sp_err sp_words_build(struct sp_words *words, struct sp_why *why)
{
    words->starts = sp_alloc_zero(START_ROWS / 32 * sizeof *words->starts);
    words->longer = sp_alloc_zero(START_LONGER_ROWS / 32 * sizeof *words->longer);
    if (!words->starts || !words->longer)
        return sp_fail(why, SP_ERR_NOMEM, "words: no memory");
    start_mark(&(struct start_rows){words, words->starts, START_CLASSES, false}, 0, 0, 0);
    start_mark(&(struct start_rows){words, words->longer, START_CLASSES + 1, true}, 0, 0, 0);
    for (unsigned byte = 0; byte < 256; byte++)
        words->class_of[byte] = (uint8_t)start_class((uint8_t)byte);
    return look_build(words, why);
}

/* ---- looking ------------------------------------------------------------------------------- */

/* Sets the bits of places that have one of `bits` at most `reach` behind them. What lies behind the
 * last place is not known, so may be one. */
static uint64_t bits_near(uint64_t bits, unsigned reach)
{
    uint64_t near = UINT64_MAX << (64 - reach);
    for (unsigned ahead = 1; ahead <= reach; ahead++)
        near |= bits >> ahead;
    return near;
}

/* Of 64 places. */
struct start_places {
    uint64_t may;      /* a word could begin, by what stands there and before */
    uint64_t end_near; /* it may end before a letter, see START_END_NEAR */
    uint64_t beyond;   /* not all is ASCII where the look would look */
};

static struct start_places start_places(const uint8_t *data, size_t begin, size_t count)
{
    typedef uint8_t bytes __attribute__((vector_size(16)));
    uint64_t lower = 0, begins = 0, beyond = 0;
    size_t i = 0;
    for (; count - i >= sizeof(bytes); i += sizeof(bytes)) {
        bytes part;
        memcpy(&part, data + begin + i, sizeof part);
        bytes is_lower = (bytes)((part - 'a') < 26);
        bytes is_begin = is_lower | (bytes)((part - 'A') < 26) | (bytes)((part - '0') < 10) |
                         (bytes)(part == '\'') | (bytes)(part >= 0x80);
        lower |= bits_of(is_lower) << i;
        begins |= bits_of(is_begin) << i;
        beyond |= bits_of((bytes)(part >= 0x80)) << i;
    }
    for (; i < count; i++) {
        unsigned class = start_class(data[begin + i]);
        lower |= (uint64_t)byte_is_lower(data[begin + i]) << i;
        begins |= (uint64_t)(class <= START_APOSTROPHE || class == START_BEYOND) << i;
        beyond |= (uint64_t)(class == START_BEYOND) << i;
    }
    uint64_t behind_lower = lower << 1 | (begin > 0 && byte_is_lower(data[begin - 1]));
    uint64_t change = begins & ~lower; /* a capital, a digit */
    uint64_t unseen = count < 64 ? UINT64_MAX << count : 0;
    return (struct start_places){.may = begins & ~(lower & behind_lower),
                                 .end_near = bits_near(change | unseen, START_END_NEAR),
                                 .beyond = beyond | bits_near(beyond | unseen, SP_LOOK_AHEAD)};
}

/* The classes of `count` bytes from pos on. */
static unsigned start_row(const struct sp_words *words, const uint8_t *data, size_t len, size_t pos,
                          size_t count)
{
    unsigned row = 0;
    for (size_t i = 0; i < count; i++)
        row = row << START_BITS |
              (pos + i < len ? words->class_of[data[pos + i]] : (unsigned)START_OUTSIDE);
    return row;
}

static uint64_t start_is_marked(const uint32_t *bits, unsigned row)
{
    return (bits[row / 32] >> (row % 32)) & 1;
}

/* The places of `may` at which a row of the tables fits. No branch depends on the text: it would be
 * foreseen wrongly at every other word. */
static uint64_t start_fit(const struct sp_words *words, const uint8_t *data, size_t len,
                          size_t begin, uint64_t may, uint64_t end_near)
{
    uint64_t found = 0;
    bool inside = len - begin >= 64 + START_CLASSES + 1;
    for (uint64_t left = may; left; left &= left - 1) {
        unsigned at = (unsigned)__builtin_ctzll(left);
        size_t pos = begin + at;
        unsigned row = 0;
        if (inside) {
            for (size_t i = 0; i <= START_CLASSES; i++)
                row = row << START_BITS | words->class_of[data[pos + i]];
        } else {
            row = start_row(words, data, len, pos, START_CLASSES + 1);
        }
        found |= (start_is_marked(words->starts, row >> START_BITS) &
                  (start_is_marked(words->longer, row) | (end_near >> at)) & 1)
                 << at;
    }
    return found;
}

/* `fit`: places that passed the look at first letters. */
static uint64_t start_find(const struct sp_words *words, const uint8_t *data, size_t len,
                           size_t begin, size_t count, uint64_t fit)
{
    struct start_places places = start_places(data, begin, count);
    uint64_t found =
        start_fit(words, data, len, begin, places.may & (fit | places.beyond), places.end_near);
    for (uint64_t left = found; left; left &= left - 1) {
        if (!sp_word_starts(data, len, begin + (size_t)__builtin_ctzll(left)))
            found ^= left & -left;
    }
    return found;
}

uint64_t sp_words_may_start(const struct sp_words *words, const uint8_t *data, size_t len,
                            size_t begin, size_t count)
{
    return start_find(words, data, len, begin, count, UINT64_MAX);
}

void sp_words_look(const struct sp_words *words, const uint8_t *data, size_t len, size_t begin,
                   size_t end, uint64_t out[SP_LOOK_LANES])
{
    uint64_t fit[SP_LOOK_LANES] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    if (words->look.wide)
        sp_look_at(&words->look, data, len, begin, end, fit);
    for (size_t lane = 0; lane < SP_LOOK_LANES; lane++) {
        size_t from = begin + lane * 64, left = from < end ? end - from : 0;
        out[lane] = left ? start_find(words, data, len, from, left < 64 ? left : 64, fit[lane]) : 0;
    }
}
