/* The identifiers of one person, as tokens: what find looks for. */
#ifndef SP_CHECK_PERSON_H
#define SP_CHECK_PERSON_H

#include "check/enrol.h"

enum { SP_PERSON_TOKENS_MAX = SP_KEY_MAX * 1024, SP_PERSON_BYTES_MAX = 64 << 10 };

struct sp_person_token {
    uint8_t bytes[SP_TOKEN_LEN];
    enum sp_token_kind kind;
    enum sp_type type; /* as it was asked for */
};

struct sp_person {
    struct sp_person_token tokens[SP_PERSON_TOKENS_MAX];
    size_t count;
    size_t identifiers;      /* that were read */
    uint64_t types;          /* bit i: one of type i is among them */
    uint8_t seen[65536 / 8]; /* bit i: a token begins with these 16 bits */
};

/* Reads "type;value" lines (a header of these words is passed over); of one column only when `type`
 * is given. The bytes are wiped. Told for a line that is refused: its number and why.
 * SP_ERR_FORMAT: a line was refused: a search that leaves one out would look complete. SP_ERR_IO,
 * SP_ERR_LIMIT. */
enum sp_err sp_person_read(int fd, const struct sp_key *key, enum sp_region region,
                           const char *type, struct sp_person *person, struct sp_why *why);
/* The token that is one of the person's, or NULL. */
const struct sp_person_token *sp_person_find(const struct sp_person *person,
                                             const uint8_t token[SP_TOKEN_LEN]);

#endif
