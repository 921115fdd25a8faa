/* How encoded files and secret messages begin in a text: lines of uuencode, yEnc, BinHex and git,
 * armour of OpenPGP (RFC 9580), CMS (RFC 7468), age and Ansible. However the lines are indented or
 * quoted. A mere mention is none: what such a line announces must follow it. */
#ifndef SP_EXTRACT_ARMOUR_H
#define SP_EXTRACT_ARMOUR_H

#include "speur/slice.h"

#include <stdbool.h>

enum sp_armour { SP_ARMOUR_NONE, SP_ARMOUR_FILE, SP_ARMOUR_SECRET };
/* What begins with the line at the beginning of the text, which may see what is behind it. */
enum sp_armour sp_armour_of_line(struct sp_slice text);
/* Whether a secret message begins in the first `upto` bytes, wherever in a line. */
bool sp_armour_begins_secret(struct sp_slice text, size_t upto);

#endif
