#include "restore/undo.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "restore/undo_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { UNDO_TUPLE_MAX = 256 << 20 /* bytes of one tuple */ };

/* ---- values of an INSERT --------------------------------------------------------------------- */
static enum sp_err undo_put(struct sp_undo_tuple *tuple, uint8_t byte)
{
    return sp_buf_append_byte(&tuple->text, byte, tuple->why);
}

/* The byte that an escape of MySQL, or of E'…', stands for; a backslash before % and _ stays. */
static enum sp_err undo_escape(struct sp_undo_tuple *tuple)
{
    static const char names[] = "0bnrtZ";
    static const char bytes[] = "\0\b\n\r\t\x1A";
    uint8_t c = tuple->at < tuple->in.len ? tuple->in.ptr[tuple->at++] : '\\';
    const char *found = c == 0 ? NULL : strchr(names, c);
    if (found != NULL)
        return undo_put(tuple, (uint8_t)bytes[found - names]);
    enum sp_err err = c == '%' || c == '_' ? undo_put(tuple, '\\') : SP_OK;
    return err == SP_OK ? undo_put(tuple, c) : err;
}

/* Behind the opening quote, up to behind the closing one. */
static enum sp_err undo_string(struct sp_undo_tuple *tuple, uint8_t quote, bool escapes)
{
    enum sp_err err = SP_OK;
    while (tuple->at < tuple->in.len && err == SP_OK) {
        uint8_t c = tuple->in.ptr[tuple->at++];
        if (c == quote) {
            if (tuple->at == tuple->in.len || tuple->in.ptr[tuple->at] != quote)
                return SP_OK;
            tuple->at++;
            err = undo_put(tuple, quote);
        } else if (c == '\\' && escapes) {
            err = undo_escape(tuple);
        } else {
            err = undo_put(tuple, c);
        }
    }
    return err;
}

static enum sp_err undo_hex(struct sp_undo_tuple *tuple, size_t begin, size_t end)
{
    enum sp_err err = SP_OK;
    for (size_t i = begin; i + 1 < end && err == SP_OK; i += 2) {
        int high = sp_hex_digit(tuple->in.ptr[i]);
        int low = sp_hex_digit(tuple->in.ptr[i + 1]);
        if (high < 0 || low < 0)
            return sp_fail(tuple->why, SP_ERR_FORMAT,
                           "a tuple holds hexadecimal digits that are none");
        err = undo_put(tuple, (uint8_t)(high << 4 | low));
    }
    return err;
}

/* To behind the bracket that closes the call that begins at `begin`: replace('…','\\n',char(10)).
 */
static void undo_call(struct sp_undo_tuple *tuple, size_t begin)
{
    unsigned depth = 0;
    bool in_string = false;
    for (tuple->at = begin; tuple->at < tuple->in.len; tuple->at++) {
        uint8_t c = tuple->in.ptr[tuple->at];
        in_string ^= c == '\'';
        depth += c == '(' && !in_string;
        if (c == ')' && !in_string && --depth == 0) {
            tuple->at++;
            return;
        }
    }
}

