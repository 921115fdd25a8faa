/* What an interrupted scan had read of a large file: its finished members stay, the rest of it
 * goes. A member that is not OPEN is finished with all that lies in it, because its account (top.c)
 * wrote its state in the transaction that wrote the last of its parts. */
#include "store/inventory_in.h"

#include "core/plan.h"
#include "store/reuse.h"

enum { RESUME_IDS_MAX_BYTES = 1 << 28 }; /* 32 million objects */

/* The member directly below `top` that the object lies in is not finished: what was not read in it
 * may be readable now. */
static enum sp_err resume_reopen_above(struct sp_inventory *inventory, int64_t top, int64_t object,
                                       struct sp_why *why)
{
    struct sp_stmt parent, reopen = {.raw = NULL};
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_PARENT, &parent, why);

    if (!err)
        err = sp_sql_take(&inventory->sql, SP_STMT_MEMBER_REOPEN, &reopen, why);
    for (int depth = 0; !err && object != top && row && depth < SP_OBJECT_DEPTH_MAX; depth++) {
        int64_t above = 0;

        sp_stmt_int(&parent, 1, object);
        err = sp_stmt_step(&parent, &row, why);
        if (!err && row)
            above = sp_stmt_get_int(&parent, 0);
        sqlite3_reset(parent.raw);
        if (!err && row && above == top) {
            sp_stmt_int(&reopen, 1, object);
            err = sp_stmt_run(&reopen, why);
        }
        object = above;
    }
    sp_sql_give(&parent);
    sp_sql_give(&reopen);
    return err;
}

/* Unread records that another attempt may do without. */
static enum sp_err resume_reopen(struct sp_inventory *inventory, int64_t top, struct sp_why *why)
{
    struct sp_stmt unread;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_UNREAD, &unread, why);

    if (!err)
        sp_stmt_int(&unread, 1, top);
    while (!err) {
        unsigned reason;

        err = sp_stmt_step(&unread, &row, why);
        if (err || !row)
            break;
        err = sp_stmt_get_enum(&unread, 1, SP_REASON_COUNT, &reason, why);
        if (!err && !sp_reuse_is_last((enum sp_reason)reason))
            err = resume_reopen_above(inventory, top, sp_stmt_get_int(&unread, 0), why);
    }
    sp_sql_give(&unread);
    return err;
}

/* Ordinals of the finished members as spans. Those beyond the room are read again. */
static enum sp_err resume_spans(struct sp_inventory *inventory, int64_t top, struct sp_buf *spans,
                                struct sp_why *why)
{
    struct sp_stmt members, reopen = {.raw = NULL};
    struct sp_span span = {0, 0};
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_MEMBERS_DONE, &members, why);

    if (!err)
        sp_stmt_int(&members, 1, top);
    while (!err && spans->len < SP_PLAN_SPANS_MAX * sizeof span) {
        uint64_t ordinal;

        err = sp_stmt_step(&members, &row, why);
        if (err || !row)
            break;
        ordinal = sp_stmt_get_u64(&members, 0);
        if (ordinal == 0 || ordinal == span.last)
            continue;
        if (span.last != 0 && ordinal != span.last + 1) {
            err = sp_buf_append(spans, &span, sizeof span, why);
            span.last = 0;
        }
        if (span.last == 0)
            span.first = ordinal;
        span.last = ordinal;
    }
    sp_sql_give(&members);
    if (!err && span.last != 0 && spans->len < SP_PLAN_SPANS_MAX * sizeof span)
        err = sp_buf_append(spans, &span, sizeof span, why);
    if (err || spans->len == 0)
        return err;
    memcpy(&span, spans->data + spans->len - sizeof span, sizeof span);
    err = sp_sql_take(&inventory->sql, SP_STMT_MEMBERS_REOPEN, &reopen, why);
    if (!err) {
        sp_stmt_int(&reopen, 1, top);
        sp_stmt_u64(&reopen, 2, span.last);
        err = sp_stmt_run(&reopen, why);
    }
    sp_sql_give(&reopen);
    return err;
}

