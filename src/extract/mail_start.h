/* Where mail begins: what stands before the first header, and whether there is a header at all. */
#ifndef SP_EXTRACT_MAIL_START_H
#define SP_EXTRACT_MAIL_START_H

#include "base/buf.h"
#include "speur/err.h"
#include "speur/slice.h"

/* What the first bytes of an object say about mail. */
enum sp_mail_look {
    SP_MAIL_LOOK_NONE,  /* no header where one should be */
    SP_MAIL_LOOK_ONE,   /* one header that mail has: enough when the name says mail as well */
    SP_MAIL_LOOK_SURE,  /* two or more */
    SP_MAIL_LOOK_BABYL, /* an Rmail file of old Emacs: read as text, and told */
};
enum sp_mail_look sp_mail_look(struct sp_slice head);
/* Does the name promise mail? */
bool sp_mail_name(struct sp_slice name);
/* The same, from a name that other files do not have: .eml and its kin, unique Maildir names. */
bool sp_mail_name_sure(struct sp_slice name);
/* A header that mail programs write. */
bool sp_mail_header_known(struct sp_slice name);

/* Length of what may stand before the first header or envelope line: a BOM, empty lines, the byte
 * count of Apple's .emlx, the banner of Outlook, separators of MMDF. */
size_t sp_mail_prefix(struct sp_slice bytes);
/* Length of a separator of MMDF (four times Ctrl-A and the line end) at pos; 0: none. */
size_t sp_mail_mmdf(struct sp_slice bytes, size_t pos);

/* Brings a message into the form that is read: lines that end in CR only get LF, in place; UTF-16
 * and UTF-32 become UTF-8 (*recoded: offsets are those of the UTF-8 text, and declared charsets
 * say nothing about what is not encoded). SP_ERR_NOMEM. */
enum sp_err sp_mail_settle(struct sp_buf *buf, bool *recoded, struct sp_why *why);

#endif
