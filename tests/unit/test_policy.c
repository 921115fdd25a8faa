/* The policy: every cell of the table, and how strengths, attributes, kinds of token and confidence
 * bend it; and what identifiers that meet in a record decide.
 * floors: sp_check */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/decide.h"

#define S SP_WEIGHT_STRONG
#define W SP_WEIGHT_WEAK
#define R SP_WEIGHT_REVIEW
#define D SP_WEIGHT_WITH

/* Written down a second time on purpose. Columns: exact at medium; possible; exact at low; stated
 * weak; stated strong; stated strong but low; possible and low. */
static const struct {
    enum sp_type type;
    enum sp_weight exact, possible, low, weak, strong, strong_low, possible_low;
} table[] = {
    {SP_TYPE_IBAN, S, W, S, W, S, S, W},        {SP_TYPE_BSN, S, W, S, W, S, S, W},
    {SP_TYPE_RSIN, W, W, W, W, S, S, W},        {SP_TYPE_KVK, R, R, R, R, S, R, R},
    {SP_TYPE_EMAIL, S, W, S, W, S, S, W},       {SP_TYPE_PHONE, S, W, R, W, S, R, R},
    {SP_TYPE_ADDRESS, W, W, R, W, S, R, R},     {SP_TYPE_VAT_NL, W, W, W, W, S, S, W},
    {SP_TYPE_BE_KBO, R, R, R, R, S, R, R},      {SP_TYPE_BE_NRN, S, W, S, W, S, S, W},
    {SP_TYPE_DOB, D, D, D, D, D, D, D},         {SP_TYPE_IP, W, W, R, W, S, R, R},
    {SP_TYPE_MAC, W, W, R, W, S, R, R},         {SP_TYPE_PAN, S, W, S, W, S, S, W},
    {SP_TYPE_ID_NL, S, W, R, W, S, R, R},       {SP_TYPE_MRZ, S, W, R, W, S, R, R},
    {SP_TYPE_PLATE, W, W, R, W, S, R, R},       {SP_TYPE_BIC, R, R, R, R, S, R, R},
    {SP_TYPE_CUSTOMER_NO, S, W, R, W, S, R, R}, {SP_TYPE_USERNAME, S, W, R, W, S, R, R},
    {SP_TYPE_COOKIE, S, W, R, W, S, R, R},      {SP_TYPE_NAME, W, W, R, W, S, R, R},
    {SP_TYPE_HEALTH, R, R, R, R, S, R, R},      {SP_TYPE_RELIGION, R, R, R, R, S, R, R},
    {SP_TYPE_ETHNICITY, R, R, R, R, S, R, R},   {SP_TYPE_POLITICS, R, R, R, R, S, R, R},
    {SP_TYPE_TRADE_UNION, R, R, R, R, S, R, R}, {SP_TYPE_SEXUALITY, R, R, R, R, S, R, R},
    {SP_TYPE_GENETIC, R, R, R, R, S, R, R},     {SP_TYPE_BIOMETRIC, R, R, R, R, S, R, R},
    {SP_TYPE_CRIMINAL, R, R, R, R, S, R, R},    {SP_TYPE_SEX, R, R, R, R, S, R, R},
    {SP_TYPE_PASSWORD, R, R, R, R, S, R, R},
};

static void assert_weight(enum sp_type type, enum sp_strength strength, enum sp_token_kind kind,
                          enum sp_confidence confidence, enum sp_weight expected)
{
    enum sp_weight got = sp_policy_weight(type, 0, strength, kind, confidence);
    if (got != expected)
        fail_msg("%s, strength %d, token %d, confidence %d: weight %d, not %d", sp_type_name(type),
                 strength, kind, confidence, got, expected);
}

static void test_each_cell(void **state)
{
    (void)state;
    assert_int_equal(sizeof table / sizeof *table, SP_TYPE_COUNT);
    for (size_t i = 0; i < SP_TYPE_COUNT; i++) {
        enum sp_type type = table[i].type;
        assert_int_equal(type, i);
        assert_int_equal(sp_policy[i].type, i);
        assert_weight(type, SP_STRENGTH_DEFAULT, SP_TOKEN_EXACT, SP_CONF_MEDIUM, table[i].exact);
        assert_weight(type, SP_STRENGTH_DEFAULT, SP_TOKEN_EXACT, SP_CONF_HIGH, table[i].exact);
        assert_weight(type, SP_STRENGTH_DEFAULT, SP_TOKEN_POSSIBLE, SP_CONF_HIGH,
                      table[i].possible);
        assert_weight(type, SP_STRENGTH_DEFAULT, SP_TOKEN_EXACT, SP_CONF_LOW, table[i].low);
        assert_weight(type, SP_STRENGTH_WEAK, SP_TOKEN_EXACT, SP_CONF_HIGH, table[i].weak);
        assert_weight(type, SP_STRENGTH_STRONG, SP_TOKEN_EXACT, SP_CONF_HIGH, table[i].strong);
        assert_weight(type, SP_STRENGTH_STRONG, SP_TOKEN_EXACT, SP_CONF_LOW, table[i].strong_low);
        assert_weight(type, SP_STRENGTH_DEFAULT, SP_TOKEN_POSSIBLE, SP_CONF_LOW,
                      table[i].possible_low);
    }
}

