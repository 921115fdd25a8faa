#include "app/report.h"

#include "app/output.h"
#include "base/mem.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPORT_SETTINGS_MAX = 4096 };

enum sp_err sp_report_open(struct sp_report *report, const struct sp_options *options,
                           const struct sp_session *session, const struct sp_register *reg,
                           struct sp_why *why)
{
    struct sp_chain chain;
    *report = (struct sp_report){
        .wanted = options->evidence != NULL, .options = options, .session = session, .reg = reg};
    sp_buf_init(&report->targets, SP_EVIDENCE_BYTES_MAX);
    enum sp_err err =
        sp_app_path(SP_PLACE_REGISTER, options->register_path, &report->register_path, why);
    /* also when no report is wanted: the last one may know more of the register */
    return err == SP_OK ? sp_chain_open(report->register_path, session->key, reg, &chain, why)
                        : err;
}

void sp_report_close(struct sp_report *report)
{
    sp_free(report->register_path);
    sp_buf_clear(&report->targets);
}

/* ---- one target -------------------------------------------------------------------------------
 */
/* The digest of a file that is as it was while it was read; false: it changed, or cannot be read.
 */
static bool report_digest_file(const char *path, uint8_t digest[SP_DIGEST_LEN])
{
    struct stat before;
    struct stat after;
    struct sp_why why;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool good = fd >= 0 && fstat(fd, &before) == 0 && S_ISREG(before.st_mode) &&
                sp_digest_fd(fd, digest, &why) == SP_OK && fstat(fd, &after) == 0 &&
                before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
                before.st_mtim.tv_nsec == after.st_mtim.tv_nsec &&
                before.st_ctim.tv_sec == after.st_ctim.tv_sec &&
                before.st_ctim.tv_nsec == after.st_ctim.tv_nsec;
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* What tells that this is the target: its content as read now, its files by their stat, or the
 * name of a snapshot that was scanned before. */
static void report_identity(struct sp_json *json, const char *path, const struct sp_root_row *row,
                            const struct sp_scan_sum *scanned)
{
    uint8_t digest[SP_DIGEST_LEN];
    if (scanned->declared) {
        sp_json_text(json, "identity", "declared");
    } else if (strcmp(path, "-") == 0) {
        sp_json_text(json, "identity", "stream");
    } else if (!row->is_tree && scanned->reused == 0 && report_digest_file(path, digest)) {
        sp_json_text(json, "identity", "digest");
        sp_evidence_digest(json, "digest", digest);
    } else {
        sp_json_text(json, "identity", "stat");
    }
    sp_json_number(json, "files", scanned->files);
    sp_json_number(json, "files_unchanged", scanned->reused);
}

static void report_counts(struct sp_json *json, const struct sp_verdict_sum *sum)
{
    sp_json_key(json, "decisions");
    sp_json_object(json);
    for (unsigned i = SP_DECISION_HIT; i < SP_DECISION_COUNT; i++)
        sp_json_number(json, sp_decision_name((enum sp_decision)i), sum->decisions[i]);
    sp_json_object_end(json);
    sp_json_number(json, "requests_met", sum->requests_hit);
    sp_json_key(json, "units");
    sp_json_object(json);
    sp_json_number(json, "keep", sum->units[SP_LIST_KEEP]);
    sp_json_number(json, "drop", sum->units[SP_LIST_DROP]);
    sp_json_number(json, "hold", sum->units[SP_LIST_HOLD]);
    sp_json_object_end(json);
    sp_json_number(json, "gaps", sum->gaps);
    sp_json_number(json, "gaps_accepted", sum->gaps_accepted);
}

enum sp_err sp_report_target(struct sp_report *report, const char *path,
                             const struct sp_root_row *row, const struct sp_scan_sum *scanned,
                             const struct sp_verdict_sum *sum, struct sp_why *why)
{
    struct sp_json json;
    if (!report->wanted)
        return SP_OK;
    enum sp_err err =
        sp_buf_append_string(&report->targets, report->targets.len > 0 ? "," : "", why);
    if (err != SP_OK)
        return err;
    sp_json_init(&json, &report->targets, why);
    sp_json_object(&json);
    sp_json_text(&json, "path", row->path);
    report_identity(&json, path, row, scanned);
    sp_json_text(&json, "backup_taken", report->options->backup_taken);
    sp_json_text(&json, "system", report->options->target_system);
    sp_json_text(&json, "sandbox", scanned->sandbox);
    sp_json_bool(&json, "scan_complete", sum->scan_complete);
    sp_evidence_coverage(&json, &sum->coverage);
    sp_json_number(&json, "register_rows", sum->rows_live);
    sp_json_number(&json, "register_rows_expired", sum->rows_expired);
    sp_json_number(&json, "register_rows_withdrawn", sum->rows_withdrawn);
    sp_json_number(&json, "register_rows_of_other_systems", sum->rows_elsewhere);
    report_counts(&json, sum);
    sp_json_object_end(&json);
    return json.err;
}

/* ---- all of it ----------------------------------------------------------------------------------
 */
/* The settings that decide what is found and how it is judged, as one digest. */
static void report_configuration(struct sp_json *json, const struct sp_options *options,
                                 const char *patterns)
{
    const struct sp_limits *limits = &options->limits;
    char text[REPORT_SETTINGS_MAX];
    uint8_t digest[SP_DIGEST_LEN];
    int len =
        snprintf(text, sizeof text,
                 "%s|region=%d|file_systems=%d|review_ok=%d|strict=%d|drop_containers=%d|empty_ok=%"
                 "d|no_names=%d|"
                 "depth=%" PRIu32 "|mime=%" PRIu32 "|entries=%" PRIu64 "|ratio=%" PRIu64 ",%" PRIu64
                 "|spool=%" PRIu64 "|bytes=%" PRIu64 "|memory=%" PRIu64 "|quiet=%" PRIu32
                 "|excludes=%zu|accepts=%zu|sandbox=%d",
                 patterns, (int)options->region, options->all_file_systems, options->review_ok,
                 options->strict_kinds, options->drop_containers, options->empty_register_ok,
                 options->no_names, limits->depth_max, limits->mime_depth_max, limits->entries_max,
                 limits->ratio_layer_max, limits->ratio_total_max, limits->spool_max_bytes,
                 limits->member_max_bytes, limits->memory_max_bytes, limits->quiet_max_s,
                 options->exclude_count, options->accept_count, !options->no_sandbox);
    sp_digest((struct sp_slice){(const uint8_t *)text, (size_t)len}, digest);
    sp_evidence_digest(json, "configuration", digest);
}

static void report_settings(struct sp_json *json, const struct sp_options *options,
                            const char *patterns)
{
    sp_json_text(json, "patterns", patterns);
    report_configuration(json, options, patterns);
    sp_json_key(json, "options");
    sp_json_array(json);
    for (size_t i = 0; i < options->given_count; i++)
        sp_json_item(json, options->given[i]);
    sp_json_array_end(json);
    sp_json_key(json, "excluded");
    sp_json_array(json);
    for (size_t i = 0; i < options->exclude_count; i++)
        sp_json_item(json, options->excludes[i]);
    sp_json_array_end(json);
}

/* An accepted rule as one line of text: who took what on whose word. */
static void report_accepted(struct sp_json *json, const struct sp_verdict_options *verdict,
                            const struct sp_verdict_sum *sum)
{
    char text[2048];
    sp_json_key(json, "accepted");
    sp_json_array(json);
    for (size_t i = 0; i < verdict->accept_count; i++) {
        const struct sp_accept *rule = &verdict->accepts[i];
        (void)snprintf(text, sizeof text, "%s:%s:%s:%s:%s", sp_reason_name(rule->reason),
                       rule->glob, rule->who, rule->until, rule->why_text);
        sp_json_item(json, text);
    }
    sp_json_array_end(json);
    sp_json_key(json, "accepted_gaps");
    sp_json_object(json);
    for (unsigned i = 0; i < SP_REASON_COUNT; i++)
        if (sum->accepted_by_reason[i] > 0)
            sp_json_number(json, sp_reason_name((enum sp_reason)i), sum->accepted_by_reason[i]);
    sp_json_object_end(json);
    sp_json_number(json, "accepted_reviews", sum->reviews_accepted);
    sp_json_bool(json, "register_empty", sum->register_empty);
}

/* Digests of what was written, so that a list can be matched with its report. */
static void report_files(struct sp_json *json, const struct sp_options *options)
{
    const struct {
        const char *name, *path;
    } files[] = {{"keep0", options->keep0},
                 {"drop0", options->drop0},
                 {"hold0", options->hold0},
                 {"decisions", options->decisions}};
    uint8_t digest[SP_DIGEST_LEN];
    sp_json_key(json, "files");
    sp_json_object(json);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i].path != NULL && report_digest_file(files[i].path, digest))
            sp_evidence_digest(json, files[i].name, digest);
        else
            sp_json_null(json, files[i].name);
    }
    sp_json_object_end(json);
}

