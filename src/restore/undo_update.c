/* An exempt tuple stays, and loses what no bookkeeping needs. Dutch tax law has the books kept for
 * seven years (AWR art. 52), and an invoice names the customer with address (Wet OB 1968 art. 35a):
 * names, addresses, accounts and numbers of companies and customers stay. How to reach somebody,
 * where from they came and numbers of the state are in no book. What is written instead is what
 * WordPress's own erasure leaves; detectors know it as nobody's. */
#include "restore/undo_in.h"

#include "base/utf8.h"
#include "extract/json_read.h"
#include "extract/php_read.h"

#include <inttypes.h>
#include <string.h>

#define UPDATE_BIT(type) (UINT64_C(1) << (type))
#define UPDATE_KEPT                                                                                \
    (UPDATE_BIT(SP_TYPE_NAME) | UPDATE_BIT(SP_TYPE_ADDRESS) | UPDATE_BIT(SP_TYPE_IBAN) |           \
     UPDATE_BIT(SP_TYPE_BIC) | UPDATE_BIT(SP_TYPE_VAT_NL) | UPDATE_BIT(SP_TYPE_RSIN) |             \
     UPDATE_BIT(SP_TYPE_KVK) | UPDATE_BIT(SP_TYPE_BE_KBO) | UPDATE_BIT(SP_TYPE_CUSTOMER_NO))

/* What is met in one column. */
struct update_column {
    uint64_t types; /* bit i: an identifier of type i */
    bool packed;
};

struct update {
    FILE *out;
    const struct sp_undo_tuple *tuple;
    const char *names;
    const struct sp_cut_column *columns;
    struct sp_undo *undo;
};

static struct update_column update_met(const struct update *update, size_t ordinal)
{
    struct update_column met = {0, false};
    for (uint32_t i = update->tuple->row->met; i != 0; i = update->columns[i - 1].next) {
        const struct sp_cut_column *column = &update->columns[i - 1];
        if (column->ordinal != ordinal)
            continue;
        met.types |= UPDATE_BIT(column->type);
        met.packed = met.packed || column->packed;
    }
    return met;
}

/* ---- what is left alone ---------------------------------------------------------------------- */
/* Lengths and quotes in it belong together: it is never changed as text. */
static bool update_is_packed(struct sp_slice text)
{
    unsigned roots;
    bool whole;
    while (text.len > 0 && text.ptr[0] <= ' ') {
        text.ptr++;
        text.len--;
    }
    if (text.len == 0)
        return false;
    if (text.ptr[0] == '{' || text.ptr[0] == '[')
        return sp_json_looks(text.ptr, text.len, &roots, &whole);
    return sp_php_looks(text);
}

/* Why a column in which the person was met stays; NULL: it goes. */
static const char *update_stays(const struct update *update, size_t ordinal,
                                const struct update_column *met)
{
    const struct sp_undo_value *value = sp_undo_at(update->tuple, ordinal - 1);
    struct sp_slice text = sp_undo_text(update->tuple, value);
    if (sp_undo_is_key(update->tuple->row, ordinal))
        return "it is the primary key";
    if (met->packed || update_is_packed(text))
        return "JSON or a value serialised by PHP: change it with the program that wrote it";
    if ((met->types & UPDATE_KEPT) != 0)
        return "it also holds what must be kept";
    if (value->kind == SP_UNDO_WORDS && text.len > 0 && memchr(text.ptr, '(', text.len) != NULL)
        return "the dump has an expression there";
    return NULL;
}

static bool update_sets(const struct update *update, size_t ordinal)
{
    struct update_column met = update_met(update, ordinal);
    return (met.types & ~UPDATE_KEPT) != 0 && update_stays(update, ordinal, &met) == NULL &&
           sp_undo_at(update->tuple, ordinal - 1)->kind != SP_UNDO_NULL;
}

static bool update_guards(const void *ctx, size_t ordinal)
{
    return update_sets(ctx, ordinal);
}

/* ---- what is written ------------------------------------------------------------------------- */
static bool update_is_all(struct sp_slice text, const char *allowed)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == 0 || strchr(allowed, text.ptr[i]) == NULL)
            return false;
    return text.len > 0;
}

