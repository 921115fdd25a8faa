#include "extract/tape.h"

#include "base/mem.h"

enum { TAPE_ROOM_BYTES = 2 * SP_TAPE_KEEP_BYTES };

enum sp_err sp_tape_open(struct sp_tape *tape, struct sp_stream *stream, struct sp_why *why)
{
    *tape = (struct sp_tape){.stream = stream, .keep = sp_alloc(TAPE_ROOM_BYTES)};
    return tape->keep != NULL ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "no memory to read a stream");
}

void sp_tape_close(struct sp_tape *tape)
{
    sp_free(tape->keep);
    tape->keep = NULL;
}

/* Keeps the end of the block that is about to become invalid. */
static void tape_remember(struct sp_tape *tape)
{
    struct sp_slice block = tape->block;
    if (block.len == 0)
        return;
    if (block.len >= SP_TAPE_KEEP_BYTES) {
        memcpy(tape->keep, block.ptr + block.len - SP_TAPE_KEEP_BYTES, SP_TAPE_KEEP_BYTES);
        tape->keep_len = SP_TAPE_KEEP_BYTES;
        return;
    }
    if (block.len > TAPE_ROOM_BYTES - tape->keep_len) {
        size_t stay = SP_TAPE_KEEP_BYTES; /* keep_len is larger: block.len is smaller than that */
        memmove(tape->keep, tape->keep + tape->keep_len - stay, stay);
        tape->keep_len = stay;
    }
    memcpy(tape->keep + tape->keep_len, block.ptr, block.len);
    tape->keep_len += block.len;
}

enum sp_err sp_tape_next(struct sp_tape *tape, struct sp_slice *out, struct sp_why *why)
{
    if (tape->pos < tape->block_start) {
        size_t back = (size_t)(tape->block_start - tape->pos);
        *out = (struct sp_slice){tape->keep + tape->keep_len - back, back};
        tape->pos = tape->block_start;
        return SP_OK;
    }
    size_t given = (size_t)(tape->pos - tape->block_start);
    if (given < tape->block.len) {
        *out = (struct sp_slice){tape->block.ptr + given, tape->block.len - given};
        tape->pos += out->len;
        return SP_OK;
    }
    tape_remember(tape);
    tape->block_start += tape->block.len;
    tape->block = (struct sp_slice){NULL, 0};
    *out = tape->block;
    if (tape->ended)
        return SP_OK;
    enum sp_err err = sp_stream_next(tape->stream, &tape->block, why);
    if (err != SP_OK) {
        tape->block = (struct sp_slice){NULL, 0};
        tape->failed = err;
        return err;
    }
    tape->ended = tape->block.len == 0;
    tape->pos += tape->block.len;
    *out = tape->block;
    return SP_OK;
}

uint64_t sp_tape_seek(struct sp_tape *tape, uint64_t pos)
{
    uint64_t first = tape->block_start - tape->keep_len;
    uint64_t end = tape->block_start + tape->block.len;
    tape->pos = pos < first ? first : pos > end ? end : pos;
    return tape->pos;
}

bool sp_tape_look(const struct sp_tape *tape, uint64_t pos, size_t len, uint8_t *room)
{
    uint64_t first = tape->block_start - tape->keep_len;
    if (pos < first || pos + len > tape->block_start + tape->block.len)
        return false;
    size_t early = pos >= tape->block_start ? 0 : (size_t)(tape->block_start - pos);
    early = early < len ? early : len;
    if (early > 0)
        memcpy(room, tape->keep + (pos - first), early);
    if (early < len)
        memcpy(room + early, tape->block.ptr + (pos + early - tape->block_start), len - early);
    return true;
}

size_t sp_tape_tail(const struct sp_tape *tape, size_t want, uint8_t *room)
{
    size_t late = tape->block.len < want ? tape->block.len : want;
    size_t early = tape->keep_len < want - late ? tape->keep_len : want - late;
    if (early > 0)
        memcpy(room, tape->keep + tape->keep_len - early, early);
    if (late > 0)
        memcpy(room + early, tape->block.ptr + tape->block.len - late, late);
    return early + late;
}
