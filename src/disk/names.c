/* SPDX-License-Identifier: MIT */
/* Four passes over one file system: live names; live files without one; deleted names; what is left
 * of files without any name. So a block that a live file has is never given as a deleted one's. */
#include "disk/volume.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_DEPTH_MAX = 256,     /* directories in each other */
    NAMES_LINKS_MAX = 1 << 20, /* files with more than one name whose first name is remembered */
    NAMES_EXT_FIRST = 11,      /* inodes before it are the file system's own, but for its ... */
    NAMES_EXT_JOURNAL = 8,
    NAMES_NTFS_FIRST = 16
};

enum names_pass { NAMES_LIVE, NAMES_DELETED };

struct names_link {
    uint64_t inum;
    char *name;
};

static int names_link_order(const void *a, const void *b)
{
    const struct names_link *left = a;
    const struct names_link *right = b;
    return (left->inum > right->inum) - (left->inum < right->inum);
}

static void names_link_free(void *link)
{
    free(((struct names_link *)link)->name);
    free(link);
}

static void names_link_keep(struct disk_volume *volume, uint64_t inum, const char *name)
{
    struct names_link *link = volume->link_count < NAMES_LINKS_MAX ? malloc(sizeof *link) : NULL;
    if (link == NULL)
        return; /* its other names are then told as names only */
    *link = (struct names_link){inum, strdup(name)};
    if (link->name == NULL || tsearch(link, &volume->links, names_link_order) == NULL)
        names_link_free(link);
    else
        volume->link_count++;
}

static const char *names_link_find(const struct disk_volume *volume, uint64_t inum)
{
    const struct names_link wanted = {inum, NULL};
    void *found = tfind(&wanted, &volume->links, names_link_order);
    return found != NULL ? (*(struct names_link *const *)found)->name : NULL;
}

/* ---- one file ------------------------------------------------------------------------------- */
static char names_type(const TSK_FS_META *meta)
{
    switch (meta->type) {
    case TSK_FS_META_TYPE_DIR:
        return '5';
    case TSK_FS_META_TYPE_LNK:
        return meta->link != NULL ? '2' : '0';
    case TSK_FS_META_TYPE_CHR:
    case TSK_FS_META_TYPE_BLK:
        return '3';
    case TSK_FS_META_TYPE_FIFO:
    case TSK_FS_META_TYPE_SOCK:
        return '6';
    default:
        return '0';
    }
}

/* Of NTFS: copies, bitmaps, the table of capital letters, the boot sector, which `superblock` has.
 */
static bool names_is_numbers(const struct disk_volume *volume, uint64_t inum)
{
    static const uint8_t numbers[] = {1, 6, 7, 8, 10};
    return TSK_FS_TYPE_ISNTFS(volume->fs->ftype) && inum <= 10 &&
           memchr(numbers, (int)inum, sizeof numbers) != NULL;
}

static void names_give(struct disk_volume *volume, TSK_FS_FILE *file, bool deleted)
{
    const TSK_FS_META *meta = file->meta;
    char type = names_type(meta);
    if (!disk_inums_add(&volume->given, meta->addr))
        volume->no_memory = true;
    if (TSK_FS_TYPE_ISNTFS(volume->fs->ftype) && meta->addr == 0 && !deleted) {
        disk_mft_give(volume, file);
    } else if (names_is_numbers(volume, meta->addr)) {
        disk_file_name_only(volume, meta, disk_file_name(volume, meta->addr, deleted, NULL), '0',
                            NULL);
        disk_file_take(volume, file);
    } else if (type == '0' || type == '5') {
        disk_file_give(volume, file, deleted);
    } else {
        disk_file_name_only(volume, meta, disk_file_name(volume, meta->addr, deleted, NULL), type,
                            type == '2' ? meta->link : NULL);
        if (!deleted)
            disk_file_take(volume, file);
    }
    if (!deleted && meta->nlink > 1 && type == '0')
        names_link_keep(volume, meta->addr, disk_file_name(volume, meta->addr, deleted, NULL));
}

