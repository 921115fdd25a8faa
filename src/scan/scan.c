#include "scan/scan.h"

#include "base/mem.h"
#include "scan/lane.h"
#include "scan/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <omp.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* One scan while it runs. */
struct scan {
    struct sp_shared shared;
    struct sp_scan_sum *sum;
    char root[PATH_MAX];                 /* real path, or "-" */
    char label[16 + SP_SNAPSHOT_ID_MAX]; /* what the inventory calls it instead; or empty */
    int file_fd;                         /* of a root that is one file; -1 */
    struct sp_spare spare;               /* the worker that said what contains them */
    enum sp_err err;                     /* first failure of a lane */
    struct sp_why why;
};

static int64_t scan_now_s(void)
{
    return (int64_t)time(NULL);
}

/* ---- the root ------------------------------------------------------------------------------ */
static enum sp_err scan_open_root(struct scan *scan, const char *path, struct sp_why *why)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        (void)snprintf(scan->root, sizeof scan->root, "-");
        if (fstat(STDIN_FILENO, &st) != 0 || S_ISCHR(st.st_mode) || S_ISDIR(st.st_mode))
            return sp_fail(why, SP_ERR_NOINPUT,
                           "standard input is closed, or nothing is sent there");
        scan->file_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        return scan->file_fd >= 0 ? SP_OK
                                  : sp_fail(why, SP_ERR_NOINPUT, "standard input is closed");
    }
    if (realpath(path, scan->root) == NULL)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", path, strerrordesc_np(errno));
    int fd = open(scan->root, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", path, strerrordesc_np(errno));
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return sp_fail(why, SP_ERR_NOINPUT, "%s is neither a file nor a directory", path);
    }
    scan->shared.root_is_tree = S_ISDIR(st.st_mode);
    scan->shared.root_dev = st.st_dev;
    if (scan->shared.root_is_tree)
        scan->shared.root_fd = fd;
    else
        scan->file_fd = fd;
    return SP_OK;
}

enum { SCAN_DIGEST_SIZE = 2 * SP_TOKEN_LEN + 1 };