static void test_shared_by_nature(void **state)
{
    (void)state;
    static const struct {
        enum sp_type type;
        unsigned attributes;
        enum sp_strength strength;
        enum sp_weight expected;
    } rows[] = {
        {SP_TYPE_EMAIL, SP_ATTR_ROLE, SP_STRENGTH_DEFAULT, W},
        {SP_TYPE_EMAIL, SP_ATTR_LANDLINE, SP_STRENGTH_DEFAULT, S},
        {SP_TYPE_PHONE, SP_ATTR_LANDLINE, SP_STRENGTH_DEFAULT, W},
        {SP_TYPE_PHONE, SP_ATTR_SERVICE, SP_STRENGTH_DEFAULT, W},
        {SP_TYPE_PHONE, SP_ATTR_ROLE, SP_STRENGTH_DEFAULT, S},
        {SP_TYPE_PHONE, SP_ATTR_LANDLINE, SP_STRENGTH_STRONG, S}, /* the register knows better */
        {SP_TYPE_EMAIL, SP_ATTR_ROLE, SP_STRENGTH_STRONG, S},
        {SP_TYPE_EMAIL, SP_ATTR_TEST_VALUE | SP_ATTR_OWN, SP_STRENGTH_DEFAULT, S},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sp_policy_weight(rows[i].type, rows[i].attributes, rows[i].strength,
                                          SP_TOKEN_EXACT, SP_CONF_HIGH),
                         rows[i].expected);
    assert_int_equal(sp_policy_weight(SP_TYPE_PHONE, SP_ATTR_LANDLINE, SP_STRENGTH_DEFAULT,
                                      SP_TOKEN_EXACT, SP_CONF_LOW),
                     R);
}

static void test_username_needs_a_system(void **state)
{
    (void)state;
    char none[] = "";
    char shop[] = "shop";
    struct sp_register_row row = {.type = SP_TYPE_USERNAME, .scope = none};
    assert_int_equal(sp_policy_strength(&row), SP_STRENGTH_WEAK);
    row.scope = shop;
    assert_int_equal(sp_policy_strength(&row), SP_STRENGTH_DEFAULT);
    row.scope = none;
    row.strength = SP_STRENGTH_STRONG;
    assert_int_equal(sp_policy_strength(&row), SP_STRENGTH_STRONG);
    row = (struct sp_register_row){.type = SP_TYPE_EMAIL, .scope = none};
    assert_int_equal(sp_policy_strength(&row), SP_STRENGTH_DEFAULT);
}

/* What meets, in letters: S strong e-mail, s strong IBAN; A weak address, a a second weak address,
 * P weak phone; R review kvk, r review be_kbo; D dob; X exempt e-mail; N newer strong e-mail, n
 * newer weak address; x exempt dob. */
static enum sp_decision decide(const char *letters, enum sp_request_kind kind)
{
    struct sp_meeting meeting = {0};
    for (const char *at = letters; *at != '\0'; at++) {
        switch (*at) {
        case 'S':
            sp_meeting_add(&meeting, SP_TYPE_EMAIL, S, false, false);
            break;
        case 's':
            sp_meeting_add(&meeting, SP_TYPE_IBAN, S, false, false);
            break;
        case 'A':
        case 'a':
            sp_meeting_add(&meeting, SP_TYPE_ADDRESS, W, false, false);
            break;
        case 'P':
            sp_meeting_add(&meeting, SP_TYPE_PHONE, W, false, false);
            break;
        case 'R':
            sp_meeting_add(&meeting, SP_TYPE_KVK, R, false, false);
            break;
        case 'r':
            sp_meeting_add(&meeting, SP_TYPE_BE_KBO, R, false, false);
            break;
        case 'D':
            sp_meeting_add(&meeting, SP_TYPE_DOB, D, false, false);
            break;
        case 'X':
            sp_meeting_add(&meeting, SP_TYPE_EMAIL, S, true, false);
            break;
        case 'x':
            sp_meeting_add(&meeting, SP_TYPE_DOB, D, true, false);
            break;
        case 'N':
            sp_meeting_add(&meeting, SP_TYPE_EMAIL, S, false, true);
            break;
        case 'n':
            sp_meeting_add(&meeting, SP_TYPE_ADDRESS, W, false, true);
            break;
        default:
            fail();
        }
    }
    return sp_decide(&meeting, kind);
}

