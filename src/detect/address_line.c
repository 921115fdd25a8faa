/* An address in running text. From any anchor (postcode, street with number, PO box, country) the
 * walk goes to the postcode when there is one and reads the address from there, so that all
 * anchors of one address give the same result. */
#include "detect/address.h"

enum {
    LINE_FOLD = 40,        /* bytes of a folded word that is looked up */
    LINE_TRIES_MAX = 6,    /* postcodes behind a street that are tried */
    LINE_AHEAD_BYTES = 200 /* how far behind a street its postcode may stand */
};

static bool line_holds(struct sp_addr_span outer, size_t pos)
{
    return sp_addr_some(outer) && pos >= outer.begin && pos < outer.end;
}

/* Does the anchor lie in the street or number of what was found? */
bool sp_addr_covers(const struct sp_addr *found, struct sp_addr_span anchor)
{
    return line_holds(found->street_at, anchor.begin) ||
           line_holds(found->number_at, anchor.begin) ||
           line_holds((struct sp_addr_span){found->street_at.begin, found->number_at.end},
                      anchor.begin);
}

/* Is `pos` the beginning of a line, cell or part? */
static bool line_starts_part(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_char before;

    while ((before = sp_addr_char_before(view, pos)).class == SP_ADDR_SPACE)
        pos -= before.len;
    if (before.class == SP_ADDR_LETTER) { /* a word without digits may lead up to it */
        struct sp_addr_words words;
        char folded[LINE_FOLD];
        struct sp_addr_span part = sp_addr_part_around(view, pos - before.len);
        part.end = pos;
        sp_addr_split(view, part, true, &words);
        if (words.count == 0)
            return true;
        sp_addr_fold(view, words.at[words.count - 1], folded, sizeof(folded));
        return strpbrk(folded, "0123456789") == NULL && strlen(folded) > 2 &&
               (!sp_addr_is_heading(folded) || strstr(folded, "code") != NULL);
    }
    return before.class != SP_ADDR_DIGIT;
}

/* 1234 AB 12: the number behind the postcode, alone or before a town. */
static bool line_number_after(const struct sp_addr_view *view, struct sp_addr *out)
{
    struct sp_addr found = *out;
    struct sp_addr_part part;
    struct sp_addr_words words;
    char folded[LINE_FOLD];
    unsigned index = 0;
    size_t pos = out->code_at.end;

    if (view->typed && pos < view->hi && (view->data[pos] == '-' || view->data[pos] == '/'))
        pos++;
    if (!sp_addr_part_after(view, pos, &part) || part.lines != 0 ||
        !line_starts_part(view, out->code_at.begin))
        return false;
    sp_addr_split(view, part.at, false, &words);
    if (words.count > 1) {
        sp_addr_fold(view, words.at[0], folded, sizeof(folded));
        index = sp_addr_is_number_word(folded) ? 1 : 0;
    }
    if (words.count <= index || !sp_addr_read_number(view, words.at[index], &found) ||
        (sp_addr_is_year(found.number) && !view->typed))
        return false;
    index = sp_addr_read_additions(view, &words, index + 1, &found);
    if (index < words.count) {
        struct sp_addr_span rest = {words.at[index].begin, part.at.end};
        if (!sp_addr_fills_town(view, rest, &found.town_at))
            return false;
    }
    if (part.at.end < view->hi && strchr("%:=#*_", view->data[part.at.end]) != NULL &&
        view->data[part.at.end] != '\0')
        return false;
    *out = found;
    return true;
}

/* The town behind `pos`: on the same line, or alone on the next. */
static bool line_town_after(const struct sp_addr_view *view, size_t pos, bool evidence,
                            struct sp_addr *out)
{
    struct sp_addr_part part;
    struct sp_addr_words words;
    struct sp_addr_span town;
    char folded[LINE_FOLD];
    unsigned first = 0;

    if (!sp_addr_part_after(view, pos, &part) || part.lines > 1)
        return false;
    sp_addr_split(view, part.at, false, &words);
    if (words.count == 0)
        return false;
    sp_addr_fold(view, words.at[0], folded, sizeof(folded));
    if (words.count > 1 && (strcmp(folded, "in") == 0 || strcmp(folded, "te") == 0))
        first = 1;
    if (!sp_addr_read_town(view, words.at[first].begin, view->typed, &town))
        return false;
    if (part.lines != 0 && !evidence) {
        sp_addr_fold(view, town, folded, sizeof(folded));
        if (!sp_addr_is_known_town(folded))
            return false;
    }
    out->town_at = town;
    return true;
}

