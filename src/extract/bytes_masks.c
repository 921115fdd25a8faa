#include "extract/bytes_masks.h"

#include <stdbool.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* One bit a byte, the first byte in bit 0. */
struct byte_masks {
    uint64_t ascii; /* printable, tab, newline, carriage return */
    uint64_t zero;
    uint64_t follow; /* 10xxxxxx of UTF-8 */
    uint64_t lead2;  /* C2..DF */
    uint64_t lead3;  /* E0..F4: three or four bytes */
};

#ifdef __SSE2__
static uint64_t masks_bits(__m128i bytes)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(bytes);
}

/* Unsigned comparison with a range, both ends included. */
static __m128i masks_range(__m128i bytes, unsigned low, unsigned high)
{
    __m128i from_low = _mm_sub_epi8(bytes, _mm_set1_epi8((char)low));
    return _mm_cmpeq_epi8(_mm_min_epu8(from_low, _mm_set1_epi8((char)(high - low))), from_low);
}

static void masks_of(const uint8_t *bytes, struct byte_masks *masks)
{
    *masks = (struct byte_masks){0};
    for (unsigned i = 0; i < SP_MASK_BYTES; i += 16) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m128i space =
            _mm_or_si128(masks_range(part, '\t', '\n'), _mm_cmpeq_epi8(part, _mm_set1_epi8('\r')));
        masks->ascii |= masks_bits(_mm_or_si128(masks_range(part, 0x20, 0x7E), space)) << i;
        masks->zero |= masks_bits(_mm_cmpeq_epi8(part, _mm_setzero_si128())) << i;
        masks->follow |= masks_bits(masks_range(part, 0x80, 0xBF)) << i;
        masks->lead2 |= masks_bits(masks_range(part, 0xC2, 0xDF)) << i;
        masks->lead3 |= masks_bits(masks_range(part, 0xE0, 0xF4)) << i;
    }
}
#else
static void masks_of(const uint8_t *bytes, struct byte_masks *masks)
{
    *masks = (struct byte_masks){0};
    for (unsigned i = 0; i < SP_MASK_BYTES; i++) {
        uint8_t byte = bytes[i];
        bool space = byte == '\t' || byte == '\n' || byte == '\r';
        masks->ascii |= (uint64_t)((byte >= 0x20 && byte <= 0x7E) || space) << i;
        masks->zero |= (uint64_t)(byte == 0) << i;
        masks->follow |= (uint64_t)(byte >= 0x80 && byte <= 0xBF) << i;
        masks->lead2 |= (uint64_t)(byte >= 0xC2 && byte <= 0xDF) << i;
        masks->lead3 |= (uint64_t)(byte >= 0xE0 && byte <= 0xF4) << i;
    }
}
#endif

/* Marks that begin in the 64 bytes and end in them too. */
static uint64_t masks_narrow(const struct byte_masks *masks)
{
    uint64_t two = masks->ascii & masks->ascii >> 1;
    uint64_t utf8_two = masks->lead2 & masks->follow >> 1;
    return (two & two >> 2) | (masks->lead3 & masks->follow >> 1 & masks->follow >> 2) |
           (utf8_two & utf8_two >> 2);
}

static uint64_t masks_wide(const struct byte_masks *masks)
{
    uint64_t one = masks->ascii & masks->zero >> 1;
    return one & one >> 2 & 0x5555555555555555ull; /* even distances from the first byte */
}

/* Walks over the bytes; the last 64 are copied, so that nothing beyond them is read. */
static size_t masks_find(const uint8_t *bytes, size_t pos, size_t len, size_t mark_len,
                         uint64_t (*marks)(const struct byte_masks *))
{
    const size_t step = SP_MASK_BYTES - 4; /* a mark of 4 bytes at 60 is seen in the next step */
    struct byte_masks masks;
    while (pos + mark_len <= len) {
        uint8_t rest[SP_MASK_BYTES];
        const uint8_t *part = bytes + pos;
        if (len - pos < SP_MASK_BYTES) {
            memset(rest, 0xFF, sizeof rest); /* in none of the classes: makes no mark */
            memcpy(rest, part, len - pos);
            part = rest;
        }
        masks_of(part, &masks);
        uint64_t found = marks(&masks);
        if (found != 0)
            return pos + (size_t)__builtin_ctzll(found);
        pos += step;
    }
    return len;
}

size_t sp_narrow_mark(const uint8_t *bytes, size_t pos, size_t len)
{
    return masks_find(bytes, pos, len, SP_NARROW_MARK_LEN, masks_narrow);
}

size_t sp_wide_mark(const uint8_t *bytes, size_t pos, size_t len)
{
    return masks_find(bytes, pos, len, SP_WIDE_MARK_LEN, masks_wide);
}
