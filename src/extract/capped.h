/* A stream that ends at a limit: with an error whose reason is limit_bytes, so that the rest is
 * told as unread. */
#ifndef SP_EXTRACT_CAPPED_H
#define SP_EXTRACT_CAPPED_H

#include "core/stream.h"

/* Lives on the caller's stack, longer than the stream. */
struct sp_capped {
    struct sp_stream *inner; /* borrowed */
    struct sp_stream *own;   /* what to read; sp_stream_close closes it alone */
    uint64_t left;           /* bytes that may still be given */
};

/* max_bytes 0: no limit. */
enum sp_err sp_capped_open(struct sp_capped *capped, struct sp_stream *inner, uint64_t max_bytes,
                           struct sp_why *why);

#endif
