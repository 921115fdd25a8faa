#include "report/jsonl.h"

#include "base/json.h"
#include "store/trail.h"

#include <time.h>

enum { JSONL_LINE_MAX = 4 << 20 }; /* bytes; a path and a few names, all bounded far below */

/* An export while it runs. */
struct jsonl {
    struct sp_inventory *inventory;
    const struct sp_root_row *root;
    const struct sp_export_options *options;
    sp_line_out out;
    void *ctx;
    struct sp_trail trail;
    struct sp_buf line;
    const struct sp_object_row *object; /* at hand */
    const char *object_system;          /* that a column of it, or its path, tells of; or NULL */
};

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
    jsonl_known(json, "table", record->table);
    if (is_row)
        sp_json_number(json, "row", record->row);
    else
        sp_json_null(json, "row");
    if (finding->key.len == 0 && finding->column != 0)
        sp_json_number(json, "column", finding->column);
    else
        jsonl_known(json, "column", finding->key);
    jsonl_known(json, "pk", record->pk);
    sp_json_null(json, "sheet");
    sp_json_null(json, "cell");
    jsonl_known(json, "message_id", record->message_id);
    jsonl_known(json, "part", is_node ? (struct sp_slice){NULL, 0} : finding->part);
    sp_json_null(json, "page");
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

/* The same finding at the same place has the same id in every scan. It is computed from the
 * keyed token, so that it tells no more than that. */
static void jsonl_id(struct sp_json *json, const struct jsonl *jsonl, struct sp_slice locator,
                     const struct sp_kept_finding *finding)
{
    static const char digits[] = "0123456789abcdef";
    struct sp_buf bytes;
    uint8_t digest[SP_DIGEST_LEN];
    char text[2 * SP_TOKEN_LEN + 1];
    sp_buf_init(&bytes, JSONL_LINE_MAX);
    enum sp_err err = sp_buf_append_string(&bytes, jsonl->root->path, json->why);
    if (err == SP_OK)
        err = sp_buf_append_slice(&bytes, locator, json->why);
    if (err == SP_OK)
        err = sp_buf_append_u64(&bytes, finding->offset, json->why);
    if (err == SP_OK)
        err = sp_buf_append(&bytes, finding->tokens[0].bytes, SP_TOKEN_LEN, json->why);
    sp_digest(sp_buf_slice(&bytes), digest);
    for (size_t i = 0; i < SP_TOKEN_LEN; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[sizeof text - 1] = '\0';
    sp_buf_clear(&bytes);
    if (err != SP_OK)
        json->err = err;
    sp_json_text(json, "id", text);
}

static void jsonl_where(struct sp_json *json, const struct jsonl *jsonl, struct sp_slice locator)
{
    sp_json_text(json, "root", jsonl->root->path);
    sp_json_slice(json, "path", sp_buf_slice(&jsonl->trail.path));
    sp_json_slice(json, "locator", locator.len > 0 ? locator : sp_buf_slice(&jsonl->trail.path));
}

static void jsonl_seen(struct sp_json *json, const struct jsonl *jsonl)
{
    if (jsonl->options->stable)
        return;
    sp_json_time(json, "first_seen", jsonl->object->first_seen_s, false);
    sp_json_time(json, "last_seen", jsonl->root->started_s, false);
}

static enum sp_err jsonl_write(struct jsonl *jsonl, const struct sp_json *json, struct sp_why *why)
{
    if (json->err != SP_OK)
        return json->err;
    enum sp_err err = sp_buf_append_byte(&jsonl->line, '\n', why);
    return err == SP_OK ? jsonl->out(jsonl->ctx, sp_buf_slice(&jsonl->line), why) : err;
}

/* A table tells first, then the column, then what else of the object does. */
static void jsonl_system(struct sp_json *json, const struct jsonl *jsonl,
                         const struct sp_kept_record *record, const struct sp_kept_finding *finding)
{
    const struct sp_systems *systems = jsonl->options->systems;
    const char *found = sp_systems_by_table(systems, record->table);
    if (found == NULL)
        found = sp_systems_by_column(systems, finding->key);
    if (found == NULL)
        found = jsonl->object_system;
    jsonl_known(json, "system", sp_slice_of(found == NULL ? "" : found));
}

static enum sp_err jsonl_finding(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                 const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index;
    struct jsonl *jsonl = ctx;
    if (finding->confidence < jsonl->options->min_confidence)
        return SP_OK;
    struct sp_slice locator;
    struct sp_json json;
    enum sp_err err = sp_trail_place(&jsonl->trail, record, finding, &locator, why);
    if (err != SP_OK)
        return err;
    sp_buf_reset(&jsonl->line);
    sp_json_init(&json, &jsonl->line, why);
    sp_json_object(&json);
    jsonl_id(&json, jsonl, locator, finding);
    sp_json_text(&json, "type", sp_type_name(finding->type));
    sp_json_text(&json, "confidence", sp_confidence_name(finding->confidence));
    sp_json_slice(&json, "masked", finding->mask);
    jsonl_known(&json, "canonical", finding->value);
    jsonl_where(&json, jsonl, locator);
    sp_json_record(&json, record, finding);
    jsonl_count(&json, "offset", finding->offset, SP_SIZE_UNKNOWN);
    sp_json_number(&json, "length", finding->length);
    sp_json_number(&json, "count", 1);
    jsonl_attributes(&json, finding->attributes);
    sp_json_text(&json, "dpv", sp_type_dpv(finding->type));
    jsonl_system(&json, jsonl, record, finding);
    jsonl_known(&json, "owner", jsonl->object->owner);
    jsonl_known(&json, "group", jsonl->object->group);
    sp_json_time(&json, "mtime", jsonl->object->mtime_s, false);
    jsonl_seen(&json, jsonl);
    sp_json_object_end(&json);
    return jsonl_write(jsonl, &json, why);
}

static enum sp_err jsonl_look_finding(void *ctx, uint32_t index,
                                      const struct sp_kept_record *record,
                                      const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index, (void)record, (void)why;
    struct jsonl *jsonl = ctx;
    if (jsonl->object_system == NULL)
        jsonl->object_system = sp_systems_by_column(jsonl->options->systems, finding->key);
    return SP_OK;
}

static enum sp_err jsonl_look_segment(void *ctx, int64_t object_id,
                                      const struct sp_segment_view *view, struct sp_why *why)
{
    (void)object_id;
    struct jsonl *jsonl = ctx;
    return jsonl->object_system == NULL ? sp_segment_each(view, jsonl_look_finding, ctx, why)
                                        : SP_OK;
}

/* The system of an object as a whole: a column that only one system has tells for all the others. A
 * dump holds many tables, so each speaks for itself there. */
static enum sp_err jsonl_object_system(struct jsonl *jsonl, const struct sp_object_row *row,
                                       struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool dump = row->format != NULL && strstr(row->format, "sqldump") != NULL;
    jsonl->object_system = NULL;
    if (sp_systems_count(jsonl->options->systems) == 0)
        return SP_OK;
    if (row->shape == SP_SHAPE_RECORDS && !dump)
        err = sp_inventory_each_segment(jsonl->inventory, row->id, NULL, jsonl_look_segment, jsonl,
                                        why);
    if (jsonl->object_system == NULL)
        jsonl->object_system =
            sp_systems_by_path(jsonl->options->systems, sp_trail_locator(&jsonl->trail));
    return err;
}

static enum sp_err jsonl_segment(void *ctx, int64_t object_id, const struct sp_segment_view *view,
                                 struct sp_why *why)
{
    (void)object_id;
    return sp_segment_each(view, jsonl_finding, ctx, why);
}

static enum sp_err jsonl_unread(void *ctx, int64_t object_id, const struct sp_unread *unread,
                                struct sp_why *why)
{
    (void)object_id;
    struct jsonl *jsonl = ctx;
    struct sp_json json;
    bool gap = sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP;
    sp_buf_reset(&jsonl->line);
    sp_json_init(&json, &jsonl->line, why);
    sp_json_object(&json);
    jsonl_where(&json, jsonl, sp_trail_locator(&jsonl->trail));
    sp_json_text(&json, "reason", sp_reason_name(unread->reason));
    sp_json_text(&json, "class", gap ? "gap" : "noted");
    jsonl_known(&json, "detail", sp_slice_of(unread->detail));
    jsonl_count(&json, "bytes_read", unread->bytes_read, SP_SIZE_UNKNOWN);
    jsonl_count(&json, "bytes_expected", unread->bytes_expected, SP_SIZE_UNKNOWN);
    sp_json_bool(&json, "partial", unread->partial);
    sp_json_bool(&json, "fallback", unread->fallback);
    sp_json_object_end(&json);
    return jsonl_write(jsonl, &json, why);
}

/* A file that an interrupted scan left open has no row that says so: this is it. */
static enum sp_err jsonl_open(struct jsonl *jsonl, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_INTERRUPTED);
    unread.partial = true;
    return jsonl_unread(jsonl, jsonl->object->id, &unread, why);
}

