/* The parent's end: receives frames, hands each to the sink at once, or keeps whole objects for
 * another lane. Knows with which object a worker ended. */
#include "base/clock.h"
#include "base/mem.h"
#include "worker/frames_in.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PUMP_POLL_MS = 200 }; /* how soon a stop is seen */

/* What became of the frames received so far. */
enum pump_step { PUMP_GO_ON, PUMP_FINISHED, PUMP_BAD };

/* One job while it is pumped. */
struct pump {
    struct sp_wire_in *in;
    struct sp_sink *sink;
    const struct sp_wire_watch *watch;
    struct sp_wire_result *result;
};

enum sp_err sp_wire_in_new(int socket_fd, struct sp_wire_in **out, struct sp_why *why)
{
    struct sp_wire_in *in = sp_alloc_zero(sizeof *in);
    struct sp_origin *points = sp_alloc((SP_FRAME_TEXT_MAX + 1) * sizeof *points);
    if (in == NULL || points == NULL) {
        sp_free(in);
        sp_free(points);
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the wire");
    }
    in->socket_fd = socket_fd;
    in->points = points;
    sp_buf_init(&in->in, 4 * (size_t)SP_FRAME_MAX);
    sp_buf_init(&in->parcel, SP_PARCEL_MAX_BYTES);
    *out = in;
    return SP_OK;
}

void sp_wire_in_free(struct sp_wire_in *in)
{
    if (in == NULL)
        return;
    for (unsigned i = 0; i < in->fd_count; i++)
        (void)close(in->fds[i]);
    sp_buf_wipe(&in->in);
    sp_buf_wipe(&in->parcel);
    sp_free(in->points);
    sp_free(in);
}

/* ---- receiving ---------------------------------------------------------------------------- */
static void wire_keep_fds(struct sp_wire_in *in, struct msghdr *message)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (in->fd_count < SP_WIRE_FDS_MAX)
                in->fds[in->fd_count++] = fd;
            else
                (void)close(fd);
        }
    }
}

/* One recvmsg into the buffer. *got 0 = end of file. */
static enum sp_err wire_receive(struct sp_wire_in *in, ssize_t *got, struct sp_why *why)
{
    if (in->pos > 0) {
        sp_buf_drop_front(&in->in, in->pos);
        in->pos = 0;
    }
    enum sp_err err = sp_buf_reserve(&in->in, SP_BLOCK_BYTES, why);
    if (err != SP_OK)
        return err;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * SP_WIRE_FDS_MAX)];
    } control = {0};
    struct iovec part = {in->in.data + in->in.len, SP_BLOCK_BYTES};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    do
        *got = recvmsg(in->socket_fd, &message, MSG_CMSG_CLOEXEC);
    while (*got < 0 && errno == EINTR);
    if (*got < 0)
        *got = 0; /* ECONNRESET: the worker is gone, as at end of file */
    wire_keep_fds(in, &message);
    in->in.len += (size_t)*got;
    return SP_OK;
}

/* Waits until bytes can be received. SP_WIRE_DONE: they can. */
static enum sp_wire_end wire_wait(const struct pump *pump)
{
    const struct sp_wire_watch *watch = pump->watch;
    for (;;) {
        if (watch->stop != NULL && *watch->stop)
            return SP_WIRE_STOPPED;
        struct pollfd poll_fd = {.fd = pump->in->socket_fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, PUMP_POLL_MS);
        if (sp_clock_ms() - pump->in->sign_ms >= watch->quiet_ms)
            return SP_WIRE_SILENT;
        if (ready > 0)
            return SP_WIRE_DONE;
    }
}

/* ---- frames for the sink ------------------------------------------------------------------ */
static enum sp_err mute_object(struct sp_sink *sink, const struct sp_object_info *info,
                               struct sp_why *why)
{
    (void)sink, (void)info, (void)why;
    return SP_OK;
}

static enum sp_err mute_record(struct sp_sink *sink, const struct sp_record *record,
                               struct sp_why *why)
{
    (void)sink, (void)record, (void)why;
    return SP_OK;
}

