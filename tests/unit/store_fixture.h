/* A folder, a key and an inventory for the tests of the store. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/inventory.h"

struct fixture {
    char folder[64];
    char path[96];     /* of the inventory */
    char key_path[96]; /* of the key */
    struct sp_key *key;
    struct sp_inventory *inventory;
    int64_t root, scan;
};

static inline void fixture_open(struct fixture *fixture)
{
    struct sp_why why = {""};

    if (sp_inventory_open(fixture->path, true, &fixture->inventory, &why) != SP_OK)
        fail_msg("%s", why.text);
}

static inline void fixture_scan(struct fixture *fixture)
{
    const struct sp_scan_info info = {
        .root = "/srv/backup",
        .root_is_tree = true,
        .started_s = 1700000000,
        .patterns_digest = "00112233445566778899aabbccddeeff",
        .key_ids = sp_key_id(fixture->key),
        .version = "0.1.0",
        .sandbox = "full",
        .types_searched = 0x1f,
    };
    struct sp_why why = {""};

    if (sp_inventory_scan_begin(fixture->inventory, &info, &fixture->root, &fixture->scan, &why))
        fail_msg("%s", why.text);
}

static inline void fixture_end(struct fixture *fixture, bool complete)
{
    assert_int_equal(sp_inventory_scan_end(fixture->inventory, fixture->root, fixture->scan,
                                           1700000100, complete, NULL),
                     SP_OK);
}

static inline void fixture_reopen(struct fixture *fixture)
{
    sp_inventory_close(fixture->inventory);
    fixture->inventory = NULL;
    fixture_open(fixture);
}

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    *state = fixture;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/speur-store-XXXXXX");
    if (!mkdtemp(fixture->folder) || sp_seal_init(NULL) != SP_OK)
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/inventory.db", fixture->folder);
    snprintf(fixture->key_path, sizeof fixture->key_path, "%s/key", fixture->folder);
    if (sp_key_make(fixture->key_path, &fixture->key, NULL) != SP_OK)
        return -1;
    fixture_open(fixture);
    return 0;
}

static inline void fixture_unlink(const struct fixture *fixture, const char *suffix)
{
    char path[128];

    snprintf(path, sizeof path, "%s%s", fixture->path, suffix);
    unlink(path);
}

