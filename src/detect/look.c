#include "detect/look.h"

#include <limits.h>
#include <string.h>

/* ---- building ------------------------------------------------------------------------------ */
static void look_suits(struct sp_look *look, const struct sp_anchor *anchors, size_t buckets)
{
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        const struct sp_byte_class *at = &anchors[bucket].at[SP_ANCHOR_BACK - SP_LOOK_BACK];
        for (size_t place = 0; place < SP_LOOK_PLACES; place++) {
            for (unsigned member = 0; member <= SP_ANCHOR_OUTSIDE; member++)
                look->suits[member] |= (uint64_t)sp_class_has(&at[place], member)
                                       << (place * 8 + bucket);
        }
    }
}

/* Bytes that are not told apart. */
struct look_kind {
    uint64_t suits;
    unsigned weight; /* how often its bytes stand in text */
};

struct look_kinds {
    struct look_kind list[256];
    size_t count;
    uint8_t of[256];
};

static void kinds_collect(struct look_kinds *kinds, const struct sp_look *look)
{
    uint64_t rest = 0; /* of all bytes beyond ASCII: one row of the table, so one kind */
    for (unsigned byte = 0x80; byte < 0x100; byte++)
        rest |= look->suits[byte];
    kinds->count = 0;
    for (unsigned byte = 0; byte < 0x100; byte++) {
        uint64_t suits = byte < 0x80 ? look->suits[byte] : rest;
        size_t kind = 0;
        while (kind < kinds->count && kinds->list[kind].suits != suits)
            kind++;
        if (kind == kinds->count)
            kinds->list[kinds->count++] = (struct look_kind){suits, 0};
        kinds->list[kind].weight += sp_anchor_weight((uint8_t)byte);
        kinds->of[byte] = (uint8_t)kind;
    }
}

static unsigned kinds_cost(const struct look_kind *a, const struct look_kind *b)
{
    uint64_t both = a->suits | b->suits;
    return a->weight * (unsigned)__builtin_popcountll(both & ~a->suits) +
           b->weight * (unsigned)__builtin_popcountll(both & ~b->suits);
}

/* Merges the two kinds whose union lets through the least more. */
static void kinds_merge(struct look_kinds *kinds)
{
    size_t best_i = 0, best_j = 1;
    unsigned best = UINT_MAX;
    for (size_t i = 0; i < kinds->count; i++) {
        for (size_t j = i + 1; j < kinds->count; j++) {
            unsigned cost = kinds_cost(&kinds->list[i], &kinds->list[j]);
            if (cost < best) {
                best = cost;
                best_i = i;
                best_j = j;
            }
        }
    }
    kinds->list[best_i].suits |= kinds->list[best_j].suits;
    kinds->list[best_i].weight += kinds->list[best_j].weight;
    kinds->list[best_j] = kinds->list[--kinds->count];
    for (unsigned byte = 0; byte < 0x100; byte++) {
        if (kinds->of[byte] == best_j)
            kinds->of[byte] = (uint8_t)best_i;
        else if (kinds->of[byte] == kinds->count)
            kinds->of[byte] = (uint8_t)best_j;
    }
}

static void look_kinds(struct sp_look *look)
{
    struct look_kinds kinds;
    kinds_collect(&kinds, look);
    while (kinds.count > SP_LOOK_KINDS)
        kinds_merge(&kinds);
    for (unsigned row = 0; row < SP_LOOK_ROWS; row++) {
        for (unsigned low = 0; low < 16; low++)
            look->kind_of[row][low] = kinds.of[row * 16 + low];
    }
    for (size_t kind = 0; kind < kinds.count; kind++) {
        for (size_t place = 0; place < SP_LOOK_PLACES; place++)
            look->kind_suits[place][kind] = (uint8_t)(kinds.list[kind].suits >> (place * 8));
    }
}

void sp_look_build(struct sp_look *look, const struct sp_anchor *anchors, size_t buckets)
{
    look_suits(look, anchors, buckets);
    look->wide = sp_look_wide_here();
    if (look->wide)
        look_kinds(look);
}

/* ---- looking ------------------------------------------------------------------------------- */
static unsigned member_at(const uint8_t *data, size_t len, size_t pos)
{
    return pos < len ? data[pos] : SP_ANCHOR_OUTSIDE; /* also for places before the first */
}

static uint64_t look_step(const struct sp_look *look, uint64_t state, unsigned member)
{
    return ((state << 8) | 0xFF) & look->suits[member];
}

/* The state before the last byte of the places of `pos` is read. */
static uint64_t look_start(const struct sp_look *look, const uint8_t *data, size_t len, size_t pos)
{
    uint64_t state = UINT64_MAX;
    for (size_t i = 0; i + 1 < SP_LOOK_PLACES; i++)
        state = look_step(look, state, member_at(data, len, pos + i - SP_LOOK_BACK));
    return state;
}

/* One lane of up to 64 places, with the edges of the text. */
static uint64_t look_slowly(const struct sp_look *look, const uint8_t *data, size_t len,
                            size_t begin, size_t end)
{
    uint64_t bits = 0, state = look_start(look, data, len, begin);
    for (size_t pos = begin; pos < end; pos++) {
        state = look_step(look, state, member_at(data, len, pos + SP_LOOK_AHEAD));
        bits |= (uint64_t)(state >> 56 != 0) << (pos - begin);
    }
    return bits;
}

/* A whole block inside the text. Four lanes at a time hide the time that one step takes. */
static void look_block(const struct sp_look *look, const uint8_t *data, size_t len, size_t begin,
                       uint64_t out[SP_LOOK_LANES])
{
    uint64_t a = look_start(look, data, len, begin);
    uint64_t b = look_start(look, data, len, begin + 64);
    uint64_t c = look_start(look, data, len, begin + 128);
    uint64_t d = look_start(look, data, len, begin + 192);
    const uint8_t *last = data + begin + SP_LOOK_AHEAD;
    uint64_t bits[SP_LOOK_LANES] = {0};
    for (size_t i = 0; i < 64; i++) {
        a = look_step(look, a, last[i]);
        b = look_step(look, b, last[i + 64]);
        c = look_step(look, c, last[i + 128]);
        d = look_step(look, d, last[i + 192]);
        bits[0] |= (uint64_t)(a >> 56 != 0) << i;
        bits[1] |= (uint64_t)(b >> 56 != 0) << i;
        bits[2] |= (uint64_t)(c >> 56 != 0) << i;
        bits[3] |= (uint64_t)(d >> 56 != 0) << i;
    }
    memcpy(out, bits, sizeof bits);
}

void sp_look_at(const struct sp_look *look, const uint8_t *data, size_t len, size_t begin,
                size_t end, uint64_t out[SP_LOOK_LANES])
{
    if (end - begin == SP_LOOK_BLOCK && len - end >= SP_LOOK_AHEAD) {
        if (look->wide && begin >= SP_LOOK_BACK)
            sp_look_wide(look, data + begin, out);
        else
            look_block(look, data, len, begin, out);
        return;
    }
    for (size_t lane = 0; lane < SP_LOOK_LANES; lane++) {
        size_t from = begin + lane * 64, to = from + 64 < end ? from + 64 : end;
        out[lane] = from < to ? look_slowly(look, data, len, from, to) : 0;
    }
}
