#include "extract/row.h"
#include "extract/cells.h"
#include "extract/enclosed.h"

#include <string.h>

void sp_row_init(struct sp_row *row, struct sp_sink *sink)
{
    memset(row, 0, offsetof(struct sp_row, cells));
    row->sink = sink;
    row->record.date_s = INT64_MIN;
}

void sp_row_begin(struct sp_row *row)
{
    if (row->cell_long)
        sp_cells_long_drop(row->cells_open);
    row->active = true;
    row->open = row->cell_long = false;
    row->cell_count = 0;
    row->point_count = 0;
    row->text_len = 0;
}

/* The latest date in a cell of its own. */
static int64_t row_date(const struct sp_row *row)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < row->cell_count; i++) {
        int64_t date = sp_row_date_of(sp_row_cell_text(row, i));
        latest = date > latest ? date : latest;
    }
    return latest;
}

static enum sp_err record_open(struct sp_row *row, bool whole, struct sp_why *why)
{
    if (row->open)
        return SP_OK;
    if (whole && row->record.ordinal != 0 && row->record.date_s == INT64_MIN)
        row->record.date_s = row_date(row);
    if (row->prepare != NULL)
        row->prepare(row->ctx, row, whole);
    row->open = true;
    row->record_count += row->record.ordinal != 0; /* a header is no record of anybody */
    return sp_sink_record_begin(row->sink, &row->record, why);
}

struct sp_slice sp_row_cell_key(const struct sp_row *row, const struct sp_row_cell *cell)
{
    bool known = cell->column > 0 && cell->column <= row->key_count;
    return known ? row->keys[cell->column - 1] : cell->key;
}

/* What is packed in the cell is opened; *done: nothing is left to be pushed. */
static enum sp_err cell_unpack(struct sp_row *row, size_t index, struct sp_slice text,
                               struct sp_origin_map map, bool whole, bool *done, struct sp_why *why)
{
    const struct sp_row_cell *cell = &row->cells[index];
    enum sp_err err = SP_OK;
    struct sp_row_cell outer = *cell;
    outer.key = sp_row_cell_key(row, cell);
    if (!cell->begun && whole)
        return sp_cells_push(row->cells_open, row->sink, &outer, text, map, done, why);
    if (!cell->begun && !sp_enclosed_is_document(text))
        err = sp_cells_long_begin(row->cells_open, row->sink, &outer, &row->cell_long, why);
    *done = index == 0 && row->cell_long;
    if (err == SP_OK && *done && text.len > 0)
        err = sp_cells_long_push(row->cells_open, text, map, why);
    if (err == SP_OK && *done && whole) {
        row->cell_long = false;
        err = sp_cells_long_end(row->cells_open, why);
    }
    return err;
}

/* `whole`: all text of the cell is here. */
static enum sp_err cell_push(struct sp_row *row, size_t index, bool whole, struct sp_why *why)
{
    struct sp_row_cell *cell = &row->cells[index];
    bool ends_long = index == 0 && row->cell_long && whole;
    if (cell->begin == cell->end && !ends_long)
        return SP_OK;
    size_t point_end = index + 1 < row->cell_count ? row->cells[index + 1].point : row->point_count;
    struct sp_slice text = {row->text + cell->begin, cell->end - cell->begin};
    struct sp_origin_map map = {row->points + cell->point, point_end - cell->point};
    enum sp_err err = SP_OK;
    if (row->cells_open != NULL && cell->field) {
        bool done = false;
        err = cell_unpack(row, index, text, map, whole, &done, why);
        if (err != SP_OK || done) {
            cell->begun = true;
            return err;
        }
    }
    if (!cell->begun && cell->field) {
        const struct sp_field field = {.key = sp_row_cell_key(row, cell),
                                       .part = cell->part,
                                       .column = cell->column,
                                       .line = cell->line};
        err = sp_sink_field(row->sink, &field, why);
    }
    cell->begun = true;
    return err == SP_OK ? sp_sink_text(row->sink, text, map, why) : err;
}

/* Pushes what is kept: all of the row, or of its last cell, or what there is of that, which goes on
 * empty. */
enum row_end { ROW_ENDS, ROW_CELL_ENDS, ROW_GOES_ON };
static enum sp_err row_flush(struct sp_row *row, enum row_end end, struct sp_why *why)
{
    enum sp_err err = record_open(row, end == ROW_ENDS, why);
    for (size_t i = 0; err == SP_OK && i < row->cell_count; i++)
        err = cell_push(row, i, end != ROW_GOES_ON || i + 1 < row->cell_count, why);
    if (row->cell_count > 0) {
        row->cells[0] = row->cells[row->cell_count - 1];
        row->cells[0].begin = row->cells[0].end = row->cells[0].point = 0;
        row->cell_count = 1;
    }
    row->text_len = 0;
    row->point_count = 0;
    return err;
}

/* Pushes the cells before the last one, which stays whole. */
static enum sp_err row_flush_before(struct sp_row *row, struct sp_why *why)
{
    const struct sp_row_cell last = row->cells[row->cell_count - 1];
    size_t points = row->point_count - last.point;
    size_t len = row->text_len - last.begin;
    enum sp_err err = record_open(row, false, why); /* who prepares it sees the last cell too */
    row->point_count = last.point;
    row->cell_count--;
    if (err == SP_OK)
        err = row_flush(row, ROW_CELL_ENDS, why);
    memmove(row->points, row->points + last.point, points * sizeof row->points[0]);
    memmove(row->text, row->text + last.begin, len);
    row->cells[0] = last;
    row->cells[0].begin = row->cells[0].point = 0;
    row->cells[0].end = (uint32_t)len;
    row->cell_count = 1;
    row->point_count = points;
    row->text_len = len;
    return err;
}

