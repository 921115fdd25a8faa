/* Deflated data in memory, with the head of zlib (RFC 1950). */
#ifndef SP_EXTRACT_INFLATE_H
#define SP_EXTRACT_INFLATE_H

#include "base/buf.h"

/* Appends what `in` inflates to, as far as it is sound and out->max allows; *cut: it does not allow
 * all. SP_ERR_NOMEM. */
enum sp_err sp_inflate(struct sp_slice in, struct sp_buf *out, bool *cut, struct sp_why *why);

#endif
