/* Addresses of a header that are not written in one piece: with blanks, comments or a line end in
 * them, or quotes around what stands before the at-mark (RFC 5322, 3.4.1 and the obsolete forms of
 * 4.4). */
#ifndef SP_EXTRACT_MAIL_ADDRESS_H
#define SP_EXTRACT_MAIL_ADDRESS_H

#include "extract/row.h"

/* Pushes each such address in bytes [begin, end), which is the value of a header called `name`, as
 * a field of that name of its own, in one piece. What stands in one piece already is not pushed.
 * name and part are borrowed until the row ends. */
enum sp_err sp_mail_addresses(struct sp_row *row, struct sp_slice bytes, size_t begin, size_t end,
                              struct sp_slice name, struct sp_slice part, struct sp_why *why);

#endif
