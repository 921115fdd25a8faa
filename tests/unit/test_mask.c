/* floors: sp_store
 * Masks: one row a value. Never more than the rule of the type tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "store/seal.h"

static const struct {
    enum sp_type type;
    const char *canonical;
    const char *mask;
} rows[] = {
    {SP_TYPE_IBAN, "NL91ABNA0417164300", "NL***300"},
    {SP_TYPE_IBAN, "BE68539007547034", "BE***034"},
    {SP_TYPE_IBAN, "91", "***"},
    {SP_TYPE_IBAN, "NL12", "***"},
    {SP_TYPE_BSN, "111222333", "***333"},
    {SP_TYPE_BSN, "1112223", "***"},
    {SP_TYPE_BE_NRN, "85073003328", "***328"},
    {SP_TYPE_PAN, "4111111111111111", "***111"},
    {SP_TYPE_KVK, "12345678", "***678"},
    {SP_TYPE_RSIN, "810000000", "8***"},
    {SP_TYPE_PHONE, "+31612345678", "***678"},
    {SP_TYPE_PHONE, "+311402", "***"},
    {SP_TYPE_EMAIL, "jan.jansen@voorbeeld.nl", "j***@v***.nl"},
    {SP_TYPE_EMAIL, "jan@mail.voorbeeld.co.uk", "j***@m***.uk"},
    {SP_TYPE_EMAIL, "jan@localhost", "j***@l***"},
    {SP_TYPE_EMAIL, "\"a@b\"@voorbeeld.nl", "\"***@v***.nl"},
    {SP_TYPE_EMAIL, "jan@192.0.2.1", "j***@1***"},
    {SP_TYPE_EMAIL, "jan@voorbeeld.averyveryverylongtoplevel", "j***@v***"},
    {SP_TYPE_EMAIL, "@voorbeeld.nl", "***"},
    {SP_TYPE_EMAIL, "jan@", "***"},
    {SP_TYPE_EMAIL, "jan", "***"},
    {SP_TYPE_EMAIL, "\xc3\xa9lise@\xc3\xa9t\xc3\xa9.fr", "\xc3\xa9***@\xc3\xa9***.fr"},
    {SP_TYPE_EMAIL, "a\xff@\xffz.nl", "***"},
    {SP_TYPE_ADDRESS, "NL:1234AB:12:A", "1234***"},
    {SP_TYPE_ADDRESS, "BE:2580:1::kerkstraat", "2580***"},
    {SP_TYPE_ADDRESS, "NL::12:A:kerkstraat:utrecht", "***"},
    {SP_TYPE_ADDRESS, "IE:D04E5W5:4:", "***"},
    {SP_TYPE_ADDRESS, "1234", "***"},
    {SP_TYPE_DOB, "1980-03-12", "1980***"},
    {SP_TYPE_DOB, "198", "***"},
    {SP_TYPE_DOB, "19800312", "***"},
    {SP_TYPE_IP, "192.0.2.17", "192.***"},
    {SP_TYPE_IP, "2001:db8::1", "2001:***"},
    {SP_TYPE_IP, "::ffff:192.0.2.1", "***"},
    {SP_TYPE_MAC, "02:00:5e:10:00:01", "02:***"},
    {SP_TYPE_VAT_NL, "NL123456782B12", "N***"},
    {SP_TYPE_PLATE, "12ABCD", "1***"},
    {SP_TYPE_NAME, "jan|jansen", "j*** j***"},
    {SP_TYPE_NAME, "j.|\xc3\xa9lise", "j*** \xc3\xa9***"},
    {SP_TYPE_NAME, "j|", "*** ***"},
    {SP_TYPE_USERNAME, "jjansen", "j***"},
    {SP_TYPE_USERNAME, "j", "***"},
    {SP_TYPE_USERNAME, "\xc3\xa9", "***"},
    {SP_TYPE_USERNAME, "\xc3\xa9lise", "\xc3\xa9***"},
    {SP_TYPE_USERNAME, "\x1b[31m", "***"},
    {SP_TYPE_USERNAME, "\xe2\x82", "***"},
    {SP_TYPE_COOKIE, "GA1.2.123456789.1600000000", "G***"},
    {SP_TYPE_MRZ, "NLD:SPECI2014", "N***"},
    {SP_TYPE_BSN, "1234567\xe2\x82\xac", "***67\xe2\x82\xac"},
    {SP_TYPE_BSN, "", "***"},
};

static struct sp_canonical canonical_of(const char *text)
{
    struct sp_canonical canonical = {.len = (uint16_t)strlen(text)};

    memcpy(canonical.bytes, text, canonical.len);
    return canonical;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sp_canonical canonical = canonical_of(rows[i].canonical);
        char mask[SP_MASK_LEN];

        memset(mask, 'x', sizeof mask);
        sp_mask(rows[i].type, &canonical, true, mask);
        if (strcmp(mask, rows[i].mask) != 0)
            fail_msg("row %zu: %s instead of %s", i, mask, rows[i].mask);
        sp_mask(rows[i].type, &canonical, false, mask);
        assert_string_equal(mask, "***");
    }
}

/* Any bytes for any type: terminated, valid UTF-8, and at most half of a long value. */
static void test_any_bytes(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 50000; round++) {
        enum sp_type type = (enum sp_type)(round % SP_TYPE_COUNT);
        struct sp_canonical canonical;
        char mask[SP_MASK_LEN];

        seed = seed * 1664525u + 1013904223u;
        canonical.len = (uint16_t)((seed >> 8) % (SP_CANONICAL_MAX + 1));
        for (unsigned i = 0; i < canonical.len; i++) {
            seed = seed * 1664525u + 1013904223u;
            canonical.bytes[i] =
                (seed >> 30) ? (uint8_t)("a1@.:Z9-"[(seed >> 24) & 7]) : (uint8_t)(seed >> 16);
        }
        memset(mask, 'x', sizeof mask);
        sp_mask(type, &canonical, true, mask);
        assert_non_null(memchr(mask, '\0', sizeof mask));
        assert_true(sp_utf8_valid(sp_slice_of(mask)));
        assert_non_null(strstr(mask, "***"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
