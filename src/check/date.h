/* Calendar days, without time zones and without the C library's: proleptic Gregorian, UTC. */
#ifndef SP_CHECK_DATE_H
#define SP_CHECK_DATE_H

#include "speur/slice.h"

enum { SP_DATE_LEN = 10 }; /* "YYYY-MM-DD" */

/* Days since 1970-01-01 of "YYYY-MM-DD" (exactly; year 1000 to 9999, a day that exists).
 * False: no such date; *days is unchanged. */
bool sp_date_parse(struct sp_slice text, int64_t *days);
/* The other way; days outside year 1000 to 9999 are clamped to the nearest date. */
void sp_date_format(int64_t days, char out[SP_DATE_LEN + 1]);

#endif
