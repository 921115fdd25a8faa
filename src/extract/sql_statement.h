/* Reads SQL outside of tuples, byte by byte: finds where tuples and COPY data begin, for which
 * table and columns, and learns CREATE TABLE. Splits the work in a lexer (words, names, strings,
 * comments) and a small parser over its tokens. */
#ifndef SP_EXTRACT_SQL_STATEMENT_H
#define SP_EXTRACT_SQL_STATEMENT_H

#include "extract/sql_tables.h"

#include "base/limits.h"

enum sql_event {
    SQL_NOTHING,
    SQL_TUPLE, /* this '(' begins a tuple */
    SQL_COPY,  /* this ';' ends COPY … FROM stdin: its data begin on the next line */
    SQL_END    /* this ';' ends the statement */
};

enum sql_token { SQL_TOKEN_WORD, SQL_TOKEN_NAME };

enum {
    SQL_TOKEN_MAX = 256, /* bytes of a name that are kept; MySQL allows 64 characters */
    SQL_TAG_MAX = 64     /* bytes of a $tag$ */
};

struct sql_statement {
    struct sql_tables *tables;
    bool backslash; /* \ escapes in strings (MySQL); else standard strings */
    /* lexer */
    int lex;       /* enum lex in sql_lexer.c */
    uint8_t quote; /* that ends the name or string */
    uint8_t token[SQL_TOKEN_MAX];
    size_t token_len;         /* bytes beyond the maximum are dropped */
    uint8_t tag[SQL_TAG_MAX]; /* $tag$ of a dollar-quoted string, with both dollars */
    size_t tag_len;
    size_t tag_match;
    /* parser */
    int where;          /* enum where in sql_statement.c */
    bool copy;          /* COPY, not INSERT */
    bool settled;       /* keys were looked up for this statement */
    bool begun;         /* an INSERT was read just now; cleared by who wants to know */
    uint32_t depth;     /* open parentheses */
    bool item_begins;   /* CREATE TABLE: a column or constraint begins */
    bool in_constraint; /* CREATE TABLE: no column, a constraint */
    int pk_step;        /* CREATE TABLE: 1 PRIMARY read, 2 PRIMARY KEY, 3 in its list */
    bool dot;           /* a name goes on behind a dot */
    uint8_t name[SQL_TOKEN_MAX];
    size_t name_len;
    /* the INSERT or COPY that is read */
    struct sp_buf names;   /* of an explicit column list */
    struct sp_slice *keys; /* SP_FIELD_MAX_COUNT: column names, valid from SQL_TUPLE or SQL_COPY
                              until the statement ends */
    size_t key_count;
    uint32_t pk[SQL_PK_MAX]; /* column ordinals, from 1 */
    uint32_t pk_count;
    bool explicit_columns; /* the statement named its columns */
};

enum sp_err sql_statement_open(struct sql_statement *statement, struct sql_tables *tables,
                               struct sp_why *why);
void sql_statement_close(struct sql_statement *statement);
/* Reads the next byte of text. */
enum sp_err sql_statement_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                               struct sp_why *why);
/* Table of the INSERT or COPY, as written, without quotes. */
struct sp_slice sql_statement_table(const struct sql_statement *statement);
/* True between tuples, where punctuation means nothing. */
bool sql_statement_in_values(const struct sql_statement *statement);
/* True while a string, name or block comment is open. */
bool sql_statement_in_token(const struct sql_statement *statement);
/* COPY data ended: the next statement begins. */
void sql_statement_restart(struct sql_statement *statement);

/* ---- between lexer and parser ------------------------------------------------------------ */
/* The word or name in statement->token. */
enum sp_err sql_statement_word(struct sql_statement *statement, enum sql_token token,
                               struct sp_why *why);
enum sp_err sql_statement_sign(struct sql_statement *statement, uint8_t sign, enum sql_event *event,
                               struct sp_why *why);
/* True where "…" and […] are names; elsewhere they may be strings and subscripts. */
bool sql_statement_names_follow(const struct sql_statement *statement);
/* True behind VALUES, between tuples. */
bool sql_statement_between_tuples(const struct sql_statement *statement);

#endif
