/* A reader for a small CSV file in memory (RFC 4180, ; or ,), for files that people make by hand:
 * a line with an error ends at its own line end, so that it loses only itself. */
#ifndef SP_CHECK_CELLS_H
#define SP_CHECK_CELLS_H

#include "speur/slice.h"

enum {
    SP_CELLS_FIELDS_MAX = 64,
    SP_CELLS_RECORD_MAX = 64 * 1024 /* bytes; bounds how far an open quote is followed */
};

struct sp_cells {
    const uint8_t *at; /* next record */
    const uint8_t *end;
    const uint8_t *second; /* behind the first line of the record that was read last */
    uint8_t delimiter;
    uint64_t line;                        /* line of the record that was read last, from 1 */
    uint64_t line_next;                   /* line on which `at` stands */
    size_t unquoted;                      /* bytes used of the scratch */
    uint8_t scratch[SP_CELLS_RECORD_MAX]; /* the record's fields that had quotes, without them */
};

/* Skips a byte order mark; takes the delimiter from the first line: ; when there is one. */
void sp_cells_init(struct sp_cells *cells, const uint8_t *data, size_t len);

/* The next record that is not an empty line. Fields are borrowed until the next call. False: the
 * end. *error: NULL, or what is wrong with the record (then *count is 0, and reading goes on behind
 * its first line). Spaces around unquoted fields are left out. */
bool sp_cells_next(struct sp_cells *cells, struct sp_slice fields[SP_CELLS_FIELDS_MAX],
                   size_t *count, const char **error);
/* The record that was read last makes no sense: goes on behind its first line, so that a quote too
 * many does not swallow the lines that follow. */
void sp_cells_reject(struct sp_cells *cells);

#endif
