#include "scan/walk.h"

#include "base/mem.h"
#include "scan/open.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WALK_ENTRIES_MAX_BYTES = 1 << 30, /* names of one directory: about 20 million of them */
    WALK_PATH_MAX = 4095,             /* PATH_MAX of Linux without the NUL */
    WALK_DEPTH_MAX = 2048             /* directories in such a path */
};

/* Names of one directory in one buffer: what the directory says that it is (DT_*), the name, a NUL.
 */
struct walk_names {
    struct sp_buf bytes;
    size_t count;
    const char **sorted; /* count pointers to names in bytes */
};

struct walk {
    struct sp_lane *lane;
    struct sp_buf path; /* relative, of the directory at hand; empty = the root */
    unsigned depth;
    size_t link_len; /* of what the symbolic link at hand says */
    uint8_t link[WALK_PATH_MAX];
};

static void walk_names_clear(struct walk_names *names)
{
    sp_buf_clear(&names->bytes);
    sp_free(names->sorted);
}

static int walk_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum sp_err walk_sort(struct walk_names *names, struct sp_why *why)
{
    names->sorted = sp_alloc(names->count * sizeof *names->sorted);
    if (names->sorted == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a directory of %zu names", names->count);
    const char *entry = (const char *)names->bytes.data;
    for (size_t i = 0; i < names->count; i++) {
        names->sorted[i] = entry + 1;
        entry += strlen(names->sorted[i]) + 2;
    }
    if (names->count > 0)
        qsort(names->sorted, names->count, sizeof *names->sorted, walk_compare);
    return SP_OK;
}

/* *read_errno: 0, or why the directory could not be read to its end. */
static enum sp_err walk_read(DIR *dir, struct walk_names *names, int *read_errno,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK) {
        errno = 0;
        /* a DIR of our own: safe beside other threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
        const struct dirent *entry = readdir(dir);
        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        err = sp_buf_append_byte(&names->bytes, entry->d_type, why);
        if (err == SP_OK)
            err = sp_buf_append(&names->bytes, entry->d_name, strlen(entry->d_name) + 1, why);
        names->count++;
    }
    *read_errno = errno;
    return err == SP_OK ? walk_sort(names, why) : err;
}

bool sp_walk_is_excluded(const struct sp_scan_options *options, const char *path)
{
    const char *last = strrchr(path, '/');
    last = last == NULL ? path : last + 1;
    for (size_t i = 0; i < options->exclude_count; i++)
        if (fnmatch(options->excludes[i], path, 0) == 0 ||
            fnmatch(options->excludes[i], last, 0) == 0)
            return true;
    return false;
}

static enum sp_err walk_note(struct walk *walk, const struct stat *st, enum sp_node node,
                             const struct sp_unread *unread, struct sp_why *why)
{
    const struct sp_slice name = {walk->path.data, walk->path.len - 1}; /* without its NUL */
    const struct sp_slice link = {walk->link, node == SP_NODE_SYMLINK ? walk->link_len : 0};
    return sp_lane_note(walk->lane, name, link, st, node, unread, why);
}

static enum sp_err walk_note_reason(struct walk *walk, const struct stat *st, enum sp_node node,
                                    enum sp_reason reason, const char *detail, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return walk_note(walk, st, node, &unread, why);
}

static enum sp_err walk_offer_file(struct walk *walk, struct sp_why *why)
{
    struct sp_task *task = NULL;
    struct sp_queue *queue = walk->lane->shared->queue;
    enum sp_err err = sp_task_new(&task, why);
    if (err == SP_OK)
        err = sp_buf_append(&task->storage, walk->path.data, walk->path.len, why);
    if (err != SP_OK) {
        sp_task_free(task);
        return err;
    }
    task->name = (struct sp_slice){task->storage.data, task->storage.len - 1};
    while (err == SP_OK && !sp_queue_offer(queue, task)) {
        struct sp_task *other = sp_queue_try(queue); /* full: help until there is room */
        if (other == NULL)
            continue; /* it was emptied between the two calls, or stopped: seen below */
        err = sp_lane_do(walk->lane, other, why);
        sp_queue_done(queue);
    }
    if (err != SP_OK)
        sp_task_free(task);
    return err;
}

static bool walk_is_stopped(const struct walk *walk)
{
    const volatile int *stop = walk->lane->shared->options->stop;
    return stop != NULL && *stop != 0;
}

static enum sp_err walk_directory(struct walk *walk, const struct stat *st, struct sp_why *why);

/* Where it leads is text too, and comes back with it. */
static bool walk_read_link(struct walk *walk, int fd)
{
    ssize_t len = readlinkat(fd, "", (char *)walk->link, sizeof walk->link);
    walk->link_len = len < 0 ? 0 : (size_t)len;
    return len >= 0;
}

/* Deals with the entry whose path (with NUL) stands in walk->path. A regular file by what its
 * directory says is looked at when it is opened. */
static enum sp_err walk_entry(struct walk *walk, unsigned char type, struct sp_why *why)
{
    const struct sp_shared *shared = walk->lane->shared;
    const char *path = (const char *)walk->path.data;
    if (type == DT_REG && walk->path.len <= WALK_PATH_MAX &&
        !sp_walk_is_excluded(shared->options, path))
        return walk_offer_file(walk, why);
    struct stat st = {0};
    int fd = walk->path.len > WALK_PATH_MAX
                 ? -1
                 : sp_open_beneath(shared->root_fd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int failed = fd < 0 ? (walk->path.len > WALK_PATH_MAX ? ENAMETOOLONG : errno) : 0;
    if (fd >= 0 && fstat(fd, &st) != 0)
        failed = errno;
    if (fd >= 0 && failed == 0 && S_ISLNK(st.st_mode) && !walk_read_link(walk, fd))
        failed = errno;
    if (fd >= 0)
        (void)close(fd);
    if (failed != 0)
        return walk_note_reason(walk, &st, SP_NODE_REGULAR, sp_open_reason(failed),
                                strerrordesc_np(failed), why);
    enum sp_node node = S_ISDIR(st.st_mode)   ? SP_NODE_DIRECTORY
                        : S_ISLNK(st.st_mode) ? SP_NODE_SYMLINK
                        : S_ISREG(st.st_mode) ? SP_NODE_REGULAR
                                              : SP_NODE_SPECIAL;
    if (sp_walk_is_excluded(shared->options, path))
        return walk_note_reason(walk, &st, node, SP_REASON_EXCLUDED, "by --exclude", why);
    switch (node) {
    case SP_NODE_DIRECTORY:
        return walk_directory(walk, &st, why);
    case SP_NODE_REGULAR:
        return walk_offer_file(walk, why);
    case SP_NODE_SYMLINK:
        return walk_note_reason(walk, &st, node, SP_REASON_NOT_FOLLOWED, "symbolic link", why);
    default:
        return walk_note_reason(walk, &st, node, SP_REASON_SPECIAL, "FIFO, socket or device", why);
    }
}

static enum sp_err walk_entries(struct walk *walk, const struct walk_names *names,
                                struct sp_why *why)
{
    size_t path_len = walk->path.len; /* without NUL; 0 at the root */
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < names->count; i++) {
        if (walk_is_stopped(walk))
            return sp_fail(why, SP_ERR_STOP, "stopped");
        walk->path.len = path_len;
        if (path_len > 0)
            err = sp_buf_append_byte(&walk->path, '/', why);
        if (err == SP_OK)
            err = sp_buf_append(&walk->path, names->sorted[i], strlen(names->sorted[i]) + 1, why);
        if (err == SP_OK)
            err = walk_entry(walk, (unsigned char)names->sorted[i][-1], why);
    }
    walk->path.len = path_len;
    return err;
}

/* Opens the directory at walk->path (with NUL, or the root); NULL with errno. */
static DIR *walk_open(const struct walk *walk, const char *path)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = sp_open_beneath(walk->lane->shared->root_fd, path, flags);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL && fd >= 0)
        (void)close(fd);
    return dir;
}

