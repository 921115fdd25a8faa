/* Bytes of an archive that are no member: read raw, and reported where there should be none. */
#include "base/limits.h"
#include "base/mem.h"
#include "extract/container.h"
#include "extract/formats.h"
#include "extract/run.h"

#include <unistd.h>

enum sp_err sp_container_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                                bool fallback, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    unread.fallback = fallback;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

static enum sp_err range_block(struct sp_container_range *range, struct sp_slice *out,
                               struct sp_why *why)
{
    if (range->tape != NULL) {
        enum sp_err err = sp_tape_next(range->tape, out, why);
        if (err != SP_OK)
            sp_stream_set_reason(range->own, sp_stream_reason(range->tape->stream));
        return err;
    }
    uint64_t left = range->end - range->pos;
    size_t want = left < SP_BLOCK_BYTES ? (size_t)left : SP_BLOCK_BYTES;
    ssize_t got = want == 0 ? 0 : pread(range->fd, range->block, want, (off_t)range->pos);
    if (got < 0)
        return sp_fail(why, SP_ERR_IO, "cannot read the file");
    range->pos += (uint64_t)got;
    *out = (struct sp_slice){range->block, (size_t)got};
    return SP_OK;
}

static enum sp_err range_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct sp_container_range *range = self;
    *out = (struct sp_slice){NULL, 0};
    for (;;) {
        enum sp_err err = range_block(range, out, why);
        if (err != SP_OK || out->len == 0)
            return err;
        while (!range->past_zeros && out->len > 0 && out->ptr[0] == 0) {
            out->ptr++;
            out->len--;
        }
        range->past_zeros |= out->len > 0;
        if (out->len > 0)
            return SP_OK;
    }
}

static const struct sp_source_ops range_ops = {range_next, NULL};

/* Reads a range raw. With `detail` it should have at most `slack` bytes, and is reported else. */
enum sp_err sp_container_range_read(struct sp_extract *x, struct sp_container_range *range,
                                    const char *detail, size_t slack, struct sp_why *why)
{
    struct sp_stream *outer = x->stream;
    struct sp_slice head = {NULL, 0};
    range->block = range->tape == NULL ? sp_alloc(SP_BLOCK_BYTES) : NULL;
    if (range->tape == NULL && range->block == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    enum sp_err err = sp_stream_open(&range_ops, range, &range->own, why);
    if (err == SP_OK)
        err = sp_stream_peek(range->own, slack + 1, &head, why);
    if (err == SP_OK && head.len > slack && detail != NULL)
        err = sp_container_unread(x, SP_REASON_CORRUPT, detail, true, why);
    if (err == SP_OK && range->own != NULL) {
        x->stream = range->own;
        err = sp_extract_raw_rest(x, why);
        x->stream = outer;
    }
    sp_stream_close(range->own);
    sp_free(range->block);
    return err;
}
