/* Enrolment: tokens of a register row meet those that a scan makes of the same value.
 * floors: sp_check */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/enrol.h"

#include <unistd.h>

static struct sp_key *key;

static int setup(void **state)
{
    (void)state;
    char folder[] = "/tmp/speur-enrol-XXXXXX";
    char path[64];
    struct sp_why why;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/key", folder);
    assert_int_equal(sp_seal_init(&why), SP_OK);
    assert_int_equal(sp_key_make(path, &key, &why), SP_OK);
    (void)unlink(path);
    return rmdir(folder);
}

static int teardown(void **state)
{
    (void)state;
    sp_key_free(key);
    return 0;
}

static void assert_token(const struct sp_register_row *row, unsigned index, enum sp_token_kind kind,
                         enum sp_type type, enum sp_token_kind computed, const char *canonical)
{
    struct sp_canonical form = {.len = (uint16_t)strlen(canonical)};
    uint8_t token[SP_TOKEN_LEN];
    memcpy(form.bytes, canonical, form.len);
    sp_token(key, type, computed, &form, token);
    assert_true(index < row->token_count);
    assert_int_equal(row->tokens[index].kind, kind);
    assert_memory_equal(row->tokens[index].bytes, token, SP_TOKEN_LEN);
}

static struct sp_register_row enrol(enum sp_type type, const char *value)
{
    struct sp_register_row row = {0};
    struct sp_why why = {{0}};
    enum sp_err err = sp_enrol(key, type, sp_slice_of(value), SP_REGION_NL, &row, &why);
    if (err != SP_OK)
        fail_msg("%s: %s", value, why.text);
    assert_int_equal(row.type, type);
    assert_int_equal(row.canonical_version, sp_type_canonical_version(type));
    return row;
}

static void test_exact_and_possible(void **state)
{
    (void)state;
    struct sp_register_row row = enrol(SP_TYPE_EMAIL, "J.Doe+Shop@Example.org");
    assert_int_equal(row.token_count, 2);
    assert_token(&row, 0, SP_TOKEN_EXACT, SP_TYPE_EMAIL, SP_TOKEN_EXACT, "j.doe+shop@example.org");
    assert_token(&row, 1, SP_TOKEN_POSSIBLE, SP_TYPE_EMAIL, SP_TOKEN_POSSIBLE, "j.doe@example.org");
    row = enrol(SP_TYPE_BSN, "111.222.333");
    assert_int_equal(row.token_count, 1);
    assert_token(&row, 0, SP_TOKEN_EXACT, SP_TYPE_BSN, SP_TOKEN_EXACT, "111222333");
    row = enrol(SP_TYPE_IBAN, "NL91 ABNA 0417 1643 00");
    assert_token(&row, 0, SP_TOKEN_EXACT, SP_TYPE_IBAN, SP_TOKEN_EXACT, "NL91ABNA0417164300");
}

static void test_embedded_bsn_meets_a_bsn(void **state)
{
    (void)state;
    struct sp_register_row vat = enrol(SP_TYPE_VAT_NL, "NL111222333B01");
    struct sp_register_row bsn = enrol(SP_TYPE_BSN, "111222333");
    unsigned last = vat.token_count - 1U;
    assert_true(vat.token_count >= 2);
    assert_true(vat.attributes & SP_ATTR_EMBEDS_BSN);
    assert_token(&vat, last, SP_TOKEN_EMBEDDED, SP_TYPE_BSN, SP_TOKEN_EXACT, "111222333");
    assert_memory_equal(vat.tokens[last].bytes, bsn.tokens[0].bytes, SP_TOKEN_LEN);
    sp_enrol_drop_embedded(&vat);
    assert_int_equal(vat.token_count, last);
    for (unsigned i = 0; i < vat.token_count; i++)
        assert_int_not_equal(vat.tokens[i].kind, SP_TOKEN_EMBEDDED);
    sp_enrol_drop_embedded(&bsn);
    assert_int_equal(bsn.token_count, 1);
}

static void test_attributes(void **state)
{
    (void)state;
    assert_true(enrol(SP_TYPE_EMAIL, "info@example.org").attributes & SP_ATTR_ROLE);
    assert_false(enrol(SP_TYPE_EMAIL, "jan@example.org").attributes & SP_ATTR_ROLE);
    assert_true(enrol(SP_TYPE_PHONE, "020 794 0000").attributes & SP_ATTR_LANDLINE);
    assert_false(enrol(SP_TYPE_PHONE, "06 5555 5555").attributes & SP_ATTR_LANDLINE);
}

static void test_refused_values_are_not_repeated(void **state)
{
    (void)state;
    static const struct {
        enum sp_type type;
        const char *value;
    } bad[] = {
        {SP_TYPE_BSN, "111222334"},
        {SP_TYPE_IBAN, "NL92ABNA0417164300"},
        {SP_TYPE_EMAIL, "jan.example.nl"},
        {SP_TYPE_PHONE, "notanumber"},
        {SP_TYPE_KVK, ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sp_register_row row = {.seq = 7, .type = SP_TYPE_MAC};
        struct sp_why why = {{0}};
        assert_int_equal(
            sp_enrol(key, bad[i].type, sp_slice_of(bad[i].value), SP_REGION_NL, &row, &why),
            SP_ERR_FORMAT);
        assert_true(why.text[0] != '\0');
        if (bad[i].value[0] != '\0')
            assert_null(strstr(why.text, bad[i].value));
        assert_int_equal(row.seq, 7);
        assert_int_equal(row.type, SP_TYPE_MAC);
        assert_int_equal(row.token_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_and_possible),
        cmocka_unit_test(test_embedded_bsn_meets_a_bsn),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_refused_values_are_not_repeated),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
