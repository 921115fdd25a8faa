#include "extract/sql_statement.h"
#include "base/utf8.h"

#include "base/mem.h"

#include <string.h>

enum where {
    AT_START,        /* a statement begins */
    AT_INSERT,       /* INSERT or REPLACE was read: modifiers, INTO, or the table */
    AT_INSERT_TABLE, /* the table's name comes, or goes on */
    AT_COLUMNS,      /* in the column list of INSERT or COPY */
    AT_VALUES_WORD,  /* behind the column list */
    AT_VALUES,       /* behind VALUES or between tuples */
    AT_CREATE,       /* CREATE was read */
    AT_CREATE_TABLE, /* TABLE was read */
    AT_BODY,         /* between the parentheses of CREATE TABLE */
    AT_COPY,         /* COPY was read: the table's name */
    AT_COPY_FROM,    /* behind the column list of COPY */
    AT_COPY_STDIN,   /* FROM stdin was read */
    AT_OTHER         /* until the semicolon nothing matters */
};

enum sp_err sql_statement_open(struct sql_statement *statement, struct sql_tables *tables,
                               struct sp_why *why)
{
    memset(statement, 0, sizeof *statement);
    statement->tables = tables;
    statement->backslash = true;
    sp_buf_init(&statement->names, SP_FRAME_MAX);
    statement->keys = sp_alloc(SP_FIELD_MAX_COUNT * sizeof *statement->keys);
    if (statement->keys == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for column names");
    return SP_OK;
}

void sql_statement_close(struct sql_statement *statement)
{
    sp_buf_clear(&statement->names);
    sp_free(statement->keys);
    statement->keys = NULL;
}

struct sp_slice sql_statement_table(const struct sql_statement *statement)
{
    return (struct sp_slice){statement->name, statement->name_len};
}

bool sql_statement_names_follow(const struct sql_statement *statement)
{
    return statement->where != AT_OTHER && statement->where != AT_VALUES;
}

bool sql_statement_between_tuples(const struct sql_statement *statement)
{
    return statement->where == AT_VALUES;
}

void sql_statement_restart(struct sql_statement *statement)
{
    statement->where = AT_START;
    statement->depth = 0;
    statement->copy = false;
    statement->settled = false;
    statement->name_len = 0;
    statement->dot = false;
    statement->key_count = 0;
    statement->pk_count = 0;
    statement->explicit_columns = false;
    sp_buf_reset(&statement->names);
}

/* ---- names and columns ------------------------------------------------------------------- */
/* What was kept of it: a longer one is cut between two characters. */
static struct sp_slice token_of(const struct sql_statement *statement)
{
    struct sp_slice token = {statement->token, statement->token_len};
    if (token.len == SQL_TOKEN_MAX)
        token.len = sp_utf8_whole(token);
    return token;
}

/* Appends a part of a table name: schema.table is kept as one name. */
static void name_add(struct sql_statement *statement)
{
    if (!statement->dot)
        statement->name_len = 0;
    else if (statement->name_len < SQL_TOKEN_MAX)
        statement->name[statement->name_len++] = '.';
    size_t room = SQL_TOKEN_MAX - statement->name_len;
    size_t len = statement->token_len < room ? statement->token_len : room;
    memcpy(statement->name + statement->name_len, statement->token, len);
    statement->name_len =
        sp_utf8_whole((struct sp_slice){statement->name, statement->name_len + len});
    statement->dot = false;
}

/* A column of an explicit list. Until keys_settle its slice has a length only. */
static enum sp_err column_add(struct sql_statement *statement, struct sp_why *why)
{
    struct sp_slice token = token_of(statement);
    statement->explicit_columns = true;
    if (statement->key_count >= SP_FIELD_MAX_COUNT)
        return SP_OK;
    enum sp_err err = sp_buf_append(&statement->names, token.ptr, token.len, why);
    if (err == SP_ERR_LIMIT)
        token.len = 0;
    else if (err != SP_OK)
        return err;
    statement->keys[statement->key_count++] = (struct sp_slice){NULL, token.len};
    return SP_OK;
}

/* Before the first tuple: column names of the list or of CREATE TABLE, and the key's places. */
static enum sp_err keys_settle(struct sql_statement *statement, struct sp_why *why)
{
    enum sp_err err;
    const struct sql_table *table =
        sql_tables_get(statement->tables, sql_statement_table(statement), &err, why);
    size_t at = 0;
    size_t column_count = table == NULL ? 0 : table->column_count;
    statement->pk_count = 0;
    if (!statement->explicit_columns)
        statement->key_count =
            column_count < SP_FIELD_MAX_COUNT ? column_count : SP_FIELD_MAX_COUNT;
    for (size_t i = 0; i < statement->key_count; i++) {
        struct sp_slice *key = &statement->keys[i];
        if (!statement->explicit_columns)
            *key = sql_table_column(statement->tables, table, i + 1);
        else if (key->len > 0)
            key->ptr = statement->names.data + at;
        at += key->len;
    }
    for (uint32_t k = 0; table != NULL && k < table->pk_count; k++) {
        struct sp_slice name = sql_table_column(statement->tables, table, table->pk[k]);
        for (uint32_t i = 0; i < statement->key_count; i++) {
            if (sp_slice_equal(statement->keys[i], name)) {
                statement->pk[statement->pk_count++] = i + 1;
                break;
            }
        }
    }
    return err;
}

/* ---- CREATE TABLE ------------------------------------------------------------------------ */
/* One of the words of a list that ends with NULL, in any case. */
static bool word_is_any(struct sp_slice word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (sp_slice_is(word, *words))
            return true;
    }
    return false;
}

