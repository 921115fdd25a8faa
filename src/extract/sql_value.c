/* Content of SQL values: what is written as it stands, apostrophes, hexadecimal. */
#include "base/utf8.h"
#include "core/charset.h"
#include "extract/sql_tuple.h"

#include <string.h>

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

static void head_note(struct sql_tuple *tuple, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && tuple->head_len < sizeof tuple->head; i++)
        tuple->head[tuple->head_len++] = bytes[i];
}

void sql_note(struct sql_tuple *tuple, struct sp_slice text)
{
    size_t strange = 0;
    head_note(tuple, text.ptr, text.len);
    tuple->cell_bytes += text.len;
    for (size_t i = 0; i < text.len; i++)
        strange += text.ptr[i] == 0xC2;
    /* E2 80: dashes and quotes. A run stops at E2, so that it stands first. */
    strange += text.len == 3 && text.ptr[0] == 0xE2 && text.ptr[1] != 0x80;
    tuple->cell_signs += strange;
}

bool sql_head_is_packed(const struct sql_tuple *tuple)
{
    static const char *const heads[] = {
        "x\x01",
        "x\x9C",
        "x\xDA", /* zlib, in hexadecimal digits */
        "x\xC5\x93",
        "x\xC3\x9A", /* 9C and DA, taken for windows-1252 */
        "\x1F\x8B",
        "\x1F\xE2\x80\xB9",
        "\x1F\xC2\x8B", /* gzip */
        "\x28\xB5\x2F\xFD",
        "\x28\xC2\xB5\x2F", /* zstd */
        "\xFD\x37\x7A\x58",
        "\xC3\xBD\x37\x7A", /* xz */
        "7z\xBC\xAF",
        "7z\xC2\xBC", /* 7z */
        "\xD0\xCF\x11\xE0",
        "\xC3\x90\xC3\x8F", /* OLE */
        "PK\x03\x04",
        "BZh",
        "%PDF",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t len = strlen(heads[i]);
        if (tuple->head_len >= len && memcmp(tuple->head, heads[i], len) == 0)
            return true;
    }
    return false;
}

enum sp_err sql_byte_append(struct sql_tuple *tuple, uint8_t byte, uint64_t off, struct sp_why *why)
{
    tuple->cell_bytes++;
    return sp_row_append(tuple->row, &byte, 1, off, why);
}

/* ---- hexadecimal: bytes that are text where they are, one line end for what is not --------- */
static enum sp_err hex_gap(struct sql_tuple *tuple, uint64_t off, struct sp_why *why)
{
    tuple->cell_bytes++;
    tuple->cell_controls++;
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

enum sp_err sql_hex_byte(struct sql_tuple *tuple, uint8_t byte, uint64_t off, struct sp_why *why)
{
    uint32_t code;
    head_note(tuple, &byte, 1);
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
    return err == SP_OK && again ? sql_hex_byte(tuple, byte, off, why) : err;
}

enum sp_err sql_hex_settle(struct sql_tuple *tuple, struct sp_why *why)
{
    if (tuple->hex_len == 0)
        return SP_OK;
    tuple->hex_len = 0;
    return hex_gap(tuple, tuple->hex_off, why);
}

void sql_hex_begin(struct sql_tuple *tuple, uint8_t quote)
{
    tuple->state = VALUE_HEX;
    tuple->quote = quote;
    tuple->bytea = false;
    tuple->nibble = -1;
    tuple->hex_len = 0;
    tuple->hex_gap = false;
}

static enum sp_err nibble_take(struct sql_tuple *tuple, int digit, uint64_t off, struct sp_why *why)
{
    if (tuple->nibble < 0) {
        tuple->nibble = digit;
        tuple->nibble_off = off;
        return SP_OK;
    }
    uint8_t byte = (uint8_t)(tuple->nibble << 4 | digit);
    tuple->nibble = -1;
    return sql_hex_byte(tuple, byte, tuple->nibble_off, why);
}

enum sp_err sql_digits_decode(struct sql_tuple *tuple, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = tuple->digits; err == SP_OK && i < tuple->word_len; i++)
        err = nibble_take(tuple, sp_hex_digit(tuple->word[i]), tuple->word_off[i], why);
    tuple->word_len = 0;
    return err;
}

/* ---- PostgreSQL's bytea ------------------------------------------------------------------ */
void sql_digits_begin(struct sql_tuple *tuple, bool with_backslash, uint64_t x_off)
{
    sql_hex_begin(tuple, tuple->quote);
    tuple->bytea = true;
    tuple->state = VALUE_DIGITS;
    tuple->word_len = 0;
    if (with_backslash) {
        tuple->word[0] = '\\';
        tuple->word_off[tuple->word_len++] = tuple->escape_off;
    }
    tuple->word[tuple->word_len] = 'x';
    tuple->word_off[tuple->word_len++] = x_off;
    tuple->digits = tuple->word_len;
}

/* Behind a backslash at the start of a value. */
enum sp_err sql_bytea_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                           struct sp_why *why)
{
    if (walk->text.ptr[*pos] == 'x') {
        sql_digits_begin(tuple, true, sp_walk_origin(walk, (*pos)++));
        return SP_OK;
    }
    tuple->state = tuple->in_copy ? VALUE_NONE : VALUE_STRING;
    return sql_byte_append(tuple, '\\', tuple->escape_off, why);
}

/* Digits alone up to the end of the value are bytes; with anything else behind them, '\xavier' is
 * a name. */
enum sp_err sql_digits_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (sp_hex_digit(byte) >= 0) {
        tuple->word[tuple->word_len] = byte;
        tuple->word_off[tuple->word_len++] = sp_walk_origin(walk, (*pos)++);
        if (tuple->word_len < SQL_WORD_MAX)
            return SP_OK;
        tuple->state = VALUE_HEX;
        return sql_digits_decode(tuple, why);
    }
    bool ends = tuple->in_copy ? byte == '\t' || byte == '\n' : byte == tuple->quote;
    tuple->state = tuple->in_copy ? VALUE_NONE : VALUE_STRING;
    if (!ends)
        return sql_word_flush(tuple, why);
    enum sp_err err = sql_digits_decode(tuple, why);
    return err == SP_OK ? sql_hex_settle(tuple, why) : err;
}

enum sp_err sql_hex_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                         struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    int digit = sp_hex_digit(byte);
    if (digit >= 0)
        return nibble_take(tuple, digit, sp_walk_origin(walk, (*pos)++), why);
    bool quoted = tuple->quote != 0 && !tuple->bytea;
    if (quoted && byte <= ' ') { /* digits may stand on several lines */
        *tuple->line += byte == '\n';
        ++*pos;
        return SP_OK;
    }
    if (quoted && byte == tuple->quote) {
        ++*pos;
        tuple->state = VALUE_NONE;
    } else { /* bytea: whose quote this is; else text after all */
        tuple->state = tuple->quote != 0 && !tuple->in_copy ? VALUE_STRING : VALUE_NONE;
    }
    return sql_hex_settle(tuple, why);
}