static enum sp_err mute_record_end(struct sp_sink *sink, struct sp_why *why)
{
    (void)sink, (void)why;
    return SP_OK;
}

static enum sp_err mute_field(struct sp_sink *sink, const struct sp_field *field,
                              struct sp_why *why)
{
    (void)sink, (void)field, (void)why;
    return SP_OK;
}

static enum sp_err mute_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    (void)sink, (void)utf8, (void)map, (void)why;
    return SP_OK;
}

static enum sp_err mute_unread(struct sp_sink *sink, const struct sp_unread *unread,
                               struct sp_why *why)
{
    (void)sink, (void)unread, (void)why;
    return SP_OK;
}

/* For what was heard before: only what may come before the first object below. */
static const struct sp_sink_ops mute_ops = {.object_begin = mute_object,
                                            .record_begin = mute_record,
                                            .record_end = mute_record_end,
                                            .field = mute_field,
                                            .text = mute_text,
                                            .unread = mute_unread};

static bool pump_begins_below(const struct sp_wire_in *in, const struct sp_frame_view *frame)
{
    return in->open == 0 && !in->in_record &&
           (frame->type == SP_FRAME_OBJECT_BEGIN || frame->type == SP_FRAME_CHILD);
}

/* Hands one frame to the sink and keeps the account of the objects below the job's. */
static enum sp_err pump_deliver(struct pump *pump, const struct sp_frame_view *frame, bool *bad,
                                struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    struct sp_sink mute_sink = {&mute_ops};
    uint64_t ordinal = 0;
    if (pump_begins_below(in, frame)) {
        in->mute = false;
        ordinal = sp_frame_ordinal(frame);
    }
    bool heard = in->mute && frame->type != SP_FRAME_PROGRESS;
    enum sp_err err = sp_frame_deliver(in, frame, heard ? &mute_sink : pump->sink, bad, why);
    if (err != SP_OK || *bad)
        return err;
    struct sp_wire_result *result = pump->result;
    if (frame->type == SP_FRAME_OBJECT_BEGIN && in->open == 1) {
        result->begun = ordinal;
    } else if (frame->type == SP_FRAME_OBJECT_END && in->open == 0) {
        result->done_last = result->begun;
        result->begun = 0;
    } else if (frame->type == SP_FRAME_CHILD && in->open == 0) {
        result->done_last = ordinal;
    }
    return SP_OK;
}

/* All frames of `bytes`, which are whole. */
static enum sp_err pump_deliver_all(struct pump *pump, struct sp_slice bytes, bool *bad,
                                    struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *bad = false;
    while (err == SP_OK && !*bad && bytes.len > 0) {
        struct sp_frame_view frame;
        bool whole;
        if (!sp_frame_view(bytes, &frame, &whole) || !whole || frame.type == SP_FRAME_DONE) {
            *bad = true;
            break;
        }
        bytes.ptr += frame.bytes.len;
        bytes.len -= frame.bytes.len;
        err = pump_deliver(pump, &frame, bad, why);
    }
    return err;
}

/* ---- frames for another lane -------------------------------------------------------------- */
/* Hands the whole objects of the parcel over; what is kept of the one that goes on stays. */
static enum sp_err parcel_give(struct pump *pump, struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    struct sp_buf rest;
    size_t left = in->parcel.len - in->parcel_whole;
    if (in->parcel_whole == 0)
        return SP_OK;
    sp_buf_init(&rest, SP_PARCEL_MAX_BYTES);
    enum sp_err err = SP_OK;
    if (left > 0)
        err = sp_buf_append(&rest, in->parcel.data + in->parcel_whole, left, why);
    if (err != SP_OK)
        return err;
    in->parcel.len = in->parcel_whole;
    in->parcel_whole = 0;
    err = pump->watch->relay.take(pump->watch->relay.ctx, &in->parcel, why);
    in->parcel = rest;
    return err;
}

