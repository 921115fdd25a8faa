/* The decoder: bytes of any encoding to normalised UTF-8 with an origin map, block by block.
 * Most text is ASCII: a run without CR, NUL and high bytes is given on without copying, with one
 * origin point. All else goes character by character into a piece that is given on when full and
 * at the end of each block. */
#include "core/decoder.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "core/mixed.h"
#include "core/normalise.h"

#include <errno.h>
#include <string.h>

enum sp_err sp_step_fallback(struct sp_push *push, uint8_t byte, uint64_t off)
{
    push->decoder->invalid_count++;
    return sp_piece_code(&push->decoder->piece, sp_windows_1252_code(byte), off);
}

/* ---- the steps ---------------------------------------------------------------------------- */
/* True when more bytes could make this start of a character valid UTF-8. */
static bool utf8_cut(const uint8_t *ptr, size_t len)
{
    size_t need = ptr[0] >= 0xF0 ? 4 : ptr[0] >= 0xE0 ? 3 : ptr[0] >= 0xC2 ? 2 : 1;
    if (len >= need)
        return false;
    /* Fill up with the lowest and the highest continuation byte: one of them fits if any does. */
    uint8_t low[4] = {0x80, 0x80, 0x80, 0x80};
    uint8_t high[4] = {0xBF, 0xBF, 0xBF, 0xBF};
    memcpy(low, ptr, len);
    memcpy(high, ptr, len);
    uint32_t code;
    return sp_utf8_decode(low, need, &code) != 0 || sp_utf8_decode(high, need, &code) != 0;
}

