/* The sink of a lane: objects become rows, matches become sealed findings. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "scan/lane.h"
#include "scan/tokens.h"

#include <assert.h>
#include <unistd.h>

enum {
    LANE_BATCH_BYTES = 4 << 20, /* memory of one batch */
    LANE_BATCH_OBJECTS = 4096,
    LANE_BATCH_MS = 1000, /* what a crash may lose */
    LANE_SAFE_MAX = 2 * SP_NAME_MAX_BYTES
};

static struct sp_lane *lane_of(struct sp_sink *sink)
{
    return (struct sp_lane *)sink;
}

struct sp_lane_object *sp_lane_top(struct sp_lane *lane)
{
    assert(lane->open_count > 0);
    return &lane->open[lane->open_count - 1];
}

static void lane_count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* ---- rows ---------------------------------------------------------------------------------- */
static enum sp_err lane_put_row(struct sp_lane *lane, struct sp_lane_object *object,
                                const struct sp_object_done *done, struct sp_why *why)
{
    const struct sp_object_info *info = &object->info;
    struct sp_object_row row = {
        .id = object->id,
        .root_id = lane->shared->root_id,
        .scan_id = lane->shared->scan_id,
        .parent = object->parent,
        .unit = object->unit,
        .ordinal = info->ordinal,
        .depth = object->depth,
        .step = info->step,
        .node = info->node,
        .state = done->state,
        .shape = done->shape,
        .name = info->name,
        .part = info->part,
        .link = info->link,
        .format = done->format,
        .encoding = done->encoding,
        .size = info->size_claimed,
        .bytes_read = done->bytes_read,
        .record_count = done->record_count,
        .mtime_s = info->mtime_s,
        .stat = object->has_stat ? &object->stat : NULL,
        .owner = info->owner,
        .group = info->group,
        .mode = object->mode,
    };
    row.account = object->account;
    object->is_stored = true;
    object->is_kept_in_part = true;
    return sp_batch_object(lane->batch, &row, why);
}

/* Before a flush every open object must have a row, so that a crash leaves nothing without one. */
static enum sp_err lane_put_open_rows(struct sp_lane *lane, struct sp_why *why)
{
    const struct sp_object_done open = {.state = SP_STATE_OPEN, .shape = SP_SHAPE_NONE};
    enum sp_err err = SP_OK;
    for (unsigned i = 0; err == SP_OK && i < lane->open_count; i++)
        if (!lane->open[i].is_stored)
            err = lane_put_row(lane, &lane->open[i], &open, why);
    return err;
}

enum sp_err sp_lane_flush(struct sp_lane *lane, struct sp_why *why)
{
    enum sp_err err = lane_put_open_rows(lane, why);
    if (err == SP_OK)
        err = sp_batch_flush(lane->batch, why);
    for (unsigned i = 0; err == SP_OK && i < lane->open_count; i++)
        lane->open[i].is_flushed = true;
    lane->flushed_ms = (uint64_t)sp_clock_ms();
    return err;
}

static enum sp_err lane_flush_when_due(struct sp_lane *lane, struct sp_why *why)
{
    if (sp_batch_bytes(lane->batch) < LANE_BATCH_BYTES &&
        sp_batch_objects(lane->batch) < LANE_BATCH_OBJECTS &&
        (uint64_t)sp_clock_ms() - lane->flushed_ms < LANE_BATCH_MS)
        return SP_OK;
    return sp_lane_flush(lane, why);
}

/* ---- findings ------------------------------------------------------------------------------ */
static enum sp_err lane_put_segment(struct sp_lane *lane, struct sp_lane_object *object,
                                    struct sp_why *why)
{
    if (object->segment.finding_count == 0)
        return SP_OK;
    sp_lane_keep_in_part(lane);
    enum sp_err err =
        sp_batch_segment(lane->batch, object->id, ++object->segments, &object->segment, why);
    sp_segment_reset(&object->segment);
    object->record_kept = false;
    return err == SP_OK ? lane_flush_when_due(lane, why) : err;
}

/* Lines of a log are records of their own, though the extractor sends them as one text. */
static uint64_t lane_ordinal(const struct sp_located *located)
{
    return located->record->kind == SP_RECORD_LINE ? located->line : located->record->ordinal;
}

