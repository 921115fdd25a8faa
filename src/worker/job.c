/* Payloads that both ends code: object_info, object_done and the job itself. */
#include "base/limits.h"
#include "base/mem.h"
#include "worker/frames.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

uint64_t sp_frame_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

int64_t sp_frame_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (~(value & 1) + 1));
}

enum sp_err sp_frame_put_info(struct sp_buf *out, const struct sp_object_info *info,
                              struct sp_why *why)
{
    const uint64_t numbers[] = {info->step, info->node, info->ordinal, info->size_claimed,
                                sp_frame_zigzag(info->mtime_s)};
    const struct sp_slice texts[] = {info->name,  info->part,  info->link,
                                     info->owner, info->group, sp_slice_of(info->mime)};
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        err = sp_buf_append_varint(out, numbers[i], why);
    for (size_t i = 0; err == SP_OK && i < sizeof texts / sizeof texts[0]; i++)
        err = sp_buf_append_slice(out, texts[i], why);
    return err;
}

/* An enumeration from the wire: out of range fails the reader. */
static unsigned job_enum(struct sp_reader *reader, unsigned count)
{
    uint64_t value = sp_reader_varint(reader);
    if (value >= count)
        reader->failed = true;
    return reader->failed ? 0 : (unsigned)value;
}

void sp_frame_get_info(struct sp_reader *reader, struct sp_object_info *info,
                       char mime_out[SP_FRAME_MIME_MAX])
{
    *info = (struct sp_object_info){.step = (enum sp_step)job_enum(reader, SP_STEP_COUNT)};
    info->node = (enum sp_node)job_enum(reader, SP_NODE_SPECIAL + 1);
    info->ordinal = sp_reader_varint(reader);
    info->size_claimed = sp_reader_varint(reader);
    info->mtime_s = sp_frame_unzigzag(sp_reader_varint(reader));
    struct sp_slice *texts[] = {&info->name, &info->part, &info->link, &info->owner, &info->group};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = sp_reader_slice(reader);
        if (texts[i]->len > SP_MEMBER_NAME_MAX_BYTES)
            reader->failed = true;
    }
    struct sp_slice mime = sp_reader_slice(reader);
    if (mime.len >= SP_FRAME_MIME_MAX)
        mime.len = 0; /* a hint that long is no type */
    if (mime.len > 0) {
        memcpy(mime_out, mime.ptr, mime.len);
        mime_out[mime.len] = '\0';
        info->mime = mime_out;
    }
}

/* ---- the job ------------------------------------------------------------------------------ */
static enum sp_err job_put_plan(struct sp_buf *out, const struct sp_plan *plan, struct sp_why *why)
{
    const uint64_t numbers[] = {plan->careful, plan->done_count, plan->lost_count};
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        err = sp_buf_append_varint(out, numbers[i], why);
    for (size_t i = 0; err == SP_OK && i < plan->done_count; i++) {
        err = sp_buf_append_varint(out, plan->done[i].first, why);
        if (err == SP_OK)
            err = sp_buf_append_varint(out, plan->done[i].last, why);
    }
    for (size_t i = 0; err == SP_OK && i < plan->lost_count; i++) {
        const uint64_t lost[] = {plan->lost[i].ordinal, plan->lost[i].reason, plan->lost[i].raw};
        for (size_t k = 0; err == SP_OK && k < sizeof lost / sizeof lost[0]; k++)
            err = sp_buf_append_varint(out, lost[k], why);
    }
    return err;
}

static enum sp_err job_put(struct sp_buf *out, const struct sp_job *job, struct sp_why *why)
{
    const struct sp_limits *limits = &job->limits;
    const uint64_t numbers[] = {
        job->depth,
        job->top_bytes,
        limits->programs,
        limits->depth_max,
        limits->mime_depth_max,
        limits->entries_max,
        limits->ratio_layer_max,
        limits->ratio_total_max,
        limits->ratio_free_bytes,
        limits->spool_max_bytes,
        limits->member_max_bytes,
    };
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        err = sp_buf_append_varint(out, numbers[i], why);
    if (err == SP_OK)
        err = job_put_plan(out, &job->plan, why);
    struct sp_slice passwords = {(const uint8_t *)limits->passwords, limits->passwords_len};
    if (err == SP_OK)
        err = sp_buf_append_slice(out, passwords, why);
    return err != SP_OK ? err : sp_frame_put_info(out, &job->info, why);
}

static void job_get_plan(struct sp_reader *reader, struct sp_plan *plan, struct sp_span *spans)
{
    uint64_t careful = sp_reader_varint(reader);
    uint64_t done_count = sp_reader_varint(reader);
    uint64_t lost_count = sp_reader_varint(reader);
    *plan = (struct sp_plan){.done = spans, .careful = careful != 0};
    if (done_count > SP_PLAN_SPANS_MAX || lost_count > SP_PLAN_LOST_MAX)
        reader->failed = true;
    if (reader->failed)
        return;
    plan->done_count = (size_t)done_count;
    plan->lost_count = (size_t)lost_count;
    for (size_t i = 0; i < plan->done_count; i++) {
        spans[i].first = sp_reader_varint(reader);
        spans[i].last = sp_reader_varint(reader);
    }
    for (size_t i = 0; i < plan->lost_count; i++) {
        plan->lost[i].ordinal = sp_reader_varint(reader);
        plan->lost[i].reason = (enum sp_reason)job_enum(reader, SP_REASON_COUNT);
        plan->lost[i].raw = sp_reader_varint(reader) != 0;
    }
}

