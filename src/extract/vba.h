/* Macros of office documents: their source is packed in streams of a storage called VBA. Source:
 * [MS-OVBA], 2.4.1. */
#ifndef SP_EXTRACT_VBA_H
#define SP_EXTRACT_VBA_H

#include "base/buf.h"

enum sp_vba_kind {
    SP_VBA_NONE,   /* not in that storage, or compiled */
    SP_VBA_LIST,   /* names of the modules: packed from its first byte on */
    SP_VBA_MODULE, /* compiled, and the source behind it */
};
/* By the path of a stream, with a slash between storages. */
enum sp_vba_kind sp_vba_kind(const char *path);
/* Unpacks the source of a stream into `out`, as far as it is sound. *begin is where it stands: what
 * is before it is compiled; the stream's length when there is no source. *whole: all of it was
 * unpacked. SP_ERR_LIMIT: out->max. */
enum sp_err sp_vba_unpack(enum sp_vba_kind kind, struct sp_slice stream, struct sp_buf *out,
                          size_t *begin, bool *whole, struct sp_why *why);

#endif