/* Runs a statement about `object` (?2) of `top` (?1). */
static enum sp_err resume_run(struct sp_inventory *inventory, enum sp_statement number, int64_t top,
                              int64_t object, struct sp_why *why)
{
    struct sp_stmt stmt;
    enum sp_err err = sp_sql_take(&inventory->sql, number, &stmt, why);

    if (!err) {
        sp_stmt_int(&stmt, 1, top);
        sp_stmt_int(&stmt, 2, object);
        err = sp_stmt_run(&stmt, why);
    }
    sp_sql_give(&stmt);
    return err;
}

static enum sp_err resume_remove(struct sp_inventory *inventory, int64_t top, int64_t object,
                                 struct sp_why *why)
{
    struct sp_stmt segments;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_SEGMENTS_REMOVE, &segments, why);

    if (!err) {
        sp_stmt_int(&segments, 1, object << SP_SEGMENT_ORDINAL_BITS);
        sp_stmt_int(&segments, 2, ((object + 1) << SP_SEGMENT_ORDINAL_BITS) - 1);
        err = sp_stmt_run(&segments, why);
    }
    sp_sql_give(&segments);
    if (!err)
        err = resume_run(inventory, SP_STMT_OBJECT_UNREAD_REMOVE, top, object, why);
    if (!err && object != top) /* the file keeps its row, which its end will replace */
        err = resume_run(inventory, SP_STMT_OBJECT_REMOVE, top, object, why);
    return err;
}

/* Removes what is in the file besides its finished members, and all that the file says itself. */
static enum sp_err resume_clean(struct sp_inventory *inventory, int64_t top, struct sp_why *why)
{
    struct sp_buf ids;
    struct sp_stmt rest;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_REST, &rest, why);

    sp_buf_init(&ids, RESUME_IDS_MAX_BYTES);
    if (!err)
        sp_stmt_int(&rest, 1, top);
    while (!err) {
        int64_t id;

        err = sp_stmt_step(&rest, &row, why);
        if (err || !row)
            break;
        id = sp_stmt_get_int(&rest, 0);
        err = sp_buf_append(&ids, &id, sizeof id, why);
    }
    sp_sql_give(&rest);
    for (size_t at = 0; !err && at < ids.len; at += sizeof(int64_t)) {
        int64_t id;

        memcpy(&id, ids.data + at, sizeof id);
        err = resume_remove(inventory, top, id, why);
    }
    sp_buf_clear(&ids);
    return err;
}

/* From now on it is of this scan, which may look for less than the one that began it: whatever is
 * read of it from here on was not looked at for the rest. */
static enum sp_err resume_take_over(struct sp_inventory *inventory, int64_t top, int64_t scan_id,
                                    struct sp_why *why)
{
    struct sp_stmt stmt;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_FILE_RESUMED, &stmt, why);

    if (!err) {
        sp_stmt_int(&stmt, 1, top);
        sp_stmt_int(&stmt, 2, scan_id);
        err = sp_stmt_run(&stmt, why);
    }
    sp_sql_give(&stmt);
    return err;
}

enum sp_err sp_resume_prepare(struct sp_inventory *inventory, int64_t top, int64_t scan_id,
                              struct sp_resume *resume, struct sp_why *why)
{
    enum sp_err err = sp_inventory_write_begin(inventory, why);

    if (err)
        return err;
    sp_buf_reset(&resume->spans);
    err = resume_reopen(inventory, top, why);
    if (!err)
        err = resume_spans(inventory, top, &resume->spans, why);
    if (!err && resume->spans.len > 0)
        err = resume_clean(inventory, top, why);
    if (!err && resume->spans.len > 0)
        err = resume_take_over(inventory, top, scan_id, why);
    err = sp_inventory_write_end(inventory, err, why);
    resume->object = !err && resume->spans.len > 0 ? top : 0;
    return err;
}
