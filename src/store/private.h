/* Files that only their owner may read: keys, registers, inventories. */
#ifndef SP_STORE_PRIVATE_H
#define SP_STORE_PRIVATE_H

#include "base/buf.h"

struct stat;

/* SP_ERR_KEY: not a regular file, belongs to somebody else than us or root, or group or others
 * may read or write it. */
enum sp_err sp_private_check(const struct stat *status, const char *path, struct sp_why *why);
/* Opens an existing file and checks the descriptor that it got (not the name). Never follows a
 * symbolic link. SP_ERR_NOINPUT: missing. SP_ERR_KEY: see sp_private_check. */
enum sp_err sp_private_open(const char *path, int flags, int *fd, struct sp_why *why);
/* Makes a new file, 0600, and the directories above it, 0700. SP_ERR_USAGE: there already. */
enum sp_err sp_private_make(const char *path, int *fd, struct sp_why *why);
/* Makes the directories above `path` that are missing, 0700. */
enum sp_err sp_private_parents(const char *path, struct sp_why *why);
/* Reads from where the descriptor stands to the end; SP_ERR_LIMIT: passes out->max. */
enum sp_err sp_private_read(int fd, const char *path, struct sp_buf *out, struct sp_why *why);
enum sp_err sp_private_write(int fd, const char *path, struct sp_slice bytes, struct sp_why *why);
/* Makes the file's data, or the name in its directory, survive a power cut. */
enum sp_err sp_private_sync(int fd, const char *path, struct sp_why *why);
enum sp_err sp_private_sync_parent(const char *path, struct sp_why *why);
/* SP_ERR_USAGE: something other than a regular file is there; a name that is moved over it would
 * take away a device, a pipe or a link. */
enum sp_err sp_private_replaceable(const char *path, struct sp_why *why);
/* Replaces the file's content as a whole: a reader sees the old or the new, also after a crash. */
enum sp_err sp_private_replace(const char *path, struct sp_slice bytes, struct sp_why *why);
/* `path` and `suffix` joined; NULL without memory. The caller frees it with sp_free. */
char *sp_private_beside(const char *path, const char *suffix);
/* SP_ERR_IO (or `err`) with the words of errno. */
enum sp_err sp_private_fail(struct sp_why *why, enum sp_err err, const char *path,
                            const char *doing, int errno_value);

#endif
