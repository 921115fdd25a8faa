/* Characters in strings of spreadsheets that are written as _xHHHH_ (ECMA-376 part 1, 22.9.2.19).
 */
#ifndef SP_EXTRACT_XSTRING_H
#define SP_EXTRACT_XSTRING_H

#include "speur/slice.h"

/* Length of the escape that begins at `at`, 0 when none does; its character in utf8[0, *len). */
size_t sp_xstring_escape(struct sp_slice text, size_t at, uint8_t utf8[4], unsigned *len);
/* Where the next one may begin, or text.len. */
size_t sp_xstring_find(struct sp_slice text, size_t at);
/* Decodes in place; returns the new length. */
size_t sp_xstring_decode(uint8_t *text, size_t len);

#endif
