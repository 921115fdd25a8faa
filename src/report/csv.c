/* Cells that begin with = + - @ TAB or CR are run as a formula by a spreadsheet (OWASP, CSV
 * injection); so are their full-width forms in some. A leading ' makes them text. */
#include "report/csv.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <time.h>

static const char *const csv_columns[] = {
    "id",      "first_seen", "last_seen", "status",   "severity",
    "req_id",  "category",   "dpv",       "type",     "confidence",
    "system",  "masked",     "holder",    "root",     "path",
    "locator", "table",      "row",       "column",   "record_date",
    "owner",   "group",      "size",      "modified", "retention_rule",
    "action",  "assignee",   "exemption", "reason",   NULL};
static const char *const csv_unread_columns[] = {"root",   "path",   "locator", "class",
                                                 "reason", "detail", "partial", NULL};

static const char csv_mark[] = "\xEF\xBB\xBF";

static bool csv_is_formula(struct sp_slice text)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                       "\xEF\xBC\xA0"}; /* ＝ ＋ － ＠ */
    if (text.len == 0)
        return false;
    if (memchr("=+-@\t\r\n", text.ptr[0], 7) != NULL)
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (text.len >= 3 && memcmp(text.ptr, wide[i], 3) == 0)
            return true;
    return false;
}

/* A cell and what stands before it. */
static enum sp_err csv_cell(struct sp_buf *out, struct sp_slice text, struct sp_why *why)
{
    bool follows = out->len > 0 && out->data[out->len - 1] == '"';
    enum sp_err err = sp_buf_append_string(out, follows ? ";\"" : "\"", why);
    if (err == SP_OK && csv_is_formula(text))
        err = sp_buf_append_byte(out, '\'', why);
    for (size_t i = 0; i < text.len && err == SP_OK; i++) {
        if (text.ptr[i] == '"')
            err = sp_buf_append_byte(out, '"', why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, text.ptr[i], why);
    }
    return err == SP_OK ? sp_buf_append_byte(out, '"', why) : err;
}

static enum sp_err csv_text(struct sp_buf *out, const char *text, struct sp_why *why)
{
    return csv_cell(out, sp_slice_of(text == NULL ? "" : text), why);
}

static enum sp_err csv_number(struct sp_buf *out, uint64_t number, uint64_t unknown,
                              struct sp_why *why)
{
    char text[24] = "";
    if (number != unknown)
        (void)snprintf(text, sizeof text, "%" PRIu64, number);
    return csv_text(out, text, why);
}

