/* SPDX-License-Identifier: MIT */
/* Ranges of the image that no file has, as sparse members in which every byte has the place that it
 * has in its volume. */
#ifndef DISK_SPACE_H
#define DISK_SPACE_H

#include "disk/tar.h"

struct disk_space {
    struct disk_tar *tar;
    const char *name; /* of the member; of further ones with ".2" and so on behind it */
    uint64_t begin;   /* of the volume, in the image */
    uint64_t size;    /* of the volume */
    struct disk_regions regions;
    unsigned members; /* given already */
    bool no_memory;
};

/* Adds bytes of the volume, in ascending order; holes of the image file are left out. */
void disk_space_add(struct disk_space *space, uint64_t at, uint64_t len);
/* The same in any order, for small pieces. */
void disk_space_add_loose(struct disk_space *space, uint64_t at, uint64_t len);
/* Gives what was added. False: not all could be given, for want of memory. */
bool disk_space_give(struct disk_space *space);
/* True when all bytes are zeros. */
bool disk_space_is_blank(const struct disk_tar *tar, uint64_t from, uint64_t len);

#endif
