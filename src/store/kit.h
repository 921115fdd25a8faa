/* A kit: register, head and wrapped key in one file, for keeping off-site, so that on the day of a
 * restore nothing else is needed but the passphrase. */
#ifndef SP_STORE_KIT_H
#define SP_STORE_KIT_H

#include "store/register.h"

enum { SP_KIT_PASSPHRASE_MIN = 12 /* bytes */ };

/* Writes PATH (0600, never over an existing one) from the register as it lies on disk, which is
 * verified first. SP_ERR_USAGE: the passphrase is too short. */
enum sp_err sp_kit_write(const char *path, const char *register_path, const struct sp_key *key,
                         struct sp_slice passphrase, struct sp_why *why);
/* Opens a kit: its key (to be freed), and its register and head, which are written to
 * `register_path` and beside it, never over existing ones. SP_ERR_KEY: another passphrase, or
 * altered. SP_ERR_FORMAT: no kit. */
enum sp_err sp_kit_unpack(const char *path, struct sp_slice passphrase, const char *register_path,
                          struct sp_key **key, struct sp_why *why);

#endif
