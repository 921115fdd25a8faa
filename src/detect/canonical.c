/* Canonical forms of values that a person typed, and the weaker forms for possible matches. A
 * typed value goes through the same validator as a match, with a label before it, and must be
 * used up whole. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/mailtext.h"
#include "detect/name.h"

/* Where in a typed value its candidate begins. */
enum start {
    START_WHOLE, /* the value itself */
    START_DIGIT, /* the first digit: what stands before it is taken in */
    START_AT     /* the at-mark */
};

static const struct typed {
    enum sp_type type;
    sp_validate validate;
    enum start start;
} typed_checks[] = {
    {SP_TYPE_IBAN, sp_check_iban, START_DIGIT},
    {SP_TYPE_BSN, sp_check_bsn, START_WHOLE},
    {SP_TYPE_RSIN, sp_check_rsin, START_WHOLE},
    {SP_TYPE_KVK, sp_check_kvk, START_WHOLE},
    {SP_TYPE_EMAIL, sp_check_email, START_AT},
    {SP_TYPE_PHONE, sp_check_phone, START_WHOLE},
    {SP_TYPE_VAT_NL, sp_check_vat_nl, START_DIGIT},
    {SP_TYPE_BE_KBO, sp_check_be_kbo, START_DIGIT},
    {SP_TYPE_BE_NRN, sp_check_be_nrn, START_WHOLE},
    {SP_TYPE_DOB, sp_check_dob, START_WHOLE},
    {SP_TYPE_IP, sp_check_ip, START_WHOLE},
    {SP_TYPE_MAC, sp_check_mac, START_WHOLE},
    {SP_TYPE_PAN, sp_check_pan, START_WHOLE},
    {SP_TYPE_ID_NL, sp_check_id_nl, START_WHOLE},
    {SP_TYPE_PLATE, sp_check_plate, START_WHOLE},
    {SP_TYPE_BIC, sp_check_bic, START_WHOLE},
    {SP_TYPE_CUSTOMER_NO, sp_check_customer_no, START_WHOLE},
    {SP_TYPE_USERNAME, sp_check_username, START_WHOLE},
};

static struct sp_slice trim(struct sp_slice value)
{
    while (value.len && byte_in(value.ptr[0], " \t\n\r")) {
        value.ptr++;
        value.len--;
    }
    while (value.len && byte_in(value.ptr[value.len - 1], " \t\n\r"))
        value.len--;
    return value;
}

static const struct typed *find_typed(enum sp_type type)
{
    for (size_t i = 0; i < sizeof typed_checks / sizeof typed_checks[0]; i++) {
        if (typed_checks[i].type == type)
            return &typed_checks[i];
    }
    return NULL;
}

static size_t start_of(const struct typed *typed, struct sp_slice value)
{
    for (size_t pos = 0; pos < value.len; pos++) {
        if (typed->start == START_DIGIT ? byte_is_digit(value.ptr[pos]) : value.ptr[pos] == '@')
            return pos;
    }
    return value.len;
}

static enum sp_err not_valid(enum sp_type type, struct sp_why *why)
{
    return sp_fail(why, SP_ERR_FORMAT, "not a valid value of type %s", sp_type_name(type));
}