static bool is_word(uint8_t byte)
{
    return byte >= 0x80 || (byte >= '0' && byte <= '9') ||
           ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* A NUL in a text of bytes: dropped in a row of UTF-16, else a space. Where a word may end before
 * the row begins, it is a space too. */
static enum sp_err step_nul(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    struct sp_decoder *decoder = push->decoder;
    enum sp_mixed_answer row = SP_MIXED_NO;
    bool again = decoder->nul_dropped && decoder->before[1] == 0 && decoder->before[0] != 0;
    if (!again && sp_byte_is_plain(decoder->before[0]))
        row = sp_mixed_nul(in, push->last);
    if (row == SP_MIXED_MORE)
        return SP_OK;
    *used = 1;
    decoder->nul_dropped = again || row == SP_MIXED_YES;
    bool joins = is_word(decoder->before[0]) && is_word(decoder->before[1]);
    if (decoder->nul_dropped && (again || !joins))
        return SP_OK;
    return sp_piece_code(&decoder->piece, 0, off);
}

enum sp_err sp_step_utf8(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    uint32_t code;
    unsigned len = sp_utf8_decode(in.ptr, in.len, &code);
    if (len == 0 && !push->last && utf8_cut(in.ptr, in.len))
        return SP_OK;
    *used = len != 0 ? len : 1;
    return len != 0 ? sp_piece_code(&push->decoder->piece, code, off)
                    : sp_step_fallback(push, in.ptr[0], off);
}

static enum sp_err step_single(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    struct sp_decoder *decoder = push->decoder;
    *used = 1;
    if (!decoder->has_table)
        return sp_piece_code(&push->decoder->piece, sp_windows_1252_code(in.ptr[0]), off);
    uint32_t code = decoder->table[in.ptr[0]];
    return code == SP_CODE_INVALID ? sp_step_fallback(push, in.ptr[0], off)
                                   : sp_piece_code(&push->decoder->piece, code, off);
}

/* iconv has no origin map: it gets as few bytes as make a character. */
static enum sp_err step_named(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    uint32_t made[SP_HELD_MAX];
    for (size_t count = 1; count <= in.len && count <= SP_HELD_MAX; count++) {
        size_t made_count;
        size_t left;
        int status =
            sp_named_convert(push->decoder->named, in.ptr, count, made, &made_count, &left);
        if (status == 0 || left < count) {
            *used = count - left;
            return sp_piece_codes(&push->decoder->piece, made, made_count, off);
        }
        if (status != EINVAL)
            break; /* no character starts here */
        if (count == in.len && count < SP_HELD_MAX && !push->last)
            return SP_OK;
    }
    *used = 1;
    return sp_step_fallback(push, in.ptr[0], off);
}

static enum sp_err step(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    *used = 0;
    if (push->decoder->ascii_superset && in.ptr[0] == 0)
        return step_nul(push, in, off, used);
    switch (push->decoder->encoding) {
    case SP_ENC_ASCII:
    case SP_ENC_UTF8:
        return sp_step_utf8(push, in, off, used);
    case SP_ENC_UTF16LE:
    case SP_ENC_UTF16BE:
        return sp_step_utf16(push, in, off, used);
    case SP_ENC_UTF32LE:
    case SP_ENC_UTF32BE:
        return sp_step_utf32(push, in, off, used);
    case SP_ENC_NAMED:
        if (!push->decoder->has_table)
            return step_named(push, in, off, used);
        break;
    case SP_ENC_WINDOWS_1252:
        break;
    }
    return step_single(push, in, off, used);
}

/* ---- blocks ------------------------------------------------------------------------------ */
static void note_before(struct sp_decoder *decoder, const uint8_t *ptr, size_t used)
{
    decoder->before[1] = used > 1 ? ptr[used - 2] : decoder->before[0];
    decoder->before[0] = ptr[used - 1];
}

/* Finishes the character that the last block cut. *pos gets how far it went into `bytes`. */
static enum sp_err held_resume(struct sp_push *push, struct sp_slice bytes, bool final, size_t *pos)
{
    struct sp_decoder *decoder = push->decoder;
    uint8_t joined[2 * SP_HELD_MAX];
    size_t held = decoder->held_len;
    size_t taken = bytes.len < SP_HELD_MAX ? bytes.len : SP_HELD_MAX;
    if (held == 0 || (taken == 0 && !final))
        return SP_OK;
    memcpy(joined, decoder->held, held);
    if (taken > 0)
        memcpy(joined + held, bytes.ptr, taken);
    push->last = final && taken == bytes.len;
    size_t at = 0;
    while (at < held) {
        size_t used;
        enum sp_err err = step(push, (struct sp_slice){joined + at, held + taken - at},
                               decoder->held_off + at, &used);
        if (err != SP_OK)
            return err;
        if (used == 0)
            break;
        note_before(decoder, joined + at, used);
        at += used;
    }
    if (at >= held) {
        decoder->held_len = 0;
        *pos = at - held;
        return SP_OK;
    }
    /* Still cut: every step uses a byte when it has SP_HELD_MAX, so all of `bytes` fits. */
    decoder->held_len = held + taken - at;
    decoder->held_off += at;
    memcpy(decoder->held, joined + at, decoder->held_len);
    *pos = bytes.len;
    return SP_OK;
}

/* The run at the front that needs no step, put already; *used 0 when there is none. */
static enum sp_err run_take(struct sp_push *push, struct sp_slice in, uint64_t off, size_t *used)
{
    const struct sp_decoder *decoder = push->decoder;
    *used = 0;
    if (decoder->encoding == SP_ENC_UTF16LE || decoder->encoding == SP_ENC_UTF16BE) {
        *used = sp_utf16_run(push, in, off);
        return SP_OK;
    }
    if (decoder->ascii_superset)
        *used = sp_plain_run(in.ptr, in.len);
    return *used > 0 ? sp_piece_run(&push->decoder->piece, in.ptr, *used, off) : SP_OK;
}

static enum sp_err block_decode(struct sp_push *push, struct sp_slice bytes, uint64_t off)
{
    struct sp_decoder *decoder = push->decoder;
    size_t pos = 0;
    while (pos < bytes.len) {
        size_t used;
        struct sp_slice rest = {bytes.ptr + pos, bytes.len - pos};
        enum sp_err err = run_take(push, rest, off + pos, &used);
        if (err == SP_OK && used == 0) {
            err = step(push, rest, off + pos, &used);
            if (err == SP_OK && used == 0)
                break;
        }
        if (err != SP_OK)
            return err;
        note_before(decoder, rest.ptr, used);
        pos += used;
    }
    if (pos < bytes.len) {
        decoder->held_len = bytes.len - pos;
        decoder->held_off = off + pos;
        memcpy(decoder->held, bytes.ptr + pos, decoder->held_len);
    }
    return SP_OK;
}

/* Some charsets keep a character back until they see what follows. */
static enum sp_err finish(struct sp_push *push, uint64_t off)
{
    struct sp_decoder *decoder = push->decoder;
    enum sp_err err = SP_OK;
    if (decoder->named != NULL) {
        uint32_t made[SP_HELD_MAX];
        err =
            sp_piece_codes(&push->decoder->piece, made, sp_named_finish(decoder->named, made), off);
    }
    decoder->in_bytes = false;
    decoder->nul_dropped = false;
    decoder->before[0] = decoder->before[1] = 0;
    decoder->started = false; /* the next text may have a BOM of its own */
    return err != SP_OK ? err : sp_piece_settle(&decoder->piece, 0);
}

enum sp_err sp_decoder_push(struct sp_decoder *decoder, struct sp_slice bytes, uint64_t source_off,
                            bool final, sp_text_out out, void *ctx, struct sp_why *why)
{
    struct sp_push push = {decoder, final};
    decoder->piece.out = out;
    decoder->piece.ctx = ctx;
    decoder->piece.why = why;
    size_t pos = 0;
    enum sp_err err = held_resume(&push, bytes, final, &pos);
    push.last = final;
    if (err == SP_OK && pos < bytes.len)
        err = block_decode(&push, (struct sp_slice){bytes.ptr + pos, bytes.len - pos},
                           source_off + pos);
    if (err == SP_OK && final)
        err = finish(&push, source_off + bytes.len);
    return err == SP_OK ? sp_piece_flush(&decoder->piece) : err;
}

/* ---- life -------------------------------------------------------------------------------- */
/* Opens the charset; one of single bytes becomes a table. */
static bool named_begin(struct sp_decoder *decoder, const char *name)
{
    decoder->named = sp_named_open(name);
    if (decoder->named == NULL)
        return false;
    decoder->has_table = sp_named_table(decoder->named, decoder->table);
    if (!decoder->has_table)
        return true;
    sp_named_close(decoder->named);
    decoder->named = NULL;
    decoder->ascii_superset = true;
    for (unsigned byte = 0; byte < 0x80; byte++) {
        if (decoder->table[byte] != byte)
            decoder->ascii_superset = false;
    }
    return true;
}

enum sp_err sp_decoder_new(enum sp_encoding encoding, const char *name, struct sp_decoder **out,
                           struct sp_why *why)
{
    struct sp_decoder *decoder = sp_alloc(sizeof *decoder);
    if (decoder == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a text decoder");
    memset(decoder, 0, offsetof(struct sp_decoder, piece.points));
    decoder->encoding = encoding;
    decoder->ascii_superset =
        encoding == SP_ENC_ASCII || encoding == SP_ENC_UTF8 || encoding == SP_ENC_WINDOWS_1252;
    if (encoding == SP_ENC_NAMED && !named_begin(decoder, name)) {
        sp_free(decoder);
        return sp_fail(why, SP_ERR_FORMAT, "no such charset");
    }
    *out = decoder;
    return SP_OK;
}

void sp_decoder_keep_quotes(struct sp_decoder *decoder, bool keep)
{
    decoder->piece.keep_quotes = keep;
}

uint64_t sp_decoder_invalid_count(const struct sp_decoder *decoder)
{
    return decoder->invalid_count;
}

void sp_decoder_free(struct sp_decoder *decoder)
{
    if (decoder == NULL)
        return;
    sp_named_close(decoder->named);
    sp_free(decoder);
}
