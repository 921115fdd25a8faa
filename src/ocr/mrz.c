#include "ocr/mrz.h"

#include "base/utf8.h"
#include "ocr/alike.h"

#include <string.h>

enum {
    LINE_MAX = 52, /* characters: the longest, and fillers too many */
    LINE_MIN = 22, /* the shortest, and fillers too few */
    FILLERS_MIN = 2,
    OFF_MAX = 8,  /* fillers that may be too many or too few */
    ALIKE_MAX = 6 /* places of a number that are tried as letter and as digit */
};

struct mrz_line {
    size_t len;
    uint8_t at[LINE_MAX + 1];
};

/* What stands where: one letter a place. A letter, 9 digit, X sex, N of a document's number, * all.
 */
static const char td1_first[] = "A*AAANNNNNNNNN9***************";
static const char td1_second[] = "9999999X9999999AAA***********9";
static const char td2_second[] = "NNNNNNNNN9AAA9999999X9999999*******9";
static const char td3_second[] = "NNNNNNNNN9AAA9999999X9999999**************99";

static bool is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* ---- one line -------------------------------------------------------------------------------- */
/* Characters of a zone that `code` may have been; 0: none, the line is another. */
static unsigned line_characters(uint32_t code, uint8_t *out)
{
    *out = '<';
    switch (code) {
    case 0xAB: /* « is two of them */
    case 0x226A:
        return 2;
    case '<':
    case '(':
    case '{':
    case '[':
    case 0x2039:
    case 0x20AC:
    case 0xA3:
    case 0xA2:
    case 0xA9:
        return 1;
    default:
        *out = code < 0x80 ? (uint8_t)code : 0;
        return *out != 0 && (is_upper(*out) || is_digit(*out) || (*out >= 'a' && *out <= 'z'));
    }
}

static bool line_read(struct sp_slice text, struct mrz_line *line)
{
    size_t fillers = 0;
    line->len = 0;
    for (size_t pos = 0; pos < text.len;) {
        uint32_t code = 0;
        uint8_t character;
        unsigned bytes = sp_utf8_decode(text.ptr + pos, text.len - pos, &code);
        pos += bytes == 0 ? 1 : bytes;
        if (code == ' ' || code == '\r')
            continue;
        unsigned count = line_characters(code, &character);
        if (count == 0 || line->len + count > LINE_MAX)
            return false;
        fillers += character == '<' ? count : 0;
        while (count-- > 0)
            line->at[line->len++] = character;
    }
    return line->len >= LINE_MIN && fillers >= FILLERS_MIN;
}

/* Letters that a filler is taken for. */
static bool is_like_filler(uint8_t byte)
{
    return byte == '<' || (byte != 0 && strchr("KCEkces", byte) != NULL);
}

/* A run of fillers and what they are taken for, with a filler at its beginning, and one at its end
 * or the end of the line, is fillers. What is still small is a capital. */
static void line_fill(struct mrz_line *line)
{
    for (size_t begin = 0; begin < line->len; begin++) {
        size_t last = begin, pos = begin;
        if (line->at[begin] != '<')
            continue;
        for (; pos < line->len && is_like_filler(line->at[pos]); pos++)
            last = line->at[pos] == '<' ? pos : last;
        bool to_end = pos == line->len && pos - begin >= 4;
        memset(line->at + begin, '<', (to_end ? pos : last + 1) - begin);
        begin = to_end ? pos : last;
    }
    for (size_t i = 0; i < line->len; i++)
        if (line->at[i] >= 'a' && line->at[i] <= 'z')
            line->at[i] = (uint8_t)(line->at[i] - 'a' + 'A');
}

/* Makes its longest run of fillers longer or shorter until the line has `len` characters. */
static bool line_stretch(const struct mrz_line *line, size_t len, struct mrz_line *out)
{
    size_t best = 0, best_len = 0;
    for (size_t i = 0, run = 0; i < line->len; i++) {
        run = line->at[i] == '<' ? run + 1 : 0;
        if (run >= best_len && run > 0) {
            best_len = run;
            best = i + 1 - run;
        }
    }
    size_t rest = line->len - best - best_len;
    if (len + OFF_MAX < line->len || line->len + OFF_MAX < len || len < best + rest ||
        best_len == 0)
        return false;
    memcpy(out->at, line->at, best);
    memset(out->at + best, '<', len - best - rest);
    memcpy(out->at + len - rest, line->at + line->len - rest, rest);
    out->len = len;
    return true;
}

/* ---- letters and digits by their places -------------------------------------------------------
 */
static unsigned mrz_value(uint8_t byte)
{
    return is_digit(byte) ? byte - (unsigned)'0' : is_upper(byte) ? byte - (unsigned)'A' + 10 : 0;
}

