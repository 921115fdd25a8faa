#include "extract/pdf_syntax.h"

#include "base/utf8.h"

#include <string.h>

enum {
    NESTED_MAX = 1 << 12, /* parentheses within a string */
    RETRIES_MAX = 64      /* strings without an end that are read as something else */
};

static bool is_delimiter(uint8_t c)
{
    return c <= ' ' || memchr("()<>[]{}/%", c, 10) != NULL;
}

size_t sp_pdf_name(struct sp_slice in, size_t at, char *name, size_t size)
{
    size_t len = 0;
    while (at < in.len && !is_delimiter(in.ptr[at])) {
        int high = at + 2 < in.len ? sp_hex_digit(in.ptr[at + 1]) : -1;
        int low = at + 2 < in.len ? sp_hex_digit(in.ptr[at + 2]) : -1;
        bool escaped = in.ptr[at] == '#' && high >= 0 && low >= 0;
        if (len < size - 1)
            name[len++] = (char)(escaped ? high << 4 | low : in.ptr[at]);
        at += escaped ? 3 : 1;
    }
    name[len] = '\0';
    return at;
}

size_t sp_pdf_literal(struct sp_slice in, size_t at)
{
    unsigned depth = 0;
    do {
        uint8_t c = in.ptr[at++];
        if (c == '\\')
            at++;
        else if (c == '(')
            depth++;
        else if (c == ')')
            depth--;
    } while (depth > 0 && at < in.len);
    return at < in.len ? at : in.len;
}

size_t sp_pdf_comment(struct sp_slice in, size_t at)
{
    while (at < in.len && in.ptr[at] != '\r' && in.ptr[at] != '\n')
        at++;
    return at;
}

size_t sp_pdf_blanks(struct sp_slice in, size_t at)
{
    while (at < in.len && (in.ptr[at] <= ' ' || in.ptr[at] == '%')) {
        bool comment = in.ptr[at] == '%';
        while (comment && at < in.len && in.ptr[at] != '\n' && in.ptr[at] != '\r')
            at++;
        at += at < in.len && in.ptr[at] <= ' ';
    }
    return at;
}

bool sp_pdf_dictionary(struct sp_slice in, size_t *at, struct sp_slice *out)
{
    unsigned depth = 0;
    size_t begin = 0;
    while (*at < in.len) {
        uint8_t c = in.ptr[*at];
        bool twice = *at + 1 < in.len && in.ptr[*at + 1] == c;
        if (c == '(') {
            *at = sp_pdf_literal(in, *at);
        } else if (c == '%') {
            *at = sp_pdf_comment(in, *at);
        } else if (twice && c == '<') {
            begin = depth++ == 0 ? *at : begin;
            *at += 2;
        } else if (twice && c == '>' && depth > 0) {
            *at += 2;
            if (--depth > 0)
                continue;
            *out = (struct sp_slice){in.ptr + begin, *at - begin};
            return true;
        } else {
            ++*at;
        }
    }
    return false;
}

/* ---- strings --------------------------------------------------------------------------------- */
/* One escape behind a backslash at `at`; returns how long it is. */
static size_t escape_read(struct sp_slice in, size_t at, int *byte)
{
    static const char names[] = "nrtbf", codes[] = "\n\r\t\b\f";
    uint8_t c = in.ptr[at];
    const char *name = c == 0 ? NULL : strchr(names, c);
    size_t len = 0;
    *byte = name != NULL ? codes[name - names] : c;
    if (c == '\r' || c == '\n') { /* the line goes on */
        *byte = -1;
        return c == '\r' && at + 1 < in.len && in.ptr[at + 1] == '\n' ? 2 : 1;
    }
    if (c < '0' || c > '7')
        return 1;
    for (*byte = 0;
         len < 3 && at + len < in.len && in.ptr[at + len] >= '0' && in.ptr[at + len] <= '7'; len++)
        *byte = *byte * 8 + (in.ptr[at + len] - '0');
    *byte &= 0xFF;
    return len;
}

enum sp_err sp_pdf_literal_read(struct sp_slice in, size_t at, struct sp_pdf_string *read,
                                struct sp_why *why)
{
    unsigned depth = 1;
    enum sp_err err = SP_OK;
    size_t pos = at + 1;
    sp_buf_reset(&read->bytes);
    read->escaped = false;
    while (err == SP_OK && depth > 0 && pos < in.len && read->bytes.len < SP_PDF_STRING_MAX) {
        int byte = in.ptr[pos++];
        if (byte == '\\' && pos < in.len) {
            read->escaped = true;
            pos += escape_read(in, pos, &byte);
        } else if (byte == '(') {
            depth++;
        } else if (byte == ')') {
            depth--;
        }
        if (byte >= 0 && depth > 0)
            err = sp_buf_append_byte(&read->bytes, (uint8_t)byte, why);
        if (depth > NESTED_MAX)
            break;
    }
    read->whole = depth == 0;
    bool skip = read->whole || depth > NESTED_MAX ||
                pos < in.len; /* each byte is read a few times at most */
    read->end = skip || read->retries++ > RETRIES_MAX ? pos : at + 1;
    return err;
}

enum sp_err sp_pdf_hex_read(struct sp_slice in, size_t at, struct sp_pdf_string *read,
                            struct sp_why *why)
{
    int high = -1;
    enum sp_err err = SP_OK;
    size_t pos = at + 1;
    sp_buf_reset(&read->bytes);
    read->escaped = true;
    for (;
         err == SP_OK && pos < in.len && in.ptr[pos] != '>' && read->bytes.len < SP_PDF_STRING_MAX;
         pos++) {
        int digit = sp_hex_digit(in.ptr[pos]);
        if (digit < 0 && in.ptr[pos] > ' ')
            break;
        if (digit >= 0 && high >= 0)
            err = sp_buf_append_byte(&read->bytes, (uint8_t)(high << 4 | digit), why);
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    read->whole = pos < in.len && in.ptr[pos] == '>';
    read->end = read->whole ? pos + 1 : at + 1;
    return err;
}
