/* Signs of compressed data within other data: behind a script, in a firmware image. */
#ifndef SP_EXTRACT_PACKED_H
#define SP_EXTRACT_PACKED_H

#include "speur/slice.h"

#include <stdbool.h>

enum { SP_PACKED_SIGN_BYTES = 10 }; /* bytes that are looked at to be sure */

struct sp_packed {
    uint8_t carry[2 * SP_PACKED_SIGN_BYTES]; /* last bytes of the block before */
    size_t carry_len;
    bool beside;       /* in what lies beside the data of an archive: bzip2 is looked for as well */
    const char *found; /* name of what was found first, or NULL */
};

/* Looks at the next bytes, whatever the size of the blocks. Costs four searches for a byte that
 * text does not have. */
void sp_packed_add(struct sp_packed *packed, struct sp_slice bytes);

#endif
