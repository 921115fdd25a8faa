#include "restore/records.h"

#include "base/json_get.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "restore/names.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a file of decisions: ten million lines. */
#define RECORDS_BYTES_MAX ((size_t)4 << 30)
enum { RECORDS_NAME_MAX = 4 << 20 };

/* A decision as it was read, before the members are known. Strings are offsets into `strings`. */
struct record_line {
    size_t unit, unit_len;
    size_t table, table_len;
    size_t column, column_len;
    uint64_t row, offset, size;
    int kind; /* enum sp_cut_kind, or -1: the whole member */
    bool exempt;
    uint32_t columns; /* as in struct sp_cut */
};

struct sp_records {
    struct sp_buf strings;
    struct record_line *lines;
    size_t line_count, line_cap;
    struct sp_names *names; /* of members */
    struct sp_cuts *cuts;   /* by index of name */
    struct sp_buf columns;  /* struct sp_cut_column[] */
    struct sp_buf text;     /* scratch */
    bool wants_exempt;
    uint64_t exempt_count; /* decisions about tuples */
    uint64_t of_none;      /* HITs without the name of a member */
};

/* ---- one line ------------------------------------------------------------------------------ */
/* Appends a text of the line; *at is where. */
static enum sp_err record_text(struct sp_records *records, struct sp_slice line, const char *path,
                               size_t *at, size_t *len, struct sp_why *why)
{
    enum sp_err err;
    *at = records->strings.len;
    (void)sp_json_get_text(line, path, &records->strings, why, &err);
    *len = records->strings.len - *at;
    return err;
}

/* The raw name of the member: names that are no UTF-8 come in hexadecimal as well. */
static enum sp_err record_unit(struct sp_records *records, struct sp_slice line,
                               struct record_line *out, struct sp_why *why)
{
    struct sp_slice hex = sp_json_get(line, "unit_raw");
    if (hex.len < 2 || hex.ptr[0] != '"')
        return record_text(records, line, "unit", &out->unit, &out->unit_len, why);
    enum sp_err err = SP_OK;
    out->unit = records->strings.len;
    for (size_t i = 1; err == SP_OK && i + 2 < hex.len; i += 2)
        err = sp_buf_append_byte(
            &records->strings,
            (uint8_t)(sp_hex_digit(hex.ptr[i]) << 4 | sp_hex_digit(hex.ptr[i + 1])), why);
    out->unit_len = records->strings.len - out->unit;
    return err;
}

/* What follows the member in the locator; empty when the place is the member itself. */
static enum sp_err record_rest(struct sp_records *records, struct sp_slice line,
                               const struct record_line *out, struct sp_slice *rest,
                               struct sp_why *why)
{
    struct sp_buf *text = &records->text;
    struct sp_slice unit = {records->strings.data + out->unit, out->unit_len};
    enum sp_err err = SP_OK;
    sp_buf_reset(text);
    *rest = (struct sp_slice){NULL, 0};
    (void)sp_json_get_text(line, "locator", text, why, &err);
    size_t name = text->len;
    if (err == SP_OK)
        err = sp_escape(text, unit, "!", why);
    if (err == SP_OK)
        err = sp_buf_append_byte(text, '!', why);
    if (err != SP_OK)
        return err;
    struct sp_slice locator = {text->data, name};
    struct sp_slice wanted = {text->data + name, text->len - name};
    const uint8_t *bang = memchr(locator.ptr, '!', locator.len);
    if (locator.len < wanted.len || memcmp(locator.ptr, wanted.ptr, wanted.len) != 0) {
        /* below an archive: its own name stands first */
        if (bang == NULL)
            return SP_OK;
        locator.len -= (size_t)(bang + 1 - locator.ptr);
        locator.ptr = bang + 1;
        if (locator.len < wanted.len || memcmp(locator.ptr, wanted.ptr, wanted.len) != 0)
            return SP_OK;
    }
    *rest = (struct sp_slice){locator.ptr + wanted.len, locator.len - wanted.len};
    return SP_OK;
}

/* "12<id@host>" or "12", which is how a message of a mailbox is called; 0: it is something else. */
static uint64_t record_message(struct sp_slice rest)
{
    uint64_t index = 0;
    size_t i = 0;
    while (i < rest.len && i < 18 && rest.ptr[i] >= '0' && rest.ptr[i] <= '9')
        index = index * 10 + (uint64_t)(rest.ptr[i++] - '0');
    return i == rest.len || rest.ptr[i] == '<' || rest.ptr[i] == '!' ? index : 0;
}

