#include "extract/xstring.h"

#include "base/utf8.h"

#include <string.h>

enum { ESCAPE_LEN = 7 };

size_t sp_xstring_escape(struct sp_slice text, size_t at, uint8_t utf8[4], unsigned *len)
{
    const uint8_t *ptr = text.ptr + at;
    uint32_t code = 0;
    if (text.len - at < ESCAPE_LEN || memcmp(ptr, "_x", 2) != 0 || ptr[ESCAPE_LEN - 1] != '_')
        return 0;
    for (size_t i = 2; i < ESCAPE_LEN - 1; i++) {
        int digit = sp_hex_digit(ptr[i]);
        if (digit < 0)
            return 0;
        code = code << 4 | (uint32_t)digit;
    }
    if (code >= 0xD800 && code < 0xE000)
        return 0;
    *len = sp_utf8_encode(code < ' ' && code != '\t' && code != '\n' ? ' ' : code, utf8);
    return ESCAPE_LEN;
}

size_t sp_xstring_find(struct sp_slice text, size_t at)
{
    const uint8_t *found = memmem(text.ptr + at, text.len - at, "_x", 2);
    return found == NULL ? text.len : (size_t)(found - text.ptr);
}

size_t sp_xstring_decode(uint8_t *text, size_t len)
{
    const struct sp_slice in = {text, len};
    size_t to = 0;
    for (size_t from = 0; from < len;) {
        uint8_t utf8[4];
        unsigned count = 0;
        size_t skip = text[from] == '_' ? sp_xstring_escape(in, from, utf8, &count) : 0;
        if (skip == 0) {
            text[to++] = text[from++];
            continue;
        }
        memcpy(text + to, utf8, count); /* never longer than the escape */
        to += count;
        from += skip;
    }
    return to;
}
