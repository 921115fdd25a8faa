#include "ocr/readings.h"

#include "ocr/alike.h"
#include "ocr/mrz.h"

#include <string.h>

enum {
    LINE_WORDS_MAX = 256, /* words of a line; the rest is another line */
    LABEL_WORDS = 3,      /* before a value, that may be its label */
    MOBILE_DIGITS = 10,   /* 06 and eight more */
    DIGITS_MIN = 3,       /* that make a word a number */
    LABEL_MAX = 8,        /* letters of the last label of a domain: .example, .online */
    IBAN_MIN = 15,
    IBAN_MAX = 34
};

struct words {
    struct sp_slice at[LINE_WORDS_MAX];
    size_t count;
};

static bool is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_lower(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word(uint8_t byte)
{
    return is_upper(byte) || is_lower(byte) || is_digit(byte) || byte >= 0x80;
}

/* Words of a line, from *pos on; a colon or an equals sign ends one as well. */
static void words_split(struct sp_slice line, size_t *pos, struct words *words)
{
    words->count = 0;
    while (*pos < line.len && words->count < LINE_WORDS_MAX) {
        size_t begin = *pos;
        bool colon = false;
        while (*pos < line.len && line.ptr[*pos] != ' ' && !colon)
            colon = line.ptr[(*pos)++] == ':' || line.ptr[*pos - 1] == '=';
        if (*pos > begin)
            words->at[words->count++] = (struct sp_slice){line.ptr + begin, *pos - begin};
        while (*pos < line.len && line.ptr[*pos] == ' ')
            ++*pos;
    }
}

/* Appends the words that may be the label of the one at `index`. */
static enum sp_err words_label(const struct words *words, size_t index, struct sp_buf *out,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = index < LABEL_WORDS ? 0 : index - LABEL_WORDS; err == SP_OK && i < index; i++) {
        err = sp_buf_append(out, words->at[i].ptr, words->at[i].len, why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, ' ', why);
    }
    return err;
}

/* ---- numbers -----------------------------------------------------------------------------------
 */
/* Digits, what looks like them, and what stands between digits; "is" looks like 15, and is none. */
static bool number_word(struct sp_slice word, size_t *digits, size_t *alike)
{
    size_t before = *digits, small = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t byte = word.ptr[i];
        small += is_lower(byte) && byte != 'l';
        if (is_digit(byte))
            ++*digits;
        else if (sp_alike_digit(byte) != byte)
            ++*alike;
        else if (byte == 0 || strchr(".,-/+()", byte) == NULL)
            return false;
    }
    return *digits > before || small == 0;
}

/* `zero`: its first digit is one. */
static enum sp_err number_give(const struct words *words, size_t begin, size_t end, bool zero,
                               struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = words_label(words, begin, out, why);
    for (size_t i = begin; err == SP_OK && i < end; i++) {
        const struct sp_slice word = words->at[i];
        for (size_t j = 0; err == SP_OK && j < word.len; j++)
            err = sp_buf_append_byte(
                out, zero && i == begin && j == 0 ? (uint8_t)'0' : sp_alike_digit(word.ptr[j]),
                why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, i + 1 < end ? ' ' : '\n', why);
    }
    return err;
}

/* A mobile number of which the zero has a point or a stroke in it, and was read as 9 or 8. */
static bool number_zero(struct sp_slice word, size_t digits)
{
    return digits == MOBILE_DIGITS && word.len > 1 && (word.ptr[0] == '9' || word.ptr[0] == '8') &&
           word.ptr[1] == '6';
}

/* Runs of words that are mostly digits. */
static enum sp_err numbers(const struct words *words, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t begin = 0; err == SP_OK && begin < words->count; begin++) {
        size_t digits = 0, alike = 0, end = begin;
        for (; end < words->count; end++) {
            size_t more_digits = digits, more_alike = alike;
            if (!number_word(words->at[end], &more_digits, &more_alike))
                break;
            digits = more_digits;
            alike = more_alike;
        }
        if (alike > 0 && digits >= DIGITS_MIN && digits >= alike)
            err = number_give(words, begin, end, false, out, why);
        if (err == SP_OK && number_zero(words->at[begin], digits + alike))
            err = number_give(words, begin, end, true, out, why);
        if (end > begin)
            begin = end - 1;
    }
    return err;
}

/* ---- account numbers ---------------------------------------------------------------------------
 */
