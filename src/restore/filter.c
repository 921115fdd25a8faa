#include "restore/filter.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/formats.h"
#include "restore/cut.h"
#include "restore/packing.h"
#include "restore/scratch.h"
#include "restore/tarwrite.h"
#include "restore/undo.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Content that went with its first name, by index in the drop list. */
struct gone {
    struct sp_tarhead head; /* what described it */
    uint64_t begin;         /* in the scratch file */
    struct sp_buf heir;     /* the name that it passed to; empty: nobody yet */
};

struct filter {
    const struct sp_filter_job *job;
    struct sp_filter_sum *sum;
    struct sp_stream *raw, *in; /* in: unpacked; may be raw itself */
    struct sp_slice block;      /* what is left of the block at hand */
    uint64_t at;                /* bytes of `in` that were taken */
    struct sp_buf out;          /* waits to be written */
    struct sp_scratch *scratch;
    struct sp_tarhead head;
    struct gone **gone;    /* by index in the drop list; NULL: none is */
    struct sp_buf refused; /* names left out, NUL behind each */
    struct sp_buf bytes;   /* of an extended header */
    struct sp_buf joined;  /* the rest of a block and the one behind it */
    struct sp_undo undone;
};

/* ---- in and out ------------------------------------------------------------------------------ */
static enum sp_err filter_put(struct filter *filter, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len > 0) {
        ssize_t put = write(filter->job->out, bytes.ptr, bytes.len);
        if (put < 0 && errno != EINTR)
            return sp_fail(why, SP_ERR_IO, "cannot write the output: %s", strerrordesc_np(errno));
        bytes.ptr += put > 0 ? put : 0;
        bytes.len -= put > 0 ? (size_t)put : 0;
    }
    return SP_OK;
}

static enum sp_err filter_flush(struct filter *filter, struct sp_why *why)
{
    enum sp_err err = filter_put(filter, sp_buf_slice(&filter->out), why);
    sp_buf_reset(&filter->out);
    return err;
}

/* Small pieces are collected, large ones go out as they lie. Fits sp_bytes_out. */
static enum sp_err filter_give(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct filter *filter = ctx;
    bool large = bytes.len >= SP_BLOCK_BYTES / 4;
    enum sp_err err = SP_OK;
    if (large || filter->out.len + bytes.len > SP_BLOCK_BYTES)
        err = filter_flush(filter, why);
    if (err == SP_OK && large)
        return filter_put(filter, bytes, why);
    return err == SP_OK ? sp_buf_append(&filter->out, bytes.ptr, bytes.len, why) : err;
}

/* Fits sp_bytes_out and sp_packed_out. */
static enum sp_err filter_keep_back(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct filter *filter = ctx;
    return sp_scratch_write(filter->scratch, bytes, why);
}

static enum sp_err filter_mute(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    (void)ctx, (void)bytes, (void)why;
    return SP_OK;
}

static enum sp_err filter_fill(struct filter *filter, struct sp_why *why)
{
    return filter->block.len > 0 ? SP_OK : sp_stream_next(filter->in, &filter->block, why);
}

static enum sp_err filter_cut_off(const struct filter *filter, struct sp_why *why)
{
    return sp_fail(why, SP_ERR_FORMAT,
                   "the input ends within a member, at byte %llu: the output is not whole",
                   (unsigned long long)filter->at);
}

/* Gives `size` bytes of the input to `out`, and takes the padding behind them to whole blocks,
 * which goes to `padding`. */
static enum sp_err filter_pass(struct filter *filter, uint64_t size, sp_bytes_out out,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && size > 0) {
        err = filter_fill(filter, why);
        if (err == SP_OK && filter->block.len == 0)
            return filter_cut_off(filter, why);
        if (err != SP_OK)
            return err;
        size_t part = filter->block.len < size ? filter->block.len : (size_t)size;
        err = out(filter, (struct sp_slice){filter->block.ptr, part}, why);
        filter->block.ptr += part;
        filter->block.len -= part;
        filter->at += part;
        size -= part;
    }
    return err;
}

