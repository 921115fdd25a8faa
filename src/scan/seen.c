#include "scan/seen.h"

#include "base/mem.h"

#include <string.h>

enum {
    SEEN_FIRST = 64,  /* slots */
    SEEN_MAX = 65536, /* what is read twice may lie a MiB of findings apart */
    SEEN_WAYS = 4,    /* slots of one set, the newest first */
    SEEN_APART = 509  /* sets between those of two types */
};

struct sp_seen_slot {
    uint64_t offset;
    uint32_t value; /* of the token: one place may be read in two ways */
    uint8_t type;
    uint8_t confidence;
    bool used;
};

/* The first slot of the set of a place. Findings come in the order of their places, so that sets
 * lie beside those that were asked for before. */
static struct sp_seen_slot *seen_set(struct sp_seen_slot *slots, size_t cap, uint64_t offset,
                                     unsigned type)
{
    size_t place = (size_t)(offset >> 4) + type * (size_t)SEEN_APART;
    return &slots[place * SEEN_WAYS & (cap - SEEN_WAYS)];
}

/* As the newest of its set, of which the oldest goes. True: nothing went. */
static bool seen_put(struct sp_seen_slot *set, const struct sp_seen_slot *slot)
{
    bool free = !set[SEEN_WAYS - 1].used;
    memmove(set + 1, set, (SEEN_WAYS - 1) * sizeof *set);
    set[0] = *slot;
    return free;
}

/* Twice the room, until there is enough; then newer ones take the place of older ones. */
static void seen_grow(struct sp_seen *seen)
{
    size_t cap = seen->cap == 0 ? SEEN_FIRST : seen->cap * 2;
    struct sp_seen_slot *slots = sp_alloc_zero(cap * sizeof *slots);
    if (slots == NULL)
        return;
    seen->used = 0;
    for (size_t i = seen->cap; i > 0; i--) { /* of each set the newest last */
        const struct sp_seen_slot *slot = &seen->slots[i - 1];
        if (slot->used)
            seen->used += seen_put(seen_set(slots, cap, slot->offset, slot->type), slot);
    }
    sp_free(seen->slots);
    seen->slots = slots;
    seen->cap = cap;
}

void sp_seen_prefetch(const struct sp_seen *seen, const struct sp_located *located)
{
    if (seen->cap > 0)
        __builtin_prefetch(seen_set(seen->slots, seen->cap, located->offset, located->match->type),
                           1);
}

bool sp_seen_before(struct sp_seen *seen, const struct sp_located *located,
                    const uint8_t token[SP_TOKEN_LEN])
{
    const struct sp_match *match = located->match;
    if (located->offset == SP_SIZE_UNKNOWN)
        return false;
    if (seen->cap < SEEN_MAX && seen->used * 4 >= seen->cap)
        seen_grow(seen);
    if (seen->cap == 0)
        return false;
    struct sp_seen_slot *set = seen_set(seen->slots, seen->cap, located->offset, match->type);
    struct sp_seen_slot slot = {located->offset, 0, (uint8_t)match->type,
                                (uint8_t)match->confidence, true};
    memcpy(&slot.value, token, sizeof slot.value);
    for (size_t i = 0; i < SEEN_WAYS; i++) {
        if (set[i].used && set[i].offset == slot.offset && set[i].value == slot.value &&
            set[i].type == slot.type && set[i].confidence >= slot.confidence)
            return true;
    }
    seen->used += seen_put(set, &slot);
    return false;
}

void sp_seen_clear(struct sp_seen *seen)
{
    sp_free(seen->slots);
    *seen = (struct sp_seen){0};
}