static enum sp_err lane_keep_record(struct sp_lane *lane, struct sp_lane_object *object,
                                    const struct sp_located *located, struct sp_why *why)
{
    uint64_t ordinal = lane_ordinal(located);
    const struct sp_record *told = located->record;
    if (object->record_kept && object->kept_ordinal == ordinal && object->kept_kind == told->kind)
        return SP_OK;
    struct sp_buf pk;
    struct sp_buf id;
    struct sp_buf table;
    sp_buf_init(&pk, LANE_SAFE_MAX);
    sp_buf_init(&id, LANE_SAFE_MAX);
    sp_buf_init(&table, LANE_SAFE_MAX);
    enum sp_err err = sp_safe_pk(told->pk, &pk, why);
    if (err == SP_OK)
        err = sp_safe_part(&lane->safe, told->table, &table, why);
    if (err == SP_OK)
        err = sp_safe_message_id(&lane->safe, told->message_id, &id, why);
    if (err == SP_OK) {
        const struct sp_kept_record record = {
            .kind = told->kind,
            .ordinal = ordinal,
            .row = told->row != 0 ? told->row : ordinal,
            .line = told->kind == SP_RECORD_LINE ? located->line : told->line,
            .date_s = located->date_s,
            .table = sp_buf_slice(&table),
            .pk = sp_buf_slice(&pk),
            .message_id = sp_buf_slice(&id),
        };
        err = sp_segment_add_record(&object->segment, &record, why);
    }
    object->record_kept = err == SP_OK;
    object->kept_ordinal = ordinal;
    object->kept_kind = told->kind;
    sp_buf_clear(&pk);
    sp_buf_clear(&id);
    sp_buf_clear(&table);
    return err;
}

/* Whoever copies records hears of each match too. */
static enum sp_err lane_copy_match(struct sp_lane *lane, const struct sp_located *located,
                                   const struct sp_kept_finding *finding, struct sp_why *why)
{
    const struct sp_copy_options *copy = lane->shared->options->copy;
    if (lane->copier == NULL || sp_type_is_category(located->match->type)) /* nobody's by itself */
        return SP_OK;
    struct sp_copy_match match = {
        .begin = located->at,
        .end = located->at + located->match->len,
        .line = located->line,
        .own = copy->own(copy->own_ctx, finding),
    };
    const struct sp_match *found = located->match;
    enum sp_err err = SP_OK;
    for (unsigned i = 0; err == SP_OK && i < found->part_count; i++) {
        const struct sp_copy_match part = {
            .begin = located->at - found->begin + found->parts[i].begin,
            .end = located->at - found->begin + found->parts[i].end,
            .line = located->line,
            .own = match.own,
            .part = true,
            .mask = "***",
        };
        err = sp_copier_match(lane->copier, &part, why);
    }
    if (err != SP_OK)
        return err;
    (void)snprintf(match.mask, sizeof match.mask, "%.*s", (int)finding->mask.len,
                   (const char *)finding->mask.ptr);
    return sp_copier_match(lane->copier, &match, why);
}

enum sp_err sp_lane_located(void *ctx, const struct sp_located *located, struct sp_why *why)
{
    struct sp_lane *lane = ctx;
    struct sp_lane_object *object = sp_lane_top(lane);
    const struct sp_scan_options *options = lane->shared->options;
    const struct sp_match *match = located->match;
    sp_seen_prefetch(&object->seen, located);
    char mask[SP_MASK_LEN], holder[SP_MASK_LEN] = "";
    sp_mask(match->type, match->canonical, options->mask_hint, mask);
    if (located->holder != NULL)
        sp_mask(SP_TYPE_NAME, located->holder, options->mask_hint, holder);
    struct sp_buf key, part;
    sp_buf_init(&key, LANE_SAFE_MAX);
    sp_buf_init(&part, LANE_SAFE_MAX);
    bool category = sp_type_is_category(match->type);
    enum sp_err err = category ? sp_safe_names(located->key, &key, why)
                               : sp_safe_part(&lane->safe, located->key, &key, why);
    if (err == SP_OK)
        err = category ? sp_safe_names(located->part, &part, why)
                       : sp_safe_pointer(&lane->safe, located->part, &part, why);
    struct sp_kept_finding finding = {
        .type = match->type,
        .confidence = match->confidence,
        .attributes = match->attributes,
        .offset = located->offset,
        .length = located->length,
        .line = located->line,
        .line_column = located->line_column,
        .column = located->column,
        .key = sp_buf_slice(&key),
        .part = sp_buf_slice(&part),
        .mask = sp_slice_of(mask),
        .holder = sp_slice_of(holder),
    };
    if (options->keep_values)
        finding.value = (struct sp_slice){match->canonical->bytes, match->canonical->len};
    sp_tokens_of(options->key, match, &finding);
    bool again = sp_seen_before(&object->seen, located, finding.tokens[0].bytes);
    if (err == SP_OK && !again)
        err = lane_keep_record(lane, object, located, why);
    if (err == SP_OK && !again)
        err = sp_segment_add_finding(&object->segment, &finding, why);
    if (err == SP_OK)
        err = lane_copy_match(lane, located, &finding, why);
    sp_buf_clear(&key);
    sp_buf_clear(&part);
    if (options->progress != NULL && match->confidence >= SP_CONF_MEDIUM && !again)
        lane_count(&options->progress->findings, 1);
    if (err == SP_OK && sp_segment_full(&object->segment))
        err = lane_put_segment(lane, object, why);
    return err;
}

