/* Parts that other lanes may read: children that workers handed back, and parcels, whole members
 * whose frames another lane matches. */
#include "base/limits.h"
#include "base/mem.h"
#include "scan/lane.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- accounts ------------------------------------------------------------------------------ */
/* The account that a part below the innermost open object is a part of. A member directly below a
 * file gets one of its own as soon as something in it is read by itself: whoever goes on with the
 * file later trusts members that are finished. */
static enum sp_err lane_part_account(struct sp_lane *lane, struct sp_top **out, struct sp_why *why)
{
    struct sp_lane_object *member = lane->open_count > 1 ? &lane->open[1] : NULL;
    enum sp_err err = SP_OK;
    *out = lane->top;
    if (!sp_top_is_file(lane->top) || member == NULL)
        return SP_OK;
    if (member->account == NULL)
        err = sp_top_new_member(member->id, lane->top, &member->account, why);
    *out = member->account;
    return err;
}

/* Before other lanes write rows of a file its own is in the inventory: whoever resumes a scan that
 * was killed goes on from there. */
static enum sp_err lane_flush_file(struct sp_lane *lane, struct sp_why *why)
{
    bool known = lane->open[0].is_flushed || !sp_top_is_file(lane->top);
    return known ? SP_OK : sp_lane_flush(lane, why);
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
    task->kind = SP_TASK_CHILD;
    const struct sp_lane_object *parent = sp_lane_top(lane);
    const struct sp_slice *from[] = {&info->name, &info->part, &info->link, &info->owner,
                                     &info->group};
    struct sp_slice *to[] = {&task->info.name, &task->info.part, &task->info.link,
                             &task->info.owner, &task->info.group};
    size_t at[sizeof to / sizeof to[0]];
    task->info = *info;
    task->info.mime = sp_mime_kept(info->mime);
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
    *out = task;
    return SP_OK;
}

/* What hangs directly below a file is accounted for by itself; the rest is a part of what it is in.
 */
static enum sp_err lane_child_account(struct sp_lane *lane, struct sp_task *task,
                                      struct sp_why *why)
{
    if (sp_top_is_file(lane->top) && lane->open_count == 1)
        return sp_top_new_member(task->object_id, lane->top, &task->top, why);
    struct sp_top *account = NULL;
    enum sp_err err = lane_part_account(lane, &account, why);
    if (err != SP_OK)
        return err;
    sp_top_add_part(account);
    task->top = account;
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
    return sp_lane_finish(lane, task->fd, why);
}

enum sp_err sp_lane_part_done(struct sp_lane *lane, enum sp_err err, struct sp_why *why)
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

/* Takes the part of a task on, in the place of the one at hand. */
static struct sp_top *lane_take_part(struct sp_lane *lane, struct sp_task *task)
{
    struct sp_top *outer = lane->top;
    lane->top = task->top;
    task->top = NULL; /* the lane answers for this part from here on */
    sp_batch_set_top(lane->batch, lane->top);
    return outer;
}

static void lane_back_to(struct sp_lane *lane, struct sp_top *outer)
{
    lane->top = outer;
    sp_batch_set_top(lane->batch, outer);
}

enum sp_err sp_lane_child(struct sp_lane *lane, const struct sp_object_info *info, int fd,
                          struct sp_why *why)
{
    struct sp_task *task = NULL;
    enum sp_err err = lane_child_task(lane, info, fd, &task, why);
    if (err != SP_OK)
        return err;
    sp_lane_keep_in_part(lane);
    err = lane_flush_file(lane, why);
    if (err == SP_OK)
        err = lane_child_account(lane, task, why);
    if (err == SP_OK && sp_queue_offer(lane->shared->queue, task))
        return SP_OK;
    if (err == SP_OK) { /* nobody is free: with a worker of its own, now */
        struct sp_top *outer = lane_take_part(lane, task);
        err = sp_lane_part_done(lane, lane_read_child(lane, task, why), why);
        lane_back_to(lane, outer); /* the container's own part goes on */
    }
    sp_task_free(task);
    return err;
}

