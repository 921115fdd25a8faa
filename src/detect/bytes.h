/* Byte classes without locale, and whether a letter stands at a place in UTF-8 text. */
#ifndef SP_DETECT_BYTES_H
#define SP_DETECT_BYTES_H

#include "base/utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* One bit for each of sixteen bytes that are all ones or all zeros. */
static inline uint64_t bits_of(uint8_t __attribute__((vector_size(16))) bytes)
{
#ifdef __SSE2__
    return (uint64_t)(unsigned)_mm_movemask_epi8((__m128i)bytes);
#else
    uint64_t bits = 0;
    for (unsigned i = 0; i < 16; i++)
        bits |= (uint64_t)(bytes[i] & 1) << i;
    return bits;
#endif
}

static inline bool byte_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline bool byte_is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static inline bool byte_is_lower(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

static inline bool byte_is_alpha(uint8_t byte)
{
    return byte_is_upper((uint8_t)(byte & 0xDF));
}

static inline bool byte_is_alnum(uint8_t byte)
{
    return byte_is_digit(byte) || byte_is_alpha(byte);
}

static inline uint8_t byte_lower(uint8_t byte)
{
    return byte_is_upper(byte) ? (uint8_t)(byte | 0x20) : byte;
}

static inline uint8_t byte_upper(uint8_t byte)
{
    return byte_is_lower(byte) ? (uint8_t)(byte & 0xDF) : byte;
}

/* A byte of the set; NUL is in none. Sets are literals: unrolled, a few comparisons. */
__attribute__((always_inline)) static inline bool byte_in(uint8_t byte, const char *set)
{
    bool found = false;
#pragma GCC unroll 16
    for (size_t i = 0; i < strlen(set); i++)
        found |= (uint8_t)set[i] == byte;
    return found;
}

/* Letters beyond ASCII: Latin, Greek, Cyrillic and all scripts up to U+1FFF, and those above
 * U+2E80; punctuation and symbols (U+2000-2E7F, U+00A0-00BF) are none. */
static inline bool code_point_is_letter(uint32_t code_point)
{
    if (code_point < 0x80)
        return byte_is_alpha((uint8_t)code_point);
    if (code_point < 0xC0)
        return code_point == 0xAA || code_point == 0xB5 || code_point == 0xBA;
    if (code_point == 0xD7 || code_point == 0xF7)
        return false;
    return code_point < 0x2000 || (code_point >= 0x2E80 && code_point < 0x3000) ||
           (code_point >= 0x3040 && code_point < 0xFE00);
}

/* The code point that begins at pos; 0 at the end or where none begins. */
static inline uint32_t code_point_at(const uint8_t *data, size_t len, size_t pos)
{
    uint32_t code_point = 0;
    if (pos >= len)
        return 0;
    if (data[pos] < 0x80)
        return data[pos];
    return sp_utf8_decode(data + pos, len - pos, &code_point) ? code_point : 0;
}

/* The code point that ends before pos; 0 at the beginning. *begin is where it begins. */
static inline uint32_t code_point_before(const uint8_t *data, size_t pos, size_t *begin)
{
    size_t start = pos;
    while (start > 0 && pos - start < 4) {
        start--;
        if ((data[start] & 0xC0) != 0x80)
            break;
    }
    *begin = start;
    return start < pos ? code_point_at(data, pos, start) : 0;
}

static inline bool letter_at(const uint8_t *data, size_t len, size_t pos)
{
    return code_point_is_letter(code_point_at(data, len, pos));
}

static inline bool letter_before(const uint8_t *data, size_t pos)
{
    size_t begin = 0;
    return code_point_is_letter(code_point_before(data, pos, &begin));
}

#endif
