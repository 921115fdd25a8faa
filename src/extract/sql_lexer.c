/* The lexer of SQL outside tuples: one byte at a time, so that input of any cut gives the same. */
#include "extract/sql_statement.h"

#include <string.h>

enum lex {
    LEX_NONE,
    LEX_WORD,         /* keyword, plain name, number */
    LEX_NAME,         /* `name`, "name", [name] */
    LEX_NAME_QUOTE,   /* behind its quote: the end, or the first of two */
    LEX_STRING,       /* 'string' */
    LEX_STRING_QUOTE, /* behind its quote */
    LEX_ESCAPE,       /* behind \ in a string or name */
    LEX_DASH,         /* behind one - */
    LEX_LINE,         /* -- or # comment */
    LEX_SLASH,        /* behind / */
    LEX_BLOCK,        /* comment between slash-star and star-slash */
    LEX_STAR,         /* behind * in it */
    LEX_TAG,          /* $tag of a dollar-quoted string */
    LEX_DOLLAR        /* in a dollar-quoted string */
};

bool sql_statement_in_values(const struct sql_statement *statement)
{
    return statement->lex == LEX_NONE && sql_statement_between_tuples(statement);
}

bool sql_statement_in_token(const struct sql_statement *statement)
{
    return statement->lex == LEX_STRING || statement->lex == LEX_ESCAPE ||
           statement->lex == LEX_NAME || statement->lex == LEX_BLOCK ||
           statement->lex == LEX_STAR || statement->lex == LEX_DOLLAR;
}

static bool is_word(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80;
}

static void token_begin(struct sql_statement *statement, enum lex lex, uint8_t quote)
{
    statement->lex = (int)lex;
    statement->quote = quote;
    statement->token_len = 0;
}

static void token_add(struct sql_statement *statement, uint8_t byte)
{
    if (statement->token_len < SQL_TOKEN_MAX)
        statement->token[statement->token_len++] = byte;
}

/* A byte that no token has begun yet. */
static enum sp_err none_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                             struct sp_why *why)
{
    bool names = sql_statement_names_follow(statement);
    if (is_word(byte)) {
        token_begin(statement, LEX_WORD, 0);
        token_add(statement, byte);
    } else if (byte == '\'') {
        token_begin(statement, LEX_STRING, byte);
    } else if (byte == '`' || byte == '"') {
        token_begin(statement, LEX_NAME, byte);
    } else if (byte == '[' && names) {
        token_begin(statement, LEX_NAME, ']');
    } else if (byte == '-') {
        statement->lex = LEX_DASH;
    } else if (byte == '/') {
        statement->lex = LEX_SLASH;
    } else if (byte == '#' && statement->backslash) {
        statement->lex = LEX_LINE;
    } else if (byte == '$' && !statement->backslash) {
        statement->lex = LEX_TAG;
        statement->tag[0] = byte;
        statement->tag_len = 1;
    } else if (byte > ' ') {
        return sql_statement_sign(statement, byte, event, why);
    }
    return SP_OK;
}

/* Behind '-' or '/': a comment, or a sign that means nothing to us. */
static enum sp_err comment_read(struct sql_statement *statement, uint8_t byte, uint8_t second,
                                enum lex comment, enum sql_event *event, struct sp_why *why)
{
    statement->lex = LEX_NONE;
    if (byte != second)
        return none_read(statement, byte, event, why);
    statement->lex = (int)comment;
    return SP_OK;
}

/* In a name or string; \ is no escape inside `…` and […]. */
static void quoted_read(struct sql_statement *statement, uint8_t byte)
{
    bool name = statement->lex == LEX_NAME;
    if (byte == statement->quote)
        statement->lex = name ? LEX_NAME_QUOTE : LEX_STRING_QUOTE;
    else if (byte == '\\' && statement->backslash &&
             (statement->quote == '\'' || statement->quote == '"'))
        statement->lex = LEX_ESCAPE;
    else if (name)
        token_add(statement, byte);
}

/* Behind the quote that perhaps ends a name or string. */
static enum sp_err quote_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                              struct sp_why *why)
{
    bool name = statement->lex == LEX_NAME_QUOTE;
    if (byte == statement->quote) { /* doubled: one in the name */
        statement->lex = name ? LEX_NAME : LEX_STRING;
        token_add(statement, byte);
        return SP_OK;
    }
    statement->lex = LEX_NONE;
    enum sp_err err = name ? sql_statement_word(statement, SQL_TOKEN_NAME, why) : SP_OK;
    return err == SP_OK ? none_read(statement, byte, event, why) : err;
}

static enum sp_err word_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                             struct sp_why *why)
{
    if (is_word(byte) || byte == '$') {
        token_add(statement, byte);
        return SP_OK;
    }
    statement->lex = LEX_NONE;
    if (byte == '\'') /* N'…' and the like: no word */
        return none_read(statement, byte, event, why);
    enum sp_err err = sql_statement_word(statement, SQL_TOKEN_WORD, why);
    return err == SP_OK ? none_read(statement, byte, event, why) : err;
}

static enum sp_err tag_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                            struct sp_why *why)
{
    if (byte == '$' && statement->tag_len < SQL_TAG_MAX) {
        statement->tag[statement->tag_len++] = byte;
        statement->tag_match = 0;
        statement->lex = LEX_DOLLAR;
        return SP_OK;
    }
    if (is_word(byte) && statement->tag_len < SQL_TAG_MAX - 1) {
        statement->tag[statement->tag_len++] = byte;
        return SP_OK;
    }
    statement->lex = LEX_NONE; /* $1, or a sign */
    return none_read(statement, byte, event, why);
}

/* The tag has its only dollars at its ends: after a mismatch it can begin at this byte alone. */
static void dollar_read(struct sql_statement *statement, uint8_t byte)
{
    if (byte == statement->tag[statement->tag_match])
        statement->tag_match++;
    else
        statement->tag_match = byte == '$' ? 1 : 0;
    if (statement->tag_match == statement->tag_len)
        statement->lex = LEX_NONE;
}

enum sp_err sql_statement_read(struct sql_statement *statement, uint8_t byte, enum sql_event *event,
                               struct sp_why *why)
{
    *event = SQL_NOTHING;
    switch ((enum lex)statement->lex) {
    case LEX_NONE:
        return none_read(statement, byte, event, why);
    case LEX_WORD:
        return word_read(statement, byte, event, why);
    case LEX_NAME:
    case LEX_STRING:
        quoted_read(statement, byte);
        break;
    case LEX_ESCAPE:
        statement->lex = statement->quote == '\'' ? LEX_STRING : LEX_NAME;
        break;
    case LEX_NAME_QUOTE:
    case LEX_STRING_QUOTE:
        return quote_read(statement, byte, event, why);
    case LEX_DASH:
        return comment_read(statement, byte, '-', LEX_LINE, event, why);
    case LEX_SLASH:
        return comment_read(statement, byte, '*', LEX_BLOCK, event, why);
    case LEX_LINE:
        if (byte == '\n')
            statement->lex = LEX_NONE;
        break;
    case LEX_BLOCK:
    case LEX_STAR:
        if (byte == '/' && statement->lex == LEX_STAR)
            statement->lex = LEX_NONE;
        else
            statement->lex = byte == '*' ? LEX_STAR : LEX_BLOCK;
        break;
    case LEX_TAG:
        return tag_read(statement, byte, event, why);
    case LEX_DOLLAR:
        dollar_read(statement, byte);
        break;
    }
    return SP_OK;
}
