/* SPDX-License-Identifier: MIT */
/* One file system of the image: whatever has a name, and whatever has none, as members of the
 * stream. Every block is either given with a file or, with all that nobody has, as the member
 * `unallocated`: what libtsk cannot make sense of is still read as bytes.
 *
 *   p1:131/home/jan/klanten.csv      partition (p0: there is no table of partitions), inode, path
 *   p1:131,deleted/home/jan/oud.csv  its name is deleted, or it has none ($OrphanFiles)
 *   p1:131/brief.txt:stroom          an alternate data stream (NTFS)
 *   p1:unallocated, p1:slack, p1:superblock, p1:raw, unpartitioned */
#ifndef DISK_VOLUME_H
#define DISK_VOLUME_H

#include "disk/inums.h"
#include "disk/space.h"

#include <tsk/libtsk.h>

enum { DISK_LABEL_ROOM = 16, DISK_PATH_MAX = 60000 };

struct disk_volume {
    struct disk_tar *tar;
    TSK_FS_INFO *fs;
    char label[DISK_LABEL_ROOM]; /* "p1" */
    uint64_t begin, size;        /* bytes of the image */
    uint64_t block_count;        /* that lie in the image */
    uint8_t *taken;           /* a bit a block: given with a live file, or known to hold no text */
    struct disk_inums given;  /* files whose content is in the stream */
    struct disk_inums walked; /* directories, of the pass at hand */
    struct disk_space slack;  /* behind the ends of live files, in their last block */
    void *links;              /* names of files with more than one: tsearch(3) */
    size_t link_count;
    char *path; /* DISK_PATH_MAX and a NUL: of the entry at hand, from the root */
    size_t path_len;
    char *name; /* room for a member's name: label, inode and path */
    bool no_memory;
};

/* ---- volume.c ------------------------------------------------------------------------------- */
/* Gives all of it. False: there is no file system that we read; nothing was given. */
bool disk_volume_give(struct disk_tar *tar, TSK_IMG_INFO *image, const char *label, uint64_t begin,
                      uint64_t size);

/* ---- names.c: who has a name, then who has none ---------------------------------------------- */
void disk_names_give(struct disk_volume *volume);

/* ---- mft.c ---------------------------------------------------------------------------------- */
/* The master file table of NTFS without what its live entries say: names and small files are given
 * from there, but not what is left in them of earlier ones. */
void disk_mft_give(struct disk_volume *volume, TSK_FS_FILE *file);

/* ---- file.c --------------------------------------------------------------------------------- */
/* Makes volume->name of the path at hand. */
const char *disk_file_name(struct disk_volume *volume, uint64_t inum, bool deleted,
                           const char *stream);
/* libtsk makes the list of a file's blocks as long as its size says, one by one where ext has no
 * extents: minutes for a size that lies. False: the file claims more than its file system has, so
 * it lies or has large holes, and its blocks are left to `unallocated`. */
bool disk_file_is_sane(const struct disk_volume *volume, const TSK_FS_META *meta);
/* Gives the content of a file, or what a directory has besides entries. Of a deleted one only the
 * name when its blocks are a live file's by now. */
void disk_file_give(struct disk_volume *volume, TSK_FS_FILE *file, bool deleted);
/* Takes the blocks of a file without giving it: they hold numbers only. */
void disk_file_take(struct disk_volume *volume, TSK_FS_FILE *file);
/* A member with nothing but a name. */
void disk_file_name_only(struct disk_volume *volume, const TSK_FS_META *meta, const char *name,
                         char type, const char *link);

#endif
