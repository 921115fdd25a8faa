/* Writes the header of a member of a tar again, with changes. */
#ifndef SP_RESTORE_TARWRITE_H
#define SP_RESTORE_TARWRITE_H

#include "extract/tarhead.h"

/* Appends the blocks of `head` with changes; NULL and UINT64_MAX leave a thing as it is. */
struct sp_tarhead_change {
    uint64_t size;
    const struct sp_slice *link; /* another target */
    const struct sp_tarhead *as; /* with the type, size and holes of that one, and no target */
};
enum sp_err sp_tarhead_write(const struct sp_tarhead *head, const struct sp_tarhead_change *change,
                             struct sp_buf *out, struct sp_why *why);

#endif
