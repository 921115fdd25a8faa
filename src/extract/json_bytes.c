#include "extract/json_bytes.h"

#include "base/utf8.h"

#include <string.h>

enum { FOREIGN_PART = 8 }; /* of a text one byte in so many at most is none */

void sp_json_bytes_reset(struct sp_json_bytes *bytes)
{
    bytes->none = false;
    bytes->len = bytes->again = 0;
}

/* An integer from 0 to 255; above that: none. */
static unsigned byte_of(struct sp_slice word)
{
    unsigned value = 0;
    while (word.len > 0 && memchr(" \t\r", word.ptr[word.len - 1], 3) != NULL)
        word.len--;
    if (word.len == 0 || word.len > 3)
        return UINT8_MAX + 1;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return UINT8_MAX + 1;
        value = 10 * value + (word.ptr[i] - '0');
    }
    return value;
}

bool sp_json_bytes_add(struct sp_json_bytes *bytes, struct sp_slice word, uint64_t off)
{
    unsigned value = byte_of(word);
    bytes->none = bytes->none || value > UINT8_MAX;
    if (bytes->none)
        return false;
    if (bytes->len == sizeof bytes->bytes) {
        bytes->again = SP_JSON_BYTES_AGAIN;
        memmove(bytes->bytes, bytes->bytes + bytes->len - bytes->again, bytes->again);
        bytes->len = bytes->again;
    }
    if (bytes->len == bytes->again)
        bytes->off = off;
    bytes->bytes[bytes->len++] = (uint8_t)value;
    return bytes->len == sizeof bytes->bytes;
}

/* Makes ends of lines of the few bytes that are no text; false: they are many. */
static bool lines_of(struct sp_json_bytes *bytes, struct sp_slice text)
{
    bool utf8 = sp_utf8_valid(text);
    size_t foreign = 0;
    for (size_t i = 0; i < text.len; i++)
        foreign += sp_byte_is_control(text.ptr[i]) || (!utf8 && text.ptr[i] >= 0x80);
    if (foreign * FOREIGN_PART > text.len)
        return false;
    for (size_t i = 0; i < bytes->len; i++)
        if (sp_byte_is_control(bytes->bytes[i]) || (!utf8 && bytes->bytes[i] >= 0x80))
            bytes->bytes[i] = '\n';
    return true;
}

struct sp_slice sp_json_bytes_text(struct sp_json_bytes *bytes)
{
    struct sp_slice text = {bytes->bytes, bytes->len};
    bool fresh = bytes->len > bytes->again;
    if (bytes->none || text.len < SP_JSON_BYTES_MIN || !fresh)
        return (struct sp_slice){NULL, 0};
    if (bytes->again > 0) /* a character may have been cut */
        while (text.len > 0 && (*text.ptr & 0xC0) == 0x80)
            text.ptr++, text.len--;
    text.len = sp_utf8_whole(text);
    return lines_of(bytes, text) ? text : (struct sp_slice){NULL, 0};
}
