/* SPDX-License-Identifier: MIT */
/* speur-disk: what is in a disk image, as a tar stream on standard output. The image is
 * descriptor 3. Ends with 0 when the stream is whole: what is not in it is told of in it. Started
 * by speur; by hand: speur-disk 3<disk.img | tar -tv */
#include "disk/lockdown.h"
#include "disk/volume.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_IMAGE = 3, DISK_SECTOR = 512, DISK_PARTITIONS_MAX = 256, DISK_USAGE = 64 };
enum { DISK_STATUS_FAILED = 1, DISK_STATUS_SANDBOX = 2, DISK_STATUS_UNHEARD = 3 };
static const uint64_t disk_memory_bytes = (uint64_t)1 << 30;

/* ---- the image ------------------------------------------------------------------------------ */
static ssize_t image_read(TSK_IMG_INFO *image, TSK_OFF_T at, char *out, size_t len)
{
    size_t have = 0;
    (void)image;
    while (have < len) {
        ssize_t got = pread(DISK_IMAGE, out + have, len - have, at + (TSK_OFF_T)have);
        if (got <= 0)
            break;
        have += (size_t)got;
    }
    return have > 0 ? (ssize_t)have : -1;
}

static void image_close(TSK_IMG_INFO *image)
{
    (void)image; /* its memory is freed by who made it */
}

static void image_stat(TSK_IMG_INFO *image, FILE *out)
{
    (void)image;
    (void)out;
}

/* ---- what is not read as files ----------------------------------------------------------------
 */
static bool image_has(uint64_t at, const char *bytes, size_t len)
{
    char found[16];
    return len <= sizeof found && pread(DISK_IMAGE, found, len, (off_t)at) == (ssize_t)len &&
           memcmp(found, bytes, len) == 0;
}

static void image_tell(struct disk_tar *tar, const char *label, uint64_t begin)
{
    if (image_has(begin, "LUKS\xBA\xBE", 6) || image_has(begin + 3, "-FVE-FS-", 8))
        disk_tar_note(tar, label, "encrypted", "an encrypted volume");
    else if (image_has(begin + 1080, "\x53\xEF", 2) || image_has(begin + 3, "NTFS    ", 8) ||
             image_has(begin + 510, "\x55\xAA", 2))
        disk_tar_note(tar, label, "corrupt", "a damaged file system");
    else
        disk_tar_note(tar, label, "unsupported", "no file system that is known here");
}

static void image_raw(struct disk_tar *tar, const char *label, uint64_t begin, uint64_t size)
{
    char name[DISK_LABEL_ROOM + 8];
    (void)snprintf(name, sizeof name, "%s:raw", label);
    struct disk_space space = {.tar = tar, .name = name, .begin = begin, .size = size};
    if (disk_space_is_blank(tar, begin, size))
        return; /* nothing is in it */
    disk_space_add(&space, 0, size);
    if (!disk_space_give(&space))
        disk_tar_note(tar, label, "limit_memory", "too many pieces");
    image_tell(tar, label, begin);
}

/* ---- partitions -------------------------------------------------------------------------------
 */
struct image_part {
    uint64_t begin, size; /* bytes */
};

static int image_order(const void *a, const void *b)
{
    const struct image_part *left = a;
    const struct image_part *right = b;
    return (left->begin > right->begin) - (left->begin < right->begin);
}

/* Those that hold something, by their place. */
static size_t image_parts(struct disk_tar *tar, const TSK_VS_INFO *table, struct image_part *parts)
{
    size_t count = 0;
    for (const TSK_VS_PART_INFO *part = table->part_list; part != NULL; part = part->next) {
        uint64_t begin;
        uint64_t size;
        if (!(part->flags & TSK_VS_PART_FLAG_ALLOC) || (part->flags & TSK_VS_PART_FLAG_META) ||
            part->len == 0)
            continue;
        if (count == DISK_PARTITIONS_MAX) {
            disk_tar_note(tar, "unpartitioned", "limit_entries", "too many partitions");
            break;
        }
        if (__builtin_mul_overflow((uint64_t)part->start, (uint64_t)table->block_size, &begin) ||
            __builtin_mul_overflow((uint64_t)part->len, (uint64_t)table->block_size, &size) ||
            begin >= tar->image_size) {
            disk_tar_note(tar, "unpartitioned", "truncated", "a partition behind the end");
            continue;
        }
        parts[count++] = (struct image_part){begin, size};
    }
    qsort(parts, count, sizeof *parts, image_order);
    return count;
}

/* What no partition has, without the numbers by which a table of partitions is known: who reads it
 * would take it for another disk. */
