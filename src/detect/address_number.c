/* House numbers with what belongs to them: 12b, 45-3 hoog, 17 A-02, 32 bus 20, 100-102. */
#include "detect/address.h"

enum { NUMBER_FOLD = 40 }; /* bytes of a folded word that is looked up */

void sp_addr_add(struct sp_addr *addr, const struct sp_addr_view *view, struct sp_addr_span span)
{
    size_t len = strlen(addr->addition);

    for (size_t pos = span.begin; pos < span.end && len < SP_ADDR_ADDITION_MAX; pos++) {
        uint8_t byte = sp_addr_byte(view, pos);
        if (sp_addr_is_digit(byte) || sp_addr_is_alpha(byte))
            addr->addition[len++] = (char)sp_addr_to_upper(byte);
    }
    addr->addition[len] = '\0';
}

/* May these letters be glued to a house number? Up to three, or a word for a floor; no unit. */
static bool number_glued(const struct sp_addr_view *view, struct sp_addr_span letters)
{
    char folded[NUMBER_FOLD];
    size_t len = sp_addr_fold(view, letters, folded, sizeof(folded));

    if (len != letters.end - letters.begin) /* something else than letters and digits */
        return false;
    if (sp_addr_is_addition(folded) || len == 1)
        return true;
    if (sp_addr_is_unit(folded) || strcmp(folded, "ste") == 0 || strcmp(folded, "th") == 0)
        return false;
    return len <= 4;
}

bool sp_addr_read_number(const struct sp_addr_view *view, struct sp_addr_span word,
                         struct sp_addr *out)
{
    size_t pos = word.begin;
    size_t digits;
    unsigned joints = 0;

    while (word.end > word.begin && sp_addr_byte(view, word.end - 1) == '.')
        word.end--;
    while (pos < word.end && sp_addr_is_digit(sp_addr_byte(view, pos)))
        pos++;
    digits = pos - word.begin;
    if (digits == 0 || digits > 5 || sp_addr_byte(view, word.begin) == '0')
        return false;
    out->addition[0] = '\0';
    out->slash = 0;
    while (pos < word.end) {
        struct sp_addr_span piece;

        if (sp_addr_byte(view, pos) == '-' || sp_addr_byte(view, pos) == '/') {
            if (sp_addr_byte(view, pos) == '/')
                out->slash = (uint8_t)(strlen(out->addition) + 1);
            pos++;
            joints++;
        } else if (pos != word.begin + digits) {
            return false;
        }
        piece.begin = pos;
        while (pos < word.end && sp_addr_byte(view, pos) != '-' && sp_addr_byte(view, pos) != '/')
            pos++;
        piece.end = pos;
        if (!sp_addr_some(piece) || !number_glued(view, piece))
            return false;
        sp_addr_add(out, view, piece);
    }
    if (joints > 2 || (joints == 2 && strspn(out->addition, "0123456789") > 4))
        return false; /* 31-12-2024 */
    memcpy(out->number, view->data + word.begin, digits);
    out->number[digits] = '\0';
    out->number_at = word;
    return true;
}

/* A word that may stand behind a house number as its addition. */
bool sp_addr_is_addition_word(const struct sp_addr_view *view, struct sp_addr_span word)
{
    char folded[NUMBER_FOLD];
    size_t len = sp_addr_fold(view, word, folded, sizeof(folded));
    size_t raw = word.end - word.begin;
    size_t letters = strcspn(folded, "0123456789");
    size_t digits = strspn(folded, "0123456789");

    if (len == 0 || len > 8)
        return false;
    if (sp_addr_is_addition(folded))
        return raw <= len + 1;
    if (len == 1)
        return raw <= 2 && !(raw == 2 && view->data[word.begin] == '\'');
    if (letters == 1 || (letters == 3 && memcmp(folded, "ark", 3) == 0)) /* A-02, F008, Ark3 */
        return len <= 5 && strspn(folded + letters, "0123456789") == len - letters &&
               raw <= len + 1;
    if (digits >= 1 && digits <= 3 && raw <= len + 1) /* 2, 02L, 3HS */
        return len == digits || len == digits + 1 || sp_addr_is_addition(folded + digits);
    return false;
}

/* `2 hoog`: the number of a floor. */
static bool number_is_floor(const struct sp_addr_view *view, const struct sp_addr_words *words,
                            unsigned index)
{
    char folded[NUMBER_FOLD];

    if (index + 1 >= words->count)
        return false;
    sp_addr_fold(view, words->at[index + 1], folded, sizeof(folded));
    return strcmp(folded, "hoog") == 0 || strcmp(folded, "verdieping") == 0 ||
           strcmp(folded, "etage") == 0;
}