enum sp_err sp_lane_unjudged(void *ctx, uint64_t offset, uint64_t at, struct sp_why *why)
{
    struct sp_lane *lane = ctx;
    struct sp_unread unread;
    const struct sp_copy_match match = {.begin = at, .end = at + 1, .unjudged = true};
    enum sp_err err = lane->copier == NULL ? SP_OK : sp_copier_match(lane->copier, &match, why);
    if (err != SP_OK)
        return err;
    sp_unread_init(&unread, SP_REASON_LIMIT_MATCH);
    unread.partial = true;
    if (offset != SP_SIZE_UNKNOWN)
        (void)snprintf(unread.detail, sizeof unread.detail,
                       "a candidate near byte %llu was too hard to judge",
                       (unsigned long long)offset);
    return sp_lane_unread(lane, &unread, why);
}

/* ---- text ---------------------------------------------------------------------------------- */
/* To the window, and to the copier where there is one, which hears of a text before the window
 * matches it, and settles what the window has matched. */
static enum sp_err lane_settle(struct sp_lane *lane, enum sp_err err, struct sp_why *why)
{
    if (err != SP_OK || lane->copier == NULL)
        return err;
    return sp_copier_settle(lane->copier, sp_window_matched(lane->window), why);
}

static enum sp_err lane_begin(struct sp_lane *lane, const struct sp_record *record,
                              struct sp_why *why)
{
    enum sp_err err = sp_window_record_begin(lane->window, record, why);
    if (err == SP_OK && lane->copier != NULL)
        err = sp_copier_begin(lane->copier, sp_lane_top(lane)->id, record,
                              sp_window_at(lane->window), why);
    return lane_settle(lane, err, why);
}

static enum sp_err lane_end(struct sp_lane *lane, struct sp_why *why)
{
    if (lane->copier != NULL)
        sp_copier_end(lane->copier);
    return lane_settle(lane, sp_window_record_end(lane->window, why), why);
}

static enum sp_err lane_put_text(struct sp_lane *lane, struct sp_slice utf8,
                                 struct sp_origin_map map, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (lane->copier != NULL)
        err = sp_copier_text(lane->copier, utf8, sp_window_at(lane->window), why);
    if (err == SP_OK)
        err = sp_window_text(lane->window, utf8, map, why);
    return lane_settle(lane, err, why);
}

/* Matches all that is left. */
static enum sp_err lane_finish(struct sp_lane *lane, struct sp_why *why)
{
    if (lane->copier != NULL)
        sp_copier_end(lane->copier); /* one that its sender left open */
    return lane_settle(lane, sp_window_finish(lane->window, why), why);
}

/* ---- objects ------------------------------------------------------------------------------- */
static enum sp_err lane_copy_name(struct sp_buf *names, struct sp_slice from, size_t *at,
                                  struct sp_why *why)
{
    *at = names->len;
    return sp_buf_append(names, from.ptr, from.len, why);
}

