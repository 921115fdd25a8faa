/* Telephone numbers of the Netherlands and Belgium in all their spellings (NEN 2132, ITU E.123,
 * RFC 3966), others with a country code. The candidate shows only how the number begins; from
 * there exactly as many digits are read as its number plan has, over separators, and then it must
 * be at an end. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"
#include "detect/phone_plan.h"

enum {
    DIGITS_MAX = 15,    /* E.164 */
    DIGITS_MIN = 7,     /* of a foreign number, country code included */
    SEPARATORS_MAX = 2, /* beside spaces, between two groups */
    SEPARATOR_RUN_MAX = 6,
    BRACKETS_UNTIL = 6, /* brackets stand in the first digits only */
    CLUE_BEFORE = 100,
    CLUE_AFTER = 40
};

/* Reading digits from a place on. */
struct dial {
    const struct sp_check *check;
    size_t pos;
    uint8_t digits[DIGITS_MAX + 1];
    size_t count;
    bool grouped; /* a separator was skipped */
    bool spaced;  /* one of them was a space */
    bool slash;   /* the first was a slash */
    bool newline;
    unsigned open; /* brackets */
};

static uint8_t byte_at(const struct dial *dial, size_t pos)
{
    return pos < dial->check->text->len ? dial->check->text->data[pos] : 0;
}

/* One character between groups; false when it cannot stand there. */
static bool skip_one(struct dial *dial, size_t at, unsigned *marks, bool *spaced)
{
    uint8_t byte = byte_at(dial, at);
    switch (byte) {
    case ' ':
        *spaced = true;
        return true;
    case '\n':
        if (dial->newline || dial->count > 4 || !sp_check_labelled(dial->check))
            return false;
        dial->newline = true;
        return true;
    case '(':
        dial->open++;
        return dial->count < BRACKETS_UNTIL && dial->open == 1;
    case ')':
        return dial->open-- == 1;
    default:
        return byte_in(byte, "-./") && ++*marks <= SEPARATORS_MAX;
    }
}

/* Skips what stands between two groups of digits. The state is unchanged when no digit follows. */
static bool skip_separators(struct dial *dial)
{
    if (byte_is_digit(byte_at(dial, dial->pos)))
        return true;
    struct dial before = *dial;
    unsigned marks = 0;
    bool spaced = false;
    size_t at = dial->pos;
    while (at - dial->pos < SEPARATOR_RUN_MAX && !byte_is_digit(byte_at(dial, at))) {
        if (!skip_one(dial, at, &marks, &spaced))
            break;
        at++;
    }
    if (!byte_is_digit(byte_at(dial, at))) {
        *dial = before;
        return false;
    }
    if (!dial->grouped)
        dial->slash = byte_at(dial, dial->pos) == '/';
    dial->grouped = true;
    dial->spaced = dial->spaced || (spaced && marks == 0);
    dial->pos = at;
    return true;
}

/* Reads until `count` digits are there. */
static bool read_digits(struct dial *dial, size_t count)
{
    while (dial->count < count) {
        if (dial->count == DIGITS_MAX || !skip_separators(dial))
            return false;
        dial->digits[dial->count++] = byte_at(dial, dial->pos++);
    }
    return true;
}

/* `(0)` and a 0 after the country code are dialled only inside the country. */
static void skip_trunk(struct dial *dial)
{
    struct dial ahead = *dial;
    if (!skip_separators(&ahead) || byte_at(&ahead, ahead.pos) != '0')
        return;
    ahead.pos++;
    *dial = ahead;
}

/* A whole number ends at the dial: the closing bracket, and what follows. */
static bool ends_here(const struct dial *dial)
{
    const struct sp_check *check = dial->check;
    struct sp_boundary boundary = sp_boundary_of(check, false);
    boundary.slash = true; /* lists: 0318-234567/234568 */
    boundary.spaced = dial->spaced && !sp_check_labelled(check);
    /* The next short group may begin another number. */
    if (byte_at(dial, dial->pos) == ' ' && byte_in(byte_at(dial, dial->pos + 1), "0+("))
        boundary.spaced = false;
    return dial->open == 0 && sp_number_bounded_right(check->text, dial->pos, &boundary);
}

static bool begins_here(const struct sp_check *check, const struct dial *dial)
{
    struct sp_boundary boundary = sp_boundary_of(check, false);
    boundary.slash = true;
    boundary.spaced = dial->spaced && !sp_check_labelled(check);
    return sp_number_bounded_left(check->text, check->begin, &boundary);
}

