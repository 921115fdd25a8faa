/* Which keys the rows of a register need, and what became of keys. */
#include "store/register_in.h"

#include "base/mem.h"

static bool keys_counts(const struct sp_register_row *row, const char *today)
{
    return row->row_kind == SP_ROW_IDENTIFIER && !sp_register_row_is_over(row, today);
}

size_t sp_register_key_live(const struct sp_register *reg, const char *key_id, const char *today)
{
    size_t live = 0;

    for (size_t i = 0; i < reg->count; i++)
        live += keys_counts(&reg->rows[i], today) &&
                (!key_id || strcmp(reg->rows[i].key_id, key_id) == 0);
    return live;
}

bool sp_register_key_destroyed(const struct sp_register *reg, const char *key_id)
{
    for (size_t i = 0; i < reg->count; i++) {
        const struct sp_register_row *row = &reg->rows[i];

        if (row->row_kind == SP_ROW_KEY_DESTROYED && strcmp(row->reason, key_id) == 0)
            return true;
    }
    return false;
}

enum sp_err sp_register_note_key(struct sp_register *reg, enum sp_row_kind kind, const char *key_id,
                                 const char *today, struct sp_why *why)
{
    struct sp_register_row note = {.row_kind = kind};
    size_t added = 0;
    enum sp_err err;

    snprintf(note.day, sizeof note.day, "%s", today);
    note.reason = sp_copy_string(key_id, strlen(key_id));
    if (!note.reason)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a row of the register");
    err = sp_register_append(reg, &note, 1, &added, why);
    sp_register_row_clear(&note);
    return err;
}

/* The place of this id among the uses, which it is added to; NULL: there is no room. */
static struct sp_key_use *keys_use_of(struct sp_key_use *uses, size_t *count, const char *id)
{
    size_t at = 0;

    while (at < *count && strcmp(uses[at].id, id) != 0)
        at++;
    if (at == SP_KEY_USES_MAX)
        return NULL;
    if (at == *count) {
        uses[at] = (struct sp_key_use){.live = 0};
        snprintf(uses[at].id, sizeof uses[at].id, "%s", id);
        (*count)++;
    }
    return &uses[at];
}

size_t sp_register_key_uses(const struct sp_register *reg, struct sp_key_use uses[SP_KEY_USES_MAX])
{
    size_t count = 0;

    for (const struct sp_key *key = reg->key; key; key = sp_key_older(key)) {
        struct sp_key_use *use = keys_use_of(uses, &count, sp_key_id(key));

        if (use)
            use->on_ring = true;
    }
    for (size_t i = 0; i < reg->count; i++) {
        struct sp_key_use *use = NULL;

        if (keys_counts(&reg->rows[i], ""))
            use = keys_use_of(uses, &count, reg->rows[i].key_id);
        if (use)
            use->live++;
    }
    for (size_t i = 0; i < count; i++)
        uses[i].destroyed = sp_register_key_destroyed(reg, uses[i].id);
    return count;
}
