#include "extract/sql_tuple.h"

enum {
    BINARY_BYTES_MIN = 64, /* smaller values are hashes and identifiers, no files, */
    PACKED_BYTES_MIN = 16, /* but what begins as compressed data does may be smaller */
    BINARY_SHARE = 8,      /* binary when one in so many bytes is no text: of random ones, that were
                            * taken for windows-1252 and are UTF-8 now, one in six; */
    CONTROL_SHARE = 40     /* and one in so many is a control, of which text with stars, euros and
                            * fractions has none: of random bytes one in sixteen */
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
    tuple->cell_controls = tuple->cell_signs = 0;
    tuple->head_len = 0;
    tuple->cr_before = false;
    tuple->null_waits = false;
    tuple->last = LAST_NONE;
    tuple->blank = false;
    tuple->hex_len = 0;
    return sp_row_cell(tuple->row, ++tuple->column, *tuple->line, why);
}

static void cell_end(struct sql_tuple *tuple)
{
    bool binary = tuple->cell_bytes >= BINARY_BYTES_MIN &&
                  tuple->cell_controls * CONTROL_SHARE >= tuple->cell_bytes &&
                  (tuple->cell_controls + tuple->cell_signs) * BINARY_SHARE >= tuple->cell_bytes;
    bool packed = tuple->cell_bytes >= PACKED_BYTES_MIN && tuple->cell_controls > 0 &&
                  sql_head_is_packed(tuple);
    tuple->binary_count += binary || packed;
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
        tuple->cell_controls++;
    sql_note(tuple, (struct sp_slice){walk->text.ptr + *pos, len});
    enum sp_err err = sql_text_append(tuple->row, walk, *pos, *pos + len, why);
    *pos += len;
    return err;
}

static enum sp_err string_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    size_t end = string_run(walk->text, *pos, tuple->quote);
    enum sp_err err = SP_OK;
    if (tuple->hex_len > 0 && byte_at(walk, *pos) != '\\')
        err = sql_hex_settle(tuple, why);
    if (err == SP_OK)
        err = sp_walk_append(walk, tuple->row, *pos, end, why);
    tuple->cr_before = tuple->cr_before && end == *pos;
    sql_note(tuple, (struct sp_slice){walk->text.ptr + *pos, end - *pos});
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
/* A string that follows a string goes on with it, and is of its kind. */
static enum sp_err string_begin(struct sql_tuple *tuple, uint8_t quote, struct sp_why *why)
{
    bool goes_on = tuple->prefix == 0 && quote == '\'';
    bool hex = tuple->prefix == 'x' || (goes_on && tuple->last == LAST_HEX);
    if (!hex && !(goes_on && tuple->last == LAST_STRING))
        tuple->string = tuple->prefix;
    tuple->prefix = 0;
    enum sp_err err = sql_token_begin(tuple, hex ? LAST_HEX : LAST_STRING, why);
    if (hex) {
        sql_hex_begin(tuple, quote);
        return err;
    }
    tuple->state = VALUE_STRING;
    tuple->escapes = tuple->backslash || tuple->string == 'e' || tuple->string == 'u';
    tuple->quote = quote;
    tuple->cr_before = false;
    return err;
}

/* A byte between tokens: a separator, or the first byte of the next. */
static enum sp_err none_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                             bool *ended, struct sp_why *why)
{
    uint8_t byte = byte_at(walk, *pos);
    uint64_t off = sp_walk_origin(walk, *pos);
    *tuple->line += byte == '\n';
    if (!sql_ends_word(byte)) {
        tuple->state = VALUE_WORD;
        return SP_OK;
    }
    ++*pos;
    if (byte == '\'' || byte == '"' || byte == '`')
        return string_begin(tuple, byte, why);
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
    if (byte <= ' ' && tuple->depth == 1) {
        tuple->blank_off = tuple->blank ? tuple->blank_off : off;
        tuple->blank = true;
        return SP_OK;
    }
    enum sp_err err = sql_token_begin(tuple, LAST_NONE, why);
    return err == SP_OK ? sql_byte_append(tuple, byte, off, why) : err; /* of an expression */
}

