/* Reading one object that is open on the stack: here when it is plain, in a worker when its format
 * is complex or unknown. A worker that ends before its object does is started again behind what it
 * had told, so that one bad member does not hide the others. */
#include "base/limits.h"
#include "extract/extract.h"
#include "extract/formats.h"
#include "scan/feed.h"
#include "scan/lane.h"
#include "scan/open.h"

#include <sys/stat.h>

enum {
    LANE_ATTEMPTS_MAX = 2 * SP_PLAN_LOST_MAX, /* to read one object: each bad member costs two */
    LANE_LOST_MAX = 3,                        /* bad members of one object, then it is given up */
    LANE_DISK_QUIET =
        10, /* times as long may speur-disk look for a file as a parser may be quiet */
    LANE_FRAMES_FACTOR = 16 /* text of a byte: wide characters, several passes, origins */
};

enum sp_err sp_lane_unread_reason(struct sp_lane *lane, enum sp_reason reason, const char *detail,
                                  bool partial, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = partial;
    (void)snprintf(unread.detail, sizeof unread.detail, "%.*s", (int)sizeof unread.detail - 1,
                   detail);
    return sp_lane_unread(lane, &unread, why);
}

/* A pipe cannot be read again. */
static bool lane_can_seek(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- attempts ------------------------------------------------------------------------------ */
/* One object while workers read it. */
struct lane_attempt {
    struct sp_lane *lane;
    int fd;        /* borrowed */
    unsigned base; /* objects open, the object itself included */
    struct sp_plan plan;
    struct sp_buf spans; /* struct sp_span[]: what plan.done points to */
    bool again;          /* the object itself was heard before */
    bool is_container;   /* by its first bytes */
    bool is_picture;     /* of which speur-ocr reads the words */
    const char *disk;    /* what the image is that speur-disk reads for the workers; NULL: none */
    struct sp_feed_end fed;
    struct sp_wire_result result;
};

/* The members up to `last` need not be read again. */
static enum sp_err attempt_done_to(struct lane_attempt *attempt, uint64_t last, struct sp_why *why)
{
    struct sp_span upto = {1, last};
    struct sp_buf merged;
    if (last == 0)
        return SP_OK;
    sp_buf_init(&merged, attempt->spans.max);
    enum sp_err err = SP_OK;
    for (size_t at = 0; at < attempt->spans.len; at += sizeof upto) { /* those beyond stay */
        struct sp_span span;
        memcpy(&span, attempt->spans.data + at, sizeof span);
        if (span.first <= upto.last + 1 && span.last > upto.last)
            upto.last = span.last;
    }
    err = sp_buf_append(&merged, &upto, sizeof upto, why);
    for (size_t at = 0; err == SP_OK && at < attempt->spans.len; at += sizeof upto) {
        struct sp_span span;
        memcpy(&span, attempt->spans.data + at, sizeof span);
        if (span.first > upto.last)
            err = sp_buf_append(&merged, &span, sizeof span, why);
    }
    sp_buf_clear(&attempt->spans);
    attempt->spans = merged;
    return err;
}

static bool attempt_wants_parcels(void *ctx)
{
    const struct lane_attempt *attempt = ctx;
    return sp_queue_wants_parcel(attempt->lane->shared->queue);
}

static enum sp_err attempt_take_parcel(void *ctx, struct sp_buf *frames, struct sp_why *why)
{
    const struct lane_attempt *attempt = ctx;
    return sp_lane_parcel(attempt->lane, frames, why);
}

/* No honest worker sends more for this object. */
static uint64_t attempt_bytes_max(const struct sp_lane *lane)
{
    const struct sp_limits *limits = &lane->shared->options->limits;
    uint64_t max;
    if (lane->top_bytes == SP_SIZE_UNKNOWN ||
        __builtin_mul_overflow(lane->top_bytes, limits->ratio_total_max, &max) ||
        __builtin_add_overflow(max, limits->ratio_free_bytes, &max) ||
        __builtin_mul_overflow(max, (uint64_t)LANE_FRAMES_FACTOR, &max))
        return 0;
    return max;
}

/* One job. Of a disk image the worker reads what speur-disk gives. */
static enum sp_err attempt_job(struct lane_attempt *attempt, const struct sp_job *job,
                               const struct sp_wire_watch *watch, struct sp_why *why)
{
    struct sp_lane *lane = attempt->lane;
    struct sp_link *link = attempt->is_picture ? &lane->ocr : &lane->links[lane->links_used - 1];
    const struct sp_shared *shared = lane->shared;
    struct sp_wire_result *result = &attempt->result;
    struct sp_feed feed;
    if (!attempt->is_picture)
        sp_spare_take(shared->spare, link);
    if (attempt->disk == NULL)
        return sp_link_run(link, job, attempt->fd, &lane->base, watch, result, why);
    enum sp_err err =
        sp_feed_start(shared->options->disk_path, &shared->worker, attempt->fd, &feed, why);
    if (err != SP_OK)
        return err;
    err = sp_link_run(link, job, feed.fd, &lane->base, watch, result, why);
    bool cut = err != SP_OK || result->end != SP_WIRE_DONE;
    bool waited = err == SP_OK && result->end == SP_WIRE_SILENT && sp_feed_is_silent(&feed);
    sp_feed_close(&feed, cut, &attempt->fed);
    if (waited) {
        attempt->fed = (struct sp_feed_end){.unread = SP_REASON_TIMEOUT};
        (void)snprintf(attempt->fed.detail, sizeof attempt->fed.detail,
                       "speur-disk made no progress");
    }
    return err;
}

static enum sp_err attempt_run(struct lane_attempt *attempt, struct sp_why *why)
{
    struct sp_lane *lane = attempt->lane;
    const struct sp_scan_options *options = lane->shared->options;
    struct sp_lane_object *object = sp_lane_top(lane);
    attempt->plan.done = (const struct sp_span *)(const void *)attempt->spans.data;
    attempt->plan.done_count = attempt->spans.len / sizeof(struct sp_span);
    if (attempt->plan.done_count > SP_PLAN_SPANS_MAX)
        attempt->plan.done_count = SP_PLAN_SPANS_MAX;
    const struct sp_job job = {.info = object->info,
                               .limits = options->limits,
                               .plan = attempt->plan,
                               .depth = object->depth,
                               .top_bytes = lane->top_bytes};
    const struct sp_wire_watch watch = {
        .quiet_ms =
            (int)options->limits.quiet_max_s * 1000 * (attempt->disk != NULL ? LANE_DISK_QUIET : 1),
        .stop = options->stop,
        .bytes_max = attempt_bytes_max(lane),
        .mute = attempt->again,
        .relay = {.wanted = attempt->plan.careful || attempt->plan.lost_count > 0
                                ? NULL
                                : attempt_wants_parcels,
                  .take = attempt_take_parcel,
                  .ctx = attempt}};
    const struct sp_plan *outer = lane->plan;
    unsigned outer_base = lane->plan_base;
    lane->plan = &attempt->plan;
    lane->plan_base = attempt->base;
    lane->links_used++;
    attempt->fed = (struct sp_feed_end){.whole = true};
    enum sp_err err = attempt_job(attempt, &job, &watch, why);
    lane->links_used--;
    lane->plan = outer;
    lane->plan_base = outer_base;
    if (err == SP_OK && attempt->result.end == SP_WIRE_STOPPED)
        return sp_fail(why, SP_ERR_STOP, "stopped");
    return err;
}

/* What the worker had open above the object: dropped when nothing of it was kept, so that it may
 * be read again, else closed as unread. What was found stays. */
static enum sp_err attempt_close(struct lane_attempt *attempt, bool keep, bool *dropped,
                                 struct sp_why *why)
{
    const struct sp_object_done broken = {.state = SP_STATE_PARTIAL, .shape = SP_SHAPE_ARCHIVE};
    struct sp_lane *lane = attempt->lane;
    enum sp_reason reason = attempt->result.unread;
    enum sp_err err = SP_OK;
    sp_window_abort_record(lane->window);
    *dropped =
        !keep && lane->open_count > attempt->base && !lane->open[attempt->base].is_kept_in_part;
    while (err == SP_OK && lane->open_count > attempt->base) {
        if (*dropped) {
            sp_lane_drop(lane);
            continue;
        }
        err = sp_lane_unread_reason(lane, reason, attempt->result.reason, true, why);
        if (err == SP_OK)
            err = sp_lane_close(lane, &broken, why);
    }
    return err;
}

/* With which member a careful worker ended; 0: not known, or not with a member. Between two of them
 * it may have ended with what came before or after: with the next one when it happens again. */
static uint64_t attempt_culprit(const struct lane_attempt *attempt)
{
    const struct sp_wire_result *result = &attempt->result;
    uint64_t next = 1;
    if (!attempt->plan.careful)
        return 0; /* its last words were lost */
    if (result->begun != 0)
        return result->begun;
    if (result->done_last != 0 || (!attempt->is_container && attempt->spans.len == 0))
        return 0;
    while (sp_plan_is_done(&attempt->plan, next))
        next++;
    return next;
}

static void attempt_lose(struct lane_attempt *attempt, uint64_t culprit)
{
    struct sp_plan *plan = &attempt->plan;
    for (size_t i = 0; i < plan->lost_count; i++) {
        if (plan->lost[i].ordinal == culprit) { /* not even the raw pass came through */
            plan->lost[i].raw = false;
            return;
        }
    }
    plan->lost[plan->lost_count++] =
        (struct sp_lost){.ordinal = culprit, .reason = attempt->result.unread, .raw = true};
}

/* A worker ended early. Decides how the next one goes about the object; *again false: the object is
 * given up. */
static enum sp_err attempt_plan_next(struct lane_attempt *attempt, bool *again, struct sp_why *why)
{
    const struct sp_wire_result *result = &attempt->result;
    struct sp_plan *plan = &attempt->plan;
    uint64_t culprit = attempt_culprit(attempt);
    const struct sp_lost *before = sp_plan_lost(plan, culprit);
    bool may_lose = before != NULL ? before->raw : plan->lost_count < LANE_LOST_MAX;
    bool dropped;
    bool goes_on = !plan->careful || result->done_last != 0;
    *again = lane_can_seek(attempt->fd) && (culprit != 0 ? may_lose : goes_on);
    enum sp_err err = attempt_close(attempt, !*again, &dropped, why);
    if (err != SP_OK || !*again)
        return err;
    bool told = result->begun != 0 && !dropped; /* as unread; it is not read again */
    err = attempt_done_to(attempt, told ? result->begun : result->done_last, why);
    if (culprit != 0 && !told)
        attempt_lose(attempt, culprit);
    plan->careful = true;
    attempt->again = true;
    return err;
}

/* A member that a worker was told to tell of as lost was not even named: then the object says it.
 */
static enum sp_err attempt_lost_told(struct lane_attempt *attempt, struct sp_why *why)
{
    const struct sp_plan *plan = &attempt->plan;
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < plan->lost_count; i++) {
        if (plan->lost[i].ordinal > attempt->result.done_last)
            err = sp_lane_unread_reason(attempt->lane, plan->lost[i].reason,
                                        "a member that its parser ended with", true, why);
    }
    return err;
}

