#include "restore/prune.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct prune {
    const struct sp_prune_job *job;
    struct sp_prune_sum *sum;
    int root;
};

/* The name as tar restores it: without leading / and ./, empty parts and final slashes. NULL: it
 * leaves the tree, or names its root. *reason says which. The caller frees it. */
static char *prune_path(struct sp_slice name, const char **reason)
{
    char *path = sp_alloc(name.len + 1);
    size_t len = 0;
    *reason = path == NULL ? "no memory" : NULL;
    for (size_t at = 0; path != NULL && at < name.len;) {
        const uint8_t *slash = memchr(name.ptr + at, '/', name.len - at);
        size_t part = slash == NULL ? name.len - at : (size_t)(slash - name.ptr) - at;
        bool is_dot = part == 1 && name.ptr[at] == '.';
        if (part == 2 && name.ptr[at] == '.' && name.ptr[at + 1] == '.') {
            *reason = "leaves the tree";
            break;
        }
        if (part > 0 && !is_dot) {
            if (len > 0)
                path[len++] = '/';
            memcpy(path + len, name.ptr + at, part);
            len += part;
        }
        at += part + 1;
    }
    if (*reason == NULL && len == 0)
        *reason = "names the tree itself";
    if (*reason != NULL) {
        sp_free(path);
        return NULL;
    }
    path[len] = '\0';
    return path;
}

/* The folder of the path, which must lie in the tree without any link on the way. */
static int prune_folder(const struct prune *prune, char *path, const char **last)
{
    char *slash = strrchr(path, '/');
    const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                                 .resolve =
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    *last = slash == NULL ? path : slash + 1;
    if (slash == NULL)
        return fcntl(prune->root, F_DUPFD_CLOEXEC, 3);
    *slash = '\0';
    return (int)syscall(SYS_openat2, prune->root, path, &how, sizeof how);
}

static const char *prune_words(int failed)
{
    switch (failed) {
    case ELOOP:
        return "a link stands on the way";
    case EXDEV:
        return "leaves the tree";
    case ENOTEMPTY:
    case EEXIST:
        return "a directory that is not empty";
    default:
        return strerrordesc_np(failed);
    }
}

/* 0 done, else errno. */
static int prune_remove(const struct prune *prune, char *path)
{
    const char *last;
    struct stat status;
    int failed = 0;
    int folder = prune_folder(prune, path, &last);
    if (folder < 0)
        return errno;
    if (fstatat(folder, last, &status, AT_SYMLINK_NOFOLLOW) != 0)
        failed = errno;
    else if (!prune->job->dry_run &&
             unlinkat(folder, last, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) != 0)
        failed = errno;
    (void)close(folder);
    return failed;
}

static void prune_name(struct prune *prune, struct sp_slice name)
{
    const char *reason;
    char *path = prune_path(name, &reason);
    if (path != NULL) {
        int failed = prune_remove(prune, path);
        sp_free(path);
        if (failed == 0) {
            prune->sum->removed++;
            return;
        }
        reason = prune_words(failed);
        if (failed == ENOENT || failed == ENOTDIR) {
            prune->sum->missing++;
            prune->job->told(prune->job->ctx, name, "is not there");
            return;
        }
    }
    prune->sum->refused++;
    prune->job->told(prune->job->ctx, name, reason);
}

static enum sp_err prune_open(struct prune *prune, struct sp_why *why)
{
    const char *root = prune->job->root;
    const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    struct stat slash;
    struct stat here;
    prune->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (prune->root < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", root, strerrordesc_np(errno));
    if (stat("/", &slash) != 0 || fstat(prune->root, &here) != 0 ||
        (slash.st_dev == here.st_dev && slash.st_ino == here.st_ino))
        return sp_fail(why, SP_ERR_USAGE, "--root must not be /: restore below a folder first");
    int probe = (int)syscall(SYS_openat2, prune->root, ".", &how, sizeof how);
    if (probe < 0)
        return sp_fail(why, SP_ERR_CONFIG, "this kernel cannot keep paths below a folder: %s",
                       strerrordesc_np(errno));
    (void)close(probe);
    return SP_OK;
}

enum sp_err sp_prune_run(const struct sp_prune_job *job, struct sp_prune_sum *sum,
                         struct sp_why *why)
{
    struct prune prune = {.job = job, .sum = sum, .root = -1};
    *sum = (struct sp_prune_sum){0};
    enum sp_err err = prune_open(&prune, why);
    /* from the last on, so that what lies in a folder goes before it */
    for (size_t i = sp_names_count(job->drop); err == SP_OK && i-- > 0;)
        prune_name(&prune, sp_names_at(job->drop, i));
    if (prune.root >= 0)
        (void)close(prune.root);
    return err;
}
