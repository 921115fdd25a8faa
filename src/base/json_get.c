#include "base/json_get.h"

#include "base/utf8.h"

#include <string.h>

enum { JSON_GET_DEPTH_MAX = 32 };

static void get_blank(struct sp_slice text, size_t *pos)
{
    while (*pos < text.len && (text.ptr[*pos] == ' ' || text.ptr[*pos] == '\t' ||
                               text.ptr[*pos] == '\n' || text.ptr[*pos] == '\r'))
        ++*pos;
}

/* Behind the string that begins at *pos. */
static bool get_skip_string(struct sp_slice text, size_t *pos)
{
    for (++*pos; *pos < text.len && text.ptr[*pos] != '"'; ++*pos)
        *pos += text.ptr[*pos] == '\\' ? 1 : 0;
    return ++*pos <= text.len;
}

/* Behind the value that begins at *pos. */
static bool get_skip(struct sp_slice text, size_t *pos)
{
    unsigned depth = 0;
    do {
        get_blank(text, pos);
        if (*pos >= text.len)
            return false;
        uint8_t byte = text.ptr[*pos];
        if (byte == '"') {
            if (!get_skip_string(text, pos))
                return false;
        } else if (byte == '{' || byte == '[') {
            ++*pos;
            if (++depth > JSON_GET_DEPTH_MAX)
                return false;
        } else if (byte == '}' || byte == ']') {
            ++*pos;
            depth--;
        } else if (byte == ',' || byte == ':') {
            ++*pos;
        } else {
            while (*pos < text.len && memchr(",:]} \t\r\n", text.ptr[*pos], 8) == NULL)
                ++*pos;
        }
    } while (depth > 0);
    return true;
}

/* The value of one key of the object. */
static struct sp_slice get_key(struct sp_slice object, const char *key, size_t key_len)
{
    const struct sp_slice none = {NULL, 0};
    size_t pos = 0;
    get_blank(object, &pos);
    if (pos >= object.len || object.ptr[pos] != '{')
        return none;
    for (pos++;;) {
        get_blank(object, &pos);
        size_t name = pos;
        if (pos >= object.len || object.ptr[pos] != '"' || !get_skip_string(object, &pos))
            return none;
        bool is_it = pos - name == key_len + 2 && memcmp(object.ptr + name + 1, key, key_len) == 0;
        get_blank(object, &pos);
        if (pos >= object.len || object.ptr[pos++] != ':')
            return none;
        get_blank(object, &pos);
        size_t begin = pos;
        if (!get_skip(object, &pos))
            return none;
        if (is_it)
            return (struct sp_slice){object.ptr + begin, pos - begin};
        get_blank(object, &pos);
        if (pos >= object.len || object.ptr[pos++] != ',')
            return none;
    }
}

struct sp_slice sp_json_get(struct sp_slice line, const char *path)
{
    for (;;) {
        const char *dot = strchr(path, '.');
        line = get_key(line, path, dot == NULL ? strlen(path) : (size_t)(dot - path));
        if (dot == NULL)
            return line;
        path = dot + 1;
    }
}

static bool get_hex(struct sp_slice text, size_t pos, uint32_t *unit)
{
    *unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = pos + i < text.len ? sp_hex_digit(text.ptr[pos + i]) : -1;
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* The escape at *pos, behind its backslash. */
static enum sp_err get_escape(struct sp_slice text, size_t *pos, struct sp_buf *out,
                              struct sp_why *why)
{
    static const char names[] = "bfnrt";
    static const char means[] = "\b\f\n\r\t";
    uint8_t utf8[4];
    uint32_t unit;
    uint32_t low;
    uint8_t byte = text.ptr[(*pos)++];
    const char *at = memchr(names, byte, sizeof names - 1);
    if (at != NULL)
        return sp_buf_append_byte(out, (uint8_t)means[at - names], why);
    if (byte != 'u' || !get_hex(text, *pos, &unit))
        return sp_buf_append_byte(out, byte, why);
    *pos += 4;
    if (unit >= 0xD800 && unit < 0xDC00 && *pos + 1 < text.len && text.ptr[*pos] == '\\' &&
        get_hex(text, *pos + 2, &low) && low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        *pos += 6;
    }
    return sp_buf_append(out, utf8, sp_utf8_encode(unit, utf8), why);
}

bool sp_json_get_text(struct sp_slice line, const char *path, struct sp_buf *out,
                      struct sp_why *why, enum sp_err *err)
{
    struct sp_slice text = sp_json_get(line, path);
    *err = SP_OK;
    if (text.len < 2 || text.ptr[0] != '"')
        return false;
    text = (struct sp_slice){text.ptr + 1, text.len - 2};
    for (size_t pos = 0; pos < text.len && *err == SP_OK;) {
        if (text.ptr[pos] == '\\' && pos + 1 < text.len) {
            pos++;
            *err = get_escape(text, &pos, out, why);
        } else {
            *err = sp_buf_append_byte(out, text.ptr[pos++], why);
        }
    }
    return *err == SP_OK;
}

bool sp_json_get_number(struct sp_slice line, const char *path, uint64_t *number)
{
    struct sp_slice text = sp_json_get(line, path);
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t digit = (uint8_t)(text.ptr[i] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = text.len > 0 ? value : *number;
    return text.len > 0;
}

bool sp_json_get_item(struct sp_slice array, size_t *pos, struct sp_slice *item)
{
    get_blank(array, pos);
    if (*pos >= array.len || (array.ptr[*pos] != (*pos == 0 ? '[' : ',')))
        return false;
    ++*pos;
    get_blank(array, pos);
    size_t begin = *pos;
    if (begin >= array.len || array.ptr[begin] == ']' || !get_skip(array, pos))
        return false;
    *item = (struct sp_slice){array.ptr + begin, *pos - begin};
    return true;
}

bool sp_json_get_is(struct sp_slice line, const char *path, const char *text)
{
    struct sp_slice value = sp_json_get(line, path);
    size_t len = strlen(text);
    return value.len == len + 2 && value.ptr[0] == '"' && memcmp(value.ptr + 1, text, len) == 0;
}
