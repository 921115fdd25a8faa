/* core: streams, locators, interned names, name tables. floors: sp_core */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/intern.h"
#include "core/locator.h"
#include "core/stream.h"

#include <unistd.h>

/* A source of one byte at a time that fails after `good` bytes. */
struct drip {
    uint8_t byte;
    unsigned given, good;
    bool fails;
};

static enum sp_err drip_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct drip *drip = self;
    if (drip->given == drip->good) {
        if (drip->fails)
            return sp_fail(why, SP_ERR_FORMAT, "broken");
        *out = (struct sp_slice){NULL, 0};
        return SP_OK;
    }
    drip->byte = (uint8_t)('a' + drip->given++ % 26);
    *out = (struct sp_slice){&drip->byte, 1};
    return SP_OK;
}

static const struct sp_source_ops drip_ops = {drip_next, NULL};

static size_t drain(struct sp_stream *stream, char *out, enum sp_err *err)
{
    size_t len = 0;
    struct sp_slice block;
    struct sp_why why;
    while ((*err = sp_stream_next(stream, &block, &why)) == SP_OK && block.len > 0) {
        memcpy(out + len, block.ptr, block.len);
        len += block.len;
    }
    return len;
}

static void stream_gives_what_was_peeked(void **state)
{
    (void)state;
    struct drip drip = {.good = 40};
    struct sp_stream *stream = NULL;
    struct sp_slice head;
    char all[64];
    enum sp_err err;
    assert_int_equal(sp_stream_open(&drip_ops, &drip, &stream, NULL), SP_OK);
    assert_int_equal(sp_stream_peek(stream, 10, &head, NULL), SP_OK);
    assert_int_equal(head.len, 10);
    assert_int_equal(sp_stream_peek(stream, 20, &head, NULL), SP_OK);
    assert_memory_equal(head.ptr, "abcdefghijklmnopqrst", 20);
    assert_int_equal(sp_stream_offset(stream), 0);
    assert_int_equal(drain(stream, all, &err), 40);
    assert_int_equal(err, SP_OK);
    assert_memory_equal(all, "abcdefghijklmnopqrstuvwxyzabcdefghijklmn", 40);
    assert_int_equal(sp_stream_offset(stream), 40);
    sp_stream_close(stream);
}

static void stream_keeps_a_failure_for_later(void **state)
{
    (void)state;
    struct drip drip = {.good = 5, .fails = true};
    struct sp_stream *stream = NULL;
    struct sp_slice head;
    char all[64];
    enum sp_err err;
    assert_int_equal(sp_stream_open(&drip_ops, &drip, &stream, NULL), SP_OK);
    assert_int_equal(sp_stream_peek(stream, 10, &head, NULL), SP_OK);
    assert_int_equal(head.len, 5);
    assert_int_equal(drain(stream, all, &err), 5);
    assert_int_equal(err, SP_ERR_FORMAT);
    sp_stream_close(stream);
}

static void stream_takes_back(void **state)
{
    (void)state;
    struct sp_stream *stream = NULL;
    struct sp_slice block;
    char all[64];
    enum sp_err err;
    assert_int_equal(sp_stream_open_memory(sp_slice_of("hello world"), &stream, NULL), SP_OK);
    assert_int_equal(sp_stream_next(stream, &block, NULL), SP_OK);
    sp_stream_unget(stream, 5);
    assert_int_equal(sp_stream_offset(stream), 6);
    assert_int_equal(drain(stream, all, &err), 5);
    assert_memory_equal(all, "world", 5);
    sp_stream_close(stream);
}

static void stream_reads_pipes_and_files(void **state)
{
    (void)state;
    struct sp_stream *stream = NULL;
    char all[64];
    enum sp_err err;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "pipe", 4), 4);
    (void)close(ends[1]);
    assert_int_equal(sp_stream_open_fd(ends[0], true, &stream, NULL), SP_OK);
    assert_int_equal(sp_stream_fd(stream), -1);
    assert_int_equal(drain(stream, all, &err), 4);
    sp_stream_close(stream);
    char name[] = "/tmp/speur-core-XXXXXX";
    int fd = mkstemp(name);
    assert_int_equal(write(fd, "file", 4), 4);
    assert_int_equal(sp_stream_open_fd(fd, true, &stream, NULL), SP_OK);
    assert_int_equal(sp_stream_fd(stream), fd);
    assert_int_equal(sp_stream_size(stream), 4);
    assert_int_equal(drain(stream, all, &err), 4); /* from its start, wherever the offset is */
    sp_stream_close(stream);
    (void)unlink(name);
}

