/* Reading what scans left: roots, objects, segments, unread records. Numbers come from a file
 * that may be damaged, so each is checked before it becomes an enum. */
#include "store/inventory_in.h"

#include "base/mem.h"

/* ---- roots --------------------------------------------------------------------------------- */

static void read_id(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

static enum sp_err read_root(const struct sp_stmt *stmt, struct sp_root_row *row,
                             struct sp_why *why)
{
    struct sp_slice path = sp_stmt_get_blob(stmt, 1);

    *row = (struct sp_root_row){
        .id = sp_stmt_get_int(stmt, 0),
        .path = sp_copy_string(path.ptr, path.len),
        .is_tree = sp_stmt_get_int(stmt, 2) != 0,
        .complete = sp_stmt_get_int(stmt, 3) != 0,
        .last_scan = sp_stmt_get_int(stmt, 4),
        .started_s = sp_stmt_get_int(stmt, 5),
        .ended_s = sp_stmt_get_int(stmt, 6),
        .types_searched = sp_stmt_get_u64(stmt, 9),
        .keep_values = sp_stmt_get_int(stmt, 10) != 0,
    };
    read_id(row->patterns_digest, sizeof row->patterns_digest, sp_stmt_get_text(stmt, 7));
    read_id(row->names_digest, sizeof row->names_digest, sp_stmt_get_text(stmt, 11));
    read_id(row->key_ids, sizeof row->key_ids, sp_stmt_get_text(stmt, 8));
    if (!row->path)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the roots of an inventory");
    return SP_OK;
}

enum sp_err sp_inventory_roots(struct sp_inventory *inventory, struct sp_root_row **out,
                               size_t *count, struct sp_why *why)
{
    struct sp_root_row *rows = NULL;
    struct sp_stmt stmt;
    size_t have = 0;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_ROOTS, &stmt, why);

    while (!err) {
        struct sp_root_row *grown;
        bool row;

        err = sp_stmt_step(&stmt, &row, why);
        if (err || !row)
            break;
        grown = sp_realloc(rows, (have + 1) * sizeof *rows);
        if (!grown) {
            err = sp_fail(why, SP_ERR_NOMEM, "no memory for the roots of an inventory");
            break;
        }
        rows = grown;
        err = read_root(&stmt, &rows[have], why);
        if (!err)
            have++;
    }
    sp_sql_give(&stmt);
    if (err) {
        sp_root_rows_free(rows, have);
        return err;
    }
    *out = rows;
    *count = have;
    return SP_OK;
}

void sp_root_rows_free(struct sp_root_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sp_free(rows[i].path);
    sp_free(rows);
}

/* ---- objects ------------------------------------------------------------------------------- */

/* The columns of statements.c that need no check but their form. */
static void read_object_plain(const struct sp_stmt *stmt, struct sp_object_row *row,
                              struct sp_stat_id *stat)
{
    row->id = sp_stmt_get_int(stmt, 0);
    row->root_id = sp_stmt_get_int(stmt, 1);
    row->scan_id = sp_stmt_get_int(stmt, 2);
    row->parent = sp_stmt_get_int(stmt, 4);
    row->unit = sp_stmt_get_int(stmt, 5);
    row->ordinal = sp_stmt_get_u64(stmt, 6);
    row->depth = (unsigned)sp_stmt_get_int(stmt, 7);
    row->name = sp_stmt_get_blob(stmt, 12);
    row->part = sp_stmt_get_blob(stmt, 13);
    row->link = sp_stmt_get_blob(stmt, 14);
    row->format = sp_stmt_get_text(stmt, 15);
    row->encoding = sp_stmt_get_text(stmt, 16);
    row->size = sp_stmt_get_null(stmt, 17) ? SP_SIZE_UNKNOWN : sp_stmt_get_u64(stmt, 17);
    row->bytes_read = sp_stmt_get_u64(stmt, 18);
    row->record_count = sp_stmt_get_u64(stmt, 19);
    row->mtime_s = sp_stmt_get_null(stmt, 20) ? INT64_MIN : sp_stmt_get_int(stmt, 20);
    row->owner = sp_stmt_get_blob(stmt, 21);
    row->group = sp_stmt_get_blob(stmt, 22);
    row->mode = (uint32_t)sp_stmt_get_int(stmt, 23);
    row->first_seen_s = sp_stmt_get_int(stmt, 29);
    row->stat = NULL;
    if (sp_stmt_get_null(stmt, 24))
        return;
    stat->dev = sp_stmt_get_u64(stmt, 24);
    stat->ino = sp_stmt_get_u64(stmt, 25);
    stat->size = sp_stmt_get_u64(stmt, 26);
    stat->mtime_ns = sp_stmt_get_int(stmt, 27);
    stat->ctime_ns = sp_stmt_get_int(stmt, 28);
    row->stat = stat;
}

