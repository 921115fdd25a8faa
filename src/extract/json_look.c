/* Does a text stand as JSON has it? Asked of the first bytes of a file, and of values. */
#include "extract/json_read.h"

#include <string.h>

static size_t blanks_end(const uint8_t *text, size_t len, size_t at)
{
    while (at < len &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

/* Behind the string that begins at `at`; len when it does not end. */
static size_t string_end(const uint8_t *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < len ? at + 1 : len;
}

/* Behind a number or a literal; `at` when it is neither. */
static size_t word_end(const uint8_t *text, size_t len, size_t at)
{
    static const char *const literals[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        size_t want = strlen(literals[i]), have = len - at < want ? len - at : want;
        if (memcmp(text + at, literals[i], have) == 0)
            return at + have;
    }
    size_t end = at;
    while (end < len &&
           (memchr("+-.eE", text[end], 5) != NULL || (text[end] >= '0' && text[end] <= '9')))
        end++;
    return end;
}

/* Whether the first tokens of the text stand as the grammar has them. *roots: values at the top
 * that ended, or began. */
bool sp_json_looks(const uint8_t *text, size_t len, unsigned *roots, bool *whole)
{
    enum { VALUE, NAME, COLON, COMMA } wants = VALUE;
    uint64_t arrays = 0; /* a bit a container, the innermost lowest */
    unsigned depth = 0;
    *roots = 0;
    *whole = false;
    for (size_t at = blanks_end(text, len, 0); at < len; at = blanks_end(text, len, at)) {
        uint8_t byte = text[at];
        bool closes = byte == (arrays & 1 ? ']' : '}');
        if (depth > 0 && closes && wants != COLON) {
            arrays >>= 1;
            wants = --depth > 0 ? COMMA : VALUE;
            at++;
        } else if (wants == COMMA) {
            if (byte != ',')
                return false;
            wants = arrays & 1 ? VALUE : NAME;
            at++;
        } else if (wants == COLON) {
            if (byte != ':')
                return false;
            wants = VALUE;
            at++;
        } else if (wants == NAME) {
            if (byte != '"')
                return false;
            wants = COLON;
            at = string_end(text, len, at);
        } else {
            bool opens = byte == '{' || byte == '[';
            *roots += depth == 0;
            if (depth == 0 && !opens)
                return false; /* one word or number alone is text */
            if (opens && ++depth == 64)
                return true;
            arrays = opens ? arrays << 1 | (byte == '[') : arrays;
            size_t end = opens         ? at + 1
                         : byte == '"' ? string_end(text, len, at)
                                       : word_end(text, len, at);
            if (end == at)
                return false;
            wants = opens && byte == '{' ? NAME : opens ? VALUE : COMMA;
            at = end;
        }
    }
    *whole = depth == 0 && *roots > 0;
    return *roots > 0;
}
