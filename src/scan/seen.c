#include "scan/seen.h"

#include "base/mem.h"

enum { SEEN_FIRST = 64, SEEN_MAX = 16384 /* slots */ };

struct sp_seen_slot {
    uint64_t offset;
    uint32_t value; /* a hash of the canonical form: one place may be read in two ways */
    uint8_t type;
    uint8_t confidence;
    bool used;
};

static uint32_t seen_hash(const struct sp_canonical *canonical)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < canonical->len; i++)
        hash = (hash ^ canonical->bytes[i]) * 16777619U;
    return hash;
}

static struct sp_seen_slot *seen_slot(struct sp_seen_slot *slots, size_t cap, uint64_t offset,
                                      unsigned type)
{
    uint64_t mixed = (offset * 32 + type) * UINT64_C(0x9E3779B97F4A7C15);
    return &slots[(size_t)(mixed >> 40) & (cap - 1)];
}

/* Twice the room, until there is enough; then newer ones take the place of older ones. */
static void seen_grow(struct sp_seen *seen)
{
    size_t cap = seen->cap == 0 ? SEEN_FIRST : seen->cap * 2;
    struct sp_seen_slot *slots = sp_alloc_zero(cap * sizeof *slots);
    if (slots == NULL)
        return;
    seen->used = 0;
    for (size_t i = 0; i < seen->cap; i++) {
        if (!seen->slots[i].used)
            continue;
        struct sp_seen_slot *to = seen_slot(slots, cap, seen->slots[i].offset, seen->slots[i].type);
        seen->used += !to->used;
        *to = seen->slots[i];
    }
    sp_free(seen->slots);
    seen->slots = slots;
    seen->cap = cap;
}

bool sp_seen_before(struct sp_seen *seen, const struct sp_located *located)
{
    const struct sp_match *match = located->match;
    if (located->offset == SP_SIZE_UNKNOWN)
        return false;
    if (seen->cap < SEEN_MAX && seen->used * 4 >= seen->cap)
        seen_grow(seen);
    if (seen->cap == 0)
        return false;
    struct sp_seen_slot *slot = seen_slot(seen->slots, seen->cap, located->offset, match->type);
    uint32_t value = seen_hash(match->canonical);
    if (slot->used && slot->offset == located->offset && slot->value == value &&
        slot->type == match->type && slot->confidence >= match->confidence)
        return true;
    seen->used += !slot->used;
    *slot = (struct sp_seen_slot){located->offset, value, (uint8_t)match->type,
                                  (uint8_t)match->confidence, true};
    return false;
}

void sp_seen_clear(struct sp_seen *seen)
{
    sp_free(seen->slots);
    *seen = (struct sp_seen){0};
}
