/* The way from the root to the object at hand while an inventory is read depth-first: its path,
 * its locator, its ancestors. */
#ifndef SP_STORE_TRAIL_H
#define SP_STORE_TRAIL_H

#include "core/locator.h"
#include "store/inventory.h"

struct sp_trail_step {
    int64_t id;
    size_t locator_len; /* of the locator down to this object */
};

struct sp_trail {
    struct sp_trail_step *steps; /* ancestors and the object at hand */
    size_t count, cap;
    struct sp_buf locator; /* escaped */
    struct sp_buf path;    /* raw bytes of the file at hand */
};

void sp_trail_init(struct sp_trail *trail);
void sp_trail_clear(struct sp_trail *trail);
/* The next object of sp_inventory_each_object. SP_ERR_ALTERED: its parent is no ancestor. */
enum sp_err sp_trail_enter(struct sp_trail *trail, const struct sp_object_row *row,
                           struct sp_why *why);
/* The locator of the object at hand; borrowed until the next call. */
struct sp_slice sp_trail_locator(const struct sp_trail *trail);
/* The same with the place of a finding behind it; borrowed until the next call. */
enum sp_err sp_trail_place(struct sp_trail *trail, const struct sp_kept_record *record,
                           const struct sp_kept_finding *finding, struct sp_slice *out,
                           struct sp_why *why);

#endif
