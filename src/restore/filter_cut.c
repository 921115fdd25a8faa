/* Members of which records go. */
#include "restore/filter_in.h"
#include "restore/tarwrite.h"

#include "base/limits.h"

/* Nothing of it goes: then it goes on also when its exempt tuples cannot be told. */
static bool filter_all_stays(const struct sp_cuts *cuts)
{
    return cuts->whole == 0 && cuts->exempt == cuts->count;
}

static void filter_unchanged(struct sp_filter *filter, const char *reason)
{
    filter->sum->unchanged++;
    filter->job->told(filter->job->ctx, sp_buf_slice(&filter->head.name), SP_FILTER_UNCHANGED,
                      reason);
}

/* Unpacks behind itself in the scratch file, layer by layer. */
static enum sp_err filter_unpack(struct sp_filter *filter, struct sp_filter_waiting *waiting,
                                 bool *damaged, struct sp_why *why)
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
            err = sp_cut_copy(plain, &none, sp_filter_keep_back, filter, &what);
        *damaged = err == SP_ERR_FORMAT;
        err = *damaged ? SP_OK : err == SP_OK ? SP_OK : sp_fail(why, err, "%s", what.text);
        waiting->plain_end = sp_scratch_len(filter->scratch);
    }
    sp_stream_close(plain);
    sp_stream_close(packed);
    return err;
}

static enum sp_err filter_spans(struct sp_filter *filter, const struct sp_filter_waiting *waiting,
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
static enum sp_err filter_cut_out(struct sp_filter *filter, const struct sp_filter_waiting *waiting,
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
static enum sp_err filter_cut_packed(struct sp_filter *filter,
                                     const struct sp_filter_waiting *waiting,
                                     const struct sp_spans *spans, struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    struct sp_pack *pack = NULL;
    enum sp_err err =
        sp_scratch_stream(filter->scratch, waiting->plain_begin, waiting->plain_end, &stream, why);
    if (err == SP_OK)
        err = sp_pack_open(waiting->packing, sp_filter_keep_back, filter, &pack, why);
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
static enum sp_err filter_left(struct sp_filter *filter, const struct sp_filter_waiting *waiting,
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

static enum sp_err filter_cut_header(struct sp_filter *filter, uint64_t size, struct sp_why *why)
{
    const struct sp_tarhead_change change = {.size = size};
    sp_buf_reset(&filter->bytes);
    enum sp_err err = sp_tarhead_write(&filter->head, &change, &filter->bytes, why);
    return err == SP_OK ? sp_filter_give(filter, sp_buf_slice(&filter->bytes), why) : err;
}

/* The member in the scratch file goes out without its records, behind a header of its new size when
 * it is one of a tar. */
static enum sp_err filter_cut_write(struct sp_filter *filter,
                                    const struct sp_filter_waiting *waiting,
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
        err = packed || whole
                  ? sp_filter_from_scratch(filter, begin, begin + size, sp_filter_give, why)
                  : filter_cut_out(filter, waiting, spans, sp_filter_give, why);
    return err == SP_OK && in_tar ? sp_filter_pad(filter, size, why) : err;
}

/* The tuples that go, one by one, as SQL that takes them out of a database. */
static enum sp_err filter_undo(struct sp_filter *filter, const struct sp_filter_waiting *waiting,
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
enum sp_err sp_filter_cut_waiting(struct sp_filter *filter, struct sp_filter_waiting *waiting,
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
        err = sp_filter_refuse(filter, refusal, why);
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

enum sp_err sp_filter_cut(struct sp_filter *filter, struct sp_cuts *cuts, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    struct sp_filter_waiting waiting = {.begin = sp_scratch_len(filter->scratch)};
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
        return sp_filter_keep(filter, why);
    }
    if (refusal != NULL) {
        enum sp_err refused = sp_filter_refuse(filter, refusal, why);
        return refused == SP_OK ? sp_filter_skip(filter, why) : refused;
    }
    enum sp_err err = sp_filter_pass(filter, size, sp_filter_keep_back, why);
    waiting.end = sp_scratch_len(filter->scratch);
    if (err == SP_OK)
        err = sp_filter_pass(filter, sp_filter_padding(size), sp_filter_mute, why);
    if (err == SP_OK)
        err = sp_filter_cut_waiting(filter, &waiting, cuts, true, why);
    return err == SP_OK ? sp_scratch_cut(filter->scratch, waiting.begin, why) : err;
}
