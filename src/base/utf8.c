#include "base/utf8.h"

unsigned sp_utf8_decode(const uint8_t *ptr, size_t len, uint32_t *code_point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    uint32_t value = ptr[0];
    unsigned width = 1;
    if (value >= 0xF0 && value < 0xF8) {
        width = 4;
        value &= 0x07;
    } else if (value >= 0xE0 && value < 0xF0) {
        width = 3;
        value &= 0x0F;
    } else if (value >= 0xC0 && value < 0xE0) {
        width = 2;
        value &= 0x1F;
    } else if (value >= 0x80) {
        return 0;
    }
    if (len < width)
        return 0;
    for (unsigned i = 1; i < width; i++) {
        if ((ptr[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (ptr[i] & 0x3F);
    }
    if (width > 1 && value < least[width])
        return 0;
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code_point = value;
    return width;
}

unsigned sp_utf8_encode(uint32_t code_point, uint8_t out[4])
{
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = 0xFFFD;
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (uint8_t)(0xC0 | code_point >> 6);
        out[1] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code_point >> 12);
        out[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code_point >> 18);
    out[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code_point & 0x3F));
    return 4;
}

size_t sp_utf8_whole(struct sp_slice cut)
{
    for (size_t back = 1; back <= 4 && back <= cut.len; back++) {
        uint8_t byte = cut.ptr[cut.len - back];
        if (byte < 0x80)
            break;
        if (byte >= 0xC0) { /* a character begins here */
            size_t width = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return width > back ? cut.len - back : cut.len;
        }
    }
    return cut.len;
}

int sp_hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Sixteen bytes at once, in whatever the machine has for it. */
typedef uint8_t utf8_bytes __attribute__((vector_size(16)));

static bool bytes_any(utf8_bytes bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

size_t sp_ascii_run(const uint8_t *ptr, size_t len)
{
    size_t pos = 0;
    for (; len - pos >= 4 * sizeof(utf8_bytes); pos += 4 * sizeof(utf8_bytes)) {
        utf8_bytes part[4];
        memcpy(part, ptr + pos, sizeof part);
        if (bytes_any((part[0] | part[1] | part[2] | part[3]) & 0x80))
            break;
    }
    for (; len - pos >= 8; pos += 8) {
        uint64_t word;
        memcpy(&word, ptr + pos, sizeof word);
        if ((word & 0x8080808080808080U) != 0)
            break;
    }
    while (pos < len && ptr[pos] < 0x80)
        pos++;
    return pos;
}

size_t sp_line_ends(const uint8_t *ptr, size_t len)
{
    size_t count = 0, pos = 0;
    while (len - pos >= sizeof(utf8_bytes)) {
        utf8_bytes found = {0}; /* at most 255 each */
        for (unsigned i = 0; i < UINT8_MAX && len - pos >= sizeof found; i++, pos += sizeof found) {
            utf8_bytes part;
            memcpy(&part, ptr + pos, sizeof part);
            found -= (utf8_bytes)(part == '\n');
        }
        for (unsigned i = 0; i < sizeof found; i++)
            count += found[i];
    }
    for (; pos < len; pos++)
        count += ptr[pos] == '\n';
    return count;
}

static bool byte_is_text(uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || (byte >= '\b' && byte <= '\r') || byte == 0x1B;
}

bool sp_ascii_is_text(struct sp_slice bytes)
{
    size_t pos = 0;
    while (bytes.len - pos >= sizeof(utf8_bytes)) {
        utf8_bytes text = ~(utf8_bytes){0};
        for (unsigned i = 0; i < 8 && bytes.len - pos >= sizeof text; i++, pos += sizeof text) {
            utf8_bytes part;
            memcpy(&part, bytes.ptr + pos, sizeof part);
            utf8_bytes printable = (utf8_bytes)((part - 0x20) < 0x5F);
            utf8_bytes space = (utf8_bytes)((part - '\b') < 6);
            text &= printable | space | (utf8_bytes)(part == 0x1B);
        }
        if (bytes_any(~text))
            return false;
    }
    for (; pos < bytes.len; pos++) {
        if (!byte_is_text(bytes.ptr[pos]))
            return false;
    }
    return true;
}

bool sp_utf8_valid(struct sp_slice bytes)
{
    size_t pos = 0;
    while (pos < bytes.len) {
        pos += sp_ascii_run(bytes.ptr + pos, bytes.len - pos);
        if (pos == bytes.len)
            break;
        uint32_t code_point;
        unsigned width = sp_utf8_decode(bytes.ptr + pos, bytes.len - pos, &code_point);
        if (width == 0)
            return false;
        pos += width;
    }
    return true;
}

/* Characters that change how the text around them is shown: C0, DEL, C1, line and paragraph
 * separators, bidirectional marks, embeddings and isolates, invisible joiners, BOM, tags. */
static bool utf8_is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

static enum sp_err escape_bytes(struct sp_buf *out, const uint8_t *ptr, unsigned len,
                                struct sp_why *why)
{
    static const char digits[] = "0123456789ABCDEF";
    for (unsigned i = 0; i < len; i++) {
        char escaped[3] = {'%', digits[ptr[i] >> 4], digits[ptr[i] & 15]};
        enum sp_err err = sp_buf_append(out, escaped, sizeof escaped, why);
        if (err != SP_OK)
            return err;
    }
    return SP_OK;
}

enum sp_err sp_escape(struct sp_buf *out, struct sp_slice bytes, const char *also,
                      struct sp_why *why)
{
    for (size_t pos = 0; pos < bytes.len;) {
        uint32_t c = 0;
        unsigned width = sp_utf8_decode(bytes.ptr + pos, bytes.len - pos, &c);
        bool escape = width == 0 || utf8_is_harmful(c) || c == '%' ||
                      (c < 0x80 && c != 0 && strchr(also, (int)c) != NULL);
        width = width == 0 ? 1 : width;
        enum sp_err err = escape ? escape_bytes(out, bytes.ptr + pos, width, why)
                                 : sp_buf_append(out, bytes.ptr + pos, width, why);
        if (err != SP_OK)
            return err;
        pos += width;
    }
    return SP_OK;
}
