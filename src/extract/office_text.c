/* Parts of office documents that hold text: runs of a paragraph are joined, since a value may be
 * split over two of them. In tables of OpenDocument spreadsheets a row is a record.
 * Sources: ECMA-376 part 1, 17.3 (runs), 21.1.2 (text of drawings); OpenDocument 1.3 part 3, 5.1
 * (paragraphs), 9 (tables). */
#include "base/buf.h"
#include "base/utf8.h"
#include "extract/changes.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/grid.h"
#include "extract/number.h"
#include "extract/office_attributes.h"
#include "extract/office_rules.h"
#include "extract/sax.h"
#include "extract/tracked.h"

#include <stdlib.h>
#include <string.h>

enum {
    BID_OFFICE_TEXT = 90,
    TEXT_ASIDE_MAX = 1 << 20,
    TEXT_REPEAT_MAX = 1000,
    NUMBER_MIN = 6 /* digits of a number that may be an identifier */
};

static const char *const text_roots[] = {"document",
                                         "hdr",
                                         "ftr",
                                         "footnotes",
                                         "endnotes",
                                         "comments",
                                         "glossaryDocument",
                                         "sld",
                                         "notes",
                                         "notesMaster",
                                         "sldLayout",
                                         "sldMaster",
                                         "handoutMaster",
                                         "cmLst",
                                         "chartSpace",
                                         "package", /* all parts in one (flat OPC), as Word saves */
                                         "wsDr",
                                         "threadedComments",
                                         "ThreadedComments",
                                         "personList",
                                         "document-content",
                                         "document-styles",
                                         "document-meta",
                                         "wordDocument",
                                         "drawing",
                                         "dataModel",
                                         "data",
                                         NULL};

struct text {
    struct sp_flow *flow;
    struct sp_grid grid;
    bool is_odf;
    bool had_sheets;
    bool in_sheets; /* office:spreadsheet: rows are records */
    bool in_flow;   /* a record of flowing text is open */
    bool in_row;    /* of a sheet */
    unsigned skipped, runs, paragraphs, cells;
    unsigned deleted, inserted; /* open elements of changes */
    unsigned properties, former;
    bool hidden;         /* the run at hand */
    enum sp_change mark; /* of the end of the paragraph at hand; SP_CHANGE_NONE: it just ends */
    bool goes_on;        /* such an end was met: readings have another end than the text */
    unsigned asides;     /* open ones that began in a paragraph, one in the other */
    bool text_since;     /* the paragraph went on since the last aside */
    unsigned cell_paragraphs; /* that ended in the cell at hand, which is of flowing text */
    uint32_t repeat;          /* of the cell at hand */
    uint64_t row_repeat;
    bool cell_has_text;
    char number[SP_NUMBER_MAX]; /* of the cell at hand, if it is a whole one of many digits */
    char shown[SP_NUMBER_MAX];  /* digits of what that cell shows */
    size_t shown_len;
    struct sp_changes changes;  /* of the paragraph at hand */
    struct sp_tracked *tracked; /* of a text document of OpenDocument */
    struct sp_buf outside;      /* text of a spreadsheet that is in no row */
    struct sp_buf sheet;        /* its name */
    struct sp_buf aside;        /* of attributes and asides, until the paragraph ends */
};

int sp_office_text_bid(const struct sp_glance *at)
{
    char root[32];
    if (!sp_office_root(at->sample, root, sizeof root))
        return 0;
    for (size_t i = 0; text_roots[i] != NULL; i++)
        if (strcmp(root, text_roots[i]) == 0)
            return BID_OFFICE_TEXT;
    return 0;
}

/* ---- flowing text ---------------------------------------------------------------------------- */
static void flow_open(struct text *text)
{
    const struct sp_record record = {.kind = SP_RECORD_DOCUMENT,
                                     .ordinal = ++text->grid.ordinal,
                                     .line = 1,
                                     .date_s = INT64_MIN};
    if (text->in_flow)
        return;
    sp_flow_keys(text->flow, NULL, 0);
    sp_flow_begin(text->flow, &record);
    text->in_flow = true;
}