static void job_get(struct sp_reader *reader, struct sp_job *job, struct sp_span *spans, char *mime)
{
    job->depth = (uint32_t)sp_reader_varint(reader);
    job->top_bytes = sp_reader_varint(reader);
    job->limits.programs = (uint32_t)sp_reader_varint(reader);
    job->limits.depth_max = (uint32_t)sp_reader_varint(reader);
    job->limits.mime_depth_max = (uint32_t)sp_reader_varint(reader);
    job->limits.entries_max = sp_reader_varint(reader);
    job->limits.ratio_layer_max = sp_reader_varint(reader);
    job->limits.ratio_total_max = sp_reader_varint(reader);
    job->limits.ratio_free_bytes = sp_reader_varint(reader);
    job->limits.spool_max_bytes = sp_reader_varint(reader);
    job->limits.member_max_bytes = sp_reader_varint(reader);
    job_get_plan(reader, &job->plan, spans);
    struct sp_slice passwords = sp_reader_slice(reader);
    bool ended = passwords.len > 0 && passwords.ptr[passwords.len - 1] == '\0';
    if (passwords.len > SP_PASSWORDS_BYTES_MAX || (passwords.len > 0 && !ended))
        reader->failed = true;
    else if (ended) {
        job->limits.passwords = (const char *)passwords.ptr;
        job->limits.passwords_len = (uint32_t)passwords.len;
    }
    sp_frame_get_info(reader, &job->info, mime);
}

enum sp_err sp_wire_send_job(int socket_fd, const struct sp_job *job, int fd, struct sp_why *why)
{
    struct sp_buf payload;
    struct sp_buf frame;
    sp_buf_init(&payload, SP_FRAME_MAX);
    sp_buf_init(&frame, SP_FRAME_MAX + 8);
    enum sp_err err = job_put(&payload, job, why);
    if (err == SP_OK)
        err = sp_buf_append_u32(&frame, (uint32_t)payload.len, why);
    if (err == SP_OK)
        err = sp_buf_append_u32(&frame, SP_FRAME_JOB, why);
    if (err == SP_OK)
        err = sp_buf_append(&frame, payload.data, payload.len, why);
    if (err != SP_OK)
        goto done;
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {frame.data, frame.len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof control.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    ssize_t sent;
    do
        sent = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    /* a job is far smaller than the socket's buffer: a short send means that the worker is gone */
    if (sent != (ssize_t)frame.len)
        err = sp_fail(why, SP_ERR_IO, "cannot send a job to the worker: %s",
                      sent < 0 ? strerrordesc_np(errno) : "short send");
done:
    sp_buf_wipe(&payload); /* passwords */
    sp_buf_wipe(&frame);
    return err;
}

/* Receives exactly len bytes; *fd gets a descriptor that came along. SP_ERR_STOP at end of file. */
static enum sp_err job_receive(int socket_fd, uint8_t *out, size_t len, int *fd, struct sp_why *why)
{
    for (size_t have = 0; have < len;) {
        union {
            struct cmsghdr align;
            char space[CMSG_SPACE(sizeof(int))];
        } control = {0};
        struct iovec part = {out + have, len - have};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.space,
                                 .msg_controllen = sizeof control.space};
        ssize_t got = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot receive a job: %s", strerrordesc_np(errno));
        if (got == 0)
            return sp_fail(why, SP_ERR_STOP, "the parent closed the socket");
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header != NULL && header->cmsg_type == SCM_RIGHTS &&
            header->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(fd, CMSG_DATA(header), sizeof(int));
        have += (size_t)got;
    }
    return SP_OK;
}

enum sp_err sp_job_room_init(struct sp_job_room *room, struct sp_why *why)
{
    sp_buf_init(&room->frame, 2 * (size_t)SP_FRAME_MAX);
    room->spans = sp_alloc(SP_PLAN_SPANS_MAX * sizeof *room->spans);
    return room->spans != NULL ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "no memory for a job");
}

void sp_job_room_wipe(struct sp_job_room *room)
{
    if (room->frame.len > 0)
        explicit_bzero(room->frame.data, room->frame.len);
}

void sp_job_room_clear(struct sp_job_room *room)
{
    sp_buf_wipe(&room->frame);
    sp_free(room->spans);
    room->spans = NULL;
}

enum sp_err sp_wire_receive_job(int socket_fd, struct sp_job *job, int *fd,
                                struct sp_job_room *room, struct sp_why *why)
{
    uint8_t header[8];
    struct sp_buf *frame = &room->frame;
    *fd = -1;
    enum sp_err err = job_receive(socket_fd, header, sizeof header, fd, why);
    if (err != SP_OK)
        return err;
    size_t len = (size_t)header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16 |
                 (size_t)header[3] << 24;
    sp_buf_reset(frame);
    err = len > SP_FRAME_MAX || header[4] != SP_FRAME_JOB
              ? sp_fail(why, SP_ERR_FORMAT, "not a job")
              : sp_buf_reserve(frame, len + SP_FRAME_MIME_MAX, why);
    if (err == SP_OK)
        err = job_receive(socket_fd, frame->data, len, fd, why);
    if (err != SP_OK)
        goto done;
    frame->len = len;
    struct sp_reader reader;
    sp_reader_init(&reader, sp_buf_slice(frame));
    job_get(&reader, job, room->spans, (char *)frame->data + len);
    if (reader.failed || *fd < 0)
        err = sp_fail(why, SP_ERR_FORMAT, "not a job");
done:
    if (err != SP_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    return err;
}
