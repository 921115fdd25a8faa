/* floors: sp_store
 * The inventory: opening, rows in and out, tops, coverage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

#include <sys/wait.h>

#include "store/inventory_in.h"
#include "store/schema.h"

/* ---- opening ------------------------------------------------------------------------------- */

static enum sp_err reopen_error(struct fixture *fixture, bool create, struct sp_why *why)
{
    struct sp_inventory *inventory = NULL;
    enum sp_err err = sp_inventory_open(fixture->path, create, &inventory, why);

    sp_inventory_close(inventory);
    return err;
}

static void sql(struct fixture *fixture, const char *text)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_files_are_private(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    struct fixture *fixture = *state;
    struct sp_why why;

    fixture_scan(fixture);
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        struct stat status;

        snprintf(path, sizeof path, "%s%s", fixture->path, suffixes[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
    }
    fixture_end(fixture, true);
    assert_int_equal(chmod(fixture->path, 0640), 0);
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_KEY);
}

static void test_what_is_no_inventory_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct sp_why why;
    int fd;

    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    sql(fixture, "PRAGMA application_id = 42");
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_ALTERED);
    unlink(fixture->path);
    assert_int_equal(reopen_error(fixture, false, &why), SP_ERR_NOINPUT);
    fd = open(fixture->path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(fd,
                           "this is text, not a database, and long enough to tell: 0123456789"
                           "0123456789012345678901234567890123456789012345678901234567890123",
                           128),
                     128);
    close(fd);
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_ALTERED);
    unlink(fixture->path);
    sql(fixture, "CREATE TABLE customers(id)");
    chmod(fixture->path, 0600);
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_ALTERED);
    assert_int_equal(sp_inventory_open(":memory:", true, &fixture->inventory, &why), SP_ERR_USAGE);
    fixture->inventory = NULL;
}

/* A maker that was killed right after it made the file, or before the tables. */
static void test_half_made_inventory_is_finished(void **state)
{
    struct fixture *fixture = *state;
    struct sp_root_row *roots = NULL;
    size_t count = 1;

    sp_inventory_close(fixture->inventory);
    unlink(fixture->path);
    close(open(fixture->path, O_RDWR | O_CREAT, 0600));
    assert_int_equal(sp_inventory_open(fixture->path, false, &fixture->inventory, NULL), SP_OK);
    assert_int_equal(sp_inventory_roots(fixture->inventory, &roots, &count, NULL), SP_OK);
    assert_int_equal(count, 0);
    sp_root_rows_free(roots, count);
    sp_inventory_close(fixture->inventory);
    unlink(fixture->path);
    sql(fixture, "PRAGMA journal_mode = WAL"); /* its maker died before the tables */
    chmod(fixture->path, 0600);
    fixture_open(fixture);
    fixture_scan(fixture);
    fixture_end(fixture, true);
}

static void test_newer_and_older_schemas(void **state)
{
    struct fixture *fixture = *state;
    struct sp_why why;

    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    sql(fixture, "PRAGMA user_version = 3");
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_CONFIG);
    assert_non_null(strstr(why.text, "newer speur"));
    sql(fixture, "PRAGMA user_version = 0");
    assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_CONFIG);
    assert_non_null(strstr(why.text, "not supported"));
    sql(fixture, "PRAGMA user_version = 2");
    assert_int_equal(reopen_error(fixture, true, &why), SP_OK);
}

static void test_altered_schemas(void **state)
{
    static const char *const altered[][2] = {
        {"CREATE TRIGGER x AFTER INSERT ON segment BEGIN DELETE FROM segment; END",
         "DROP TRIGGER x"},
        {"CREATE VIEW x AS SELECT 1", "DROP VIEW x"},
        {"CREATE UNIQUE INDEX x ON segment(findings_count)", "DROP INDEX x"},
        {"ALTER TABLE unread ADD COLUMN x TEXT", "ALTER TABLE unread DROP COLUMN x"}};
    struct fixture *fixture = *state;
    struct sp_why why;

    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
        sql(fixture, altered[i][0]);
        assert_int_equal(reopen_error(fixture, true, &why), SP_ERR_ALTERED);
        assert_non_null(strstr(why.text, "did not make"));
        sql(fixture, altered[i][1]);
    }
    assert_int_equal(reopen_error(fixture, true, &why), SP_OK);
}

