#include "extract/sql_tuple.h"

enum {
    BINARY_BYTES_MIN = 64, /* smaller values are hashes and identifiers, no files */
    BINARY_SHARE = 4       /* binary when a quarter of its bytes are no text */
};

static uint8_t byte_at(const struct sp_walk *walk, size_t pos)
{
    return walk->text.ptr[pos];
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
        sql_hex_begin(tuple, 0);
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
    } else if (byte == '\\' && !tuple->backslash && tuple->cell_bytes == 0) {
        tuple->state = VALUE_BYTEA;
        tuple->escape_off = sp_walk_origin(walk, end);
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
        return cr_before ? SP_OK : sql_byte_append(tuple, '\n', tuple->escape_off, why);
    case 'r':
        ++*pos;
        return sql_byte_append(tuple, '\n', tuple->escape_off, why);
    case 't':
    case 'b':
    case 'f':
    case 'v':
        if (!tuple->in_copy && (byte == 'f' || byte == 'v'))
            return SP_OK;
        ++*pos;
        return sql_byte_append(tuple, byte == 't' ? '\t' : ' ', tuple->escape_off, why);
    case '0':
    case 'Z':
        ++*pos;
        tuple->cell_strange++;
        return sql_byte_append(tuple, ' ', tuple->escape_off, why);
    default: /* the character itself; a multi-byte one is read as content */
        if (byte >= 0x80)
            return SP_OK;
        *tuple->line += byte == '\n';
        ++*pos;
        return sql_byte_append(tuple, byte, sp_walk_origin(walk, *pos - 1), why);
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
    return sql_byte_append(tuple, byte, sp_walk_origin(walk, (*pos)++), why);
}

/* ---- the tuple --------------------------------------------------------------------------- */
static void string_begin(struct sql_tuple *tuple, uint8_t quote)
{
    uint8_t prefix = tuple->prefix;
    tuple->prefix = 0;
    if (prefix == 'x') {
        sql_hex_begin(tuple, quote);
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
    return sql_byte_append(tuple, byte, off, why); /* of a function or expression */
}

enum sp_err sql_tuple_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                           struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *ended = false;
    while (err == SP_OK && !*ended && *pos < walk->text.len) {
        switch (tuple->state) {
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
        case VALUE_BYTEA:
            err = sql_bytea_read(tuple, walk, pos, why);
            break;
        case VALUE_HEX:
            err = sql_hex_read(tuple, walk, pos, why);
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
    if (byte_at(walk, *pos) == '\\' && tuple->cell_bytes == 0) {
        tuple->state = VALUE_BYTEA;
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
    while (err == SP_OK && !*ended && *pos < walk->text.len) {
        if (tuple->state == VALUE_ESCAPE)
            err = copy_escape(tuple, walk, pos, why);
        else if (tuple->state == VALUE_BYTEA)
            err = sql_bytea_read(tuple, walk, pos, why);
        else if (tuple->state == VALUE_HEX)
            err = sql_hex_read(tuple, walk, pos, why);
        else
            err = copy_value(tuple, walk, pos, ended, why);
    }
    return err;
}
