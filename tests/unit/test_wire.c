/* The wire: what a worker says arrives as it was said; nonsense is refused. floors: sp_worker */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorder.h"

#include "worker/frames.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    int parent, worker;
    struct sp_wire_sink *out;
    struct sp_wire_in *in;
};

static void pair_open(struct pair *pair)
{
    int ends[2];
    int bytes = 4 << 20; /* a whole conversation, so that one thread can hold both ends */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    (void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    pair->parent = ends[0];
    pair->worker = ends[1];
    assert_int_equal(sp_wire_sink_new(pair->worker, &pair->out, NULL), SP_OK);
    assert_int_equal(sp_wire_in_new(pair->parent, &pair->in, NULL), SP_OK);
}

static void pair_close(struct pair *pair)
{
    sp_wire_sink_free(pair->out);
    sp_wire_in_free(pair->in);
    (void)close(pair->parent);
    if (pair->worker >= 0)
        (void)close(pair->worker);
}

static int sealed_memfd(bool seal)
{
    int fd = memfd_create("child", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_int_equal(write(fd, "child", 5), 5);
    if (seal)
        assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
    return fd;
}

/* One conversation with every kind of call in it. */
static void say_all(struct sp_sink *sink)
{
    static const struct sp_origin points[] = {{0, 100}, {4, 110}};
    struct sp_object_info info = {.step = SP_STEP_MEMBER,
                                  .ordinal = 1,
                                  .name = sp_slice_of("raw\xFFname"),
                                  .size_claimed = 12,
                                  .mtime_s = -5,
                                  .owner = sp_slice_of("jan")};
    const struct sp_record record = {.kind = SP_RECORD_SQL,
                                     .ordinal = 1,
                                     .row = 2,
                                     .line = 8,
                                     .table = sp_slice_of("orders"),
                                     .pk = sp_slice_of("id=4"),
                                     .date_s = INT64_MIN};
    const struct sp_field field = {.key = sp_slice_of("email"), .column = 2, .line = 8};
    const struct sp_object_done done = {.format = "plain",
                                        .encoding = "utf-8",
                                        .shape = SP_SHAPE_DOCUMENT,
                                        .bytes_read = 12,
                                        .record_count = 1,
                                        .state = SP_STATE_PARTIAL};
    assert_int_equal(sp_sink_object_begin(sink, &info, NULL), SP_OK);
    assert_int_equal(sp_sink_record_begin(sink, &record, NULL), SP_OK);
    assert_int_equal(sp_sink_field(sink, &field, NULL), SP_OK);
    assert_int_equal(
        sp_sink_text(sink, sp_slice_of("a@b.example"), (struct sp_origin_map){points, 2}, NULL),
        SP_OK);
    assert_int_equal(sp_sink_record_end(sink, NULL), SP_OK);
    assert_int_equal(sp_sink_unread_reason(sink, SP_REASON_TRUNCATED, "cut", 12, 20, NULL), SP_OK);
    assert_int_equal(sp_sink_child(sink, &info, sealed_memfd(true), NULL), SP_OK);
    assert_int_equal(sp_sink_object_end(sink, &done, NULL), SP_OK);
}

static void what_is_said_arrives(void **state)
{
    (void)state;
    struct pair pair;
    struct recorder said, heard;
    struct sp_wire_result result;
    const struct sp_object_done done = {
        .format = "tar", .shape = SP_SHAPE_ARCHIVE, .state = SP_STATE_PARTIAL};
    pair_open(&pair);
    recorder_init(&said);
    recorder_init(&heard);
    say_all(&said.sink);
    say_all(sp_wire_sink_base(pair.out));
    assert_int_equal(sp_wire_sink_done(pair.out, SP_OK, &done, "", NULL), SP_OK);
    assert_int_equal(sp_wire_pump(pair.in, &heard.sink, &(struct sp_wire_watch){.quiet_ms = 1000},
                                  &result, NULL),
                     SP_OK);
    assert_int_equal(result.end, SP_WIRE_DONE);
    assert_string_equal(result.done.format, "tar");
    assert_int_equal(result.done.state, SP_STATE_PARTIAL);
    assert_string_equal(heard.out, said.out);
    recorder_clear(&said);
    recorder_clear(&heard);
    pair_close(&pair);
}

/* A sink that hears nothing: what comes is not what an extractor says. */
static enum sp_err deaf_info(struct sp_sink *sink, const struct sp_object_info *info,
                             struct sp_why *why)
{
    (void)sink, (void)info, (void)why;
    return SP_OK;
}
static enum sp_err deaf_done(struct sp_sink *sink, const struct sp_object_done *done,
                             struct sp_why *why)
{
    (void)sink, (void)done, (void)why;
    return SP_OK;
}
static enum sp_err deaf_record(struct sp_sink *sink, const struct sp_record *record,
                               struct sp_why *why)
{
    (void)sink, (void)record, (void)why;
    return SP_OK;
}
static enum sp_err deaf_end(struct sp_sink *sink, struct sp_why *why)
{
    (void)sink, (void)why;
    return SP_OK;
}
static enum sp_err deaf_field(struct sp_sink *sink, const struct sp_field *field,
                              struct sp_why *why)
{
    (void)sink, (void)field, (void)why;
    return SP_OK;
}
static enum sp_err deaf_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    (void)sink, (void)map, (void)why;
    assert_true(sp_utf8_valid(utf8));
    return SP_OK;
}
static enum sp_err deaf_unread(struct sp_sink *sink, const struct sp_unread *unread,
                               struct sp_why *why)
{
    (void)sink, (void)why;
    assert_true(unread->reason < SP_REASON_COUNT);
    return SP_OK;
}
static const struct sp_sink_ops deaf_ops = {.object_begin = deaf_info,
                                            .object_end = deaf_done,
                                            .record_begin = deaf_record,
                                            .record_end = deaf_end,
                                            .field = deaf_field,
                                            .text = deaf_text,
                                            .unread = deaf_unread};

static enum sp_wire_end pump_raw(const void *bytes, size_t len)
{
    struct pair pair;
    struct sp_sink deaf = {&deaf_ops};
    struct sp_wire_result result;
    pair_open(&pair);
    assert_int_equal(write(pair.worker, bytes, len), (ssize_t)len);
    (void)close(pair.worker);
    pair.worker = -1;
    assert_int_equal(
        sp_wire_pump(pair.in, &deaf, &(struct sp_wire_watch){.quiet_ms = 300}, &result, NULL),
        SP_OK);
    pair_close(&pair);
    return result.end;
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const uint8_t huge[] = {0xFF, 0xFF, 0xFF, 0x7F, SP_FRAME_TEXT, 0, 0, 0};
    static const uint8_t unknown[] = {0, 0, 0, 0, 99, 0, 0, 0};
    static const uint8_t text_outside[] = {3, 0, 0, 0, SP_FRAME_TEXT, 0, 0, 0, 1, 'a', 0};
    static const uint8_t end_of_nothing[] = {6, 0, 0, 0, SP_FRAME_OBJECT_END, 0, 0, 0, 0, 0,
                                             0, 0, 0, 1};
    static const uint8_t child_without_fd[] = {
        11, 0, 0, 0, SP_FRAME_CHILD, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t job[] = {0, 0, 0, 0, SP_FRAME_JOB, 0, 0, 0};
    static const uint8_t bad_utf8[] = {0, 0, 0, 0, SP_FRAME_RECORD_BEGIN, 0, 0, 0};
    assert_int_equal(pump_raw(huge, sizeof huge), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(unknown, sizeof unknown), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(text_outside, sizeof text_outside), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(end_of_nothing, sizeof end_of_nothing), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(child_without_fd, sizeof child_without_fd), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(job, sizeof job), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw(bad_utf8, sizeof bad_utf8), SP_WIRE_NONSENSE);
    assert_int_equal(pump_raw("", 0), SP_WIRE_LOST);
    assert_int_equal(pump_raw(huge, 3), SP_WIRE_LOST); /* cut within a header */
}

static void a_child_that_can_still_change_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    struct recorder heard;
    struct sp_wire_result result;
    const struct sp_object_info info = {.step = SP_STEP_MEMBER, .ordinal = 1};
    pair_open(&pair);
    recorder_init(&heard);
    assert_int_equal(sp_sink_child(sp_wire_sink_base(pair.out), &info, sealed_memfd(false), NULL),
                     SP_OK);
    assert_int_equal(
        sp_wire_pump(pair.in, &heard.sink, &(struct sp_wire_watch){.quiet_ms = 300}, &result, NULL),
        SP_OK);
    assert_int_equal(result.end, SP_WIRE_NONSENSE);
    recorder_clear(&heard);
    pair_close(&pair);
}

static void silence_ends(void **state)
{
    (void)state;
    struct pair pair;
    struct recorder heard;
    struct sp_wire_result result;
    const volatile int stop = 1;
    pair_open(&pair);
    recorder_init(&heard);
    assert_int_equal(
        sp_wire_pump(pair.in, &heard.sink, &(struct sp_wire_watch){.quiet_ms = 300}, &result, NULL),
        SP_OK);
    assert_int_equal(result.end, SP_WIRE_SILENT);
    assert_int_equal(sp_wire_pump(pair.in, &heard.sink,
                                  &(struct sp_wire_watch){.quiet_ms = 60000, .stop = &stop},
                                  &result, NULL),
                     SP_OK);
    assert_int_equal(result.end, SP_WIRE_STOPPED);
    recorder_clear(&heard);
    pair_close(&pair);
}

/* Random bytes behind a valid header: never a crash, never a wait for what does not come. */
static void noise_does_no_harm(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 3000; round++) {
        uint8_t frame[72] = {0};
        for (size_t i = 8; i < sizeof frame; i++) {
            seed = seed * 1664525 + 1013904223;
            frame[i] = (uint8_t)(seed >> 24) & (round % 2 == 0 ? 0x07 : 0xFF);
        }
        frame[0] = sizeof frame - 8;
        frame[4] = (uint8_t)(SP_FRAME_OBJECT_BEGIN + round % 10);
        enum sp_wire_end end = pump_raw(frame, sizeof frame);
        assert_true(end == SP_WIRE_NONSENSE || end == SP_WIRE_LOST || end == SP_WIRE_DONE);
    }
}

