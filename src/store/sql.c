#include "store/sql.h"

#include <assert.h>

/* ---- connection ---------------------------------------------------------------------------- */

static enum sp_err sql_fail_code(const struct sp_sql *sql, int code, const char *doing,
                                 struct sp_why *why)
{
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return sp_fail(why, SP_ERR_NOMEM, "%s: no memory to %s", sql->path, doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return sp_fail(why, SP_ERR_IO, "%s: cannot %s: in use by another process", sql->path,
                       doing);
    case SQLITE_FULL:
        return sp_fail(why, SP_ERR_IO, "%s: cannot %s: the disk is full", sql->path, doing);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return sp_fail(why, SP_ERR_IO, "%s: cannot %s: it or its folder cannot be written",
                       sql->path, doing);
    case SQLITE_NOTADB:
        return sp_fail(why, SP_ERR_ALTERED, "%s: not an inventory", sql->path);
    case SQLITE_CORRUPT:
        return sp_fail(why, SP_ERR_ALTERED, "%s: damaged (%s)", sql->path, sqlite3_errstr(code));
    default:
        return sp_fail(why, SP_ERR_IO, "%s: cannot %s: %s", sql->path, doing, sqlite3_errstr(code));
    }
}

enum sp_err sp_sql_fail(const struct sp_sql *sql, const char *doing, struct sp_why *why)
{
    return sql_fail_code(sql, sqlite3_extended_errcode(sql->db), doing, why);
}

enum sp_err sp_sql_open(struct sp_sql *sql, const char *path, int flags, const char *const *texts,
                        struct sp_why *why)
{
    enum sp_err err;

    *sql = (struct sp_sql){.path = path, .texts = texts};
    if (sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK) {
        err = sql->db ? sp_sql_fail(sql, "open it", why)
                      : sp_fail(why, SP_ERR_NOMEM, "%s: no memory to open it", path);
        sp_sql_close(sql);
        return err;
    }
    sqlite3_extended_result_codes(sql->db, 1);
    sqlite3_busy_timeout(sql->db, SP_SQL_BUSY_MS);
    return SP_OK;
}

void sp_sql_close(struct sp_sql *sql)
{
    for (unsigned i = 0; i < SP_SQL_STATEMENTS_MAX; i++) {
        sqlite3_finalize(sql->idle[i]);
        sql->idle[i] = NULL;
    }
    sqlite3_close_v2(sql->db);
    sql->db = NULL;
}

enum sp_err sp_sql_run(struct sp_sql *sql, const char *text, struct sp_why *why)
{
    if (sqlite3_exec(sql->db, text, NULL, NULL, NULL) != SQLITE_OK)
        return sp_sql_fail(sql, "use it", why);
    return SP_OK;
}

enum sp_err sp_sql_number(struct sp_sql *sql, const char *text, int64_t *out, struct sp_why *why)
{
    sqlite3_stmt *raw = NULL;
    enum sp_err err = SP_OK;
    int code;

    *out = 0;
    if (sqlite3_prepare_v2(sql->db, text, -1, &raw, NULL) != SQLITE_OK)
        return sp_sql_fail(sql, "read it", why);
    code = sqlite3_step(raw);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(raw, 0);
    else if (code != SQLITE_DONE)
        err = sp_sql_fail(sql, "read it", why);
    sqlite3_finalize(raw);
    return err;
}

/* ---- statements ---------------------------------------------------------------------------- */

enum sp_err sp_sql_take(struct sp_sql *sql, unsigned number, struct sp_stmt *out,
                        struct sp_why *why)
{
    assert(number < SP_SQL_STATEMENTS_MAX);
    *out = (struct sp_stmt){.sql = sql, .raw = sql->idle[number], .number = number};
    sql->idle[number] = NULL;
    if (out->raw)
        return SP_OK;
    if (sqlite3_prepare_v3(sql->db, sql->texts[number], -1, SQLITE_PREPARE_PERSISTENT, &out->raw,
                           NULL) != SQLITE_OK)
        return sp_sql_fail(sql, "use it", why);
    return SP_OK;
}

