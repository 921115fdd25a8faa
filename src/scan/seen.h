/* What was found in an object: a text that is read twice, as it stands and as it is shown, gives
 * the same value twice, and it is kept once. Only the newest few thousand are remembered; which,
 * depends on the object alone. */
#ifndef SP_SCAN_SEEN_H
#define SP_SCAN_SEEN_H

#include "scan/window.h"
#include "store/seal.h"

struct sp_seen_slot;

/* Of zero bytes: nothing was seen. */
struct sp_seen {
    struct sp_seen_slot *slots; /* by the place in the source */
    size_t cap;                 /* a power of two, or 0 */
    size_t used;
};

/* Asks for the memory that sp_seen_before will need soon. */
void sp_seen_prefetch(const struct sp_seen *seen, const struct sp_located *located);
/* Whether the same bytes of the source gave this value with no less confidence before; remembers
 * the match. `token` is that of its value. Without memory, or where the place is not known, nothing
 * was seen before. */
bool sp_seen_before(struct sp_seen *seen, const struct sp_located *located,
                    const uint8_t token[SP_TOKEN_LEN]);
void sp_seen_clear(struct sp_seen *seen);

#endif
