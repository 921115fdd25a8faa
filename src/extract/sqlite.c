/* SQLite databases: each row of each table with the names of its columns; then what tables no
 * longer show: pages on the freelist and the free space within pages, where deleted rows stand
 * until they are written over. Views, triggers and virtual tables are not run. The file is read
 * through a VFS of ours, by pread: no journal and no WAL is looked for. Sources:
 * sqlite.org/fileformat2.html (1.3 header, 1.5 freelist, 1.6 b-tree pages),
 * sqlite.org/security.html (defences). */
#include "base/buf.h"
#include "base/mem.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/run.h"

#include <sqlite3.h>
#include <unistd.h>

enum {
    BID_SQLITE = 95,
    SQLITE_HEADER = 100,
    SQLITE_COLUMNS_MAX = 2000, /* of SQLite itself */
    SQLITE_BLOBS_MAX = 16,     /* of one row that are opened */
    SQLITE_BLOB_MIN = 16,      /* bytes: a shorter one holds no document */
    SQLITE_PROGRESS_ROWS = 1024,
    SQLITE_TABLES_MAX = 10000,
    SQLITE_NAME_MAX = 1024,
    SQLITE_TEXT_MIN = 6,  /* bytes of text in a row that is guessed */
    SQLITE_BARE_MAX = 64, /* columns of one */
    SQLITE_DIGITS = 24    /* of an integer, with its line end */
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

/* ---- the file, by pread ---------------------------------------------------------------------- */
struct sqlite_file {
    sqlite3_file base; /* first */
    int fd;
    sqlite3_int64 size;
};

static int file_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int want, sqlite3_int64 at)
{
    const struct sqlite_file *self = (const struct sqlite_file *)file;
    ssize_t got = pread(self->fd, out, (size_t)want, at);
    if (got < 0)
        return SQLITE_IOERR_READ;
    if (got < want) {
        memset((char *)out + got, 0, (size_t)(want - got));
        return SQLITE_IOERR_SHORT_READ;
    }
    return SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    (void)file, (void)bytes, (void)len, (void)at;
    return SQLITE_READONLY;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_READONLY;
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = ((const struct sqlite_file *)file)->size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *out)
{
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static int file_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods file_methods = {.iVersion = 1,
                                                .xClose = file_close,
                                                .xRead = file_read,
                                                .xWrite = file_write,
                                                .xTruncate = file_truncate,
                                                .xSync = file_sync,
                                                .xFileSize = file_size,
                                                .xLock = file_lock,
                                                .xUnlock = file_lock,
                                                .xCheckReservedLock = file_reserved,
                                                .xFileControl = file_control,
                                                .xSectorSize = file_sector,
                                                .xDeviceCharacteristics = file_traits};

/* Only the database itself; a worker reads one at a time. */
struct sqlite_vfs {
    int fd;
    sqlite3_int64 size;
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    const struct sqlite_vfs *self = vfs->pAppData;
    struct sqlite_file *opened = (struct sqlite_file *)file;
    (void)name;
    file->pMethods = NULL;
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
        return SQLITE_CANTOPEN;
    *opened = (struct sqlite_file){{&file_methods}, self->fd, self->size};
    if (out != NULL)
        *out = SQLITE_OPEN_READONLY;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_READONLY;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs, (void)name, (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int vfs_full(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    (void)snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    memset(out, 0, (size_t)size);
    return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = 0;
    return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs, (void)size, (void)out;
    return 0;
}

static const char vfs_name[] = "speur";

static sqlite3_vfs vfs_of(struct sqlite_vfs *self)
{
    return (sqlite3_vfs){.iVersion = 1,
                         .szOsFile = sizeof(struct sqlite_file),
                         .mxPathname = 64,
                         .zName = vfs_name,
                         .pAppData = self,
                         .xOpen = vfs_open,
                         .xDelete = vfs_delete,
                         .xAccess = vfs_access,
                         .xFullPathname = vfs_full,
                         .xRandomness = vfs_random,
                         .xSleep = vfs_sleep,
                         .xCurrentTime = vfs_time,
                         .xGetLastError = vfs_error};
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

/* ---- what was deleted ------------------------------------------------------------------------ */
static unsigned be16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint64_t be32(const uint8_t *at)
{
    return (uint64_t)be16(at) << 16 | be16(at + 2);
}

struct sqlite_free {
    int fd;
    uint64_t page_count, next; /* of pages, from 1 */
    size_t page_size;
    uint8_t *listed; /* a bit a page: on the freelist */
    uint8_t *page;   /* one, and the room of what is given out of it */
    uint8_t *out;
    size_t out_size;
    bool all; /* the tables could not be read: every page */
};

static bool free_read(const struct sqlite_free *self, uint64_t number)
{
    if (number < 1 || number > self->page_count)
        return false;
    ssize_t got =
        pread(self->fd, self->page, self->page_size, (off_t)((number - 1) * self->page_size));
    if (got <= 0)
        return false;
    memset(self->page + got, 0, self->page_size - (size_t)got); /* the file ends within it */
    return true;
}

static void free_mark(struct sqlite_free *self, uint64_t number)
{
    if (number >= 1 && number <= self->page_count)
        self->listed[number / 8] |= (uint8_t)(1U << number % 8);
}

/* Trunk pages name leaf pages; a circle ends where a trunk was seen before. */
static void free_list(struct sqlite_free *self, uint64_t trunk)
{
    while (free_read(self, trunk) && (self->listed[trunk / 8] >> trunk % 8 & 1) == 0) {
        uint64_t count = be32(self->page + 4);
        free_mark(self, trunk);
        for (uint64_t i = 0; i < count && 8 + 4 * i + 4 <= self->page_size; i++)
            free_mark(self, be32(self->page + 8 + 4 * i));
        trunk = be32(self->page);
    }
}

/* Pages behind the last one that the header counts, where its count holds (1.3.7). */
static void free_behind(struct sqlite_free *self, const uint8_t *header)
{
    uint64_t counted = be32(header + 28);
    if (counted == 0 || be32(header + 24) != be32(header + 92))
        return;
    for (uint64_t number = counted + 1; number <= self->page_count; number++)
        free_mark(self, number);
}

static void free_take(struct sqlite_free *self, size_t *len, size_t begin, size_t end)
{
    if (begin >= end || end > self->page_size || *len + (end - begin) + 1 > self->out_size)
        return;
    memcpy(self->out + *len, self->page + begin, end - begin);
    *len += end - begin;
    self->out[(*len)++] = 0; /* what stood apart stays apart */
}

/* A varint at page[*at]; what passes the page's end is 0. */
static uint64_t free_varint(const struct sqlite_free *self, size_t *at)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 9 && *at < self->page_size; i++) {
        uint8_t byte = self->page[(*at)++];
        if (i == 8)
            return value << 8 | byte;
        value = value << 7 | (byte & 0x7F);
        if ((byte & 0x80) == 0)
            return value;
    }
    return value;
}

/* Bytes of a value by its serial type (2.1 of the file format). */
static uint64_t free_serial_len(uint64_t serial)
{
    static const uint8_t lengths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return serial < 12 ? lengths[serial] : (serial - 12) / 2;
}

static void free_integer(struct sqlite_free *self, size_t *len, size_t at, uint64_t count)
{
    int64_t value = self->page[at] < 0x80 ? self->page[at] : self->page[at] - 256;
    for (uint64_t i = 1; i < count; i++)
        value = (int64_t)((uint64_t)value << 8 | self->page[at + i]);
    *len += (size_t)snprintf((char *)self->out + *len, SQLITE_DIGITS, "%lld\n", (long long)value);
}

/* One column of a row, a line of its own: side by side two values would read as one. */
static void free_value(struct sqlite_free *self, size_t *len, uint64_t serial, size_t at)
{
    uint64_t size = free_serial_len(serial);
    if (at >= self->page_size || *len + size + SQLITE_DIGITS > self->out_size)
        return;
    if (size > self->page_size - at)
        size = self->page_size - at; /* the rest is on another page */
    if (serial >= 1 && serial <= 6)
        free_integer(self, len, at, size);
    if (serial < 12)
        return;
    memcpy(self->out + *len, self->page + at, (size_t)size);
    *len += (size_t)size;
    self->out[(*len)++] = '\n';
}

/* A row whose cell begins at *at: its columns, when lengths agree and it ends before `end`. */
static bool free_row(struct sqlite_free *self, size_t *len, size_t *at, size_t end)
{
    size_t next = *at;
    uint64_t payload = free_varint(self, &next);
    (void)free_varint(self, &next); /* rowid */
    size_t header = next;
    uint64_t header_len = free_varint(self, &next);
    uint64_t values = 0;
    bool has_text = false;
    if (payload > end - header || header + payload > end || header_len < 2 || header_len > payload)
        return false;
    while (next < header + header_len) {
        uint64_t serial = free_varint(self, &next);
        values += free_serial_len(serial);
        has_text |= serial > 13 && serial % 2 == 1;
    }
    if (next != header + header_len || header_len + values != payload || !has_text)
        return false;
    size_t value = header + (size_t)header_len;
    next = header;
    (void)free_varint(self, &next);
    while (next < header + header_len) {
        uint64_t serial = free_varint(self, &next);
        free_value(self, len, serial, value);
        value += (size_t)free_serial_len(serial);
    }
    *at = header + (size_t)payload;
    return true;
}

static bool free_is_text(const struct sqlite_free *self, size_t at, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++) {
        uint8_t c = self->page[at + i];
        if (c < 0x20 && c != '\t' && c != '\r' && c != '\n')
            return false;
    }
    return true;
}

/* All columns of text are text, and there is enough of it not to be chance. */
static bool free_columns_hold(const struct sqlite_free *self, size_t types, unsigned count,
                              size_t value)
{
    uint64_t text = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t serial = free_varint(self, &types);
        uint64_t len = free_serial_len(serial);
        if (serial >= 13 && serial % 2 == 1) {
            if (!free_is_text(self, value, len))
                return false;
            text += len;
        }
        value += (size_t)len;
    }
    return text >= SQLITE_TEXT_MIN;
}