void sp_sql_give(struct sp_stmt *stmt)
{
    if (!stmt->raw)
        return;
    sqlite3_reset(stmt->raw); /* repeats the error of the step, which was told already */
    sqlite3_clear_bindings(stmt->raw);
    if (stmt->sql->idle[stmt->number])
        sqlite3_finalize(stmt->raw);
    else
        stmt->sql->idle[stmt->number] = stmt->raw;
    stmt->raw = NULL;
}

static void stmt_note(struct sp_stmt *stmt, int code)
{
    if (code != SQLITE_OK && stmt->failed == SQLITE_OK)
        stmt->failed = code;
}

void sp_stmt_int(struct sp_stmt *stmt, int at, int64_t value)
{
    stmt_note(stmt, sqlite3_bind_int64(stmt->raw, at, value));
}

void sp_stmt_u64(struct sp_stmt *stmt, int at, uint64_t value)
{
    stmt_note(stmt, sqlite3_bind_int64(stmt->raw, at, (int64_t)value));
}

void sp_stmt_blob(struct sp_stmt *stmt, int at, struct sp_slice value)
{
    if (value.len) /* NULL with length 0 would bind NULL */
        stmt_note(stmt, sqlite3_bind_blob64(stmt->raw, at, value.ptr, value.len, SQLITE_STATIC));
    else
        stmt_note(stmt, sqlite3_bind_zeroblob(stmt->raw, at, 0));
}

void sp_stmt_blob_or_null(struct sp_stmt *stmt, int at, struct sp_slice value)
{
    if (value.len)
        sp_stmt_blob(stmt, at, value);
    else
        sp_stmt_null(stmt, at);
}

void sp_stmt_text_or_null(struct sp_stmt *stmt, int at, struct sp_slice value)
{
    if (value.len)
        stmt_note(stmt, sqlite3_bind_text64(stmt->raw, at, (const char *)value.ptr, value.len,
                                            SQLITE_STATIC, SQLITE_UTF8));
    else
        sp_stmt_null(stmt, at);
}

void sp_stmt_null(struct sp_stmt *stmt, int at)
{
    stmt_note(stmt, sqlite3_bind_null(stmt->raw, at));
}

enum sp_err sp_stmt_step(struct sp_stmt *stmt, bool *row, struct sp_why *why)
{
    int code = stmt->failed;

    if (code == SQLITE_OK)
        code = sqlite3_step(stmt->raw);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return SP_OK;
    return sql_fail_code(stmt->sql, code, "use it", why);
}

enum sp_err sp_stmt_run(struct sp_stmt *stmt, struct sp_why *why)
{
    bool row;
    enum sp_err err = sp_stmt_step(stmt, &row, why);

    sqlite3_reset(stmt->raw);
    return err;
}

int64_t sp_stmt_get_int(const struct sp_stmt *stmt, int at)
{
    return sqlite3_column_int64(stmt->raw, at);
}

uint64_t sp_stmt_get_u64(const struct sp_stmt *stmt, int at)
{
    return (uint64_t)sqlite3_column_int64(stmt->raw, at);
}

struct sp_slice sp_stmt_get_blob(const struct sp_stmt *stmt, int at)
{
    const uint8_t *ptr = sqlite3_column_blob(stmt->raw, at);
    int len = sqlite3_column_bytes(stmt->raw, at);

    return (struct sp_slice){ptr, ptr && len > 0 ? (size_t)len : 0};
}

const char *sp_stmt_get_text(const struct sp_stmt *stmt, int at)
{
    return (const char *)sqlite3_column_text(stmt->raw, at);
}

bool sp_stmt_get_null(const struct sp_stmt *stmt, int at)
{
    return sqlite3_column_type(stmt->raw, at) == SQLITE_NULL;
}

enum sp_err sp_stmt_get_enum(const struct sp_stmt *stmt, int at, unsigned bound, unsigned *out,
                             struct sp_why *why)
{
    int64_t value = sp_stmt_get_int(stmt, at);

    if (value < 0 || value >= (int64_t)bound)
        return sp_fail(why, SP_ERR_ALTERED, "%s: damaged (a number is out of range)",
                       stmt->sql->path);
    *out = (unsigned)value;
    return SP_OK;
}
