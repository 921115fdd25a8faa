#include "base/utf8.h"
#include "extract/book.h"
#include "extract/grid.h"
#include "extract/ole.h"
#include "extract/run.h"

#include <string.h>

enum { /* records */
       XLS_FORMULA = 0x0006,
       XLS_EOF = 0x000A,
       XLS_HEADER = 0x0014,
       XLS_FOOTER = 0x0015,
       XLS_NOTE = 0x001C,
       XLS_DATEMODE = 0x0022,
       XLS_FILEPASS = 0x002F,
       XLS_CONTINUE = 0x003C,
       XLS_BOUNDSHEET = 0x0085,
       XLS_MULRK = 0x00BD,
       XLS_RSTRING = 0x00D6,
       XLS_XF = 0x00E0,
       XLS_SST = 0x00FC,
       XLS_LABELSST = 0x00FD,
       XLS_TXO = 0x01B6,
       XLS_HLINK = 0x01B8,
       XLS_NUMBER = 0x0203,
       XLS_LABEL = 0x0204,
       XLS_STRING = 0x0207,
       XLS_RK = 0x027E,
       XLS_FORMAT = 0x041E,
       XLS_BOF = 0x0809
};
enum {
    XLS_BIFF8 = 0x0600,
    XLS_CELL = 6, /* bytes of row, column and style before a cell's value */
    XLS_TEXT_MAX = 1 << 20,
    XLS_ASIDE_MAX = 4 << 20,
    XLS_SHEETS_MAX = 4096,
    XLS_NAME_MAX = 256
};

struct xls_sheet {
    uint32_t at; /* where its BOF stands */
    char name[XLS_NAME_MAX];
};

struct xls {
    struct sp_extract *x;
    struct sp_slice all;
    size_t at; /* of the next record */
    unsigned type;
    struct sp_slice body; /* of the record at hand */
    struct sp_book *book;
    struct sp_grid grid;
    struct sp_flow *flow;
    struct sp_buf text;   /* UTF-8 of a string */
    struct sp_buf aside;  /* text outside the cells */
    struct sp_buf sheets; /* struct xls_sheet[] */
    struct sp_buf links;  /* raw */
    bool overfull;        /* more of these than is kept */
    unsigned depth;       /* substreams within substreams: charts */
    bool in_sheet;
    bool encrypted, old, damaged, lost;
    bool text_follows; /* the next CONTINUE is of a text box */
};

/* ---- records --------------------------------------------------------------------------------- */
static bool xls_next(struct xls *xls)
{
    if (xls->at + 4 > xls->all.len)
        return false;
    const uint8_t *head = xls->all.ptr + xls->at;
    size_t len = sp_le16(head + 2);
    size_t rest = xls->all.len - xls->at - 4;
    xls->type = sp_le16(head);
    xls->damaged |= len > rest;
    xls->body = (struct sp_slice){head + 4, len < rest ? len : rest};
    xls->at += 4 + xls->body.len;
    return true;
}

/* ---- strings, which go on in CONTINUE records -------------------------------------------------
 */
static bool string_more(struct xls *xls)
{
    if (xls->at + 4 > xls->all.len || sp_le16(xls->all.ptr + xls->at) != XLS_CONTINUE)
        return false;
    return xls_next(xls);
}

static bool string_bytes(struct xls *xls, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (xls->body.len == 0)
            if (!string_more(xls))
                return false;
        out[i] = *xls->body.ptr++;
        xls->body.len--;
    }
    return true;
}

static void string_put(struct xls *xls, uint32_t code, uint32_t *high)
{
    uint8_t utf8[4];
    if (code >= 0xD800 && code < 0xDC00) {
        *high = code;
        return;
    }
    if (code >= 0xDC00 && code < 0xE000) {
        if (*high == 0)
            return;
        code = 0x10000 + ((*high - 0xD800) << 10) + (code - 0xDC00);
    }
    *high = 0;
    if (code != 0)
        (void)sp_buf_append(&xls->text, utf8, sp_utf8_encode(code, utf8), NULL);
}

