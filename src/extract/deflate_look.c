#include "extract/deflate_look.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    BITS_MAX = 15, /* of a code */
    LITERALS_MAX = 286,
    DISTANCES_MAX = 30,
    LENGTHS = 19, /* symbols of the code of lengths */
    END_OF_BLOCK = 256,
    FIXED_ENOUGH = 192, /* symbols; at random one in five ends the look */
    OUT_MAX = 4096      /* bytes of fixed symbols: of a short text all */
};

struct bits {
    struct sp_slice bytes;
    size_t pos; /* in bits */
    bool ended;
};

static unsigned bits_take(struct bits *bits, unsigned count)
{
    unsigned value = 0;
    for (unsigned i = 0; i < count; i++, bits->pos++) {
        size_t byte = bits->pos / 8;
        if (byte >= bits->bytes.len) {
            bits->ended = true;
            return 0;
        }
        value |= (unsigned)(bits->bytes.ptr[byte] >> (bits->pos % 8) & 1) << i;
    }
    return value;
}

/* A canonical code (RFC 1951, 3.2.2): how many symbols of each length, and the symbols in order. */
struct code {
    uint16_t count[BITS_MAX + 1];
    uint16_t symbols[LITERALS_MAX + 2];
};

/* What is left over: 0 for a whole code, negative for an impossible one. */
static int code_build(struct code *code, const uint8_t *lengths, unsigned symbols)
{
    uint16_t at[BITS_MAX + 1] = {0};
    int left = 1;
    memset(code->count, 0, sizeof code->count);
    for (unsigned i = 0; i < symbols; i++)
        code->count[lengths[i]]++;
    for (unsigned len = 1; len <= BITS_MAX && left >= 0; len++)
        left = (left << 1) - code->count[len];
    for (unsigned len = 1; len < BITS_MAX; len++)
        at[len + 1] = (uint16_t)(at[len] + code->count[len]);
    for (unsigned i = 0; i < symbols; i++) {
        if (lengths[i] != 0)
            code->symbols[at[lengths[i]]++] = (uint16_t)i;
    }
    return left;
}

/* The next symbol; -1: there is no such code, or the data ends. */
static int code_take(struct bits *bits, const struct code *code)
{
    int value = 0, first = 0, index = 0;
    for (unsigned len = 1; len <= BITS_MAX; len++) {
        value |= (int)bits_take(bits, 1);
        if (bits->ended)
            return -1;
        if (value - first < code->count[len])
            return code->symbols[index + value - first];
        index += code->count[len];
        first = (first + code->count[len]) << 1;
        value <<= 1;
    }
    return -1;
}

/* ---- codes of its own ---------------------------------------------------------------------- */
/* The lengths of all codes, themselves coded. */
static bool lengths_read(struct bits *bits, const struct code *code, uint8_t *lengths,
                         unsigned count)
{
    static const struct {
        unsigned bits, least;
    } repeats[] = {{2, 3}, {3, 3}, {7, 11}};
    for (unsigned at = 0; at < count;) {
        int symbol = code_take(bits, code);
        if (symbol < 0 || (symbol == 16 && at == 0))
            return false;
        if (symbol < 16) {
            lengths[at++] = (uint8_t)symbol;
            continue;
        }
        unsigned times = repeats[symbol - 16].least + bits_take(bits, repeats[symbol - 16].bits);
        if (bits->ended || times > count - at)
            return false;
        memset(lengths + at, symbol == 16 ? lengths[at - 1] : 0, times);
        at += times;
    }
    return true;
}

static bool own_codes(struct bits *bits)
{
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                           11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS_MAX + DISTANCES_MAX + 2] = {0};
    struct code code;
    unsigned literals = bits_take(bits, 5) + 257, distances = bits_take(bits, 5) + 1;
    unsigned given = bits_take(bits, 4) + 4;
    if (literals > LITERALS_MAX || distances > DISTANCES_MAX)
        return false;
    for (unsigned i = 0; i < given; i++)
        lengths[order[i]] = (uint8_t)bits_take(bits, 3);
    if (bits->ended || code_build(&code, lengths, LENGTHS) != 0)
        return false;
    memset(lengths, 0, sizeof lengths);
    if (!lengths_read(bits, &code, lengths, literals + distances) || lengths[END_OF_BLOCK] == 0 ||
        code_build(&code, lengths, literals) != 0)
        return false;
    int left = code_build(&code, lengths + literals, distances);
    return left == 0 || (left > 0 && code.count[1] + code.count[0] == (int)distances);
}

