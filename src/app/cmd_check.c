#include "app/app.h"
#include "app/decisions.h"
#include "app/output.h"
#include "app/report.h"
#include "base/mem.h"
#include "check/lists.h"
#include "check/names.h"
#include "check/verdict.h"
#include "restore/emit.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

enum { CHECK_UNREAD_SHOWN = 20, CHECK_LINE_MAX = 4 << 20 };

/* A check while it runs. */
struct check {
    struct sp_options *options;
    struct sp_session session;
    struct sp_register *reg;
    struct sp_lists *lists;
    struct sp_output decisions; /* file NULL: not asked for */
    struct check_emit {
        const struct sp_emit_tool *tool;
        struct sp_output output;
    } emits[SP_LIST_OPTION_MAX];
    size_t emit_count;
    char host[256];
    struct sp_accept accepts[SP_LIST_OPTION_MAX];
    struct sp_verdict_options verdict;
    struct sp_verdict_sum sum; /* of all PATHs */
    struct sp_report report;
    struct sp_buf line;
    char today[11];
};

/* ---- what the verdict tells ------------------------------------------------------------------ */
static enum sp_err check_write(struct check *check, FILE *file, const char *what,
                               struct sp_why *why)
{
    return fwrite(check->line.data, 1, check->line.len, file) == check->line.len
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write %s: %s", what, strerrordesc_np(errno));
}

static enum sp_err check_decided(void *ctx, const struct sp_decided *decided, struct sp_why *why)
{
    struct check *check = ctx;
    sp_buf_reset(&check->line);
    enum sp_err err = SP_OK;
    if (!check->options->quiet) {
        err = sp_decision_text(&check->line, decided, why);
        if (err == SP_OK)
            (void)fwrite(check->line.data, 1, check->line.len, stdout);
    }
    if (err != SP_OK || check->decisions.file == NULL)
        return err;
    sp_buf_reset(&check->line);
    err = sp_decision_jsonl(&check->line, decided, why);
    return err == SP_OK ? check_write(check, check->decisions.file, "the decisions", why) : err;
}

/* What must not come back, or about which a person decides. */
static enum sp_err check_emit_name(struct check *check, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < check->emit_count; i++) {
        sp_buf_reset(&check->line);
        err = sp_emit_name(check->emits[i].tool, name, check->host, &check->line, why);
        if (err == SP_OK)
            err = check_write(check, check->emits[i].output.file, check->emits[i].tool->name, why);
    }
    return err;
}

static enum sp_err check_unit(void *ctx, struct sp_slice name, enum sp_list list,
                              struct sp_why *why)
{
    struct check *check = ctx;
    enum sp_err err = sp_lists_add(check->lists, name, list, why);
    return err == SP_OK && list != SP_LIST_KEEP ? check_emit_name(check, name, why) : err;
}

/* ---- opening --------------------------------------------------------------------------------- */
static enum sp_err check_accepts(struct check *check, struct sp_why *why)
{
    struct sp_options *options = check->options;
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < options->accept_count; i++)
        err = sp_accept_parse(options->accepts[i], check->today, &check->accepts[i], why);
    check->verdict = (struct sp_verdict_options){
        .review_ok = options->review_ok,
        .strict_kinds = options->strict_kinds,
        .backup_taken = options->backup_taken,
        .target_system = options->target_system,
        .accepts = check->accepts,
        .accept_count = options->accept_count,
        .drop_containers = options->drop_containers,
        .empty_register_ok = options->empty_register_ok,
        .today = check->today,
    };
    return err;
}

