/* Scans: who may write, what each looked for, and what is gone when one has seen everything. */
#include "store/inventory_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/private.h"

enum { SCAN_REMOVE_AT_ONCE = 256 }; /* files not seen any more, a transaction */

/* One process scans into an inventory at a time: two would give out the same object numbers. The
 * lock file stays behind, as removing it would race. */
static enum sp_err scan_lock(struct sp_inventory *inventory, struct sp_why *why)
{
    char *path;
    enum sp_err err = SP_OK;
    int fd;

    if (inventory->lock_fd >= 0)
        return SP_OK;
    path = sp_private_beside(inventory->path, "-lock");
    if (!path)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0)
        err = sp_private_fail(why, SP_ERR_IO, path, "open it", errno);
    else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        err = sp_fail(why, SP_ERR_IO, "%s: another process is scanning into this inventory",
                      inventory->path);
    if (!err)
        inventory->lock_fd = fd;
    else if (fd >= 0)
        close(fd);
    sp_free(path);
    return err;
}

static enum sp_err scan_first_id(struct sp_inventory *inventory, struct sp_why *why)
{
    int64_t objects = 0, segments = 0;
    enum sp_err err = sp_sql_number(&inventory->sql, "SELECT max(id) FROM object", &objects, why);

    if (!err)
        err = sp_sql_number(&inventory->sql, "SELECT max(id) >> 20 FROM segment", &segments, why);
    if (!err)
        atomic_store(&inventory->next_id, (objects > segments ? objects : segments) + 1);
    return err;
}

/* Rows whose file's own row never came, because an earlier scan was killed between the flushes of
 * two lanes. */
static enum sp_err scan_remove_orphans(struct sp_inventory *inventory, struct sp_why *why)
{
    struct sp_stmt tops;
    int64_t top = 0;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_AFTER, &tops, why);

    while (!err) {
        sp_stmt_int(&tops, 1, top);
        err = sp_stmt_step(&tops, &row, why);
        if (err || !row)
            break;
        top = sp_stmt_get_int(&tops, 0);
        row = sp_stmt_get_int(&tops, 1) != 0;
        sqlite3_reset(tops.raw);
        if (!row)
            err = sp_inventory_remove_top(inventory, top, why);
    }
    sp_sql_give(&tops);
    if (err)
        return err;
    return sp_sql_run(&inventory->sql,
                      "DELETE FROM unread WHERE NOT EXISTS("
                      "SELECT 1 FROM object WHERE object.id = unread.top);"
                      "DELETE FROM segment WHERE NOT EXISTS("
                      "SELECT 1 FROM object WHERE object.id = segment.id >> 20);"
                      "UPDATE scan SET ended_s = 0 WHERE ended_s IS NULL;", /* 0: it died */
                      why);
}

static enum sp_err scan_put_root(struct sp_inventory *inventory, const struct sp_scan_info *info,
                                 int64_t *root_id, struct sp_why *why)
{
    struct sp_slice path = sp_slice_of(info->root);
    struct sp_stmt put, find = {.raw = NULL};
    bool row = false;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_ROOT_PUT, &put, why);

    if (!err)
        err = sp_sql_take(&inventory->sql, SP_STMT_ROOT_FIND, &find, why);
    if (err)
        goto done;
    sp_stmt_blob(&put, 1, path);
    sp_stmt_int(&put, 2, info->root_is_tree);
    err = sp_stmt_run(&put, why);
    if (err)
        goto done;
    sp_stmt_blob(&find, 1, path);
    err = sp_stmt_step(&find, &row, why);
    if (!err && !row)
        err = sp_fail(why, SP_ERR_BUG, "%s: a root that was written is not there", inventory->path);
    if (!err) {
        *root_id = sp_stmt_get_int(&find, 0);
        inventory->new_root = sp_stmt_get_int(&find, 1) ? 0 : *root_id;
    }
done:
    sp_sql_give(&put);
    sp_sql_give(&find);
    return err;
}

static void scan_bind_text(struct sp_stmt *stmt, int at, const char *text)
{
    sp_stmt_text_or_null(stmt, at, sp_slice_of(text && *text ? text : "-"));
}

