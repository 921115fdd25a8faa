/* The quick looks lose nothing: what the slow way finds passes them, on machines with wide
 * registers and without. floors: sp_detect */
#include "detect_fixture.h"

#include "detect/pattern.h"
#include "detect/words_in.h"

enum { TEXT_BYTES = 4096, ROUNDS = 300, BUCKET_ROUNDS = 60 };

static uint32_t seed = 2026;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

/* ---- anchors ------------------------------------------------------------------------------- */
/* Classes as expressions have them: ranges, their complements, anything. */
static void make_class(struct sp_byte_class *class)
{
    static const char *const ranges[] = {"az", "AZ", "09", "@@", "..", "  ", "\x80\xFF", "!/"};
    memset(class, 0, sizeof *class);
    for (unsigned kinds = 1 + next(3); kinds > 0; kinds--) {
        const char *range = ranges[next(sizeof ranges / sizeof ranges[0])];
        for (unsigned byte = (uint8_t)range[0]; byte <= (uint8_t)range[1]; byte++)
            sp_class_add(class, byte);
    }
    bool turned = next(3) == 0, any = next(4) == 0;
    for (size_t i = 0; i < 5 && (turned || any); i++)
        class->bits[i] = any ? UINT64_MAX : ~class->bits[i];
}

static void make_text(uint8_t *text, size_t len)
{
    static const char common[] =
        "abcdefghijklmnopqrstuvwxyzAZ0123456789 @.-,;\n\t'\"()/_\xC3\xA9\xF0";
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)(next(9) ? common[next(sizeof common - 1)] : (int)next(256));
}

static bool fits(const struct sp_anchor *anchor, const uint8_t *text, size_t len, size_t pos)
{
    for (size_t place = 0; place < SP_LOOK_PLACES; place++) {
        size_t at = pos + place - SP_LOOK_BACK;
        const struct sp_byte_class *class = &anchor->at[SP_ANCHOR_BACK - SP_LOOK_BACK + place];
        if (!sp_class_has(class, at < len ? text[at] : SP_ANCHOR_OUTSIDE))
            return false;
    }
    return true;
}

/* How many places pass; none that fits may be missing, and the portable way lets no other pass. */
static size_t check_look(const struct sp_look *look, const struct sp_anchor *anchors,
                         size_t buckets, const uint8_t *text, size_t len)
{
    size_t passed = 0;
    for (size_t begin = 0; begin < len; begin += SP_LOOK_BLOCK) {
        uint64_t out[SP_LOOK_LANES];
        size_t end = len - begin < SP_LOOK_BLOCK ? len : begin + SP_LOOK_BLOCK;
        memset(out, 0xFF, sizeof out);
        sp_look_at(look, text, len, begin, end, out);
        for (size_t pos = begin; pos < begin + SP_LOOK_BLOCK; pos++) {
            bool passes = (out[(pos - begin) / 64] >> ((pos - begin) % 64)) & 1, fit = false;
            for (size_t i = 0; i < buckets && pos < end; i++)
                fit = fit || fits(&anchors[i], text, len, pos);
            if (fit ? !passes : passes && (pos >= end || !look->wide))
                fail_msg("%s: place %zu of %zu", look->wide ? "wide" : "portable", pos, len);
            passed += passes;
        }
    }
    return passed;
}

static void test_look(void **state)
{
    static uint8_t text[TEXT_BYTES];
    size_t narrow = 0, wide = 0, all = 0;
    (void)state;
    for (unsigned round = 0; round < BUCKET_ROUNDS; round++) {
        struct sp_anchor anchors[SP_LOOK_BUCKETS];
        size_t buckets = 1 + next(SP_LOOK_BUCKETS), len = 1 + next(TEXT_BYTES);
        for (size_t i = 0; i < buckets; i++) {
            for (size_t place = 0; place < SP_ANCHOR_PLACES; place++)
                make_class(&anchors[i].at[place]);
        }
        make_text(text, len);
        struct sp_look look = {.wide = false};
        sp_look_build(&look, anchors, buckets);
        bool is_wide = look.wide;
        look.wide = false;
        narrow += check_look(&look, anchors, buckets, text, len);
        look.wide = is_wide;
        wide += check_look(&look, anchors, buckets, text, len);
        all += len;
    }
    assert_true(narrow > 0 && narrow < all / 2);
    assert_true(wide < all * 3 / 4); /* it refuses something */
}

