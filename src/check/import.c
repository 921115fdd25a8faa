/* Import of a CSV file of requests. Values are in the clear in one buffer that never moves and is
 * wiped; rows hold tokens only. */
#include "base/mem.h"
#include "base/utf8.h"
#include "check/cells.h"
#include "check/date.h"
#include "check/enrol.h"
#include "check/import_form.h"

#include <errno.h>
#include <unistd.h>

enum {
    IMPORT_TEXT_MAX = 256, /* bytes of a request id, scope or basis */
    IMPORT_MADE_MAX = 64   /* of an id that is made here */
};

struct import_run {
    const struct sp_key *key;
    const struct sp_import_options *options;
    sp_import_bad bad;
    void *ctx;
    struct sp_cells cells;
    const struct sp_import_form *form;
    int at[SP_IMPORT_COLUMN_COUNT]; /* position of a column in a record, -1 none */
    size_t width;                   /* columns of the header */
    struct sp_register_row *rows;
    size_t count, cap;
};

static void import_tell(const struct import_run *run, uint64_t line, const char *reason)
{
    if (run->bad != NULL)
        run->bad(run->ctx, line, reason);
}

/* ---- header ------------------------------------------------------------------------------ */

static const char *import_header_of(const struct sp_import_form *form, int column)
{
    const struct sp_import_column_name *row = form->columns;
    while ((int)row->column != column)
        row++;
    return row->header;
}

/* A header may be a line of values by mistake, so what stands there is not repeated. */
static enum sp_err import_header(struct import_run *run, struct sp_why *why)
{
    struct sp_slice fields[SP_CELLS_FIELDS_MAX];
    const char *error = NULL;
    for (int i = 0; i < SP_IMPORT_COLUMN_COUNT; i++)
        run->at[i] = -1;
    if (!sp_cells_next(&run->cells, fields, &run->width, &error))
        return sp_fail(why, SP_ERR_FORMAT, "the CSV file is empty");
    if (error != NULL)
        return sp_fail(why, SP_ERR_FORMAT, "header of the CSV file: %s", error);
    const char *missing = NULL;
    run->form = sp_import_form_find(fields, run->width, &missing);
    if (run->form == NULL)
        return sp_fail(why, SP_ERR_FORMAT,
                       "the CSV file has no column %s in its header, and is in no other form that "
                       "is known (MailChimp's unsubscribed members; closed accounts: "
                       "email;closed_at)",
                       missing);
    for (size_t i = 0; i < run->width; i++) {
        int column = sp_import_form_column(run->form, fields[i]);
        char reason[64];
        if (column >= 0 && run->at[column] >= 0)
            return sp_fail(why, SP_ERR_FORMAT, "the CSV file has column %s twice",
                           import_header_of(run->form, column));
        if (column >= 0) {
            run->at[column] = (int)i;
        } else if (run->form->tells_unknown) {
            (void)snprintf(reason, sizeof reason, "column %zu is not known: left out", i + 1);
            import_tell(run, run->cells.line, reason);
        }
    }
    return SP_OK;
}

/* ---- one record -------------------------------------------------------------------------- */

/* The cells of a record by column; missing ones are empty. */
struct import_record {
    struct sp_slice cells[SP_IMPORT_COLUMN_COUNT];
};

