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

/* ---- parcels ------------------------------------------------------------------------------- */
struct parcels {
    struct sp_buf frames[64];
    size_t count;
    bool wanted;
};

static bool parcels_wanted(void *ctx)
{
    return ((const struct parcels *)ctx)->wanted;
}

static enum sp_err parcels_take(void *ctx, struct sp_buf *frames, struct sp_why *why)
{
    struct parcels *parcels = ctx;
    (void)why;
    assert_true(parcels->count < 64);
    parcels->frames[parcels->count++] = *frames;
    sp_buf_init(frames, frames->max);
    return SP_OK;
}

/* A member with a record of `size` bytes, and a nested object in it. */
static void say_member(struct sp_sink *sink, uint64_t ordinal, size_t size)
{
    static char text[3 * SP_FRAME_TEXT_MAX];
    const struct sp_origin start = {0, 0};
    const struct sp_record record = {.ordinal = 1, .line = 1, .date_s = INT64_MIN};
    const struct sp_object_done none = {.format = "plain", .state = SP_STATE_COMPLETE};
    const struct sp_object_done done = {
        .format = "plain", .record_count = 1, .state = SP_STATE_COMPLETE};
    const struct sp_object_info info = {
        .step = SP_STEP_MEMBER, .ordinal = ordinal, .name = sp_slice_of("m"), .mtime_s = INT64_MIN};
    memset(text, 'a' + (int)(ordinal % 26), sizeof text);
    assert_int_equal(sp_sink_object_begin(sink, &info, NULL), SP_OK);
    assert_int_equal(sp_sink_object_begin(sink, &info, NULL), SP_OK);
    assert_int_equal(sp_sink_object_end(sink, &none, NULL), SP_OK);
    assert_int_equal(sp_sink_record_begin(sink, &record, NULL), SP_OK);
    for (size_t at = 0; at < size; at += SP_FRAME_TEXT_MAX) {
        size_t len = size - at < SP_FRAME_TEXT_MAX ? size - at : SP_FRAME_TEXT_MAX;
        assert_int_equal(sp_sink_text(sink, (struct sp_slice){(const uint8_t *)text, len},
                                      (struct sp_origin_map){&start, 1}, NULL),
                         SP_OK);
    }
    assert_int_equal(sp_sink_record_end(sink, NULL), SP_OK);
    assert_int_equal(sp_sink_object_end(sink, &done, NULL), SP_OK);
}

/* Small and large members, one with a child in it, words of the container between them. */
static void say_members(struct sp_sink *sink)
{
    const struct sp_record record = {.ordinal = 1, .line = 1, .date_s = INT64_MIN};
    const struct sp_object_done done = {.format = "tar", .state = SP_STATE_COMPLETE};
    const struct sp_object_info info = {
        .step = SP_STEP_MEMBER, .ordinal = 40, .name = sp_slice_of("c"), .mtime_s = INT64_MIN};
    for (uint64_t ordinal = 1; ordinal < 40; ordinal++)
        say_member(sink, ordinal, (ordinal % 5) * 9000 + 1);
    assert_int_equal(sp_sink_object_begin(sink, &info, NULL), SP_OK);
    assert_int_equal(sp_sink_child(sink, &info, sealed_memfd(true), NULL), SP_OK);
    assert_int_equal(sp_sink_object_end(sink, &done, NULL), SP_OK);
    assert_int_equal(sp_sink_record_begin(sink, &record, NULL), SP_OK);
    assert_int_equal(sp_sink_record_end(sink, NULL), SP_OK);
    for (uint64_t ordinal = 41; ordinal < 50; ordinal++)
        say_member(sink, ordinal, 3);
}

/* A sink that counts, in whatever order things come. */
struct tally {
    struct sp_sink sink;
    uint64_t objects, ends, records, text_bytes, text_sum;
};
static enum sp_err tally_begin(struct sp_sink *sink, const struct sp_object_info *info,
                               struct sp_why *why)
{
    (void)why;
    ((struct tally *)sink)->objects += 1000 + info->ordinal;
    return SP_OK;
}
static enum sp_err tally_end(struct sp_sink *sink, const struct sp_object_done *done,
                             struct sp_why *why)
{
    (void)done, (void)why;
    ((struct tally *)sink)->ends++;
    return SP_OK;
}
static enum sp_err tally_record(struct sp_sink *sink, const struct sp_record *record,
                                struct sp_why *why)
{
    (void)record, (void)why;
    ((struct tally *)sink)->records++;
    return SP_OK;
}
static enum sp_err tally_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    struct tally *tally = (struct tally *)sink;
    (void)map, (void)why;
    tally->text_bytes += utf8.len;
    for (size_t i = 0; i < utf8.len; i++)
        tally->text_sum += utf8.ptr[i];
    return SP_OK;
}
static enum sp_err tally_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                               struct sp_why *why)
{
    (void)close(fd);
    return tally_begin(sink, info, why);
}
static const struct sp_sink_ops tally_ops = {.object_begin = tally_begin,
                                             .object_end = tally_end,
                                             .record_begin = tally_record,
                                             .record_end = deaf_end,
                                             .field = deaf_field,
                                             .text = tally_text,
                                             .child = tally_child,
                                             .unread = deaf_unread};

