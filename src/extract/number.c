#include "extract/number.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS_MIN = 6,  /* shorter ones are no identifier */
    DIGITS_MAX = 17, /* of a double */
    EXPONENT_MAX = 18
};

struct number {
    char digits[DIGITS_MAX + 1];
    unsigned count;    /* of digits */
    unsigned fraction; /* of them behind the point */
    unsigned exponent;
    bool negative, has_point, has_exponent;
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* E8, e+08; a negative one makes nothing whole. */
static bool exponent_read(struct sp_slice text, size_t pos, struct number *number)
{
    pos += pos < text.len && text.ptr[pos] == '+';
    number->has_exponent = pos < text.len;
    for (; pos < text.len && is_digit(text.ptr[pos]); pos++) {
        number->exponent = number->exponent * 10 + (text.ptr[pos] - '0');
        if (number->exponent > EXPONENT_MAX)
            return false;
    }
    return number->has_exponent && pos == text.len;
}

static bool number_read(struct sp_slice text, struct number *number)
{
    size_t pos = 0;
    number->negative = text.len > 0 && text.ptr[0] == '-';
    for (pos += number->negative; pos < text.len; pos++) {
        uint8_t byte = text.ptr[pos];
        if ((byte | 0x20) == 'e')
            return number->count > 0 && exponent_read(text, pos + 1, number);
        if ((byte == '.' || byte == ',') && !number->has_point && number->count > 0) {
            number->has_point = true;
            continue;
        }
        if (!is_digit(byte) || number->count == DIGITS_MAX)
            return false;
        number->digits[number->count++] = (char)byte;
        number->fraction += number->has_point;
    }
    return number->fraction > 0;
}

struct sp_slice sp_number_whole(struct sp_slice text, char room[SP_NUMBER_MAX])
{
    struct sp_slice none = {NULL, 0};
    struct number number = {.count = 0};
    if (text.len < DIGITS_MIN - 3 || text.len >= SP_NUMBER_MAX || !number_read(text, &number))
        return none;
    while (number.fraction > 0 && number.digits[number.count - 1] == '0') {
        number.fraction--;
        number.count--;
    }
    if (number.fraction > number.exponent)
        return none;
    unsigned zeros = number.exponent - number.fraction;
    if (number.count + zeros < DIGITS_MIN || number.count + zeros > DIGITS_MAX)
        return none;
    int len = snprintf(room, SP_NUMBER_MAX, "%s%.*s%.*s", number.negative ? "-" : "",
                       (int)number.count, number.digits, (int)zeros, "00000000000000000000");
    return (struct sp_slice){(const uint8_t *)room, (size_t)len};
}
