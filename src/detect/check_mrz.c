/* Machine-readable zones: ICAO 9303. TD3 line 2 (passport), TD2 line 2, TD1 lines 1 and 2 (card).
 * The candidate is a line of 44, 36 or 30 characters; all check digits must hold. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

enum { TD1_LEN = 30, TD2_LEN = 36, TD3_LEN = 44, PARTS_MAX = 5 };

/* Weights 7-3-1 over the parts in turn; letters count from 10, `<` is 0. */
static bool part_holds(const uint8_t *line, const uint8_t (*parts)[2], size_t count, uint8_t digit)
{
    static const unsigned weights[3] = {7, 3, 1};
    unsigned sum = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t pos = parts[i][0]; pos < parts[i][1]; pos++) {
            uint8_t byte = line[pos];
            unsigned value = byte_is_digit(byte)   ? (unsigned)(byte - '0')
                             : byte_is_upper(byte) ? (unsigned)(byte - 'A') + 10
                                                   : 0;
            sum += value * weights[at++ % 3];
        }
    }
    return digit == '<' ? sum % 10 == 0 : digit == '0' + sum % 10;
}

static bool holds(const uint8_t *line, uint8_t from, uint8_t to)
{
    const uint8_t part[1][2] = {{from, to}};
    return part_holds(line, part, 1, line[to]);
}

/* The second line of a passport or of a two-line card. */
static bool check_two_lines(const uint8_t *line, size_t len)
{
    static const uint8_t td3[][2] = {{0, 10}, {13, 20}, {21, 43}};
    static const uint8_t td2[][2] = {{0, 10}, {13, 20}, {21, 35}};
    return holds(line, 0, 9) && holds(line, 13, 19) && holds(line, 21, 27) &&
           part_holds(line, len == TD3_LEN ? td3 : td2, 3, line[len - 1]);
}

/* `<issuer or nationality>:<document number>` */
static void give(struct sp_check *check, const uint8_t *country, const uint8_t *number)
{
    size_t len = 9;
    while (len > 0 && number[len - 1] == '<')
        len--;
    sp_canonical_set(&check->canonical, country, 3);
    while (check->canonical.len > 1 && check->canonical.bytes[check->canonical.len - 1] == '<')
        check->canonical.len--;
    check->canonical.bytes[check->canonical.len++] = ':';
    memcpy(check->canonical.bytes + check->canonical.len, number, len);
    check->canonical.len = (uint16_t)(check->canonical.len + len);
}

/* Dutch documents issued before 2014 carry the BSN in the optional field. */
static void mark_bsn(struct sp_check *check, const uint8_t *country, const uint8_t *optional)
{
    for (size_t i = 0; i < 9; i++) {
        if (!byte_is_digit(optional[i]))
            return;
    }
    if (memcmp(country, "NLD", 3) == 0 && sp_eleven_test(optional))
        check->attributes |= SP_ATTR_EMBEDS_BSN;
}

/* The line that follows the candidate, as long as it is; NULL: none. */
static const uint8_t *next_line(const struct sp_check *check, size_t len)
{
    const struct sp_text *text = check->text;
    size_t pos = check->end;
    while (pos < text->len && byte_in(text->data[pos], " \r"))
        pos++;
    if (pos >= text->len || text->data[pos++] != '\n')
        return NULL;
    while (pos < text->len && text->data[pos] == ' ')
        pos++;
    if (text->len - pos < len)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = text->data[pos + i];
        if (!byte_is_digit(byte) && !byte_is_upper(byte) && byte != '<')
            return NULL;
    }
    return text->data + pos;
}

static bool check_card(struct sp_check *check, const uint8_t *first)
{
    static const uint8_t upper[][2] = {{5, 30}}, lower[][2] = {{0, 7}, {8, 15}, {18, 29}};
    uint8_t both[2 * TD1_LEN];
    const uint8_t *second = next_line(check, TD1_LEN);
    if (!second || !byte_is_upper(first[0]) || !holds(first, 5, 14) || !holds(second, 0, 6) ||
        !holds(second, 8, 14))
        return false;
    memcpy(both, first, TD1_LEN);
    memcpy(both + TD1_LEN, second, TD1_LEN);
    const uint8_t parts[4][2] = {{upper[0][0], upper[0][1]},
                                 {TD1_LEN + lower[0][0], TD1_LEN + lower[0][1]},
                                 {TD1_LEN + lower[1][0], TD1_LEN + lower[1][1]},
                                 {TD1_LEN + lower[2][0], TD1_LEN + lower[2][1]}};
    if (!part_holds(both, parts, 4, second[TD1_LEN - 1]))
        return false;
    give(check, first + 2, first + 5);
    mark_bsn(check, first + 2, first + 15);
    check->value_end = (size_t)(second - check->text->data) + TD1_LEN;
    return true;
}

bool sp_check_mrz(struct sp_check *check)
{
    const uint8_t *line = check->text->data + check->begin;
    size_t len = check->end - check->begin;
    if (len == TD1_LEN)
        return check_card(check, line);
    if ((len != TD3_LEN && len != TD2_LEN) || line[0] == '<' || !check_two_lines(line, len))
        return false;
    give(check, line + 10, line);
    if (len == TD3_LEN) /* the optional field of the other has seven places */
        mark_bsn(check, line + 10, line + 28);
    return true;
}
