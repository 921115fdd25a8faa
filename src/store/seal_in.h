/* What seal.c does for the key file (key_file.c); nobody else includes it. */
#ifndef SP_STORE_SEAL_IN_H
#define SP_STORE_SEAL_IN_H

#include "store/seal.h"

enum { SP_KEY_TEXT_MAX = 1024 /* bytes; four keys and what is left of the first have 485 */ };

/* A new random key before the ring `older` (NULL: none), which it owns from then on. On failure
 * `older` is as it was. */
enum sp_err sp_key_new(struct sp_key *older, struct sp_key **out, struct sp_why *why);
/* Takes the keys of this list out of the ring and frees them; never the newest. */
void sp_key_cut(struct sp_key *ring, const char *ids);
/* Appends the ring as the text of a key file: a line for each key, newest first; when the first is
 * gone, a line more with what is left of it. `out` is the caller's to wipe, and has room for
 * SP_KEY_TEXT_MAX. */
enum sp_err sp_key_text(const struct sp_key *ring, struct sp_buf *out, struct sp_why *why);
/* The other way. SP_ERR_KEY: no such text, a key twice, too many; told without the file's name. */
enum sp_err sp_key_from_text(struct sp_slice text, struct sp_key **out, struct sp_why *why);

#endif
