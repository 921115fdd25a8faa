/* Words of SQL values: numbers, NULL, functions, prefixes of strings, 0x…, $tag$…$tag$. */
#include "base/utf8.h"
#include "extract/sql_tuple.h"

bool sql_ends_word(uint8_t byte)
{
    return byte <= ' ' || byte == ',' || byte == '(' || byte == ')' || byte == '\'' ||
           byte == '"' || byte == '`';
}

enum sp_err sql_token_begin(struct sql_tuple *tuple, enum sql_last token, struct sp_why *why)
{
    enum sql_last last = tuple->last;
    bool blank = tuple->blank;
    tuple->last = token;
    tuple->blank = false;
    if (tuple->cell_bytes == 0 || (last == token && token >= LAST_STRING))
        return SP_OK;
    if (!blank && (last == LAST_NONE || token == LAST_NONE))
        return SP_OK;
    return sql_byte_append(tuple, ' ', blank ? tuple->blank_off : SP_SIZE_UNKNOWN, why);
}

/* In runs whose source bytes follow each other. */
enum sp_err sql_word_flush(struct sql_tuple *tuple, struct sp_why *why)
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

/* MySQL's character sets: _utf8mb4'…' tells in which one the string that follows is. Any other
 * word that begins with _ is a value. */
static bool word_is_charset(struct sp_slice word)
{
    static const char *const names[] = {
        "binary",  "utf8mb4",  "utf8mb3", "utf8",   "latin1",  "ascii",  "ucs2",
        "utf16",   "utf16le",  "utf32",   "latin2", "latin5",  "latin7", "cp1250",
        "cp1251",  "cp1256",   "cp1257",  "cp850",  "cp852",   "cp866",  "cp932",
        "big5",    "dec8",     "eucjpms", "euckr",  "gb18030", "gb2312", "gbk",
        "geostd8", "greek",    "hebrew",  "hp8",    "keybcs2", "koi8r",  "koi8u",
        "macce",   "macroman", "sjis",    "swe7",   "tis620",  "ujis",   "armscii8"};
    if (word.len < 2 || word.ptr[0] != '_')
        return false;
    word = (struct sp_slice){word.ptr + 1, word.len - 1};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sp_slice_is(word, names[i]))
            return true;
    }
    return false;
}

/* 0x and nothing but digits. */
static bool word_is_hex(const struct sql_tuple *tuple)
{
    if (tuple->word_len < 3 || tuple->word[0] != '0' || (tuple->word[1] | 0x20) != 'x')
        return false;
    for (size_t i = 2; i < tuple->word_len; i++) {
        if (sp_hex_digit(tuple->word[i]) < 0)
            return false;
    }
    return true;
}

/* A letter before a quote, or U&; 0: the word is no prefix of a string. */
static uint8_t word_prefix(struct sp_slice word)
{
    if (word.len == 1 && memchr("NnEeXxBb", word.ptr[0], 8) != NULL)
        return word.ptr[0] | 0x20;
    return word.len == 2 && (word.ptr[0] | 0x20) == 'u' && word.ptr[1] == '&' ? 'u' : 0;
}

static enum sp_err hex_word_decode(struct sql_tuple *tuple, struct sp_why *why)
{
    enum sp_err err = sql_token_begin(tuple, LAST_WORD, why);
    sql_hex_begin(tuple, 0);
    tuple->digits = 2;
    return err == SP_OK ? sql_digits_decode(tuple, why) : err;
}

enum sp_err sql_word_end(struct sql_tuple *tuple, uint8_t next, struct sp_why *why)
{
    struct sp_slice word = {tuple->word, tuple->word_len};
    uint8_t prefix = next == '\'' ? word_prefix(word) : 0;
    if (word_is_hex(tuple)) {
        enum sp_err err = hex_word_decode(tuple, why);
        tuple->state = VALUE_NONE;
        return err == SP_OK ? sql_hex_settle(tuple, why) : err;
    }
    tuple->state = VALUE_NONE;
    if (prefix != 0) {
        tuple->prefix = prefix;
    } else if (tuple->depth == 1 && (sp_slice_is(word, "NULL") || sp_slice_is(word, "DEFAULT"))) {
        tuple->last = LAST_WORD;
    } else if (sp_slice_is(word, "||") && tuple->last == LAST_STRING) {
        tuple->blank = false; /* the strings on its two sides are one */
    } else if (!word_is_charset(word)) {
        if (tuple->string == 'u' && sp_slice_is(word, "UESCAPE"))
            tuple->binary_count++; /* escaped by a sign that was not known in time: told */
        enum sp_err err = sql_token_begin(tuple, LAST_WORD, why);
        return err == SP_OK ? sql_word_flush(tuple, why) : err;
    }
    tuple->word_len = 0;
    return SP_OK;
}

/* What is held is no tag of a dollar-quoted string yet: $, or $name. */
static bool word_may_be_tag(const struct sql_tuple *tuple)
{
    for (size_t i = 1; i < tuple->word_len; i++) {
        uint8_t byte = tuple->word[i];
        bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_';
        if (!letter && !(i > 1 && byte >= '0' && byte <= '9'))
            return false;
    }
    return tuple->word_len > 0 && tuple->word[0] == '$';
}

enum sp_err sql_word_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                          struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (sql_ends_word(byte))
        return sql_word_end(tuple, byte, why);
    bool inside = byte >= 0x80 && byte < 0xC0; /* of a character */
    if (tuple->word_len >= SQL_WORD_MAX && !inside) {
        if (word_is_hex(tuple))
            return hex_word_decode(tuple, why);
        tuple->state = VALUE_RAW;
        enum sp_err err = sql_token_begin(tuple, LAST_WORD, why);
        return err == SP_OK ? sql_word_flush(tuple, why) : err;
    }
    bool tag = byte == '$' && word_may_be_tag(tuple);
    tuple->word[tuple->word_len] = byte;
    tuple->word_off[tuple->word_len++] = sp_walk_origin(walk, (*pos)++);
    if (!tag)
        return SP_OK;
    tuple->state = VALUE_DOLLAR;
    tuple->tag_len = tuple->word_len;
    tuple->tag_match = 0;
    tuple->word_len = 0;
    return sql_token_begin(tuple, LAST_STRING, why);
}

enum sp_err sql_raw_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                         struct sp_why *why)
{
    size_t end = *pos;
    while (end < walk->text.len && !sql_ends_word(walk->text.ptr[end]))
        end++;
    enum sp_err err = sql_text_append(tuple->row, walk, *pos, end, why);
    tuple->cell_bytes += end - *pos;
    if (end < walk->text.len)
        tuple->state = VALUE_NONE;
    *pos = end;
    return err;
}

/* The tag has its only dollars at its ends: after a mismatch it can begin at this byte alone. */
enum sp_err sql_dollar_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (byte == tuple->word[tuple->tag_match]) {
        tuple->word_off[tuple->tag_match++] = sp_walk_origin(walk, (*pos)++);
        if (tuple->tag_match == tuple->tag_len)
            tuple->state = VALUE_NONE;
        return SP_OK;
    }
    if (tuple->tag_match > 0) {
        tuple->word_len = tuple->tag_match;
        tuple->tag_match = 0;
        return sql_word_flush(tuple, why);
    }
    size_t end = *pos;
    while (end < walk->text.len && walk->text.ptr[end] != '$') {
        *tuple->line += walk->text.ptr[end] == '\n';
        end++;
    }
    enum sp_err err = sql_text_append(tuple->row, walk, *pos, end, why);
    tuple->cell_bytes += end - *pos;
    *pos = end;
    return err;
}
