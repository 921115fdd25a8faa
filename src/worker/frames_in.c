/* The parent's end: reads frames and calls a sink. Nothing of what comes in is trusted. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "worker/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    WIRE_FDS_MAX = 8,   /* descriptors that came in before their CHILD frame was read */
    WIRE_OPEN_MAX = 64, /* objects open at once: deeper than any limit of depth */
    WIRE_POLL_MS = 200, /* how soon a stop is seen */
    WIRE_FORMAT_MAX = 64,
    WIRE_HEADER_BYTES = 8
};

struct sp_wire_in {
    int socket_fd;    /* borrowed */
    struct sp_buf in; /* bytes received; in.data[pos..] not read yet */
    size_t pos;
    int fds[WIRE_FDS_MAX]; /* received, owned until a CHILD takes them */
    unsigned fd_count;
    struct sp_origin *points; /* of the TEXT being read; SP_FRAME_TEXT_MAX + 1 of them */
    char format[WIRE_FORMAT_MAX], encoding[WIRE_FORMAT_MAX];
    /* order of calls within one job */
    unsigned open; /* objects begun and not ended */
    bool in_record;
};

/* What one received frame did. */
enum wire_step { WIRE_GO_ON, WIRE_FINISHED, WIRE_BAD };

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
            if (in->fd_count < WIRE_FDS_MAX)
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
        char space[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
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

/* Waits until bytes can be received. */
static enum sp_wire_end wire_wait(struct sp_wire_in *in, int quiet_ms, const volatile int *stop)
{
    for (int waited_ms = 0; waited_ms < quiet_ms; waited_ms += WIRE_POLL_MS) {
        if (stop != NULL && *stop)
            return SP_WIRE_STOPPED;
        struct pollfd poll_fd = {.fd = in->socket_fd, .events = POLLIN};
        if (poll(&poll_fd, 1, WIRE_POLL_MS) > 0)
            return SP_WIRE_DONE;
    }
    return SP_WIRE_SILENT;
}

/* ---- frames ------------------------------------------------------------------------------- */
static unsigned wire_enum(struct sp_reader *reader, unsigned count)
{
    uint64_t value = sp_reader_varint(reader);
    if (value >= count)
        reader->failed = true;
    return reader->failed ? 0 : (unsigned)value;
}

/* A string that must be valid UTF-8 of at most `max` bytes. */
static struct sp_slice wire_text_slice(struct sp_reader *reader, size_t max)
{
    struct sp_slice slice = sp_reader_slice(reader);
    if (slice.len > max || !sp_utf8_valid(slice))
        reader->failed = true;
    return slice;
}

static const char *wire_word(struct sp_reader *reader, char out[WIRE_FORMAT_MAX])
{
    struct sp_slice word = wire_text_slice(reader, WIRE_FORMAT_MAX - 1);
    if (reader->failed || word.len == 0)
        return NULL;
    memcpy(out, word.ptr, word.len);
    out[word.len] = '\0';
    return out;
}

static void wire_get_done(struct sp_wire_in *in, struct sp_reader *reader,
                          struct sp_object_done *done)
{
    done->format = wire_word(reader, in->format);
    done->shape = (enum sp_shape)wire_enum(reader, SP_SHAPE_NONE + 1);
    done->encoding = wire_word(reader, in->encoding);
    done->bytes_read = sp_reader_varint(reader);
    done->record_count = sp_reader_varint(reader);
    done->state = (enum sp_state)wire_enum(reader, SP_STATE_COUNT);
}

static enum sp_err frame_object_begin(struct sp_wire_in *in, struct sp_reader *reader,
                                      struct sp_sink *sink, struct sp_why *why)
{
    struct sp_object_info info;
    char mime[SP_FRAME_MIME_MAX];
    sp_frame_get_info(reader, &info, mime);
    if (reader->failed || in->in_record || in->open == WIRE_OPEN_MAX) {
        reader->failed = true;
        return SP_OK;
    }
    in->open++;
    return sp_sink_object_begin(sink, &info, why);
}

static enum sp_err frame_object_end(struct sp_wire_in *in, struct sp_reader *reader,
                                    struct sp_sink *sink, struct sp_why *why)
{
    struct sp_object_done done;
    wire_get_done(in, reader, &done);
    if (reader->failed || in->in_record || in->open == 0) {
        reader->failed = true;
        return SP_OK;
    }
    in->open--;
    return sp_sink_object_end(sink, &done, why);
}

static enum sp_err frame_record_begin(struct sp_wire_in *in, struct sp_reader *reader,
                                      struct sp_sink *sink, struct sp_why *why)
{
    struct sp_record record = {.kind =
                                   (enum sp_record_kind)wire_enum(reader, SP_RECORD_KIND_COUNT)};
    record.ordinal = sp_reader_varint(reader);
    record.row = sp_reader_varint(reader);
    record.line = sp_reader_varint(reader);
    record.date_s = sp_frame_unzigzag(sp_reader_varint(reader));
    record.table = wire_text_slice(reader, SP_NAME_MAX_BYTES);
    record.pk = wire_text_slice(reader, SP_NAME_MAX_BYTES);
    record.message_id = wire_text_slice(reader, SP_NAME_MAX_BYTES);
    if (reader->failed || in->in_record) {
        reader->failed = true;
        return SP_OK;
    }
    in->in_record = true;
    return sp_sink_record_begin(sink, &record, why);
}

static enum sp_err frame_record_end(struct sp_wire_in *in, struct sp_reader *reader,
                                    struct sp_sink *sink, struct sp_why *why)
{
    if (!in->in_record) {
        reader->failed = true;
        return SP_OK;
    }
    in->in_record = false;
    return sp_sink_record_end(sink, why);
}

static enum sp_err frame_field(struct sp_wire_in *in, struct sp_reader *reader,
                               struct sp_sink *sink, struct sp_why *why)
{
    struct sp_field field = {.key = wire_text_slice(reader, SP_NAME_MAX_BYTES)};
    field.part = wire_text_slice(reader, SP_NAME_MAX_BYTES);
    field.column = (uint32_t)sp_reader_varint(reader);
    field.line = sp_reader_varint(reader);
    if (reader->failed || !in->in_record) {
        reader->failed = true;
        return SP_OK;
    }
    return sp_sink_field(sink, &field, why);
}

/* Points must ascend and lie in the text; their source offsets may be anything. */
static size_t wire_get_points(struct sp_wire_in *in, struct sp_reader *reader, size_t text_len)
{
    uint64_t count = sp_reader_varint(reader);
    if (count > text_len + 1 || count > SP_FRAME_TEXT_MAX + 1) {
        reader->failed = true;
        return 0;
    }
    uint64_t text_pos = 0;
    uint64_t source_off = 0;
    for (size_t i = 0; i < count && !reader->failed; i++) {
        uint64_t step = sp_reader_varint(reader);
        source_off += (uint64_t)sp_frame_unzigzag(sp_reader_varint(reader));
        if (step > text_len - text_pos || (i == 0 && step != 0))
            reader->failed = true;
        else
            text_pos += step;
        in->points[i] = (struct sp_origin){(uint32_t)text_pos, source_off};
    }
    return (size_t)count;
}

static enum sp_err frame_text(struct sp_wire_in *in, struct sp_reader *reader, struct sp_sink *sink,
                              struct sp_why *why)
{
    struct sp_slice text = wire_text_slice(reader, SP_FRAME_TEXT_MAX);
    struct sp_origin_map map = {in->points, wire_get_points(in, reader, text.len)};
    if (reader->failed || !in->in_record) {
        reader->failed = true;
        return SP_OK;
    }
    return sp_sink_text(sink, text, map, why);
}

/* A child must be memory that nobody can change any more: a sealed memfd. */
static bool wire_fd_is_sealed(int fd)
{
    const int needed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & needed) == needed;
}

