#include "extract/grid.h"

#include "base/mem.h"

#include <string.h>

enum {
    GRID_HEADER_ROWS = 20, /* the header stands in one of these */
    GRID_LABEL_MAX = 64,   /* bytes of a header cell */
    GRID_LABEL_DIGITS = 4, /* more digits than this are a value */
    GRID_NAMES_MAX = 1 << 20
};

void sp_grid_init(struct sp_grid *grid, struct sp_flow *flow)
{
    *grid = (struct sp_grid){.flow = flow};
    sp_buf_init(&grid->names, GRID_NAMES_MAX);
    sp_buf_init(&grid->places, GRID_NAMES_MAX);
    sp_buf_init(&grid->kept, GRID_NAMES_MAX);
}

void sp_grid_clear(struct sp_grid *grid)
{
    sp_flow_keys(grid->flow, NULL, 0);
    sp_buf_clear(&grid->names);
    sp_buf_clear(&grid->places);
    sp_buf_clear(&grid->kept);
    sp_free(grid->keys);
    grid->keys = NULL;
}

void sp_grid_sheet(struct sp_grid *grid, struct sp_slice name)
{
    grid->sheet = name;
    grid->row = 0;
    grid->header_known = false;
    grid->key_count = 0;
    sp_flow_keys(grid->flow, NULL, 0);
}

enum sp_err sp_grid_row(struct sp_grid *grid, uint64_t row, struct sp_why *why)
{
    enum sp_err err = sp_grid_row_end(grid, why);
    grid->row = row != 0 ? row : grid->row + 1;
    grid->column = 0;
    grid->row_cells = 0;
    grid->row_labels = true;
    sp_buf_reset(&grid->names);
    sp_buf_reset(&grid->places);
    return err;
}

static void grid_begin(struct sp_grid *grid)
{
    const struct sp_record record = {.kind = SP_RECORD_ROW,
                                     .ordinal = ++grid->ordinal,
                                     .row = grid->row,
                                     .table = grid->sheet,
                                     .date_s = INT64_MIN};
    sp_flow_begin(grid->flow, &record);
    grid->in_row = true;
}

enum sp_err sp_grid_cell(struct sp_grid *grid, uint32_t column, struct sp_why *why)
{
    grid->column = column != 0 ? column : grid->column + 1;
    if (!grid->in_row)
        grid_begin(grid);
    const struct sp_grid_place place = {grid->column, grid->names.len, 0};
    grid->row_cells++;
    enum sp_err err = sp_flow_column(grid->flow, grid->column, why);
    if (err == SP_OK && !grid->header_known && grid->row_labels &&
        sp_buf_append(&grid->places, &place, sizeof place, NULL) != SP_OK)
        grid->row_labels = false;
    return err;
}

static bool grid_is_label(struct sp_slice text)
{
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
        if (text.ptr[i] == '@')
            return false;
    }
    return digits <= GRID_LABEL_DIGITS;
}

/* Keeps the text as a header to be, as long as the row can be one. */
static void grid_note(struct sp_grid *grid, struct sp_slice utf8, bool is_label)
{
    size_t count = grid->places.len / sizeof(struct sp_grid_place);
    if (grid->header_known || !grid->row_labels || count == 0)
        return;
    struct sp_grid_place *place = &((struct sp_grid_place *)(void *)grid->places.data)[count - 1];
    if (!is_label || place->len + utf8.len > GRID_LABEL_MAX || !grid_is_label(utf8) ||
        sp_buf_append(&grid->names, utf8.ptr, utf8.len, NULL) != SP_OK)
        grid->row_labels = false;
    else
        place->len += utf8.len;
}

enum sp_err sp_grid_text(struct sp_grid *grid, struct sp_slice utf8, bool is_label, uint64_t off,
                         struct sp_why *why)
{
    grid_note(grid, utf8, is_label);
    return sp_flow_text(grid->flow, utf8, off, why);
}

/* The row at hand is the header. One that cannot be kept is none. */
static void grid_take_header(struct sp_grid *grid)
{
    const struct sp_grid_place *places =
        (const struct sp_grid_place *)(const void *)grid->places.data;
    size_t count = grid->places.len / sizeof *places;
    size_t key_count = 0;
    for (size_t i = 0; i < count; i++)
        key_count = places[i].column > key_count ? places[i].column : key_count;
    if (key_count > SP_GRID_COLUMNS_MAX)
        return;
    struct sp_slice *keys = sp_alloc_zero((key_count + 1) * sizeof *keys);
    sp_buf_reset(&grid->kept);
    if (keys == NULL ||
        sp_buf_append(&grid->kept, grid->names.data, grid->names.len, NULL) != SP_OK) {
        sp_free(keys);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (places[i].column > 0 && places[i].len > 0)
            keys[places[i].column - 1] =
                (struct sp_slice){grid->kept.data + places[i].begin, places[i].len};
    sp_free(grid->keys);
    grid->keys = keys;
    grid->key_count = key_count;
    sp_flow_keys(grid->flow, keys, key_count);
}

enum sp_err sp_grid_row_end(struct sp_grid *grid, struct sp_why *why)
{
    if (!grid->in_row)
        return SP_OK;
    bool had_header = grid->key_count > 0;
    /* the first row of words; a title above it is followed by a wider one */
    bool is_header =
        !grid->header_known && grid->row_labels && (grid->row_cells > 1 || !had_header);
    grid->in_row = false;
    if (is_header && sp_flow_is_header(grid->flow))
        grid->ordinal--;
    enum sp_err err = sp_flow_end(grid->flow, why);
    if (is_header)
        grid_take_header(grid);
    else if (grid->row_cells > 1 || had_header)
        grid->header_known = true; /* values have begun */
    grid->header_known |= grid->row > GRID_HEADER_ROWS || (had_header && grid->row_cells > 1);
    return err;
}

void sp_grid_address(const char *text, uint32_t *column, uint64_t *row)
{
    *column = 0;
    *row = 0;
    for (; *text == '$'; text++) {
    }
    for (; (*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z'); text++) {
        uint32_t letter = (uint32_t)(*text & 0x1F);
        *column = *column > SP_GRID_COLUMNS_MAX ? *column : *column * 26 + letter;
    }
    for (; *text == '$'; text++) {
    }
    for (; *text >= '0' && *text <= '9' && *row < UINT32_MAX; text++)
        *row = *row * 10 + (uint64_t)(*text - '0');
    if (*column > SP_GRID_COLUMNS_MAX)
        *column = 0;
}
