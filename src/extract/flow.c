#include "extract/flow.h"

#include "base/mem.h"
#include "extract/cells.h"

struct sp_flow {
    struct sp_row row;
    struct sp_decoder *decoder;
    bool in_cell;   /* the text goes into a cell */
    bool placeless; /* the run at hand has no source byte */
    char last;      /* byte that was pushed last; a newline at the beginning */
};

enum sp_err sp_flow_new(struct sp_sink *sink, struct sp_flow **out, struct sp_why *why)
{
    struct sp_flow *flow = sp_alloc(sizeof *flow);
    if (flow == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the text of a document");
    flow->in_cell = flow->placeless = false;
    flow->last = '\n';
    sp_row_init(&flow->row, sink);
    enum sp_err err = sp_decoder_new(SP_ENC_UTF8, NULL, &flow->decoder, why);
    if (err == SP_OK)
        *out = flow;
    else
        sp_free(flow);
    return err;
}

void sp_flow_free(struct sp_flow *flow)
{
    if (flow == NULL)
        return;
    sp_decoder_free(flow->decoder);
    sp_cells_free(flow->row.cells_open);
    sp_free(flow);
}

enum sp_err sp_flow_unpack(struct sp_flow *flow, struct sp_why *why)
{
    return sp_cells_new(&flow->row.cells_open, why);
}

void sp_flow_begin(struct sp_flow *flow, const struct sp_record *record)
{
    flow->row.record = *record;
    flow->in_cell = false;
    flow->last = '\n';
    sp_row_begin(&flow->row);
}

void sp_flow_keys(struct sp_flow *flow, const struct sp_slice *keys, size_t count)
{
    flow->row.keys = keys;
    flow->row.key_count = count;
}

enum sp_err sp_flow_field(struct sp_flow *flow, struct sp_slice key, struct sp_slice part,
                          struct sp_why *why)
{
    flow->in_cell = true;
    flow->last = '\n';
    return sp_row_named(&flow->row, key, part, 0, why);
}

enum sp_err sp_flow_column(struct sp_flow *flow, uint32_t column, struct sp_why *why)
{
    flow->in_cell = true;
    flow->last = '\n';
    return sp_row_cell(&flow->row, column, 0, why);
}

static enum sp_err flow_cell(struct sp_flow *flow, struct sp_why *why)
{
    if (flow->in_cell)
        return SP_OK;
    flow->in_cell = true;
    return sp_row_cell(&flow->row, 0, 0, why);
}

static enum sp_err flow_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct sp_flow *flow = ctx;
    if (flow->placeless)
        return sp_row_append(&flow->row, utf8.ptr, utf8.len, SP_SIZE_UNKNOWN, why);
    return sp_row_text(&flow->row, utf8, map, why);
}

enum sp_err sp_flow_text(struct sp_flow *flow, struct sp_slice utf8, uint64_t off,
                         struct sp_why *why)
{
    if (utf8.len == 0)
        return SP_OK;
    enum sp_err err = flow_cell(flow, why);
    flow->last = (char)utf8.ptr[utf8.len - 1];
    flow->placeless = off == SP_SIZE_UNKNOWN;
    return err == SP_OK ? sp_decoder_push(flow->decoder, utf8, flow->placeless ? 0 : off, false,
                                          flow_out, flow, why)
                        : err;
}

enum sp_err sp_flow_break(struct sp_flow *flow, char c, uint64_t off, struct sp_why *why)
{
    const uint8_t byte = (uint8_t)c;
    if (flow->last == '\n' && (c == '\n' || !flow->in_cell))
        return SP_OK;
    return sp_flow_text(flow, (struct sp_slice){&byte, 1}, off, why);
}

bool sp_flow_is_header(struct sp_flow *flow)
{
    if (flow->row.open)
        return false;
    flow->row.record.ordinal = 0;
    return true;
}

enum sp_err sp_flow_end(struct sp_flow *flow, struct sp_why *why)
{
    flow->in_cell = false;
    return sp_row_end(&flow->row, why);
}

uint64_t sp_flow_records(const struct sp_flow *flow)
{
    return flow->row.record_count;
}
