/* Compound files (OLE): the readers of what is in them, one a kind. Each gets the text record of
 * the document in `flow`, not yet begun, and reports what it did not read. */
#ifndef SP_EXTRACT_OLE_H
#define SP_EXTRACT_OLE_H

#include "base/buf.h"
#include "extract/flow.h"

struct sp_ole;
/* Bytes of a stream by its name; false: there is none, or it is damaged or larger than max. */
bool sp_ole_stream(const struct sp_ole *ole, const char *name, size_t max, struct sp_buf *out);

/* Word 97 and later: pieces of text by the piece table. Source: [MS-DOC]. */
enum sp_err sp_ole_word(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                        struct sp_why *why);
/* Excel 97 and later: BIFF8, rows as records. Source: [MS-XLS]. */
enum sp_err sp_ole_excel(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                         struct sp_why *why);
/* PowerPoint 97 and later: atoms of text. Source: [MS-PPT]. */
enum sp_err sp_ole_powerpoint(struct sp_extract *x, const struct sp_ole *ole, struct sp_flow *flow,
                              struct sp_why *why);

/* Reports something of x's object. */
enum sp_err sp_ole_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                          struct sp_why *why);
/* Bytes of it by the raw pass. */
enum sp_err sp_ole_raw(struct sp_extract *x, struct sp_slice bytes, struct sp_why *why);
/* UTF-16LE, or windows-1252, as a run of the flow. */
enum sp_err sp_ole_text(struct sp_flow *flow, struct sp_slice bytes, bool wide, struct sp_why *why);

/* Little-endian numbers of a file. */
unsigned sp_le16(const uint8_t *at);
uint32_t sp_le32(const uint8_t *at);
uint64_t sp_le64(const uint8_t *at);

#endif
