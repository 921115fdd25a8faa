/* The trie has one node a prefix and an edge a symbol. Symbols are folded characters: letters
 * without case and accent, digits, the apostrophe, the degree sign, and SEPARATOR, which stands
 * for up to three separators or nothing. A walk is short: at most SP_WORD_MAX_BYTES symbols, and
 * it forks only at separators. */
#include "detect/words_in.h"

#include "base/mem.h"
#include "detect/bytes.h"

struct sp_words *sp_words_new(void)
{
    struct sp_words *words = sp_alloc_zero(sizeof *words);
    if (!words)
        return NULL;
    words->cap = 256;
    words->nodes = sp_alloc_zero(words->cap * sizeof *words->nodes);
    if (!words->nodes) {
        sp_free(words);
        return NULL;
    }
    words->count = 1;
    return words;
}

void sp_words_free(struct sp_words *words)
{
    if (!words)
        return;
    sp_free(words->nodes);
    sp_free(words->starts);
    sp_free(words->longer);
    sp_free(words);
}

/* Base letters of U+00C0 to U+00FF; '*' where there is none. */
static const char latin1_base[] = "aaaaaaaceeeeiiiidnooooo*ouuuuyts"
                                  "aaaaaaaceeeeiiiidnooooo*ouuuuyty";

/* The symbol that begins at pos and how many bytes it takes, combining accents included. */
static unsigned fold(const uint8_t *data, size_t len, size_t pos, size_t *taken)
{
    uint8_t byte = data[pos];
    unsigned symbol = SYMBOL_NONE;
    *taken = 1;
    if (byte_is_alpha(byte))
        symbol = (unsigned)(byte_lower(byte) - 'a');
    else if (byte_is_digit(byte))
        symbol = SYMBOL_DIGIT + (unsigned)(byte - '0');
    else if (byte == '\'')
        symbol = SYMBOL_APOSTROPHE;
    if (byte >= 0x80 && pos + 1 < len) {
        uint8_t second = data[pos + 1];
        *taken = 2;
        if (byte == 0xC3 && latin1_base[second & 0x3F] != '*')
            return (unsigned)(latin1_base[second & 0x3F] - 'a');
        if (byte == 0xC2 && second == 0xB0)
            return SYMBOL_DEGREE;
        return SYMBOL_NONE;
    }
    /* U+0300 to U+036F are CC 80 to CD AF. */
    while (len - pos - *taken >= 2 && *taken < 5 &&
           (data[pos + *taken] == 0xCC ||
            (data[pos + *taken] == 0xCD && data[pos + *taken + 1] <= 0xAF)))
        *taken += 2;
    return symbol;
}

/* Follows or makes the edge. 0: no memory or too many. */
static uint16_t words_edge(struct sp_words *words, uint16_t node, unsigned symbol)
{
    if (words->nodes[node].next[symbol])
        return words->nodes[node].next[symbol];
    if (words->count == NODE_MAX)
        return 0;
    if (words->count == words->cap) {
        struct word_node *grown = sp_realloc(words->nodes, words->cap * 2 * sizeof *words->nodes);
        if (!grown)
            return 0;
        words->nodes = grown;
        words->cap *= 2;
    }
    words->nodes[words->count] = (struct word_node){0};
    words->nodes[node].next[symbol] = (uint16_t)words->count;
    return (uint16_t)words->count++;
}

enum sp_err sp_words_add(struct sp_words *words, struct sp_slice word, unsigned owner, bool against,
                         struct sp_why *why)
{
    enum word_kind kind = WORD_WHOLE;
    if (word.len && word.ptr[0] == '^') {
        kind = WORD_EDGE;
        word.ptr++;
        word.len--;
    } else if (word.len && word.ptr[word.len - 1] == '*') {
        kind = WORD_PREFIX;
        word.len--;
    }
    if (word.len == 0 || word.len > SP_WORD_MAX_BYTES || word.ptr[0] == '_')
        return sp_fail(why, SP_ERR_FORMAT, "a word has 1 to %d bytes", SP_WORD_MAX_BYTES);
    uint16_t node = 0;
    for (size_t pos = 0; pos < word.len;) {
        size_t taken = 1;
        unsigned symbol =
            word.ptr[pos] == '_' ? SYMBOL_SEPARATOR : fold(word.ptr, word.len, pos, &taken);
        if (symbol == SYMBOL_NONE)
            return sp_fail(why, SP_ERR_FORMAT, "a word has only letters, digits, ' and _");
        node = words_edge(words, node, symbol);
        if (node == 0)
            return sp_fail(why, SP_ERR_LIMIT, "no room for more words");
        pos += taken;
    }
    struct word_node *end = &words->nodes[node];
    end->ends[kind] = true;
    *(against ? &end->against_of[kind] : &end->context_of[kind]) |= UINT64_C(1) << owner;
    return SP_OK;
}

