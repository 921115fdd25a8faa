/* Changing the keys of a key file while it is in use. */
#ifndef SP_STORE_KEY_RING_H
#define SP_STORE_KEY_RING_H

#include "store/seal.h"

/* Both hold a lock on PATH.lock, which stays behind. A reader sees the old ring or the new one,
 * also after a crash, and the bytes of the old file are overwritten, if need be by the next call.
 * (A file system that copies on writing, or a disk that levels wear, may keep them: the medium's
 * matter.) */

/* Puts a new random key before the others and tells its id. SP_ERR_KEY: there are SP_KEY_MAX. */
enum sp_err sp_key_ring_add(const char *path, char id[SP_KEY_ID_SIZE], struct sp_why *why);
/* Destroys the keys of this list that are there, never the newest one. An empty list only ends what
 * a crash has left undone. */
enum sp_err sp_key_ring_drop(const char *path, const char *ids, struct sp_why *why);

#endif
