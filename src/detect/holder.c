#include "detect/holder.h"

#include "detect/bytes.h"
#include "detect/name.h"

#include <string.h>

enum {
    HOLDER_LINES = 3,
    HOLDER_LOOK = 240, /* bytes on either side */
    HOLDER_WORDS = 5,  /* of a name, particles included */
    LABEL_MIN = 4,     /* bytes of a label and what is behind it */
    PLACES = 16        /* that are looked at at once */
};

/* Words that a name stands behind, in lower case. */
static const char *const labels[] = {
    "contactpersoon",
    "t.a.v.",
    "t.n.v.",
    "ten name van",
    "naam",
    "de heer",
    "mevrouw",
    "mw.",
    "dhr.",
    "mevr.",
    "monsieur",
    "madame",
    "\xC3\xA0 l'attention de",
};
static const char *const particles[] = {"van", "de", "der", "den", "ter",
                                        "ten", "te", "'t",  "la",  "le"};

/* The first four bytes in lower case, as a number. */
#define FOUR(a, b, c, d)                                                                           \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static bool begins_label(const uint8_t *at)
{
    switch (FOUR(at[0], at[1], at[2], at[3]) | 0x20202020) {
    case FOUR('c', 'o', 'n', 't'):
    case FOUR('t', '.', 'a', '.'):
    case FOUR('t', '.', 'n', '.'):
    case FOUR('t', 'e', 'n', ' '):
    case FOUR('n', 'a', 'a', 'm'):
    case FOUR('d', 'e', ' ', 'h'):
    case FOUR('m', 'e', 'v', 'r'):
    case FOUR('m', 'w', '.', ' '):
    case FOUR('d', 'h', 'r', '.'):
    case FOUR('m', 'o', 'n', 's'):
    case FOUR('m', 'a', 'd', 'a'):
    case FOUR(0xE3, 0xA0, ' ', 'l'): /* C3 A0, and C3 80, with the bit */
        return true;
    default:
        return false;
    }
}

/* Length of the label at `pos`, or 0; a word that only begins or ends so is none. */
static size_t label_at(struct sp_slice text, size_t pos)
{
    if (pos > 0 && letter_before(text.ptr, pos))
        return 0;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t len = strlen(labels[i]), at = 0;
        if (text.len - pos <= len)
            continue;
        while (at < len && byte_lower(text.ptr[pos + at]) == (uint8_t)labels[i][at])
            at++;
        if (at == len && !letter_at(text.ptr, text.len, pos + len))
            return len;
    }
    return 0;
}

static bool is_particle(struct sp_slice word)
{
    for (size_t i = 0; i < sizeof particles / sizeof *particles; i++)
        if (word.len == strlen(particles[i]) && memcmp(word.ptr, particles[i], word.len) == 0)
            return true;
    return false;
}

/* A word of a name: letters of any script, and what stands in one. */
static size_t word_end(struct sp_slice text, size_t pos)
{
    while (pos < text.len &&
           (text.ptr[pos] >= 0x80 || byte_is_alpha(text.ptr[pos]) || byte_in(text.ptr[pos], ".'-")))
        pos++;
    return pos;
}

static bool begins_name(struct sp_slice word)
{
    return word.ptr[0] >= 0x80 || byte_is_upper(word.ptr[0]);
}

/* The name behind a label: two to five words in its line, the last of them no particle. */
static bool name_behind(struct sp_slice text, size_t pos, struct sp_canonical *out)
{
    unsigned words = 0;
    while (pos < text.len && byte_in(text.ptr[pos], " :\t"))
        pos++;
    size_t begin = pos, end = pos;
    while (words < HOLDER_WORDS && pos < text.len) {
        size_t stop = word_end(text, pos);
        struct sp_slice word = {text.ptr + pos, stop - pos};
        if (word.len == 0 || !(is_particle(word) || begins_name(word)))
            break;
        words++;
        end = begins_name(word) ? stop : end;
        pos = stop;
        while (pos < text.len && text.ptr[pos] == ' ')
            pos++;
    }
    return words >= 2 && sp_name_canonical((struct sp_slice){text.ptr + begin, end - begin}, out);
}

