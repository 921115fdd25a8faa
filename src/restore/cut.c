#include "restore/cut.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/extents.h"
#include "extract/extract.h"

#include <string.h>

/* ---- spans --------------------------------------------------------------------------------- */
static enum sp_err spans_add(struct sp_spans *spans, uint64_t begin, uint64_t end, bool line_end,
                             struct sp_why *why)
{
    struct sp_excision *last =
        spans->items != NULL && spans->count > 0 ? &spans->items[spans->count - 1] : NULL;
    if (last != NULL && last->end == begin && !last->line_end) {
        last->end = end;
        last->line_end = line_end;
        return SP_OK;
    }
    if (spans->items == NULL || spans->count == spans->cap) {
        size_t cap = spans->cap == 0 ? 64 : spans->cap * 2;
        struct sp_excision *grown = sp_realloc(spans->items, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu cuts", cap);
        spans->items = grown;
        spans->cap = cap;
    }
    spans->items[spans->count++] = (struct sp_excision){begin, end, line_end};
    return SP_OK;
}

void sp_spans_clear(struct sp_spans *spans)
{
    sp_free(spans->items);
    sp_buf_clear(&spans->rows);
    sp_buf_clear(&spans->names);
    *spans = (struct sp_spans){0};
}

/* ---- from records to spans ------------------------------------------------------------------ */
struct cutter {
    struct sp_extents extents; /* first */
    struct sp_cuts *cuts;
    struct sp_spans *spans;
    enum sp_cut_kind kind;
    enum sp_err err;
    struct sp_why *why;
    /* the statement at hand */
    bool moved; /* a record is not where the check has seen it */
    bool in_list;
    bool kept;            /* a tuple of it stays */
    bool cut;             /* one does not */
    uint64_t list_begin;  /* of its INSERT */
    uint64_t first_begin; /* of its first tuple */
    uint64_t last_end;    /* of the tuple before */
};

static void cutter_span(struct cutter *cutter, uint64_t begin, uint64_t end, bool line_end)
{
    if (cutter->err == SP_OK)
        cutter->err = spans_add(cutter->spans, begin, end, line_end, cutter->why);
}

/* A statement none of whose tuples stay goes as a whole. */
static void cutter_list_end(struct cutter *cutter, uint64_t end)
{
    if (cutter->in_list && cutter->cut && !cutter->kept)
        cutter_span(cutter, cutter->list_begin, end, true);
    cutter->in_list = false;
}

/* One of several with commas between them. */
static void cutter_tuple(struct cutter *cutter, const struct sp_extent *extent, bool goes)
{
    bool is_first = !cutter->kept && !cutter->cut;
    if (is_first)
        cutter->first_begin = extent->begin;
    if (goes && cutter->kept)
        cutter_span(cutter, cutter->last_end, extent->end, false);
    if (!goes && !cutter->kept && cutter->cut)
        cutter_span(cutter, cutter->first_begin, extent->begin, false);
    cutter->kept = cutter->kept || !goes;
    cutter->cut = cutter->cut || goes;
    cutter->last_end = extent->end;
}

/* A name, with a NUL behind it. */
static void cutter_name(struct cutter *cutter, struct sp_slice name)
{
    struct sp_buf *names = &cutter->spans->names;
    if (cutter->err == SP_OK)
        cutter->err = sp_buf_append(names, name.ptr, name.len, cutter->why);
    if (cutter->err == SP_OK)
        cutter->err = sp_buf_append_byte(names, 0, cutter->why);
}

static void cutter_row(struct cutter *cutter, const struct sp_extent *extent,
                       const struct sp_cut *found)
{
    struct sp_cut_row row = {.begin = extent->begin,
                             .end = extent->end,
                             .table = cutter->spans->names.len,
                             .column_count = extent->column_count,
                             .exempt = found->exempt,
                             .met = found->columns,
                             .in_copy = extent->in_copy,
                             .backslash = extent->backslash};
    if (!cutter->spans->wants_rows || cutter->kind != SP_CUT_TUPLE)
        return;
    for (size_t i = 0; i < extent->key_count && i < SP_CUT_KEYS_MAX; i++)
        row.keys[row.key_count++] = extent->key_columns[i];
    cutter_name(cutter, extent->table);
    for (size_t i = 0; i < extent->column_count; i++) {
        cutter_name(cutter, extent->columns[i]);
        if (extent->columns[i].len == found->column.len && found->column.len > 0 &&
            memcmp(extent->columns[i].ptr, found->column.ptr, found->column.len) == 0)
            row.hit = (uint32_t)i + 1;
    }
    if (cutter->err == SP_OK)
        cutter->err = sp_buf_append(&cutter->spans->rows, &row, sizeof row, cutter->why);
}

static void cutter_tell(struct sp_extents *self, const struct sp_extent *extent)
{
    struct cutter *cutter = (struct cutter *)self;
    if (extent->kind == SP_EXTENT_LIST) {
        cutter_list_end(cutter, cutter->last_end); /* Transact-SQL needs no semicolon */
        cutter->in_list = true;
        cutter->kept = cutter->cut = false;
        cutter->list_begin = extent->begin;
        return;
    }
    if (extent->kind == SP_EXTENT_LIST_END) {
        cutter_list_end(cutter, extent->end);
        return;
    }
    struct sp_cut *found = sp_cuts_find(cutter->cuts, cutter->kind, extent->table, extent->row);
    if (found != NULL && !found->found) {
        found->found = true;
        cutter->moved =
            cutter->moved || (found->offset != SP_SIZE_UNKNOWN &&
                              (found->offset < extent->begin || found->offset >= extent->end));
        cutter->spans->records += !found->exempt;
        cutter_row(cutter, extent, found);
    }
    bool goes = found != NULL && !found->exempt;
    if (cutter->in_list)
        cutter_tuple(cutter, extent, goes);
    else if (goes)
        cutter_span(cutter, extent->begin, extent->end, false);
}

/* ---- lines ----------------------------------------------------------------------------------- */
/* A log has a record a line. */
static enum sp_err cutter_lines(struct cutter *cutter, struct sp_stream *stream)
{
    struct sp_extent extent = {.kind = SP_EXTENT_RECORD, .row = 1};
    struct sp_slice block = {NULL, 0};
    enum sp_err err = sp_stream_next(stream, &block, cutter->why);
    while (err == SP_OK && cutter->err == SP_OK && block.len > 0) {
        const uint8_t *newline = memchr(block.ptr, '\n', block.len);
        size_t len = newline == NULL ? block.len : (size_t)(newline + 1 - block.ptr);
        extent.end += len;
        block.ptr += len;
        block.len -= len;
        if (newline != NULL) {
            cutter_tell(&cutter->extents, &extent);
            extent.begin = extent.end;
            extent.row++;
        }
        if (block.len == 0)
            err = sp_stream_next(stream, &block, cutter->why);
    }
    if (extent.begin < extent.end)
        cutter_tell(&cutter->extents, &extent);
    return err;
}

/* ---- one object ------------------------------------------------------------------------------ */
static const struct {
    const char *format;
    enum sp_cut_kind kind;
} cut_forms[] = {
    {"sqldump", SP_CUT_TUPLE}, {"csv", SP_CUT_ROW}, {"mbox", SP_CUT_MESSAGE}, {"log", SP_CUT_LINE}};

static bool cut_kind(const char *format, enum sp_cut_kind *kind)
{
    for (size_t i = 0; i < sizeof cut_forms / sizeof *cut_forms; i++) {
        *kind = cut_forms[i].kind;
        if (strcmp(cut_forms[i].format, format) == 0)
            return true;
    }
    return false;
}

/* All that was asked for must have come by, in this format: else the file is not the one that was
 * checked. */
static const char *cut_missing(const struct sp_cuts *cuts)
{
    for (size_t i = 0; i < cuts->count; i++)
        if (!cuts->items[i].found)
            return "a record of the decisions is not in it: was it checked in this version?";
    return NULL;
}

static enum sp_err cut_read(struct cutter *cutter, struct sp_extract *x,
                            const struct sp_extractor *extractor, struct sp_why *why)
{
    struct sp_account account = {.top = x->stream};
    x->account = &account;
    x->chosen = extractor;
    enum sp_err err =
        cutter->kind == SP_CUT_LINE ? cutter_lines(cutter, x->stream) : extractor->extract(x, why);
    x->account = NULL;
    cutter_list_end(cutter, cutter->last_end);
    return err != SP_OK ? err : cutter->err;
}

enum sp_err sp_cut_find(struct sp_stream *stream, struct sp_slice name,
                        const struct sp_limits *limits, struct sp_cuts *cuts,
                        struct sp_spans *spans, const char **refusal, struct sp_why *why)
{
    struct sp_slice head = {NULL, 0};
    struct sp_identity identity;
    struct sp_sink mute = {&sp_sink_mute_ops};
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    const struct sp_object_info info = {.step = SP_STEP_MEMBER, .ordinal = 1, .name = name};
    struct cutter cutter = {.extents = {cutter_tell}, .cuts = cuts, .spans = spans, .why = why};
    struct sp_extract x = {.stream = stream,
                           .info = &info,
                           .sink = &mute,
                           .limits = limits,
                           .top_bytes = UINT64_MAX,
                           .extents = &cutter.extents,
                           .done = &done};
    *refusal = "a hit in it is in no record that can be cut out";
    if (cuts->whole > 0)
        return SP_OK;
    enum sp_err err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK)
        return err;
    sp_identify(head, name, sp_stream_size(stream), false, &identity);
    if (!cut_kind(identity.extractor->name, &cutter.kind))
        return SP_OK;
    err = cut_read(&cutter, &x, identity.extractor, why);
    if (err != SP_OK)
        return err;
    *refusal = done.encoding != NULL && (strncmp(done.encoding, "utf-16", 6) == 0 ||
                                         strncmp(done.encoding, "utf-32", 6) == 0)
                   ? "records of UTF-16 and UTF-32 cannot be cut out"
               : cutter.moved ? "a record is not where the check saw it: the file has changed"
                              : cut_missing(cuts);
    return SP_OK;
}

