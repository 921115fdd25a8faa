/* Tops: the account of a file whose parts several lanes read. It is complete in the inventory
 * only when all of them are there. */
#include "store/inventory_in.h"

#include <assert.h>

#include "base/mem.h"

static enum sp_err top_make(int64_t object, struct sp_top *up, struct sp_top **out,
                            struct sp_why *why)
{
    struct sp_top *top = sp_alloc_zero(sizeof *top);

    if (!top)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the account of a file");
    top->object = object;
    top->file = up ? up->file : object;
    top->up = up;
    atomic_init(&top->outstanding, 1);
    atomic_init(&top->told, SP_STATE_OPEN);
    atomic_init(&top->dropped, false);
    atomic_init(&top->touched, false);
    *out = top;
    return SP_OK;
}

enum sp_err sp_top_new(int64_t file, struct sp_top **out, struct sp_why *why)
{
    return top_make(file, NULL, out, why);
}

enum sp_err sp_top_new_member(int64_t member, struct sp_top *file, struct sp_top **out,
                              struct sp_why *why)
{
    enum sp_err err;

    assert(!file->up);
    err = top_make(member, file, out, why);
    if (!err)
        sp_top_add_part(file);
    return err;
}

bool sp_top_is_file(const struct sp_top *top)
{
    return !top->up;
}

void sp_top_touch(struct sp_top *top)
{
    for (; top; top = top->up)
        atomic_store(&top->touched, true);
}

void sp_top_add_part(struct sp_top *top)
{
    atomic_fetch_add(&top->outstanding, 1);
}

void sp_top_release(struct sp_top *top)
{
    while (top && atomic_fetch_sub(&top->outstanding, 1) == 1) {
        struct sp_top *up = top->up;

        sp_free(top);
        top = up;
    }
}

void sp_top_drop_part(struct sp_top *top)
{
    for (struct sp_top *at = top; at; at = at->up)
        atomic_store(&at->dropped, true);
    sp_top_release(top);
}

/* Something in the file was not read, for a reason that may hide personal data. */
static enum sp_err top_has_gap(struct sp_inventory *inventory, int64_t top, bool *gap,
                               struct sp_why *why)
{
    struct sp_stmt reasons;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_REASONS, &reasons, why);

    if (!err)
        sp_stmt_int(&reasons, 1, top);
    while (!err && !*gap) {
        unsigned reason;

        err = sp_stmt_step(&reasons, &row, why);
        if (err || !row)
            break;
        err = sp_stmt_get_enum(&reasons, 0, SP_REASON_COUNT, &reason, why);
        if (!err)
            *gap = sp_reason_class((enum sp_reason)reason) == SP_REASON_CLASS_GAP;
    }
    sp_sql_give(&reasons);
    return err;
}

static enum sp_err top_has_unfinished(struct sp_inventory *inventory, int64_t top, bool *unfinished,
                                      struct sp_why *why)
{
    struct sp_stmt below;
    bool row = false;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_UNFINISHED, &below, why);

    if (!err) {
        sp_stmt_int(&below, 1, top);
        err = sp_stmt_step(&below, &row, why);
    }
    if (!err)
        *unfinished = row && sp_stmt_get_int(&below, 0) != 0;
    sp_sql_give(&below);
    return err;
}

enum sp_err sp_top_finish(struct sp_inventory *inventory, const struct sp_top *top,
                          struct sp_why *why)
{
    enum sp_state state = (enum sp_state)atomic_load(&top->told);
    bool partial = false;
    struct sp_stmt finish;
    enum sp_err err = SP_OK;

    if (state == SP_STATE_OPEN || atomic_load(&top->dropped))
        return SP_OK; /* never ended: it stays open and is read again */
    if (!top->up && state == SP_STATE_COMPLETE && atomic_load(&top->touched)) {
        err = top_has_unfinished(inventory, top->object, &partial, why);
        if (!err && !partial)
            err = top_has_gap(inventory, top->object, &partial, why);
    }
    if (err)
        return err;
    err = sp_sql_take(&inventory->sql, SP_STMT_TOP_FINISH, &finish, why);
    if (!err) {
        sp_stmt_int(&finish, 1, top->object);
        sp_stmt_int(&finish, 2, partial ? SP_STATE_PARTIAL : state);
        err = sp_stmt_run(&finish, why);
    }
    sp_sql_give(&finish);
    return err;
}
