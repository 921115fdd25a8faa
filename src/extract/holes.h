/* Holes of sparse members. A hole is not delivered as zeros (8 GB of them may come from 2 KB):
 * a few zeros stand for it, and a sink in between moves the origins of all that follows, so that
 * offsets are those in the whole file. */
#ifndef SP_EXTRACT_HOLES_H
#define SP_EXTRACT_HOLES_H

#include "core/sink.h"

struct sp_hole {
    uint64_t at;     /* byte of the shortened stream from which on ... */
    uint64_t behind; /* ... so many bytes are missing in all */
};

struct sp_holes {
    struct sp_sink sink;   /* first: passes everything on to `inner` */
    struct sp_sink *inner; /* borrowed */
    struct sp_hole *list;  /* ascending; NULL while there is none */
    size_t count;
    size_t cap;
    uint32_t objects;         /* begun in the member and not ended: 1 = the member itself */
    struct sp_origin *points; /* scratch for moved points */
    size_t points_cap;
};

void sp_holes_init(struct sp_holes *holes, struct sp_sink *inner);
void sp_holes_clear(struct sp_holes *holes);
/* Zeros for a hole of `len` bytes: all of them, or as many as one block has. */
struct sp_slice sp_holes_zeros(uint64_t len);
/* A hole of `len` bytes begins at byte `at` of the shortened stream: *out are the zeros that are
 * delivered for all of it. SP_ERR_NOMEM. */
enum sp_err sp_holes_shorten(struct sp_holes *holes, uint64_t at, uint64_t len,
                             struct sp_slice *out, struct sp_why *why);

#endif
