#include "app/app.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "scan/link.h"

#include <errno.h>
#include <unistd.h>

void sp_print_escaped(FILE *out, const char *text)
{
    struct sp_buf escaped;
    sp_buf_init(&escaped, 1U << 20);
    if (sp_escape(&escaped, sp_slice_of(text), "", NULL) == SP_OK && escaped.len > 0)
        (void)fwrite(escaped.data, 1, escaped.len, out);
    sp_buf_clear(&escaped);
}

int sp_complain(enum sp_err err, const struct sp_why *why)
{
    (void)fputs("speur: ", stderr);
    sp_print_escaped(stderr, why->text[0] != '\0' ? why->text : sp_err_name(err));
    (void)fputc('\n', stderr);
    return sp_err_exit_status(err);
}

/* The first scan on a machine makes the key; whoever runs it is told where it lies. */
static enum sp_err session_key(struct sp_session *session, bool make_key, bool quiet,
                               struct sp_why *why)
{
    if (!make_key || access(session->key_path, F_OK) == 0 || errno != ENOENT)
        return sp_key_open(session->key_path, &session->key, why);
    enum sp_err err = sp_key_make(session->key_path, &session->key, why);
    if (err == SP_OK && !quiet)
        (void)fprintf(stderr,
                      "speur: made a new key, %s. Keep a copy apart from the inventory: without it "
                      "no check can be made.\n",
                      session->key_path);
    return err;
}

static enum sp_err session_limits(const struct sp_options *options, struct sp_why *why)
{
    const struct sp_limits *limits = &options->limits;
    if (options->threads > SP_THREADS_MAX)
        return sp_fail(why, SP_ERR_USAGE, "--threads wants at most %d", SP_THREADS_MAX);
    if (limits->depth_max > SP_DEPTH_MAX)
        return sp_fail(why, SP_ERR_USAGE, "--limit-depth wants at most %d", SP_DEPTH_MAX);
    if (limits->quiet_max_s > SP_QUIET_MAX_S)
        return sp_fail(why, SP_ERR_USAGE, "--limit-time wants at most %d", SP_QUIET_MAX_S);
    if (limits->memory_max_bytes < SP_WORKER_MEMORY_MIN)
        return sp_fail(why, SP_ERR_USAGE, "--limit-memory wants at least %d", SP_WORKER_MEMORY_MIN);
    if (limits->depth_max == 0 || limits->mime_depth_max == 0 || limits->entries_max == 0 ||
        limits->ratio_layer_max == 0 || limits->ratio_total_max == 0 ||
        limits->spool_max_bytes == 0 || limits->quiet_max_s == 0)
        return sp_fail(why, SP_ERR_USAGE, "a limit of 0 would let nothing be read");
    return SP_OK;
}

static void session_refused(void *ctx, const struct sp_why *why)
{
    size_t *count = ctx;
    ++*count;
    (void)fprintf(stderr, "speur: refused: %s\n", why->text);
}

enum sp_err sp_app_patterns(const struct sp_options *options, char **own,
                            struct sp_patterns **patterns, size_t *refused, struct sp_why *why)
{
    *refused = 0;
    enum sp_err err = sp_app_path(SP_PLACE_PATTERNS, NULL, own, why);
    return err == SP_OK ? sp_patterns_load_beside(*own, options->patterns, session_refused, refused,
                                                  patterns, why)
                        : err;
}

enum sp_err sp_app_ocr(const struct sp_options *options, char **path,
                       char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why)
{
    enum sp_err err = sp_app_path(SP_PLACE_OCR_PROGRAM, NULL, path, why);
    const struct sp_worker_how how = {.path = *path,
                                      .no_sandbox = options->no_sandbox,
                                      .memory_bytes =
                                          options->limits.memory_max_bytes * SP_OCR_MEMORY_FACTOR,
                                      .spool_bytes = options->limits.spool_max_bytes};
    return err == SP_OK ? sp_worker_level(&how, level, why) : err;
}

/* Programs that an installation may be without. They are not started before they are needed:
 * tesseract takes longer to load than most scans. */
static void session_programs(struct sp_session *session, const struct sp_options *options)
{
    struct sp_why ignored; /* doctor tells, and so does what they would have read */
    if (!options->no_ocr)
        (void)sp_app_path(SP_PLACE_OCR_PROGRAM, NULL, &session->ocr_path, &ignored);
    (void)sp_app_path(SP_PLACE_DISK_PROGRAM, NULL, &session->disk_path, &ignored);
}

enum sp_err sp_session_reader(struct sp_session *session, const struct sp_options *options,
                              struct sp_why *why)
{
    session_programs(session, options);
    enum sp_err err = session_limits(options, why);
    if (err == SP_OK)
        err = sp_app_path(SP_PLACE_WORKER_PROGRAM, NULL, &session->worker_path, why);
    if (err == SP_OK)
        err = sp_passwords_read(options->passwords, &session->passwords, why);
    return err == SP_OK ? sp_app_patterns(options, &session->patterns_path, &session->patterns,
                                          &session->patterns_refused, why)
                        : err;
}