static enum sp_err flow_close(struct text *text, struct sp_why *why)
{
    if (!text->in_flow)
        return SP_OK;
    text->in_flow = false;
    return sp_flow_end(text->flow, why);
}

/* Of a spreadsheet, in no row: lines of a record of their own. */
static enum sp_err text_outside_out(struct text *text, struct sp_why *why)
{
    const struct sp_record record = {.kind = SP_RECORD_DOCUMENT,
                                     .ordinal = text->grid.ordinal + 1,
                                     .line = 1,
                                     .date_s = INT64_MIN};
    enum sp_err err = SP_OK;
    if (text->outside.len == 0 || text->grid.in_row)
        return SP_OK;
    text->grid.ordinal++;
    sp_flow_keys(text->flow, NULL, 0);
    sp_flow_begin(text->flow, &record);
    err = sp_flow_text(text->flow, sp_buf_slice(&text->outside), SP_SIZE_UNKNOWN, why);
    sp_buf_reset(&text->outside);
    return err == SP_OK ? sp_flow_end(text->flow, why) : err;
}

static enum sp_err text_outside(struct text *text, struct sp_slice utf8, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (utf8.len > TEXT_ASIDE_MAX - text->outside.len)
        err = text_outside_out(text, why);
    if (err != SP_OK || utf8.len > TEXT_ASIDE_MAX - text->outside.len)
        return err;
    return sp_buf_append(&text->outside, utf8.ptr, utf8.len, why);
}

/* Digits of what a cell shows, to see whether that is its number. */
static void text_shown(struct text *text, struct sp_slice utf8)
{
    for (size_t i = 0; text->number[0] != '\0' && i < utf8.len; i++)
        if (utf8.ptr[i] >= '0' && utf8.ptr[i] <= '9' && text->shown_len < sizeof text->shown - 1)
            text->shown[text->shown_len++] = (char)utf8.ptr[i];
}

/* Into the cell or the flow at hand. */
static enum sp_err text_direct(struct text *text, struct sp_slice utf8, uint64_t off,
                               struct sp_why *why)
{
    text->text_since = true;
    if (text->in_sheets && (!text->in_row || text->grid.column == 0))
        return text_outside(text, utf8, why);
    if (text->in_sheets) {
        text->cell_has_text = true;
        text_shown(text, utf8);
        return sp_grid_text(&text->grid, utf8, true, off, why);
    }
    flow_open(text);
    return sp_flow_text(text->flow, utf8, off, why);
}

static enum sp_err text_direct_break(struct text *text, char c, uint64_t off, struct sp_why *why)
{
    const uint8_t byte = (uint8_t)c;
    if (text->in_sheets && (!text->in_row || text->grid.column == 0))
        return text->outside.len > 0 ? text_outside(text, (struct sp_slice){&byte, 1}, why) : SP_OK;
    if (text->in_sheets)
        return text->cell_has_text ? text_direct(text, (struct sp_slice){&byte, 1}, off, why)
                                   : SP_OK;
    return text->in_flow ? sp_flow_break(text->flow, c, off, why) : SP_OK;
}

static enum sp_err text_aside_out(struct text *text, uint64_t off, struct sp_why *why)
{
    if (text->aside.len == 0)
        return SP_OK;
    enum sp_err err = text_direct_break(text, '\n', off, why);
    if (err == SP_OK)
        err = text_direct(text, sp_buf_slice(&text->aside), off, why);
    if (err == SP_OK)
        err = text_direct_break(text, '\n', off, why);
    sp_buf_reset(&text->aside);
    return err;
}

/* Kept until the paragraph ends; more than there is room for interrupts it. */
static enum sp_err text_aside(struct text *text, struct sp_slice utf8, uint64_t off,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (utf8.len > TEXT_ASIDE_MAX - text->aside.len)
        err = text_aside_out(text, off, why);
    if (err == SP_OK && utf8.len > TEXT_ASIDE_MAX)
        return text_direct(text, utf8, off, why);
    return err == SP_OK ? sp_buf_append(&text->aside, utf8.ptr, utf8.len, why) : err;
}

static bool text_is_aside(const struct text *text)
{
    return text->asides > 0 && !text->in_sheets;
}