static bool row_is_full(const struct sp_row *row, size_t len)
{
    return len > SP_FRAME_TEXT_MAX - row->text_len || row->point_count == SP_ROW_POINTS_MAX;
}

static enum sp_err cell_add(struct sp_row *row, struct sp_row_cell cell, struct sp_why *why)
{
    if (row->cell_count == SP_ROW_CELLS_MAX) {
        enum sp_err err = row_flush(row, ROW_CELL_ENDS, why);
        if (err != SP_OK)
            return err;
    }
    cell.begin = cell.end = (uint32_t)row->text_len;
    cell.point = (uint32_t)row->point_count;
    row->cells[row->cell_count++] = cell;
    return SP_OK;
}

enum sp_err sp_row_cell(struct sp_row *row, uint32_t column, uint64_t line, struct sp_why *why)
{
    return cell_add(row, (struct sp_row_cell){.column = column, .field = column != 0, .line = line},
                    why);
}

enum sp_err sp_row_named(struct sp_row *row, struct sp_slice key, struct sp_slice part,
                         uint64_t line, struct sp_why *why)
{
    return cell_add(
        row, (struct sp_row_cell){.field = true, .key = key, .part = part, .line = line}, why);
}

static bool origin_continues(const struct sp_row *row, const struct sp_row_cell *cell, uint64_t off)
{
    if (row->point_count == cell->point)
        return false;
    const struct sp_origin *last = &row->points[row->point_count - 1];
    if (last->source_off == SP_SIZE_UNKNOWN)
        return off == SP_SIZE_UNKNOWN;
    return last->source_off + (cell->end - cell->begin - last->text_pos) == off;
}

enum sp_err sp_row_append(struct sp_row *row, const uint8_t *ptr, size_t len, uint64_t off,
                          struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (row_is_full(row, len) && row->cell_count > 1)
        err = row_flush_before(row, why);
    if (err == SP_OK && row_is_full(row, len))
        err = row_flush(row, ROW_GOES_ON, why);
    if (err != SP_OK)
        return err;
    struct sp_row_cell *cell = &row->cells[row->cell_count - 1];
    if (!origin_continues(row, cell, off))
        row->points[row->point_count++] = (struct sp_origin){cell->end - cell->begin, off};
    memcpy(row->text + row->text_len, ptr, len);
    row->text_len += len;
    cell->end = (uint32_t)row->text_len;
    return SP_OK;
}

enum sp_err sp_row_push(struct sp_row *row, struct sp_why *why)
{
    enum sp_err err = row_flush(row, ROW_ENDS, why);
    row->cell_count = 0;
    return err;
}

enum sp_err sp_row_end(struct sp_row *row, struct sp_why *why)
{
    if (!row->active)
        return SP_OK;
    enum sp_err err = row_flush(row, ROW_ENDS, why);
    row->active = false;
    row->open = false;
    row->cell_count = 0;
    return err != SP_OK ? err : sp_sink_record_end(row->sink, why);
}

void sp_row_drop(struct sp_row *row)
{
    if (!row->open)
        row->active = false;
}

struct sp_slice sp_row_cell_text(const struct sp_row *row, size_t index)
{
    if (index >= row->cell_count || row->cells[index].begun)
        return (struct sp_slice){NULL, 0};
    const struct sp_row_cell *cell = &row->cells[index];
    return (struct sp_slice){row->text + cell->begin, cell->end - cell->begin};
}

/* ---- a piece of decoded text ------------------------------------------------------------- */
void sp_walk_init(struct sp_walk *walk, struct sp_slice text, struct sp_origin_map map)
{
    walk->text = text;
    walk->map = map;
    walk->point = 0;
}

uint64_t sp_walk_origin(struct sp_walk *walk, size_t pos)
{
    while (walk->point + 1 < walk->map.count && walk->map.points[walk->point + 1].text_pos <= pos)
        walk->point++;
    const struct sp_origin *point = &walk->map.points[walk->point];
    return point->source_off + (pos - point->text_pos);
}

enum sp_err sp_walk_append(struct sp_walk *walk, struct sp_row *row, size_t from, size_t to,
                           struct sp_why *why)
{
    while (from < to) {
        uint64_t off = sp_walk_origin(walk, from);
        size_t end = to;
        if (walk->point + 1 < walk->map.count && walk->map.points[walk->point + 1].text_pos < to)
            end = walk->map.points[walk->point + 1].text_pos;
        enum sp_err err = sp_row_append(row, walk->text.ptr + from, end - from, off, why);
        if (err != SP_OK)
            return err;
        from = end;
    }
    return SP_OK;
}

enum sp_err sp_row_text(struct sp_row *row, struct sp_slice text, struct sp_origin_map map,
                        struct sp_why *why)
{
    struct sp_walk walk;
    sp_walk_init(&walk, text, map);
    return sp_walk_append(&walk, row, 0, text.len, why);
}
