/* Measures the store: tokens a second, findings packed and written a second, bytes a finding,
 * files written and reused a second, tokens streamed a second, and a check from the inventory.
 * Usage: bench_store [findings] [files] [requests]; one line a figure on standard output. Built by
 * `cmake --build build/release --target bench_store`. */
#include <sys/stat.h>
#include <unistd.h>

#include "check/verdict.h"

enum { COLUMNS = 3, FLUSH_BYTES = 4 << 20 };

struct bench {
    char folder[64], db[96], key_path[96];
    struct sp_key *key;
    struct sp_inventory *inventory;
    struct sp_batch *batch;
    int64_t root, scan;
};

static double bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void bench_check(enum sp_err err, const struct sp_why *why)
{
    if (err == SP_OK)
        return;
    fprintf(stderr, "bench_store: %s\n", why->text);
    exit(1);
}

static void bench_tell(const char *what, double value)
{
    printf("%-36s %14.1f\n", what, value);
}

static void bench_scan(struct bench *bench)
{
    const struct sp_scan_info info = {.root = "/bench",
                                      .root_is_tree = true,
                                      .patterns_digest = "p",
                                      .key_ids = sp_key_id(bench->key),
                                      .types_searched = UINT64_MAX,
                                      .version = "0",
                                      .sandbox = "none"};
    struct sp_why why;

    bench_check(sp_inventory_scan_begin(bench->inventory, &info, &bench->root, &bench->scan, &why),
                &why);
}

static void bench_tokens(const struct bench *bench)
{
    enum { TOKENS = 1000000 };
    struct sp_canonical canonical = {.len = 22};
    uint8_t token[SP_TOKEN_LEN];
    double begin = bench_now();

    for (unsigned i = 0; i < TOKENS; i++) {
        snprintf((char *)canonical.bytes, 32, "p%08u@voorbeeld.nl", i);
        sp_token(bench->key, SP_TYPE_EMAIL, SP_TOKEN_EXACT, &canonical, token);
    }
    bench_tell("tokens/s", TOKENS / (bench_now() - begin));
}

/* A customer table: rows of an e-mail address (two tokens), a phone number and an IBAN. */
static void bench_finding(struct sp_segment *segment, unsigned row, unsigned column,
                          struct sp_why *why)
{
    static const enum sp_type types[COLUMNS] = {SP_TYPE_EMAIL, SP_TYPE_PHONE, SP_TYPE_IBAN};
    static const char *const keys[COLUMNS] = {"billing_email", "billing_phone", "iban"};
    unsigned random = row * 2654435761u + column * 40503u;
    char mask[SP_MASK_LEN];
    struct sp_kept_finding finding = {
        .type = types[column],
        .confidence = SP_CONF_HIGH,
        .offset = (uint64_t)row * 100 + column * 33,
        .length = 18,
        .line = row + 1,
        .column = column + 1,
        .key = sp_slice_of(keys[column]),
        .token_count = column == 0 ? 2 : 1,
    };

    if (column == 0)
        snprintf(mask, sizeof mask, "%c***@%c***.nl", 'a' + random % 26, 'a' + (random >> 8) % 26);
    else
        snprintf(mask, sizeof mask, column == 1 ? "***%03u" : "NL***%03u", random % 1000);
    finding.mask = sp_slice_of(mask);
    for (unsigned i = 0; i < finding.token_count; i++) {
        finding.tokens[i].kind = (uint8_t)i;
        for (unsigned k = 0; k < 4; k++) {
            random = random * 1664525u + 1013904223u;
            memcpy(finding.tokens[i].bytes + 4 * k, &random, 4);
        }
    }
    bench_check(sp_segment_add_finding(segment, &finding, why), why);
}

static void bench_row(struct sp_segment *segment, unsigned row, struct sp_why *why)
{
    char pk[32];
    struct sp_kept_record record = {
        .kind = SP_RECORD_SQL, .ordinal = row + 1, .line = row + 1, .date_s = INT64_MIN};

    snprintf(pk, sizeof pk, "id=%u", row + 1000);
    record.table = sp_slice_of("wp_wc_orders");
    record.pk = sp_slice_of(pk);
    bench_check(sp_segment_add_record(segment, &record, why), why);
    for (unsigned column = 0; column < COLUMNS; column++)
        bench_finding(segment, row, column, why);
}

/* After a checkpoint all is in the one file. */
static double bench_db_bytes(const struct bench *bench)
{
    struct stat status;

    return stat(bench->db, &status) == 0 ? (double)status.st_size : 0;
}

static void bench_reopen(struct bench *bench)
{
    struct sp_why why;

    sp_inventory_close(bench->inventory); /* checkpoints */
    bench_check(sp_inventory_open(bench->db, true, &bench->inventory, &why), &why);
}

