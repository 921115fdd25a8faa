/* floors: sp_store
 * What a second scan need not read again, and what goes away at its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

#include "core/plan.h"

#include "store/inventory_in.h"

static const struct sp_stat_id same = {1, 2, 3, 4, 5};

/* A file with one member and findings in both. */
struct planted {
    const char *name;
    enum sp_state state;
    int reason; /* of the member; -1 none */
};

static int64_t plant(struct fixture *fixture, const struct planted *what)
{
    struct sp_batch *batch = new_batch(fixture, false);
    int64_t id = sp_inventory_new_id(fixture->inventory);
    int64_t inner = sp_inventory_new_id(fixture->inventory);
    struct sp_object_row file = row_file(fixture, id, what->name, &same);
    struct sp_object_row member = row_member(fixture, inner, id, 1, "inner");
    struct sp_top *top = new_top(id);

    file.state = what->state;
    sp_batch_set_top(batch, top);
    put_object(batch, &file);
    put_object(batch, &member);
    assert_int_equal(put_findings(batch, id, 1, 2, NULL), SP_OK);
    assert_int_equal(put_findings(batch, inner, 1, 3, NULL), SP_OK);
    if (what->reason >= 0)
        put_unread(batch, inner, (enum sp_reason)what->reason);
    part_done(batch, top);
    flush(batch);
    sp_batch_free(batch);
    return id;
}

static bool reuse(struct fixture *fixture, const char *name, const struct sp_stat_id *stat)
{
    bool reused = true;

    assert_int_equal(sp_inventory_reuse(fixture->inventory,
                                        &(struct sp_file_ask){fixture->root, fixture->scan,
                                                              sp_slice_of(name), stat},
                                        &reused, NULL, NULL),
                     SP_OK);
    return reused;
}

static int64_t count_of(struct fixture *fixture, const char *text)
{
    int64_t count = -1;

    assert_int_equal(sp_sql_number(&fixture->inventory->sql, text, &count, NULL), SP_OK);
    return count;
}

/* Nothing that belongs to no file. */
static void assert_no_leftovers(struct fixture *fixture)
{
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM object WHERE top NOT IN "
                                       "(SELECT id FROM object WHERE parent = 0)"),
                     0);
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM segment WHERE id >> 20 NOT IN "
                                       "(SELECT id FROM object)"),
                     0);
    assert_int_equal(
        count_of(fixture,
                 "SELECT count(*) FROM unread WHERE object NOT IN (SELECT id FROM object)"),
        0);
}

static void test_unchanged_is_reused_and_changed_is_not(void **state)
{
    static const struct planted files[] = {
        {"a", SP_STATE_COMPLETE, -1}, {"b", SP_STATE_COMPLETE, -1}, {"c", SP_STATE_COMPLETE, -1}};
    struct fixture *fixture = *state;
    struct sp_stat_id changed = same;

    fixture_scan(fixture);
    for (size_t i = 0; i < 3; i++)
        plant(fixture, &files[i]);
    fixture_end(fixture, true);
    fixture_reopen(fixture);
    fixture_scan(fixture);
    changed.ctime_ns++;
    assert_true(reuse(fixture, "a", &same));
    assert_false(reuse(fixture, "b", &changed));
    assert_false(reuse(fixture, "new", &same));
    fixture_end(fixture, true); /* c was not seen: it is gone */
    assert_names(fixture, "a inner");
    assert_no_leftovers(fixture);
    assert_int_equal(count_of(fixture, "SELECT sum(findings_count) FROM segment"), 5);
}

static void test_each_part_of_the_identity_counts(void **state)
{
    struct fixture *fixture = *state;
    struct sp_stat_id other[5] = {same, same, same, same, same};

    other[0].dev++;
    other[1].ino++;
    other[2].size++;
    other[3].mtime_ns++;
    other[4].ctime_ns++;
    for (size_t i = 0; i < 6; i++) {
        const struct planted file = {"file", SP_STATE_COMPLETE, -1};

        fixture_scan(fixture);
        plant(fixture, &file);
        fixture_end(fixture, true);
        fixture_scan(fixture);
        assert_false(reuse(fixture, "file", i < 5 ? &other[i] : NULL));
        fixture_end(fixture, true);
        assert_names(fixture, "");
    }
}

/* ---- going on with a file ------------------------------------------------------------------- */
/* A file that is not finished: member 1 is; in member 2 something is read by itself and is not
 * done; member 3 is finished with a reason; member 4 was begun. */
