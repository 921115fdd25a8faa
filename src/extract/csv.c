/* CSV (RFC 4180 and what spreadsheets make of it): rows become records, cells fields whose keys
 * are the column names. A state machine over decoded text: rows and cells of any length, in
 * bounded memory. Nothing is lost when the quoting is broken: the text goes on as it stands. */
#include "base/buf.h"
#include "base/mem.h"
#include "extract/cells.h"
#include "extract/csv_dialect.h"
#include "extract/decode.h"
#include "extract/extents.h"
#include "extract/formats.h"
#include "extract/row.h"

enum {
    KEYS_MAX_BYTES = 1024 * 1024, /* all column names together */
    QUOTED_LINES_MAX = 1000       /* a quoted cell with more lines was never closed */
};

enum csv_state {
    CSV_ROW,    /* before the first cell of a row */
    CSV_CELL,   /* before the first byte of a cell */
    CSV_SPACE,  /* behind one space that begins a cell: a quote may follow */
    CSV_PLAIN,  /* in a cell without quotes, or behind a closing quote */
    CSV_QUOTED, /* between quotes */
    CSV_QUOTE   /* behind a quote in a quoted cell: the end, or the first of two */
};

struct csv {
    struct sp_csv_dialect dialect;
    enum csv_state state;
    uint64_t line;              /* of the next byte, from 1 */
    uint64_t ordinal;           /* of the next row; 0 for the header */
    uint32_t column;            /* of the current cell, from 1 */
    uint32_t header_left;       /* rows until the header is complete */
    uint32_t quoted_lines;      /* lines of the quoted cell so far */
    bool stops[256];            /* bytes that end a plain cell */
    uint64_t space_off;         /* source byte of the space in CSV_SPACE */
    struct sp_extents *extents; /* or NULL */
    struct sp_extent extent;    /* of the row at hand, or of the one before it; row 0: of none */
    bool extent_ended;          /* its line end was read */
    bool extent_cr;             /* that was a CR: an LF behind it belongs to it */
    struct sp_buf names;        /* bytes of the column names */
    struct sp_slice *keys;      /* SP_FIELD_MAX_COUNT; ptr is set when the header is complete */
    size_t key_count;
    struct sp_row row;
};

int sp_csv_bid(const struct sp_glance *at)
{
    struct sp_csv_dialect dialect;
    return sp_csv_detect(at->sample, at->name, &dialect);
}

