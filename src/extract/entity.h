/* Character entities of HTML and XML: what stands between & and ;. */
#ifndef SP_EXTRACT_ENTITY_H
#define SP_EXTRACT_ENTITY_H

#include "speur/slice.h"

enum { SP_ENTITY_MAX = 32 }; /* bytes from the & on; longer runs are text */

/* The code point of an entity as written, from the & up to where its ; is ("&#64", "&#x40",
 * "&nbsp"), normalised as all text is. False when it is none. *code is 0 for one that is left out
 * (a soft hyphen). */
bool sp_entity_code(struct sp_slice entity, uint32_t *code);
/* True when `entity` is a number without an end and `next` does not go on with it: HTML allows
 * such a number to end without its ;. */
bool sp_entity_number_ends(struct sp_slice entity, uint8_t next);

#endif