/* The check digit of `len` places (ICAO 9303, part 3, 4.9). */
static bool number_holds(const uint8_t *number, size_t len, uint8_t digit)
{
    static const unsigned weights[] = {7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += mrz_value(number[i]) * weights[i % 3];
    return digit == '0' + sum % 10;
}

/* Tries places that look alike both ways, few of them first, until the check digit behind them
 * holds. */
static void number_mend(uint8_t *number, size_t len)
{
    size_t places[ALIKE_MAX], count = 0;
    uint8_t as_read[16];
    if (len > sizeof as_read)
        return;
    memcpy(as_read, number, len);
    for (size_t i = 0; i < len && count < ALIKE_MAX; i++)
        if (sp_alike_other(as_read[i]) != 0)
            places[count++] = i;
    for (int changes = 0; changes <= (int)count; changes++) {
        for (unsigned way = 0; way < 1U << count; way++) {
            if (__builtin_popcount(way) != changes)
                continue;
            memcpy(number, as_read, len);
            for (size_t i = 0; i < count; i++)
                if ((way >> i & 1) != 0)
                    number[places[i]] = sp_alike_other(as_read[places[i]]);
            if (number_holds(number, len, number[len]))
                return;
        }
    }
    memcpy(number, as_read, len);
}

/* True when the line can be one of this form; its characters are then those of their places. */
static bool line_fits(struct mrz_line *line, const char *form)
{
    size_t number = 0, number_len = 0;
    if (line->len != strlen(form))
        return false;
    for (size_t i = 0; i < line->len; i++) {
        uint8_t *byte = &line->at[i];
        if (form[i] == '9' && *byte != '<')
            *byte = sp_alike_digit(*byte);
        else if (form[i] == 'A' && *byte != '<')
            *byte = sp_alike_letter(*byte);
        if (form[i] == 'N') {
            number = number_len == 0 ? i : number;
            number_len++;
        }
        if ((form[i] == '9' && is_upper(*byte)) || (form[i] == 'A' && is_digit(*byte)) ||
            (form[i] == 'X' && *byte != 'M' && *byte != 'F' && *byte != '<'))
            return false;
    }
    for (size_t i = 0; i + 3 <= line->len; i++) /* no country is called so */
        if (memcmp(form + i, "AAA", 3) == 0 && memcmp(line->at + i, "NID", 3) == 0)
            line->at[i + 1] = 'L';
    if (number_len > 0)
        number_mend(line->at + number, number_len);
    return true;
}

/* Personal numbers of the Netherlands are digits. */
static void line_optional(struct mrz_line *line, size_t begin, size_t end)
{
    size_t digits = 0, others = 0;
    for (size_t i = begin; i < end; i++) {
        digits += is_digit(line->at[i]);
        others += is_upper(line->at[i]);
    }
    for (size_t i = begin; digits > others && i < end; i++)
        if (is_upper(line->at[i]))
            line->at[i] = sp_alike_digit(line->at[i]);
}

static enum sp_err mrz_give(const struct mrz_line *line, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = sp_buf_append(out, line->at, line->len, why);
    return err == SP_OK ? sp_buf_append_byte(out, '\n', why) : err;
}

static enum sp_err mrz_pair(const struct mrz_line *first, const struct mrz_line *second,
                            struct sp_buf *out, struct sp_why *why)
{
    struct mrz_line upper, lower;
    enum sp_err err = SP_OK;
    if (first->len > 0 && line_stretch(first, 30, &upper) && line_fits(&upper, td1_first) &&
        line_stretch(second, 30, &lower) && line_fits(&lower, td1_second)) {
        line_optional(&upper, 15, 30);
        err = mrz_give(&upper, out, why);
        return err == SP_OK ? mrz_give(&lower, out, why) : err;
    }
    if (line_stretch(second, 44, &lower) && line_fits(&lower, td3_second)) {
        line_optional(&lower, 28, 42);
        err = mrz_give(&lower, out, why);
    } else if (line_stretch(second, 36, &lower) && line_fits(&lower, td2_second)) {
        line_optional(&lower, 28, 35);
        err = mrz_give(&lower, out, why);
    }
    return err;
}

enum sp_err sp_mrz_readings(struct sp_slice text, struct sp_buf *out, struct sp_why *why)
{
    struct mrz_line before = {.len = 0};
    enum sp_err err = SP_OK;
    while (err == SP_OK && text.len > 0) {
        const uint8_t *newline = memchr(text.ptr, '\n', text.len);
        size_t len = newline == NULL ? text.len : (size_t)(newline - text.ptr);
        struct mrz_line line;
        if (line_read((struct sp_slice){text.ptr, len}, &line)) {
            line_fill(&line);
            err = mrz_pair(&before, &line, out, why);
            before = line;
        } else if (len > 0) { /* an empty one may stand between two lines of a zone */
            before.len = 0;
        }
        text.ptr += len + (newline != NULL);
        text.len -= len + (newline != NULL);
    }
    return err;
}