static struct sp_object_row bench_file(const struct bench *bench, const char *name,
                                       const struct sp_stat_id *stat)
{
    int64_t id = sp_inventory_new_id(bench->inventory);

    return (struct sp_object_row){.id = id,
                                  .root_id = bench->root,
                                  .scan_id = bench->scan,
                                  .unit = id,
                                  .state = SP_STATE_COMPLETE,
                                  .name = sp_slice_of(name),
                                  .format = "plain",
                                  .encoding = "utf-8",
                                  .size = 4096,
                                  .bytes_read = 4096,
                                  .mtime_s = 1700000000,
                                  .stat = stat,
                                  .owner = sp_slice_of("www-data"),
                                  .group = sp_slice_of("www-data"),
                                  .mode = 0644};
}

static enum sp_err bench_count_tokens(void *ctx, int64_t object, const struct sp_segment_view *view,
                                      struct sp_why *why)
{
    uint8_t *sum = ctx;

    (void)object;
    (void)why;
    for (uint32_t i = 0; i < view->token_count; i++)
        *sum ^= view->tokens.ptr[(size_t)i * SP_TOKEN_LEN];
    return SP_OK;
}

static enum sp_err bench_decoded(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                 const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index;
    (void)record;
    (void)why;
    *(uint64_t *)ctx += finding->length;
    return SP_OK;
}

static enum sp_err bench_decode(void *ctx, int64_t object, const struct sp_segment_view *view,
                                struct sp_why *why)
{
    (void)object;
    return sp_segment_each(view, bench_decoded, ctx, why);
}

static void bench_findings(struct bench *bench, unsigned count)
{
    struct sp_segment *segment = malloc(sizeof *segment);
    struct sp_object_row row;
    uint32_t ordinal = 0;
    uint64_t sum = 0;
    uint8_t fold = 0;
    struct sp_why why;
    double begin;

    if (!segment)
        exit(1);
    sp_segment_init(segment);
    bench_scan(bench);
    row = bench_file(bench, "shop.sql", NULL);
    begin = bench_now();
    for (unsigned n = 0; n < count / COLUMNS; n++) {
        bench_row(segment, n, &why);
        if (segment->finding_count + COLUMNS <= SP_SEGMENT_FINDINGS_MAX && n + 1 < count / COLUMNS)
            continue;
        bench_check(sp_batch_segment(bench->batch, row.id, ++ordinal, segment, &why), &why);
        sp_segment_reset(segment);
        if (sp_batch_bytes(bench->batch) > FLUSH_BYTES)
            bench_check(sp_batch_flush(bench->batch, &why), &why);
    }
    bench_check(sp_batch_object(bench->batch, &row, &why), &why);
    bench_check(sp_batch_flush(bench->batch, &why), &why);
    bench_tell("findings packed and written/s", count / (bench_now() - begin));
    bench_check(sp_inventory_scan_end(bench->inventory, bench->root, bench->scan, 1, true, &why),
                &why);
    sp_batch_free(bench->batch);
    bench_reopen(bench);
    bench_tell("bytes a finding, tokens included", bench_db_bytes(bench) / count);
    begin = bench_now();
    bench_check(sp_inventory_each_token_segment(bench->inventory, bench->root, bench_count_tokens,
                                                &fold, &why),
                &why);
    bench_tell("tokens streamed/s", count * 4.0 / 3 / (bench_now() - begin));
    begin = bench_now();
    bench_check(sp_inventory_each_segment(bench->inventory, row.id, NULL, bench_decode, &sum, &why),
                &why);
    bench_tell("findings decoded/s", count / (bench_now() - begin));
    sp_segment_clear(segment);
    free(segment);
}

/* A register of requests with an identifier each; every hundredth of them is in the inventory. */
static struct sp_register *bench_register(const struct bench *bench, const char *path,
                                          unsigned requests)
{
    struct sp_register_row *rows = calloc(requests, sizeof *rows);
    struct sp_register *reg;
    struct sp_why why;
    size_t added = 0;

    if (!rows)
        exit(1);
    for (unsigned i = 0; i < requests; i++) {
        unsigned random = i * 100 * 2654435761u + 2 * 40503u;

        rows[i].type = SP_TYPE_IBAN;
        rows[i].canonical_version = sp_type_canonical_version(SP_TYPE_IBAN);
        rows[i].token_count = 1;
        for (unsigned k = 0; k < 4; k++) {
            random = random * 1664525u + 1013904223u;
            memcpy(rows[i].tokens[0].bytes + 4 * k, &random, 4);
        }
        if (i % 100)
            rows[i].tokens[0].bytes[15] ^= 1;
        rows[i].req_id = malloc(16);
        snprintf(rows[i].req_id, 16, "R%u", i);
    }
    bench_check(sp_register_init(path, bench->key, &why), &why);
    bench_check(sp_register_open(path, bench->key, &reg, &why), &why);
    bench_check(sp_register_append(reg, rows, requests, &added, &why), &why);
    sp_register_close(reg);
    free(rows);
    double begin = bench_now();
    bench_check(sp_register_open(path, bench->key, &reg, &why), &why);
    bench_tell("register verified, seconds", bench_now() - begin);
    return reg;
}

