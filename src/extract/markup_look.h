/* What tags mean for the text around them. */
#ifndef SP_EXTRACT_MARKUP_LOOK_H
#define SP_EXTRACT_MARKUP_LOOK_H

#include "speur/slice.h"

#include <stdbool.h>

enum { SP_MARKUP_NAME_MAX = 16 }; /* longer names are cut: no inline element has one */

/* Whether an element of this name stands within a line of text; all others end a block. */
bool sp_markup_is_inline(const char *name);
/* Whether a whole text has tags in it that may split a value in two, or hide one: then it says more
 * when it is read as markup than as it stands. */
bool sp_markup_splits(struct sp_slice text);

#endif