/* Version 1 had one key a scan: its id is a list of one. */
static void test_an_inventory_of_one_key(void **state)
{
    struct fixture *fixture = *state;
    struct sp_root_row *rows = NULL;
    size_t count = 0;

    fixture_scan(fixture);
    fixture_end(fixture, true);
    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    sql(fixture, "ALTER TABLE scan RENAME COLUMN key_ids TO key_id;"
                 "ALTER TABLE scan DROP COLUMN names; PRAGMA user_version = 1");
    fixture_open(fixture);
    assert_int_equal(sp_inventory_roots(fixture->inventory, &rows, &count, NULL), SP_OK);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].key_ids, sp_key_id(fixture->key));
    sp_root_rows_free(rows, count);
}

/* The mechanism, with steps that no real version has. */
static void test_migration_steps(void **state)
{
    static const char *const steps[] = {"CREATE TABLE added_by_two(id)",
                                        "ALTER TABLE added_by_two ADD COLUMN by_three"};
    static const char *const broken[] = {NULL, NULL, "CREATE TABLE half(id); SELECT nonsense"};
    struct fixture *fixture = *state;
    int64_t number = 0;
    struct sp_sql db;

    assert_int_equal(sp_sql_open(&db, fixture->path, SQLITE_OPEN_READWRITE, NULL, NULL), SP_OK);
    assert_int_equal(sp_sql_run(&db, "PRAGMA user_version = 1", NULL), SP_OK);
    assert_int_equal(sp_schema_migrate(&db, steps, 1, 3, NULL), SP_OK);
    assert_int_equal(sp_sql_number(&db, "PRAGMA user_version", &number, NULL), SP_OK);
    assert_int_equal(number, 3);
    assert_int_equal(sp_sql_run(&db, "INSERT INTO added_by_two VALUES(1, 2)", NULL), SP_OK);
    /* Again from 1: another process has done it meanwhile, so nothing happens. */
    assert_int_equal(sp_schema_migrate(&db, steps, 1, 3, NULL), SP_OK);
    /* A step that fails leaves nothing of itself. */
    assert_int_not_equal(sp_schema_migrate(&db, broken, 3, 4, NULL), SP_OK);
    assert_int_equal(
        sp_sql_number(&db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", &number, NULL),
        SP_OK);
    assert_int_equal(number, 0);
    assert_int_equal(sp_sql_number(&db, "PRAGMA user_version", &number, NULL), SP_OK);
    assert_int_equal(number, 3);
    sp_sql_close(&db);
}

static void test_a_second_scanner_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct sp_scan_info info = {.root = "-", .key_ids = "x", .patterns_digest = "x"};
    struct sp_inventory *other = NULL;
    int64_t root, scan;
    struct sp_why why;

    fixture_scan(fixture);
    assert_int_equal(sp_inventory_open(fixture->path, false, &other, NULL), SP_OK);
    assert_int_equal(sp_inventory_scan_begin(other, &info, &root, &scan, &why), SP_ERR_IO);
    assert_non_null(strstr(why.text, "another process"));
    fixture_end(fixture, true);
    assert_int_equal(sp_inventory_scan_begin(other, &info, &root, &scan, &why), SP_OK);
    assert_int_equal(sp_inventory_scan_end(other, root, scan, 1, true, &why), SP_OK);
    sp_inventory_close(other);
}