/* ---- changes --------------------------------------------------------------------------------- */
static enum sp_err text_reading(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    struct text *text = ctx;
    return utf8.len > 0 ? text_direct(text, utf8, off, why)
                        : text_direct_break(text, '\n', off, why);
}

/* The paragraph as it was before its changes, and without what is hidden. */
static enum sp_err text_readings(struct text *text, uint64_t off, struct sp_why *why)
{
    bool changed = text->changes.kinds > 1U << SP_CHANGE_NONE;
    bool has_final = !text->goes_on;
    enum sp_err err = changed ? text_direct_break(text, '\n', off, why) : SP_OK;
    text->goes_on = false;
    return err == SP_OK ? sp_changes_give(&text->changes, has_final, text_reading, text, why) : err;
}

static enum sp_err text_change(struct text *text, enum sp_change kind, struct sp_slice utf8,
                               uint64_t off, struct sp_why *why)
{
    bool full = false;
    if (text->in_sheets || text->paragraphs == 0)
        return SP_OK;
    enum sp_err err = sp_changes_text(&text->changes, kind, utf8, off, &full, why);
    if (err == SP_OK && full)
        err = text_readings(text, off, why);
    return err == SP_OK && full ? sp_changes_text(&text->changes, kind, utf8, off, &full, why)
                                : err;
}

/* Of text, whose asides are all open for being deleted. */
static enum sp_change text_kind(const struct text *text)
{
    if (text->asides > 0)
        return text->asides == text->deleted ? SP_CHANGE_DELETED : SP_CHANGE_ASIDE;
    if (text->hidden)
        return SP_CHANGE_HIDDEN;
    return text->inserted > 0 ? SP_CHANGE_INSERTED : SP_CHANGE_NONE;
}

static enum sp_err text_note_change(struct text *text, struct sp_slice utf8, uint64_t off,
                                    struct sp_why *why)
{
    enum sp_change kind = text_kind(text);
    return kind == SP_CHANGE_ASIDE ? SP_OK : text_change(text, kind, utf8, off, why);
}

/* A paragraph ends; one whose end was changed goes on in a reading. */
static enum sp_err text_paragraph_end(struct text *text, uint64_t off, struct sp_why *why)
{
    enum sp_change mark = text->mark;
    text->mark = SP_CHANGE_NONE;
    if (mark == SP_CHANGE_NONE)
        return text_readings(text, off, why);
    text->goes_on = true;
    return text_change(text, mark, sp_slice_of("\n"), SP_SIZE_UNKNOWN, why);
}

static enum sp_err text_out(struct text *text, struct sp_slice utf8, uint64_t off,
                            struct sp_why *why)
{
    enum sp_err err = text_note_change(text, utf8, off, why);
    if (err != SP_OK)
        return err;
    return text_is_aside(text) ? text_aside(text, utf8, off, why)
                               : text_direct(text, utf8, off, why);
}

static enum sp_err text_break(struct text *text, char c, uint64_t off, struct sp_why *why)
{
    const uint8_t byte = (uint8_t)c;
    return text_is_aside(text) ? text_aside(text, (struct sp_slice){&byte, 1}, off, why)
                               : text_direct_break(text, c, off, why);
}

/* A character of the paragraph. */
static enum sp_err text_char(struct text *text, char c, uint64_t off, struct sp_why *why)
{
    const uint8_t byte = (uint8_t)c;
    enum sp_err err = text_note_change(text, (struct sp_slice){&byte, 1}, off, why);
    return err == SP_OK ? text_break(text, c, off, why) : err;
}

/* Pieces with text of the paragraph between them are not one. */
static enum sp_err text_aside_begin(struct text *text, bool run, uint64_t off, struct sp_why *why)
{
    if (text->asides == 0 && text->paragraphs == 0)
        return SP_OK;
    bool apart = !run || text->text_since;
    text->asides++;
    text->text_since = false;
    return apart && text->aside.len > 0 ? text_break(text, '\n', off, why) : SP_OK;
}