static enum sp_err walk_read_directory(struct walk *walk, const struct stat *st,
                                       struct walk_names *names, struct sp_why *why)
{
    const char *path = walk->path.len == 0 ? "." : (const char *)walk->path.data;
    DIR *dir = walk_open(walk, path);
    int failed = errno;
    enum sp_err err = SP_OK;
    if (dir != NULL) {
        err = walk_read(dir, names, &failed, why);
        (void)closedir(dir);
    }
    if (err != SP_OK)
        return err;
    bool whole = dir != NULL && failed == 0;
    if (walk->path.len == 0)
        return whole ? SP_OK
                     : sp_fail(why, SP_ERR_NOINPUT, "cannot read the directory: %s",
                               strerrordesc_np(failed));
    return whole ? walk_note(walk, st, SP_NODE_DIRECTORY, NULL, why)
                 : walk_note_reason(walk, st, SP_NODE_DIRECTORY, sp_open_reason(failed),
                                    strerrordesc_np(failed), why);
}

static enum sp_err walk_directory(struct walk *walk, const struct stat *st, struct sp_why *why)
{
    const struct sp_shared *shared = walk->lane->shared;
    if (shared->options->one_file_system && st->st_dev != shared->root_dev)
        return walk_note_reason(walk, st, SP_NODE_DIRECTORY, SP_REASON_EXCLUDED,
                                "another file system: --all-file-systems enters it", why);
    if (walk->depth == WALK_DEPTH_MAX)
        return walk_note_reason(walk, st, SP_NODE_DIRECTORY, SP_REASON_LIMIT_DEPTH,
                                "directories nest too deep", why);
    struct walk_names names = {.count = 0};
    sp_buf_init(&names.bytes, WALK_ENTRIES_MAX_BYTES);
    enum sp_err err = walk_read_directory(walk, st, &names, why);
    if (walk->path.len > 0)
        walk->path.len--; /* the NUL */
    walk->depth++;
    if (err == SP_OK && names.sorted != NULL)
        err = walk_entries(walk, &names, why);
    walk->depth--;
    walk_names_clear(&names);
    return err;
}

enum sp_err sp_walk(struct sp_lane *lane, struct sp_why *why)
{
    struct walk walk = {.lane = lane};
    struct stat st;
    if (fstat(lane->shared->root_fd, &st) != 0)
        return sp_fail(why, SP_ERR_IO, "cannot look at the root: %s", strerrordesc_np(errno));
    sp_buf_init(&walk.path, 1U << 20);
    enum sp_err err = walk_directory(&walk, &st, why);
    sp_buf_clear(&walk.path);
    return err;
}

enum sp_err sp_walk_only(struct sp_lane *lane, struct sp_why *why)
{
    const struct sp_scan_options *options = lane->shared->options;
    struct walk walk = {.lane = lane};
    enum sp_err err = SP_OK;
    sp_buf_init(&walk.path, 1U << 20);
    for (size_t i = 0; err == SP_OK && i < options->only_count; i++) {
        if (walk_is_stopped(&walk)) {
            err = sp_fail(why, SP_ERR_STOP, "stopped");
            break;
        }
        sp_buf_reset(&walk.path);
        err = sp_buf_append(&walk.path, options->only[i], strlen(options->only[i]) + 1, why);
        if (err == SP_OK)
            err = walk_offer_file(&walk, why);
    }
    sp_buf_clear(&walk.path);
    return err;
}
