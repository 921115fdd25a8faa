/* The worker's end: a sink that writes frames. Frames are collected and sent in large pieces, so
 * that parsing here and matching in the parent overlap. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "worker/frames.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct sp_wire_sink {
    struct sp_sink base;
    int socket_fd;     /* borrowed */
    struct sp_buf out; /* frames not sent yet */
    size_t frame_at;   /* where the frame being written begins */
    bool holds;        /* nothing is sent: a descriptor must go with it */
    bool careful;      /* where an object begins and ends is sent at once */
    int64_t sent_ms;   /* monotonic: when something was sent last */
};

enum {
    WIRE_SEND_BYTES = 256 * 1024, /* measured: larger pieces bring nothing */
    WIRE_PROGRESS_MS = 250,       /* one is sent at most so often: a system call each */
    WIRE_WAIT_NS = 500000
};

static struct sp_wire_sink *wire_of(struct sp_sink *sink)
{
    return (struct sp_wire_sink *)sink;
}

/* Sends all that is collected; fd >= 0 goes with the first byte. */
static enum sp_err wire_send(struct sp_wire_sink *wire, int fd, struct sp_why *why)
{
    const struct timespec a_while = {0, WIRE_WAIT_NS};
    size_t sent = 0;
    while (sent < wire->out.len) {
        union {
            struct cmsghdr align;
            char space[CMSG_SPACE(sizeof(int))];
        } control = {0};
        struct iovec part = {wire->out.data + sent, wire->out.len - sent};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        if (fd >= 0) {
            message.msg_control = control.space;
            message.msg_controllen = sizeof control.space;
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof fd);
            memcpy(CMSG_DATA(header), &fd, sizeof fd);
        }
        ssize_t got = sendmsg(wire->socket_fd, &message, MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == ETOOMANYREFS) { /* of all workers, until parents take them */
            (void)nanosleep(&a_while, NULL);
            continue;
        }
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot send to the parent: %s", strerrordesc_np(errno));
        sent += (size_t)got;
        fd = -1;
    }
    sp_buf_reset(&wire->out);
    wire->sent_ms = sp_clock_ms();
    return SP_OK;
}

static enum sp_err wire_frame(struct sp_wire_sink *wire, enum sp_frame type, struct sp_why *why)
{
    wire->frame_at = wire->out.len;
    enum sp_err err = sp_buf_append_u32(&wire->out, 0, why); /* the length, known at the end */
    return err != SP_OK ? err : sp_buf_append_u32(&wire->out, (uint32_t)type, why);
}

/* Fills in the length; `err` is what writing the payload gave. A frame that failed is taken back.
 */
static enum sp_err wire_frame_end(struct sp_wire_sink *wire, enum sp_err err, struct sp_why *why)
{
    if (err != SP_OK) {
        wire->out.len = wire->frame_at;
        return err;
    }
    size_t len = wire->out.len - wire->frame_at - 8;
    assert(len <= SP_FRAME_MAX);
    for (unsigned i = 0; i < 4; i++)
        wire->out.data[wire->frame_at + i] = (uint8_t)(len >> (8 * i));
    return wire->out.len < WIRE_SEND_BYTES || wire->holds ? SP_OK : wire_send(wire, -1, why);
}

static enum sp_err wire_put_done(struct sp_buf *out, const struct sp_object_done *done,
                                 struct sp_why *why)
{
    enum sp_err err = sp_buf_append_slice(out, sp_slice_of(done->format), why);
    if (err == SP_OK)
        err = sp_buf_append_varint(out, done->shape, why);
    if (err == SP_OK)
        err = sp_buf_append_slice(out, sp_slice_of(done->encoding), why);
    if (err == SP_OK)
        err = sp_buf_append_varint(out, done->bytes_read, why);
    if (err == SP_OK)
        err = sp_buf_append_varint(out, done->record_count, why);
    return err != SP_OK ? err : sp_buf_append_varint(out, done->state, why);
}

/* Names that no restore could use are cut, and that is reported of the container: the parent
 * takes no longer ones from anybody. */
