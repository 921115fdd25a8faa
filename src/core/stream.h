/* A stream of bytes to read, with a look at its head, wherever it comes from: a descriptor, a
 * decompressor, a member of an archive, memory. Pull, block by block, no copying. */
#ifndef SP_CORE_STREAM_H
#define SP_CORE_STREAM_H

#include "speur/err.h"
#include "speur/reason.h"
#include "speur/slice.h"

struct sp_stream;

/* A source gives the next block: *out is valid until the next call or close; len 0 = end.
 * An error may come after some blocks: what was given stays good. A source that fails with
 * SP_ERR_FORMAT may tell why with sp_stream_set_reason on the stream it feeds. */
struct sp_source_ops {
    enum sp_err (*next)(void *self, struct sp_slice *out, struct sp_why *why);
    void (*close)(void *self); /* may be NULL */
};

/* Takes over fd (closed with the stream) when `owned`. Seekable descriptors are read with pread
 * from offset 0, so that several may share one. */
enum sp_err sp_stream_open_fd(int fd, bool owned, struct sp_stream **out, struct sp_why *why);
/* Takes over self on success (closed by ops->close). */
enum sp_err sp_stream_open(const struct sp_source_ops *ops, void *self, struct sp_stream **out,
                           struct sp_why *why);
/* Borrowed bytes. */
enum sp_err sp_stream_open_memory(struct sp_slice bytes, struct sp_stream **out,
                                  struct sp_why *why);
void sp_stream_close(struct sp_stream *stream);

/* The first bytes, up to `want` (<= SP_HEAD_BYTES), without consuming them. Shorter only at the
 * end of the stream. Only before the first next(). An error while peeking is kept and given by
 * the next() that reaches it: what could be read is in *head. */
enum sp_err sp_stream_peek(struct sp_stream *stream, size_t want, struct sp_slice *head,
                           struct sp_why *why);
/* The next block; out->len 0 = end of stream. Peeked bytes come first. */
enum sp_err sp_stream_next(struct sp_stream *stream, struct sp_slice *out, struct sp_why *why);
/* Puts back the last `count` bytes of the block given last. */
void sp_stream_unget(struct sp_stream *stream, size_t count);
/* Bytes given out so far by next(). */
uint64_t sp_stream_offset(const struct sp_stream *stream);
/* The seekable descriptor behind the stream (borrowed), or -1. Its whole content is the stream. */
int sp_stream_fd(const struct sp_stream *stream);
/* Size when known (regular file, memory), else SP_SIZE_UNKNOWN. */
uint64_t sp_stream_size(const struct sp_stream *stream);
/* `watch` is called after each block that the source gave, with the bytes it has given so far: who
 * watches knows that a long read goes on, whatever reads. NULL: nobody. */
void sp_stream_watch(struct sp_stream *stream, void (*watch)(void *ctx, uint64_t bytes), void *ctx);
/* Why the stream failed with SP_ERR_FORMAT, as a reason (corrupt, truncated, …); set by sources
 * with sp_stream_set_reason, asked by whoever turns the failure into an unread record. */
enum sp_reason sp_stream_reason(const struct sp_stream *stream);
void sp_stream_set_reason(struct sp_stream *stream, enum sp_reason reason);

#endif
