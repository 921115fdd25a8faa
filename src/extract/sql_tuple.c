#include "extract/sql_tuple.h"

#include "base/utf8.h"
#include "core/charset.h"

enum state {
    VALUE_NONE, /* between the tokens of a value */
    VALUE_WORD, /* number, NULL, prefix of a string, function */
    VALUE_RAW,  /* a word that is too long to be any of these */
    VALUE_STRING,
    VALUE_ESCAPE, /* behind \ in a string or in COPY data */
    VALUE_QUOTE,  /* behind a quote in a string: the end, or the first of two */
    VALUE_HEX     /* in 0x… or X'…' */
};

enum {
    BINARY_BYTES_MIN = 64, /* smaller values are hashes and identifiers, no files */
    BINARY_SHARE = 4       /* binary when a quarter of its bytes are no text */
};

static uint8_t byte_at(const struct sp_walk *walk, size_t pos)
{
    return walk->text.ptr[pos];
}

/* Length of the curly apostrophe at pos, or 0. Characters are never cut between two texts. */
static size_t curly_at(struct sp_slice text, size_t pos)
{
    const uint8_t *ptr = text.ptr + pos;
    size_t left = text.len - pos;
    if (left >= 3 && ptr[0] == 0xE2 && ptr[1] == 0x80 && (ptr[2] == 0x98 || ptr[2] == 0x99))
        return 3;
    return left >= 2 && ptr[0] == 0xCA && ptr[1] == 0xBC ? 2 : 0;
}

enum sp_err sql_text_append(struct sp_row *row, struct sp_walk *walk, size_t from, size_t to,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t begin = from;
    for (size_t pos = from; err == SP_OK && pos < to; pos++) {
        size_t curly = walk->text.ptr[pos] < 0xCA ? 0 : curly_at(walk->text, pos);
        if (curly == 0)
            continue;
        err = sp_walk_append(walk, row, begin, pos, why);
        if (err == SP_OK)
            err = sp_row_append(row, (const uint8_t *)"'", 1, sp_walk_origin(walk, pos), why);
        begin = pos + curly;
        pos = begin - 1;
    }
    return err == SP_OK ? sp_walk_append(walk, row, begin, to, why) : err;
}

static enum sp_err byte_append(struct sql_tuple *tuple, uint8_t byte, uint64_t off,
                               struct sp_why *why)
{
    tuple->cell_bytes++;
    return sp_row_append(tuple->row, &byte, 1, off, why);
}

/* ---- cells ------------------------------------------------------------------------------- */
static enum sp_err cell_begin(struct sql_tuple *tuple, struct sp_why *why)
{
    tuple->state = VALUE_NONE;
    tuple->cell_bytes = 0;
    tuple->cell_strange = 0;
    tuple->cr_before = false;
    return sp_row_cell(tuple->row, ++tuple->column, *tuple->line, why);
}

static void cell_end(struct sql_tuple *tuple)
{
    if (tuple->cell_bytes >= BINARY_BYTES_MIN &&
        tuple->cell_strange * BINARY_SHARE >= tuple->cell_bytes)
        tuple->binary_count++;
}

enum sp_err sql_tuple_begin(struct sql_tuple *tuple, bool in_copy, struct sp_why *why)
{
    tuple->in_copy = in_copy;
    tuple->depth = 1;
    tuple->column = 0;
    tuple->word_len = 0;
    tuple->prefix = 0;
    return cell_begin(tuple, why);
}

/* ---- hexadecimal: bytes that are text where they are, one line end for what is not ---------- */
static enum sp_err hex_gap(struct sql_tuple *tuple, uint64_t off, struct sp_why *why)
{
    tuple->cell_bytes++;
    tuple->cell_strange++;
    if (tuple->hex_gap)
        return SP_OK;
    tuple->hex_gap = true;
    return sp_row_append(tuple->row, (const uint8_t *)"\n", 1, off, why);
}

static enum sp_err hex_char(struct sql_tuple *tuple, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    tuple->hex_gap = false;
    tuple->cell_bytes += tuple->hex_len;
    if (!sp_code_normalise(&code))
        return SP_OK;
    unsigned len = sp_utf8_encode(code, utf8);
    return sp_row_append(tuple->row, utf8, len, tuple->hex_off, why);
}

