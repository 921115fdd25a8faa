/* Names of persons: a first name or an initial, and a surname. A name proves nothing about a word,
 * so names are not collected: whoever looks says which ones are wanted, and is asked for each pair
 * of capitalised words that could be one.
 *
 * Canonical form: the first given name and the last word of the surname, in lower case, without
 * diacritics, particles (van, de, 't) and titles: "Drs. J.P. van den Bérg-Vries" is "j.|vries", as
 * is "Vries, J. van den". An initial is written with a full stop, so that "j.|vries" may be Jan and
 * "jan|vries" may not be Jeroen. */
#ifndef SP_DETECT_NAME_H
#define SP_DETECT_NAME_H

#include "core/text.h"
#include "speur/err.h"
#include "speur/finding.h"

/* Whether somebody of that name is wanted. */
typedef bool (*sp_name_wanted)(void *ctx, const struct sp_canonical *canonical);

struct sp_name {
    uint32_t begin, end; /* in the text, both words */
    const struct sp_canonical *canonical;
};
typedef enum sp_err (*sp_name_out)(void *ctx, const struct sp_name *name, struct sp_why *why);

/* Gives the wanted names that begin in what the text owns, in the order of their ends. */
enum sp_err sp_name_find(const struct sp_text *text, sp_name_wanted wanted, void *wanted_ctx,
                         sp_name_out out, void *out_ctx, struct sp_why *why);
/* Of a name that was typed, in whatever case. False: it is not a first name or initial with a
 * surname. */
bool sp_name_canonical(struct sp_slice value, struct sp_canonical *out);
/* The form with an initial; false when it is that form. */
bool sp_name_initial(const struct sp_canonical *canonical, struct sp_canonical *out);

#endif