static enum sp_err scan_put_scan(struct sp_inventory *inventory, const struct sp_scan_info *info,
                                 int64_t root_id, int64_t *scan_id, struct sp_why *why)
{
    struct sp_stmt put, scanned = {.raw = NULL};
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_SCAN_NEW, &put, why);

    if (!err)
        err = sp_sql_take(&inventory->sql, SP_STMT_ROOT_SCANNED, &scanned, why);
    if (err)
        goto done;
    sp_stmt_int(&put, 1, root_id);
    sp_stmt_int(&put, 2, info->started_s);
    scan_bind_text(&put, 3, info->patterns_digest);
    scan_bind_text(&put, 4, info->key_ids);
    scan_bind_text(&put, 5, info->version);
    scan_bind_text(&put, 6, info->sandbox);
    sp_stmt_int(&put, 7, info->keep_values);
    sp_stmt_u64(&put, 8, info->types_searched);
    if (info->names_digest)
        scan_bind_text(&put, 9, info->names_digest);
    err = sp_stmt_run(&put, why);
    if (err)
        goto done;
    *scan_id = sqlite3_last_insert_rowid(inventory->sql.db);
    sp_stmt_int(&scanned, 1, root_id);
    sp_stmt_int(&scanned, 2, *scan_id);
    err = sp_stmt_run(&scanned, why);
done:
    sp_sql_give(&put);
    sp_sql_give(&scanned);
    return err;
}

/* With the lock held and the inventory ours to scan into. */
static enum sp_err scan_begin_rows(struct sp_inventory *inventory, const struct sp_scan_info *info,
                                   int64_t *root_id, int64_t *scan_id, struct sp_why *why)
{
    int64_t died = 0;
    enum sp_err err = SP_OK;

    if (!inventory->scan_count) {
        err = scan_first_id(inventory, why);
        if (!err)
            err = sp_sql_number(&inventory->sql,
                                "SELECT 1 FROM scan WHERE ended_s IS NULL OR complete = 0", &died,
                                why);
    }
    if (!err)
        err = sp_inventory_write_begin(inventory, why);
    if (err)
        return err;
    if (died)
        err = scan_remove_orphans(inventory, why);
    if (!err)
        err = scan_put_root(inventory, info, root_id, why);
    if (!err)
        err = scan_put_scan(inventory, info, *root_id, scan_id, why);
    return sp_inventory_write_end(inventory, err, why);
}

static void scan_unlock(struct sp_inventory *inventory)
{
    if (inventory->scan_count || inventory->lock_fd < 0)
        return;
    close(inventory->lock_fd);
    inventory->lock_fd = -1;
}

enum sp_err sp_inventory_scan_begin(struct sp_inventory *inventory, const struct sp_scan_info *info,
                                    int64_t *root_id, int64_t *scan_id, struct sp_why *why)
{
    enum sp_err err;

    if (!inventory->writable)
        return sp_fail(why, SP_ERR_IO, "%s: cannot be written", inventory->path);
    pthread_mutex_lock(&inventory->lock);
    err = scan_lock(inventory, why);
    if (!err)
        err = scan_begin_rows(inventory, info, root_id, scan_id, why);
    if (!err)
        inventory->scan_count++;
    else
        scan_unlock(inventory);
    pthread_mutex_unlock(&inventory->lock);
    return err;
}

/* Removes some files that this scan did not see; *more tells whether there may be others. */
static enum sp_err scan_remove_some(struct sp_inventory *inventory, int64_t root_id,
                                    int64_t scan_id, bool *more, struct sp_why *why)
{
    int64_t ids[SCAN_REMOVE_AT_ONCE];
    size_t count = 0;
    struct sp_stmt files;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_FILES_NOT_SEEN, &files, why);

    if (!err) {
        sp_stmt_int(&files, 1, root_id);
        sp_stmt_int(&files, 2, scan_id);
        sp_stmt_int(&files, 3, SCAN_REMOVE_AT_ONCE);
    }
    while (!err && row && count < SCAN_REMOVE_AT_ONCE) {
        err = sp_stmt_step(&files, &row, why);
        if (!err && row)
            ids[count++] = sp_stmt_get_int(&files, 0);
    }
    sp_sql_give(&files);
    for (size_t i = 0; i < count && !err; i++)
        err = sp_inventory_remove_top(inventory, ids[i], why);
    *more = count == SCAN_REMOVE_AT_ONCE;
    return err;
}

