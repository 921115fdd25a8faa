#include "detect/mask.h"

#include "base/limits.h"
#include "detect/bytes.h"

enum { HEX_RUN_MIN = 16, BASE64_RUN_MIN = 24, UUID_LEN = 36 };

struct span {
    size_t begin, end;
};

/* Classes of bytes, a bit each. */
enum { HEX = 1, UUID = 2, BASE64 = 4, JWT = 8, URL = 16 };

/* Digits and letters to f; other letters. */
#define CLASSES_DIGIT (HEX | UUID | BASE64 | JWT | URL)
#define CLASSES_LETTER (BASE64 | JWT | URL)
/* clang-format off */
#define FIVE(first, set)                                                                           \
    [first] = (set), [(first) + 1] = (set), [(first) + 2] = (set), [(first) + 3] = (set),          \
    [(first) + 4] = (set)
static const uint8_t classes[256] = {
    FIVE('0', CLASSES_DIGIT), FIVE('5', CLASSES_DIGIT),
    FIVE('A', CLASSES_DIGIT), ['F'] = CLASSES_DIGIT,
    FIVE('a', CLASSES_DIGIT), ['f'] = CLASSES_DIGIT,
    FIVE('G', CLASSES_LETTER), FIVE('L', CLASSES_LETTER), FIVE('Q', CLASSES_LETTER),
    FIVE('V', CLASSES_LETTER),
    FIVE('g', CLASSES_LETTER), FIVE('l', CLASSES_LETTER), FIVE('q', CLASSES_LETTER),
    FIVE('v', CLASSES_LETTER),
    ['-'] = UUID | JWT | URL, ['_'] = JWT | URL,    ['.'] = JWT | URL,
    ['+'] = BASE64 | URL,     ['/'] = BASE64 | URL, ['='] = BASE64 | URL,
    ['!'] = URL, ['#'] = URL, ['$'] = URL, ['%'] = URL, ['&'] = URL, ['*'] = URL, [':'] = URL,
    ['?'] = URL, ['@'] = URL, ['^'] = URL, ['`'] = URL, ['~'] = URL,
};
#undef FIVE
/* clang-format on */

/* The run of bytes of one class around [begin, end), clipped at SP_LINE_LOOK_BYTES a side; empty
 * when a byte inside is of another class. */
static struct span run_around(const struct sp_text *text, size_t begin, size_t end, uint8_t class)
{
    for (size_t pos = begin; pos < end; pos++) {
        if (!(classes[text->data[pos]] & class))
            return (struct span){begin, begin};
    }
    size_t low = begin > SP_LINE_LOOK_BYTES ? begin - SP_LINE_LOOK_BYTES : 0;
    size_t high = text->len - end > SP_LINE_LOOK_BYTES ? end + SP_LINE_LOOK_BYTES : text->len;
    while (begin > low && (classes[text->data[begin - 1]] & class))
        begin--;
    while (end < high && (classes[text->data[end]] & class))
        end++;
    return (struct span){begin, end};
}

static bool in_uuid(const struct sp_text *text, size_t begin, size_t end)
{
    struct span run = run_around(text, begin, end, UUID);
    if (run.end - run.begin != UUID_LEN)
        return false;
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if ((text->data[run.begin + i] == '-') != dash)
            return false;
    }
    return true;
}

static bool in_hex(const struct sp_text *text, size_t begin, size_t end)
{
    struct span run = run_around(text, begin, end, HEX);
    if (run.end - run.begin < HEX_RUN_MIN)
        return false;
    for (size_t pos = run.begin + 2; pos < run.end; pos++) {
        if (byte_is_alpha(text->data[pos]))
            return true;
    }
    return false;
}

static unsigned base64_class(uint8_t byte)
{
    if (byte_is_upper(byte))
        return 1;
    if (byte_is_lower(byte))
        return 2;
    return byte_is_digit(byte) ? 4 : 8;
}

/* Mixed case and digits that change at least every fourth byte: no words, no glued labels. */
static bool in_base64(const struct sp_text *text, size_t begin, size_t end)
{
    struct span run = run_around(text, begin, end, BASE64);
    size_t len = run.end - run.begin, changes = 0;
    unsigned seen = 0, last = 0;
    if (len < BASE64_RUN_MIN)
        return false;
    for (size_t pos = run.begin; pos < run.end; pos++) {
        unsigned class = base64_class(text->data[pos]);
        changes += class != last;
        seen |= class;
        last = class;
    }
    return (seen & 7) == 7 && changes * 4 >= len;
}

static bool in_jwt(const struct sp_text *text, size_t begin, size_t end)
{
    struct span run = run_around(text, begin, end, JWT);
    return run.end - run.begin >= BASE64_RUN_MIN && memcmp(text->data + run.begin, "eyJ", 3) == 0;
}

/* In the path of a URL: behind scheme://authority/, and no ? or # between. */
static bool in_url_path(const struct sp_text *text, size_t begin)
{
    struct span run = run_around(text, begin, begin, URL);
    struct sp_slice token = {text->data + run.begin, begin - run.begin};
    const uint8_t *scheme = memmem(token.ptr, token.len, "://", 3);
    if (!scheme)
        return false;
    size_t pos = (size_t)(scheme - token.ptr) + 3;
    bool path = false;
    for (; pos < token.len; pos++) {
        if (token.ptr[pos] == '?' || token.ptr[pos] == '#')
            return false;
        path = path || token.ptr[pos] == '/';
    }
    return path;
}

static bool currency_before(const struct sp_text *text, size_t pos)
{
    while (pos > 0 && text->data[pos - 1] == ' ')
        pos--;
    if (pos >= 3 && memcmp(text->data + pos - 3, "\xE2\x82\xAC", 3) == 0)
        return true;
    return pos >= 3 && memcmp(text->data + pos - 3, "EUR", 3) == 0 &&
           !letter_before(text->data, pos - 3);
}

/* `€ 1.234`, `12345678 EUR`, `12345678,00`, `12345678,-` */
static bool is_amount(const struct sp_text *text, size_t begin, size_t end)
{
    if (currency_before(text, begin))
        return true;
    size_t pos = end;
    if (text->len - pos >= 2 && memcmp(text->data + pos, ",-", 2) == 0)
        return true;
    while (pos < text->len && pos - end < 2 && text->data[pos] == ' ')
        pos++;
    if (text->len - pos >= 3 && memcmp(text->data + pos, "\xE2\x82\xAC", 3) == 0)
        return true;
    if (text->len - pos >= 4 && strncasecmp((const char *)text->data + pos, "euro", 4) == 0)
        return true;
    return text->len - pos >= 3 && memcmp(text->data + pos, "EUR", 3) == 0 &&
           !letter_at(text->data, text->len, pos + 3);
}

bool sp_mask_covers(const struct sp_text *text, size_t begin, size_t end)
{
    return in_hex(text, begin, end) || in_uuid(text, begin, end) || in_base64(text, begin, end) ||
           in_jwt(text, begin, end) || in_url_path(text, begin) || is_amount(text, begin, end);
}