static size_t count_of(const char *text, const char *piece)
{
    size_t count = 0;
    for (; (text = strstr(text, piece)) != NULL; text++)
        count++;
    return count;
}

/* What another lane replays and what went to the sink are together what was said. */
static void parcels_lose_nothing(void **state)
{
    (void)state;
    struct pair pair;
    struct tally said = {.sink = {&tally_ops}};
    struct tally heard = {.sink = {&tally_ops}};
    struct parcels parcels = {.wanted = true};
    struct sp_wire_result result;
    const struct sp_object_done done = {.format = "tar", .state = SP_STATE_COMPLETE};
    const struct sp_wire_watch watch = {.quiet_ms = 1000,
                                        .relay = {parcels_wanted, parcels_take, &parcels}};
    pair_open(&pair);
    say_members(&said.sink);
    say_members(sp_wire_sink_base(pair.out));
    assert_int_equal(sp_wire_sink_done(pair.out, SP_OK, &done, "", NULL), SP_OK);
    assert_int_equal(sp_wire_pump(pair.in, &heard.sink, &watch, &result, NULL), SP_OK);
    assert_int_equal(result.end, SP_WIRE_DONE);
    assert_int_equal(result.done_last, 49);
    assert_int_equal(result.begun, 0);
    assert_true(parcels.count > 1);
    assert_int_equal(heard.ends, 1); /* the one with a child in it */
    struct sp_wire_in *replay = NULL;
    assert_int_equal(sp_wire_in_new(-1, &replay, NULL), SP_OK);
    for (size_t i = 0; i < parcels.count; i++) {
        assert_int_equal(
            sp_wire_replay(replay, sp_buf_slice(&parcels.frames[i]), &heard.sink, &result, NULL),
            SP_OK);
        assert_int_equal(result.end, SP_WIRE_DONE);
        /* cut anywhere, or with a word of another job in it, it is refused */
        struct sp_slice cut = sp_buf_slice(&parcels.frames[i]);
        cut.len -= 9;
        struct sp_sink deaf = {&deaf_ops};
        assert_int_equal(sp_wire_replay(replay, cut, &deaf, &result, NULL), SP_OK);
        assert_int_equal(result.end, SP_WIRE_NONSENSE);
        sp_buf_clear(&parcels.frames[i]);
    }
    heard.sink = said.sink;
    assert_memory_equal(&heard, &said, sizeof said);
    sp_wire_in_free(replay);
    pair_close(&pair);
}

/* A worker that dies: whole members went to other lanes, half a one is told as begun. */
static void a_death_loses_one_member(void **state)
{
    (void)state;
    struct pair pair;
    struct recorder heard;
    struct parcels parcels = {.wanted = true};
    struct sp_wire_result result;
    const struct sp_object_info info = {
        .step = SP_STEP_MEMBER, .ordinal = 3, .name = sp_slice_of("m"), .mtime_s = INT64_MIN};
    const struct sp_wire_watch watch = {.quiet_ms = 1000,
                                        .relay = {parcels_wanted, parcels_take, &parcels}};
    pair_open(&pair);
    recorder_init(&heard);
    sp_wire_sink_careful(pair.out, true);
    say_member(sp_wire_sink_base(pair.out), 1, 10);
    say_member(sp_wire_sink_base(pair.out), 2, 10);
    assert_int_equal(sp_sink_object_begin(sp_wire_sink_base(pair.out), &info, NULL), SP_OK);
    (void)close(pair.worker);
    pair.worker = -1;
    assert_int_equal(sp_wire_pump(pair.in, &heard.sink, &watch, &result, NULL), SP_OK);
    assert_int_equal(result.end, SP_WIRE_LOST);
    assert_int_equal(result.done_last, 2);
    assert_int_equal(result.begun, 3);
    assert_int_equal(parcels.count, 1);
    assert_string_equal(heard.out, "");
    sp_buf_clear(&parcels.frames[0]);
    recorder_clear(&heard);
    pair_close(&pair);
}

