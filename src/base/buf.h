/* A growing byte buffer with a ceiling. */
#ifndef SP_BASE_BUF_H
#define SP_BASE_BUF_H

#include "speur/err.h"
#include "speur/slice.h"

struct sp_buf {
    uint8_t *data; /* NULL while cap is 0 */
    size_t len;    /* bytes used, <= cap */
    size_t cap;    /* bytes allocated, <= max */
    size_t max;    /* ceiling in bytes */
};

/* No allocation. max_bytes is the ceiling. */
void sp_buf_init(struct sp_buf *buf, size_t max_bytes);
/* Appends a copy of `data`. On failure the buffer is unchanged.
 * SP_ERR_LIMIT: would pass buf->max. SP_ERR_NOMEM. */
enum sp_err sp_buf_append(struct sp_buf *buf, const void *data, size_t len, struct sp_why *why);
enum sp_err sp_buf_append_byte(struct sp_buf *buf, uint8_t byte, struct sp_why *why);
enum sp_err sp_buf_append_string(struct sp_buf *buf, const char *text, struct sp_why *why);
enum sp_err sp_buf_appendf(struct sp_buf *buf, struct sp_why *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Little-endian integers, for the wire and packed segments. */
enum sp_err sp_buf_append_u16(struct sp_buf *buf, uint16_t value, struct sp_why *why);
enum sp_err sp_buf_append_u32(struct sp_buf *buf, uint32_t value, struct sp_why *why);
enum sp_err sp_buf_append_u64(struct sp_buf *buf, uint64_t value, struct sp_why *why);
/* Unsigned LEB128. */
enum sp_err sp_buf_append_varint(struct sp_buf *buf, uint64_t value, struct sp_why *why);
/* Length as varint, then the bytes. */
enum sp_err sp_buf_append_slice(struct sp_buf *buf, struct sp_slice slice, struct sp_why *why);
/* Makes room for `more` bytes beyond len. */
enum sp_err sp_buf_reserve(struct sp_buf *buf, size_t more, struct sp_why *why);
/* Removes the first `count` bytes (count <= len). */
void sp_buf_drop_front(struct sp_buf *buf, size_t count);
void sp_buf_reset(struct sp_buf *buf); /* len = 0, memory kept */
void sp_buf_clear(struct sp_buf *buf); /* memory released, reusable */
void sp_buf_wipe(struct sp_buf *buf);  /* as clear, bytes overwritten first */
struct sp_slice sp_buf_slice(const struct sp_buf *buf);

/* A reader over bytes that somebody else wrote: every get checks the bound. After a failed get
 * `failed` is set, all later gets give zero or empty, so that a decoder may check once. */
struct sp_reader {
    const uint8_t *ptr;
    size_t left; /* bytes not read yet */
    bool failed;
};
void sp_reader_init(struct sp_reader *reader, struct sp_slice bytes);
uint8_t sp_reader_u8(struct sp_reader *reader);
uint16_t sp_reader_u16(struct sp_reader *reader);
uint32_t sp_reader_u32(struct sp_reader *reader);
uint64_t sp_reader_u64(struct sp_reader *reader);
uint64_t sp_reader_varint(struct sp_reader *reader);
struct sp_slice sp_reader_bytes(struct sp_reader *reader, size_t len);
struct sp_slice sp_reader_slice(struct sp_reader *reader); /* varint length, then bytes */

#endif