/* Characters from where the body stands; a CONTINUE tells their width anew. */
static bool string_chars(struct xls *xls, size_t count, bool wide)
{
    uint32_t high = 0;
    for (size_t i = 0; i < count; i++) {
        if (xls->body.len < (wide ? 2U : 1U)) {
            uint8_t flags;
            if (xls->body.len != 0 || !string_more(xls) || !string_bytes(xls, &flags, 1))
                return false;
            wide = (flags & 1) != 0;
            if (xls->body.len < (wide ? 2U : 1U))
                return false;
        }
        string_put(xls, wide ? sp_le16(xls->body.ptr) : xls->body.ptr[0], &high);
        xls->body.ptr += wide ? 2 : 1;
        xls->body.len -= wide ? 2 : 1;
    }
    return true;
}

/* A string with its length in one or two bytes; with `rich` runs and phonetics may follow it. */
static bool string_read(struct xls *xls, unsigned length_bytes, bool rich)
{
    uint8_t head[2] = {0};
    uint8_t flags = 0;
    uint8_t runs[2] = {0};
    uint8_t extra[4] = {0};
    sp_buf_reset(&xls->text);
    if (!string_bytes(xls, head, length_bytes) || !string_bytes(xls, &flags, 1))
        return false;
    if (rich && (flags & 8) != 0 && !string_bytes(xls, runs, 2))
        return false;
    if (rich && (flags & 4) != 0 && !string_bytes(xls, extra, 4))
        return false;
    if (!string_chars(xls, length_bytes == 1 ? head[0] : sp_le16(head), (flags & 1) != 0))
        return false;
    uint64_t left = (uint64_t)sp_le16(runs) * 4 + sp_le32(extra);
    for (; left > 0; left--)
        if (!string_bytes(xls, head, 1))
            return false;
    return true;
}

static enum sp_err xls_strings(struct xls *xls, struct sp_why *why)
{
    uint32_t count = xls->body.len < 8 ? 0 : sp_le32(xls->body.ptr + 4);
    enum sp_err err = SP_OK;
    if (xls->body.len >= 8) {
        xls->body.ptr += 8;
        xls->body.len -= 8;
    }
    for (uint32_t i = 0; i < count && err == SP_OK; i++) {
        if (!string_read(xls, 2, true)) {
            xls->damaged = true;
            break;
        }
        err = sp_book_add_string(xls->book, sp_buf_slice(&xls->text), why);
    }
    return err;
}

/* ---- cells ----------------------------------------------------------------------------------- */
static enum sp_err cell_begin(struct xls *xls, unsigned row, unsigned column, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (!xls->grid.in_row || xls->grid.row != (uint64_t)row + 1)
        err = sp_grid_row(&xls->grid, (uint64_t)row + 1, why);
    return err == SP_OK ? sp_grid_cell(&xls->grid, column + 1, why) : err;
}

static enum sp_err cell_text(struct xls *xls, struct sp_slice text, bool is_label,
                             struct sp_why *why)
{
    return sp_grid_text(&xls->grid, text, is_label, SP_SIZE_UNKNOWN, why);
}

static enum sp_err cell_number(struct xls *xls, unsigned row, unsigned column, unsigned style,
                               double number, struct sp_why *why)
{
    char room[64];
    enum sp_err err = cell_begin(xls, row, column, why);
    return err == SP_OK ? cell_text(xls, sp_book_number(xls->book, number, style, room), false, why)
                        : err;
}

