#include "scan/lane.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/extract.h"
#include "scan/open.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LANE_QUIET_MS = 30000, LANE_NAME_BUFFER = 4096 };

enum sp_err sp_lane_new(const struct sp_shared *shared, struct sp_lane **out, struct sp_why *why)
{
    const struct sp_scan_options *options = shared->options;
    struct sp_lane *lane = sp_alloc_zero(sizeof *lane);
    if (lane == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a lane");
    lane->base.ops = &sp_lane_ops;
    lane->shared = shared;
    for (unsigned i = 0; i < SP_LANE_LINKS_MAX; i++)
        sp_link_init(&lane->links[i], options->worker_path,
                     options->quiet_ms > 0 ? options->quiet_ms : LANE_QUIET_MS, options->stop);
    enum sp_err err = sp_matcher_new(options->patterns, options->region, &lane->matcher, why);
    if (err == SP_OK)
        err = sp_matcher_new(options->patterns, options->region, &lane->part_matcher, why);
    if (err == SP_OK)
        err = sp_window_new(lane->matcher, options->window_bytes, sp_lane_located, sp_lane_unjudged,
                            lane, &lane->window, why);
    if (err == SP_OK)
        err =
            sp_batch_new(options->inventory, options->key, options->keep_values, &lane->batch, why);
    if (err != SP_OK) {
        sp_lane_free(lane);
        return err;
    }
    *out = lane;
    return SP_OK;
}

void sp_lane_free(struct sp_lane *lane)
{
    if (lane == NULL)
        return;
    while (lane->open_count > 0)
        sp_lane_drop(lane);
    for (unsigned i = 0; i < SP_LANE_LINKS_MAX; i++)
        sp_link_close(&lane->links[i]);
    sp_batch_free(lane->batch);
    sp_window_free(lane->window);
    sp_matcher_free(lane->part_matcher);
    sp_matcher_free(lane->matcher);
    sp_free(lane);
}

/* ---- reading one object that is open on the stack ------------------------------------------- */
static enum sp_err lane_unread_reason(struct sp_lane *lane, enum sp_reason reason,
                                      const char *detail, bool partial, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = partial;
    (void)snprintf(unread.detail, sizeof unread.detail, "%.*s", (int)sizeof unread.detail - 1,
                   detail);
    return sp_lane_unread(lane, &unread, why);
}

/* Why a job ended as it did, as an unread reason. */
static enum sp_reason lane_job_reason(const struct sp_wire_result *result)
{
    switch (result->end) {
    case SP_WIRE_SILENT:
        return SP_REASON_TIMEOUT;
    case SP_WIRE_NONSENSE:
        return SP_REASON_SANDBOX;
    case SP_WIRE_DONE: /* it ended in order, but its extractor could not go on */
        return result->worker_err == SP_ERR_NOMEM ? SP_REASON_LIMIT_MEMORY
               : result->worker_err == SP_ERR_IO  ? SP_REASON_IO_ERROR
                                                  : SP_REASON_CORRUPT;
    default:
        return SP_REASON_CRASHED;
    }
}

/* A worker could not finish this object: what it had open above `base` is closed as unread, and
 * the object says so itself. What was found stays. */
static enum sp_err lane_close_broken(struct sp_lane *lane, unsigned base,
                                     const struct sp_wire_result *result, struct sp_why *why)
{
    const struct sp_object_done broken = {.state = SP_STATE_PARTIAL, .shape = SP_SHAPE_ARCHIVE};
    enum sp_reason reason = lane_job_reason(result);
    enum sp_err err = SP_OK;
    sp_window_abort_record(lane->window);
    while (err == SP_OK && lane->open_count > base) {
        err = lane_unread_reason(lane, reason, result->reason, true, why);
        if (err == SP_OK)
            err = sp_lane_close(lane, &broken, why);
    }
    return err == SP_OK ? lane_unread_reason(lane, reason, result->reason, true, why) : err;
}

static enum sp_err lane_read_in_worker(struct sp_lane *lane, int fd, struct sp_object_done *done,
                                       struct sp_why *why)
{
    const struct sp_scan_options *options = lane->shared->options;
    struct sp_lane_object *object = sp_lane_top(lane);
    unsigned base = lane->open_count;
    if (lane->links_used == SP_LANE_LINKS_MAX)
        return lane_unread_reason(lane, SP_REASON_LIMIT_DEPTH, "too many containers at once", false,
                                  why);
    struct sp_link *link = &lane->links[lane->links_used];
    const struct sp_job job = {.info = object->info,
                               .limits = options->limits,
                               .depth = object->depth,
                               .top_bytes = lane->top_bytes};
    struct sp_wire_result result;
    lane->links_used++;
    enum sp_err err = sp_link_run(link, &job, fd, &lane->base, &result, why);
    lane->links_used--;
    if (err != SP_OK)
        return err;
    if (result.end == SP_WIRE_STOPPED)
        return sp_fail(why, SP_ERR_STOP, "stopped");
    *done = result.done;
    if (result.end == SP_WIRE_DONE && result.worker_err == SP_OK)
        return SP_OK;
    if (result.end != SP_WIRE_DONE) /* unknown what it is: as strict as a container */
        *done = (struct sp_object_done){.shape = SP_SHAPE_ARCHIVE};
    done->state = SP_STATE_PARTIAL;
    return lane_close_broken(lane, base, &result, why);
}

/* Reads the innermost open object from fd (borrowed): here when it is plain, in a worker when its
 * format is complex or unknown. */
static enum sp_err lane_read(struct sp_lane *lane, int fd, struct sp_object_done *done,
                             struct sp_why *why)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    struct sp_stream *stream = NULL;
    enum sp_err err = sp_stream_open_fd(fd, false, &stream, why);
    if (err != SP_OK)
        return err;
    struct sp_identity identity = {.sure = false};
    struct sp_slice head;
    if (sp_stream_fd(stream) >= 0) { /* a pipe can be looked at only by who reads it */
        err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
        if (err == SP_OK)
            sp_identify_stream(stream, head, object->info.name, false, &identity);
    }
    if (err == SP_OK && identity.sure && identity.extractor->place == SP_PLACE_ANY) {
        struct sp_extract extract = {.stream = stream,
                                     .info = &object->info,
                                     .sink = &lane->base,
                                     .limits = &lane->shared->options->limits,
                                     .depth = object->depth,
                                     .top_bytes = lane->top_bytes,
                                     .done = done};
        err = sp_extract_run(&extract, false, why);
        if (done->format != NULL) { /* it lies in `extract`, and is needed longer */
            (void)snprintf(lane->format, sizeof lane->format, "%s", done->format);
            done->format = lane->format;
        }
    } else if (err == SP_OK) {
        err = lane_read_in_worker(lane, fd, done, why);
    }
    sp_stream_close(stream);
    return err;
}

