/* What a root holds, in numbers. */
#include "store/inventory_in.h"

static enum sp_err coverage_states(struct sp_stmt *stmt, struct sp_coverage *out,
                                   struct sp_why *why)
{
    uint64_t *const by_state[] = {
        [SP_STATE_OPEN] = &out->objects_open,
        [SP_STATE_COMPLETE] = &out->objects_read,
        [SP_STATE_PARTIAL] = &out->objects_partial,
        [SP_STATE_SKIPPED] = &out->objects_skipped,
    };
    bool row;
    enum sp_err err;

    while (!(err = sp_stmt_step(stmt, &row, why)) && row) {
        unsigned state;

        err = sp_stmt_get_enum(stmt, 0, SP_STATE_SKIPPED + 1, &state, why);
        if (err)
            return err;
        *by_state[state] = sp_stmt_get_u64(stmt, 1);
        out->objects += sp_stmt_get_u64(stmt, 1);
        out->bytes_read += sp_stmt_get_u64(stmt, 2);
    }
    return err;
}

static enum sp_err coverage_counts(struct sp_stmt *stmt, struct sp_coverage *out,
                                   struct sp_why *why)
{
    bool row;
    enum sp_err err;

    while (!(err = sp_stmt_step(stmt, &row, why)) && row) {
        err = sp_segment_counts_add(sp_stmt_get_blob(stmt, 0), out->findings, why);
        if (err)
            return err;
    }
    return err;
}

/* Rows come in the order of their objects. */
static enum sp_err coverage_reasons(struct sp_stmt *stmt, struct sp_coverage *out,
                                    struct sp_why *why)
{
    int64_t last_gap = 0; /* object counted last */
    bool row;
    enum sp_err err;

    while (!(err = sp_stmt_step(stmt, &row, why)) && row) {
        int64_t object = sp_stmt_get_int(stmt, 0);
        unsigned reason;

        err = sp_stmt_get_enum(stmt, 1, SP_REASON_COUNT, &reason, why);
        if (err)
            return err;
        out->unread[reason]++;
        if (sp_reason_class((enum sp_reason)reason) == SP_REASON_CLASS_GAP && object != last_gap) {
            out->objects_unread_gap++;
            last_gap = object;
        }
    }
    return err;
}

enum sp_err sp_inventory_coverage(struct sp_inventory *inventory, int64_t root_id,
                                  struct sp_coverage *out, struct sp_why *why)
{
    static const struct {
        enum sp_statement number;
        enum sp_err (*add)(struct sp_stmt *, struct sp_coverage *, struct sp_why *);
    } parts[] = {
        {SP_STMT_COVERAGE_STATES, coverage_states},
        {SP_STMT_COVERAGE_COUNTS, coverage_counts},
        {SP_STMT_COVERAGE_REASONS, coverage_reasons},
    };
    enum sp_err err = SP_OK;

    *out = (struct sp_coverage){0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !err; i++) {
        struct sp_stmt stmt;

        err = sp_sql_take(&inventory->sql, parts[i].number, &stmt, why);
        if (!err) {
            sp_stmt_int(&stmt, 1, root_id);
            err = parts[i].add(&stmt, out, why);
        }
        sp_sql_give(&stmt);
    }
    return err;
}
