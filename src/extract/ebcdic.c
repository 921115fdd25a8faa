#include "extract/ebcdic.h"

#include "base/utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    BYTES_MIN = 20,
    LOOK_BYTES = 8192,
    BLANK = 0x40,
    TEXT_PERCENT = 80, /* packed numbers stand between */
    LETTER_PERCENT = 30,
    BLANK_PERCENT = 3
};

static bool is_letter(uint8_t byte)
{
    uint8_t low = byte & 0x0F;
    switch (byte >> 4) {
    case 0x8:
    case 0x9:
    case 0xC:
    case 0xD:
        return low >= 1 && low <= 9;
    case 0xA:
    case 0xE:
        return low >= 2 && low <= 9;
    case 0xF:
        return low <= 9;
    default:
        return false;
    }
}

/* Signs and ends of lines. */
static bool is_sign(uint8_t byte)
{
    return byte == BLANK || byte == 0x15 || byte == 0x25 || byte == 0x0D || byte == 0x0A ||
           (byte >= 0x4B && byte <= 0x50) || (byte >= 0x5A && byte <= 0x61) ||
           (byte >= 0x6B && byte <= 0x6F) || (byte >= 0x7A && byte <= 0x7F);
}

bool sp_looks_ebcdic(struct sp_slice head)
{
    size_t len = head.len < LOOK_BYTES ? head.len : LOOK_BYTES;
    size_t letters = 0, signs = 0, blanks = 0, ascii = 0;
    if (sp_ascii_run(head.ptr, len) == len)
        return false; /* its letters are none of ASCII's */
    if (len > 4 && memcmp(head.ptr, "\x4C\x6F\xA7\x94", 4) == 0)
        return true; /* "<?xm" (XML 1.0, appendix F) */
    for (size_t i = 0; i < len; i++) {
        letters += is_letter(head.ptr[i]);
        signs += is_sign(head.ptr[i]);
        blanks += head.ptr[i] == BLANK;
        ascii += head.ptr[i] == ' ';
    }
    return len >= BYTES_MIN && (letters + signs) * 100 >= len * TEXT_PERCENT &&
           letters * 100 >= len * LETTER_PERCENT && blanks * 100 >= len * BLANK_PERCENT &&
           ascii * 10 < blanks;
}