static void a_job_arrives(void **state)
{
    (void)state;
    struct pair pair;
    struct sp_job_room room;
    struct sp_job got;
    int fd = -1;
    struct sp_job job = {.info = {.step = SP_STEP_FILE,
                                  .name = sp_slice_of("backup.tar"),
                                  .mtime_s = 77,
                                  .mime = "text/plain"},
                         .depth = 2,
                         .top_bytes = 1000};
    sp_limits_init(&job.limits);
    pair_open(&pair);
    assert_int_equal(sp_job_room_init(&room, NULL), SP_OK);
    int file = sealed_memfd(true);
    assert_int_equal(sp_wire_send_job(pair.parent, &job, file, NULL), SP_OK);
    assert_int_equal(sp_wire_receive_job(pair.worker, &got, &fd, &room, NULL), SP_OK);
    assert_true(sp_slice_is(got.info.name, "backup.tar"));
    assert_string_equal(got.info.mime, "text/plain");
    assert_int_equal(got.depth, 2);
    assert_int_equal(got.limits.spool_max_bytes, job.limits.spool_max_bytes);
    char text[6] = "";
    assert_int_equal(pread(fd, text, 5, 0), 5);
    assert_string_equal(text, "child");
    (void)close(fd);
    (void)close(file);
    (void)close(pair.parent);
    assert_int_equal(sp_wire_receive_job(pair.worker, &got, &fd, &room, NULL), SP_ERR_STOP);
    pair.parent = -1;
    sp_job_room_clear(&room);
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_arrives),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(a_child_that_can_still_change_is_refused),
        cmocka_unit_test(silence_ends),
        cmocka_unit_test(noise_does_no_harm),
        cmocka_unit_test(a_job_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
