/* floors: sp_store
 * The inventory under kill -9, many threads, and no memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "store/inventory_in.h"

/* One file of two parts in two batches; every object has exactly as many findings as its
 * record_count tells, so that a reader can see whether any is missing. */
static enum sp_err put_split_file(struct fixture *fixture, struct sp_batch *batches[2],
                                  const char *name, unsigned findings, struct sp_why *why)
{
    int64_t id = sp_inventory_new_id(fixture->inventory);
    int64_t inner = sp_inventory_new_id(fixture->inventory);
    struct sp_object_row file = row_file(fixture, id, name, NULL);
    struct sp_object_row member = row_member(fixture, inner, id, 1, "inner");
    struct sp_object_row begun = file;
    struct sp_top *top = NULL;
    enum sp_err err;

    file.record_count = findings;
    member.record_count = findings + 1;
    begun.state = SP_STATE_OPEN;
    err = sp_top_new(id, &top, why);
    if (err)
        return err;
    sp_top_add_part(top);
    sp_batch_set_top(batches[0], top);
    err = sp_batch_object(batches[0], &begun, why);
    if (!err)
        err = put_findings(batches[0], id, 1, findings, why);
    if (!err)
        err = sp_batch_object(batches[0], &file, why);
    if (!err)
        err = sp_batch_part_done(batches[0], top, why);
    sp_batch_set_top(batches[0], NULL);
    if (err) { /* neither part will be read */
        sp_top_drop_part(top);
        sp_top_drop_part(top);
        return err;
    }
    sp_batch_set_top(batches[1], top);
    err = put_findings(batches[1], inner, 1, findings + 1, why);
    if (!err)
        err = sp_batch_object(batches[1], &member, why);
    if (!err)
        err = sp_batch_part_done(batches[1], top, why);
    sp_batch_set_top(batches[1], NULL);
    if (err)
        sp_top_drop_part(top);
    return err;
}

struct audit {
    struct fixture *fixture;
    unsigned complete, open, members;
    bool in_complete; /* the file at hand is COMPLETE */
    bool has_member;  /* and its member was there */
};

static void audit_file_done(struct audit *audit)
{
    if (audit->in_complete)
        assert_true(audit->has_member);
    audit->in_complete = false;
}

/* Every COMPLETE file has its member and all findings of both. */
static enum sp_err audit_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct audit *audit = ctx;

    (void)why;
    if (row->parent == 0) {
        audit_file_done(audit);
        audit->in_complete = row->state == SP_STATE_COMPLETE;
        audit->has_member = false;
        audit->complete += row->state == SP_STATE_COMPLETE;
        audit->open += row->state == SP_STATE_OPEN;
    } else {
        audit->has_member = true;
        audit->members++;
    }
    if (audit->in_complete)
        assert_int_equal(findings_of(audit->fixture, row->id), row->record_count);
    return SP_OK;
}

static struct audit audit(struct fixture *fixture)
{
    struct audit result = {.fixture = fixture};
    struct sp_why why = {""};

    if (sp_inventory_each_object(fixture->inventory, fixture->root, audit_object, &result, &why))
        fail_msg("%s", why.text);
    audit_file_done(&result);
    return result;
}

static int64_t count_of(struct fixture *fixture, const char *text)
{
    int64_t count = -1;

    assert_int_equal(sp_sql_number(&fixture->inventory->sql, text, &count, NULL), SP_OK);
    return count;
}

/* ---- kill -9 ------------------------------------------------------------------------------- */

/* Writes files for ever, the parts of each in two batches that are flushed at other times. */
static void write_for_ever(struct fixture *fixture)
{
    struct sp_batch *batches[2];

    fixture_open(fixture);
    fixture_scan(fixture);
    for (size_t i = 0; i < 2; i++)
        batches[i] = new_batch(fixture, false);
    for (unsigned n = 0;; n++) {
        char name[32];

        snprintf(name, sizeof name, "%d-%u", (int)getpid(), n);
        if (put_split_file(fixture, batches, name, n % 8, NULL) != SP_OK)
            _exit(1);
        if (n % 3 == 0 && sp_batch_flush(batches[0], NULL) != SP_OK)
            _exit(2);
        if (n % 5 == 0 && sp_batch_flush(batches[1], NULL) != SP_OK)
            _exit(3);
    }
}

