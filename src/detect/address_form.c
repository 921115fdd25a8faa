/* The canonical form of an address and what its evidence is worth. */
#include "detect/address.h"

/* Letters of a postcode that are also words or units (DETECTORS section 2.7): two capitals behind
 * a number in ordinary text. */
enum form_letters {
    FORM_PLAIN,
    FORM_YEAR, /* the digits could be a year */
    FORM_WORD,
    FORM_UNIT
};

static enum form_letters form_letters_of(const char *postcode)
{
    /* HD to MW are not in the specification's list: they only ask for a surer town */
    static const char words[] = "EN IN IS OP TE DE OM OF AL HD BC AD UK DC KV MW "
                                "MG ML MM CM KM KG GB MB KB TB HZ PK KW CC EU MS SE ";
    static const size_t units_at = sizeof("EN IN IS OP TE DE OM OF AL HD BC AD UK DC KV MW ") - 1;

    for (size_t i = 0; i + 2 < sizeof(words); i += 3)
        if (words[i] == postcode[4] && words[i + 1] == postcode[5])
            return i >= units_at ? FORM_UNIT : FORM_WORD;
    if (memcmp(postcode, "19", 2) == 0 || memcmp(postcode, "20", 2) == 0)
        return FORM_YEAR;
    return FORM_PLAIN;
}

static void form_put(struct sp_canonical *out, const char *text)
{
    size_t len = strlen(text);

    if (len > sizeof(out->bytes) - out->len)
        len = sizeof(out->bytes) - out->len;
    memcpy(out->bytes + out->len, text, len);
    out->len = (uint16_t)(out->len + len);
}

static void form_put_folded(const struct sp_addr_view *view, struct sp_addr_span span,
                            struct sp_canonical *out)
{
    char folded[SP_ADDR_FOLD_MAX];

    if (!sp_addr_some(span))
        return;
    sp_addr_fold(view, span, folded, sizeof(folded));
    form_put(out, folded);
}

/* In Belgium 32/20 is 32 bus 20. */
static void form_put_addition(const struct sp_addr *addr, struct sp_canonical *out)
{
    struct sp_addr before = *addr;

    if (addr->kind != SP_ADDR_BE || addr->slash == 0) {
        form_put(out, addr->addition);
        return;
    }
    before.addition[addr->slash - 1] = '\0';
    form_put(out, before.addition);
    form_put(out, "BUS");
    form_put(out, addr->addition + addr->slash - 1);
}

void sp_addr_canonical(const struct sp_addr_view *view, const struct sp_addr *addr,
                       struct sp_canonical *out)
{
    static const char *const country[] = {"NL", "NL", "BE", NULL};

    out->len = 0;
    form_put(out, addr->kind == SP_ADDR_FOREIGN ? addr->country : country[addr->kind]);
    form_put(out, ":");
    form_put(out, addr->postcode);
    form_put(out, ":");
    form_put(out, addr->number);
    form_put(out, ":");
    if (addr->number[0] != '\0')
        form_put_addition(addr, out);
    if (addr->kind == SP_ADDR_BE || addr->kind == SP_ADDR_NO_POSTCODE) {
        form_put(out, ":");
        form_put_folded(view, addr->street_at, out);
    }
    if (addr->kind == SP_ADDR_NO_POSTCODE) {
        form_put(out, ":");
        form_put_folded(view, addr->town_at, out);
    }
}

static void form_widen(struct sp_addr_span *whole, struct sp_addr_span part)
{
    if (!sp_addr_some(part))
        return;
    if (!sp_addr_some(*whole)) {
        *whole = part;
        return;
    }
    if (part.begin < whole->begin)
        whole->begin = part.begin;
    if (part.end > whole->end)
        whole->end = part.end;
}

struct sp_addr_span sp_addr_extent(const struct sp_addr *addr)
{
    struct sp_addr_span whole = addr->code_at;

    if (addr->keyed) {
        if (!sp_addr_some(whole))
            whole = sp_addr_some(addr->street_at) ? addr->street_at : addr->number_at;
        return whole;
    }
    form_widen(&whole, addr->street_at);
    form_widen(&whole, addr->number_at);
    form_widen(&whole, addr->town_at);
    form_widen(&whole, addr->country_at);
    return whole;
}

/* A label word (adres:, woont aan de) directly before the address. */
static bool form_is_labelled(const struct sp_addr_view *view, const struct sp_addr *addr)
{
    struct sp_addr_span extent = sp_addr_extent(addr);
    size_t end = extent.begin;
    size_t pos;
    struct sp_addr_words words;
    char folded[SP_ADDR_FOLD_MAX];

    while (end > view->lo && (view->data[end - 1] == ' ' || view->data[end - 1] == ':'))
        end--;
    pos = end;
    while (pos > view->lo && end - pos < 40 &&
           (view->data[pos - 1] == ' ' || sp_addr_char_before(view, pos).class == SP_ADDR_LETTER))
        pos -= sp_addr_char_before(view, pos).len;
    sp_addr_split(view, (struct sp_addr_span){pos, end}, true, &words);
    for (unsigned i = words.count; i-- > 0;) {
        sp_addr_fold(view, words.at[i], folded, sizeof(folded));
        if (sp_addr_is_label(folded))
            return true;
        if (!sp_addr_is_particle(folded) && !sp_addr_is_place_word(folded))
            return false;
    }
    return false;
}

