/* A spool: a sealed memfd that holds an object which wants to seek, or is read by another worker.
 * Nothing is ever written to a disk. */
#ifndef SP_EXTRACT_SPOOL_H
#define SP_EXTRACT_SPOOL_H

#include "core/stream.h"

struct sp_spool {
    int fd;       /* sealed memfd, or -1 */
    uint64_t len; /* bytes in it */
    bool whole;   /* all of the stream is in it */
    bool limit;   /* not whole because it is larger than max_bytes, or memory ran out */
};

/* An empty one, to be put into and sealed. SP_ERR_NOMEM. */
enum sp_err sp_spool_begin(struct sp_spool *out, struct sp_why *why);
/* How much of the block went in; less than all of it: spool->limit is set. */
size_t sp_spool_put(struct sp_spool *spool, struct sp_slice block, uint64_t max_bytes);
/* Nobody writes into it any more. SP_ERR_NOMEM: it was cleared. */
enum sp_err sp_spool_seal(struct sp_spool *spool, struct sp_why *why);
/* Reads the stream into a memfd of at most max_bytes. SP_OK also when that is not all of it: the
 * rest is then still in the stream, and a failure of the stream comes from its next next().
 * SP_ERR_NOMEM: no memfd could be had. */
enum sp_err sp_spool_fill(struct sp_stream *stream, uint64_t max_bytes, struct sp_spool *out,
                          struct sp_why *why);
/* Closes the descriptor. */
void sp_spool_clear(struct sp_spool *spool);
/* A stream of the spool and then of what is left in `rest` (borrowed; NULL when whole), with the
 * failure of `rest`. Takes over the descriptor on success. A whole spool gives a seekable one. */
enum sp_err sp_spool_stream(struct sp_spool *spool, struct sp_stream *rest, struct sp_stream **out,
                            struct sp_why *why);

#endif