static bool import_text_ok(struct sp_slice text)
{
    if (text.len > IMPORT_TEXT_MAX || !sp_utf8_valid(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    }
    return true;
}

static enum sp_err import_copy(char **to, struct sp_slice text)
{
    *to = sp_copy_string(text.ptr, text.len);
    return *to == NULL ? SP_ERR_NOMEM : SP_OK;
}

/* NULL, or what is wrong with the dates; fills those of *row. */
static const char *import_dates(const struct import_run *run, const struct import_record *record,
                                struct sp_register_row *row)
{
    static const struct {
        enum sp_import_column column;
        size_t offset;
        const char *wrong;
    } dates[] = {
        {SP_IMPORT_RECEIVED, offsetof(struct sp_register_row, received), "received is no date"},
        {SP_IMPORT_IDENTIFIED, offsetof(struct sp_register_row, identified),
         "identified is no date"},
        {SP_IMPORT_DUE, offsetof(struct sp_register_row, due), "due is no date"},
        {SP_IMPORT_ERASED_AT, offsetof(struct sp_register_row, erased_at), "erased_at is no date"},
        {SP_IMPORT_EXEMPT_UNTIL, offsetof(struct sp_register_row, exempt_until),
         "exempt_until is no date"},
        {SP_IMPORT_LAST_BACKUP_EXPIRY, offsetof(struct sp_register_row, last_backup_expiry),
         "last_backup_expiry is no date"},
    };
    int64_t days = 0;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        struct sp_slice cell = record->cells[dates[i].column];
        if (cell.len == 0)
            continue;
        if (cell.len > SP_DATE_LEN &&
            (cell.ptr[SP_DATE_LEN] == ' ' || cell.ptr[SP_DATE_LEN] == 'T'))
            cell.len = SP_DATE_LEN; /* a time follows */
        if (!sp_date_parse(cell, &days))
            return dates[i].wrong;
        sp_date_format(days, (char *)row + dates[i].offset);
    }
    if (row->due[0] == '\0' && sp_date_parse(sp_slice_of(row->received), &days))
        sp_date_format(sp_term_end(days, &run->options->term), row->due);
    unsigned retention = run->options->backup_retention_days;
    if (row->last_backup_expiry[0] == '\0' && row->erased_at[0] != '\0' && retention > 0) {
        (void)sp_date_parse(sp_slice_of(row->erased_at), &days);
        sp_date_format(days + retention, row->last_backup_expiry);
    }
    return NULL;
}

static const char *import_words(const struct import_run *run, const struct import_record *record,
                                struct sp_register_row *row)
{
    struct sp_slice origin = record->cells[SP_IMPORT_ORIGIN];
    struct sp_slice kind = record->cells[SP_IMPORT_KIND];
    struct sp_slice strength = record->cells[SP_IMPORT_STRENGTH];
    row->kind = SP_REQUEST_ERASURE;
    if (kind.len > 0 && !sp_request_kind_from_name(kind, &row->kind))
        return "no such kind of request";
    if (origin.len > 0 && !sp_request_origin_from_name(origin, &row->origin))
        return "origin must be request, retention, account_closed or opt_out";
    if (sp_slice_is(strength, "strong"))
        row->strength = SP_STRENGTH_STRONG;
    else if (sp_slice_is(strength, "weak") || sp_slice_is(strength, "shared"))
        row->strength = SP_STRENGTH_WEAK;
    else if (strength.len > 0)
        return "strength must be strong, weak or shared";
    if (record->cells[SP_IMPORT_REQ_ID].len == 0 && run->form->prefix == NULL)
        return "req_id is empty";
    if (record->cells[SP_IMPORT_VALUE].len == 0)
        return "value is empty";
    if (!import_text_ok(record->cells[SP_IMPORT_REQ_ID]) ||
        !import_text_ok(record->cells[SP_IMPORT_SCOPE]) ||
        !import_text_ok(record->cells[SP_IMPORT_EXEMPT_BASIS]))
        return "req_id, scope or exempt_basis is too long or holds control characters";
    if (record->cells[SP_IMPORT_EXEMPT_UNTIL].len > 0 &&
        record->cells[SP_IMPORT_EXEMPT_BASIS].len == 0)
        return "exempt_until without exempt_basis";
    return NULL;
}

/* Tokens and attributes. The reason that a value is refused for never repeats it. */
static const char *import_value(const struct import_run *run, const struct import_record *record,
                                struct sp_register_row *row, struct sp_why *why)
{
    enum sp_type type;
    bool allowed = run->options->allow_bsn != NULL;
    if (!sp_type_from_name(record->cells[SP_IMPORT_TYPE], &type))
        return "no such type of identifier";
    if (type == SP_TYPE_BSN && !allowed)
        return "a BSN needs a legal basis (--allow-bsn)";
    enum sp_err err =
        sp_enrol(run->key, type, record->cells[SP_IMPORT_VALUE], run->options->region, row, why);
    if (err != SP_OK)
        return why->text;
    if (!allowed)
        sp_enrol_drop_embedded(row);
    return NULL;
}