/* No verdict from nothing: the register is opened before anything is read. */
static enum sp_err check_register(struct check *check, struct sp_why *why)
{
    char *path = NULL;
    enum sp_err err = sp_app_path(SP_PLACE_REGISTER, check->options->register_path, &path, why);
    if (err == SP_OK)
        err = sp_register_open(path, check->session.key, &check->reg, why);
    if (err == SP_OK && sp_register_live_count(check->reg) == 0 &&
        !check->options->empty_register_ok)
        err = sp_fail(why, SP_ERR_KEY,
                      "the register %s is empty: no verdict without requests (or say "
                      "--empty-register-ok)",
                      path);
    if (err == SP_OK && check->options->expect_head != NULL)
        err = sp_register_expect(check->reg, check->options->expect_head, why);
    if (err == SP_OK && !check->options->no_names)
        err = sp_register_names(check->reg, check->session.key, &check->session.names, why);
    sp_free(path);
    return err;
}

/* --emit TOOL=FILE. The tool is known and FILE is not empty before anything is read. */
static enum sp_err check_emit_open(struct check *check, const char *text, struct sp_why *why)
{
    struct check_emit *emit = &check->emits[check->emit_count];
    const char *equals = strchr(text, '=');
    struct sp_slice tool = {(const uint8_t *)text, equals == NULL ? 0 : (size_t)(equals - text)};
    emit->tool = sp_emit_find(tool);
    if (equals == NULL || emit->tool == NULL || equals[1] == '\0')
        return sp_fail(why, SP_ERR_USAGE,
                       "--emit wants TOOL=FILE; tools: tar, bsdtar, rsync, restic, borg, 7z, "
                       "unzip, gdpr-guard");
    enum sp_err err = sp_output_open(&emit->output, equals + 1, why);
    check->emit_count++;
    sp_buf_reset(&check->line);
    if (err == SP_OK)
        err = sp_buf_append_string(&check->line, emit->tool->head, why);
    return err == SP_OK ? check_write(check, emit->output.file, emit->tool->name, why) : err;
}

static enum sp_err check_emits_open(struct check *check, struct sp_why *why)
{
    const struct sp_options *options = check->options;
    enum sp_err err = SP_OK;
    if (gethostname(check->host, sizeof check->host - 1) != 0)
        check->host[0] = '\0';
    for (size_t i = 0; err == SP_OK && i < options->emit_count; i++)
        err = check_emit_open(check, options->emits[i], why);
    return err;
}

static enum sp_err check_open(struct check *check, struct sp_why *why)
{
    const struct sp_options *options = check->options;
    enum sp_err err = SP_OK;
    sp_date_today(check->today);
    if (options->arg_count == 0)
        err = sp_fail(why, SP_ERR_USAGE, "check wants a PATH (or - for standard input)");
    if (err == SP_OK && options->arg_count > 1 &&
        (options->keep0 != NULL || options->drop0 != NULL || options->hold0 != NULL ||
         options->emit_count > 0))
        err = sp_fail(why, SP_ERR_USAGE,
                      "--keep0, --drop0, --hold0 and --emit are lists of one PATH: check them one "
                      "by one");
    if (err == SP_OK)
        err = check_accepts(check, why);
    if (err == SP_OK)
        err = sp_session_open(&check->session, options, false, why);
    check->verdict.patterns_refused = check->session.patterns_refused;
    if (err == SP_OK)
        err = check_register(check, why);
    if (err == SP_OK)
        err = sp_report_open(&check->report, options, &check->session, check->reg, why);
    if (err == SP_OK) /* nothing is remembered of a register that was refused */
        err = sp_inventory_see_register(check->session.inventory, check->reg, why);
    if (check->report.wanted)
        check->session.evidence_path = check->report.register_path;
    if (err == SP_OK && options->decisions != NULL)
        err = sp_output_open(&check->decisions, options->decisions, why);
    if (err == SP_OK)
        err = check_emits_open(check, why);
    return err == SP_OK
               ? sp_lists_open(options->keep0, options->drop0, options->hold0, &check->lists, why)
               : err;
}

