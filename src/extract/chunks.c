#include "extract/chunks.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

enum chunks_state {
    CHUNKS_SIZE,     /* in the line before a chunk */
    CHUNKS_DATA,     /* in the chunk */
    CHUNKS_DATA_END, /* in the line end behind it */
    CHUNKS_FIELDS,   /* behind the last one */
    CHUNKS_BEHIND,   /* behind it all */
    CHUNKS_DAMAGED   /* somewhere */
};

enum { CHUNKS_NOTES_MAX = 64 * 1024 };

/* Digits of a size, then an extension or the line's end; the place of that, or 0. */
static size_t chunks_digits(struct sp_slice line)
{
    size_t at = 0;
    while (at < line.len && isxdigit(line.ptr[at]))
        at++;
    size_t blank = at;
    while (blank < line.len && (line.ptr[blank] == ' ' || line.ptr[blank] == '\t'))
        blank++;
    bool ends = blank < line.len &&
                (line.ptr[blank] == ';' || line.ptr[blank] == '\n' || line.ptr[blank] == '\r');
    return ends ? at : 0;
}

bool sp_chunks_begin(struct sp_slice head)
{
    return chunks_digits(head) > 0;
}

static bool chunks_number(const uint8_t *digits, size_t len, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        if (*out >> 60 != 0)
            return false;
        *out = *out << 4 | (uint64_t)sp_hex_digit(digits[i]);
    }
    return true;
}

/* ---- lines ----------------------------------------------------------------------------------- */
/* The line at hand is none that should stand here: it goes on with what follows. */
static void chunks_damage(struct sp_chunks *chunks)
{
    memcpy(chunks->room + chunks->have, chunks->line, chunks->line_len);
    chunks->have += chunks->line_len;
    chunks->state = CHUNKS_DAMAGED;
}

static enum sp_err chunks_note(struct sp_chunks *chunks, size_t from, struct sp_why *why)
{
    if (chunks->notes.len + chunks->line_len > CHUNKS_NOTES_MAX) {
        chunks_damage(chunks); /* nobody writes so much there */
        return SP_OK;
    }
    return sp_buf_append(&chunks->notes, chunks->line + from, chunks->line_len - from, why);
}

static enum sp_err chunks_size(struct sp_chunks *chunks, struct sp_why *why)
{
    size_t digits = chunks_digits((struct sp_slice){chunks->line, chunks->line_len});
    enum sp_err err = SP_OK;
    if (digits == 0 || !chunks_number(chunks->line, digits, &chunks->left)) {
        chunks_damage(chunks);
        return SP_OK;
    }
    chunks->state = chunks->left > 0 ? CHUNKS_DATA : CHUNKS_FIELDS;
    if (memchr(chunks->line, ';', chunks->line_len) != NULL)
        err = chunks_note(chunks, digits, why);
    return err;
}

/* A line is whole. */
static enum sp_err chunks_line(struct sp_chunks *chunks, struct sp_why *why)
{
    bool empty = chunks->line_len == 1 || (chunks->line_len == 2 && chunks->line[0] == '\r');
    enum sp_err err = SP_OK;
    if (chunks->state == CHUNKS_SIZE)
        err = chunks_size(chunks, why);
    else if (chunks->state == CHUNKS_FIELDS && empty)
        chunks->state = CHUNKS_BEHIND;
    else if (chunks->state == CHUNKS_FIELDS)
        err = chunks_note(chunks, 0, why);
    else if (empty)
        chunks->state = CHUNKS_SIZE;
    else
        chunks_damage(chunks);
    chunks->line_len = 0;
    return err;
}

/* ---- the stream ------------------------------------------------------------------------------ */
/* Takes bytes of a line; how many. */
static enum sp_err chunks_take_line(struct sp_chunks *chunks, struct sp_slice bytes, size_t *taken,
                                    struct sp_why *why)
{
    const uint8_t *end = memchr(bytes.ptr, '\n', bytes.len);
    size_t len = end == NULL ? bytes.len : (size_t)(end + 1 - bytes.ptr);
    size_t room = sizeof chunks->line - chunks->line_len;
    *taken = len < room ? len : room;
    memcpy(chunks->line + chunks->line_len, bytes.ptr, *taken);
    chunks->line_len += *taken;
    if (*taken == len && end != NULL)
        return chunks_line(chunks, why);
    if (chunks->line_len == sizeof chunks->line) {
        chunks_damage(chunks);
        chunks->line_len = 0;
    }
    return SP_OK;
}