static void record_classify(struct sp_slice line, struct sp_slice rest, struct record_line *out)
{
    bool direct = rest.len > 0 && memchr(rest.ptr, '!', rest.len) == NULL;
    out->kind = -1;
    if (rest.len > 0 && (out->row = record_message(rest)) > 0)
        out->kind = SP_CUT_MESSAGE;
    else if (direct && sp_json_get_is(line, "record.kind", "sql") &&
             sp_json_get_number(line, "record.row", &out->row))
        out->kind = SP_CUT_TUPLE;
    else if (direct && sp_json_get_is(line, "record.kind", "row") &&
             sp_json_get_number(line, "record.row", &out->row))
        out->kind = SP_CUT_ROW;
    else if (direct && sp_json_get_is(line, "record.kind", "line") &&
             sp_json_get_number(line, "record.line", &out->row))
        out->kind = SP_CUT_LINE;
    if (out->kind != SP_CUT_TUPLE)
        out->table_len = 0;
}

static enum sp_err records_add(struct sp_records *records, const struct record_line *line,
                               struct sp_why *why)
{
    if (records->line_count == records->line_cap) {
        size_t cap = records->line_cap == 0 ? 1024 : records->line_cap * 2;
        struct record_line *grown = sp_realloc(records->lines, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu decisions", cap);
        records->lines = grown;
        records->line_cap = cap;
    }
    records->lines[records->line_count++] = *line;
    return SP_OK;
}

static struct sp_cut_column *records_columns(const struct sp_records *records)
{
    return (struct sp_cut_column *)(void *)records->columns.data;
}

/* The columns that an exempt tuple is anonymised in, the last one first. */
static enum sp_err record_columns(struct sp_records *records, struct sp_slice line,
                                  struct record_line *out, struct sp_why *why)
{
    struct sp_slice array = sp_json_get(line, "columns");
    struct sp_slice item;
    size_t pos = 0;
    enum sp_err err = SP_OK;
    if (array.len == 0)
        return sp_fail(why, SP_ERR_FORMAT,
                       "an older speur wrote these decisions: they do not say in which columns an "
                       "exempt person is; run the check again");
    while (err == SP_OK && sp_json_get_item(array, &pos, &item)) {
        struct sp_cut_column column = {.next = out->columns};
        struct sp_slice type = sp_json_get(item, "type");
        struct sp_slice packed = sp_json_get(item, "packed");
        uint64_t ordinal;
        if (!sp_json_get_number(item, "ordinal", &ordinal) || ordinal == 0 ||
            ordinal > UINT32_MAX || type.len < 2 ||
            !sp_type_from_name((struct sp_slice){type.ptr + 1, type.len - 2}, &column.type))
            return sp_fail(why, SP_ERR_FORMAT, "a column of an exempt record is none");
        column.ordinal = (uint32_t)ordinal;
        column.packed = !sp_slice_is(packed, "false");
        err = sp_buf_append(&records->columns, &column, sizeof column, why);
        out->columns = (uint32_t)(records->columns.len / sizeof column);
    }
    return err;
}

/* Of an EXEMPT decision only what is a tuple counts: nothing else is in a database. */
static enum sp_err records_exempt(struct sp_records *records, struct sp_slice text,
                                  struct record_line *line, struct sp_why *why)
{
    if (line->kind != SP_CUT_TUPLE)
        return SP_OK;
    records->exempt_count++;
    if (!records->wants_exempt)
        return SP_OK;
    line->exempt = true;
    enum sp_err err = record_columns(records, text, line, why);
    return err == SP_OK ? records_add(records, line, why) : err;
}

static enum sp_err records_line(struct sp_records *records, struct sp_slice text,
                                struct sp_why *why)
{
    struct record_line line = {.kind = -1};
    struct sp_slice rest;
    bool is_hit = sp_json_get_is(text, "decision", "HIT");
    if (sp_json_get(text, "decision").len == 0 || sp_json_get(text, "unit").len == 0 ||
        sp_json_get(text, "record").len == 0)
        return sp_fail(why, SP_ERR_FORMAT, "not a decision of a check");
    if (!is_hit && !sp_json_get_is(text, "decision", "EXEMPT"))
        return SP_OK;
    enum sp_err err = record_unit(records, text, &line, why);
    if (err == SP_OK && line.unit_len == 0) {
        records->of_none += is_hit;
        return SP_OK;
    }
    if (err == SP_OK)
        err = record_text(records, text, "record.table", &line.table, &line.table_len, why);
    if (err == SP_OK)
        err = record_text(records, text, "record.column", &line.column, &line.column_len, why);
    if (err == SP_OK)
        err = record_rest(records, text, &line, &rest, why);
    if (err != SP_OK)
        return err;
    record_classify(text, rest, &line);
    if (line.kind == SP_CUT_MESSAGE || !sp_json_get_number(text, "offset", &line.offset))
        line.offset = SP_SIZE_UNKNOWN; /* of a mail it counts from the message */
    if (!sp_json_get_number(text, "unit_size", &line.size))
        line.size = SP_SIZE_UNKNOWN;
    return is_hit ? records_add(records, &line, why) : records_exempt(records, text, &line, why);
}

/* ---- all of them ---------------------------------------------------------------------------- */
static int cut_compare(const void *left, const void *right)
{
    const struct sp_cut *a = left;
    const struct sp_cut *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    size_t len = a->table.len < b->table.len ? a->table.len : b->table.len;
    int order = len == 0 ? 0 : memcmp(a->table.ptr, b->table.ptr, len);
    if (order != 0)
        return order;
    if (a->table.len != b->table.len)
        return a->table.len < b->table.len ? -1 : 1;
    return a->row == b->row ? 0 : a->row < b->row ? -1 : 1;
}

/* What goes stands before what stays. */
static int cut_compare_exempt(const void *left, const void *right)
{
    const struct sp_cut *a = left;
    const struct sp_cut *b = right;
    int order = cut_compare(a, b);
    return order != 0 ? order : (int)a->exempt - (int)b->exempt;
}

/* Sorts, and takes out what came twice: several requests, several fields. What one request has
 * removed another one's exemption does not keep: it is of somebody else. */
static void cuts_settle(struct sp_cuts *cuts, struct sp_cut_column *columns)
{
    size_t kept = 0;
    cuts->columns = columns;
    if (cuts->count == 0)
        return;
    qsort(cuts->items, cuts->count, sizeof *cuts->items, cut_compare_exempt);
    for (size_t i = 0; i < cuts->count; i++) {
        struct sp_cut *last = kept == 0 ? NULL : &cuts->items[kept - 1];
        uint32_t end = cuts->items[i].columns;
        if (last == NULL || cut_compare(last, &cuts->items[i]) != 0) {
            cuts->items[kept++] = cuts->items[i];
            cuts->exempt += cuts->items[kept - 1].exempt;
            continue;
        }
        if (!last->exempt || end == 0)
            continue;
        while (columns[end - 1].next != 0) /* two requests keep it: the columns of both */
            end = columns[end - 1].next;
        columns[end - 1].next = last->columns;
        last->columns = cuts->items[i].columns;
    }
    cuts->count = kept;
}

static enum sp_err records_names(struct sp_records *records, struct sp_why *why)
{
    struct sp_buf list;
    enum sp_err err = SP_OK;
    sp_buf_init(&list, RECORDS_BYTES_MAX);
    for (size_t i = 0; err == SP_OK && i < records->line_count; i++) {
        const struct record_line *line = &records->lines[i];
        err = sp_buf_append(&list, records->strings.data + line->unit, line->unit_len, why);
        if (err == SP_OK)
            err = sp_buf_append_byte(&list, '\0', why);
    }
    if (err == SP_OK)
        err = sp_names_new(sp_buf_slice(&list), &records->names, why);
    sp_buf_clear(&list);
    return err;
}

static struct sp_cuts *records_of(struct sp_records *records, const struct record_line *line)
{
    struct sp_slice unit = {records->strings.data + line->unit, line->unit_len};
    return &records->cuts[sp_names_find(records->names, unit)];
}

static enum sp_err records_settle(struct sp_records *records, struct sp_why *why)
{
    enum sp_err err = records_names(records, why);
    if (err != SP_OK)
        return err;
    size_t units = sp_names_count(records->names);
    records->cuts = sp_alloc_zero((units + 1) * sizeof *records->cuts);
    if (records->cuts == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the decisions");
    for (size_t i = 0; i < records->line_count; i++)
        records_of(records, &records->lines[i])->count++;
    for (size_t i = 0; i < units; i++) {
        records->cuts[i].items = sp_alloc(records->cuts[i].count * sizeof(struct sp_cut));
        records->cuts[i].count = 0;
        if (records->cuts[i].items == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for the decisions");
    }
    for (size_t i = 0; i < records->line_count; i++) {
        const struct record_line *line = &records->lines[i];
        struct sp_cuts *cuts = records_of(records, line);
        cuts->size = line->size;
        if (line->kind < 0)
            cuts->whole++;
        else
            cuts->items[cuts->count++] =
                (struct sp_cut){.kind = (enum sp_cut_kind)line->kind,
                                .table = {records->strings.data + line->table, line->table_len},
                                .column = {records->strings.data + line->column, line->column_len},
                                .row = line->row,
                                .offset = line->offset,
                                .exempt = line->exempt,
                                .columns = line->columns};
    }
    for (size_t i = 0; i < units; i++)
        cuts_settle(&records->cuts[i], records_columns(records));
    sp_free(records->lines);
    records->lines = NULL;
    return SP_OK;
}

static enum sp_err records_lines(struct sp_records *records, struct sp_slice bytes,
                                 const char *path, struct sp_why *why)
{
    struct sp_why what = {""};
    for (uint64_t number = 1; bytes.len > 0; number++) {
        const uint8_t *newline = memchr(bytes.ptr, '\n', bytes.len);
        size_t len = newline == NULL ? bytes.len : (size_t)(newline - bytes.ptr);
        enum sp_err err = newline == NULL
                              ? sp_fail(&what, SP_ERR_FORMAT, "cut off")
                              : records_line(records, (struct sp_slice){bytes.ptr, len}, &what);
        if (err != SP_OK)
            return sp_fail(why, err, "%s: line %llu: %s", path, (unsigned long long)number,
                           what.text);
        bytes.ptr += len + 1;
        bytes.len -= len + 1;
    }
    return SP_OK;
}

enum sp_err sp_records_read(const char *path, bool exempt, struct sp_records **out,
                            struct sp_why *why)
{
    struct sp_buf bytes;
    struct sp_records *records = sp_alloc_zero(sizeof *records);
    if (records == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for decisions");
    sp_buf_init(&bytes, RECORDS_BYTES_MAX);
    sp_buf_init(&records->strings, RECORDS_BYTES_MAX);
    sp_buf_init(&records->text, RECORDS_NAME_MAX);
    sp_buf_init(&records->columns, RECORDS_BYTES_MAX);
    records->wants_exempt = exempt;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum sp_err err =
        fd < 0 ? sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", path, strerrordesc_np(errno))
               : sp_private_read(fd, path, &bytes, why);
    if (err == SP_OK)
        err = records_lines(records, sp_buf_slice(&bytes), path, why);
    if (err == SP_OK)
        err = records_settle(records, why);
    if (fd >= 0)
        (void)close(fd);
    sp_buf_clear(&bytes);
    if (err == SP_OK)
        *out = records;
    else
        sp_records_free(records);
    return err;
}

void sp_records_free(struct sp_records *records)
{
    if (records == NULL)
        return;
    for (size_t i = 0; records->cuts != NULL && i < sp_names_count(records->names); i++)
        sp_free(records->cuts[i].items);
    sp_free(records->cuts);
    sp_free(records->lines);
    sp_names_free(records->names);
    sp_buf_clear(&records->strings);
    sp_buf_clear(&records->text);
    sp_buf_clear(&records->columns);
    sp_free(records);
}

size_t sp_records_count(const struct sp_records *records)
{
    return sp_names_count(records->names);
}

uint64_t sp_records_exempt(const struct sp_records *records)
{
    return records->exempt_count;
}

uint64_t sp_records_of_none(const struct sp_records *records)
{
    return records->of_none;
}

struct sp_cuts *sp_records_find(struct sp_records *records, struct sp_slice name)
{
    size_t index = sp_names_find(records->names, name);
    if (index == SIZE_MAX)
        return NULL;
    sp_names_see(records->names, index);
    return &records->cuts[index];
}

struct sp_cuts *sp_records_only(struct sp_records *records, bool *many, struct sp_slice *name)
{
    size_t units = sp_names_count(records->names);
    *many = units > 1;
    if (units != 1)
        return NULL;
    sp_names_see(records->names, 0);
    *name = sp_names_at(records->names, 0);
    return &records->cuts[0];
}

struct sp_slice sp_records_unseen(const struct sp_records *records, size_t *index)
{
    while (*index < sp_names_count(records->names)) {
        size_t at = (*index)++;
        if (!sp_names_seen(records->names, at))
            return sp_names_at(records->names, at);
    }
    return (struct sp_slice){NULL, 0};
}

struct sp_cut *sp_cuts_find(struct sp_cuts *cuts, enum sp_cut_kind kind, struct sp_slice table,
                            uint64_t row)
{
    const struct sp_cut wanted = {.kind = kind, .table = table, .row = row};
    return cuts->count == 0
               ? NULL
               : bsearch(&wanted, cuts->items, cuts->count, sizeof wanted, cut_compare);
}