static void test_kill_at_any_moment(void **state)
{
    struct fixture *fixture = *state;
    unsigned complete = 0, open = 0;

    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    for (unsigned round = 0; round < 20; round++) {
        struct audit result;
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(fixture);
        usleep(20000 + (round * 7919) % 30000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status)); /* and it did not end by an error of its own */
        fixture_open(fixture);
        assert_int_equal(count_of(fixture, "SELECT count(*) FROM pragma_quick_check "
                                           "WHERE quick_check <> 'ok'"),
                         0);
        fixture->root = count_of(fixture, "SELECT max(id) FROM root");
        result = audit(fixture);
        complete = result.complete;
        open += result.open;
        sp_inventory_close(fixture->inventory);
        fixture->inventory = NULL;
    }
    assert_true(complete > 0 && open > 0); /* both sides of the moment were seen */
    /* The next scan clears what belongs to no file. */
    fixture_open(fixture);
    fixture_scan(fixture);
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM object WHERE top NOT IN "
                                       "(SELECT id FROM object WHERE parent = 0)"),
                     0);
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM segment WHERE id >> 20 NOT IN "
                                       "(SELECT id FROM object)"),
                     0);
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM scan WHERE ended_s IS NULL"), 1);
    fixture_end(fixture, true);
    assert_names(fixture, "");
    assert_int_equal(count_of(fixture, "SELECT count(*) FROM segment"), 0);
}

/* ---- threads ------------------------------------------------------------------------------- */

enum { LANES = 8, FILES_A_LANE = 60 };

struct lane {
    struct fixture *fixture;
    struct sp_batch *own;
    unsigned number;
    enum sp_err err;
    pthread_t thread;
};

/* Each file is begun by its lane and its member is read by the next lane's batch of the same
 * thread: parts of one top are flushed at other times than those of the others. */
static void *run_lane(void *ctx)
{
    struct lane *lane = ctx;
    struct sp_batch *batches[2] = {lane->own, NULL};

    lane->err =
        sp_batch_new(lane->fixture->inventory, lane->fixture->key, false, &batches[1], NULL);
    for (unsigned n = 0; n < FILES_A_LANE && !lane->err; n++) {
        char name[32];
        bool reused;

        snprintf(name, sizeof name, "%u-%u", lane->number, n);
        lane->err =
            sp_inventory_reuse(lane->fixture->inventory,
                               &(struct sp_file_ask){lane->fixture->root, lane->fixture->scan,
                                                     sp_slice_of(name), NULL},
                               &reused, NULL, NULL);
        if (!lane->err)
            lane->err = put_split_file(lane->fixture, batches, name, n % 20, NULL);
        if (!lane->err && n % 4 == lane->number % 4)
            lane->err = sp_batch_flush(batches[0], NULL);
        if (!lane->err && n % 7 == 0)
            lane->err = sp_batch_flush(batches[1], NULL);
    }
    for (size_t i = 0; i < 2 && !lane->err; i++)
        lane->err = sp_batch_flush(batches[i], NULL);
    sp_batch_free(batches[1]);
    return NULL;
}

static void test_eight_lanes(void **state)
{
    struct fixture *fixture = *state;
    struct lane lanes[LANES];
    struct audit result;

    fixture_scan(fixture);
    for (unsigned i = 0; i < LANES; i++)
        lanes[i] = (struct lane){.fixture = fixture, .own = new_batch(fixture, false), .number = i};
    for (unsigned i = 0; i < LANES; i++)
        assert_int_equal(pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]), 0);
    for (unsigned i = 0; i < LANES; i++) {
        assert_int_equal(pthread_join(lanes[i].thread, NULL), 0);
        assert_int_equal(lanes[i].err, SP_OK);
        sp_batch_free(lanes[i].own);
    }
    fixture_end(fixture, true);
    result = audit(fixture);
    assert_int_equal(result.complete, LANES * FILES_A_LANE);
    assert_int_equal(result.members, LANES * FILES_A_LANE);
}

/* One top whose parts are read and flushed by all lanes at once. */
struct part {
    struct fixture *fixture;
    struct sp_top *top;
    int64_t top_id;
    unsigned number;
    pthread_t thread;
};

