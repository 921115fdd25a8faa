#include "ocr/exif.h"

#include <stdbool.h>
#include <string.h>

enum { EXIF_ENTRIES_MAX = 512, EXIF_ENTRY_BYTES = 12, EXIF_ORIENTATION = 0x0112 };

static unsigned exif_number(const uint8_t *at, size_t bytes, bool big)
{
    unsigned value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[big ? i : bytes - 1 - i];
    return value;
}

/* `tiff` begins with the byte order. */
static unsigned exif_directory(struct sp_slice tiff)
{
    if (tiff.len < 8)
        return 1;
    bool big = tiff.ptr[0] == 'M';
    size_t at = exif_number(tiff.ptr + 4, 4, big);
    if (tiff.len < 2 || at > tiff.len - 2)
        return 1;
    unsigned count = exif_number(tiff.ptr + at, 2, big);
    at += 2;
    for (unsigned i = 0; i < count && i < EXIF_ENTRIES_MAX; i++, at += EXIF_ENTRY_BYTES) {
        if (tiff.len - at < EXIF_ENTRY_BYTES)
            return 1;
        if (exif_number(tiff.ptr + at, 2, big) == EXIF_ORIENTATION) {
            unsigned value = exif_number(tiff.ptr + at + 8, 2, big);
            return value >= 1 && value <= 8 ? value : 1;
        }
    }
    return 1;
}

unsigned sp_exif_orientation(struct sp_slice jpeg)
{
    static const uint8_t mark[] = "Exif\0"; /* and the NUL that ends it */
    size_t at = 2;
    while (at + 4 <= jpeg.len && jpeg.ptr[at] == 0xFF && jpeg.ptr[at + 1] != 0xDA) {
        size_t len = exif_number(jpeg.ptr + at + 2, 2, true);
        if (len < 2 || len > jpeg.len - at - 2)
            return 1;
        if (jpeg.ptr[at + 1] == 0xE1 && len >= 2 + sizeof mark &&
            memcmp(jpeg.ptr + at + 4, mark, sizeof mark) == 0)
            return exif_directory(
                (struct sp_slice){jpeg.ptr + at + 4 + sizeof mark, len - 2 - sizeof mark});
        at += 2 + len;
    }
    return 1;
}
