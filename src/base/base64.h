/* Digits of base64, in both alphabets (RFC 4648, sections 4 and 5). */
#ifndef SP_BASE_BASE64_H
#define SP_BASE_BASE64_H

#include <stdint.h>

/* 0 to 63, or -1: no digit (white space, the = of the padding). */
static inline int sp_base64_digit(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

#endif
