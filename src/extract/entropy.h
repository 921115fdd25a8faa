/* How random bytes look: bits a byte of their distribution (0 to 8). */
#ifndef SP_EXTRACT_ENTROPY_H
#define SP_EXTRACT_ENTROPY_H

#include "speur/slice.h"

enum { SP_ENTROPY_OPAQUE_MILLI_BITS = 7500 }; /* above: encrypted or compressed, not readable */

struct sp_entropy {
    uint64_t counts[256];
    uint64_t offset; /* bytes seen, counted or not */
};

/* Counts 4 KiB of each 32 KiB, whatever the size of the blocks. */
void sp_entropy_add(struct sp_entropy *entropy, struct sp_slice bytes);
/* Thousandths of a bit a byte. */
unsigned sp_entropy_milli_bits(const struct sp_entropy *entropy);

/* Above so many they are random: fewer bytes cannot reach as much. */
unsigned sp_entropy_limit(const struct sp_entropy *entropy);

#endif
