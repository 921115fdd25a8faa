#include "base/json.h"

#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>

void sp_json_init(struct sp_json *json, struct sp_buf *out, struct sp_why *why)
{
    *json = (struct sp_json){.out = out, .why = why};
}

static void json_raw(struct sp_json *json, const void *bytes, size_t len)
{
    if (json->err == SP_OK)
        json->err = sp_buf_append(json->out, bytes, len, json->why);
}

static void json_separate(struct sp_json *json)
{
    if (json->comma[json->depth])
        json_raw(json, ",", 1);
    json->comma[json->depth] = true;
}

/* RFC 8259 section 7; bytes that are no UTF-8 become %XX, so that the line stays valid JSON. */
static void json_string(struct sp_json *json, struct sp_slice text)
{
    json_raw(json, "\"", 1);
    for (size_t pos = 0; pos < text.len && json->err == SP_OK;) {
        uint32_t c = 0;
        unsigned width = sp_utf8_decode(text.ptr + pos, text.len - pos, &c);
        if (width == 0) {
            json->err = sp_buf_appendf(json->out, json->why, "%%%02X", text.ptr[pos]);
            pos++;
            continue;
        }
        if (c == '"' || c == '\\') {
            json_raw(json, "\\", 1);
            json_raw(json, text.ptr + pos, 1);
        } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
                   (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) {
            json->err = sp_buf_appendf(json->out, json->why, "\\u%04" PRIx32, c);
        } else {
            json_raw(json, text.ptr + pos, width);
        }
        pos += width;
    }
    json_raw(json, "\"", 1);
}

static void json_open(struct sp_json *json, const char *bracket)
{
    /* after a key the separator was written already */
    json_raw(json, bracket, 1);
    assert(json->depth + 1 < SP_JSON_DEPTH_MAX);
    json->depth++;
    json->comma[json->depth] = false;
}

static void json_close(struct sp_json *json, const char *bracket)
{
    assert(json->depth > 0);
    json->depth--;
    json_raw(json, bracket, 1);
}

void sp_json_object(struct sp_json *json)
{
    json_open(json, "{");
}

void sp_json_object_item(struct sp_json *json)
{
    json_separate(json);
    json_open(json, "{");
}

void sp_json_object_end(struct sp_json *json)
{
    json_close(json, "}");
}

void sp_json_array(struct sp_json *json)
{
    json_open(json, "[");
}

void sp_json_array_end(struct sp_json *json)
{
    json_close(json, "]");
}

void sp_json_key_slice(struct sp_json *json, struct sp_slice key)
{
    json_separate(json);
    json_string(json, key);
    json_raw(json, ":", 1);
}

void sp_json_key(struct sp_json *json, const char *key)
{
    sp_json_key_slice(json, sp_slice_of(key));
}

void sp_json_string(struct sp_json *json, struct sp_slice text)
{
    json_string(json, text);
}

void sp_json_string_item(struct sp_json *json, struct sp_slice text)
{
    json_separate(json);
    json_string(json, text);
}

void sp_json_slice(struct sp_json *json, const char *key, struct sp_slice text)
{
    sp_json_key(json, key);
    if (text.ptr == NULL)
        json_raw(json, "null", 4);
    else
        json_string(json, text);
}

void sp_json_text(struct sp_json *json, const char *key, const char *text)
{
    sp_json_slice(json, key, sp_slice_of(text));
}

void sp_json_number(struct sp_json *json, const char *key, uint64_t number)
{
    sp_json_key(json, key);
    if (json->err == SP_OK)
        json->err = sp_buf_appendf(json->out, json->why, "%" PRIu64, number);
}

void sp_json_bool(struct sp_json *json, const char *key, bool value)
{
    sp_json_key(json, key);
    json_raw(json, value ? "true" : "false", value ? 4 : 5);
}

void sp_json_null(struct sp_json *json, const char *key)
{
    sp_json_key(json, key);
    json_raw(json, "null", 4);
}

void sp_json_items(struct sp_json *json, struct sp_slice items)
{
    if (items.len > 0)
        json_separate(json);
    json_raw(json, items.ptr, items.len);
}

void sp_json_item(struct sp_json *json, const char *text)
{
    sp_json_string_item(json, sp_slice_of(text));
}
