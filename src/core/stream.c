#include "core/stream.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

struct sp_stream {
    const struct sp_source_ops *ops;
    void *self;           /* owned by the source; closed with ops->close */
    int fd;               /* seekable descriptor behind it, or -1 */
    uint64_t size;        /* bytes, SP_SIZE_UNKNOWN */
    uint64_t offset;      /* bytes given out by next() */
    struct sp_buf head;   /* peeked bytes, not yet given out */
    size_t head_given;    /* of them, already given out */
    struct sp_slice last; /* block given last */
    size_t put_back;      /* bytes at the end of `last` that were put back */
    bool ended;           /* the source said end of stream */
    enum sp_err failed;   /* kept failure of a peek */
    struct sp_why failed_why;
    enum sp_reason reason; /* why it failed */
    uint64_t pulled;       /* bytes that the source gave */
    void (*watch)(void *ctx, uint64_t bytes);
    void *watch_ctx;
};

/* ---- a descriptor ------------------------------------------------------------------------ */
struct fd_source {
    int fd;
    bool owned;
    bool seekable;
    uint64_t pos; /* of pread */
    uint8_t *block;
};

/* Until there is more: whoever made the pipe may have made it non-blocking. */
static bool fd_wait(int fd)
{
    struct pollfd more = {.fd = fd, .events = POLLIN};
    return poll(&more, 1, -1) >= 0 || errno == EINTR;
}

static enum sp_err fd_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct fd_source *source = self;
    for (;;) {
        ssize_t got = source->seekable
                          ? pread(source->fd, source->block, SP_BLOCK_BYTES, (off_t)source->pos)
                          : read(source->fd, source->block, SP_BLOCK_BYTES);
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && fd_wait(source->fd))))
            continue;
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot read at byte %llu: %s",
                           (unsigned long long)source->pos, strerrordesc_np(errno));
        source->pos += (uint64_t)got;
        *out = (struct sp_slice){source->block, (size_t)got};
        return SP_OK;
    }
}

static void fd_close(void *self)
{
    struct fd_source *source = self;
    if (source->owned)
        (void)close(source->fd);
    sp_free(source->block);
    sp_free(source);
}

static const struct sp_source_ops fd_ops = {fd_next, fd_close};

/* ---- memory ------------------------------------------------------------------------------ */
struct memory_source {
    struct sp_slice bytes;
};

static enum sp_err memory_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    (void)why;
    struct memory_source *source = self;
    *out = source->bytes;
    source->bytes.ptr += source->bytes.len;
    source->bytes.len = 0;
    return SP_OK;
}

static const struct sp_source_ops memory_ops = {memory_next, sp_free};