/* speur-disk did not give all: says so, and looks for text in the image. What came before is then
 * found twice; what did not, once. */
static enum sp_err attempt_fed_told(struct lane_attempt *attempt, struct sp_object_done *done,
                                    struct sp_why *why)
{
    struct sp_lane *lane = attempt->lane;
    struct sp_unread unread;
    if (attempt->disk == NULL)
        return SP_OK;
    if (attempt->fed.whole && attempt->spans.len == 0 && attempt->result.done_last == 0) {
        attempt->fed = (struct sp_feed_end){.unread = SP_REASON_CRASHED};
        (void)snprintf(attempt->fed.detail, sizeof attempt->fed.detail, "speur-disk gave nothing");
    }
    if (attempt->fed.whole)
        return SP_OK;
    sp_unread_init(&unread, attempt->fed.unread);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%.*s", (int)sizeof unread.detail - 1,
                   attempt->fed.detail);
    enum sp_err err = sp_lane_unread(lane, &unread, why);
    if (err == SP_OK)
        err = sp_lane_read_raw(lane, attempt->fd, why);
    done->state = SP_STATE_PARTIAL;
    done->shape = SP_SHAPE_ARCHIVE;
    return err;
}

/* An image is called what it is, not by how it comes. */
static void attempt_name_disk(const struct lane_attempt *attempt, struct sp_object_done *done)
{
    struct sp_lane *lane = attempt->lane;
    if (attempt->disk == NULL)
        return;
    (void)snprintf(lane->format, sizeof lane->format, "%s", attempt->disk);
    done->format = lane->format;
    done->shape = SP_SHAPE_ARCHIVE;
}

