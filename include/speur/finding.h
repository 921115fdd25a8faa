/* What is found: types, confidence, attributes. A finding belongs to one record of one object. */
#ifndef SPEUR_FINDING_H
#define SPEUR_FINDING_H

#include "speur/slice.h"

/* X(identifier, name, canonical form version, DPV-PD term, mask rule).
 * The order is the one in which exports and overlap ties list types; the numbers are stored in
 * inventories and registers: append only. Canonical forms are versioned, because register rows
 * keep no clear value: a changed form would silently stop matching. */
#define SP_TYPES(X)                                                                                \
    X(IBAN, "iban", 1, "pd:BankAccount", COUNTRY_LAST3)                                            \
    X(BSN, "bsn", 1, "pd:OfficialID", LAST3)                                                       \
    X(RSIN, "rsin", 1, "pd:OfficialID", FIRST1)                                                    \
    X(KVK, "kvk", 1, "pd:OfficialID", LAST3)                                                       \
    X(EMAIL, "email", 1, "pd:EmailAddress", EMAIL)                                                 \
    X(PHONE, "phone", 1, "pd:TelephoneNumber", LAST3)                                              \
    X(ADDRESS, "address", 1, "pd:PhysicalAddress", POSTCODE_DIGITS)                                \
    X(VAT_NL, "vat_nl", 1, "pd:OfficialID", FIRST1)                                                \
    X(BE_KBO, "be_kbo", 1, "pd:OfficialID", FIRST1)                                                \
    X(BE_NRN, "be_nrn", 1, "pd:OfficialID", LAST3)                                                 \
    X(DOB, "dob", 1, "pd:BirthDate", YEAR)                                                         \
    X(IP, "ip", 1, "pd:IPAddress", FIRST_GROUP)                                                    \
    X(MAC, "mac", 1, "pd:MACAddress", FIRST_GROUP)                                                 \
    X(PAN, "pan", 1, "pd:PaymentCardNumber", LAST3)                                                \
    X(ID_NL, "id_nl", 1, "pd:Passport", FIRST1)                                                    \
    X(MRZ, "mrz", 1, "pd:Passport", FIRST1)                                                        \
    X(PLATE, "plate", 1, "pd:VehicleLicenseNumber", FIRST1)                                        \
    X(BIC, "bic", 1, "pd:BankAccount", FIRST1)                                                     \
    X(CUSTOMER_NO, "customer_no", 1, "pd:UID", FIRST1)                                             \
    X(USERNAME, "username", 1, "pd:Username", FIRST1)                                              \
    X(COOKIE, "cookie", 1, "pd:UID", FIRST1)                                                       \
    X(NAME, "name", 1, "pd:Name", NAME) /* of people in the register only */                       \
    /* categories: what a column holds, whatever its value (GDPR art. 9 and 10, and some more) */  \
    X(HEALTH, "health", 1, "pd:Health", WHOLE)                                                     \
    X(RELIGION, "religion", 1, "pd:Religion", WHOLE)                                               \
    X(ETHNICITY, "ethnicity", 1, "pd:EthnicOrigin", WHOLE)                                         \
    X(POLITICS, "politics", 1, "pd:PoliticalAffiliation", WHOLE)                                   \
    X(TRADE_UNION, "trade_union", 1, "pd:TradeUnionMembership", WHOLE)                             \
    X(SEXUALITY, "sexuality", 1, "pd:SexualPreference", WHOLE)                                     \
    X(GENETIC, "genetic", 1, "pd:Genetic", WHOLE)                                                  \
    X(BIOMETRIC, "biometric", 1, "pd:Biometric", WHOLE)                                            \
    X(CRIMINAL, "criminal", 1, "pd:Criminal", WHOLE)                                               \
    X(SEX, "sex", 1, "pd:Gender", WHOLE)                                                           \
    X(PASSWORD, "password", 1, "pd:Password", WHOLE)

