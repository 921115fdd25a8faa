/* Worksheets of Office Open XML. Source: ECMA-376 part 1, 18.3. What stands outside the cells (page
 * headers, hyperlinks, lists of allowed values) is text behind them. */
#include "base/mem.h"
#include "extract/book.h"
#include "extract/formats.h"
#include "extract/grid.h"
#include "extract/office_attributes.h"
#include "extract/sax.h"
#include "extract/xstring.h"

#include <stdlib.h>
#include <string.h>

enum { BID_SHEET = 90, SHEET_VALUE_MAX = 64, SHEET_ASIDE_MAX = 1 << 20 };

enum sheet_cell { /* what the value of a cell means */
                  SHEET_NUMBER,
                  SHEET_SHARED,
                  SHEET_STRING /* inline, a formula's result, an error */
};

struct sheet {
    const struct sp_book *book; /* NULL: a part without its package */
    struct sp_flow *flow;
    struct sp_grid grid;
    enum sheet_cell cell;
    uint64_t style;
    bool in_data, in_value, in_inline, in_formula;
    bool in_phonetic; /* how an inline string is spoken */
    bool in_header;   /* or footer: its text has codes */
    bool lost;        /* a string that is not there was wanted */
    bool overfull;    /* formulas of one row had more text than is kept */
    int code;         /* of a header: the & that was met, or what it began; 0: none */
    unsigned colours; /* digits of a colour that are still to come */
    uint64_t value_off;
    size_t value_len;
    char value[SHEET_VALUE_MAX + 1];
    struct sp_buf aside; /* text outside the cells, a line each */
};

int sp_sheet_bid(const struct sp_glance *at)
{
    char root[16];
    return sp_office_root(at->sample, root, sizeof root) && strcmp(root, "worksheet") == 0
               ? BID_SHEET
               : 0;
}

int sp_strings_bid(const struct sp_glance *at)
{
    char root[16];
    return sp_office_root(at->sample, root, sizeof root) && strcmp(root, "sst") == 0 ? BID_SHEET
                                                                                     : 0;
}

/* ---- a value --------------------------------------------------------------------------------- */
static struct sp_slice sheet_shared(struct sheet *sheet)
{
    bool known = false;
    struct sp_slice text = {NULL, 0};
    char *end = NULL;
    uint64_t index = strtoull(sheet->value, &end, 10);
    if (sheet->book != NULL && end != sheet->value)
        text = sp_book_string(sheet->book, index, &known);
    sheet->lost |= !known;
    return text;
}

/* As it stands, but for a date, and for a whole number with an exponent. */
static struct sp_slice sheet_number(struct sheet *sheet, char room[SHEET_VALUE_MAX])
{
    char *end = NULL;
    double number = strtod(sheet->value, &end);
    bool is_number = end != sheet->value && *end == '\0';
    bool is_date = sheet->book != NULL && sp_book_is_date(sheet->book, sheet->style);
    if (is_number && (is_date || strpbrk(sheet->value, "eE.") != NULL))
        return sp_book_number(sheet->book, number, sheet->style, room);
    return (struct sp_slice){(const uint8_t *)sheet->value, sheet->value_len};
}

static enum sp_err sheet_value_end(struct sheet *sheet, struct sp_why *why)
{
    char room[SHEET_VALUE_MAX];
    struct sp_slice text;
    if (sheet->value_len == 0)
        return SP_OK;
    sheet->value[sheet->value_len] = '\0';
    if (sheet->cell == SHEET_SHARED)
        text = sheet_shared(sheet);
    else
        text = sheet_number(sheet, room);
    sheet->value_len = 0;
    return sp_grid_text(&sheet->grid, text, sheet->cell == SHEET_SHARED, sheet->value_off, why);
}

/* ---- elements -------------------------------------------------------------------------------- */
static enum sp_err sheet_cell_begin(struct sheet *sheet, const char *const *attrs,
                                    struct sp_why *why)
{
    const char *address = sp_sax_attr(attrs, "r");
    const char *type = sp_sax_attr(attrs, "t");
    const char *style = sp_sax_attr(attrs, "s");
    uint32_t column = 0;
    uint64_t row = 0;
    if (address != NULL)
        sp_grid_address(address, &column, &row);
    sheet->cell = SHEET_NUMBER;
    if (type != NULL && strcmp(type, "s") == 0)
        sheet->cell = SHEET_SHARED;
    else if (type != NULL && strcmp(type, "n") != 0)
        sheet->cell = SHEET_STRING;
    sheet->style = style == NULL ? UINT64_MAX : strtoull(style, NULL, 10);
    sheet->value_len = 0;
    return sp_grid_cell(&sheet->grid, column, why);
}