/* ---- one PATH -------------------------------------------------------------------------------- */
static void check_add(struct sp_verdict_sum *all, const struct sp_verdict_sum *one)
{
    all->status |= one->status;
    all->requests_hit += one->requests_hit;
    all->records_of_others += one->records_of_others;
    all->gaps += one->gaps;
    all->gaps_accepted += one->gaps_accepted;
    if (one->accept_rules_used > all->accept_rules_used) /* the same rules for every PATH */
        all->accept_rules_used = one->accept_rules_used;
    all->reviews_accepted += one->reviews_accepted;
    all->not_searched |= one->not_searched;
    if (one->rows_key_missing > all->rows_key_missing) /* of one register */
        all->rows_key_missing = one->rows_key_missing;
    if (one->rows_elsewhere > all->rows_elsewhere)
        all->rows_elsewhere = one->rows_elsewhere;
    all->register_empty = all->register_empty || one->register_empty;
    for (unsigned i = 0; i < SP_DECISION_COUNT; i++)
        all->decisions[i] += one->decisions[i];
    for (unsigned i = 0; i < SP_LIST_COUNT; i++)
        all->units[i] += one->units[i];
    for (unsigned i = 0; i < SP_REASON_COUNT; i++) {
        all->gaps_by_reason[i] += one->gaps_by_reason[i];
        all->accepted_by_reason[i] += one->accepted_by_reason[i];
    }
}

/* No verdict from nothing: folders and links alone, which name nobody. */
static bool check_saw_nothing(const struct sp_scan_sum *scanned, const struct sp_root_row *row,
                              const struct sp_verdict_sum *sum)
{
    bool met = sum->decisions[SP_DECISION_HIT] + sum->decisions[SP_DECISION_REVIEW] > 0;
    return row->is_tree && !scanned->declared && scanned->files == 0 && !met;
}

static enum sp_err check_path(struct check *check, const char *path, struct sp_why *why)
{
    struct sp_scan_sum scanned;
    struct sp_verdict_sum sum;
    const struct sp_root_row *row = NULL;
    struct sp_session *session = &check->session;
    enum sp_err err = sp_session_scan(session, check->options, path, &scanned, &row, why);
    const struct sp_verdict_job job = {.inventory = session->inventory,
                                       .root = row,
                                       .reg = check->reg,
                                       .options = &check->verdict,
                                       .decided = check_decided,
                                       .unit = check_unit,
                                       .ctx = check};
    if (err == SP_OK)
        err = sp_verdict_run(&job, &sum, why);
    if (err == SP_OK && check_saw_nothing(&scanned, row, &sum))
        err = sp_fail(why, SP_ERR_NOINPUT,
                      "%s: there is no file in it; is what should be there mounted?", path);
    if (err != SP_OK)
        return err;
    check_add(&check->sum, &sum);
    err = sp_report_target(&check->report, path, row, &scanned, &sum, why);
    if (check->options->quiet || err != SP_OK)
        return err;
    sp_summary_print(stdout, row, &sum.coverage, &scanned);
    if (sum.coverage.objects_unread_gap + sum.coverage.unread[SP_REASON_EXCLUDED] > 0) {
        (void)printf("Not read, so personal data may lie there:\n");
        err = sp_summary_unread(stdout, session->inventory, row,
                                check->options->verbose ? 0 : CHECK_UNREAD_SHOWN, why);
    }
    return err;
}

/* ---- the end --------------------------------------------------------------------------------- */
static void check_gaps_of_register(const struct check *check)
{
    const struct sp_verdict_sum *sum = &check->sum;
    size_t names = sp_register_name_count(check->reg);
    if (check->session.patterns_refused > 0)
        (void)printf("%zu pattern files were refused: what they describe was not looked for.\n",
                     check->session.patterns_refused);
    if (names > 0 && check->options->no_names)
        (void)printf("%zu names in the register were not looked for (--no-names).\n", names);
    if (sum->rows_elsewhere > 0)
        (void)printf("%" PRIu64 " register rows are of other systems than %s: not looked for.\n",
                     sum->rows_elsewhere, check->options->target_system);
    if (sum->gaps_by_reason[SP_REASON_REGISTER_GAP] > 0)
        (void)printf("%" PRIu64
                     " register rows have expired, but this backup is older than their erasure: "
                     "others like them may be gone.\n",
                     sum->gaps_by_reason[SP_REASON_REGISTER_GAP]);
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if ((sum->not_searched >> i & 1) != 0)
            (void)printf("The register holds %s, which this scan did not look for.\n",
                         sp_type_name((enum sp_type)i));
    if (sum->rows_key_missing > 0)
        (void)printf("%" PRIu64
                     " register rows were made with another key: speur register verify says "
                     "which.\n",
                     sum->rows_key_missing);
}