static const char *const words_insert[] = {"INSERT", "REPLACE", NULL};
static const char *const words_next[] = {"INSERT", "REPLACE", "GO", NULL};
static const char *const words_modifier[] = {
    "OR",   "IGNORE",  "REPLACE",      "ROLLBACK",      "ABORT",
    "FAIL", "DELAYED", "LOW_PRIORITY", "HIGH_PRIORITY", NULL};
static const char *const words_values[] = {"VALUES", "VALUE", NULL};
static const char *const words_overriding[] = {"OVERRIDING", "SYSTEM", "USER", NULL};
static const char *const words_create[] = {"TEMPORARY", "TEMP", "UNLOGGED", "GLOBAL",
                                           "LOCAL",     "OR",   "REPLACE",  NULL};
static const char *const words_exists[] = {"IF", "NOT", "EXISTS", NULL};
static const char *const words_constraint[] = {
    "PRIMARY",  "KEY",     "UNIQUE",  "CONSTRAINT", "FOREIGN", "INDEX", "CHECK",
    "FULLTEXT", "SPATIAL", "EXCLUDE", "LIKE",       "PERIOD",  NULL};

static enum sp_err body_begin(struct sql_statement *statement, struct sp_why *why)
{
    enum sp_err err;
    struct sql_table *table =
        sql_tables_get(statement->tables, sql_statement_table(statement), &err, why);
    statement->where = table == NULL ? AT_OTHER : AT_BODY;
    statement->depth = 1;
    statement->item_begins = true;
    statement->in_constraint = false;
    statement->pk_step = 0;
    if (table != NULL)
        sql_table_reset(statement->tables, table);
    return err;
}

/* A word or name in the body: a column, a keyword, or a column of PRIMARY KEY (…). */
static enum sp_err body_word(struct sql_statement *statement, enum sql_token token,
                             struct sp_why *why)
{
    enum sp_err err;
    struct sp_slice word = token_of(statement);
    struct sql_table *table =
        sql_tables_get(statement->tables, sql_statement_table(statement), &err, why);
    if (table == NULL)
        return err;
    if (statement->item_begins) {
        statement->item_begins = false;
        statement->pk_step = 0;
        statement->in_constraint = token == SQL_TOKEN_WORD && word_is_any(word, words_constraint);
        if (!statement->in_constraint)
            return sql_table_add(statement->tables, table, word, why);
    }
    if (statement->pk_step == 3 && statement->depth == 2) {
        sql_table_add_pk(statement->tables, table, word);
        statement->pk_step = 4; /* what follows until the comma is a length or an order */
    } else if (token == SQL_TOKEN_WORD && sp_slice_is(word, "PRIMARY")) {
        statement->pk_step = 1;
    } else if (token == SQL_TOKEN_WORD && statement->pk_step == 1 && sp_slice_is(word, "KEY")) {
        statement->pk_step = statement->in_constraint ? 2 : 0;
        if (!statement->in_constraint)
            sql_table_add_pk(statement->tables, table,
                             sql_table_column(statement->tables, table, table->column_count));
    }
    return SP_OK;
}

static void body_sign(struct sql_statement *statement, uint8_t sign)
{
    if (sign == '(') {
        statement->depth++;
        if (statement->pk_step == 2 && statement->depth == 2)
            statement->pk_step = 3;
    } else if (sign == ')') {
        statement->depth--;
        if (statement->depth == 1 && statement->pk_step >= 3)
            statement->pk_step = 0;
        if (statement->depth == 0)
            statement->where = AT_OTHER;
    } else if (sign == ',') {
        if (statement->depth == 1)
            statement->item_begins = true;
        else if (statement->depth == 2 && statement->pk_step == 4)
            statement->pk_step = 3;
    }
}

/* ---- the parser -------------------------------------------------------------------------- */
static void start_word(struct sql_statement *statement)
{
    struct sp_slice word = token_of(statement);
    sql_statement_restart(statement);
    if (sp_slice_is(word, "GO"))
        return;
    if (word_is_any(word, words_insert))
        statement->where = AT_INSERT;
    else if (sp_slice_is(word, "CREATE"))
        statement->where = AT_CREATE;
    else
        statement->where = sp_slice_is(word, "COPY") ? AT_COPY : AT_OTHER;
    statement->copy = statement->where == AT_COPY;
    statement->begun = statement->where == AT_INSERT;
}