/* ---- column names ------------------------------------------------------------------------ */
static struct sp_slice trim(struct sp_slice text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Remembers the cell that ends now as the name of its column. Columns beyond the limits have
 * none. Names lie in one buffer that still moves: until keys_settle a slice has a length only. */
static enum sp_err key_add(struct csv *csv, struct sp_why *why)
{
    struct sp_slice name = trim(sp_row_cell_text(&csv->row, csv->row.cell_count - 1));
    if (csv->key_count != csv->column - 1 || csv->key_count >= SP_FIELD_MAX_COUNT)
        return SP_OK;
    if (name.len > SP_NAME_MAX_BYTES || name.len > KEYS_MAX_BYTES - csv->names.len)
        name.len = 0;
    enum sp_err err = sp_buf_append(&csv->names, name.ptr, name.len, why);
    if (err == SP_OK)
        csv->keys[csv->key_count++] = (struct sp_slice){NULL, name.len};
    return err;
}

static void keys_settle(struct csv *csv)
{
    size_t at = 0;
    for (size_t i = 0; i < csv->key_count; i++) {
        if (csv->keys[i].len > 0)
            csv->keys[i].ptr = csv->names.data + at;
        at += csv->keys[i].len;
    }
    csv->row.keys = csv->keys;
    csv->row.key_count = csv->key_count;
}

/* ---- where the rows lie -------------------------------------------------------------------- */
static void extent_begin(struct csv *csv, const struct sp_walk *walk, size_t pos)
{
    struct sp_walk look = *walk;
    if (csv->extents == NULL)
        return;
    csv->extent = (struct sp_extent){.kind = SP_EXTENT_RECORD,
                                     .row = csv->row.record.ordinal,
                                     .begin = sp_walk_origin(&look, pos)};
    csv->extent_ended = false;
    csv->extent_cr = false;
}

/* text[pos] ends the row, or is the second byte of its line end. */
static void extent_end(struct csv *csv, const struct sp_walk *walk, size_t pos)
{
    struct sp_walk look = *walk;
    if (csv->extents == NULL)
        return;
    csv->extent.end = sp_walk_origin(&look, pos) + 1;
    csv->extent_ended = true;
    csv->extent_cr = walk->text.ptr[pos] == '\r';
}

static void extent_tell(struct csv *csv)
{
    if (csv->extents != NULL && csv->extent.row > 0)
        csv->extents->tell(csv->extents, &csv->extent);
    csv->extent.row = 0;
}

/* ---- ends -------------------------------------------------------------------------------- */
static enum sp_err cell_end(struct csv *csv, struct sp_why *why)
{
    csv->state = CSV_CELL;
    return csv->header_left == 1 ? key_add(csv, why) : SP_OK;
}

static enum sp_err row_end(struct csv *csv, struct sp_why *why)
{
    csv->state = CSV_ROW;
    if (csv->header_left > 1) { /* titles above the header belong to its record */
        csv->header_left--;
        return SP_OK;
    }
    enum sp_err err = sp_row_end(&csv->row, why);
    if (csv->header_left == 1)
        keys_settle(csv);
    csv->header_left = 0;
    return err;
}

static bool is_row_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* A delimiter or a line end at *pos ends the cell. */
static enum sp_err stop_read(struct csv *csv, uint8_t byte, struct sp_why *why)
{
    enum sp_err err = cell_end(csv, why);
    if (byte == '\n')
        csv->line++;
    return err == SP_OK && is_row_end(byte) ? row_end(csv, why) : err;
}

/* ---- the states: each takes at least one byte or changes the state ------------------------- */
static void row_begin(struct csv *csv, const struct sp_walk *walk, size_t pos)
{
    extent_tell(csv);
    csv->state = CSV_CELL;
    csv->column = 0;
    if (csv->row.active)
        return; /* the header's record, begun by a title */
    csv->row.record = (struct sp_record){
        .kind = SP_RECORD_ROW, .ordinal = csv->ordinal++, .line = csv->line, .date_s = INT64_MIN};
    sp_row_begin(&csv->row);
    extent_begin(csv, walk, pos);
}

static enum sp_err cell_begin(struct csv *csv, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    enum sp_err err = sp_row_cell(&csv->row, ++csv->column, csv->line, why);
    csv->state = CSV_PLAIN;
    if (byte == '"') {
        csv->state = CSV_QUOTED;
        csv->quoted_lines = 0;
        ++*pos;
    } else if (byte == ' ') {
        csv->state = CSV_SPACE;
        csv->space_off = sp_walk_origin(walk, *pos);
        ++*pos;
    }
    return err;
}

static enum sp_err space_read(struct csv *csv, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    if (walk->text.ptr[*pos] == '"') {
        csv->state = CSV_QUOTED;
        csv->quoted_lines = 0;
        ++*pos;
        return SP_OK;
    }
    csv->state = CSV_PLAIN;
    return sp_row_append(&csv->row, (const uint8_t *)" ", 1, csv->space_off, why);
}

static enum sp_err plain_read(struct csv *csv, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    const uint8_t *ptr = walk->text.ptr;
    size_t end = *pos;
    while (end < walk->text.len && !csv->stops[ptr[end]])
        end++;
    enum sp_err err = sp_walk_append(walk, &csv->row, *pos, end, why);
    if (err == SP_OK && end < walk->text.len) {
        if (is_row_end(ptr[end]))
            extent_end(csv, walk, end);
        err = stop_read(csv, ptr[end++], why);
    }
    *pos = end;
    return err;
}

static enum sp_err quoted_read(struct csv *csv, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    const uint8_t *ptr = walk->text.ptr;
    size_t end = *pos;
    while (end < walk->text.len && ptr[end] != '"' && csv->quoted_lines < QUOTED_LINES_MAX) {
        if (ptr[end] == '\n') {
            csv->line++;
            csv->quoted_lines++;
        }
        end++;
    }
    enum sp_err err = sp_walk_append(walk, &csv->row, *pos, end, why);
    if (csv->quoted_lines >= QUOTED_LINES_MAX)
        csv->state = CSV_PLAIN; /* never closed: rows are lines again */
    else if (end < walk->text.len) {
        csv->state = CSV_QUOTE;
        end++;
    }
    *pos = end;
    return err;
}

static enum sp_err quote_read(struct csv *csv, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    if (walk->text.ptr[*pos] != '"') {
        csv->state = CSV_PLAIN;
        return SP_OK;
    }
    enum sp_err err = sp_walk_append(walk, &csv->row, *pos, *pos + 1, why);
    csv->state = CSV_QUOTED;
    ++*pos;
    return err;
}

/* Takes decoded text of any cut. */
static enum sp_err csv_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct csv *csv = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        switch (csv->state) {
        case CSV_ROW:
            if (is_row_end(utf8.ptr[pos])) {
                if (csv->extent_cr && csv->extent.row > 0 && utf8.ptr[pos] == '\n')
                    extent_end(csv, &walk, pos);
                extent_tell(csv); /* lines without a cell are no part of a row */
                csv->line += utf8.ptr[pos++] == '\n';
            } else {
                row_begin(csv, &walk, pos);
            }
            break;
        case CSV_CELL:
            err = cell_begin(csv, &walk, &pos, why);
            break;
        case CSV_SPACE:
            err = space_read(csv, &walk, &pos, why);
            break;
        case CSV_PLAIN:
            err = plain_read(csv, &walk, &pos, why);
            break;
        case CSV_QUOTED:
            err = quoted_read(csv, &walk, &pos, why);
            break;
        case CSV_QUOTE:
            err = quote_read(csv, &walk, &pos, why);
            break;
        }
    }
    return err;
}

