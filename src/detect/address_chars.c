/* Characters, words and parts of an address. The text is normalised UTF-8 (NBSP is a space, all
 * dashes are '-'), but nothing here relies on it being valid. */
#include "detect/address.h"

#include "base/utf8.h"
#include "detect/fold.h"

#define L SP_ADDR_LETTER
#define D SP_ADDR_DIGIT
#define I SP_ADDR_INNER
#define P SP_ADDR_SEP
#define O SP_ADDR_STOP
/* U+0000..U+007F: eight rows of sixteen. */
static const uint8_t chars_ascii[128] = {
    /* clang-format off */
    O, O, O, O, O, O, O, O, O, P, SP_ADDR_LINE, O, O, P, O, O, /* tab, newline, return */
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, P,            /* U+001F */
    SP_ADDR_SPACE, O, P, O, O, O, I, I, P, P, O, I, P, I, I, I, /* " & ' ( ) + , - . / */
    D, D, D, D, D, D, D, D, D, D, O, P, O, O, O, O,            /* ; */
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, O, O, O, O, O,
    O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, O, P, O, O, O,            /* | */
    /* clang-format on */
};
#undef L
#undef D
#undef I
#undef P
#undef O

static enum sp_addr_class chars_beyond(uint32_t code)
{
    if (code == 0xD7 || code == 0xF7) /* multiplication and division sign */
        return SP_ADDR_STOP;
    if ((code >= 0xC0 && code <= 0x24F) || (code >= 0x300 && code <= 0x36F) ||
        (code >= 0x1E00 && code <= 0x1EFF))
        return SP_ADDR_LETTER;
    if (code == 0xB7 || code == 0x2022 || code == 0x25CF || code == 0x25AA || /* bullets */
        (code >= 0x201C && code <= 0x201E) || code == 0x2028)
        return SP_ADDR_SEP;
    return SP_ADDR_STOP;
}

struct sp_addr_char sp_addr_char_at(const struct sp_addr_view *view, size_t pos)
{
    uint32_t code;
    unsigned len;

    if (pos < view->lo || pos >= view->hi)
        return (struct sp_addr_char){SP_ADDR_EDGE, 0};
    if (view->data[pos] < 0x80)
        return (struct sp_addr_char){(enum sp_addr_class)chars_ascii[view->data[pos]], 1};
    len = sp_utf8_decode(view->data + pos, view->hi - pos, &code);
    if (len == 0)
        return (struct sp_addr_char){SP_ADDR_STOP, 1};
    return (struct sp_addr_char){chars_beyond(code), len};
}

struct sp_addr_char sp_addr_char_before(const struct sp_addr_view *view, size_t pos)
{
    size_t start = pos;
    struct sp_addr_char found;

    if (pos <= view->lo || pos > view->hi)
        return (struct sp_addr_char){SP_ADDR_EDGE, 0};
    if (view->data[pos - 1] < 0x80)
        return (struct sp_addr_char){(enum sp_addr_class)chars_ascii[view->data[pos - 1]], 1};
    do {
        start--;
    } while (start > view->lo && pos - start < 4 && (view->data[start] & 0xC0) == 0x80);
    found = sp_addr_char_at(view, start);
    if (start + found.len != pos) /* not valid UTF-8: take one byte */
        return (struct sp_addr_char){SP_ADDR_STOP, 1};
    return found;
}

bool sp_addr_is_upper(const struct sp_addr_view *view, size_t pos)
{
    uint32_t code;

    if (pos < view->lo || pos >= view->hi)
        return false;
    if (view->data[pos] < 0x80)
        return view->data[pos] >= 'A' && view->data[pos] <= 'Z';
    if (sp_utf8_decode(view->data + pos, view->hi - pos, &code) == 0)
        return false;
    return sp_fold_is_upper(code);
}

size_t sp_addr_fold(const struct sp_addr_view *view, struct sp_addr_span span, char *out,
                    size_t size)
{
    size_t len = 0;
    size_t pos = span.begin;

    while (pos < span.end && pos < view->hi && len + 2 < size) {
        uint8_t byte = view->data[pos];
        uint32_t code;
        unsigned step = 1;

        if (byte < 0x80) {
            unsigned class = chars_ascii[byte];
            if (class == SP_ADDR_LETTER || class == SP_ADDR_DIGIT)
                out[len++] = (char)(class == SP_ADDR_LETTER ? byte | 0x20 : byte);
        } else {
            step = sp_utf8_decode(view->data + pos, view->hi - pos, &code);
            if (step != 0)
                len += sp_fold_letter(code, out + len);
            else
                step = 1;
        }
        pos += step;
    }
    out[len] = '\0';
    return len;
}

