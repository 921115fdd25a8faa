/* Narrow runs: ASCII, with valid UTF-8 and letters of windows-1252 in between. */
#include "base/utf8.h"
#include "extract/bytes_masks.h"
#include "extract/bytes_runs.h"

/* What belongs to a run before its first mark: "Ré 4 kg" has its mark behind the letter. */
enum { NARROW_BACK_BYTES = 12 };

struct narrow_run {
    size_t begin; /* window positions */
    size_t end;
    size_t ascii;       /* characters of ASCII */
    size_t letters;     /* single bytes of windows-1252 */
    size_t last_letter; /* window position after the last of them */
};

/* One or two letters of windows-1252 at `pos`: how many belong to the run. *cut: the byte that
 * decides is not there yet. */
static size_t narrow_letters(const struct sp_bytes_pass *pass, const struct narrow_run *run,
                             size_t pos, bool *cut)
{
    size_t end = pos;
    while (end < pass->window_len && end - pos <= SP_RUN_FOREIGN_MAX &&
           pass->classes[pass->window[end]] == BYTE_LETTER)
        end++;
    if (end - pos > SP_RUN_FOREIGN_MAX || pos == run->begin)
        return 0;
    if (end == pass->window_len) {
        *cut = !pass->final;
        return 0;
    }
    return sp_bytes_foreign_fits(pass->window[pos - 1], pass->window[end]) ? end - pos : 0;
}

/* The character at `pos` in a run, or the letters there: their length, or 0 when the run ends
 * before them. *cut: more bytes are needed to tell. */
static size_t narrow_step(const struct sp_bytes_pass *pass, struct narrow_run *run, size_t pos,
                          bool *cut)
{
    struct sp_slice in = {pass->window + pos, pass->window_len - pos};
    enum byte_class class = pass->classes[in.ptr[0]];
    uint32_t code;
    if (class == BYTE_ASCII || class == BYTE_CR) {
        run->ascii++;
        return 1;
    }
    if (class == BYTE_OTHER)
        return 0;
    size_t len = sp_utf8_decode(in.ptr, in.len, &code);
    if (len > 0)
        return code >= 0xA0 ? len : 0;
    if (in.len < 4 && !pass->final) { /* may be UTF-8 that is cut */
        *cut = true;
        return 0;
    }
    if (class != BYTE_LETTER)
        return 0;
    len = narrow_letters(pass, run, pos, cut);
    run->letters += len;
    if (len > 0)
        run->last_letter = pos + len;
    return len;
}

/* Where the ASCII from `pos` on ends, at most `stop`. */
static size_t narrow_ascii(const struct sp_bytes_pass *pass, size_t pos, size_t stop)
{
    while (pos < stop && pass->classes[pass->window[pos]] == BYTE_ASCII)
        pos++;
    return pos;
}

/* The run that begins at `pos`. True when it ends before the window does. */
static bool narrow_find_end(const struct sp_bytes_pass *pass, size_t pos, struct narrow_run *run)
{
    bool cut = false;
    *run = (struct narrow_run){.begin = pos, .end = pos, .last_letter = pos};
    while (run->end < pass->window_len) {
        size_t ascii = narrow_ascii(pass, run->end, pass->window_len);
        run->ascii += ascii - run->end;
        run->end = ascii;
        if (run->end == pass->window_len)
            break;
        size_t len = narrow_step(pass, run, run->end, &cut);
        if (len == 0)
            return !cut;
        run->end += len;
    }
    return pass->final;
}

/* The code point of a BYTE_LETTER. */
static uint32_t narrow_letter(uint8_t byte)
{
    static const uint16_t early[32] = {
        /* 0x80..0x9F; 0 where no letter is */
        [0x00] = 0x20AC, [0x0A] = 0x0160, [0x0C] = 0x0152, [0x0E] = 0x017D, [0x11] = 0x2018,
        [0x12] = 0x2019, [0x13] = 0x201C, [0x14] = 0x201D, [0x16] = 0x2013, [0x17] = 0x2014,
        [0x1A] = 0x0161, [0x1C] = 0x0153, [0x1E] = 0x017E, [0x1F] = 0x0178};
    return byte < 0xA0 ? early[byte & 0x1F] : byte;
}

