/* Postcodes and PO boxes, with the boundaries of numbers in text. */
#include "detect/address.h"

static bool code_wordlike(const struct sp_addr_view *view, struct sp_addr_char found, size_t pos)
{
    return found.class == SP_ADDR_LETTER || found.class == SP_ADDR_DIGIT ||
           sp_addr_byte(view, pos) == '_';
}

/* What may stand before a number: no letter, digit or sign that makes it part of more. */
static bool code_left_free(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_char before = sp_addr_char_before(view, pos);
    uint8_t byte;

    if (before.class == SP_ADDR_EDGE)
        return true;
    byte = sp_addr_byte(view, pos - 1);
    if (code_wordlike(view, before, pos - before.len) || byte == '%' || byte == '#' ||
        byte == '$' ||
        (byte == 0xAC && sp_addr_byte(view, pos - 3) == 0xE2 &&
         sp_addr_byte(view, pos - 2) == 0x82)) /* U+20AC */
        return false;
    if (byte == '.' || byte == ':' || byte == '/' || byte == '-')
        return !sp_addr_is_digit(sp_addr_byte(view, pos - 2));
    return true;
}

static bool code_right_free(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_char after = sp_addr_char_at(view, pos);
    uint8_t byte = sp_addr_byte(view, pos);

    if (after.class == SP_ADDR_EDGE)
        return true;
    if (code_wordlike(view, after, pos))
        return false;
    if ((byte == '.' || byte == ':' || byte == '-') && !view->typed)
        return !sp_addr_is_digit(sp_addr_byte(view, pos + 1));
    return true;
}

/* Four digits, 1000 to 9999. */
static bool code_four(const struct sp_addr_view *view, size_t pos)
{
    for (size_t i = 0; i < 4; i++)
        if (!sp_addr_is_digit(sp_addr_byte(view, pos + i)))
            return false;
    return sp_addr_byte(view, pos) != '0';
}

/* Between digits and letters of a postcode: nothing, one or two blanks, `+` or %20 of a URL. */
static size_t code_code_gap(const struct sp_addr_view *view, size_t pos)
{
    if (sp_addr_byte(view, pos) == '+')
        return 1;
    if (sp_addr_byte(view, pos) == '%')
        return sp_addr_byte(view, pos + 1) == '2' && sp_addr_byte(view, pos + 2) == '0' ? 3 : 0;
    if (sp_addr_byte(view, pos) != ' ')
        return 0;
    return sp_addr_byte(view, pos + 1) == ' ' ? 2 : 1;
}

/* Where a prefix such as NL- begins that ends at `pos`; `pos` when there is none. */
static size_t code_prefix(const struct sp_addr_view *view, size_t pos, const char *country)
{
    size_t len = strlen(country);
    size_t end = pos;

    if (sp_addr_byte(view, end - 1) == '-' || sp_addr_byte(view, end - 1) == ' ')
        end--;
    if (end == pos || end < view->lo + len)
        return pos;
    for (size_t i = 0; i < len; i++)
        if (view->data[end - len + i] != (uint8_t)country[i])
            return pos;
    return code_left_free(view, end - len) ? end - len : pos;
}

bool sp_addr_read_nl(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    size_t gap;
    uint8_t first;
    uint8_t second;
    size_t begin;

    if (!code_four(view, pos))
        return false;
    begin = code_prefix(view, pos, "NL");
    gap = code_code_gap(view, pos + 4);
    first = sp_addr_byte(view, pos + 4 + gap);
    second = sp_addr_byte(view, pos + 5 + gap);
    if (!sp_addr_is_alpha(first) || !sp_addr_is_alpha(second) ||
        !code_right_free(view, pos + 6 + gap) || (begin == pos && !code_left_free(view, pos)))
        return false;
    out->lower_code = first > 'Z' || second > 'Z';
    if (out->lower_code && gap != 0 && !view->typed)
        return false;
    first = sp_addr_to_upper(first);
    second = sp_addr_to_upper(second);
    if (first == 'S' && (second == 'A' || second == 'D' || second == 'S'))
        return false; /* never given out */
    memcpy(out->postcode, view->data + pos, 4);
    out->postcode[4] = (char)first;
    out->postcode[5] = (char)second;
    out->postcode[6] = '\0';
    out->code_at = (struct sp_addr_span){begin, pos + 6 + gap};
    out->clue = begin != pos;
    out->kind = SP_ADDR_NL;
    return true;
}