static void scan_hex(const uint8_t *digest, char out[SCAN_DIGEST_SIZE])
{
    for (size_t i = 0; i < SP_TOKEN_LEN; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Which names are looked for; empty: none. */
static void scan_names_digest(const struct sp_scan_options *options, char out[SCAN_DIGEST_SIZE])
{
    uint8_t digest[SP_DIGEST_LEN];
    out[0] = '\0';
    if (options->names == NULL)
        return;
    sp_name_set_digest(options->names, digest);
    scan_hex(digest, out);
}

/* What else decides which findings a scan makes of a file: patterns, region, limits, masks. An
 * unchanged file is read again when any of it changed. */
static void scan_digest(const struct sp_scan_options *options, char out[SCAN_DIGEST_SIZE])
{
    const struct sp_limits *limits = &options->limits;
    uint8_t digest[SP_DIGEST_LEN];
    uint8_t mac[SP_DIGEST_LEN] = {0}; /* keyed: nobody can try passwords against it */
    char text[512 + 2 * SP_DIGEST_LEN];
    if (limits->passwords_len > 0)
        sp_mac(options->key,
               (struct sp_slice){(const uint8_t *)limits->passwords, limits->passwords_len}, mac);
    int len = snprintf(
        text, sizeof text,
        SPEUR_VERSION " %s region %d hint %d depth %u mime %u entries %llu ratio %llu %llu %llu "
                      "spool %llu member %llu programs %u",
        sp_patterns_digest(options->patterns), (int)options->region, options->mask_hint,
        limits->depth_max, limits->mime_depth_max, (unsigned long long)limits->entries_max,
        (unsigned long long)limits->ratio_layer_max, (unsigned long long)limits->ratio_total_max,
        (unsigned long long)limits->ratio_free_bytes, (unsigned long long)limits->spool_max_bytes,
        (unsigned long long)limits->member_max_bytes, limits->programs);
    for (size_t i = 0; limits->passwords_len > 0 && i < sizeof mac; i++)
        len += snprintf(text + len, 3, "%02x", mac[i]);
    sp_digest((struct sp_slice){(const uint8_t *)text, (size_t)len}, digest);
    scan_hex(digest, out);
}

static enum sp_err scan_begin(struct scan *scan, struct sp_why *why)
{
    const struct sp_scan_options *options = scan->shared.options;
    char digest[SCAN_DIGEST_SIZE];
    char names[SCAN_DIGEST_SIZE];
    char key_ids[SP_KEY_IDS_SIZE];
    scan_digest(options, digest);
    scan_names_digest(options, names);
    sp_key_ids(options->key, key_ids);
    struct sp_scan_info info = {
        .root = scan->label[0] != '\0' ? scan->label : scan->root,
        .root_is_tree = scan->shared.root_is_tree,
        .started_s = scan_now_s(),
        .patterns_digest = digest,
        .names_digest = names[0] != '\0' ? names : NULL,
        .key_ids = key_ids,
        .version = SPEUR_VERSION,
        .sandbox = scan->sum->sandbox,
        .keep_values = options->keep_values,
    };
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if (sp_patterns_has_type(options->patterns, (enum sp_type)i))
            info.types_searched |= UINT64_C(1) << i;
    if (options->names != NULL)
        info.types_searched |= UINT64_C(1) << SP_TYPE_NAME;
    return sp_inventory_scan_begin(options->inventory, &info, &scan->shared.root_id,
                                   &scan->shared.scan_id, why);
}

/* ---- a snapshot ---------------------------------------------------------------------------- */
static enum sp_err scan_label(struct scan *scan, const char *id, struct sp_why *why)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:@-";
    size_t len = strlen(id);
    if (len == 0 || len > SP_SNAPSHOT_ID_MAX || strspn(id, allowed) != len)
        return sp_fail(why, SP_ERR_USAGE,
                       "the name of a snapshot is of letters, digits and ._:@- only");
    (void)snprintf(scan->label, sizeof scan->label, "snapshot:%s", id);
    return SP_OK;
}

/* A whole scan under that name, for the same things and with all keys of now, needs no reading.
 * Names that it looked for besides do no harm. */
static enum sp_err scan_known(struct scan *scan, struct sp_why *why)
{
    const struct sp_scan_options *options = scan->shared.options;
    char digest[SCAN_DIGEST_SIZE];
    char names[SCAN_DIGEST_SIZE];
    char key_ids[SP_KEY_IDS_SIZE];
    struct sp_root_row *rows = NULL;
    size_t count = 0;
    scan_digest(options, digest);
    scan_names_digest(options, names);
    sp_key_ids(options->key, key_ids);
    enum sp_err err = sp_inventory_roots(options->inventory, &rows, &count, why);
    for (size_t i = 0; err == SP_OK && i < count; i++) {
        if (strcmp(rows[i].path, scan->label) != 0 || !rows[i].complete ||
            !sp_key_ids_include(rows[i].key_ids, key_ids) ||
            strcmp(rows[i].patterns_digest, digest) != 0 ||
            (names[0] != '\0' && strcmp(rows[i].names_digest, names) != 0))
            continue;
        *scan->sum = (struct sp_scan_sum){.root_id = rows[i].id,
                                          .scan_id = rows[i].last_scan,
                                          .declared = true,
                                          .complete = true};
    }
    if (count > 0)
        sp_root_rows_free(rows, count);
    return err;
}

/* ---- lanes --------------------------------------------------------------------------------- */
static void scan_failed(struct scan *scan, enum sp_err err, const struct sp_why *why)
{
#pragma omp critical(scan_error)
    {
        if (scan->err == SP_OK || scan->err == SP_ERR_STOP) {
            scan->err = err;
            scan->why = *why;
        }
    }
    sp_queue_stop(scan->shared.queue);
}

/* The root that is one file: one task, taken like any other. */
static enum sp_err scan_offer_root(struct scan *scan, struct sp_why *why)
{
    struct sp_task *task = NULL;
    const char *slash = strrchr(scan->root, '/');
    const char *name = slash == NULL ? scan->root : slash + 1;
    enum sp_err err = sp_task_new(&task, why);
    if (err == SP_OK)
        err = sp_buf_append(&task->storage, name, strlen(name) + 1, why);
    if (err != SP_OK) {
        sp_task_free(task);
        return err;
    }
    task->name = (struct sp_slice){task->storage.data, task->storage.len - 1};
    task->fd = scan->file_fd;
    scan->file_fd = -1;
    return sp_queue_offer(scan->shared.queue, task)
               ? SP_OK
               : sp_fail(why, SP_ERR_BUG, "an empty queue took no task");
}

static bool scan_is_stopped(const struct scan *scan)
{
    const volatile int *stop = scan->shared.options->stop;
    return stop != NULL && *stop != 0;
}

static enum sp_err scan_work(struct scan *scan, struct sp_lane *lane, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    struct sp_task *task;
    while (err == SP_OK && (task = sp_queue_take(scan->shared.queue)) != NULL) {
        if (scan_is_stopped(scan)) {
            sp_task_free(task);
            err = sp_fail(why, SP_ERR_STOP, "stopped");
        } else {
            err = sp_lane_do(lane, task, why);
        }
        sp_queue_done(scan->shared.queue);
    }
    return err;
}

static enum sp_err scan_offer(struct scan *scan, struct sp_lane *lane, struct sp_why *why)
{
    if (!scan->shared.root_is_tree)
        return scan_offer_root(scan, why);
    return scan->shared.options->only_count > 0 ? sp_walk_only(lane, why) : sp_walk(lane, why);
}

static void scan_lane(struct scan *scan, bool walks)
{
    struct sp_why why = {""};
    struct sp_lane *lane = NULL;
    enum sp_err err = sp_lane_new(&scan->shared, &lane, &why);
    if (err == SP_OK && walks)
        err = scan_offer(scan, lane, &why);
    if (walks && err == SP_OK)
        sp_queue_close(scan->shared.queue);
    if (err == SP_OK)
        err = scan_work(scan, lane, &why);
    if (err != SP_OK)
        scan_failed(scan, err, &why);
    if (lane == NULL)
        return;
    /* what was finished is kept, also when something failed or somebody pressed Ctrl-C */
    struct sp_why flush_why = {""};
    if ((err == SP_OK || err == SP_ERR_STOP) && (err = sp_lane_flush(lane, &flush_why)) != SP_OK)
        scan_failed(scan, err, &flush_why);
#pragma omp critical(scan_sum)
    {
        scan->sum->files += lane->files;
        scan->sum->reused += lane->reused;
    }
    sp_lane_free(lane);
}

unsigned sp_scan_lanes(void)
{
    return (unsigned)omp_get_num_procs();
}

static enum sp_err scan_run(struct scan *scan, struct sp_why *why)
{
    const struct sp_scan_options *options = scan->shared.options;
    unsigned lanes = options->threads > 0 ? options->threads : sp_scan_lanes();
    scan->shared.worker = (struct sp_worker_how){.path = options->worker_path,
                                                 .unusable = SP_REASON_CRASHED,
                                                 .no_sandbox = options->no_sandbox,
                                                 .memory_bytes = options->limits.memory_max_bytes,
                                                 .spool_bytes = options->limits.spool_max_bytes};
    scan->shared.ocr = scan->shared.worker;
    scan->shared.ocr.path = options->ocr_path;
    scan->shared.ocr.unusable = SP_REASON_NEEDS_OCR;
    scan->shared.ocr.memory_bytes *= SP_OCR_MEMORY_FACTOR;
    enum sp_err err = sp_link_ask(&scan->spare.link, options->stop, scan->sum->sandbox, why);
    if (err == SP_OK)
        err = scan_begin(scan, why);
    if (err == SP_OK)
        err = sp_queue_new(lanes, &scan->shared.queue, why);
    if (err != SP_OK)
        return err;
    omp_set_num_threads((int)lanes);
#pragma omp parallel default(none) shared(scan)
    scan_lane(scan, omp_get_thread_num() == 0);
    bool stopped = scan->err == SP_ERR_STOP || scan_is_stopped(scan);
    if (scan->err == SP_ERR_STOP)
        scan->err = SP_OK;
    scan->sum->complete = scan->err == SP_OK && !stopped;
    err = sp_inventory_scan_end(options->inventory, scan->shared.root_id, scan->shared.scan_id,
                                scan_now_s(), scan->sum->complete, why);
    return scan->err != SP_OK ? sp_fail(why, scan->err, "%s", scan->why.text) : err;
}

enum sp_err sp_scan(const char *path, const struct sp_scan_options *options,
                    struct sp_scan_sum *sum, struct sp_why *why)
{
    struct scan *scan = sp_alloc_zero(sizeof *scan);
    if (scan == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a scan");
    *sum = (struct sp_scan_sum){0};
    scan->sum = sum;
    scan->file_fd = -1;
    scan->shared.options = options;
    scan->shared.root = scan->root;
    scan->shared.root_fd = -1;
    sp_spare_init(&scan->spare, &scan->shared.worker);
    scan->shared.spare = &scan->spare;
    enum sp_err err = SP_OK;
    if (options->snapshot_id != NULL)
        err = scan_label(scan, options->snapshot_id, why);
    if (err == SP_OK && options->snapshot_id != NULL && !options->fresh)
        err = scan_known(scan, why);
    if (err == SP_OK && !sum->declared) {
        err = scan_open_root(scan, path, why);
        if (err == SP_OK)
            err = scan_run(scan, why);
        sum->root_id = scan->shared.root_id;
        sum->scan_id = scan->shared.scan_id;
    }
    sp_queue_free(scan->shared.queue);
    sp_spare_close(&scan->spare);
    if (scan->shared.root_fd >= 0)
        (void)close(scan->shared.root_fd);
    if (scan->file_fd >= 0)
        (void)close(scan->file_fd);
    sp_free(scan);
    return err;
}