static enum sp_err frame_child(struct sp_wire_in *in, struct sp_reader *reader,
                               struct sp_sink *sink, struct sp_why *why)
{
    struct sp_object_info info;
    char mime[SP_FRAME_MIME_MAX];
    sp_frame_get_info(reader, &info, mime);
    if (reader->failed || in->in_record || in->fd_count == 0 || !wire_fd_is_sealed(in->fds[0])) {
        reader->failed = true;
        return SP_OK;
    }
    int fd = in->fds[0];
    in->fd_count--;
    memmove(in->fds, in->fds + 1, in->fd_count * sizeof in->fds[0]);
    return sp_sink_child(sink, &info, fd, why);
}

static enum sp_err frame_unread(struct sp_wire_in *in, struct sp_reader *reader,
                                struct sp_sink *sink, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, (enum sp_reason)wire_enum(reader, SP_REASON_COUNT));
    unread.bytes_read = sp_reader_varint(reader);
    unread.bytes_expected = sp_reader_varint(reader);
    unread.partial = sp_reader_varint(reader) != 0;
    unread.fallback = sp_reader_varint(reader) != 0;
    struct sp_slice detail = wire_text_slice(reader, sizeof unread.detail - 1);
    if (reader->failed || in->in_record) {
        reader->failed = true;
        return SP_OK;
    }
    if (detail.len > 0)
        memcpy(unread.detail, detail.ptr, detail.len);
    return sp_sink_unread(sink, &unread, why);
}

static enum sp_err frame_progress(struct sp_wire_in *in, struct sp_reader *reader,
                                  struct sp_sink *sink, struct sp_why *why)
{
    (void)in;
    uint64_t bytes = sp_reader_varint(reader);
    if (reader->failed || sink->ops->progress == NULL)
        return SP_OK;
    return sink->ops->progress(sink, bytes, why);
}