static bool hex_is_text(uint32_t code)
{
    return code >= 0xA0 || (code >= ' ' && code < 0x7F) || (code >= '\t' && code <= '\r');
}

/* The next byte that two digits made. */
static enum sp_err hex_byte(struct sql_tuple *tuple, uint8_t byte, uint64_t off, struct sp_why *why)
{
    uint32_t code;
    if (tuple->hex_len == 0)
        tuple->hex_off = off;
    tuple->hex[tuple->hex_len++] = byte;
    unsigned len = sp_utf8_decode(tuple->hex, tuple->hex_len, &code);
    bool lead = tuple->hex[0] >= 0xC2 && tuple->hex[0] <= 0xF4;
    bool more = len == 0 && lead && tuple->hex_len < 4 &&
                (tuple->hex_len == 1 || (byte >= 0x80 && byte < 0xC0));
    if (more)
        return SP_OK;
    enum sp_err err = len != 0 && hex_is_text(code) ? hex_char(tuple, code, why)
                                                    : hex_gap(tuple, tuple->hex_off, why);
    bool again = len == 0 && tuple->hex_len > 1 && byte < 0x80; /* it began no part of it */
    tuple->hex_len = 0;
    return err == SP_OK && again ? hex_byte(tuple, byte, off, why) : err;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void hex_begin(struct sql_tuple *tuple, uint8_t quote)
{
    tuple->state = VALUE_HEX;
    tuple->quote = quote;
    tuple->nibble = -1;
    tuple->hex_len = 0;
    tuple->hex_gap = false;
}

static enum sp_err hex_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    int digit = hex_digit(byte);
    if (digit < 0) {
        *pos += tuple->quote != 0 ? 1 : 0; /* the quote, or a byte that should not be there */
        if (tuple->quote == 0 || byte == tuple->quote)
            tuple->state = VALUE_NONE;
        return tuple->hex_len > 0 ? hex_byte(tuple, 0, tuple->hex_off, why) : SP_OK;
    }
    uint64_t off = sp_walk_origin(walk, (*pos)++);
    if (tuple->nibble < 0) {
        tuple->nibble = digit;
        tuple->nibble_off = off;
        return SP_OK;
    }
    byte = (uint8_t)(tuple->nibble << 4 | digit);
    tuple->nibble = -1;
    return hex_byte(tuple, byte, tuple->nibble_off, why);
}

/* ---- words ------------------------------------------------------------------------------- */
static bool ends_word(uint8_t byte)
{
    return byte <= ' ' || byte == ',' || byte == '(' || byte == ')' || byte == '\'' ||
           byte == '"' || byte == '`';
}

/* Passes the word on, in runs whose source bytes follow each other. */
static enum sp_err word_flush(struct sql_tuple *tuple, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < tuple->word_len;) {
        size_t end = i + 1;
        while (end < tuple->word_len && tuple->word_off[end] == tuple->word_off[end - 1] + 1)
            end++;
        err = sp_row_append(tuple->row, tuple->word + i, end - i, tuple->word_off[i], why);
        i = end;
    }
    tuple->cell_bytes += tuple->word_len;
    tuple->word_len = 0;
    return err;
}

/* A word ends before `next`: nothing, the prefix of a string, or a value. */
static enum sp_err word_end(struct sql_tuple *tuple, uint8_t next, struct sp_why *why)
{
    struct sp_slice word = {tuple->word, tuple->word_len};
    tuple->state = VALUE_NONE;
    if (word.ptr[0] == '_') { /* _binary, _utf8mb4: charset of the string that follows */
        tuple->word_len = 0;
    } else if (next == '\'' && word.len == 1 && strchr("NnEeXxBb", word.ptr[0]) != NULL) {
        tuple->prefix = word.ptr[0] | 0x20;
        tuple->word_len = 0;
    } else if (tuple->depth == 1 && (sp_slice_is(word, "NULL") || sp_slice_is(word, "DEFAULT"))) {
        tuple->word_len = 0;
    }
    return word_flush(tuple, why);
}

