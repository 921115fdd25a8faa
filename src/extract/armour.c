#include "extract/armour.h"

#include "base/base64.h"

#include <string.h>

enum {
    PREFIX_MAX = 40,   /* bytes of indents and quotes before a line */
    HEADERS_MAX = 4,   /* lines of armour before its digits: Version, Comment */
    ARMOUR_DIGITS = 4, /* of the shortest line of base64 */
    FLAT_DIGITS = 32,  /* of one whose lines were joined */
    TAIL_MAX = 48      /* bytes of a mark behind its name: ", PART 01/02-----" */
};

static bool starts(struct sp_slice text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

static struct sp_slice from(struct sp_slice text, size_t pos)
{
    return (struct sp_slice){text.ptr + pos, text.len - pos};
}

/* What quotes and indents a line. */
static size_t prefix_len(struct sp_slice line)
{
    size_t len = 0;
    while (len < line.len && len < PREFIX_MAX && memchr(" \t>|", line.ptr[len], 4) != NULL)
        len++;
    return len;
}

static size_t line_end(struct sp_slice text)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] != '\n' && text.ptr[end] != '\r')
        end++;
    return end;
}

/* The line behind the one at the beginning, without as many bytes that quote it; empty: it is not
 * seen. */
static struct sp_slice line_next(struct sp_slice text, size_t prefix)
{
    size_t end = line_end(text);
    if (end < text.len && text.ptr[end] == '\r')
        end++;
    if (end < text.len && text.ptr[end] == '\n')
        end++;
    return from(text, text.len - end < prefix ? text.len : end + prefix);
}

/* ---- files --------------------------------------------------------------------------------- */
/* As many characters as its first one says, of those that uuencode writes; true when the line
 * cannot be seen whole. */
static bool is_uu_line(struct sp_slice line)
{
    size_t len = line_end(line);
    for (size_t i = 0; i < len; i++) {
        if (line.ptr[i] < ' ' || line.ptr[i] > '`')
            return false; /* a small letter, say */
    }
    if (len == line.len)
        return true;
    if (len == 0)
        return false;
    size_t bytes = (size_t)(line.ptr[0] - ' ') & 0x3F;
    size_t want = 1 + (bytes + 2) / 3 * 4;
    return len >= want - (want > 3 ? 3 : 0) && len <= want + 2; /* blanks at the end may be lost */
}

/* begin 644 name (POSIX, uuencode), where the mode may tell the kind of file too. */
static bool is_uu_begin(struct sp_slice line, size_t prefix)
{
    bool is_base64 = starts(line, "begin-base64 ");
    size_t pos = is_base64 ? strlen("begin-base64 ") : strlen("begin ");
    size_t digits = 0;
    if (!is_base64 && !starts(line, "begin "))
        return false;
    while (pos < line.len && line.ptr[pos] == ' ')
        pos++;
    while (pos < line.len && line.ptr[pos] >= '0' && line.ptr[pos] <= '7') {
        digits++;
        pos++;
    }
    if (digits < 3 || digits > 6 || line.ptr[pos - 3] < '4') /* that its owner may read */
        return false;
    size_t name = pos;
    while (name < line.len && line.ptr[name] == ' ')
        name++;
    bool named = name > pos && name < line.len && line.ptr[name] > ' ';
    struct sp_slice next = line_next(line, prefix);
    bool empty = starts(next, "end") || starts(next, "`");
    return named && !empty && (is_base64 || is_uu_line(next));
}

/* "literal 1234" or "delta 12", as git diff --binary writes. */
static bool is_git_patch(struct sp_slice line, size_t prefix)
{
    struct sp_slice next = line_next(line, prefix);
    return starts(line, "GIT binary patch") &&
           (next.len == 0 || starts(next, "literal ") || starts(next, "delta "));
}

enum sp_armour sp_armour_of_line(struct sp_slice text)
{
    size_t prefix = prefix_len(text);
    struct sp_slice line = from(text, prefix);
    bool file = false;
    switch (line.len == 0 ? 0 : line.ptr[0]) {
    case 'b':
        file = is_uu_begin(line, prefix);
        break;
    case '=':
        file = starts(line, "=ybegin part=") || starts(line, "=ybegin line=");
        break;
    case 'G':
        file = is_git_patch(line, prefix);
        break;
    case '(':
        file = starts(line, "(This file must be converted with BinHex");
        break;
    case '$':
        return starts(line, "$ANSIBLE_VAULT;1.") ? SP_ARMOUR_SECRET : SP_ARMOUR_NONE;
    default:
        break;
    }
    return file ? SP_ARMOUR_FILE : SP_ARMOUR_NONE;
}