static int64_t plant_unfinished(struct fixture *fixture, enum sp_reason reason, bool finish_part)
{
    struct sp_batch *batch = new_batch(fixture, false);
    struct sp_batch *other = new_batch(fixture, false);
    int64_t id[7];
    struct sp_top *top, *account = NULL;
    struct sp_object_row row;

    for (size_t i = 0; i < 7; i++)
        id[i] = sp_inventory_new_id(fixture->inventory);
    top = new_top(id[0]);
    row = row_file(fixture, id[0], "file", &same);
    row.state = SP_STATE_OPEN;
    sp_batch_set_top(batch, top);
    put_object(batch, &row);
    row = row_member(fixture, id[1], id[0], 1, "one");
    put_object(batch, &row);
    assert_int_equal(put_findings(batch, id[1], 1, 2, NULL), SP_OK);
    assert_int_equal(sp_top_new_member(id[2], top, &account, NULL), SP_OK);
    sp_top_add_part(account);
    row = row_member(fixture, id[2], id[0], 2, "two");
    row.account = account;
    put_object(batch, &row);
    part_done(batch, account);
    sp_batch_set_top(batch, top);
    row = row_member(fixture, id[3], id[0], 3, "three");
    put_object(batch, &row);
    row = row_member(fixture, id[4], id[3], 1, "in three");
    put_object(batch, &row);
    put_unread(batch, id[4], reason);
    row = row_member(fixture, id[5], id[0], 4, "four");
    row.state = SP_STATE_OPEN;
    put_object(batch, &row);
    assert_int_equal(put_findings(batch, id[5], 1, 2, NULL), SP_OK);
    flush(batch);
    assert_int_equal(state_of(fixture, id[2]), SP_STATE_OPEN);
    sp_batch_set_top(other, account);
    row = row_member(fixture, id[6], id[2], 1, "in two");
    put_object(other, &row);
    if (finish_part)
        part_done(other, account);
    flush(other);
    assert_int_equal(state_of(fixture, id[2]), finish_part ? SP_STATE_COMPLETE : SP_STATE_OPEN);
    if (!finish_part)
        sp_top_drop_part(account);
    sp_top_drop_part(top);
    sp_batch_free(other);
    sp_batch_free(batch);
    return id[0];
}

static void test_finished_members_are_gone_on_with(void **state)
{
    static const struct {
        enum sp_reason reason;
        bool finish_part;
        const char *names;
        size_t spans;
        uint64_t last;
    } cases[] = {
        {SP_REASON_ENCRYPTED, true, "file one two in two three in three", 1, 3},
        {SP_REASON_ENCRYPTED, false, "file one three in three", 2, 3},
        {SP_REASON_CRASHED, true, "file one two in two", 1, 2},
        {SP_REASON_TIMEOUT, false, "file one", 1, 1},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sp_resume resume = {0};
        struct sp_span span;
        bool reused = true;
        int64_t id;

        fixture_scan(fixture);
        id = plant_unfinished(fixture, cases[i].reason, cases[i].finish_part);
        fixture_end(fixture, false);
        fixture_reopen(fixture);
        fixture_scan(fixture);
        sp_buf_init(&resume.spans, 1 << 20);
        assert_int_equal(sp_inventory_reuse(fixture->inventory,
                                            &(struct sp_file_ask){fixture->root, fixture->scan,
                                                                  sp_slice_of("file"), &same},
                                            &reused, &resume, NULL),
                         SP_OK);
        assert_false(reused);
        assert_int_equal(resume.object, id);
        assert_int_equal(resume.spans.len / sizeof span, cases[i].spans);
        memcpy(&span, resume.spans.data + resume.spans.len - sizeof span, sizeof span);
        assert_int_equal(span.last, cases[i].last);
        assert_names(fixture, cases[i].names);
        assert_no_leftovers(fixture);
        assert_false(reuse(fixture, "file", NULL)); /* a scan afresh: all of it goes */
        fixture_end(fixture, true);
        assert_names(fixture, "");
        sp_buf_clear(&resume.spans);
    }
}

