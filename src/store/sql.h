/* The only includer of sqlite3.h: a connection with its prepared statements, and their errors in
 * words that an operator understands. */
#ifndef SP_STORE_SQL_H
#define SP_STORE_SQL_H

#include <sqlite3.h>

#include "speur/err.h"
#include "speur/slice.h"

enum {
    SP_SQL_STATEMENTS_MAX = 64,
    SP_SQL_BUSY_MS = 10000 /* patience with another process that writes */
};

struct sp_sql {
    sqlite3 *db;
    const char *path;         /* borrowed, for messages */
    const char *const *texts; /* borrowed: the SQL of each statement, by its number */
    sqlite3_stmt *idle[SP_SQL_STATEMENTS_MAX]; /* prepared and not in use, or NULL */
};

/* A statement in use. Bind failures are kept and told by the next step. */
struct sp_stmt {
    struct sp_sql *sql;
    sqlite3_stmt *raw; /* NULL: none */
    unsigned number;
    int failed; /* first SQLite error of a bind */
};

/* flags: SQLITE_OPEN_*. Nothing is left open on failure. */
enum sp_err sp_sql_open(struct sp_sql *sql, const char *path, int flags, const char *const *texts,
                        struct sp_why *why);
void sp_sql_close(struct sp_sql *sql);
/* The error of the last call on this connection. SP_ERR_ALTERED: no database, or a damaged one.
 * SP_ERR_NOMEM. SP_ERR_IO: disk full, not writable, in use by another process, and the rest. */
enum sp_err sp_sql_fail(const struct sp_sql *sql, const char *doing, struct sp_why *why);
/* Statements without results, separated by semicolons. */
enum sp_err sp_sql_run(struct sp_sql *sql, const char *text, struct sp_why *why);
/* The first column of the first row as a number; 0 when there is no row. */
enum sp_err sp_sql_number(struct sp_sql *sql, const char *text, int64_t *out, struct sp_why *why);

/* Takes statement `number`; prepares it when none is idle, so uses may nest. */
enum sp_err sp_sql_take(struct sp_sql *sql, unsigned number, struct sp_stmt *out,
                        struct sp_why *why);
/* Gives it back, reset and unbound; one that was never taken (raw NULL) is fine. */
void sp_sql_give(struct sp_stmt *stmt);

/* Parameters count from 1. Blobs and texts must live until the statement is run or given. */
void sp_stmt_int(struct sp_stmt *stmt, int at, int64_t value);
void sp_stmt_u64(struct sp_stmt *stmt, int at, uint64_t value); /* by its bits */
void sp_stmt_blob(struct sp_stmt *stmt, int at, struct sp_slice value);
void sp_stmt_blob_or_null(struct sp_stmt *stmt, int at, struct sp_slice value);
void sp_stmt_text_or_null(struct sp_stmt *stmt, int at, struct sp_slice value);
void sp_stmt_null(struct sp_stmt *stmt, int at);

/* The next row; *row false at the end. */
enum sp_err sp_stmt_step(struct sp_stmt *stmt, bool *row, struct sp_why *why);
/* Runs a statement without results and resets it for the next bindings. */
enum sp_err sp_stmt_run(struct sp_stmt *stmt, struct sp_why *why);

/* Columns count from 0; borrowed until the next step. */
int64_t sp_stmt_get_int(const struct sp_stmt *stmt, int at);
uint64_t sp_stmt_get_u64(const struct sp_stmt *stmt, int at);
struct sp_slice sp_stmt_get_blob(const struct sp_stmt *stmt, int at);
const char *sp_stmt_get_text(const struct sp_stmt *stmt, int at); /* NULL for NULL */
bool sp_stmt_get_null(const struct sp_stmt *stmt, int at);
/* A number below `bound`; SP_ERR_ALTERED when it is not. */
enum sp_err sp_stmt_get_enum(const struct sp_stmt *stmt, int at, unsigned bound, unsigned *out,
                             struct sp_why *why);

#endif