/* What the object said of itself in an earlier attempt is not heard twice. */
static void a_second_attempt_is_mute_at_first(void **state)
{
    (void)state;
    struct pair pair;
    struct recorder heard;
    struct sp_wire_result result;
    const struct sp_record record = {.ordinal = 1, .line = 1, .date_s = INT64_MIN};
    const struct sp_object_done done = {.format = "tar", .state = SP_STATE_COMPLETE};
    pair_open(&pair);
    recorder_init(&heard);
    struct sp_sink *sink = sp_wire_sink_base(pair.out);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(sp_sink_record_begin(sink, &record, NULL), SP_OK);
        assert_int_equal(sp_sink_record_end(sink, NULL), SP_OK);
        assert_int_equal(sp_sink_unread_reason(sink, SP_REASON_CORRUPT, "x", 1, 2, NULL), SP_OK);
        if (round == 0)
            say_member(sink, 1, 10);
    }
    assert_int_equal(sp_wire_sink_done(pair.out, SP_OK, &done, "", NULL), SP_OK);
    assert_int_equal(sp_wire_pump(pair.in, &heard.sink,
                                  &(struct sp_wire_watch){.quiet_ms = 1000, .mute = true}, &result,
                                  NULL),
                     SP_OK);
    assert_int_equal(result.end, SP_WIRE_DONE);
    assert_int_equal(count_of(heard.out, "unread corrupt"), 1);
    assert_int_equal(count_of(heard.out, "  end record"), 2); /* the member's, and the later one */
    recorder_clear(&heard);
    pair_close(&pair);
}

/* PROGRESS that makes none, and frames without end, are no signs of life. */
static void endless_talk_ends(void **state)
{
    (void)state;
    static const uint8_t progress[] = {1, 0, 0, 0, SP_FRAME_PROGRESS, 0, 0, 0, 7};
    struct pair pair;
    struct sp_sink deaf = {&deaf_ops};
    struct sp_wire_result result;
    const struct sp_wire_watch quiet = {.quiet_ms = 300};
    const struct sp_wire_watch small = {.quiet_ms = 60000, .bytes_max = 200000};
    pair_open(&pair);
    static uint8_t many[20000 * sizeof progress];
    for (size_t i = 0; i < sizeof many; i += sizeof progress)
        memcpy(many + i, progress, sizeof progress);
    assert_int_equal(write(pair.worker, many, sizeof many), sizeof many);
    assert_int_equal(sp_wire_pump(pair.in, &deaf, &quiet, &result, NULL), SP_OK);
    assert_int_equal(result.end, SP_WIRE_SILENT);
    for (uint64_t ordinal = 1; ordinal < 30; ordinal++)
        say_member(sp_wire_sink_base(pair.out), ordinal, 60000);
    assert_int_equal(sp_wire_pump(pair.in, &deaf, &small, &result, NULL), SP_OK);
    assert_int_equal(result.end, SP_WIRE_NONSENSE);
    pair_close(&pair);
}

static void a_job_arrives(void **state)
{
    (void)state;
    struct pair pair;
    struct sp_job_room room;
    struct sp_job got;
    int fd = -1;
    struct sp_job job = {
        .info = {.step = SP_STEP_FILE,
                 .name = sp_slice_of("backup.tar"),
                 .mtime_s = 77,
                 .mime = "text/plain"},
        .plan = {.lost = {{7, SP_REASON_TIMEOUT, true}}, .lost_count = 1, .careful = true},
        .depth = 2,
        .top_bytes = 1000};
    static struct sp_span spans[SP_PLAN_SPANS_MAX];
    for (size_t i = 0; i < SP_PLAN_SPANS_MAX; i++)
        spans[i] = (struct sp_span){UINT64_MAX - 100000 + 3 * i, UINT64_MAX - 99999 + 3 * i};
    job.plan.done = spans;
    job.plan.done_count = SP_PLAN_SPANS_MAX;
    sp_limits_init(&job.limits);
    pair_open(&pair);
    assert_int_equal(sp_job_room_init(&room, NULL), SP_OK);
    int file = sealed_memfd(true);
    assert_int_equal(sp_wire_send_job(pair.parent, &job, file, NULL), SP_OK);
    assert_int_equal(sp_wire_receive_job(pair.worker, &got, &fd, &room, NULL), SP_OK);
    assert_true(sp_slice_is(got.info.name, "backup.tar"));
    assert_string_equal(got.info.mime, "text/plain");
    assert_int_equal(got.depth, 2);
    assert_true(got.plan.careful);
    assert_int_equal(got.plan.done_count, SP_PLAN_SPANS_MAX);
    assert_memory_equal(got.plan.done, spans, sizeof spans);
    assert_int_equal(sp_plan_lost(&got.plan, 7)->reason, SP_REASON_TIMEOUT);
    assert_null(sp_plan_lost(&got.plan, 8));
    assert_true(sp_plan_is_done(&got.plan, spans[9].last));
    assert_false(sp_plan_is_done(&got.plan, spans[9].last + 1));
    assert_false(sp_plan_is_done(&got.plan, 1));
    assert_false(sp_plan_is_done(NULL, 1));
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
        cmocka_unit_test(parcels_lose_nothing),
        cmocka_unit_test(a_death_loses_one_member),
        cmocka_unit_test(a_second_attempt_is_mute_at_first),
        cmocka_unit_test(endless_talk_ends),
        cmocka_unit_test(a_job_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
