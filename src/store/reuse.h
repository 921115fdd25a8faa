/* What reuse.c and resume.c share; nobody else includes it. */
#ifndef SP_STORE_REUSE_H
#define SP_STORE_REUSE_H

#include "store/inventory.h"

/* What was not read for this reason would not be read now either. */
bool sp_reuse_is_last(enum sp_reason reason);

/* With the lock held: keeps of a file that was begun and not finished the members that were; fills
 * `resume`, whose object is 0 when there are none. */
enum sp_err sp_resume_prepare(struct sp_inventory *inventory, int64_t top, int64_t scan_id,
                              struct sp_resume *resume, struct sp_why *why);

#endif