/* Gives up keeping the object at hand: what is there of it goes to the sink now. */
static enum sp_err parcel_open_up(struct pump *pump, bool *bad, struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    struct sp_buf kept;
    enum sp_err err = parcel_give(pump, why);
    if (err != SP_OK)
        return err;
    kept = in->parcel; /* only the object at hand is left in it */
    sp_buf_init(&in->parcel, SP_PARCEL_MAX_BYTES);
    in->parcel_open = 0;
    pump->result->begun = 0;
    err = pump_deliver_all(pump, sp_buf_slice(&kept), bad, why);
    sp_buf_wipe(&kept);
    return err;
}

/* A frame of an object that is kept. */
static enum sp_err parcel_add(struct pump *pump, const struct sp_frame_view *frame,
                              struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    enum sp_err err = sp_buf_append(&in->parcel, frame->bytes.ptr, frame->bytes.len, why);
    if (err != SP_OK)
        return err;
    if (frame->type == SP_FRAME_OBJECT_BEGIN)
        in->parcel_open++;
    else if (frame->type == SP_FRAME_OBJECT_END && --in->parcel_open == 0) {
        pump->result->done_last = pump->result->begun;
        pump->result->begun = 0;
        in->parcel_whole = in->parcel.len;
        if (in->parcel.len >= SP_PARCEL_BYTES)
            err = parcel_give(pump, why);
    }
    return err;
}

static bool parcel_wants(const struct pump *pump, const struct sp_frame_view *frame)
{
    const struct sp_wire_in *in = pump->in;
    const struct sp_wire_relay *relay = &pump->watch->relay;
    return relay->wanted != NULL && pump_begins_below(in, frame) &&
           frame->type == SP_FRAME_OBJECT_BEGIN &&
           frame->bytes.len <= SP_PARCEL_MAX_BYTES - in->parcel.len && relay->wanted(relay->ctx);
}

/* A frame other than DONE. */
static enum sp_err pump_frame(struct pump *pump, const struct sp_frame_view *frame, bool *bad,
                              struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    enum sp_err err = SP_OK;
    bool progress = frame->type == SP_FRAME_PROGRESS;
    if (progress && sp_frame_progress(frame) > in->progress_bytes)
        in->progress_bytes = sp_frame_progress(frame);
    if (in->parcel_open > 0 && !progress) {
        if (frame->type != SP_FRAME_CHILD &&
            frame->bytes.len <= SP_PARCEL_MAX_BYTES - in->parcel.len)
            return parcel_add(pump, frame, why);
        err = parcel_open_up(pump, bad, why);
    } else if (parcel_wants(pump, frame)) {
        in->mute = false;
        pump->result->begun = sp_frame_ordinal(frame);
        return parcel_add(pump, frame, why);
    }
    return err != SP_OK || *bad ? err : pump_deliver(pump, frame, bad, why);
}

/* ---- one job ------------------------------------------------------------------------------ */
/* Is there more from it than a PROGRESS that makes none? */
static bool pump_lives(const struct sp_wire_in *in, const struct sp_frame_view *frame)
{
    return frame->type != SP_FRAME_PROGRESS || sp_frame_progress(frame) > in->progress_bytes;
}

static enum sp_err pump_done(struct pump *pump, const struct sp_frame_view *frame,
                             enum pump_step *step, struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    bool bad = false;
    enum sp_err err = in->parcel_open > 0 ? parcel_open_up(pump, &bad, why) : SP_OK;
    if (err == SP_OK && !bad)
        bad = !sp_frame_done(in, frame, pump->result);
    if (err == SP_OK && !bad)
        err = parcel_give(pump, why);
    *step = bad ? PUMP_BAD : PUMP_FINISHED;
    return err;
}

