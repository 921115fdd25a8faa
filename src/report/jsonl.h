/* The master export: JSON Lines, one finding (or one unread thing) a line, keys always present. */
#ifndef SP_REPORT_JSONL_H
#define SP_REPORT_JSONL_H

#include "report/systems.h"
#include "store/inventory.h"

struct sp_export_options {
    enum sp_confidence min_confidence; /* findings below are left out */
    bool unread;                       /* what was not read instead of what was found */
    bool stable;                       /* no scan times, for comparing */
    const struct sp_key *values_key;   /* shows clear values (canonical); NULL = masked only */
    const struct sp_systems *systems;  /* NULL: none is known */
};
/* Gets one line with its newline. */
typedef enum sp_err (*sp_line_out)(void *ctx, struct sp_slice line, struct sp_why *why);

/* Exports one root, in a fixed order: path, ordinals, offset, type. */
enum sp_err sp_export_jsonl(struct sp_inventory *inventory, const struct sp_root_row *root,
                            const struct sp_export_options *options, sp_line_out out, void *ctx,
                            struct sp_why *why);

/* Writes the record object of a line: {"kind":…,"table":…,…}. */
struct sp_json;
void sp_json_record(struct sp_json *json, const struct sp_kept_record *record,
                    const struct sp_kept_finding *finding);
/* "2026-02-11T10:22:31Z" or, date_only, "2026-02-11"; null for INT64_MIN. */
void sp_json_time(struct sp_json *json, const char *key, int64_t time_s, bool date_only);

#endif
