#include "detect/number.h"

#include "detect/bytes.h"

bool sp_number_read(const struct sp_text *text, size_t begin, size_t end, struct sp_number *out)
{
    *out = (struct sp_number){.group_count = 1};
    for (size_t pos = begin; pos < end; pos++) {
        uint8_t byte = text->data[pos];
        if (byte_is_digit(byte)) {
            if (out->count == SP_NUMBER_DIGITS_MAX)
                return false;
            out->digits[out->count++] = byte;
            out->groups[out->group_count - 1]++;
            continue;
        }
        bool separator = byte == ' ' || byte == '.' || byte == '-' || byte == '/';
        if (!separator || pos == begin || !byte_is_digit(text->data[pos - 1]) ||
            out->group_count == SP_NUMBER_GROUPS_MAX)
            return false;
        if (!out->separator)
            out->separator = byte;
        out->mixed = out->mixed || out->separator != byte;
        out->group_count++;
    }
    return out->count > 0 && out->groups[out->group_count - 1] > 0;
}

bool sp_number_grouped_as(const struct sp_number *number, const char *shapes)
{
    char shape[2 * SP_NUMBER_GROUPS_MAX];
    size_t len = 0;
    for (size_t i = 0; i < number->group_count; i++) {
        if (number->groups[i] > 9)
            return false;
        if (i)
            shape[len++] = '-';
        shape[len++] = (char)('0' + number->groups[i]);
    }
    shape[len] = '\0';
    for (const char *at = strstr(shapes, shape); at; at = strstr(at + 1, shape)) {
        if ((at == shapes || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

struct sp_boundary sp_boundary_of(const struct sp_check *check, bool spaced)
{
    const struct sp_text_record *record = sp_text_record_find(check->text, check->begin);
    return (struct sp_boundary){
        .check = check,
        .spaced = spaced,
        .name = check->text->kind == SP_RECORD_NAME || (record && record->kind == SP_RECORD_NAME),
    };
}

static bool digit_at(const struct sp_text *text, size_t pos)
{
    return pos < text->len && byte_is_digit(text->data[pos]);
}

static bool digit_before(const struct sp_text *text, size_t pos)
{
    return pos > 0 && byte_is_digit(text->data[pos - 1]);
}

/* A space and a group of up to four digits that ends there and is no end of a date or other
 * notation: the value would go on to the left. */
static bool short_group_before(const struct sp_text *text, size_t begin)
{
    size_t pos = begin - 1, count = 0;
    while (digit_before(text, pos) && count <= 4) {
        pos--;
        count++;
    }
    if (count == 0 || count > 4)
        return false;
    return pos == 0 || (!byte_in(text->data[pos - 1], "-./:,+") &&
                        !letter_before(text->data, pos) && text->data[pos - 1] != '_');
}

/* `\n`, `\t` … and `\u003c` of JSON, PHP and C stand for one character, which is no letter. */
bool sp_escape_before(const struct sp_text *text, size_t begin)
{
    const uint8_t *data = text->data;
    if (begin >= 2 && data[begin - 2] == '\\' && byte_in(data[begin - 1], "nrtbfv"))
        return true;
    return begin >= 6 && data[begin - 6] == '\\' && data[begin - 5] == 'u' &&
           data[begin - 4] == '0' && data[begin - 3] == '0';
}

bool sp_number_bounded_left(const struct sp_text *text, size_t begin,
                            const struct sp_boundary *boundary)
{
    if (begin == 0 || sp_escape_before(text, begin))
        return true;
    uint8_t before = text->data[begin - 1];
    switch (before) {
    case '_':
        return boundary->name || sp_check_labelled(boundary->check);
    case '#':
        return sp_check_labelled(boundary->check);
    case '%':
    case '$':
        return false;
    case '/':
        return boundary->slash || text->kind == SP_RECORD_NAME || !digit_before(text, begin - 1);
    case '.':
    case ':':
    case '-':
        return !digit_before(text, begin - 1);
    case ' ':
        return !boundary->spaced || !short_group_before(text, begin);
    default:
        break;
    }
    if (byte_is_digit(before))
        return false;
    if (begin >= 3 && memcmp(text->data + begin - 3, "\xE2\x82\xAC", 3) == 0) /* euro sign */
        return false;
    return !letter_before(text->data, begin) || sp_check_glued(boundary->check);
}

/* A comma between digits is decimal when one to three digits follow, unless the token has another
 * comma or stands in brackets: then it is a list. */
static bool decimal_comma(const struct sp_text *text, size_t comma)
{
    size_t pos = comma + 1;
    while (digit_at(text, pos) && pos - comma <= 4)
        pos++;
    if (pos - comma - 1 == 0 || pos - comma - 1 > 3)
        return false;
    if (pos < text->len && text->data[pos] == ',')
        return false;
    size_t begin = comma;
    while (begin > 0 && comma - begin < 32 &&
           (byte_is_digit(text->data[begin - 1]) || text->data[begin - 1] == '.'))
        begin--;
    return begin == 0 || !byte_in(text->data[begin - 1], ",([");
}

static bool month_at(const struct sp_text *text, size_t pos)
{
    static const char months[] = "janfebmrtmaaaprmeimayjunjulaugsepoktoctnovdec";
    char name[3];
    if (text->len - pos < 3)
        return false;
    for (size_t i = 0; i < 3; i++)
        name[i] = (char)byte_lower(text->data[pos + i]);
    for (const char *month = months; *month; month += 3) {
        if (memcmp(month, name, 3) == 0)
            return true;
    }
    return false;
}

/* A group of up to four digits at pos that begins no date: the value would go on to the right. */
static bool short_group_at(const struct sp_text *text, size_t pos)
{
    size_t end = pos;
    while (digit_at(text, end) && end - pos <= 4)
        end++;
    if (end == pos || end - pos > 4)
        return false;
    if (end < text->len && byte_in(text->data[end], "-/.:") && digit_at(text, end + 1))
        return false;
    if (end + 1 < text->len && text->data[end] == ' ' && month_at(text, end + 1))
        return false;
    return !letter_at(text->data, text->len, end);
}

bool sp_number_bounded_right(const struct sp_text *text, size_t end,
                             const struct sp_boundary *boundary)
{
    if (end >= text->len)
        return true;
    switch (text->data[end]) {
    case '_':
        return boundary->name;
    case '%':
        return false;
    case '/':
        return boundary->slash || text->kind == SP_RECORD_NAME || !digit_at(text, end + 1);
    case '.':
    case ':':
    case '-':
        return !digit_at(text, end + 1);
    case ',':
        return !decimal_comma(text, end) || sp_check_labelled(boundary->check);
    case ' ':
        return !boundary->spaced || !short_group_at(text, end + 1);
    default:
        return !byte_is_digit(text->data[end]) && !letter_at(text->data, text->len, end);
    }
}

bool sp_number_bounded(const struct sp_text *text, size_t begin, size_t end,
                       const struct sp_boundary *boundary)
{
    return sp_number_bounded_left(text, begin, boundary) &&
           sp_number_bounded_right(text, end, boundary);
}

void sp_canonical_set(struct sp_canonical *out, const void *bytes, size_t len)
{
    memcpy(out->bytes, bytes, len);
    out->len = (uint16_t)len;
}
