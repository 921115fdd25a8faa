/* SPDX-License-Identifier: MIT */
/* A set of addresses of metadata: inodes, entries of an MFT, entries of directories. */
#ifndef DISK_INUMS_H
#define DISK_INUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISK_INUMS_MAX = 1 << 24 }; /* no account of an image has more members */

struct disk_inums {
    uint64_t *slots; /* address + 1, 0 = free; at most half of them used. Owned */
    size_t count;
    size_t cap;
};

bool disk_inums_has(const struct disk_inums *inums, uint64_t inum);
/* False: no memory, or too many. */
bool disk_inums_add(struct disk_inums *inums, uint64_t inum);
void disk_inums_clear(struct disk_inums *inums);

#endif