static bool update_is_word(struct sp_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ')
            return false;
    return true;
}

/* A value that fits where the old one stood: a number where numbers are, an address of nobody where
 * the column is one. */
static void update_value(const struct update *update, size_t ordinal)
{
    const struct sp_undo_value *value = sp_undo_at(update->tuple, ordinal - 1);
    const struct sp_cut_row *row = update->tuple->row;
    struct sp_slice text = sp_undo_text(update->tuple, value);
    uint64_t types = update_met(update, ordinal).types;
    const char *neutral = "[deleted]";
    /* COPY quotes nothing: digits without a zero in front may be of a column of numbers */
    bool number = value->kind == SP_UNDO_WORDS ||
                  (row->in_copy && update_is_all(text, "0123456789") && text.ptr[0] != '0');
    if (value->kind == SP_UNDO_WORDS) {
        (void)fputc('0', update->out);
        return;
    }
    if (number)
        neutral = "0";
    else if (types == UPDATE_BIT(SP_TYPE_EMAIL) && update_is_word(text))
        neutral = "deleted@site.invalid";
    else if (types == UPDATE_BIT(SP_TYPE_IP) && update_is_word(text))
        neutral = "0.0.0.0";
    else if (types == UPDATE_BIT(SP_TYPE_DOB) && update_is_all(text, "0123456789-: T"))
        neutral = "1000-01-01"; /* a column of dates takes no words */
    sp_undo_literal(update->out, sp_slice_of(neutral), row->backslash);
}

/* A name of the dump in a comment: a line end in it would end the comment. */
static enum sp_err update_comment_name(const struct update *update, const char *name)
{
    struct sp_buf text;
    sp_buf_init(&text, 1U << 20);
    enum sp_err err = sp_escape(&text, sp_slice_of(name), "", update->tuple->why);
    if (err == SP_OK)
        (void)fprintf(update->out, "%.*s", (int)text.len, (const char *)text.data);
    sp_buf_clear(&text);
    return err;
}

static enum sp_err update_comment(struct update *update, const char *column, const char *reason)
{
    update->undo->left++;
    (void)fputs("-- stays: ", update->out);
    enum sp_err err = update_comment_name(update, update->names + update->tuple->row->table);
    (void)fputs(".", update->out);
    if (err == SP_OK)
        err = update_comment_name(update, column);
    (void)fprintf(update->out, ": %s\n", reason);
    return err;
}

static enum sp_err update_comments(struct update *update)
{
    const struct sp_cut_row *row = update->tuple->row;
    const char *column = update->names + row->table + strlen(update->names + row->table) + 1;
    enum sp_err err = SP_OK;
    for (size_t i = 1; err == SP_OK && i <= row->column_count; i++) {
        struct update_column met = update_met(update, i);
        const char *reason = (met.types & ~UPDATE_KEPT) == 0 ? NULL : update_stays(update, i, &met);
        if (reason != NULL)
            err = update_comment(update, column, reason);
        column += strlen(column) + 1;
    }
    return err;
}

enum sp_err sp_undo_update(FILE *out, const struct sp_undo_tuple *tuple, const char *names,
                           const struct sp_cut_column *columns, struct sp_undo *undo)
{
    struct update update = {out, tuple, names, columns, undo};
    const struct sp_cut_row *row = tuple->row;
    const char *column = names + row->table + strlen(names + row->table) + 1;
    bool first = true;
    enum sp_err err = update_comments(&update);
    for (size_t i = 1; err == SP_OK && i <= row->column_count; i++) {
        if (update_sets(&update, i)) {
            if (first) {
                (void)fputs("UPDATE ", out);
                sp_undo_name(out, names + row->table, row->backslash, true);
            }
            (void)fputs(first ? " SET " : ", ", out);
            sp_undo_name(out, column, row->backslash, false);
            (void)fputs(" = ", out);
            update_value(&update, i);
            first = false;
        }
        column += strlen(column) + 1;
    }
    if (first || err != SP_OK) /* nothing but what is kept */
        return err;
    undo->changed++;
    sp_undo_where(out, tuple, names, update_guards, &update);
    return SP_OK;
}