/* A word that no quote begins: NULL, a number, 0x…, or the prefix of a string. */
static enum sp_err undo_word(struct sp_undo_tuple *tuple, struct sp_undo_value *value)
{
    size_t begin = tuple->at;
    while (tuple->at < tuple->in.len && strchr(",)'\" \t\r\n", tuple->in.ptr[tuple->at]) == NULL)
        tuple->at++;
    struct sp_slice word = {tuple->in.ptr + begin, tuple->at - begin};
    bool is_call = word.len > 0 && memchr(word.ptr, '(', word.len) != NULL;
    bool quoted = !is_call && tuple->at < tuple->in.len && tuple->in.ptr[tuple->at] == '\'';
    if (quoted && word.len == 1 && (word.ptr[0] | 0x20) == 'x') {
        const uint8_t *end =
            memchr(tuple->in.ptr + tuple->at + 1, '\'', tuple->in.len - tuple->at - 1);
        size_t from = tuple->at + 1;
        tuple->at = end == NULL ? tuple->in.len : (size_t)(end + 1 - tuple->in.ptr);
        value->kind = SP_UNDO_TEXT;
        return undo_hex(tuple, from, tuple->at - 1);
    }
    if (quoted || word.len == 0) /* _binary'…', E'…', N'…': the string follows */
        return SP_OK;
    if (word.len > 2 && word.ptr[0] == '0' && (word.ptr[1] | 0x20) == 'x') {
        value->kind = SP_UNDO_TEXT;
        return undo_hex(tuple, begin + 2, tuple->at);
    }
    if (word.len == 4 && (word.ptr[0] | 0x20) == 'n' && (word.ptr[1] | 0x20) == 'u')
        return SP_OK;       /* NULL */
    if (word.ptr[0] == '_') /* _binary '…' */
        return SP_OK;
    value->kind = SP_UNDO_WORDS; /* a number, a word such as true, or a call of a function */
    if (is_call)
        undo_call(tuple, begin);
    return sp_buf_append(&tuple->text, tuple->in.ptr + begin, tuple->at - begin, tuple->why);
}

static enum sp_err undo_value_read(struct sp_undo_tuple *tuple)
{
    struct sp_undo_value value = {.kind = SP_UNDO_NULL, .begin = tuple->text.len};
    enum sp_err err = SP_OK;
    uint8_t prefix = 0;
    while (tuple->at < tuple->in.len && err == SP_OK && tuple->in.ptr[tuple->at] != ',') {
        uint8_t c = tuple->in.ptr[tuple->at];
        if (c <= ' ') {
            tuple->at++;
        } else if (c == '\'' || (c == '"' && tuple->row->backslash)) {
            tuple->at++;
            value.kind = SP_UNDO_TEXT;
            err = undo_string(tuple, c, tuple->row->backslash || prefix == 'e');
        } else {
            prefix = c | 0x20;
            size_t before = tuple->at;
            err = undo_word(tuple, &value);
            if (err == SP_OK && tuple->at == before)
                return sp_fail(tuple->why, SP_ERR_FORMAT, "a tuple that cannot be read");
        }
    }
    value.len = tuple->text.len - value.begin;
    return err == SP_OK ? sp_buf_append(&tuple->values, &value, sizeof value, tuple->why) : err;
}

static enum sp_err undo_insert(struct sp_undo_tuple *tuple)
{
    while (tuple->in.len > 0 && tuple->in.ptr[tuple->in.len - 1] != ')')
        tuple->in.len--;
    if (tuple->in.len < 2 || tuple->in.ptr[0] != '(')
        return sp_fail(tuple->why, SP_ERR_FORMAT, "a tuple does not stand between brackets");
    tuple->in = (struct sp_slice){tuple->in.ptr + 1, tuple->in.len - 2};
    for (;;) {
        enum sp_err err = undo_value_read(tuple);
        if (err != SP_OK || tuple->at == tuple->in.len)
            return err;
        tuple->at++; /* the comma */
    }
}

/* ---- values of a line of COPY ---------------------------------------------------------------- */
static enum sp_err undo_copy_value(struct sp_undo_tuple *tuple, struct sp_slice field)
{
    static const char names[] = "bfnrtv";
    static const char bytes[] = "\b\f\n\r\t\v";
    struct sp_undo_value value = {.kind = SP_UNDO_TEXT, .begin = tuple->text.len};
    enum sp_err err = SP_OK;
    if (field.len == 2 && memcmp(field.ptr, "\\N", 2) == 0) {
        value.kind = SP_UNDO_NULL;
        return sp_buf_append(&tuple->values, &value, sizeof value, tuple->why);
    }
    for (size_t i = 0; i < field.len && err == SP_OK; i++) {
        uint8_t c = field.ptr[i];
        if (c == '\\' && i + 1 < field.len) {
            const char *found = strchr(names, field.ptr[++i]);
            c = found == NULL ? field.ptr[i] : (uint8_t)bytes[found - names];
        }
        err = undo_put(tuple, c);
    }
    value.len = tuple->text.len - value.begin;
    return err == SP_OK ? sp_buf_append(&tuple->values, &value, sizeof value, tuple->why) : err;
}

