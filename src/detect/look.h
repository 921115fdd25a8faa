/* The first look of the filter: where may any of up to eight buckets of anchors fit? Built once,
 * read-only, shared by all threads. The wide and the portable way skip no place where a bucket
 * fits; the wide one may let a few more through, which the second look (filter.h) refuses. */
#ifndef SP_DETECT_LOOK_H
#define SP_DETECT_LOOK_H

#include "detect/anchor.h"

enum {
    SP_LOOK_BUCKETS = 8, /* bits of one place */
    SP_LOOK_BACK = 2,    /* places before a start */
    SP_LOOK_PLACES = 8,
    SP_LOOK_AHEAD = SP_LOOK_PLACES - SP_LOOK_BACK - 1, /* behind the first byte */
    SP_LOOK_LANES = 4,
    SP_LOOK_BLOCK = SP_LOOK_LANES * 64,
    SP_LOOK_KINDS = 16, /* of bytes, told apart by the wide way */
    SP_LOOK_ROWS = 9    /* ASCII by its upper four bits, and all the rest */
};

struct sp_look {
    /* Byte k of an entry has a bit a bucket that the member suits at place k. Shifting a byte up at
     * each step, a start is left where a bucket suits at all eight. */
    uint64_t suits[SP_ANCHOR_OUTSIDE + 1];
    /* The same with bytes sorted into kinds: of an ASCII byte by its two halves, of the others one
     * kind for all; and the buckets that a kind suits at a place. */
    uint8_t kind_of[SP_LOOK_ROWS][16];
    uint8_t kind_suits[SP_LOOK_PLACES][SP_LOOK_KINDS];
    bool wide; /* this machine has AVX2 */
};

/* `look` holds zero bytes, `anchors` is one bucket each, at most SP_LOOK_BUCKETS. */
void sp_look_build(struct sp_look *look, const struct sp_anchor *anchors, size_t buckets);
/* Sets bit k of out[k / 64] where a bucket may fit at data[begin + k], for begin + k < end.
 * end - begin <= SP_LOOK_BLOCK, end <= len; all words of out are written. */
void sp_look_at(const struct sp_look *look, const uint8_t *data, size_t len, size_t begin,
                size_t end, uint64_t out[SP_LOOK_LANES]);

/* Of sp_look_at: a whole block that has SP_LOOK_BACK bytes before it and SP_LOOK_AHEAD behind it,
 * with AVX2. */
bool sp_look_wide_here(void);
void sp_look_wide(const struct sp_look *look, const uint8_t *block, uint64_t out[SP_LOOK_LANES]);

#endif
