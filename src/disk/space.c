/* SPDX-License-Identifier: MIT */
#include "disk/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPACE_HOLE_BYTES = 1 << 16, SPACE_NAME_ROOM = 64, SPACE_BLANK_BYTES = 1 << 16 };

static int space_order(const void *a, const void *b)
{
    const struct disk_region *left = a;
    const struct disk_region *right = b;
    return (left->at > right->at) - (left->at < right->at);
}

/* Two files may have the same last block. */
static void space_apart(struct disk_regions *regions)
{
    size_t kept = 0;
    qsort(regions->list, regions->count, sizeof *regions->list, space_order);
    for (size_t i = 0; i < regions->count; i++) {
        const struct disk_region *last = kept > 0 ? &regions->list[kept - 1] : NULL;
        if (last == NULL || regions->list[i].at >= last->at + last->len)
            regions->list[kept++] = regions->list[i];
    }
    regions->count = kept;
}

static void space_flush(struct disk_space *space)
{
    char name[SPACE_NAME_ROOM];
    if (space->regions.count == 0)
        return;
    space_apart(&space->regions);
    space->members++;
    (void)snprintf(name, sizeof name, space->members == 1 ? "%s" : "%s.%u", space->name,
                   space->members);
    const struct disk_member member = {
        .name = name, .type = '0', .size_bytes = space->size, .regions = &space->regions};
    disk_tar_put(space->tar, &member);
    space->regions.count = 0;
}

static void space_take(struct disk_space *space, uint64_t at, uint64_t len)
{
    if (!disk_regions_add(&space->regions, (struct disk_region){at, len, space->begin + at}))
        space->no_memory = true;
    if (space->regions.count >= DISK_REGIONS_MAX)
        space_flush(space);
}

void disk_space_add(struct disk_space *space, uint64_t at, uint64_t len)
{
    uint64_t end = at + len;
    while (at < end) {
        uint64_t stop = end;
        if (len >= SPACE_HOLE_BYTES) {
            off_t data = lseek(space->tar->image, (off_t)(space->begin + at), SEEK_DATA);
            off_t hole = data < 0 ? -1 : lseek(space->tar->image, data, SEEK_HOLE);
            if (data >= 0 && (uint64_t)data >= space->begin + end)
                return;
            if (data >= 0)
                at = (uint64_t)data - space->begin;
            if (hole > 0 && (uint64_t)hole < space->begin + end)
                stop = (uint64_t)hole - space->begin;
        }
        space_take(space, at, stop - at);
        at = stop;
    }
}

void disk_space_add_loose(struct disk_space *space, uint64_t at, uint64_t len)
{
    if (!disk_space_is_blank(space->tar, space->begin + at, len))
        space_take(space, at, len);
}

bool disk_space_give(struct disk_space *space)
{
    space_flush(space);
    disk_regions_clear(&space->regions);
    return !space->no_memory;
}

bool disk_space_is_blank(const struct disk_tar *tar, uint64_t from, uint64_t len)
{
    uint8_t block[SPACE_BLANK_BYTES];
    while (len > 0) {
        ssize_t got =
            pread(tar->image, block, len < sizeof block ? (size_t)len : sizeof block, (off_t)from);
        if (got <= 0)
            return true; /* the image ends */
        if (block[0] != 0 || memcmp(block, block + 1, (size_t)got - 1) != 0)
            return false;
        from += (uint64_t)got;
        len -= (uint64_t)got;
    }
    return true;
}
