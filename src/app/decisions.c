#include "app/decisions.h"

#include "base/json.h"
#include "base/utf8.h"
#include "report/jsonl.h"

/* A name that is no UTF-8 also in hexadecimal: two such names may read alike. */
static void decision_raw(struct sp_json *json, struct sp_slice unit)
{
    static const char digits[] = "0123456789abcdef";
    if (sp_utf8_valid(unit)) {
        sp_json_null(json, "unit_raw");
        return;
    }
    struct sp_buf hex;
    sp_buf_init(&hex, SIZE_MAX);
    for (size_t i = 0; i < unit.len && json->err == SP_OK; i++) {
        char pair[3] = {digits[unit.ptr[i] >> 4], digits[unit.ptr[i] & 15], '\0'};
        json->err = sp_buf_append_string(&hex, pair, json->why);
    }
    sp_json_slice(json, "unit_raw", sp_buf_slice(&hex));
    sp_buf_clear(&hex);
}

/* Of a tuple: in which columns the person was met. */
static void decision_columns(struct sp_json *json, const struct sp_decided *decided)
{
    sp_json_key(json, "columns");
    sp_json_array(json);
    for (size_t i = 0; i < decided->column_count; i++) {
        const struct sp_met_column *column = &decided->columns[i];
        sp_json_object_item(json);
        sp_json_number(json, "ordinal", column->ordinal);
        sp_json_text(json, "type", sp_type_name(column->type));
        sp_json_bool(json, "packed", column->packed);
        sp_json_object_end(json);
    }
    sp_json_array_end(json);
}

enum sp_err sp_decision_jsonl(struct sp_buf *out, const struct sp_decided *decided,
                              struct sp_why *why)
{
    struct sp_json json;
    sp_json_init(&json, out, why);
    sp_json_object(&json);
    sp_json_text(&json, "req_id", decided->req_id);
    sp_json_text(&json, "decision", sp_decision_name(decided->decision));
    sp_json_key(&json, "types");
    sp_json_array(&json);
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if ((decided->types >> i & 1) != 0)
            sp_json_item(&json, sp_type_name((enum sp_type)i));
    sp_json_array_end(&json);
    sp_json_slice(&json, "path", decided->path);
    sp_json_slice(&json, "locator", decided->locator);
    sp_json_slice(&json, "unit", decided->unit);
    decision_raw(&json, decided->unit);
    sp_json_record(&json, decided->record, decided->finding);
    /* so that filter knows member and record again */
    if (decided->unit_size != SP_SIZE_UNKNOWN)
        sp_json_number(&json, "unit_size", decided->unit_size);
    if (decided->finding->offset != SP_SIZE_UNKNOWN)
        sp_json_number(&json, "offset", decided->finding->offset);
    decision_columns(&json, decided);
    sp_json_object_end(&json);
    return json.err == SP_OK ? sp_buf_append_byte(out, '\n', why) : json.err;
}

enum sp_err sp_decision_text(struct sp_buf *out, const struct sp_decided *decided,
                             struct sp_why *why)
{
    const char *comma = "";
    enum sp_err err = sp_buf_appendf(out, why, "%-8s ", sp_decision_name(decided->decision));
    if (err == SP_OK)
        err = sp_escape(out, sp_slice_of(decided->req_id), "", why);
    if (err == SP_OK)
        err = sp_buf_append_string(out, "  ", why);
    for (unsigned i = 0; err == SP_OK && i < SP_TYPE_COUNT; i++) {
        if ((decided->types >> i & 1) == 0)
            continue;
        err = sp_buf_appendf(out, why, "%s%s", comma, sp_type_name((enum sp_type)i));
        comma = ",";
    }
    if (err == SP_OK)
        err = sp_buf_append_string(out, "  ", why);
    if (err == SP_OK) /* escaped already */
        err = sp_buf_append(out, decided->locator.ptr, decided->locator.len, why);
    return err == SP_OK ? sp_buf_append_byte(out, '\n', why) : err;
}
