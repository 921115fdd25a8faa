/* Where members wait that cannot be given on yet: a file without a name, scrambled with a key that
 * nobody keeps, so that nothing clear is ever on a disk. */
#ifndef SP_RESTORE_SCRATCH_H
#define SP_RESTORE_SCRATCH_H

#include "core/stream.h"

struct sp_scratch;

/* A file without a name in TMPDIR, else in /var/tmp, else memory. SP_ERR_IO, SP_ERR_NOMEM. */
enum sp_err sp_scratch_open(struct sp_scratch **out, struct sp_why *why);
void sp_scratch_close(struct sp_scratch *scratch);
/* Appends. */
enum sp_err sp_scratch_write(struct sp_scratch *scratch, struct sp_slice bytes, struct sp_why *why);
uint64_t sp_scratch_len(const struct sp_scratch *scratch);
/* Forgets all bytes from `len` on. */
enum sp_err sp_scratch_cut(struct sp_scratch *scratch, uint64_t len, struct sp_why *why);
/* A stream of the bytes [begin, end), which must stay while it is open. */
enum sp_err sp_scratch_stream(struct sp_scratch *scratch, uint64_t begin, uint64_t end,
                              struct sp_stream **out, struct sp_why *why);

#endif