bool sp_word_starts(const uint8_t *data, size_t len, size_t pos)
{
    if (pos == 0)
        return true;
    uint8_t before = data[pos - 1];
    if (before < 0x80 && !byte_is_alnum(before))
        return true;
    if (byte_is_digit(before))
        return !byte_is_digit(data[pos]) && letter_at(data, len, pos);
    if (byte_is_lower(before))
        return byte_is_upper(data[pos]);
    return before >= 0x80 && !letter_before(data, pos);
}

/* Two letters and two digits: an IBAN or VAT number glued to its label. */
static bool glued_code_at(const uint8_t *data, size_t len, size_t pos)
{
    return len - pos >= 4 && byte_is_alpha(data[pos]) && byte_is_alpha(data[pos + 1]) &&
           byte_is_digit(data[pos + 2]) && byte_is_digit(data[pos + 3]);
}

static bool word_ends(const uint8_t *data, size_t len, size_t pos)
{
    if (pos >= len || !letter_at(data, len, pos))
        return true;
    if (byte_is_upper(data[pos]) && byte_is_lower(data[pos - 1]))
        return true;
    return glued_code_at(data, len, pos);
}

static bool text_is_at(const uint8_t *data, size_t len, size_t pos, struct sp_slice lower)
{
    if (len - pos < lower.len)
        return false;
    for (size_t i = 0; i < lower.len; i++) {
        if (byte_lower(data[pos + i]) != lower.ptr[i])
            return false;
    }
    return true;
}

/* Where the word that stops at pos ends with a tail (nummer, nr, …) taken in; 0: it is no end. */
static size_t word_end(const uint8_t *data, size_t len, size_t pos)
{
#define TAIL(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
    static const struct sp_slice tails[] = {TAIL("nummer"), TAIL("number"), TAIL("num"), TAIL("nr"),
                                            TAIL("no"),     TAIL("id"),     TAIL("code")};
#undef TAIL
    size_t from = pos;
    while (from < len && from - pos < 2 && sp_word_is_separator(data[from]))
        from++;
    uint8_t first = from < len ? byte_lower(data[from]) : 0;
    bool may_be_tail = first == 'n' || first == 'i' || first == 'c';
    for (size_t i = 0; may_be_tail && i < sizeof tails / sizeof tails[0]; i++) {
        if (!text_is_at(data, len, from, tails[i]))
            continue;
        size_t end = from + tails[i].len;
        if (word_ends(data, len, end))
            return end;
    }
    return word_ends(data, len, pos) ? pos : 0;
}

/* An edge word counts at the start of a line or cell, or directly before a colon. */
static bool at_edge(const uint8_t *data, size_t len, size_t begin, size_t end)
{
    if (end < len && data[end] == ':')
        return true;
    while (begin > 0 && data[begin - 1] == ' ')
        begin--;
    if (begin == 0 || byte_in(data[begin - 1], "\n\t|;<>\x1f"))
        return true;
    return begin >= 3 && data[begin - 1] == 0xA2 && data[begin - 2] == 0x80; /* bullet U+2022 */
}

static size_t letters_end(const uint8_t *data, size_t len, size_t pos)
{
    size_t limit = len - pos < SP_WORD_MAX_BYTES ? len : pos + SP_WORD_MAX_BYTES;
    while (pos < limit && (byte_is_alpha(data[pos]) || data[pos] >= 0x80) &&
           !glued_code_at(data, len, pos))
        pos++;
    return pos;
}

/* A walk through the trie from one start. */
struct walk {
    const struct sp_words *words;
    const uint8_t *data;
    size_t len;
    size_t begin;
    struct sp_word_hit *hit; /* what was found so far; end == begin: nothing */
};