static bool import_holds_bsn(const struct sp_register_row *row)
{
    for (unsigned i = 0; i < row->token_count; i++) {
        if (row->tokens[i].kind == SP_TOKEN_EMBEDDED)
            return true;
    }
    return row->type == SP_TYPE_BSN;
}

static enum sp_err import_strings(const struct import_run *run, const struct import_record *record,
                                  struct sp_register_row *row)
{
    const char *basis = import_holds_bsn(row) ? run->options->allow_bsn : "";
    char made[IMPORT_MADE_MAX];
    struct sp_slice id = record->cells[SP_IMPORT_REQ_ID];
    if (id.len == 0) { /* the same person has the same, and nobody else can tell who */
        const uint8_t *token = row->tokens[0].bytes;
        (void)snprintf(made, sizeof made, "%s%02x%02x%02x%02x%02x%02x", run->form->prefix, token[0],
                       token[1], token[2], token[3], token[4], token[5]);
        id = sp_slice_of(made);
    }
    enum sp_err err = import_copy(&row->req_id, id);
    if (err == SP_OK)
        err = import_copy(&row->scope, record->cells[SP_IMPORT_SCOPE]);
    if (err == SP_OK)
        err = import_copy(&row->exempt_basis, record->cells[SP_IMPORT_EXEMPT_BASIS]);
    if (err == SP_OK)
        err = import_copy(&row->legal_basis, sp_slice_of(basis));
    return err;
}

static enum sp_err import_push(struct import_run *run, struct sp_register_row *row)
{
    if (run->count == run->cap) {
        size_t cap = run->cap == 0 ? 64 : run->cap * 2;
        struct sp_register_row *grown = sp_realloc(run->rows, cap * sizeof *grown);
        if (grown == NULL)
            return SP_ERR_NOMEM;
        run->rows = grown;
        run->cap = cap;
    }
    run->rows[run->count++] = *row;
    *row = (struct sp_register_row){0}; /* ours no longer */
    return SP_OK;
}

/* *refused: NULL, or why the line is not taken; borrowed from `line_why` or constant. */
static enum sp_err import_record(struct import_run *run, const struct import_record *record,
                                 const char **refused, struct sp_why *line_why, struct sp_why *why)
{
    struct sp_register_row row = {0};
    enum sp_err err = SP_OK;
    *refused = import_words(run, record, &row);
    if (*refused == NULL)
        *refused = import_dates(run, record, &row);
    if (*refused == NULL)
        *refused = import_value(run, record, &row, line_why);
    if (*refused == NULL) {
        err = import_strings(run, record, &row);
        if (err == SP_OK)
            err = import_push(run, &row);
    }
    sp_register_row_clear(&row);
    if (err != SP_OK)
        return sp_fail(why, err, "no memory for %zu register rows", run->count + 1);
    return SP_OK;
}

/* ---- the file ---------------------------------------------------------------------------- */

/* False: nothing but empty cells, as spreadsheets leave below a table. */
static bool import_cells(const struct import_run *run, const struct sp_slice *fields, size_t count,
                         struct import_record *record)
{
    bool any = false;
    *record = (struct import_record){0};
    for (size_t i = 0; i < count; i++)
        any = any || fields[i].len > 0;
    for (int i = 0; i < SP_IMPORT_COLUMN_COUNT; i++) {
        if (run->at[i] >= 0 && (size_t)run->at[i] < count)
            record->cells[i] = fields[run->at[i]];
        if (record->cells[i].len == 0 && run->form->constants[i] != NULL)
            record->cells[i] = sp_slice_of(run->form->constants[i]);
    }
    return any;
}