/* Reads and closes the innermost open object. */
static enum sp_err lane_finish(struct sp_lane *lane, int fd, struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_OPEN, .shape = SP_SHAPE_NONE};
    struct sp_lane_object *object = sp_lane_top(lane);
    enum sp_err err = lane_read(lane, fd, &done, why);
    if (err == SP_OK && object->is_root_file && !object->has_stat && done.bytes_read == 0)
        err = lane_unread_reason(lane, SP_REASON_TRUNCATED,
                                 "nothing came: did the program before it fail?", false, why);
    if (err == SP_OK && object->has_stat) { /* was it another file when we had read it? */
        struct stat st = {0};
        struct sp_stat_id now;
        bool gone = fstat(fd, &st) != 0;
        sp_open_stat_id(&st, &now);
        if (gone || now.size != object->stat.size || now.mtime_ns != object->stat.mtime_ns ||
            now.ctime_ns != object->stat.ctime_ns)
            err = lane_unread_reason(lane, SP_REASON_CHANGED, "it changed while it was read", true,
                                     why);
    }
    return err == SP_OK ? sp_lane_close(lane, &done, why) : err;
}

/* ---- children ------------------------------------------------------------------------------ */
static enum sp_err lane_child_task(struct sp_lane *lane, const struct sp_object_info *info, int fd,
                                   struct sp_task **out, struct sp_why *why)
{
    struct sp_task *task = NULL;
    enum sp_err err = sp_task_new(&task, why);
    if (err != SP_OK) {
        (void)close(fd);
        return err;
    }
    task->fd = fd;
    task->is_child = true;
    const struct sp_lane_object *parent = sp_lane_top(lane);
    const struct sp_slice *from[] = {&info->name, &info->part, &info->link, &info->owner,
                                     &info->group};
    struct sp_slice *to[] = {&task->info.name, &task->info.part, &task->info.link,
                             &task->info.owner, &task->info.group};
    size_t at[sizeof to / sizeof to[0]];
    task->info = *info;
    task->info.mime = NULL;
    for (size_t i = 0; err == SP_OK && i < sizeof to / sizeof to[0]; i++) {
        at[i] = task->storage.len;
        err = sp_buf_append(&task->storage, from[i]->ptr, from[i]->len, why);
    }
    for (size_t i = 0; err == SP_OK && i < sizeof to / sizeof to[0]; i++)
        to[i]->ptr = task->storage.data == NULL ? NULL : task->storage.data + at[i];
    task->object_id = sp_inventory_new_id(lane->shared->options->inventory);
    task->parent = parent->id;
    task->depth = parent->depth + 1;
    task->unit =
        parent->is_root_file && info->step == SP_STEP_MEMBER ? task->object_id : parent->unit;
    task->top_bytes = lane->top_bytes;
    struct stat st;
    if (fstat(fd, &st) == 0)
        task->fd_bytes = (uint64_t)st.st_size;
    if (err != SP_OK) {
        sp_task_free(task);
        return err;
    }
    task->top = lane->top; /* the caller adds the part */
    *out = task;
    return SP_OK;
}

