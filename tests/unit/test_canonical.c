/* Canonical forms of typed values. floors: sp_detect */
#include "detect_fixture.h"

#include "speur/patterns.h"

static const struct {
    enum sp_type type;
    enum sp_region region;
    const char *typed, *canonical; /* NULL: refused */
} typed_values[] = {
    {SP_TYPE_IBAN, SP_REGION_NL, " nl02 abna 0123 4567 89 ", "NL02ABNA0123456789"},
    {SP_TYPE_IBAN, SP_REGION_NL, "BE68 5390 0754 7034", "BE68539007547034"},
    {SP_TYPE_IBAN, SP_REGION_NL, "NL02ABNA0123456780", NULL},
    {SP_TYPE_IBAN, SP_REGION_NL, "NL02ABNA0123456789 x", NULL},
    {SP_TYPE_BSN, SP_REGION_NL, "1112.22.333", "111222333"},
    {SP_TYPE_BSN, SP_REGION_NL, "12345672", "012345672"},
    {SP_TYPE_BSN, SP_REGION_NL, "123456789", NULL},
    {SP_TYPE_RSIN, SP_REGION_NL, "8123.45.678", "812345678"},
    {SP_TYPE_KVK, SP_REGION_NL, "12 345 678", "12345678"},
    {SP_TYPE_KVK, SP_REGION_NL, "123456", NULL},
    {SP_TYPE_VAT_NL, SP_REGION_NL, "NL 8225.69.759 b01", "NL822569759B01"},
    {SP_TYPE_VAT_NL, SP_REGION_NL, "NL 8123.45.678 b01", "NL812345678B01"},
    {SP_TYPE_VAT_NL, SP_REGION_NL, "999001231B02", "NL999001231B02"},
    {SP_TYPE_EMAIL, SP_REGION_NL, "Jan.Jansen+x@Example.NL", "jan.jansen+x@example.nl"},
    {SP_TYPE_EMAIL, SP_REGION_NL, "Jan@M\xC3\x9CNCHEN.example", "jan@xn--mnchen-3ya.example"},
    {SP_TYPE_EMAIL, SP_REGION_NL, "jan@xn--mnchen-3ya.example", "jan@xn--mnchen-3ya.example"},
    {SP_TYPE_EMAIL, SP_REGION_NL, "a@\xE9\xA3\x9F\xE7\x8B\xAE.\xE5\x85\xAC\xE5\x8F\xB8.cn",
     "a@xn--85x722f.xn--55qx5d.cn"},
    {SP_TYPE_EMAIL, SP_REGION_NL, "jan", NULL},
    {SP_TYPE_EMAIL, SP_REGION_NL, "jan@example.nl, piet@example.nl", NULL},
    {SP_TYPE_PHONE, SP_REGION_NL, "06 12 34 56 78", "+31612345678"},
    {SP_TYPE_PHONE, SP_REGION_NL, "(020) 123 45 67", "+31201234567"},
    {SP_TYPE_PHONE, SP_REGION_NL, "612345678", "+31612345678"},
    {SP_TYPE_PHONE, SP_REGION_NL, "0475/12.34.56", "+32475123456"},
    {SP_TYPE_PHONE, SP_REGION_NL, "0475-123456", "+31475123456"},
    {SP_TYPE_PHONE, SP_REGION_BE, "0475-123456", "+32475123456"},
    {SP_TYPE_PHONE, SP_REGION_NL, "14 020", "+3114020"},
    {SP_TYPE_PHONE, SP_REGION_NL, "112", NULL},
    {SP_TYPE_EMAIL, SP_REGION_NL, "", NULL},
    {SP_TYPE_BE_KBO, SP_REGION_NL, "BE 0403.019.261", "0403019261"},
    {SP_TYPE_BE_NRN, SP_REGION_NL, "85.07.30-033.28", "85073003328"},
    {SP_TYPE_DOB, SP_REGION_NL, "12-03-1980", "1980-03-12"},
    {SP_TYPE_DOB, SP_REGION_NL, "1980-02-30", NULL},
    {SP_TYPE_IP, SP_REGION_NL, "2001:0DB8:0:0::1", "2001:db8::1"},
    {SP_TYPE_MAC, SP_REGION_NL, "001A.2B3C.4D5E", "00:1a:2b:3c:4d:5e"},
    {SP_TYPE_PAN, SP_REGION_NL, "4111-1111-1111-1111", "4111111111111111"},
    {SP_TYPE_ID_NL, SP_REGION_NL, "xr 1001r5 8", "XR1001R58"},
    {SP_TYPE_PLATE, SP_REGION_NL, "12-gbb-3", "12GBB3"},
    {SP_TYPE_BIC, SP_REGION_NL, "INGBNL2AXXX", "INGBNL2A"},
    {SP_TYPE_CUSTOMER_NO, SP_REGION_NL, "k-20013", "K-20013"},
    {SP_TYPE_USERNAME, SP_REGION_NL, "JdeVries", "jdevries"},
    {SP_TYPE_ADDRESS, SP_REGION_NL, "Dorpsstraat 12b, 1234 AB Voorbeeld", "NL:1234AB:12:B"},
};

