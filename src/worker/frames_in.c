/* The parent's end: decodes frames and calls a sink. Nothing of what comes in is trusted. */
#include "worker/frames_in.h"

#include "base/utf8.h"

#include <fcntl.h>
#include <unistd.h>

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

static const char *wire_word(struct sp_reader *reader, char out[SP_WIRE_FORMAT_MAX])
{
    struct sp_slice word = wire_text_slice(reader, SP_WIRE_FORMAT_MAX - 1);
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
    if (reader->failed || in->in_record || in->open == SP_WIRE_OPEN_MAX) {
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
    if (reader->failed || in->in_record || in->open == 0 || done.state == SP_STATE_OPEN) {
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

bool sp_frame_done(struct sp_wire_in *in, const struct sp_frame_view *frame,
                   struct sp_wire_result *result)
{
    struct sp_reader reader;
    sp_reader_init(&reader, frame->payload);
    result->worker_err = (enum sp_err)wire_enum(&reader, SP_ERR_BUG + 1);
    wire_get_done(in, &reader, &result->done);
    struct sp_slice reason = wire_text_slice(&reader, SP_WHY_LEN - 1);
    /* an extractor that failed may leave objects open: the receiver closes them */
    if (reader.failed || (result->worker_err == SP_OK && (in->in_record || in->open != 0)))
        return false;
    if (reason.len > 0)
        memcpy(result->reason, reason.ptr, reason.len);
    result->reason[reason.len] = '\0';
    return true;
}

bool sp_frame_view(struct sp_slice bytes, struct sp_frame_view *out, bool *whole)
{
    *whole = false;
    if (bytes.len < SP_WIRE_HEADER_BYTES)
        return true;
    const uint8_t *header = bytes.ptr;
    size_t len = (size_t)header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16 |
                 (size_t)header[3] << 24;
    out->type = header[4];
    if (len > SP_FRAME_MAX || out->type < SP_FRAME_OBJECT_BEGIN || out->type > SP_FRAME_DONE)
        return false;
    *whole = bytes.len - SP_WIRE_HEADER_BYTES >= len;
    out->bytes = (struct sp_slice){header, SP_WIRE_HEADER_BYTES + len};
    out->payload = (struct sp_slice){header + SP_WIRE_HEADER_BYTES, len};
    return true;
}

enum sp_err sp_frame_deliver(struct sp_wire_in *in, const struct sp_frame_view *frame,
                             struct sp_sink *sink, bool *bad, struct sp_why *why)
{
    struct sp_reader reader;
    sp_reader_init(&reader, frame->payload);
    enum sp_err err = frame_handlers[frame->type](in, &reader, sink, why);
    *bad = reader.failed;
    return err;
}

uint64_t sp_frame_ordinal(const struct sp_frame_view *frame)
{
    struct sp_object_info info;
    char mime[SP_FRAME_MIME_MAX];
    struct sp_reader reader;
    sp_reader_init(&reader, frame->payload);
    sp_frame_get_info(&reader, &info, mime);
    return reader.failed ? 0 : info.ordinal;
}

uint64_t sp_frame_progress(const struct sp_frame_view *frame)
{
    struct sp_reader reader;
    sp_reader_init(&reader, frame->payload);
    uint64_t bytes = sp_reader_varint(&reader);
    return reader.failed ? 0 : bytes;
}