static enum sp_err word_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                             struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    if (ends_word(byte))
        return word_end(tuple, byte, why);
    bool inside = byte >= 0x80 && byte < 0xC0; /* of a character */
    if (tuple->word_len >= SQL_WORD_MAX && !inside) {
        tuple->state = VALUE_RAW;
        return word_flush(tuple, why);
    }
    tuple->word[tuple->word_len] = byte;
    tuple->word_off[tuple->word_len++] = sp_walk_origin(walk, (*pos)++);
    if (tuple->word_len == 2 && tuple->word[0] == '0' && (byte | 0x20) == 'x') {
        tuple->word_len = 0;
        hex_begin(tuple, 0);
    }
    return SP_OK;
}

static enum sp_err raw_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    size_t end = *pos;
    while (end < walk->text.len && !ends_word(byte_at(walk, end)))
        end++;
    enum sp_err err = sql_text_append(tuple->row, walk, *pos, end, why);
    if (end < walk->text.len)
        tuple->state = VALUE_NONE;
    *pos = end;
    return err;
}

/* ---- strings ----------------------------------------------------------------------------- */
/* Bytes at which a run of string content may stop, besides control characters: what is not
 * always passed on as it is. */
static const bool stops_string[256] = {
    ['"'] = true, ['\''] = true, ['\\'] = true, ['`'] = true, [0xCA] = true, [0xE2] = true,
};

/* End of the run at pos that is passed on as it is. `quote` 0: there are no quotes (COPY). */
static size_t string_run(struct sp_slice text, size_t pos, uint8_t quote)
{
    for (; pos < text.len; pos++) {
        uint8_t byte = text.ptr[pos];
        bool other = byte == '"' || byte == '\'' || byte == '`'; /* a quote, but not ours */
        if (byte < ' ' || (stops_string[byte] && !(other && byte != quote)))
            break;
    }
    return pos;
}

/* One byte, or one character, at which a run stopped and that is content. */
static enum sp_err special_append(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                                  struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    size_t len = byte == 0xE2 ? 3 : byte == 0xCA ? 2 : 1;
    if (byte == '\n')
        ++*tuple->line;
    else if (byte < '\t' || (byte > '\r' && byte < ' '))
        tuple->cell_strange++;
    tuple->cell_bytes++;
    enum sp_err err = sql_text_append(tuple->row, walk, *pos, *pos + len, why);
    *pos += len;
    return err;
}

static enum sp_err string_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    size_t end = string_run(walk->text, *pos, tuple->quote);
    enum sp_err err = sp_walk_append(walk, tuple->row, *pos, end, why);
    tuple->cr_before = tuple->cr_before && end == *pos;
    tuple->cell_bytes += end - *pos;
    *pos = end;
    if (err != SP_OK || end == walk->text.len)
        return err;
    uint8_t byte = byte_at(walk, end);
    if (byte == '\\' && tuple->escapes) {
        tuple->state = VALUE_ESCAPE;
        tuple->escape_off = sp_walk_origin(walk, end);
        ++*pos;
    } else if (byte == tuple->quote) {
        tuple->state = VALUE_QUOTE;
        ++*pos;
    } else {
        err = special_append(tuple, walk, pos, why);
    }
    return err;
}

/* The character behind a backslash: MySQL's, PostgreSQL's E'' and COPY's escapes agree on these.
 * \r\n is one line end, as in all text. */
static enum sp_err escape_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    bool cr_before = tuple->cr_before;
    tuple->state = VALUE_STRING;
    tuple->cr_before = byte == 'r';
    switch (byte) {
    case 'n':
        ++*pos;
        return cr_before ? SP_OK : byte_append(tuple, '\n', tuple->escape_off, why);
    case 'r':
        ++*pos;
        return byte_append(tuple, '\n', tuple->escape_off, why);
    case 't':
    case 'b':
    case 'f':
    case 'v':
        if (!tuple->in_copy && (byte == 'f' || byte == 'v'))
            return SP_OK;
        ++*pos;
        return byte_append(tuple, byte == 't' ? '\t' : ' ', tuple->escape_off, why);
    case '0':
    case 'Z':
        ++*pos;
        tuple->cell_strange++;
        return byte_append(tuple, ' ', tuple->escape_off, why);
    default: /* the character itself; a multi-byte one is read as content */
        if (byte >= 0x80)
            return SP_OK;
        *tuple->line += byte == '\n';
        ++*pos;
        return byte_append(tuple, byte, sp_walk_origin(walk, *pos - 1), why);
    }
}

static enum sp_err quote_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    tuple->state = VALUE_NONE;
    if (byte != tuple->quote)
        return SP_OK;
    tuple->state = VALUE_STRING;
    return byte_append(tuple, byte, sp_walk_origin(walk, (*pos)++), why);
}

