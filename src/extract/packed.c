/* Chance hits: a gzip header has 39 bits that are fixed, one of a zip 40, of xz 48, of zstd 34 and
 * of bzip2 80: at the most one in 16 GB of random bytes. */
#include "extract/packed.h"

#include <string.h>

/* RFC 1952: magic, deflate, no reserved flag, extra flags 0, 2 or 4, a system of 0 to 13 or 255 */
static bool packed_is_gzip(const uint8_t *ptr)
{
    return ptr[0] == 0x1F && ptr[1] == 0x8B && (ptr[3] & 0xE0) == 0 && (ptr[8] & ~6) == 0 &&
           (ptr[9] <= 13 || ptr[9] == 255);
}

static bool packed_is_zip(const uint8_t *ptr)
{
    return memcmp(ptr, "PK\3\4", 4) == 0 && ptr[4] <= 63 && ptr[9] == 0;
}

static bool packed_is_xz(const uint8_t *ptr)
{
    return memcmp(ptr,
                  "\xFD"
                  "7zXZ\0",
                  6) == 0;
}

static bool packed_is_zstd(const uint8_t *ptr)
{
    return memcmp(ptr, "\x28\xB5\x2F\xFD", 4) == 0 && (ptr[4] & 0x18) == 0;
}

/* a block's size, then the mark of the first block: letters and digits, as text may have */
static bool packed_is_bzip2(const uint8_t *ptr)
{
    return memcmp(ptr, "BZh", 3) == 0 && ptr[3] >= '1' && ptr[3] <= '9' &&
           memcmp(ptr + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0;
}

static bool packed_is_7z(const uint8_t *ptr)
{
    return memcmp(ptr, "7z\xBC\xAF\x27\x1C", 6) == 0;
}

/* The byte that is searched for is one that text does not have. */
static const struct packed_sign {
    const char *name;
    uint8_t byte;
    uint8_t at; /* its place in the sign */
    bool (*is)(const uint8_t *ptr);
} packed_signs[] = {
    {"gzip", 0x08, 2, packed_is_gzip}, {"zip", 0x04, 3, packed_is_zip},
    {"xz", 0xFD, 0, packed_is_xz},     {"zstd", 0xFD, 3, packed_is_zstd},
    {"7z", 0x1C, 5, packed_is_7z},
};
/* Its rarest byte is in every page of HTML, so it is not looked for everywhere. */
static const struct packed_sign packed_beside = {"bzip2", '&', 7, packed_is_bzip2};

static bool packed_has(const struct packed_sign *sign, struct sp_slice bytes)
{
    const uint8_t *ptr = bytes.ptr + sign->at;
    const uint8_t *end = ptr + (bytes.len - SP_PACKED_SIGN_BYTES) + 1;
    while (ptr < end && (ptr = memchr(ptr, sign->byte, (size_t)(end - ptr))) != NULL) {
        if (sign->is(ptr - sign->at))
            return true;
        ptr++;
    }
    return false;
}

static const char *packed_find(const struct sp_packed *packed, struct sp_slice bytes)
{
    if (bytes.len < SP_PACKED_SIGN_BYTES)
        return NULL;
    for (size_t i = 0; i < sizeof packed_signs / sizeof packed_signs[0]; i++) {
        if (packed_has(&packed_signs[i], bytes))
            return packed_signs[i].name;
    }
    return packed->beside && packed_has(&packed_beside, bytes) ? packed_beside.name : NULL;
}

void sp_packed_add(struct sp_packed *packed, struct sp_slice bytes)
{
    const size_t overlap = SP_PACKED_SIGN_BYTES - 1;
    if (packed->found != NULL || bytes.len == 0)
        return;
    size_t head = bytes.len < overlap ? bytes.len : overlap; /* carry_len is <= overlap */
    memcpy(packed->carry + packed->carry_len, bytes.ptr, head);
    packed->carry_len += head;
    packed->found = packed_find(packed, (struct sp_slice){packed->carry, packed->carry_len});
    if (packed->found == NULL)
        packed->found = packed_find(packed, bytes);
    if (bytes.len >= overlap) {
        memcpy(packed->carry, bytes.ptr + bytes.len - overlap, overlap);
        packed->carry_len = overlap;
    } else if (packed->carry_len > overlap) {
        memmove(packed->carry, packed->carry + packed->carry_len - overlap, overlap);
        packed->carry_len = overlap;
    }
}