/* ---- secrets ------------------------------------------------------------------------------- */
/* What stands between lines, as they are or written in a program: "\n", <br>, quotes. *lines: a
 * line ends in it. */
static size_t gap_len(struct sp_slice text, bool *lines)
{
    size_t len = 0;
    while (len < text.len && len < PREFIX_MAX) {
        struct sp_slice rest = from(text, len);
        *lines = *lines || memchr("\r\n\\<", rest.ptr[0], 4) != NULL;
        if (memchr(" \t\r\n>|\"'#*,+=", rest.ptr[0], 14) != NULL)
            len++;
        else if (starts(rest, "\\n") || starts(rest, "\\r"))
            len += 2;
        else if (starts(rest, "<br"))
            len += 3;
        else if (starts(rest, "<p") || starts(rest, "/>"))
            len += 2;
        else if (rest.ptr[0] == '\\')
            len++;
        else
            break;
    }
    return len;
}

/* "Version: …", "Comment: …" (RFC 9580, 6.2.2.1). */
static bool is_header(struct sp_slice line)
{
    static const char *const names[] = {
        "Version: ", "Comment: ", "MessageID: ", "Hash: ", "Charset: "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (starts(line, names[i]))
            return true;
    }
    return false;
}

/* A line of that many digits or more, and its end; true when it cannot be seen whole. */
static bool is_digits_line(struct sp_slice text, size_t least)
{
    size_t len = 0, end;
    while (len < text.len && sp_base64_digit(text.ptr[len]) >= 0 && text.ptr[len] != '-' &&
           text.ptr[len] != '_')
        len++;
    for (end = len; end < text.len && text.ptr[end] == '=';)
        end++;
    return end == text.len || (len >= least && memchr("\r\n\"'\\<", text.ptr[end], 6) != NULL);
}

/* A run of digits that is no word, whatever stands before it: headers, signs of comments, a stamp
 * of a log. */
static bool has_long_run(struct sp_slice text)
{
    size_t len = 0;
    bool small = false, large = false, number = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        bool digit = sp_base64_digit(byte) >= 0 && byte != '-' && byte != '_';
        len = digit ? len + 1 : 0;
        small = digit && (small || (byte >= 'a' && byte <= 'z'));
        large = digit && (large || (byte >= 'A' && byte <= 'Z'));
        number = digit && (number || (byte >= '0' && byte <= '9'));
        if (len >= FLAT_DIGITS && small && large && number)
            return true;
    }
    return false;
}

/* What stands behind the name of a mark: the end of the mark, and armour. */
static bool armour_follows(struct sp_slice text)
{
    size_t tail = text.len < TAIL_MAX ? text.len : TAIL_MAX;
    const uint8_t *dashes = memmem(text.ptr, tail, "-----", 5);
    if (dashes == NULL)
        return text.len < TAIL_MAX;
    text = from(text, (size_t)(dashes - text.ptr) + 5);
    if (has_long_run(text))
        return true;
    for (unsigned i = 0; i < HEADERS_MAX; i++) {
        bool lines = false;
        size_t gap = gap_len(text, &lines);
        text = from(text, gap);
        if (text.len == 0)
            return true;
        if (gap == 0)
            return false;
        if (!is_header(text))
            return is_digits_line(text, lines ? ARMOUR_DIGITS : FLAT_DIGITS);
        text = from(text, line_end(text));
    }
    return true;
}

bool sp_armour_begins_secret(struct sp_slice text, size_t upto)
{
    static const char mark[] = "-----BEGIN ";
    static const char *const names[] = {"PGP MESSAGE", "PKCS7", "CMS", "AGE ENCRYPTED FILE"};
    const size_t len = sizeof mark - 1;
    const size_t end = upto - 1 + len < text.len ? upto - 1 + len : text.len;
    const uint8_t *at = text.ptr;
    for (; (at = memmem(at, end - (size_t)(at - text.ptr), mark, len)) != NULL; at++) {
        struct sp_slice rest = from(text, (size_t)(at - text.ptr) + len);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (starts(rest, names[i]) && armour_follows(from(rest, strlen(names[i]))))
                return true;
        }
    }
    return false;
}