static double xls_double(const uint8_t *at)
{
    uint64_t bits = sp_le64(at);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* 30 bits of a whole number or of a double; perhaps in hundredths. */
static double xls_rk(uint32_t rk)
{
    uint64_t bits = (uint64_t)(rk & 0xFFFFFFFC) << 32;
    double number;
    if ((rk & 2) != 0)
        number = (double)((int32_t)rk >> 2);
    else
        memcpy(&number, &bits, sizeof number);
    return (rk & 1) != 0 ? number / 100 : number;
}

static enum sp_err cell_shared(struct xls *xls, struct sp_why *why)
{
    const uint8_t *at = xls->body.ptr;
    bool known = false;
    struct sp_slice text = sp_book_string(xls->book, sp_le32(at + XLS_CELL), &known);
    xls->lost |= !known;
    enum sp_err err = cell_begin(xls, sp_le16(at), sp_le16(at + 2), why);
    return err == SP_OK && known ? cell_text(xls, text, true, why) : err;
}

static enum sp_err cell_label(struct xls *xls, struct sp_why *why)
{
    const uint8_t *at = xls->body.ptr;
    enum sp_err err = cell_begin(xls, sp_le16(at), sp_le16(at + 2), why);
    xls->body.ptr += XLS_CELL;
    xls->body.len -= XLS_CELL;
    if (err != SP_OK || !string_read(xls, 2, false))
        return err;
    return cell_text(xls, sp_buf_slice(&xls->text), true, why);
}

static enum sp_err cell_mulrk(struct xls *xls, struct sp_why *why)
{
    const uint8_t *at = xls->body.ptr;
    size_t count = (xls->body.len - XLS_CELL) / 6;
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < count && err == SP_OK; i++)
        err = cell_number(xls, sp_le16(at), sp_le16(at + 2) + (unsigned)i, sp_le16(at + 4 + 6 * i),
                          xls_rk(sp_le32(at + 6 + 6 * i)), why);
    return err;
}

/* The result of a formula: a number here, or a string in the record that follows. */
static enum sp_err cell_formula(struct xls *xls, struct sp_why *why)
{
    const uint8_t *at = xls->body.ptr;
    if (sp_le16(at + XLS_CELL + 6) == 0xFFFF)
        return cell_begin(xls, sp_le16(at), sp_le16(at + 2), why);
    return cell_number(xls, sp_le16(at), sp_le16(at + 2), sp_le16(at + 4),
                       xls_double(at + XLS_CELL), why);
}

static enum sp_err xls_cell(struct xls *xls, struct sp_why *why)
{
    const uint8_t *at = xls->body.ptr;
    size_t wants = xls->type == XLS_NUMBER || xls->type == XLS_FORMULA ? XLS_CELL + 8
                   : xls->type == XLS_STRING                           ? 3
                                                                       : XLS_CELL + 3;
    if (xls->body.len < wants) {
        xls->damaged = true;
        return SP_OK;
    }
    switch (xls->type) {
    case XLS_LABELSST:
        return xls->body.len < XLS_CELL + 4 ? SP_OK : cell_shared(xls, why);
    case XLS_LABEL:
    case XLS_RSTRING:
        return cell_label(xls, why);
    case XLS_NUMBER:
        return cell_number(xls, sp_le16(at), sp_le16(at + 2), sp_le16(at + 4),
                           xls_double(at + XLS_CELL), why);
    case XLS_RK:
        return xls->body.len < XLS_CELL + 4
                   ? SP_OK
                   : cell_number(xls, sp_le16(at), sp_le16(at + 2), sp_le16(at + 4),
                                 xls_rk(sp_le32(at + XLS_CELL)), why);
    case XLS_MULRK:
        return cell_mulrk(xls, why);
    case XLS_FORMULA:
        return cell_formula(xls, why);
    default: /* XLS_STRING */
        if (!xls->grid.in_row || !string_read(xls, 2, false))
            return SP_OK;
        return cell_text(xls, sp_buf_slice(&xls->text), true, why);
    }
}

/* ---- what stands outside the cells ----------------------------------------------------------- */
static void xls_aside(struct xls *xls)
{
    xls->overfull = xls->overfull ||
                    sp_buf_append(&xls->aside, xls->text.data, xls->text.len, NULL) != SP_OK ||
                    sp_buf_append_byte(&xls->aside, '\n', NULL) != SP_OK;
}

static void xls_note_text(struct xls *xls)
{
    switch (xls->type) {
    case XLS_TXO:
        xls->text_follows = true;
        return;
    case XLS_CONTINUE: /* of a text box: flags, then characters to its end */
        if (!xls->text_follows || xls->body.len < 2)
            return;
        xls->text_follows = false;
        sp_buf_reset(&xls->text);
        bool wide = (xls->body.ptr[0] & 1) != 0;
        xls->body.ptr++;
        xls->body.len--;
        (void)string_chars(xls, xls->body.len / (wide ? 2 : 1), wide);
        xls_aside(xls);
        return;
    case XLS_HEADER:
    case XLS_FOOTER:
        if (xls->body.len > 3 && string_read(xls, 2, false))
            xls_aside(xls);
        return;
    case XLS_NOTE: /* its author, behind row, column, flags and object */
        if (xls->body.len <= 8)
            return;
        xls->body.ptr += 8;
        xls->body.len -= 8;
        if (string_read(xls, 2, false))
            xls_aside(xls);
        return;
    default: /* a link */
        xls->overfull = xls->overfull ||
                        sp_buf_append(&xls->links, xls->body.ptr, xls->body.len, NULL) != SP_OK;
    }
}

