#include "store/trail.h"

#include "base/mem.h"

enum { TRAIL_BYTES_MAX = 16 << 20, TRAIL_FIRST = 32 };

void sp_trail_init(struct sp_trail *trail)
{
    *trail = (struct sp_trail){.count = 0};
    sp_buf_init(&trail->locator, TRAIL_BYTES_MAX);
    sp_buf_init(&trail->path, TRAIL_BYTES_MAX);
}

void sp_trail_clear(struct sp_trail *trail)
{
    sp_free(trail->steps);
    sp_buf_clear(&trail->locator);
    sp_buf_clear(&trail->path);
    sp_trail_init(trail);
}

static enum sp_err trail_grow(struct sp_trail *trail, struct sp_why *why)
{
    if (trail->count < trail->cap)
        return SP_OK;
    size_t cap = trail->cap == 0 ? TRAIL_FIRST : trail->cap * 2;
    struct sp_trail_step *steps = sp_realloc(trail->steps, cap * sizeof *steps);
    if (steps == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path of %zu objects", cap);
    trail->steps = steps;
    trail->cap = cap;
    return SP_OK;
}

enum sp_err sp_trail_enter(struct sp_trail *trail, const struct sp_object_row *row,
                           struct sp_why *why)
{
    while (trail->count > 0 && trail->steps[trail->count - 1].id != row->parent)
        trail->count--;
    if (trail->count == 0 && row->parent != 0)
        return sp_fail(why, SP_ERR_ALTERED, "an object of the inventory has lost its container");
    trail->locator.len = trail->count == 0 ? 0 : trail->steps[trail->count - 1].locator_len;
    enum sp_err err = trail_grow(trail, why);
    if (err == SP_OK && trail->count == 0) {
        trail->path.len = 0;
        err = sp_buf_append(&trail->path, row->name.ptr, row->name.len, why);
    }
    if (err == SP_OK)
        err =
            sp_locator_object(&trail->locator, row->step, row->ordinal, row->name, row->part, why);
    if (err == SP_OK)
        trail->steps[trail->count++] = (struct sp_trail_step){row->id, trail->locator.len};
    return err;
}

struct sp_slice sp_trail_locator(const struct sp_trail *trail)
{
    size_t len = trail->count == 0 ? 0 : trail->steps[trail->count - 1].locator_len;
    return (struct sp_slice){trail->locator.data, len};
}

enum sp_err sp_trail_place(struct sp_trail *trail, const struct sp_kept_record *record,
                           const struct sp_kept_finding *finding, struct sp_slice *out,
                           struct sp_why *why)
{
    const struct sp_place_in place = {
        .kind = record->kind,
        .row = record->row,
        .table = record->table,
        .key = finding->key,
        .column = finding->column,
        .part = finding->part,
        .line = finding->line,
        .line_column = finding->line_column,
        .offset = finding->offset,
    };
    trail->locator.len = sp_trail_locator(trail).len;
    enum sp_err err = sp_locator_place(&trail->locator, &place, why);
    *out = sp_buf_slice(&trail->locator);
    return err;
}