static enum sp_err sheet_aside_out(struct sheet *sheet, struct sp_why *why)
{
    const struct sp_record record = {.kind = SP_RECORD_DOCUMENT,
                                     .ordinal = ++sheet->grid.ordinal,
                                     .line = 1,
                                     .date_s = INT64_MIN};
    bool any = false;
    for (size_t i = 0; i < sheet->aside.len && !any; i++)
        any = strchr(" \t\r\n", sheet->aside.data[i]) == NULL;
    if (!any) {
        sp_buf_reset(&sheet->aside);
        return SP_OK;
    }
    sp_flow_keys(sheet->flow, NULL, 0);
    sp_flow_begin(sheet->flow, &record);
    enum sp_err err = sp_flow_text(sheet->flow, sp_buf_slice(&sheet->aside), SP_SIZE_UNKNOWN, why);
    sp_buf_reset(&sheet->aside);
    return err == SP_OK ? sp_flow_end(sheet->flow, why) : err;
}

static enum sp_err sheet_aside(struct sheet *sheet, struct sp_slice text, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (text.len > SHEET_ASIDE_MAX - sheet->aside.len && !sheet->grid.in_row)
        err = sheet_aside_out(sheet, why);
    sheet->overfull = sheet->overfull || text.len > SHEET_ASIDE_MAX - sheet->aside.len;
    if (err != SP_OK || text.len > SHEET_ASIDE_MAX - sheet->aside.len)
        return err;
    return sp_buf_append(&sheet->aside, text.ptr, text.len, why);
}

static enum sp_err sheet_aside_line(struct sheet *sheet, const char *text, struct sp_why *why)
{
    enum sp_err err = sheet_aside(sheet, sp_slice_of(text), why);
    return err == SP_OK ? sheet_aside(sheet, sp_slice_of("\n"), why) : err;
}

static bool sheet_is_header(const char *name)
{
    size_t len = strlen(name);
    return len > 6 &&
           (strcmp(name + len - 6, "Header") == 0 || strcmp(name + len - 6, "Footer") == 0);
}

/* One byte of a code of a header: &L, &"Arial,Bold", &10, &KFF0000 (ECMA-376-1, 18.3.1.46). True
 * when it belongs to the code. */
static bool sheet_code(struct sheet *sheet, uint8_t c)
{
    bool digit = c >= '0' && c <= '9';
    switch (sheet->code) {
    case '&':
        sheet->code = c == '"' || c == 'K' ? c : digit ? '0' : 0;
        sheet->colours = 6;
        return true;
    case '"':
        sheet->code = c == '"' ? 0 : '"';
        return true;
    case '0':
        sheet->code = digit ? '0' : 0;
        return digit;
    default: /* K */
        sheet->code = --sheet->colours > 0 ? 'K' : 0;
        return true;
    }
}

/* A code ends the text before it. */
static enum sp_err sheet_header(struct sheet *sheet, struct sp_slice utf8, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < utf8.len && err == SP_OK; i++) {
        if (sheet->code != 0 && sheet_code(sheet, utf8.ptr[i]))
            continue;
        if (sheet->code == 0 && utf8.ptr[i] == '&') {
            sheet->code = '&';
            err = sheet_aside(sheet, sp_slice_of("\n"), why);
            continue;
        }
        err = sheet_aside(sheet, (struct sp_slice){utf8.ptr + i, 1}, why);
    }
    return err;
}

