/* One object, whatever it is: peek, identify, extract, settle what went wrong. */
#include "extract/run.h"

#include "base/limits.h"
#include "extract/capped.h"
#include "extract/formats.h"
#include "extract/packed.h"
#include "extract/png_text.h"
#include "extract/sparse.h"

enum sp_err sp_extract_unread(struct sp_extract *x, const struct sp_unread *unread,
                              struct sp_why *why)
{
    if (unread->partial || unread->fallback)
        x->done->state = SP_STATE_PARTIAL;
    else if (x->done->state != SP_STATE_PARTIAL)
        x->done->state = SP_STATE_SKIPPED;
    return sp_sink_unread(x->sink, unread, why);
}

bool sp_extract_ratio_hit(const struct sp_extract *x, uint64_t more, uint64_t layer_in,
                          uint64_t layer_out)
{
    const struct sp_limits *limits = x->limits;
    struct sp_account *account = x->account;
    if (account->out_bytes > UINT64_MAX - more)
        return true;
    account->out_bytes += more;
    if (layer_out > limits->ratio_free_bytes && layer_out / limits->ratio_layer_max > layer_in)
        return true;
    uint64_t top = x->top_bytes;
    if (top == SP_SIZE_UNKNOWN)
        top = sp_stream_offset(account->top);
    return account->out_bytes > limits->ratio_free_bytes &&
           account->out_bytes / limits->ratio_total_max > top;
}

bool sp_extract_is_for_disk(const struct sp_extract *x, const struct sp_identity *identity)
{
    return identity->is_disk && (x->limits->programs & SP_PROGRAM_DISK) != 0;
}

enum sp_err sp_extract_progress(const struct sp_extract *x, struct sp_why *why)
{
    if (x->sink->ops->progress == NULL)
        return SP_OK;
    return x->sink->ops->progress(x->sink, sp_stream_offset(x->account->top), why);
}

/* ---- after an extractor ------------------------------------------------------------------ */
static void run_detail(struct sp_unread *unread, const char *text)
{
    (void)snprintf(unread->detail, sizeof unread->detail, "%.*s", (int)sizeof unread->detail - 1,
                   text);
}

/* The stream gave an error: what came before it was read. */
static enum sp_err run_stream_failed(struct sp_extract *x, enum sp_err err,
                                     const struct sp_why *failure, struct sp_why *why)
{
    struct sp_unread unread;
    if (err == SP_ERR_NOMEM)
        return sp_fail(why, err, "%s", failure->text);
    sp_unread_init(&unread, err == SP_ERR_IO ? SP_REASON_IO_ERROR : sp_stream_reason(x->stream));
    unread.bytes_read = sp_stream_offset(x->stream);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = unread.bytes_read > 0;
    run_detail(&unread, failure->text);
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_extract_raw_rest(struct sp_extract *x, struct sp_why *why)
{
    bool known = x->known;
    struct sp_why failure = {""};
    x->known = true; /* what is left over says nothing about the type */
    enum sp_err err = sp_bytes_extract(x, &failure);
    x->known = known;
    if (err == SP_OK)
        return SP_OK;
    struct sp_slice rest;
    struct sp_why ignored; /* equal to `failure` when it was the stream that failed */
    if ((err == SP_ERR_FORMAT || err == SP_ERR_IO) &&
        sp_stream_next(x->stream, &rest, &ignored) == err)
        return run_stream_failed(x, err, &failure, why);
    return sp_fail(why, err, "%s", failure.text);
}

enum sp_err sp_extract_raw_beside(struct sp_extract *x, enum sp_beside beside, struct sp_why *why)
{
    x->beside = beside;
    enum sp_err err = sp_extract_raw_rest(x, why);
    x->beside = SP_BESIDE_NOT;
    return err;
}

enum sp_err sp_extract_note(struct sp_extract *x, struct sp_slice raw, struct sp_why *why)
{
    struct sp_stream *outer = x->stream;
    struct sp_stream *stream = NULL;
    if (raw.len == 0)
        return SP_OK;
    enum sp_err err = sp_stream_open_memory(raw, &stream, why);
    if (err != SP_OK)
        return err;
    x->stream = stream;
    err = sp_extract_raw_beside(x, SP_BESIDE_NOTE, why);
    x->stream = outer;
    sp_stream_close(stream);
    return err;
}

/* The parser gave up, or left bytes that it does not know: the raw pass reads them. */
static enum sp_err run_parser_failed(struct sp_extract *x, const char *detail, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_CORRUPT);
    unread.bytes_read = sp_stream_offset(x->stream);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = true;
    unread.fallback = true;
    run_detail(&unread, detail);
    enum sp_err err = sp_extract_unread(x, &unread, why);
    return err != SP_OK ? err : sp_extract_raw_rest(x, why);
}

