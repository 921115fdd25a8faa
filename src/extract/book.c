#include "extract/book.h"

#include "base/mem.h"
#include "extract/sax.h"
#include "extract/xstring.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    BOOK_NAMES_MAX = 4 << 20, /* bytes of names of sheets and parts */
    BOOK_STYLES_MAX = 65536,
    BOOK_FORMATS_MAX = 4096, /* number formats of the document's own */
    BOOK_DAY_MIN = 1,
    BOOK_DAY_MAX = 73415, /* 2100-12-31 */
    BOOK_1904_DAYS = 1462,
    BOOK_EPOCH_DAYS = 25569 /* 1970-01-01 */
};

struct book_sheet {
    size_t name, id, part; /* where they begin in names; NUL-terminated */
};

struct sp_book {
    struct sp_buf strings; /* all text */
    struct sp_buf ends;    /* uint64_t[]: one past the last byte of each */
    struct sp_buf shown;   /* a byte each */
    struct sp_buf names;
    struct sp_buf sheets;  /* struct book_sheet[] */
    struct sp_buf targets; /* struct book_sheet[]: id and part */
    struct sp_buf dates;   /* a byte a cell style: 1 = a date */
    struct sp_buf formats; /* uint32_t[]: number formats of its own that are dates */
    bool is_1904;
    size_t strings_max;
    /* while a part is read */
    bool in_string, in_text, in_phonetic, in_cell_styles;
    size_t string_begin; /* of the string at hand */
    bool is_cut;         /* strings are missing */
};

