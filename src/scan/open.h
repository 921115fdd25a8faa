/* Opening a file of the tree without being led elsewhere: no links on the way, no devices, no
 * FIFOs, nothing outside the root. */
#ifndef SP_SCAN_OPEN_H
#define SP_SCAN_OPEN_H

#include "core/object.h"
#include "store/inventory.h"

#include <sys/stat.h>

/* *fd is the caller's when SP_OK is returned; else -1 and *reason tells why it cannot be read.
 * name is relative to root_fd and has no NUL in it. */
enum sp_err sp_open_file(int root_fd, const char *name, int *fd, struct stat *st,
                         enum sp_reason *reason, struct sp_why *why);
/* openat2 that follows no link and does not leave root_fd; -1 with errno. */
int sp_open_beneath(int root_fd, const char *name, int flags);
void sp_open_stat_id(const struct stat *st, struct sp_stat_id *id);
/* errno to the reason that an unread record gives. */
enum sp_reason sp_open_reason(int error_number);

#endif
