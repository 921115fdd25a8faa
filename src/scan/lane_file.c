/* Files of the tree: opened, compared with what is known, read, gone on with. */
#include "scan/lane.h"
#include "scan/open.h"

#include <sys/stat.h>
#include <unistd.h>

static void lane_file_read_done(struct sp_lane *lane, uint64_t size)
{
    struct sp_progress *progress = lane->shared->options->progress;
    if (progress == NULL)
        return;
    if (size > lane->told_bytes)
        atomic_fetch_add_explicit(&progress->bytes_done, size - lane->told_bytes,
                                  memory_order_relaxed);
    atomic_fetch_add_explicit(&progress->files_done, 1, memory_order_relaxed);
}

/* Opens the row of a file of the tree; fd < 0: it could not be opened. */
static enum sp_err lane_open_file(struct sp_lane *lane, struct sp_slice name, struct sp_slice link,
                                  int fd, const struct stat *st, struct sp_why *why)
{
    struct sp_object_info info = {.step = SP_STEP_FILE,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = 1,
                                  .name = name,
                                  .link = link,
                                  .size_claimed = SP_SIZE_UNKNOWN,
                                  .mtime_s = INT64_MIN};
    bool known = fd >= 0;
    if (known) {
        info.owner = sp_slice_of(sp_owner_user(&lane->owners, st->st_uid));
        info.group = sp_slice_of(sp_owner_group(&lane->owners, st->st_gid));
        info.mtime_s = st->st_mtim.tv_sec;
        info.size_claimed = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : SP_SIZE_UNKNOWN;
    }
    int64_t id = lane->resume.object != 0 ? lane->resume.object
                                          : sp_inventory_new_id(lane->shared->options->inventory);
    lane->top_bytes = info.size_claimed;
    enum sp_err err = sp_top_new(id, &lane->top, why);
    if (err != SP_OK)
        return err;
    sp_batch_set_top(lane->batch, lane->top);
    err = sp_lane_open(lane, &info, id, why);
    if (err != SP_OK)
        return err;
    struct sp_lane_object *object = sp_lane_top(lane);
    object->is_root_file = !lane->shared->root_is_tree;
    object->unit = object->is_root_file ? 0 : id;
    if (known && S_ISREG(st->st_mode)) {
        sp_open_stat_id(st, &object->stat);
        object->has_stat = true;
        object->mode = st->st_mode;
    }
    return SP_OK;
}

static enum sp_err lane_read_file(struct sp_lane *lane, struct sp_slice name, int fd,
                                  const struct stat *st, struct sp_why *why)
{
    enum sp_err err = lane_open_file(lane, name, (struct sp_slice){NULL, 0}, fd, st, why);
    if (err == SP_OK)
        err = sp_lane_finish(lane, fd, why);
    err = sp_lane_part_done(lane, err, why);
    lane_file_read_done(lane, S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0);
    return err;
}

static enum sp_err lane_skip_file(struct sp_lane *lane, struct sp_slice name, enum sp_reason reason,
                                  const char *detail, struct sp_why *why)
{
    const struct sp_object_done skipped = {.state = SP_STATE_SKIPPED, .shape = SP_SHAPE_NONE};
    const struct stat none = {0};
    enum sp_err err = lane_open_file(lane, name, (struct sp_slice){NULL, 0}, -1, &none, why);
    if (err == SP_OK)
        err = sp_lane_unread_reason(lane, reason, detail, false, why);
    if (err == SP_OK)
        err = sp_lane_close(lane, &skipped, why);
    err = sp_lane_part_done(lane, err, why);
    lane_file_read_done(lane, 0);
    return err;
}

/* Is it known and unchanged from an earlier scan? What is known otherwise was removed. */
static enum sp_err lane_reuse(struct sp_lane *lane, struct sp_slice name, const struct stat *st,
                              bool *reused, bool may_resume, struct sp_why *why)
{
    const struct sp_shared *shared = lane->shared;
    lane->resume.object = 0;
    bool may_know = !shared->options->fresh && S_ISREG(st->st_mode);
    struct sp_stat_id id;
    sp_open_stat_id(st, &id);
    const struct sp_file_ask ask = {.root_id = shared->root_id,
                                    .scan_id = shared->scan_id,
                                    .name = name,
                                    .stat = may_know ? &id : NULL};
    enum sp_err err = sp_inventory_reuse(shared->options->inventory, &ask, reused,
                                         may_know && may_resume ? &lane->resume : NULL, why);
    lane->reused += err == SP_OK && *reused;
    return err;
}

enum sp_err sp_lane_do_file(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    struct stat st = {0};
    struct sp_why reason_text = {""};
    enum sp_reason reason = SP_REASON_IO_ERROR;
    bool reused = false;
    int fd = task->fd;
    enum sp_err err = SP_OK;
    if (fd >= 0) { /* a root that is one file, or standard input */
        if (fstat(fd, &st) != 0)
            return sp_fail(why, SP_ERR_IO, "cannot look at the root");
    } else {
        err = sp_open_file(lane->shared->root_fd, (const char *)task->name.ptr, &fd, &st, &reason,
                           &reason_text);
    }
    lane->told_bytes = 0;
    lane->files++;
    bool opened = err == SP_OK;
    err = lane_reuse(lane, task->name, &st, &reused, opened, why);
    if (err == SP_OK && reused)
        lane_file_read_done(lane, (uint64_t)st.st_size);
    else if (err == SP_OK && opened)
        err = lane_read_file(lane, task->name, fd, &st, why);
    else if (err == SP_OK)
        err = lane_skip_file(lane, task->name, reason, reason_text.text, why);
    if (fd >= 0 && fd != task->fd)
        (void)close(fd);
    return err;
}

enum sp_err sp_lane_note(struct sp_lane *lane, struct sp_slice name, struct sp_slice link,
                         const struct stat *st, enum sp_node node, const struct sp_unread *unread,
                         struct sp_why *why)
{
    bool seen = unread == NULL || sp_reason_class(unread->reason) == SP_REASON_CLASS_NOTED;
    const struct sp_object_done done = {.state = seen ? SP_STATE_COMPLETE : SP_STATE_SKIPPED,
                                        .shape = SP_SHAPE_NONE};
    bool reused = false;
    enum sp_err err = lane_reuse(lane, name, &(struct stat){0}, &reused, false, why);
    if (err == SP_OK)
        err = lane_open_file(lane, name, link, -1, st, why);
    if (err == SP_OK)
        sp_lane_top(lane)->info.node = node;
    if (err == SP_OK && unread != NULL)
        err = sp_lane_unread(lane, unread, why);
    if (err == SP_OK)
        err = sp_lane_close(lane, &done, why);
    return sp_lane_part_done(lane, err, why);
}
