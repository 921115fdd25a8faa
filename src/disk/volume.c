/* SPDX-License-Identifier: MIT */
#include "disk/volume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    VOLUME_EXT_SUPER_OFF = 1024,
    VOLUME_EXT_SUPER_BYTES = 1024,
    VOLUME_BOOT_BYTES = 512,
    VOLUME_BOOT_BEGIN = 11, /* behind a jump and the name of who made it, */
    VOLUME_BOOT_END = 510,  /* before the signature: what makes it look like an image */
    VOLUME_EXT_INCOMPAT_OFF = 96,
    VOLUME_NTFS_VOLUME = 3,     /* entry of $Volume */
    VOLUME_NTFS_FLAGS_OFF = 10, /* in its attribute */
    VOLUME_NTFS_DIRTY = 1
};

/* Bits of s_feature_incompat, Documentation/filesystems/ext4/super.rst of Linux. */
static const struct {
    uint32_t bit;
    const char *reason, *detail;
} volume_features[] = {
    {0x1, "unsupported", "compressed files"},
    {0x4, "stale", "its journal has changes that are not in its files yet"},
    {0x8, "unsupported", "the journal of another file system"},
    {0x10, "unsupported", "its groups are described in a way that is not read (meta_bg)"},
    {0x10000, "encrypted", "directories may be encrypted (fscrypt)"},
};

static TSK_FS_INFO *volume_open(TSK_IMG_INFO *image, uint64_t begin)
{
    static const TSK_FS_TYPE_ENUM types[] = {TSK_FS_TYPE_NTFS_DETECT, TSK_FS_TYPE_EXT_DETECT,
                                             TSK_FS_TYPE_FAT12, TSK_FS_TYPE_FAT16,
                                             TSK_FS_TYPE_FAT32};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        TSK_FS_INFO *fs = tsk_fs_open_img(image, (TSK_OFF_T)begin, types[i]);
        if (fs != NULL && fs->block_size >= 512 && fs->block_count > 0)
            return fs;
        tsk_fs_close(fs);
    }
    return NULL;
}

static void volume_tell_features(struct disk_volume *volume)
{
    uint8_t super[VOLUME_EXT_SUPER_BYTES] = {0};
    if (pread(volume->tar->image, super, sizeof super,
              (off_t)(volume->begin + VOLUME_EXT_SUPER_OFF)) < VOLUME_EXT_INCOMPAT_OFF + 4)
        return;
    const uint8_t *field = super + VOLUME_EXT_INCOMPAT_OFF;
    uint32_t bits = (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 |
                    (uint32_t)field[3] << 24;
    for (size_t i = 0; i < sizeof volume_features / sizeof volume_features[0]; i++) {
        if (bits & volume_features[i].bit)
            disk_tar_note(volume->tar, volume->label, volume_features[i].reason,
                          volume_features[i].detail);
    }
}

/* Of NTFS: the attribute $VOLUME_INFORMATION of the file $Volume. */
static void volume_tell_dirty(struct disk_volume *volume)
{
    TSK_FS_FILE *file = tsk_fs_file_open_meta(volume->fs, NULL, VOLUME_NTFS_VOLUME);
    const TSK_FS_ATTR *attr =
        file != NULL ? tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_VINFO, 0, 0) : NULL;
    if (attr != NULL && (attr->flags & TSK_FS_ATTR_RES) != 0 &&
        attr->rd.buf_size > VOLUME_NTFS_FLAGS_OFF && attr->size > VOLUME_NTFS_FLAGS_OFF &&
        (attr->rd.buf[VOLUME_NTFS_FLAGS_OFF] & VOLUME_NTFS_DIRTY) != 0)
        disk_tar_note(volume->tar, volume->label, "stale",
                      "its journal may have changes that are not in its files yet");
    tsk_fs_file_close(file);
}

/* The superblock or boot sector: without what it is known by, or it would be opened again. */
static void volume_superblock(struct disk_volume *volume, uint64_t *at, uint64_t *len)
{
    char name[DISK_LABEL_ROOM + 16];
    bool is_ext = TSK_FS_TYPE_ISEXT(volume->fs->ftype);
    uint64_t begin = is_ext ? 0 : VOLUME_BOOT_BEGIN;
    struct disk_regions regions = {NULL, 0, 0};
    *at = is_ext ? VOLUME_EXT_SUPER_OFF : 0;
    *len = is_ext ? VOLUME_EXT_SUPER_BYTES : VOLUME_BOOT_BYTES;
    uint64_t end = is_ext ? *len : VOLUME_BOOT_END;
    if (!disk_regions_add(&regions,
                          (struct disk_region){begin, end - begin, volume->begin + *at + begin}))
        volume->no_memory = true;
    (void)snprintf(name, sizeof name, "%s:superblock", volume->label);
    const struct disk_member member = {
        .name = name, .type = '0', .size_bytes = *len, .regions = &regions};
    if (regions.count > 0)
        disk_tar_put(volume->tar, &member);
    disk_regions_clear(&regions);
}

