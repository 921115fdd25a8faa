#include "extract/mail_transfer.h"

#include <assert.h>

#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 40 }; /* bytes of the longest name of an encoding, with its NUL */

static const struct {
    const char *name; /* '-' left out */
    enum sp_transfer_answer answer;
    enum sp_transfer transfer;
} transfer_names[] = {
    {"", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"7bit", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"7bits", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"8bit", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"8bits", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"7", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY}, /* "7 bit" */
    {"8", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"binary", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"none", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"identity", SP_TRANSFER_KNOWN, SP_TRANSFER_IDENTITY},
    {"base64", SP_TRANSFER_KNOWN, SP_TRANSFER_BASE64},
    {"xbase64", SP_TRANSFER_KNOWN, SP_TRANSFER_BASE64},
    {"b64", SP_TRANSFER_KNOWN, SP_TRANSFER_BASE64},
    {"b", SP_TRANSFER_KNOWN, SP_TRANSFER_BASE64},
    {"quotedprintable", SP_TRANSFER_KNOWN, SP_TRANSFER_QP},
    {"quoted", SP_TRANSFER_KNOWN, SP_TRANSFER_QP}, /* "quoted printable" */
    {"xquotedprintable", SP_TRANSFER_KNOWN, SP_TRANSFER_QP},
    {"qp", SP_TRANSFER_KNOWN, SP_TRANSFER_QP},
    {"uuencode", SP_TRANSFER_UU, SP_TRANSFER_IDENTITY},
    {"xuuencode", SP_TRANSFER_UU, SP_TRANSFER_IDENTITY},
    {"xuue", SP_TRANSFER_UU, SP_TRANSFER_IDENTITY},
    {"uue", SP_TRANSFER_UU, SP_TRANSFER_IDENTITY},
};

/* Behind white space, quotes and comments in parentheses. */
static const char *token_begin(const char *value)
{
    for (;;) {
        value += strspn(value, " \t\r\n\"'");
        if (*value != '(')
            return value;
        value += strcspn(value, ")");
        value += *value == ')' ? 1 : 0;
    }
}

enum sp_transfer_answer sp_transfer_from_mime(const char *value, enum sp_transfer *out)
{
    char token[TOKEN_MAX];
    size_t len = 0;
    *out = SP_TRANSFER_IDENTITY;
    if (value == NULL)
        return SP_TRANSFER_KNOWN;
    value = token_begin(value);
    for (; *value != '\0' && strchr(";,( \t\r\n\"'", *value) == NULL; value++) {
        if (*value == '-' || *value == '_')
            continue;
        if (len + 1 == sizeof token)
            return SP_TRANSFER_UNKNOWN;
        token[len++] = *value;
    }
    token[len] = '\0';
    for (size_t i = 0; i < sizeof transfer_names / sizeof transfer_names[0]; i++) {
        if (strcasecmp(token, transfer_names[i].name) == 0) {
            *out = transfer_names[i].transfer;
            return transfer_names[i].answer;
        }
    }
    return SP_TRANSFER_UNKNOWN;
}

