/* The text of RTF, for documents and for bodies of mail. */
#ifndef SP_EXTRACT_RTF_H
#define SP_EXTRACT_RTF_H

#include "extract/flow.h"

/* Reads the stream to its end. Text goes into records of `flow`, which are begun here and the last
 * of which the caller ends; pictures and objects of at most part_max bytes become members of x.
 * With x NULL all text goes into the record that is open, and parts are left out. *closed false: it
 * ends within a group. */
enum sp_err sp_rtf_read(struct sp_stream *stream, struct sp_flow *flow, struct sp_extract *x,
                        size_t part_max, bool *closed, struct sp_why *why);

#endif
