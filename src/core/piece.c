#include "core/piece.h"

#include "base/utf8.h"
#include "core/normalise.h"

#include <string.h>

enum { RUN_DIRECT_BYTES = 2048 }; /* shorter runs are copied: a call costs more than the copy */

enum sp_err sp_piece_flush(struct sp_piece *piece)
{
    if (piece->text_len == 0)
        return SP_OK;
    struct sp_slice text = {piece->text, piece->text_len};
    struct sp_origin_map map = {piece->points, piece->point_count};
    piece->text_len = 0;
    piece->point_count = 0;
    return piece->out(piece->ctx, text, map, piece->why);
}

/* True when the next text byte stems from `off` by the last point already. */
static bool origin_continues(const struct sp_piece *piece, uint64_t off)
{
    if (piece->point_count == 0)
        return false;
    const struct sp_origin *last = &piece->points[piece->point_count - 1];
    return last->source_off + (piece->text_len - last->text_pos) == off;
}

/* Appends bytes that must not be split (a character, or a run that fits a piece). */
static enum sp_err piece_append(struct sp_piece *piece, const uint8_t *ptr, size_t len,
                                uint64_t off)
{
    if (len > SP_FRAME_TEXT_MAX - piece->text_len || piece->point_count == SP_PIECE_POINTS_MAX) {
        enum sp_err err = sp_piece_flush(piece);
        if (err != SP_OK)
            return err;
    }
    if (!origin_continues(piece, off))
        piece->points[piece->point_count++] = (struct sp_origin){(uint32_t)piece->text_len, off};
    memcpy(piece->text + piece->text_len, ptr, len);
    piece->text_len += len;
    return SP_OK;
}

/* A CR that waited is kept unless LF follows it. */
enum sp_err sp_piece_settle(struct sp_piece *piece, uint32_t next)
{
    if (!piece->cr_waits)
        return SP_OK;
    piece->cr_waits = false;
    if (next == '\n')
        return SP_OK;
    return piece_append(piece, (const uint8_t *)"\r", 1, piece->cr_off);
}

enum sp_err sp_piece_code(struct sp_piece *piece, uint32_t code, uint64_t off)
{
    enum sp_err err = sp_piece_settle(piece, code);
    if (err != SP_OK)
        return err;
    if (code == '\r') {
        piece->cr_waits = true;
        piece->cr_off = off;
        return SP_OK;
    }
    if (!piece->keep_quotes || !sp_code_is_quote(code))
        code = sp_code_map(code);
    if (code == SP_CODE_DROPPED)
        return SP_OK;
    uint8_t utf8[4];
    unsigned len = sp_utf8_encode(code, utf8);
    return piece_append(piece, utf8, len, off);
}

enum sp_err sp_piece_codes(struct sp_piece *piece, const uint32_t *codes, size_t count,
                           uint64_t off)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < count; i++)
        err = sp_piece_code(piece, codes[i], off);
    return err;
}

enum sp_err sp_piece_run(struct sp_piece *piece, const uint8_t *ptr, size_t len, uint64_t off)
{
    enum sp_err err = sp_piece_settle(piece, ptr[0]);
    if (err != SP_OK || len < RUN_DIRECT_BYTES)
        return err != SP_OK ? err : piece_append(piece, ptr, len, off);
    err = sp_piece_flush(piece);
    for (size_t pos = 0; err == SP_OK && pos < len;) {
        size_t count = len - pos < SP_FRAME_TEXT_MAX ? len - pos : SP_FRAME_TEXT_MAX;
        struct sp_origin point = {0, off + pos};
        err = piece->out(piece->ctx, (struct sp_slice){ptr + pos, count},
                         (struct sp_origin_map){&point, 1}, piece->why);
        pos += count;
    }
    return err;
}
