#include "check/enrol.h"

static void enrol_token(const struct sp_key *key, enum sp_type type, enum sp_token_kind kind,
                        const struct sp_canonical *canonical, struct sp_register_row *row)
{
    row->tokens[row->token_count].kind = (uint8_t)kind;
    sp_token(key, type, sp_token_computed(type, kind), canonical,
             row->tokens[row->token_count].bytes);
    row->token_count++;
}

static void enrol_tokens(const struct sp_key *key, const struct sp_canonical *canonical,
                         struct sp_register_row *row)
{
    struct sp_canonical other;
    row->token_count = 0;
    enrol_token(key, row->type, SP_TOKEN_EXACT, canonical, row);
    if (sp_canonical_possible(row->type, canonical, &other))
        enrol_token(key, row->type, SP_TOKEN_POSSIBLE, &other, row);
    if ((row->attributes & SP_ATTR_EMBEDS_BSN) != 0 &&
        sp_canonical_embedded_bsn(row->type, canonical, &other))
        enrol_token(key, SP_TYPE_BSN, SP_TOKEN_EMBEDDED, &other, row);
    sp_wipe(&other, sizeof other);
}

enum sp_err sp_enrol(const struct sp_key *key, enum sp_type type, struct sp_slice value,
                     enum sp_region region, struct sp_register_row *row, struct sp_why *why)
{
    struct sp_canonical canonical;
    unsigned attributes = 0;
    enum sp_err err = sp_canonical_from_value(type, value, region, &canonical, &attributes, why);
    if (err == SP_OK) {
        row->type = type;
        row->canonical_version = sp_type_canonical_version(type);
        row->attributes = attributes;
        enrol_tokens(key, &canonical, row);
    }
    sp_wipe(&canonical, sizeof canonical);
    return err;
}

void sp_enrol_drop_embedded(struct sp_register_row *row)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < row->token_count; i++) {
        if (row->tokens[i].kind != SP_TOKEN_EMBEDDED)
            row->tokens[kept++] = row->tokens[i];
    }
    row->token_count = (uint8_t)kept;
}
