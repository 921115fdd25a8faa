/* Payment cards: ISO/IEC 7812 (Luhn, issuer ranges and their lengths). BIC: ISO 9362. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

/* First four digits from-to, and the lengths as bits. */
static const struct issuer {
    uint16_t from, to;
    uint32_t lengths;                       /* bit n: n digits */
    enum { ISSUER_SURE, ISSUER_WIDE } sort; /* WIDE: ranges that other numbers hit often */
} issuers[] = {
    {4000, 4999, 1U << 13 | 1U << 16 | 1U << 19, ISSUER_SURE}, /* Visa */
    {5100, 5599, 1U << 16, ISSUER_SURE},                       /* Mastercard */
    {2221, 2720, 1U << 16, ISSUER_SURE},
    {3400, 3499, 1U << 15, ISSUER_SURE}, /* American Express */
    {3700, 3799, 1U << 15, ISSUER_SURE},
    {3000, 3059, 1U << 14, ISSUER_SURE}, /* Diners Club */
    {3095, 3095, 1U << 14, ISSUER_SURE},
    {3600, 3699, 1U << 14, ISSUER_SURE},
    {3800, 3999, 1U << 14, ISSUER_SURE},
    {3528, 3589, 1U << 16, ISSUER_SURE}, /* JCB */
    {6011, 6011, 1U << 16, ISSUER_SURE}, /* Discover */
    {6440, 6599, 1U << 16, ISSUER_SURE},
    {5000, 5099, 0xFFU << 12, ISSUER_WIDE}, /* Maestro, Bancontact: 12-19 */
    {5600, 5899, 0xFFU << 12, ISSUER_WIDE},
    {6000, 6999, 0xFFU << 12, ISSUER_WIDE}, /* and UnionPay 62 */
};

static const char test_pans[] =
    "4111111111111111 4242424242424242 5555555555554444 5105105105105100 378282246310005 "
    "371449635398431 30569309025904 38520000023237 6011111111111117 6011000990139424 "
    "3530111333300000 3566002020360505 2223000048410010 4000056655665556 4012888888881881";

static bool luhn(const struct sp_number *number)
{
    unsigned sum = 0;
    for (size_t i = 0; i < number->count; i++) {
        unsigned digit = (unsigned)(number->digits[number->count - 1 - i] - '0');
        if (i % 2)
            digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

static const struct issuer *find_issuer(const struct sp_number *number)
{
    unsigned head = 0;
    for (size_t i = 0; i < 4; i++)
        head = head * 10 + (unsigned)(number->digits[i] - '0');
    for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
        if (head >= issuers[i].from && head <= issuers[i].to &&
            (issuers[i].lengths >> number->count & 1))
            return &issuers[i];
    }
    return NULL;
}

/* `===============4274080186813559058==`: where Python parts a mail. */
static bool is_mail_boundary(const struct sp_check *check)
{
    const struct sp_text *text = check->text;
    return check->begin >= 2 && text->len - check->end >= 2 &&
           memcmp(text->data + check->begin - 2, "==", 2) == 0 &&
           memcmp(text->data + check->end, "==", 2) == 0;
}

bool sp_check_pan(struct sp_check *check)
{
    struct sp_number number;
    if (!sp_number_read(check->text, check->begin, check->end, &number) || number.mixed ||
        number.count < 12 || number.count > 19)
        return false;
    if (number.separator &&
        !sp_number_grouped_as(&number, "4-4-4-4 4-6-5 4-6-4 4-4-4-4-1 4-4-4-4-2 4-4-4-4-3"))
        return false;
    const struct issuer *issuer = find_issuer(&number);
    struct sp_boundary boundary = sp_boundary_of(check, number.separator == ' ');
    if (!issuer || !luhn(&number) || is_mail_boundary(check) ||
        !sp_number_bounded(check->text, check->begin, check->end, &boundary))
        return false;
    if (!number.separator)
        check->base = issuer->sort == ISSUER_WIDE ? SP_CONF_LOW : SP_CONF_MEDIUM;
    if (number.count == 13) /* an EAN looks the same */
        check->base = SP_CONF_NONE;
    if (memmem(test_pans, sizeof test_pans, number.digits, number.count))
        check->attributes |= SP_ATTR_TEST_VALUE;
    sp_canonical_set(&check->canonical, number.digits, number.count);
    return true;
}

static bool known_country(const uint8_t *code)
{
    static const char countries[] =
        "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA "
        "CD CG CH CI CL CM CN CO CR CU CV CW CY CZ DE DJ DK DO DZ EC EE EG ES ET FI FJ FO FR GA GB "
        "GE GG GH GI GL GM GN GR GT GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG "
        "KH KR KW KY KZ LA LB LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW "
        "MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PG PH PK PL PS PT PY QA RO RS RU RW SA SB SC SD "
        "SE SG SI SK SL SM SN SO SR ST SV SX SY SZ TD TG TH TJ TL TM TN TO TR TT TW TZ UA UG US UY "
        "UZ VA VC VE VG VN VU WS XK YE ZA ZM ZW";
    return memmem(countries, sizeof countries, code, 2) != NULL;
}

/* Banks whose BIC stands without a label in Dutch and Belgian texts. */
static bool known_bank(const uint8_t *bic)
{
    static const char banks[] =
        "ABNANL RABONL INGBNL SNSBNL ASNBNL RBRBNL TRIONL BUNQNL KNABNL FVLBNL REVONL BITSNL "
        "HANDNL NNBANL GKCCBE KREDBE GEBABE BBRUBE AXABBE ARSPBE NICABE BPOTBE TRIOBE CREGBE "
        "JVBABE VDSPBE KEYTBE";
    return memmem(banks, sizeof banks, bic, 6) != NULL;
}

bool sp_check_bic(struct sp_check *check)
{
    const struct sp_text *text = check->text;
    const uint8_t *bic = text->data + check->begin;
    size_t len = check->end - check->begin;
    if ((len != 8 && len != 11) || !known_country(bic + 4) ||
        letter_before(text->data, check->begin) || letter_at(text->data, text->len, check->end))
        return false;
    if (known_bank(bic))
        check->base = SP_CONF_MEDIUM;
    else if (!sp_check_labelled(check))
        return false; /* any word of eight capitals */
    if (len == 11 && memcmp(bic + 8, "XXX", 3) == 0)
        len = 8;
    check->attributes |= SP_ATTR_PUBLIC;
    sp_canonical_set(&check->canonical, bic, len);
    return true;
}
