/* Whose a value is, where a word says so near it: "Contactpersoon: Jan de Vries", "t.n.v. J.
 * Jansen", "Mevrouw ...". Told beside the value, so that who must act on it knows whom to ask;
 * never a finding by itself. */
#ifndef SP_DETECT_HOLDER_H
#define SP_DETECT_HOLDER_H

#include "core/text.h"
#include "speur/finding.h"

/* A name behind such a word, in the record of the value [begin, end) and at most three lines from
 * it; the nearest before it, else the nearest behind it. `out` as in name.h. False: there is none.
 */
bool sp_holder_find(const struct sp_text *text, size_t begin, size_t end, struct sp_canonical *out);

#endif
