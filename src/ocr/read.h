/* A picture as an object: its pages as records, what could not be made out as gaps. */
#ifndef SP_OCR_READ_H
#define SP_OCR_READ_H

#include "extract/extract.h"

/* Reads the picture behind x->stream, which can seek. Its metadata are not looked at: who met the
 * picture did that. Errors as those of an extractor. */
enum sp_err sp_ocr_read(struct sp_extract *x, struct sp_why *why);

#endif
