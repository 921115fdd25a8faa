/* What may stand between a label and its value. */
#ifndef SP_DETECT_GAP_H
#define SP_DETECT_GAP_H

#include "core/text.h"

enum sp_gap {
    SP_GAP_NONE,  /* something else stands between */
    SP_GAP_LOOSE, /* capitalised words or a remark in brackets too */
    SP_GAP_TIGHT  /* only punctuation and filler words */
};

enum { SP_GAP_MAX_BYTES = 64 }; /* 40 characters of the rule, and the markup between */

/* text[from, to) lies between the end of a label and the beginning of a value. */
enum sp_gap sp_gap_between(const struct sp_text *text, size_t from, size_t to);
/* Only `/`, `&`, `+`, `,`, brackets, `en`, `of`, `and`, `or`: the words on both sides share what
 * follows (`BSN/sofinummer: …`). */
bool sp_gap_joins(const struct sp_text *text, size_t from, size_t to);

#endif
