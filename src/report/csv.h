/* The export for the privacy officer: CSV that Excel and LibreOffice open as it is, in Dutch and
 * Belgian settings: UTF-8 with a byte order mark, semicolons, CRLF, every cell quoted, and nothing
 * that a spreadsheet would run as a formula. */
#ifndef SP_REPORT_CSV_H
#define SP_REPORT_CSV_H

#include "report/shown.h"

/* Appends the byte order mark and the header. */
enum sp_err sp_csv_head(bool unread, struct sp_buf *out, struct sp_why *why);
/* Appends a line. */
enum sp_err sp_csv_line(const struct sp_shown *shown, struct sp_buf *out, struct sp_why *why);

#endif