/* A row whose first bytes were written over when it was freed: the types of its columns begin at
 * *at, and how many there are shows only by what follows. */
static bool free_bare_row(struct sqlite_free *self, size_t *len, size_t *at, size_t end)
{
    uint64_t values = 0;
    size_t next = *at;
    for (unsigned count = 1; count <= SQLITE_BARE_MAX && next < end; count++) {
        uint64_t serial = free_varint(self, &next);
        if (serial == 10 || serial == 11)
            return false; /* no such type */
        values += free_serial_len(serial);
        if (values > end - next)
            return false;
        if (count < 2 || !free_columns_hold(self, *at, count, next))
            continue;
        size_t types = *at;
        size_t value = next;
        for (unsigned i = 0; i < count; i++) {
            serial = free_varint(self, &types);
            free_value(self, len, serial, value);
            value += (size_t)free_serial_len(serial);
        }
        *at = value;
        return true;
    }
    return false;
}

/* At the border of a cell: whole, or without the four bytes that a freed block has written over;
 * those of the `first` cell are left out already. One more of them goes with a rowid of three
 * bytes. */
static bool free_cell(struct sqlite_free *self, size_t *len, size_t *at, size_t end, bool first)
{
    static const uint8_t lost_of_first[] = {0, 1, 4, 5};
    static const uint8_t lost_of_next[] = {4, 5, 0, 1};
    const uint8_t *lost = first ? lost_of_first : lost_of_next;
    if (free_row(self, len, at, end))
        return true;
    for (size_t i = 0; i < sizeof lost_of_first; i++) {
        size_t next = *at + lost[i];
        if (next < end && free_bare_row(self, len, &next, end)) {
            *at = next;
            return true;
        }
    }
    return false;
}

