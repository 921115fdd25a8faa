/* Inside of the SQL that undoes: a tuple whose values were read (undo.c), and how its parts are
 * written; undo_update.c changes a tuple that stays. */
#ifndef SP_RESTORE_UNDO_IN_H
#define SP_RESTORE_UNDO_IN_H

#include "restore/undo.h"

enum sp_undo_kind { SP_UNDO_NULL, SP_UNDO_WORDS /* as they stand */, SP_UNDO_TEXT };

/* One value of the tuple: its bytes without quotes and escapes, in `text`. */
struct sp_undo_value {
    enum sp_undo_kind kind;
    size_t begin, len;
};

struct sp_undo_tuple {
    const struct sp_cut_row *row;
    struct sp_slice in;
    size_t at;
    struct sp_buf text;
    struct sp_buf values; /* struct sp_undo_value[], one a column */
    struct sp_why *why;
};

/* Of the column with this index from 0. */
const struct sp_undo_value *sp_undo_at(const struct sp_undo_tuple *tuple, size_t column);
struct sp_slice sp_undo_text(const struct sp_undo_tuple *tuple, const struct sp_undo_value *value);
/* Whether the column with this ordinal is one of the primary key. */
bool sp_undo_is_key(const struct sp_cut_row *row, size_t ordinal);
/* `name`, or "name", with the quote doubled; the dot of a table stands between schema and table. */
void sp_undo_name(FILE *out, const char *name, bool backslash, bool is_table);
/* A text as a literal: in hexadecimal where the dialect has it. */
void sp_undo_literal(FILE *out, struct sp_slice text, bool backslash);
/* Writes " WHERE …;" with the key and the old values of the columns for which `guards` says so; all
 * of them when the tuple has no key. */
typedef bool (*sp_undo_guards)(const void *ctx, size_t ordinal);
void sp_undo_where(FILE *out, const struct sp_undo_tuple *tuple, const char *names,
                   sp_undo_guards guards, const void *ctx);

/* ---- undo_update.c --------------------------------------------------------------------------- */
/* Writes the UPDATE of an exempt tuple, or in a comment why there is none. */
enum sp_err sp_undo_update(FILE *out, const struct sp_undo_tuple *tuple, const char *names,
                           const struct sp_cut_column *columns, struct sp_undo *undo);

#endif
