/* Whether compressed data begins at a place: the header of zlib is two bytes, which any data has,
 * so what follows is looked at. No parser of somebody else's: it also runs where text is read. */
#ifndef SP_EXTRACT_DEFLATE_LOOK_H
#define SP_EXTRACT_DEFLATE_LOOK_H

#include "speur/slice.h"

#include <stdbool.h>

enum { SP_DEFLATE_LOOK_BYTES = 320 }; /* all that is looked at */

/* A header of zlib (RFC 1950) and a block of deflate (RFC 1951) behind it: one with codes of its
 * own that are whole, or one with the fixed codes of which many symbols, or all up to the checksum,
 * are right. By chance less than once in 10 to the 9th. A stored block is none: it can be read as
 * it stands. `bytes` may end where the data does. */
bool sp_zlib_begins(struct sp_slice bytes);
/* The same of a block with codes of its own that has no header before it, as programs write into
 * base64 (draw.io; the redirect binding of SAML 2.0). By chance less than once in 10 to the 7th. */
bool sp_deflate_begins(struct sp_slice bytes);

#endif
