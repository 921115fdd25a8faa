#include "extract/vba.h"

#include <string.h>
#include <strings.h>

enum {
    VBA_SIGNATURE = 0x01, /* of a container */
    VBA_HEADER = 2,       /* of a chunk: its length, a mark, whether it is packed */
    VBA_MARK = 0x3000,
    VBA_MARK_BITS = 0x7000,
    VBA_PACKED = 0x8000,
    VBA_CHUNK = 4096, /* bytes that one holds, unpacked */
    VBA_COPY_MIN = 3,
    VBA_OFFSET_BITS_MIN = 4
};

/* ---- which streams --------------------------------------------------------------------------- */
static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

enum sp_vba_kind sp_vba_kind(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash - path < 3 || !begins(slash - 3, "VBA/") ||
        (slash - path > 3 && slash[-4] != '/'))
        return SP_VBA_NONE;
    if (begins(slash + 1, "_VBA_PROJECT") || begins(slash + 1, "__SRP_"))
        return SP_VBA_NONE;
    return strcasecmp(slash + 1, "dir") == 0 ? SP_VBA_LIST : SP_VBA_MODULE;
}

static unsigned number(const uint8_t *at)
{
    return (unsigned)at[0] | (unsigned)at[1] << 8;
}

static bool is_header(struct sp_slice stream, size_t at)
{
    return at + VBA_HEADER < stream.len && (number(stream.ptr + at) & VBA_MARK_BITS) == VBA_MARK;
}

/* Source begins with the word Attribute, of which the first eight letters are never packed; where
 * it stands is told in another stream, which may be damaged. */
static size_t source_find(struct sp_slice stream)
{
    static const char word[] = "Attribut";
    for (size_t at = 0; at + 1 + VBA_HEADER + sizeof word < stream.len; at++) {
        const uint8_t *text = stream.ptr + at + 1 + VBA_HEADER;
        if (stream.ptr[at] != VBA_SIGNATURE || !is_header(stream, at + 1))
            continue;
        bool packed = (number(stream.ptr + at + 1) & VBA_PACKED) != 0;
        if (memcmp(text + packed, word, sizeof word - 1) == 0 && (!packed || text[0] == 0))
            return at;
    }
    return stream.len;
}

/* ---- unpacking ------------------------------------------------------------------------------- */
/* Bytes that were unpacked before, `at` of this chunk: how many and how far back depends on how
 * many there are. False: farther than its beginning. */
static bool copy_put(struct sp_buf *out, size_t at, unsigned token, enum sp_err *err,
                     struct sp_why *why)
{
    unsigned bits = VBA_OFFSET_BITS_MIN;
    while (((size_t)1 << bits) < at)
        bits++;
    size_t len = (token & (0xFFFFu >> bits)) + VBA_COPY_MIN;
    size_t back = (token >> (16 - bits)) + (size_t)1;
    if (back > at)
        return false;
    for (; len > 0 && *err == SP_OK; len--)
        *err = sp_buf_append_byte(out, out->data[out->len - back], why);
    return true;
}

/* Eight tokens behind a byte of flags: a byte, or a copy. */
static enum sp_err packed_put(struct sp_slice chunk, struct sp_buf *out, bool *whole,
                              struct sp_why *why)
{
    size_t begin = out->len;
    enum sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < chunk.len;) {
        unsigned flags = chunk.ptr[at++];
        for (unsigned i = 0; i < 8 && err == SP_OK && at < chunk.len; i++, flags >>= 1) {
            if ((flags & 1) == 0) {
                err = sp_buf_append_byte(out, chunk.ptr[at++], why);
                continue;
            }
            if (at + 1 >= chunk.len ||
                !copy_put(out, out->len - begin, number(chunk.ptr + at), &err, why)) {
                *whole = false;
                return err;
            }
            at += 2;
        }
    }
    *whole = *whole && out->len - begin <= VBA_CHUNK;
    return err;
}

/* One chunk at *at, which is moved behind it. */
static enum sp_err chunk_put(struct sp_slice stream, size_t *at, struct sp_buf *out, bool *whole,
                             struct sp_why *why)
{
    unsigned header = number(stream.ptr + *at);
    bool packed = (header & VBA_PACKED) != 0;
    size_t len = packed ? (header & 0xFFF) + (size_t)1 : VBA_CHUNK;
    *at += VBA_HEADER;
    if (len > stream.len - *at) {
        *whole = !packed && *whole; /* the last one that is not packed may be short */
        len = stream.len - *at;
    }
    struct sp_slice chunk = {stream.ptr + *at, len};
    *at += len;
    return packed ? packed_put(chunk, out, whole, why)
                  : sp_buf_append(out, chunk.ptr, chunk.len, why);
}

static bool has_only_zeros(struct sp_slice stream, size_t at)
{
    while (at < stream.len && stream.ptr[at] == 0)
        at++;
    return at == stream.len;
}

enum sp_err sp_vba_unpack(enum sp_vba_kind kind, struct sp_slice stream, struct sp_buf *out,
                          size_t *begin, bool *whole, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    sp_buf_reset(out);
    *begin = kind == SP_VBA_MODULE ? source_find(stream) : 0;
    *whole = *begin < stream.len && stream.ptr[*begin] == VBA_SIGNATURE;
    size_t at = *begin + 1;
    while (err == SP_OK && *whole && is_header(stream, at))
        err = chunk_put(stream, &at, out, whole, why);
    if (*whole && at < stream.len)
        *whole = has_only_zeros(stream, at);
    /* there is no checksum, but no source has a zero in it: a sector was lost */
    if (kind == SP_VBA_MODULE && out->len > 0 && memchr(out->data, 0, out->len) != NULL)
        *whole = false;
    if (err == SP_OK && out->len == 0)
        *whole = false;
    return err;
}
