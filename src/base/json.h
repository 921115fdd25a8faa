/* Writes JSON into a buffer. Values are always valid UTF-8: invalid bytes of a string become
 * %XX. */
#ifndef SP_BASE_JSON_H
#define SP_BASE_JSON_H

#include "base/buf.h"

enum { SP_JSON_DEPTH_MAX = 16 };

struct sp_json {
    struct sp_buf *out;            /* borrowed */
    enum sp_err err;               /* first failure; later calls do nothing */
    struct sp_why *why;            /* borrowed, may be NULL */
    unsigned depth;                /* open objects and arrays */
    bool comma[SP_JSON_DEPTH_MAX]; /* a value stands before at this depth */
};

void sp_json_init(struct sp_json *json, struct sp_buf *out, struct sp_why *why);
void sp_json_object(struct sp_json *json);
/* The same as an item of an array. */
void sp_json_object_item(struct sp_json *json);
void sp_json_object_end(struct sp_json *json);
void sp_json_array(struct sp_json *json);
void sp_json_array_end(struct sp_json *json);
void sp_json_key(struct sp_json *json, const char *key);
/* The same for a name that somebody else wrote. */
void sp_json_key_slice(struct sp_json *json, struct sp_slice key);
/* key + value; NULL text gives null. */
void sp_json_text(struct sp_json *json, const char *key, const char *text);
void sp_json_slice(struct sp_json *json, const char *key,
                   struct sp_slice text); /* NULL ptr: null */
void sp_json_number(struct sp_json *json, const char *key, uint64_t number);
void sp_json_bool(struct sp_json *json, const char *key, bool value);
void sp_json_null(struct sp_json *json, const char *key);
/* A string: the value behind a key, or an item of an array. */
void sp_json_string(struct sp_json *json, struct sp_slice text);
void sp_json_string_item(struct sp_json *json, struct sp_slice text);
/* Items of an array, or members of an object, that are JSON already, with commas between. */
void sp_json_items(struct sp_json *json, struct sp_slice items);
/* A bare string value inside an array. */
void sp_json_item(struct sp_json *json, const char *text);

#endif
