#include "extract/sparse.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/holes.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SPARSE_MIN_BYTES = 64 << 20, /* below it zeros are read in no time */
    SPARSE_SHARE = 4,            /* a quarter of it, or less, is there */
    SPARSE_BLOCK = 512           /* unit of st_blocks */
};

bool sp_sparse_is(const struct sp_stream *stream)
{
    struct stat st;
    int fd = sp_stream_fd(stream);
    return fd >= 0 && sp_stream_offset(stream) == 0 && fstat(fd, &st) == 0 &&
           st.st_size >= SPARSE_MIN_BYTES &&
           st.st_blocks < st.st_size / SPARSE_BLOCK / SPARSE_SHARE;
}

struct sparse_source {
    int fd; /* borrowed */
    uint64_t pos, size;
    uint64_t data_end; /* end of the data that pos is in; pos = there: find more */
    struct sp_holes *holes;
    struct sp_stream *own;
    uint8_t *block;
};

/* At a place of which nothing is known: a hole, whose zeros are *out, or data. */
static enum sp_err sparse_find(struct sparse_source *source, struct sp_slice *out,
                               struct sp_why *why)
{
    off_t data = lseek(source->fd, (off_t)source->pos, SEEK_DATA);
    uint64_t begin = source->size; /* ENXIO: no more data */
    if (data >= 0 && (uint64_t)data < source->size)
        begin = (uint64_t)data;
    else if (data < 0 && errno != ENXIO) /* the file system does not tell */
        begin = source->pos;
    off_t hole = begin < source->size ? lseek(source->fd, (off_t)begin, SEEK_HOLE) : -1;
    source->data_end =
        hole > (off_t)begin && (uint64_t)hole < source->size ? (uint64_t)hole : source->size;
    uint64_t len = begin - source->pos;
    source->pos = begin;
    *out = (struct sp_slice){NULL, 0};
    return len == 0 ? SP_OK
                    : sp_holes_shorten(source->holes, sp_stream_offset(source->own), len, out, why);
}

static enum sp_err sparse_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct sparse_source *source = self;
    *out = (struct sp_slice){NULL, 0};
    if (source->pos >= source->data_end && source->pos < source->size) {
        enum sp_err err = sparse_find(source, out, why);
        if (err != SP_OK || out->len > 0)
            return err;
    }
    uint64_t left = source->data_end > source->pos ? source->data_end - source->pos : 0;
    size_t want = left < SP_BLOCK_BYTES ? (size_t)left : SP_BLOCK_BYTES;
    ssize_t got = want == 0 ? 0 : pread(source->fd, source->block, want, (off_t)source->pos);
    if (got < 0)
        return sp_fail(why, SP_ERR_IO, "cannot read at byte %llu: %s",
                       (unsigned long long)source->pos, strerrordesc_np(errno));
    source->pos += (uint64_t)got;
    *out = (struct sp_slice){source->block, (size_t)got};
    return SP_OK;
}

static const struct sp_source_ops sparse_ops = {sparse_next, NULL};

enum sp_err sp_sparse_read(struct sp_extract *x,
                           enum sp_err (*read)(struct sp_extract *x, struct sp_why *why),
                           struct sp_why *why)
{
    struct sp_holes holes;
    struct sp_stream *outer = x->stream;
    struct sp_sink *sink = x->sink;
    struct sparse_source source = {.fd = sp_stream_fd(outer),
                                   .size = sp_stream_size(outer),
                                   .holes = &holes,
                                   .block = sp_alloc(SP_BLOCK_BYTES)};
    sp_holes_init(&holes, sink);
    holes.objects = 1; /* the file itself is open already */
    enum sp_err err = source.block == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory to read a file")
                                           : sp_stream_open(&sparse_ops, &source, &source.own, why);
    if (err == SP_OK) {
        x->stream = source.own;
        x->sink = &holes.sink;
        err = read(x, why);
        x->stream = outer;
        x->sink = sink;
        x->done->bytes_read = source.pos;
    }
    sp_stream_close(source.own);
    sp_holes_clear(&holes);
    sp_free(source.block);
    return err;
}