/* dd-mm-yyyy or yyyy-mm-dd: never a telephone number. */
static bool is_date(const struct sp_text *text, size_t begin)
{
    static const char *const shapes[] = {"99-99-9999", "9999-99-99"};
    for (size_t i = 0; i < 2; i++) {
        const char *shape = shapes[i];
        size_t len = strlen(shape), k = 0;
        if (text->len - begin < len)
            continue;
        while (k < len && (shape[k] == '9' ? byte_is_digit(text->data[begin + k])
                                           : byte_in(text->data[begin + k], "-/.")))
            k++;
        const uint8_t *year = text->data + begin + (i == 0 ? 6 : 0);
        bool century = k == len && (memcmp(year, "19", 2) == 0 || memcmp(year, "20", 2) == 0);
        if (century && (begin + len >= text->len || !byte_is_digit(text->data[begin + len])))
            return true;
    }
    return false;
}

static bool all_same(const uint8_t *digits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (digits[i] != digits[0])
            return false;
    }
    return true;
}

static bool give(struct sp_check *check, const struct dial *dial, const char *country,
                 unsigned kind)
{
    uint8_t e164[24];
    size_t len = strlen(country);
    if (dial->count == 0 || all_same(dial->digits, dial->count))
        return false;
    memcpy(e164, country, len);
    memcpy(e164 + len, dial->digits, dial->count);
    sp_canonical_set(&check->canonical, e164, len + dial->count);
    check->value_begin = check->begin;
    check->value_end = dial->pos;
    if (kind & SP_PHONE_LANDLINE)
        check->attributes |= SP_ATTR_LANDLINE;
    if (kind & SP_PHONE_SERVICE)
        check->attributes |= SP_ATTR_SERVICE | SP_ATTR_PUBLIC;
    return true;
}

/* Reads a Dutch number at the dial; false leaves *dial as it was. */
static bool read_nl(struct dial *dial, unsigned *kind)
{
    struct dial probe = *dial, longer;
    size_t shorter = 0;
    if (!read_digits(&probe, 3))
        return false;
    size_t len = sp_phone_plan_nl(probe.digits, &shorter, kind);
    if (!len || ((*kind & SP_PHONE_LABEL) && !sp_check_labelled(dial->check)))
        return false;
    longer = probe;
    if (read_digits(&longer, len) && ends_here(&longer)) {
        *dial = longer;
        return true;
    }
    if (!shorter || !read_digits(&probe, shorter) || !ends_here(&probe))
        return false;
    *dial = probe;
    return true;
}

static bool read_be(struct dial *dial, unsigned *kind)
{
    struct dial probe = *dial;
    if (!read_digits(&probe, 3))
        return false;
    size_t len = sp_phone_plan_be(probe.digits, kind);
    if (!len || !read_digits(&probe, len) || !ends_here(&probe))
        return false;
    *dial = probe;
    return true;
}

/* A country code in front: NL and BE by their plans, others by length. */
static bool check_international(struct sp_check *check, struct dial *dial)
{
    unsigned kind = 0;
    size_t code_len = 0;
    if (!read_digits(dial, 2) || dial->digits[0] == '0')
        return false;
    bool nl = memcmp(dial->digits, "31", 2) == 0, be = memcmp(dial->digits, "32", 2) == 0;
    if (nl || be) {
        dial->count = 0;
        skip_trunk(dial);
        if (!(nl ? read_nl(dial, &kind) : read_be(dial, &kind)))
            return false;
        return give(check, dial, nl ? "+31" : "+32", kind);
    }
    if (!read_digits(dial, 3))
        return false;
    size_t len = sp_phone_plan_country(dial->digits, dial->count, &code_len);
    if (len) {
        if (dial->count == code_len)
            skip_trunk(dial);
        if (!read_digits(dial, code_len + len))
            return false;
    } else {
        while (dial->count < DIGITS_MAX && read_digits(dial, dial->count + 1)) {
        }
        dial->spaced = false; /* all groups were taken */
    }
    return dial->count >= DIGITS_MIN && ends_here(dial) && give(check, dial, "+", 0);
}

/* A country name, `gsm`, a Belgian VAT number, postcode or domain. */
static bool belgian_clue_at(const struct sp_text *text, size_t pos, size_t high)
{
    static const char *const clues[] = {"belgi", "gsm", "btw be", "tva be", ".be"};
    if (!byte_in(text->data[pos], "bBgGtT."))
        return false;
    for (size_t i = 0; i < sizeof clues / sizeof clues[0]; i++) {
        size_t len = strlen(clues[i]);
        if (high - pos >= len && strncasecmp((const char *)text->data + pos, clues[i], len) == 0 &&
            !(clues[i][0] == '.' && letter_at(text->data, text->len, pos + len)))
            return true;
    }
    return high - pos >= 3 && byte_in(text->data[pos], "bB") && text->data[pos + 1] == '-' &&
           byte_in(text->data[pos + 2], "123456789");
}

