/* The policy: type × strength → what a match means, as a table of data (strong, weak, review).
 * Pure functions; each cell is a test.
 *
 * Strong identifiers mean one person: one is a HIT. Weak ones (a landline, an address, info@) are
 * shared by a household or a firm: two different types of one request in one record are a HIT, one
 * is REVIEW. The basis is GDPR article 4(1): a person is identified by the combination as well. */
#ifndef SP_CHECK_POLICY_H
#define SP_CHECK_POLICY_H

#include "speur/finding.h"
#include "speur/verdict.h"
#include "store/register.h"

/* Ordered from heavy to light: of two that apply the later one counts. */
enum sp_weight {
    SP_WEIGHT_STRONG, /* one is a HIT */
    SP_WEIGHT_WEAK,   /* a HIT when two different weak types of one request meet in one record */
    SP_WEIGHT_REVIEW, /* never more than REVIEW */
    SP_WEIGHT_WITH    /* counts only together with another type (dob) */
};
struct sp_policy_row {
    enum sp_type type;
    enum sp_weight weight;          /* by default */
    enum sp_weight weight_possible; /* at most, when a possible token matched (alias, other house
                                     * addition) */
    enum sp_weight weight_low;      /* at most, for a finding below medium: checksum types and
                                     * e-mail keep their own weight, others are REVIEW */
};
extern const struct sp_policy_row sp_policy[SP_TYPE_COUNT];

/* The weight of one match. `attributes`: of the finding and of the register row together. A
 * strength that the register states goes before the default of type and attributes; a possible
 * token or a low confidence can only make it lighter. */
enum sp_weight sp_policy_weight(enum sp_type type, unsigned attributes, enum sp_strength strength,
                                enum sp_token_kind kind, enum sp_confidence confidence);

/* The strength of a row: as stated; a user name without a system is weak (the same name is
 * somebody else elsewhere). */
enum sp_strength sp_policy_strength(const struct sp_register_row *row);

#endif
