/* Text of mainframes, which looks like bytes to all others. */
#ifndef SP_EXTRACT_EBCDIC_H
#define SP_EXTRACT_EBCDIC_H

#include "speur/slice.h"

#include <stdbool.h>

/* Whether the bytes are mostly letters, digits and blanks in EBCDIC (the places that its national
 * code pages share), and are not in any other encoding. */
bool sp_looks_ebcdic(struct sp_slice head);

#endif