static bool form_known_town(const struct sp_addr_view *view, const struct sp_addr *addr)
{
    char folded[SP_ADDR_FOLD_MAX];

    if (!sp_addr_some(addr->town_at))
        return false;
    sp_addr_fold(view, addr->town_at, folded, sizeof(folded));
    return sp_addr_is_known_town(folded);
}

/* The postcode begins a line, a cell or a part. */
static bool form_starts_part(const struct sp_addr_view *view, const struct sp_addr *addr)
{
    size_t pos = addr->code_at.begin;

    while (sp_addr_char_before(view, pos).class == SP_ADDR_SPACE)
        pos--;
    switch (sp_addr_char_before(view, pos).class) {
    case SP_ADDR_EDGE:
    case SP_ADDR_LINE:
    case SP_ADDR_SEP:
        return true;
    default:
        return false;
    }
}

/* Behind a heading (model, NEN, kavel) a number with two capitals is its number. */
static bool form_after_heading(const struct sp_addr_view *view, const struct sp_addr *addr)
{
    struct sp_addr_span part = sp_addr_part_around(view, addr->code_at.begin);
    struct sp_addr_words words;
    char folded[SP_ADDR_FOLD_MAX];

    part.end = addr->code_at.begin;
    sp_addr_split(view, part, true, &words);
    if (words.count == 0)
        return false;
    sp_addr_fold(view, words.at[words.count - 1], folded, sizeof(folded));
    return sp_addr_is_heading(folded);
}

/* Dutch: PC+number and more high; PC+number or PC+town medium; PC alone low. */
static bool form_judge_nl(const struct sp_addr_view *view, const struct sp_addr *addr,
                          bool labelled, enum sp_confidence *base, enum sp_confidence *label)
{
    bool town = sp_addr_some(addr->town_at);
    bool number = addr->number[0] != '\0';
    bool street = number && (sp_addr_some(addr->street_at) || addr->number[0] == 'P' ||
                             addr->number[0] == 'A');
    enum form_letters letters = form_letters_of(addr->postcode);
    bool sure = labelled || addr->keyed || addr->clue || view->typed;

    *label = SP_CONF_HIGH;
    if (street) { /* "sha 1234ab 5678cd" has nothing of a street */
        bool seen = addr->suffix != SP_ADDR_SUFFIX_NONE || addr->capital || sure ||
                    addr->number[0] > '9' || (town && !addr->lower_code);
        *base = seen ? SP_CONF_HIGH : SP_CONF_LOW;
        return true;
    }
    if (!sure && letters > FORM_YEAR) { /* needs a town that cannot be anything else */
        if (!town || (!form_known_town(view, addr) &&
                      (letters == FORM_UNIT || !form_starts_part(view, addr))))
            return false;
    }
    if (!sure && town && !number && !form_starts_part(view, addr) && !form_known_town(view, addr) &&
        (letters == FORM_YEAR || form_after_heading(view, addr)))
        town = false;
    if (!sure && addr->lower_code && !form_known_town(view, addr)) {
        *base = SP_CONF_LOW;
        return number;
    }
    if (number) {
        *base = town || addr->keyed ? SP_CONF_HIGH : SP_CONF_MEDIUM;
        return true;
    }
    *base = town ? SP_CONF_MEDIUM : SP_CONF_LOW;
    *label = town ? SP_CONF_HIGH : SP_CONF_MEDIUM;
    return true;
}

/* Belgian: a street suffix, B-, the country, a bus number or a label; else low. */
static bool form_judge_be(const struct sp_addr *addr, bool labelled, enum sp_confidence *base,
                          enum sp_confidence *label)
{
    *label = SP_CONF_HIGH;
    if (addr->number[0] == '\0') {
        *base = addr->clue || addr->keyed ? SP_CONF_MEDIUM : SP_CONF_LOW;
        return true;
    }
    *base = addr->suffix != SP_ADDR_SUFFIX_NONE || addr->clue || addr->keyed || labelled
                ? SP_CONF_HIGH
                : SP_CONF_LOW;
    return true;
}

/* No postcode: a street's suffix and a capital. */
static bool form_judge_street(const struct sp_addr_view *view, const struct sp_addr *addr,
                              bool labelled, enum sp_confidence *base, enum sp_confidence *label)
{
    bool town = sp_addr_some(addr->town_at);

    *label = SP_CONF_HIGH;
    *base = SP_CONF_MEDIUM;
    if (addr->number[0] == 'P' || addr->number[0] == 'A' || addr->keyed || view->typed)
        return addr->number[0] != '\0';
    if (addr->suffix == SP_ADDR_SUFFIX_NONE || (!addr->capital && !labelled))
        return false;
    if (addr->suffix == SP_ADDR_SUFFIX_STRONG || town || labelled)
        return true;
    *base = SP_CONF_LOW;
    return true;
}

bool sp_addr_judge(const struct sp_addr_view *view, const struct sp_addr *addr,
                   enum sp_context_level context, enum sp_confidence *base,
                   enum sp_confidence *label)
{
    bool labelled = context == SP_CONTEXT_LABEL || form_is_labelled(view, addr);

    switch (addr->kind) {
    case SP_ADDR_NL:
        return form_judge_nl(view, addr, labelled, base, label);
    case SP_ADDR_BE:
        return form_judge_be(addr, labelled, base, label);
    case SP_ADDR_FOREIGN:
        *base = SP_CONF_MEDIUM;
        *label = SP_CONF_MEDIUM;
        return true;
    case SP_ADDR_NO_POSTCODE:
        return form_judge_street(view, addr, labelled, base, label);
    }
    return false;
}