static enum sp_err lane_read_child(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    enum sp_err err = sp_lane_open(lane, &task->info, task->object_id, why);
    if (err != SP_OK)
        return err;
    struct sp_lane_object *object = sp_lane_top(lane);
    object->parent = task->parent;
    object->unit = task->unit;
    object->depth = task->depth;
    return lane_finish(lane, task->fd, why);
}

/* Ends the part at hand: well, or with what went wrong (then its file stays OPEN). */
static enum sp_err lane_part_done(struct sp_lane *lane, enum sp_err err, struct sp_why *why)
{
    struct sp_top *top = lane->top;
    struct sp_why ignored; /* the stop is what is told */
    lane->top = NULL;
    if (err == SP_ERR_STOP &&
        top != NULL) /* what is open gets its rows, so that it is known as such */
        (void)sp_lane_flush(lane, &ignored);
    if (err == SP_OK)
        err = sp_batch_part_done(lane->batch, top, why);
    else if (top != NULL)
        sp_top_drop_part(top);
    if (err != SP_OK)
        sp_batch_set_top(lane->batch, NULL);
    return err;
}

enum sp_err sp_lane_child(struct sp_lane *lane, const struct sp_object_info *info, int fd,
                          struct sp_why *why)
{
    struct sp_task *task = NULL;
    enum sp_err err = lane_child_task(lane, info, fd, &task, why);
    if (err != SP_OK)
        return err;
    sp_top_add_part(lane->top);
    if (sp_queue_offer(lane->shared->queue, task))
        return SP_OK;
    struct sp_top *top = lane->top;
    err = lane_read_child(lane, task, why); /* nobody is free: with a worker of its own, now */
    err = lane_part_done(lane, err, why);
    lane->top = top; /* the container's own part goes on */
    sp_batch_set_top(lane->batch, top);
    task->top = NULL;
    sp_task_free(task);
    return err;
}

static enum sp_err lane_do_child(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    lane->top = task->top;
    lane->top_bytes = task->top_bytes;
    lane->told_bytes = UINT64_MAX; /* its bytes are inside a file that counts them itself */
    sp_batch_set_top(lane->batch, lane->top);
    task->top = NULL; /* the lane answers for this part from here on */
    return lane_part_done(lane, lane_read_child(lane, task, why), why);
}