/* The object is given up: says so, and looks for text in it when nothing else was found. */
static enum sp_err attempt_give_up(struct lane_attempt *attempt, struct sp_object_done *done,
                                   struct sp_why *why)
{
    struct sp_lane *lane = attempt->lane;
    struct sp_lane_object *object = sp_lane_top(lane);
    const struct sp_wire_result *result = &attempt->result;
    bool nothing = result->end != SP_WIRE_DONE && attempt->spans.len == 0 &&
                   result->done_last == 0 && object->segments == 0 &&
                   object->segment.finding_count == 0 && lane_can_seek(attempt->fd) &&
                   !attempt->is_picture; /* who met it has done that */
    struct sp_unread unread;
    sp_unread_init(&unread, attempt->result.unread);
    unread.partial = true;
    unread.fallback = nothing;
    (void)snprintf(unread.detail, sizeof unread.detail, "%.*s", (int)sizeof unread.detail - 1,
                   result->reason);
    if (attempt->is_picture)
        *done = (struct sp_object_done){.shape = SP_SHAPE_DOCUMENT};
    else if (result->end != SP_WIRE_DONE) /* unknown what it is: as strict as a container */
        *done = (struct sp_object_done){.shape = SP_SHAPE_ARCHIVE};
    enum sp_err err = sp_lane_unread(lane, &unread, why);
    if (err == SP_OK && nothing)
        err = sp_lane_read_raw(lane, attempt->fd, why);
    done->state = SP_STATE_PARTIAL;
    return err;
}