static enum sp_err csv_day(struct sp_buf *out, int64_t time_s, struct sp_why *why)
{
    char text[32] = "";
    struct tm parts;
    time_t time = (time_t)time_s;
    if (time_s != INT64_MIN && gmtime_r(&time, &parts) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%d", &parts);
    return csv_text(out, text, why);
}

/* Names of files are any bytes: what is no text is escaped, as in locators. */
static enum sp_err csv_name(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    struct sp_buf text;
    sp_buf_init(&text, SIZE_MAX);
    enum sp_err err = sp_escape(&text, name, "", why);
    if (err == SP_OK)
        err = csv_cell(out, sp_buf_slice(&text), why);
    sp_buf_clear(&text);
    return err;
}

/* Where it is and what it is: the first cells. */
static enum sp_err csv_what(struct sp_buf *out, const struct sp_shown *shown, struct sp_why *why)
{
    const struct sp_kept_finding *finding = shown->finding;
    const char *texts[] = {
        "open",
        sp_severity_name(sp_severity_of(finding->type, finding->attributes)),
        "",
        sp_type_category(finding->type),
        sp_type_dpv(finding->type),
        sp_type_name(finding->type),
        sp_confidence_name(finding->confidence),
        shown->system_name,
    };
    enum sp_err err = csv_text(out, shown->id, why);
    if (err == SP_OK)
        err = csv_day(out, shown->object->first_seen_s, why);
    if (err == SP_OK)
        err = csv_day(out, shown->root->started_s, why);
    for (size_t i = 0; err == SP_OK && i < sizeof texts / sizeof *texts; i++)
        err = csv_text(out, texts[i], why);
    struct sp_slice value = finding->value.len > 0 ? finding->value : finding->mask;
    if (err == SP_OK)
        err = csv_cell(out, value, why);
    return err == SP_OK ? csv_cell(out, finding->holder, why) : err;
}

static enum sp_err csv_record(struct sp_buf *out, const struct sp_shown *shown, struct sp_why *why)
{
    const struct sp_kept_record *record = shown->record;
    bool is_row = record->kind == SP_RECORD_ROW || record->kind == SP_RECORD_SQL ||
                  record->kind == SP_RECORD_NODE;
    enum sp_err err = csv_cell(out, record->table, why);
    if (err == SP_OK)
        err = csv_number(out, is_row ? record->row : 0, 0, why);
    if (err == SP_OK)
        err = csv_cell(out, shown->finding->key, why);
    return err == SP_OK ? csv_day(out, record->date_s, why) : err;
}

static enum sp_err csv_object(struct sp_buf *out, const struct sp_object_row *object,
                              struct sp_why *why)
{
    enum sp_err err = csv_cell(out, object->owner, why);
    if (err == SP_OK)
        err = csv_cell(out, object->group, why);
    if (err == SP_OK)
        err = csv_number(out, object->size, SP_SIZE_UNKNOWN, why);
    return err == SP_OK ? csv_day(out, object->mtime_s, why) : err;
}

static enum sp_err csv_where(struct sp_buf *out, const struct sp_shown *shown, struct sp_why *why)
{
    enum sp_err err = csv_name(out, sp_slice_of(shown->root->path), why);
    if (err == SP_OK)
        err = csv_name(out, shown->path, why);
    return err == SP_OK ? csv_cell(out, shown->locator, why) : err; /* is escaped */
}

static enum sp_err csv_unread(struct sp_buf *out, const struct sp_shown *shown, struct sp_why *why)
{
    const struct sp_unread *unread = shown->unread;
    bool gap = sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP;
    enum sp_err err = csv_where(out, shown, why);
    if (err == SP_OK)
        err = csv_text(out, gap ? "gap" : "noted", why);
    if (err == SP_OK)
        err = csv_text(out, sp_reason_name(unread->reason), why);
    if (err == SP_OK)
        err = csv_text(out, unread->detail, why);
    return err == SP_OK ? csv_text(out, unread->partial ? "yes" : "no", why) : err;
}

static enum sp_err csv_finding(struct sp_buf *out, const struct sp_shown *shown, struct sp_why *why)
{
    enum { CSV_FOLLOW_UP = 5 }; /* for people to fill in */
    enum sp_err err = csv_what(out, shown, why);
    if (err == SP_OK)
        err = csv_where(out, shown, why);
    if (err == SP_OK)
        err = csv_record(out, shown, why);
    if (err == SP_OK)
        err = csv_object(out, shown->object, why);
    for (unsigned i = 0; err == SP_OK && i < CSV_FOLLOW_UP; i++)
        err = csv_text(out, "", why);
    return err;
}

enum sp_err sp_csv_head(bool unread, struct sp_buf *out, struct sp_why *why)
{
    const char *const *columns = unread ? csv_unread_columns : csv_columns;
    enum sp_err err = sp_buf_append_string(out, csv_mark, why);
    for (size_t i = 0; columns[i] != NULL && err == SP_OK; i++)
        err = csv_text(out, columns[i], why);
    return err == SP_OK ? sp_buf_append_string(out, "\r\n", why) : err;
}

enum sp_err sp_csv_line(const struct sp_shown *shown, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err =
        shown->unread != NULL ? csv_unread(out, shown, why) : csv_finding(out, shown, why);
    return err == SP_OK ? sp_buf_append_string(out, "\r\n", why) : err;
}
