/* The schema. Objects are narrow rows; findings are packed blobs (segment.c); no token has an
 * index, because a check streams all of them past a set.
 *
 * `top` is the file of the tree that an object lies in (its own id for the file itself): a file
 * and all that is in it are replaced and judged together. The number of a segment is its object's
 * times 2^20 plus its ordinal, so that an object's segments lie together and need no index. */
#include "store/schema.h"

#include <inttypes.h>
#include <string.h>

#include "store/inventory.h"
#include "store/statements.h"

static const char schema_tables[] =
    "CREATE TABLE root(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  path BLOB NOT NULL UNIQUE,\n"
    "  is_tree INTEGER NOT NULL,\n"
    "  last_scan INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE scan(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  root INTEGER NOT NULL,\n"
    "  started_s INTEGER NOT NULL,\n"
    "  ended_s INTEGER,\n" /* NULL: under way, or it died */
    "  complete INTEGER NOT NULL,\n"
    "  patterns TEXT NOT NULL,\n"
    "  names TEXT,\n"            /* which were looked for; NULL: none */
    "  key_ids TEXT NOT NULL,\n" /* one to four, newest first, a blank between */
    "  version TEXT NOT NULL,\n"
    "  sandbox TEXT NOT NULL,\n"
    "  keep_values INTEGER NOT NULL,\n"
    "  types INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE object(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  root INTEGER NOT NULL,\n"
    "  scan INTEGER NOT NULL,\n" /* that saw it last; kept up to date for files only */
    "  top INTEGER NOT NULL,\n"
    "  parent INTEGER NOT NULL,\n" /* 0: a file of the tree */
    "  unit INTEGER NOT NULL,\n"
    "  ordinal INTEGER NOT NULL,\n"
    "  depth INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  node INTEGER NOT NULL,\n"
    "  state INTEGER NOT NULL,\n"
    "  shape INTEGER NOT NULL,\n"
    "  name BLOB NOT NULL,\n" /* foreign bytes */
    "  part BLOB,\n"
    "  link BLOB,\n"
    "  format TEXT,\n"
    "  encoding TEXT,\n"
    "  size INTEGER,\n" /* NULL: unknown */
    "  bytes_read INTEGER NOT NULL,\n"
    "  records INTEGER NOT NULL,\n"
    "  mtime_s INTEGER,\n"
    "  owner BLOB,\n"
    "  grp BLOB,\n"
    "  mode INTEGER NOT NULL,\n"
    "  dev INTEGER,\n" /* this and the four below: files only; 64 bits as they are */
    "  ino INTEGER,\n"
    "  stat_size INTEGER,\n"
    "  mtime_ns INTEGER,\n"
    "  ctime_ns INTEGER,\n"
    "  first_scan INTEGER NOT NULL\n" /* that read it as it is */
    ") STRICT;\n"
    "CREATE INDEX object_file ON object(root, name) WHERE parent = 0;\n"
    "CREATE INDEX object_child ON object(top, parent, ordinal) WHERE parent <> 0;\n"
    /* What keeps a file from being complete; state 1 is SP_STATE_COMPLETE. */
    "CREATE INDEX object_unfinished ON object(top) WHERE parent <> 0 AND state <> 1;\n"
    /* The newest head of the register that a check has seen: an older one was rolled back. */
    "CREATE TABLE register_seen(\n"
    "  id INTEGER PRIMARY KEY CHECK(id = 1),\n"
    "  seq INTEGER NOT NULL,\n"
    "  head TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE segment(\n"
    "  id INTEGER PRIMARY KEY,\n" /* object * 2^20 + ordinal */
    "  findings_count INTEGER NOT NULL,\n"
    "  tokens_count INTEGER NOT NULL,\n"
    "  counts BLOB NOT NULL,\n"
    "  tokens BLOB NOT NULL,\n" /* first of the large ones: a check reads no further */
    "  findings BLOB NOT NULL,\n"
    "  records BLOB NOT NULL,\n"
    "  strings BLOB NOT NULL,\n"
    "  sealed BLOB\n"
    ") STRICT;\n"
    "CREATE TABLE unread(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  top INTEGER NOT NULL,\n"
    "  object INTEGER NOT NULL,\n"
    "  reason INTEGER NOT NULL,\n"
    "  detail TEXT,\n"
    "  bytes_read INTEGER,\n"     /* NULL: unknown */
    "  bytes_expected INTEGER,\n" /* NULL: unknown */
    "  partial INTEGER NOT NULL,\n"
    "  fallback INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX unread_object ON unread(top, object);\n";

/* What leads from version i + 1 to version i + 2. Version 2: scans with several keys, and names
 * told apart from patterns; a finding may have more than three tokens. */
static const char *const schema_migrations[SP_INVENTORY_VERSION] = {
    "ALTER TABLE scan RENAME COLUMN key_id TO key_ids; ALTER TABLE scan ADD COLUMN names TEXT"};

enum sp_err sp_schema_settings(struct sp_sql *sql, struct sp_why *why)
{
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* else the query for children is prepared again for every object: 8 times slower on a million
     */
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return sp_sql_run(sql,
                      "PRAGMA temp_store = MEMORY;"
                      "PRAGMA secure_delete = ON;"
                      "PRAGMA cell_size_check = ON;"
                      "PRAGMA synchronous = NORMAL;"
                      "PRAGMA cache_size = -8192;" /* KiB: rows come in the order of their keys */
                      "PRAGMA journal_size_limit = 67108864;" /* bytes of WAL kept */
                      "PRAGMA wal_autocheckpoint = 8192;",    /* pages: 32 MiB between syncs */
                      why);
}