static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;

    sp_mem_fail_at(0);
    sp_inventory_close(fixture->inventory);
    sp_key_free(fixture->key);
    fixture_unlink(fixture, "");
    fixture_unlink(fixture, "-wal");
    fixture_unlink(fixture, "-shm");
    fixture_unlink(fixture, "-lock");
    unlink(fixture->key_path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

/* ---- rows -------------------------------------------------------------------------------- */

/* An ended file of the tree. */
static inline struct sp_object_row row_file(const struct fixture *fixture, int64_t id,
                                            const char *name, const struct sp_stat_id *stat)
{
    return (struct sp_object_row){
        .id = id,
        .root_id = fixture->root,
        .scan_id = fixture->scan,
        .unit = id,
        .step = SP_STEP_FILE,
        .state = SP_STATE_COMPLETE,
        .name = sp_slice_of(name),
        .format = "plain",
        .encoding = "utf-8",
        .size = 1234,
        .bytes_read = 1234,
        .record_count = 17,
        .mtime_s = 1600000000,
        .stat = stat,
        .owner = sp_slice_of("jan"),
        .group = sp_slice_of("sales"),
        .mode = 0640,
    };
}

static inline struct sp_object_row row_member(const struct fixture *fixture, int64_t id,
                                              int64_t parent, uint64_t ordinal, const char *name)
{
    struct sp_object_row row = row_file(fixture, id, name, NULL);

    row.parent = parent;
    row.ordinal = ordinal;
    row.depth = 1;
    row.step = SP_STEP_MEMBER;
    return row;
}

static inline void put_object(struct sp_batch *batch, const struct sp_object_row *row)
{
    assert_int_equal(sp_batch_object(batch, row, NULL), SP_OK);
}

static inline void put_unread(struct sp_batch *batch, int64_t object, enum sp_reason reason)
{
    struct sp_unread unread;

    sp_unread_init(&unread, reason);
    snprintf(unread.detail, sizeof unread.detail, "because");
    assert_int_equal(sp_batch_unread(batch, object, &unread, NULL), SP_OK);
}

static inline void flush(struct sp_batch *batch)
{
    struct sp_why why = {""};

    if (sp_batch_flush(batch, &why) != SP_OK)
        fail_msg("%s", why.text);
}

static inline struct sp_top *new_top(int64_t id)
{
    struct sp_top *top = NULL;

    assert_int_equal(sp_top_new(id, &top, NULL), SP_OK);
    return top;
}

static inline void part_done(struct sp_batch *batch, struct sp_top *top)
{
    assert_int_equal(sp_batch_part_done(batch, top, NULL), SP_OK);
}

static inline struct sp_batch *new_batch(struct fixture *fixture, bool keep_values)
{
    struct sp_batch *batch = NULL;

    assert_int_equal(sp_batch_new(fixture->inventory, fixture->key, keep_values, &batch, NULL),
                     SP_OK);
    return batch;
}

/* `count` e-mail findings in one record, as segment `ordinal` of the object. */
static inline enum sp_err put_findings(struct sp_batch *batch, int64_t object, uint32_t ordinal,
                                       unsigned count, struct sp_why *why)
{
    struct sp_kept_record record = {.kind = SP_RECORD_LINE, .ordinal = 1, .date_s = INT64_MIN};
    struct sp_kept_finding finding = {
        .type = SP_TYPE_EMAIL,
        .confidence = SP_CONF_HIGH,
        .length = 21,
        .mask = sp_slice_of("j***@v***.example"),
        .token_count = 1,
        .value = sp_slice_of("jan@voorbeeld.example"),
    };
    struct sp_segment *segment = malloc(sizeof *segment);
    enum sp_err err;

    sp_segment_init(segment);
    err = sp_segment_add_record(segment, &record, why);
    for (unsigned i = 0; i < count && !err; i++) {
        finding.offset = i * 30;
        memset(finding.tokens[0].bytes, (int)(object + i), SP_TOKEN_LEN);
        err = sp_segment_add_finding(segment, &finding, why);
    }
    if (!err)
        err = sp_batch_segment(batch, object, ordinal, segment, why);
    sp_segment_clear(segment);
    free(segment);
    return err;
}

/* ---- reading back ---------------------------------------------------------------------------- */

struct found_object {
    int64_t id;
    enum sp_state state;
    char name[64];
};
struct found {
    struct found_object objects[512];
    size_t count;
};

static inline enum sp_err found_add(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct found *found = ctx;
    struct found_object *object = &found->objects[found->count++];

    (void)why;
    assert_true(found->count <= 512);
    object->id = row->id;
    object->state = row->state;
    snprintf(object->name, sizeof object->name, "%.*s", (int)row->name.len,
             (const char *)row->name.ptr);
    return SP_OK;
}

static inline struct found *find_all(struct fixture *fixture)
{
    struct found *found = calloc(1, sizeof *found);
    struct sp_why why = {""};

    if (sp_inventory_each_object(fixture->inventory, fixture->root, found_add, found, &why))
        fail_msg("%s", why.text);
    return found;
}

/* The names in their order, joined by blanks. */
static inline void assert_names(struct fixture *fixture, const char *expected)
{
    struct found *found = find_all(fixture);
    char names[4096] = "";
    size_t len = 0;

    for (size_t i = 0; i < found->count; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? " " : "",
                                found->objects[i].name);
    assert_string_equal(names, expected);
    free(found);
}

static inline enum sp_state state_of(struct fixture *fixture, int64_t id)
{
    struct found *found = find_all(fixture);
    int state = -1;

    for (size_t i = 0; i < found->count; i++) {
        if (found->objects[i].id == id)
            state = (int)found->objects[i].state;
    }
    free(found);
    assert_true(state >= 0);
    return (enum sp_state)state;
}

static inline enum sp_err count_findings(void *ctx, int64_t object,
                                         const struct sp_segment_view *view, struct sp_why *why)
{
    (void)object;
    (void)why;
    *(uint64_t *)ctx += view->finding_count;
    return SP_OK;
}

static inline uint64_t findings_of(struct fixture *fixture, int64_t object)
{
    uint64_t count = 0;

    assert_int_equal(
        sp_inventory_each_segment(fixture->inventory, object, NULL, count_findings, &count, NULL),
        SP_OK);
    return count;
}

#endif
