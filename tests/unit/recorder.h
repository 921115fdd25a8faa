/* A sink that writes down what it is told, one event a line, in a form that does not depend on
 * how the input or the text was cut into blocks, so that tests compare it with a golden string:
 *
 *   begin member 1 "a.txt" regular size=12 link="b" mtime=5 owner="jan" group="staff"
 *     record document 1 line=1 table="t" pk="id=1" message-id="x@y" date=7
 *       field "key" part="1.2" column=3 line=4
 *       text "a\x0ab" @0 @12:40        text byte 0 stems from source byte 0, byte 12 from byte 40
 *     end record
 *     child member 2 "x.zip" size=99 bytes=99
 *     unread corrupt "detail" read=5 expected=9 partial fallback
 *   end plain document ascii bytes=12 records=1 complete
 *
 * What is unknown or empty is left out. Texts of one record or field are joined. The recorder
 * fails the test when the order of calls, a size, or the state of an object breaks the contract
 * of core/sink.h. It takes no memory from base/mem.h: out-of-memory loops do not meet it. */
#ifndef SP_TESTS_RECORDER_H
#define SP_TESTS_RECORDER_H

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/sink.h"
#include "core/stream.h"
#include "extract/extract.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RECORDER_DEPTH_MAX = 64 };

struct recorder_object {
    bool in_record;
    bool has_gap;   /* an unread record of class gap */
    bool has_noted; /* an unread record of class noted */
    uint64_t records;
    uint64_t ordinal_first; /* of its records: 0 when the first is a CSV header, else 1 */
    uint64_t ordinal;       /* of the last object or child below it */
};

struct recorder {
    struct sp_sink sink; /* first */
    bool hide_offsets;   /* leaves the origin points out */
    char *out;           /* the events so far, NUL-terminated */
    size_t out_len;
    size_t out_cap;
    uint8_t *text; /* of the record or field that is open, not yet written */
    uint64_t *origin;
    size_t text_len;
    size_t text_cap;
    struct recorder_object stack[RECORDER_DEPTH_MAX];
    unsigned depth; /* objects begun and not ended, the job's own not counted */
    /* totals over all objects */
    uint64_t objects;
    uint64_t gaps;
    uint64_t children;
    enum sp_err fail_with; /* when not SP_OK: the fail_at-th call fails with it */
    uint64_t fail_at;
    uint64_t calls;
};

/* ---- writing ----------------------------------------------------------------------------- */
static inline void recorder_put(struct recorder *rec, const char *bytes, size_t len)
{
    if (rec->out_cap - rec->out_len <= len) {
        rec->out_cap = (rec->out_cap + len) * 2 + 256;
        rec->out = realloc(rec->out, rec->out_cap);
        assert_non_null(rec->out);
    }
    if (len > 0)
        memcpy(rec->out + rec->out_len, bytes, len);
    rec->out_len += len;
    rec->out[rec->out_len] = '\0';
}

__attribute__((format(printf, 2, 3))) static inline void recorder_printf(struct recorder *rec,
                                                                         const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < sizeof line);
    recorder_put(rec, line, (size_t)len);
}

static inline void recorder_quote(struct recorder *rec, const char *label, struct sp_slice bytes)
{
    recorder_printf(rec, "%s\"", label);
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];
        if (byte < 0x20 || byte == 0x7F || byte == '"' || byte == '\\')
            recorder_printf(rec, "\\x%02x", byte);
        else
            recorder_put(rec, (const char *)&byte, 1);
    }
    recorder_put(rec, "\"", 1);
}

static inline void recorder_quote_some(struct recorder *rec, const char *label,
                                       struct sp_slice bytes)
{
    if (bytes.len > 0)
        recorder_quote(rec, label, bytes);
}

static inline void recorder_number(struct recorder *rec, const char *label, uint64_t number,
                                   uint64_t unknown)
{
    if (number != unknown)
        recorder_printf(rec, "%s%" PRIu64, label, number);
}