static enum sp_err lane_read_attempts(struct lane_attempt *attempt, struct sp_object_done *done,
                                      struct sp_why *why)
{
    for (unsigned count = 1;; count++) {
        bool again = false;
        enum sp_err err = attempt_run(attempt, why);
        if (err != SP_OK)
            return err;
        *done = attempt->result.done;
        attempt_name_disk(attempt, done);
        if (attempt->result.end == SP_WIRE_DONE && attempt->result.worker_err == SP_OK) {
            err = attempt_lost_told(attempt, why);
            return err != SP_OK ? err : attempt_fed_told(attempt, done, why);
        }
        if (!attempt->fed.whole) { /* it is not the worker's fault */
            bool dropped;
            err = attempt_close(attempt, true, &dropped, why);
            return err != SP_OK ? err : attempt_fed_told(attempt, done, why);
        }
        if (attempt->result.end != SP_WIRE_DONE && count < LANE_ATTEMPTS_MAX) {
            err = attempt_plan_next(attempt, &again, why);
        } else {
            bool dropped;
            err = attempt_close(attempt, true, &dropped, why);
        }
        if (err != SP_OK)
            return err;
        if (!again)
            return attempt_give_up(attempt, done, why);
    }
}

/* disk: what an image is that is for speur-disk, or NULL. */
static enum sp_err lane_read_in_worker(struct sp_lane *lane, int fd, bool is_container,
                                       const char *disk, struct sp_object_done *done,
                                       struct sp_why *why)
{
    struct lane_attempt attempt = {.lane = lane,
                                   .fd = fd,
                                   .base = lane->open_count,
                                   .is_container = is_container,
                                   .disk = disk,
                                   .is_picture = sp_mime_is_picture(sp_lane_top(lane)->info.mime)};
    if (attempt.is_picture && (lane->shared->options->limits.programs & SP_PROGRAM_OCR) == 0)
        return sp_lane_unread_reason(lane, SP_REASON_NEEDS_OCR, "a picture", false, why);
    if (lane->links_used == SP_LANE_LINKS_MAX)
        return sp_lane_unread_reason(lane, SP_REASON_LIMIT_DEPTH, "too many containers at once",
                                     false, why);
    sp_buf_init(&attempt.spans, (SP_PLAN_SPANS_MAX + 1) * sizeof(struct sp_span));
    enum sp_err err = SP_OK;
    if (lane->resume.object != 0 && lane->resume.object == sp_lane_top(lane)->id)
        err = sp_buf_append(&attempt.spans, lane->resume.spans.data, lane->resume.spans.len, why);
    if (err == SP_OK)
        err = lane_read_attempts(&attempt, done, why);
    sp_buf_clear(&attempt.spans);
    return err;
}

/* ---- reading ------------------------------------------------------------------------------- */
/* What hangs below the file at hand and was finished by a scan before. */
static struct sp_plan lane_plan(const struct sp_lane *lane)
{
    struct sp_plan plan = {.done_count = 0};
    if (lane->resume.object == 0 || lane->resume.object != lane->open[lane->open_count - 1].id)
        return plan;
    plan.done = (const struct sp_span *)(const void *)lane->resume.spans.data;
    plan.done_count = lane->resume.spans.len / sizeof(struct sp_span);
    return plan;
}

bool sp_lane_is_done(const struct sp_lane *lane, uint64_t ordinal)
{
    const struct sp_plan plan = lane_plan(lane);
    return sp_plan_is_done(&plan, ordinal);
}

