/* Text that changes its encoding on the way: UTF-16 appended to a text of bytes (PowerShell's >>),
 * bytes appended to UTF-16, a byte lost in UTF-16. Internal to core. */
#ifndef SP_CORE_MIXED_H
#define SP_CORE_MIXED_H

#include "core/charset.h"

enum { SP_MIXED_LOOK = 16 }; /* bytes that these look at, at most */

enum sp_mixed_answer {
    SP_MIXED_NO,
    SP_MIXED_MORE, /* depends on bytes that are not there yet */
    SP_MIXED_YES
};

/* Printable ASCII, a tab or a line end. */
bool sp_byte_is_plain(uint8_t byte);
/* Is the NUL at in.ptr the first of a row of four that stand between characters of ASCII, as in
 * UTF-16? */
enum sp_mixed_answer sp_mixed_nul(struct sp_slice in, bool last);
/* Where UTF-16 should go on: do bytes of ASCII stand there? */
enum sp_mixed_answer sp_mixed_bytes(struct sp_slice in, bool last);
/* Where UTF-16 should go on: does it go on one byte further? */
enum sp_mixed_answer sp_mixed_shift(struct sp_slice in, bool big, bool last);
/* Do bytes of ASCII end before in.ptr and UTF-16 go on? (in.len > 0) */
enum sp_mixed_answer sp_mixed_wide_again(struct sp_slice in, bool big, bool last);

#endif
