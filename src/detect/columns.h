/* Columns that say what they are by their values, where their header says nothing: nearly all pass
 * the check digits of one type, which random numbers do not (DETECTORS 1, "Column inference"). */
#ifndef SP_DETECT_COLUMNS_H
#define SP_DETECT_COLUMNS_H

#include "core/text.h"
#include "speur/patterns.h"

enum { SP_COLUMNS_ROWS = 200 }; /* rows that are looked at */

/* Fills columns->labels from the first rows of a table, all of which are in the text. */
void sp_columns_infer(const struct sp_patterns *patterns, const struct sp_text *text,
                      struct sp_text_columns *columns);

#endif
