/* A text in the other spellings in which a value may stand in it: character references, over tags,
 * escapes, what links write, words in base64. For what is about to be kept or copied, whose text as
 * it stands was looked at. */
#ifndef SP_SCAN_SPELLINGS_H
#define SP_SCAN_SPELLINGS_H

#include "core/text.h"
#include "speur/err.h"

struct sp_spellings; /* one a thread */
enum sp_err sp_spellings_new(struct sp_spellings **out, struct sp_why *why);
/* Wipes what it has seen. NULL is fine. */
void sp_spellings_free(struct sp_spellings *spellings);

/* Whether a text may have another spelling; most have none. */
bool sp_spellings_may(struct sp_slice text);

typedef enum sp_err (*sp_spelling_out)(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                       struct sp_why *why);
/* Gives each; source bytes are those of the text, which is valid UTF-8. Borrowed, and in the clear.
 */
enum sp_err sp_spellings_each(struct sp_spellings *spellings, struct sp_slice text,
                              sp_spelling_out out, void *ctx, struct sp_why *why);
/* What of the text stands for [begin, end) of such a one: no less, up to blanks, quotes or angle
 * brackets. */
struct sp_slice sp_spelling_source(struct sp_slice text, struct sp_origin_map map, size_t begin,
                                   size_t end);

#endif
