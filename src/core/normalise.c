/* The normalisation of charset.h, one code point at a time, and what needs none. */
#include "core/normalise.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* windows-1252 0x80..0x9F; the five bytes it leaves open are C1 controls (WHATWG). */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

uint32_t sp_windows_1252_code(uint8_t byte)
{
    return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}

bool sp_code_is_quote(uint32_t code)
{
    return code == 0x2018 || code == 0x2019 || code == 0x02BC;
}

/* The normalisation of charset.h; SP_CODE_DROPPED for what is left out. */
uint32_t sp_code_map(uint32_t code)
{
    if (code < 0xA0)
        return code == 0 ? ' ' : code;
    if (code == 0x00A0 || code == 0x202F || code == 0x2009 || code == 0x2007)
        return ' ';
    if (code == 0x2014 || code == 0x2015) /* stands between words, and in no number or address */
        return ' ';
    if ((code >= 0x2010 && code <= 0x2013) || code == 0x2212)
        return '-';
    if (sp_code_is_quote(code))
        return '\'';
    /* no width: joiners, and what stops a break */
    if ((code >= 0x200B && code <= 0x200D) || code == 0x2060 || code == 0xFEFF || code == 0x00AD)
        return SP_CODE_DROPPED;
    if (code >= 0xFF01 && code <= 0xFF5E) /* fullwidth forms of ASCII */
        return code - 0xFF01 + '!';
    return code;
}

bool sp_code_normalise(uint32_t *code)
{
    *code = sp_code_map(*code);
    return *code != SP_CODE_DROPPED;
}

/* Length of the run that needs no change: no NUL, no CR, nothing above 0x7F. */
size_t sp_plain_run(const uint8_t *ptr, size_t len)
{
    size_t pos = 0;
#ifdef __SSE2__
    const __m128i one = _mm_set1_epi8(1);
    const __m128i cr = _mm_set1_epi8('\r');
    for (; len - pos >= 16; pos += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(ptr + pos));
        /* As signed numbers NUL and the high bytes are those below 1. */
        __m128i stop = _mm_or_si128(_mm_cmpgt_epi8(one, bytes), _mm_cmpeq_epi8(bytes, cr));
        int mask = _mm_movemask_epi8(stop);
        if (mask != 0)
            return pos + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    while (pos < len && ptr[pos] != 0 && ptr[pos] != '\r' && ptr[pos] < 0x80)
        pos++;
    return pos;
}
