/* 64 bytes at a time: where may a run lie? Everything else of the raw byte pass looks only there.
 */
#ifndef SP_EXTRACT_BYTES_MASKS_H
#define SP_EXTRACT_BYTES_MASKS_H

#include <stddef.h>
#include <stdint.h>

enum {
    SP_MASK_BYTES = 64,
    SP_NARROW_MARK_LEN = 4, /* bytes that make a mark of a narrow run */
    SP_WIDE_MARK_LEN = 4,   /* the same of a wide run: two characters */
};

/* The first position from `pos` on where a mark of a narrow run begins that ends before `len`:
 * four ASCII characters in a row, or UTF-8 of three bytes or more, or two of two bytes. `len` when
 * there is none. */
size_t sp_narrow_mark(const uint8_t *bytes, size_t pos, size_t len);
/* The same for a wide run, at even distances from `pos` only: two ASCII characters of UTF-16LE. */
size_t sp_wide_mark(const uint8_t *bytes, size_t pos, size_t len);

#endif
