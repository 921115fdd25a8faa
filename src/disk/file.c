/* SPDX-License-Identifier: MIT */
/* The content of one file: its attributes, as libtsk tells where they lie. Blocks are copied from
 * the image, without libtsk; only what NTFS compresses comes from it. */
#include "disk/volume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *disk_file_name(struct disk_volume *volume, uint64_t inum, bool deleted,
                           const char *stream)
{
    (void)snprintf(volume->name, DISK_PATH_MAX + 512, "%s:%llu%s/%s%s%.400s", volume->label,
                   (unsigned long long)inum, deleted ? ",deleted" : "", volume->path,
                   stream != NULL ? ":" : "", stream != NULL ? stream : "");
    return volume->name;
}

static int64_t file_mtime(const TSK_FS_META *meta)
{
    return meta != NULL ? (int64_t)meta->mtime : 0;
}

void disk_file_name_only(struct disk_volume *volume, const TSK_FS_META *meta, const char *name,
                         char type, const char *link)
{
    const struct disk_member member = {
        .name = name, .type = type, .link = link, .mtime_s = file_mtime(meta)};
    disk_tar_put(volume->tar, &member);
}

/* ---- blocks --------------------------------------------------------------------------------- */
static bool file_is_taken(const struct disk_volume *volume, uint64_t block)
{
    return (volume->taken[block / 8] >> (block % 8) & 1) != 0;
}

/* Where the bytes of an attribute lie. */
struct file_place {
    struct disk_regions regions;
    bool lost;     /* a part of the list of its blocks is missing */
    bool beyond;   /* it has blocks that the file system does not have */
    bool overlaid; /* some of its blocks are another file's */
};

/* Of a run as many blocks as there are; 0 for one without data. */
static uint64_t file_run_blocks(const struct disk_volume *volume, const TSK_FS_ATTR_RUN *run,
                                struct file_place *place)
{
    /* of ext a hole */
    if ((run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER) && TSK_FS_TYPE_ISNTFS(volume->fs->ftype))
        place->lost = true;
    if (run->flags & (TSK_FS_ATTR_RUN_FLAG_FILLER | TSK_FS_ATTR_RUN_FLAG_SPARSE))
        return 0;
    if (run->addr < volume->block_count && run->len <= volume->block_count - run->addr)
        return run->len;
    place->beyond = true;
    return run->addr < volume->block_count ? volume->block_count - run->addr : 0;
}

/* Takes the blocks of a run that hold bytes below `limit`; all of the last one's rest is slack. */
static void file_take_run(struct disk_volume *volume, const TSK_FS_ATTR_RUN *run, uint64_t used)
{
    uint64_t block_size = volume->fs->block_size;
    uint64_t whole = (used + block_size - 1) / block_size;
    for (uint64_t i = 0; i < whole; i++)
        volume->taken[(run->addr + i) / 8] |= (uint8_t)(1U << ((run->addr + i) % 8));
    if (used % block_size != 0)
        disk_space_add_loose(&volume->slack, run->addr * block_size + used,
                             block_size - used % block_size);
}

static void file_place(struct disk_volume *volume, const TSK_FS_ATTR *attr, bool take,
                       struct file_place *place)
{
    uint64_t block_size = volume->fs->block_size;
    uint64_t size = attr->size > 0 ? (uint64_t)attr->size : 0;
    uint64_t limit = attr->nrd.initsize >= 0 && (uint64_t)attr->nrd.initsize < size
                         ? (uint64_t)attr->nrd.initsize
                         : size;
    bool packed = (attr->flags & TSK_FS_ATTR_COMP) != 0;
    uint64_t behind = 0;  /* end of the run before: runs ascend, or are nonsense */
    uint64_t covered = 0; /* blocks that the list tells of, holes included */
    for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run != NULL; run = run->next) {
        uint64_t blocks = file_run_blocks(volume, run, place);
        if (run->offset < behind || run->offset > UINT64_MAX / block_size / 2) {
            place->lost = true;
            return;
        }
        behind = run->offset + blocks;
        covered = run->len < UINT64_MAX / block_size / 2 ? run->offset + run->len : run->offset;
        uint64_t at = run->offset * block_size;
        uint64_t used = blocks * block_size;
        if (!packed && limit < at + used)
            used = limit > at ? limit - at : 0;
        for (uint64_t i = 0; !take && i * block_size < used && !place->overlaid; i++)
            place->overlaid = file_is_taken(volume, run->addr + i);
        if (take)
            file_take_run(volume, run, used);
        if (!disk_regions_add(
                &place->regions,
                (struct disk_region){at, used, volume->begin + run->addr * block_size}))
            volume->no_memory = true;
    }
    if (!TSK_FS_TYPE_ISEXT(volume->fs->ftype) && covered * block_size < limit)
        place->lost = true; /* ext may leave the last hole out */
}