static enum sp_err filter_collect(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    struct filter *filter = ctx;
    return sp_buf_append(&filter->bytes, bytes.ptr, bytes.len, why);
}

/* The next `size` bytes in filter->bytes. */
static enum sp_err filter_take(struct filter *filter, uint64_t size, struct sp_why *why)
{
    sp_buf_reset(&filter->bytes);
    if (size > SP_TAR_HEAD_MAX)
        return sp_fail(why, SP_ERR_LIMIT, "a header of %llu bytes at byte %llu",
                       (unsigned long long)size, (unsigned long long)filter->at);
    return filter_pass(filter, size, filter_collect, why);
}

static uint64_t filter_padding(uint64_t size)
{
    return (SP_TAR_BLOCK - size % SP_TAR_BLOCK) % SP_TAR_BLOCK;
}

static enum sp_err filter_pad(struct filter *filter, uint64_t size, struct sp_why *why)
{
    static const uint8_t zeros[SP_TAR_BLOCK] = {0};
    return filter_give(filter, (struct sp_slice){zeros, (size_t)filter_padding(size)}, why);
}

/* ---- headers --------------------------------------------------------------------------------- */
static enum sp_err filter_holes(struct filter *filter, struct sp_why *why)
{
    bool more = true;
    enum sp_err err = SP_OK;
    while (err == SP_OK && more) {
        err = filter_take(filter, SP_TAR_BLOCK, why);
        if (err == SP_OK)
            err = sp_tarhead_holes(&filter->head, filter->bytes.data, &more, why);
    }
    return err;
}

/* Has at least `want` bytes in one block, unless the input ends. */
static enum sp_err filter_join(struct filter *filter, size_t want, struct sp_why *why)
{
    while (filter->block.len < want) {
        struct sp_slice next = {NULL, 0};
        struct sp_buf joined;
        sp_buf_init(&joined, 2 * SP_BLOCK_BYTES + SP_TAR_BLOCK);
        enum sp_err err = sp_buf_append(&joined, filter->block.ptr, filter->block.len, why);
        if (err == SP_OK)
            err = sp_stream_next(filter->in, &next, why);
        if (err == SP_OK && next.len > 0)
            err = sp_buf_append(&joined, next.ptr, next.len, why);
        if (err != SP_OK || next.len == 0) {
            sp_buf_clear(&joined);
            return err;
        }
        sp_buf_clear(&filter->joined);
        filter->joined = joined;
        filter->block = sp_buf_slice(&filter->joined);
    }
    return SP_OK;
}

/* A hard link may have its content again (pax), or only its size (old tars): what follows tells. */
static enum sp_err filter_link_size(struct filter *filter, struct sp_why *why)
{
    if (filter->head.type != '1' || filter->head.size == 0)
        return SP_OK;
    enum sp_err err = filter_join(filter, SP_TAR_BLOCK, why);
    if (err == SP_OK && (filter->block.len < SP_TAR_BLOCK || sp_tar_is_header(filter->block)))
        filter->head.size = 0;
    return err;
}

/* What stands between members goes out as it came. */
static enum sp_err filter_between(struct filter *filter, const uint8_t *block, uint64_t size,
                                  struct sp_why *why)
{
    enum sp_err err = filter_give(filter, (struct sp_slice){block, SP_TAR_BLOCK}, why);
    return err == SP_OK ? filter_pass(filter, size + filter_padding(size), filter_give, why) : err;
}

/* A HIT that has no member's name: what stands before all members, or has no name, may be where. */
static bool filter_may_be_met(const struct filter *filter)
{
    return filter->job->records != NULL && sp_records_of_none(filter->job->records) > 0;
}