static enum sp_err sheet_begin(void *ctx, const char *name, const char *const *attrs, uint64_t off,
                               struct sp_why *why)
{
    struct sheet *sheet = ctx;
    (void)off;
    if (strcmp(name, "sheetData") == 0) {
        sheet->in_data = true;
    } else if (sheet->in_data && strcmp(name, "row") == 0) {
        const char *number = sp_sax_attr(attrs, "r");
        return sp_grid_row(&sheet->grid, number == NULL ? 0 : strtoull(number, NULL, 10), why);
    } else if (sheet->in_data && strcmp(name, "c") == 0) {
        return sheet_cell_begin(sheet, attrs, why);
    } else if (sheet->in_data && strcmp(name, "v") == 0) {
        sheet->in_value = true;
    } else if (sheet->in_data && strcmp(name, "t") == 0) {
        sheet->in_inline = true;
    } else if (sheet->in_data && strcmp(name, "f") == 0) {
        sheet->in_formula = true;
    } else if (sheet_is_header(name)) {
        sheet->in_header = true;
        sheet->code = 0;
    } else if (strcmp(name, "rPh") == 0) {
        sheet->in_phonetic = true;
        return sheet_aside(sheet, sp_slice_of("\n"), why);
    }
    return SP_OK;
}

static enum sp_err sheet_element(void *ctx, const char *name, const char *const *attrs,
                                 uint64_t off, struct sp_why *why)
{
    struct sheet *sheet = ctx;
    enum sp_err err = sheet_begin(ctx, name, attrs, off, why);
    for (size_t i = 0; err == SP_OK && !sheet->in_data && attrs[i] != NULL; i += 2)
        if (sp_office_attribute_is_text(name, attrs[i], attrs[i + 1]))
            err = sheet_aside_line(sheet, attrs[i + 1], why);
    return err;
}

static enum sp_err sheet_row_end(struct sheet *sheet, struct sp_why *why)
{
    enum sp_err err = sp_grid_row_end(&sheet->grid, why);
    bool full = sheet->aside.len > SHEET_ASIDE_MAX / 2;
    return err == SP_OK && full ? sheet_aside_out(sheet, why) : err;
}

static enum sp_err sheet_end(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    struct sheet *sheet = ctx;
    (void)off;
    if (strcmp(name, "v") == 0) {
        sheet->in_value = false;
        return sheet_value_end(sheet, why);
    }
    if (strcmp(name, "f") == 0) {
        sheet->in_formula = false;
        return sheet->aside.len > 0 ? sheet_aside(sheet, sp_slice_of("\n"), why) : SP_OK;
    }
    sheet->in_header = sheet->in_header && !sheet_is_header(name);
    if (strcmp(name, "rPh") == 0) {
        sheet->in_phonetic = false;
        return sheet_aside(sheet, sp_slice_of("\n"), why);
    }
    if (strcmp(name, "t") == 0)
        sheet->in_inline = false;
    else if (strcmp(name, "sheetData") == 0)
        sheet->in_data = false;
    else if (sheet->in_data && strcmp(name, "row") == 0)
        return sheet_row_end(sheet, why);
    else if (!sheet->in_data && sheet->aside.len > 0 &&
             sheet->aside.data[sheet->aside.len - 1] != '\n')
        return sheet_aside(sheet, sp_slice_of("\n"), why);
    return SP_OK;
}

/* A string in the cell itself, _x0040_ decoded. */
static enum sp_err sheet_string(struct sheet *sheet, struct sp_slice utf8, uint64_t off,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t from = 0;
    for (size_t at = sp_xstring_find(utf8, 0); err == SP_OK && at < utf8.len;) {
        uint8_t code[4];
        unsigned len = 0;
        size_t skip = sp_xstring_escape(utf8, at, code, &len);
        if (skip > 0) {
            err = sp_grid_text(&sheet->grid, (struct sp_slice){utf8.ptr + from, at - from}, true,
                               off + from, why);
            if (err == SP_OK)
                err = sp_grid_text(&sheet->grid, (struct sp_slice){code, len}, true, off + at, why);
            from = at + skip;
        }
        at = sp_xstring_find(utf8, at + (skip > 0 ? skip : 1));
    }
    return err == SP_OK
               ? sp_grid_text(&sheet->grid, (struct sp_slice){utf8.ptr + from, utf8.len - from},
                              true, off + from, why)
               : err;
}

