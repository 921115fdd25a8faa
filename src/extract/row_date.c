#include "extract/row.h"

enum {
    DATE_MIN_BYTES = 10, /* 2026-03-01 */
    DATE_MAX_BYTES = 35, /* 2026-03-01T10:11:12.123456789+01:00 */
    YEAR_FIRST = 1970,
    YEAR_LAST = 2099, /* 9999-12-31 means never */
    SECONDS_A_DAY = 86400
};

/* `count` digits at `at`; -1 when they are not there. */
static int digits_at(struct sp_slice value, size_t at, size_t count)
{
    int number = 0;
    if (at + count > value.len)
        return -1;
    for (size_t i = at; i < at + count; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return -1;
        number = number * 10 + (value.ptr[i] - '0');
    }
    return number;
}

/* Days since 1970 by the Gregorian calendar (Hinnant, days_from_civil). */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Seconds of the day, of ` 10:11:12` or `T10:11`; -1: something else follows the date. */
static int time_of(struct sp_slice value)
{
    if (value.len == DATE_MIN_BYTES)
        return 0;
    uint8_t mark = value.ptr[DATE_MIN_BYTES];
    int hour = digits_at(value, DATE_MIN_BYTES + 1, 2);
    int minute = digits_at(value, DATE_MIN_BYTES + 4, 2);
    if ((mark != ' ' && mark != 'T') || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        value.ptr[DATE_MIN_BYTES + 3] != ':')
        return -1;
    for (size_t i = DATE_MIN_BYTES + 6; i < value.len; i++) {
        uint8_t byte = value.ptr[i];
        bool of_time = (byte >= '0' && byte <= '9') || byte == ':' || byte == '.' || byte == '+' ||
                       byte == '-' || byte == 'Z';
        if (!of_time)
            return -1;
    }
    int second = digits_at(value, DATE_MIN_BYTES + 7, 2);
    return hour * 3600 + minute * 60 + (second > 0 && second < 60 ? second : 0);
}

int64_t sp_row_date_of(struct sp_slice value)
{
    if (value.len < DATE_MIN_BYTES || value.len > DATE_MAX_BYTES)
        return INT64_MIN;
    uint8_t mark = value.ptr[4];
    int year = digits_at(value, 0, 4), month = digits_at(value, 5, 2), day = digits_at(value, 8, 2);
    bool holds = (mark == '-' || mark == '/') && value.ptr[7] == mark;
    if (!holds) { /* day first */
        mark = value.ptr[2];
        day = digits_at(value, 0, 2);
        month = digits_at(value, 3, 2);
        year = digits_at(value, 6, 4);
        holds = (mark == '-' || mark == '/' || mark == '.') && value.ptr[5] == mark;
    }
    int time = holds ? time_of(value) : -1;
    if (time < 0 || year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 ||
        day > 31)
        return INT64_MIN;
    return days_of(year, month, day) * SECONDS_A_DAY + time;
}
