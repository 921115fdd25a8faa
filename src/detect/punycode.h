/* Labels of a domain as the DNS has them: Punycode (RFC 3492) behind "xn--" (RFC 5890, A-labels).
 */
#ifndef SP_DETECT_PUNYCODE_H
#define SP_DETECT_PUNYCODE_H

#include "speur/slice.h"

enum { SP_LABEL_MAX = 63 }; /* bytes of a label (RFC 1035) */

/* The A-label of one in small letters; ASCII as it is. Its length, at most SP_LABEL_MAX; 0: it has
 * none. */
size_t sp_punycode_label(struct sp_slice utf8, uint8_t out[SP_LABEL_MAX]);

#endif
