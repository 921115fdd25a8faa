#include "check/met.h"

#include "base/mem.h"

struct met_pass {
    struct sp_met *met;
    const struct sp_wanted *wanted;
};

static enum sp_err met_segment(void *ctx, int64_t object_id, const struct sp_segment_view *view,
                               struct sp_why *why)
{
    const struct met_pass *pass = ctx;
    struct sp_met *met = pass->met;
    if (met->count > 0 && met->objects[met->count - 1] == object_id)
        return SP_OK; /* known by an earlier segment */
    if (!sp_wanted_any(pass->wanted, view->tokens))
        return SP_OK;
    if (met->count == met->cap) {
        size_t cap = met->cap == 0 ? 256 : met->cap * 2;
        int64_t *grown = sp_realloc(met->objects, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu objects with hits", cap);
        met->objects = grown;
        met->cap = cap;
    }
    met->objects[met->count++] = object_id;
    return SP_OK;
}

static int met_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

enum sp_err sp_met_collect(struct sp_met *met, const struct sp_wanted *wanted,
                           struct sp_inventory *inventory, int64_t root_id, struct sp_why *why)
{
    *met = (struct sp_met){0};
    struct met_pass pass = {met, wanted};
    if (wanted->token_count == 0)
        return SP_OK;
    enum sp_err err = sp_inventory_each_token_segment(inventory, root_id, met_segment, &pass, why);
    if (err != SP_OK) {
        sp_met_clear(met);
        return err;
    }
    if (met->count == 0)
        return SP_OK;
    qsort(met->objects, met->count, sizeof *met->objects, met_compare);
    size_t kept = 1;
    for (size_t i = 1; i < met->count; i++) {
        if (met->objects[i] != met->objects[kept - 1])
            met->objects[kept++] = met->objects[i];
    }
    met->count = kept;
    return SP_OK;
}

bool sp_met_has(const struct sp_met *met, int64_t object_id)
{
    return met->count > 0 &&
           bsearch(&object_id, met->objects, met->count, sizeof *met->objects, met_compare) != NULL;
}

void sp_met_clear(struct sp_met *met)
{
    sp_free(met->objects);
    *met = (struct sp_met){0};
}