static enum sp_err lane_copy_info(struct sp_lane *lane, struct sp_lane_object *object,
                                  const struct sp_object_info *info, struct sp_why *why)
{
    const struct sp_slice *from[] = {&info->name, &info->part, &info->link, &info->owner,
                                     &info->group};
    struct sp_slice *to[] = {&object->info.name, &object->info.part, &object->info.link,
                             &object->info.owner, &object->info.group};
    size_t at[sizeof to / sizeof to[0]];
    object->info = *info;
    object->info.mime = sp_mime_kept(info->mime);
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof to / sizeof to[0]; i++) {
        if (i == 0 && info->step == SP_STEP_MESSAGE) { /* its name is its Message-ID */
            at[i] = object->names.len;
            err = sp_safe_message_id(&lane->safe, info->name, &object->names, why);
        } else if (to[i] == &object->info.owner || to[i] == &object->info.group) {
            at[i] = object->names.len; /* a backup can hold any text there */
            err = sp_safe_part(&lane->safe, *from[i], &object->names, why);
        } else {
            err = lane_copy_name(&object->names, *from[i], &at[i], why);
        }
        to[i]->len = object->names.len - at[i];
    }
    for (size_t i = 0; err == SP_OK && i < sizeof to / sizeof to[0]; i++)
        to[i]->ptr = object->names.data == NULL ? NULL : object->names.data + at[i];
    return err;
}

static enum sp_err lane_name_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                  struct sp_why *why)
{
    struct sp_lane *lane = ctx;
    return lane_put_text(lane, utf8, map, why);
}

static enum sp_err lane_name_bytes(struct sp_lane *lane, struct sp_slice name, struct sp_why *why)
{
    const struct sp_origin start = {0, 0};
    if (sp_ascii_run(name.ptr, name.len) == name.len && memchr(name.ptr, '\r', name.len) == NULL)
        return lane_name_text(lane, name, (struct sp_origin_map){&start, 1}, why);
    struct sp_decoder *decoder = NULL;
    enum sp_err err = sp_decoder_new(SP_ENC_UTF8, NULL, &decoder, why);
    if (err == SP_OK)
        err = sp_decoder_push(decoder, name, 0, true, lane_name_text, lane, why);
    sp_decoder_free(decoder);
    return err;
}

/* Names are text too: what stands in a path or a member's name is found like content. */
static enum sp_err lane_match_name(struct sp_lane *lane, struct sp_slice name, struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_NAME, .ordinal = SP_RECORD_ORDINAL_NAME, .date_s = INT64_MIN};
    enum sp_err err = lane_begin(lane, &record, why);
    if (err == SP_OK)
        err = lane_name_bytes(lane, name, why);
    if (err == SP_OK)
        err = lane_end(lane, why);
    return err == SP_OK ? lane_finish(lane, why) : err;
}

int64_t sp_lane_unit_below(const struct sp_lane_object *parent, enum sp_step step, int64_t id)
{
    if (!parent->is_root_file)
        return parent->unit;
    return step == SP_STEP_MEMBER ? id : parent->id;
}

enum sp_err sp_lane_open(struct sp_lane *lane, const struct sp_object_info *info, int64_t id,
                         struct sp_why *why)
{
    if (lane->open_count == SP_LANE_OPEN_MAX)
        return sp_fail(why, SP_ERR_BUG, "more than %d objects open at once", SP_LANE_OPEN_MAX);
    enum sp_err err = lane_finish(lane, why); /* what stood before it */
    if (err != SP_OK)
        return err;
    const struct sp_lane_object *parent = lane->open_count == 0 ? NULL : sp_lane_top(lane);
    struct sp_lane_object *object = &lane->open[lane->open_count];
    *object = (struct sp_lane_object){.id = id};
    sp_buf_init(&object->names, 8 * (size_t)SP_MEMBER_NAME_MAX_BYTES);
    sp_segment_init(&object->segment);
    sp_enclosures_init(&object->enclosures, lane->shared->options->limits.spool_max_bytes,
                       lane->shared->options->limits.entries_max);
    lane->open_count++;
    if (parent != NULL) {
        object->parent = parent->id;
        object->depth = parent->depth + 1;
        object->unit = sp_lane_unit_below(parent, info->step, id);
    }
    err = lane_copy_info(lane, object, info, why);
    if (err == SP_OK && info->step != SP_STEP_MESSAGE && object->info.name.len > 0)
        err = lane_match_name(lane, object->info.name, why);
    if (err == SP_OK && object->info.link.len > 0)
        err = lane_match_name(lane, object->info.link, why);
    return err;
}