/* ---- files --------------------------------------------------------------------------------- */
static void lane_owner_names(const struct stat *st, char owner[64], char group[64])
{
    char buffer[LANE_NAME_BUFFER];
    struct passwd user;
    struct passwd *found_user = NULL;
    if (getpwuid_r(st->st_uid, &user, buffer, sizeof buffer, &found_user) == 0 &&
        found_user != NULL)
        (void)snprintf(owner, 64, "%s", user.pw_name);
    else
        (void)snprintf(owner, 64, "%u", st->st_uid);
    struct group entry;
    struct group *found_group = NULL;
    if (getgrgid_r(st->st_gid, &entry, buffer, sizeof buffer, &found_group) == 0 &&
        found_group != NULL)
        (void)snprintf(group, 64, "%s", entry.gr_name);
    else
        (void)snprintf(group, 64, "%u", st->st_gid);
}

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
static enum sp_err lane_open_file(struct sp_lane *lane, struct sp_slice name, int fd,
                                  const struct stat *st, struct sp_why *why)
{
    char owner[64] = "";
    char group[64] = "";
    struct sp_object_info info = {.step = SP_STEP_FILE,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = 1,
                                  .name = name,
                                  .size_claimed = SP_SIZE_UNKNOWN,
                                  .mtime_s = INT64_MIN};
    bool known = fd >= 0;
    if (known) {
        lane_owner_names(st, owner, group);
        info.owner = sp_slice_of(owner);
        info.group = sp_slice_of(group);
        info.mtime_s = st->st_mtim.tv_sec;
        info.size_claimed = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : SP_SIZE_UNKNOWN;
    }
    int64_t id = sp_inventory_new_id(lane->shared->options->inventory);
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
    enum sp_err err = lane_open_file(lane, name, fd, st, why);
    if (err == SP_OK)
        err = lane_finish(lane, fd, why);
    err = lane_part_done(lane, err, why);
    lane_file_read_done(lane, S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0);
    return err;
}

static enum sp_err lane_skip_file(struct sp_lane *lane, struct sp_slice name, enum sp_reason reason,
                                  const char *detail, struct sp_why *why)
{
    const struct sp_object_done skipped = {.state = SP_STATE_SKIPPED, .shape = SP_SHAPE_NONE};
    const struct stat none = {0};
    enum sp_err err = lane_open_file(lane, name, -1, &none, why);
    if (err == SP_OK)
        err = lane_unread_reason(lane, reason, detail, false, why);
    if (err == SP_OK)
        err = sp_lane_close(lane, &skipped, why);
    err = lane_part_done(lane, err, why);
    lane_file_read_done(lane, 0);
    return err;
}

/* Is it known and unchanged from an earlier scan? What is known otherwise was removed. */
static enum sp_err lane_reuse(struct sp_lane *lane, struct sp_slice name, const struct stat *st,
                              bool *reused, struct sp_why *why)
{
    const struct sp_shared *shared = lane->shared;
    bool may_know = !shared->options->fresh && S_ISREG(st->st_mode);
    struct sp_stat_id id;
    sp_open_stat_id(st, &id);
    enum sp_err err = sp_inventory_reuse(shared->options->inventory, shared->root_id,
                                         shared->scan_id, name, may_know ? &id : NULL, reused, why);
    lane->reused += err == SP_OK && *reused;
    return err;
}

static enum sp_err lane_do_file(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
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
    err = lane_reuse(lane, task->name, &st, &reused, why);
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

enum sp_err sp_lane_note(struct sp_lane *lane, struct sp_slice name, const struct stat *st,
                         enum sp_node node, const struct sp_unread *unread, struct sp_why *why)
{
    bool seen = unread == NULL || sp_reason_class(unread->reason) == SP_REASON_CLASS_NOTED;
    const struct sp_object_done done = {.state = seen ? SP_STATE_COMPLETE : SP_STATE_SKIPPED,
                                        .shape = SP_SHAPE_NONE};
    bool reused = false;
    enum sp_err err = lane_reuse(lane, name, &(struct stat){0}, &reused, why);
    if (err == SP_OK)
        err = lane_open_file(lane, name, -1, st, why);
    if (err == SP_OK)
        sp_lane_top(lane)->info.node = node;
    if (err == SP_OK && unread != NULL)
        err = sp_lane_unread(lane, unread, why);
    if (err == SP_OK)
        err = sp_lane_close(lane, &done, why);
    return lane_part_done(lane, err, why);
}

enum sp_err sp_lane_do(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    enum sp_err err =
        task->is_child ? lane_do_child(lane, task, why) : lane_do_file(lane, task, why);
    while (err != SP_OK && lane->open_count > 0)
        sp_lane_drop(lane);
    sp_task_free(task);
    return err;
}