static enum sp_err read_object(const struct sp_stmt *stmt, struct sp_object_row *row,
                               struct sp_stat_id *stat, struct sp_why *why)
{
    unsigned step, node, state, shape;
    enum sp_err err = sp_stmt_get_enum(stmt, 8, SP_STEP_COUNT, &step, why);

    if (!err)
        err = sp_stmt_get_enum(stmt, 9, SP_NODE_SPECIAL + 1, &node, why);
    if (!err)
        err = sp_stmt_get_enum(stmt, 10, SP_STATE_SKIPPED + 1, &state, why);
    if (!err)
        err = sp_stmt_get_enum(stmt, 11, SP_SHAPE_NONE + 1, &shape, why);
    if (err)
        return err;
    read_object_plain(stmt, row, stat);
    row->step = (enum sp_step)step;
    row->node = (enum sp_node)node;
    row->state = (enum sp_state)state;
    row->shape = (enum sp_shape)shape;
    return SP_OK;
}

/* A walk through one root: one open statement for each level of the branch it stands on. */
struct object_walk {
    struct sp_inventory *inventory;
    sp_object_out out;
    void *ctx;
    int64_t top; /* the file that the branch is in */
    struct sp_stmt levels[SP_OBJECT_DEPTH_MAX];
    size_t depth; /* levels in use */
};

static enum sp_err walk_down(struct object_walk *walk, int64_t parent, struct sp_why *why)
{
    struct sp_stmt *level = &walk->levels[walk->depth];
    enum sp_err err;

    if (walk->depth == SP_OBJECT_DEPTH_MAX)
        return sp_fail(why, SP_ERR_ALTERED, "%s: damaged (objects form a loop)",
                       walk->inventory->path);
    err = sp_sql_take(&walk->inventory->sql, SP_STMT_CHILDREN, level, why);
    if (err)
        return err;
    walk->depth++;
    sp_stmt_int(level, 1, walk->top);
    sp_stmt_int(level, 2, parent);
    return SP_OK;
}

/* One row of the deepest level, or one level up when it has no more. */
static enum sp_err walk_step(struct object_walk *walk, struct sp_why *why)
{
    struct sp_stmt *level = &walk->levels[walk->depth - 1];
    struct sp_object_row row;
    struct sp_stat_id stat;
    int64_t id;
    bool more;
    enum sp_err err = sp_stmt_step(level, &more, why);

    if (err)
        return err;
    if (!more) {
        sp_sql_give(level);
        walk->depth--;
        return SP_OK;
    }
    err = read_object(level, &row, &stat, why);
    if (err)
        return err;
    id = row.id;
    if (walk->depth == 1)
        walk->top = id;
    err = walk->out(walk->ctx, &row, why);
    return err ? err : walk_down(walk, id, why);
}

enum sp_err sp_inventory_each_object(struct sp_inventory *inventory, int64_t root_id,
                                     sp_object_out out, void *ctx, struct sp_why *why)
{
    struct object_walk walk = {.inventory = inventory, .out = out, .ctx = ctx};
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_FILES, &walk.levels[0], why);

    if (err)
        return err;
    sp_stmt_int(&walk.levels[0], 1, root_id);
    walk.depth = 1;
    while (!err && walk.depth)
        err = walk_step(&walk, why);
    while (walk.depth)
        sp_sql_give(&walk.levels[--walk.depth]);
    return err;
}

/* ---- segments ------------------------------------------------------------------------------ */

/* Counts and tokens: the columns that both ways of reading have. */
static enum sp_err read_tokens(const struct sp_stmt *stmt, struct sp_segment_view *view,
                               struct sp_why *why)
{
    unsigned findings, tokens;
    enum sp_err err = sp_stmt_get_enum(stmt, 1, SP_SEGMENT_FINDINGS_MAX + 1, &findings, why);

    if (!err)
        err = sp_stmt_get_enum(stmt, 2, SP_SEGMENT_FINDINGS_MAX * SP_TOKENS_MAX + 1, &tokens, why);
    if (err)
        return err;
    *view = (struct sp_segment_view){.finding_count = findings, .token_count = tokens};
    view->tokens = sp_stmt_get_blob(stmt, 3);
    if (view->tokens.len != (size_t)tokens * SP_TOKEN_LEN)
        return sp_fail(why, SP_ERR_ALTERED, "%s: damaged (a segment of findings is cut)",
                       stmt->sql->path);
    return SP_OK;
}

static enum sp_err read_segment(const struct sp_stmt *stmt, const struct sp_key *key,
                                struct sp_segment_view *view, struct sp_buf *values,
                                struct sp_why *why)
{
    uint8_t context[SP_SEGMENT_CONTEXT_BYTES];
    int64_t number = sp_stmt_get_int(stmt, 0);
    struct sp_slice sealed;
    enum sp_err err = read_tokens(stmt, view, why);