enum sp_err sp_book_new(struct sp_book **out, struct sp_why *why)
{
    struct sp_book *book = sp_alloc_zero(sizeof *book);
    if (book == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a spreadsheet");
    sp_buf_init(&book->strings, SIZE_MAX);
    sp_buf_init(&book->ends, SIZE_MAX);
    sp_buf_init(&book->shown, SIZE_MAX);
    sp_buf_init(&book->names, BOOK_NAMES_MAX);
    sp_buf_init(&book->sheets, BOOK_NAMES_MAX);
    sp_buf_init(&book->targets, BOOK_NAMES_MAX);
    sp_buf_init(&book->dates, BOOK_STYLES_MAX);
    sp_buf_init(&book->formats, BOOK_FORMATS_MAX * sizeof(uint32_t));
    *out = book;
    return SP_OK;
}

void sp_book_free(struct sp_book *book)
{
    if (book == NULL)
        return;
    sp_buf_wipe(&book->strings);
    sp_buf_clear(&book->ends);
    sp_buf_clear(&book->shown);
    sp_buf_clear(&book->names);
    sp_buf_clear(&book->sheets);
    sp_buf_clear(&book->targets);
    sp_buf_clear(&book->dates);
    sp_buf_clear(&book->formats);
    sp_free(book);
}

static enum sp_err book_string_end(struct sp_book *book, struct sp_why *why)
{
    uint64_t end = book->strings.len;
    enum sp_err err = sp_buf_append(&book->ends, &end, sizeof end, why);
    return err == SP_OK ? sp_buf_append_byte(&book->shown, 0, why) : err;
}

enum sp_err sp_book_add_string(struct sp_book *book, struct sp_slice utf8, struct sp_why *why)
{
    enum sp_err err = sp_buf_append(&book->strings, utf8.ptr, utf8.len, why);
    return err == SP_OK ? book_string_end(book, why) : err;
}

/* ---- shared strings ------------------------------------------------------------------------- */
static enum sp_err strings_begin(void *ctx, const char *name, const char *const *attrs,
                                 uint64_t off, struct sp_why *why)
{
    struct sp_book *book = ctx;
    (void)attrs, (void)off, (void)why;
    if (strcmp(name, "si") == 0) {
        book->in_string = true;
        book->string_begin = book->strings.len;
    } else if (strcmp(name, "rPh") == 0) /* how it is spoken: the same words again */
        book->in_phonetic = true;
    else if (strcmp(name, "t") == 0)
        book->in_text = true;
    return SP_OK;
}

static enum sp_err strings_end(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    struct sp_book *book = ctx;
    (void)off;
    if (strcmp(name, "t") == 0)
        book->in_text = false;
    else if (strcmp(name, "rPh") == 0)
        book->in_phonetic = false;
    if (strcmp(name, "si") != 0)
        return SP_OK;
    book->in_string = false;
    size_t begin = book->string_begin;
    if (book->strings.len > begin)
        book->strings.len =
            begin + sp_xstring_decode(book->strings.data + begin, book->strings.len - begin);
    return book_string_end(book, why);
}

static enum sp_err strings_text(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    struct sp_book *book = ctx;
    (void)off;
    if (!book->in_string || !book->in_text || book->in_phonetic)
        return SP_OK;
    if (book->strings.len + utf8.len + book->ends.len > book->strings_max)
        return sp_fail(why, SP_ERR_LIMIT, "shared strings of more than %zu bytes",
                       book->strings_max);
    return sp_buf_append(&book->strings, utf8.ptr, utf8.len, why);
}

/* ---- workbook, relationships, styles --------------------------------------------------------- */
static enum sp_err book_name(struct sp_book *book, const char *text, size_t *at, struct sp_why *why)
{
    *at = book->names.len;
    return sp_buf_append(&book->names, text, strlen(text) + 1, why);
}

static enum sp_err workbook_begin(void *ctx, const char *name, const char *const *attrs,
                                  uint64_t off, struct sp_why *why)
{
    struct sp_book *book = ctx;
    struct book_sheet sheet = {0};
    (void)off;
    if (strcmp(name, "workbookPr") == 0) {
        const char *date1904 = sp_sax_attr(attrs, "date1904");
        book->is_1904 = date1904 != NULL && (date1904[0] == '1' || date1904[0] == 't');
        return SP_OK;
    }
    const char *called = sp_sax_attr(attrs, "name");
    const char *id = NULL;
    for (size_t i = 0; attrs[i] != NULL; i += 2)
        if (strchr(attrs[i], ':') != NULL && strcmp(sp_sax_local(attrs[i]), "id") == 0)
            id = attrs[i + 1];
    if (strcmp(name, "sheet") != 0 || called == NULL || id == NULL)
        return SP_OK;
    enum sp_err err = book_name(book, called, &sheet.name, why);
    if (err == SP_OK)
        err = book_name(book, id, &sheet.id, why);
    return err == SP_OK ? sp_buf_append(&book->sheets, &sheet, sizeof sheet, why) : err;
}

static enum sp_err rels_begin(void *ctx, const char *name, const char *const *attrs, uint64_t off,
                              struct sp_why *why)
{
    struct sp_book *book = ctx;
    struct book_sheet target = {0};
    const char *id = sp_sax_attr(attrs, "Id");
    const char *part = sp_sax_attr(attrs, "Target");
    (void)off;
    if (strcmp(name, "Relationship") != 0 || id == NULL || part == NULL)
        return SP_OK;
    enum sp_err err = book_name(book, id, &target.id, why);
    if (err == SP_OK)
        err = book_name(book, part, &target.part, why);
    return err == SP_OK ? sp_buf_append(&book->targets, &target, sizeof target, why) : err;
}

/* y, m (of a month) or d outside of quotes, brackets and escapes; not of General or a number. */
static bool format_is_date(const char *code)
{
    bool has_day = false;
    for (const char *at = code; *at != '\0'; at++) {
        if (*at == '"' || *at == '[') {
            const char *end = strchr(at + 1, *at == '"' ? '"' : ']');
            if (end == NULL)
                break;
            at = end;
        } else if ((*at == '\\' || *at == '_' || *at == '*') && at[1] != '\0') {
            at++;
        } else if (*at == 'y' || *at == 'Y' || *at == 'd' || *at == 'D' || *at == 'j') {
            has_day = true; /* j: jaar */
        }
    }
    return has_day;
}

static bool format_number_is_date(const struct sp_book *book, uint32_t id)
{
    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
        return true;
    const uint32_t *own = (const uint32_t *)(const void *)book->formats.data;
    for (size_t i = 0; i < book->formats.len / sizeof *own; i++)
        if (own[i] == id)
            return true;
    return false;
}

enum sp_err sp_book_add_style(struct sp_book *book, uint32_t format, struct sp_why *why)
{
    return book->dates.len == BOOK_STYLES_MAX
               ? SP_OK
               : sp_buf_append_byte(&book->dates, format_number_is_date(book, format), why);
}

enum sp_err sp_book_add_format(struct sp_book *book, uint32_t format, const char *code,
                               struct sp_why *why)
{
    bool full = book->formats.len + sizeof format > book->formats.max;
    return full || !format_is_date(code)
               ? SP_OK
               : sp_buf_append(&book->formats, &format, sizeof format, why);
}

void sp_book_set_1904(struct sp_book *book)
{
    book->is_1904 = true;
}

static enum sp_err styles_begin(void *ctx, const char *name, const char *const *attrs, uint64_t off,
                                struct sp_why *why)
{
    struct sp_book *book = ctx;
    const char *id = sp_sax_attr(attrs, "numFmtId");
    uint32_t number = id == NULL ? 0 : (uint32_t)strtoul(id, NULL, 10);
    (void)off;
    if (strcmp(name, "cellXfs") == 0) {
        book->in_cell_styles = true;
    } else if (strcmp(name, "numFmt") == 0) {
        const char *code = sp_sax_attr(attrs, "formatCode");
        return code == NULL ? SP_OK : sp_book_add_format(book, number, code, why);
    } else if (strcmp(name, "xf") == 0 && book->in_cell_styles) {
        return sp_book_add_style(book, number, why);
    }
    return SP_OK;
}

static enum sp_err styles_end(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    struct sp_book *book = ctx;
    (void)off, (void)why;
    if (strcmp(name, "cellXfs") == 0)
        book->in_cell_styles = false;
    return SP_OK;
}

static enum sp_err ignore_end(void *ctx, const char *name, uint64_t off, struct sp_why *why)
{
    (void)ctx, (void)name, (void)off, (void)why;
    return SP_OK;
}

static enum sp_err ignore_text(void *ctx, struct sp_slice utf8, uint64_t off, struct sp_why *why)
{
    (void)ctx, (void)utf8, (void)off, (void)why;
    return SP_OK;
}

/* ---- which part is read how ------------------------------------------------------------------ */
static const struct book_part {
    const char *name; /* compared without regard to case, as OPC does */
    struct sp_sax_ops ops;
} book_parts[] = {
    {"xl/sharedStrings.xml", {strings_begin, strings_end, strings_text}},
    {"xl/workbook.xml", {workbook_begin, ignore_end, ignore_text}},
    {"xl/_rels/workbook.xml.rels", {rels_begin, ignore_end, ignore_text}},
    {"xl/styles.xml", {styles_begin, styles_end, ignore_text}},
};

static bool book_part_is(struct sp_slice name, const char *part)
{
    if (name.len > 0 && name.ptr[0] == '/') {
        name.ptr++;
        name.len--;
    }
    return name.len == strlen(part) && strncasecmp((const char *)name.ptr, part, name.len) == 0;
}

enum sp_err sp_book_look(struct sp_book *book, const struct sp_object_info *info,
                         struct sp_stream *stream, size_t strings_max, struct sp_why *why)
{
    struct sp_why what = {""};
    book->strings_max = strings_max;
    for (size_t i = 0; i < sizeof book_parts / sizeof *book_parts; i++) {
        if (!book_part_is(info->name, book_parts[i].name))
            continue;
        enum sp_err err = sp_sax_read(stream, &book_parts[i].ops, book, NULL, &what);
        book->in_string = book->in_text = book->in_phonetic = book->in_cell_styles = false;
        if (err == SP_ERR_NOMEM)
            return sp_fail(why, err, "%s", what.text);
        book->is_cut |= err != SP_OK && i == 0;
        return SP_OK; /* what is wrong with a part is told when it is read */
    }
    return SP_OK;
}

/* ---- asked by sheets ------------------------------------------------------------------------- */
struct sp_slice sp_book_string(const struct sp_book *book, uint64_t index, bool *known)
{
    const uint64_t *ends = (const uint64_t *)(const void *)book->ends.data;
    *known = index < book->ends.len / sizeof *ends;
    if (!*known)
        return (struct sp_slice){NULL, 0};
    uint64_t begin = index == 0 ? 0 : ends[index - 1];
    book->shown.data[index] = 1;
    return (struct sp_slice){book->strings.data == NULL ? NULL : book->strings.data + begin,
                             (size_t)(ends[index] - begin)};
}

bool sp_book_unshown(const struct sp_book *book, uint64_t *index, struct sp_slice *out)
{
    bool known;
    while (*index < book->shown.len && book->shown.data[*index] != 0)
        ++*index;
    *out = sp_book_string(book, *index, &known);
    return known;
}

bool sp_book_is_cut(const struct sp_book *book)
{
    return book->is_cut;
}

/* A target is relative to xl/, or from the root. */
static bool book_target_is(const char *target, struct sp_slice part)
{
    char full[512];
    if (target[0] == '/')
        return book_part_is(part, target + 1);
    (void)snprintf(full, sizeof full, "xl/%s", target);
    return book_part_is(part, full);
}

struct sp_slice sp_book_sheet(const struct sp_book *book, struct sp_slice part)
{
    const struct book_sheet *sheets = (const struct book_sheet *)(const void *)book->sheets.data;
    const struct book_sheet *targets = (const struct book_sheet *)(const void *)book->targets.data;
    const char *names = (const char *)book->names.data;
    for (size_t i = 0; i < book->targets.len / sizeof *targets; i++) {
        if (!book_target_is(names + targets[i].part, part))
            continue;
        for (size_t k = 0; k < book->sheets.len / sizeof *sheets; k++)
            if (strcmp(names + sheets[k].id, names + targets[i].id) == 0)
                return sp_slice_of(names + sheets[k].name);
    }
    return (struct sp_slice){NULL, 0};
}

bool sp_book_is_date(const struct sp_book *book, uint64_t style)
{
    return style < book->dates.len && book->dates.data[style] != 0;
}

bool sp_book_date(const struct sp_book *book, double days, char out[16])
{
    struct tm parts;
    if (book->is_1904)
        days += BOOK_1904_DAYS;
    if (!(days >= BOOK_DAY_MIN && days <= BOOK_DAY_MAX))
        return false;
    time_t time = ((time_t)floor(days) - BOOK_EPOCH_DAYS) * 86400;
    return gmtime_r(&time, &parts) != NULL && strftime(out, 16, "%Y-%m-%d", &parts) > 0;
}

struct sp_slice sp_book_number(const struct sp_book *book, double number, uint64_t style,
                               char room[64])
{
    if (book != NULL && sp_book_is_date(book, style) && sp_book_date(book, number, room))
        return sp_slice_of(room);
    if (fabs(number) < 1e15 && floor(number) - number == 0)
        (void)snprintf(room, 64, "%.0f", number);
    else
        (void)snprintf(room, 64, "%.15g", number);
    return sp_slice_of(room);
}