/* bus 20, bte 4: both words. */
static bool number_is_bus(const struct sp_addr_view *view, const struct sp_addr_words *words,
                          unsigned index)
{
    char folded[NUMBER_FOLD];
    char value[NUMBER_FOLD];
    size_t len;

    if (index + 1 >= words->count)
        return false;
    sp_addr_fold(view, words->at[index], folded, sizeof(folded));
    len = sp_addr_fold(view, words->at[index + 1], value, sizeof(value));
    return sp_addr_is_box(folded) && len != 0 && len <= 5 &&
           (sp_addr_is_digit((uint8_t)value[0]) || len == 1 ||
            (len <= 3 && sp_addr_is_digit((uint8_t)value[len - 1]))) &&
           !(len == 4 && strcmp(folded, "b") == 0);
}

void sp_addr_add_bus(struct sp_addr *addr, const struct sp_addr_view *view,
                     struct sp_addr_span span)
{
    size_t len = strlen(addr->addition);

    if (len + 3 < sizeof(addr->addition))
        memcpy(addr->addition + len, "BUS", 4);
    sp_addr_add(addr, view, span);
    addr->clue = true;
}

unsigned sp_addr_read_additions(const struct sp_addr_view *view, const struct sp_addr_words *words,
                                unsigned index, struct sp_addr *out)
{
    unsigned taken = 0;

    while (index < words->count && taken < 4) {
        if (number_is_bus(view, words, index)) {
            sp_addr_add_bus(out, view, words->at[index + 1]);
            index += 2;
        } else if (view->data[words->at[index].begin] == '/' &&
                   words->at[index].end == words->at[index].begin + 1 && index + 1 < words->count &&
                   sp_addr_is_addition_word(view, words->at[index + 1])) {
            out->slash = (uint8_t)(strlen(out->addition) + 1);
            index++; /* 32 / 20 */
            continue;
        } else if (sp_addr_is_addition_word(view, words->at[index])) {
            sp_addr_add(out, view, words->at[index]);
            index++;
        } else {
            break;
        }
        out->number_at.end = words->at[index - 1].end;
        taken++;
    }
    return index;
}

/* 1940-1945, 40-45, 1940-'45 or a year: part of the street's name when a number follows. */
static bool number_is_year(const struct sp_addr_view *view, struct sp_addr_span word)
{
    size_t len = word.end - word.begin;
    size_t digits = 0;

    while (digits < len && sp_addr_is_digit(view->data[word.begin + digits]))
        digits++;
    if (digits == len)
        return len == 4 && view->data[word.begin] <= '2';
    return (digits == 4 || digits == 2) && view->data[word.begin + digits] == '-' &&
           (len == 2 * digits + 1 || (digits == 4 && (len == 7 || len == 8))) &&
           sp_addr_is_digit(view->data[word.end - 1]);
}

/* Is words[index], a number, only an addition to the number before it? */
bool sp_addr_is_second(const struct sp_addr_view *view, const struct sp_addr_words *words,
                       unsigned index)
{
    struct sp_addr probe = {0};
    char folded[NUMBER_FOLD];

    if (index == 0)
        return false;
    if (number_is_bus(view, words, index - 1))
        return true;
    if (!sp_addr_read_number(view, words->at[index - 1], &probe))
        return false;
    if (number_is_floor(view, words, index))
        return true;
    if (number_is_year(view, words->at[index - 1]) ||
        !sp_addr_is_addition_word(view, words->at[index]))
        return false;
    sp_addr_fold(view, words->at[index - 1], folded, sizeof(folded));
    return index >= 2 && strlen(folded) <= 5;
}

bool sp_addr_read_bare_number(const struct sp_addr_view *view, struct sp_addr_span part,
                              struct sp_addr *out)
{
    struct sp_addr_words words;
    char folded[NUMBER_FOLD];
    unsigned index = 0;

    sp_addr_split(view, part, false, &words);
    if (words.count > 1) {
        sp_addr_fold(view, words.at[0], folded, sizeof(folded));
        if (sp_addr_is_number_word(folded))
            index = 1;
    }
    return words.count > index && sp_addr_read_number(view, words.at[index], out) &&
           sp_addr_read_additions(view, &words, index + 1, out) == words.count;
}
