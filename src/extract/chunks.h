/* The chunked transfer coding of HTTP/1.1 (RFC 9112, 7.1) as a stream: "SIZE[;extension]", a line
 * end, as many bytes, a line end; the last chunk has none, and fields may follow it. */
#ifndef SP_EXTRACT_CHUNKS_H
#define SP_EXTRACT_CHUNKS_H

#include "base/buf.h"
#include "core/stream.h"

enum { SP_CHUNKS_ROOM_BYTES = 64 * 1024, SP_CHUNKS_LINE_MAX = 4096 };

struct sp_chunks {
    struct sp_stream *inner, *own;
    struct sp_buf notes; /* extensions, and fields behind the last chunk */
    int state;
    uint64_t left; /* of the chunk */
    size_t line_len;
    uint8_t line[SP_CHUNKS_LINE_MAX]; /* which is not at its end yet */
    uint8_t *room;                    /* what is given next */
    size_t have;
    enum sp_err failed; /* of the stream below, after what came before it */
    struct sp_why failed_why;
};

/* Does a chunk begin here? Crawlers leave the field and take the coding off. */
bool sp_chunks_begin(struct sp_slice head);
/* A stream of the chunks' data over `inner`, which stays the caller's; so does *chunks. After
 * damage the bytes go on as they came, and the stream fails at its end. SP_ERR_NOMEM. */
enum sp_err sp_chunks_open(struct sp_chunks *chunks, struct sp_stream *inner, struct sp_why *why);
void sp_chunks_close(struct sp_chunks *chunks);

#endif