/* ---- the stream -------------------------------------------------------------------------- */
enum sp_err sp_stream_open(const struct sp_source_ops *ops, void *self, struct sp_stream **out,
                           struct sp_why *why)
{
    struct sp_stream *stream = sp_alloc_zero(sizeof *stream);
    if (stream == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a stream");
    stream->ops = ops;
    stream->self = self;
    stream->fd = -1;
    stream->size = SP_SIZE_UNKNOWN;
    stream->reason = SP_REASON_CORRUPT;
    sp_buf_init(&stream->head, SP_HEAD_BYTES + SP_BLOCK_BYTES);
    *out = stream;
    return SP_OK;
}

enum sp_err sp_stream_open_fd(int fd, bool owned, struct sp_stream **out, struct sp_why *why)
{
    struct fd_source *source = sp_alloc_zero(sizeof *source);
    uint8_t *block = sp_alloc(SP_BLOCK_BYTES);
    enum sp_err err = SP_ERR_NOMEM;
    if (source != NULL && block != NULL)
        err = sp_stream_open(&fd_ops, source, out, why);
    if (source == NULL || err != SP_OK) {
        sp_free(source);
        sp_free(block);
        if (owned)
            (void)close(fd);
        return sp_fail(why, err, "no memory to read a file");
    }
    struct stat st;
    source->fd = fd;
    source->owned = owned;
    source->block = block;
    source->seekable = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (source->seekable) {
        (*out)->fd = fd;
        (*out)->size = (uint64_t)st.st_size;
    }
    return SP_OK;
}

enum sp_err sp_stream_open_memory(struct sp_slice bytes, struct sp_stream **out, struct sp_why *why)
{
    struct memory_source *source = sp_alloc_zero(sizeof *source);
    if (source == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a stream");
    source->bytes = bytes.ptr == NULL ? sp_slice_of("") : bytes; /* of none it is nowhere */
    enum sp_err err = sp_stream_open(&memory_ops, source, out, why);
    if (err != SP_OK)
        sp_free(source);
    else
        (*out)->size = bytes.len;
    return err;
}

void sp_stream_close(struct sp_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->ops->close != NULL)
        stream->ops->close(stream->self);
    sp_buf_clear(&stream->head);
    sp_free(stream);
}

/* Asks the source; keeps its end and its failure, so that it is not asked again. */
static enum sp_err stream_pull(struct sp_stream *stream, struct sp_slice *out, struct sp_why *why)
{
    *out = (struct sp_slice){NULL, 0};
    if (stream->failed != SP_OK)
        return sp_fail(why, stream->failed, "%s", stream->failed_why.text);
    if (stream->ended)
        return SP_OK;
    enum sp_err err = stream->ops->next(stream->self, out, &stream->failed_why);
    if (err != SP_OK) {
        *out = (struct sp_slice){NULL, 0};
        stream->failed = err;
        return sp_fail(why, err, "%s", stream->failed_why.text);
    }
    stream->ended = out->len == 0;
    stream->pulled += out->len;
    if (stream->watch != NULL)
        stream->watch(stream->watch_ctx, stream->pulled);
    return SP_OK;
}

void sp_stream_watch(struct sp_stream *stream, void (*watch)(void *ctx, uint64_t bytes), void *ctx)
{
    stream->watch = watch;
    stream->watch_ctx = ctx;
}

enum sp_err sp_stream_peek(struct sp_stream *stream, size_t want, struct sp_slice *head,
                           struct sp_why *why)
{
    assert(stream->offset == 0 && want <= SP_HEAD_BYTES);
    while (stream->head.len < want && !stream->ended && stream->failed == SP_OK) {
        struct sp_slice block;
        struct sp_why ignored; /* kept in the stream and given by next() */
        if (stream_pull(stream, &block, &ignored) != SP_OK)
            break;
        /* a block is at most SP_BLOCK_BYTES from a descriptor, but any size from elsewhere */
        stream->head.max = stream->head.len + block.len + SP_HEAD_BYTES;
        enum sp_err err = sp_buf_append(&stream->head, block.ptr, block.len, why);
        if (err != SP_OK) { /* the block is lost: whoever reads on must fail, not miss it */
            stream->failed = err;
            (void)sp_fail(&stream->failed_why, err, "no memory to look at the head");
            return err;
        }
    }
    *head = sp_buf_slice(&stream->head);
    if (head->len > want)
        head->len = want;
    return SP_OK;
}

enum sp_err sp_stream_next(struct sp_stream *stream, struct sp_slice *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (stream->put_back > 0) {
        *out = (struct sp_slice){stream->last.ptr + stream->last.len - stream->put_back,
                                 stream->put_back};
        stream->put_back = 0;
    } else if (stream->head_given < stream->head.len) {
        *out = (struct sp_slice){stream->head.data + stream->head_given,
                                 stream->head.len - stream->head_given};
        stream->head_given = stream->head.len;
    } else {
        err = stream_pull(stream, out, why);
    }
    stream->last = *out;
    stream->offset += out->len;
    return err;
}

void sp_stream_unget(struct sp_stream *stream, size_t count)
{
    assert(stream->put_back == 0 && count <= stream->last.len);
    stream->put_back = count;
    stream->offset -= count;
}

uint64_t sp_stream_offset(const struct sp_stream *stream)
{
    return stream->offset;
}

int sp_stream_fd(const struct sp_stream *stream)
{
    return stream->fd;
}

uint64_t sp_stream_size(const struct sp_stream *stream)
{
    return stream->size;
}

enum sp_reason sp_stream_reason(const struct sp_stream *stream)
{
    return stream->reason;
}

void sp_stream_set_reason(struct sp_stream *stream, enum sp_reason reason)
{
    stream->reason = reason;
}
