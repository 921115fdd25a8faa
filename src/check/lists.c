#include "check/lists.h"

#include "base/mem.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    LISTS_BUFFER_BYTES = 64 * 1024,
    LISTS_TRIES = 16 /* random names for a temporary file: a second try is rare already */
};

struct list_file {
    char *path;      /* NULL: not written */
    char *temporary; /* beside it; NULL: not made, or renamed */
    int fd;          /* -1 */
    struct sp_buf buffer;
};

struct sp_lists {
    struct list_file files[SP_LIST_COUNT];
};

static enum sp_err list_open_once(struct list_file *file, struct sp_why *why)
{
    uint64_t random;
    char suffix[32];
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return sp_private_fail(why, SP_ERR_IO, file->path, "make a name beside", errno);
    (void)snprintf(suffix, sizeof suffix, ".%016" PRIx64 ".tmp", random);
    char *name = sp_private_beside(file->path, suffix);
    if (name == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a name");
    file->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->fd >= 0)
        file->temporary = name;
    else
        sp_free(name);
    return SP_OK;
}

static enum sp_err list_open(struct list_file *file, const char *path, struct sp_why *why)
{
    file->path = sp_copy_string(path, strlen(path));
    if (file->path == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    enum sp_err err = sp_private_replaceable(path, why);
    if (err != SP_OK)
        return err;
    for (int i = 0; i < LISTS_TRIES && file->fd < 0; i++) {
        err = list_open_once(file, why);
        if (err != SP_OK)
            return err;
        if (file->fd < 0 && errno != EEXIST)
            break;
    }
    if (file->fd < 0)
        return sp_private_fail(why, SP_ERR_IO, path, "make", errno);
    return SP_OK;
}

static bool lists_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

enum sp_err sp_lists_open(const char *keep_path, const char *drop_path, const char *hold_path,
                          struct sp_lists **out, struct sp_why *why)
{
    const char *const paths[SP_LIST_COUNT] = {keep_path, drop_path, hold_path};
    if (lists_same(keep_path, drop_path) || lists_same(drop_path, hold_path) ||
        lists_same(keep_path, hold_path))
        return sp_fail(why, SP_ERR_USAGE, "two restore lists would go to the same file");
    struct sp_lists *lists = sp_alloc_zero(sizeof *lists);
    if (lists == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the restore lists");
    for (int i = 0; i < SP_LIST_COUNT; i++) {
        lists->files[i].fd = -1;
        sp_buf_init(&lists->files[i].buffer, SIZE_MAX);
    }
    enum sp_err err = SP_OK;
    for (int i = 0; i < SP_LIST_COUNT && err == SP_OK; i++) {
        if (paths[i] != NULL)
            err = list_open(&lists->files[i], paths[i], why);
    }
    if (err != SP_OK) {
        sp_lists_free(lists);
        return err;
    }
    *out = lists;
    return SP_OK;
}

static enum sp_err list_flush(struct list_file *file, struct sp_why *why)
{
    enum sp_err err = sp_private_write(file->fd, file->temporary, sp_buf_slice(&file->buffer), why);
    sp_buf_reset(&file->buffer);
    return err;
}

enum sp_err sp_lists_add(struct sp_lists *lists, struct sp_slice name, enum sp_list list,
                         struct sp_why *why)
{
    struct list_file *file = &lists->files[list];
    if (file->path == NULL)
        return SP_OK;
    if (name.len > 0 && memchr(name.ptr, '\0', name.len) != NULL)
        return sp_fail(why, SP_ERR_FORMAT, "a name holds a NUL byte: no list can name it");
    enum sp_err err = sp_buf_append(&file->buffer, name.ptr, name.len, why);
    if (err == SP_OK)
        err = sp_buf_append_byte(&file->buffer, '\0', why);
    if (err == SP_OK && file->buffer.len >= LISTS_BUFFER_BYTES)
        err = list_flush(file, why);
    return err;
}

/* All data is on disk before the first list gets its name. */
static enum sp_err list_finish(struct list_file *file, struct sp_why *why)
{
    enum sp_err err = list_flush(file, why);
    if (err == SP_OK)
        err = sp_private_sync(file->fd, file->temporary, why);
    int failed = close(file->fd);
    file->fd = -1;
    if (err == SP_OK && failed != 0)
        err = sp_private_fail(why, SP_ERR_IO, file->path, "close", errno);
    return err;
}

static enum sp_err list_rename(struct list_file *file, struct sp_why *why)
{
    if (rename(file->temporary, file->path) != 0)
        return sp_private_fail(why, SP_ERR_IO, file->path, "rename", errno);
    sp_free(file->temporary);
    file->temporary = NULL;
    return sp_private_sync_parent(file->path, why);
}

enum sp_err sp_lists_commit(struct sp_lists *lists, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (int i = 0; i < SP_LIST_COUNT && err == SP_OK; i++) {
        if (lists->files[i].temporary != NULL)
            err = list_finish(&lists->files[i], why);
    }
    for (int i = 0; i < SP_LIST_COUNT && err == SP_OK; i++) {
        if (lists->files[i].temporary != NULL)
            err = list_rename(&lists->files[i], why);
    }
    return err;
}

void sp_lists_free(struct sp_lists *lists)
{
    if (lists == NULL)
        return;
    for (int i = 0; i < SP_LIST_COUNT; i++) {
        struct list_file *file = &lists->files[i];
        if (file->fd >= 0)
            (void)close(file->fd);
        if (file->temporary != NULL)
            (void)unlink(file->temporary);
        sp_free(file->temporary);
        sp_free(file->path);
        sp_buf_clear(&file->buffer);
    }
    sp_free(lists);
}
