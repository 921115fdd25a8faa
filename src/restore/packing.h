/* Takes compression off a stream, and puts the same kind back on: gzip, bzip2, xz, zstd, lz4, lzip,
 * by libarchive, with exactly the one filter that the first bytes ask for. */
#ifndef SP_RESTORE_PACKING_H
#define SP_RESTORE_PACKING_H

#include "core/stream.h"

enum sp_packing { SP_PACKING_NONE, SP_PACKING_COUNT = 8 };

/* What the first bytes say. */
enum sp_packing sp_packing_of(struct sp_slice head);
/* A stream of what is packed in `packed`, which is borrowed. Damage and a missing end are
 * SP_ERR_FORMAT. */
enum sp_err sp_unpack_open(struct sp_stream *packed, enum sp_packing packing,
                           struct sp_stream **out, struct sp_why *why);

typedef enum sp_err (*sp_packed_out)(void *ctx, struct sp_slice bytes, struct sp_why *why);
struct sp_pack;
/* Packs what is added, and gives it to `out`. */
enum sp_err sp_pack_open(enum sp_packing packing, sp_packed_out out, void *ctx,
                         struct sp_pack **pack, struct sp_why *why);
enum sp_err sp_pack_add(struct sp_pack *pack, struct sp_slice bytes, struct sp_why *why);
/* Writes the end. Frees it also on failure. */
enum sp_err sp_pack_close(struct sp_pack *pack, struct sp_why *why);

#endif
