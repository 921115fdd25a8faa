/* Addresses that Cloudflare hides from robots in HTML: data-cfemail="…" and links to
 * /cdn-cgi/l/email-protection#…, hexadecimal, each byte XOR the first one. */
#ifndef SP_EXTRACT_CFEMAIL_H
#define SP_EXTRACT_CFEMAIL_H

#include "speur/slice.h"

#include <stdbool.h>

enum { SP_CFEMAIL_MAX = 320 }; /* bytes of an address, RFC 5321 */

struct sp_cfemail {
    size_t met[2]; /* bytes of each mark */
    bool in_hex;
    bool half;   /* a digit waits */
    size_t skip; /* quotes before the first digit */
    size_t len;  /* of bytes, with the key */
    uint8_t bytes[SP_CFEMAIL_MAX + 1];
};

/* Takes a byte of a tag; true when an address ended before it, which is bytes[1, len), in clear. */
bool sp_cfemail_take(struct sp_cfemail *email, uint8_t byte);

#endif
