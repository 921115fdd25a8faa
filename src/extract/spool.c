#include "extract/spool.h"

#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum sp_err sp_spool_begin(struct sp_spool *out, struct sp_why *why)
{
    *out = (struct sp_spool){.fd = memfd_create("speur", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    return out->fd >= 0 ? SP_OK
                        : sp_fail(why, SP_ERR_NOMEM, "no memory file: %s", strerrordesc_np(errno));
}

size_t sp_spool_put(struct sp_spool *spool, struct sp_slice block, uint64_t max_bytes)
{
    size_t written = 0;
    size_t room = block.len;
    if (room > max_bytes - spool->len) /* cannot wrap: len <= max_bytes */
        room = (size_t)(max_bytes - spool->len);
    while (written < room) {
        ssize_t put = write(spool->fd, block.ptr + written, room - written);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            break; /* memory ran out */
        written += (size_t)put;
    }
    spool->len += written;
    spool->limit = spool->limit || written < block.len;
    return written;
}

enum sp_err sp_spool_seal(struct sp_spool *spool, struct sp_why *why)
{
    if (fcntl(spool->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        return SP_OK;
    sp_spool_clear(spool);
    return sp_fail(why, SP_ERR_NOMEM, "cannot seal a memory file: %s", strerrordesc_np(errno));
}

enum sp_err sp_spool_fill(struct sp_stream *stream, uint64_t max_bytes, struct sp_spool *out,
                          struct sp_why *why)
{
    enum sp_err err = sp_spool_begin(out, why);
    while (err == SP_OK && !out->whole && !out->limit) {
        struct sp_slice block;
        struct sp_why ignored; /* kept by the stream, given by its next next() */
        if (sp_stream_next(stream, &block, &ignored) != SP_OK)
            break;
        out->whole = block.len == 0;
        size_t written = sp_spool_put(out, block, max_bytes);
        if (written < block.len)
            sp_stream_unget(stream, block.len - written);
    }
    return err == SP_OK ? sp_spool_seal(out, why) : err;
}

void sp_spool_clear(struct sp_spool *spool)
{
    if (spool->fd >= 0)
        (void)close(spool->fd);
    spool->fd = -1;
}

/* ---- the spooled part, then the rest ------------------------------------------------------ */
struct spool_source {
    int fd; /* owned */
    uint64_t len;
    uint64_t pos;
    struct sp_stream *rest; /* borrowed */
    struct sp_stream *own;  /* the stream that this is the source of */
    uint8_t *block;
};

static enum sp_err spool_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct spool_source *source = self;
    if (source->pos >= source->len) {
        enum sp_err err = sp_stream_next(source->rest, out, why);
        if (err != SP_OK)
            sp_stream_set_reason(source->own, sp_stream_reason(source->rest));
        return err;
    }
    ssize_t got = pread(source->fd, source->block, SP_BLOCK_BYTES, (off_t)source->pos);
    if (got <= 0)
        return sp_fail(why, SP_ERR_IO, "cannot read a memory file");
    source->pos += (uint64_t)got;
    *out = (struct sp_slice){source->block, (size_t)got};
    return SP_OK;
}

static void spool_close(void *self)
{
    struct spool_source *source = self;
    (void)close(source->fd);
    sp_free(source->block);
    sp_free(source);
}

static const struct sp_source_ops spool_ops = {spool_next, spool_close};

enum sp_err sp_spool_stream(struct sp_spool *spool, struct sp_stream *rest, struct sp_stream **out,
                            struct sp_why *why)
{
    if (spool->whole) {
        enum sp_err err = sp_stream_open_fd(spool->fd, true, out, why);
        spool->fd = -1; /* closed by the stream also when it could not be opened */
        return err;
    }
    struct spool_source *source = sp_alloc_zero(sizeof *source);
    uint8_t *block = sp_alloc(SP_BLOCK_BYTES);
    enum sp_err err = source == NULL || block == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory to read a memory file")
                          : sp_stream_open(&spool_ops, source, out, why);
    if (err != SP_OK) {
        sp_free(source);
        sp_free(block);
        return err;
    }
    *source = (struct spool_source){
        .fd = spool->fd, .len = spool->len, .rest = rest, .own = *out, .block = block};
    spool->fd = -1; /* the source's now */
    return SP_OK;
}