/* A header for all members that follow. */
static enum sp_err filter_global(struct filter *filter, const uint8_t *block, uint64_t size,
                                 struct sp_why *why)
{
    filter->head.blocks.len -= SP_TAR_BLOCK;
    if (!filter_may_be_met(filter))
        return filter_between(filter, block, size, why);
    filter->sum->refused++;
    filter->job->told(filter->job->ctx, sp_slice_of("pax_global_header"), SP_FILTER_LEFT_OUT,
                      "a hit is in no member, so it may be in this header for all of them");
    return filter_pass(filter, size + filter_padding(size), filter_mute, why);
}

/* Reads up to the next member; *end: there is none. */
static enum sp_err filter_head(struct filter *filter, bool *end, struct sp_why *why)
{
    enum sp_tarblock kind = SP_TARBLOCK_MORE;
    uint8_t block[SP_TAR_BLOCK];
    uint64_t size;
    sp_tarhead_reset(&filter->head);
    *end = false;
    while (kind != SP_TARBLOCK_MAIN) {
        enum sp_err err = filter_fill(filter, why);
        *end = err == SP_OK && filter->block.len == 0;
        if (*end)
            return filter->head.blocks.len == 0 ? SP_OK : filter_cut_off(filter, why);
        if (err == SP_OK)
            err = filter_take(filter, SP_TAR_BLOCK, why);
        if (err != SP_OK)
            return err;
        memcpy(block, filter->bytes.data, sizeof block);
        err = sp_tarhead_block(&filter->head, block, &kind, &size, why);
        if (err == SP_OK && kind == SP_TARBLOCK_OTHER)
            err = sp_fail(why, SP_ERR_FORMAT,
                          "a damaged header at byte %llu: nobody can tell what follows, so nothing "
                          "more is given on",
                          (unsigned long long)(filter->at - SP_TAR_BLOCK));
        if (err == SP_OK && kind == SP_TARBLOCK_ZERO)
            err = filter_between(filter, block, 0, why);
        if (err == SP_OK && kind == SP_TARBLOCK_GLOBAL)
            err = filter_global(filter, block, size, why);
        if (err == SP_OK && kind == SP_TARBLOCK_MORE) {
            err = filter_take(filter, size + filter_padding(size), why);
            if (err == SP_OK)
                err = sp_tarhead_extend(&filter->head, sp_buf_slice(&filter->bytes), size, why);
        }
        if (err == SP_OK && kind == SP_TARBLOCK_MAIN && size > 0)
            err = filter_holes(filter, why);
        if (err != SP_OK)
            return err;
    }
    return filter_link_size(filter, why);
}

/* ---- members that stay, or go as a whole -------------------------------------------------------
 */
static enum sp_err filter_keep(struct filter *filter, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    enum sp_err err = filter_give(filter, sp_buf_slice(&filter->head.blocks), why);
    if (err == SP_OK)
        err = filter_pass(filter, size, filter_give, why);
    if (err == SP_OK) /* what stands in the padding is of no member, and of nobody who stays */
        err = filter_pass(filter, filter_padding(size), filter_mute, why);
    return err == SP_OK ? filter_pad(filter, size, why) : err;
}

static enum sp_err filter_skip(struct filter *filter, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    return filter_pass(filter, size + filter_padding(size), filter_mute, why);
}

static void gone_free(struct gone *gone)
{
    if (gone == NULL)
        return;
    sp_tarhead_clear(&gone->head);
    sp_buf_clear(&gone->heir);
    sp_free(gone);
}