struct report_end {
    const struct sp_report *report;
    const struct sp_verdict_options *verdict;
    const struct sp_verdict_sum *sum;
    struct sp_slice line;
};

static void report_body(struct sp_json *json, void *ctx)
{
    const struct report_end *end = ctx;
    const struct sp_report *report = end->report;
    report_settings(json, report->options, sp_patterns_digest(report->session->patterns));
    sp_json_bool(json, "ocr", report->session->ocr_path != NULL); /* words of pictures looked for */
    sp_json_key(json, "targets");
    sp_json_array(json);
    sp_json_items(json, sp_buf_slice(&report->targets));
    sp_json_array_end(json);
    report_counts(json, end->sum);
    report_accepted(json, end->verdict, end->sum);
    report_files(json, report->options);
    sp_json_slice(json, "verdict", end->line);
}

enum sp_err sp_report_write(struct sp_report *report, const struct sp_verdict_options *verdict,
                            const struct sp_verdict_sum *sum, struct sp_slice line,
                            struct sp_why *why)
{
    struct report_end end = {report, verdict, sum, line};
    const struct sp_evidence_job job = {.path = report->options->evidence,
                                        .kind = "check",
                                        .register_path = report->register_path,
                                        .key = report->session->key,
                                        .reg = report->reg,
                                        .body = report_body,
                                        .ctx = &end};
    return report->wanted ? sp_evidence_write(&job, why) : SP_OK;
}