typedef enum sp_err (*frame_handler)(struct sp_wire_in *, struct sp_reader *, struct sp_sink *,
                                     struct sp_why *);
static const frame_handler frame_handlers[] = {
    [SP_FRAME_OBJECT_BEGIN] = frame_object_begin,
    [SP_FRAME_OBJECT_END] = frame_object_end,
    [SP_FRAME_RECORD_BEGIN] = frame_record_begin,
    [SP_FRAME_RECORD_END] = frame_record_end,
    [SP_FRAME_FIELD] = frame_field,
    [SP_FRAME_TEXT] = frame_text,
    [SP_FRAME_CHILD] = frame_child,
    [SP_FRAME_UNREAD] = frame_unread,
    [SP_FRAME_PROGRESS] = frame_progress,
};

static void frame_done(struct sp_wire_in *in, struct sp_reader *reader,
                       struct sp_wire_result *result)
{
    result->worker_err = (enum sp_err)wire_enum(reader, SP_ERR_BUG + 1);
    wire_get_done(in, reader, &result->done);
    struct sp_slice reason = wire_text_slice(reader, SP_WHY_LEN - 1);
    /* an extractor that failed may leave objects open: the receiver closes them */
    if (reader->failed || (result->worker_err == SP_OK && (in->in_record || in->open != 0))) {
        reader->failed = true;
        return;
    }
    if (reason.len > 0)
        memcpy(result->reason, reason.ptr, reason.len);
    result->reason[reason.len] = '\0';
}

/* Reads one frame when a whole one is there. *step WIRE_BAD: nonsense. */
static enum sp_err wire_frame_read(struct sp_wire_in *in, struct sp_sink *sink,
                                   struct sp_wire_result *result, enum wire_step *step, bool *whole,
                                   struct sp_why *why)
{
    size_t have = in->in.len - in->pos;
    *step = WIRE_GO_ON;
    *whole = false;
    if (have < WIRE_HEADER_BYTES)
        return SP_OK;
    const uint8_t *frame = in->in.data + in->pos;
    size_t len =
        (size_t)frame[0] | (size_t)frame[1] << 8 | (size_t)frame[2] << 16 | (size_t)frame[3] << 24;
    unsigned type = frame[4];
    if (len > SP_FRAME_MAX || type < SP_FRAME_OBJECT_BEGIN || type > SP_FRAME_DONE) {
        *step = WIRE_BAD;
        return SP_OK;
    }
    if (have - WIRE_HEADER_BYTES < len)
        return SP_OK;
    *whole = true;
    in->pos += WIRE_HEADER_BYTES + len;
    struct sp_reader reader;
    sp_reader_init(&reader, (struct sp_slice){frame + WIRE_HEADER_BYTES, len});
    enum sp_err err = SP_OK;
    if (type == SP_FRAME_DONE) {
        frame_done(in, &reader, result);
        *step = WIRE_FINISHED;
    } else {
        err = frame_handlers[type](in, &reader, sink, why);
    }
    if (reader.failed) {
        (void)snprintf(result->reason, sizeof result->reason, "bad frame of type %u", type);
        *step = WIRE_BAD;
    }
    return err;
}

/* All whole frames that were received. */
static enum sp_err wire_drain(struct sp_wire_in *in, struct sp_sink *sink,
                              struct sp_wire_result *result, enum wire_step *step,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool whole = true;
    *step = WIRE_GO_ON;
    while (err == SP_OK && *step == WIRE_GO_ON && whole)
        err = wire_frame_read(in, sink, result, step, &whole, why);
    return err;
}

enum sp_err sp_wire_pump(struct sp_wire_in *in, struct sp_sink *sink, int quiet_ms,
                         const volatile int *stop, struct sp_wire_result *result,
                         struct sp_why *why)
{
    *result = (struct sp_wire_result){.end = SP_WIRE_DONE};
    in->open = 0;
    in->in_record = false;
    for (;;) {
        enum wire_step step;
        enum sp_err err = wire_drain(in, sink, result, &step, why);
        if (err == SP_OK && step == WIRE_FINISHED && (in->pos != in->in.len || in->fd_count != 0)) {
            (void)snprintf(result->reason, sizeof result->reason, "it went on behind its end");
            step = WIRE_BAD; /* what it says in advance would count for the next file */
        }
        if (err != SP_OK || step == WIRE_FINISHED)
            return err;
        if (step == WIRE_BAD) {
            result->end = SP_WIRE_NONSENSE;
            return SP_OK;
        }
        result->end = wire_wait(in, quiet_ms, stop);
        if (result->end != SP_WIRE_DONE)
            return SP_OK;
        ssize_t got;
        err = wire_receive(in, &got, why);
        if (err != SP_OK)
            return err;
        if (got == 0) {
            result->end = SP_WIRE_LOST;
            return SP_OK;
        }
    }
}