/* Turns a failure of the content into unread records; passes others on. What an extractor left
 * in the stream without a word is not lost: the raw pass reads it. */
static enum sp_err run_settle(struct sp_extract *x, enum sp_err err, const struct sp_why *failure,
                              struct sp_why *why)
{
    if (err != SP_OK && err != SP_ERR_FORMAT && err != SP_ERR_IO)
        return sp_fail(why, err, "%s", failure->text);
    struct sp_slice rest;
    struct sp_why stream_why = {""};
    enum sp_err stream_err = sp_stream_next(x->stream, &rest, &stream_why);
    if (stream_err != SP_OK)
        return run_stream_failed(x, stream_err, &stream_why, why);
    if (err == SP_ERR_IO)
        return sp_fail(why, err, "%s", failure->text); /* not the stream's: the sink's */
    if (err == SP_OK && rest.len == 0)
        return SP_OK;
    sp_stream_unget(x->stream, rest.len);
    return run_parser_failed(x, err == SP_OK ? "bytes after the end" : failure->text, why);
}

/* ---- one layer --------------------------------------------------------------------------- */
static void run_name_format(struct sp_extract *x, const char *name)
{
    size_t len = strlen(x->format);
    (void)snprintf(x->format + len, sizeof x->format - len, "%s%s", len > 0 ? "+" : "", name);
    x->done->format = x->format;
}

static bool run_is_container(const struct sp_extractor *extractor)
{
    return extractor->shape == SP_SHAPE_ARCHIVE || extractor->shape == SP_SHAPE_MAILBOX ||
           extractor->extract == sp_office_extract;
}

/* Of our own formats those that take whatever comes; the raw pass looks for itself. */
static bool run_is_text(const struct sp_extractor *extractor)
{
    return extractor->place == SP_PLACE_ANY && strcmp(extractor->name, "bytes") != 0;
}

/* Calls the extractor over x->stream; its failure becomes an unread record. */
static enum sp_err run_extractor(struct sp_extract *x, const struct sp_extractor *extractor,
                                 struct sp_why *why)
{
    struct sp_why failure = {""};
    bool seeks = extractor->needs_seek && sp_stream_fd(x->stream) >= 0;
    enum sp_state before = x->done->state;
    x->layered = false;
    x->done->state = SP_STATE_COMPLETE;
    enum sp_err err = extractor->extract(x, &failure);
    bool stopped = x->done->state != SP_STATE_COMPLETE; /* and said so */
    if (before != SP_STATE_COMPLETE)
        x->done->state = before == SP_STATE_SKIPPED && stopped ? x->done->state : SP_STATE_PARTIAL;
    if (err != SP_OK || !(seeks || stopped))
        err = run_settle(x, err, &failure, why);
    uint64_t read = sp_stream_offset(x->stream);
    if (!x->layered && x->done->bytes_read < read) /* of the innermost layer only */
        x->done->bytes_read = read;
    return err;
}

/* For an extractor that wants to seek and cannot: `limit` when the spool was too small. */
static enum sp_err run_unseekable(struct sp_extract *x, const struct sp_extractor *extractor,
                                  bool limit, struct sp_why *why)
{
    if (extractor->streams)
        return run_extractor(x, extractor, why);
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    sp_unread_init(&unread, SP_REASON_LIMIT_SPOOL);
    unread.partial = true; /* by the fallback */
    unread.fallback = true;
    run_detail(&unread, extractor->name);
    if (limit)
        err = sp_extract_unread(x, &unread, why);
    return err != SP_OK ? err : sp_extract_raw_rest(x, why);
}

/* Spools a stream that cannot seek for an extractor that wants to. */
static enum sp_err run_spooled(struct sp_extract *x, const struct sp_extractor *extractor,
                               struct sp_why *why)
{
    struct sp_spool spool;
    struct sp_stream *outer = x->stream;
    struct sp_stream *spooled = NULL;
    enum sp_err err = sp_spool_fill(outer, x->limits->spool_max_bytes, &spool, why);
    if (err != SP_OK)
        return err;
    bool whole = spool.whole;
    err = sp_spool_stream(&spool, outer, &spooled, why);
    if (err != SP_OK)
        goto done;
    x->stream = spooled;
    err = whole ? run_extractor(x, extractor, why) : run_unseekable(x, extractor, spool.limit, why);
    x->stream = outer;
done:
    sp_stream_close(spooled);
    sp_spool_clear(&spool);
    return err;
}