/* Bytes of the volume from `at` to `end`, but for those of the superblock. */
static void volume_rest(struct disk_space *space, uint64_t at, uint64_t end, uint64_t super_at,
                        uint64_t super_len)
{
    uint64_t super_end = super_at + super_len;
    if (at < super_at && end > super_at) {
        disk_space_add(space, at, super_at - at);
        at = super_at;
    }
    if (at >= super_at && at < super_end)
        at = end < super_end ? end : super_end;
    if (at < end)
        disk_space_add(space, at, end - at);
}

/* Blocks that no live file has, and what lies behind the file system. */
static void volume_unallocated(struct disk_volume *volume, uint64_t super_at, uint64_t super_len)
{
    char name[DISK_LABEL_ROOM + 16];
    uint64_t block_size = volume->fs->block_size;
    (void)snprintf(name, sizeof name, "%s:unallocated", volume->label);
    struct disk_space space = {
        .tar = volume->tar, .name = name, .begin = volume->begin, .size = volume->size};
    uint64_t from = 0;
    bool in_run = false;
    for (uint64_t i = 0; i <= volume->block_count; i++) {
        bool taken = i == volume->block_count || (volume->taken[i / 8] >> (i % 8) & 1) != 0;
        if (taken && in_run)
            volume_rest(&space, from * block_size, i * block_size, super_at, super_len);
        if (!taken && !in_run)
            from = i;
        in_run = !taken;
    }
    volume_rest(&space, volume->block_count * block_size, volume->size, super_at, super_len);
    if (!disk_space_give(&space))
        volume->no_memory = true;
}

static void volume_slack(struct disk_volume *volume)
{
    if (!disk_space_give(&volume->slack))
        volume->no_memory = true;
}

static void volume_read(struct disk_volume *volume)
{
    char slack_name[DISK_LABEL_ROOM + 16];
    uint64_t super_at;
    uint64_t super_len;
    (void)snprintf(slack_name, sizeof slack_name, "%s:slack", volume->label);
    volume->slack = (struct disk_space){
        .tar = volume->tar, .name = slack_name, .begin = volume->begin, .size = volume->size};
    volume_superblock(volume, &super_at, &super_len);
    if (TSK_FS_TYPE_ISEXT(volume->fs->ftype))
        volume_tell_features(volume);
    if (TSK_FS_TYPE_ISNTFS(volume->fs->ftype))
        volume_tell_dirty(volume);
    if (volume->fs->block_count > volume->block_count)
        disk_tar_note(volume->tar, volume->label, "truncated",
                      "the file system goes on behind the end");
    disk_names_give(volume);
    volume_slack(volume);
    volume_unallocated(volume, super_at, super_len);
}

bool disk_volume_give(struct disk_tar *tar, TSK_IMG_INFO *image, const char *label, uint64_t begin,
                      uint64_t size)
{
    struct disk_volume volume = {.tar = tar, .begin = begin, .size = size};
    volume.fs = volume_open(image, begin);
    if (volume.fs == NULL)
        return false;
    (void)snprintf(volume.label, sizeof volume.label, "%s", label);
    volume.block_count = size / volume.fs->block_size;
    if (volume.fs->block_count < volume.block_count)
        volume.block_count = volume.fs->block_count;
    volume.taken = calloc(1, (size_t)(volume.block_count / 8 + 1));
    volume.path = calloc(1, DISK_PATH_MAX + 1);
    volume.name = calloc(1, DISK_PATH_MAX + 512);
    if (volume.taken != NULL && volume.path != NULL && volume.name != NULL)
        volume_read(&volume);
    else
        volume.no_memory = true;
    if (volume.no_memory)
        disk_tar_note(tar, label, "limit_memory", "too many blocks or files to keep in mind");
    disk_inums_clear(&volume.given);
    disk_inums_clear(&volume.walked);
    free(volume.taken);
    free(volume.path);
    free(volume.name);
    tsk_fs_close(volume.fs);
    return true;
}