static enum sp_err scan_remove_gone(struct sp_inventory *inventory, int64_t root_id,
                                    int64_t scan_id, struct sp_why *why)
{
    bool more = true;
    enum sp_err err = SP_OK;

    while (!err && more) {
        err = sp_inventory_write_begin(inventory, why);
        if (err)
            return err;
        err = scan_remove_some(inventory, root_id, scan_id, &more, why);
        err = sp_inventory_write_end(inventory, err, why);
    }
    return err;
}

static enum sp_err scan_put_end(struct sp_inventory *inventory, int64_t scan_id, int64_t ended_s,
                                bool complete, struct sp_why *why)
{
    struct sp_stmt end;
    enum sp_err err = sp_inventory_write_begin(inventory, why);

    if (err)
        return err;
    err = sp_sql_take(&inventory->sql, SP_STMT_SCAN_END, &end, why);
    if (!err) {
        sp_stmt_int(&end, 1, scan_id);
        sp_stmt_int(&end, 2, ended_s);
        sp_stmt_int(&end, 3, complete);
        err = sp_stmt_run(&end, why);
    }
    sp_sql_give(&end);
    return sp_inventory_write_end(inventory, err, why);
}

enum sp_err sp_inventory_scan_end(struct sp_inventory *inventory, int64_t root_id, int64_t scan_id,
                                  int64_t ended_s, bool complete, struct sp_why *why)
{
    enum sp_err err = SP_OK;

    pthread_mutex_lock(&inventory->lock);
    assert(inventory->scan_count);
    /* What is gone goes first: a scan is only complete when that was written too. */
    if (complete)
        err = scan_remove_gone(inventory, root_id, scan_id, why);
    if (!err)
        err = scan_put_end(inventory, scan_id, ended_s, complete, why);
    inventory->scan_count--;
    scan_unlock(inventory);
    pthread_mutex_unlock(&inventory->lock);
    return err;
}

/* "" before the first check. */
static enum sp_err scan_register_seen(struct sp_inventory *inventory,
                                      char head[SP_REGISTER_HEAD_SIZE], struct sp_why *why)
{
    struct sp_stmt seen;
    bool row = false;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_REGISTER_SEEN, &seen, why);

    head[0] = '\0';
    if (!err)
        err = sp_stmt_step(&seen, &row, why);
    if (!err && row) {
        const char *text = sp_stmt_get_text(&seen, 0);
        (void)snprintf(head, SP_REGISTER_HEAD_SIZE, "%s", text ? text : "");
    }
    sp_sql_give(&seen);
    return err;
}

static enum sp_err scan_register_see(struct sp_inventory *inventory, const char *head,
                                     struct sp_why *why)
{
    struct sp_stmt see;
    enum sp_err err = sp_inventory_write_begin(inventory, why);

    if (err)
        return err;
    err = sp_sql_take(&inventory->sql, SP_STMT_REGISTER_SEE, &see, why);
    if (!err) {
        sp_stmt_u64(&see, 1, strtoull(head, NULL, 10));
        sp_stmt_text_or_null(&see, 2, sp_slice_of(head));
        err = sp_stmt_run(&see, why);
    }
    sp_sql_give(&see);
    return sp_inventory_write_end(inventory, err, why);
}

enum sp_err sp_inventory_see_register(struct sp_inventory *inventory, const struct sp_register *reg,
                                      struct sp_why *why)
{
    char seen[SP_REGISTER_HEAD_SIZE];

    pthread_mutex_lock(&inventory->lock);
    enum sp_err err = scan_register_seen(inventory, seen, why);
    if (!err && seen[0] && !sp_register_grew_from(reg, seen))
        err =
            sp_fail(why, SP_ERR_KEY,
                    "the register is older than the one of the last check with this inventory, "
                    "or has not grown from it (row %zu now, row %.*s then): fetch the newest copy",
                    sp_register_count(reg), (int)strcspn(seen, ":"), seen);
    if (!err && strcmp(seen, sp_register_head(reg)) != 0)
        err = scan_register_see(inventory, sp_register_head(reg), why);
    pthread_mutex_unlock(&inventory->lock);
    return err;
}