/* Reports that the type is known and has no reader, or not a whole one. */
static enum sp_err run_known_unread(struct sp_extract *x, const struct sp_identity *identity,
                                    struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, identity->unread_reason);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = true; /* by the fallback */
    unread.fallback = true;
    run_detail(&unread, identity->detail);
    return sp_extract_unread(x, &unread, why);
}

/* ---- pictures -------------------------------------------------------------------------------- */
bool sp_extract_has_ocr(const struct sp_extract *x)
{
    return (x->limits->programs & SP_PROGRAM_OCR) != 0 && !x->inline_children;
}

enum sp_err sp_extract_picture(struct sp_extract *x, struct sp_spool *spool, uint64_t ordinal,
                               struct sp_slice part, struct sp_why *why)
{
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .part = part,
                                        .size_claimed = spool->len,
                                        .mtime_s = INT64_MIN,
                                        .mime = SP_MIME_PICTURE};
    int fd = spool->fd;
    spool->fd = -1; /* the sink's also when it fails */
    return sp_sink_child(x->sink, &info, fd, why);
}

/* A picture that is handed out for its words, or one that is too small for any and may say more in
 * compressed texts. */
static bool run_is_picture(const struct sp_extract *x, const struct sp_identity *identity)
{
    bool small = identity->unread_reason == SP_REASON_PHOTO && !x->inline_children;
    return x->look == NULL &&
           (small || (identity->unread_reason == SP_REASON_NEEDS_OCR && sp_extract_has_ocr(x)));
}

/* Reads a picture by the raw pass, for what is said in and behind it, and hands it out for its
 * words. One that does not fit into a spool is told of as one that nobody reads. */
static enum sp_err run_picture(struct sp_extract *x, const struct sp_identity *identity,
                               struct sp_why *why)
{
    struct sp_spool spool;
    struct sp_stream *outer = x->stream;
    struct sp_stream *spooled = NULL;
    bool words = identity->unread_reason == SP_REASON_NEEDS_OCR;
    bool lost = words && sp_plan_lost(x->plan, 1) != NULL;
    enum sp_err err = sp_spool_fill(outer, x->limits->spool_max_bytes, &spool, why);
    if (err != SP_OK)
        return err;
    bool whole = spool.whole;
    if (!whole || lost || !words)
        err = run_known_unread(x, identity, why);
    if (err == SP_OK && whole)
        err = sp_stream_open_fd(spool.fd, false, &spooled, why);
    else if (err == SP_OK)
        err = sp_spool_stream(&spool, outer, &spooled, why);
    if (err == SP_OK) {
        x->stream = spooled;
        err = run_extractor(x, identity->extractor, why);
        x->stream = outer;
    }
    if (err == SP_OK)
        err = sp_png_texts(x, spooled, 2, why);
    sp_stream_close(spooled);
    if (err == SP_OK && whole && words && !lost && !sp_plan_is_done(x->plan, 1))
        err = sp_extract_picture(x, &spool, 1, sp_slice_of("words"), why);
    sp_spool_clear(&spool);
    return err;
}

/* ---- text of which only the beginning could be looked at ----------------------------------- */
struct run_watch {
    struct sp_stream *inner; /* borrowed */
    struct sp_stream *own;
    struct sp_packed packed;
};

static enum sp_err run_watch_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct run_watch *watch = self;
    enum sp_err err = sp_stream_next(watch->inner, out, why);
    if (err == SP_OK)
        sp_packed_add(&watch->packed, *out);
    else
        sp_stream_set_reason(watch->own, sp_stream_reason(watch->inner));
    return err;
}

static const struct sp_source_ops run_watch_ops = {run_watch_next, NULL};

/* Reads text that is longer than its head, and tells of packed data behind it. */
static enum sp_err run_watched(struct sp_extract *x, const struct sp_extractor *extractor,
                               struct sp_why *why)
{
    struct run_watch watch = {.inner = x->stream};
    enum sp_err err = sp_stream_open(&run_watch_ops, &watch, &watch.own, why);
    if (err != SP_OK)
        return err;
    x->stream = watch.own;
    err = run_extractor(x, extractor, why);
    x->stream = watch.inner;
    sp_stream_close(watch.own);
    sp_packed_end(&watch.packed);
    if (err != SP_OK || watch.packed.found == NULL)
        return err;
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "compressed data inside (%s)",
                   watch.packed.found);
    return sp_extract_unread(x, &unread, why);
}

static enum sp_err run_depth(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_DEPTH);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "deeper than %u containers",
                   x->limits->depth_max);
    enum sp_err err = sp_extract_unread(x, &unread, why);
    return err != SP_OK ? err : sp_extract_raw_rest(x, why);
}

static enum sp_err run_bytes(struct sp_extract *x, struct sp_why *why)
{
    return run_extractor(x, x->chosen, why);
}

