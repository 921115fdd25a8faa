/* The copier, told by hand what a lane would tell it: what is written of a record, what of a log,
 * and that running out of memory at any place loses no more than the copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "scan/copier.h"

struct world {
    char folder[64], key_path[96];
    struct sp_patterns *patterns;
    struct sp_key *key;
    struct sp_matcher *matcher;
    struct sp_copies *copies;
    struct sp_copy_options options;
    struct sp_copier *copier;
    uint64_t at;
};

static bool nobody(void *ctx, const struct sp_kept_finding *finding)
{
    (void)ctx, (void)finding;
    return false;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    *state = world;
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/speur-copier-XXXXXX");
    if (mkdtemp(world->folder) == NULL || sp_seal_init(NULL) != SP_OK)
        return -1;
    (void)snprintf(world->key_path, sizeof world->key_path, "%s/key", world->folder);
    return sp_key_make(world->key_path, &world->key, NULL) == SP_OK &&
                   sp_patterns_load(SPEUR_SOURCE_DIR "/patterns", &world->patterns, NULL) ==
                       SP_OK &&
                   sp_matcher_new(world->patterns, SP_REGION_NL, &world->matcher, NULL) == SP_OK
               ? 0
               : -1;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sp_matcher_free(world->matcher);
    sp_patterns_free(world->patterns);
    sp_key_free(world->key);
    (void)unlink(world->key_path);
    (void)rmdir(world->folder);
    free(world);
    return 0;
}

static enum sp_err begin(struct world *world)
{
    world->options = (struct sp_copy_options){.own = nobody};
    world->at = 0;
    enum sp_err err = sp_copies_open(world->folder, &world->copies, NULL);
    world->options.copies = world->copies;
    return err == SP_OK ? sp_copier_new(&world->options, world->matcher, world->key, true,
                                        &world->copier, NULL)
                        : err;
}

static void end(struct world *world)
{
    sp_copier_free(world->copier);
    sp_copies_close(world->copies);
    world->copier = NULL;
    world->copies = NULL;
}

static enum sp_err record(struct world *world, enum sp_record_kind kind, uint64_t ordinal)
{
    const struct sp_record told = {.kind = kind, .ordinal = ordinal, .date_s = INT64_MIN};
    return sp_copier_begin(world->copier, 1, &told, ++world->at, NULL);
}

static enum sp_err field(struct world *world, const char *key, const char *value)
{
    const struct sp_field told = {.key = sp_slice_of(key)};
    enum sp_err err = sp_copier_field(world->copier, &told, ++world->at, NULL);
    if (err == SP_OK)
        err = sp_copier_text(world->copier, sp_slice_of(value), world->at, NULL);
    world->at += strlen(value);
    return err;
}

static enum sp_err text(struct world *world, const char *value)
{
    enum sp_err err = sp_copier_text(world->copier, sp_slice_of(value), world->at, NULL);
    world->at += strlen(value);
    return err;
}

/* A match of the last `back` bytes, up to `len` of them. */
static enum sp_err match(struct world *world, uint64_t back, uint64_t len, bool own, uint64_t line)
{
    struct sp_copy_match told = {
        .begin = world->at - back, .end = world->at - back + len, .own = own, .line = line};
    (void)snprintf(told.mask, sizeof told.mask, "MASK");
    return sp_copier_match(world->copier, &told, NULL);
}

static void expect(const struct world *world, enum sp_record_kind kind, uint64_t ordinal,
                   enum sp_copy_state wanted_state, const char *wanted)
{
    const struct sp_copy_id id = {1, ordinal, kind};
    enum sp_copy_state state;
    struct sp_buf members;
    size_t count;
    size_t first = sp_copies_find(world->copies, &id, &count);
    assert_int_equal(count, wanted == NULL ? 0 : 1);
    if (wanted == NULL)
        return;
    sp_buf_init(&members, 1 << 20);
    assert_int_equal(sp_copies_read(world->copies, first, &state, &members, NULL), SP_OK);
    assert_int_equal(state, wanted_state);
    assert_int_equal(sp_buf_append_byte(&members, 0, NULL), SP_OK);
    assert_string_equal((const char *)members.data, wanted);
    sp_buf_clear(&members);
}

/* Three rows: one of somebody else, one with everything, one that its sender left open. */
static enum sp_err rows(struct world *world)
{
    enum sp_err err = record(world, SP_RECORD_ROW, 1);
    if (err == SP_OK)
        err = field(world, "a", "van haar");
    if (err == SP_OK)
        err = match(world, 4, 4, false, 0);
    sp_copier_end(world->copier);
    if (err == SP_OK)
        err = record(world, SP_RECORD_ROW, 2);
    if (err == SP_OK)
        err = field(world, "a", "mijn HAAR en \"els.proef@post.example\"");
    if (err == SP_OK)
        err = match(world, 37, 4, true, 0);
    if (err == SP_OK)
        err = match(world, 34, 6, false, 0); /* over the end of what is mine */
    if (err == SP_OK)
        err = field(world, "b", "x");
    if (err == SP_OK)
        err = field(world, "a", "nog iets");
    if (err == SP_OK)
        err = match(world, 3, 4, false, 0); /* over the end of the field */
    sp_copier_end(world->copier);
    if (err == SP_OK)
        err = record(world, SP_RECORD_ROW, 3);
    if (err == SP_OK)
        err = field(world, "c", "mijn");
    if (err == SP_OK)
        err = match(world, 4, 4, true, 0);
    if (err == SP_OK)
        err = record(world, SP_RECORD_ROW, 4);
    if (err == SP_OK)
        err = sp_copier_settle(world->copier, world->at, NULL);
    return err == SP_OK ? sp_copies_end(world->copies, NULL) : err;
}