static enum sp_err import_lines(struct import_run *run, struct sp_import_sum *sum,
                                struct sp_why *why)
{
    struct sp_slice fields[SP_CELLS_FIELDS_MAX];
    struct import_record record;
    struct sp_why line_why;
    size_t count;
    const char *refused;
    enum sp_err err = import_header(run, why);
    while (err == SP_OK && sp_cells_next(&run->cells, fields, &count, &refused)) {
        if (refused == NULL && !import_cells(run, fields, count, &record))
            continue;
        if (refused == NULL && count > run->width)
            refused = "more columns than the header";
        if (refused == NULL)
            err = import_record(run, &record, &refused, &line_why, why);
        sum->lines++;
        if (refused == NULL)
            continue;
        sum->refused++;
        import_tell(run, run->cells.line, refused);
        sp_cells_reject(&run->cells);
    }
    return err;
}

/* One reservation of the largest size: a buffer that grows would leave copies behind. Pages that
 * are not written to cost nothing. */
static enum sp_err import_read(int fd, struct sp_buf *data, struct sp_why *why)
{
    enum sp_err err = sp_buf_reserve(data, (size_t)SP_IMPORT_BYTES_MAX + 1, why);
    while (err == SP_OK) {
        ssize_t got = read(fd, data->data + data->len, data->cap - data->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot read the CSV file: errno %d", errno);
        if (got == 0)
            break;
        data->len += (size_t)got;
        if (data->len > SP_IMPORT_BYTES_MAX)
            return sp_fail(why, SP_ERR_LIMIT, "the CSV file is larger than %d bytes",
                           SP_IMPORT_BYTES_MAX);
    }
    return err;
}

static bool import_same(const struct sp_register_row *a, const struct sp_register_row *b)
{
    return a->type == b->type && a->kind == b->kind && a->token_count == b->token_count &&
           memcmp(a->tokens[0].bytes, b->tokens[0].bytes, SP_TOKEN_LEN) == 0 &&
           strcmp(a->req_id, b->req_id) == 0;
}

/* What an append would add. */
static size_t import_count_new(const struct import_run *run, const struct sp_register *reg)
{
    size_t added = 0;
    for (size_t i = 0; i < run->count; i++) {
        bool known = false;
        for (size_t k = 0; k < i && !known; k++)
            known = import_same(&run->rows[i], &run->rows[k]);
        for (size_t k = 0; k < sp_register_count(reg) && !known; k++)
            known = import_same(&run->rows[i], sp_register_row_at(reg, k));
        added += known ? 0 : 1;
    }
    return added;
}

enum sp_err sp_import_csv(struct sp_register *reg, const struct sp_key *key, int fd,
                          const struct sp_import_options *options, struct sp_import_sum *sum,
                          struct sp_why *why)
{
    struct sp_buf data;
    size_t added = 0;
    *sum = (struct sp_import_sum){0};
    sp_buf_init(&data, (size_t)SP_IMPORT_BYTES_MAX + 1);
    struct import_run *run = sp_alloc_zero(sizeof *run);
    if (run == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for an import");
    run->key = key;
    run->options = options;
    run->bad = options->bad;
    run->ctx = options->ctx;
    enum sp_err err = import_read(fd, &data, why);
    if (err == SP_OK) {
        sp_cells_init(&run->cells, data.data, data.len);
        err = import_lines(run, sum, why);
    }
    if (err == SP_OK && options->dry_run)
        added = import_count_new(run, reg);
    else if (err == SP_OK && run->count > 0)
        err = sp_register_append(reg, run->rows, run->count, &added, why);
    if (err == SP_OK) {
        sum->added = added;
        sum->known = run->count - added;
    }
    for (size_t i = 0; i < run->count; i++)
        sp_register_row_clear(&run->rows[i]);
    sp_free(run->rows);
    sp_wipe(run, sizeof *run); /* the scratch held values */
    sp_free(run);
    sp_buf_wipe(&data);
    return err;
}