static struct sp_extract lane_extract(struct sp_lane *lane, struct sp_stream *stream,
                                      struct sp_object_done *done)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    return (struct sp_extract){.stream = stream,
                               .info = &object->info,
                               .sink = &lane->base,
                               .limits = &lane->shared->options->limits,
                               .depth = object->depth,
                               .top_bytes = lane->top_bytes,
                               .done = done};
}

enum sp_err sp_lane_read_aside(struct sp_lane *lane, struct sp_stream *stream,
                               struct sp_object_done *done, struct sp_why *why)
{
    const char *format = done->format;
    struct sp_extract extract = lane_extract(lane, stream, done);
    enum sp_err err = sp_extract_raw(&extract, why);
    done->format = format; /* that of the raw pass lies in `extract` */
    return err;
}

enum sp_err sp_lane_read_raw(struct sp_lane *lane, int fd, struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_PARTIAL};
    struct sp_stream *stream = NULL;
    enum sp_err err = sp_stream_open_fd(fd, false, &stream, why);
    if (err == SP_OK)
        err = sp_lane_read_aside(lane, stream, &done, why);
    sp_stream_close(stream);
    return err;
}

static enum sp_err lane_read(struct sp_lane *lane, int fd, struct sp_object_done *done,
                             struct sp_why *why)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    struct sp_stream *stream = NULL;
    if (sp_mime_is_picture(object->info.mime))
        return lane_read_in_worker(lane, fd, false, NULL, done, why);
    enum sp_err err = sp_stream_open_fd(fd, false, &stream, why);
    if (err != SP_OK)
        return err;
    struct sp_identity identity = {.sure = false};
    struct sp_slice head;
    if (sp_stream_fd(stream) >= 0) { /* a pipe can be looked at only by who reads it */
        err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
        if (err == SP_OK) {
            sp_identify_stream(stream, head, object->info.name, false, &identity);
            sp_identify_declared(&object->info, &identity);
        }
    }
    bool is_disk = identity.is_disk && lane_can_seek(fd) &&
                   (lane->shared->options->limits.programs & SP_PROGRAM_DISK) != 0;
    if (err == SP_OK && is_disk) {
        err = lane_read_in_worker(lane, fd, true, identity.detail, done, why);
    } else if (err == SP_OK && identity.sure && identity.extractor->place == SP_PLACE_ANY) {
        struct sp_extract extract = lane_extract(lane, stream, done);
        const struct sp_plan plan = lane_plan(lane);
        extract.plan = &plan;
        extract.given = &identity;
        err = sp_extract_run(&extract, false, why);
        if (done->format != NULL) { /* it lies in `extract`, and is needed longer */
            (void)snprintf(lane->format, sizeof lane->format, "%s", done->format);
            done->format = lane->format;
        }
    } else if (err == SP_OK) {
        enum sp_shape shape =
            identity.extractor == NULL ? SP_SHAPE_NONE : identity.extractor->shape;
        bool is_container = shape == SP_SHAPE_ARCHIVE || shape == SP_SHAPE_MAILBOX;
        err = lane_read_in_worker(lane, fd, is_container, NULL, done, why);
    }
    sp_stream_close(stream);
    return err;
}

enum sp_err sp_lane_finish(struct sp_lane *lane, int fd, struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_OPEN, .shape = SP_SHAPE_NONE};
    struct sp_lane_object *object = sp_lane_top(lane);
    enum sp_err err = lane_read(lane, fd, &done, why);
    if (err == SP_OK && object->has_stat)
        err = sp_lane_attributes(lane, fd, why);
    if (err == SP_OK && object->is_root_file && !object->has_stat && done.bytes_read == 0)
        err = sp_lane_unread_reason(lane, SP_REASON_TRUNCATED,
                                    "nothing came: did the program before it fail?", false, why);
    if (err == SP_OK && object->has_stat) { /* was it another file when we had read it? */
        struct stat st = {0};
        struct sp_stat_id now;
        bool gone = fstat(fd, &st) != 0;
        sp_open_stat_id(&st, &now);
        if (gone || now.size != object->stat.size || now.mtime_ns != object->stat.mtime_ns ||
            now.ctime_ns != object->stat.ctime_ns)
            err = sp_lane_unread_reason(lane, SP_REASON_CHANGED, "it changed while it was read",
                                        true, why);
    }
    return err == SP_OK ? sp_lane_close(lane, &done, why) : err;
}