/* Belgium near by. */
static bool belgian_clue(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t low = check->begin > CLUE_BEFORE ? check->begin - CLUE_BEFORE : 0;
    size_t high = text->len - check->end > CLUE_AFTER ? check->end + CLUE_AFTER : text->len;
    for (size_t pos = low; pos < high; pos++) {
        if (pos > 0 && text->data[pos] != '.' && byte_is_alnum(text->data[pos - 1]))
            continue;
        if (belgian_clue_at(text, pos, high))
            return true;
    }
    return false;
}

/* `0476/84.69.48`, `02/512 34 56`: a slash after the zone, then pairs. */
static bool belgian_notation(const struct dial *be)
{
    if (!be->slash)
        return false;
    size_t low = be->check->begin;
    const uint8_t *data = be->check->text->data;
    const uint8_t *slash = memchr(data + low, '/', be->pos - low);
    size_t rest = slash ? (size_t)(slash - data) : low;
    return memchr(data + rest, '.', be->pos - rest) || memchr(data + rest, ' ', be->pos - rest);
}

/* Trunk 0 in front: the region decides where both plans know the number. */
static bool check_national(struct sp_check *check, const struct dial *dial)
{
    unsigned kind_nl = 0, kind_be = 0;
    struct dial nl = *dial, be = *dial;
    bool is_nl = read_nl(&nl, &kind_nl), is_be = read_be(&be, &kind_be);
    /* 06 is a Dutch mobile number cut short before it is a Belgian zone */
    bool only_be = !is_nl && be.digits[0] != '6' && (be.grouped || sp_check_labelled(check));
    bool belgian = is_be && (check->region == SP_REGION_BE || belgian_notation(&be) || only_be ||
                             belgian_clue(check));
    if (!belgian && !is_nl)
        return false;
    const struct dial *taken = belgian ? &be : &nl;
    unsigned kind = belgian ? kind_be : kind_nl;
    if (!begins_here(check, taken))
        return false;
    if (!taken->grouped && (belgian || taken->digits[0] != '6' || (kind & SP_PHONE_LANDLINE)))
        check->base = SP_CONF_LOW;
    return give(check, taken, belgian ? "+32" : "+31", kind);
}

/* The leading 0 is missing, or the + of the country code: only a label makes it a number. */
static bool check_bare(struct sp_check *check, struct dial *dial)
{
    unsigned kind = 0;
    if (!sp_check_labelled(check))
        return false;
    struct dial with_code = *dial;
    if (read_digits(&with_code, 2) && memcmp(with_code.digits, "31", 2) == 0) {
        with_code.count = 0;
        if (read_nl(&with_code, &kind) && begins_here(check, &with_code))
            return give(check, &with_code, "+31", kind);
    }
    return read_nl(dial, &kind) && begins_here(check, dial) && give(check, dial, "+31", kind);
}

/* `14 020`: the town hall. Any context word will do, but one must be there. */
static bool check_short(struct sp_check *check, struct dial *dial)
{
    enum sp_context_level context = sp_check_context(check);
    if (context != SP_CONTEXT_LABEL && context != SP_CONTEXT_NEAR)
        return false;
    while (dial->count < 6 && read_digits(dial, dial->count + 1)) {
    }
    if (dial->count < 5 || !sp_phone_is_area_nl(dial->digits + 3, dial->count - 3) ||
        !ends_here(dial) || !begins_here(check, dial))
        return false;
    check->base = SP_CONF_LOW;
    return give(check, dial, "+31", SP_PHONE_LANDLINE | SP_PHONE_SERVICE);
}

/* The candidate's first characters say which of the four it is. */
bool sp_check_phone(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    struct dial dial = {.check = check, .pos = check->begin};
    size_t pos = check->begin;
    if (is_date(text, pos))
        return false;
    if (text->data[pos] == '(') {
        dial.open = 1;
        pos++;
    }
    if (pos < text->len && text->data[pos] == '+') {
        dial.pos = pos + 1;
        return begins_here(check, &dial) && check_international(check, &dial);
    }
    dial.pos = pos;
    if (text->len - pos >= 3 && text->data[pos] == '0' && text->data[pos + 1] == '0') {
        dial.pos = pos + 2;
        return begins_here(check, &dial) && check_international(check, &dial);
    }
    if (text->len - pos >= 3 && text->data[pos] == '0') {
        dial.pos = pos + 1;
        return check_national(check, &dial);
    }
    struct sp_slice candidate = {text->data + check->begin, check->end - check->begin};
    if (candidate.len >= 5 && memcmp(candidate.ptr, "14", 2) == 0 && candidate.len <= 8 &&
        check_short(check, &dial))
        return true;
    return check_bare(check, &dial);
}
