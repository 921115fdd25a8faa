/* The first look with AVX2, 32 bytes at a time: two table look-ups within a register tell the kind
 * of a byte, one more the buckets that the kind suits at a place. */
#include "detect/look.h"

#ifdef __x86_64__
#include <immintrin.h>

enum {
    WIDE_BYTES = 32,
    WIDE_KINDS = SP_LOOK_BLOCK + WIDE_BYTES /* kinds of a block and around it, a whole step more */
};

bool sp_look_wide_here(void)
{
    return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2"))) static __m256i wide_table(const uint8_t table[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* Kinds of the bytes from SP_LOOK_BACK before the block to SP_LOOK_AHEAD behind it. The last step
 * reads them again from the end, so that nothing beyond them is read. */
__attribute__((target("avx2"))) static void
wide_kinds(const struct sp_look *look, const uint8_t *block, uint8_t kinds[WIDE_KINDS])
{
    const __m256i near_top = _mm256_set1_epi8(0x70), one_row = _mm256_set1_epi8(0x10);
    const __m256i rest = _mm256_set1_epi8((char)look->kind_of[SP_LOOK_ROWS - 1][0]);
    const size_t all = SP_LOOK_BACK + SP_LOOK_BLOCK + SP_LOOK_AHEAD;
    __m256i tables[SP_LOOK_ROWS - 1];
    for (size_t row = 0; row + 1 < SP_LOOK_ROWS; row++)
        tables[row] = wide_table(look->kind_of[row]);
    for (size_t at = 0; at < all; at += WIDE_BYTES) {
        size_t from = all - at < WIDE_BYTES ? all - WIDE_BYTES : at;
        __m256i bytes =
            _mm256_loadu_si256((const __m256i *)(const void *)(block - SP_LOOK_BACK + from));
        /* bytes beyond ASCII have the top bit, which makes a look-up give 0 */
        __m256i kind = _mm256_and_si256(_mm256_cmpgt_epi8(_mm256_setzero_si256(), bytes), rest);
        __m256i row = bytes;
#pragma GCC unroll 8
        for (size_t i = 0; i + 1 < SP_LOOK_ROWS; i++) {
            /* below 16 the top bit stays clear; above, in other rows, it is set */
            __m256i index = _mm256_adds_epu8(row, near_top);
            kind = _mm256_or_si256(kind, _mm256_shuffle_epi8(tables[i], index));
            row = _mm256_sub_epi8(row, one_row);
        }
        _mm256_storeu_si256((__m256i *)(void *)(kinds + from), kind);
    }
}

__attribute__((target("avx2"))) void sp_look_wide(const struct sp_look *look, const uint8_t *block,
                                                  uint64_t out[SP_LOOK_LANES])
{
    uint8_t kinds[WIDE_KINDS];
    wide_kinds(look, block, kinds);
    __m256i tables[SP_LOOK_PLACES];
    for (size_t place = 0; place < SP_LOOK_PLACES; place++)
        tables[place] = wide_table(look->kind_suits[place]);
    for (size_t lane = 0; lane < SP_LOOK_LANES; lane++) {
        uint64_t bits = 0;
        for (size_t half = 0; half < 2; half++) {
            const uint8_t *from = kinds + lane * 64 + half * WIDE_BYTES;
            __m256i fit = _mm256_set1_epi8((char)0xFF);
#pragma GCC unroll 8
            for (size_t place = 0; place < SP_LOOK_PLACES; place++) {
                __m256i kind = _mm256_loadu_si256((const __m256i *)(const void *)(from + place));
                fit = _mm256_and_si256(fit, _mm256_shuffle_epi8(tables[place], kind));
            }
            __m256i none = _mm256_cmpeq_epi8(fit, _mm256_setzero_si256());
            bits |= (uint64_t) ~(unsigned)_mm256_movemask_epi8(none) % (UINT64_C(1) << 32)
                    << (half * 32);
        }
        out[lane] = bits;
    }
}
#else
bool sp_look_wide_here(void)
{
    return false;
}

void sp_look_wide(const struct sp_look *look, const uint8_t *block, uint64_t out[SP_LOOK_LANES])
{
    (void)look;
    (void)block;
    for (size_t lane = 0; lane < SP_LOOK_LANES; lane++)
        out[lane] = UINT64_MAX;
}
#endif
