/* SQLite databases: each row of each table with the names of its columns; then what tables no
 * longer show (sqlite_pages.c). Views, triggers and virtual tables are not run. No journal and no
 * WAL is looked for (sqlite_file.c). Source: sqlite.org/security.html (defences). */
#include "base/buf.h"
#include "base/mem.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/sqlite_file.h"
#include "extract/sqlite_pages.h"

#include <string.h>

enum {
    BID_SQLITE = 95,
    SQLITE_COLUMNS_MAX = 2000, /* of SQLite itself */
    SQLITE_BLOBS_MAX = 16,     /* of one row that are opened */
    SQLITE_BLOB_MIN = 16,      /* bytes: a shorter one holds no document */
    SQLITE_PROGRESS_ROWS = 1024,
    SQLITE_TABLES_MAX = 10000,
    SQLITE_NAME_MAX = 1024
};

struct sqlite_blob {
    struct sp_buf bytes;
    int column;
};

struct sqlite {
    struct sp_extract *x;
    sqlite3 *db;
    struct sp_flow *flow;
    uint64_t ordinal;
    uint64_t members; /* blobs that were opened */
    size_t blob_count;
    struct sqlite_blob blobs[SQLITE_BLOBS_MAX];
    bool blobs_left;        /* more than that in a row */
    unsigned tables_broken; /* their list included */
    bool textless;          /* a full-text index holds words of texts that are not there */
};

int sp_sqlite_bid(const struct sp_glance *at)
{
    return at->head.len >= 16 && memcmp(at->head.ptr, "SQLite format 3", 16) == 0 ? BID_SQLITE : 0;
}

