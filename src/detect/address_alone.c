/* Street and number without a postcode: evidence is the street's suffix, and the words around must
 * not say that something is counted or dated. */
#include "detect/address.h"

enum { ALONE_FOLD = 40 }; /* bytes of a folded word that is looked up */

/* The words around an anchor: at most eight before it. */
static struct sp_addr_span alone_words_around(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_span part = sp_addr_part_around(view, pos);
    size_t begin = pos;
    unsigned blanks = 0;

    while (begin > part.begin) {
        if (view->data[begin - 1] == ' ' && ++blanks > 6)
            break;
        begin--;
    }
    part.begin = begin;
    return part;
}

/* What follows a number says that it counts or dates something. */
static bool alone_is_count(const struct sp_addr_view *view, const struct sp_addr *found,
                           const struct sp_addr_words *words, unsigned next)
{
    size_t end = found->number_at.end;
    char folded[ALONE_FOLD];

    if (end < view->hi) {
        uint8_t byte = view->data[end];
        bool digit = sp_addr_char_at(view, end + 1).class == SP_ADDR_DIGIT;

        if (byte == '%' || byte == '=' || byte == '_' || byte == 0xE2 || byte == 0xC2 ||
            ((byte == ',' || byte == '.' || byte == ':') && digit))
            return true;
    }
    if (next >= words->count)
        return false;
    sp_addr_fold(view, words->at[next], folded, sizeof(folded));
    return sp_addr_is_unit(folded);
}

/* The town behind street and number that have no postcode. */
static void alone_loose_town(const struct sp_addr_view *view, const struct sp_addr_words *words,
                             unsigned next, struct sp_addr *out)
{
    char folded[ALONE_FOLD];
    struct sp_addr_part part;
    struct sp_addr_span town;
    bool linked = false;

    if (next < words->count) {
        sp_addr_fold(view, words->at[next], folded, sizeof(folded));
        linked =
            next + 1 < words->count && (strcmp(folded, "in") == 0 || strcmp(folded, "te") == 0);
        if (!sp_addr_read_town(view, words->at[next + (linked ? 1 : 0)].begin, view->typed, &town))
            return;
    } else if (!sp_addr_part_after(view, out->number_at.end, &part) || part.lines > 1 ||
               !sp_addr_read_town(view, part.at.begin, view->typed, &town)) {
        return;
    } else if (part.lines == 1 && town.end != part.at.end) {
        return;
    }
    sp_addr_fold(view, town, folded, sizeof(folded));
    if (linked || view->typed || sp_addr_is_known_town(folded))
        out->town_at = town;
}

/* The index of the anchor's number among the words; words->count: none. */
static unsigned alone_number_index(const struct sp_addr_view *view,
                                   const struct sp_addr_words *words, size_t pos)
{
    unsigned index = 0;
    struct sp_addr probe = {0};

    while (index < words->count && words->at[index].end <= pos)
        index++;
    for (unsigned i = index; i < words->count && i < index + 6; i++) {
        struct sp_addr found = {0};
        unsigned next;

        if (!sp_addr_read_street_at(view, words, i, &found, &next))
            continue;
        /* Laan 1940-1945 66, Plein 1944 2: the second is the house number */
        if (i + 1 < words->count && sp_addr_read_number(view, words->at[i + 1], &probe) &&
            sp_addr_read_street_at(view, words, i + 1, &found, &next))
            return i + 1;
        return i;
    }
    return words->count;
}

/* Dorpsstraat;12 and Dorpsstraat, 12: the number is a part of its own. */
static bool alone_number_apart(const struct sp_addr_view *view, struct sp_addr_span street,
                               struct sp_addr *out)
{
    struct sp_addr_part part;
    struct sp_addr_words words;
    struct sp_addr found = {0};

    sp_addr_split(view, street, true, &words);
    if (words.count == 0 || !sp_addr_part_after(view, street.end, &part) || part.lines != 0 ||
        !sp_addr_read_bare_number(view, part.at, &found) ||
        !sp_addr_read_street_name(view, &words, words.count, &found))
        return false;
    *out = found;
    return true;
}

/* Street and number without a postcode. */
bool sp_addr_from_street(const struct sp_addr_view *view, struct sp_addr_span anchor,
                         struct sp_addr *out)
{
    struct sp_addr_words words;
    struct sp_addr found = {0};
    struct sp_addr_span around = alone_words_around(view, anchor.begin);
    unsigned index;
    unsigned next = 0;

    sp_addr_split(view, around, false, &words);
    index = alone_number_index(view, &words, anchor.begin);
    if (index == words.count) {
        if (!alone_number_apart(view, around, &found))
            return false;
        next = words.count;
    } else {
        struct sp_addr plain = {0};
        struct sp_addr_words cut = words;
        unsigned ignored;

        if (!sp_addr_read_street_at(view, &words, index, &found, &next))
            return false;
        cut.count = index + 1;
        if (next < words.count && next > index + 1 &&
            !sp_addr_is_upper(view, words.at[next].begin) &&
            sp_addr_read_street_at(view, &cut, index, &plain, &ignored)) {
            found = plain; /* "3 a ..." in a sentence: no addition */
            next = index + 1;
        }
    }
    if (alone_is_count(view, &found, &words, next) ||
        (strlen(found.number) >= 4 && !view->typed && sp_addr_is_year(found.number)))
        return false;
    alone_loose_town(view, &words, next, &found);
    if (strlen(found.number) == 4 && found.addition[0] == '\0' && sp_addr_some(found.town_at))
        return false; /* a Belgian postcode is no house number */
    *out = found;
    return sp_addr_covers(&found, anchor);
}
