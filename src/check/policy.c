#include "check/policy.h"

#include <assert.h>

/* X(type, default, possible, low) */
#define POLICY(X)                                                                                  \
    X(IBAN, STRONG, WEAK, STRONG)                                                                  \
    X(BSN, STRONG, WEAK, STRONG)                                                                   \
    X(RSIN, WEAK, WEAK, STRONG)                                                                    \
    X(KVK, REVIEW, REVIEW, REVIEW)                                                                 \
    X(EMAIL, STRONG, WEAK, STRONG)                                                                 \
    X(PHONE, STRONG, WEAK, REVIEW)                                                                 \
    X(ADDRESS, WEAK, WEAK, REVIEW)                                                                 \
    X(VAT_NL, WEAK, WEAK, STRONG)                                                                  \
    X(BE_KBO, REVIEW, REVIEW, REVIEW)                                                              \
    X(BE_NRN, STRONG, WEAK, STRONG)                                                                \
    X(DOB, WITH, WITH, WITH)                                                                       \
    X(IP, WEAK, WEAK, REVIEW)                                                                      \
    X(MAC, WEAK, WEAK, REVIEW)                                                                     \
    X(PAN, STRONG, WEAK, STRONG)                                                                   \
    X(ID_NL, STRONG, WEAK, REVIEW)                                                                 \
    X(MRZ, STRONG, WEAK, REVIEW)                                                                   \
    X(PLATE, WEAK, WEAK, REVIEW)                                                                   \
    X(BIC, REVIEW, REVIEW, REVIEW) /* names a bank, not a person */                                \
    X(CUSTOMER_NO, STRONG, WEAK, REVIEW)                                                           \
    X(USERNAME, STRONG, WEAK, REVIEW)                                                              \
    X(COOKIE, STRONG, WEAK, REVIEW)                                                                \
    X(NAME, WEAK, WEAK, REVIEW)                                                                    \
    /* nobody is met by a category: it has no value */                                             \
    X(HEALTH, REVIEW, REVIEW, REVIEW)                                                              \
    X(RELIGION, REVIEW, REVIEW, REVIEW)                                                            \
    X(ETHNICITY, REVIEW, REVIEW, REVIEW)                                                           \
    X(POLITICS, REVIEW, REVIEW, REVIEW)                                                            \
    X(TRADE_UNION, REVIEW, REVIEW, REVIEW)                                                         \
    X(SEXUALITY, REVIEW, REVIEW, REVIEW)                                                           \
    X(GENETIC, REVIEW, REVIEW, REVIEW)                                                             \
    X(BIOMETRIC, REVIEW, REVIEW, REVIEW)                                                           \
    X(CRIMINAL, REVIEW, REVIEW, REVIEW)                                                            \
    X(SEX, REVIEW, REVIEW, REVIEW)                                                                 \
    X(PASSWORD, REVIEW, REVIEW, REVIEW)

const struct sp_policy_row sp_policy[SP_TYPE_COUNT] = {
#define POLICY_ROW(name, usual, possible, low)                                                     \
    [SP_TYPE_##name] = {SP_TYPE_##name, SP_WEIGHT_##usual, SP_WEIGHT_##possible, SP_WEIGHT_##low},
    POLICY(POLICY_ROW)
#undef POLICY_ROW
};

static enum sp_weight policy_lighter(enum sp_weight a, enum sp_weight b)
{
    return a > b ? a : b;
}

/* Used by several people by its nature. */
static bool policy_shared(enum sp_type type, unsigned attributes)
{
    if (type == SP_TYPE_EMAIL)
        return (attributes & SP_ATTR_ROLE) != 0;
    if (type == SP_TYPE_PHONE)
        return (attributes & (SP_ATTR_LANDLINE | SP_ATTR_SERVICE)) != 0;
    return false;
}

enum sp_weight sp_policy_weight(enum sp_type type, unsigned attributes, enum sp_strength strength,
                                enum sp_token_kind kind, enum sp_confidence confidence)
{
    assert(type < SP_TYPE_COUNT);
    const struct sp_policy_row *row = &sp_policy[type];
    enum sp_weight weight = row->weight;
    bool weak = strength == SP_STRENGTH_WEAK ||
                (strength == SP_STRENGTH_DEFAULT && policy_shared(type, attributes));
    if (weak)
        weight = policy_lighter(weight, SP_WEIGHT_WEAK);
    else if (strength == SP_STRENGTH_STRONG && weight != SP_WEIGHT_WITH)
        weight = SP_WEIGHT_STRONG;
    if (kind == SP_TOKEN_POSSIBLE)
        weight = policy_lighter(weight, row->weight_possible);
    if (confidence < SP_CONF_MEDIUM)
        weight = policy_lighter(weight, row->weight_low);
    return weight;
}

enum sp_strength sp_policy_strength(const struct sp_register_row *row)
{
    bool stated = row->strength != SP_STRENGTH_DEFAULT;
    bool placed = row->scope != NULL && row->scope[0] != '\0';
    if (!stated && row->type == SP_TYPE_USERNAME && !placed)
        return SP_STRENGTH_WEAK;
    return row->strength;
}
