#include "app/decisions.h"

#include "base/json.h"
#include "base/utf8.h"
#include "report/jsonl.h"

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
    sp_json_record(&json, decided->record, decided->finding);
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
