/* Restore lists: NUL-separated raw names exactly as stored, 0600, made beside the target and then
 * renamed, so that a list is whole or not there. */
#ifndef SP_CHECK_LISTS_H
#define SP_CHECK_LISTS_H

#include "check/verdict.h"

struct sp_lists;
/* Any path may be NULL: that list is not written. SP_ERR_USAGE: two lists have the same path.
 * SP_ERR_IO, SP_ERR_NOMEM. Paths are copied. */
enum sp_err sp_lists_open(const char *keep_path, const char *drop_path, const char *hold_path,
                          struct sp_lists **out, struct sp_why *why);
/* Fits sp_unit_out when ctx is the lists. SP_ERR_FORMAT: the name holds a NUL byte. SP_ERR_IO. */
enum sp_err sp_lists_add(struct sp_lists *, struct sp_slice name, enum sp_list list,
                         struct sp_why *);
/* Writes all, fsyncs and renames over what was there. On failure before the first rename the old
 * lists are untouched. */
enum sp_err sp_lists_commit(struct sp_lists *, struct sp_why *);
void sp_lists_free(struct sp_lists *); /* without commit: nothing is left behind */

#endif
