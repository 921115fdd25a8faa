/* Addresses abroad: number and street, a postcode of the country's shape, and its name. */
#include "detect/address.h"

enum { FOREIGN_FOLD = 40 }; /* bytes of a folded word that is looked up */

/* A postcode of the country's shape at the start of a word of the part. */
static bool foreign_find_shape(const struct sp_addr_view *view, struct sp_addr_span part,
                               const char *shape, struct sp_addr *out)
{
    struct sp_addr_words words;

    sp_addr_split(view, part, true, &words);
    for (unsigned i = 0; i < words.count; i++) {
        size_t pos = words.at[i].begin;
        const uint8_t *dash = memchr(view->data + pos, '-', words.at[i].end - pos);

        if (sp_addr_read_shape(view, pos, shape, out))
            return true;
        if (dash != NULL && dash - (view->data + pos) <= 2 && /* D-20095 */
            sp_addr_read_shape(view, (size_t)(dash - view->data) + 1, shape, out)) {
            out->code_at.begin = pos;
            return true;
        }
    }
    return false;
}

/* 70 Sir John Rogerson's Quay; 10, rue de Rivoli. */
static bool foreign_leading_number(const struct sp_addr_view *view, struct sp_addr_span part,
                                   struct sp_addr *out)
{
    struct sp_addr_words words;
    char folded[FOREIGN_FOLD];

    sp_addr_split(view, part, false, &words);
    if (words.count == 0 || !sp_addr_read_number(view, words.at[0], out))
        return false;
    if (words.count == 1) {
        out->street_at = part;
        return true;
    }
    sp_addr_fold(view, words.at[1], folded, sizeof(folded));
    if (sp_addr_is_heading(folded) || sp_addr_is_unit(folded) || strlen(folded) < 2)
        return false;
    out->street_at = part;
    return true;
}

/* The street's part among those before the postcode: first one that begins with a number. */
static bool foreign_street(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr_part part = {{pos, pos}, 0, 0};
    struct sp_addr_span rest;

    for (int pass = 0; pass < 2; pass++) {
        part.at.begin = pos;
        unsigned lines = 0;
        for (int i = 0; i < 3; i++) {
            struct sp_addr found = *out;

            if (!sp_addr_part_before(view, part.at.begin, &part))
                break;
            lines += part.lines;
            if (lines >= SP_ADDR_LINES_MAX)
                break;
            if (pass == 0
                    ? foreign_leading_number(view, part.at, &found)
                    : sp_addr_read_street(view, part.at, &found, &rest) && !sp_addr_some(rest)) {
                *out = found;
                return true;
            }
        }
    }
    return false;
}

bool sp_addr_from_country(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr found = {0};
    struct sp_addr_part part = {{pos, pos}, 0, 0};
    const struct sp_addr_country *country = sp_addr_read_country(view, pos, &found.country_at);

    if (country == NULL || country->shape == NULL)
        return false;
    found.kind = SP_ADDR_FOREIGN;
    memcpy(found.country, country->code, 3);
    for (int i = 0; i < 3; i++) {
        if (!sp_addr_part_before(view, part.at.begin, &part))
            return false;
        if (foreign_find_shape(view, part.at, country->shape, &found)) {
            if (!foreign_street(view, found.code_at.begin, &found))
                return false;
            *out = found;
            return true;
        }
    }
    return false;
}
