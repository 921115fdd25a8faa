/* Chance hits: a gzip header has 39 bits that are fixed, one of a zip 40, of xz 48, of zstd 34, of
 * git 63 and of bzip2 80: at the most one in 16 GB of random bytes. Of zlib see deflate_look.h. */
#include "extract/packed.h"

#include "extract/deflate_look.h"

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

static bool packed_is_7z(const uint8_t *ptr)
{
    return memcmp(ptr, "7z\xBC\xAF\x27\x1C", 6) == 0;
}

static bool packed_is_bzip2(const uint8_t *ptr)
{
    return memcmp(ptr, "BZh", 3) == 0 && memcmp(ptr + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0;
}

static bool packed_is_git(const uint8_t *ptr)
{
    return memcmp(ptr, "PACK\0\0\0", 7) == 0 && (ptr[7] == 2 || ptr[7] == 3);
}

/* The byte that is searched for is one that text does not have, or seldom. */
static const struct {
    const char *name;
    uint8_t byte;
    uint8_t at; /* its place in the sign */
    bool (*is)(const uint8_t *ptr);
} packed_signs[] = {
    {"gzip", 0x08, 2, packed_is_gzip}, {"zip", 0x04, 3, packed_is_zip},
    {"xz", 0xFD, 0, packed_is_xz},     {"zstd", 0xFD, 3, packed_is_zstd},
    {"7z", 0x1C, 5, packed_is_7z},     {"bzip2", 0x26, 7, packed_is_bzip2},
    {"git", 'K', 3, packed_is_git},
};

bool sp_packed_begins(struct sp_slice bytes)
{
    if (sp_zlib_begins(bytes))
        return true;
    for (size_t i = 0; i < sizeof packed_signs / sizeof packed_signs[0]; i++) {
        if (bytes.len >= SP_PACKED_SIGN_BYTES && packed_signs[i].is(bytes.ptr))
            return true;
    }
    return false;
}

/* Begins in the first `upto` bytes. */
static bool packed_find_zlib(struct sp_slice bytes, size_t upto)
{
    const uint8_t *ptr = bytes.ptr, *end = bytes.ptr + bytes.len;
    while ((ptr = memchr(ptr, 0x78, upto - (size_t)(ptr - bytes.ptr))) != NULL) {
        if (sp_zlib_begins((struct sp_slice){ptr, (size_t)(end - ptr)}))
            return true;
        if ((size_t)(++ptr - bytes.ptr) == upto)
            break;
    }
    return false;
}

static const char *packed_find(struct sp_slice bytes, size_t upto)
{
    if (upto > 0 && packed_find_zlib(bytes, upto))
        return "zlib";
    if (bytes.len < SP_PACKED_SIGN_BYTES)
        return NULL;
    for (size_t i = 0; i < sizeof packed_signs / sizeof packed_signs[0]; i++) {
        const uint8_t *ptr = bytes.ptr + packed_signs[i].at;
        const uint8_t *end = ptr + (bytes.len - SP_PACKED_SIGN_BYTES) + 1;
        while (ptr < end &&
               (ptr = memchr(ptr, packed_signs[i].byte, (size_t)(end - ptr))) != NULL) {
            if (packed_signs[i].is(ptr - packed_signs[i].at))
                return packed_signs[i].name;
            ptr++;
        }
    }
    return NULL;
}

void sp_packed_add(struct sp_packed *packed, struct sp_slice bytes)
{
    const size_t overlap = SP_PACKED_OVERLAP;
    if (packed->found != NULL || bytes.len == 0)
        return;
    size_t before = packed->carry_len, head = bytes.len < overlap ? bytes.len : overlap;
    memcpy(packed->carry + before, bytes.ptr, head);
    packed->carry_len += head;
    packed->found = packed_find((struct sp_slice){packed->carry, packed->carry_len},
                                packed->carry_len > overlap ? packed->carry_len - overlap : 0);
    if (packed->found == NULL && bytes.len > overlap)
        packed->found = packed_find(bytes, bytes.len - overlap);
    if (bytes.len >= overlap) {
        memcpy(packed->carry, bytes.ptr + bytes.len - overlap, overlap);
        packed->carry_len = overlap;
    } else if (packed->carry_len > overlap) {
        memmove(packed->carry, packed->carry + packed->carry_len - overlap, overlap);
        packed->carry_len = overlap;
    }
}

void sp_packed_end(struct sp_packed *packed)
{
    if (packed->found == NULL)
        packed->found =
            packed_find((struct sp_slice){packed->carry, packed->carry_len}, packed->carry_len);
}