/* Free space: rows as far as they can be told, and what is between them as it is, where columns
 * stand side by side. */
static void free_range(struct sqlite_free *self, size_t *len, size_t begin, size_t end)
{
    size_t raw = begin;
    bool border = true;
    if (end > self->page_size)
        return;
    for (size_t at = begin; at < end;) {
        size_t next = at;
        bool found = border ? free_cell(self, len, &next, end, at == begin)
                            : free_row(self, len, &next, end);
        border = found;
        if (!found) {
            at++;
            continue;
        }
        if (*len > 0)
            self->out[*len - 1] = 0; /* a row ends */
        free_take(self, len, raw, at);
        at = raw = next;
    }
    free_take(self, len, raw, end);
}

/* The rows of a leaf page of a table, by its cell pointers. */
static size_t free_rows(struct sqlite_free *self, size_t header)
{
    size_t len = 0;
    const uint8_t *page = self->page + header;
    unsigned count = be16(page + 3);
    for (unsigned i = 0; i < count && header + 8 + 2 * (size_t)i + 2 <= self->page_size; i++) {
        size_t at = be16(page + 8 + 2 * (size_t)i);
        (void)free_varint(self, &at); /* payload */
        (void)free_varint(self, &at); /* rowid */
        size_t begin = at;
        size_t value = begin + (size_t)free_varint(self, &at);
        size_t end = value;
        while (at < end && at < self->page_size && value <= self->page_size) {
            uint64_t serial = free_varint(self, &at);
            free_value(self, &len, serial, value);
            value += (size_t)free_serial_len(serial);
        }
        if (len > 0)
            self->out[len - 1] = 0; /* a row ends */
    }
    return len;
}

