/* SPDX-License-Identifier: MIT */
/* Writes the stream: a tar in the pax interchange format (POSIX.1-2001), with holes as GNU tar
 * writes them (sparse format 1.0). The size in a header is a promise: what cannot be read is filled
 * with zeros and told of behind the member, as an empty member of the same name with the extended
 * attribute user.speur.unread ("reason:detail"). */
#ifndef DISK_TAR_H
#define DISK_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    DISK_REGIONS_MAX = 1200,     /* of one sparse member: readers look back only so far */
    DISK_BUFFER_BYTES = 1 << 18, /* one write */
    DISK_BUDGET_FACTOR = 16,     /* bytes given for each byte of the image ... */
    DISK_BUDGET_BYTES = 1 << 30  /* ... and these: what shares its blocks may give more, not all */
};

/* Bytes of a member that lie in the image. */
struct disk_region {
    uint64_t at;   /* in the member; ascending, apart from each other */
    uint64_t len;  /* bytes, not 0 */
    uint64_t from; /* in the image */
};

struct disk_regions {
    struct disk_region *list; /* owned */
    size_t count, cap;
};
/* Joins what touches. False: no memory. */
bool disk_regions_add(struct disk_regions *regions, struct disk_region region);
void disk_regions_clear(struct disk_regions *regions);

struct disk_tar {
    int image;           /* descriptor, read with pread */
    uint64_t image_size; /* bytes */
    int out;
    uint8_t *buffer; /* DISK_BUFFER_BYTES */
    size_t used;
    bool starved;    /* it failed for want of memory */
    bool failed;     /* nobody reads, or no memory: nothing more is written */
    bool spent;      /* more than the budget was asked for, and told */
    uint64_t budget; /* bytes of members that may be given yet */
};

struct disk_member {
    const char *name;
    char type; /* '0' file, '1' hard link, '2' symbolic link, '3' device, '5' directory, '6' FIFO */
    const char *link; /* of a link; or NULL */
    int64_t mtime_s;  /* seconds since 1970; 0 not known */
    uint64_t size_bytes;
    /* content: one of these, or none when the size is 0 */
    const struct disk_regions *regions;
    const uint8_t *bytes;
    /* gives up to `len` bytes; 0 or less: it cannot be read from there on */
    ssize_t (*read)(void *ctx, uint64_t at, uint8_t *out, size_t len);
    void *ctx;
};

bool disk_tar_open(struct disk_tar *tar, int image, uint64_t image_size, int out);
void disk_tar_put(struct disk_tar *tar, const struct disk_member *member);
/* Something of `name` is not in the stream. `reason` is one of speur's names. */
void disk_tar_note(struct disk_tar *tar, const char *name, const char *reason, const char *detail);
/* The end mark. False: the stream is not whole. */
bool disk_tar_close(struct disk_tar *tar);

#endif
