/* A tape over a stream: it remembers its last bytes, so that after a parser broke off somewhere
 * in what it had read ahead, reading goes on from there with another parser. */
#ifndef SP_EXTRACT_TAPE_H
#define SP_EXTRACT_TAPE_H

#include "core/stream.h"

enum { SP_TAPE_KEEP_BYTES = 64 * 1024 }; /* what is remembered before the block given last */

struct sp_tape {
    struct sp_stream *stream; /* borrowed */
    uint8_t *keep;            /* 2 * SP_TAPE_KEEP_BYTES; the bytes just before `block` */
    size_t keep_len;
    struct sp_slice block; /* block read last; the stream's */
    uint64_t block_start;  /* tape position of block.ptr[0] */
    uint64_t pos;          /* of the next byte that is given */
    bool ended;            /* the stream's end was reached */
    enum sp_err failed;    /* the stream failed; its reason is sp_stream_reason(stream) */
};

/* SP_ERR_NOMEM. */
enum sp_err sp_tape_open(struct sp_tape *tape, struct sp_stream *stream, struct sp_why *why);
void sp_tape_close(struct sp_tape *tape);
/* The next block, valid until the next call; out->len 0 = end. A failure of the stream is kept. */
enum sp_err sp_tape_next(struct sp_tape *tape, struct sp_slice *out, struct sp_why *why);
/* Goes back (or, inside what was read, on) to `pos`; as far as is remembered. Returns where it
 * stands. */
uint64_t sp_tape_seek(struct sp_tape *tape, uint64_t pos);
/* Copies what stands at [pos, pos + len) into room, if all of it is still remembered. */
bool sp_tape_look(const struct sp_tape *tape, uint64_t pos, size_t len, uint8_t *room);
/* Copies the last bytes that were read, at most `want`, into room; returns how many. */
size_t sp_tape_tail(const struct sp_tape *tape, size_t want, uint8_t *room);

#endif