static void locator_is(const struct sp_buf *out, const char *want)
{
    assert_int_equal(out->len, strlen(want));
    assert_memory_equal(out->data, want, out->len);
}

static void locators_follow_the_grammar(void **state)
{
    (void)state;
    struct sp_buf out;
    const struct sp_slice none = {NULL, 0};
    sp_buf_init(&out, 4096);
    (void)sp_locator_object(&out, SP_STEP_FILE, 1, sp_slice_of("site.tar.gz"), none, NULL);
    (void)sp_locator_object(&out, SP_STEP_MEMBER, 4, sp_slice_of("./a!b\n.mbox"), none, NULL);
    (void)sp_locator_object(&out, SP_STEP_MESSAGE, 12, sp_slice_of("id@host"), none, NULL);
    (void)sp_locator_object(&out, SP_STEP_PART, 2, sp_slice_of("cv.docx"), sp_slice_of("2"), NULL);
    locator_is(&out, "site.tar.gz!./a%21b%0A.mbox!12<id@host>!2:cv.docx");
    sp_buf_reset(&out);
    struct sp_place_in place = {.kind = SP_RECORD_SQL,
                                .row = 17,
                                .table = sp_slice_of("wp_wc_orders"),
                                .key = sp_slice_of("billing_email")};
    (void)sp_locator_place(&out, &place, NULL);
    locator_is(&out, "!wp_wc_orders[17].billing_email");
    sp_buf_reset(&out);
    place = (struct sp_place_in){.kind = SP_RECORD_ROW, .row = 3, .column = 2};
    (void)sp_locator_place(&out, &place, NULL);
    locator_is(&out, "![3].2");
    sp_buf_reset(&out);
    place = (struct sp_place_in){.kind = SP_RECORD_DOCUMENT, .line = 4, .line_column = 7};
    (void)sp_locator_place(&out, &place, NULL);
    locator_is(&out, "!4:7");
    sp_buf_reset(&out);
    place = (struct sp_place_in){.kind = SP_RECORD_MESSAGE, .key = sp_slice_of("From")};
    (void)sp_locator_place(&out, &place, NULL);
    locator_is(&out, "!From");
    sp_buf_clear(&out);
}

static void intern_keeps_addresses(void **state)
{
    (void)state;
    struct sp_intern *intern = NULL;
    struct sp_slice first, again, other;
    char name[32];
    assert_int_equal(sp_intern_new(&intern, NULL), SP_OK);
    assert_int_equal(sp_intern_put(intern, sp_slice_of("email"), &first, NULL), SP_OK);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(name, sizeof name, "column_%d", i);
        assert_int_equal(sp_intern_put(intern, sp_slice_of(name), &other, NULL), SP_OK);
        assert_true(sp_slice_is(other, name));
    }
    assert_int_equal(sp_intern_put(intern, sp_slice_of("email"), &again, NULL), SP_OK);
    assert_ptr_equal(first.ptr, again.ptr);
    sp_intern_free(intern);
}

static void every_word_has_a_name_and_comes_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SP_REASON_COUNT; i++) {
        enum sp_reason reason;
        assert_true(sp_reason_from_name(sp_reason_name((enum sp_reason)i), &reason));
        assert_int_equal(reason, i);
        assert_true(strlen(sp_reason_advice(reason)) > 0);
    }
    assert_int_equal(sp_reason_class(SP_REASON_ENCRYPTED), SP_REASON_CLASS_GAP);
    assert_int_equal(sp_reason_class(SP_REASON_SPECIAL), SP_REASON_CLASS_NOTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_gives_what_was_peeked),
        cmocka_unit_test(stream_keeps_a_failure_for_later),
        cmocka_unit_test(stream_takes_back),
        cmocka_unit_test(stream_reads_pipes_and_files),
        cmocka_unit_test(locators_follow_the_grammar),
        cmocka_unit_test(intern_keeps_addresses),
        cmocka_unit_test(every_word_has_a_name_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
