/* Text of a message: header lines with encoded words, and decoded bodies, as fields of a row. */
#ifndef SP_EXTRACT_MAIL_HEADER_H
#define SP_EXTRACT_MAIL_HEADER_H

#include "core/charset.h"
#include "extract/escapes.h"
#include "extract/mail.h"
#include "extract/mail_flowed.h"
#include "extract/markup.h"
#include "extract/row.h"

enum { SP_CHARSET_NAME_MAX = 41 };

/* Decoders kept from one text to the next. */
struct sp_mail_text {
    struct sp_row *row;         /* a cell is open */
    struct sp_markup *markup;   /* of the body at hand, which is HTML; else NULL */
    struct sp_flowed *flowed;   /* where the body at hand goes to be joined; NULL: into the cell */
    struct sp_escapes *escapes; /* told of the body at hand, which goes into the cell; or NULL */
    struct sp_slice bytes;      /* the message */
    struct sp_decoder *utf8;    /* UTF-8, what is invalid as windows-1252 */
    struct sp_decoder *named;   /* of `charset`; NULL: none yet */
    char charset[SP_CHARSET_NAME_MAX];
    bool unreadable; /* something was in a charset that is not known here, and not in ASCII */
    struct sp_transfer_reader reader;
};

void sp_mail_text_init(struct sp_mail_text *text, struct sp_row *row, struct sp_slice bytes);
void sp_mail_text_clear(struct sp_mail_text *text);
/* The decoder of a declared charset; of UTF-8 with fallback when it is NULL or unknown. */
enum sp_err sp_mail_text_decoder(struct sp_mail_text *text, const char *charset,
                                 struct sp_decoder **out, struct sp_why *why);
/* Appends bytes [begin, end) of the message, as they are, to the open cell. */
enum sp_err sp_mail_text_raw(struct sp_mail_text *text, size_t begin, size_t end,
                             struct sp_why *why);
/* Appends the content of an entity, decoded, or gives it to the markup. *strange: bytes that its
 * encoding does not allow. */
enum sp_err sp_mail_text_body(struct sp_mail_text *text, const struct sp_mail_entity *entity,
                              uint64_t *strange, struct sp_why *why);
/* Pushes the header lines in [begin, end) as fields; what is no header line as text without a
 * key. `part` is the MIME part path, borrowed until the row ends; empty for the message's own. */
enum sp_err sp_mail_headers(struct sp_mail_text *text, size_t begin, size_t end,
                            struct sp_slice part, struct sp_why *why);

#endif
