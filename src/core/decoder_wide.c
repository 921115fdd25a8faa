/* UTF-16 and UTF-32, and UTF-16 that is not all UTF-16. */
#include "core/decoder.h"
#include "core/mixed.h"

static uint32_t utf16_unit(const struct sp_decoder *decoder, const uint8_t *ptr)
{
    unsigned low = decoder->encoding == SP_ENC_UTF16LE ? 0 : 1;
    return (uint32_t)ptr[low] | (uint32_t)ptr[1 - low] << 8;
}

/* A text of UTF-16 in which bytes stand, or a byte is missing. *used stays 0 and *more is false
 * when UTF-16 goes on as it should. */
static enum sp_err step_mixed(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used,
                              bool *more)
{
    struct sp_decoder *decoder = push->decoder;
    bool big = decoder->encoding == SP_ENC_UTF16BE;
    enum sp_mixed_answer answer = SP_MIXED_NO;
    if (decoder->in_bytes) {
        answer = sp_mixed_wide_again(in, big, push->last);
        decoder->in_bytes = answer != SP_MIXED_YES;
        *more = answer == SP_MIXED_MORE;
        return answer == SP_MIXED_NO ? sp_step_utf8(push, in, off, used) : SP_OK;
    }
    answer = sp_mixed_bytes(in, push->last);
    if (answer == SP_MIXED_YES) {
        decoder->in_bytes = true;
        return sp_step_utf8(push, in, off, used);
    }
    *more = answer == SP_MIXED_MORE;
    answer = sp_mixed_shift(in, big, push->last);
    *more = *more || answer == SP_MIXED_MORE;
    if (answer != SP_MIXED_YES)
        return SP_OK;
    *used = 1;
    decoder->invalid_count++;
    return in.ptr[0] == 0 ? SP_OK : sp_piece_code(&decoder->piece, in.ptr[0], off);
}

enum sp_err sp_step_utf16(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    struct sp_decoder *decoder = push->decoder;
    bool more = false;
    enum sp_err err = step_mixed(push, in, off, used, &more);
    if (err != SP_OK || more || *used > 0 || decoder->in_bytes)
        return err;
    if (in.len < 2) {
        *used = push->last ? 1 : 0;
        return push->last ? sp_step_fallback(push, in.ptr[0], off) : SP_OK;
    }
    uint32_t code = utf16_unit(decoder, in.ptr);
    if (!decoder->started && code == 0xFFFE) { /* a BOM the other way round */
        decoder->encoding = decoder->encoding == SP_ENC_UTF16LE ? SP_ENC_UTF16BE : SP_ENC_UTF16LE;
        code = 0xFEFF;
    }
    decoder->started = true;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (in.len < 4 && !push->last)
            return SP_OK;
        uint32_t low = in.len >= 4 ? utf16_unit(decoder, in.ptr + 2) : 0;
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *used = 4;
            return sp_piece_code(&push->decoder->piece,
                                 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), off);
        }
    }
    *used = 2;
    if (code >= 0xD800 && code <= 0xDFFF) {
        decoder->invalid_count++;
        code = 0xFFFD;
    }
    return sp_piece_code(&push->decoder->piece, code, off);
}

size_t sp_utf16_run(struct sp_push *push, struct sp_slice in, uint64_t off)
{
    const struct sp_decoder *decoder = push->decoder;
    struct sp_piece *piece = &push->decoder->piece;
    size_t pos = 0;
    if (!decoder->started || piece->cr_waits || decoder->in_bytes)
        return 0;
    size_t low = decoder->encoding == SP_ENC_UTF16LE ? 0 : 1;
    while (in.len - pos >= 2 && piece->point_count < SP_PIECE_POINTS_MAX &&
           piece->text_len < SP_FRAME_TEXT_MAX) {
        uint8_t byte = in.ptr[pos + low];
        if (in.ptr[pos + 1 - low] != 0 || byte == 0 || byte == '\r' || byte >= 0x80)
            break;
        piece->points[piece->point_count++] =
            (struct sp_origin){(uint32_t)piece->text_len, off + pos};
        piece->text[piece->text_len++] = byte;
        pos += 2;
    }
    return pos;
}

static uint32_t utf32_unit(const struct sp_decoder *decoder, const uint8_t *ptr)
{
    uint32_t code = 0;
    for (unsigned i = 0; i < 4; i++)
        code = code << 8 | ptr[decoder->encoding == SP_ENC_UTF32BE ? i : 3 - i];
    return code;
}

enum sp_err sp_step_utf32(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    struct sp_decoder *decoder = push->decoder;
    if (in.len < 4) {
        *used = push->last ? 1 : 0;
        return push->last ? sp_step_fallback(push, in.ptr[0], off) : SP_OK;
    }
    uint32_t code = utf32_unit(decoder, in.ptr);
    if (!decoder->started && code == 0xFFFE0000) {
        decoder->encoding = decoder->encoding == SP_ENC_UTF32LE ? SP_ENC_UTF32BE : SP_ENC_UTF32LE;
        code = 0xFEFF;
    }
    decoder->started = true;
    *used = 4;
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        decoder->invalid_count++;
        code = 0xFFFD;
    }
    return sp_piece_code(&push->decoder->piece, code, off);
}
