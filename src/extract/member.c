/* Members of containers: read in place, handed out to another worker, or told only. */
#include "base/limits.h"
#include "extract/capped.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/spool.h"

/* Text and archives are read where they lie; what seeks, or is a large parser's, is handed out, and
 * so is what another program reads. */
static bool member_hand_out(const struct sp_extract *x, const struct sp_identity *identity)
{
    const struct sp_extractor *extractor = identity->extractor;
    if (extractor->needs_seek || sp_extract_is_for_disk(x, identity))
        return true;
    return extractor->place == SP_PLACE_WORKER && extractor->shape != SP_SHAPE_ARCHIVE &&
           x->package == SP_PACKAGE_NONE; /* its parts are small, and need each other */
}

static struct sp_extract member_inner(const struct sp_extract *x, const struct sp_object_info *info,
                                      struct sp_stream *stream, struct sp_object_done *done)
{
    return (struct sp_extract){.stream = stream,
                               .info = info,
                               .sink = x->sink,
                               .limits = x->limits,
                               .depth = x->depth + 1,
                               .top_bytes = x->top_bytes,
                               .inline_children = x->inline_children,
                               .book = x->book,
                               .done = done,
                               .use_magic = x->use_magic,
                               .account = x->account};
}

static enum sp_err member_in_place(const struct sp_extract *x, const struct sp_object_info *info,
                                   struct sp_stream *stream, bool unspoolable,
                                   const struct sp_identity *identity, struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    struct sp_extract inner = member_inner(x, info, stream, &done);
    inner.unspoolable = unspoolable;
    inner.given = identity;
    enum sp_err err = sp_sink_object_begin(x->sink, info, why);
    if (err == SP_OK)
        err = sp_extract_run(&inner, x->use_magic, why);
    if (x->package == SP_PACKAGE_DOCUMENT && done.shape == SP_SHAPE_RECORDS)
        done.shape = SP_SHAPE_DOCUMENT; /* settings and properties: of nobody but the document */
    return err != SP_OK ? err : sp_sink_object_end(x->sink, &done, why);
}

/* A member that ended a worker before: no parser sees it again. */
static enum sp_err member_lost(const struct sp_extract *x, const struct sp_object_info *info,
                               struct sp_stream *stream, const struct sp_lost *lost,
                               struct sp_why *why)
{
    struct sp_object_done done = {
        .format = "bytes", .shape = SP_SHAPE_DOCUMENT, .state = SP_STATE_COMPLETE};
    struct sp_extract inner = member_inner(x, info, stream, &done);
    struct sp_unread unread;
    sp_unread_init(&unread, lost->reason);
    unread.bytes_expected = info->size_claimed;
    unread.partial = lost->raw;
    unread.fallback = lost->raw;
    (void)snprintf(unread.detail, sizeof unread.detail, "its parser ended with it");
    enum sp_err err = sp_sink_object_begin(x->sink, info, why);
    if (err == SP_OK)
        err = sp_extract_unread(&inner, &unread, why);
    if (err == SP_OK && lost->raw)
        err = sp_extract_raw_rest(&inner, why);
    done.bytes_read = sp_stream_offset(stream);
    return err != SP_OK ? err : sp_sink_object_end(x->sink, &done, why);
}

/* Hands the member out when all of it fits into a spool; else reads it here: a failure of its
 * stream can only be told by us. A part of a disk image is for nobody else. */
static enum sp_err member_spooled(const struct sp_extract *x, const struct sp_object_info *info,
                                  struct sp_stream *stream, bool is_disk, struct sp_why *why)
{
    struct sp_spool spool;
    struct sp_stream *joined = NULL;
    enum sp_err err = sp_spool_fill(stream, x->limits->spool_max_bytes, &spool, why);
    if (err != SP_OK)
        return err;
    if (spool.whole) {
        int fd = spool.fd;
        spool.fd = -1; /* the sink's also when it fails */
        return sp_sink_child(x->sink, info, fd, why);
    }
    err = sp_spool_stream(&spool, stream, &joined, why);
    if (err == SP_OK)
        err = member_in_place(x, info, joined, spool.limit || is_disk, NULL, why);
    sp_stream_close(joined);
    sp_spool_clear(&spool);
    return err;
}

enum sp_err sp_extract_disk(struct sp_extract *x, struct sp_why *why)
{
    struct sp_slice name = x->info->name;
    const uint8_t *slash = name.len > 0 ? memrchr(name.ptr, '/', name.len) : NULL;
    if (slash != NULL)
        name = (struct sp_slice){slash + 1, name.len - (size_t)(slash + 1 - name.ptr)};
    const uint8_t *dot = name.len > 0 ? memrchr(name.ptr, '.', name.len) : NULL;
    if (dot != NULL && dot > name.ptr) /* ".gz" */
        name.len = (size_t)(dot - name.ptr);
    const struct sp_object_info info = {.step = SP_STEP_MEMBER,
                                        .node = SP_NODE_REGULAR,
                                        .ordinal = 1,
                                        .name = name,
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    enum sp_err err = SP_OK;
    if (!sp_plan_is_done(x->plan, info.ordinal))
        err = member_spooled(x, &info, x->stream, true, why);
    x->done->bytes_read = sp_stream_offset(x->stream);
    return err;
}

static enum sp_err member_read(struct sp_extract *x, const struct sp_object_info *info,
                               struct sp_stream *stream, struct sp_why *why)
{
    struct sp_slice head;
    struct sp_identity identity;
    if (sp_plan_is_done(x->plan, info->ordinal))
        return SP_OK;
    const struct sp_lost *lost = sp_plan_lost(x->plan, info->ordinal);
    if (lost != NULL)
        return member_lost(x, info, stream, lost, why);
    if (x->inline_children)
        return member_in_place(x, info, stream, false, NULL, why);
    enum sp_err err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK)
        return err;
    sp_identify(head, info->name, info->size_claimed, x->use_magic, &identity);
    sp_identify_declared(info, &identity);
    if (head.len == 0 || !member_hand_out(x, &identity))
        return member_in_place(x, info, stream, false, &identity, why);
    return member_spooled(x, info, stream, sp_extract_is_for_disk(x, &identity), why);
}

enum sp_err sp_extract_member(struct sp_extract *x, const struct sp_object_info *info,
                              struct sp_stream *stream, struct sp_why *why)
{
    struct sp_capped capped;
    if (x->look != NULL)
        return x->look(x->look_ctx, info, stream, why);
    if (x->limits->member_max_bytes == 0)
        return member_read(x, info, stream, why);
    enum sp_err err = sp_capped_open(&capped, stream, x->limits->member_max_bytes, why);
    if (err == SP_OK)
        err = member_read(x, info, capped.own, why);
    sp_stream_close(capped.own);
    return err;
}

enum sp_err sp_extract_bare(struct sp_extract *x, const struct sp_object_info *info,
                            const struct sp_unread *unread, struct sp_why *why)
{
    static const char *const names[] = {"regular", "directory", "symlink", "hardlink", "special"};
    struct sp_object_done done = {
        .format = names[info->node], .shape = SP_SHAPE_NONE, .state = SP_STATE_COMPLETE};
    if (sp_plan_is_done(x->plan, info->ordinal))
        return SP_OK;
    enum sp_err err = sp_sink_object_begin(x->sink, info, why);
    if (err == SP_OK && unread != NULL) {
        done.state = SP_STATE_SKIPPED;
        err = sp_sink_unread(x->sink, unread, why);
    }
    return err != SP_OK ? err : sp_sink_object_end(x->sink, &done, why);
}