static void test_what_meets(void **state)
{
    (void)state;
    static const struct {
        const char *letters;
        enum sp_decision expected;
    } rows[] = {
        {"", SP_DECISION_NONE},     {"S", SP_DECISION_HIT},     {"Ss", SP_DECISION_HIT},
        {"A", SP_DECISION_REVIEW},  {"Aa", SP_DECISION_REVIEW}, {"AP", SP_DECISION_HIT},
        {"PA", SP_DECISION_HIT},    {"R", SP_DECISION_REVIEW},  {"Rr", SP_DECISION_REVIEW},
        {"AR", SP_DECISION_REVIEW}, {"D", SP_DECISION_NONE},    {"DD", SP_DECISION_NONE},
        {"DA", SP_DECISION_HIT},    {"DR", SP_DECISION_REVIEW}, {"DS", SP_DECISION_HIT},
        {"X", SP_DECISION_EXEMPT},  {"XS", SP_DECISION_HIT},    {"XA", SP_DECISION_REVIEW},
        {"XD", SP_DECISION_EXEMPT}, {"x", SP_DECISION_NONE},    {"N", SP_DECISION_REVIEW},
        {"Ns", SP_DECISION_HIT},    {"nP", SP_DECISION_REVIEW}, {"nD", SP_DECISION_REVIEW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum sp_decision got = decide(rows[i].letters, SP_REQUEST_ERASURE);
        if (got != rows[i].expected)
            fail_msg("\"%s\": %s, not %s", rows[i].letters, sp_decision_name(got),
                     sp_decision_name(rows[i].expected));
    }
}

static void test_kinds_of_request(void **state)
{
    (void)state;
    static const enum sp_decision own[SP_REQUEST_KIND_COUNT] = {
        [SP_REQUEST_ERASURE] = SP_DECISION_HIT,
        [SP_REQUEST_RESTRICTION] = SP_DECISION_RESTRICT,
        [SP_REQUEST_OBJECTION] = SP_DECISION_RESTRICT,
        [SP_REQUEST_RECTIFICATION] = SP_DECISION_STALE,
        [SP_REQUEST_OPTOUT] = SP_DECISION_OPTOUT,
    };
    for (int kind = 0; kind < SP_REQUEST_KIND_COUNT; kind++) {
        enum sp_request_kind k = (enum sp_request_kind)kind;
        assert_int_equal(decide("S", k), own[kind]);
        assert_int_equal(decide("X", k), SP_DECISION_EXEMPT);
        assert_int_equal(decide("D", k), SP_DECISION_NONE);
        assert_int_equal(decide("A", k), k == SP_REQUEST_ERASURE ? SP_DECISION_REVIEW : own[kind]);
    }
}

static void test_types_of_a_meeting(void **state)
{
    (void)state;
    struct sp_meeting meeting = {0};
    sp_meeting_add(&meeting, SP_TYPE_IBAN, S, false, false);
    sp_meeting_add(&meeting, SP_TYPE_PHONE, W, false, true);
    sp_meeting_add(&meeting, SP_TYPE_KVK, R, false, false);
    sp_meeting_add(&meeting, SP_TYPE_DOB, D, false, false);
    sp_meeting_add(&meeting, SP_TYPE_COOKIE, S, true, false);
    assert_int_equal(sp_meeting_types(&meeting), 1U << SP_TYPE_IBAN | 1U << SP_TYPE_PHONE |
                                                     1U << SP_TYPE_KVK | 1U << SP_TYPE_DOB |
                                                     1U << SP_TYPE_COOKIE);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {"NONE",     "HIT",   "REVIEW", "EXEMPT",
                                        "RESTRICT", "STALE", "OPTOUT"};
    for (int i = 0; i < SP_DECISION_COUNT; i++)
        assert_string_equal(sp_decision_name((enum sp_decision)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_cell),
        cmocka_unit_test(test_shared_by_nature),
        cmocka_unit_test(test_username_needs_a_system),
        cmocka_unit_test(test_what_meets),
        cmocka_unit_test(test_kinds_of_request),
        cmocka_unit_test(test_types_of_a_meeting),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