/* ---- the workbook ---------------------------------------------------------------------------- */
static enum sp_err xls_boundsheet(struct xls *xls, struct sp_why *why)
{
    struct xls_sheet sheet = {0};
    if (xls->body.len < 8 || xls->sheets.len / sizeof sheet >= XLS_SHEETS_MAX)
        return SP_OK;
    sheet.at = sp_le32(xls->body.ptr);
    xls->body.ptr += 6;
    xls->body.len -= 6;
    if (string_read(xls, 1, false))
        (void)snprintf(sheet.name, sizeof sheet.name, "%.*s", (int)xls->text.len,
                       (const char *)xls->text.data);
    return sp_buf_append(&xls->sheets, &sheet, sizeof sheet, why);
}

static enum sp_err xls_format(struct xls *xls, struct sp_why *why)
{
    if (xls->body.len < 5)
        return SP_OK;
    uint32_t number = sp_le16(xls->body.ptr);
    xls->body.ptr += 2;
    xls->body.len -= 2;
    if (!string_read(xls, 2, false) || sp_buf_append_byte(&xls->text, 0, NULL) != SP_OK)
        return SP_OK;
    return sp_book_add_format(xls->book, number, (const char *)xls->text.data, why);
}

static enum sp_err xls_bof(struct xls *xls, size_t at, struct sp_why *why)
{
    if (xls->body.len < 4 || sp_le16(xls->body.ptr) != XLS_BIFF8) {
        xls->old = true;
        return SP_OK;
    }
    if (xls->depth++ > 0)
        return SP_OK; /* a chart in a sheet */
    enum sp_err err = sp_grid_row_end(&xls->grid, why);
    const struct xls_sheet *sheets = (const struct xls_sheet *)(const void *)xls->sheets.data;
    for (size_t i = 0; i < xls->sheets.len / sizeof *sheets && err == SP_OK; i++)
        if (sheets[i].at == at)
            sp_grid_sheet(&xls->grid, sp_slice_of(sheets[i].name));
    return err;
}

static enum sp_err xls_record(struct xls *xls, size_t at, struct sp_why *why)
{
    switch (xls->type) {
    case XLS_BOF:
        return xls_bof(xls, at, why);
    case XLS_EOF:
        xls->depth -= xls->depth > 0;
        return xls->depth == 0 ? sp_grid_row_end(&xls->grid, why) : SP_OK;
    case XLS_FILEPASS:
        xls->encrypted = true;
        return SP_OK;
    case XLS_DATEMODE:
        if (xls->body.len >= 2 && sp_le16(xls->body.ptr) == 1)
            sp_book_set_1904(xls->book);
        return SP_OK;
    case XLS_BOUNDSHEET:
        return xls_boundsheet(xls, why);
    case XLS_FORMAT:
        return xls_format(xls, why);
    case XLS_XF:
        return xls->body.len < 4 ? SP_OK
                                 : sp_book_add_style(xls->book, sp_le16(xls->body.ptr + 2), why);
    case XLS_SST:
        return xls_strings(xls, why);
    case XLS_LABELSST:
    case XLS_LABEL:
    case XLS_RSTRING:
    case XLS_NUMBER:
    case XLS_RK:
    case XLS_MULRK:
    case XLS_FORMULA:
    case XLS_STRING:
        return xls_cell(xls, why);
    case XLS_TXO:
    case XLS_CONTINUE:
    case XLS_HEADER:
    case XLS_FOOTER:
    case XLS_NOTE:
    case XLS_HLINK:
        xls_note_text(xls);
        return SP_OK;
    default:
        return SP_OK;
    }
}