/* Takes quotes, blanks and loose marks off both ends; `'s` and `'t` keep their apostrophe. */
static struct sp_addr_span chars_strip(const struct sp_addr_view *view, struct sp_addr_span word)
{
    const uint8_t *data = view->data;

    while (word.end > word.begin &&
           (data[word.end - 1] == '\'' || data[word.end - 1] == '-' || data[word.end - 1] == '&'))
        word.end--;
    while (word.end > word.begin &&
           (data[word.begin] == '-' || data[word.begin] == '&' ||
            (data[word.begin] == '\'' && word.end - word.begin > 3 && data[word.begin + 2] != '-')))
        word.begin++;
    return word;
}

static void chars_push(struct sp_addr_words *words, struct sp_addr_span word, bool from_end)
{
    if (!sp_addr_some(word))
        return;
    if (words->count == SP_ADDR_WORDS_MAX && from_end) {
        for (unsigned i = 1; i < words->count; i++)
            words->at[i - 1] = words->at[i];
        words->count--;
    }
    if (words->count < SP_ADDR_WORDS_MAX)
        words->at[words->count++] = word;
}

void sp_addr_split(const struct sp_addr_view *view, struct sp_addr_span span, bool from_end,
                   struct sp_addr_words *out)
{
    size_t pos = span.begin;

    out->count = 0;
    while (pos < span.end && (from_end || out->count < SP_ADDR_WORDS_MAX)) {
        struct sp_addr_span word;

        while (pos < span.end && view->data[pos] == ' ')
            pos++;
        word.begin = pos;
        while (pos < span.end && view->data[pos] != ' ')
            pos++;
        word.end = pos;
        chars_push(out, chars_strip(view, word), from_end);
    }
}

static bool chars_is(const struct sp_addr_view *view, size_t pos, char byte)
{
    return pos >= view->lo && pos < view->hi && view->data[pos] == (uint8_t)byte;
}

static bool chars_is_digit(const struct sp_addr_view *view, size_t pos)
{
    return sp_addr_char_at(view, pos).class == SP_ADDR_DIGIT;
}

/* " - " or " / " between parts; not between two numbers, where it is a range of house numbers. */
static bool chars_is_dash(const struct sp_addr_view *view, size_t pos)
{
    if (!chars_is(view, pos - 1, ' ') || !chars_is(view, pos + 1, ' '))
        return false;
    if (!chars_is(view, pos, '-') && !chars_is(view, pos, '/'))
        return false;
    if (!chars_is_digit(view, pos + 2) || pos < 2 || !chars_is_digit(view, pos - 2))
        return true;
    for (size_t i = 3; i < 6; i++) /* up to three digits: a house number, not a postcode */
        if (!chars_is_digit(view, pos + i))
            return false;
    return true;
}

/* A quote of SQL or code: beside a comma or bracket. */
static bool chars_is_quote(const struct sp_addr_view *view, size_t pos)
{
    if (!chars_is(view, pos, '\''))
        return false;
    return chars_is(view, pos + 1, ',') || chars_is(view, pos + 1, ')') ||
           chars_is(view, pos - 1, ',') || chars_is(view, pos - 1, '(');
}

/* Three blanks are a column of a printed page. */
static bool chars_is_gap(const struct sp_addr_view *view, size_t pos)
{
    return chars_is(view, pos, ' ') && chars_is(view, pos + 1, ' ') && chars_is(view, pos + 2, ' ');
}

/* Is what stands at `pos` between two parts? */
static bool chars_divides(const struct sp_addr_view *view, size_t pos, enum sp_addr_class class)
{
    switch (class) {
    case SP_ADDR_LETTER:
    case SP_ADDR_DIGIT:
        return false;
    case SP_ADDR_INNER:
        return chars_is_dash(view, pos) || chars_is_quote(view, pos);
    case SP_ADDR_SPACE:
        return chars_is_gap(view, pos);
    default:
        return true;
    }
}