/* Takes bytes that go on, at most `len` of them. */
static size_t chunks_give(struct sp_chunks *chunks, struct sp_slice bytes, uint64_t len)
{
    size_t room = SP_CHUNKS_ROOM_BYTES - chunks->have;
    size_t part = bytes.len < room ? bytes.len : room;
    part = part < len ? part : (size_t)len;
    memcpy(chunks->room + chunks->have, bytes.ptr, part);
    chunks->have += part;
    return part;
}

static enum sp_err chunks_take(struct sp_chunks *chunks, struct sp_slice bytes, size_t *taken,
                               struct sp_why *why)
{
    switch (chunks->state) {
    case CHUNKS_DATA:
        *taken = chunks_give(chunks, bytes, chunks->left);
        chunks->left -= *taken;
        chunks->state = chunks->left == 0 ? CHUNKS_DATA_END : CHUNKS_DATA;
        return SP_OK;
    case CHUNKS_BEHIND:
    case CHUNKS_DAMAGED:
        *taken = chunks_give(chunks, bytes, UINT64_MAX);
        return SP_OK;
    default:
        return chunks_take_line(chunks, bytes, taken, why);
    }
}

/* The stream below has ended. */
static enum sp_err chunks_end(struct sp_chunks *chunks, struct sp_why *why)
{
    if (chunks->line_len > 0) {
        chunks_damage(chunks);
        chunks->line_len = 0;
        return SP_OK;
    }
    if (chunks->state == CHUNKS_BEHIND || chunks->state == CHUNKS_FIELDS)
        return SP_OK;
    bool cut = chunks->state != CHUNKS_DAMAGED;
    sp_stream_set_reason(chunks->own, cut ? SP_REASON_TRUNCATED : SP_REASON_CORRUPT);
    return sp_fail(why, SP_ERR_FORMAT, "%s",
                   cut ? "ends before its last chunk" : "damaged chunks (transfer coding)");
}

/* Room is left for a line that turns out to be none. */
static enum sp_err chunks_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct sp_chunks *chunks = self;
    struct sp_slice block = {NULL, 1};
    enum sp_err err = SP_OK;
    chunks->have = 0;
    while (err == SP_OK && chunks->failed == SP_OK && block.len > 0 &&
           chunks->have < SP_CHUNKS_ROOM_BYTES) {
        size_t taken = 0;
        chunks->failed = sp_stream_next(chunks->inner, &block, &chunks->failed_why);
        while (err == SP_OK && chunks->failed == SP_OK && block.len > 0 &&
               chunks->have < SP_CHUNKS_ROOM_BYTES) {
            err = chunks_take(chunks, block, &taken, why);
            block.ptr += taken;
            block.len -= taken;
        }
        if (block.len > 0 && chunks->failed == SP_OK) {
            sp_stream_unget(chunks->inner, block.len);
            break;
        }
        block.len = chunks->failed == SP_OK && taken > 0 ? 1 : 0;
    }
    if (err == SP_OK && chunks->failed == SP_OK && block.len == 0 && chunks->have == 0)
        err = chunks_end(chunks, why);
    if (err == SP_OK && chunks->failed != SP_OK && chunks->have == 0) {
        sp_stream_set_reason(chunks->own, sp_stream_reason(chunks->inner));
        return sp_fail(why, chunks->failed, "%s", chunks->failed_why.text);
    }
    *out = (struct sp_slice){chunks->room, chunks->have};
    return err;
}

static const struct sp_source_ops chunks_ops = {chunks_next, NULL};

enum sp_err sp_chunks_open(struct sp_chunks *chunks, struct sp_stream *inner, struct sp_why *why)
{
    *chunks = (struct sp_chunks){.inner = inner};
    sp_buf_init(&chunks->notes, 2 * (size_t)CHUNKS_NOTES_MAX);
    chunks->room = sp_alloc(SP_CHUNKS_ROOM_BYTES + SP_CHUNKS_LINE_MAX);
    if (chunks->room == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read chunks");
    return sp_stream_open(&chunks_ops, chunks, &chunks->own, why);
}

void sp_chunks_close(struct sp_chunks *chunks)
{
    sp_stream_close(chunks->own);
    sp_free(chunks->room);
    sp_buf_clear(&chunks->notes);
    *chunks = (struct sp_chunks){0};
}