static inline void recorder_indent(struct recorder *rec, unsigned more)
{
    for (unsigned i = 0; i < rec->depth + more; i++)
        recorder_put(rec, "  ", 2);
}

/* Writes the text that was joined, with a point wherever the source does not go on by one. */
static inline void recorder_flush(struct recorder *rec)
{
    if (rec->text_len == 0)
        return;
    recorder_indent(rec, 2);
    recorder_quote(rec, "text ", (struct sp_slice){rec->text, rec->text_len});
    for (size_t i = 0; i < rec->text_len && !rec->hide_offsets; i++) {
        bool unknown = rec->origin[i] == SP_SIZE_UNKNOWN;
        bool unknown_before = i > 0 && rec->origin[i - 1] == SP_SIZE_UNKNOWN;
        if (i > 0 && unknown == unknown_before &&
            (unknown || rec->origin[i] == rec->origin[i - 1] + 1))
            continue;
        if (rec->origin[i] == SP_SIZE_UNKNOWN)
            recorder_printf(rec, " @%zu:?", i);
        else if (i == 0)
            recorder_printf(rec, " @%" PRIu64, rec->origin[i]);
        else
            recorder_printf(rec, " @%zu:%" PRIu64, i, rec->origin[i]);
    }
    recorder_put(rec, "\n", 1);
    rec->text_len = 0;
}

/* Counts a call; the chosen one fails. */
static inline enum sp_err recorder_call(struct recorder *rec, struct sp_why *why)
{
    rec->calls++;
    if (rec->fail_with != SP_OK && rec->calls >= rec->fail_at)
        return sp_fail(why, rec->fail_with, "the test makes this call fail");
    return SP_OK;
}

/* ---- the doors --------------------------------------------------------------------------- */
static inline void recorder_info(struct recorder *rec, const char *verb,
                                 const struct sp_object_info *info)
{
    static const char *const steps[] = {"file", "member", "message", "part"};
    static const char *const nodes[] = {"regular", "directory", "symlink", "hardlink", "special"};
    assert_true((unsigned)info->step < SP_STEP_COUNT);
    recorder_indent(rec, 1);
    recorder_printf(rec, "%s %s %" PRIu64, verb, steps[info->step], info->ordinal);
    recorder_quote(rec, " ", info->name);
    if (info->node != SP_NODE_REGULAR)
        recorder_printf(rec, " %s", nodes[info->node]);
    recorder_quote_some(rec, " part=", info->part);
    recorder_quote_some(rec, " link=", info->link);
    recorder_number(rec, " size=", info->size_claimed, SP_SIZE_UNKNOWN);
    if (info->mtime_s != INT64_MIN)
        recorder_printf(rec, " mtime=%" PRId64, info->mtime_s);
    recorder_quote_some(rec, " owner=", info->owner);
    recorder_quote_some(rec, " group=", info->group);
    if (info->mime != NULL)
        recorder_printf(rec, " mime=%s", info->mime);
}

static inline struct recorder_object *recorder_top(struct recorder *rec)
{
    return &rec->stack[rec->depth];
}

/* Ordinals below one parent ascend from 1 without a gap. */
static inline void recorder_ordinal(struct recorder *rec, const struct sp_object_info *info)
{
    struct recorder_object *top = recorder_top(rec);
    assert_false(top->in_record);
    top->ordinal++;
    if (info->ordinal != top->ordinal)
        fail_msg("ordinal %" PRIu64 " where %" PRIu64 " was due, after:\n%s", info->ordinal,
                 top->ordinal, rec->out);
}

static inline enum sp_err
recorder_object_begin(struct sp_sink *sink, const struct sp_object_info *info, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    recorder_ordinal(rec, info);
    recorder_info(rec, "begin", info);
    recorder_put(rec, "\n", 1);
    assert_true(rec->depth + 1 < RECORDER_DEPTH_MAX);
    rec->depth++;
    rec->objects++;
    *recorder_top(rec) = (struct recorder_object){0};
    return recorder_call(rec, why);
}