static void *run_part(void *ctx)
{
    struct part *part = ctx;
    struct sp_batch *batch = NULL;
    int64_t id = sp_inventory_new_id(part->fixture->inventory);
    struct sp_object_row row = row_member(part->fixture, id, part->top_id, part->number, "m");
    enum sp_err err =
        sp_batch_new(part->fixture->inventory, part->fixture->key, false, &batch, NULL);

    if (err)
        return part;
    sp_batch_set_top(batch, part->top);
    err = sp_batch_object(batch, &row, NULL);
    if (!err)
        err = sp_batch_part_done(batch, part->top, NULL);
    if (!err)
        err = sp_batch_flush(batch, NULL);
    sp_batch_free(batch);
    return err ? part : NULL;
}

static void test_parts_of_one_file_in_eight_lanes(void **state)
{
    struct fixture *fixture = *state;
    struct sp_batch *batch;

    fixture_scan(fixture);
    batch = new_batch(fixture, false);
    for (unsigned round = 0; round < 50; round++) {
        int64_t id = sp_inventory_new_id(fixture->inventory);
        struct sp_object_row file = row_file(fixture, id, "file", NULL);
        struct sp_top *top = new_top(id);
        struct part parts[LANES];

        sp_batch_set_top(batch, top);
        put_object(batch, &file);
        for (unsigned i = 0; i < LANES; i++) {
            sp_top_add_part(top);
            parts[i] = (struct part){.fixture = fixture, .top = top, .top_id = id, .number = i + 1};
            assert_int_equal(pthread_create(&parts[i].thread, NULL, run_part, &parts[i]), 0);
        }
        part_done(batch, top);
        flush(batch);
        for (unsigned i = 0; i < LANES; i++) {
            void *failed = NULL;

            assert_int_equal(pthread_join(parts[i].thread, &failed), 0);
            assert_null(failed);
        }
        assert_int_equal(state_of(fixture, id), SP_STATE_COMPLETE);
        fixture_end(fixture, false);
        fixture_scan(fixture);
        fixture_end(fixture, true);
        fixture_scan(fixture);
    }
    sp_batch_free(batch);
    fixture_end(fixture, true);
}

/* ---- no memory ----------------------------------------------------------------------------- */

static enum sp_err write_some(struct fixture *fixture, struct sp_why *why)
{
    struct sp_batch *batches[2] = {NULL, NULL};
    enum sp_err err = sp_batch_new(fixture->inventory, fixture->key, true, &batches[0], why);

    if (!err)
        err = sp_batch_new(fixture->inventory, fixture->key, true, &batches[1], why);
    for (unsigned n = 0; n < 20 && !err; n++) {
        char name[32];

        snprintf(name, sizeof name, "f%u", n);
        err = put_split_file(fixture, batches, name, n, why);
    }
    for (size_t i = 0; i < 2 && !err; i++)
        err = sp_batch_flush(batches[i], why);
    for (size_t i = 0; i < 2; i++)
        sp_batch_free(batches[i]);
    return err;
}

static void test_no_memory(void **state)
{
    struct fixture *fixture = *state;
    unsigned failures = 0;

    for (long nth = 1; nth < 20000; nth += nth < 400 ? 1 : 37) {
        struct sp_why why = {""};
        struct audit result;
        enum sp_err err;

        fixture_scan(fixture);
        sp_mem_fail_at(nth);
        err = write_some(fixture, &why);
        sp_mem_fail_at(0);
        fixture_end(fixture, true);
        result = audit(fixture); /* nothing half */
        if (!err) {
            assert_int_equal(result.complete, 20);
            break;
        }
        assert_int_equal(err, SP_ERR_NOMEM);
        assert_true(strlen(why.text) > 0);
        failures++;
    }
    assert_true(failures > 50);
}

static void test_no_memory_to_open(void **state)
{
    struct fixture *fixture = *state;

    for (long nth = 1;; nth++) {
        struct sp_inventory *inventory = NULL;
        struct sp_why why = {""};
        enum sp_err err;

        sp_mem_fail_at(nth);
        err = sp_inventory_open(fixture->path, true, &inventory, &why);
        sp_mem_fail_at(0);
        sp_inventory_close(inventory);
        if (!err)
            break;
        assert_int_equal(err, SP_ERR_NOMEM);
        assert_true(nth < 50);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_kill_at_any_moment),
        TEST(test_eight_lanes),
        TEST(test_parts_of_one_file_in_eight_lanes),
        TEST(test_no_memory),
        TEST(test_no_memory_to_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