static const struct {
    const char *address, *inside; /* NULL: none */
} made_addresses[] = {
    {"bounce+jan.x=voorbeeld.example@lijst.example", "jan.x@voorbeeld.example"},
    {"bounces+613-ab12-jan-x=voorbeeld.example@l.example", "jan-x@voorbeeld.example"},
    {"list-return-12-jan=voorbeeld.example@lijst.example", "jan@voorbeeld.example"},
    {"srs0=hhh=tt=voorbeeld.example=jan@fwd.example", "jan@voorbeeld.example"},
    {"srs0=jan@fwd.example", NULL},
    {"jan@voorbeeld.example", NULL},
    {"a=b@voorbeeld.example", NULL},
    {"bounce+jan=x@voorbeeld.example", NULL},
    {"bounce+=voorbeeld.example@lijst.example", NULL},
    {"=@x.example", NULL},
};

static void test_embedded_mail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made_addresses / sizeof made_addresses[0]; i++) {
        struct sp_canonical exact = {.len = (uint16_t)strlen(made_addresses[i].address)};
        struct sp_canonical inside;
        memcpy(exact.bytes, made_addresses[i].address, exact.len);
        bool has = sp_canonical_embedded_mail(&exact, &inside);
        if (has != (made_addresses[i].inside != NULL) ||
            (has && (inside.len != strlen(made_addresses[i].inside) ||
                     memcmp(inside.bytes, made_addresses[i].inside, inside.len) != 0)))
            fail_msg("%s", made_addresses[i].address);
    }
}

static void test_typed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof typed_values / sizeof typed_values[0]; i++) {
        struct sp_canonical canonical = {0};
        struct sp_why why = {{0}};
        unsigned attributes = 0;
        enum sp_err err =
            sp_canonical_from_value(typed_values[i].type, sp_slice_of(typed_values[i].typed),
                                    typed_values[i].region, &canonical, &attributes, &why);
        const char *wanted = typed_values[i].canonical;
        struct sp_slice got = {canonical.bytes, canonical.len};
        bool right =
            wanted ? !err && sp_slice_equal(got, sp_slice_of(wanted)) : err == SP_ERR_FORMAT;
        if (!right)
            fail_msg("\"%s\" gives %s \"%.*s\"", typed_values[i].typed, sp_err_name(err),
                     (int)canonical.len, (const char *)canonical.bytes);
        if (err && typed_values[i].typed[0])
            assert_null(strstr(why.text, typed_values[i].typed)); /* no value in a reason */
    }
}

static struct sp_canonical canonical_of(const char *text)
{
    struct sp_canonical canonical = {.len = (uint16_t)strlen(text)};
    memcpy(canonical.bytes, text, canonical.len);
    return canonical;
}

static const struct {
    enum sp_type type;
    const char *exact, *possible; /* NULL: none */
} weaker[] = {
    {SP_TYPE_EMAIL, "jan.jansen+shop@example.nl", "jan.jansen@example.nl"},
    {SP_TYPE_EMAIL, "jan@example.nl", "jan@example.nl"},
    {SP_TYPE_EMAIL, "j.an.sen+x@googlemail.com", "jansen@gmail.com"},
    {SP_TYPE_EMAIL, "+x@example.nl", "+x@example.nl"},
    {SP_TYPE_ADDRESS, "NL:1234AB:12:B", "NL:1234AB:12:"},
    {SP_TYPE_ADDRESS, "NL:1234AB:12:", "NL:1234AB:12:"},
    {SP_TYPE_ADDRESS, "BE:9000:32:BUS20:zennestraat", "BE:9000:32::zennestraat"},
    {SP_TYPE_BSN, "111222333", NULL},
};

static void test_possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof weaker / sizeof weaker[0]; i++) {
        struct sp_canonical exact = canonical_of(weaker[i].exact), out = {0};
        bool given = sp_canonical_possible(weaker[i].type, &exact, &out);
        assert_int_equal(given, weaker[i].possible != NULL);
        if (given)
            assert_true(sp_slice_equal((struct sp_slice){out.bytes, out.len},
                                       sp_slice_of(weaker[i].possible)));
    }
}

static void test_embedded(void **state)
{
    (void)state;
    struct sp_canonical vat = canonical_of("NL999001231B02"), out = {0};
    assert_true(sp_canonical_embedded_bsn(SP_TYPE_VAT_NL, &vat, &out));
    assert_int_equal(out.len, 9);
    assert_memory_equal(out.bytes, "999001231", 9);
    vat = canonical_of("NL812345678B01"); /* a legal person */
    assert_false(sp_canonical_embedded_bsn(SP_TYPE_VAT_NL, &vat, &out));
    vat = canonical_of("NL000099998B57"); /* no BSN in it */
    assert_false(sp_canonical_embedded_bsn(SP_TYPE_VAT_NL, &vat, &out));
    assert_false(sp_canonical_embedded_bsn(SP_TYPE_BSN, &vat, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_embedded_mail),
        cmocka_unit_test(test_possible),
        cmocka_unit_test(test_embedded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
