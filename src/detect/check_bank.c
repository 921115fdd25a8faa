/* IBAN. ISO 13616; structures: SWIFT IBAN Registry release 101, as carried by python-stdnum 2.2,
 * lengths cross-checked with ibantools. Dutch bank codes: the BIC list of the Betaalvereniging,
 * evidence only: new banks appear. The old Dutch 11-test does not hold for all accounts and is
 * not made. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

enum { IBAN_MAX = 34, BLANKS_MAX = 4 };

/* BBAN structure: counts with n digit, a capital letter, c either. */
static const struct iban_country {
    char code[3];
    char structure[10];
} iban_countries[] = {
    {"AD", "8n12c"},    {"AE", "19n"},      {"AL", "8n16c"},    {"AT", "16n"},
    {"AZ", "4a20c"},    {"BA", "16n"},      {"BE", "12n"},      {"BG", "4a6n8c"},
    {"BH", "4a14c"},    {"BI", "23n"},      {"BR", "23n1a1c"},  {"BY", "4c4n16c"},
    {"CH", "5n12c"},    {"CR", "18n"},      {"CY", "8n16c"},    {"CZ", "20n"},
    {"DE", "18n"},      {"DJ", "23n"},      {"DK", "14n"},      {"DO", "4c20n"},
    {"EE", "16n"},      {"EG", "25n"},      {"ES", "20n"},      {"FI", "14n"},
    {"FK", "2a12n"},    {"FO", "14n"},      {"FR", "10n11c2n"}, {"GB", "4a14n"},
    {"GE", "2a16n"},    {"GI", "4a15c"},    {"GL", "14n"},      {"GR", "7n16c"},
    {"GT", "24c"},      {"HN", "4a20n"},    {"HR", "17n"},      {"HU", "24n"},
    {"IE", "4a14n"},    {"IL", "19n"},      {"IQ", "4a15n"},    {"IS", "22n"},
    {"IT", "1a10n12c"}, {"JO", "4a4n18c"},  {"KW", "4a22c"},    {"KZ", "3n13c"},
    {"LB", "4n20c"},    {"LC", "4a24c"},    {"LI", "5n12c"},    {"LT", "16n"},
    {"LU", "3n13c"},    {"LV", "4a13c"},    {"LY", "21n"},      {"MC", "10n11c2n"},
    {"MD", "20c"},      {"ME", "18n"},      {"MK", "3n10c2n"},  {"MN", "16n"},
    {"MR", "23n"},      {"MT", "4a5n18c"},  {"MU", "4a19n3a"},  {"NI", "4a20n"},
    {"NL", "4a10n"},    {"NO", "11n"},      {"OM", "3n16c"},    {"PK", "4a16c"},
    {"PL", "24n"},      {"PS", "4a21c"},    {"PT", "21n"},      {"QA", "4a21c"},
    {"RO", "4a16c"},    {"RS", "18n"},      {"RU", "14n15c"},   {"SA", "2n18c"},
    {"SC", "4a20n3a"},  {"SD", "14n"},      {"SE", "20n"},      {"SI", "15n"},
    {"SK", "20n"},      {"SM", "1a10n12c"}, {"SO", "19n"},      {"ST", "21n"},
    {"SV", "4a20n"},    {"TL", "19n"},      {"TN", "20n"},      {"TR", "6n16c"},
    {"UA", "6n19c"},    {"VA", "18n"},      {"VG", "4a16n"},    {"XK", "16n"},
    {"YE", "4a4n18c"},
};

static const char nl_bank_codes[] =
    "AABN ABNA ABNC ADYB AEGO ANDL ARBN ARSN ASNB ATBA BCDM BCIT BICK BINK BITS BKCH "
    "BKMG BLGW BMEU BNDA BNGH BNPA BOFA BOFS BOTK BUNQ CHAS CITC CITI COBA DEUT DHBN "
    "DLBK DNIB EBUR FBHL FLOR FRNX FTSB FVLB GILL HAND HHBA HSBC ICBC ICBK INGB ISAE "
    "ISBK KABA KASA KNAB KOEX KRED LOCY LOYD LPLN MHCB MOYO NNBA NWAB PCBC PSTB RABO "
    "RBRB REVO SNSB SOGE TRIO UGBI VOWA ZWLB";

/* Printed as examples by the registry, banks and the Betaalvereniging. */
static const char test_ibans[] =
    "NL91ABNA0417164300 NL02ABNA0123456789 NL20INGB0001234567 BE68539007547034 "
    "BE71096123456769 DE89370400440532013000 FR1420041010050500013M02606 "
    "GB29NWBK60161331926819 GB33BUKB20201555555555 LU280019400644750000";

static const char *country_structure(const uint8_t code[2])
{
    for (size_t i = 0; i < sizeof iban_countries / sizeof iban_countries[0]; i++) {
        if (memcmp(iban_countries[i].code, code, 2) == 0)
            return iban_countries[i].structure;
    }
    return NULL;
}

static bool is_kind(uint8_t upper, char kind)
{
    if (kind == 'n')
        return byte_is_digit(upper);
    return kind == 'a' ? byte_is_upper(upper) : byte_is_digit(upper) || byte_is_upper(upper);
}

/* ISO 7064 mod 97-10 over the characters, the first four moved to the end. */
static unsigned mod97(const uint8_t *iban, size_t len)
{
    unsigned rest = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = iban[(i + 4) % len];
        if (byte_is_digit(byte))
            rest = (rest * 10 + (unsigned)(byte - '0')) % 97;
        else
            rest = (rest * 100 + (unsigned)(byte - 'A') + 10) % 97;
    }
    return rest;
}