/* A file goes; its content waits for a link to it that stays. */
static enum sp_err filter_drop(struct filter *filter, size_t index, struct sp_why *why)
{
    filter->sum->dropped++;
    sp_names_see(filter->job->drop, index);
    bool has_content = filter->head.type != '1' && filter->head.size > 0;
    if (!has_content)
        return filter_skip(filter, why);
    struct gone *gone = sp_alloc_zero(sizeof *gone);
    if (gone == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a member");
    gone_free(filter->gone[index]);
    filter->gone[index] = gone;
    gone->head = filter->head; /* taken over */
    sp_tarhead_init(&filter->head);
    sp_buf_init(&gone->heir, SP_TAR_HEAD_MAX);
    gone->begin = sp_scratch_len(filter->scratch);
    uint64_t size = gone->head.size;
    return filter_pass(filter, size + filter_padding(size), filter_keep_back, why);
}

static enum sp_err filter_from_scratch(struct filter *filter, uint64_t begin, uint64_t end,
                                       sp_bytes_out out, struct sp_why *why)
{
    const struct sp_spans none = {0};
    struct sp_stream *stream = NULL;
    enum sp_err err = sp_scratch_stream(filter->scratch, begin, end, &stream, why);
    if (err == SP_OK)
        err = sp_cut_copy(stream, &none, out, filter, why);
    sp_stream_close(stream);
    return err;
}

/* A link that stays, to content that went: it becomes the content, or a link to who became it. */
static enum sp_err filter_inherit(struct filter *filter, struct gone *gone, struct sp_why *why)
{
    struct sp_tarhead_change change = {.size = UINT64_MAX};
    struct sp_slice heir = sp_buf_slice(&gone->heir);
    uint64_t size = gone->head.size;
    bool first = heir.len == 0;
    enum sp_err err = filter_skip(filter, why);
    if (first)
        change.as = &gone->head;
    else
        change.link = &heir;
    sp_buf_reset(&filter->bytes);
    if (err == SP_OK)
        err = sp_tarhead_write(&filter->head, &change, &filter->bytes, why);
    if (err == SP_OK)
        err = filter_give(filter, sp_buf_slice(&filter->bytes), why);
    if (err != SP_OK || !first)
        return err;
    err = sp_buf_append(&gone->heir, filter->head.name.data, filter->head.name.len, why);
    return err == SP_OK
               ? filter_from_scratch(filter, gone->begin, gone->begin + size + filter_padding(size),
                                     filter_give, why)
               : err;
}

/* ---- members of which records go ----------------------------------------------------------------
 */
static enum sp_err filter_refuse(struct filter *filter, const char *refusal, struct sp_why *why)
{
    filter->sum->refused++;
    filter->job->told(filter->job->ctx, sp_buf_slice(&filter->head.name), SP_FILTER_LEFT_OUT,
                      refusal);
    enum sp_err err =
        sp_buf_append(&filter->refused, filter->head.name.data, filter->head.name.len, why);
    return err == SP_OK ? sp_buf_append_byte(&filter->refused, '\0', why) : err;
}

/* Nothing of it goes: then it goes on also when its exempt tuples cannot be told. */
static bool filter_all_stays(const struct sp_cuts *cuts)
{
    return cuts->whole == 0 && cuts->exempt == cuts->count;
}

static void filter_unchanged(struct filter *filter, const char *reason)
{
    filter->sum->unchanged++;
    filter->job->told(filter->job->ctx, sp_buf_slice(&filter->head.name), SP_FILTER_UNCHANGED,
                      reason);
}

/* A link to a member that was left out. */
static bool filter_is_refused(const struct filter *filter, struct sp_slice name)
{
    struct sp_slice list = sp_buf_slice(&filter->refused);
    while (list.len > 0) {
        struct sp_slice item = {list.ptr, strlen((const char *)list.ptr)};
        if (sp_slice_equal(item, name))
            return true;
        list.ptr += item.len + 1;
        list.len -= item.len + 1;
    }
    return false;
}

/* A member in the scratch file: as it came, and without its packing. */
struct waiting {
    uint64_t begin, end;
    uint64_t plain_begin, plain_end; /* unpacked; the same when it was not packed */
    enum sp_packing packing;
};

/* Unpacks behind itself in the scratch file, layer by layer. */
static enum sp_err filter_unpack(struct filter *filter, struct waiting *waiting, bool *damaged,
                                 struct sp_why *why)
{
    const struct sp_spans none = {0};
    struct sp_slice head = {NULL, 0};
    struct sp_stream *packed = NULL;
    struct sp_stream *plain = NULL;
    struct sp_why what = {""};
    waiting->plain_begin = waiting->begin;
    waiting->plain_end = waiting->end;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->begin, waiting->end, &packed, why);
    if (err == SP_OK)
        err = sp_stream_peek(packed, SP_HEAD_BYTES, &head, why);
    waiting->packing = err == SP_OK ? sp_packing_of(head) : SP_PACKING_NONE;
    if (err == SP_OK && waiting->packing != SP_PACKING_NONE) {
        waiting->plain_begin = waiting->end;
        err = sp_unpack_open(packed, waiting->packing, &plain, &what);
        if (err == SP_OK)
            err = sp_cut_copy(plain, &none, filter_keep_back, filter, &what);
        *damaged = err == SP_ERR_FORMAT;
        err = *damaged ? SP_OK : err == SP_OK ? SP_OK : sp_fail(why, err, "%s", what.text);
        waiting->plain_end = sp_scratch_len(filter->scratch);
    }
    sp_stream_close(plain);
    sp_stream_close(packed);
    return err;
}