/* Letters and digits of the words from `begin` on; *end: behind the last. */
static size_t iban_gather(const struct words *words, size_t begin, uint8_t out[IBAN_MAX],
                          size_t *end)
{
    size_t len = 0;
    for (*end = begin; *end < words->count; ++*end) {
        const struct sp_slice word = words->at[*end];
        if (word.len > IBAN_MAX - len)
            break;
        size_t i = 0;
        while (i < word.len && is_word(word.ptr[i]) && word.ptr[i] < 0x80)
            i++;
        if (i < word.len && !(i + 1 == word.len && strchr(".,;", word.ptr[i]) != NULL))
            break;
        memcpy(out + len, word.ptr, i);
        len += i;
    }
    return len;
}

/* Countries whose numbers have letters at some places only: what stands behind the country. */
static const struct {
    char country[3];
    uint8_t len; /* of the whole number */
    char form[36];
} iban_forms[] = {
    {"NL", 18, "99AAAA9999999999"},
    {"BE", 16, "99999999999999"},
    {"DE", 22, "99999999999999999999"},
};

/* Written as it should be: in one word, or in fours. */
static bool iban_is_plain(const struct words *words, size_t begin, const uint8_t *number,
                          size_t len)
{
    size_t at = 0;
    for (size_t i = begin; i < words->count && at < len; i++) {
        const struct sp_slice word = words->at[i];
        size_t take = word.len < len - at ? word.len : len - at;
        if (memcmp(word.ptr, number + at, take) != 0 || (take != 4 && take < len - at))
            return false;
        at += take;
    }
    return at == len;
}

static bool iban_mend(uint8_t *number, size_t len, size_t *taken)
{
    for (size_t row = 0; row < sizeof iban_forms / sizeof *iban_forms; row++) {
        size_t digits = 0, places = 0;
        if (len < iban_forms[row].len || memcmp(number, iban_forms[row].country, 2) != 0)
            continue;
        for (size_t i = 2; i < iban_forms[row].len; i++) {
            bool digit = iban_forms[row].form[i - 2] == '9';
            places += digit;
            digits += digit && is_digit(number[i]);
            number[i] = digit ? sp_alike_digit(number[i]) : sp_alike_letter(number[i]);
        }
        *taken = iban_forms[row].len;
        return 2 * digits >= places;
    }
    return false;
}

static enum sp_err ibans(const struct words *words, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < words->count; i++) {
        uint8_t number[IBAN_MAX];
        size_t end, taken;
        const struct sp_slice word = words->at[i];
        if (word.len < 2 || !is_upper(word.ptr[0]) || !is_upper(word.ptr[1]))
            continue;
        size_t len = iban_gather(words, i, number, &end);
        if (len < IBAN_MIN || !iban_mend(number, len, &taken))
            continue;
        if (iban_is_plain(words, i, number, taken))
            continue;
        err = words_label(words, i, out, why);
        if (err == SP_OK)
            err = sp_buf_append(out, number, taken, why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, '\n', why);
    }
    return err;
}

/* ---- addresses ---------------------------------------------------------------------------------
 */
/* What an at-mark is taken for; all of them longer than what they replace. */
static size_t at_mark(struct sp_slice line, size_t pos)
{
    static const char *const signs[] = {"\xC2\xA9", "\xC2\xAE", "(a)", "(@)", "\xE2\x82\xAC", "@"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t len = strlen(signs[i]);
        if (line.len - pos >= len && memcmp(line.ptr + pos, signs[i], len) == 0)
            return len;
    }
    return 0;
}

static bool is_joint(uint8_t byte)
{
    return byte == '.' || byte == '_' || byte == '-' || byte == '@';
}

/* A blank between `before` and `after` is in an address when a point or the like is beside it. */
static bool address_blank(uint8_t before, uint8_t after)
{
    return is_joint(before) != is_joint(after) && (is_joint(before) || is_word(before)) &&
           (is_joint(after) || is_word(after));
}

/* Where the local part that ends at `at` begins. */
static size_t address_begin(struct sp_slice line, size_t at)
{
    size_t pos = at;
    while (pos > 0) {
        uint8_t byte = line.ptr[pos - 1];
        uint8_t after = pos == at ? (uint8_t)'@' : line.ptr[pos];
        if (byte == ' ' && pos > 1 && address_blank(line.ptr[pos - 2], after))
            pos -= 2;
        else if (is_word(byte) || is_joint(byte) || byte == '+')
            pos--;
        else
            break;
    }
    return pos;
}