static inline void recorder_done(struct recorder *rec, const struct sp_object_done *done)
{
    static const char *const shapes[] = {"document", "records", "mailbox", "archive", "none"};
    const struct recorder_object *top = recorder_top(rec);
    assert_false(top->in_record);
    assert_non_null(done->format);
    assert_true((unsigned)done->shape <= SP_SHAPE_NONE);
    recorder_indent(rec, 0);
    recorder_printf(rec, "end %s %s", done->format, shapes[done->shape]);
    if (done->encoding != NULL)
        recorder_printf(rec, " %s", done->encoding);
    recorder_printf(rec, " bytes=%" PRIu64 " records=%" PRIu64 " %s\n", done->bytes_read,
                    done->record_count, sp_state_name(done->state));
    bool whole = done->state == SP_STATE_COMPLETE;
    /* a CSV header is no record of anybody */
    uint64_t records = top->records - (top->records > 0 && top->ordinal_first == 0);
    if (done->state == SP_STATE_OPEN || (whole && top->has_gap) ||
        (!whole && !top->has_gap && !top->has_noted) || done->record_count != records)
        fail_msg("state or record count is not what was told:\n%s", rec->out);
}

static inline enum sp_err recorder_object_end(struct sp_sink *sink,
                                              const struct sp_object_done *done, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    assert_true(rec->depth > 0);
    recorder_done(rec, done);
    rec->depth--;
    return recorder_call(rec, why);
}

static inline enum sp_err recorder_record_begin(struct sp_sink *sink,
                                                const struct sp_record *record, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    struct recorder_object *top = recorder_top(rec);
    assert_false(top->in_record);
    top->in_record = true;
    top->records++;
    if (top->records == 1) /* a CSV header is record 0 */
        top->ordinal_first = record->ordinal == 0 ? 0 : 1;
    assert_int_equal(record->ordinal, top->records - 1 + top->ordinal_first);
    recorder_indent(rec, 1);
    recorder_printf(rec, "record %s %" PRIu64, sp_record_kind_name(record->kind), record->ordinal);
    recorder_number(rec, " line=", record->line, 0);
    recorder_number(rec, " row=", record->row, 0);
    recorder_quote_some(rec, " table=", record->table);
    recorder_quote_some(rec, " pk=", record->pk);
    recorder_quote_some(rec, " message-id=", record->message_id);
    if (record->date_s != INT64_MIN)
        recorder_printf(rec, " date=%" PRId64, record->date_s);
    recorder_put(rec, "\n", 1);
    return recorder_call(rec, why);
}

static inline enum sp_err recorder_record_end(struct sp_sink *sink, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    assert_true(recorder_top(rec)->in_record);
    recorder_flush(rec);
    recorder_top(rec)->in_record = false;
    recorder_indent(rec, 1);
    recorder_printf(rec, "end record\n");
    return recorder_call(rec, why);
}

static inline enum sp_err recorder_field(struct sp_sink *sink, const struct sp_field *field,
                                         struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    assert_true(recorder_top(rec)->in_record);
    assert_true(sp_utf8_valid(field->key) && field->key.len <= SP_NAME_MAX_BYTES);
    recorder_flush(rec);
    recorder_indent(rec, 2);
    recorder_quote(rec, "field ", field->key);
    recorder_quote_some(rec, " part=", field->part);
    recorder_number(rec, " column=", field->column, 0);
    recorder_number(rec, " line=", field->line == SP_LINE_NONE ? 0 : field->line, 0);
    recorder_put(rec, "\n", 1);
    return recorder_call(rec, why);
}