static enum sp_err filter_spans(struct filter *filter, const struct waiting *waiting,
                                struct sp_cuts *cuts, struct sp_spans *spans, const char **refusal,
                                struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->plain_begin, waiting->plain_end, &stream, why);
    if (err == SP_OK)
        err = sp_cut_find(stream, sp_buf_slice(&filter->head.name), filter->job->limits, cuts,
                          spans, refusal, why);
    sp_stream_close(stream);
    return err;
}

/* Gives what is left to `out`, packed again when it was. */
static enum sp_err filter_cut_out(struct filter *filter, const struct waiting *waiting,
                                  const struct sp_spans *spans, sp_bytes_out out,
                                  struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->plain_begin, waiting->plain_end, &stream, why);
    if (err == SP_OK)
        err = sp_cut_copy(stream, spans, out, filter, why);
    sp_stream_close(stream);
    return err;
}

static enum sp_err pack_give(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    return sp_pack_add(ctx, bytes, why);
}

/* The same, packed into the scratch file: its size must be known before its header is written. */
static enum sp_err filter_cut_packed(struct filter *filter, const struct waiting *waiting,
                                     const struct sp_spans *spans, struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    struct sp_pack *pack = NULL;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->plain_begin, waiting->plain_end, &stream, why);
    if (err == SP_OK)
        err = sp_pack_open(waiting->packing, filter_keep_back, filter, &pack, why);
    if (err == SP_OK)
        err = sp_cut_copy(stream, spans, pack_give, pack, why);
    if (pack != NULL) {
        struct sp_why what = {""};
        enum sp_err closed = sp_pack_close(pack, &what);
        err = err != SP_OK || closed == SP_OK ? err : sp_fail(why, closed, "%s", what.text);
    }
    sp_stream_close(stream);
    return err;
}

static enum sp_err filter_count(void *ctx, struct sp_slice bytes, struct sp_why *why)
{
    (void)why;
    *(uint64_t *)ctx += bytes.len;
    return SP_OK;
}

/* Bytes that stay. */
static enum sp_err filter_left(struct filter *filter, const struct waiting *waiting,
                               const struct sp_spans *spans, uint64_t *size, struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->plain_begin, waiting->plain_end, &stream, why);
    *size = 0;
    if (err == SP_OK)
        err = sp_cut_copy(stream, spans, filter_count, size, why);
    sp_stream_close(stream);
    return err;
}

static enum sp_err filter_cut_header(struct filter *filter, uint64_t size, struct sp_why *why)
{
    const struct sp_tarhead_change change = {.size = size};
    sp_buf_reset(&filter->bytes);
    enum sp_err err = sp_tarhead_write(&filter->head, &change, &filter->bytes, why);
    return err == SP_OK ? filter_give(filter, sp_buf_slice(&filter->bytes), why) : err;
}

/* The member in the scratch file goes out without its records, behind a header of its new size when
 * it is one of a tar. */