void sp_lane_keep_in_part(struct sp_lane *lane)
{
    for (unsigned i = 0; i < lane->open_count; i++)
        lane->open[i].is_kept_in_part = true;
}

void sp_lane_drop(struct sp_lane *lane)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    if (object->account != NULL)
        sp_top_drop_part(object->account);
    sp_window_discard(lane->window);
    if (lane->copier != NULL)
        sp_copier_discard(lane->copier);
    sp_segment_clear(&object->segment);
    sp_seen_clear(&object->seen);
    sp_enclosures_clear(&object->enclosures);
    sp_buf_clear(&object->names);
    lane->open_count--;
}

/* The object's own part of its account is in the batch. */
static enum sp_err lane_close_account(struct sp_lane *lane, struct sp_lane_object *object,
                                      struct sp_why *why)
{
    if (object->account == NULL)
        return SP_OK;
    enum sp_err err = sp_batch_part_done(lane->batch, object->account, why);
    if (err == SP_OK)
        object->account = NULL;
    sp_batch_set_top(lane->batch, lane->top);
    return err;
}

/* A member that ended a worker before says so itself; when its new worker does not, we do. */
static enum sp_err lane_check_lost(struct sp_lane *lane, const struct sp_lane_object *object,
                                   struct sp_why *why)
{
    if (lane->plan == NULL || lane->open_count != lane->plan_base + 1 || object->has_gap)
        return SP_OK;
    const struct sp_lost *lost = sp_plan_lost(lane->plan, object->info.ordinal);
    return lost == NULL
               ? SP_OK
               : sp_lane_unread_reason(lane, lost->reason, "its parser ended with it", true, why);
}

/* Documents that stood in the text of the record that has ended. */
static enum sp_err lane_hand_out_enclosed(struct sp_lane *lane, struct sp_lane_object *object,
                                          struct sp_why *why)
{
    char part[SP_ENCLOSURES_PART_MAX];
    struct sp_object_info info;
    enum sp_err err = SP_OK;
    int fd;
    while (err == SP_OK && sp_enclosures_take(&object->enclosures, &info, part, &fd)) {
        if (sp_lane_is_done(lane, info.ordinal))
            (void)close(fd);
        else
            err = sp_lane_child(lane, &info, fd, why);
    }
    return err;
}

/* What stands encoded in its text; once, where the format itself told of it. */
static enum sp_err lane_check_enclosed(struct sp_lane *lane, struct sp_lane_object *object,
                                       struct sp_why *why)
{
    enum sp_err err = SP_OK;
    uint64_t told = object->reasons;
    sp_enclosed_end(&object->enclosures.enclosed);
    err = lane_hand_out_enclosed(lane, object, why);
    for (unsigned kind = 0; err == SP_OK && kind < SP_ENCLOSED_KINDS; kind++) {
        struct sp_unread unread;
        bool may_be_told = kind == SP_ENCLOSED_FILE || kind == SP_ENCLOSED_SECRET;
        if (sp_enclosed_unread(&object->enclosures.enclosed, kind, &unread) &&
            !(may_be_told && (told >> unread.reason & 1) != 0))
            err = sp_lane_unread(lane, &unread, why);
    }
    return err;
}

enum sp_err sp_lane_close(struct sp_lane *lane, const struct sp_object_done *done,
                          struct sp_why *why)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    enum sp_err err = lane_finish(lane, why);
    if (err == SP_OK)
        err = lane_check_lost(lane, object, why);
    if (err == SP_OK)
        err = lane_check_enclosed(lane, object, why);
    if (err == SP_OK)
        err = lane_put_segment(lane, object, why);
    struct sp_object_done said = *done;
    if (said.state == SP_STATE_OPEN)
        said.state = SP_STATE_COMPLETE;
    if (said.state == SP_STATE_COMPLETE && object->has_gap)
        said.state = SP_STATE_PARTIAL;
    if (object->is_root_file && said.shape != SP_SHAPE_ARCHIVE)
        object->unit = object->id;
    if (err == SP_OK)
        err = lane_put_row(lane, object, &said, why);
    sp_lane_keep_in_part(lane);
    if (err == SP_OK)
        err = lane_close_account(lane, object, why);
    if (lane->shared->options->progress != NULL)
        lane_count(&lane->shared->options->progress->objects_done, 1);
    sp_lane_drop(lane);
    return err == SP_OK ? lane_flush_when_due(lane, why) : err;
}

