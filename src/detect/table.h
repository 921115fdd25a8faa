/* Small tables inside flowing text: which column header stands over a place. Reads delimited
 * lines (tab ; | ,), a label line above values, and INSERT … (columns) VALUES (…). What an
 * extractor knows (fields with keys) does not come here. */
#ifndef SP_DETECT_TABLE_H
#define SP_DETECT_TABLE_H

#include "core/text.h"

enum {
    /* A header farther above its line, and a line longer than that, are the extractor's business.
     * Together with the slack of the matcher they stay inside the window's margin. */
    SP_TABLE_LOOK_BYTES = 1800,
    SP_TABLE_LINE_BYTES = 1000,
    SP_TABLE_AHEAD_BYTES = 1536 /* the rest of the line, to count its cells */
};

/* What is remembered between calls over one window. Zero it before the first. */
struct sp_table {
    size_t line_begin, line_end; /* of the last line asked for; line_end 0: none */
    uint8_t delimiter;           /* of that line's block; 0: none found */
    size_t count;                /* delimiters in each line of the block */
    size_t top;                  /* where the block's first line begins; SIZE_MAX: too far away */
    size_t values;               /* behind the last VALUES; 0: none */
    size_t values_scanned;       /* VALUES was searched for up to here */
    size_t tuple_begin;          /* of the tuple that `tuple_pos` lies in */
    size_t tuple_pos, column;    /* parsed up to here: column from 0 */
    uint8_t quote;               /* open at tuple_pos, or 0 */
    unsigned depth;              /* brackets open at tuple_pos */
};

/* The header over text byte pos; false when there is none within SP_TABLE_LOOK_BYTES of its line.
 */
bool sp_table_header(struct sp_table *table, const struct sp_text *text, size_t pos,
                     struct sp_slice *header);

#endif
