/* Dutch numbers of persons and companies. Wet algemene bepalingen BSN; RvIG; KVK;
 * Handelsregisterwet 2007; Belastingdienst (btw-id). */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

bool sp_eleven_test(const uint8_t digits[9])
{
    int sum = -(digits[8] - '0');
    for (int i = 0; i < 8; i++)
        sum += (9 - i) * (digits[i] - '0');
    return sum % 11 == 0;
}

/* Numbers of legal persons begin with 8 or 00; without a label that tells BSN and RSIN apart. */
static bool looks_like_rsin(const uint8_t digits[9])
{
    return digits[0] == '8' || (digits[0] == '0' && digits[1] == '0');
}

/* 123456782 and values of one repeated digit, whose last may be the check digit. */
static bool is_test_number(const uint8_t digits[9])
{
    if (memcmp(digits, "123456782", 9) == 0)
        return true;
    for (size_t i = 1; i < 8; i++) {
        if (digits[i] != digits[0])
            return false;
    }
    return true;
}

/* In bytes that no parser reads: one letter on a side, which may be a tag or a length. */
static bool is_tagged(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t begin = check->begin, end = check->end;
    if (text->kind != SP_RECORD_BYTES)
        return false;
    begin -= begin > 0 && byte_is_alpha(text->data[begin - 1]);
    end += end < text->len && byte_is_alpha(text->data[end]);
    bool left = begin == 0 || !byte_is_alnum(text->data[begin - 1]);
    return left && (end == text->len || !byte_is_alnum(text->data[end]));
}

/* Nine digits that pass the test, in a known grouping and on their own; an eighth digit short
 * only with a label, because a leading zero was lost. */
static bool read_nine(struct sp_check *check, uint8_t nine[9])
{
    struct sp_number number;
    if (!sp_number_read(check->text, check->begin, check->end, &number) || number.mixed)
        return false;
    bool short_one = number.count == 8 && sp_check_labelled(check);
    if (number.count != 9 && !short_one)
        return false;
    if (number.separator &&
        !sp_number_grouped_as(&number, short_one ? "3-3-2 2-3-3" : "3-3-3 4-2-3"))
        return false;
    nine[0] = '0';
    memcpy(nine + 9 - number.count, number.digits, number.count);
    struct sp_boundary boundary = sp_boundary_of(check, number.separator == ' ');
    boundary.name = true; /* dossier_111222333_2024.pdf */
    if (memcmp(nine, "000000000", 9) == 0 || !sp_eleven_test(nine))
        return false;
    if (sp_number_bounded(check->text, check->begin, check->end, &boundary))
        return true;
    check->other = is_tagged(check);
    return check->other;
}

bool sp_check_bsn(struct sp_check *check)
{
    uint8_t nine[9];
    if (!read_nine(check, nine))
        return false;
    if (looks_like_rsin(nine))
        check->base = SP_CONF_NONE;
    if (is_test_number(nine)) {
        check->attributes |= SP_ATTR_TEST_VALUE;
        check->base = SP_CONF_NONE;
        check->label = SP_CONF_MEDIUM;
    }
    sp_canonical_set(&check->canonical, nine, sizeof nine);
    return true;
}

bool sp_check_rsin(struct sp_check *check)
{
    uint8_t nine[9];
    if (!read_nine(check, nine))
        return false;
    if (!looks_like_rsin(nine))
        check->base = SP_CONF_NONE;
    sp_canonical_set(&check->canonical, nine, sizeof nine);
    return true;
}

/* The value fills a cell: of an extractor's field, or between delimiters in the text. */
static bool fills_cell(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    const struct sp_text_field *field = sp_text_field_find(text, check->begin);
    if (field && field->key.len)
        return true;
    return check->begin == 0 || byte_in(text->data[check->begin - 1], "\n\t;,|\"'(\x1F");
}

/* No check digit: only a label makes eight digits a KvK number. */
bool sp_check_kvk(struct sp_check *check)
{
    struct sp_number number;
    if (!sp_check_labelled(check) ||
        !sp_number_read(check->text, check->begin, check->end, &number) || number.mixed)
        return false;
    if (number.count != 8 && !(number.count == 7 && !number.separator && fills_cell(check)))
        return false;
    if (number.separator &&
        !sp_number_grouped_as(&number, number.separator == '.' ? "2-2-2-2" : "4-4 2-3-3"))
        return false;
    struct sp_boundary boundary = sp_boundary_of(check, number.separator == ' ');
    if (!sp_number_bounded(check->text, check->begin, check->end, &boundary))
        return false;
    uint8_t eight[8] = {'0'};
    memcpy(eight + 8 - number.count, number.digits, number.count);
    if (memcmp(eight, "00000000", 8) == 0)
        return false;
    sp_canonical_set(&check->canonical, eight, sizeof eight);
    check->attributes |= SP_ATTR_PUBLIC;
    return true;
}

/* Mod 97-10 over NL + nine digits + B + two digits, letters as numbers: sole traders. */
static bool vat_mod97(const uint8_t vat[14])
{
    unsigned rest = 0;
    for (size_t i = 0; i < 14; i++) {
        if (byte_is_digit(vat[i]))
            rest = (rest * 10 + (unsigned)(vat[i] - '0')) % 97;
        else
            rest = (rest * 100 + (unsigned)(vat[i] - 'A') + 10) % 97;
    }
    return rest == 1;
}

/* Takes in `NL` before the digits, with up to two separators. */
static bool take_country(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    size_t pos = check->begin;
    while (pos > 0 && check->begin - pos < 2 && byte_in(text->data[pos - 1], " .-"))
        pos--;
    if (pos < 2 || (text->data[pos - 1] | 0x20) != 'l' || (text->data[pos - 2] | 0x20) != 'n')
        return false;
    if (pos >= 3 &&
        (byte_is_digit(text->data[pos - 3]) || text->data[pos - 3] == '_' ||
         letter_before(text->data, pos - 2)) &&
        !sp_check_labelled(check))
        return false;
    check->value_begin = pos - 2;
    return true;
}

bool sp_check_vat_nl(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    uint8_t vat[14] = {'N', 'L'};
    size_t count = 2;
    for (size_t pos = check->begin; pos < check->end; pos++) {
        if (byte_in(text->data[pos], " .-"))
            continue;
        if (count == sizeof vat)
            return false;
        vat[count++] = byte_upper(text->data[pos]);
    }
    if (count != sizeof vat || memcmp(vat + 12, "00", 2) == 0)
        return false;
    bool eleven = sp_eleven_test(vat + 2) && memcmp(vat + 2, "000000000", 9) != 0;
    struct sp_boundary boundary = sp_boundary_of(check, false);
    if ((!eleven && !vat_mod97(vat)) || !sp_number_bounded_right(text, check->end, &boundary))
        return false;
    if (!take_country(check)) {
        if (!sp_number_bounded_left(text, check->begin, &boundary))
            return false;
        check->base = SP_CONF_LOW;
    }
    if (eleven && !looks_like_rsin(vat + 2))
        check->attributes |= SP_ATTR_EMBEDS_BSN;
    sp_canonical_set(&check->canonical, vat, sizeof vat);
    return true;
}
