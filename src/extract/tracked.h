/* Tracked changes of a text document of OpenDocument (part 3, 5.5): what was deleted stands at its
 * beginning, with a mark in the paragraph that it was taken from. */
#ifndef SP_EXTRACT_TRACKED_H
#define SP_EXTRACT_TRACKED_H

#include "speur/err.h"
#include "speur/slice.h"

#include <stdbool.h>

struct sp_tracked;
enum sp_err sp_tracked_new(struct sp_tracked **out, struct sp_why *why);
void sp_tracked_free(struct sp_tracked *tracked); /* NULL is fine */
/* An element begins or ends, by its local name. */
enum sp_err sp_tracked_begin(struct sp_tracked *tracked, const char *name, const char *id,
                             struct sp_why *why);
void sp_tracked_end(struct sp_tracked *tracked, const char *name);
/* Text, wherever it stands: kept when it is what was deleted. */
enum sp_err sp_tracked_text(struct sp_tracked *tracked, struct sp_slice utf8, struct sp_why *why);
/* What a mark with this id took out; empty for an insertion, which *inserted tells. */
struct sp_slice sp_tracked_find(const struct sp_tracked *tracked, const char *id, bool *inserted);
/* More changes than are kept. */
bool sp_tracked_is_cut(const struct sp_tracked *tracked);

#endif