/* A walk that did not reach its end: what lies behind has no object that could say so. */
static enum sp_err jsonl_interrupted(struct jsonl *jsonl, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_INTERRUPTED);
    (void)snprintf(unread.detail, sizeof unread.detail, "the scan did not reach its end");
    unread.partial = true;
    enum sp_err err = sp_buf_append_byte(&jsonl->trail.path, '.', why);
    if (err == SP_OK)
        err = jsonl_unread(jsonl, 0, &unread, why);
    sp_buf_reset(&jsonl->trail.path);
    return err;
}

static enum sp_err jsonl_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct jsonl *jsonl = ctx;
    jsonl->object = row;
    enum sp_err err = sp_trail_enter(&jsonl->trail, row, why);
    if (err != SP_OK)
        return err;
    if (!jsonl->options->unread)
        err = jsonl_object_system(jsonl, row, why);
    if (err != SP_OK)
        return err;
    if (!jsonl->options->unread)
        return sp_inventory_each_segment(jsonl->inventory, row->id, jsonl->options->values_key,
                                         jsonl_segment, jsonl, why);
    if (row->state == SP_STATE_OPEN)
        err = jsonl_open(jsonl, why);
    return err == SP_OK ? sp_inventory_each_unread(jsonl->inventory, jsonl->root->id, row->id,
                                                   jsonl_unread, jsonl, why)
                        : err;
}

enum sp_err sp_export_jsonl(struct sp_inventory *inventory, const struct sp_root_row *root,
                            const struct sp_export_options *options, sp_line_out out, void *ctx,
                            struct sp_why *why)
{
    struct jsonl jsonl = {
        .inventory = inventory, .root = root, .options = options, .out = out, .ctx = ctx};
    sp_trail_init(&jsonl.trail);
    sp_buf_init(&jsonl.line, JSONL_LINE_MAX);
    enum sp_err err = options->unread && !root->complete ? jsonl_interrupted(&jsonl, why) : SP_OK;
    if (err == SP_OK)
        err = sp_inventory_each_object(inventory, root->id, jsonl_object, &jsonl, why);
    sp_trail_clear(&jsonl.trail);
    sp_buf_wipe(&jsonl.line); /* may have held values that were asked for */
    return err;
}