/* Reading characters with single separators between them. */
struct iban_reader {
    const struct sp_check *check;
    size_t pos; /* of the next character */
    uint8_t chars[IBAN_MAX];
    size_t count;
    bool newline; /* one was skipped */
};

/* Skips one separator or a few blanks (columns, pages of a PDF), with a label also one newline. */
static void skip_separator(struct iban_reader *reader)
{
    const struct sp_text *text = reader->check->text;
    if (reader->pos >= text->len)
        return;
    uint8_t byte = text->data[reader->pos];
    size_t blanks = 0;
    while (reader->pos + blanks < text->len && blanks < BLANKS_MAX &&
           byte_in(text->data[reader->pos + blanks], " \t"))
        blanks++;
    if (byte_in(byte, "-."))
        reader->pos++;
    else if (blanks)
        reader->pos += blanks;
    else if (byte == '\n' && !reader->newline && sp_check_labelled(reader->check)) {
        reader->newline = true;
        reader->pos++;
    }
}

static bool read_character(struct iban_reader *reader, char kind)
{
    const struct sp_text *text = reader->check->text;
    if (reader->count)
        skip_separator(reader);
    if (reader->pos >= text->len || reader->count == IBAN_MAX)
        return false;
    uint8_t upper = byte_upper(text->data[reader->pos]);
    if (!is_kind(upper, kind))
        return false;
    reader->chars[reader->count++] = upper;
    reader->pos++;
    return true;
}

static bool read_iban(struct iban_reader *reader)
{
    for (unsigned i = 0; i < 4; i++) {
        if (!read_character(reader, i < 2 ? 'a' : 'n'))
            return false;
    }
    const char *structure = country_structure(reader->chars);
    while (structure && *structure) {
        unsigned repeat = 0;
        while (byte_is_digit((uint8_t)*structure))
            repeat = repeat * 10 + (unsigned)(*structure++ - '0');
        for (; repeat; repeat--) {
            if (!read_character(reader, *structure))
                return false;
        }
        structure++;
    }
    return structure != NULL;
}

/* From the first check digit back to the country code: two letters, single separators. */
static bool country_begin(const struct sp_text *text, size_t digit, size_t *begin)
{
    size_t pos = digit;
    for (unsigned letters = 0; letters < 2; letters++) {
        if (pos > 0 && byte_in(text->data[pos - 1], " -."))
            pos--;
        if (pos == 0 || !byte_is_alpha(text->data[pos - 1]))
            return false;
        pos--;
    }
    *begin = pos;
    return true;
}

static bool left_is_free(const struct sp_check *check, size_t begin)
{
    const struct sp_text *text = check->text;
    if (begin == 0 || sp_escape_before(text, begin))
        return true;
    uint8_t before = text->data[begin - 1];
    bool is_free = !letter_before(text->data, begin);
    if (byte_is_digit(before)) /* a percent-coded byte */
        is_free = begin >= 3 && text->data[begin - 3] == '%';
    else if (before == '_')
        is_free = true; /* afschrift_NL… */
    return is_free || sp_check_labelled(check);
}

/* MT940 (SWIFT) writes the currency behind the account: :25:NL91ABNA0417164300EUR */
static bool currency_at(const struct sp_text *text, size_t pos)
{
    static const char currencies[] = "EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON BGN JPY CAD AUD";
    if (text->len - pos < 3 || memchr(text->data + pos, ' ', 3) ||
        !memmem(currencies, sizeof currencies - 1, text->data + pos, 3))
        return false;
    return pos + 3 == text->len ||
           (!byte_is_digit(text->data[pos + 3]) && !letter_at(text->data, text->len, pos + 3));
}

static bool right_is_free(const struct sp_check *check, size_t end)
{
    const struct sp_text *text = check->text;
    if (end >= text->len)
        return true;
    if (text->data[end] == '_' || currency_at(text, end))
        return true;
    return !byte_is_digit(text->data[end]) && !letter_at(text->data, text->len, end);
}

/* Four letters of a bank: with them an IBAN is told from any digits around it, in a record of fixed
 * width or beside a tag. Without them digits may be anything. */
static bool has_bank(const struct iban_reader *reader)
{
    for (size_t i = 4; i < 8; i++)
        if (i >= reader->count || !byte_is_alpha(reader->chars[i]))
            return false;
    return true;
}

/* The candidate is the two check digits; the country code stands before it. */
bool sp_check_iban(struct sp_check *check)
{
    size_t begin = 0;
    if (!country_begin(check->text, check->begin, &begin))
        return false;
    struct iban_reader reader = {.check = check, .pos = begin};
    if (!read_iban(&reader))
        return false;
    if (!left_is_free(check, begin) || !right_is_free(check, reader.pos)) {
        if (!has_bank(&reader))
            return false;
        check->other = true;
    }
    unsigned digits = (unsigned)(reader.chars[2] - '0') * 10 + (unsigned)(reader.chars[3] - '0');
    if (digits < 2 || digits > 98 || mod97(reader.chars, reader.count) != 1)
        return false;
    sp_canonical_set(&check->canonical, reader.chars, reader.count);
    check->value_begin = begin;
    check->value_end = reader.pos;
    if (memcmp(reader.chars, "NL", 2) == 0 &&
        memmem(nl_bank_codes, sizeof nl_bank_codes, reader.chars + 4, 4))
        check->attributes |= SP_ATTR_KNOWN_BANK;
    if (memmem(test_ibans, sizeof test_ibans, reader.chars, reader.count))
        check->attributes |= SP_ATTR_TEST_VALUE;
    return true;
}