static enum sp_err sheet_text(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    struct sheet *sheet = ctx;
    if (sheet->in_header)
        return sheet_header(sheet, utf8, why);
    if (!sheet->in_data || sheet->in_phonetic)
        return sheet_aside(sheet, utf8, why);
    if (sheet->in_inline || (sheet->in_value && sheet->cell == SHEET_STRING))
        return sheet->grid.in_row ? sheet_string(sheet, utf8, off, why) : SP_OK;
    if (sheet->in_formula) /* ="a"&"b": the words in it; its result stands beside it */
        return sheet_aside(sheet, utf8, why);
    if (!sheet->in_value || !sheet->grid.in_row)
        return SP_OK;
    if (sheet->value_len == 0)
        sheet->value_off = off;
    size_t room = SHEET_VALUE_MAX - sheet->value_len;
    size_t len = utf8.len < room ? utf8.len : room;
    memcpy(sheet->value + sheet->value_len, utf8.ptr, len);
    sheet->value_len += len;
    return SP_OK;
}

static const struct sp_sax_ops sheet_ops = {sheet_element, sheet_end, sheet_text};

/* ---- the whole ------------------------------------------------------------------------------- */
static enum sp_err sheet_report(struct sp_extract *x, const struct sheet *sheet, struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    if (sheet->lost) {
        sp_unread_init(&unread, SP_REASON_CORRUPT);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail,
                       "cells whose shared strings are not there");
        err = sp_extract_unread(x, &unread, why);
    }
    if (err == SP_OK && sheet->overfull) {
        sp_unread_init(&unread, SP_REASON_LIMIT_MEMORY);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "a row with too long formulas");
        err = sp_extract_unread(x, &unread, why);
    }
    return err;
}

enum sp_err sp_sheet_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sheet sheet = {.book = x->book};
    enum sp_err err = sp_flow_new(x->sink, &sheet.flow, why);
    if (err != SP_OK)
        return err;
    sp_grid_init(&sheet.grid, sheet.flow);
    sp_buf_init(&sheet.aside, SHEET_ASIDE_MAX);
    sp_grid_sheet(&sheet.grid, x->book == NULL ? (struct sp_slice){NULL, 0}
                                               : sp_book_sheet(x->book, x->info->name));
    err = sp_sax_read(x->stream, &sheet_ops, &sheet, NULL, why);
    struct sp_why ignored = {""};
    struct sp_why *told = err == SP_OK ? why : &ignored;
    enum sp_err ended = sp_grid_row_end(&sheet.grid, told);
    if (ended == SP_OK)
        ended = sheet_aside_out(&sheet, told);
    if (ended == SP_OK && err == SP_OK)
        ended = sheet_report(x, &sheet, told);
    x->done->encoding = "utf-8";
    x->done->record_count = sp_flow_records(sheet.flow);
    sp_grid_clear(&sheet.grid);
    sp_buf_wipe(&sheet.aside);
    sp_flow_free(sheet.flow);
    return err != SP_OK ? err : ended;
}

/* ---- shared strings as a part ---------------------------------------------------------------- */
static enum sp_err strings_nothing(void *ctx, const char *name, const char *const *attrs,
                                   uint64_t off, struct sp_why *why)
{
    (void)ctx, (void)name, (void)attrs, (void)off, (void)why;
    return SP_OK;
}

static enum sp_err strings_line(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    return ctx != NULL && strcmp(name, "si") == 0 ? sp_flow_break(ctx, '\n', off, why) : SP_OK;
}

static enum sp_err strings_run(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    return ctx == NULL ? SP_OK : sp_flow_text(ctx, utf8, off, why);
}

/* In a package whose sheets can look them up only the form is checked here: what no sheet shows,
 * the package tells. */
enum sp_err sp_strings_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_sax_ops ops = {strings_nothing, strings_line, strings_run};
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    struct sp_flow *flow = NULL;
    if (x->book != NULL && !sp_book_is_cut(x->book))
        return sp_sax_read(x->stream, &ops, NULL, NULL, why);
    enum sp_err err = sp_flow_new(x->sink, &flow, why);
    if (err != SP_OK)
        return err;
    sp_flow_begin(flow, &record);
    err = sp_sax_read(x->stream, &ops, flow, NULL, why);
    struct sp_why ignored = {""};
    enum sp_err ended = sp_flow_end(flow, err == SP_OK ? why : &ignored);
    x->done->record_count = sp_flow_records(flow);
    sp_flow_free(flow);
    return err != SP_OK ? err : ended;
}