static enum sp_err undo_copy(struct sp_undo_tuple *tuple)
{
    struct sp_slice in = tuple->in;
    while (in.len > 0 && (in.ptr[in.len - 1] == '\n' || in.ptr[in.len - 1] == '\r'))
        in.len--;
    for (;;) {
        const uint8_t *tab = in.len == 0 ? NULL : memchr(in.ptr, '\t', in.len);
        size_t len = tab == NULL ? in.len : (size_t)(tab - in.ptr);
        enum sp_err err = undo_copy_value(tuple, (struct sp_slice){in.ptr, len});
        if (err != SP_OK || tab == NULL)
            return err;
        in.ptr += len + 1;
        in.len -= len + 1;
    }
}

/* ---- SQL ------------------------------------------------------------------------------------- */
const struct sp_undo_value *sp_undo_at(const struct sp_undo_tuple *tuple, size_t column)
{
    return (const struct sp_undo_value *)(const void *)tuple->values.data + column;
}

struct sp_slice sp_undo_text(const struct sp_undo_tuple *tuple, const struct sp_undo_value *value)
{
    return (struct sp_slice){tuple->text.data + value->begin, value->len};
}

void sp_undo_name(FILE *out, const char *name, bool backslash, bool is_table)
{
    char quote = backslash ? '`' : '"';
    (void)fputc(quote, out);
    for (; *name != '\0'; name++) {
        if (*name == '.' && is_table) {
            (void)fprintf(out, "%c.%c", quote, quote);
            continue;
        }
        if (*name == quote)
            (void)fputc(quote, out);
        (void)fputc(*name, out);
    }
    (void)fputc(quote, out);
}

void sp_undo_literal(FILE *out, struct sp_slice text, bool backslash)
{
    if (backslash) { /* hexadecimal: no quote and no charset can break it */
        (void)fputs(sp_utf8_valid(text) && text.len > 0 ? "_utf8mb4 X'" : "X'", out);
        for (size_t i = 0; i < text.len; i++)
            (void)fprintf(out, "%02X", text.ptr[i]);
        (void)fputc('\'', out);
        return;
    }
    (void)fputc('\'', out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            (void)fputc('\'', out);
        (void)fputc(text.ptr[i], out);
    }
    (void)fputc('\'', out);
}

static void undo_equals(FILE *out, const struct sp_undo_tuple *tuple, const char *name,
                        const struct sp_undo_value *value)
{
    struct sp_slice text = sp_undo_text(tuple, value);
    sp_undo_name(out, name, tuple->row->backslash, false);
    if (value->kind == SP_UNDO_NULL) {
        (void)fputs(" IS NULL", out);
        return;
    }
    (void)fputs(" = ", out);
    if (value->kind == SP_UNDO_WORDS)
        (void)fprintf(out, "%.*s", (int)text.len, (const char *)text.ptr);
    else
        sp_undo_literal(out, text, tuple->row->backslash);
}

bool sp_undo_is_key(const struct sp_cut_row *row, size_t ordinal)
{
    for (uint32_t i = 0; i < row->key_count; i++)
        if (row->keys[i] == ordinal)
            return true;
    return false;
}

void sp_undo_where(FILE *out, const struct sp_undo_tuple *tuple, const char *names,
                   sp_undo_guards guards, const void *ctx)
{
    const struct sp_cut_row *row = tuple->row;
    const char *column = names + row->table + strlen(names + row->table) + 1;
    bool first = true;
    (void)fputs(" WHERE ", out);
    for (size_t i = 1; i <= row->column_count; i++) {
        if (row->key_count == 0 || sp_undo_is_key(row, i) || guards(ctx, i)) {
            (void)fputs(first ? "" : " AND ", out);
            undo_equals(out, tuple, column, sp_undo_at(tuple, i - 1));
            first = false;
        }
        column += strlen(column) + 1;
    }
    (void)fputs(row->backslash ? " LIMIT 1;\n" : ";\n", out);
}

