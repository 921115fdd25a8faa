/* Decisions of a check, for people and for programs. */
#ifndef SP_APP_DECISIONS_H
#define SP_APP_DECISIONS_H

#include "base/buf.h"
#include "check/verdict.h"

/* One JSON line with its newline: {"req_id","decision","types","path","locator","unit","unit_raw",
 * "record"}.
 */
enum sp_err sp_decision_jsonl(struct sp_buf *out, const struct sp_decided *decided,
                              struct sp_why *why);
/* One line for a person with its newline: decision, request, types, locator; all escaped. */
enum sp_err sp_decision_text(struct sp_buf *out, const struct sp_decided *decided,
                             struct sp_why *why);

#endif