static enum sp_err filter_cut_write(struct filter *filter, const struct waiting *waiting,
                                    const struct sp_spans *spans, bool in_tar, struct sp_why *why)
{
    uint64_t begin = sp_scratch_len(filter->scratch);
    uint64_t size = 0;
    bool whole = in_tar && spans->count == 0; /* only exempt records: it goes on as it came */
    bool packed = in_tar && !whole && waiting->packing != SP_PACKING_NONE;
    enum sp_err err = SP_OK;
    if (whole) {
        begin = waiting->begin;
        size = waiting->end - waiting->begin;
    } else if (packed) {
        err = filter_cut_packed(filter, waiting, spans, why);
        size = sp_scratch_len(filter->scratch) - begin;
    } else if (in_tar) {
        err = filter_left(filter, waiting, spans, &size, why);
    }
    if (err == SP_OK && in_tar)
        err = filter_cut_header(filter, size, why);
    if (err == SP_OK)
        err = packed || whole ? filter_from_scratch(filter, begin, begin + size, filter_give, why)
                              : filter_cut_out(filter, waiting, spans, filter_give, why);
    return err == SP_OK && in_tar ? filter_pad(filter, size, why) : err;
}

/* The tuples that go, one by one, as SQL that takes them out of a database. */
static enum sp_err filter_undo(struct filter *filter, const struct waiting *waiting,
                               const struct sp_cuts *cuts, const struct sp_spans *spans,
                               struct sp_why *why)
{
    const struct sp_cut_row *rows = (const struct sp_cut_row *)(const void *)spans->rows.data;
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < spans->rows.len / sizeof *rows && err == SP_OK; i++) {
        struct sp_stream *stream = NULL;
        err = sp_scratch_stream(filter->scratch, waiting->plain_begin + rows[i].begin,
                                waiting->plain_begin + rows[i].end, &stream, why);
        if (err == SP_OK)
            err = sp_undo_tuple(filter->job->undo, &rows[i], (const char *)spans->names.data,
                                cuts->columns, stream, &filter->undone, why);
        sp_stream_close(stream);
    }
    return err;
}

/* The member waits in the scratch file [waiting->begin, waiting->end). */
static enum sp_err filter_cut_waiting(struct filter *filter, struct waiting *waiting,
                                      struct sp_cuts *cuts, bool in_tar, struct sp_why *why)
{
    struct sp_spans spans = {.wants_rows = filter->job->undo != NULL};
    const char *refusal = NULL;
    bool damaged = false;
    sp_buf_init(&spans.rows, SIZE_MAX);
    sp_buf_init(&spans.names, SIZE_MAX);
    enum sp_err err = filter_unpack(filter, waiting, &damaged, why);
    if (err == SP_OK && damaged)
        refusal = "it is damaged";
    if (err == SP_OK && !damaged)
        err = filter_spans(filter, waiting, cuts, &spans, &refusal, why);
    if (err == SP_OK && refusal != NULL && filter_all_stays(cuts)) {
        filter_unchanged(filter, refusal);
        refusal = NULL;
        spans.rows.len = 0;
    }
    if (err == SP_OK && refusal != NULL)
        err = filter_refuse(filter, refusal, why);
    else if (err == SP_OK) {
        filter->sum->cut += spans.records > 0;
        filter->sum->records += spans.records;
        err = filter_undo(filter, waiting, cuts, &spans, why);
    }
    if (err == SP_OK && refusal == NULL) {
        err = filter_cut_write(filter, waiting, &spans, in_tar, why);
    }
    sp_spans_clear(&spans);
    return err;
}