static void rows_are_written(void **state)
{
    struct world *world = *state;
    assert_int_equal(begin(world), SP_OK);
    assert_int_equal(rows(world), SP_OK);
    expect(world, SP_RECORD_ROW, 1, SP_COPY_WHOLE, NULL);
    expect(world, SP_RECORD_ROW, 2, SP_COPY_WHOLE,
           "\"masked\":3,\"fields\":{\"a\":[\"mijMASK en \\\"e***@p***.example\\\"\",\"nog i"
           "MASK\"],\"b\":\"x\"}");
    expect(world, SP_RECORD_ROW, 3, SP_COPY_WHOLE, "\"masked\":0,\"fields\":{\"c\":\"mijn\"}");
    expect(world, SP_RECORD_ROW, 4, SP_COPY_WHOLE, NULL);
    end(world);
}

/* Lines leave as soon as they were matched, and no other line with them. */
static void lines_are_written_one_by_one(void **state)
{
    struct world *world = *state;
    assert_int_equal(begin(world), SP_OK);
    assert_int_equal(record(world, SP_RECORD_LINE, 1), SP_OK);
    assert_int_equal(text(world, "een\nmijn "), SP_OK);
    assert_int_equal(match(world, 5, 4, true, 2), SP_OK);
    assert_int_equal(sp_copier_settle(world->copier, world->at, NULL), SP_OK);
    assert_int_equal(text(world, "regel en haar\ndrie\nmijn"), SP_OK);
    assert_int_equal(match(world, 14, 4, false, 2), SP_OK);
    assert_int_equal(match(world, 4, 4, true, 4), SP_OK);
    assert_int_equal(sp_copier_settle(world->copier, world->at, NULL), SP_OK);
    assert_int_equal(text(world, " einde\nen een kandidaat van mijn"), SP_OK);
    assert_int_equal(match(world, 4, 4, true, 5), SP_OK);
    const struct sp_copy_match hard = {
        .begin = world->at - 18, .end = world->at - 17, .unjudged = true, .line = 5};
    assert_int_equal(sp_copier_match(world->copier, &hard, NULL), SP_OK);
    sp_copier_end(world->copier);
    assert_int_equal(sp_copier_settle(world->copier, world->at, NULL), SP_OK);
    assert_int_equal(sp_copies_end(world->copies, NULL), SP_OK);
    expect(world, SP_RECORD_LINE, 1, SP_COPY_WHOLE, NULL);
    expect(world, SP_RECORD_LINE, 2, SP_COPY_WHOLE, "\"masked\":1,\"text\":\"mijn regel en MASK\"");
    expect(world, SP_RECORD_LINE, 3, SP_COPY_WHOLE, NULL);
    expect(world, SP_RECORD_LINE, 4, SP_COPY_WHOLE, "\"masked\":0,\"text\":\"mijn einde\"");
    expect(world, SP_RECORD_LINE, 5, SP_COPY_UNJUDGED, "");
    end(world);
}

static void what_is_too_large_is_told(void **state)
{
    struct world *world = *state;
    static char block[65536];
    memset(block, 'x', sizeof block - 1);
    assert_int_equal(begin(world), SP_OK);
    assert_int_equal(record(world, SP_RECORD_DOCUMENT, 1), SP_OK);
    assert_int_equal(text(world, "mijn"), SP_OK);
    assert_int_equal(match(world, 4, 4, true, 1), SP_OK);
    for (size_t i = 0; i < SP_COPY_RECORD_MAX / sizeof block + 2; i++) {
        assert_int_equal(text(world, block), SP_OK);
        assert_int_equal(sp_copier_settle(world->copier, world->at, NULL), SP_OK);
        assert_true(world->copier->text.len <= SP_COPY_RECORD_MAX + sizeof block);
    }
    assert_int_equal(world->copier->text.len, 0);
    sp_copier_end(world->copier);
    assert_int_equal(record(world, SP_RECORD_DOCUMENT, 2), SP_OK);
    assert_int_equal(text(world, "mijn"), SP_OK);
    assert_int_equal(match(world, 4, 4, true, 1), SP_OK);
    sp_copier_end(world->copier);
    assert_int_equal(sp_copier_settle(world->copier, world->at, NULL), SP_OK);
    assert_int_equal(sp_copies_end(world->copies, NULL), SP_OK);
    expect(world, SP_RECORD_DOCUMENT, 1, SP_COPY_TOO_LARGE, "");
    expect(world, SP_RECORD_DOCUMENT, 2, SP_COPY_WHOLE, "\"masked\":0,\"text\":\"mijn\"");
    end(world);
}

static void memory_may_end_anywhere(void **state)
{
    struct world *world = *state;
    enum sp_err err = SP_ERR_NOMEM;
    for (long nth = 1; err != SP_OK; nth++) {
        assert_true(nth < 10000);
        sp_mem_fail_at(nth);
        err = begin(world);
        if (err == SP_OK)
            err = rows(world);
        sp_mem_fail_at(0);
        assert_true(err == SP_OK || err == SP_ERR_NOMEM);
        end(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_written),
        cmocka_unit_test(lines_are_written_one_by_one),
        cmocka_unit_test(what_is_too_large_is_told),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
