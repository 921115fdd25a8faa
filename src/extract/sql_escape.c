/* What a backslash means in SQL strings: MySQL's, PostgreSQL's E'…', U&'…' and COPY's escapes. */
#include "base/utf8.h"
#include "core/charset.h"
#include "extract/sql_tuple.h"

/* How many digits an escape takes; fewer than `min` are text. */
static void code_limits(uint8_t kind, size_t *min, size_t *max)
{
    switch (kind) {
    case 'o':
        *min = 1;
        *max = 3;
        break;
    case 'x':
        *min = 1;
        *max = 2;
        break;
    case 'u':
        *min = *max = 4;
        break;
    case '+':
        *min = *max = 6;
        break;
    default:
        *min = *max = 8;
        break;
    }
}

static bool code_digit(uint8_t kind, uint8_t byte)
{
    int digit = sp_hex_digit(byte);
    return digit >= 0 && (kind != 'o' || digit < 8);
}

static enum sp_err code_append(struct sql_tuple *tuple, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    if (code < ' ' && code != '\t' && code != '\n')
        code = ' ';
    if (!sp_code_normalise(&code))
        return SP_OK;
    unsigned len = sp_utf8_encode(code, utf8);
    tuple->cell_bytes += len;
    return sp_row_append(tuple->row, utf8, len, tuple->escape_off, why);
}

enum sp_err sql_code_end(struct sql_tuple *tuple, struct sp_why *why)
{
    size_t min;
    size_t max;
    uint32_t code = 0;
    uint8_t kind = tuple->code_kind;
    code_limits(kind, &min, &max);
    tuple->state = VALUE_STRING;
    if (tuple->word_len - tuple->digits < min)
        return sql_word_flush(tuple, why); /* \x and no digit: the x itself */
    for (size_t i = tuple->digits; i < tuple->word_len; i++)
        code = code * (kind == 'o' ? 8 : 16) + (uint32_t)sp_hex_digit(tuple->word[i]);
    tuple->word_len = 0;
    tuple->hex_gap = tuple->hex_gap && tuple->hex_len > 0;
    if (kind == 'o' || kind == 'x') /* a byte, perhaps of a longer character */
        return sql_hex_byte(tuple, (uint8_t)code, tuple->escape_off, why);
    return code_append(tuple, code, why);
}

enum sp_err sql_code_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                          struct sp_why *why)
{
    size_t min;
    size_t max;
    uint8_t byte = walk->text.ptr[*pos];
    code_limits(tuple->code_kind, &min, &max);
    if (!code_digit(tuple->code_kind, byte))
        return sql_code_end(tuple, why);
    tuple->word[tuple->word_len] = byte;
    tuple->word_off[tuple->word_len++] = sp_walk_origin(walk, (*pos)++);
    return tuple->word_len - tuple->digits == max ? sql_code_end(tuple, why) : SP_OK;
}

/* Which escape of a code the byte behind the backslash begins; 0: none. */
static uint8_t code_kind(const struct sql_tuple *tuple, uint8_t byte)
{
    if (tuple->string == 'u' && !tuple->in_copy)
        return byte == '+' ? '+' : sp_hex_digit(byte) >= 0 ? 'u' : 0;
    if (tuple->string != 'e' && !tuple->in_copy)
        return 0;
    if (byte >= '0' && byte <= '7')
        return 'o';
    bool unicode = !tuple->in_copy && (byte == 'u' || byte == 'U');
    return byte == 'x' || unicode ? byte : 0;
}

/* The letter of an escape is kept as text, for the case that no digits follow. */
static void code_begin(struct sql_tuple *tuple, uint8_t kind, struct sp_walk *walk, size_t *pos)
{
    uint8_t byte = walk->text.ptr[*pos];
    tuple->state = VALUE_CODE;
    tuple->code_kind = kind;
    tuple->word_len = 0;
    tuple->digits = 0;
    if (kind != 'o' && byte == kind) {
        tuple->word[0] = byte;
        tuple->word_off[0] = sp_walk_origin(walk, (*pos)++);
        tuple->word_len = tuple->digits = 1;
    }
}

/* MySQL's, PostgreSQL's E'' and COPY's escapes agree on these. \r\n is one line end, as in all
 * text. */
static enum sp_err letter_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    bool cr_before = tuple->cr_before;
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
        tuple->cell_controls++;
        return sql_byte_append(tuple, ' ', tuple->escape_off, why);
    default: /* the character itself; a multi-byte one is read as content */
        if (byte >= 0x80)
            return SP_OK;
        *tuple->line += byte == '\n';
        ++*pos;
        return sql_byte_append(tuple, byte, sp_walk_origin(walk, *pos - 1), why);
    }
}

enum sp_err sql_escape_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    uint8_t kind = code_kind(tuple, byte);
    tuple->state = VALUE_STRING;
    bool bytes = kind == 'o' || kind == 'x';
    enum sp_err err = bytes ? SP_OK : sql_hex_settle(tuple, why);
    if (err != SP_OK)
        return err;
    if (kind != 0) {
        tuple->cr_before = false;
        code_begin(tuple, kind, walk, pos);
        return SP_OK;
    }
    if (byte == 'x' && tuple->cell_bytes == 0 && !tuple->in_copy && tuple->string != 'u') {
        /* a dump of PostgreSQL that did not say so: '\x4a616e' */
        sql_digits_begin(tuple, false, sp_walk_origin(walk, (*pos)++));
        return SP_OK;
    }
    return letter_read(tuple, walk, pos, why);
}