enum sp_err sp_canonical_from_value(enum sp_type type, struct sp_slice value, enum sp_region region,
                                    struct sp_canonical *out, unsigned *attributes,
                                    struct sp_why *why)
{
    if (type == SP_TYPE_ADDRESS)
        return sp_address_canonical(value, region, out, attributes, why);
    if (type == SP_TYPE_NAME) {
        *attributes = 0;
        return sp_name_canonical(value, out)
                   ? SP_OK
                   : sp_fail(why, SP_ERR_FORMAT,
                             "a name wants a first name or an initial, and a surname");
    }
    if (sp_type_is_category(type))
        return sp_fail(why, SP_ERR_FORMAT, "%s is a category: nobody can be looked for by it",
                       sp_type_name(type));
    const struct typed *typed = find_typed(type);
    value = trim(value);
    if (!typed || !value.len || value.len > SP_VALUE_MAX || !sp_utf8_valid(value))
        return not_valid(type, why);
    struct sp_text_record record = {.end = (uint32_t)value.len, .kind = SP_RECORD_DOCUMENT};
    struct sp_text text = {
        .data = value.ptr,
        .len = value.len,
        .own_end = value.len,
        .first = true,
        .last = true,
        .kind = SP_RECORD_DOCUMENT,
        .records = &record,
        .record_count = 1,
    };
    size_t begin = typed->start == START_WHOLE ? 0 : start_of(typed, value);
    struct sp_check check = {
        .text = &text,
        .begin = begin,
        .end = typed->start == START_AT ? begin + 1 : value.len,
        .context = SP_CONTEXT_LABEL,
        .region = region,
        .value_begin = begin,
        .value_end = value.len,
        .base = SP_CONF_MEDIUM,
        .label = SP_CONF_HIGH,
    };
    if (begin == value.len || !typed->validate(&check) || check.value_begin != 0 ||
        check.value_end != value.len)
        return not_valid(type, why);
    *out = check.canonical;
    *attributes = check.attributes;
    return SP_OK;
}

/* Without `+tag`; for Google Mail also without dots and with one domain. */
static void mail_alias(const struct sp_canonical *exact, struct sp_canonical *out)
{
    const uint8_t *at = memchr(exact->bytes, '@', exact->len);
    size_t local = at ? (size_t)(at - exact->bytes) : exact->len;
    struct sp_slice domain = {exact->bytes + local, exact->len - local};
    bool google = sp_slice_is(domain, "@gmail.com") || sp_slice_is(domain, "@googlemail.com");
    const uint8_t *plus = memchr(exact->bytes, '+', local);
    if (plus && plus > exact->bytes)
        local = (size_t)(plus - exact->bytes);
    out->len = 0;
    for (size_t i = 0; i < local; i++) {
        if (!google || exact->bytes[i] != '.')
            out->bytes[out->len++] = exact->bytes[i];
    }
    if (google)
        domain = sp_slice_of("@gmail.com");
    memcpy(out->bytes + out->len, domain.ptr, domain.len);
    out->len = (uint16_t)(out->len + domain.len);
}

/* The addition is the part behind the third colon (`NL:1234AB:12:B` gives `NL:1234AB:12:`); what
 * follows it stays, because a Belgian postcode does not fix the street. */
static bool address_without_addition(const struct sp_canonical *exact, struct sp_canonical *out)
{
    size_t colons = 0, pos = 0;
    while (pos < exact->len && colons < 3)
        colons += exact->bytes[pos++] == ':';
    memcpy(out->bytes, exact->bytes, pos);
    out->len = (uint16_t)pos;
    while (pos < exact->len && exact->bytes[pos] != ':')
        pos++;
    memcpy(out->bytes + out->len, exact->bytes + pos, exact->len - pos);
    out->len = (uint16_t)(out->len + exact->len - pos);
    return colons > 0;
}

bool sp_canonical_possible(enum sp_type type, const struct sp_canonical *exact,
                           struct sp_canonical *out)
{
    if (type == SP_TYPE_ADDRESS)
        return address_without_addition(exact, out);
    if (type == SP_TYPE_NAME)
        return sp_name_initial(exact, out);
    if (type != SP_TYPE_EMAIL)
        return false;
    mail_alias(exact, out);
    return true;
}

bool sp_canonical_embedded_bsn(enum sp_type type, const struct sp_canonical *exact,
                               struct sp_canonical *out)
{
    if (type == SP_TYPE_RSIN) { /* the same nine digits: a person's number under the wrong label */
        *out = *exact;
        return true;
    }
    if (type != SP_TYPE_VAT_NL || exact->len != 14 || !sp_eleven_test(exact->bytes + 2) ||
        exact->bytes[2] == '8' || memcmp(exact->bytes + 2, "00", 2) == 0)
        return false;
    memcpy(out->bytes, exact->bytes + 2, 9);
    out->len = 9;
    return true;
}
