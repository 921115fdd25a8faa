/* The last bytes of a text with their origins: read once more where the text must be cut, so that
 * no value is lost over the cut. */
#ifndef SP_EXTRACT_TAIL_H
#define SP_EXTRACT_TAIL_H

#include "core/text.h"
#include "speur/reason.h"

enum { SP_TAIL_BYTES = 1024 }; /* a power of two; more than a value and its label */

struct sp_tail { /* all zero: nothing */
    size_t total;
    uint8_t bytes[SP_TAIL_BYTES]; /* of the text's byte i, at i modulo its size */
    uint64_t offs[SP_TAIL_BYTES]; /* source byte of each */
};

/* Remembers more of the text, one to one from source byte `off` on (or SP_SIZE_UNKNOWN). */
void sp_tail_add(struct sp_tail *tail, struct sp_slice utf8, uint64_t off);
/* The same of a text with its origins. */
void sp_tail_add_map(struct sp_tail *tail, struct sp_slice utf8, struct sp_origin_map map);

/* What is to be read once more, from the beginning of a line, tag or word on. */
struct sp_tail_text {
    struct sp_slice text; /* in bytes */
    struct sp_origin_map map;
    size_t lines; /* line ends in it */
    uint8_t bytes[SP_TAIL_BYTES];
    struct sp_origin points[SP_TAIL_BYTES];
};
void sp_tail_read(const struct sp_tail *tail, struct sp_tail_text *out);

/* Where a text that is cut best begins: at text.ptr[from], or up to SP_TAIL_BYTES / 2 behind it. */
size_t sp_tail_begin(struct sp_slice text, size_t from);

#endif