/* Reading tables, and nothing else. */
static int sqlite_may(void *ctx, int action, const char *a, const char *b, const char *c,
                      const char *trigger)
{
    (void)ctx, (void)a, (void)b, (void)c, (void)trigger;
    return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

static bool sqlite_open(struct sqlite *self, const char *vfs)
{
    bool good = sqlite3_open_v2("file", &self->db, SQLITE_OPEN_READONLY, vfs) == SQLITE_OK;
    if (!good)
        return false;
    (void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(self->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_exec(self->db, "PRAGMA cell_size_check=1; PRAGMA mmap_size=0", NULL, NULL, NULL);
    return sqlite3_set_authorizer(self->db, sqlite_may, NULL) == SQLITE_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */
static enum sp_err row_blob(struct sqlite *self, sqlite3_stmt *rows, int column, struct sp_why *why)
{
    int len = sqlite3_column_bytes(rows, column);
    const void *bytes = sqlite3_column_blob(rows, column);
    if (bytes == NULL || len < SQLITE_BLOB_MIN)
        return SP_OK;
    if (self->blob_count == SQLITE_BLOBS_MAX) {
        self->blobs_left = true;
        return SP_OK;
    }
    struct sqlite_blob *blob = &self->blobs[self->blob_count];
    sp_buf_init(&blob->bytes, (size_t)len);
    blob->column = column;
    enum sp_err err = sp_buf_append(&blob->bytes, bytes, (size_t)len, why);
    self->blob_count += err == SP_OK;
    return err;
}

static enum sp_err row_cell(struct sqlite *self, sqlite3_stmt *rows, int column, uint32_t number,
                            struct sp_why *why)
{
    int type = sqlite3_column_type(rows, column);
    if (type == SQLITE_NULL)
        return SP_OK;
    if (type == SQLITE_BLOB)
        return row_blob(self, rows, column, why);
    const uint8_t *text = sqlite3_column_text(rows, column);
    int len = sqlite3_column_bytes(rows, column);
    if (text == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a value of a database");
    if (type == SQLITE_FLOAT && len > 2 && memcmp(text + len - 2, ".0", 2) == 0)
        len -= 2; /* a number that a column of type REAL made a fraction of */
    enum sp_err err = sp_flow_column(self->flow, number, why);
    return err == SP_OK ? sp_flow_text(self->flow, (struct sp_slice){text, (size_t)len},
                                       SP_SIZE_UNKNOWN, why)
                        : err;
}

/* What is kept in blobs: documents, images, packed values; each a part of the database. */
static enum sp_err row_blobs(struct sqlite *self, sqlite3_stmt *rows, const char *table,
                             uint64_t row, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < self->blob_count; i++) {
        struct sqlite_blob *blob = &self->blobs[i];
        char name[SQLITE_NAME_MAX];
        struct sp_stream *stream = NULL;
        (void)snprintf(name, sizeof name, "%s[%llu].%s", table, (unsigned long long)row,
                       sqlite3_column_name(rows, blob->column));
        const struct sp_object_info info = {.step = SP_STEP_PART,
                                            .ordinal = ++self->members,
                                            .name = sp_slice_of(name),
                                            .size_claimed = blob->bytes.len,
                                            .mtime_s = INT64_MIN};
        if (err == SP_OK)
            err = sp_stream_open_memory(sp_buf_slice(&blob->bytes), &stream, why);
        if (err == SP_OK)
            err = sp_extract_member(self->x, &info, stream, why);
        sp_stream_close(stream);
        sp_buf_wipe(&blob->bytes);
    }
    self->blob_count = 0;
    return err;
}

/* `first`: the column of the statement that is column 1 of the table; what stands before it is the
 * rowid. */
static enum sp_err table_row(struct sqlite *self, sqlite3_stmt *rows, int first, const char *table,
                             uint64_t row, struct sp_why *why)
{
    char pk[48] = "";
    if (first > 0)
        (void)snprintf(pk, sizeof pk, "rowid=%lld", (long long)sqlite3_column_int64(rows, 0));
    const struct sp_record record = {.kind = SP_RECORD_SQL,
                                     .ordinal = ++self->ordinal,
                                     .row = row,
                                     .table = sp_slice_of(table),
                                     .pk = sp_slice_of(pk),
                                     .date_s = INT64_MIN};
    enum sp_err err = SP_OK;
    sp_flow_begin(self->flow, &record);
    for (int i = first; i < sqlite3_column_count(rows) && err == SP_OK; i++)
        err = row_cell(self, rows, i, (uint32_t)(i - first) + 1, why);
    if (err == SP_OK)
        err = sp_flow_end(self->flow, why);
    if (err == SP_OK)
        err = row_blobs(self, rows, table, row, why);
    return err == SP_OK && row % SQLITE_PROGRESS_ROWS == 0 ? sp_extract_progress(self->x, why)
                                                           : err;
}

static enum sp_err table_rows(struct sqlite *self, sqlite3_stmt *rows, int first, const char *table,
                              struct sp_why *why)
{
    int count = sqlite3_column_count(rows) - first;
    struct sp_slice *keys = sp_alloc_zero(((size_t)count + 1) * sizeof *keys);
    enum sp_err err = SP_OK;
    int step = SQLITE_DONE;
    if (keys == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the columns of a table");
    for (int i = 0; i < count; i++)
        keys[i] = sp_slice_of(sqlite3_column_name(rows, i + first));
    sp_flow_keys(self->flow, keys, (size_t)count);
    for (uint64_t row = 1; err == SP_OK && (step = sqlite3_step(rows)) == SQLITE_ROW; row++)
        err = table_row(self, rows, first, table, row, why);
    if (err == SP_OK && step == SQLITE_NOMEM)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory to read a database");
    self->tables_broken += err == SP_OK && step != SQLITE_DONE;
    sp_flow_keys(self->flow, NULL, 0);
    sp_free(keys);
    return err;
}

/* With the rowid, where the table has one. */
static enum sp_err sqlite_table(struct sqlite *self, const char *table, struct sp_why *why)
{
    static const char *const forms[] = {"SELECT rowid, * FROM main.\"%w\"",
                                        "SELECT * FROM main.\"%w\""};
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *rows = NULL;
        char *sql = sqlite3_mprintf(forms[i], table);
        int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(self->db, sql, -1, &rows, NULL);
        sqlite3_free(sql);
        if (code == SQLITE_NOMEM)
            return sp_fail(why, SP_ERR_NOMEM, "no memory to read a database");
        if (code != SQLITE_OK)
            continue;
        enum sp_err err = table_rows(self, rows, 1 - i, table, why);
        (void)sqlite3_finalize(rows);
        return err;
    }
    self->tables_broken++;
    return SP_OK;
}

/* An index over words of a text that it does not keep: CREATE VIRTUAL TABLE … fts5(…, content='').
 */
static bool sql_is_textless(sqlite3_stmt *list)
{
    const char *sql = (const char *)sqlite3_column_text(list, 1);
    const char *content =
        sql == NULL || sqlite3_column_int64(list, 2) > 0 ? NULL : strcasestr(sql, "content");
    if (content == NULL || strcasestr(sql, "fts") == NULL)
        return false;
    content += strlen("content");
    content += strspn(content, " \t\r\n=");
    return strncmp(content, "''", 2) == 0 || strncmp(content, "\"\"", 2) == 0;
}

/* Names first: the schema is not read while tables are. A virtual table's rows stand in tables
 * beside it. */
static enum sp_err sqlite_tables(struct sqlite *self, struct sp_buf *names, struct sp_why *why)
{
    sqlite3_stmt *list = NULL;
    enum sp_err err = SP_OK;
    int step;
    if (sqlite3_prepare_v2(self->db,
                           "SELECT name, sql, rootpage FROM sqlite_schema WHERE "
                           "type = 'table'",
                           -1, &list, NULL) != SQLITE_OK) {
        self->tables_broken++;
        return SP_OK;
    }
    while (err == SP_OK && (step = sqlite3_step(list)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(list, 0);
        self->textless = self->textless || sql_is_textless(list);
        if (name != NULL && sqlite3_column_int64(list, 2) > 0)
            err = sp_buf_append(names, name, strlen(name) + 1, why);
    }
    self->tables_broken += err == SP_OK && step != SQLITE_DONE;
    (void)sqlite3_finalize(list);
    static const char schema[] = "sqlite_schema"; /* names, defaults, views and triggers are text */
    return err == SP_OK ? sp_buf_append(names, schema, sizeof schema, why) : err;
}

/* ---- the whole ------------------------------------------------------------------------------- */
static enum sp_err sqlite_report(struct sqlite *self, enum sp_reason reason, bool raw,
                                 const char *detail, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    unread.fallback = raw;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(self->x, &unread, why);
}

static enum sp_err sqlite_read(struct sqlite *self, struct sp_why *why)
{
    struct sp_buf names;
    sp_buf_init(&names, (size_t)SQLITE_TABLES_MAX * SQLITE_NAME_MAX);
    enum sp_err err = sp_flow_new(self->x->sink, &self->flow, why);
    if (err == SP_OK)
        err = sp_flow_unpack(self->flow, why);
    if (err == SP_OK)
        err = sqlite_tables(self, &names, why);
    for (size_t at = 0; at < names.len && err == SP_OK;) {
        const char *name = (const char *)names.data + at;
        at += strlen(name) + 1;
        err = sqlite_table(self, name, why);
    }
    self->x->done->record_count = self->flow == NULL ? 0 : sp_flow_records(self->flow);
    sp_flow_free(self->flow);
    sp_buf_clear(&names);
    return err;
}

/* Damage: all pages once more, one by one. */
static enum sp_err sqlite_settle(struct sqlite *self, bool opened, struct sp_why *why)
{
    char detail[96];
    enum sp_err err = SP_OK;
    if (self->blobs_left)
        err = sqlite_report(self, SP_REASON_LIMIT_ENTRIES, false,
                            "a row with more blobs than are opened", why);
    if (err == SP_OK && self->textless)
        err = sqlite_report(self, SP_REASON_UNSUPPORTED, false,
                            "a full-text index without its texts", why);
    if (err != SP_OK || (opened && self->tables_broken == 0))
        return err == SP_OK ? sp_sqlite_pages(self->x, false, why) : err;
    (void)snprintf(detail, sizeof detail, "%u tables, or their list, could not be read to the end",
                   self->tables_broken);
    err = sqlite_report(self, SP_REASON_CORRUPT, true,
                        opened ? detail : "not a database that can be opened", why);
    return err == SP_OK ? sp_sqlite_pages(self->x, true, why) : err;
}

enum sp_err sp_sqlite_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_sqlite_file file = {sp_stream_fd(x->stream),
                                  (sqlite3_int64)sp_stream_size(x->stream)};
    sqlite3_vfs vfs = sp_sqlite_vfs(&file);
    struct sqlite *self = sp_alloc_zero(sizeof *self);
    if (self == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a database");
    self->x = x;
    enum sp_err err = SP_OK;
    bool opened = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK && sqlite_open(self, SP_SQLITE_VFS);
    if (opened)
        err = sqlite_read(self, why);
    for (size_t i = 0; i < self->blob_count; i++)
        sp_buf_wipe(&self->blobs[i].bytes);
    (void)sqlite3_close(self->db);
    (void)sqlite3_vfs_unregister(&vfs);
    if (err == SP_OK)
        err = sqlite_settle(self, opened, why);
    x->done->bytes_read = sp_stream_size(x->stream);
    sp_free(self);
    return err;
}