static inline enum sp_err recorder_text_in(struct sp_sink *sink, struct sp_slice utf8,
                                           struct sp_origin_map map, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    assert_true(recorder_top(rec)->in_record);
    assert_true(utf8.len > 0 && utf8.len <= SP_FRAME_TEXT_MAX);
    assert_true(sp_utf8_valid(utf8));
    if (rec->text_cap - rec->text_len < utf8.len) {
        rec->text_cap = (rec->text_cap + utf8.len) * 2;
        rec->text = realloc(rec->text, rec->text_cap);
        rec->origin = realloc(rec->origin, rec->text_cap * sizeof *rec->origin);
        assert_true(rec->text != NULL && rec->origin != NULL);
    }
    memcpy(rec->text + rec->text_len, utf8.ptr, utf8.len);
    assert_true(map.count == 0 || map.points[0].text_pos == 0);
    size_t point = 0;
    for (size_t i = 0; i < utf8.len; i++) {
        while (point + 1 < map.count && map.points[point + 1].text_pos <= i) {
            assert_true(map.points[point + 1].text_pos > map.points[point].text_pos);
            point++;
        }
        rec->origin[rec->text_len + i] =
            map.count == 0 ? SP_SIZE_UNKNOWN
                           : map.points[point].source_off + (i - map.points[point].text_pos);
    }
    rec->text_len += utf8.len;
    return recorder_call(rec, why);
}

/* A child must be a memfd that nobody can change any more, and whole. */
static inline enum sp_err recorder_child(struct sp_sink *sink, const struct sp_object_info *info,
                                         int fd, struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    struct stat st;
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    recorder_ordinal(rec, info);
    assert_int_equal(fcntl(fd, F_GET_SEALS) & seals, seals);
    assert_int_equal(fstat(fd, &st), 0);
    recorder_info(rec, "child", info);
    recorder_printf(rec, " bytes=%" PRId64 "\n", (int64_t)st.st_size);
    assert_int_equal(close(fd), 0);
    rec->children++;
    return recorder_call(rec, why);
}

static inline enum sp_err recorder_unread(struct sp_sink *sink, const struct sp_unread *unread,
                                          struct sp_why *why)
{
    struct recorder *rec = (struct recorder *)sink;
    struct recorder_object *top = recorder_top(rec);
    assert_false(top->in_record);
    assert_true((unsigned)unread->reason < SP_REASON_COUNT);
    assert_null(strchr(unread->detail, '\n'));
    if (sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP) {
        top->has_gap = true;
        rec->gaps++;
    } else {
        top->has_noted = true;
    }
    recorder_indent(rec, 1);
    recorder_printf(rec, "unread %s", sp_reason_name(unread->reason));
    recorder_quote_some(rec, " ", sp_slice_of(unread->detail));
    recorder_number(rec, " read=", unread->bytes_read, SP_SIZE_UNKNOWN);
    recorder_number(rec, " expected=", unread->bytes_expected, SP_SIZE_UNKNOWN);
    recorder_printf(rec, "%s%s\n", unread->partial ? " partial" : "",
                    unread->fallback ? " fallback" : "");
    return recorder_call(rec, why);
}

/* ---- use --------------------------------------------------------------------------------- */
static inline void recorder_init(struct recorder *rec)
{
    static const struct sp_sink_ops ops = {
        .object_begin = recorder_object_begin,
        .object_end = recorder_object_end,
        .record_begin = recorder_record_begin,
        .record_end = recorder_record_end,
        .field = recorder_field,
        .text = recorder_text_in,
        .child = recorder_child,
        .unread = recorder_unread,
    };
    *rec = (struct recorder){.sink = {&ops}};
    recorder_put(rec, "", 0);
}

static inline void recorder_clear(struct recorder *rec)
{
    free(rec->out);
    free(rec->text);
    free(rec->origin);
    *rec = (struct recorder){0};
}

/* True when the events hold this piece. */
static inline bool recorder_has(const struct recorder *rec, const char *piece)
{
    return strstr(rec->out, piece) != NULL;
}

static inline void recorder_expect(const struct recorder *rec, const char *piece)
{
    if (!recorder_has(rec, piece))
        fail_msg("expected \"%s\" in:\n%s", piece, rec->out);
}

