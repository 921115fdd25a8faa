#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>

void sp_buf_init(struct sp_buf *buf, size_t max_bytes)
{
    *buf = (struct sp_buf){.max = max_bytes};
}

enum sp_err sp_buf_reserve(struct sp_buf *buf, size_t more, struct sp_why *why)
{
    if (more > buf->max - buf->len) /* cannot wrap: len <= max */
        return sp_fail(why, SP_ERR_LIMIT, "buffer limit is %zu bytes", buf->max);
    size_t need = buf->len + more;
    if (need <= buf->cap)
        return SP_OK;
    size_t cap = buf->cap < 256 ? 256 : buf->cap;
    while (cap < need)
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    if (cap < need)
        cap = need;
    uint8_t *data = sp_realloc(buf->data, cap);
    if (data == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a buffer of %zu bytes", cap);
    buf->data = data;
    buf->cap = cap;
    return SP_OK;
}

enum sp_err sp_buf_append(struct sp_buf *buf, const void *data, size_t len, struct sp_why *why)
{
    if (len == 0)
        return SP_OK;
    enum sp_err err = sp_buf_reserve(buf, len, why);
    if (err != SP_OK)
        return err;
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    return SP_OK;
}

enum sp_err sp_buf_append_byte(struct sp_buf *buf, uint8_t byte, struct sp_why *why)
{
    if (buf->len < buf->cap) {
        buf->data[buf->len++] = byte;
        return SP_OK;
    }
    return sp_buf_append(buf, &byte, 1, why);
}

enum sp_err sp_buf_append_string(struct sp_buf *buf, const char *text, struct sp_why *why)
{
    return sp_buf_append(buf, text, strlen(text), why);
}

enum sp_err sp_buf_appendf(struct sp_buf *buf, struct sp_why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0)
        return sp_fail(why, SP_ERR_BUG, "bad format");
    enum sp_err err = sp_buf_reserve(buf, (size_t)need + 1, why);
    if (err != SP_OK)
        return err;
    va_start(args, format);
    (void)vsnprintf((char *)buf->data + buf->len, (size_t)need + 1, format, args);
    va_end(args);
    buf->len += (size_t)need;
    return SP_OK;
}

static enum sp_err buf_append_le(struct sp_buf *buf, uint64_t value, size_t bytes,
                                 struct sp_why *why)
{
    uint8_t raw[8];
    for (size_t i = 0; i < bytes; i++)
        raw[i] = (uint8_t)(value >> (8 * i));
    return sp_buf_append(buf, raw, bytes, why);
}

enum sp_err sp_buf_append_u16(struct sp_buf *buf, uint16_t value, struct sp_why *why)
{
    return buf_append_le(buf, value, 2, why);
}

enum sp_err sp_buf_append_u32(struct sp_buf *buf, uint32_t value, struct sp_why *why)
{
    return buf_append_le(buf, value, 4, why);
}

enum sp_err sp_buf_append_u64(struct sp_buf *buf, uint64_t value, struct sp_why *why)
{
    return buf_append_le(buf, value, 8, why);
}

enum sp_err sp_buf_append_varint(struct sp_buf *buf, uint64_t value, struct sp_why *why)
{
    uint8_t raw[10];
    size_t len = 0;
    do {
        raw[len] = (uint8_t)(value & 0x7F);
        value >>= 7;
        if (value != 0)
            raw[len] |= 0x80;
        len++;
    } while (value != 0);
    return sp_buf_append(buf, raw, len, why);
}

enum sp_err sp_buf_append_slice(struct sp_buf *buf, struct sp_slice slice, struct sp_why *why)
{
    size_t before = buf->len;
    enum sp_err err = sp_buf_append_varint(buf, slice.len, why);
    if (err == SP_OK)
        err = sp_buf_append(buf, slice.ptr, slice.len, why);
    if (err != SP_OK)
        buf->len = before; /* as promised: unchanged on failure */
    return err;
}

void sp_buf_drop_front(struct sp_buf *buf, size_t count)
{
    if (count >= buf->len) {
        buf->len = 0;
        return;
    }
    memmove(buf->data, buf->data + count, buf->len - count);
    buf->len -= count;
}

void sp_buf_reset(struct sp_buf *buf)
{
    buf->len = 0;
}

void sp_buf_clear(struct sp_buf *buf)
{
    sp_free(buf->data);
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
}

void sp_buf_wipe(struct sp_buf *buf)
{
    if (buf->data != NULL)
        explicit_bzero(buf->data, buf->cap);
    sp_buf_clear(buf);
}

struct sp_slice sp_buf_slice(const struct sp_buf *buf)
{
    return (struct sp_slice){buf->data, buf->len};
}