static enum sp_err run_layer(struct sp_extract *x, struct sp_why *why)
{
    struct sp_slice head;
    struct sp_identity identity;
    enum sp_err err = sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK)
        return err;
    if (x->given != NULL && x->layers == 0)
        identity = *x->given;
    else
        sp_identify_stream(x->stream, head, x->info->name, x->use_magic, &identity);
    if (head.len > 0 && x->layers == 0)
        sp_identify_declared(x->info, &identity);
    if (head.len > 0 && x->layers == 0)
        sp_identify_promise(x->info->name, &identity);
    run_name_format(x, head.len == 0 ? "empty" : identity.extractor->name);
    x->done->shape = identity.extractor->shape;
    if (head.len == 0) /* empty, or its first byte could not be read */
        return run_settle(x, SP_OK, NULL, why);
    if (run_is_container(identity.extractor) && x->depth + x->layers >= x->limits->depth_max)
        return run_depth(x, why);
    if (sp_extract_is_for_disk(x, &identity) && !x->inline_children &&
        sp_stream_fd(x->stream) < 0) {
        x->done->shape = SP_SHAPE_ARCHIVE;
        if (!x->unspoolable)
            return sp_extract_disk(x, why);
        size_t len = strlen(identity.detail);
        (void)snprintf(identity.detail + len, sizeof identity.detail - len,
                       ", cut or larger than a spool");
    }
    x->known = identity.detail[0] != '\0'; /* a name without a reason: needs no reader */
    if (run_is_picture(x, &identity))
        return run_picture(x, &identity, why);
    if (identity.unread_reason != SP_REASON_COUNT)
        err = run_known_unread(x, &identity, why);
    if (err != SP_OK)
        return err;
    x->chosen = identity.extractor;
    if (identity.extractor->place == SP_PLACE_ANY && sp_sparse_is(x->stream))
        return sp_sparse_read(x, run_bytes, why);
    if (head.len == SP_HEAD_BYTES && identity.unread_reason == SP_REASON_COUNT &&
        run_is_text(identity.extractor))
        return run_watched(x, identity.extractor, why);
    if (!identity.extractor->needs_seek || sp_stream_fd(x->stream) >= 0)
        return run_extractor(x, identity.extractor, why);
    return x->unspoolable ? run_unseekable(x, identity.extractor, true, why)
                          : run_spooled(x, identity.extractor, why);
}

enum sp_err sp_extract_layer(struct sp_extract *x, struct sp_stream *decoded, struct sp_why *why)
{
    struct sp_stream *outer = x->stream;
    struct sp_capped capped = {.own = NULL};
    enum sp_err err = SP_OK;
    if (x->limits->member_max_bytes != 0)
        err = sp_capped_open(&capped, decoded, x->limits->member_max_bytes, why);
    if (err != SP_OK)
        return err;
    x->stream = capped.own == NULL ? decoded : capped.own;
    x->layers++;
    err = run_layer(x, why);
    x->layers--;
    x->layered = true;
    x->stream = outer;
    sp_stream_close(capped.own);
    return err;
}

enum sp_err sp_extract_left_over(struct sp_extract *x, struct sp_stream *decoded,
                                 struct sp_why *why)
{
    struct sp_slice rest;
    struct sp_why ignored; /* a failure was reported by the layer already */
    enum sp_err err = sp_stream_next(decoded, &rest, &ignored);
    if (err != SP_OK || rest.len > 0) /* failed, or stopped at a limit */
        return err == SP_ERR_NOMEM ? sp_fail(why, err, "%s", ignored.text) : SP_OK;
    if (sp_stream_next(x->stream, &rest, &ignored) != SP_OK || rest.len == 0)
        return SP_OK;
    sp_stream_unget(x->stream, rest.len);
    return run_parser_failed(x, "bytes after the end of the compressed data", why);
}

enum sp_err sp_extract_run(struct sp_extract *x, bool use_magic, struct sp_why *why)
{
    struct sp_account account = {.top = x->stream};
    bool is_job = x->account == NULL;
    if (is_job)
        x->account = &account;
    x->use_magic = use_magic;
    x->layers = 0;
    x->known = false;
    x->format[0] = '\0';
    *x->done = (struct sp_object_done){.state = SP_STATE_COMPLETE, .format = x->format};
    enum sp_err err = run_layer(x, why);
    if (is_job)
        x->account = NULL;
    return err;
}

enum sp_err sp_extract_raw(struct sp_extract *x, struct sp_why *why)
{
    struct sp_account account = {.top = x->stream};
    x->account = &account;
    run_name_format(x, "bytes");
    enum sp_err err = sp_extract_raw_rest(x, why);
    x->account = NULL;
    return err;
}