/* ---- the tuple --------------------------------------------------------------------------- */
static void string_begin(struct sql_tuple *tuple, uint8_t quote)
{
    uint8_t prefix = tuple->prefix;
    tuple->prefix = 0;
    if (prefix == 'x') {
        hex_begin(tuple, quote);
        return;
    }
    tuple->state = VALUE_STRING;
    tuple->escapes = tuple->backslash || prefix == 'e';
    tuple->quote = quote;
    tuple->cr_before = false;
}

/* A byte between tokens: a separator, or the first byte of the next. */
static enum sp_err none_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                             bool *ended, struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    uint64_t off = sp_walk_origin(walk, *pos);
    *tuple->line += byte == '\n';
    if (!ends_word(byte)) {
        tuple->state = VALUE_WORD;
        return SP_OK;
    }
    ++*pos;
    if (byte == '\'' || byte == '"' || byte == '`') {
        string_begin(tuple, byte);
        return SP_OK;
    }
    if (byte == ')' && --tuple->depth == 0) {
        cell_end(tuple);
        *ended = true;
        return SP_OK;
    }
    if (byte == ',' && tuple->depth == 1) {
        cell_end(tuple);
        return cell_begin(tuple, why);
    }
    tuple->depth += byte == '(' ? 1 : 0;
    if (byte <= ' ' && tuple->depth == 1)
        return SP_OK;
    return byte_append(tuple, byte, off, why); /* of a function or expression */
}

enum sp_err sql_tuple_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                           struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *ended = false;
    while (err == SP_OK && !*ended && *pos < walk->text.len) {
        switch ((enum state)tuple->state) {
        case VALUE_NONE:
            err = none_read(tuple, walk, pos, ended, why);
            break;
        case VALUE_WORD:
            err = word_read(tuple, walk, pos, why);
            break;
        case VALUE_RAW:
            err = raw_read(tuple, walk, pos, why);
            break;
        case VALUE_STRING:
            err = string_read(tuple, walk, pos, why);
            break;
        case VALUE_ESCAPE:
            err = escape_read(tuple, walk, pos, why);
            break;
        case VALUE_QUOTE:
            err = quote_read(tuple, walk, pos, why);
            break;
        case VALUE_HEX:
            err = hex_read(tuple, walk, pos, why);
            break;
        }
    }
    return err;
}

void sql_tuple_resume_escape(struct sql_tuple *tuple, uint64_t off)
{
    tuple->state = VALUE_ESCAPE;
    tuple->escape_off = off;
}

/* ---- COPY data --------------------------------------------------------------------------- */
/* Behind a backslash; \N is NULL: nothing. */
static enum sp_err copy_escape(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    if (byte_at(walk, *pos) == 'N') {
        tuple->state = VALUE_NONE;
        ++*pos;
        return SP_OK;
    }
    enum sp_err err = escape_read(tuple, walk, pos, why);
    tuple->state = VALUE_NONE;
    return err;
}

static enum sp_err copy_value(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                              bool *ended, struct sp_why *why)
{
    size_t end = string_run(walk->text, *pos, 0);
    enum sp_err err = sp_walk_append(walk, tuple->row, *pos, end, why);
    tuple->cr_before = tuple->cr_before && end == *pos;
    tuple->cell_bytes += end - *pos;
    *pos = end;
    if (err != SP_OK || end == walk->text.len)
        return err;
    uint8_t byte = byte_at(walk, end);
    if (byte == '\\') {
        tuple->state = VALUE_ESCAPE;
        tuple->escape_off = sp_walk_origin(walk, end);
    } else if (byte == '\t') {
        cell_end(tuple);
        err = cell_begin(tuple, why);
    } else if (byte == '\n') {
        cell_end(tuple);
        ++*tuple->line;
        *ended = true;
    } else {
        return special_append(tuple, walk, pos, why);
    }
    ++*pos;
    return err;
}

enum sp_err sql_copy_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                          struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *ended = false;
    while (err == SP_OK && !*ended && *pos < walk->text.len)
        err = tuple->state == VALUE_ESCAPE ? copy_escape(tuple, walk, pos, why)
                                           : copy_value(tuple, walk, pos, ended, why);
    return err;
}