static enum sp_err filter_cut(struct filter *filter, struct sp_cuts *cuts, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    struct waiting waiting = {.begin = sp_scratch_len(filter->scratch)};
    const char *refusal = filter->head.type == '1' ? "it is a link to what must be cut"
                          : filter->head.sparse    ? "records of a sparse file cannot be cut out"
                          : cuts->used             ? "one of the same name came before it"
                          : cuts->size != SP_SIZE_UNKNOWN && cuts->size != size
                              ? "it is not of the size that the check saw: it has changed"
                          : cuts->whole > 0 ? "a hit in it is in no record that can be cut out"
                          : filter->head.type != '0' && filter->head.type != '7'
                              ? "its name holds a hit, or it is no file"
                              : NULL;
    cuts->used = true;
    if (refusal != NULL && filter_all_stays(cuts)) {
        filter_unchanged(filter, refusal);
        return filter_keep(filter, why);
    }
    if (refusal != NULL) {
        enum sp_err refused = filter_refuse(filter, refusal, why);
        return refused == SP_OK ? filter_skip(filter, why) : refused;
    }
    enum sp_err err = filter_pass(filter, size, filter_keep_back, why);
    waiting.end = sp_scratch_len(filter->scratch);
    if (err == SP_OK)
        err = filter_pass(filter, filter_padding(size), filter_mute, why);
    if (err == SP_OK)
        err = filter_cut_waiting(filter, &waiting, cuts, true, why);
    return err == SP_OK ? sp_scratch_cut(filter->scratch, waiting.begin, why) : err;
}

/* ---- all members -------------------------------------------------------------------------------
 */
static enum sp_err filter_member(struct filter *filter, struct sp_why *why)
{
    const struct sp_filter_job *job = filter->job;
    struct sp_slice name = sp_buf_slice(&filter->head.name);
    struct sp_slice link = sp_buf_slice(&filter->head.link);
    size_t index = job->drop == NULL ? SIZE_MAX : sp_names_find(job->drop, name);
    struct sp_cuts *cuts = job->records == NULL ? NULL : sp_records_find(job->records, name);
    filter->sum->members++;
    if (index != SIZE_MAX)
        return filter_drop(filter, index, why);
    if (filter->head.type == '1' && filter_is_refused(filter, link)) {
        enum sp_err err = filter_refuse(filter, "it is a link to what was left out", why);
        return err == SP_OK ? filter_skip(filter, why) : err;
    }
    if (cuts != NULL)
        return filter_cut(filter, cuts, why);
    if (name.len == 0 && filter_may_be_met(filter)) {
        enum sp_err err = filter_refuse(filter, "it has no name, and so has a hit", why);
        return err == SP_OK ? filter_skip(filter, why) : err;
    }
    size_t target =
        filter->head.type == '1' && job->drop != NULL ? sp_names_find(job->drop, link) : SIZE_MAX;
    if (target != SIZE_MAX && filter->gone[target] != NULL)
        return filter_inherit(filter, filter->gone[target], why);
    return filter_keep(filter, why);
}

static enum sp_err filter_tar(struct filter *filter, struct sp_why *why)
{
    bool end = false;
    enum sp_err err = SP_OK;
    while (err == SP_OK && !end) {
        err = filter_head(filter, &end, why);
        if (err == SP_OK && !end)
            err = filter_member(filter, why);
    }
    return err;
}

/* Input that is no tar: one dump, one mailbox. */
static enum sp_err filter_single(struct filter *filter, struct sp_why *why)
{
    bool many = false;
    struct sp_slice name = {NULL, 0};
    struct sp_cuts *cuts =
        filter->job->records == NULL ? NULL : sp_records_only(filter->job->records, &many, &name);
    struct waiting waiting = {.begin = 0};
    if (cuts == NULL)
        return sp_fail(why, SP_ERR_FORMAT,
                       many ? "the input is no tar, and the decisions are of several members"
                            : "the input is no tar, and there is no decision about a record of it");
    enum sp_err err = sp_buf_append(&filter->head.name, name.ptr, name.len, why);
    if (err != SP_OK)
        return err;
    filter->sum->members = 1;
    do {
        err = filter_fill(filter, why);
        if (err == SP_OK && filter->block.len > 0)
            err = sp_scratch_write(filter->scratch, filter->block, why);
        waiting.end += filter->block.len;
        if (err != SP_OK || filter->block.len == 0)
            break;
        filter->block.len = 0;
    } while (true);
    return err == SP_OK ? filter_cut_waiting(filter, &waiting, cuts, false, why) : err;
}

