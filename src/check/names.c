#include "check/names.h"

static bool names_is_one(const struct sp_register_row *row)
{
    return row->row_kind == SP_ROW_IDENTIFIER && row->type == SP_TYPE_NAME && !row->withdrawn;
}

size_t sp_register_name_count(const struct sp_register *reg)
{
    size_t count = 0;
    for (size_t i = 0; i < sp_register_count(reg); i++)
        count += names_is_one(sp_register_row_at(reg, i));
    return count;
}

enum sp_err sp_register_names(const struct sp_register *reg, const struct sp_key *key,
                              struct sp_name_set **out, struct sp_why *why)
{
    *out = NULL;
    if (sp_register_name_count(reg) == 0)
        return SP_OK;
    enum sp_err err = sp_name_set_new(key, out, why);
    for (size_t i = 0; err == SP_OK && i < sp_register_count(reg); i++) {
        const struct sp_register_row *row = sp_register_row_at(reg, i);
        for (unsigned k = 0; err == SP_OK && names_is_one(row) && k < row->token_count; k++)
            err = sp_name_set_add(*out, row->tokens[k].bytes,
                                  (enum sp_token_kind)row->tokens[k].kind, why);
    }
    if (err == SP_OK) {
        sp_name_set_end(*out);
        return SP_OK;
    }
    sp_name_set_free(*out);
    *out = NULL;
    return err;
}
