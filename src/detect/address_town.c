/* Towns and countries behind a postcode. */
#include "detect/address.h"

enum { TOWN_FOLD = 40 }; /* bytes of a folded word that is looked up */

/* One word of at least three letters: pairs of capitals are no town. */
static bool town_has_long(const struct sp_addr_view *view, const struct sp_addr_words *words,
                          unsigned count)
{
    char folded[TOWN_FOLD];

    for (unsigned i = 0; i < count; i++)
        if (sp_addr_fold(view, words->at[i], folded, sizeof(folded)) >= 3)
            return true;
    return false;
}

/* A word of a town after the first. */
static bool town_goes_on(const struct sp_addr_view *view, const struct sp_addr_words *words,
                         unsigned index)
{
    char folded[TOWN_FOLD];
    static const char *const joints[] = {"aan", "op", "bij", "de", "den", "der", "van",
                                         "en",  "a",  "ter", "t",  "la",  "sur", NULL};

    if (index >= words->count)
        return false;
    sp_addr_fold(view, words->at[index], folded, sizeof(folded));
    if (sp_addr_is_no_town(folded) || sp_addr_country_of(folded) != NULL ||
        sp_addr_is_digit(sp_addr_byte(view, words->at[index].begin)))
        return false;
    if (index + 1 < words->count && /* Voorbeeld Dorpsstraat 12 */
        sp_addr_is_digit(sp_addr_byte(view, words->at[index + 1].begin)) &&
        sp_addr_suffix_of(folded, false) == SP_ADDR_SUFFIX_STRONG)
        return false;
    if (sp_addr_is_capital(view, words->at[index]))
        return true;
    for (unsigned i = 0; joints[i] != NULL; i++)
        if (strcmp(joints[i], folded) == 0)
            return town_goes_on(view, words, index + 1) && index < 6;
    return false;
}

/* Does the part begin like a town? `van` is not: "1234 AB van Dijk". */
static bool town_begins(const struct sp_addr_view *view, const struct sp_addr_words *words,
                        bool any_case)
{
    char folded[TOWN_FOLD];
    size_t len = sp_addr_fold(view, words->at[0], folded, sizeof(folded));
    uint8_t byte = sp_addr_byte(view, words->at[0].begin);

    if (len == 0 || sp_addr_is_digit(byte) || sp_addr_is_no_town(folded) ||
        sp_addr_country_of(folded) != NULL)
        return false;
    if (byte == '\'')
        return words->count > 1 || len > 3;
    if (sp_addr_is_upper(view, words->at[0].begin) || any_case)
        return len >= 2;
    /* den Haag, de Bilt */
    return (strcmp(folded, "den") == 0 || strcmp(folded, "de") == 0) && words->count > 1 &&
           sp_addr_is_upper(view, words->at[1].begin) && town_goes_on(view, words, 1);
}

bool sp_addr_read_town(const struct sp_addr_view *view, size_t pos, bool any_case,
                       struct sp_addr_span *out)
{
    struct sp_addr_span part = sp_addr_part_around(view, pos);
    struct sp_addr_words words;
    unsigned count = 1;

    part.begin = pos;
    sp_addr_split(view, part, false, &words);
    if (words.count == 0 || !town_begins(view, &words, any_case))
        return false;
    while (count < 5 && !sp_addr_ends_sentence(view, words.at[count - 1]) &&
           town_goes_on(view, &words, count))
        count++;
    if (!any_case && !town_has_long(view, &words, count))
        return false;
    *out = (struct sp_addr_span){words.at[0].begin, words.at[count - 1].end};
    while (sp_addr_some(*out) && sp_addr_byte(view, out->end - 1) == '.')
        out->end--;
    return sp_addr_some(*out);
}

const struct sp_addr_country *sp_addr_read_country(const struct sp_addr_view *view, size_t pos,
                                                   struct sp_addr_span *out)
{
    struct sp_addr_span part = sp_addr_part_around(view, pos);
    struct sp_addr_words words;
    char folded[TOWN_FOLD];

    part.begin = pos;
    sp_addr_split(view, part, false, &words);
    for (unsigned count = words.count < 2 ? words.count : 2; count > 0; count--) {
        const struct sp_addr_country *found;

        *out = (struct sp_addr_span){words.at[0].begin, words.at[count - 1].end};
        sp_addr_fold(view, *out, folded, sizeof(folded));
        found = sp_addr_country_of(folded);
        if (found != NULL && sp_addr_is_upper(view, out->begin)) {
            if (sp_addr_byte(view, out->end - 1) == '.')
                out->end--;
            return found;
        }
    }
    return NULL;
}