/* The stream ends within a row, or behind its last line end. */
static enum sp_err csv_finish(struct csv *csv, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (csv->state == CSV_SPACE)
        err = sp_row_append(&csv->row, (const uint8_t *)" ", 1, csv->space_off, why);
    if (!csv->extent_ended)
        csv->extent.end = UINT64_MAX; /* the last line has no end: up to that of the file */
    extent_tell(csv);
    return err == SP_OK ? sp_row_end(&csv->row, why) : err;
}

static void csv_free(struct csv *csv)
{
    if (csv == NULL)
        return;
    sp_buf_clear(&csv->names);
    sp_free(csv->keys);
    sp_cells_free(csv->row.cells_open);
    sp_free(csv);
}

static struct csv *csv_new(struct sp_extract *x)
{
    uint8_t room[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    struct csv *csv = sp_alloc(sizeof *csv);
    if (csv == NULL)
        return NULL;
    memset(csv, 0, offsetof(struct csv, row));
    sp_row_init(&csv->row, x->sink);
    sp_buf_init(&csv->names, KEYS_MAX_BYTES);
    csv->keys = sp_alloc(SP_FIELD_MAX_COUNT * sizeof *csv->keys);
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    csv->dialect.delimiter = ',';
    const struct sp_slice sample = {room, sp_extract_sample(head, room)};
    (void)sp_csv_detect(sample, x->info->name, &csv->dialect);
    csv->header_left = csv->dialect.header_rows;
    csv->ordinal = csv->header_left > 0 ? 0 : 1;
    csv->line = 1;
    csv->extents = x->extents;
    csv->stops['\n'] = csv->stops['\r'] = true;
    if (csv->dialect.delimiter != 0)
        csv->stops[csv->dialect.delimiter] = true;
    if (csv->keys != NULL && sp_cells_new(&csv->row.cells_open, NULL) == SP_OK)
        return csv;
    csv_free(csv);
    return NULL;
}

enum sp_err sp_csv_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct csv *csv = csv_new(x);
    if (csv == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read CSV");
    enum sp_err err = sp_extract_decode(x, false, csv_text, csv, &stream_err, why);
    if (err == SP_OK)
        err = csv_finish(csv, why);
    x->done->record_count = csv->row.record_count;
    csv_free(csv);
    return err != SP_OK ? err : stream_err;
}
