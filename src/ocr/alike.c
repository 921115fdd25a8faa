#include "ocr/alike.h"

#include <stddef.h>

/* The first letter of a digit is the one that it is taken for most. */
static const struct {
    uint8_t digit;
    char letters[8];
} alike_rows[] = {
    {'0', "ODQoU"}, {'1', "Il|!ijt"}, {'2', "Zz"}, {'4', "A"},  {'5', "Ss"},
    {'6', "Gb"},    {'7', "T"},       {'8', "B"},  {'9', "gq"},
};

uint8_t sp_alike_digit(uint8_t byte)
{
    for (size_t i = 0; i < sizeof alike_rows / sizeof *alike_rows; i++)
        for (const char *at = alike_rows[i].letters; *at != '\0'; at++)
            if ((uint8_t)*at == byte)
                return alike_rows[i].digit;
    return byte;
}

uint8_t sp_alike_letter(uint8_t byte)
{
    for (size_t i = 0; i < sizeof alike_rows / sizeof *alike_rows; i++)
        if (alike_rows[i].digit == byte)
            return (uint8_t)alike_rows[i].letters[0];
    return byte;
}

uint8_t sp_alike_other(uint8_t byte)
{
    uint8_t other = sp_alike_digit(byte);
    if (other == byte)
        other = sp_alike_letter(byte);
    return other == byte ? 0 : other;
}
