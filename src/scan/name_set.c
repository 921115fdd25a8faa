#include "scan/name_set.h"

#include "base/mem.h"
#include "speur/patterns.h"

enum { NAME_SET_HEADS = 1 << 16 };

struct name_set_token {
    uint8_t bytes[SP_TOKEN_LEN];
    uint8_t kind;
};

struct sp_name_set {
    const struct sp_key *key;
    struct name_set_token *tokens; /* ascending by bytes, then kind */
    size_t count, cap;
    uint8_t heads[NAME_SET_HEADS / 8]; /* bit i: a token begins with these 16 bits */
};

enum sp_err sp_name_set_new(const struct sp_key *key, struct sp_name_set **out, struct sp_why *why)
{
    *out = sp_alloc_zero(sizeof **out);
    if (*out == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for names");
    (*out)->key = key;
    return SP_OK;
}

void sp_name_set_free(struct sp_name_set *names)
{
    if (names == NULL)
        return;
    sp_free(names->tokens);
    sp_free(names);
}

static unsigned name_set_head(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

enum sp_err sp_name_set_add(struct sp_name_set *names, const uint8_t token[SP_TOKEN_LEN],
                            enum sp_token_kind kind, struct sp_why *why)
{
    if (names->count == names->cap) {
        size_t cap = names->cap == 0 ? 64 : names->cap * 2;
        struct name_set_token *grown = sp_realloc(names->tokens, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu names", cap);
        names->tokens = grown;
        names->cap = cap;
    }
    struct name_set_token *added = &names->tokens[names->count++];
    memcpy(added->bytes, token, SP_TOKEN_LEN);
    added->kind = (uint8_t)kind;
    names->heads[name_set_head(token) / 8] |= (uint8_t)(1U << (name_set_head(token) % 8));
    return SP_OK;
}

static int name_set_compare(const void *a, const void *b)
{
    const struct name_set_token *x = a;
    const struct name_set_token *y = b;
    int order = memcmp(x->bytes, y->bytes, SP_TOKEN_LEN);
    return order != 0 ? order : (int)x->kind - (int)y->kind;
}

void sp_name_set_end(struct sp_name_set *names)
{
    if (names->count > 0)
        qsort(names->tokens, names->count, sizeof *names->tokens, name_set_compare);
}

size_t sp_name_set_count(const struct sp_name_set *names)
{
    return names->count;
}

void sp_name_set_digest(const struct sp_name_set *names, uint8_t out[SP_DIGEST_LEN])
{
    sp_digest(
        (struct sp_slice){(const uint8_t *)names->tokens, names->count * sizeof *names->tokens},
        out);
}

static bool name_set_has(const struct sp_name_set *names, const uint8_t *token,
                         enum sp_token_kind kind)
{
    struct name_set_token wanted = {.kind = (uint8_t)kind};
    memcpy(wanted.bytes, token, SP_TOKEN_LEN);
    return names->count > 0 &&
           bsearch(&wanted, names->tokens, names->count, sizeof wanted, name_set_compare) != NULL;
}

/* Each registered name has the token of its form with an initial, as its exact one (EXACT) or
 * besides (POSSIBLE). So that token alone refuses nearly everything. Of two full names only the
 * exact tokens may meet: Jan and Jeroen share an initial. */
static bool name_set_wanted_under(const struct sp_name_set *names, const struct sp_key *key,
                                  const struct sp_canonical *canonical,
                                  const struct sp_canonical *initial, bool full)
{
    uint8_t token[SP_TOKEN_LEN];
    sp_token(key, SP_TYPE_NAME, SP_TOKEN_EXACT, initial, token);
    unsigned head = name_set_head(token);
    if ((names->heads[head / 8] >> (head % 8) & 1) == 0)
        return false;
    if (name_set_has(names, token, SP_TOKEN_EXACT))
        return true;
    bool found = name_set_has(names, token, SP_TOKEN_POSSIBLE);
    if (found && full) {
        sp_token(key, SP_TYPE_NAME, SP_TOKEN_EXACT, canonical, token);
        found = name_set_has(names, token, SP_TOKEN_EXACT);
    }
    return found;
}

bool sp_name_set_wanted(void *ctx, const struct sp_canonical *canonical)
{
    const struct sp_name_set *names = ctx;
    struct sp_canonical initial;
    bool full = sp_canonical_possible(SP_TYPE_NAME, canonical, &initial);
    bool found = false;
    for (const struct sp_key *key = names->key; key != NULL && !found; key = sp_key_older(key))
        found = name_set_wanted_under(names, key, canonical, full ? &initial : canonical, full);
    sp_wipe(&initial, sizeof initial);
    return found;
}