/* What lies in the content is not tried again; what lies in the circumstances is. */
static void test_reasons(void **state)
{
    static const struct {
        enum sp_reason reason;
        bool reused;
    } rows[] = {
        {SP_REASON_ENCRYPTED, true},     {SP_REASON_CORRUPT, true},
        {SP_REASON_TRUNCATED, true},     {SP_REASON_UNSUPPORTED, true},
        {SP_REASON_OPAQUE, true},        {SP_REASON_NEEDS_OCR, true},
        {SP_REASON_UNDECODABLE, true},   {SP_REASON_LIMIT_DEPTH, true},
        {SP_REASON_LIMIT_BYTES, true},   {SP_REASON_LIMIT_RATIO, true},
        {SP_REASON_PHOTO, true},         {SP_REASON_SPECIAL, true},
        {SP_REASON_PERMISSION, false},   {SP_REASON_IO_ERROR, false},
        {SP_REASON_TIMEOUT, false},      {SP_REASON_CRASHED, false},
        {SP_REASON_CHANGED, false},      {SP_REASON_VANISHED, false},
        {SP_REASON_INTERRUPTED, false},  {SP_REASON_SANDBOX, false},
        {SP_REASON_LIMIT_MEMORY, false}, {SP_REASON_STALE, false},
        {SP_REASON_LIMIT_SPOOL, false},  {SP_REASON_COMPANION_MISSING, false},
        {SP_REASON_EXCLUDED, false},     {SP_REASON_KEY_MISSING, false},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct planted file = {"file", SP_STATE_COMPLETE, (int)rows[i].reason};

        fixture_scan(fixture);
        plant(fixture, &file);
        fixture_end(fixture, true);
        fixture_scan(fixture);
        if (reuse(fixture, "file", &same) != rows[i].reused)
            fail_msg("%s", sp_reason_name(rows[i].reason));
        fixture_end(fixture, true);
        fixture_scan(fixture);
        fixture_end(fixture, true); /* clears the table for the next row */
    }
}

static void test_open_and_unexplained_are_read_again(void **state)
{
    static const struct planted files[] = {{"open", SP_STATE_OPEN, -1},
                                           {"partial", SP_STATE_PARTIAL, -1},
                                           {"skipped", SP_STATE_SKIPPED, -1}};
    struct fixture *fixture = *state;

    fixture_scan(fixture);
    for (size_t i = 0; i < 3; i++)
        plant(fixture, &files[i]);
    fixture_end(fixture, false);
    fixture_scan(fixture);
    for (size_t i = 0; i < 3; i++)
        assert_false(reuse(fixture, files[i].name, &same));
    fixture_end(fixture, true);
    assert_names(fixture, "");
    assert_no_leftovers(fixture);
}

static void scan_named(struct fixture *fixture, const char *patterns, const char *key_id, bool keep,
                       const char *names)
{
    const struct sp_scan_info info = {.root = "/srv/backup",
                                      .root_is_tree = true,
                                      .started_s = 1,
                                      .patterns_digest = patterns,
                                      .names_digest = names,
                                      .key_ids = key_id,
                                      .version = "0.1.0",
                                      .sandbox = "full",
                                      .keep_values = keep};

    assert_int_equal(
        sp_inventory_scan_begin(fixture->inventory, &info, &fixture->root, &fixture->scan, NULL),
        SP_OK);
}

static void scan_with(struct fixture *fixture, const char *patterns, const char *key_id, bool keep)
{
    scan_named(fixture, patterns, key_id, keep, NULL);
}

/* Who read a file with names has read it for a scan without; however often that one has seen it
 * since, the names are still there. */
static void test_names(void **state)
{
    static const struct planted file = {"file", SP_STATE_COMPLETE, -1};
    static const struct {
        const char *before, *between, *after;
        bool between_reused, reused;
    } rows[] = {{NULL, NULL, "n", true, false}, {"n", "n", "n", true, true},
                {"n", NULL, "n", true, true},   {"n", NULL, "m", true, false},
                {"n", "m", "n", false, false},  {"n", NULL, NULL, true, true}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scan_named(fixture, "p", "k", false, rows[i].before);
        plant(fixture, &file);
        fixture_end(fixture, true);
        scan_named(fixture, "p", "k", false, rows[i].between);
        assert_true(reuse(fixture, "file", &same) == rows[i].between_reused);
        fixture_end(fixture, true);
        scan_named(fixture, "p", "k", false, rows[i].after);
        assert_true(reuse(fixture, "file", &same) == rows[i].reused);
        fixture_end(fixture, true);
    }
}

/* A scan without names goes on with what one with names began: what it reads has none. */
static void test_names_of_a_resumed_file(void **state)
{
    struct fixture *fixture = *state;
    struct sp_resume resume = {0};
    const char *names[] = {NULL, "n"};
    bool reused = true;
    int64_t id;

    sp_buf_init(&resume.spans, 1 << 20);
    scan_named(fixture, "p", "k", false, "n");
    id = plant_unfinished(fixture, SP_REASON_ENCRYPTED, true);
    fixture_end(fixture, false);
    for (size_t i = 0; i < 2; i++) {
        scan_named(fixture, "p", "k", false, names[i]);
        assert_int_equal(sp_inventory_reuse(fixture->inventory,
                                            &(struct sp_file_ask){fixture->root, fixture->scan,
                                                                  sp_slice_of("file"), &same},
                                            &reused, &resume, NULL),
                         SP_OK);
        assert_false(reused);
        assert_int_equal(resume.object, i == 0 ? id : 0);
        fixture_end(fixture, false);
        resume.object = 0;
    }
    sp_buf_clear(&resume.spans);
}

