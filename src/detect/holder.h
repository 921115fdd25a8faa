/* Whose a value is, where a word says so near it: "Contactpersoon: Jan de Vries", "t.n.v. J.
 * Jansen", "Mevrouw ...". Told beside the value, so that who must act on it knows whom to ask;
 * never a finding by itself. */
#ifndef SP_DETECT_HOLDER_H
#define SP_DETECT_HOLDER_H

#include "core/text.h"
#include "speur/finding.h"

enum { SP_HOLDER_LABELS = 256 }; /* more than there is room for around a value */

struct sp_holder_label {
    uint32_t pos;
    uint8_t len;
};

/* Such words of one text that begin in [from, to), in order. All zero at first. */
struct sp_holder_memo {
    size_t from, to;
    size_t count;
    struct sp_holder_label labels[SP_HOLDER_LABELS];
};

/* A name behind such a word, in the record of the value [begin, end) and at most three lines from
 * it; the nearest before it, else the nearest behind it. `out` as in name.h. False: there is none.
 * What is remembered makes it quicker, and changes no answer. */
bool sp_holder_find(const struct sp_text *text, size_t begin, size_t end,
                    struct sp_holder_memo *memo, struct sp_canonical *out);

#endif