/* ---- copying --------------------------------------------------------------------------------- */
struct copier {
    const struct sp_excision *span, *end;
    uint64_t at;    /* of the next byte */
    bool wants_end; /* behind a span whose line end goes too */
    bool behind_cr;
};

/* How many bytes from the start of the block go out as they are (*keep), or are passed over. */
static size_t copier_part(struct copier *copier, struct sp_slice block, bool *keep)
{
    const struct sp_excision *span = copier->span;
    *keep = false;
    if (copier->wants_end) {
        uint8_t byte = block.ptr[0];
        copier->wants_end = byte == '\r' && !copier->behind_cr;
        copier->behind_cr = byte == '\r';
        if (byte == '\n' || copier->wants_end)
            return 1;
        copier->wants_end = false;
    }
    *keep = span == copier->end || copier->at < span->begin;
    uint64_t to = span == copier->end ? UINT64_MAX : *keep ? span->begin : span->end;
    size_t len = to - copier->at < block.len ? (size_t)(to - copier->at) : block.len;
    if (!*keep && copier->at + len == span->end) {
        copier->wants_end = span->line_end;
        copier->behind_cr = false;
        copier->span++;
    }
    return len;
}

enum sp_err sp_cut_copy(struct sp_stream *stream, const struct sp_spans *spans, sp_bytes_out out,
                        void *ctx, struct sp_why *why)
{
    struct copier copier = {.span = spans->items, .end = spans->items};
    if (spans->count > 0)
        copier.end += spans->count;
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(stream, &block, why);
        if (err != SP_OK || block.len == 0)
            return err;
        while (err == SP_OK && block.len > 0) {
            bool keep;
            size_t len = copier_part(&copier, block, &keep);
            if (keep && len > 0)
                err = out(ctx, (struct sp_slice){block.ptr, len}, why);
            copier.at += len;
            block.ptr += len;
            block.len -= len;
        }
        if (err != SP_OK)
            return err;
    }
}
