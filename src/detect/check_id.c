/* Dutch identity documents (RvIG) and number plates (RDW side codes). */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

/* The candidate without separators, in capitals; 0 when it does not fit. */
static size_t compact(const struct sp_check *check, uint8_t *out, size_t max)
{
    size_t count = 0;
    for (size_t pos = check->begin; pos < check->end; pos++) {
        uint8_t byte = check->text->data[pos];
        if (!byte_is_alnum(byte))
            continue;
        if (count == max)
            return 0;
        out[count++] = byte_upper(byte);
    }
    return count;
}

static bool bounded(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    bool name = sp_boundary_of(check, false).name;
    if (check->begin > 0) {
        uint8_t before = text->data[check->begin - 1];
        if (byte_is_digit(before) || letter_before(text->data, check->begin) ||
            (before == '_' && !name) || before == '-')
            return false;
    }
    if (check->end >= text->len)
        return true;
    uint8_t behind = text->data[check->end];
    if (behind == '-' && check->end + 1 < text->len)
        return !byte_is_alnum(text->data[check->end + 1]);
    return !byte_is_digit(behind) && !letter_at(text->data, text->len, check->end) &&
           (behind != '_' || name);
}

/* Two letters, six letters or digits, a digit; never the letter O. */
bool sp_check_id_nl(struct sp_check *check)
{
    uint8_t id[9];
    size_t digits = 0;
    if (!sp_check_labelled(check) || compact(check, id, sizeof id) != sizeof id || !bounded(check))
        return false;
    for (size_t i = 0; i < sizeof id; i++) {
        digits += byte_is_digit(id[i]);
        if (id[i] == 'O' || (i < 2 && !byte_is_upper(id[i])))
            return false;
    }
    if (!byte_is_digit(id[8]) || digits < 2) /* a word with one digit behind it is none */
        return false;
    sp_canonical_set(&check->canonical, id, sizeof id);
    return true;
}

/* Side codes as letters and digits without dashes; the first three may have vowels and C. */
static const char *const side_codes[] = {
    "AA9999", "9999AA", "99AA99", "AA99AA", "AAAA99", "99AAAA", "99AAA9",
    "9AAA99", "AA999A", "A999AA", "AAA99A", "9AA999", "A99AAA", "999AA9",
};

enum { OLD_CODES = 3 };

static bool fits_code(const uint8_t plate[6], const char *code, bool old)
{
    for (size_t i = 0; i < 6; i++) {
        if ((code[i] == '9') != byte_is_digit(plate[i]))
            return false;
        if (code[i] == 'A' && !old && byte_in(plate[i], "AEIUCQ"))
            return false;
    }
    return true;
}

bool sp_check_plate(struct sp_check *check)
{
    uint8_t plate[6];
    const struct sp_text *text = check->text;
    bool dashed = memchr(text->data + check->begin, '-', check->end - check->begin) != NULL;
    if (compact(check, plate, sizeof plate) != sizeof plate || !bounded(check) ||
        memmem(plate, sizeof plate, "SS", 2) || memmem(plate, sizeof plate, "SD", 2))
        return false;
    if (!dashed && !sp_check_labelled(check))
        return false;
    for (size_t i = 0; i < sizeof side_codes / sizeof side_codes[0]; i++) {
        if (!fits_code(plate, side_codes[i], i < OLD_CODES))
            continue;
        sp_canonical_set(&check->canonical, plate, sizeof plate);
        return true;
    }
    return false;
}
