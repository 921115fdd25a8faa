/* Wide runs: UTF-16LE of European letters, from even and from odd bytes on. */
#include "extract/bytes_masks.h"
#include "extract/bytes_runs.h"

enum { WIDE_BACK_BYTES = 16 }; /* what belongs to a run before its first mark */

/* A UTF-16 unit that stands in European text: 2 ASCII, 1 another letter or sign, 0 none. */
static unsigned wide_class(uint8_t low, uint8_t high)
{
    if (high == 0)
        return (low >= 0x20 && low < 0x7F) || low == '\t' || low == '\n' || low == '\r' ? 2
               : low >= 0xA0                                                            ? 1
                                                                                        : 0;
    if (high <= 0x02)
        return high < 0x02 || low < 0x50 ? 1 : 0; /* Latin Extended-A and -B */
    if (high == 0x20)
        return (low >= 0x09 && low <= 0x26) || low == 0xAC || low == 0x2F ? 1 : 0;
    return 0;
}

static enum sp_err wide_push(struct sp_bytes_pass *pass, size_t begin, size_t end)
{
    enum sp_err err = SP_OK;
    for (size_t pos = begin; pos < end && err == SP_OK; pos += 2) {
        const uint8_t *ptr = pass->window + pos;
        uint32_t code = (uint32_t)ptr[0] | (uint32_t)ptr[1] << 8;
        bool cr_lf = code == '\r' && pos + 4 <= end && ptr[2] == '\n' && ptr[3] == 0;
        if (!cr_lf)
            err = sp_bytes_put_code(pass, code, pass->window_off + pos);
    }
    return err;
}

static unsigned wide_class_at(const struct sp_bytes_pass *pass, size_t pos)
{
    return wide_class(pass->window[pos], pass->window[pos + 1]);
}

/* One or two letters beyond ASCII at `pos` of the run from `begin` on: their bytes, as
 * narrow_letters(). */
static size_t wide_letters(const struct sp_bytes_pass *pass, size_t begin, size_t pos, bool *cut)
{
    size_t end = pos;
    while (end + 2 <= pass->window_len && end - pos <= (size_t)2 * SP_RUN_FOREIGN_MAX &&
           wide_class_at(pass, end) == 1)
        end += 2;
    if (end - pos > (size_t)2 * SP_RUN_FOREIGN_MAX || pos == begin)
        return 0;
    if (end + 2 > pass->window_len) {
        *cut = !pass->final;
        return 0;
    }
    bool fits = wide_class_at(pass, end) == 2 &&
                sp_bytes_foreign_fits(pass->window[pos - 2], pass->window[end]);
    return fits ? end - pos : 0;
}

/* The run of wide characters from `pos` on. True when it ends before the window does. */
static bool wide_find_end(const struct sp_bytes_pass *pass, size_t pos, size_t *end, size_t *ascii)
{
    bool cut = false;
    *ascii = 0;
    *end = pos;
    while (*end + 2 <= pass->window_len) {
        unsigned class = wide_class_at(pass, *end);
        size_t len = class == 2 ? 2 : class == 1 ? wide_letters(pass, pos, *end, &cut) : 0;
        if (len == 0)
            return !cut;
        *ascii += class == 2;
        *end += len;
    }
    return pass->final;
}

/* As narrow_seek(), at even distances. */
static bool wide_seek(const struct sp_bytes_pass *pass, size_t *pos)
{
    size_t mark = sp_wide_mark(pass->window, *pos, pass->window_len);
    bool found = mark < pass->window_len;
    size_t left = pass->window_len - *pos;
    if (!found)
        mark = *pos + (left >= SP_WIDE_MARK_LEN ? (left - SP_WIDE_MARK_LEN) / 2 * 2 + 2 : 0);
    size_t stop = mark - *pos > WIDE_BACK_BYTES ? mark - WIDE_BACK_BYTES : *pos;
    while (mark > stop && wide_class_at(pass, mark - 2) != 0)
        mark -= 2;
    *pos = mark;
    return found;
}

enum sp_err sp_wide_scan(struct sp_bytes_pass *pass, struct sp_scanner *scanner)
{
    size_t pos = (size_t)(scanner->next - pass->window_off);
    enum sp_err err = SP_OK;
    while (pos + 2 <= pass->window_len && err == SP_OK) {
        size_t ascii;
        size_t end;
        if (!scanner->open && !wide_seek(pass, &pos)) {
            pos = pass->final ? pass->window_len : pos;
            break;
        }
        if (!wide_find_end(pass, pos, &end, &ascii))
            break;
        if (scanner->open || ascii >= SP_RUN_CHARS_MIN) {
            err = wide_push(pass, pos, end);
            if (err == SP_OK)
                err = sp_bytes_separate(pass, pass->window_off + end);
        }
        scanner->open = false;
        pos = end + 2; /* the character that ended it */
    }
    scanner->next = pass->window_off + pos;
    return err;
}

enum sp_err sp_wide_cut(struct sp_bytes_pass *pass, struct sp_scanner *scanner)
{
    size_t ascii;
    size_t end;
    size_t begin = (size_t)(scanner->next - pass->window_off);
    (void)wide_find_end(pass, begin, &end, &ascii);
    end -= pass->window[end - 2] == '\r' ? 2 : 0; /* a LF may follow */
    scanner->next = pass->window_off + end;
    scanner->open = true;
    return wide_push(pass, begin, end);
}
