/* The cells of a sheet as rows with the headers of their columns. */
#ifndef SP_EXTRACT_GRID_H
#define SP_EXTRACT_GRID_H

#include "base/buf.h"
#include "extract/flow.h"

enum { SP_GRID_COLUMNS_MAX = 16384 }; /* of Excel and LibreOffice */

struct sp_grid {
    struct sp_flow *flow;  /* borrowed */
    struct sp_slice sheet; /* its name, borrowed */
    uint64_t ordinal;      /* of the records so far */
    uint64_t row;          /* at hand, from 1 */
    uint32_t column;       /* of the cell at hand, from 1 */
    bool in_row;
    /* looking for the header */
    bool header_known;
    bool row_labels; /* every cell of the row at hand could be a header */
    uint32_t row_cells;
    struct sp_buf names;   /* of the header, or of the row at hand */
    struct sp_buf places;  /* struct sp_grid_place[] in names */
    struct sp_slice *keys; /* of columns, into `kept` */
    size_t key_count;
    struct sp_buf kept;
};

struct sp_grid_place {
    uint32_t column;
    size_t begin, len;
};

void sp_grid_init(struct sp_grid *grid, struct sp_flow *flow);
void sp_grid_clear(struct sp_grid *grid);
void sp_grid_sheet(struct sp_grid *grid, struct sp_slice name);
/* `row` from 1; 0: the next one. */
enum sp_err sp_grid_row(struct sp_grid *grid, uint64_t row, struct sp_why *why);
/* Begins a cell; `column` from 1, 0: the next one. `is_text`: not a number or a date. */
enum sp_err sp_grid_cell(struct sp_grid *grid, uint32_t column, struct sp_why *why);
enum sp_err sp_grid_text(struct sp_grid *grid, struct sp_slice utf8, bool is_label, uint64_t off,
                         struct sp_why *why);
enum sp_err sp_grid_row_end(struct sp_grid *grid, struct sp_why *why);

/* "B12" as column 2 and row 12; what is missing is 0. */
void sp_grid_address(const char *text, uint32_t *column, uint64_t *row);

#endif