bool sp_addr_read_be(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    size_t begin;

    if (!code_four(view, pos) || memcmp(view->data + pos, "9992", 4) > 0 ||
        !code_right_free(view, pos + 4))
        return false;
    begin = code_prefix(view, pos, "BE");
    if (begin == pos)
        begin = code_prefix(view, pos, "B");
    if (begin == pos && !code_left_free(view, pos))
        return false;
    memcpy(out->postcode, view->data + pos, 4);
    out->postcode[4] = '\0';
    out->code_at = (struct sp_addr_span){begin, pos + 4};
    out->clue = out->clue || begin != pos;
    out->kind = SP_ADDR_BE;
    return true;
}

bool sp_addr_read_pobox(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    static const struct {
        const char *word;
        char code[3];
    } kinds[] = {{"postbus", "PB"}, {"antwoordnummer", "AN"}, {"antwoordnr", "AN"}};

    if (code_wordlike(view, sp_addr_char_before(view, pos), pos - 1))
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].word);
        size_t at = pos;
        size_t digits = 0;

        while (len != 0 && at - pos < len &&
               (sp_addr_byte(view, at) | 0x20) == (uint8_t)kinds[i].word[at - pos])
            at++;
        if (at - pos != len)
            continue;
        while (at < pos + len + 4 &&
               (sp_addr_byte(view, at) == ' ' || sp_addr_byte(view, at) == '.' ||
                sp_addr_byte(view, at) == ':'))
            at++;
        while (digits < 6 && sp_addr_is_digit(sp_addr_byte(view, at + digits)))
            digits++;
        if (digits == 0 || digits > 5 || sp_addr_byte(view, at) == '0' ||
            !code_right_free(view, at + digits))
            return false;
        memcpy(out->number, kinds[i].code, 2);
        memcpy(out->number + 2, view->data + at, digits);
        out->number[2 + digits] = '\0';
        out->number_at = (struct sp_addr_span){pos, at + digits};
        return true;
    }
    return false;
}

/* Outward and inward code: [A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}. */
static size_t code_read_british(const struct sp_addr_view *view, size_t pos, char *out)
{
    static const char *const shapes[] = {"AA9X 9AA", "AA99 9AA", "AA9 9AA",
                                         "A9X 9AA",  "A9 9AA",   NULL};
    for (unsigned i = 0; shapes[i] != NULL; i++) {
        struct sp_addr probe = {0};
        if (sp_addr_read_shape(view, pos, shapes[i], &probe)) {
            memcpy(out, probe.postcode, sizeof(probe.postcode));
            return probe.code_at.end;
        }
    }
    return 0;
}

bool sp_addr_read_shape(const struct sp_addr_view *view, size_t pos, const char *shape,
                        struct sp_addr *out)
{
    size_t at = pos;
    size_t len = 0;

    if (!code_left_free(view, pos))
        return false;
    if (shape[0] == '*') {
        at = code_read_british(view, pos, out->postcode);
        out->code_at = (struct sp_addr_span){pos, at};
        return at != 0;
    }
    for (; *shape != '\0'; shape++) {
        uint8_t byte = sp_addr_byte(view, at);

        if (*shape == ' ' || *shape == '-') {
            at += byte == (uint8_t)*shape;
            continue;
        }
        if (!(sp_addr_is_digit(byte) && *shape != 'A') &&
            !(byte >= 'A' && byte <= 'Z' && *shape != '9'))
            return false;
        if (len + 1 < sizeof(out->postcode))
            out->postcode[len++] = (char)byte;
        at++;
    }
    out->postcode[len] = '\0';
    out->code_at = (struct sp_addr_span){pos, at};
    return code_right_free(view, at);
}
