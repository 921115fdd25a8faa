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
    VALUE_WORD, /* number, NULL, prefix of a string, function, 0x… */
    VALUE_RAW,  /* a word that is too long to be any of these */
    VALUE_STRING,
    VALUE_DOLLAR, /* in $tag$…$tag$ */
    VALUE_ESCAPE, /* behind \ in a string or in COPY data */
    VALUE_CODE,   /* in the digits of an escape: \100, \x41, \u0061 */
    VALUE_QUOTE,  /* behind a quote in a string: the end, or the first of two */
    VALUE_BYTEA,  /* behind a backslash that begins a value: PostgreSQL's '\x4a616e' or text */
    VALUE_DIGITS, /* behind \x there: held until the quote tells that all are digits */
    VALUE_HEX     /* in X'…', or in more digits than are held */
};

/* What ended last in a cell: two tokens that nothing separates get a space between them. */
enum sql_last { LAST_NONE, LAST_WORD, LAST_STRING, LAST_HEX };

struct sql_tuple {
    struct sp_row *row;
    uint64_t *line; /* of the next byte; the owner's */
    bool backslash; /* \ escapes in plain strings */
    bool in_copy;   /* COPY data: tabs and line ends, no quotes */
    enum sql_value_state state;
    enum sql_last last;  /* of the tokens of the cell */
    bool blank;          /* white space behind it, not passed on yet */
    uint64_t blank_off;  /* source byte of that */
    bool escapes;        /* \ escapes in the string that is open */
    uint8_t string;      /* prefix of the string that is open: e, u (U&), n, b; or 0 */
    bool cr_before;      /* the last escape was \r: a \n behind it adds nothing */
    bool null_waits;     /* COPY: \N was read; it is NULL when the value ends here */
    uint8_t prefix;      /* letter before the quote that follows: e, x, n, b, u; or 0 */
    uint8_t quote;       /* that ends the string or the quoted hex; 0: bare hex */
    uint32_t depth;      /* open parentheses, the tuple's own included */
    uint32_t column;     /* of the current cell, from 1 */
    uint64_t escape_off; /* source byte of the backslash */
    uint8_t code_kind;   /* of VALUE_CODE: o, x, u, U or + */
    size_t tag_len;      /* of VALUE_DOLLAR: the tag is word[0, tag_len) */
    size_t tag_match;    /* bytes of it that were read, at word_off[] */
    uint8_t word[SQL_WORD_MAX + SQL_WORD_CHAR_MAX];
    uint64_t word_off[SQL_WORD_MAX + SQL_WORD_CHAR_MAX];
    size_t word_len;
    uint8_t hex[4]; /* bytes of a character that is not complete, from hex digits */
    size_t hex_len;
    uint64_t hex_off; /* source byte of hex[0] */
    uint64_t nibble_off;
    int nibble;             /* high half of a byte, or -1 */
    bool bytea;             /* \x… of PostgreSQL: what ends it is read as the rest of the value */
    size_t digits;          /* word[digits] is the first of the hexadecimal digits held */
    bool hex_gap;           /* the last hex bytes were no text: one line end stands for them */
    uint64_t cell_bytes;    /* of the cell so far */
    uint64_t cell_controls; /* of them, no text: controls, from hexadecimal digits all others; */
    uint64_t cell_signs;    /* signs that text has few of */
    uint8_t head[4];        /* its first bytes, as UTF-8; those of hexadecimal digits as they are */
    size_t head_len;
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
/* The input ended within the tuple: passes on what is held. */
enum sp_err sql_tuple_finish(struct sql_tuple *tuple, struct sp_why *why);
/* Appends text with U+2018, U+2019 and U+02BC as apostrophes: the decoder left them, so that no
 * string ends there. */
enum sp_err sql_text_append(struct sp_row *row, struct sp_walk *walk, size_t from, size_t to,
                            struct sp_why *why);

/* ---- words (sql_word.c) ------------------------------------------------------------------ */
bool sql_ends_word(uint8_t byte);
/* Before a token passes on its first byte: the white space that lies before it, or a space of no
 * origin. Two strings in a row are one string. */
enum sp_err sql_token_begin(struct sql_tuple *tuple, enum sql_last token, struct sp_why *why);
/* Passes on word[0, word_len) as text. */
enum sp_err sql_word_flush(struct sql_tuple *tuple, struct sp_why *why);
/* A word ends before `next`; 0: before the end of the input. */
enum sp_err sql_word_end(struct sql_tuple *tuple, uint8_t next, struct sp_why *why);
/* Read at *pos in states VALUE_WORD, VALUE_RAW and VALUE_DOLLAR. */
enum sp_err sql_word_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                          struct sp_why *why);
enum sp_err sql_raw_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                         struct sp_why *why);
enum sp_err sql_dollar_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why);

/* ---- escapes (sql_escape.c) -------------------------------------------------------------- */
/* Read at *pos in states VALUE_ESCAPE and VALUE_CODE. */
enum sp_err sql_escape_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why);
enum sp_err sql_code_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                          struct sp_why *why);
/* The digits of an escape end here, whatever follows. */
enum sp_err sql_code_end(struct sql_tuple *tuple, struct sp_why *why);

/* ---- values (sql_value.c) ---------------------------------------------------------------- */
/* Text of the cell that is passed on: counts its bytes, and signs beyond ASCII that are no letters.
 */
void sql_note(struct sql_tuple *tuple, struct sp_slice text);
/* Whether the cell begins as zlib's data does (RFC 1950): what PHP compresses. */
bool sql_head_is_packed(const struct sql_tuple *tuple);
enum sp_err sql_byte_append(struct sql_tuple *tuple, uint8_t byte, uint64_t off,
                            struct sp_why *why);
/* Hexadecimal digits follow, up to `quote`; 0: up to the first byte that is none. */
void sql_hex_begin(struct sql_tuple *tuple, uint8_t quote);
/* The next byte that digits or an escape made; characters of several bytes are held. */
enum sp_err sql_hex_byte(struct sql_tuple *tuple, uint8_t byte, uint64_t off, struct sp_why *why);
/* A character that was held is not complete: nothing of it follows. */
enum sp_err sql_hex_settle(struct sql_tuple *tuple, struct sp_why *why);
/* Decodes the digits word[digits, word_len); more may follow in state VALUE_HEX. */
enum sp_err sql_digits_decode(struct sql_tuple *tuple, struct sp_why *why);
/* Behind \x at the start of a value: word[] is what it means when no digits follow alone. */
void sql_digits_begin(struct sql_tuple *tuple, bool with_backslash, uint64_t x_off);
/* Read at *pos in states VALUE_HEX, VALUE_BYTEA and VALUE_DIGITS. */
enum sp_err sql_hex_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                         struct sp_why *why);
enum sp_err sql_bytea_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                           struct sp_why *why);
enum sp_err sql_digits_read(struct sql_tuple *tuple, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why);

#endif
