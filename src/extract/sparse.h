/* A file on disk that is mostly holes (a disk image of terabytes in a few blocks): its holes are
 * told by the file system, and shortened like those of sparse members of archives. */
#ifndef SP_EXTRACT_SPARSE_H
#define SP_EXTRACT_SPARSE_H

#include "extract/extract.h"

/* Whether the stream is a file with so much in holes that reading zeros would take most of the
 * time. */
bool sp_sparse_is(const struct sp_stream *stream);

/* Calls `read` with x->stream and x->sink replaced by ones that leave holes out; puts both back. */
enum sp_err sp_sparse_read(struct sp_extract *x,
                           enum sp_err (*read)(struct sp_extract *x, struct sp_why *why),
                           struct sp_why *why);

#endif
