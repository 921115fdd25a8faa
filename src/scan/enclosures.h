/* Documents that stand in base64 in the text of an object: decoded into memory while the text
 * comes, and handed out as parts of the object when the record ends in which they stand. */
#ifndef SP_SCAN_ENCLOSURES_H
#define SP_SCAN_ENCLOSURES_H

#include "core/object.h"
#include "extract/enclosed.h"
#include "extract/spool.h"

enum {
    SP_ENCLOSURES_MAX = 128,      /* of one record that wait; each holds a descriptor */
    SP_ENCLOSURES_PART_MAX = 32,  /* "base64[17]" */
    SP_ENCLOSURES_FIRST = 1 << 30 /* ordinals of these parts lie above all others */
};

struct sp_enclosures {
    struct sp_enclosed enclosed;
    struct sp_enclosed_taker taker;
    uint64_t max_bytes; /* of all that wait */
    uint64_t max_count; /* of the object */
    uint64_t row;       /* of the record at hand */
    uint64_t count;     /* that were begun; ordinals follow it */
    struct sp_enclosure {
        struct sp_spool spool;
        uint64_t ordinal;
        uint64_t hash; /* of its bytes: the same text may be read twice in one record */
    } waiting[SP_ENCLOSURES_MAX];
    size_t waiting_count;
    uint64_t held; /* bytes of those before the last */
    bool open;     /* the last of them is written */
};

/* For a new object; the struct may not be moved afterwards. */
void sp_enclosures_init(struct sp_enclosures *enclosures, uint64_t max_bytes, uint64_t max_count);
void sp_enclosures_clear(struct sp_enclosures *enclosures);
/* Takes one that waits, sealed: *fd is the caller's. False: none waits. `info` points into `part`.
 */
bool sp_enclosures_take(struct sp_enclosures *enclosures, struct sp_object_info *info,
                        char part[SP_ENCLOSURES_PART_MAX], int *fd);

#endif
