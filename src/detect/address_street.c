/* Streets: which words before a house number are its name, and how sure that is. */
#include "detect/address.h"

enum {
    STREET_FOLD = 40,     /* bytes of a folded word that is looked up */
    STREET_TAIL_WORDS = 8 /* a number has at most so many words behind it: additions and a town */
};

/* Evidence in one word of a street. */
static enum sp_addr_suffix street_suffix(const struct sp_addr_view *view, struct sp_addr_span word)
{
    char folded[STREET_FOLD];
    bool dotted = sp_addr_byte(view, word.end - 1) == '.';

    sp_addr_fold(view, word, folded, sizeof(folded));
    return sp_addr_suffix_of(folded, dotted);
}

bool sp_addr_is_capital(const struct sp_addr_view *view, struct sp_addr_span word)
{
    uint8_t byte = sp_addr_byte(view, word.begin);

    if (byte == '\'') /* 's-Gravenweg, 't Zand */
        return true;
    if (sp_addr_is_digit(byte) || sp_addr_is_upper(view, word.begin))
        return true;
    /* d'Oultremont, l'École */
    return sp_addr_byte(view, word.begin + 1) == '\'' && sp_addr_is_upper(view, word.begin + 2);
}

/* A sentence ended with this word; abbreviations do not end one. */
bool sp_addr_ends_sentence(const struct sp_addr_view *view, struct sp_addr_span word)
{
    char folded[STREET_FOLD];

    if (sp_addr_byte(view, word.end - 1) != '.')
        return false;
    sp_addr_fold(view, word, folded, sizeof(folded));
    return !sp_addr_is_abbreviation(folded) &&
           memchr(view->data + word.begin, '.', word.end - word.begin - 1) == NULL;
}

/* May words[index] belong to the street whose later words are known? */
static bool street_extends(const struct sp_addr_view *view, const struct sp_addr_words *words,
                           unsigned index, bool last, bool seen)
{
    char folded[STREET_FOLD];
    struct sp_addr_span word = words->at[index];

    sp_addr_fold(view, word, folded, sizeof(folded));
    if (last) /* the word before the number */
        return !sp_addr_is_heading(folded) || view->typed;
    if (sp_addr_ends_sentence(view, word))
        return false;
    if (sp_addr_is_french_type(folded))
        return true;
    if (sp_addr_is_lead(folded) && (seen || !sp_addr_is_place_word(folded)))
        return false;
    if (sp_addr_is_place_word(folded))
        return !seen;
    return sp_addr_is_particle(folded) || sp_addr_is_capital(view, word) ||
           sp_addr_suffix_of(folded, false) != SP_ADDR_SUFFIX_NONE || view->typed;
}

/* Lower-case particles at the front belong to the sentence; 's and 't to the street. */
static unsigned street_trim(const struct sp_addr_view *view, const struct sp_addr_words *words,
                            unsigned first, unsigned count)
{
    char folded[STREET_FOLD];

    while (first + 1 < count) {
        struct sp_addr_span word = words->at[first];

        sp_addr_fold(view, word, folded, sizeof(folded));
        if (sp_addr_is_capital(view, word) || sp_addr_is_french_type(folded) ||
            sp_addr_suffix_of(folded, false) != SP_ADDR_SUFFIX_NONE)
            break;
        if (!sp_addr_is_particle(folded) && !sp_addr_is_place_word(folded))
            break;
        first++;
    }
    return first;
}

/* The bare suffix that ends the words is no street's: "Jan van Dijk", "De Weg" (a particle before
 * it), "USB Poort". Oude Gracht, Nieuwe Haven, Rivium 2e Straat are streets. */
static bool street_is_other(const struct sp_addr_view *view, const struct sp_addr_words *words,
                            unsigned first, unsigned count)
{
    char folded[STREET_FOLD];
    bool sure;
    size_t digits;

    if (count - first < 2 || street_suffix(view, words->at[count - 1]) != SP_ADDR_SUFFIX_BARE)
        return false;
    sp_addr_fold(view, words->at[count - 1], folded, sizeof(folded));
    sure = sp_addr_is_sure_suffix(folded);
    sp_addr_fold(view, words->at[count - 2], folded, sizeof(folded));
    digits = strspn(folded, "0123456789"); /* 2e */
    return sp_addr_is_particle(folded) ||
           (!sure && !sp_addr_is_adjective(folded) && (digits == 0 || folded[digits] == '\0'));
}

static bool street_has_capital(const struct sp_addr_view *view, const struct sp_addr_words *words,
                               unsigned first, unsigned count)
{
    while (first < count && !sp_addr_is_capital(view, words->at[first]))
        first++;
    return first < count;
}