static void image_add(struct disk_space *space, uint64_t at, uint64_t end)
{
    const struct {
        uint64_t begin, end;
        bool there;
    } tables[] = {{446, 512, true},
                  {512, 604, image_has(512, "EFI PART", 8)},
                  {4096, 4188, image_has(4096, "EFI PART", 8)}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (!tables[i].there || at >= tables[i].end || end <= tables[i].begin)
            continue;
        if (at < tables[i].begin)
            disk_space_add(space, at, tables[i].begin - at);
        at = tables[i].end;
    }
    if (at < end)
        disk_space_add(space, at, end - at);
}

static void image_unpartitioned(struct disk_tar *tar, const struct image_part *parts, size_t count)
{
    struct disk_space space = {.tar = tar, .name = "unpartitioned", .size = tar->image_size};
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].begin > at)
            image_add(&space, at, parts[i].begin);
        if (parts[i].begin + parts[i].size > at)
            at = parts[i].begin + parts[i].size;
    }
    if (at < tar->image_size)
        image_add(&space, at, tar->image_size);
    if (!disk_space_give(&space))
        disk_tar_note(tar, space.name, "limit_memory", "too many pieces");
}

static void image_part(struct disk_tar *tar, TSK_IMG_INFO *image, struct image_part part,
                       size_t number)
{
    char label[DISK_LABEL_ROOM];
    (void)snprintf(label, sizeof label, "p%zu", number);
    if (part.size > tar->image_size - part.begin) {
        part.size = tar->image_size - part.begin;
        disk_tar_note(tar, label, "truncated", "the partition goes on behind the end");
    }
    if (!disk_volume_give(tar, image, label, part.begin, part.size))
        image_raw(tar, label, part.begin, part.size);
}

static void image_give(struct disk_tar *tar, TSK_IMG_INFO *image)
{
    struct image_part parts[DISK_PARTITIONS_MAX];
    if (disk_volume_give(tar, image, "p0", 0, tar->image_size))
        return;
    TSK_VS_INFO *table = tsk_vs_open(image, 0, TSK_VS_TYPE_GPT);
    if (table == NULL)
        table = tsk_vs_open(image, 0, TSK_VS_TYPE_DOS);
    size_t count = table != NULL ? image_parts(tar, table, parts) : 0;
    tsk_vs_close(table);
    if (count == 0) {
        image_raw(tar, "p0", 0, tar->image_size);
        return;
    }
    for (size_t i = 0; i < count && !tar->failed; i++)
        image_part(tar, image, parts[i], i + 1);
    image_unpartitioned(tar, parts, count);
}

/* ---- start ------------------------------------------------------------------------------------
 */
static int disk_run(void)
{
    struct stat st;
    struct disk_tar tar;
    if (fstat(DISK_IMAGE, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        !disk_tar_open(&tar, DISK_IMAGE, (uint64_t)st.st_size, STDOUT_FILENO))
        return DISK_STATUS_FAILED;
    TSK_IMG_INFO *made = calloc(1, sizeof *made); /* filled in by libtsk */
    TSK_IMG_INFO *image = made == NULL ? NULL
                                       : tsk_img_open_external(made, st.st_size, DISK_SECTOR,
                                                               image_read, image_close, image_stat);
    if (image != NULL) {
        image_give(&tar, image);
        tsk_img_close(image);
    }
    free(made);
    if (!disk_tar_close(&tar))
        return tar.starved ? DISK_STATUS_FAILED : DISK_STATUS_UNHEARD;
    return image == NULL ? DISK_STATUS_FAILED : 0;
}

static bool disk_arguments(int argc, char **argv, struct disk_lockdown *how, bool *tells)
{
    *how = (struct disk_lockdown){.memory_bytes = disk_memory_bytes};
    *tells = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--level") == 0)
            *tells = true;
        else if (strcmp(argv[i], "--no-sandbox") == 0)
            how->no_sandbox = true;
        else if (strcmp(argv[i], "--memory") == 0 && i + 1 < argc)
            how->memory_bytes = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct disk_lockdown how;
    bool tells;
    struct stat st;
    if (!disk_arguments(argc, argv, &how, &tells) || (!tells && fstat(DISK_IMAGE, &st) != 0)) {
        (void)fputs("usage: speur-disk [--memory BYTES] [--no-sandbox] 3<IMAGE | tar -t\n", stderr);
        return DISK_USAGE;
    }
    int quiet = tells || DISK_SANITIZED ? STDERR_FILENO : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (quiet < 0 || dup2(quiet, STDERR_FILENO) < 0) /* libtsk may print what the image says */
        return DISK_STATUS_FAILED;
    const char *level = disk_lockdown(&how);
    if (level == NULL)
        return DISK_STATUS_SANDBOX;
    if (tells)
        return write(STDOUT_FILENO, level, strlen(level)) == (ssize_t)strlen(level)
                   ? 0
                   : DISK_STATUS_FAILED;
    return disk_run();
}