/* The free space of a b-tree page: between pointers and cells, and in freed cells. */
/* Behind `used` bytes of output; returns how many more. */
static size_t free_unused(struct sqlite_free *self, size_t header, size_t used)
{
    size_t len = used;
    const uint8_t *page = self->page + header;
    unsigned type = page[0];
    size_t at = be16(page + 1);
    if (type != 2 && type != 5 && type != 10 && type != 13)
        return 0;
    size_t pointers = header + (type == 2 || type == 5 ? 12 : 8) + 2 * (size_t)be16(page + 3);
    size_t cells = be16(page + 5);
    free_range(self, &len, pointers, cells == 0 ? self->page_size : cells);
    for (unsigned i = 0; at != 0 && at + 4 <= self->page_size && i < self->page_size / 4; i++) {
        size_t size = be16(self->page + at + 2);
        size_t next = be16(self->page + at);
        free_range(self, &len, at + 4, at + size);
        if (next <= at)
            break;
        at = next;
    }
    return len - used;
}

/* What a page that no table shows holds. */
static size_t free_page(struct sqlite_free *self, size_t header)
{
    size_t len = 0;
    if (self->page[header] != 13) {
        free_take(self, &len, 0, self->page_size);
        return len;
    }
    len = free_rows(self, header);
    return len + free_unused(self, header, len);
}

static enum sp_err free_next(void *ctx, struct sp_slice *out, struct sp_why *why)
{
    struct sqlite_free *self = ctx;
    (void)why;
    *out = (struct sp_slice){NULL, 0};
    for (; out->len == 0 && self->next <= self->page_count; self->next++) {
        if (!free_read(self, self->next))
            continue;
        bool listed = (self->listed[self->next / 8] >> self->next % 8 & 1) != 0;
        size_t header = self->next == 1 ? SQLITE_HEADER : 0;
        size_t len = listed || self->all ? free_page(self, header) : free_unused(self, header, 0);
        *out = (struct sp_slice){self->out, len};
    }
    return SP_OK;
}

/* all: also of what tables show, as far as pages hold it. */
static enum sp_err sqlite_pages(struct sp_extract *x, bool all, struct sp_why *why)
{
    static const struct sp_source_ops ops = {free_next, NULL};
    struct sqlite_free self = {.fd = sp_stream_fd(x->stream), .next = 1, .all = all};
    uint8_t header[SQLITE_HEADER];
    struct sp_stream *outer = x->stream;
    struct sp_stream *stream = NULL;
    if (pread(self.fd, header, sizeof header, 0) != (ssize_t)sizeof header)
        return SP_OK;
    self.page_size = be16(header + 16) == 1 ? 65536 : be16(header + 16);
    if (self.page_size < 512 || (self.page_size & (self.page_size - 1)) != 0)
        return all ? sp_extract_raw_rest(x, why) : SP_OK;
    self.page_count = (sp_stream_size(x->stream) + self.page_size - 1) / self.page_size;
    self.listed = sp_alloc_zero((size_t)(self.page_count / 8) + 1);
    self.page = sp_alloc(self.page_size);
    self.out_size = 4 * self.page_size + (size_t)2 * SQLITE_DIGITS;
    self.out = sp_alloc(self.out_size);
    enum sp_err err = self.listed == NULL || self.page == NULL || self.out == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory for the pages of a database")
                          : SP_OK;
    if (err == SP_OK) {
        free_list(&self, be32(header + 32));
        free_behind(&self, header);
        err = sp_stream_open(&ops, &self, &stream, why);
    }
    if (err == SP_OK) {
        x->stream = stream;
        err = sp_extract_raw_rest(x, why);
        x->stream = outer;
    }
    sp_stream_close(stream);
    sp_free(self.listed);
    sp_free(self.page);
    sp_free(self.out);
    return err;
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
        return err == SP_OK ? sqlite_pages(self->x, false, why) : err;
    (void)snprintf(detail, sizeof detail, "%u tables, or their list, could not be read to the end",
                   self->tables_broken);
    err = sqlite_report(self, SP_REASON_CORRUPT, true,
                        opened ? detail : "not a database that can be opened", why);
    return err == SP_OK ? sqlite_pages(self->x, true, why) : err;
}

enum sp_err sp_sqlite_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sqlite_vfs file = {sp_stream_fd(x->stream), (sqlite3_int64)sp_stream_size(x->stream)};
    sqlite3_vfs vfs = vfs_of(&file);
    struct sqlite *self = sp_alloc_zero(sizeof *self);
    if (self == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a database");
    self->x = x;
    enum sp_err err = SP_OK;
    bool opened = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK && sqlite_open(self, vfs_name);
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