/* What never came: the lists are of another backup, or it was renamed. */
static void filter_missing(struct filter *filter)
{
    const struct sp_filter_job *job = filter->job;
    size_t index = 0;
    for (size_t i = 0; job->drop != NULL && i < sp_names_count(job->drop); i++) {
        if (sp_names_seen(job->drop, i))
            continue;
        filter->sum->missing++;
        job->told(job->ctx, sp_names_at(job->drop, i), SP_FILTER_MISSING, NULL);
    }
    while (job->records != NULL && index < sp_records_count(job->records)) {
        struct sp_slice name = sp_records_unseen(job->records, &index);
        if (name.len == 0)
            break;
        filter->sum->missing++;
        job->told(job->ctx, name, SP_FILTER_MISSING, NULL);
    }
}

static enum sp_err filter_open(struct filter *filter, struct sp_slice *head, struct sp_why *why)
{
    const struct sp_filter_job *job = filter->job;
    size_t drops = job->drop == NULL ? 0 : sp_names_count(job->drop);
    filter->gone = sp_alloc_zero((drops + 1) * sizeof(struct gone *));
    if (filter->gone == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu names", drops);
    enum sp_err err = sp_scratch_open(&filter->scratch, why);
    if (err == SP_OK)
        err = sp_stream_open_fd(job->in, false, &filter->raw, why);
    filter->in = filter->raw;
    if (err == SP_OK)
        err = sp_stream_peek(filter->raw, SP_HEAD_BYTES, head, why);
    enum sp_packing packing = err == SP_OK ? sp_packing_of(*head) : SP_PACKING_NONE;
    if (err != SP_OK || packing == SP_PACKING_NONE)
        return err;
    err = sp_unpack_open(filter->raw, packing, &filter->in, why);
    if (err != SP_OK)
        filter->in = filter->raw;
    return err == SP_OK ? sp_stream_peek(filter->in, SP_HEAD_BYTES, head, why) : err;
}

static void filter_close(struct filter *filter)
{
    size_t drops = filter->job->drop == NULL ? 0 : sp_names_count(filter->job->drop);
    for (size_t i = 0; filter->gone != NULL && i < drops; i++)
        gone_free(filter->gone[i]);
    sp_free(filter->gone);
    if (filter->in != filter->raw)
        sp_stream_close(filter->in);
    sp_stream_close(filter->raw);
    sp_scratch_close(filter->scratch);
    sp_tarhead_clear(&filter->head);
    sp_buf_clear(&filter->out);
    sp_buf_clear(&filter->refused);
    sp_buf_clear(&filter->bytes);
    sp_buf_clear(&filter->joined);
}

enum sp_err sp_filter_run(const struct sp_filter_job *job, struct sp_filter_sum *sum,
                          struct sp_why *why)
{
    struct filter filter = {.job = job, .sum = sum, .undone = {.anonymises = job->anonymise}};
    struct sp_slice head = {NULL, 0};
    *sum = (struct sp_filter_sum){0};
    sp_tarhead_init(&filter.head);
    sp_buf_init(&filter.out, (size_t)2 * SP_BLOCK_BYTES);
    sp_buf_init(&filter.refused, SIZE_MAX);
    sp_buf_init(&filter.bytes, (size_t)4 * SP_TAR_HEAD_MAX);
    enum sp_err err = filter_open(&filter, &head, why);
    bool is_tar = sp_tar_is_header(head);
    if (err == SP_OK)
        err = is_tar ? filter_tar(&filter, why) : filter_single(&filter, why);
    enum sp_err flushed = filter_flush(&filter, err == SP_OK ? why : NULL);
    if (err == SP_OK)
        err = flushed;
    if (err == SP_OK)
        filter_missing(&filter);
    if (err == SP_OK && job->undo != NULL)
        err = sp_undo_end(job->undo, sp_records_exempt(job->records), &filter.undone, why);
    sum->anonymised = filter.undone.changed;
    sum->left = filter.undone.left;
    filter_close(&filter);
    return err;
}