/* ---- attributes ------------------------------------------------------------------------------ */
static ssize_t file_read(void *ctx, uint64_t at, uint8_t *out, size_t len)
{
    return tsk_fs_attr_read(ctx, (TSK_OFF_T)at, (char *)out, len, TSK_FS_FILE_READ_FLAG_NONE);
}

static void file_tell(struct disk_volume *volume, const TSK_FS_ATTR *attr,
                      const struct file_place *place, const char *name)
{
    if (attr->flags & TSK_FS_ATTR_ENC)
        disk_tar_note(volume->tar, name, "encrypted", "the file system encrypts it");
    if (place->lost)
        disk_tar_note(volume->tar, name, "corrupt", "the list of its blocks is damaged");
    else if (place->beyond)
        disk_tar_note(volume->tar, name, "truncated", "it has blocks beyond the end");
}

/* One attribute as a member. False: it was deleted and its blocks are a live file's by now. */
static bool file_give_attribute(struct disk_volume *volume, const TSK_FS_FILE *file,
                                const TSK_FS_ATTR *attr, const char *name, bool deleted)
{
    struct file_place place = {.lost = false};
    struct disk_member member = {.name = name,
                                 .type = '0',
                                 .mtime_s = file_mtime(file->meta),
                                 .size_bytes = attr->size > 0 ? (uint64_t)attr->size : 0};
    if (attr->flags & TSK_FS_ATTR_RES) {
        member.bytes = attr->rd.buf;
        if (member.size_bytes > attr->rd.buf_size)
            member.size_bytes = attr->rd.buf_size;
    } else {
        file_place(volume, attr, !deleted, &place);
        member.regions = &place.regions;
    }
    bool is_lost = deleted && (place.overlaid || place.regions.count == 0) &&
                   (attr->flags & TSK_FS_ATTR_RES) == 0;
    if ((attr->flags & TSK_FS_ATTR_COMP) && !(attr->flags & TSK_FS_ATTR_RES)) {
        member.regions = NULL;
        member.read = file_read;
        member.ctx = (void *)(uintptr_t)attr;
    }
    if (!is_lost) {
        disk_tar_put(volume->tar, &member);
        file_tell(volume, attr, &place, name);
    }
    disk_regions_clear(&place.regions);
    return !is_lost;
}

/* What an attribute of NTFS is to us. */
enum file_kind { FILE_DATA, FILE_STREAM, FILE_ENTRIES, FILE_NUMBERS };

static bool file_is_unnamed(const TSK_FS_ATTR *attr)
{
    return attr->name == NULL || attr->name[0] == '\0' || strcmp(attr->name, "N/A") == 0 ||
           strcmp(attr->name, "$Data") == 0;
}

/* Times, identifiers, rights and lists of blocks are numbers; names stand in the entries of
 * directories, which are given one by one. */