/* A point that was passed over: the last label of a domain stands behind a blank at `pos`. */
static bool address_label(struct sp_slice line, size_t pos)
{
    size_t len = 0;
    while (pos + 1 + len < line.len && is_lower(line.ptr[pos + 1 + len]))
        len++;
    bool ends = pos + 1 + len >= line.len || !is_word(line.ptr[pos + 1 + len]);
    return ends && len >= 2 && len <= LABEL_MAX;
}

static enum sp_err address_domain(struct sp_slice line, size_t pos, struct sp_buf *out,
                                  struct sp_why *why)
{
    enum sp_err err = SP_OK;
    uint8_t before = '@';
    bool pointed = false;
    for (; err == SP_OK && pos < line.len; pos++) {
        uint8_t byte = line.ptr[pos];
        bool more = pos + 1 < line.len;
        if (byte == ' ' && more && address_blank(before, line.ptr[pos + 1]))
            continue;
        if ((byte == ',' && more && is_lower(line.ptr[pos + 1])) ||
            (byte == ' ' && !pointed && is_lower(before) && address_label(line, pos)))
            byte = '.';
        if (!(is_word(byte) || is_joint(byte)))
            break;
        pointed = pointed || byte == '.';
        err = sp_buf_append_byte(out, byte, why);
        before = byte;
    }
    return err == SP_OK ? sp_buf_append_byte(out, '\n', why) : err;
}

static enum sp_err address_give(struct sp_slice line, size_t at, size_t mark, struct sp_buf *out,
                                struct sp_why *why)
{
    size_t begin = address_begin(line, at);
    enum sp_err err = SP_OK;
    for (size_t i = begin; err == SP_OK && i < at; i++)
        if (line.ptr[i] != ' ')
            err = sp_buf_append_byte(out, line.ptr[i], why);
    if (err == SP_OK)
        err = sp_buf_append_byte(out, '@', why);
    return err == SP_OK ? address_domain(line, at + mark, out, why) : err;
}

/* Q between small letters of one word is an at-mark when a point follows. */
static bool address_q(struct sp_slice line, size_t pos)
{
    if ((line.ptr[pos] != 'Q' && line.ptr[pos] != 'G') || pos == 0 || pos + 2 >= line.len ||
        !is_lower(line.ptr[pos - 1]) || !is_lower(line.ptr[pos + 1]))
        return false;
    size_t end = pos + 1;
    while (end < line.len && (is_word(line.ptr[end]) || line.ptr[end] == '-'))
        end++;
    return end + 1 < line.len && line.ptr[end] == '.' && is_lower(line.ptr[end + 1]);
}

static enum sp_err addresses(struct sp_slice line, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && pos < line.len; pos++) {
        size_t mark = at_mark(line, pos);
        if (mark == 0 && address_q(line, pos))
            mark = 1;
        if (mark == 0 || pos == 0)
            continue;
        size_t told = out->len;
        err = address_give(line, pos, mark, out, why);
        size_t len = out->len - told;
        bool same = err == SP_OK && len > 1 &&
                    memmem(line.ptr, line.len, out->data + told, len - 1) != NULL;
        if (same || (err == SP_OK && out->data[told] == '@'))
            out->len = told;
    }
    return err;
}

/* ---- all ---------------------------------------------------------------------------------------
 */
static enum sp_err line_readings(struct sp_slice line, struct sp_buf *out, struct sp_why *why)
{
    struct words words;
    enum sp_err err = addresses(line, out, why);
    for (size_t pos = 0; err == SP_OK && pos < line.len;) {
        words_split(line, &pos, &words);
        err = numbers(&words, out, why);
        if (err == SP_OK)
            err = ibans(&words, out, why);
    }
    return err;
}

enum sp_err sp_ocr_readings(struct sp_slice text, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = sp_mrz_readings(text, out, why);
    while (err == SP_OK && text.len > 0) {
        const uint8_t *newline = memchr(text.ptr, '\n', text.len);
        struct sp_slice line = {text.ptr,
                                newline == NULL ? text.len : (size_t)(newline - text.ptr)};
        err = line_readings(line, out, why);
        text.ptr += line.len + (newline != NULL);
        text.len -= line.len + (newline != NULL);
    }
    return err;
}