/* The name of a table, or what follows it. */
static void table_word(struct sql_statement *statement, enum sql_token token)
{
    struct sp_slice word = token_of(statement);
    bool named = statement->name_len > 0 && !statement->dot;
    if (!named) {
        name_add(statement);
    } else if (token == SQL_TOKEN_WORD && word_is_any(word, words_values)) {
        statement->where = AT_VALUES;
    } else if (statement->where == AT_COPY && sp_slice_is(word, "FROM")) {
        statement->where = AT_COPY_FROM;
    } else if (statement->where == AT_INSERT_TABLE || statement->where == AT_VALUES_WORD) {
        if (!word_is_any(word, words_overriding))
            statement->where = AT_OTHER; /* INSERT … SELECT, INSERT … SET */
    } else {
        statement->where = AT_OTHER;
    }
}

static void insert_word(struct sql_statement *statement, enum sql_token token)
{
    struct sp_slice word = token_of(statement);
    if (token == SQL_TOKEN_WORD && sp_slice_is(word, "INTO")) {
        statement->where = AT_INSERT_TABLE;
    } else if (token != SQL_TOKEN_WORD || !word_is_any(word, words_modifier)) {
        statement->where = AT_INSERT_TABLE; /* INSERT [dbo].[t] without INTO */
        name_add(statement);
    }
}

enum sp_err sql_statement_word(struct sql_statement *statement, enum sql_token token,
                               struct sp_why *why)
{
    struct sp_slice word = token_of(statement);
    switch ((enum where)statement->where) {
    case AT_START:
        if (token == SQL_TOKEN_WORD)
            start_word(statement);
        else
            statement->where = AT_OTHER;
        break;
    case AT_INSERT:
        insert_word(statement, token);
        break;
    case AT_INSERT_TABLE:
    case AT_VALUES_WORD:
    case AT_COPY:
        table_word(statement, token);
        break;
    case AT_COLUMNS:
        return column_add(statement, why);
    case AT_VALUES:
        if (token == SQL_TOKEN_WORD && word_is_any(word, words_next))
            start_word(statement); /* Transact-SQL needs no semicolon */
        else
            statement->where = AT_OTHER; /* ON DUPLICATE KEY …, AS new … */
        break;
    case AT_CREATE:
        if (sp_slice_is(word, "TABLE"))
            statement->where = AT_CREATE_TABLE;
        else if (!word_is_any(word, words_create))
            statement->where = AT_OTHER;
        break;
    case AT_CREATE_TABLE:
        if (token != SQL_TOKEN_WORD || !word_is_any(word, words_exists))
            name_add(statement);
        break;
    case AT_BODY:
        return body_word(statement, token, why);
    case AT_COPY_FROM:
        if (!sp_slice_is(word, "FROM"))
            statement->where = sp_slice_is(word, "stdin") ? AT_COPY_STDIN : AT_OTHER;
        break;
    case AT_COPY_STDIN:
        if (sp_slice_is(word, "CSV") || sp_slice_is(word, "BINARY"))
            statement->where = AT_OTHER;
        break;
    case AT_OTHER:
        if (token == SQL_TOKEN_WORD && sp_slice_is(word, "GO"))
            sql_statement_restart(statement);
        break;
    }
    return SP_OK;
}

static enum sp_err semicolon_read(struct sql_statement *statement, enum sql_event *event,
                                  struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (statement->where == AT_COPY_STDIN) {
        err = keys_settle(statement, why);
        *event = SQL_COPY;
        return err;
    }
    *event = SQL_END;
    sql_statement_restart(statement);
    return err;
}

enum sp_err sql_statement_sign(struct sql_statement *statement, uint8_t sign, enum sql_event *event,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (sign == ';')
        return semicolon_read(statement, event, why);
    switch ((enum where)statement->where) {
    case AT_INSERT_TABLE:
    case AT_COPY:
        statement->dot = sign == '.';
        if (sign == '(')
            statement->where = AT_COLUMNS;
        break;
    case AT_COLUMNS:
        if (sign == ')')
            statement->where = statement->copy ? AT_COPY_FROM : AT_VALUES_WORD;
        break;
    case AT_VALUES:
        if (sign == '(') {
            *event = SQL_TUPLE;
            if (!statement->settled)
                err = keys_settle(statement, why);
            statement->settled = true;
        }
        break;
    case AT_CREATE_TABLE:
        statement->dot = sign == '.';
        if (sign == '(')
            err = body_begin(statement, why);
        break;
    case AT_BODY:
        body_sign(statement, sign);
        break;
    default:
        break;
    }
    return err;
}