static const struct sp_addr_country *line_country_after(const struct sp_addr_view *view, size_t pos,
                                                        struct sp_addr_span *at)
{
    struct sp_addr_part part;

    if (!sp_addr_part_after(view, pos, &part) || part.lines > 1)
        return NULL;
    return sp_addr_read_country(view, part.at.begin, at);
}

/* Nothing, or "aan de". */
static bool line_leads(const struct sp_addr_view *view, size_t begin, size_t end)
{
    struct sp_addr_words words;
    char folded[LINE_FOLD];

    sp_addr_split(view, (struct sp_addr_span){begin, end}, false, &words);
    for (unsigned i = 0; i < words.count; i++) {
        sp_addr_fold(view, words.at[i], folded, sizeof(folded));
        if (!sp_addr_is_particle(folded) && !sp_addr_is_place_word(folded))
            return false;
    }
    return true;
}

/* 1234 AB Voorbeeld, Dorpsstraat 12: the street behind the town, unless it has its own postcode. */
static bool line_street_after(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr found = *out;
    struct sp_addr probe = {0};
    struct sp_addr_part part;
    struct sp_addr_part next;
    struct sp_addr_span rest;

    if (!sp_addr_part_after(view, pos, &part) || part.lines > 1 ||
        !sp_addr_read_street(view, part.at, &found, &rest) || sp_addr_some(rest) ||
        found.suffix != SP_ADDR_SUFFIX_STRONG || !found.capital ||
        !line_leads(view, part.at.begin, found.street_at.begin))
        return false;
    if (sp_addr_part_after(view, part.at.end, &next) &&
        (sp_addr_read_nl(view, next.at.begin, &probe) ||
         sp_addr_read_be(view, next.at.begin, &probe)))
        return false;
    *out = found;
    return true;
}

static bool line_from_nl(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr found = {0};
    struct sp_addr_span town;
    size_t behind;

    if (!sp_addr_read_nl(view, pos, &found))
        return false;
    if (!sp_addr_read_before(view, found.code_at.begin, &found))
        line_number_after(view, &found);
    town = found.town_at;
    behind = found.number_at.end > found.code_at.end ? found.number_at.end : found.code_at.end;
    if (town.begin <= found.code_at.end || !sp_addr_some(town)) {
        if (!line_town_after(view, behind, found.number[0] != '\0', &found))
            found.town_at = town;
    }
    if (found.number[0] == '\0' && sp_addr_some(found.town_at) &&
        found.town_at.end > found.code_at.end)
        line_street_after(view, found.town_at.end, &found);
    else if (found.number[0] == '\0')
        line_street_after(view, found.code_at.end, &found);
    *out = found;
    return true;
}

static bool line_from_be(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    struct sp_addr found = {0};
    struct sp_addr dutch = {0};
    struct sp_addr_part part;
    const struct sp_addr_country *country;
    struct sp_addr_span town;

    if (!sp_addr_read_be(view, pos, &found) || sp_addr_read_nl(view, pos, &dutch))
        return false;
    if (!sp_addr_part_after(view, pos + 4, &part) || part.lines != 0 ||
        !line_town_after(view, pos + 4, true, &found))
        return false;
    town = found.town_at;
    country = line_country_after(view, town.end, &found.country_at);
    if (country == NULL) /* Putte België: behind the town without a separator */
        country = sp_addr_read_country(view, town.end, &found.country_at);
    if (country != NULL && country->shape != NULL)
        return sp_addr_from_country(view, found.country_at.begin, out);
    found.clue = found.clue || (country != NULL && strcmp(country->code, "BE") == 0);
    if (country == NULL || strcmp(country->code, "BE") != 0)
        found.country_at = (struct sp_addr_span){0, 0};
    if (!sp_addr_read_before(view, found.code_at.begin, &found) && !found.clue)
        return false;
    if (found.number[0] != '\0' && !sp_addr_some(found.street_at) && found.number[0] != 'P' &&
        !view->typed)
        return false;
    found.town_at = town;
    *out = found;
    return true;
}

static bool line_from_code(const struct sp_addr_view *view, size_t pos, struct sp_addr *out)
{
    return line_from_nl(view, pos, out) || line_from_be(view, pos, out);
}

static bool line_is_code(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr probe = {0};

    return sp_addr_read_nl(view, pos, &probe) || sp_addr_read_be(view, pos, &probe);
}

