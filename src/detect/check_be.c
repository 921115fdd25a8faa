/* Belgian numbers. Ondernemingsnummer: KBO/BCE, KB 24-6-2003; numbers that begin with 1 since
 * 2023. Rijksregisternummer: IBZ IT000; BIS numbers: KSZ. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

static unsigned mod97(const uint8_t *digits, size_t count, unsigned rest)
{
    for (size_t i = 0; i < count; i++)
        rest = (rest * 10 + (unsigned)(digits[i] - '0')) % 97;
    return rest;
}

static unsigned pair(const uint8_t *digits)
{
    return (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0');
}

/* Takes in `BE` before the digits, with an optional bracket and up to two separators. */
static bool take_country(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t pos = check->begin;
    while (pos > 0 && check->begin - pos < 2 && byte_in(text->data[pos - 1], " .-"))
        pos--;
    if (pos < 2 || (text->data[pos - 1] | 0x20) != 'e' || (text->data[pos - 2] | 0x20) != 'b')
        return false;
    if (pos >= 3 &&
        (byte_is_digit(text->data[pos - 3]) || text->data[pos - 3] == '_' ||
         letter_before(text->data, pos - 2)) &&
        !sp_check_labelled(check))
        return false;
    check->value_begin = pos - 2;
    return true;
}

/* The digits of the candidate; brackets are skipped. Grouped by four or three digits, or not. */
static size_t kbo_digits(const struct sp_check *check, uint8_t ten[10], uint8_t *separator)
{
    size_t count = 0;
    *separator = 0;
    for (size_t pos = check->begin; pos < check->end; pos++) {
        uint8_t byte = check->text->data[pos];
        if (byte_is_digit(byte) && count < 10)
            ten[count++] = byte;
        else if (byte_is_digit(byte))
            return 0;
        else if (!*separator && byte_in(byte, " .-"))
            *separator = byte;
    }
    if (count == 9) { /* old numbers have no leading zero */
        memmove(ten + 1, ten, 9);
        ten[0] = '0';
        return 10;
    }
    return count;
}

bool sp_check_be_kbo(struct sp_check *check)
{
    uint8_t ten[10], separator = 0;
    if (kbo_digits(check, ten, &separator) != 10 || ten[0] > '1' ||
        memcmp(ten, "0000000000", 10) == 0 || 97 - mod97(ten, 8, 0) != pair(ten + 8))
        return false;
    struct sp_boundary boundary = sp_boundary_of(check, separator == ' ');
    if (!sp_number_bounded_right(check->text, check->end, &boundary))
        return false;
    if (take_country(check)) {
        check->base = SP_CONF_HIGH;
    } else {
        if (!sp_number_bounded_left(check->text, check->begin, &boundary) ||
            check->text->data[check->begin] == '(')
            return false;
        check->base = separator == '.' ? SP_CONF_MEDIUM : SP_CONF_NONE;
    }
    check->attributes |= SP_ATTR_PUBLIC;
    sp_canonical_set(&check->canonical, ten, sizeof ten);
    return true;
}

/* The check digits stand for 97 less the rest of the first nine digits, for births from 2000 on
 * with a 2 in front. */
static bool nrn_check(const uint8_t digits[11])
{
    unsigned check = pair(digits + 9);
    return 97 - mod97(digits, 9, 0) == check || 97 - mod97(digits, 9, 2) == check;
}

bool sp_check_be_nrn(struct sp_check *check)
{
    struct sp_number number;
    if (!sp_number_read(check->text, check->begin, check->end, &number) || number.count != 11 ||
        !nrn_check(number.digits))
        return false;
    unsigned month = pair(number.digits + 2), day = pair(number.digits + 4);
    if (month >= 40)
        month -= 40; /* BIS number, sex known */
    else if (month >= 20)
        month -= 20; /* BIS number, sex unknown */
    if (month > 12 || day > 31 || memcmp(number.digits, "00000000000", 11) == 0)
        return false;
    struct sp_boundary boundary = sp_boundary_of(check, number.separator == ' ');
    if (!sp_number_bounded(check->text, check->begin, check->end, &boundary))
        return false;
    if (!number.separator)
        check->base = SP_CONF_LOW;
    else if (number.separator == ' ')
        check->base = SP_CONF_MEDIUM;
    sp_canonical_set(&check->canonical, number.digits, 11);
    return true;
}
