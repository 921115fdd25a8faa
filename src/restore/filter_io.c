/* Bytes of the input, and where they go. */
#include "restore/filter_in.h"

#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static enum sp_err filter_put(struct sp_filter *filter, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len > 0) {
        ssize_t put = write(filter->job->out, bytes.ptr, bytes.len);
        if (put < 0 && errno != EINTR)
            return sp_fail(why, SP_ERR_IO, "cannot write the output: %s", strerrordesc_np(errno));
        bytes.ptr += put > 0 ? put : 0;
        bytes.len -= put > 0 ? (size_t)put : 0;
    }
    return SP_OK;
}

enum sp_err sp_filter_flush(struct sp_filter *filter, struct sp_why *why)
{
    enum sp_err err = filter_put(filter, sp_buf_slice(&filter->out), why);
    sp_buf_reset(&filter->out);
    return err;
}

/* Small pieces are collected, large ones go out as they lie. Fits sp_bytes_out. */
enum sp_err sp_filter_give(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct sp_filter *filter = ctx;
    bool large = bytes.len >= SP_BLOCK_BYTES / 4;
    enum sp_err err = SP_OK;
    if (large || filter->out.len + bytes.len > SP_BLOCK_BYTES)
        err = sp_filter_flush(filter, why);
    if (err == SP_OK && large)
        return filter_put(filter, bytes, why);
    return err == SP_OK ? sp_buf_append(&filter->out, bytes.ptr, bytes.len, why) : err;
}

/* Fits sp_bytes_out and sp_packed_out. */
enum sp_err sp_filter_keep_back(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct sp_filter *filter = ctx;
    return sp_scratch_write(filter->scratch, bytes, why);
}

enum sp_err sp_filter_mute(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    (void)ctx, (void)bytes, (void)why;
    return SP_OK;
}

enum sp_err sp_filter_fill(struct sp_filter *filter, struct sp_why *why)
{
    return filter->block.len > 0 ? SP_OK : sp_stream_next(filter->in, &filter->block, why);
}

enum sp_err sp_filter_cut_off(const struct sp_filter *filter, struct sp_why *why)
{
    return sp_fail(why, SP_ERR_FORMAT,
                   "the input ends within a member, at byte %llu: the output is not whole",
                   (unsigned long long)filter->at);
}

/* Gives `size` bytes of the input to `out`, and takes the padding behind them to whole blocks,
 * which goes to `padding`. */
enum sp_err sp_filter_pass(struct sp_filter *filter, uint64_t size, sp_bytes_out out,
                           struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && size > 0) {
        err = sp_filter_fill(filter, why);
        if (err == SP_OK && filter->block.len == 0)
            return sp_filter_cut_off(filter, why);
        if (err != SP_OK)
            return err;
        size_t part = filter->block.len < size ? filter->block.len : (size_t)size;
        err = out(filter, (struct sp_slice){filter->block.ptr, part}, why);
        filter->block.ptr += part;
        filter->block.len -= part;
        filter->at += part;
        size -= part;
    }
    return err;
}

static enum sp_err filter_collect(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct sp_filter *filter = ctx;
    return sp_buf_append(&filter->bytes, bytes.ptr, bytes.len, why);
}

/* The next `size` bytes in filter->bytes. */
enum sp_err sp_filter_take(struct sp_filter *filter, uint64_t size, struct sp_why *why)
{
    sp_buf_reset(&filter->bytes);
    if (size > SP_TAR_HEAD_MAX)
        return sp_fail(why, SP_ERR_LIMIT, "a header of %llu bytes at byte %llu",
                       (unsigned long long)size, (unsigned long long)filter->at);
    return sp_filter_pass(filter, size, filter_collect, why);
}

uint64_t sp_filter_padding(uint64_t size)
{
    return (SP_TAR_BLOCK - size % SP_TAR_BLOCK) % SP_TAR_BLOCK;
}

enum sp_err sp_filter_pad(struct sp_filter *filter, uint64_t size, struct sp_why *why)
{
    static const uint8_t zeros[SP_TAR_BLOCK] = {0};
    return sp_filter_give(filter, (struct sp_slice){zeros, (size_t)sp_filter_padding(size)}, why);
}

/* Has at least `want` bytes in one block, unless the input ends. */
enum sp_err sp_filter_join(struct sp_filter *filter, size_t want, struct sp_why *why)
{
    while (filter->block.len < want) {
        struct sp_slice next = {NULL, 0};
        struct sp_buf joined;
        sp_buf_init(&joined, 2 * SP_BLOCK_BYTES + SP_TAR_BLOCK);
        enum sp_err err = sp_buf_append(&joined, filter->block.ptr, filter->block.len, why);
        if (err == SP_OK)
            err = sp_stream_next(filter->in, &next, why);
        if (err == SP_OK && next.len > 0)
            err = sp_buf_append(&joined, next.ptr, next.len, why);
        if (err != SP_OK || next.len == 0) {
            sp_buf_clear(&joined);
            return err;
        }
        sp_buf_clear(&filter->joined);
        filter->joined = joined;
        filter->block = sp_buf_slice(&filter->joined);
    }
    return SP_OK;
}

enum sp_err sp_filter_from_scratch(struct sp_filter *filter, uint64_t begin, uint64_t end,
                                   sp_bytes_out out, struct sp_why *why)
{
    const struct sp_spans none = {0};
    struct sp_stream *stream = NULL;
    enum sp_err err = sp_scratch_stream(filter->scratch, begin, end, &stream, why);
    if (err == SP_OK)
        err = sp_cut_copy(stream, &none, out, filter, why);
    sp_stream_close(stream);
    return err;
}
