#include "check/date.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATE_YEAR_MIN = 1000, DATE_YEAR_MAX = 9999, DATE_TERM_MAX = 999 };

/* Days from 1970-01-01 to 1000-01-01 and to 9999-12-31. */
#define DATE_DAYS_MIN (-354285)
#define DATE_DAYS_MAX 2932896

static bool date_digits(const uint8_t *ptr, size_t count, int *out)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (ptr[i] < '0' || ptr[i] > '9')
            return false;
        number = number * 10 + (ptr[i] - '0');
    }
    *out = number;
    return true;
}

static int date_month_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Years begin in March here, so that the leap day is the last of its year; 400 years are an era of
 * 146,097 days (Howard Hinnant, "chrono-compatible low-level date algorithms"). Year > 0. */
static int64_t date_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool sp_date_parse(struct sp_slice text, int64_t *days)
{
    int year;
    int month;
    int day;
    if (text.len != SP_DATE_LEN || text.ptr[4] != '-' || text.ptr[7] != '-')
        return false;
    if (!date_digits(text.ptr, 4, &year) || !date_digits(text.ptr + 5, 2, &month) ||
        !date_digits(text.ptr + 8, 2, &day))
        return false;
    if (year < DATE_YEAR_MIN || month < 1 || month > 12 || day < 1 ||
        day > date_month_days(year, month))
        return false;
    *days = date_days(year, month, day);
    return true;
}

static void date_put(char *out, int number, int width)
{
    for (int i = width - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
}

void sp_date_format(int64_t days, char out[SP_DATE_LEN + 1])
{
    days = days < DATE_DAYS_MIN ? DATE_DAYS_MIN : days > DATE_DAYS_MAX ? DATE_DAYS_MAX : days;
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    int year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    date_put(out, year, 4);
    out[4] = '-';
    date_put(out + 5, month, 2);
    out[7] = '-';
    date_put(out + 8, (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1), 2);
    out[SP_DATE_LEN] = '\0';
}

void sp_date_today(char out[SP_DATE_LEN + 1])
{
    sp_date_format((int64_t)time(NULL) / 86400, out);
}

bool sp_term_parse(const char *text, struct sp_term *out)
{
    char *end = NULL;
    unsigned long count = text[0] >= '1' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (count == 0 || count > DATE_TERM_MAX || strlen(end) != 1 || strchr("dwm", *end) == NULL)
        return false;
    *out = (struct sp_term){(unsigned)count, *end};
    return true;
}

int64_t sp_term_end(int64_t days, const struct sp_term *term)
{
    char text[SP_DATE_LEN + 1];
    int year = 0;
    int month = 0;
    int day = 0;
    if (term->unit != 'm')
        return days + (int64_t)term->count * (term->unit == 'w' ? 7 : 1);
    sp_date_format(days, text);
    (void)date_digits((const uint8_t *)text, 4, &year);
    (void)date_digits((const uint8_t *)text + 5, 2, &month);
    (void)date_digits((const uint8_t *)text + 8, 2, &day);
    int months = month - 1 + (int)term->count;
    year += months / 12;
    month = months % 12 + 1;
    int last = date_month_days(year, month);
    return date_days(year, month, day < last ? day : last);
}
