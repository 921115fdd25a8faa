#include "scan/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

enum sp_reason sp_open_reason(int error_number)
{
    switch (error_number) {
    case EACCES:
    case EPERM:
        return SP_REASON_PERMISSION;
    case ENOENT:
    case ENOTDIR:
        return SP_REASON_VANISHED;
    case ELOOP:
    case EXDEV: /* replaced by a link while we looked */
        return SP_REASON_CHANGED;
    default:
        return SP_REASON_IO_ERROR;
    }
}

int sp_open_beneath(int root_fd, const char *name, int flags)
{
    const struct open_how how = {.flags = (unsigned)flags,
                                 .resolve =
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, root_fd, name, &how, sizeof how);
    return (int)fd;
}

enum sp_err sp_open_file(int root_fd, const char *name, int *fd, struct stat *st,
                         enum sp_reason *reason, struct sp_why *why)
{
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    *fd = sp_open_beneath(root_fd, name, flags | O_NOATIME);
    if (*fd < 0 && errno == EPERM) /* O_NOATIME is for the owner */
        *fd = sp_open_beneath(root_fd, name, flags);
    if (*fd < 0) {
        *reason = sp_open_reason(errno);
        return sp_fail(why, SP_ERR_IO, "%s", strerrordesc_np(errno));
    }
    if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode))
        return SP_OK;
    (void)close(*fd);
    *fd = -1;
    *reason = SP_REASON_CHANGED;
    return sp_fail(why, SP_ERR_IO, "it is no file any more");
}

void sp_open_stat_id(const struct stat *st, struct sp_stat_id *id)
{
    *id = (struct sp_stat_id){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
    };
}