/* Of the first root in the inventory. */
static void bench_verdict(struct bench *bench, unsigned requests)
{
    struct sp_root_row *roots;
    size_t count;
    char path[96], head[112];
    struct sp_why why;
    struct sp_verdict_sum sum;
    const struct sp_verdict_options options = {.today = "2026-01-01"};

    snprintf(path, sizeof path, "%s/register", bench->folder);
    snprintf(head, sizeof head, "%s.head", path);
    struct sp_register *reg = bench_register(bench, path, requests);
    bench_check(sp_inventory_roots(bench->inventory, &roots, &count, &why), &why);
    struct sp_verdict_job job = {
        .inventory = bench->inventory, .root = &roots[0], .reg = reg, .options = &options};
    double begin = bench_now();
    bench_check(sp_verdict_run(&job, &sum, &why), &why);
    bench_tell("check from the inventory, seconds", bench_now() - begin);
    bench_tell("requests met", (double)sum.requests_hit);
    sp_root_rows_free(roots, count);
    sp_register_close(reg);
    unlink(path);
    unlink(head);
}

static void bench_files(struct bench *bench, unsigned count)
{
    struct sp_stat_id stat = {1, 2, 3, 4, 5};
    struct sp_why why;
    char name[64];
    double begin;

    bench_check(sp_batch_new(bench->inventory, bench->key, false, &bench->batch, &why), &why);
    bench_scan(bench);
    begin = bench_now();
    for (unsigned i = 0; i < count; i++) {
        struct sp_object_row row;
        struct sp_top *top = NULL;

        snprintf(name, sizeof name, "wp-content/uploads/2026/%02u/file-%07u.txt", i % 12, i);
        row = bench_file(bench, name, &stat);
        bench_check(sp_top_new(row.id, &top, &why), &why);
        sp_batch_set_top(bench->batch, top);
        bench_check(sp_batch_object(bench->batch, &row, &why), &why);
        bench_check(sp_batch_part_done(bench->batch, top, &why), &why);
        if (sp_batch_objects(bench->batch) >= 4096)
            bench_check(sp_batch_flush(bench->batch, &why), &why);
    }
    bench_check(sp_batch_flush(bench->batch, &why), &why);
    bench_tell("files written/s", count / (bench_now() - begin));
    bench_check(sp_inventory_scan_end(bench->inventory, bench->root, bench->scan, 1, true, &why),
                &why);
    bench_scan(bench);
    begin = bench_now();
    for (unsigned i = 0; i < count; i++) {
        bool reused = false;

        snprintf(name, sizeof name, "wp-content/uploads/2026/%02u/file-%07u.txt", i % 12, i);
        bench_check(sp_inventory_reuse(
                        bench->inventory,
                        &(struct sp_file_ask){bench->root, bench->scan, sp_slice_of(name), &stat},
                        &reused, NULL, &why),
                    &why);
        if (!reused)
            exit(1);
    }
    bench_tell("files reused/s", count / (bench_now() - begin));
    begin = bench_now();
    bench_check(sp_inventory_scan_end(bench->inventory, bench->root, bench->scan, 1, true, &why),
                &why);
    bench_tell("scan end, seconds", bench_now() - begin);
    sp_batch_free(bench->batch);
    bench_reopen(bench);
    bench_tell("bytes of the inventory", bench_db_bytes(bench));
}

int main(int argc, char **argv)
{
    unsigned findings = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 3000000;
    unsigned files = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 300000;
    unsigned requests = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 10000;
    struct bench bench = {.folder = "/tmp/speur-bench-XXXXXX"};
    struct sp_why why;
    char lock[112];

    if (!mkdtemp(bench.folder))
        return 1;
    snprintf(bench.db, sizeof bench.db, "%s/db", bench.folder);
    snprintf(bench.key_path, sizeof bench.key_path, "%s/key", bench.folder);
    snprintf(lock, sizeof lock, "%s-lock", bench.db);
    bench_check(sp_key_make(bench.key_path, &bench.key, &why), &why);
    bench_check(sp_inventory_open(bench.db, true, &bench.inventory, &why), &why);
    bench_check(sp_batch_new(bench.inventory, bench.key, false, &bench.batch, &why), &why);
    bench_tokens(&bench);
    bench_findings(&bench, findings);
    bench_verdict(&bench, requests);
    bench_files(&bench, files);
    sp_inventory_close(bench.inventory);
    sp_key_free(bench.key);
    unlink(bench.db);
    unlink(bench.key_path);
    unlink(lock);
    return rmdir(bench.folder);
}
