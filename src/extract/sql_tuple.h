/* Reads the values of one tuple "(…)" of an INSERT, and one row of COPY data, into a row. */
#ifndef SP_EXTRACT_SQL_TUPLE_H
#define SP_EXTRACT_SQL_TUPLE_H

#include "extract/row.h"

enum {
    SQL_WORD_MAX = 64,    /* longer tokens outside strings are passed on as they come */
    SQL_WORD_CHAR_MAX = 4 /* so that no character is cut at the maximum */
};

enum sql_value_state {
    VALUE_NONE, /* between the tokens of a value */
    VALUE_WORD, /* number, NULL, prefix of a string, function */
    VALUE_RAW,  /* a word that is too long to be any of these */
    VALUE_STRING,
    VALUE_ESCAPE, /* behind \ in a string or in COPY data */
    VALUE_QUOTE,  /* behind a quote in a string: the end, or the first of two */
    VALUE_BYTEA,  /* behind a backslash that begins a value: PostgreSQL's '\x4a616e' or text */
    VALUE_HEX     /* in 0x…, X'…' or \x… */
};

struct sql_tuple {
    struct sp_row *row;
    uint64_t *line; /* of the next byte; the owner's */
    bool backslash; /* \ escapes in plain strings */
    bool in_copy;   /* COPY data: tabs and line ends, no quotes */
    enum sql_value_state state;
    bool escapes;        /* \ escapes in the string that is open */
    bool cr_before;      /* the last escape was \r: a \n behind it adds nothing */
    uint8_t prefix;      /* letter before the quote that follows: e, x, n, b; or 0 */
    uint8_t quote;       /* that ends the string or the quoted hex; 0: bare hex */
    uint32_t depth;      /* open parentheses, the tuple's own included */
    uint32_t column;     /* of the current cell, from 1 */
    uint64_t escape_off; /* source byte of the backslash */
    uint8_t word[SQL_WORD_MAX + SQL_WORD_CHAR_MAX];
    uint64_t word_off[SQL_WORD_MAX + SQL_WORD_CHAR_MAX];
    size_t word_len;
    uint8_t hex[4]; /* bytes of a character that is not complete, from hex digits */
    size_t hex_len;
    uint64_t hex_off; /* source byte of hex[0] */
    uint64_t nibble_off;
    int nibble;            /* high half of a byte, or -1 */
    bool bytea;            /* \x… of PostgreSQL: what ends it is read as the rest of the value */
    bool hex_gap;          /* the last hex bytes were no text: one line end stands for them */
    uint64_t cell_bytes;   /* of the cell so far */
    uint64_t cell_strange; /* of them, no text */
    uint64_t binary_count; /* cells that are no text, so far */
};

/* The row has been begun. Reads from behind the '(' on, or a line of COPY data. */
enum sp_err sql_tuple_begin(struct sql_tuple *tuple, bool in_copy, struct sp_why *why);
/* A backslash at source byte `off` was read before the row of COPY data was begun. */
void sql_tuple_resume_escape(struct sql_tuple *tuple, uint64_t off);
/* Read text from *pos on; *ended: the tuple's ')', or the line end of COPY data, was read. */
enum sp_err sql_tuple_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                           struct sp_why *why);
enum sp_err sql_copy_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos, bool *ended,
                          struct sp_why *why);
/* Appends text with U+2018, U+2019 and U+02BC as apostrophes: the decoder left them, so that no
 * string ends there. */
enum sp_err sql_text_append(struct sp_row *row, struct sp_walk *walk, size_t from, size_t to,
                            struct sp_why *why);

/* ---- values (sql_value.c) ---------------------------------------------------------------- */
enum sp_err sql_byte_append(struct sql_tuple *tuple, uint8_t byte, uint64_t off,
                            struct sp_why *why);
/* Hexadecimal digits follow, up to `quote`; 0: up to the first byte that is none. */
void sql_hex_begin(struct sql_tuple *tuple, uint8_t quote);
/* Read at *pos in states VALUE_HEX and VALUE_BYTEA. */
enum sp_err sql_hex_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                         struct sp_why *why);
enum sp_err sql_bytea_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                           struct sp_why *why);

#endif