    if (err)
        return err;
    view->findings = sp_stmt_get_blob(stmt, 4);
    view->records = sp_stmt_get_blob(stmt, 5);
    view->strings = sp_stmt_get_blob(stmt, 6);
    sealed = sp_stmt_get_blob(stmt, 7);
    if (!key || !sealed.len)
        return SP_OK;
    sp_segment_context(number >> SP_SEGMENT_ORDINAL_BITS,
                       (uint32_t)(number & ((1 << SP_SEGMENT_ORDINAL_BITS) - 1)), context);
    sp_buf_wipe(values);
    err = sp_open_values(key, sealed, (struct sp_slice){context, sizeof context}, values, why);
    view->values = sp_buf_slice(values);
    return err;
}

enum sp_err sp_inventory_each_segment(struct sp_inventory *inventory, int64_t object_id,
                                      const struct sp_key *key, sp_segment_row_out out, void *ctx,
                                      struct sp_why *why)
{
    struct sp_buf values;
    struct sp_stmt stmt;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_SEGMENTS, &stmt, why);

    sp_buf_init(&values, SIZE_MAX / 2);
    if (!err) {
        sp_stmt_int(&stmt, 1, object_id << SP_SEGMENT_ORDINAL_BITS);
        sp_stmt_int(&stmt, 2, ((object_id + 1) << SP_SEGMENT_ORDINAL_BITS) - 1);
    }
    while (!err) {
        struct sp_segment_view view;

        err = sp_stmt_step(&stmt, &row, why);
        if (err || !row)
            break;
        err = read_segment(&stmt, key, &view, &values, why);
        if (!err)
            err = out(ctx, object_id, &view, why);
    }
    sp_sql_give(&stmt);
    sp_buf_wipe(&values);
    return err;
}

enum sp_err sp_inventory_each_token_segment(struct sp_inventory *inventory, int64_t root_id,
                                            sp_segment_row_out out, void *ctx, struct sp_why *why)
{
    struct sp_stmt stmt;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_ROOT_TOKENS, &stmt, why);

    if (!err)
        sp_stmt_int(&stmt, 1, root_id);
    while (!err) {
        struct sp_segment_view view;

        err = sp_stmt_step(&stmt, &row, why);
        if (err || !row)
            break;
        err = read_tokens(&stmt, &view, why);
        if (!err)
            err = out(ctx, sp_stmt_get_int(&stmt, 0) >> SP_SEGMENT_ORDINAL_BITS, &view, why);
    }
    sp_sql_give(&stmt);
    return err;
}

/* ---- unread -------------------------------------------------------------------------------- */

static enum sp_err read_unread(const struct sp_stmt *stmt, struct sp_unread *unread,
                               struct sp_why *why)
{
    const char *detail = sp_stmt_get_text(stmt, 2);
    unsigned reason;
    enum sp_err err = sp_stmt_get_enum(stmt, 1, SP_REASON_COUNT, &reason, why);

    if (err)
        return err;
    sp_unread_init(unread, (enum sp_reason)reason);
    snprintf(unread->detail, sizeof unread->detail, "%s", detail ? detail : "");
    unread->bytes_read = sp_stmt_get_null(stmt, 3) ? SP_SIZE_UNKNOWN : sp_stmt_get_u64(stmt, 3);
    unread->bytes_expected = sp_stmt_get_null(stmt, 4) ? SP_SIZE_UNKNOWN : sp_stmt_get_u64(stmt, 4);
    unread->partial = sp_stmt_get_int(stmt, 5) != 0;
    unread->fallback = sp_stmt_get_int(stmt, 6) != 0;
    return SP_OK;
}

enum sp_err sp_inventory_each_unread(struct sp_inventory *inventory, int64_t root_id,
                                     int64_t object_id, sp_unread_out out, void *ctx,
                                     struct sp_why *why)
{
    struct sp_stmt stmt;
    bool row = true;
    enum sp_err err = sp_sql_take(
        &inventory->sql, object_id ? SP_STMT_UNREAD_OF_OBJECT : SP_STMT_UNREAD_OF_ROOT, &stmt, why);

    if (!err)
        sp_stmt_int(&stmt, 1, object_id ? object_id : root_id);
    while (!err) {
        struct sp_unread unread;

        err = sp_stmt_step(&stmt, &row, why);
        if (err || !row)
            break;
        err = read_unread(&stmt, &unread, why);
        if (!err)
            err = out(ctx, sp_stmt_get_int(&stmt, 0), &unread, why);
    }
    sp_sql_give(&stmt);
    return err;
}
