/* Data of somebody's own in a stream of zstd or lz4: frames that decompressors pass over (RFC 8878,
 * 3.1.2; lz4 Frame Format). Found by walking from frame to frame and block to block, without
 * unpacking any. */
#ifndef SP_EXTRACT_SKIPPABLE_H
#define SP_EXTRACT_SKIPPABLE_H

#include "base/buf.h"

enum { SP_SKIPPABLE_MAX = 8 << 20 }; /* bytes that are kept; an index of frames may have many */

struct sp_skippable {
    struct sp_buf data; /* of all such frames, a NUL behind each */
    bool more;          /* there was more than is kept */
    /* while it walks */
    int state;
    uint64_t pass; /* bytes to go over, or to keep */
    bool keeps;
    uint8_t field[8]; /* the next field of a header */
    size_t have, want;
    size_t behind_block, behind_last; /* bytes of checksums */
};

void sp_skippable_init(struct sp_skippable *skippable);
void sp_skippable_clear(struct sp_skippable *skippable);
/* The next bytes of the packed stream. What is no frame ends the walk. SP_ERR_NOMEM. */
enum sp_err sp_skippable_add(struct sp_skippable *skippable, struct sp_slice packed,
                             struct sp_why *why);

#endif