static enum sp_err xls_records(struct xls *xls, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && !xls->encrypted && !xls->old) {
        size_t at = xls->at;
        if (!xls_next(xls))
            break;
        err = xls_record(xls, at, why);
    }
    return err == SP_OK ? sp_grid_row_end(&xls->grid, why) : err;
}

/* Text outside the cells, and strings that no cell shows. */
static enum sp_err xls_rest(struct xls *xls, struct sp_why *why)
{
    const struct sp_record record = {.kind = SP_RECORD_DOCUMENT,
                                     .ordinal = xls->grid.ordinal + 1,
                                     .line = 1,
                                     .date_s = INT64_MIN};
    struct sp_slice text;
    uint64_t index = 0;
    enum sp_err err = SP_OK;
    bool any = xls->aside.len > 0 || sp_book_unshown(xls->book, &index, &text);
    sp_flow_keys(xls->flow, NULL, 0);
    if (any)
        sp_flow_begin(xls->flow, &record);
    if (xls->aside.len > 0)
        err = sp_flow_text(xls->flow, sp_buf_slice(&xls->aside), SP_SIZE_UNKNOWN, why);
    while (err == SP_OK && sp_book_unshown(xls->book, &index, &text)) {
        err = sp_flow_text(xls->flow, text, SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_break(xls->flow, '\n', SP_SIZE_UNKNOWN, why);
    }
    if (err == SP_OK && any)
        err = sp_flow_end(xls->flow, why);
    return err == SP_OK ? sp_ole_raw(xls->x, sp_buf_slice(&xls->links), why) : err;
}

static enum sp_err xls_report(struct xls *xls, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (xls->encrypted)
        return sp_ole_unread(xls->x, SP_REASON_ENCRYPTED, "a workbook with a password", why);
    if (xls->old)
        err = sp_ole_unread(xls->x, SP_REASON_UNSUPPORTED, "Excel 95 or older: readable runs only",
                            why);
    else if (xls->damaged || xls->lost)
        err = sp_ole_unread(xls->x, SP_REASON_CORRUPT, "a workbook that is damaged", why);
    else if (xls->overfull)
        err = sp_ole_unread(xls->x, SP_REASON_LIMIT_MEMORY, "more notes and links than are kept",
                            why);
    else
        return SP_OK;
    return err == SP_OK ? sp_ole_raw(xls->x, xls->all, why) : err;
}

static enum sp_err xls_read(struct xls *xls, struct sp_why *why)
{
    enum sp_err err = sp_book_new(&xls->book, why);
    sp_grid_init(&xls->grid, xls->flow);
    sp_buf_init(&xls->text, XLS_TEXT_MAX);
    sp_buf_init(&xls->aside, XLS_ASIDE_MAX);
    sp_buf_init(&xls->links, XLS_ASIDE_MAX);
    sp_buf_init(&xls->sheets, XLS_SHEETS_MAX * sizeof(struct xls_sheet));
    if (err == SP_OK)
        err = xls_records(xls, why);
    if (err == SP_OK && !xls->encrypted)
        err = xls_rest(xls, why);
    if (err == SP_OK)
        err = xls_report(xls, why);
    sp_grid_clear(&xls->grid);
    sp_buf_wipe(&xls->text);
    sp_buf_wipe(&xls->aside);
    sp_buf_wipe(&xls->links);
    sp_buf_clear(&xls->sheets);
    sp_book_free(xls->book);
    return err;
}

enum sp_err sp_ole_excel(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                         struct sp_why *why)
{
    struct xls xls = {.x = x, .flow = flow};
    struct sp_buf bytes;
    size_t max = (size_t)x->limits->spool_max_bytes;
    sp_buf_init(&bytes, max + 1);
    bool good =
        sp_ole_stream(ole, "Workbook", max, &bytes) || sp_ole_stream(ole, "Book", max, &bytes);
    xls.all = sp_buf_slice(&bytes);
    enum sp_err err = good
                          ? xls_read(&xls, why)
                          : sp_ole_unread(x, SP_REASON_CORRUPT, "the workbook cannot be read", why);
    sp_buf_wipe(&bytes);
    return err;
}