enum sp_type {
#define SP_TYPE_ENUM(identifier, name, version, dpv, mask) SP_TYPE_##identifier,
    SP_TYPES(SP_TYPE_ENUM)
#undef SP_TYPE_ENUM
        SP_TYPE_COUNT
};

enum sp_mask_rule {
    SP_MASK_COUNTRY_LAST3,   /* IBAN: country and last 3 characters */
    SP_MASK_LAST3,           /* last 3; nothing where the value has fewer than 8 characters */
    SP_MASK_EMAIL,           /* first letter of each part and the TLD: j***@v***.nl */
    SP_MASK_POSTCODE_DIGITS, /* the digits of the postcode */
    SP_MASK_YEAR,            /* date of birth: the year */
    SP_MASK_FIRST_GROUP,     /* IP and MAC: first group */
    SP_MASK_FIRST1,          /* first character */
    SP_MASK_NAME,            /* first letters of given name and surname: j*** v*** */
    SP_MASK_WHOLE            /* nothing at all */
};

/* Ordered: NONE < LOW < MEDIUM < HIGH. NONE is never kept. LOW is kept but not reported unless
 * asked for, because a check must see a bare BSN of an erased person too. */
enum sp_confidence { SP_CONF_NONE, SP_CONF_LOW, SP_CONF_MEDIUM, SP_CONF_HIGH };

/* Attribute bits of a finding, stored: append only. X(identifier, bit, name). */
#define SP_ATTRS(X)                                                                                \
    X(TEST_VALUE, 0, "test_value") /* documented example, RFC 2606 domain, known test number */    \
    X(PUBLIC, 1, "public")         /* service phone, BIC, KvK: not personal by itself */           \
    X(SERVICE, 2, "service")       /* 0800/0900/14xxx */                                           \
    X(EMBEDS_BSN, 3, "embeds_bsn") /* an old VAT number or an MRZ that carries a BSN */            \
    X(FOREIGN, 4, "foreign")       /* address outside NL and BE */                                 \
    X(OBFUSCATED, 5, "obfuscated") /* e-mail written with (at) and (dot) */                        \
    X(LABELLED, 6, "labelled")     /* a context word stood in LABEL position */                    \
    X(KNOWN_BANK, 7, "known_bank") /* IBAN with a bank code of the Dutch list */                   \
    X(ROLE, 8, "role")             /* role mailbox: info@, sales@, ... */                          \
    X(LANDLINE, 9, "landline")     /* phone that is not a mobile number */                         \
    X(NO_NUMBER, 10, "no_number")  /* address without a house number */                            \
    X(OWN, 11, "own")              /* belongs to the organisation itself (configuration) */

enum sp_attr {
#define SP_ATTR_ENUM(identifier, bit, name) SP_ATTR_##identifier = 1 << (bit),
    SP_ATTRS(SP_ATTR_ENUM)
#undef SP_ATTR_ENUM
};

const char *sp_type_name(enum sp_type type); /* never NULL */
const char *sp_type_dpv(enum sp_type type);  /* W3C DPV-PD term, never NULL */
unsigned sp_type_canonical_version(enum sp_type type);
enum sp_mask_rule sp_type_mask_rule(enum sp_type type);
/* A category: its findings say that something of the kind stands there, and never what. They have
 * an empty canonical form, so nobody can be looked for by one. */
bool sp_type_is_category(enum sp_type type);
bool sp_type_from_name(struct sp_slice name, enum sp_type *out);
const char *sp_confidence_name(enum sp_confidence confidence);
bool sp_confidence_from_name(const char *name, enum sp_confidence *out);

enum {
    SP_VALUE_MAX = 512,    /* bytes of a value as it stands in the text: runs are clipped there */
    SP_CANONICAL_MAX = 320 /* bytes of a canonical form (an e-mail address has at most 64+1+255) */
};

/* A canonical form: what tokens are computed from. In the clear; lives from match to seal. */
struct sp_canonical {
    uint16_t len;
    uint8_t bytes[SP_CANONICAL_MAX];
};

#endif
