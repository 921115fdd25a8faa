/* Reads values out of one JSON line that speur wrote (decisions, evidence): by key, without a tree.
 * Not for what comes from strangers: extract/json.c reads that. */
#ifndef SP_BASE_JSON_GET_H
#define SP_BASE_JSON_GET_H

#include "base/buf.h"

/* The bytes of the value at `path` ("record.row"), as written; empty: there is none, or the line is
 * no JSON object. Strings keep their quotes. */
struct sp_slice sp_json_get(struct sp_slice line, const char *path);
/* Appends the text of a string, escapes resolved. False: it is no string (null, a number). */
bool sp_json_get_text(struct sp_slice line, const char *path, struct sp_buf *out,
                      struct sp_why *why, enum sp_err *err);
/* A whole number of at most 64 bits. False: it is none. */
bool sp_json_get_number(struct sp_slice line, const char *path, uint64_t *number);
/* The next item of the array `array`, whose first call has *pos 0. False: the end. */
bool sp_json_get_item(struct sp_slice array, size_t *pos, struct sp_slice *item);
/* True when the value is the string `text`, which needs no escapes. */
bool sp_json_get_is(struct sp_slice line, const char *path, const char *text);

#endif
