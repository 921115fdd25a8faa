#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { PRIVATE_READ_BYTES = 64 * 1024 };

enum sp_err sp_private_fail(struct sp_why *why, enum sp_err err, const char *path,
                            const char *doing, int errno_value)
{
    char words[128];
    const char *text = strerror_r(errno_value, words, sizeof words);

    return sp_fail(why, err, "%s: cannot %s: %s", path, doing, text);
}

enum sp_err sp_private_check(const struct stat *status, const char *path, struct sp_why *why)
{
    if (!S_ISREG(status->st_mode))
        return sp_fail(why, SP_ERR_KEY, "%s: not a regular file", path);
    if (status->st_uid != geteuid() && status->st_uid != 0)
        return sp_fail(why, SP_ERR_KEY, "%s: belongs to another user (uid %lu)", path,
                       (unsigned long)status->st_uid);
    if (status->st_mode & (S_IRWXG | S_IRWXO))
        return sp_fail(why, SP_ERR_KEY, "%s: open to group or others (mode %04o); chmod 600 it",
                       path, (unsigned)(status->st_mode & 07777));
    return SP_OK;
}

enum sp_err sp_private_open(const char *path, int flags, int *fd, struct sp_why *why)
{
    struct stat status;
    enum sp_err err;
    int got;

    /* O_NONBLOCK: a FIFO put in its place must not hang us. */
    got = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (got < 0 && (errno == ENOENT || errno == ENOTDIR))
        return sp_fail(why, SP_ERR_NOINPUT, "%s: no such file", path);
    if (got < 0 && errno == ELOOP)
        return sp_fail(why, SP_ERR_KEY, "%s: is a symbolic link", path);
    if (got < 0)
        return sp_private_fail(why, SP_ERR_KEY, path, "open it", errno);
    if (fstat(got, &status) != 0)
        err = sp_private_fail(why, SP_ERR_IO, path, "look at it", errno);
    else
        err = sp_private_check(&status, path, why);
    if (err) {
        close(got);
        return err;
    }
    *fd = got;
    return SP_OK;
}

enum sp_err sp_private_replaceable(const char *path, struct sp_why *why)
{
    struct stat there;

    if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return sp_fail(why, SP_ERR_USAGE, "%s is no regular file", path);
    return SP_OK;
}

enum sp_err sp_private_parents(const char *path, struct sp_why *why)
{
    size_t len = strlen(path);
    char *copy = sp_copy_string(path, len);
    enum sp_err err = SP_OK;

    if (!copy)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    for (size_t i = 1; i < len && !err; i++) {
        if (copy[i] != '/')
            continue;
        copy[i] = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST && errno != EROFS)
            err = sp_private_fail(why, SP_ERR_IO, copy, "make the directory", errno);
        copy[i] = '/';
    }
    sp_free(copy);
    return err;
}

enum sp_err sp_private_make(const char *path, int *fd, struct sp_why *why)
{
    enum sp_err err = sp_private_parents(path, why);
    int got;

    if (err)
        return err;
    got = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (got < 0 && errno == EEXIST)
        return sp_fail(why, SP_ERR_USAGE, "%s: there already, not overwritten", path);
    if (got < 0)
        return sp_private_fail(why, SP_ERR_IO, path, "make it", errno);
    *fd = got;
    return SP_OK;
}

enum sp_err sp_private_read(int fd, const char *path, struct sp_buf *out, struct sp_why *why)
{
    for (;;) {
        enum sp_err err;
        size_t room = out->max - out->len;
        ssize_t got;

        if (room == 0)
            return sp_fail(why, SP_ERR_LIMIT, "%s: larger than %zu bytes", path, out->max);
        if (room > PRIVATE_READ_BYTES)
            room = PRIVATE_READ_BYTES;
        err = sp_buf_reserve(out, room, why);
        if (err)
            return err;
        got = read(fd, out->data + out->len, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sp_private_fail(why, SP_ERR_IO, path, "read it", errno);
        if (got == 0)
            return SP_OK;
        out->len += (size_t)got;
    }
}

enum sp_err sp_private_write(int fd, const char *path, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return sp_private_fail(why, SP_ERR_IO, path, "write it", errno);
        bytes.ptr += put;
        bytes.len -= (size_t)put;
    }
    return SP_OK;
}

enum sp_err sp_private_sync(int fd, const char *path, struct sp_why *why)
{
    if (fsync(fd) != 0)
        return sp_private_fail(why, SP_ERR_IO, path, "write it to the disk", errno);
    return SP_OK;
}

enum sp_err sp_private_sync_parent(const char *path, struct sp_why *why)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    enum sp_err err = SP_OK;
    char *folder;
    int fd;

    if (!slash)
        folder = sp_copy_string(".", 1);
    else
        folder = sp_copy_string(path, len ? len : 1);
    if (!folder)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a directory (EINVAL): nothing more can be done there. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        err = sp_private_fail(why, SP_ERR_IO, folder, "write it to the disk", errno);
    if (fd >= 0)
        close(fd);
    sp_free(folder);
    return err;
}

char *sp_private_beside(const char *path, const char *suffix)
{
    size_t path_len = strlen(path);
    size_t suffix_len = strlen(suffix);
    char *joined = sp_alloc(path_len + suffix_len + 1);

    if (!joined)
        return NULL;
    memcpy(joined, path, path_len);
    memcpy(joined + path_len, suffix, suffix_len + 1);
    return joined;
}

enum sp_err sp_private_replace(const char *path, struct sp_slice bytes, struct sp_why *why)
{
    enum sp_err err = sp_private_replaceable(path, why);
    char *beside;
    int fd = -1;

    if (err)
        return err;
    beside = sp_private_beside(path, ".new");
    if (!beside)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    /* Callers hold the lock of what they replace: what lies there is left from a crash. */
    if (unlink(beside) != 0 && errno != ENOENT) {
        err = sp_private_fail(why, SP_ERR_IO, beside, "remove it", errno);
        goto done;
    }
    err = sp_private_make(beside, &fd, why);
    if (err)
        goto done;
    err = sp_private_write(fd, beside, bytes, why);
    if (!err)
        err = sp_private_sync(fd, beside, why);
    if (!err && rename(beside, path) != 0)
        err = sp_private_fail(why, SP_ERR_IO, path, "replace it", errno);
    if (!err)
        err = sp_private_sync_parent(path, why);
    else
        unlink(beside);
done:
    if (fd >= 0)
        close(fd);
    sp_free(beside);
    return err;
}
