/* SPDX-License-Identifier: MIT */
#include "disk/inums.h"

#include <stdlib.h>

enum { INUMS_FIRST = 1024 };

/* The slot of an address, or the free one where it belongs. */
static size_t inums_slot(const struct disk_inums *inums, uint64_t inum)
{
    size_t at = (size_t)((inum * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (inums->cap - 1);
    while (inums->slots[at] != 0 && inums->slots[at] != inum + 1)
        at = (at + 1) & (inums->cap - 1);
    return at;
}

bool disk_inums_has(const struct disk_inums *inums, uint64_t inum)
{
    return inums->cap > 0 && inums->slots[inums_slot(inums, inum)] != 0;
}

static bool inums_grow(struct disk_inums *inums)
{
    size_t cap = inums->cap == 0 ? INUMS_FIRST : inums->cap * 2;
    struct disk_inums larger = {calloc(cap, sizeof *larger.slots), inums->count, cap};
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < inums->cap; i++) {
        if (inums->slots[i] != 0)
            larger.slots[inums_slot(&larger, inums->slots[i] - 1)] = inums->slots[i];
    }
    free(inums->slots);
    *inums = larger;
    return true;
}

bool disk_inums_add(struct disk_inums *inums, uint64_t inum)
{
    if (inums->count >= DISK_INUMS_MAX || (inums->count >= inums->cap / 2 && !inums_grow(inums)))
        return false;
    size_t slot = inums_slot(inums, inum);
    inums->count += inums->slots[slot] == 0;
    inums->slots[slot] = inum + 1;
    return true;
}

void disk_inums_clear(struct disk_inums *inums)
{
    free(inums->slots);
    *inums = (struct disk_inums){NULL, 0, 0};
}
