/* What is packed in a cell is opened: JSON, values serialised by PHP, base64 of text and tokens,
 * HTML, its character references, whole numbers in scientific notation; each in the others. Its
 * values become fields of the same record, with the path inside as their part. */
#ifndef SP_EXTRACT_CELLS_H
#define SP_EXTRACT_CELLS_H

#include "extract/extract.h"
#include "extract/row.h"

struct sp_cells;
enum sp_err sp_cells_new(struct sp_cells **out, struct sp_why *why);
void sp_cells_free(struct sp_cells *cells); /* NULL is fine */
/* Pushes the fields of what is packed in the text of a cell (all of it; `outer.key` as the sink is
 * told) in an open record. *opened: nothing of the text is left to be pushed. */
enum sp_err sp_cells_push(struct sp_cells *cells, struct sp_sink *sink,
                          const struct sp_row_cell *outer, struct sp_slice text,
                          struct sp_origin_map map, bool *opened, struct sp_why *why);

/* A cell that comes in pieces, as it is larger than a piece: read as HTML with escapes and words of
 * base64, which every spelling can be met in, whatever it holds. *begun: it goes here, nothing of
 * it is left to be pushed. Nothing else may be pushed before it ends or is dropped. */
enum sp_err sp_cells_long_begin(struct sp_cells *cells, struct sp_sink *sink,
                                const struct sp_row_cell *outer, bool *begun, struct sp_why *why);
enum sp_err sp_cells_long_push(struct sp_cells *cells, struct sp_slice text,
                               struct sp_origin_map map, struct sp_why *why);
enum sp_err sp_cells_long_end(struct sp_cells *cells, struct sp_why *why);
void sp_cells_long_drop(struct sp_cells *cells);

#endif