static inline void recorder_refuse(const struct recorder *rec, const char *piece)
{
    if (recorder_has(rec, piece))
        fail_msg("did not expect \"%s\" in:\n%s", piece, rec->out);
}

/* ---- a stream over memory that comes in blocks of a chosen size --------------------------- */
struct recorder_blocks {
    struct sp_slice left;
    size_t block;
    uint8_t *copy; /* the block given last; freed and made anew, so that ASan sees a late use */
};

static inline enum sp_err recorder_blocks_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    (void)why;
    struct recorder_blocks *blocks = self;
    size_t len = blocks->left.len < blocks->block ? blocks->left.len : blocks->block;
    free(blocks->copy);
    blocks->copy = malloc(len + 1);
    assert_non_null(blocks->copy);
    if (len > 0)
        memcpy(blocks->copy, blocks->left.ptr, len);
    *out = (struct sp_slice){blocks->copy, len};
    if (len > 0)
        blocks->left.ptr += len;
    blocks->left.len -= len;
    return SP_OK;
}

static inline void recorder_blocks_close(void *self)
{
    struct recorder_blocks *blocks = self;
    free(blocks->copy);
    free(blocks);
}

/* NULL when sp_mem_fail_at made it fail. */
static inline struct sp_stream *recorder_stream(struct sp_slice bytes, size_t block)
{
    static const struct sp_source_ops ops = {recorder_blocks_next, recorder_blocks_close};
    struct recorder_blocks *blocks = malloc(sizeof *blocks);
    assert_non_null(blocks);
    *blocks = (struct recorder_blocks){.left = bytes, .block = block};
    struct sp_stream *stream = NULL;
    if (sp_stream_open(&ops, blocks, &stream, NULL) != SP_OK)
        free(blocks);
    return stream;
}

/* What a job is made of; all zero gives the defaults. */
struct recorder_job {
    const char *name;         /* default "input" */
    struct sp_limits *limits; /* default sp_limits_init */
    bool hand_out_children;   /* default: children are read inline */
    bool use_magic;
    const struct sp_plan *plan;
    enum sp_err (*extract)(struct sp_extract *, struct sp_why *); /* default sp_extract_run */
};

/* Runs a job over a stream (closes it) and writes the line "end ..." of the job's own object.
 * Returns what the extractor returned. */
static inline enum sp_err recorder_run(struct recorder *rec, struct sp_stream *stream,
                                       const struct recorder_job *job)
{
    struct sp_limits limits;
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    struct sp_why why = {""};
    sp_limits_init(&limits);
    struct sp_object_info info = {.step = SP_STEP_FILE,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = 1,
                                  .name = sp_slice_of(job->name == NULL ? "input" : job->name),
                                  .size_claimed = sp_stream_size(stream),
                                  .mtime_s = INT64_MIN};
    struct sp_extract x = {.stream = stream,
                           .info = &info,
                           .sink = &rec->sink,
                           .limits = job->limits == NULL ? &limits : job->limits,
                           .top_bytes = sp_stream_size(stream),
                           .plan = job->plan,
                           .inline_children = !job->hand_out_children,
                           .done = &done};
    enum sp_err err =
        job->extract != NULL ? job->extract(&x, &why) : sp_extract_run(&x, job->use_magic, &why);
    if (err == SP_OK) {
        assert_int_equal(rec->depth, 0);
        if (done.format == NULL)
            done.format = "?"; /* an extractor called directly: sp_extract_run names formats */
        recorder_done(rec, &done);
    }
    sp_stream_close(stream);
    return err;
}

/* The same over bytes in blocks of `block` bytes (0: all at once). */
static inline enum sp_err recorder_bytes(struct recorder *rec, struct sp_slice bytes, size_t block,
                                         const struct recorder_job *job)
{
    struct sp_stream *stream = recorder_stream(bytes, block == 0 ? bytes.len + 1 : block);
    return stream == NULL ? SP_ERR_NOMEM : recorder_run(rec, stream, job);
}

#endif
