#include "extract/pdf_syntax.h"

#include "base/utf8.h"

#include <string.h>

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
    while (at < in.len && in.ptr[at] <= ' ')
        at++;
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
