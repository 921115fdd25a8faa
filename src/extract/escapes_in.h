/* Inside of what reads other spellings: escapes.c decodes, escapes_kept.c keeps what was decoded.
 */
#ifndef SP_EXTRACT_ESCAPES_IN_H
#define SP_EXTRACT_ESCAPES_IN_H

#include "extract/escapes.h"

/* Keeps a decoded piece, and what is written in that in other spellings again. */
enum sp_err sp_escapes_read_again(struct sp_escapes *escapes, struct sp_slice utf8,
                                  struct sp_origin_map map, uint64_t line, struct sp_why *why);

#endif