/* ---- fixed codes --------------------------------------------------------------------------- */
static void fixed_code(struct code *code)
{
    uint8_t lengths[LITERALS_MAX + 2];
    memset(lengths, 8, sizeof lengths);
    memset(lengths + 144, 9, 256 - 144);
    memset(lengths + 256, 7, 280 - 256);
    (void)code_build(code, lengths, LITERALS_MAX + 2);
}

/* How far back, and for how long, a symbol copies; false: nothing lies there. */
static bool fixed_copy(struct bits *bits, unsigned symbol, uint8_t *out, size_t *len)
{
    unsigned row = symbol - 257, length, distance, back = 0;
    unsigned more = row < 8 || row == 28 ? 0 : (row - 4) / 4;
    length = row < 8 ? 3 + row : row == 28 ? 258 : ((4 + (row & 3)) << more) + 3;
    length += bits_take(bits, more);
    for (unsigned i = 0; i < 5; i++) /* most significant bit first */
        back = back << 1 | bits_take(bits, 1);
    if (row > 28 || back >= DISTANCES_MAX)
        return false;
    more = back < 4 ? 0 : (back - 2) / 2;
    distance = (back < 4 ? back : (2 + (back & 1)) << more) + 1 + bits_take(bits, more);
    if (bits->ended || distance > *len)
        return false;
    for (; length > 0 && *len < OUT_MAX; length--, ++*len)
        out[*len] = out[*len - distance];
    return true;
}

/* Adler-32 behind the last block (RFC 1950, 2.2). */
static bool fixed_ends(struct bits *bits, const uint8_t *out, size_t len)
{
    uint32_t a = 1, b = 0, told = 0;
    bits->pos = (bits->pos + 7) / 8 * 8;
    for (size_t i = 0; i < len; i++) {
        a = (a + out[i]) % 65521;
        b = (b + a) % 65521;
    }
    for (unsigned i = 0; i < 4; i++)
        told = told << 8 | bits_take(bits, 8);
    return !bits->ended && told == (b << 16 | a);
}

static bool fixed_codes(struct bits *bits, bool last)
{
    uint8_t out[OUT_MAX];
    size_t len = 0;
    struct code code;
    fixed_code(&code);
    for (unsigned symbols = 0; symbols < FIXED_ENOUGH && len < OUT_MAX; symbols++) {
        int symbol = code_take(bits, &code);
        if (symbol == END_OF_BLOCK)
            return last && len > 0 && fixed_ends(bits, out, len);
        if (symbol < 0)
            return false;
        if (symbol < END_OF_BLOCK)
            out[len++] = (uint8_t)symbol;
        else if (!fixed_copy(bits, (unsigned)symbol, out, &len))
            return false;
    }
    return true;
}

bool sp_deflate_begins(struct sp_slice bytes)
{
    if (bytes.len > SP_DEFLATE_LOOK_BYTES)
        bytes.len = SP_DEFLATE_LOOK_BYTES;
    struct bits bits = {.bytes = bytes};
    (void)bits_take(&bits, 1); /* the last block, or not */
    return bits_take(&bits, 2) == 2 && own_codes(&bits);
}

bool sp_zlib_begins(struct sp_slice bytes)
{
    if (bytes.len > SP_DEFLATE_LOOK_BYTES)
        bytes.len = SP_DEFLATE_LOOK_BYTES;
    if (bytes.len < 8 || bytes.ptr[0] != 0x78 || (bytes.ptr[1] & 0x20) != 0 ||
        (0x7800U | bytes.ptr[1]) % 31 != 0)
        return false;
    struct bits bits = {.bytes = {bytes.ptr + 2, bytes.len - 2}};
    bool last = bits_take(&bits, 1) != 0;
    switch (bits_take(&bits, 2)) {
    case 1:
        return fixed_codes(&bits, last);
    case 2:
        return own_codes(&bits);
    default:
        return false;
    }
}