/* Where the look begins: behind the fourth line end before `pos`. */
static size_t look_begin(const struct sp_text *text, size_t pos, size_t least)
{
    size_t low = pos > HOLDER_LOOK ? pos - HOLDER_LOOK : 0;
    low = low < least ? least : low;
    for (unsigned lines = 0; lines <= HOLDER_LINES; lines++) {
        const uint8_t *newline = memrchr(text->data + low, '\n', pos - low);
        if (newline == NULL)
            return low;
        pos = (size_t)(newline - text->data);
    }
    return pos + 1;
}

static size_t look_end(const struct sp_text *text, size_t pos, size_t most)
{
    size_t high = most - pos > HOLDER_LOOK ? pos + HOLDER_LOOK : most;
    for (unsigned lines = 0; lines <= HOLDER_LINES; lines++) {
        const uint8_t *newline = memchr(text->data + pos, '\n', high - pos);
        if (newline == NULL)
            return high;
        pos = (size_t)(newline - text->data) + 1;
    }
    return pos;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* One bit for each of sixteen places where the first two letters may be those of a label. */
static uint64_t places(const uint8_t *at)
{
    bytes16 one, two;
    memcpy(&one, at, sizeof one);
    memcpy(&two, at + 1, sizeof two);
    one |= 0x20;
    two |= 0x20;
    bytes16 found =
        (bytes16)((one == 'c') & (two == 'o')) | (bytes16)((one == 'n') & (two == 'a')) |
        (bytes16)((one == 't') & ((two == '.') | (two == 'e'))) |
        (bytes16)((one == 'd') & ((two == 'e') | (two == 'h'))) |
        (bytes16)((one == 'm') & ((two == 'e') | (two == 'w') | (two == 'o') | (two == 'a'))) |
        (bytes16)((one == 0xE3) & (two == 0xA0)); /* C3 A0, and C3 80, with the bit */
    return bits_of(found);
}

/* Remembers a label that begins at `pos`, if one does. */
static void label_note(const struct sp_text *text, size_t pos, struct sp_holder_memo *memo)
{
    const struct sp_slice all = {text->data, text->len};
    size_t len = begins_label(text->data + pos) ? label_at(all, pos) : 0;
    if (len > 0 && memo->count < SP_HOLDER_LABELS)
        memo->labels[memo->count++] = (struct sp_holder_label){(uint32_t)pos, (uint8_t)len};
}

/* Searches labels that begin in [from, to), and forgets those before; what was searched is not
 * searched again. */
static void labels_find(const struct sp_text *text, size_t from, size_t to,
                        struct sp_holder_memo *memo)
{
    size_t gone = 0;
    if (from < memo->from || from > memo->to)
        *memo = (struct sp_holder_memo){.from = from, .to = from};
    while (gone < memo->count && memo->labels[gone].pos < from)
        gone++;
    memo->count -= gone;
    memmove(memo->labels, memo->labels + gone, memo->count * sizeof *memo->labels);
    memo->from = from;
    for (; memo->to + PLACES <= to && text->len - memo->to >= PLACES + LABEL_MIN;
         memo->to += PLACES) {
        for (uint64_t bits = places(text->data + memo->to); bits != 0; bits &= bits - 1)
            label_note(text, memo->to + (size_t)__builtin_ctzll(bits), memo);
    }
    for (; memo->to < to && text->len - memo->to >= LABEL_MIN; memo->to++)
        label_note(text, memo->to, memo);
}

/* The name behind a label in text [.., to). */
static bool name_of(const struct sp_text *text, const struct sp_holder_label *label, size_t to,
                    struct sp_canonical *out)
{
    size_t pos = label->pos + label->len;
    return pos < to && name_behind((struct sp_slice){text->data, to}, pos, out);
}

bool sp_holder_find(const struct sp_text *text, size_t begin, size_t end,
                    struct sp_holder_memo *memo, struct sp_canonical *out)
{
    const struct sp_text_record *record = sp_text_record_find(text, begin);
    if (record == NULL)
        return false;
    size_t most = record->end < text->len ? record->end : text->len;
    size_t from = look_begin(text, begin, record->begin);
    size_t to = look_end(text, end, most > end ? most : end);
    labels_find(text, from, to, memo);
    size_t behind = memo->count; /* the first label behind the value */
    while (behind > 0 && memo->labels[behind - 1].pos >= end)
        behind--;
    for (size_t i = behind; i-- > 0;) {
        if (memo->labels[i].pos < begin && name_of(text, &memo->labels[i], begin, out))
            return true;
    }
    for (size_t i = behind; i < memo->count; i++) {
        if (name_of(text, &memo->labels[i], to, out))
            return true;
    }
    return false;
}
