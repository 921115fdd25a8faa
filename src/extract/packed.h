/* Signs of compressed data within other data: behind a script, in a firmware image. */
#ifndef SP_EXTRACT_PACKED_H
#define SP_EXTRACT_PACKED_H

#include "extract/deflate_look.h"
#include "speur/slice.h"

#include <stdbool.h>

enum {
    SP_PACKED_SIGN_BYTES = 10,                    /* bytes that are looked at to be sure */
    SP_PACKED_OVERLAP = SP_DEFLATE_LOOK_BYTES - 1 /* the same of what has no sign */
};

struct sp_packed {
    uint8_t carry[2 * SP_PACKED_OVERLAP]; /* last bytes of the block before, not decided */
    size_t carry_len;
    const char *found; /* name of what was found first, or NULL */
};

/* Whether it begins with such a sign. */
bool sp_packed_begins(struct sp_slice bytes);
/* Looks at the next bytes, whatever the size of the blocks. Costs eight searches for bytes of which
 * text has few. */
void sp_packed_add(struct sp_packed *packed, struct sp_slice bytes);
/* Nothing comes any more: what waited is decided. */
void sp_packed_end(struct sp_packed *packed);

#endif
