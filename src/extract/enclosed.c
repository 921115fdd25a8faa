#include "extract/enclosed.h"

#include "extract/formats.h"

#include <string.h>

static bool starts(struct sp_slice text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

/* The line behind the one that begins here has as many characters as its first one says; true when
 * it cannot be seen whole. */
static bool is_data_next(struct sp_slice text)
{
    const uint8_t *newline = memchr(text.ptr, '\n', text.len);
    const uint8_t *line = newline == NULL ? NULL : newline + 1;
    size_t left = line == NULL ? 0 : text.len - (size_t)(line - text.ptr);
    const uint8_t *end = left == 0 ? NULL : memchr(line, '\n', left);
    if (end == NULL)
        return true;
    size_t bytes = (size_t)(line[0] - ' ') & 0x3F;
    size_t len = (size_t)(end - line);
    size_t want = 1 + (bytes + 2) / 3 * 4;
    return len >= want - (want > 3 ? 3 : 0) && len <= want + 2; /* blanks at the end may be lost */
}

/* begin 644 name (POSIX, uuencode): a mode that its owner may read. */
static bool is_begin(struct sp_slice text)
{
    static const char plain[] = "begin ", base64[] = "begin-base64 ";
    bool is_base64 = starts(text, base64);
    size_t pos = is_base64 ? sizeof base64 - 1 : sizeof plain - 1;
    size_t digits = 0;
    if (!is_base64 && !starts(text, plain))
        return false;
    pos += pos < text.len && text.ptr[pos] == '0';
    while (pos + digits < text.len && text.ptr[pos + digits] >= '0' &&
           text.ptr[pos + digits] <= '7')
        digits++;
    bool named = digits == 3 && text.ptr[pos] >= '4' && pos + 4 < text.len &&
                 text.ptr[pos + 3] == ' ' && text.ptr[pos + 4] > ' ';
    return named && (is_base64 || is_data_next(text));
}

/* At the beginning of a line. */
static void line_look(struct sp_enclosed *enclosed, struct sp_slice text)
{
    enclosed->file = enclosed->file || is_begin(text) || starts(text, "=ybegin ");
    enclosed->secret = enclosed->secret || starts(text, "-----BEGIN PGP MESSAGE-----");
}

/* Marks that begin before `limit`; `line_start`: the text begins a line. */
static void text_look(struct sp_enclosed *enclosed, struct sp_slice text, bool line_start,
                      size_t limit)
{
    static const char *const marks[] = {"begin", "-----BEGIN PGP"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t len = strlen(marks[i]);
        for (size_t pos = 0; pos < text.len;) {
            const uint8_t *at = memmem(text.ptr + pos, text.len - pos, marks[i], len);
            if (at == NULL)
                break;
            size_t begin = (size_t)(at - text.ptr);
            pos = begin + len;
            begin -= i == 0 && begin >= 2 && memcmp(at - 2, "=y", 2) == 0 ? 2 : 0;
            if (begin < limit && (begin == 0 ? line_start : text.ptr[begin - 1] == '\n'))
                line_look(enclosed, (struct sp_slice){text.ptr + begin, text.len - begin});
        }
    }
}

void sp_enclosed_add(struct sp_enclosed *enclosed, struct sp_slice text)
{
    size_t head = text.len < SP_ENCLOSED_MARK_MAX ? text.len : SP_ENCLOSED_MARK_MAX;
    size_t before = enclosed->carry_len;
    bool begins = before == 0 ? !enclosed->behind : enclosed->carry[before - 1] == '\n';
    text_look(enclosed, text, begins, text.len);
    memcpy(enclosed->carry + enclosed->carry_len, text.ptr, head);
    enclosed->carry_len += head;
    text_look(enclosed, (struct sp_slice){enclosed->carry, enclosed->carry_len}, !enclosed->behind,
              before);
    if (text.len >= SP_ENCLOSED_MARK_MAX) {
        memcpy(enclosed->carry, text.ptr + text.len - SP_ENCLOSED_MARK_MAX, SP_ENCLOSED_MARK_MAX);
        enclosed->carry_len = SP_ENCLOSED_MARK_MAX;
        enclosed->behind = true;
    } else if (enclosed->carry_len > SP_ENCLOSED_MARK_MAX) {
        memmove(enclosed->carry, enclosed->carry + enclosed->carry_len - SP_ENCLOSED_MARK_MAX,
                SP_ENCLOSED_MARK_MAX);
        enclosed->carry_len = SP_ENCLOSED_MARK_MAX;
        enclosed->behind = true;
    }
}

enum sp_err sp_enclosed_report(const struct sp_enclosed *enclosed, struct sp_extract *x,
                               struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    if (enclosed->file) {
        sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "uuencoded or yEnc file in the text");
        err = sp_extract_unread(x, &unread, why);
    }
    if (err == SP_OK && enclosed->secret) {
        sp_unread_init(&unread, SP_REASON_ENCRYPTED);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "PGP message in a text");
        err = sp_extract_unread(x, &unread, why);
    }
    return err;
}