static enum sp_err text_attributes_note(struct text *text, const char *element,
                                        const char *const *attrs, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool outside = text->in_sheets && !text->in_row;
    for (size_t i = 0; attrs[i] != NULL && err == SP_OK; i += 2) {
        const char *const pieces[] = {"\n", attrs[i + 1], "\n"};
        if (!sp_office_attribute_is_text(element, attrs[i], attrs[i + 1]))
            continue;
        for (size_t k = !outside; k < 3 && err == SP_OK; k++)
            err = outside ? text_outside(text, sp_slice_of(pieces[k]), why)
                          : text_aside(text, sp_slice_of(pieces[k]), SP_SIZE_UNKNOWN, why);
    }
    return err;
}

/* ---- sheets of OpenDocument ------------------------------------------------------------------ */
static uint64_t text_count(const char *const *attrs, const char *name)
{
    const char *value = sp_sax_attr(attrs, name);
    uint64_t count = value == NULL ? 1 : strtoull(value, NULL, 10);
    return count == 0 ? 1 : count;
}

/* A number that its cell may show rounded (1,11E+08) or with other signs. */
static void sheet_number(struct text *text, const char *const *attrs)
{
    char room[SP_NUMBER_MAX];
    const char *given = sp_sax_attr(attrs, "value");
    const char *value = given == NULL ? "" : given;
    struct sp_slice plain = sp_slice_of(value);
    struct sp_slice whole = sp_number_whole(plain, room);
    bool digits = plain.len > 0 && strspn(value, "0123456789") == plain.len;
    text->number[0] = '\0';
    text->shown_len = 0;
    if (whole.len == 0 && digits && plain.len >= NUMBER_MIN && plain.len < SP_NUMBER_MAX)
        whole = plain;
    (void)snprintf(text->number, sizeof text->number, "%.*s", (int)whole.len,
                   (const char *)whole.ptr);
}