static enum sp_err wire_put_info(struct sp_wire_sink *wire, enum sp_frame type,
                                 const struct sp_object_info *info, struct sp_why *why)
{
    struct sp_object_info cut = *info;
    struct sp_slice *names[] = {&cut.name, &cut.part, &cut.link, &cut.owner, &cut.group};
    bool too_long = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        too_long = too_long || names[i]->len > SP_MEMBER_NAME_MAX_BYTES;
        if (names[i]->len > SP_MEMBER_NAME_MAX_BYTES)
            names[i]->len = SP_MEMBER_NAME_MAX_BYTES;
    }
    enum sp_err err = SP_OK;
    if (too_long)
        err = sp_sink_unread_reason(&wire->base, SP_REASON_CORRUPT,
                                    "a name in it is longer than 65536 bytes", SP_SIZE_UNKNOWN,
                                    SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = wire_frame(wire, type, why);
    if (err != SP_OK)
        return err;
    return wire_frame_end(wire, sp_frame_put_info(&wire->out, &cut, why), why);
}

/* Parts of a locator: as much as is valid UTF-8, at most SP_NAME_MAX_BYTES. */
static struct sp_slice wire_part(struct sp_slice text)
{
    size_t len = 0;
    while (len < text.len) {
        uint32_t code_point;
        unsigned width = sp_utf8_decode(text.ptr + len, text.len - len, &code_point);
        if (width == 0 || len + width > SP_NAME_MAX_BYTES)
            break;
        len += width;
    }
    return (struct sp_slice){text.ptr, len};
}

static enum sp_err wire_object_begin(struct sp_sink *sink, const struct sp_object_info *info,
                                     struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    enum sp_err err = wire_put_info(wire, SP_FRAME_OBJECT_BEGIN, info, why);
    return err == SP_OK && wire->careful ? wire_send(wire, -1, why) : err;
}

static enum sp_err wire_object_end(struct sp_sink *sink, const struct sp_object_done *done,
                                   struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    enum sp_err err = wire_frame(wire, SP_FRAME_OBJECT_END, why);
    if (err == SP_OK)
        err = wire_put_done(&wire->out, done, why);
    err = wire_frame_end(wire, err, why);
    return err == SP_OK && wire->careful ? wire_send(wire, -1, why) : err;
}

static enum sp_err wire_record_begin(struct sp_sink *sink, const struct sp_record *record,
                                     struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    const uint64_t numbers[] = {record->kind, record->ordinal, record->row, record->line,
                                sp_frame_zigzag(record->date_s)};
    const struct sp_slice texts[] = {wire_part(record->table), wire_part(record->pk),
                                     wire_part(record->message_id)};
    enum sp_err err = wire_frame(wire, SP_FRAME_RECORD_BEGIN, why);
    for (size_t i = 0; err == SP_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        err = sp_buf_append_varint(&wire->out, numbers[i], why);
    for (size_t i = 0; err == SP_OK && i < sizeof texts / sizeof texts[0]; i++)
        err = sp_buf_append_slice(&wire->out, texts[i], why);
    return wire_frame_end(wire, err, why);
}

static enum sp_err wire_record_end(struct sp_sink *sink, struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    return wire_frame_end(wire, wire_frame(wire, SP_FRAME_RECORD_END, why), why);
}

static enum sp_err wire_field(struct sp_sink *sink, const struct sp_field *field,
                              struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    enum sp_err err = wire_frame(wire, SP_FRAME_FIELD, why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&wire->out, wire_part(field->key), why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&wire->out, wire_part(field->part), why);
    if (err == SP_OK)
        err = sp_buf_append_varint(&wire->out, field->column, why);
    if (err == SP_OK)
        err = sp_buf_append_varint(&wire->out, field->line, why);
    return wire_frame_end(wire, err, why);
}

static enum sp_err wire_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    assert(utf8.len <= SP_FRAME_TEXT_MAX);
    enum sp_err err = wire_frame(wire, SP_FRAME_TEXT, why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&wire->out, utf8, why);
    if (err == SP_OK)
        err = sp_buf_append_varint(&wire->out, map.count, why);
    uint32_t text_pos = 0;
    uint64_t source_off = 0;
    for (size_t i = 0; err == SP_OK && i < map.count; i++) { /* deltas: mostly two bytes a point */
        err = sp_buf_append_varint(&wire->out, map.points[i].text_pos - text_pos, why);
        if (err == SP_OK)
            err = sp_buf_append_varint(
                &wire->out, sp_frame_zigzag((int64_t)(map.points[i].source_off - source_off)), why);
        text_pos = map.points[i].text_pos;
        source_off = map.points[i].source_off;
    }
    return wire_frame_end(wire, err, why);
}