static void test_another_question_is_another_scan(void **state)
{
    static const struct planted file = {"file", SP_STATE_COMPLETE, -1};
    static const struct {
        const char *key_ids_before, *patterns, *key_ids;
        bool keep, reused;
    } rows[] = {{"k", "p", "k", false, true},        {"k", "q", "k", false, false},
                {"k", "p", "l", false, false},       {"k", "p", "k", true, false},
                {"k", "p", "l k", false, false}, /* a key was made: its tokens are not there */
                {"l k", "p", "l", false, true},  /* one was destroyed: the others' tokens are */
                {"l k", "p", "m l k", false, false}, {"m l k", "p", "m k", false, true},
                {"m l", "p", "m k", false, false},   {"kk", "p", "k", false, false}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scan_with(fixture, "p", rows[i].key_ids_before, false);
        plant(fixture, &file);
        fixture_end(fixture, true);
        scan_with(fixture, rows[i].patterns, rows[i].key_ids, rows[i].keep);
        assert_true(reuse(fixture, "file", &same) == rows[i].reused);
        fixture_end(fixture, true);
        assert_names(fixture, rows[i].reused ? "file inner" : "");
    }
}

static void test_incomplete_scan_removes_nothing_unseen(void **state)
{
    static const struct planted files[] = {{"a", SP_STATE_COMPLETE, -1},
                                           {"b", SP_STATE_COMPLETE, -1}};
    struct fixture *fixture = *state;

    fixture_scan(fixture);
    plant(fixture, &files[0]);
    plant(fixture, &files[1]);
    fixture_end(fixture, true);
    fixture_scan(fixture);
    assert_true(reuse(fixture, "a", &same));
    fixture_end(fixture, false);
    assert_names(fixture, "a inner b inner");
    fixture_scan(fixture); /* resumed: both are still good */
    assert_true(reuse(fixture, "a", &same));
    assert_true(reuse(fixture, "b", &same));
    fixture_end(fixture, true);
    assert_names(fixture, "a inner b inner");
}

/* Two roots do not touch each other. */
static void test_other_roots_stay(void **state)
{
    static const struct planted file = {"a", SP_STATE_COMPLETE, -1};
    const struct sp_scan_info info = {.root = "/srv/other", .key_ids = "k", .patterns_digest = "p"};
    struct fixture *fixture = *state;
    int64_t first;

    fixture_scan(fixture);
    plant(fixture, &file);
    first = fixture->root;
    fixture_end(fixture, true);
    assert_int_equal(
        sp_inventory_scan_begin(fixture->inventory, &info, &fixture->root, &fixture->scan, NULL),
        SP_OK);
    assert_int_not_equal(first, fixture->root);
    plant(fixture, &file);
    fixture_end(fixture, true);
    assert_int_equal(
        sp_inventory_scan_begin(fixture->inventory, &info, &fixture->root, &fixture->scan, NULL),
        SP_OK);
    fixture_end(fixture, true);
    assert_names(fixture, "");
    fixture->root = first;
    assert_names(fixture, "a inner");
}

/* More files than are kept pending, and more than are removed at once. */
static void test_many_files(void **state)
{
    enum { MANY = 9000 };
    struct fixture *fixture = *state;
    struct sp_batch *batch;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    for (unsigned i = 0; i < MANY; i++) {
        struct sp_object_row row;
        char name[32];

        snprintf(name, sizeof name, "f%05u", i);
        row = row_file(fixture, sp_inventory_new_id(fixture->inventory), name, &same);
        put_object(batch, &row);
    }
    flush(batch);
    sp_batch_free(batch);
    fixture_end(fixture, true);
    fixture_scan(fixture);
    for (unsigned i = 0; i < MANY; i += 2) {
        char name[32];

        snprintf(name, sizeof name, "f%05u", i);
        assert_true(reuse(fixture, name, &same));
    }
    fixture_end(fixture, true);
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM object"), MANY / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unchanged_is_reused_and_changed_is_not),
        TEST(test_each_part_of_the_identity_counts),
        TEST(test_reasons),
        TEST(test_finished_members_are_gone_on_with),
        TEST(test_open_and_unexplained_are_read_again),
        TEST(test_another_question_is_another_scan),
        TEST(test_names),
        TEST(test_names_of_a_resumed_file),
        TEST(test_incomplete_scan_removes_nothing_unseen),
        TEST(test_other_roots_stay),
        TEST(test_many_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
