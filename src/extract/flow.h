/* Flowing text of a document that comes in runs: they are joined, so that a value that is split
 * over two of them is one, and normalised. One record; a line of it is a paragraph. */
#ifndef SP_EXTRACT_FLOW_H
#define SP_EXTRACT_FLOW_H

#include "core/charset.h"
#include "extract/extract.h"
#include "extract/row.h"

struct sp_flow;
enum sp_err sp_flow_new(struct sp_sink *sink, struct sp_flow **out, struct sp_why *why);
void sp_flow_free(struct sp_flow *flow); /* NULL is fine */

/* From now on what is packed in a cell (JSON, serialised values) is opened, see cells.h. */
enum sp_err sp_flow_unpack(struct sp_flow *flow, struct sp_why *why);
/* Begins a record; `record` is copied, its slices are borrowed until its end. */
void sp_flow_begin(struct sp_flow *flow, const struct sp_record *record);
/* Begins a field of the record; `key` and `part` are borrowed until the record ends. Without a
 * call the text has no field. */
enum sp_err sp_flow_field(struct sp_flow *flow, struct sp_slice key, struct sp_slice part,
                          struct sp_why *why);
/* The same for a column, whose key stands in `keys` of sp_flow_keys. */
enum sp_err sp_flow_column(struct sp_flow *flow, uint32_t column, struct sp_why *why);
void sp_flow_keys(struct sp_flow *flow, const struct sp_slice *keys, size_t count);
/* A run of UTF-8 that lies at source byte `off`, SP_SIZE_UNKNOWN where there is none. */
enum sp_err sp_flow_text(struct sp_flow *flow, struct sp_slice utf8, uint64_t off,
                         struct sp_why *why);
/* A character of ours between runs: newline, tab, blank. Two newlines in a row become one. */
enum sp_err sp_flow_break(struct sp_flow *flow, char c, uint64_t off, struct sp_why *why);
/* The record at hand is a header, of nobody. Too late for a long one, which then is a record. */
bool sp_flow_is_header(struct sp_flow *flow);
enum sp_err sp_flow_end(struct sp_flow *flow, struct sp_why *why);
/* Records that had text. */
uint64_t sp_flow_records(const struct sp_flow *flow);

#endif
