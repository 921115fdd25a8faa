/* Logs: text of which every line is a record of its own. The whole text is sent as one record of
 * kind line; whoever receives it takes the line number of a finding for its record, because two
 * calls a line would cost more than matching it. */
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/row.h"
#include "extract/running.h"

enum {
    LOG_LINES_MAX = 32,     /* enough to know */
    LOG_LINES_MIN = 3,      /* fewer tell nothing */
    LOG_DATE_BYTES = 19,    /* of a date with its time, in digits */
    LOG_STAMP_LOOK = 96,    /* a web server writes host, ident and user before the time */
    LOG_PERCENT = 80,       /* lines with a time stamp: the rest are continuations */
    LOG_PERCENT_NAMED = 50, /* when the name says log */
    LOG_BID = 55            /* above plain text, below every format with a mark of its own */
};

/* Time stamps as shapes: '9' a digit, 'A' a letter, all else itself. */
static const char *const log_stamps[] = {
    "9999-99-99T99:99", "9999-99-99 99:99", "9999/99/99 99:99", "[99/AAA/9999:99:99:99",
    "AAA 99 99:99:99",  "AAA  9 99:99:99",  "99-99-9999 99:99", "99/99/9999 99:99",
    "99:99:99.999",     "99:99:99,999",
};

static bool log_matches(const uint8_t *at, size_t left, const char *shape)
{
    for (size_t i = 0; shape[i] != '\0'; i++) {
        if (i == left)
            return false;
        bool digit = at[i] >= '0' && at[i] <= '9';
        bool letter = (at[i] | 0x20) >= 'a' && (at[i] | 0x20) <= 'z';
        if (shape[i] == '9' ? !digit : shape[i] == 'A' ? !letter : at[i] != (uint8_t)shape[i])
            return false;
    }
    return true;
}

/* 1 to 12, or 0. A time without a zone is taken as UTC, since few logs say more. */
static int log_month(const uint8_t *name)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    char lower[3] = {(char)(name[0] | 0x20), (char)(name[1] | 0x20), (char)(name[2] | 0x20)};
    for (int i = 0; i < 12; i++)
        if (memcmp(names + (size_t)3 * (size_t)i, lower, 3) == 0)
            return i + 1;
    return 0;
}

/* Of a web server: [02/Feb/2026:10:00:00. */
static int64_t log_web_date(const uint8_t *at, size_t left)
{
    int month = log_matches(at, left, "[99/AAA/9999:99:99:99") ? log_month(at + 4) : 0;
    if (month == 0)
        return INT64_MIN;
    uint8_t text[] = "9999-99-99 99:99:99";
    memcpy(text, at + 8, 4);
    text[5] = (uint8_t)('0' + month / 10);
    text[6] = (uint8_t)('0' + month % 10);
    memcpy(text + 8, at + 1, 2);
    memcpy(text + 11, at + 13, 8);
    return sp_row_date_of((struct sp_slice){text, sizeof text - 1});
}

/* The date that begins with the digit at `at`. */
static int64_t log_digit_date(const uint8_t *at, size_t left)
{
    static const char *const shapes[] = {"9999-99-99T99:99:99", "9999-99-99 99:99:99",
                                         "9999/99/99 99:99:99", "99-99-9999 99:99:99",
                                         "99/99/9999 99:99:99"};
    if (left < LOG_DATE_BYTES || (at[4] != '-' && at[4] != '/' && at[2] != '-' && at[2] != '/'))
        return INT64_MIN;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (log_matches(at, left, shapes[i]))
            return sp_row_date_of((struct sp_slice){at, LOG_DATE_BYTES});
    return INT64_MIN;
}

int64_t sp_log_date(struct sp_slice line)
{
    size_t look = line.len < LOG_STAMP_LOOK ? line.len : LOG_STAMP_LOOK;
    int64_t date = INT64_MIN;
    for (size_t i = 0; i < look && date == INT64_MIN; i++) {
        if (line.ptr[i] == '[')
            date = log_web_date(line.ptr + i, line.len - i);
        else if (line.ptr[i] >= '0' && line.ptr[i] <= '9')
            date = log_digit_date(line.ptr + i, line.len - i);
    }
    return date;
}