/* Is the number at `pos` behind a word that ends like a street? */
static bool line_has_suffix(const struct sp_addr_view *view, size_t pos)
{
    struct sp_addr_char before;
    struct sp_addr_span word;
    char folded[LINE_FOLD];
    bool dotted = false;

    for (unsigned i = 0; i < 4; i++) {
        before = sp_addr_char_before(view, pos);
        if (before.class != SP_ADDR_SPACE && before.class != SP_ADDR_SEP &&
            before.class != SP_ADDR_INNER)
            break;
        pos -= before.len;
        dotted = dotted || view->data[pos] == '.';
    }
    word = (struct sp_addr_span){pos, pos};
    while ((before = sp_addr_char_before(view, word.begin)).class == SP_ADDR_LETTER &&
           word.end - word.begin < LINE_FOLD)
        word.begin -= before.len;
    sp_addr_fold(view, word, folded, sizeof(folded));
    return sp_addr_suffix_of(folded, dotted) != SP_ADDR_SUFFIX_NONE;
}

/* An address whose postcode or country stands behind the anchor. */
static bool line_ahead(const struct sp_addr_view *view, struct sp_addr_span anchor,
                       struct sp_addr *out)
{
    size_t limit =
        view->hi - anchor.begin < LINE_AHEAD_BYTES ? view->hi : anchor.begin + LINE_AHEAD_BYTES;
    unsigned lines = 0;
    unsigned tries = 0;

    for (size_t pos = anchor.begin; pos < limit && tries < LINE_TRIES_MAX; pos++) {
        struct sp_addr_char before = sp_addr_char_before(view, pos);
        uint8_t byte = view->data[pos];
        bool found = false;

        if (byte == '\n' && ++lines >= SP_ADDR_LINES_MAX)
            return false;
        if (byte >= '1' && byte <= '9' && before.class != SP_ADDR_DIGIT) {
            if (!line_is_code(view, pos))
                continue;
            tries++;
            found = line_from_code(view, pos, out);
        } else if (sp_addr_is_upper(view, pos) &&
                   (before.class == SP_ADDR_LINE || before.class == SP_ADDR_SEP ||
                    (before.class == SP_ADDR_SPACE && pos >= view->lo + 2 &&
                     sp_addr_char_before(view, pos - 1).class == SP_ADDR_SEP))) {
            found = sp_addr_from_country(view, pos, out);
        }
        if (found && sp_addr_covers(out, anchor))
            return true;
    }
    return false;
}

/* 1234 AB Voorbeeld, Dorpsstraat 12: the postcode stands one or two parts before. */
static bool line_behind(const struct sp_addr_view *view, struct sp_addr_span street,
                        struct sp_addr_span anchor, struct sp_addr *out)
{
    struct sp_addr_part part = {street, 0, 0};

    for (int i = 0; i < 2; i++) {
        struct sp_addr_words words;

        if (!sp_addr_part_before(view, part.at.begin, &part) || part.lines > 1)
            return false;
        sp_addr_split(view, part.at, true, &words);
        for (unsigned k = 0; k < words.count; k++)
            if (line_from_nl(view, words.at[k].begin, out) && sp_addr_covers(out, anchor))
                return true;
    }
    return false;
}

/* The first digit of a postcode at the anchor, behind NL-, BE-, B-; else the anchor itself. */
static size_t line_code_begin(const struct sp_addr_view *view, struct sp_addr_span anchor)
{
    size_t pos = anchor.begin;

    while (pos < view->hi && pos < anchor.begin + 4 &&
           (view->data[pos] == 'N' || view->data[pos] == 'L' || view->data[pos] == 'B' ||
            view->data[pos] == 'E' || view->data[pos] == '-' || view->data[pos] == ' '))
        pos++;
    return sp_addr_char_at(view, pos).class == SP_ADDR_DIGIT ? pos : anchor.begin;
}

bool sp_addr_from_line(const struct sp_addr_view *view, struct sp_addr_span anchor,
                       struct sp_addr *out)
{
    size_t pos = line_code_begin(view, anchor);

    if (sp_addr_char_at(view, pos).class == SP_ADDR_DIGIT) {
        if (line_from_code(view, pos, out))
            return true;
        if (!line_has_suffix(view, pos) && !view->typed)
            return false;
    }
    if (sp_addr_from_country(view, anchor.begin, out))
        return true;
    if (line_ahead(view, anchor, out))
        return true;
    *out = (struct sp_addr){0};
    if (sp_addr_read_pobox(view, anchor.begin, out)) {
        line_town_after(view, out->number_at.end, false, out);
        return true;
    }
    if (sp_addr_from_street(view, anchor, out)) {
        struct sp_addr whole;

        if (line_behind(view, out->street_at, anchor, &whole))
            *out = whole;
        return true;
    }
    return false;
}
