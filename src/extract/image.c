#include "extract/image.h"

#include <string.h>
#include <strings.h>

enum {
    IMAGE_LINE_MAX = 8,   /* pixels: nothing can be written in so few lines or columns */
    IMAGE_ICON_MAX = 128, /* both sides: a few words at most, of a button or a logo */
    IMAGE_THUMBNAIL_MAX = 512
};

static unsigned image_be(const uint8_t *at, unsigned bytes)
{
    unsigned value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static unsigned image_le(const uint8_t *at, unsigned bytes)
{
    unsigned value = 0;
    for (unsigned i = bytes; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

/* Segments up to a start of frame: SOF0 to SOF15, but for DHT, JPG and DAC (ITU-T T.81, B.1.1.3).
 */
static bool image_jpeg(struct sp_slice head, struct sp_image_size *out)
{
    size_t at = 2;
    while (at + 9 <= head.len && head.ptr[at] == 0xFF) {
        unsigned mark = head.ptr[at + 1];
        bool frame = mark >= 0xC0 && mark <= 0xCF && mark != 0xC4 && mark != 0xC8 && mark != 0xCC;
        if (mark == 0xFF) {
            at++;
            continue;
        }
        if (frame) {
            *out = (struct sp_image_size){image_be(head.ptr + at + 7, 2),
                                          image_be(head.ptr + at + 5, 2)};
            return true;
        }
        at += 2 + image_be(head.ptr + at + 2, 2);
    }
    return false;
}

static bool image_webp(struct sp_slice head, struct sp_image_size *out)
{
    const uint8_t *at = head.ptr;
    if (head.len < 30)
        return false;
    if (memcmp(at + 12, "VP8X", 4) == 0)
        *out = (struct sp_image_size){image_le(at + 24, 3) + 1, image_le(at + 27, 3) + 1};
    else if (memcmp(at + 12, "VP8 ", 4) == 0)
        *out = (struct sp_image_size){image_le(at + 26, 2) & 0x3FFF, image_le(at + 28, 2) & 0x3FFF};
    else if (memcmp(at + 12, "VP8L", 4) == 0)
        *out = (struct sp_image_size){(image_le(at + 21, 4) & 0x3FFF) + 1,
                                      (image_le(at + 21, 4) >> 14 & 0x3FFF) + 1};
    else
        return false;
    return true;
}

bool sp_image_size(struct sp_slice head, struct sp_image_size *out)
{
    const uint8_t *at = head.ptr;
    if (head.len < 26)
        return false;
    if (memcmp(at, "\x89PNG\r\n\x1A\n", 8) == 0 && memcmp(at + 12, "IHDR", 4) == 0)
        *out = (struct sp_image_size){image_be(at + 16, 4), image_be(at + 20, 4)};
    else if (memcmp(at, "GIF8", 4) == 0)
        *out = (struct sp_image_size){image_le(at + 6, 2), image_le(at + 8, 2)};
    else if (memcmp(at, "BM", 2) == 0 && image_le(at + 14, 4) >= 40)
        *out = (struct sp_image_size){image_le(at + 18, 4), image_le(at + 22, 4)};
    else if (memcmp(at, "RIFF", 4) == 0 && memcmp(at + 8, "WEBP", 4) == 0)
        return image_webp(head, out);
    else
        return at[0] == 0xFF && at[1] == 0xD8 && image_jpeg(head, out);
    return true;
}

bool sp_image_is_small(struct sp_image_size size, bool is_thumbnail)
{
    unsigned longest = size.width > size.height ? size.width : size.height;
    unsigned shortest = size.width > size.height ? size.height : size.width;
    return shortest <= IMAGE_LINE_MAX || longest <= IMAGE_ICON_MAX ||
           (is_thumbnail && longest <= IMAGE_THUMBNAIL_MAX);
}

bool sp_image_is_thumbnail(struct sp_slice name)
{
    static const char *const names[] = {"Thumbnails/thumbnail.png", "docProps/thumbnail.jpeg",
                                        "docProps/thumbnail.jpg", "docProps/thumbnail.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.len == strlen(names[i]) &&
            strncasecmp((const char *)name.ptr, names[i], name.len) == 0)
            return true;
    return false;
}
