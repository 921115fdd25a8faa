/* Text that stands in JSON as an array of its bytes, as Node.js writes a Buffer. */
#ifndef SP_EXTRACT_JSON_BYTES_H
#define SP_EXTRACT_JSON_BYTES_H

#include "speur/slice.h"

enum {
    SP_JSON_BYTES_MIN = 8,     /* of an array; fewer are numbers */
    SP_JSON_BYTES_MAX = 16384, /* of which a longer one is read at a time, */
    SP_JSON_BYTES_AGAIN = 256, /* and so many again with the next ones */
};

struct sp_json_bytes { /* all zero at first */
    bool none;         /* something else is in the array */
    size_t len, again; /* of `bytes`; those that were read before */
    uint64_t off;      /* source byte of the first */
    uint8_t bytes[SP_JSON_BYTES_MAX];
};

/* A container begins or has ended: what was collected is of another one. */
void sp_json_bytes_reset(struct sp_json_bytes *bytes);
/* The next element of an array, a bare word at source byte `off`. True: there is no room for more,
 * so that what is there is to be taken. */
bool sp_json_bytes_add(struct sp_json_bytes *bytes, struct sp_slice word, uint64_t off);
/* The text that was collected, empty when it is none; valid until the next call. The array may go
 * on behind it. */
struct sp_slice sp_json_bytes_text(struct sp_json_bytes *bytes);

#endif