/* A longer word decides for its owners, shorter ones add theirs. */
static void walk_take(struct walk *walk, const struct word_node *node, enum word_kind kind,
                      size_t end)
{
    struct sp_word_hit *hit = walk->hit;
    uint64_t context = node->context_of[kind], against = node->against_of[kind] & ~context;
    uint64_t had = hit->context_of | hit->against_of, given = context | against;
    if (end > hit->end) {
        hit->context_of &= ~given;
        hit->against_of &= ~given;
        hit->end = (uint32_t)end;
        had = 0;
    }
    hit->context_of |= context & ~had;
    hit->against_of |= against & ~had;
}

static void walk_node(struct walk *walk, uint16_t index, size_t pos)
{
    for (;;) {
        const struct word_node *node = &walk->words->nodes[index];
        if (node->ends[WORD_PREFIX])
            walk_take(walk, node, WORD_PREFIX, letters_end(walk->data, walk->len, pos));
        size_t end = 0;
        if (node->ends[WORD_WHOLE] || node->ends[WORD_EDGE])
            end = word_end(walk->data, walk->len, pos);
        if (end && node->ends[WORD_WHOLE])
            walk_take(walk, node, WORD_WHOLE, end);
        if (end && node->ends[WORD_EDGE] && at_edge(walk->data, walk->len, walk->begin, end))
            walk_take(walk, node, WORD_EDGE, end);
        uint16_t behind = node->next[SYMBOL_SEPARATOR];
        if (behind) {
            size_t next = pos;
            while (next < walk->len && next - pos < SEPARATOR_RUN_MAX &&
                   sp_word_is_separator(walk->data[next]))
                next++;
            walk_node(walk, behind, next);
        }
        if (pos >= walk->len)
            return;
        size_t taken = 1;
        unsigned symbol = fold(walk->data, walk->len, pos, &taken);
        if (symbol == SYMBOL_NONE || !node->next[symbol])
            return;
        index = node->next[symbol];
        pos += taken;
    }
}

bool sp_words_at(const struct sp_words *words, const uint8_t *data, size_t len, size_t pos,
                 struct sp_word_hit *hit)
{
    size_t taken = 1;
    unsigned symbol = fold(data, len, pos, &taken);
    if (symbol == SYMBOL_NONE || !words->nodes[0].next[symbol] || !sp_word_starts(data, len, pos))
        return false;
    *hit = (struct sp_word_hit){.begin = (uint32_t)pos, .end = (uint32_t)pos};
    struct walk walk = {words, data, len, pos, hit};
    walk_node(&walk, 0, pos);
    return hit->end > hit->begin;
}

static uint64_t owners_from(const struct sp_words *words, const uint8_t *data, size_t len,
                            uint16_t index, size_t pos, bool *any)
{
    uint64_t owners = 0;
    for (;;) {
        const struct word_node *node = &words->nodes[index];
        for (unsigned kind = 0; kind < WORD_KIND_COUNT; kind++) {
            owners |= node->context_of[kind];
            *any = *any || node->ends[kind];
        }
        uint16_t behind = node->next[SYMBOL_SEPARATOR];
        if (behind) {
            size_t next = pos;
            while (next < len && next - pos < SEPARATOR_RUN_MAX && sp_word_is_separator(data[next]))
                next++;
            owners |= owners_from(words, data, len, behind, next, any);
        }
        if (pos >= len)
            return owners;
        size_t taken = 1;
        unsigned symbol = fold(data, len, pos, &taken);
        if (symbol == SYMBOL_NONE || !node->next[symbol])
            return owners;
        index = node->next[symbol];
        pos += taken;
    }
}

uint64_t sp_words_owners_at(const struct sp_words *words, const uint8_t *data, size_t len,
                            size_t pos, bool *any)
{
    return owners_from(words, data, len, 0, pos, any);
}

struct sp_word_hit sp_words_in_key(const struct sp_words *words, struct sp_slice key)
{
    struct sp_word_hit all = {0}, hit;
    for (size_t pos = 0; pos < key.len; pos++) {
        if (!sp_words_at(words, key.ptr, key.len, pos, &hit))
            continue;
        uint64_t given = hit.context_of | hit.against_of;
        all.context_of = (all.context_of & ~given) | hit.context_of;
        all.against_of = (all.against_of & ~given) | hit.against_of;
        all.end = hit.end;
    }
    return all;
}
