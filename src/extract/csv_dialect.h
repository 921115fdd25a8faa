/* Is it CSV, and which? Delimiter and header row, found by content. */
#ifndef SP_EXTRACT_CSV_DIALECT_H
#define SP_EXTRACT_CSV_DIALECT_H

#include "speur/slice.h"

struct sp_csv_dialect {
    uint8_t delimiter;    /* ; , | or tab; 0: one column */
    uint32_t header_rows; /* rows up to and with the header (titles may stand above it); 0: none */
};

/* The bid for a file with this text (a sample, see sp_extract_sample) and name; 0: no CSV. *dialect
 * is set when it is not 0. */
int sp_csv_detect(struct sp_slice text, struct sp_slice name, struct sp_csv_dialect *dialect);

#endif