bool sp_addr_read_street_name(const struct sp_addr_view *view, const struct sp_addr_words *words,
                              unsigned count, struct sp_addr *out)
{
    char folded[STREET_FOLD];
    unsigned first = count;
    bool seen = false;
    bool letters = false;
    bool french = false;

    out->suffix = SP_ADDR_SUFFIX_NONE;
    while (first > 0 && count - first < SP_ADDR_STREET_WORDS &&
           street_extends(view, words, first - 1, first == count, seen)) {
        enum sp_addr_suffix suffix = street_suffix(view, words->at[first - 1]);

        first--;
        sp_addr_fold(view, words->at[first], folded, sizeof(folded));
        letters = letters || strcspn(folded, "0123456789") >= (view->typed ? 2 : 3);
        if (suffix > out->suffix)
            out->suffix = suffix;
        seen = seen || suffix != SP_ADDR_SUFFIX_NONE;
        if (sp_addr_is_french_type(folded) && first + 1 < count) {
            out->suffix = SP_ADDR_SUFFIX_STRONG;
            french = true;
            break; /* the type begins a French street */
        }
    }
    if (!letters)
        return false;
    if (!view->typed)
        first = street_trim(view, words, first, count);
    out->capital = sp_addr_is_capital(view, words->at[first]);
    if (french) /* rue Neuve; not "Place a" */
        out->capital = street_has_capital(view, words, first + 1, count);
    if (count - first > 1 && out->suffix == SP_ADDR_SUFFIX_BARE &&
        !street_is_other(view, words, first, count))
        out->suffix = SP_ADDR_SUFFIX_STRONG;
    out->street_at = (struct sp_addr_span){words->at[first].begin, words->at[count - 1].end};
    return true;
}

/* Hollandweg1A: letters of a street with a number glued to them. */
static bool street_read_glued(const struct sp_addr_view *view, const struct sp_addr_words *words,
                              unsigned index, struct sp_addr *out)
{
    struct sp_addr_words copy = *words;
    struct sp_addr_span *word = &copy.at[index];
    struct sp_addr_span number = *word;

    while (number.begin < number.end && !sp_addr_is_digit(sp_addr_byte(view, number.begin)))
        number.begin++;
    if (number.begin - word->begin < 5 || !sp_addr_some(number))
        return false;
    word->end = number.begin;
    return street_suffix(view, *word) == SP_ADDR_SUFFIX_STRONG &&
           sp_addr_read_number(view, number, out) &&
           sp_addr_read_street_name(view, &copy, index + 1, out);
}

/* Street and number with the number at words[index]. */
static bool street_read_at(const struct sp_addr_view *view, const struct sp_addr_words *words,
                           unsigned index, struct sp_addr *out)
{
    char folded[STREET_FOLD];
    unsigned street = index;

    if (!sp_addr_read_number(view, words->at[index], out))
        return street_read_glued(view, words, index, out);
    if (street > 1) {
        sp_addr_fold(view, words->at[street - 1], folded, sizeof(folded));
        if (sp_addr_is_number_word(folded))
            street--;
    }
    return street > 0 && sp_addr_read_street_name(view, words, street, out);
}

bool sp_addr_read_street_at(const struct sp_addr_view *view, const struct sp_addr_words *words,
                            unsigned index, struct sp_addr *out, unsigned *next)
{
    if (sp_addr_is_second(view, words, index) || !street_read_at(view, words, index, out))
        return false;
    *next = sp_addr_read_additions(view, words, index + 1, out);
    return true;
}

/* Three letters in a row: less is no street (two for what a person typed). Cheap, so that tables of
 * numbers and codes cost little. */
static bool street_has_word(const struct sp_addr_view *view, struct sp_addr_span part)
{
    unsigned wanted = view->typed ? 2 : 3;
    unsigned run = 0;

    for (size_t pos = part.begin; pos < part.end && run < wanted; pos++) {
        uint8_t byte = sp_addr_byte(view, pos);
        run = sp_addr_is_alpha(byte) || byte >= 0x80 ? run + 1 : 0;
    }
    return run == wanted;
}

bool sp_addr_read_street(const struct sp_addr_view *view, struct sp_addr_span part,
                         struct sp_addr *out, struct sp_addr_span *rest)
{
    struct sp_addr_words words;

    if (!street_has_word(view, part))
        return false;
    sp_addr_split(view, part, true, &words);
    for (unsigned index = words.count; index-- > 0 && words.count - index <= STREET_TAIL_WORDS;) {
        struct sp_addr found = *out;
        unsigned next;

        if (!sp_addr_read_street_at(view, &words, index, &found, &next))
            continue;
        *rest = (struct sp_addr_span){part.end, part.end};
        if (next < words.count)
            rest->begin = words.at[next].begin;
        *out = found;
        return true;
    }
    return false;
}
