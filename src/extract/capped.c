#include "extract/capped.h"

static enum sp_err capped_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct sp_capped *capped = self;
    enum sp_err err = sp_stream_next(capped->inner, out, why);
    if (err != SP_OK) {
        sp_stream_set_reason(capped->own, sp_stream_reason(capped->inner));
        return err;
    }
    if (out->len > 0 && capped->left == 0) {
        sp_stream_set_reason(capped->own, SP_REASON_LIMIT_BYTES);
        return sp_fail(why, SP_ERR_FORMAT, "longer than the limit of bytes");
    }
    if (out->len > capped->left) { /* the rest is given as the failure of the next call */
        sp_stream_unget(capped->inner, out->len - (size_t)capped->left);
        out->len = (size_t)capped->left;
    }
    capped->left -= out->len;
    return SP_OK;
}

static const struct sp_source_ops capped_ops = {capped_next, NULL};

enum sp_err sp_capped_open(struct sp_capped *capped, struct sp_stream *inner, uint64_t max_bytes,
                           struct sp_why *why)
{
    *capped =
        (struct sp_capped){.inner = inner, .left = max_bytes == 0 ? SP_SIZE_UNKNOWN : max_bytes};
    return sp_stream_open(&capped_ops, capped, &capped->own, why);
}
