/* The master export: JSON Lines, one finding (or one unread thing) a line, keys always present. */
#ifndef SP_REPORT_JSONL_H
#define SP_REPORT_JSONL_H

#include "report/shown.h"

/* Appends the line with its newline. stable: no scan times, for comparing. */
enum sp_err sp_jsonl_line(const struct sp_shown *shown, bool stable, struct sp_buf *line,
                          struct sp_why *why);

/* Writes the record object of a line: {"kind":…,"table":…,…}. */
struct sp_json;
void sp_json_record(struct sp_json *json, const struct sp_kept_record *record,
                    const struct sp_kept_finding *finding);
/* "2026-02-11T10:22:31Z" or, date_only, "2026-02-11"; null for INT64_MIN. */
void sp_json_time(struct sp_json *json, const char *key, int64_t time_s, bool date_only);

#endif
