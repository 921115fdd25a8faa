#include "core/mixed.h"

enum {
    END_BYTES_MIN = 8,  /* at the end of a text so many bytes are enough to decide */
    NULS_MIN = 4,       /* in a row, each behind a character */
    AGAIN_LOOK = 8,     /* bytes behind a foreign one that tell whether text of bytes goes on */
    AGAIN_PLAIN_MIN = 4 /* of these are plain when it does */
};

bool sp_byte_is_plain(uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\r' || byte == '\n';
}

enum sp_mixed_answer sp_mixed_nul(struct sp_slice in, bool last)
{
    for (size_t i = 1; i < 2 * NULS_MIN - 1; i++) {
        if (i >= in.len)
            return last ? SP_MIXED_NO : SP_MIXED_MORE;
        if (i % 2 == 0 ? in.ptr[i] != 0 : !sp_byte_is_plain(in.ptr[i]))
            return SP_MIXED_NO;
    }
    return SP_MIXED_YES;
}

/* All bytes that were looked at agree: are they enough? */
static enum sp_mixed_answer enough(size_t len, bool last)
{
    if (len >= SP_MIXED_LOOK)
        return SP_MIXED_YES;
    if (!last)
        return SP_MIXED_MORE;
    return len >= END_BYTES_MIN ? SP_MIXED_YES : SP_MIXED_NO;
}

enum sp_mixed_answer sp_mixed_bytes(struct sp_slice in, bool last)
{
    for (size_t i = 0; i < in.len && i < SP_MIXED_LOOK; i++) {
        if (!sp_byte_is_plain(in.ptr[i]))
            return SP_MIXED_NO;
    }
    return enough(in.len, last);
}

enum sp_mixed_answer sp_mixed_shift(struct sp_slice in, bool big, bool last)
{
    if (in.ptr[0] != 0 && !sp_byte_is_plain(in.ptr[0]))
        return SP_MIXED_NO;
    for (size_t i = 1; i < in.len && i < SP_MIXED_LOOK; i++) {
        bool is_high = (i % 2 == 1) == big; /* the NUL of a character that begins at byte 1 */
        if (is_high ? in.ptr[i] != 0 : !sp_byte_is_plain(in.ptr[i]))
            return SP_MIXED_NO;
    }
    return enough(in.len, last);
}

enum sp_mixed_answer sp_mixed_wide_again(struct sp_slice in, bool big, bool last)
{
    if (big && in.ptr[0] == 0)
        return SP_MIXED_YES;
    if (in.len < 2)
        return last ? SP_MIXED_NO : SP_MIXED_MORE;
    if (!big && in.ptr[1] == 0)
        return SP_MIXED_YES;
    if (sp_byte_is_plain(in.ptr[0]))
        return SP_MIXED_NO;
    if (in.len <= AGAIN_LOOK && !last)
        return SP_MIXED_MORE;
    size_t plain = 0;
    for (size_t i = 1; i <= AGAIN_LOOK && i < in.len; i++)
        plain += sp_byte_is_plain(in.ptr[i]) ? 1 : 0;
    return in.len > AGAIN_LOOK && plain < AGAIN_PLAIN_MIN ? SP_MIXED_YES : SP_MIXED_NO;
}