/* ---- words --------------------------------------------------------------------------------- */
static void append(uint8_t *text, size_t *len, const char *piece)
{
    size_t more = strlen(piece);
    if (*len + more <= TEXT_BYTES)
        memcpy(text + *len, piece, more);
    *len = *len + more <= TEXT_BYTES ? *len + more : TEXT_BYTES;
}

/* Words of the trie by chance, spelt in several ways, glued to what may follow a label. */
static void append_word(const struct sp_words *words, uint8_t *text, size_t *len)
{
    uint16_t node = 0;
    unsigned style = next(3);
    for (unsigned depth = 0; depth < SP_WORD_MAX_BYTES; depth++) {
        char piece[4] = "";
        unsigned symbol = next(SYMBOL_COUNT), tries = 0;
        const struct word_node *at = &words->nodes[node];
        if ((at->ends[WORD_WHOLE] || at->ends[WORD_PREFIX] || at->ends[WORD_EDGE]) && next(2))
            return;
        for (; tries < SYMBOL_COUNT && !at->next[symbol]; tries++)
            symbol = (symbol + 1) % SYMBOL_COUNT;
        if (tries == SYMBOL_COUNT)
            return;
        node = at->next[symbol];
        if (symbol < SYMBOL_DIGIT)
            piece[0] = (char)((style == 1 || (style == 2 && depth == 0) ? 'A' : 'a') + (int)symbol);
        else if (symbol < SYMBOL_APOSTROPHE)
            piece[0] = (char)('0' + (int)(symbol - SYMBOL_DIGIT));
        else if (symbol != SYMBOL_DEGREE)
            piece[0] = symbol == SYMBOL_SEPARATOR ? " ._-/&"[next(6)] : '\'';
        append(text, len,
               symbol == 'e' - 'a' && !next(4) ? "\xC3\xA9"
               : symbol == SYMBOL_DEGREE       ? "\xC2\xB0"
                                               : piece);
    }
}

static size_t make_words(const struct sp_words *words, uint8_t *text)
{
    static const char *const between[] = {
        " ",        ": ", "NL02", "nr",     "Nummer", "12",    "-",  "\n", "=", "code",
        "\xCC\x81", "Xy", "id ",  "be47ab", "_no ",   "lorem", "\t", ";",  "'", "van "};
    size_t len = 0;
    while (len < TEXT_BYTES) {
        append_word(words, text, &len);
        append(text, &len, between[next(sizeof between / sizeof between[0])]);
    }
    return len;
}

static size_t check_words(const struct sp_words *words, const uint8_t *text, size_t len)
{
    size_t hits = 0;
    for (size_t begin = 0; begin < len; begin += SP_LOOK_BLOCK) {
        uint64_t out[SP_LOOK_LANES];
        size_t end = len - begin < SP_LOOK_BLOCK ? len : begin + SP_LOOK_BLOCK;
        sp_words_look(words, text, len, begin, end, out);
        for (size_t pos = begin; pos < end; pos++) {
            struct sp_word_hit hit;
            size_t from = begin + (pos - begin) / 64 * 64,
                   count = end - from < 64 ? end - from : 64;
            uint64_t bit = UINT64_C(1) << (pos - from);
            if (!sp_words_at(words, text, len, pos, &hit))
                continue;
            hits++;
            if (!(out[(pos - begin) / 64] & bit))
                fail_msg("%s look lost `%.*s'", words->look.wide ? "wide" : "portable",
                         (int)(hit.end - hit.begin), (const char *)text + pos);
            if (!(sp_words_may_start(words, text, len, from, count) & bit))
                fail_msg("lost `%.*s'", (int)(hit.end - hit.begin), (const char *)text + pos);
        }
    }
    return hits;
}

static void check_all_words(struct sp_words *words)
{
    static uint8_t text[TEXT_BYTES];
    bool is_wide = words->look.wide;
    size_t hits = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t len = make_words(words, text);
        words->look.wide = is_wide && round % 2;
        hits += check_words(words, text, len - next(300));
    }
    words->look.wide = is_wide;
    assert_true(hits > (size_t)ROUNDS * 50);
}

static void test_words(void **state)
{
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {{0}};
    (void)state;
    assert_int_equal(sp_patterns_load(SPEUR_SOURCE_DIR "/patterns", &patterns, &why), SP_OK);
    check_all_words(patterns->words);
    check_all_words(patterns->labels);
    sp_patterns_free(patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_look), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
