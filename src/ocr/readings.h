/* Other readings of recognised text: what may be written in two ways is read in both. */
#ifndef SP_OCR_READINGS_H
#define SP_OCR_READINGS_H

#include "base/buf.h"

/* Appends lines, each another reading of a piece of a line of `text`: numbers in which letters may
 * be digits, addresses with blanks in them or another sign for the at-mark, account numbers, and
 * machine-readable zones. Nothing is appended where there is only one reading. */
enum sp_err sp_ocr_readings(struct sp_slice text, struct sp_buf *out, struct sp_why *why);

#endif