/* All whole frames that were received. */
static enum sp_err pump_drain(struct pump *pump, enum pump_step *step, struct sp_why *why)
{
    struct sp_wire_in *in = pump->in;
    enum sp_err err = SP_OK;
    bool lives = false;
    *step = PUMP_GO_ON;
    while (err == SP_OK && *step == PUMP_GO_ON) {
        struct sp_frame_view frame = {0};
        bool whole;
        struct sp_slice left = sp_buf_slice(&in->in);
        if (left.len == in->pos)
            break;
        left.ptr += in->pos;
        left.len -= in->pos;
        bool bad = !sp_frame_view(left, &frame, &whole);
        if (!bad && !whole)
            break;
        if (!bad) {
            lives = lives || pump_lives(in, &frame);
            in->pos += frame.bytes.len;
            in->bytes += frame.bytes.len;
            if (frame.type == SP_FRAME_DONE)
                err = pump_done(pump, &frame, step, why);
            else
                err = pump_frame(pump, &frame, &bad, why);
        }
        if (bad || *step == PUMP_BAD) {
            (void)snprintf(pump->result->reason, sizeof pump->result->reason,
                           "bad frame of type %u", frame.type);
            *step = PUMP_BAD;
        }
    }
    if (lives)
        in->sign_ms = sp_clock_ms();
    return err;
}

static void pump_check(const struct pump *pump, enum pump_step *step)
{
    const struct sp_wire_in *in = pump->in;
    uint64_t max = pump->watch->bytes_max;
    const char *wrong = NULL;
    if (*step == PUMP_FINISHED && (in->pos != in->in.len || in->fd_count != 0))
        wrong = "it went on behind its end"; /* would count for the next file */
    else if (*step == PUMP_GO_ON && max != 0 && in->bytes > max)
        wrong = "it sends more than its file can hold";
    if (wrong == NULL)
        return;
    (void)snprintf(pump->result->reason, sizeof pump->result->reason, "%s", wrong);
    *step = PUMP_BAD;
}

static enum sp_err pump_run(struct pump *pump, struct sp_why *why)
{
    for (;;) {
        enum pump_step step;
        enum sp_err err = pump_drain(pump, &step, why);
        if (err != SP_OK)
            return err;
        pump_check(pump, &step);
        if (step != PUMP_GO_ON) {
            pump->result->end = step == PUMP_BAD ? SP_WIRE_NONSENSE : SP_WIRE_DONE;
            return SP_OK;
        }
        pump->result->end = wire_wait(pump);
        if (pump->result->end != SP_WIRE_DONE)
            return SP_OK;
        ssize_t got;
        err = wire_receive(pump->in, &got, why);
        if (err != SP_OK)
            return err;
        if (got == 0) {
            pump->result->end = SP_WIRE_LOST;
            return SP_OK;
        }
    }
}

enum sp_err sp_wire_pump(struct sp_wire_in *in, struct sp_sink *sink,
                         const struct sp_wire_watch *watch, struct sp_wire_result *result,
                         struct sp_why *why)
{
    struct pump pump = {in, sink, watch, result};
    *result = (struct sp_wire_result){.end = SP_WIRE_DONE};
    in->open = 0;
    in->in_record = false;
    in->mute = watch->mute;
    in->bytes = 0;
    in->progress_bytes = 0;
    in->sign_ms = sp_clock_ms();
    enum sp_err err = pump_run(&pump, why);
    if (err == SP_OK) /* after whatever end: what came whole is not lost */
        err = parcel_give(&pump, why);
    sp_buf_wipe(&in->parcel);
    in->parcel_whole = 0;
    in->parcel_open = 0;
    return err;
}

enum sp_err sp_wire_replay(struct sp_wire_in *in, struct sp_slice frames, struct sp_sink *sink,
                           struct sp_wire_result *result, struct sp_why *why)
{
    const struct sp_wire_watch watch = {0};
    struct pump pump = {in, sink, &watch, result};
    bool bad;
    *result = (struct sp_wire_result){.end = SP_WIRE_DONE};
    in->open = 0;
    in->in_record = false;
    in->mute = false;
    enum sp_err err = pump_deliver_all(&pump, frames, &bad, why);
    if (err == SP_OK && (bad || in->open != 0 || in->in_record)) {
        result->end = SP_WIRE_NONSENSE;
        (void)snprintf(result->reason, sizeof result->reason, "bad frame");
    }
    return err;
}