enum sp_err sp_lane_unread(struct sp_lane *lane, const struct sp_unread *unread, struct sp_why *why)
{
    struct sp_lane_object *object = sp_lane_top(lane);
    object->has_unread = true;
    object->reasons |= UINT64_C(1) << unread->reason;
    sp_lane_keep_in_part(lane);
    if (sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP) {
        object->has_gap = true;
        if (lane->shared->options->progress != NULL)
            lane_count(&lane->shared->options->progress->unread, 1);
    }
    return sp_batch_unread(lane->batch, object->id, unread, why);
}

/* ---- the doors ----------------------------------------------------------------------------- */
static enum sp_err lane_object_begin(struct sp_sink *sink, const struct sp_object_info *info,
                                     struct sp_why *why)
{
    struct sp_lane *lane = lane_of(sink);
    return sp_lane_open(lane, info, sp_inventory_new_id(lane->shared->options->inventory), why);
}

static enum sp_err lane_object_end(struct sp_sink *sink, const struct sp_object_done *done,
                                   struct sp_why *why)
{
    return sp_lane_close(lane_of(sink), done, why);
}

static enum sp_err lane_record_begin(struct sp_sink *sink, const struct sp_record *record,
                                     struct sp_why *why)
{
    struct sp_lane *lane = lane_of(sink);
    struct sp_lane_object *object = sp_lane_top(lane);
    object->enclosures.row = record->row != 0 ? record->row : record->ordinal;
    return lane_begin(lane, record, why);
}

static enum sp_err lane_record_end(struct sp_sink *sink, struct sp_why *why)
{
    struct sp_lane *lane = lane_of(sink);
    struct sp_lane_object *object = sp_lane_top(lane);
    sp_enclosed_end(&object->enclosures.enclosed);
    enum sp_err err = lane_end(lane, why);
    return err == SP_OK ? lane_hand_out_enclosed(lane, object, why) : err;
}

static enum sp_err lane_field(struct sp_sink *sink, const struct sp_field *field,
                              struct sp_why *why)
{
    struct sp_lane *lane = lane_of(sink);
    sp_enclosed_end(&sp_lane_top(lane)->enclosures.enclosed);
    enum sp_err err = sp_window_field(lane->window, field, why);
    if (err == SP_OK && lane->copier != NULL)
        err = sp_copier_field(lane->copier, field, sp_window_at(lane->window), why);
    return lane_settle(lane, err, why);
}

static enum sp_err lane_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct sp_lane *lane = lane_of(sink);
    sp_enclosed_text(&sp_lane_top(lane)->enclosures.enclosed, utf8);
    return lane_put_text(lane, utf8, map, why);
}

static enum sp_err lane_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                              struct sp_why *why)
{
    return sp_lane_child(lane_of(sink), info, fd, why);
}

static enum sp_err lane_unread(struct sp_sink *sink, const struct sp_unread *unread,
                               struct sp_why *why)
{
    return sp_lane_unread(lane_of(sink), unread, why);
}

/* Bytes of the file at hand; children and members are inside it and count nothing by themselves. */
static enum sp_err lane_progress(struct sp_sink *sink, uint64_t bytes, struct sp_why *why)
{
    (void)why;
    struct sp_lane *lane = lane_of(sink);
    struct sp_progress *progress = lane->shared->options->progress;
    if (progress == NULL || lane->links_used > 1 || bytes <= lane->told_bytes)
        return SP_OK;
    lane_count(&progress->bytes_done, bytes - lane->told_bytes);
    lane->told_bytes = bytes;
    return SP_OK;
}

const struct sp_sink_ops sp_lane_ops = {
    .object_begin = lane_object_begin,
    .object_end = lane_object_end,
    .record_begin = lane_record_begin,
    .record_end = lane_record_end,
    .field = lane_field,
    .text = lane_text,
    .child = lane_child,
    .unread = lane_unread,
    .progress = lane_progress,
};
