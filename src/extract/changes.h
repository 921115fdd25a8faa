/* A paragraph in which changes are tracked, or text is hidden: as it was before them and as it is
 * with them, since a value may stand in one of the readings only. */
#ifndef SP_EXTRACT_CHANGES_H
#define SP_EXTRACT_CHANGES_H

#include "base/buf.h"

enum sp_change {
    SP_CHANGE_NONE,
    SP_CHANGE_INSERTED, /* or moved to here */
    SP_CHANGE_DELETED,  /* or moved away */
    SP_CHANGE_HIDDEN,
    SP_CHANGE_ASIDE /* a note: in no reading */
};

struct sp_changes {
    struct sp_buf text;
    struct sp_buf pieces;
    unsigned kinds; /* bit for each that the paragraph has */
};

void sp_changes_init(struct sp_changes *changes);
void sp_changes_clear(struct sp_changes *changes);
/* Text at source byte `off`, or SP_SIZE_UNKNOWN. *full: there is no room for it; give what there is
 * and come again. SP_ERR_NOMEM. */
enum sp_err sp_changes_text(struct sp_changes *changes, enum sp_change kind, struct sp_slice utf8,
                            uint64_t off, bool *full, struct sp_why *why);
/* The paragraph ends: gives its readings and forgets it. `has_final`: somebody has given the text
 * with all changes made. out gets pieces of a reading; an empty one at the end of each. */
typedef enum sp_err (*sp_changes_out)(void *ctx, struct sp_slice utf8, uint64_t off,
                                      struct sp_why *why);
enum sp_err sp_changes_give(struct sp_changes *changes, bool has_final, sp_changes_out out,
                            void *ctx, struct sp_why *why);

#endif
