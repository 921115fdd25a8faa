#include "extract/decode.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <strings.h>

enum sp_err sp_extract_decode(struct sp_extract *x, bool keep_quotes, sp_text_out out, void *ctx,
                              enum sp_err *stream_err, struct sp_why *why)
{
    struct sp_decoder *decoder = NULL;
    struct sp_slice block = {NULL, 0};
    size_t bom_len;
    bool looks_text;
    /* A failed peek is not lost: next() gives it again. */
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &block, NULL);
    enum sp_encoding encoding = sp_encoding_detect(block, &bom_len, &looks_text);
    /* The head may be windows-1252 only because of a binary value in a dump, or of one old line:
     * the UTF-8 decoder takes what is no UTF-8 as windows-1252 and reads what follows right. */
    enum sp_err err = sp_decoder_new(encoding == SP_ENC_WINDOWS_1252 ? SP_ENC_UTF8 : encoding, NULL,
                                     &decoder, why);
    if (err != SP_OK)
        return err;
    sp_decoder_keep_quotes(decoder, keep_quotes);
    x->done->encoding = sp_encoding_name(encoding);
    *stream_err = SP_OK;
    for (bool more = true; err == SP_OK && more;) {
        uint64_t off = sp_stream_offset(x->stream);
        *stream_err = sp_stream_next(x->stream, &block, why);
        more = *stream_err == SP_OK && block.len > 0;
        if (!more)
            block.len = 0;
        err = sp_decoder_push(decoder, block, off, !more, out, ctx, why);
    }
    x->done->bytes_read = sp_stream_offset(x->stream);
    sp_decoder_free(decoder);
    return err;
}

/* Where the ASCII byte of a character lies in its unit. */
static size_t sample_unit(enum sp_encoding encoding, size_t *low)
{
    *low = encoding == SP_ENC_UTF16BE ? 1 : encoding == SP_ENC_UTF32BE ? 3 : 0;
    switch (encoding) {
    case SP_ENC_UTF16LE:
    case SP_ENC_UTF16BE:
        return 2;
    case SP_ENC_UTF32LE:
    case SP_ENC_UTF32BE:
        return 4;
    default:
        return 1;
    }
}

bool sp_extract_is_text(struct sp_slice head)
{
    size_t bom_len;
    bool looks_text = false;
    if (head.len > 0)
        (void)sp_encoding_detect(head, &bom_len, &looks_text);
    return looks_text;
}

void sp_glance_at(struct sp_glance *glance, struct sp_slice head, struct sp_slice name)
{
    glance->head = head;
    glance->name = name;
    if (head.len > 0 && sp_ascii_is_text(head)) { /* it is its own sample */
        glance->is_text = true;
        glance->sample = head;
        if (head.len > SP_SAMPLE_BYTES)
            glance->sample.len = SP_SAMPLE_BYTES;
        return;
    }
    glance->is_text = sp_extract_is_text(head);
    glance->sample = (struct sp_slice){glance->room, sp_extract_sample(head, glance->room)};
}

size_t sp_extract_sample(struct sp_slice head, uint8_t sample[SP_SAMPLE_BYTES])
{
    size_t pos;
    bool looks_text;
    size_t low;
    if (head.len > (size_t)4 * SP_SAMPLE_BYTES) /* what the widest encoding needs */
        head.len = (size_t)4 * SP_SAMPLE_BYTES;
    enum sp_encoding encoding = sp_encoding_detect(head, &pos, &looks_text);
    size_t width = sample_unit(encoding, &low);
    size_t len = 0;
    if (!looks_text)
        return 0;
    if (encoding == SP_ENC_ASCII && pos == 0 && head.len > 0) {
        len = head.len < SP_SAMPLE_BYTES ? head.len : SP_SAMPLE_BYTES;
        memcpy(sample, head.ptr, len);
        return len;
    }
    for (; len < SP_SAMPLE_BYTES && head.len - pos >= width; pos += width) {
        uint8_t rest = 0;
        for (size_t i = 0; i < width; i++)
            rest |= i == low ? 0 : head.ptr[pos + i];
        uint8_t byte = head.ptr[pos + low];
        sample[len++] = rest != 0 || byte >= 0x80 ? 0xFF : byte;
    }
    return len;
}

bool sp_name_has_suffix(struct sp_slice name, const char *suffixes)
{
    for (; *suffixes != '\0'; suffixes += strlen(suffixes) + 1) {
        size_t len = strlen(suffixes);
        if (name.len >= len &&
            strncasecmp((const char *)name.ptr + name.len - len, suffixes, len) == 0)
            return true;
    }
    return false;
}
