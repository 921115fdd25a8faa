/* A set of names as archives store them: raw bytes, NUL-separated in a file as `check` writes it.
 * Knows which of them came by. */
#ifndef SP_RESTORE_NAMES_H
#define SP_RESTORE_NAMES_H

#include "base/buf.h"

struct sp_names;

/* Reads a list from a file; "-" is not standard input here. SP_ERR_NOINPUT, SP_ERR_LIMIT: more than
 * SP_NAMES_BYTES_MAX. SP_ERR_FORMAT: the last name has no NUL behind it: the list was cut, or it
 * has a name a line. */
enum sp_err sp_names_read(const char *path, struct sp_names **out, struct sp_why *why);
/* The same from memory, which is copied. */
enum sp_err sp_names_new(struct sp_slice list, struct sp_names **out, struct sp_why *why);
void sp_names_free(struct sp_names *names);

size_t sp_names_count(const struct sp_names *names);
/* The index of the name, or SIZE_MAX. */
size_t sp_names_find(const struct sp_names *names, struct sp_slice name);
struct sp_slice sp_names_at(const struct sp_names *names, size_t index);
/* Marks it as seen. */
void sp_names_see(struct sp_names *names, size_t index);
bool sp_names_seen(const struct sp_names *names, size_t index);

#endif