/* Another process holds the database itself: an error in clear words, and the batch is kept. */
static void test_locked_database(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *batch;
    struct sp_object_row row;
    struct sp_why why = {""};
    sqlite3 *other = NULL;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    row = row_file(fixture, sp_inventory_new_id(fixture->inventory), "a", NULL);
    put_object(batch, &row);
    assert_int_equal(sqlite3_open(fixture->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(fixture->inventory->sql.db, 50);
    assert_int_equal(sp_batch_flush(batch, &why), SP_ERR_IO);
    assert_non_null(strstr(why.text, "in use by another process"));
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    flush(batch);
    assert_names(fixture, "a");
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

static void test_full_disk(void **state)
{
    struct fixture *fixture = *state;
    struct sp_why why = {""};
    struct sp_batch *batch;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    assert_int_equal(sp_sql_run(&fixture->inventory->sql, "PRAGMA max_page_count = 20", NULL),
                     SP_OK);
    for (unsigned i = 0; i < 5000; i++) {
        struct sp_object_row row;
        char name[32];

        snprintf(name, sizeof name, "file-%05u", i);
        row = row_file(fixture, sp_inventory_new_id(fixture->inventory), name, NULL);
        put_object(batch, &row);
    }
    assert_int_equal(sp_batch_flush(batch, &why), SP_ERR_IO);
    assert_non_null(strstr(why.text, "disk is full"));
    assert_names(fixture, ""); /* nothing of the batch */
    assert_int_equal(sp_batch_objects(batch), 5000);
    assert_int_equal(sp_sql_run(&fixture->inventory->sql, "PRAGMA max_page_count = 100000", NULL),
                     SP_OK);
    flush(batch);
    assert_int_equal(sp_batch_objects(batch), 0);
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

/* 0 when opening for a scan fails in words in a folder that cannot be written. Root may write
 * anywhere, so this runs as nobody. */
static int scan_in_read_only_folder(const struct fixture *fixture)
{
    struct sp_inventory *inventory = NULL;
    struct sp_why why = {""};
    enum sp_err err;

    if (geteuid() == 0 && seteuid(65534) != 0)
        return 1;
    err = sp_inventory_open(fixture->path, true, &inventory, &why);
    sp_inventory_close(inventory);
    return err == SP_ERR_IO && strstr(why.text, "cannot be written") ? 0 : 2;
}

static void test_read_only_folder(void **state)
{
    struct fixture *fixture = *state;
    int status = -1;
    pid_t child;

    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    if (geteuid() == 0)
        assert_int_equal(chown(fixture->path, 65534, 65534), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(scan_in_read_only_folder(fixture));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(fixture->folder, 0700), 0);
}

/* ---- rows ---------------------------------------------------------------------------------- */

struct one_row {
    struct sp_object_row row;
    struct sp_stat_id stat;
    unsigned count;
};

static enum sp_err compare_row(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct one_row *expected = ctx;
    const struct sp_object_row *want = &expected->row;

    (void)why;
    expected->count++;
    assert_true(row->id == want->id && row->root_id == want->root_id);
    assert_true(row->scan_id == want->scan_id && row->parent == want->parent);
    assert_true(row->unit == want->unit && row->ordinal == want->ordinal);
    assert_int_equal(row->depth, want->depth);
    assert_int_equal(row->step, want->step);
    assert_int_equal(row->node, want->node);
    assert_int_equal(row->state, want->state);
    assert_int_equal(row->shape, want->shape);
    assert_true(sp_slice_equal(row->name, want->name));
    assert_true(sp_slice_equal(row->part, want->part));
    assert_true(sp_slice_equal(row->link, want->link));
    assert_true(sp_slice_equal(row->owner, want->owner));
    assert_true(sp_slice_equal(row->group, want->group));
    assert_true(sp_slice_equal(sp_slice_of(row->format), sp_slice_of(want->format)));
    assert_true(sp_slice_equal(sp_slice_of(row->encoding), sp_slice_of(want->encoding)));
    assert_true(row->size == want->size && row->bytes_read == want->bytes_read);
    assert_true(row->record_count == want->record_count && row->mtime_s == want->mtime_s);
    assert_int_equal(row->mode, want->mode);
    assert_true((row->stat == NULL) == (want->stat == NULL));
    if (want->stat)
        assert_memory_equal(row->stat, want->stat, sizeof *want->stat);
    return SP_OK;
}

static void round_trip(struct fixture *fixture, const struct sp_object_row *row)
{
    struct one_row expected = {.row = *row};
    struct sp_batch *batch;
    struct sp_why why = {""};

    fixture_scan(fixture);
    expected.row.root_id = fixture->root;
    expected.row.scan_id = fixture->scan;
    expected.row.id = expected.row.unit = sp_inventory_new_id(fixture->inventory);
    batch = new_batch(fixture, false);
    put_object(batch, &expected.row);
    flush(batch);
    if (sp_inventory_each_object(fixture->inventory, fixture->root, compare_row, &expected, &why))
        fail_msg("%s", why.text);
    assert_int_equal(expected.count, 1);
    sp_batch_free(batch);
    fixture_end(fixture, true);
    /* the next scan sees nothing, so it removes it */
    fixture_scan(fixture);
    fixture_end(fixture, true);
    assert_names(fixture, "");
}

static void test_rows_come_back_as_they_were(void **state)
{
    static const uint8_t foreign[] = {'a', 0, 0xff, '\n', '/', 0xc3, 0x28};
    const struct sp_stat_id stat = {UINT64_MAX, UINT64_MAX - 1, 7, -5, INT64_MIN};
    struct fixture *fixture = *state;
    struct sp_object_row row = row_file(fixture, 1, "plain.txt", &stat);

    round_trip(fixture, &row);
    row.name = (struct sp_slice){foreign, sizeof foreign};
    row.part = sp_slice_of("1.2");
    row.link = row.name;
    row.format = NULL;
    row.encoding = NULL;
    row.size = SP_SIZE_UNKNOWN;
    row.mtime_s = INT64_MIN;
    row.stat = NULL;
    row.owner = row.group = (struct sp_slice){NULL, 0};
    row.state = SP_STATE_SKIPPED;
    row.node = SP_NODE_SPECIAL;
    row.shape = SP_SHAPE_NONE;
    row.step = SP_STEP_PART;
    row.bytes_read = UINT64_MAX - 1;
    row.mode = UINT32_MAX;
    row.ordinal = UINT64_MAX;
    round_trip(fixture, &row);
    row.name = (struct sp_slice){NULL, 0};
    row.mtime_s = -1;
    round_trip(fixture, &row);
}

static void test_order_of_objects(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *batch;
    int64_t ids[8];

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    for (size_t i = 0; i < 8; i++)
        ids[i] = sp_inventory_new_id(fixture->inventory);
    {
        struct sp_top *top = new_top(ids[0]);
        struct sp_object_row rows[] = {
            row_member(fixture, ids[3], ids[1], 2, "deep2"),
            row_member(fixture, ids[2], ids[1], 1, "deep1"),
            row_member(fixture, ids[4], ids[0], 10, "m10"),
            row_member(fixture, ids[1], ids[0], 9, "m9"),
            row_member(fixture, ids[5], ids[0], 10, "l10"), /* same ordinal: by name */
            row_file(fixture, ids[0], "b.tar", NULL),
        };

        sp_batch_set_top(batch, top);
        for (size_t i = 0; i < 6; i++)
            put_object(batch, &rows[i]);
        part_done(batch, top);
    }
    {
        struct sp_object_row after = row_file(fixture, ids[6], "b.tar0", NULL);
        struct sp_object_row before = row_file(fixture, ids[7], "B", NULL);

        put_object(batch, &after);
        put_object(batch, &before);
    }
    flush(batch);
    assert_names(fixture, "B b.tar m9 deep1 deep2 l10 m10 b.tar0");
    sp_batch_free(batch);
    fixture_end(fixture, true);
    fixture_reopen(fixture);
    assert_names(fixture, "B b.tar m9 deep1 deep2 l10 m10 b.tar0");
}

/* ---- tops ---------------------------------------------------------------------------------- */

static void test_top_stays_open_until_all_parts_are_flushed(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *a, *b;
    struct sp_object_row file, member;
    struct sp_top *top;
    int64_t id, inner;

    fixture_scan(fixture);
    a = new_batch(fixture, false);
    b = new_batch(fixture, false);
    id = sp_inventory_new_id(fixture->inventory);
    inner = sp_inventory_new_id(fixture->inventory);
    top = new_top(id);
    file = row_file(fixture, id, "a.zip", NULL);
    member = row_member(fixture, inner, id, 1, "inner");
    sp_top_add_part(top);
    sp_batch_set_top(a, top);
    put_object(a, &file);
    part_done(a, top);
    flush(a);
    assert_int_equal(state_of(fixture, id), SP_STATE_OPEN); /* b is still reading */
    sp_batch_set_top(b, top);
    put_object(b, &member);
    assert_int_equal(put_findings(b, inner, 1, 3, NULL), SP_OK);
    part_done(b, top);
    flush(b);
    assert_int_equal(state_of(fixture, id), SP_STATE_COMPLETE);
    assert_int_equal(findings_of(fixture, inner), 3);
    sp_batch_free(a);
    sp_batch_free(b);
    fixture_end(fixture, true);
}

/* What lies below a file decides its state. */
static void test_state_of_a_top(void **state)
{
    static const struct {
        enum sp_state told, below;
        int reason_below, reason_own; /* -1 none */
        enum sp_state final;
    } rows[] = {
        {SP_STATE_COMPLETE, SP_STATE_COMPLETE, -1, -1, SP_STATE_COMPLETE},
        {SP_STATE_COMPLETE, SP_STATE_PARTIAL, SP_REASON_CORRUPT, -1, SP_STATE_PARTIAL},
        {SP_STATE_COMPLETE, SP_STATE_PARTIAL, -1, -1, SP_STATE_PARTIAL},
        {SP_STATE_COMPLETE, SP_STATE_OPEN, -1, -1, SP_STATE_PARTIAL},
        {SP_STATE_COMPLETE, SP_STATE_SKIPPED, SP_REASON_ENCRYPTED, -1, SP_STATE_PARTIAL},
        {SP_STATE_COMPLETE, SP_STATE_SKIPPED, SP_REASON_SPECIAL, -1, SP_STATE_COMPLETE},
        {SP_STATE_COMPLETE, SP_STATE_SKIPPED, -1, -1, SP_STATE_PARTIAL}, /* without a word */
        {SP_STATE_COMPLETE, SP_STATE_COMPLETE, SP_REASON_TRUNCATED, -1, SP_STATE_PARTIAL},
        {SP_STATE_COMPLETE, SP_STATE_COMPLETE, SP_REASON_PHOTO, -1, SP_STATE_COMPLETE},
        {SP_STATE_COMPLETE, SP_STATE_COMPLETE, -1, SP_REASON_CORRUPT, SP_STATE_PARTIAL},
        {SP_STATE_PARTIAL, SP_STATE_COMPLETE, -1, SP_REASON_CORRUPT, SP_STATE_PARTIAL},
        {SP_STATE_SKIPPED, SP_STATE_COMPLETE, -1, SP_REASON_ENCRYPTED, SP_STATE_SKIPPED},
        {SP_STATE_OPEN, SP_STATE_COMPLETE, -1, -1, SP_STATE_OPEN},
    };
    struct fixture *fixture = *state;
    struct sp_batch *batch;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t id = sp_inventory_new_id(fixture->inventory);
        int64_t inner = sp_inventory_new_id(fixture->inventory);
        struct sp_object_row file = row_file(fixture, id, "file", NULL);
        struct sp_object_row member = row_member(fixture, inner, id, 1, "inner");
        struct sp_top *top = new_top(id);

        file.state = rows[i].told;
        member.state = rows[i].below;
        sp_batch_set_top(batch, top);
        put_object(batch, &file);
        put_object(batch, &member);
        if (rows[i].reason_below >= 0)
            put_unread(batch, inner, (enum sp_reason)rows[i].reason_below);
        if (rows[i].reason_own >= 0)
            put_unread(batch, id, (enum sp_reason)rows[i].reason_own);
        part_done(batch, top);
        flush(batch);
        if (state_of(fixture, id) != rows[i].final)
            fail_msg("row %zu: state %d", i, (int)state_of(fixture, id));
    }
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

static void test_dropped_part_leaves_the_top_open(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *batch;
    struct sp_object_row file;
    struct sp_top *top;
    int64_t id;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    id = sp_inventory_new_id(fixture->inventory);
    file = row_file(fixture, id, "file", NULL);
    top = new_top(id);
    sp_top_add_part(top);
    sp_top_drop_part(top);
    sp_batch_set_top(batch, top);
    put_object(batch, &file);
    part_done(batch, top);
    flush(batch);
    assert_int_equal(state_of(fixture, id), SP_STATE_OPEN);
    top = new_top(id); /* a batch that is freed with a part in it: no leak, no row */
    sp_batch_set_top(batch, top);
    put_object(batch, &file);
    part_done(batch, top);
    sp_batch_free(batch);
    assert_int_equal(state_of(fixture, id), SP_STATE_OPEN);
    fixture_end(fixture, false);
}

static void test_begun_and_ended_in_any_order(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *walker, *lane;
    struct sp_object_row begun, ended;
    struct sp_top *top;
    int64_t id;

    fixture_scan(fixture);
    walker = new_batch(fixture, false);
    lane = new_batch(fixture, false);
    id = sp_inventory_new_id(fixture->inventory);
    ended = row_file(fixture, id, "file", NULL);
    begun = ended;
    begun.state = SP_STATE_OPEN;
    begun.format = NULL;
    put_object(walker, &begun);
    top = new_top(id);
    sp_batch_set_top(lane, top);
    put_object(lane, &begun);
    put_object(lane, &ended);
    put_object(lane, &begun);
    part_done(lane, top);
    assert_int_equal(sp_batch_objects(lane), 1);
    flush(lane);
    assert_int_equal(state_of(fixture, id), SP_STATE_COMPLETE);
    flush(walker); /* late, and must not reopen it */
    assert_int_equal(state_of(fixture, id), SP_STATE_COMPLETE);
    ended.id = begun.id = id = sp_inventory_new_id(fixture->inventory);
    put_object(walker, &ended); /* nothing else is in it, so there is no top */
    put_object(walker, &begun);
    flush(walker);
    assert_int_equal(state_of(fixture, id), SP_STATE_COMPLETE);
    sp_batch_free(walker);
    sp_batch_free(lane);
    fixture_end(fixture, true);
}

/* ---- segments, unread, coverage ------------------------------------------------------------ */

static enum sp_err compare_value(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                 const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index;
    (void)record;
    (void)why;
    assert_true(sp_slice_equal(finding->value, sp_slice_of(ctx)));
    return SP_OK;
}

static enum sp_err has_value(void *ctx, int64_t object, const struct sp_segment_view *view,
                             struct sp_why *why)
{
    (void)object;
    return sp_segment_each(view, compare_value, ctx, why);
}

static enum sp_err sum_tokens(void *ctx, int64_t object, const struct sp_segment_view *view,
                              struct sp_why *why)
{
    (void)object;
    (void)why;
    assert_int_equal(view->tokens.len, view->token_count * SP_TOKEN_LEN);
    *(uint64_t *)ctx += view->token_count;
    return SP_OK;
}

static void test_segments_and_kept_values(void **state)
{
    char value[] = "jan@voorbeeld.example", none[] = "";
    struct fixture *fixture = *state;
    struct sp_batch *kept, *plain;
    struct sp_object_row row;
    uint64_t tokens = 0;
    struct sp_why why;
    int64_t a, b;

    fixture_scan(fixture);
    kept = new_batch(fixture, true);
    plain = new_batch(fixture, false);
    a = sp_inventory_new_id(fixture->inventory);
    b = sp_inventory_new_id(fixture->inventory);
    row = row_file(fixture, a, "a", NULL);
    put_object(kept, &row);
    assert_int_equal(put_findings(kept, a, 1, 4096, NULL), SP_OK);
    assert_int_equal(put_findings(kept, a, 2, 5, NULL), SP_OK);
    row = row_file(fixture, b, "b", NULL);
    put_object(plain, &row);
    assert_int_equal(put_findings(plain, b, 1, 2, NULL), SP_OK);
    flush(plain);
    flush(kept);
    assert_int_equal(findings_of(fixture, a), 4101);
    assert_int_equal(findings_of(fixture, b), 2);
    assert_int_equal(sp_inventory_each_token_segment(fixture->inventory, fixture->root, sum_tokens,
                                                     &tokens, NULL),
                     SP_OK);
    assert_int_equal(tokens, 4103);
    assert_int_equal(
        sp_inventory_each_segment(fixture->inventory, a, fixture->key, has_value, value, NULL),
        SP_OK);
    assert_int_equal(sp_inventory_each_segment(fixture->inventory, a, NULL, has_value, none, NULL),
                     SP_OK);
    assert_int_equal(
        sp_inventory_each_segment(fixture->inventory, b, fixture->key, has_value, none, NULL),
        SP_OK);
    /* A sealed blob that was moved to another place is refused. */
    assert_int_equal(sp_sql_run(&fixture->inventory->sql,
                                "UPDATE segment SET sealed = (SELECT sealed FROM segment "
                                "WHERE findings_count = 4096) WHERE findings_count = 5",
                                NULL),
                     SP_OK);
    assert_int_equal(
        sp_inventory_each_segment(fixture->inventory, a, fixture->key, has_value, value, &why),
        SP_ERR_ALTERED);
    sp_batch_free(kept);
    sp_batch_free(plain);
    fixture_end(fixture, true);
}

/* No byte of a value in the database, whether kept or not. */
static void test_no_clear_value_on_disk(void **state)
{
    static const char *const suffixes[] = {"", "-wal"};
    struct fixture *fixture = *state;
    struct sp_batch *batch;
    struct sp_object_row row;
    int64_t id;

    fixture_scan(fixture);
    batch = new_batch(fixture, true);
    id = sp_inventory_new_id(fixture->inventory);
    row = row_file(fixture, id, "a", NULL);
    put_object(batch, &row);
    assert_int_equal(put_findings(batch, id, 1, 100, NULL), SP_OK);
    flush(batch);
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        static char bytes[1 << 20];
        size_t len;
        FILE *file;

        snprintf(path, sizeof path, "%s%s", fixture->path, suffixes[i]);
        file = fopen(path, "rb");
        assert_non_null(file);
        len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_true(len > 0);
        assert_null(memmem(bytes, len, "voorbeeld.ex", 12));
        assert_null(memmem(bytes, len, "jan@", 4));
    }
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

static enum sp_err collect_unread(void *ctx, int64_t object, const struct sp_unread *unread,
                                  struct sp_why *why)
{
    char *text = ctx;
    size_t len = strlen(text);

    (void)why;
    (void)object;
    assert_string_equal(unread->detail, "because");
    assert_true(unread->bytes_read == SP_SIZE_UNKNOWN);
    snprintf(text + len, 256 - len, "%s ", sp_reason_name(unread->reason));
    return SP_OK;
}

static void test_unread_and_coverage(void **state)
{
    struct fixture *fixture = *state;
    struct sp_coverage coverage;
    struct sp_object_row file, member, skipped;
    struct sp_batch *batch;
    char text[256] = "";
    int64_t ids[3];
    struct sp_top *top;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    for (size_t i = 0; i < 3; i++)
        ids[i] = sp_inventory_new_id(fixture->inventory);
    file = row_file(fixture, ids[0], "a.zip", NULL);
    member = row_member(fixture, ids[1], ids[0], 1, "m");
    member.state = SP_STATE_PARTIAL;
    skipped = row_file(fixture, ids[2], "b", NULL);
    skipped.state = SP_STATE_SKIPPED;
    skipped.bytes_read = 0;
    top = new_top(ids[0]);
    sp_batch_set_top(batch, top);
    put_object(batch, &file);
    put_object(batch, &member);
    put_unread(batch, ids[1], SP_REASON_CORRUPT);
    put_unread(batch, ids[1], SP_REASON_LIMIT_DEPTH);
    put_unread(batch, ids[0], SP_REASON_EXCLUDED);
    assert_int_equal(put_findings(batch, ids[1], 1, 7, NULL), SP_OK);
    part_done(batch, top);
    put_object(batch, &skipped);
    put_unread(batch, ids[2], SP_REASON_PERMISSION);
    flush(batch);
    assert_int_equal(sp_inventory_coverage(fixture->inventory, fixture->root, &coverage, NULL),
                     SP_OK);
    assert_int_equal(coverage.objects, 3);
    assert_int_equal(coverage.objects_partial, 2); /* the member, and so its file */
    assert_int_equal(coverage.objects_skipped, 1);
    assert_int_equal(coverage.objects_read + coverage.objects_open, 0);
    assert_int_equal(coverage.bytes_read, 1234);
    assert_int_equal(coverage.findings[SP_TYPE_EMAIL][SP_CONF_HIGH], 7);
    assert_int_equal(coverage.unread[SP_REASON_CORRUPT], 1);
    assert_int_equal(coverage.unread[SP_REASON_PERMISSION], 1);
    assert_int_equal(coverage.unread[SP_REASON_EXCLUDED], 1);
    assert_int_equal(coverage.objects_unread_gap, 2);
    assert_int_equal(sp_inventory_each_unread(fixture->inventory, fixture->root, ids[1],
                                              collect_unread, text, NULL),
                     SP_OK);
    assert_string_equal(text, "corrupt limit_depth ");
    text[0] = '\0';
    assert_int_equal(
        sp_inventory_each_unread(fixture->inventory, fixture->root, 0, collect_unread, text, NULL),
        SP_OK);
    assert_string_equal(text, "excluded corrupt limit_depth permission ");
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

/* Numbers out of range in the file: an error, never a wild index. */
static void test_damaged_numbers(void **state)
{
    static const char *const damages[] = {"UPDATE object SET state = 9",
                                          "UPDATE object SET state = -1",
                                          "UPDATE object SET shape = 1000000000000"};
    static const char *const segments[] = {"UPDATE segment SET tokens_count = 7",
                                           "UPDATE segment SET findings_count = -1",
                                           "UPDATE segment SET counts = x'ff03'"};
    struct fixture *fixture = *state;
    struct sp_coverage coverage;
    struct sp_object_row row;
    struct sp_batch *batch;
    uint64_t tokens = 0;
    int64_t id;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    id = sp_inventory_new_id(fixture->inventory);
    row = row_file(fixture, id, "a", NULL);
    put_object(batch, &row);
    assert_int_equal(put_findings(batch, id, 1, 3, NULL), SP_OK);
    flush(batch);
    for (size_t i = 0; i < 3; i++) {
        struct found found = {.count = 0};

        assert_int_equal(sp_sql_run(&fixture->inventory->sql, "SAVEPOINT a", NULL), SP_OK);
        assert_int_equal(sp_sql_run(&fixture->inventory->sql, damages[i], NULL), SP_OK);
        assert_int_equal(
            sp_inventory_each_object(fixture->inventory, fixture->root, found_add, &found, NULL),
            SP_ERR_ALTERED);
        assert_int_equal(sp_sql_run(&fixture->inventory->sql, "ROLLBACK TO a; RELEASE a", NULL),
                         SP_OK);
    }
    for (size_t i = 0; i < 3; i++) {
        enum sp_err err;

        assert_int_equal(sp_sql_run(&fixture->inventory->sql, "SAVEPOINT a", NULL), SP_OK);
        assert_int_equal(sp_sql_run(&fixture->inventory->sql, segments[i], NULL), SP_OK);
        err = i == 2 ? sp_inventory_coverage(fixture->inventory, fixture->root, &coverage, NULL)
                     : sp_inventory_each_token_segment(fixture->inventory, fixture->root,
                                                       sum_tokens, &tokens, NULL);
        assert_int_equal(err, SP_ERR_ALTERED);
        assert_int_equal(sp_sql_run(&fixture->inventory->sql, "ROLLBACK TO a; RELEASE a", NULL),
                         SP_OK);
    }
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

static void test_roots(void **state)
{
    struct fixture *fixture = *state;
    struct sp_root_row *rows = NULL;
    size_t count = 0;

    fixture_scan(fixture);
    assert_int_equal(sp_inventory_roots(fixture->inventory, &rows, &count, NULL), SP_OK);
    assert_int_equal(count, 1);
    assert_false(rows[0].complete);
    sp_root_rows_free(rows, count);
    fixture_end(fixture, true);
    assert_int_equal(sp_inventory_roots(fixture->inventory, &rows, &count, NULL), SP_OK);
    assert_true(rows[0].complete && rows[0].is_tree && !rows[0].keep_values);
    assert_string_equal(rows[0].path, "/srv/backup");
    assert_string_equal(rows[0].key_ids, sp_key_id(fixture->key));
    assert_string_equal(rows[0].patterns_digest, "00112233445566778899aabbccddeeff");
    assert_int_equal(rows[0].types_searched, 0x1f);
    assert_int_equal(rows[0].started_s, 1700000000);
    assert_int_equal(rows[0].ended_s, 1700000100);
    assert_true(rows[0].last_scan == fixture->scan);
    sp_root_rows_free(rows, count);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files_are_private),
        TEST(test_what_is_no_inventory_is_refused),
        TEST(test_half_made_inventory_is_finished),
        TEST(test_newer_and_older_schemas),
        TEST(test_altered_schemas),
        TEST(test_an_inventory_of_one_key),
        TEST(test_migration_steps),
        TEST(test_a_second_scanner_is_refused),
        TEST(test_locked_database),
        TEST(test_full_disk),
        TEST(test_read_only_folder),
        TEST(test_rows_come_back_as_they_were),
        TEST(test_order_of_objects),
        TEST(test_top_stays_open_until_all_parts_are_flushed),
        TEST(test_state_of_a_top),
        TEST(test_dropped_part_leaves_the_top_open),
        TEST(test_begun_and_ended_in_any_order),
        TEST(test_segments_and_kept_values),
        TEST(test_no_clear_value_on_disk),
        TEST(test_unread_and_coverage),
        TEST(test_damaged_numbers),
        TEST(test_roots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