/* Pushes the characters of a run. */
static enum sp_err narrow_push(struct sp_bytes_pass *pass, size_t begin, size_t end)
{
    enum sp_err err = SP_OK;
    while (begin < end && err == SP_OK) {
        const uint8_t *ptr = pass->window + begin;
        uint64_t off = pass->window_off + begin;
        size_t len = 0;
        while (begin + len < end && pass->classes[ptr[len]] == BYTE_ASCII)
            len++;
        if (len > 0) {
            err = sp_bytes_put(pass, ptr, len, off);
        } else if (ptr[0] == '\r') {
            len = 1;
            if (begin + 1 >= end || ptr[1] != '\n')
                err = sp_bytes_put(pass, ptr, 1, off);
        } else {
            uint32_t code;
            len = sp_utf8_decode(ptr, end - begin, &code);
            if (len == 0) {
                len = 1;
                code = narrow_letter(ptr[0]);
            }
            err = sp_bytes_put_code(pass, code, off);
        }
        begin += len;
    }
    return err;
}

/* Letters of windows-1252 are believed only among three times as much ASCII: elsewhere they are
 * noise, and the ASCII between them counts by itself. */
static bool narrow_holds(const struct narrow_run *run)
{
    return run->letters * 3 <= run->ascii;
}

static enum sp_err narrow_push_pieces(struct sp_bytes_pass *pass, size_t begin, size_t end)
{
    enum sp_err err = SP_OK;
    while (begin < end && err == SP_OK) {
        size_t stop = begin;
        size_t chars = 0;
        uint32_t code;
        while (stop < end) {
            size_t len = sp_utf8_decode(pass->window + stop, end - stop, &code);
            if (len == 0)
                break;
            stop += len;
            chars++;
        }
        if (chars >= SP_RUN_CHARS_MIN) {
            err = narrow_push(pass, begin, stop);
            if (err == SP_OK)
                err = sp_bytes_separate(pass, pass->window_off + stop);
        }
        begin = stop + 1;
    }
    return err;
}

/* A run that ended. */
static enum sp_err narrow_end(struct sp_bytes_pass *pass, const struct narrow_run *run, bool open)
{
    if (!open && !narrow_holds(run))
        return narrow_push_pieces(pass, run->begin, run->end);
    if (!open && run->ascii + run->letters < SP_RUN_CHARS_MIN &&
        run->end - run->begin < (size_t)2 * SP_RUN_CHARS_MIN)
        return SP_OK;
    enum sp_err err = narrow_push(pass, run->begin, run->end);
    return err != SP_OK ? err : sp_bytes_separate(pass, pass->window_off + run->end);
}

/* Goes to where the next run may begin: a little before its mark, after a byte that belongs to
 * no run. False when the window has no mark; a run that gets one in the next window begins at
 * *pos or later. */
static bool narrow_seek(const struct sp_bytes_pass *pass, size_t *pos)
{
    size_t mark = sp_narrow_mark(pass->window, *pos, pass->window_len);
    bool found = mark < pass->window_len;
    if (!found && pass->window_len - *pos >= SP_NARROW_MARK_LEN)
        mark = pass->window_len - SP_NARROW_MARK_LEN + 1;
    else if (!found)
        mark = *pos;
    size_t stop = mark - *pos > NARROW_BACK_BYTES ? mark - NARROW_BACK_BYTES : *pos;
    while (mark > stop && pass->classes[pass->window[mark - 1]] != BYTE_OTHER)
        mark--;
    *pos = mark;
    return found;
}

enum sp_err sp_narrow_scan(struct sp_bytes_pass *pass, struct sp_scanner *scanner)
{
    size_t pos = (size_t)(scanner->next - pass->window_off);
    enum sp_err err = SP_OK;
    while (pos < pass->window_len && err == SP_OK) {
        struct narrow_run run;
        if (!scanner->open && !narrow_seek(pass, &pos)) {
            pos = pass->final ? pass->window_len : pos;
            break;
        }
        if (!narrow_find_end(pass, pos, &run))
            break;
        if (run.end > run.begin || scanner->open)
            err = narrow_end(pass, &run, scanner->open);
        scanner->open = false;
        pos = run.end + 1; /* the byte that ended it */
    }
    if (pos > pass->window_len)
        pos = pass->window_len;
    scanner->next = pass->window_off + pos;
    return err;
}

enum sp_err sp_narrow_cut(struct sp_bytes_pass *pass, struct sp_scanner *scanner)
{
    struct narrow_run run;
    (void)narrow_find_end(pass, (size_t)(scanner->next - pass->window_off), &run);
    if (!scanner->open && !narrow_holds(&run)) {
        scanner->next = pass->window_off + run.last_letter;
        return narrow_push_pieces(pass, run.begin, run.last_letter);
    }
    run.end -= pass->window[run.end - 1] == '\r'; /* a LF may follow */
    scanner->next = pass->window_off + run.end;
    scanner->open = true;
    return narrow_push(pass, run.begin, run.end);
}
