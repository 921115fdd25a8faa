/* Opening, and the transactions of the one writer. */
#include "store/inventory_in.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/private.h"
#include "store/schema.h"

enum { INVENTORY_PENDING_MAX = 1024 * 1024 }; /* bytes; written long before (reuse.c) */

/* ---- opening ------------------------------------------------------------------------------- */

/* Makes the file, or checks who may read it. Looks at the name only: opening and closing a
 * descriptor of a database drops the locks that SQLite holds on it in this process. */
static enum sp_err inventory_ready_file(const char *path, bool create, struct sp_why *why)
{
    struct stat status;
    enum sp_err err;
    int fd;

    if (path[0] == ':')
        return sp_fail(why, SP_ERR_USAGE, "%s: not a file name for an inventory", path);
    if (stat(path, &status) == 0)
        return sp_private_check(&status, path, why);
    if (errno != ENOENT)
        return sp_private_fail(why, SP_ERR_IO, path, "open it", errno);
    if (!create)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: no such inventory", path);
    err = sp_private_make(path, &fd, why);
    if (err == SP_ERR_USAGE && stat(path, &status) == 0) /* another process was quicker */
        return sp_private_check(&status, path, why);
    if (!err)
        close(fd);
    return err;
}

/* Nothing is in it: just made, or its maker died before there were tables. */
static enum sp_err inventory_is_empty(struct sp_sql *sql, bool *empty, struct sp_why *why)
{
    int64_t tables = 0, application = 0;
    enum sp_err err = sp_sql_number(sql, "SELECT count(*) FROM sqlite_schema", &tables, why);

    if (!err)
        err = sp_sql_number(sql, "PRAGMA application_id", &application, why);
    *empty = !tables && !application;
    return err;
}

static enum sp_err inventory_connect(struct sp_inventory *inventory, bool create,
                                     struct sp_why *why)
{
    struct sp_sql *sql = &inventory->sql;
    bool empty = false;
    enum sp_err err = sp_sql_open(sql, inventory->path, SQLITE_OPEN_READWRITE, sp_statements, why);

    if (!err)
        err = sp_schema_settings(sql, why);
    if (!err)
        err = inventory_is_empty(sql, &empty, why);
    if (err)
        return err;
    inventory->writable = sqlite3_db_readonly(sql->db, "main") == 0;
    /* a scan that was killed right after it made the file left one that says nothing yet */
    if (empty && (create || inventory->writable))
        err = sp_schema_create(sql, why);
    if (!err)
        err = sp_schema_check(sql, inventory->writable, why);
    return err;
}

enum sp_err sp_inventory_open(const char *path, bool create, struct sp_inventory **out,
                              struct sp_why *why)
{
    struct sp_inventory *inventory;
    enum sp_err err = inventory_ready_file(path, create, why);

    if (err)
        return err;
    inventory = sp_alloc_zero(sizeof *inventory);
    if (!inventory)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for an inventory");
    pthread_mutex_init(&inventory->lock, NULL);
    sp_buf_init(&inventory->pending, INVENTORY_PENDING_MAX);
    inventory->lock_fd = -1;
    inventory->path = sp_copy_string(path, strlen(path));
    err = inventory->path ? inventory_connect(inventory, create, why)
                          : sp_fail(why, SP_ERR_NOMEM, "no memory for an inventory");
    if (err) {
        sp_inventory_close(inventory);
        return err;
    }
    *out = inventory;
    return SP_OK;
}

void sp_inventory_close(struct sp_inventory *inventory)
{
    if (!inventory)
        return;
    sp_sql_close(&inventory->sql);
    if (inventory->lock_fd >= 0)
        close(inventory->lock_fd);
    sp_buf_clear(&inventory->pending);
    pthread_mutex_destroy(&inventory->lock);
    sp_free(inventory->path);
    sp_free(inventory);
}

/* ---- transactions -------------------------------------------------------------------------- */

static enum sp_err inventory_run(struct sp_inventory *inventory, enum sp_statement number,
                                 struct sp_why *why)
{
    struct sp_stmt stmt;
    enum sp_err err = sp_sql_take(&inventory->sql, number, &stmt, why);

    if (!err)
        err = sp_stmt_run(&stmt, why);
    sp_sql_give(&stmt);
    return err;
}

enum sp_err sp_inventory_write_begin(struct sp_inventory *inventory, struct sp_why *why)
{
    enum sp_err err = inventory_run(inventory, SP_STMT_BEGIN, why);

    if (err)
        return err;
    err = sp_inventory_write_pending(inventory, why);
    if (err)
        inventory_run(inventory, SP_STMT_ROLLBACK, NULL);
    return err;
}

enum sp_err sp_inventory_write_end(struct sp_inventory *inventory, enum sp_err err,
                                   struct sp_why *why)
{
    if (!err)
        err = inventory_run(inventory, SP_STMT_COMMIT, why);
    if (!err)
        sp_buf_reset(&inventory->pending);
    else if (!sqlite3_get_autocommit(inventory->sql.db)) /* a full disk rolls back by itself */
        inventory_run(inventory, SP_STMT_ROLLBACK, NULL);
    return err;
}

enum sp_err sp_inventory_remove_top(struct sp_inventory *inventory, int64_t top, struct sp_why *why)
{
    static const enum sp_statement removals[] = {SP_STMT_OBJECTS_REMOVE, SP_STMT_FILE_REMOVE,
                                                 SP_STMT_UNREAD_REMOVE};
    struct sp_stmt objects, segments = {.raw = NULL};
    int64_t object = top;
    bool more = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_OBJECTS, &objects, why);

    if (!err)
        err = sp_sql_take(&inventory->sql, SP_STMT_SEGMENTS_REMOVE, &segments, why);
    if (!err)
        sp_stmt_int(&objects, 1, top);
    while (!err && more) { /* the file itself first, then the objects in it */
        sp_stmt_int(&segments, 1, object << SP_SEGMENT_ORDINAL_BITS);
        sp_stmt_int(&segments, 2, ((object + 1) << SP_SEGMENT_ORDINAL_BITS) - 1);
        err = sp_stmt_run(&segments, why);
        if (!err)
            err = sp_stmt_step(&objects, &more, why);
        if (!err && more)
            object = sp_stmt_get_int(&objects, 0);
    }
    sp_sql_give(&segments);
    sp_sql_give(&objects);
    for (size_t i = 0; i < sizeof removals / sizeof *removals && !err; i++) {
        struct sp_stmt stmt;

        err = sp_sql_take(&inventory->sql, removals[i], &stmt, why);
        if (err)
            break;
        sp_stmt_int(&stmt, 1, top);
        err = sp_stmt_run(&stmt, why);
        sp_sql_give(&stmt);
    }
    return err;
}

int64_t sp_inventory_new_id(struct sp_inventory *inventory)
{
    int64_t id = atomic_fetch_add(&inventory->next_id, 1);

    assert(id > 0 && id < (INT64_C(1) << (63 - SP_SEGMENT_ORDINAL_BITS)));
    return id;
}
