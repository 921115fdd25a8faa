#include "extract/base64_words.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "core/object.h"

#include <string.h>

enum {
    LATIN_MIN = 24, /* bytes of a word that is no UTF-8 */
    STEP = 8        /* a word, which has twice as many digits, holds all of a look */
};

/* Text in windows-1252: few letters beyond ASCII, where random bytes have half. */
static bool is_latin(const uint8_t *bytes, size_t len)
{
    size_t beyond = 0;
    for (size_t i = 0; i < len; i++)
        beyond += bytes[i] >= 0x80;
    return len >= LATIN_MIN && beyond * 8 <= len;
}

size_t sp_base64_text(struct sp_slice text, uint8_t *out)
{
    size_t len = 0, digits = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int sextet = sp_base64_digit(text.ptr[i]);
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r')
            continue;
        if (text.ptr[i] == '=' && text.len - i <= 2)
            break;
        if (sextet < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)sextet) & 0xFFFFFF;
        if (++digits % 4 != 1)
            out[len++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
        if (len > 0 && out[len - 1] < ' ' && memchr("\t\n\r", out[len - 1], 3) == NULL)
            return 0;
    }
    if (digits % 4 == 1 || len == 0 || memchr(out, 0x7F, len) != NULL)
        return 0;
    return sp_utf8_valid((struct sp_slice){out, len}) || is_latin(out, len) ? len : 0;
}

/* Long words and hexadecimal numbers are of one case, accounts and plates of the other; of 16
 * digits of text in base64 some are of each. */
static bool is_mixed(const uint8_t *digits, size_t len)
{
    bool small = false, large = false;
    for (size_t i = 0; i < len && !(small && large); i++) {
        small = small || (digits[i] >= 'a' && digits[i] <= 'z');
        large = large || (digits[i] >= 'A' && digits[i] <= 'Z');
    }
    return small && large;
}

/* ---- one word ------------------------------------------------------------------------------ */
struct word {
    struct sp_slice digits;
    uint64_t off, line;
};

struct give {
    sp_base64_out out;
    void *ctx;
};

/* Gives it when it decodes. (The compiler clears what is large here: nobody comes in vain.) */
__attribute__((noinline)) static enum sp_err word_decode(const struct word *word, size_t begin,
                                                         size_t end, bool *given,
                                                         const struct give *give,
                                                         struct sp_why *why)
{
    uint8_t bytes[SP_BASE64_WORD_MAX];
    uint8_t text[4 * SP_BASE64_TEXT_MAX] = {0};
    size_t text_len = 0;
    size_t len = sp_base64_text((struct sp_slice){word->digits.ptr + begin, end - begin}, bytes);
    bool utf8 = sp_utf8_valid((struct sp_slice){bytes, len});
    for (size_t at = 0; at < len;) {
        uint32_t code = bytes[at];
        at += utf8 ? sp_utf8_decode(bytes + at, len - at, &code) : 1;
        if (sp_code_normalise(&code))
            text_len += sp_utf8_encode(code, text + text_len);
    }
    *given = text_len > 0;
    uint64_t off = word->off == SP_SIZE_UNKNOWN ? word->off : word->off + begin;
    return text_len == 0
               ? SP_OK
               : give->out(give->ctx, (struct sp_slice){text, text_len}, off, word->line, why);
}

/* Whether the first digits, SP_BASE64_WORD_MIN or more, are of bytes that a text may have: a
 * document in base64 has hundreds of words between its signs. */
static bool begins_text(const uint8_t *digits)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < SP_BASE64_WORD_MIN; i++) {
        bits = bits << 6 | (uint32_t)sp_base64_digit(digits[i]);
        uint8_t byte = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        if (i % 4 != 0 && (byte < '\t' || byte == 0x7F || (byte > '\r' && byte < ' ')))
            return false;
    }
    return true;
}

static enum sp_err word_part(const struct word *word, size_t begin, size_t end, bool *given,
                             const struct give *give, struct sp_why *why)
{
    *given = false;
    const uint8_t *digits = word->digits.ptr + begin;
    if (end - begin < SP_BASE64_WORD_MIN || !is_mixed(digits, end - begin) || !begins_text(digits))
        return SP_OK;
    return word_decode(word, begin, end, given, give, why);
}

static bool is_sign(uint8_t digit)
{
    return digit == '/' || digit == '-' || digit == '_' || digit == '+';
}

/* All of it, or what stands between its signs, which are digits too: a path, a name with dashes. */
static enum sp_err word_read(const struct word *word, const struct give *give, struct sp_why *why)
{
    bool given;
    size_t len = word->digits.len;
    enum sp_err err = word_part(word, 0, len, &given, give, why);
    for (size_t begin = 0, end = 0; err == SP_OK && !given && begin < len; begin = end + 1) {
        bool one;
        for (end = begin; end < len && !is_sign(word->digits.ptr[end]);)
            end++;
        if (end - begin < len)
            err = word_part(word, begin, end, &one, give, why);
    }
    return err;
}