void sp_transfer_init(struct sp_transfer_reader *reader, enum sp_transfer transfer,
                      struct sp_slice in)
{
    memset(reader, 0, offsetof(struct sp_transfer_reader, out));
    reader->transfer = transfer;
    reader->in = in;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Length of a soft line break "=", white space, line end at pos; 0 when there is none. */
static size_t soft_break(struct sp_slice in, size_t pos)
{
    size_t end = pos + 1;
    while (end < in.len && (in.ptr[end] == ' ' || in.ptr[end] == '\t'))
        end++;
    if (end == in.len)
        return end - pos;
    if (in.ptr[end] == '\r' && end + 1 < in.len && in.ptr[end + 1] == '\n')
        end++;
    return in.ptr[end] == '\n' ? end + 1 - pos : 0;
}

static bool is_special(const struct sp_transfer_reader *reader, uint8_t byte)
{
    return byte == '=' || (byte == '_' && reader->transfer == SP_TRANSFER_Q);
}

static bool qp_next(struct sp_transfer_reader *reader, struct sp_slice *run, size_t *at)
{
    struct sp_slice in = reader->in;
    while (reader->pos < in.len && in.ptr[reader->pos] == '=') {
        size_t skip = soft_break(in, reader->pos);
        if (skip == 0)
            break;
        reader->pos += skip;
    }
    size_t pos = reader->pos;
    *at = pos;
    if (pos >= in.len)
        return false;
    if (in.ptr[pos] == '_' && reader->transfer == SP_TRANSFER_Q) {
        reader->pos++;
        *run = (struct sp_slice){(const uint8_t *)" ", 1};
        return true;
    }
    int high = in.ptr[pos] == '=' && in.len - pos > 2 ? hex_digit(in.ptr[pos + 1]) : -1;
    int low = high >= 0 ? hex_digit(in.ptr[pos + 2]) : -1;
    if (low >= 0) {
        reader->pos += 3;
        reader->out[0] = (uint8_t)(high << 4 | low);
        *run = (struct sp_slice){reader->out, 1};
        return true;
    }
    size_t end = pos + 1; /* a '=' that begins no code stands for itself */
    while (end < in.len && !is_special(reader, in.ptr[end]))
        end++;
    *run = (struct sp_slice){in.ptr + pos, end - pos};
    reader->pos = end;
    return true;
}

/* Value of a base64 digit plus one; 0: no digit. */
static const uint8_t base64_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

bool sp_transfer_base64_strange(struct sp_slice in)
{
    for (size_t i = 0; i < in.len; i++) {
        if (base64_values[in.ptr[i]] == 0 && in.ptr[i] > ' ' && in.ptr[i] != '=')
            return true;
    }
    return false;
}

/* Writes the bytes that the digits in hand make: 3 of 4 digits, 2 of 3, 1 of 2. */
static size_t base64_flush(struct sp_transfer_reader *reader, uint8_t *out)
{
    uint32_t bits = reader->bits << 6 * (4 - reader->digits);
    size_t count = reader->digits > 1 ? reader->digits - 1 : 0;
    assert(count <= 3); /* at most 4 digits are in hand */
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    reader->bits = 0;
    reader->digits = 0;
    return count;
}

static bool base64_next(struct sp_transfer_reader *reader, struct sp_slice *run, size_t *at)
{
    struct sp_slice in = reader->in;
    size_t len = 0;
    *at = reader->pos;
    while (reader->pos < in.len && len + 3 <= SP_TRANSFER_OUT_MAX) {
        uint8_t byte = in.ptr[reader->pos++];
        uint8_t value = base64_values[byte];
        if (value != 0) {
            reader->bits = reader->bits << 6 | (value - 1U);
            if (++reader->digits == 4)
                len += base64_flush(reader, reader->out + len);
        } else if (byte == '=') { /* the end, or of one of several pieces put together */
            len += base64_flush(reader, reader->out + len);
        } else if (byte == '\n' && reader->by_line && len > 0) {
            break;
        } else if (byte > ' ') {
            reader->strange++;
        }
    }
    if (reader->pos >= in.len && !reader->open)
        len += base64_flush(reader, reader->out + len);
    *run = (struct sp_slice){reader->out, len};
    return len > 0;
}

bool sp_transfer_finish(struct sp_transfer_reader *reader, struct sp_slice *run)
{
    *run = (struct sp_slice){reader->out, base64_flush(reader, reader->out)};
    return run->len > 0;
}

bool sp_transfer_next(struct sp_transfer_reader *reader, struct sp_slice *run, size_t *at)
{
    switch (reader->transfer) {
    case SP_TRANSFER_QP:
    case SP_TRANSFER_Q:
        return qp_next(reader, run, at);
    case SP_TRANSFER_BASE64:
        return base64_next(reader, run, at);
    case SP_TRANSFER_IDENTITY:
        break;
    }
    *at = reader->pos;
    *run = (struct sp_slice){reader->in.ptr, reader->in.len};
    if (reader->pos > 0 || reader->in.len == 0)
        return false;
    reader->pos = reader->in.len;
    return true;
}
