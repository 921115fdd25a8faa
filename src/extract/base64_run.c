#include "extract/base64_run.h"

#include "base/base64.h"

enum { GAP_LOOK = 124 /* bytes behind a line that tell whether it goes on; less than a carry */ };

static const size_t run_more = SIZE_MAX; /* must come to tell */

/* Where what is decoded waits. */
struct run_bytes {
    sp_base64_run_out out;
    void *ctx;
    size_t len;
    uint8_t bytes[SP_BASE64_RUN_OUT];
};

static void run_flush(struct run_bytes *to)
{
    if (to->len > 0)
        to->out(to->ctx, (struct sp_slice){to->bytes, to->len});
    to->len = 0;
}

static void run_digit(struct sp_base64_run *run, unsigned digit, struct run_bytes *to)
{
    run->bits = run->bits << 6 | digit;
    run->line++;
    if (++run->digits == 1)
        return;
    unsigned shift = 8 - 2 * run->digits; /* 4, 2, 0 bits are left */
    to->bytes[to->len++] = (uint8_t)(run->bits >> shift);
    run->digits &= 3;
    if (to->len == sizeof to->bytes)
        run_flush(to);
}

/* Ends of lines in text[at, next), written as escapes too. */
static unsigned run_line_ends(struct sp_slice text, size_t at, size_t next)
{
    unsigned ends = 0;
    for (size_t i = at; i < next; i++)
        ends += text.ptr[i] == '\n' || (text.ptr[i] == '\\' && text.ptr[i + 1] == 'n');
    return ends;
}

/* A line of words goes on behind what could be digits: `begin 644 a`, `Groeten van Jan`. */
static bool line_is_digits(const struct sp_base64_run *run, struct sp_slice text, size_t stop)
{
    static const char closing[] = "\r\n=\"'\\<)|`%&";
    if (stop == text.len || memchr(closing, text.ptr[stop], sizeof closing - 1) != NULL)
        return true;
    return !run->newlines && text.ptr[stop] == ' ';
}

/* Whether the run goes on in the line at text[next], behind what stands at text[at]. All its lines
 * but the last are as long as the first one, and as far apart; what is a document by itself, where
 * this one may be whole, is another one. */
static bool run_joins(struct sp_base64_run *run, struct sp_slice text, size_t at, size_t next)
{
    unsigned ends = run_line_ends(text, at, next);
    bool first = run->width == 0;
    size_t digits = 0;
    while (next + digits < text.len && sp_base64_digit(text.ptr[next + digits]) >= 0)
        digits++;
    bool seen = next + digits < text.len; /* all of the line */
    if (first) {
        run->width = run->line;
        run->ends = ends;
        run->newlines = ends > 0;
    }
    if (memchr(text.ptr + at, ',', next - at) != NULL || run->line != run->width ||
        run->width > SP_BASE64_WIDTH_MAX || ends != run->ends || (seen && digits > run->width) ||
        (first && digits < SP_BASE64_LINE_MIN) || !line_is_digits(run, text, next + digits))
        return false;
    struct sp_slice line = {text.ptr + next, text.len - next};
    return run->digits != 0 || run->begins == NULL || !run->begins(line, first);
}

/* What stands at text[at], which is no digit: bytes that are passed over, with a digit that they
 * stand for in *digit; 0: the run ends; or run_more. */
static size_t run_between(struct sp_base64_run *run, struct sp_slice text, size_t at, bool last,
                          int *digit)
{
    size_t left = text.len - at;
    *digit = -1;
    if (left < GAP_LOOK && !last)
        return run_more;
    if (text.ptr[at] == '\\' && left > 1 && text.ptr[at + 1] == '/')
        return 1;
    if (text.ptr[at] == '%' && left > 2 && text.ptr[at + 1] == '2') {
        uint8_t second = text.ptr[at + 2] | 0x20;
        *digit = second == 'f' ? 63 : second == 'b' ? 62 : -1;
        return *digit < 0 ? 0 : 3;
    }
    run->padded = text.ptr[at] == '=';
    if (run->line < SP_BASE64_LINE_MIN)
        return 0;
    size_t next = sp_base64_next_line(text.ptr, text.len, at);
    if (next == text.len || !run_joins(run, text, at, next))
        return 0;
    run->line = 0;
    return next - at;
}

/* Decodes from the beginning of a text; what cannot be decided yet is carried. */
static size_t run_text(struct sp_base64_run *run, struct sp_slice text, bool last,
                       struct run_bytes *to, bool *ended)
{
    size_t at = 0;
    while (at < text.len) {
        int digit = sp_base64_digit(text.ptr[at]);
        size_t taken = 1;
        if (digit < 0) {
            taken = run_between(run, text, at, last, &digit);
            if (taken == run_more) {
                run->carry_len = text.len - at;
                memcpy(run->carry, text.ptr + at, run->carry_len);
                return text.len;
            }
            *ended = taken == 0;
            if (*ended)
                return at;
        }
        if (digit >= 0)
            run_digit(run, (unsigned)digit, to);
        at += taken;
    }
    return at;
}

size_t sp_base64_run_feed(struct sp_base64_run *run, struct sp_slice text, bool last,
                          sp_base64_run_out out, void *ctx, bool *ended)
{
    struct run_bytes to;
    uint8_t joined[SP_BASE64_RUN_CARRY + SP_BASE64_RUN_HEAD];
    size_t used = 0;
    to.out = out;
    to.ctx = ctx;
    to.len = 0;
    *ended = false;
    if (run->carry_len > 0) {
        size_t before = run->carry_len;
        size_t head = text.len < SP_BASE64_RUN_HEAD ? text.len : SP_BASE64_RUN_HEAD;
        memcpy(joined, run->carry, before);
        if (head > 0)
            memcpy(joined + before, text.ptr, head);
        run->carry_len = 0;
        size_t read = run_text(run, (struct sp_slice){joined, before + head},
                               last && head == text.len, &to, ended);
        used = read > before ? read - before : 0;
        if (*ended && read < before) {
            run->carry_len = before - read;
            memcpy(run->carry, joined + read, run->carry_len);
        }
        if (!*ended && head < text.len) { /* what is carried of it is read where it stands */
            used = head - (run->carry_len < head ? run->carry_len : head);
            run->carry_len = 0;
        }
    }
    if (!*ended && run->carry_len == 0 && used < text.len)
        used +=
            run_text(run, (struct sp_slice){text.ptr + used, text.len - used}, last, &to, ended);
    run_flush(&to);
    *ended = *ended || last;
    return used;
}