/* ---- parcels ------------------------------------------------------------------------------- */
/* Matches what came in a parcel as objects below the innermost open one. */
static enum sp_err lane_replay(struct sp_lane *lane, struct sp_slice frames, struct sp_why *why)
{
    const struct sp_object_done broken = {.state = SP_STATE_PARTIAL, .shape = SP_SHAPE_ARCHIVE};
    unsigned base = lane->open_count;
    struct sp_wire_result result = {.end = SP_WIRE_DONE};
    enum sp_err err = lane->replay == NULL ? sp_wire_in_new(-1, &lane->replay, why) : SP_OK;
    if (err == SP_OK)
        err = sp_wire_replay(lane->replay, frames, &lane->base, &result, why);
    if (err != SP_OK || result.end == SP_WIRE_DONE)
        return err;
    sp_window_abort_record(lane->window);
    while (err == SP_OK && lane->open_count > base) {
        err = sp_lane_unread_reason(lane, SP_REASON_SANDBOX, result.reason, true, why);
        if (err == SP_OK)
            err = sp_lane_close(lane, &broken, why);
    }
    return err == SP_OK ? sp_lane_unread_reason(lane, SP_REASON_SANDBOX, result.reason, true, why)
                        : err;
}

enum sp_err sp_lane_parcel(struct sp_lane *lane, struct sp_buf *frames, struct sp_why *why)
{
    struct sp_task *task = NULL;
    const struct sp_lane_object *parent = sp_lane_top(lane);
    struct sp_buf mine = *frames;
    sp_buf_init(frames, mine.max);
    enum sp_err err = sp_task_new(&task, why);
    if (err != SP_OK) {
        sp_buf_wipe(&mine);
        return err;
    }
    task->kind = SP_TASK_PARCEL;
    task->frames = mine;
    task->fd_bytes = mine.len;
    task->object_id = parent->id;
    task->unit = parent->unit;
    task->depth = parent->depth;
    task->below_root_file = parent->is_root_file;
    task->top_bytes = lane->top_bytes;
    err = lane_flush_file(lane, why);
    if (err == SP_OK)
        err = lane_part_account(lane, &task->top, why);
    if (err == SP_OK)
        sp_top_add_part(task->top);
    if (err == SP_OK && sp_queue_offer(lane->shared->queue, task))
        return SP_OK;
    if (err == SP_OK)
        err = lane_replay(lane, sp_buf_slice(&task->frames), why);
    if (err == SP_OK && (err = sp_batch_part_done(lane->batch, task->top, why)) == SP_OK)
        task->top = NULL; /* the batch's now */
    sp_batch_set_top(lane->batch, lane->top);
    sp_task_free(task);
    return err;
}

/* Another lane's container, of which this one matches some members: it has its row already. */
static enum sp_err lane_do_parcel(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    struct sp_lane_object *container = &lane->open[0];
    lane->top_bytes = task->top_bytes;
    lane->told_bytes = UINT64_MAX; /* its bytes are inside a file that counts them itself */
    (void)lane_take_part(lane, task);
    *container = (struct sp_lane_object){.id = task->object_id,
                                         .unit = task->unit,
                                         .depth = task->depth,
                                         .is_root_file = task->below_root_file,
                                         .is_stored = true,
                                         .is_flushed = true};
    sp_buf_init(&container->names, 0);
    sp_segment_init(&container->segment);
    lane->open_count = 1;
    enum sp_err err = lane_replay(lane, sp_buf_slice(&task->frames), why);
    if (err == SP_OK)
        sp_lane_drop(lane);
    return sp_lane_part_done(lane, err, why);
}

enum sp_err sp_lane_do_part(struct sp_lane *lane, struct sp_task *task, struct sp_why *why)
{
    if (task->kind == SP_TASK_PARCEL)
        return lane_do_parcel(lane, task, why);
    (void)lane_take_part(lane, task);
    lane->top_bytes = task->top_bytes;
    lane->told_bytes = UINT64_MAX;
    return sp_lane_part_done(lane, lane_read_child(lane, task, why), why);
}
