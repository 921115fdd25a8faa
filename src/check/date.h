/* Calendar days, without time zones: proleptic Gregorian, UTC. */
#ifndef SP_CHECK_DATE_H
#define SP_CHECK_DATE_H

#include "speur/slice.h"

enum { SP_DATE_LEN = 10 }; /* "YYYY-MM-DD" */

/* Days since 1970-01-01 of "YYYY-MM-DD" (exactly; year 1000 to 9999, a day that exists).
 * False: no such date; *days is unchanged. */
bool sp_date_parse(struct sp_slice text, int64_t *days);
/* The other way; days outside year 1000 to 9999 are clamped to the nearest date. */
void sp_date_format(int64_t days, char out[SP_DATE_LEN + 1]);

/* The day that it is now, UTC. */
void sp_date_today(char out[SP_DATE_LEN + 1]);

/* A term as people write it: "30d" days, "4w" weeks, "1m" calendar months (1 to 999). */
struct sp_term {
    unsigned count;
    char unit; /* d, w, m */
};
bool sp_term_parse(const char *text, struct sp_term *out);
/* The day on which a term that began on `days` ends. Months end on the day of the same number, or
 * on the last of the month (Regulation 1182/71, art. 3(2)(c)); not moved for weekends: a duty is
 * never shown later than it may be. */
int64_t sp_term_end(int64_t days, const struct sp_term *term);

#endif