/* Counts what lies between two parts. False: nothing may lie beyond it. */
static bool chars_between(const struct sp_addr_view *view, size_t pos, struct sp_addr_char found,
                          struct sp_addr_part *part)
{
    switch (found.class) {
    case SP_ADDR_SPACE:
        return true;
    case SP_ADDR_LINE:
        part->lines++;
        return part->lines <= 2;
    case SP_ADDR_SEP:
        part->seps++;
        return part->seps <= 8;
    case SP_ADDR_INNER:
        if (chars_is_dash(view, pos)) {
            part->seps++;
            return true;
        }
        /* quotes of SQL and code stand beside a separator */
        return view->data[pos] == '\'';
    default:
        return false;
    }
}

/* A letter or digit of ASCII, or a lone blank: a part goes on there. Most of a part is skipped by
 * this without looking at characters. */
static inline bool chars_goes_on(const struct sp_addr_view *view, size_t pos)
{
    uint8_t byte = view->data[pos];
    if (byte == ' ')
        return pos + 1 < view->hi && view->data[pos + 1] != ' ';
    return sp_addr_is_alpha(byte) || sp_addr_is_digit(byte);
}

bool sp_addr_part_before(const struct sp_addr_view *view, size_t pos, struct sp_addr_part *out)
{
    struct sp_addr_char found;

    *out = (struct sp_addr_part){{pos, pos}, 0, 0};
    for (;;) {
        found = sp_addr_char_before(view, pos);
        if (found.class == SP_ADDR_LETTER || found.class == SP_ADDR_DIGIT ||
            (found.class == SP_ADDR_INNER && view->data[pos - 1] == '.'))
            break;
        if (found.class == SP_ADDR_EDGE || !chars_between(view, pos - found.len, found, out))
            return false;
        pos -= found.len;
    }
    out->at.end = pos;
    while (pos > view->lo && out->at.end - pos < SP_ADDR_PART_BYTES) {
        if (chars_goes_on(view, pos - 1)) {
            pos--;
            continue;
        }
        found = sp_addr_char_before(view, pos);
        if (chars_divides(view, pos - found.len, found.class))
            break;
        pos -= found.len;
    }
    while (pos < out->at.end && view->data[pos] == ' ')
        pos++;
    out->at.begin = pos;
    return sp_addr_some(out->at);
}

bool sp_addr_part_after(const struct sp_addr_view *view, size_t pos, struct sp_addr_part *out)
{
    struct sp_addr_char found;

    *out = (struct sp_addr_part){{pos, pos}, 0, 0};
    for (;;) {
        found = sp_addr_char_at(view, pos);
        if (found.class == SP_ADDR_LETTER || found.class == SP_ADDR_DIGIT ||
            (found.class == SP_ADDR_INNER && view->data[pos] == '\'' &&
             sp_addr_char_at(view, pos + 1).class == SP_ADDR_LETTER))
            break;
        if (found.class == SP_ADDR_EDGE || !chars_between(view, pos, found, out))
            return false;
        pos += found.len;
    }
    out->at.begin = pos;
    while (pos < view->hi && pos - out->at.begin < SP_ADDR_PART_BYTES) {
        if (chars_goes_on(view, pos)) {
            pos++;
            continue;
        }
        found = sp_addr_char_at(view, pos);
        if (chars_divides(view, pos, found.class))
            break;
        pos += found.len;
    }
    while (pos > out->at.begin && view->data[pos - 1] == ' ')
        pos--;
    out->at.end = pos;
    return sp_addr_some(out->at);
}

struct sp_addr_span sp_addr_part_around(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_span part = {pos, pos};
    struct sp_addr_char found;

    while (pos - part.begin < SP_ADDR_PART_BYTES) {
        if (part.begin > view->lo && part.begin <= view->hi &&
            chars_goes_on(view, part.begin - 1)) {
            part.begin--;
            continue;
        }
        found = sp_addr_char_before(view, part.begin);
        if (chars_divides(view, part.begin - found.len, found.class))
            break;
        part.begin -= found.len;
    }
    while (part.end - pos < SP_ADDR_PART_BYTES) {
        if (part.end >= view->lo && part.end < view->hi && chars_goes_on(view, part.end)) {
            part.end++;
            continue;
        }
        found = sp_addr_char_at(view, part.end);
        if (chars_divides(view, part.end, found.class))
            break;
        part.end += found.len;
    }
    while (part.begin < part.end && view->data[part.begin] == ' ')
        part.begin++;
    return part;
}
