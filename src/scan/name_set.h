/* The names of the people in a register, as tokens: a scan asks for each pair of words that could
 * be a name whether it is one of these. Only those become findings, so that no inventory tells the
 * names of everybody. */
#ifndef SP_SCAN_NAME_SET_H
#define SP_SCAN_NAME_SET_H

#include "store/seal.h"

struct sp_name_set;

/* The ring is borrowed: a name is asked for under each of its keys. */
enum sp_err sp_name_set_new(const struct sp_key *key, struct sp_name_set **out, struct sp_why *why);
void sp_name_set_free(struct sp_name_set *names);
enum sp_err sp_name_set_add(struct sp_name_set *names, const uint8_t token[SP_TOKEN_LEN],
                            enum sp_token_kind kind, struct sp_why *why);
/* After the last one, before the first question. */
void sp_name_set_end(struct sp_name_set *names);
size_t sp_name_set_count(const struct sp_name_set *names);
/* Over all tokens: two scans with the same digest look for the same names. */
void sp_name_set_digest(const struct sp_name_set *names, uint8_t out[SP_DIGEST_LEN]);
/* Whether a name is one of them, or may be with an initial on one side. For any thread. */
bool sp_name_set_wanted(void *names, const struct sp_canonical *canonical);

#endif
