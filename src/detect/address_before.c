/* What stands before a postcode: street and number, in one part or in several. */
#include "detect/address.h"

enum { BEFORE_FOLD = 40 }; /* bytes of a folded word that is looked up */

/* (ark): a remark in brackets. */
static bool before_is_remark(const struct sp_addr_view *view, struct sp_addr_span part)
{
    return part.end - part.begin <= 15 && part.begin > view->lo && part.end < view->hi &&
           view->data[part.begin - 1] == '(' && view->data[part.end] == ')';
}

/* Only words that lead up to a postcode: te, in, postcode. */
static bool before_is_filler(const struct sp_addr_view *view, struct sp_addr_span part)
{
    static const char *const list[] = {"te", "in", "op",  "met", "postcode",
                                       "pc", "nl", "zip", NULL};
    struct sp_addr_words words;
    char folded[BEFORE_FOLD];

    sp_addr_split(view, part, false, &words);
    for (unsigned i = 0; i < words.count; i++) {
        unsigned k = 0;
        sp_addr_fold(view, words.at[i], folded, sizeof(folded));
        while (list[k] != NULL && strcmp(list[k], folded) != 0)
            k++;
        if (list[k] == NULL)
            return false;
    }
    return words.count != 0;
}

/* The town in "[te|in] CITY" that fills the span up to its end. */
bool sp_addr_fills_town(const struct sp_addr_view *view, struct sp_addr_span span,
                        struct sp_addr_span *town)
{
    struct sp_addr_words words;
    char folded[BEFORE_FOLD];
    unsigned first = 0;

    sp_addr_split(view, span, false, &words);
    if (words.count == 0)
        return false;
    sp_addr_fold(view, words.at[0], folded, sizeof(folded));
    if (words.count > 1 && (strcmp(folded, "te") == 0 || strcmp(folded, "in") == 0))
        first = 1;
    return sp_addr_read_town(view, words.at[first].begin, view->typed, town) &&
           town->end == words.at[words.count - 1].end;
}

/* PO box at the start of one of the part's words. */
static bool before_read_pobox(const struct sp_addr_view *view, struct sp_addr_span part,
                              struct sp_addr *out)
{
    struct sp_addr_words words;

    sp_addr_split(view, part, true, &words);
    for (unsigned i = words.count; i-- > 0;)
        if (sp_addr_read_pobox(view, words.at[i].begin, out))
            return true;
    return false;
}

/* A street without a number that fills a part, before `pos`. */
static bool before_read_name(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr_part part;
    struct sp_addr_words words;

    if (!sp_addr_part_before(view, pos, &part) || part.lines > 1)
        return false;
    sp_addr_split(view, part.at, true, &words);
    return words.count != 0 && words.count <= SP_ADDR_STREET_WORDS &&
           sp_addr_char_before(view, part.at.end).class != SP_ADDR_DIGIT &&
           sp_addr_read_street_name(view, &words, words.count, out) &&
           (out->suffix != SP_ADDR_SUFFIX_NONE || out->street_at.begin == part.at.begin);
}

/* The part is a number alone: its street is in the part before (Dorpsstraat;12;;1234AB). */
static bool before_split_number(const struct sp_addr_view *view, struct sp_addr_span part,
                                struct sp_addr *out)
{
    struct sp_addr found = *out;

    if (!sp_addr_read_bare_number(view, part, &found))
        return false;
    if (before_read_name(view, part.begin, &found) || view->typed) {
        *out = found;
        return true;
    }
    return false;
}

/* The part is an addition alone, behind a number or a street with number. */
static bool before_split_addition(const struct sp_addr_view *view, struct sp_addr_part part,
                                  struct sp_addr *out)
{
    struct sp_addr found = *out;
    struct sp_addr_part before;
    struct sp_addr_words words;
    struct sp_addr_span rest;

    sp_addr_split(view, part.at, false, &words);
    if (words.count == 0 || words.count > 2 || !sp_addr_part_before(view, part.at.begin, &before) ||
        before.lines + part.lines > 2)
        return false;
    if (!before_split_number(view, before.at, &found)) {
        found = *out;
        if (!sp_addr_read_street(view, before.at, &found, &rest) || sp_addr_some(rest))
            return false;
    }
    if (sp_addr_read_additions(view, &words, 0, &found) != words.count)
        return false;
    *out = found;
    return true;
}

/* STREET HN, CITY before the postcode: the part is the town. */
static bool before_skip_town(const struct sp_addr_view *view, struct sp_addr_part part,
                             struct sp_addr *out)
{
    struct sp_addr found = *out;
    struct sp_addr_part before;
    struct sp_addr_span rest;
    struct sp_addr_span town;

    if (!sp_addr_fills_town(view, part.at, &town) ||
        !sp_addr_part_before(view, part.at.begin, &before) || before.lines + part.lines > 2)
        return false;
    if (!sp_addr_read_street(view, before.at, &found, &rest) || sp_addr_some(rest) ||
        (found.suffix == SP_ADDR_SUFFIX_NONE && !view->typed))
        return false;
    found.town_at = town;
    *out = found;
    return true;
}

bool sp_addr_is_year(const char *number)
{
    return strlen(number) == 4 &&
           ((number[0] == '1' && number[1] == '9') || (number[0] == '2' && number[1] == '0'));
}

/* A street without a suffix: no year is its number, and beside a postcode that could be a year it
 * needs a separator (Mazda 3 1999 AT). */
static bool before_is_plausible(const struct sp_addr_view *view, const struct sp_addr *found,
                                const struct sp_addr_part *part)
{
    char digits[5];

    if (found->suffix != SP_ADDR_SUFFIX_NONE || view->typed)
        return true;
    memcpy(digits, found->postcode, 4);
    digits[4] = '\0';
    return !sp_addr_is_year(found->number) &&
           (part->seps + part->lines != 0 || !sp_addr_is_year(digits));
}

/* Reads street and number before a postcode. False: there are none. */
bool sp_addr_read_before(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr_part part;
    struct sp_addr found = *out;
    struct sp_addr_span rest;
    struct sp_addr_span town;

    if (!sp_addr_part_before(view, pos, &part))
        return false;
    if (part.seps + part.lines != 0 || before_is_filler(view, part.at)) {
        while (before_is_remark(view, part.at) || before_is_filler(view, part.at)) {
            unsigned lines = part.lines;
            if (!sp_addr_part_before(view, part.at.begin, &part) || part.lines + lines > 2)
                return false;
        }
    }
    if (before_read_pobox(view, part.at, out))
        return true;
    if (sp_addr_read_street(view, part.at, &found, &rest)) {
        if (!sp_addr_some(rest) || before_is_filler(view, rest)) {
            /* over a blank line only when nothing else stands in the street's line */
            if (part.lines == 2 && found.street_at.begin != part.at.begin)
                return false;
            if (!before_is_plausible(view, &found, &part))
                return false;
            *out = found;
            return true;
        }
        if ((found.suffix != SP_ADDR_SUFFIX_NONE || view->typed) &&
            sp_addr_fills_town(view, rest, &town)) {
            found.town_at = town;
            *out = found;
            return true;
        }
        return false;
    }
    return before_split_number(view, part.at, out) || before_split_addition(view, part, out) ||
           before_skip_town(view, part, out);
}
