/* The bounded reader over bytes that somebody else wrote. */
#include "base/buf.h"

void sp_reader_init(struct sp_reader *reader, struct sp_slice bytes)
{
    *reader = (struct sp_reader){bytes.ptr, bytes.len, false};
}

static uint64_t reader_le(struct sp_reader *reader, size_t bytes)
{
    if (reader->failed || reader->left < bytes) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)reader->ptr[i] << (8 * i);
    reader->ptr += bytes;
    reader->left -= bytes;
    return value;
}

uint8_t sp_reader_u8(struct sp_reader *reader)
{
    return (uint8_t)reader_le(reader, 1);
}

uint16_t sp_reader_u16(struct sp_reader *reader)
{
    return (uint16_t)reader_le(reader, 2);
}

uint32_t sp_reader_u32(struct sp_reader *reader)
{
    return (uint32_t)reader_le(reader, 4);
}

uint64_t sp_reader_u64(struct sp_reader *reader)
{
    return reader_le(reader, 8);
}

uint64_t sp_reader_varint(struct sp_reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = sp_reader_u8(reader);
        if (reader->failed)
            return 0;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) {
            if (shift == 63 && byte > 1) /* more than 64 bits */
                break;
            return value;
        }
    }
    reader->failed = true;
    return 0;
}

struct sp_slice sp_reader_bytes(struct sp_reader *reader, size_t len)
{
    struct sp_slice out = {NULL, 0};
    if (reader->failed || reader->left < len) {
        reader->failed = true;
        return out;
    }
    out.ptr = reader->ptr;
    out.len = len;
    reader->ptr += len;
    reader->left -= len;
    return out;
}

struct sp_slice sp_reader_slice(struct sp_reader *reader)
{
    uint64_t len = sp_reader_varint(reader);
    if (len > reader->left)
        reader->failed = true;
    return sp_reader_bytes(reader, reader->failed ? 0 : (size_t)len);
}