/* Runs `text` and sets the version, unless another process has left version `from` meanwhile. */
static enum sp_err schema_change(struct sp_sql *sql, const char *text, unsigned from, unsigned to,
                                 struct sp_why *why)
{
    int64_t version = 0;
    char ids[128];
    enum sp_err err = sp_sql_run(sql, "BEGIN IMMEDIATE", why);

    if (err)
        return err;
    snprintf(ids, sizeof ids, "PRAGMA application_id = %d; PRAGMA user_version = %u;",
             SP_SCHEMA_APPLICATION_ID, to);
    err = sp_sql_number(sql, "PRAGMA user_version", &version, why);
    if (!err && version == (int64_t)from) {
        err = sp_sql_run(sql, text, why);
        if (!err)
            err = sp_sql_run(sql, ids, why);
    }
    if (!err)
        err = sp_sql_run(sql, "COMMIT", why);
    if (err)
        sp_sql_run(sql, "ROLLBACK", NULL);
    return err;
}

enum sp_err sp_schema_create(struct sp_sql *sql, struct sp_why *why)
{
    enum sp_err err = sp_sql_run(sql, "PRAGMA journal_mode = WAL", why);

    if (err)
        return err;
    return schema_change(sql, schema_tables, 0, SP_INVENTORY_VERSION, why);
}

enum sp_err sp_schema_migrate(struct sp_sql *sql, const char *const *steps, unsigned from,
                              unsigned to, struct sp_why *why)
{
    for (unsigned version = from; version < to; version++) {
        enum sp_err err;

        if (version == 0 || !steps[version - 1])
            return sp_fail(why, SP_ERR_CONFIG, "%s: schema %u is not supported any more", sql->path,
                           version);
        err = schema_change(sql, steps[version - 1], version, version + 1, why);
        if (err)
            return err;
    }
    return SP_OK;
}

/* ---- nothing else is in it ----------------------------------------------------------------- */
/* The table of scans as version 1 made it and sp_schema_migrate left it. */
static const char schema_scan_of_1[] =
    "CREATE TABLE scan(id INTEGER PRIMARY KEY, root INTEGER NOT NULL, started_s INTEGER NOT NULL, "
    "ended_s INTEGER, complete INTEGER NOT NULL, patterns TEXT NOT NULL, key_ids TEXT NOT NULL, "
    "version TEXT NOT NULL, sandbox TEXT NOT NULL, keep_values INTEGER NOT NULL, types INTEGER NOT "
    "NULL, names TEXT) STRICT";

/* One statement of `text`, which a semicolon or its end ends, and the same words without regard to
 * blanks; *behind is set to what follows it. */
static bool schema_same(const char *text, const char *words, const char **behind)
{
    bool same = true;
    for (;; text++) {
        text += strspn(text, " \n");
        words += strspn(words, " \n");
        if (*text == '\0' || *text == ';')
            break;
        same = same && *words == *text;
        words += *words != '\0';
    }
    *behind = *text == ';' ? text + 1 : text;
    return same && *words == '\0';
}

static bool schema_is_ours(const char *words)
{
    const char *text = schema_tables, *end;
    while (text[strspn(text, " \n")] != '\0') {
        if (schema_same(text, words, &text))
            return true;
    }
    return schema_same(schema_scan_of_1, words, &end);
}

/* Somebody's trigger, view, or rule of a table would take away what is written here, unseen. */
static enum sp_err schema_compare(struct sp_sql *sql, struct sp_why *why)
{
    struct sp_stmt list;
    bool row = true;
    enum sp_err err = sp_sql_take(sql, SP_STMT_SCHEMA, &list, why);
    while (!err) {
        err = sp_stmt_step(&list, &row, why);
        if (err || !row)
            break;
        const char *words = sp_stmt_get_text(&list, 1);
        if (words && !schema_is_ours(words)) /* NULL: an index that SQLite makes by itself */
            err = sp_fail(why, SP_ERR_ALTERED,
                          "%s: has a %s that speur did not make: somebody altered this inventory; "
                          "remove it and scan again",
                          sql->path, sp_stmt_get_text(&list, 0));
    }
    sp_sql_give(&list);
    return err;
}

/* Of ours, and its version brought up to date. */
static enum sp_err schema_version(struct sp_sql *sql, bool writable, struct sp_why *why)
{
    int64_t application = 0, version = 0;
    enum sp_err err = sp_sql_number(sql, "PRAGMA application_id", &application, why);

    if (!err)
        err = sp_sql_number(sql, "PRAGMA user_version", &version, why);
    if (err)
        return err;
    if (application != SP_SCHEMA_APPLICATION_ID || version < 0)
        return sp_fail(why, SP_ERR_ALTERED, "%s: not an inventory of speur", sql->path);
    if (version > SP_INVENTORY_VERSION)
        return sp_fail(why, SP_ERR_CONFIG,
                       "%s: made by a newer speur (schema %" PRId64 ", this one knows up to %d)",
                       sql->path, version, SP_INVENTORY_VERSION);
    if (version == SP_INVENTORY_VERSION)
        return SP_OK;
    if (!writable)
        return sp_fail(why, SP_ERR_CONFIG,
                       "%s: made by an older speur, and not writable to bring it up to date",
                       sql->path);
    return sp_schema_migrate(sql, schema_migrations, (unsigned)version, SP_INVENTORY_VERSION, why);
}

enum sp_err sp_schema_check(struct sp_sql *sql, bool writable, struct sp_why *why)
{
    enum sp_err err = schema_version(sql, writable, why);

    return err ? err : schema_compare(sql, why);
}
