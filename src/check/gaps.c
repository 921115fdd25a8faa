#include "check/gaps.h"

#include "base/mem.h"

#include <fnmatch.h>

static bool gaps_is_gap(enum sp_reason reason)
{
    return sp_reason_class(reason) == SP_REASON_CLASS_GAP || reason == SP_REASON_EXCLUDED;
}

static enum sp_err gaps_add(void *ctx, int64_t object_id, const struct sp_unread *unread,
                            struct sp_why *why)
{
    struct sp_gaps *gaps = ctx;
    if (!gaps_is_gap(unread->reason))
        return SP_OK;
    if (gaps->count == gaps->cap) {
        size_t cap = gaps->cap == 0 ? 256 : gaps->cap * 2;
        struct sp_gap_at *grown = sp_realloc(gaps->items, cap * sizeof *gaps->items);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu unread records", cap);
        gaps->items = grown;
        gaps->cap = cap;
    }
    gaps->items[gaps->count++] =
        (struct sp_gap_at){.object_id = object_id, .reason = (uint32_t)unread->reason};
    return SP_OK;
}

static int gaps_compare(const void *a, const void *b)
{
    const struct sp_gap_at *x = a;
    const struct sp_gap_at *y = b;
    if (x->object_id != y->object_id)
        return x->object_id < y->object_id ? -1 : 1;
    return (x->reason > y->reason) - (x->reason < y->reason);
}

enum sp_err sp_gaps_collect(struct sp_gaps *gaps, struct sp_inventory *inventory, int64_t root_id,
                            struct sp_why *why)
{
    *gaps = (struct sp_gaps){0};
    enum sp_err err = sp_inventory_each_unread(inventory, root_id, 0, gaps_add, gaps, why);
    if (err != SP_OK)
        sp_gaps_clear(gaps);
    else if (gaps->count > 0)
        qsort(gaps->items, gaps->count, sizeof *gaps->items, gaps_compare);
    return err;
}

void sp_gaps_clear(struct sp_gaps *gaps)
{
    sp_free(gaps->items);
    *gaps = (struct sp_gaps){0};
}

struct sp_gap_at *sp_gaps_find(struct sp_gaps *gaps, int64_t object_id, size_t *count)
{
    size_t low = 0;
    size_t high = gaps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gaps->items[middle].object_id < object_id)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < gaps->count && gaps->items[low + *count].object_id == object_id)
        (*count)++;
    return *count == 0 ? NULL : &gaps->items[low];
}

const struct sp_accept *sp_accept_find(const struct sp_accept *accepts, size_t count,
                                       enum sp_reason reason, const char *locator)
{
    for (size_t i = 0; i < count; i++) {
        if (accepts[i].reason == reason && fnmatch(accepts[i].glob, locator, 0) == 0)
            return &accepts[i];
    }
    return NULL;
}