static enum sp_err wire_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                              struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    enum sp_err err = wire->out.len > 0 ? wire_send(wire, -1, why) : SP_OK;
    wire->holds = true;
    if (err == SP_OK)
        err = wire_put_info(wire, SP_FRAME_CHILD, info, why);
    wire->holds = false;
    if (err == SP_OK)
        err = wire_send(wire, fd, why);
    (void)close(fd);
    return err;
}

static enum sp_err wire_unread(struct sp_sink *sink, const struct sp_unread *unread,
                               struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    const uint64_t numbers[] = {unread->reason, unread->bytes_read, unread->bytes_expected,
                                unread->partial, unread->fallback};
    enum sp_err err = wire_frame(wire, SP_FRAME_UNREAD, why);
    for (size_t i = 0; err == SP_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        err = sp_buf_append_varint(&wire->out, numbers[i], why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&wire->out, sp_slice_of(unread->detail), why);
    return wire_frame_end(wire, err, why);
}

static enum sp_err wire_progress(struct sp_sink *sink, uint64_t bytes, struct sp_why *why)
{
    struct sp_wire_sink *wire = wire_of(sink);
    if (sp_clock_ms() - wire->sent_ms < WIRE_PROGRESS_MS)
        return SP_OK;
    enum sp_err err = wire_frame(wire, SP_FRAME_PROGRESS, why);
    if (err == SP_OK)
        err = sp_buf_append_varint(&wire->out, bytes, why);
    err = wire_frame_end(wire, err, why);
    return err != SP_OK ? err : wire_send(wire, -1, why); /* it tells that we live: at once */
}

static const struct sp_sink_ops wire_ops = {
    .object_begin = wire_object_begin,
    .object_end = wire_object_end,
    .record_begin = wire_record_begin,
    .record_end = wire_record_end,
    .field = wire_field,
    .text = wire_text,
    .child = wire_child,
    .unread = wire_unread,
    .progress = wire_progress,
};

enum sp_err sp_wire_sink_new(int socket_fd, struct sp_wire_sink **out, struct sp_why *why)
{
    struct sp_wire_sink *wire = sp_alloc_zero(sizeof *wire);
    if (wire == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the wire");
    wire->base.ops = &wire_ops;
    wire->socket_fd = socket_fd;
    sp_buf_init(&wire->out, WIRE_SEND_BYTES + 2 * (size_t)SP_FRAME_MAX);
    *out = wire;
    return SP_OK;
}

void sp_wire_sink_free(struct sp_wire_sink *wire)
{
    if (wire == NULL)
        return;
    sp_buf_clear(&wire->out);
    sp_free(wire);
}

void sp_wire_sink_careful(struct sp_wire_sink *wire, bool careful)
{
    wire->careful = careful;
}

struct sp_sink *sp_wire_sink_base(struct sp_wire_sink *wire)
{
    return &wire->base;
}

enum sp_err sp_wire_sink_done(struct sp_wire_sink *wire, enum sp_err result,
                              const struct sp_object_done *done, const char *reason,
                              struct sp_why *why)
{
    enum sp_err err = wire_frame(wire, SP_FRAME_DONE, why);
    if (err == SP_OK)
        err = sp_buf_append_varint(&wire->out, (uint64_t)result, why);
    if (err == SP_OK)
        err = wire_put_done(&wire->out, done, why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&wire->out, sp_slice_of(reason), why);
    err = wire_frame_end(wire, err, why);
    return err != SP_OK ? err : wire_send(wire, -1, why);
}
