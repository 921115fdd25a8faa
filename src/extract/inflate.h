/* Deflated data in memory, with the head of zlib (RFC 1950). */
#ifndef SP_EXTRACT_INFLATE_H
#define SP_EXTRACT_INFLATE_H

#include "base/buf.h"

enum sp_inflate_end {
    SP_INFLATE_WHOLE,  /* to its end, and the checksum is right, or not there at all */
    SP_INFLATE_CUT,    /* the input ends before it does */
    SP_INFLATE_BROKEN, /* no head of zlib, an error within, a wrong checksum */
    SP_INFLATE_LIMIT   /* `max` bytes were made */
};
struct sp_inflated {
    enum sp_inflate_end end;
    bool checked;   /* the checksum is there and right */
    bool full;      /* `out` does not hold all */
    uint64_t len;   /* bytes that were made */
    size_t used;    /* bytes of `in`, without the checksum */
    uint32_t adler; /* their checksum, Adler-32 */
};

/* Appends what `in` inflates to, as far as it is sound and out->max allows; goes on to the end, or
 * to `max` bytes, to see how it ends. What stands behind the end counts as nothing. SP_ERR_NOMEM.
 */
enum sp_err sp_inflate(struct sp_slice in, uint64_t max, struct sp_buf *out,
                       struct sp_inflated *told, struct sp_why *why);
/* Adler-32. */
uint32_t sp_adler(struct sp_slice bytes);

#endif