/* Within a token. */
static enum sp_err token_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    switch (tuple->state) {
    case VALUE_NONE:
        break;
    case VALUE_WORD:
        return sql_word_read(tuple, walk, pos, why);
    case VALUE_RAW:
        return sql_raw_read(tuple, walk, pos, why);
    case VALUE_STRING:
        return string_read(tuple, walk, pos, why);
    case VALUE_DOLLAR:
        return sql_dollar_read(tuple, walk, pos, why);
    case VALUE_ESCAPE:
        return sql_escape_read(tuple, walk, pos, why);
    case VALUE_CODE:
        return sql_code_read(tuple, walk, pos, why);
    case VALUE_QUOTE:
        return quote_read(tuple, walk, pos, why);
    case VALUE_BYTEA:
        return sql_bytea_read(tuple, walk, pos, why);
    case VALUE_DIGITS:
        return sql_digits_read(tuple, walk, pos, why);
    case VALUE_HEX:
        return sql_hex_read(tuple, walk, pos, why);
    }
    return SP_OK;
}

enum sp_err sql_tuple_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                           struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *ended = false;
    while (err == SP_OK && !*ended && *pos < walk->text.len)
        err = tuple->state == VALUE_NONE ? none_read(tuple, walk, pos, ended, why)
                                         : token_read(tuple, walk, pos, why);
    return err;
}

enum sp_err sql_tuple_finish(struct sql_tuple *tuple, struct sp_why *why)
{
    switch (tuple->state) {
    case VALUE_WORD:
        return sql_word_end(tuple, 0, why);
    case VALUE_CODE:
        return sql_code_end(tuple, why);
    case VALUE_DIGITS:
        return sql_digits_decode(tuple, why);
    case VALUE_DOLLAR:
        tuple->word_len = tuple->tag_match;
        return sql_word_flush(tuple, why);
    default:
        return SP_OK;
    }
}

void sql_tuple_resume_escape(struct sql_tuple *tuple, uint64_t off)
{
    tuple->state = VALUE_ESCAPE;
    tuple->escape_off = off;
}

/* ---- COPY data --------------------------------------------------------------------------- */
/* Behind a backslash; \N alone is NULL: nothing. */
static enum sp_err copy_escape(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    if (byte_at(walk, *pos) == 'N' && tuple->cell_bytes == 0) {
        tuple->state = VALUE_NONE;
        tuple->null_waits = true;
        tuple->escape_off = sp_walk_origin(walk, (*pos)++);
        return SP_OK;
    }
    if (byte_at(walk, *pos) == '\\' && tuple->cell_bytes == 0) {
        tuple->state = VALUE_BYTEA;
        ++*pos;
        return SP_OK;
    }
    return sql_escape_read(tuple, walk, pos, why);
}

/* Before `next`: \N with more behind it is an N, and a character that was begun does not go on. */
static enum sp_err copy_settle(struct sql_tuple *tuple, uint8_t next, struct sp_why *why)
{
    bool null_waits = tuple->null_waits;
    tuple->null_waits = false;
    if (null_waits && next != '\t' && next != '\n')
        return sql_byte_append(tuple, 'N', tuple->escape_off, why);
    return next == '\\' ? SP_OK : sql_hex_settle(tuple, why);
}

static enum sp_err copy_value(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                              bool *ended, struct sp_why *why)
{
    size_t end = string_run(walk->text, *pos, 0);
    enum sp_err err = copy_settle(tuple, byte_at(walk, *pos), why);
    if (err == SP_OK)
        err = sp_walk_append(walk, tuple->row, *pos, end, why);
    tuple->cr_before = tuple->cr_before && end == *pos;
    sql_note(tuple, (struct sp_slice){walk->text.ptr + *pos, end - *pos});
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
        else if (tuple->state == VALUE_NONE || tuple->state == VALUE_STRING)
            err = copy_value(tuple, walk, pos, ended, why);
        else
            err = token_read(tuple, walk, pos, why);
    }
    return err;
}
