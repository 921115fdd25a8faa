/* Word lists and spelling of e-mail addresses, for check_email.c and canonical.c. */
#ifndef SP_DETECT_MAILTEXT_H
#define SP_DETECT_MAILTEXT_H

#include "core/text.h"
#include "speur/finding.h"

bool sp_mail_is_tld(struct sp_slice label);       /* letters >= 2, or an A-label */
bool sp_mail_is_file_tld(struct sp_slice label);  /* png, js, …: `logo@2x.png` is no address */
bool sp_mail_is_extension(struct sp_slice label); /* eml, pdf, …: cut off in names */
/* Whether the place lies in a Message-ID, In-Reply-To, References or Content-ID, by the field's
 * key or by the header line in the text; or behind `cid:`. */
bool sp_mail_is_message_id(const struct sp_text *text, size_t begin);
/* Appends in lower case: ASCII, Latin, Greek and Cyrillic letters. What does not fit is cut. */
void sp_mail_append_lower(struct sp_canonical *out, struct sp_slice text);
/* A domain in small letters, its labels beyond ASCII as the DNS has them (xn--): both spellings are
 * one address. */
void sp_mail_append_domain(struct sp_canonical *out, struct sp_slice domain);
/* ROLE and TEST_VALUE of a canonical address. */
unsigned sp_mail_attributes(const struct sp_canonical *address);

#endif