static enum sp_err sheet_number_end(struct text *text, struct sp_why *why)
{
    bool same = text->shown_len == strlen(text->number) &&
                memcmp(text->shown, text->number, text->shown_len) == 0;
    struct sp_slice number = sp_slice_of(text->number);
    enum sp_err err = SP_OK;
    if (number.len > 0 && !same && text->grid.in_row) {
        err = text_direct_break(text, '\n', SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_grid_text(&text->grid, number, false, SP_SIZE_UNKNOWN, why);
    }
    text->number[0] = '\0';
    return err;
}

static enum sp_err sheet_cell(struct text *text, const char *const *attrs, uint64_t off,
                              struct sp_why *why)
{
    const char *type = sp_sax_attr(attrs, "value-type");
    const char *value = sp_sax_attr(attrs, "date-value");
    uint64_t repeat = text_count(attrs, "number-columns-repeated");
    text->repeat = repeat > SP_GRID_COLUMNS_MAX ? SP_GRID_COLUMNS_MAX : (uint32_t)repeat;
    text->cell_has_text = false;
    sheet_number(text, attrs);
    if (type == NULL) { /* empty, but for an annotation */
        text->grid.column++;
        return SP_OK;
    }
    enum sp_err err = sp_grid_cell(&text->grid, 0, why);
    if (err != SP_OK || value == NULL)
        return err;
    struct sp_slice day = sp_slice_of(value);
    err = sp_grid_text(&text->grid, day, false, off, why); /* ISO 8601 beside what is shown */
    text->cell_has_text = true;
    return err == SP_OK ? text_break(text, ' ', off, why) : err;
}

static enum sp_err sheet_begin(struct text *text, const char *name, const char *const *attrs,
                               uint64_t off, struct sp_why *why)
{
    if (strcmp(name, "table") == 0) {
        const char *called = sp_sax_attr(attrs, "name");
        sp_buf_reset(&text->sheet);
        enum sp_err err = sp_buf_append_string(&text->sheet, called == NULL ? "" : called, why);
        sp_grid_sheet(&text->grid, sp_buf_slice(&text->sheet));
        return err;
    }
    if (strcmp(name, "table-row") == 0) {
        text->in_row = true;
        text->row_repeat = text_count(attrs, "number-rows-repeated");
        return sp_grid_row(&text->grid, 0, why);
    }
    if (strcmp(name, "table-cell") == 0 || strcmp(name, "covered-table-cell") == 0)
        return sheet_cell(text, attrs, off, why);
    if (strcmp(name, "p") == 0 && text->grid.column > 0 && !text->grid.in_row)
        return sp_grid_cell(&text->grid, text->grid.column, why); /* text of an annotation */
    return SP_OK;
}

static enum sp_err sheet_end(struct text *text, const char *name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (strcmp(name, "table-cell") == 0 || strcmp(name, "covered-table-cell") == 0) {
        err = sheet_number_end(text, why);
        text->grid.column += text->repeat - 1;
    }
    if (err != SP_OK || strcmp(name, "table-row") != 0)
        return err;
    err = sp_grid_row_end(&text->grid, why);
    text->in_row = false;
    if (err == SP_OK && text->outside.len > TEXT_ASIDE_MAX / 2)
        err = text_outside_out(text, why);
    text->grid.row += text->row_repeat - 1;
    text->grid.column = 0;
    return err;
}

/* ---- elements -------------------------------------------------------------------------------- */
static enum sp_err text_blanks(struct text *text, const char *const *attrs, uint64_t off,
                               struct sp_why *why)
{
    uint64_t count = text_count(attrs, "c");
    enum sp_err err = SP_OK;
    for (uint64_t i = 0; i < count && i < TEXT_REPEAT_MAX && err == SP_OK; i++)
        err = text_char(text, ' ', off, why);
    return err;
}

/* w:sym: fonts of symbols have ASCII at F000. */
static enum sp_err text_symbol(struct text *text, const char *const *attrs, uint64_t off,
                               struct sp_why *why)
{
    uint8_t utf8[4];
    const char *code = sp_sax_attr(attrs, "char");
    uint32_t number = code == NULL ? 0 : (uint32_t)strtoul(code, NULL, 16);
    number -= number > 0xF000 && number < 0xF100 ? 0xF000 : 0;
    if (number < ' ' || number > 0xFFFF || (number >= 0xD800 && number < 0xE000))
        return SP_OK;
    return text_out(text, (struct sp_slice){utf8, sp_utf8_encode(number, utf8)}, off, why);
}

/* Marks of OpenDocument's changes in a paragraph. */
static enum sp_err text_tracked(struct text *text, const char *name, const char *const *attrs,
                                uint64_t off, struct sp_why *why)
{
    bool inserted = false;
    enum sp_err err = sp_tracked_begin(text->tracked, name, sp_sax_attr(attrs, "id"), why);
    if (err != SP_OK || strncmp(name, "change", 6) != 0)
        return err;
    struct sp_slice gone =
        sp_tracked_find(text->tracked, sp_sax_attr(attrs, "change-id"), &inserted);
    if (strcmp(name, "change") == 0)
        return text_change(text, SP_CHANGE_DELETED, gone, off, why);
    if (strcmp(name, "change-start") == 0)
        text->inserted += inserted;
    else if (strcmp(name, "change-end") == 0)
        text->inserted -= inserted && text->inserted > 0;
    return SP_OK;
}

/* Properties tell of the end of their paragraph that it was changed, of a run that it is hidden. */
static void text_property(struct text *text, enum sp_text_rule rule, const char *const *attrs)
{
    const char *on = sp_sax_attr(attrs, "val");
    bool off = on != NULL && (strcmp(on, "0") == 0 || strcmp(on, "false") == 0);
    text->inserted += rule == SP_TEXT_INSERTED;
    text->properties += rule == SP_TEXT_PROPERTIES;
    text->former += rule == SP_TEXT_FORMER;
    if (text->former > 0 || rule == SP_TEXT_PROPERTIES)
        return;
    if (rule == SP_TEXT_HIDDEN)
        text->hidden = text->hidden || (text->properties == 0 && !off);
    else if (text->properties > 0)
        text->mark = rule == SP_TEXT_INSERTED ? SP_CHANGE_INSERTED : SP_CHANGE_DELETED;
}

static enum sp_err text_begin(void *ctx, const char *name, const char *const *attrs, uint64_t off,
                              struct sp_why *why)
{
    struct text *text = ctx;
    enum sp_text_rule rule = sp_text_rule_of(name);
    enum sp_err err = text_attributes_note(text, name, attrs, why);
    if (err != SP_OK)
        return err;
    if (text->is_odf && strcmp(name, "spreadsheet") == 0) {
        err = flow_close(text, why);
        text->in_sheets = text->had_sheets = true;
        return err;
    }
    if (text->in_sheets)
        err = sheet_begin(text, name, attrs, off, why);
    else if (text->tracked != NULL)
        err = text_tracked(text, name, attrs, off, why);
    if (err != SP_OK)
        return err;
    switch (rule) {
    case SP_TEXT_PARAGRAPH:
        text->paragraphs++;
        text->hidden = false;
        if (text_is_aside(text))
            return text_break(text, '\n', off, why);
        return text->cells > 0 && text->cell_paragraphs == 0 ? SP_OK
                                                             : text_break(text, '\n', off, why);
    case SP_TEXT_CELL:
        text->cells += !text->in_sheets;
        text->cell_paragraphs = 0;
        return SP_OK;
    case SP_TEXT_RUN:
        text->runs++;
        return SP_OK;
    case SP_TEXT_ASIDE_RUN:
        text->runs++;
        return text_aside_begin(text, true, off, why);
    case SP_TEXT_DELETED:
        text->runs++;
        err = text_aside_begin(text, true, off, why);
        text->deleted += text->asides > text->deleted;
        return err;
    case SP_TEXT_ASIDE:
        return text_aside_begin(text, false, off, why);
    case SP_TEXT_INSERTED:
    case SP_TEXT_GONE:
    case SP_TEXT_HIDDEN:
    case SP_TEXT_PROPERTIES:
    case SP_TEXT_FORMER:
        text_property(text, rule, attrs);
        return SP_OK;
    case SP_TEXT_SYMBOL:
        return text_symbol(text, attrs, off, why);
    case SP_TEXT_SKIPPED:
        text->skipped++;
        return SP_OK;
    case SP_TEXT_TAB:
        return text_char(text, '\t', off, why);
    case SP_TEXT_LINE:
        return text_char(text, '\n', off, why);
    case SP_TEXT_HYPHEN:
        return text_out(text, sp_slice_of("-"), off, why);
    case SP_TEXT_BLANKS:
        return text->is_odf ? text_blanks(text, attrs, off, why) : SP_OK;
    default:
        return SP_OK;
    }
}

static enum sp_err text_end(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    struct text *text = ctx;
    enum sp_err err = SP_OK;
    if (text->is_odf && strcmp(name, "spreadsheet") == 0) {
        err = sp_grid_row_end(&text->grid, why);
        text->in_sheets = text->in_row = false;
        return err == SP_OK ? text_outside_out(text, why) : err;
    }
    text->hidden = text->hidden && strcmp(name, "r") != 0;
    if (text->tracked != NULL)
        sp_tracked_end(text->tracked, name);
    switch (sp_text_rule_of(name)) {
    case SP_TEXT_PARAGRAPH:
        if (text_is_aside(text)) {
            text->paragraphs--;
            return text_break(text, '\n', off, why);
        }
        text->cell_paragraphs++;
        err = text_aside_out(text, off, why);
        if (err == SP_OK)
            err = text_paragraph_end(text, off, why);
        text->paragraphs--;
        if (err == SP_OK && (text->in_sheets ? !text->in_row : text->cells == 0))
            err = text_break(text, '\n', off, why);
        break;
    case SP_TEXT_CELL:
        if (text->in_sheets)
            break;
        text->cells--;
        err = text_break(text, '\t', off, why);
        break;
    case SP_TEXT_RUN:
        text->runs--;
        break;
    case SP_TEXT_ASIDE_RUN:
        text->runs--;
        text->asides -= text->asides > 0;
        break;
    case SP_TEXT_DELETED:
        text->runs--;
        text->deleted -= text->deleted > 0;
        text->asides -= text->asides > 0;
        break;
    case SP_TEXT_ASIDE:
        text->asides -= text->asides > 0;
        break;
    case SP_TEXT_INSERTED:
        text->inserted -= text->inserted > 0;
        break;
    case SP_TEXT_PROPERTIES:
        text->properties--;
        break;
    case SP_TEXT_FORMER:
        text->former--;
        break;
    case SP_TEXT_SKIPPED:
        text->skipped--;
        break;
    default: /* of settings and properties each is a line of its own */
        if (!text->in_sheets &&
            (sp_text_rule_of(name) == SP_TEXT_ITEM || (text->paragraphs == 0 && text->runs == 0)))
            err = text_break(text, '\n', off, why);
        break;
    }
    return err == SP_OK && text->in_sheets ? sheet_end(text, name, why) : err;
}

static bool text_is_blank(struct sp_slice utf8)
{
    for (size_t i = 0; i < utf8.len; i++)
        if (strchr(" \t\r\n", utf8.ptr[i]) == NULL)
            return false;
    return true;
}

/* Blanks between elements are the file's, not the writer's, but within runs and, in OpenDocument,
 * paragraphs. */
static enum sp_err text_text(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    struct text *text = ctx;
    if (text->skipped > 0)
        return SP_OK;
    if (text->tracked != NULL) {
        enum sp_err err = sp_tracked_text(text->tracked, utf8, why);
        if (err != SP_OK)
            return err;
    }
    bool meant = text->runs > 0 || (text->is_odf && text->paragraphs > 0);
    if (!meant && text_is_blank(utf8))
        return SP_OK;
    return text_out(text, utf8, off, why);
}

static const struct sp_sax_ops text_ops = {text_begin, text_end, text_text};

/* What is held, also of a document that breaks off. */
static enum sp_err text_finish(struct text *text, struct sp_why *why)
{
    enum sp_err err = sp_grid_row_end(&text->grid, why);
    if (err == SP_OK)
        err = text_outside_out(text, why);
    text->in_sheets = false;
    if (err == SP_OK)
        err = text_aside_out(text, SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = text_readings(text, SP_SIZE_UNKNOWN, why);
    return err == SP_OK ? flow_close(text, why) : err;
}

static enum sp_err text_report(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_ENTRIES);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "more tracked changes than are kept");
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_office_text_extract(struct sp_extract *x, struct sp_why *why)
{
    struct text text = {.is_odf = false};
    struct sp_slice head;
    enum sp_err err = sp_stream_peek(x->stream, SP_SAMPLE_BYTES, &head, why);
    if (err == SP_OK)
        err = sp_flow_new(x->sink, &text.flow, why);
    if (err != SP_OK)
        return err;
    text.is_odf =
        head.len > 0 && memmem(head.ptr, head.len, "urn:oasis:names:tc:opendocument:", 32) != NULL;
    sp_grid_init(&text.grid, text.flow);
    sp_buf_init(&text.sheet, TEXT_ASIDE_MAX);
    sp_buf_init(&text.aside, TEXT_ASIDE_MAX);
    sp_buf_init(&text.outside, TEXT_ASIDE_MAX);
    sp_changes_init(&text.changes);
    if (text.is_odf)
        err = sp_tracked_new(&text.tracked, why);
    if (err == SP_OK)
        err = sp_sax_read(x->stream, &text_ops, &text, NULL, why);
    struct sp_why ignored = {""};
    struct sp_why *told = err == SP_OK ? why : &ignored;
    enum sp_err ended = text_finish(&text, told);
    if (err == SP_OK && ended == SP_OK && text.tracked != NULL && sp_tracked_is_cut(text.tracked))
        ended = text_report(x, why);
    if (text.had_sheets)
        x->done->shape = SP_SHAPE_RECORDS;
    x->done->encoding = "utf-8";
    x->done->record_count = sp_flow_records(text.flow);
    sp_grid_clear(&text.grid);
    sp_buf_clear(&text.sheet);
    sp_buf_wipe(&text.aside);
    sp_buf_wipe(&text.outside);
    sp_changes_clear(&text.changes);
    sp_tracked_free(text.tracked);
    sp_flow_free(text.flow);
    return err != SP_OK ? err : ended;
}