enum sp_err sp_session_open(struct sp_session *session, const struct sp_options *options,
                            bool make_key, struct sp_why *why)
{
    *session = (struct sp_session){.key = NULL};
    if (options->snapshot_id != NULL && options->arg_count > 1)
        return sp_fail(why, SP_ERR_USAGE, "--snapshot-id is the name of one PATH");
    enum sp_err err =
        sp_app_path(SP_PLACE_INVENTORY, options->inventory, &session->inventory_path, why);
    if (err == SP_OK)
        err = sp_app_path(SP_PLACE_KEY, options->key, &session->key_path, why);
    if (err == SP_OK)
        err = sp_session_reader(session, options, why);
    if (err == SP_OK)
        err = session_key(session, make_key, options->quiet, why);
    if (err == SP_OK)
        err = sp_inventory_open(session->inventory_path, true, &session->inventory, why);
    return err;
}

enum sp_err sp_session_known(struct sp_session *session, const struct sp_options *options,
                             struct sp_why *why)
{
    *session = (struct sp_session){.key = NULL};
    enum sp_err err =
        sp_app_path(SP_PLACE_INVENTORY, options->inventory, &session->inventory_path, why);
    if (err == SP_OK)
        err = sp_app_path(SP_PLACE_KEY, options->key, &session->key_path, why);
    if (err == SP_OK)
        err = sp_key_open(session->key_path, &session->key, why);
    return err == SP_OK
               ? sp_inventory_open(session->inventory_path, false, &session->inventory, why)
               : err;
}

void sp_session_close(struct sp_session *session)
{
    sp_name_set_free(session->names);
    sp_root_rows_free(session->roots, session->root_count);
    sp_inventory_close(session->inventory);
    sp_patterns_free(session->patterns);
    sp_key_free(session->key);
    sp_buf_wipe(&session->passwords);
    sp_free(session->inventory_path);
    sp_free(session->key_path);
    sp_free(session->patterns_path);
    sp_free(session->worker_path);
    sp_free(session->ocr_path);
    sp_free(session->disk_path);
}

enum sp_err sp_session_roots(struct sp_session *session, struct sp_why *why)
{
    sp_root_rows_free(session->roots, session->root_count);
    session->roots = NULL;
    session->root_count = 0;
    return sp_inventory_roots(session->inventory, &session->roots, &session->root_count, why);
}

void sp_session_scan_options(const struct sp_session *session, const struct sp_options *options,
                             struct sp_scan_options *scan)
{
    *scan = (struct sp_scan_options){
        .inventory = session->inventory,
        .key = session->key,
        .patterns = session->patterns,
        .names = session->names,
        .region = options->region,
        .limits = options->limits,
        .threads = options->threads,
        .keep_values = options->keep_values,
        .mask_hint = !options->no_mask_hint,
        .one_file_system = !options->all_file_systems,
        .snapshot_id = options->snapshot_id,
        .fresh = options->fresh || options->verify_digest,
        .no_sandbox = options->no_sandbox,
        .excludes = options->excludes,
        .exclude_count = options->exclude_count,
        .worker_path = session->worker_path,
        .ocr_path = session->ocr_path,
        .disk_path = session->disk_path,
        .stop = &sp_app_stop,
    };
    scan->limits.programs = (session->ocr_path != NULL ? SP_PROGRAM_OCR : 0U) |
                            (session->disk_path != NULL ? SP_PROGRAM_DISK : 0U);
    scan->limits.passwords = (const char *)session->passwords.data;
    scan->limits.passwords_len = (uint32_t)session->passwords.len;
}

enum sp_err sp_session_scan(struct sp_session *session, const struct sp_options *options,
                            const char *path, struct sp_scan_sum *sum,
                            const struct sp_root_row **row, struct sp_why *why)
{
    struct sp_scan_options scan;
    struct sp_progress progress = {0};
    sp_session_scan_options(session, options, &scan);
    scan.progress = &progress;
    struct sp_bar *bar = sp_bar_begin(options, path, &scan, &progress);
    enum sp_err err = sp_scan(path, &scan, sum, why);
    sp_bar_end(bar);
    if (err == SP_OK)
        err = sp_session_roots(session, why);
    *row = NULL;
    for (size_t i = 0; err == SP_OK && i < session->root_count; i++)
        if (session->roots[i].id == sum->root_id)
            *row = &session->roots[i];
    return err == SP_OK && *row == NULL
               ? sp_fail(why, SP_ERR_BUG, "the scanned root is not in the inventory")
               : err;
}
