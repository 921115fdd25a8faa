#include "report/jsonl.h"

#include "base/json.h"
#include "core/locator.h"

#include <time.h>

void sp_json_time(struct sp_json *json, const char *key, int64_t time_s, bool date_only)
{
    char text[32];
    struct tm parts;
    time_t time = (time_t)time_s;
    if (time_s == INT64_MIN || gmtime_r(&time, &parts) == NULL ||
        strftime(text, sizeof text, date_only ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        sp_json_null(json, key);
    else
        sp_json_text(json, key, text);
}

static void jsonl_known(struct sp_json *json, const char *key, struct sp_slice text)
{
    if (text.len == 0)
        sp_json_null(json, key);
    else
        sp_json_slice(json, key, text);
}

static void jsonl_count(struct sp_json *json, const char *key, uint64_t number, uint64_t unknown)
{
    if (number == unknown)
        sp_json_null(json, key);
    else
        sp_json_number(json, key, number);
}

void sp_json_record(struct sp_json *json, const struct sp_kept_record *record,
                    const struct sp_kept_finding *finding)
{
    bool is_node = finding->part.len > 0 && finding->part.ptr[0] == '/'; /* a path, of any record */
    bool is_row = record->kind == SP_RECORD_ROW || record->kind == SP_RECORD_SQL ||
                  record->kind == SP_RECORD_NODE;
    sp_json_key(json, "record");
    sp_json_object(json);
    sp_json_text(json, "kind", sp_record_kind_name(record->kind));
    jsonl_known(json, "table",
                record->kind == SP_RECORD_ROW ? (struct sp_slice){NULL, 0} : record->table);
    if (is_row)
        sp_json_number(json, "row", record->row);
    else
        sp_json_null(json, "row");
    if (finding->key.len == 0 && finding->column != 0)
        sp_json_number(json, "column", finding->column);
    else
        jsonl_known(json, "column", finding->key);
    jsonl_known(json, "pk", record->pk);
    bool is_cell = record->kind == SP_RECORD_ROW && record->table.len > 0 && finding->column > 0;
    char cell[SP_CELL_NAME_MAX] = "";
    if (is_cell)
        sp_cell_name(finding->column, record->row, cell);
    jsonl_known(json, "sheet", is_cell ? record->table : (struct sp_slice){NULL, 0});
    jsonl_known(json, "cell", sp_slice_of(cell));
    jsonl_known(json, "message_id", record->message_id);
    jsonl_known(json, "part", is_node ? (struct sp_slice){NULL, 0} : finding->part);
    jsonl_count(json, "page", record->kind == SP_RECORD_PAGE ? record->row : 0, 0);
    jsonl_known(json, "pointer", is_node ? finding->part : (struct sp_slice){NULL, 0});
    jsonl_count(json, "line", finding->line, 0);
    sp_json_time(json, "date", record->date_s, true);
    sp_json_object_end(json);
}

static void jsonl_attributes(struct sp_json *json, unsigned attributes)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
#define ATTR_ROW(identifier, bit, name) {1U << (bit), name},
        SP_ATTRS(ATTR_ROW)
#undef ATTR_ROW
    };
    sp_json_key(json, "attributes");
    sp_json_array(json);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((attributes & names[i].bit) != 0)
            sp_json_item(json, names[i].name);
    sp_json_array_end(json);
}

static void jsonl_where(struct sp_json *json, const struct sp_shown *shown)
{
    sp_json_text(json, "root", shown->root->path);
    sp_json_slice(json, "path", shown->path);
    sp_json_slice(json, "locator", shown->locator);
}

static void jsonl_unread(struct sp_json *json, const struct sp_shown *shown)
{
    const struct sp_unread *unread = shown->unread;
    bool gap = sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP;
    jsonl_where(json, shown);
    sp_json_text(json, "reason", sp_reason_name(unread->reason));
    sp_json_text(json, "class", gap ? "gap" : "noted");
    jsonl_known(json, "detail", sp_slice_of(unread->detail));
    jsonl_count(json, "bytes_read", unread->bytes_read, SP_SIZE_UNKNOWN);
    jsonl_count(json, "bytes_expected", unread->bytes_expected, SP_SIZE_UNKNOWN);
    sp_json_bool(json, "partial", unread->partial);
    sp_json_bool(json, "fallback", unread->fallback);
}

static void jsonl_finding(struct sp_json *json, const struct sp_shown *shown, bool stable)
{
    const struct sp_kept_finding *finding = shown->finding;
    const struct sp_object_row *object = shown->object;
    sp_json_text(json, "id", shown->id);
    sp_json_text(json, "type", sp_type_name(finding->type));
    sp_json_text(json, "confidence", sp_confidence_name(finding->confidence));
    sp_json_slice(json, "masked", finding->mask);
    jsonl_known(json, "canonical", finding->value);
    jsonl_known(json, "holder", finding->holder);
    jsonl_where(json, shown);
    sp_json_record(json, shown->record, finding);
    jsonl_count(json, "offset", finding->offset, SP_SIZE_UNKNOWN);
    sp_json_number(json, "length", finding->length);
    sp_json_number(json, "count", 1);
    jsonl_attributes(json, finding->attributes);
    sp_json_text(json, "dpv", sp_type_dpv(finding->type));
    jsonl_known(json, "system", sp_slice_of(shown->system_name == NULL ? "" : shown->system_name));
    jsonl_known(json, "owner", object->owner);
    jsonl_known(json, "group", object->group);
    sp_json_time(json, "mtime", object->mtime_s, false);
    if (stable)
        return;
    sp_json_time(json, "first_seen", object->first_seen_s, false);
    sp_json_time(json, "last_seen", shown->root->started_s, false);
}

enum sp_err sp_jsonl_line(const struct sp_shown *shown, bool stable, struct sp_buf *line,
                          struct sp_why *why)
{
    struct sp_json json;
    sp_json_init(&json, line, why);
    sp_json_object(&json);
    if (shown->unread != NULL)
        jsonl_unread(&json, shown);
    else
        jsonl_finding(&json, shown, stable);
    sp_json_object_end(&json);
    return json.err == SP_OK ? sp_buf_append_byte(line, '\n', why) : json.err;
}
