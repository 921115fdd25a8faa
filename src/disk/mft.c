/* SPDX-License-Identifier: MIT */
/* Source of the layout of an entry: the documentation of the Linux-NTFS project. */
#include "disk/volume.h"

#include <string.h>
#include <tsk/fs/tsk_ntfs.h>

enum { MFT_FLAGS_OFF = 22, MFT_USED_OFF = 24, MFT_HEAD_BYTES = 48, MFT_IN_USE = 1 };

struct mft {
    const TSK_FS_ATTR *attr;
    size_t entry_bytes;
};

static void mft_blank(uint8_t *entry, size_t len)
{
    uint32_t used = (uint32_t)entry[MFT_USED_OFF] | (uint32_t)entry[MFT_USED_OFF + 1] << 8 |
                    (uint32_t)entry[MFT_USED_OFF + 2] << 16 |
                    (uint32_t)entry[MFT_USED_OFF + 3] << 24;
    if (memcmp(entry, "FILE", 4) == 0 && (entry[MFT_FLAGS_OFF] & MFT_IN_USE) != 0 && used <= len)
        memset(entry, 0, used);
}

static ssize_t mft_read(void *ctx, uint64_t at, uint8_t *out, size_t len)
{
    const struct mft *mft = ctx;
    ssize_t got =
        tsk_fs_attr_read(mft->attr, (TSK_OFF_T)at, (char *)out, len, TSK_FS_FILE_READ_FLAG_NONE);
    for (size_t i = 0; got > 0 && i + mft->entry_bytes <= (size_t)got; i += mft->entry_bytes)
        mft_blank(out + i, mft->entry_bytes);
    return got;
}

void disk_mft_give(struct disk_volume *volume, TSK_FS_FILE *file)
{
    const NTFS_INFO *ntfs = (const NTFS_INFO *)(const void *)volume->fs;
    const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_type(file, TSK_FS_ATTR_TYPE_NTFS_DATA, 0, 0);
    const char *name = disk_file_name(volume, file->meta->addr, false, NULL);
    struct mft mft = {.attr = attr, .entry_bytes = ntfs->mft_rsize_b};
    const struct disk_member member = {.name = name,
                                       .type = '0',
                                       .size_bytes = attr != NULL ? (uint64_t)attr->size : 0,
                                       .read = mft_read,
                                       .ctx = &mft};
    if (attr == NULL || attr->size < 0 || mft.entry_bytes < MFT_HEAD_BYTES ||
        (mft.entry_bytes & (mft.entry_bytes - 1)) != 0) {
        disk_tar_note(volume->tar, name, "corrupt", "the table of files cannot be read");
        return;
    }
    disk_tar_put(volume->tar, &member);
    disk_file_take(volume, file);
}
