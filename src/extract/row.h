/* Collects the cells of one row and pushes them as a record: whole when they fit, in pieces when
 * they do not; a cell is only cut when it does not fit by itself. Waiting for the row's end lets a
 * dump tell the primary key at record_begin. */
#ifndef SP_EXTRACT_ROW_H
#define SP_EXTRACT_ROW_H

#include "base/limits.h"
#include "core/sink.h"

enum {
    SP_ROW_POINTS_MAX = 4096, /* origin points kept: 64 KiB */
    SP_ROW_CELLS_MAX = 1024   /* cells kept; a wider row is pushed in pieces */
};

struct sp_row_cell {
    uint32_t begin;       /* first byte in text */
    uint32_t end;         /* one past the last; the last cell still grows */
    uint32_t point;       /* its first origin point; their text_pos counts from `begin` */
    uint32_t column;      /* ordinal from 1; 0: no column */
    bool field;           /* false: text of the record without a field */
    struct sp_slice key;  /* of a field without a column; borrowed until the row ends */
    struct sp_slice part; /* the same */
    uint64_t line;
    bool begun; /* the sink knows this field: only more text follows */
};

struct sp_row;
/* Completes row->record just before it is begun (primary key); `whole` when all cells are here. */
struct sp_cells;
typedef void (*sp_row_prepare)(void *ctx, struct sp_row *row, bool whole);

struct sp_row {
    struct sp_sink *sink;
    struct sp_record record;     /* set by the owner before the first cell */
    const struct sp_slice *keys; /* of columns 1..key_count; may be NULL */
    size_t key_count;
    sp_row_prepare prepare; /* may be NULL */
    void *ctx;
    struct sp_cells *cells_open; /* opens what is packed in a cell, see cells.h; NULL: nobody */
    uint64_t record_count;       /* records begun so far */
    bool active;                 /* sp_row_begin was called, sp_row_end not yet */
    bool open;                   /* the sink knows the record */
    bool cell_long;              /* cells[0] goes to cells_open piece by piece */
    size_t cell_count;
    size_t point_count;
    size_t text_len;
    struct sp_row_cell cells[SP_ROW_CELLS_MAX];
    struct sp_origin points[SP_ROW_POINTS_MAX];
    uint8_t text[SP_FRAME_TEXT_MAX];
};

void sp_row_init(struct sp_row *row, struct sp_sink *sink);
/* Begins a row; row->record holds kind, ordinal, line, table. */
void sp_row_begin(struct sp_row *row);
/* Begins a cell; column 0: text without a field. Cells without text are not pushed. */
enum sp_err sp_row_cell(struct sp_row *row, uint32_t column, uint64_t line, struct sp_why *why);
/* The same for a field with a name of its own. key and part are borrowed until the row ends. */
enum sp_err sp_row_named(struct sp_row *row, struct sp_slice key, struct sp_slice part,
                         uint64_t line, struct sp_why *why);
/* Appends valid UTF-8 to the current cell; `off` is the source byte of ptr[0], and the bytes lie
 * one to one in the source. Characters are not split between two calls. */
enum sp_err sp_row_append(struct sp_row *row, const uint8_t *ptr, size_t len, uint64_t off,
                          struct sp_why *why);
/* Ends the row: pushes what is left. A row without text is a record without text. */
enum sp_err sp_row_end(struct sp_row *row, struct sp_why *why);
/* Pushes all that is kept; the last cell ends with it. For rows that go on in cells.c. */
enum sp_err sp_row_push(struct sp_row *row, struct sp_why *why);
/* Key of a cell as the sink is told. */
struct sp_slice sp_row_cell_key(const struct sp_row *row, const struct sp_row_cell *cell);
/* Drops a row that the sink does not know yet. */
void sp_row_drop(struct sp_row *row);
/* Seconds since 1970 of a value that is nothing but a date, ISO 8601 or day first, perhaps with a
 * time (as UTC, since few say more); INT64_MIN: it is none, or of no use (before 1970, after 2099).
 */
int64_t sp_row_date_of(struct sp_slice value);
/* Text of the current cell as far as it is kept; empty when a part of it was pushed already. */
struct sp_slice sp_row_cell_text(const struct sp_row *row, size_t index);

/* ---- a piece of decoded text, walked from front to back ----------------------------------- */
struct sp_walk {
    struct sp_slice text;
    struct sp_origin_map map;
    size_t point; /* the point that holds for the position asked last */
};
void sp_walk_init(struct sp_walk *walk, struct sp_slice text, struct sp_origin_map map);
/* Appends text[from, to) to the row's cell with its origins. `from` never goes back. */
enum sp_err sp_walk_append(struct sp_walk *walk, struct sp_row *row, size_t from, size_t to,
                           struct sp_why *why);
/* Appends all of a text with its origins. */
enum sp_err sp_row_text(struct sp_row *row, struct sp_slice text, struct sp_origin_map map,
                        struct sp_why *why);
/* Source byte of text[pos]; pos never goes back. */
uint64_t sp_walk_origin(struct sp_walk *walk, size_t pos);

#endif