static void names_give_again(struct disk_volume *volume, const TSK_FS_META *meta)
{
    const char *first = names_link_find(volume, meta->addr);
    disk_file_name_only(volume, meta, disk_file_name(volume, meta->addr, false, NULL),
                        first != NULL ? '1' : '0', first);
}

/* A deleted name: its file too when nobody else has it. */
static void names_give_deleted(struct disk_volume *volume, TSK_FS_FILE *file)
{
    const TSK_FS_META *meta = file->meta;
    bool is_free = meta != NULL && (meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0 &&
                   !disk_inums_has(&volume->given, meta->addr);
    if (is_free)
        names_give(volume, file, true);
    else
        disk_file_name_only(volume, NULL, disk_file_name(volume, file->name->meta_addr, true, NULL),
                            '0', NULL);
}

static void names_give_live(struct disk_volume *volume, TSK_FS_FILE *file)
{
    const TSK_FS_META *meta = file->meta;
    if (meta == NULL) {
        const char *name = disk_file_name(volume, file->name->meta_addr, false, NULL);
        disk_file_name_only(volume, NULL, name, '0', NULL);
        disk_tar_note(volume->tar, name, "corrupt", "what its name points to cannot be read");
    } else if (disk_inums_has(&volume->given, meta->addr)) {
        names_give_again(volume, meta);
    } else {
        names_give(volume, file, false);
    }
}

/* ---- directories ---------------------------------------------------------------------------- */
static bool names_push(struct disk_volume *volume, const char *name)
{
    size_t len = strlen(name);
    size_t slash = volume->path_len > 0;
    if (len + slash > DISK_PATH_MAX - volume->path_len)
        return false;
    if (slash != 0)
        volume->path[volume->path_len++] = '/';
    memcpy(volume->path + volume->path_len, name, len + 1);
    volume->path_len += len;
    return true;
}

static void names_pop(struct disk_volume *volume, size_t len)
{
    volume->path_len = len;
    volume->path[len] = '\0';
}

static void names_walk(struct disk_volume *volume, uint64_t inum, enum names_pass pass,
                       bool deleted, unsigned depth);

/* Whether to look into a directory: once a pass, and into one that was deleted by its deleted name
 * only, as a live one may have its place. */
static bool names_goes_into(struct disk_volume *volume, const TSK_FS_META *meta, bool deleted)
{
    if (meta == NULL || meta->type != TSK_FS_META_TYPE_DIR ||
        deleted != ((meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0))
        return false;
    return !disk_inums_has(&volume->walked, meta->addr);
}

/* Areas that libtsk shows as files: of FAT the tables, which are numbers. */
static void names_virtual(struct disk_volume *volume, TSK_FS_FILE *file)
{
    if (strncmp(file->name->name, "$FAT", 4) == 0 && file->meta != NULL)
        disk_file_take(volume, file);
}

static void names_entry(struct disk_volume *volume, TSK_FS_FILE *file, enum names_pass pass,
                        bool deleted, unsigned depth)
{
    size_t before = volume->path_len;
    const char *name = file->name->name;
    bool gone = deleted || (file->name->flags & TSK_FS_NAME_FLAG_UNALLOC) != 0;
    if (name == NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    if (file->name->type == TSK_FS_NAME_TYPE_VIRT ||
        file->name->type == TSK_FS_NAME_TYPE_VIRT_DIR) {
        if (pass == NAMES_LIVE)
            names_virtual(volume, file);
        return;
    }
    if (!names_push(volume, name)) {
        disk_tar_note(volume->tar, disk_file_name(volume, file->name->meta_addr, gone, NULL),
                      "limit_depth", "a path that is too long");
        return;
    }
    if (gone == (pass == NAMES_DELETED)) {
        if (gone)
            names_give_deleted(volume, file);
        else
            names_give_live(volume, file);
    }
    if ((pass == NAMES_DELETED || !gone) && names_goes_into(volume, file->meta, gone))
        names_walk(volume, file->meta->addr, pass, gone, depth + 1);
    names_pop(volume, before);
}

/* What libtsk said last: a directory that is small has no list of blocks, and that is no error. */
static bool names_failed(void)
{
    uint32_t number = tsk_error_get_errno();
    return number != 0 && number != TSK_ERR_FS_ATTR_NOTFOUND;
}

static void names_walk(struct disk_volume *volume, uint64_t inum, enum names_pass pass,
                       bool deleted, unsigned depth)
{
    const char *reason = NULL;
    if (volume->tar->failed || !disk_inums_add(&volume->walked, inum)) {
        volume->no_memory = true;
        return;
    }
    TSK_FS_FILE *self = tsk_fs_file_open_meta(volume->fs, NULL, inum);
    bool may = depth < NAMES_DEPTH_MAX && self != NULL && self->meta != NULL &&
               disk_file_is_sane(volume, self->meta);
    tsk_fs_file_close(self);
    tsk_error_reset();
    TSK_FS_DIR *dir = may ? tsk_fs_dir_open_meta(volume->fs, inum) : NULL;
    if (depth >= NAMES_DEPTH_MAX)
        reason = "limit_depth";
    else if (dir == NULL || names_failed())
        reason = "corrupt";
    for (size_t i = 0; dir != NULL && i < tsk_fs_dir_getsize(dir) && !volume->tar->failed; i++) {
        TSK_FS_FILE *file = tsk_fs_dir_get(dir, i);
        if (file != NULL && file->name != NULL)
            names_entry(volume, file, pass, deleted, depth);
        else
            reason = "corrupt";
        tsk_fs_file_close(file);
    }
    tsk_fs_dir_close(dir);
    if (reason != NULL && !deleted && pass == NAMES_LIVE)
        disk_tar_note(volume->tar, disk_file_name(volume, inum, false, NULL), reason,
                      "this directory cannot be read whole");
}

static void names_from_root(struct disk_volume *volume, enum names_pass pass)
{
    disk_inums_clear(&volume->walked);
    names_pop(volume, 0);
    names_walk(volume, volume->fs->root_inum, pass, false, 0);
}

/* ---- without a name ---------------------------------------------------------------------------
 */
struct names_list {
    uint64_t *inums; /* owned */
    size_t count, cap;
};

struct names_search {
    struct disk_volume *volume;
    struct names_list found[2]; /* by enum names_pass */
};

static bool names_list_add(struct names_list *list, uint64_t inum)
{
    if (list->inums == NULL || list->count == list->cap) {
        size_t cap = list->cap == 0 ? 256 : list->cap * 2;
        uint64_t *inums =
            cap > DISK_INUMS_MAX ? NULL : reallocarray(list->inums, cap, sizeof *inums);
        if (inums == NULL)
            return false;
        list->inums = inums;
        list->cap = cap;
    }
    list->inums[list->count++] = inum;
    return true;
}

static TSK_WALK_RET_ENUM names_found(TSK_FS_FILE *file, void *ctx)
{
    struct names_search *search = ctx;
    const struct disk_volume *volume = search->volume;
    const TSK_FS_META *meta = file->meta;
    if (volume->tar->failed)
        return TSK_WALK_STOP;
    if (meta == NULL || meta->type == TSK_FS_META_TYPE_VIRT ||
        meta->type == TSK_FS_META_TYPE_VIRT_DIR || disk_inums_has(&volume->given, meta->addr))
        return TSK_WALK_CONT;
    enum names_pass pass =
        (meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0 ? NAMES_DELETED : NAMES_LIVE;
    if (names_list_add(&search->found[pass], meta->addr))
        return TSK_WALK_CONT;
    search->volume->no_memory = true;
    return TSK_WALK_STOP;
}

/* Inodes of the file system's own: their blocks stay with those of nobody. */
static bool names_is_own(const struct disk_volume *volume, uint64_t inum)
{
    if (TSK_FS_TYPE_ISEXT(volume->fs->ftype))
        return inum < NAMES_EXT_FIRST && inum != NAMES_EXT_JOURNAL;
    return TSK_FS_TYPE_ISNTFS(volume->fs->ftype) && inum < NAMES_NTFS_FIRST;
}

static void names_nameless(struct disk_volume *volume, uint64_t inum, enum names_pass pass)
{
    char name[TSK_FS_META_NAME_LIST_NSIZE + 64];
    TSK_FS_FILE *file = tsk_fs_file_open_meta(volume->fs, NULL, inum);
    bool deleted = pass == NAMES_DELETED;
    if (file == NULL || file->meta == NULL || names_is_own(volume, inum) ||
        disk_inums_has(&volume->given, inum)) {
        tsk_fs_file_close(file);
        return;
    }
    const TSK_FS_META *meta = file->meta;
    bool journal = TSK_FS_TYPE_ISEXT(volume->fs->ftype) && inum == NAMES_EXT_JOURNAL;
    bool has_name = meta->name2 != NULL && meta->name2->name[0] != '\0';
    if (meta->size > 0 || meta->link != NULL || has_name || meta->type == TSK_FS_META_TYPE_DIR) {
        if (journal)
            (void)snprintf(name, sizeof name, "$journal");
        else if (has_name)
            (void)snprintf(name, sizeof name, "$OrphanFiles/%.*s", TSK_FS_META_NAME_LIST_NSIZE,
                           meta->name2->name);
        else
            (void)snprintf(name, sizeof name, "$OrphanFiles/OrphanFile-%llu",
                           (unsigned long long)inum);
        names_pop(volume, 0);
        (void)names_push(volume, name);
        names_give(volume, file, deleted);
        if (names_goes_into(volume, meta, deleted))
            names_walk(volume, inum, pass, deleted, 1);
    }
    tsk_fs_file_close(file);
}

/* One look at the whole table of files, after the live names. */
static void names_look(struct names_search *search)
{
    struct disk_volume *volume = search->volume;
    if (tsk_fs_meta_walk(volume->fs, volume->fs->first_inum, volume->fs->last_inum,
                         TSK_FS_META_FLAG_USED | TSK_FS_META_FLAG_ALLOC | TSK_FS_META_FLAG_UNALLOC,
                         names_found, search) != 0)
        disk_tar_note(volume->tar, volume->label, "corrupt", "its table of files is damaged");
}

static void names_of_list(struct names_search *search, enum names_pass pass)
{
    struct names_list *list = &search->found[pass];
    for (size_t i = 0; i < list->count && !search->volume->tar->failed; i++)
        names_nameless(search->volume, list->inums[i], pass);
    free(list->inums);
    *list = (struct names_list){NULL, 0, 0};
}

/* The root has no name; what it has besides entries does not matter but for its blocks. */
static void names_root(struct disk_volume *volume)
{
    TSK_FS_FILE *root = tsk_fs_file_open_meta(volume->fs, NULL, volume->fs->root_inum);
    if (!disk_inums_add(&volume->given, volume->fs->root_inum))
        volume->no_memory = true;
    names_pop(volume, 0);
    if (root != NULL && root->meta != NULL)
        disk_file_give(volume, root, false);
    tsk_fs_file_close(root);
}

void disk_names_give(struct disk_volume *volume)
{
    struct names_search search = {.volume = volume};
    names_root(volume);
    names_from_root(volume, NAMES_LIVE);
    names_look(&search);
    names_of_list(&search, NAMES_LIVE);
    names_from_root(volume, NAMES_DELETED);
    names_of_list(&search, NAMES_DELETED);
    tdestroy(volume->links, names_link_free);
    volume->links = NULL;
}