/* ---- words of a text ----------------------------------------------------------------------- */
static bool all_digits(const uint8_t *at)
{
    if (sp_base64_any_low(at))
        return false;
    for (size_t i = 0; i < STEP; i++) {
        if (sp_base64_digit(at[i]) < 0)
            return false;
    }
    return true;
}

bool sp_base64_words_may(struct sp_slice text)
{
    if (text.len < SP_BASE64_WORD_MIN)
        return false;
    for (size_t at = 0; at + STEP <= text.len; at += STEP) {
        size_t begin = at, end = at;
        if (!all_digits(text.ptr + at))
            continue;
        while (begin > 0 && sp_base64_digit(text.ptr[begin - 1]) >= 0)
            begin--;
        while (end < text.len && sp_base64_digit(text.ptr[end]) >= 0)
            end++;
        if (end - begin >= SP_BASE64_WORD_MIN && is_mixed(text.ptr + begin, end - begin))
            return true;
        at = end;
    }
    return false;
}

/* The text that is being read. */
struct reading {
    struct sp_slice text;
    struct sp_origin_map map;
    uint64_t line; /* of text.ptr[counted] */
    size_t counted;
};

static uint64_t line_of(struct reading *reading, size_t pos)
{
    for (; reading->counted < pos; reading->counted++)
        reading->line += reading->text.ptr[reading->counted] == '\n';
    return reading->line;
}

static size_t digits_end(const struct reading *reading, size_t from)
{
    while (from < reading->text.len && sp_base64_digit(reading->text.ptr[from]) >= 0)
        from++;
    return from;
}

/* What was held is a word, or as much of one as is read at a time. */
static enum sp_err held_read(struct sp_base64_words *words, const struct give *give,
                             struct sp_why *why)
{
    const struct word word = {{words->digits, words->len}, words->off, words->line};
    words->len = 0;
    return word.digits.len == 0 ? SP_OK : word_read(&word, give, why);
}

/* Digits [*at, end) of the text go behind what is held; *at is left where they did not fit. */
static void hold(struct sp_base64_words *words, struct reading *reading, size_t *at, size_t end)
{
    size_t take = end - *at;
    if (take > SP_BASE64_WORD_MAX - words->len)
        take = SP_BASE64_WORD_MAX - words->len;
    if (words->len == 0) {
        words->off = sp_origin_find(reading->map, (uint32_t)*at);
        words->line = line_of(reading, *at);
    }
    memcpy(words->digits + words->len, reading->text.ptr + *at, take);
    words->len += take;
    *at += take;
}

/* Reads the word [at, end), and what is held before it; a word that ends with the text is held. */
static enum sp_err run_read(struct sp_base64_words *words, struct reading *reading, size_t at,
                            size_t end, const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && at < end) {
        hold(words, reading, &at, end);
        if (words->len == SP_BASE64_WORD_MAX)
            err = held_read(words, give, why);
    }
    return err == SP_OK && end < reading->text.len ? held_read(words, give, why) : err;
}

enum sp_err sp_base64_words_push(struct sp_base64_words *words, struct sp_slice utf8,
                                 struct sp_origin_map map, uint64_t line, sp_base64_out out,
                                 void *ctx, struct sp_why *why)
{
    const struct give give = {out, ctx};
    struct reading reading = {utf8, map, line, 0};
    enum sp_err err = SP_OK;
    size_t from = 0; /* before it all is read */
    if (words->len > 0) {
        from = digits_end(&reading, 0);
        err = run_read(words, &reading, 0, from, &give, why);
    }
    for (size_t at = from; err == SP_OK && at + STEP <= utf8.len; at += STEP) {
        if (!all_digits(utf8.ptr + at))
            continue;
        size_t begin = at;
        while (begin > from && sp_base64_digit(utf8.ptr[begin - 1]) >= 0)
            begin--;
        from = digits_end(&reading, at);
        if (from - begin >= SP_BASE64_WORD_MIN || from == utf8.len)
            err = run_read(words, &reading, begin, from, &give, why);
        at = from; /* and a step */
    }
    if (err != SP_OK || from == utf8.len)
        return err;
    size_t last = utf8.len; /* a word that has begun at the end */
    while (last > from && sp_base64_digit(utf8.ptr[last - 1]) >= 0)
        last--;
    return run_read(words, &reading, last, utf8.len, &give, why);
}

enum sp_err sp_base64_words_end(struct sp_base64_words *words, sp_base64_out out, void *ctx,
                                struct sp_why *why)
{
    const struct give give = {out, ctx};
    return held_read(words, &give, why);
}
