#include "scan/tokens.h"

/* Under each key of the ring, the newest first. */
static void tokens_put(const struct sp_key *ring, enum sp_type type, enum sp_token_kind kind,
                       const struct sp_canonical *canonical, struct sp_kept_finding *finding)
{
    for (const struct sp_key *key = ring; key != NULL; key = sp_key_older(key)) {
        finding->tokens[finding->token_count].kind = (uint8_t)kind;
        sp_token(key, type, sp_token_computed(type, kind), canonical,
                 finding->tokens[finding->token_count].bytes);
        finding->token_count++;
    }
}

void sp_tokens_of(const struct sp_key *key, const struct sp_match *match,
                  struct sp_kept_finding *finding)
{
    struct sp_canonical other;
    tokens_put(key, match->type, SP_TOKEN_EXACT, match->canonical, finding);
    if (sp_canonical_possible(match->type, match->canonical, &other))
        tokens_put(key, match->type, SP_TOKEN_POSSIBLE, &other, finding);
    if (sp_canonical_embedded_bsn(match->type, match->canonical, &other))
        tokens_put(key, SP_TYPE_BSN, SP_TOKEN_EMBEDDED, &other, finding);
    if (match->type == SP_TYPE_EMAIL && sp_canonical_embedded_mail(match->canonical, &other))
        tokens_put(key, SP_TYPE_EMAIL, SP_TOKEN_EMBEDDED, &other, finding);
    sp_wipe(&other, sizeof other);
}
