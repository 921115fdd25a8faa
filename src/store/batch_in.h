/* A batch between filling (batch.c) and writing (batch_flush.c). */
#ifndef SP_STORE_BATCH_IN_H
#define SP_STORE_BATCH_IN_H

#include "store/inventory_in.h"

/* Packed rows: the parameters of a statement in its order, each of a kind:
 *   i  integer by its bits       o  integer or NULL      b  bytes
 *   B  bytes, NULL when empty    T  text, NULL when empty */
#define BATCH_OBJECT_KINDS "iiiiiiiiiiiibBBTToiioBBiooooo"
#define BATCH_SEGMENT_KINDS "iiibbbbbB"
#define BATCH_UNREAD_KINDS "iiiTooii"

/* An object in the batch. One that is put again is packed again; `at` is where it was last. */
struct batch_object {
    int64_t id;
    size_t at;  /* in `objects` */
    bool ended; /* its state is not OPEN, or is kept OPEN until its top is finished */
};

struct sp_batch {
    struct sp_inventory *inventory; /* borrowed */
    const struct sp_key *key;       /* borrowed */
    bool keep_values;
    struct sp_top *top;                      /* borrowed: of the part that is being read, or NULL */
    struct sp_buf objects, segments, unread; /* packed rows */
    struct batch_object *entries;            /* the objects, in the order of their first row */
    size_t entry_count, entry_cap;
    uint32_t *index;       /* by hash of the id: entry + 1, 0 none; linear probing */
    size_t index_len;      /* a power of two, above entry_count * 2; or 0 */
    struct sp_top **parts; /* one for each part whose last rows are here */
    size_t part_count, part_cap;
    struct sp_buf scratch; /* for sealed values and counts */
};

#endif