static enum file_kind file_kind(const struct disk_volume *volume, const TSK_FS_ATTR *attr,
                                const char **stream)
{
    *stream = NULL;
    if (!TSK_FS_TYPE_ISNTFS(volume->fs->ftype))
        return attr->type == TSK_FS_ATTR_TYPE_DEFAULT ? FILE_DATA : FILE_NUMBERS;
    switch (attr->type) {
    case TSK_FS_ATTR_TYPE_NTFS_DATA:
        *stream = file_is_unnamed(attr) ? NULL : attr->name;
        return *stream == NULL ? FILE_DATA : FILE_STREAM;
    case TSK_FS_ATTR_TYPE_NTFS_REPARSE:
        *stream = "$REPARSE_POINT";
        return FILE_STREAM;
    case TSK_FS_ATTR_TYPE_NTFS_EA:
        *stream = "$EA";
        return FILE_STREAM;
    case TSK_FS_ATTR_TYPE_NTFS_VNAME:
        *stream = "$VOLUME_NAME";
        return FILE_STREAM;
    case TSK_FS_ATTR_TYPE_NTFS_PROP:
    case TSK_FS_ATTR_TYPE_NTFS_LOG:
        *stream = attr->name;
        return FILE_STREAM;
    case TSK_FS_ATTR_TYPE_NTFS_IDXALLOC:
        return FILE_ENTRIES;
    default:
        return FILE_NUMBERS;
    }
}

static void file_take_attribute(struct disk_volume *volume, const TSK_FS_ATTR *attr)
{
    struct file_place place = {.lost = false};
    if (attr->flags & TSK_FS_ATTR_NONRES)
        file_place(volume, attr, true, &place);
    disk_regions_clear(&place.regions);
}

bool disk_file_is_sane(const struct disk_volume *volume, const TSK_FS_META *meta)
{
    return !TSK_FS_TYPE_ISEXT(volume->fs->ftype) ||
           meta->content_type != TSK_FS_META_CONTENT_TYPE_DEFAULT || meta->link != NULL ||
           (meta->size >= 0 && (uint64_t)meta->size <= volume->size);
}

/* How many there are. -1: they cannot be read. */
static int file_attributes(const struct disk_volume *volume, TSK_FS_FILE *file)
{
    return disk_file_is_sane(volume, file->meta) ? tsk_fs_file_attr_getsize(file) : -1;
}

void disk_file_take(struct disk_volume *volume, TSK_FS_FILE *file)
{
    int count = file_attributes(volume, file);
    for (int i = 0; i < count; i++) {
        const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(file, i);
        if (attr != NULL)
            file_take_attribute(volume, attr);
    }
}

void disk_file_give(struct disk_volume *volume, TSK_FS_FILE *file, bool deleted)
{
    const TSK_FS_META *meta = file->meta;
    bool is_directory = TSK_FS_IS_DIR_META(meta->type);
    bool named = is_directory; /* a member tells the name */
    int count = file_attributes(volume, file);
    if (is_directory)
        disk_file_name_only(volume, meta, disk_file_name(volume, meta->addr, deleted, NULL), '5',
                            NULL);
    for (int i = 0; i < count; i++) {
        const char *stream;
        const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(file, i);
        if (attr == NULL)
            continue;
        enum file_kind kind = file_kind(volume, attr, &stream);
        if (kind == FILE_NUMBERS || kind == FILE_ENTRIES || (is_directory && kind == FILE_DATA)) {
            if (!deleted)
                file_take_attribute(volume, attr);
            continue;
        }
        if (kind == FILE_STREAM && attr->size <= 0 && attr->type != TSK_FS_ATTR_TYPE_NTFS_DATA)
            continue;
        bool given = file_give_attribute(
            volume, file, attr, disk_file_name(volume, meta->addr, deleted, stream), deleted);
        named = named || (given && stream == NULL);
    }
    const char *name = disk_file_name(volume, meta->addr, deleted, NULL);
    if (!named)
        disk_file_name_only(volume, meta, name, '0', NULL);
    if (count < 0 && !deleted)
        disk_tar_note(volume->tar, name, "corrupt",
                      "its size or the list of its blocks cannot be right");
    else if (!named && !deleted && meta->size > 0)
        disk_tar_note(volume->tar, name, "corrupt", "no list of its blocks");
}