static enum sp_err check_conclude(struct check *check, struct sp_why *why)
{
    const struct sp_verdict_sum *sum = &check->sum;
    enum sp_err err = sp_lists_commit(check->lists, why);
    if (err == SP_OK && check->decisions.file != NULL)
        err = sp_output_commit(&check->decisions, why);
    for (size_t i = 0; err == SP_OK && i < check->emit_count; i++)
        err = sp_output_commit(&check->emits[i].output, why);
    sp_buf_reset(&check->line);
    if (err == SP_OK)
        err = sp_verdict_line(sum, &check->line, why);
    if (err == SP_OK)
        err =
            sp_report_write(&check->report, &check->verdict, sum, sp_buf_slice(&check->line), why);
    if (err != SP_OK)
        return err;
    if (!check->options->quiet) {
        check_gaps_of_register(check);
        (void)printf("%" PRIu64 " requests met; decisions:", sum->requests_hit);
        for (unsigned i = SP_DECISION_HIT; i < SP_DECISION_COUNT; i++)
            if (sum->decisions[i] > 0)
                (void)printf(" %" PRIu64 " %s", sum->decisions[i],
                             sp_decision_name((enum sp_decision)i));
        (void)printf("\nRestore: keep %" PRIu64 ", drop %" PRIu64 ", hold %" PRIu64
                     " (a person must decide).\n",
                     sum->units[SP_LIST_KEEP], sum->units[SP_LIST_DROP], sum->units[SP_LIST_HOLD]);
        if (sum->records_of_others > 0)
            (void)printf("--drop-containers drops %" PRIu64 " records of other people.\n",
                         sum->records_of_others);
    }
    if (check->emit_count > 0 && (sum->status & SP_VERDICT_INCOMPLETE) != 0)
        (void)fprintf(stderr, "speur: not all was read: a list of what to leave out cannot name "
                              "what was not seen; restore only what --keep0 names\n");
    (void)printf("%.*s\n", (int)check->line.len, (const char *)check->line.data);
    return fflush(stdout) == 0
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write the verdict: %s", strerrordesc_np(errno));
}

int sp_cmd_check(struct sp_options *options)
{
    struct sp_why why = {""};
    struct check *check = sp_alloc_zero(sizeof *check);
    if (check == NULL)
        return sp_err_exit_status(SP_ERR_NOMEM);
    check->options = options;
    sp_buf_init(&check->line, CHECK_LINE_MAX);
    enum sp_err err = check_open(check, &why);
    if (err == SP_OK)
        err = sp_app_contain(&check->session, options, &why);
    for (int i = 0; err == SP_OK && i < options->arg_count; i++)
        err = check_path(check, options->args[i], &why);
    if (err == SP_OK)
        err = check_conclude(check, &why);
    int status = err == SP_OK ? (int)check->sum.status : sp_complain(err, &why);
    sp_output_close(&check->decisions);
    for (size_t i = 0; i < check->emit_count; i++)
        sp_output_close(&check->emits[i].output);
    sp_report_close(&check->report);
    sp_lists_free(check->lists);
    sp_register_close(check->reg);
    sp_session_close(&check->session);
    sp_buf_clear(&check->line);
    sp_free(check);
    return status;
}
