/* Lines of a page as a layout gives them, in which blanks and line ends are guesses. */
#ifndef SP_EXTRACT_PDF_LINES_H
#define SP_EXTRACT_PDF_LINES_H

#include "extract/flow.h"

/* Pushes the text, and behind a line once more: letters that stand apart (1 1 1 2 2 2) in one word,
 * and an address that goes on from the line before. */
enum sp_err sp_pdf_lines(struct sp_flow *flow, struct sp_slice text, struct sp_why *why);

#endif
