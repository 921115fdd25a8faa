/* Dates of birth: only with a label. Day, month, year; never month first. */
#include "detect/bytes.h"
#include "detect/checks.h"
#include "detect/number.h"

enum { YEAR_MIN = 1900 };

/* Dutch, French and English months by their first letters; the longer prefix first. */
static const struct month {
    char prefix[6];
    uint8_t number;
} months[] = {
    {"jan", 1},  {"feb", 2},  {"fev", 2},  {"maa", 3},  {"mrt", 3},  {"mar", 3},
    {"apr", 4},  {"avr", 4},  {"mei", 5},  {"may", 5},  {"mai", 5},  {"juin", 6},
    {"juil", 7}, {"jun", 6},  {"jul", 7},  {"aug", 8},  {"aou", 8},  {"aout", 8},
    {"sep", 9},  {"okt", 10}, {"oct", 10}, {"nov", 11}, {"dec", 12},
};

struct date {
    unsigned parts[3]; /* numbers in the order of the text */
    uint8_t digits[3]; /* how many digits each has */
    size_t count;
    unsigned month; /* by name; 0: none */
};

/* The month whose name begins at the letters; accents are folded away by skipping their lead. */
static unsigned month_of(const uint8_t *letters, size_t len)
{
    char folded[6] = {0};
    size_t count = 0;
    for (size_t i = 0; i < len && count < 4; i++) {
        if (letters[i] == 0xC3 && i + 1 < len) {
            uint8_t second = letters[++i] | 0x20;
            folded[count++] = second >= 0xB9 && second <= 0xBC ? 'u' : 'e';
        } else {
            folded[count++] = (char)byte_lower(letters[i]);
        }
    }
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
        if (strncmp(folded, months[i].prefix, strlen(months[i].prefix)) == 0)
            return months[i].number;
    }
    return 0;
}

static bool read_date(const struct sp_check *check, struct date *date)
{
    const uint8_t *data = check->text->data;
    for (size_t pos = check->begin; pos < check->end;) {
        size_t begin = pos;
        while (pos < check->end && byte_is_digit(data[pos]))
            pos++;
        if (pos > begin) {
            if (date->count == 3 || pos - begin > 8)
                return false;
            date->digits[date->count] = (uint8_t)(pos - begin);
            for (size_t i = begin; i < pos; i++)
                date->parts[date->count] =
                    date->parts[date->count] * 10 + (unsigned)(data[i] - '0');
            date->count++;
            continue;
        }
        while (pos < check->end && (byte_is_alpha(data[pos]) || data[pos] >= 0x80))
            pos++;
        if (pos > begin && pos - begin >= 3)
            date->month = month_of(data + begin, pos - begin);
        pos += pos == begin;
    }
    return true;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_real(unsigned year, unsigned month, unsigned day, const struct tm *now)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < YEAR_MIN || month < 1 || month > 12 || day < 1)
        return false;
    if (day > days[month - 1] + (unsigned)(month == 2 && is_leap(year)))
        return false;
    unsigned today = (unsigned)(now->tm_year + 1900) * 10000 + (unsigned)(now->tm_mon + 1) * 100 +
                     (unsigned)now->tm_mday;
    return year * 10000 + month * 100 + day <= today;
}

/* Puts the parts in order: year, month, day. False: no date. */
static bool order_parts(const struct date *date, unsigned ymd[3])
{
    if (date->month && date->count == 2) {
        ymd[0] = date->parts[1];
        ymd[1] = date->month;
        ymd[2] = date->parts[0];
        return date->digits[1] == 4 || date->digits[1] == 2;
    }
    if (date->count == 1 && date->digits[0] == 8) {
        ymd[0] = date->parts[0] / 10000;
        ymd[1] = date->parts[0] / 100 % 100;
        ymd[2] = date->parts[0] % 100;
        return true;
    }
    if (date->count != 3 || date->digits[1] > 2)
        return false;
    bool year_first = date->digits[0] == 4;
    ymd[0] = date->parts[year_first ? 0 : 2];
    ymd[1] = date->parts[1];
    ymd[2] = date->parts[year_first ? 2 : 0];
    return year_first || date->digits[2] == 4 || date->digits[2] == 2;
}

bool sp_check_dob(struct sp_check *check)
{
    struct date date = {0};
    unsigned ymd[3];
    struct tm now;
    time_t clock = time(NULL);
    if (!sp_check_labelled(check) || !gmtime_r(&clock, &now) || !read_date(check, &date) ||
        !order_parts(&date, ymd))
        return false;
    if (ymd[0] < 100)
        ymd[0] += ymd[0] <= (unsigned)now.tm_year % 100 ? 2000 : 1900;
    struct sp_boundary boundary = sp_boundary_of(check, false);
    if (!is_real(ymd[0], ymd[1], ymd[2], &now) ||
        !sp_number_bounded_left(check->text, check->begin, &boundary))
        return false;
    char iso[16];
    snprintf(iso, sizeof iso, "%04u-%02u-%02u", ymd[0] % 10000, ymd[1] % 100, ymd[2] % 100);
    sp_canonical_set(&check->canonical, iso, 10);
    return true;
}