/* A stamp begins with a digit, a bracket, or, as the first thing of a line, a month. */
static bool log_line_has_stamp(const uint8_t *line, size_t len)
{
    size_t look = len < LOG_STAMP_LOOK ? len : LOG_STAMP_LOOK;
    for (size_t i = 0; i < look; i++) {
        bool digit = line[i] >= '0' && line[i] <= '9';
        bool after_digit = i > 0 && line[i - 1] >= '0' && line[i - 1] <= '9';
        if (i > 0 && line[i] != '[' && (!digit || after_digit))
            continue;
        for (size_t s = 0; s < sizeof log_stamps / sizeof log_stamps[0]; s++)
            if (log_matches(line + i, len - i, log_stamps[s]))
                return true;
    }
    return false;
}

/* Too few lines have a stamp, whatever the others of the sample are. */
static bool log_is_none(size_t lines, size_t stamped, size_t percent)
{
    return (stamped + LOG_LINES_MAX - lines) * 100 < LOG_LINES_MAX * percent;
}

int sp_log_bid(const struct sp_glance *at)
{
    const uint8_t *sample = at->sample.ptr;
    size_t len = at->sample.len;
    size_t lines = 0;
    size_t stamped = 0;
    size_t percent =
        sp_name_has_suffix(at->name, ".log\0_log\0.err\0") ? LOG_PERCENT_NAMED : LOG_PERCENT;
    for (size_t begin = 0; begin < len && lines < LOG_LINES_MAX;) {
        const uint8_t *newline = memchr(sample + begin, '\n', len - begin);
        if (newline == NULL && len == SP_SAMPLE_BYTES)
            break; /* cut by the sample, not by the file */
        size_t end = newline == NULL ? len : (size_t)(newline - sample);
        if (end > begin) { /* empty lines tell nothing */
            lines++;
            stamped += log_line_has_stamp(sample + begin, end - begin);
            if (log_is_none(lines, stamped, percent))
                return 0;
        }
        begin = end + 1;
    }
    return lines >= LOG_LINES_MIN && stamped * 100 >= lines * percent ? LOG_BID : 0;
}

struct log_text {
    struct sp_extract *x;
    bool open;
    bool in_line; /* something stands behind the last line end */
    struct sp_running running;
};

static enum sp_err log_push(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct log_text *log = ctx;
    enum sp_err err = SP_OK;
    if (!log->open) {
        const struct sp_record record = {
            .kind = SP_RECORD_LINE, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
        err = sp_sink_record_begin(log->x->sink, &record, why);
        log->open = err == SP_OK;
    }
    for (const uint8_t *at = utf8.ptr; err == SP_OK;) {
        const uint8_t *end = utf8.ptr + utf8.len;
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        log->in_line = newline == NULL ? at < end || log->in_line : false;
        if (newline == NULL)
            break;
        log->x->done->record_count++;
        at = newline + 1;
    }
    return err == SP_OK ? sp_running_push(&log->running, utf8, map, why) : err;
}

enum sp_err sp_log_extract(struct sp_extract *x, struct sp_why *why)
{
    struct log_text log = {.x = x};
    enum sp_err stream_err = SP_OK;
    sp_running_init(&log.running, x->sink);
    enum sp_err err = sp_extract_decode(x, false, log_push, &log, &stream_err, why);
    x->done->record_count += log.in_line;
    if (err == SP_OK)
        err = sp_running_end(&log.running, why);
    if (err == SP_OK && log.open)
        err = sp_sink_record_end(x->sink, why);
    if (err == SP_OK)
        err = sp_escapes_report(&log.running.escapes, x, why);
    sp_running_clear(&log.running);
    return err != SP_OK ? err : stream_err;
}
