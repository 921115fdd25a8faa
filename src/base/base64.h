/* Digits of base64, in both alphabets (RFC 4648, sections 4 and 5). */
#ifndef SP_BASE_BASE64_H
#define SP_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern const int8_t sp_base64_digits[256];

/* 0 to 63, or -1: no digit (white space, the = of the padding). */
static inline int sp_base64_digit(uint8_t byte)
{
    return sp_base64_digits[byte];
}

/* Whether one of eight bytes is less than '+', as blanks, quotes and brackets are: no digit. */
static inline bool sp_base64_any_low(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return ((word - 0x2B2B2B2B2B2B2B2B) & ~word & 0x8080808080808080) != 0;
}

/* Where the digits go on behind a line of them that ends at text[at]: in the next line, however
 * that is indented or quoted. `len`: they do not. */
size_t sp_base64_next_line(const uint8_t *text, size_t len, size_t at);

#endif