static bool undo_is_hit(const void *ctx, size_t ordinal)
{
    const struct sp_cut_row *row = ctx;
    return row->hit == ordinal;
}

static void undo_delete(FILE *out, const struct sp_undo_tuple *tuple, const char *names)
{
    (void)fputs("DELETE FROM ", out);
    sp_undo_name(out, names + tuple->row->table, tuple->row->backslash, true);
    sp_undo_where(out, tuple, names, undo_is_hit, tuple->row);
}

static enum sp_err undo_begin(FILE *out, const struct sp_cut_row *row, struct sp_undo *undo,
                              struct sp_why *why)
{
    if (undo->begun && undo->backslash != row->backslash)
        return sp_fail(why, SP_ERR_FORMAT,
                       "dumps of two kinds of database are in this backup: filter them one by one");
    if (undo->begun)
        return SP_OK;
    undo->begun = true;
    undo->backslash = row->backslash;
    (void)fputs(
        "-- Takes the records of erased persons out of a database that was restored whole.\n"
        "-- Holds personal data: destroy it when it was run.\n",
        out);
    if (row->backslash)
        (void)fputs("SET NAMES utf8mb4;\nSET FOREIGN_KEY_CHECKS = 0;\nSTART TRANSACTION;\n", out);
    else
        (void)fputs("BEGIN;\n", out);
    return SP_OK;
}

static enum sp_err undo_read(struct sp_undo_tuple *tuple, struct sp_stream *bytes,
                             struct sp_buf *raw)
{
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(bytes, &block, tuple->why);
        if (err == SP_OK && block.len > 0)
            err = sp_buf_append(raw, block.ptr, block.len, tuple->why);
        if (err != SP_OK || block.len == 0) {
            tuple->in = sp_buf_slice(raw);
            return err;
        }
    }
}

enum sp_err sp_undo_tuple(FILE *out, const struct sp_cut_row *row, const char *names,
                          const struct sp_cut_column *columns, struct sp_stream *bytes,
                          struct sp_undo *undo, struct sp_why *why)
{
    struct sp_undo_tuple tuple = {.row = row, .why = why};
    struct sp_buf raw;
    sp_buf_init(&raw, UNDO_TUPLE_MAX);
    sp_buf_init(&tuple.text, UNDO_TUPLE_MAX);
    sp_buf_init(&tuple.values, UNDO_TUPLE_MAX);
    enum sp_err err = undo_read(&tuple, bytes, &raw);
    if (err == SP_OK)
        err = row->in_copy ? undo_copy(&tuple) : undo_insert(&tuple);
    size_t count = tuple.values.len / sizeof(struct sp_undo_value);
    if (err == SP_OK && (count != row->column_count || count == 0))
        err = sp_fail(why, SP_ERR_FORMAT,
                      "the columns of table %s are not known: its rows cannot be named in SQL",
                      names + row->table);
    if (err == SP_OK)
        err = undo_begin(out, row, undo, why);
    if (err == SP_OK && row->exempt) {
        err = sp_undo_update(out, &tuple, names, columns, undo);
    } else if (err == SP_OK) {
        undo_delete(out, &tuple, names);
        undo->count++;
    }
    sp_buf_wipe(&raw);
    sp_buf_wipe(&tuple.text);
    sp_buf_clear(&tuple.values);
    return err;
}

enum sp_err sp_undo_end(FILE *out, uint64_t exempt, const struct sp_undo *undo, struct sp_why *why)
{
    if (undo->begun)
        (void)fprintf(out, "COMMIT; -- %" PRIu64 " rows, %" PRIu64 " anonymised\n", undo->count,
                      undo->changed);
    if (exempt > 0 && !undo->anonymises)
        (void)fprintf(out,
                      "-- %" PRIu64 " decisions are EXEMPT: their rows stay as they are, unless "
                      "--anonymise-exempt asks for more\n",
                      exempt);
    return fflush(out) == 0 && ferror(out) == 0 ? SP_OK
                                                : sp_fail(why, SP_ERR_IO, "cannot write the SQL");
}
