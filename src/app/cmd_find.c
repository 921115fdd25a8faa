/* speur find: every place where the data of one person is (GDPR art. 15), from the inventory. */
#include "app/app.h"
#include "app/extraction.h"
#include "app/output.h"
#include "base/mem.h"
#include "check/evidence.h"
#include "check/person.h"
#include "report/csv.h"
#include "report/jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

enum { FIND_LINE_MAX = 4 << 20, FIND_FOUND = 1, FIND_GAPS = 2 };

enum find_form { FIND_TABLE, FIND_JSONL, FIND_CSV };
static const char *const find_forms[] = {"table", "jsonl", "csv", NULL};

struct find {
    const struct sp_options *options;
    enum find_form form;
    struct sp_session session;
    struct sp_person *person;
    struct sp_systems *systems;
    struct sp_extraction *extraction; /* NULL: nothing is copied */
    char *register_path;              /* of the evidence, or NULL */
    struct sp_register *reg;
    struct sp_output output;
    struct sp_buf line;
    uint64_t found[SP_TYPE_COUNT];
    uint64_t total, records;
    uint64_t unread;             /* objects with a gap */
    uint64_t roots_not_searched; /* of a root: an identifier's type, or all, was not looked for */
    int64_t last_object;         /* with the ordinal: the record that was counted last */
    uint64_t last_record;
};

static bool find_wants(void *ctx, struct sp_slice tokens)
{
    const struct find *find = ctx;
    for (size_t at = 0; at + SP_TOKEN_LEN <= tokens.len; at += SP_TOKEN_LEN)
        if (sp_person_find(find->person, tokens.ptr + at) != NULL)
            return true;
    return false;
}

/* How surely it is the person: an exact value, or one that another form of it allows. */
static const char *find_certainty(const struct find *find, const struct sp_kept_finding *finding)
{
    for (unsigned i = 0; i < finding->token_count; i++) {
        const struct sp_person_token *token =
            sp_person_find(find->person, finding->tokens[i].bytes);
        if (token != NULL &&
            (token->kind == SP_TOKEN_POSSIBLE || finding->tokens[i].kind == SP_TOKEN_POSSIBLE))
            return "possible";
        if (token != NULL)
            return "exact";
    }
    return "exact";
}

static enum sp_err find_table_line(const struct find *find, const struct sp_shown *shown,
                                   struct sp_buf *line, struct sp_why *why)
{
    char day[16] = "-";
    struct tm parts;
    time_t date = (time_t)shown->record->date_s;
    if (shown->record->date_s != INT64_MIN && gmtime_r(&date, &parts) != NULL)
        (void)strftime(day, sizeof day, "%Y-%m-%d", &parts);
    return sp_buf_appendf(
        line, why, "%-24s %-10s %-9s %-14s %.*s\n", sp_type_category(shown->finding->type), day,
        find_certainty(find, shown->finding), shown->system_name == NULL ? "-" : shown->system_name,
        (int)shown->locator.len, (const char *)shown->locator.ptr);
}

static enum sp_err find_write(struct find *find, struct sp_why *why)
{
    struct sp_slice line = sp_buf_slice(&find->line);
    return fwrite(line.ptr, 1, line.len, find->output.file) == line.len
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write: %s", strerrordesc_np(errno));
}

static enum sp_err find_shown(void *ctx, const struct sp_shown *shown, struct sp_why *why)
{
    struct find *find = ctx;
    enum sp_err err = SP_OK;
    find->found[shown->finding->type]++;
    find->total++;
    if (shown->object->id != find->last_object || shown->record->ordinal != find->last_record)
        find->records++;
    find->last_object = shown->object->id;
    find->last_record = shown->record->ordinal;
    sp_buf_reset(&find->line);
    switch (find->form) {
    case FIND_TABLE:
        err = find_table_line(find, shown, &find->line, why);
        break;
    case FIND_JSONL:
        err = sp_jsonl_line(shown, find->options->stable, &find->line, why);
        break;
    case FIND_CSV:
        err = sp_csv_line(shown, &find->line, why);
        break;
    }
    if (err == SP_OK && find->extraction != NULL)
        err = sp_extraction_want(find->extraction, shown, why);
    return err == SP_OK ? find_write(find, why) : err;
}

static enum sp_err find_head(struct find *find, struct sp_why *why)
{
    sp_buf_reset(&find->line);
    if (find->form == FIND_JSONL)
        return SP_OK;
    enum sp_err err = find->form == FIND_CSV
                          ? sp_csv_head(false, &find->line, why)
                          : sp_buf_appendf(&find->line, why, "%-24s %-10s %-9s %-14s %s\n", "what",
                                           "date", "match", "system", "where");
    return err == SP_OK ? find_write(find, why) : err;
}

/* The person has tokens under each key of now, the root's values under each key of then: one that
 * is in both is enough. */
static bool find_has_key(const struct find *find, const struct sp_root_row *root)
{
    const struct sp_key *key = find->session.key;
    while (key != NULL && !sp_key_ids_have(root->key_ids, sp_key_id(key)))
        key = sp_key_older(key);
    return key != NULL;
}

/* What this root cannot tell. */
static enum sp_err find_gaps(struct find *find, const struct sp_root_row *root, struct sp_why *why)
{
    struct sp_coverage coverage;
    enum sp_err err = sp_inventory_coverage(find->session.inventory, root->id, &coverage, why);
    if (err != SP_OK)
        return err;
    find->unread +=
        coverage.objects_unread_gap + coverage.objects_open + coverage.unread[SP_REASON_EXCLUDED];
    if (!root->complete)
        find->unread++;
    /* a check looks for the names in the register, and for no other */
    uint64_t searched = root->types_searched & ~(UINT64_C(1) << SP_TYPE_NAME);
    if (!find_has_key(find, root) || (find->person->types & ~searched) != 0)
        find->roots_not_searched++;
    return SP_OK;
}

static enum sp_err find_roots(struct find *find, struct sp_why *why)
{
    const struct sp_shown_options shown = {.min_confidence = SP_CONF_NONE,
                                           .systems = find->systems,
                                           .wants = find_wants,
                                           .wants_ctx = find};
    enum sp_err err = sp_session_roots(&find->session, why);
    if (err == SP_OK && find->session.root_count == 0)
        err = sp_fail(why, SP_ERR_NOINPUT,
                      "the inventory is empty: scan first what may hold the person's data");
    if (err == SP_OK)
        err = find_head(find, why);
    for (size_t i = 0; err == SP_OK && i < find->session.root_count; i++) {
        const struct sp_root_row *root = &find->session.roots[i];
        err = sp_shown_each(find->session.inventory, root, &shown, find_shown, find, why);
        if (err == SP_OK)
            err = find_gaps(find, root, why);
    }
    return err;
}

static enum sp_err find_person(struct find *find, struct sp_why *why)
{
    const char *path = find->options->from_file;
    bool is_input = path == NULL || strcmp(path, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", path, strerrordesc_np(errno));
    find->person = sp_alloc_zero(sizeof *find->person);
    enum sp_err err = find->person == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory for identifiers")
                          : sp_person_read(fd, find->session.key, find->options->region,
                                           find->options->type, find->person, why);
    if (!is_input)
        (void)close(fd);
    return err;
}

static enum sp_err find_extraction(struct find *find, struct sp_why *why)
{
    if (find->options->extract == NULL)
        return SP_OK;
    const struct sp_extraction_job job = {.folder = find->options->extract,
                                          .options = find->options,
                                          .session = &find->session,
                                          .person = find->person,
                                          .systems = find->systems};
    enum sp_err err = sp_session_reader(&find->session, find->options, why);
    return err == SP_OK ? sp_extraction_new(&job, &find->extraction, why) : err;
}

/* The register whose chain of evidence is written: opened before files are read. */
static enum sp_err find_register(struct find *find, struct sp_why *why)
{
    if (find->options->evidence == NULL)
        return SP_OK;
    enum sp_err err =
        sp_app_path(SP_PLACE_REGISTER, find->options->register_path, &find->register_path, why);
    find->session.evidence_path = find->register_path;
    return err == SP_OK ? sp_register_open(find->register_path, find->session.key, &find->reg, why)
                        : err;
}

static enum sp_err find_open(struct find *find, struct sp_why *why)
{
    const struct sp_options *options = find->options;
    size_t form = 0;
    while (options->format != NULL && find_forms[form] != NULL &&
           strcmp(find_forms[form], options->format) != 0)
        form++;
    if (find_forms[form] == NULL)
        return sp_fail(why, SP_ERR_USAGE, "--format wants table, jsonl or csv");
    if (options->arg_count > 0)
        return sp_fail(why, SP_ERR_USAGE,
                       "find takes no value on the line, where others can see it: type;value lines "
                       "from --from-file FILE or standard input");
    find->form = (enum find_form)form;
    enum sp_err err = sp_session_known(&find->session, options, why);
    if (err == SP_OK)
        err = sp_app_systems(options, &find->systems, why);
    if (err == SP_OK)
        err = find_person(find, why);
    if (err == SP_OK)
        err = find_register(find, why);
    if (err == SP_OK)
        err = find_extraction(find, why);
    return err == SP_OK ? sp_output_open(&find->output, options->output, why) : err;
}

/* ---- the end --------------------------------------------------------------------------------- */
static void find_evidence_body(struct sp_json *json, void *ctx)
{
    const struct find *find = ctx;
    sp_json_text(json, "request", find->options->req_id);
    sp_json_number(json, "identifiers", find->person->identifiers);
    sp_json_number(json, "findings", find->total);
    sp_json_number(json, "records", find->records);
    if (find->extraction != NULL) {
        sp_json_number(json, "extracted", sp_extraction_copied(find->extraction));
        sp_json_number(json, "not_extracted", sp_extraction_missing(find->extraction));
    }
    sp_json_number(json, "not_read", find->unread);
    sp_json_number(json, "roots_not_searched", find->roots_not_searched);
    sp_json_key(json, "roots");
    sp_json_array(json);
    for (size_t i = 0; i < find->session.root_count; i++)
        sp_json_item(json, find->session.roots[i].path);
    sp_json_array_end(json);
}

static enum sp_err find_evidence(struct find *find, struct sp_why *why)
{
    if (find->options->evidence == NULL)
        return SP_OK;
    const struct sp_evidence_job job = {.path = find->options->evidence,
                                        .kind = "find",
                                        .register_path = find->register_path,
                                        .key = find->session.key,
                                        .reg = find->reg,
                                        .body = find_evidence_body,
                                        .ctx = find};
    return sp_evidence_write(&job, why);
}

static void find_conclude(const struct find *find)
{
    FILE *out = find->form == FIND_TABLE ? stdout : stderr;
    if (find->options->quiet)
        return;
    (void)fprintf(out, "%" PRIu64 " places in %" PRIu64 " records", find->total, find->records);
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if (find->found[i] > 0)
            (void)fprintf(out, ", %" PRIu64 " %s", find->found[i], sp_type_name((enum sp_type)i));
    (void)fprintf(out, ".\n");
    if (find->unread > 0)
        (void)fprintf(out,
                      "%" PRIu64 " things were not read; more may lie there: speur export "
                      "--unread\n",
                      find->unread);
    if (find->roots_not_searched > 0)
        (void)fprintf(out,
                      "%" PRIu64 " roots were scanned with another key, or without looking for "
                      "one of these types: scan them again.\n",
                      find->roots_not_searched);
    if (find->extraction != NULL)
        (void)fprintf(out, "%" PRIu64 " records copied to %s, %" PRIu64 " not.\n",
                      sp_extraction_copied(find->extraction), find->options->extract,
                      sp_extraction_missing(find->extraction));
}

int sp_cmd_find(struct sp_options *options)
{
    struct sp_why why = {""};
    struct find *find = sp_alloc_zero(sizeof *find);
    if (find == NULL)
        return sp_err_exit_status(SP_ERR_NOMEM);
    find->options = options;
    sp_buf_init(&find->line, FIND_LINE_MAX);
    enum sp_err err = find_open(find, &why);
    if (err == SP_OK)
        err = find_roots(find, &why);
    if (err == SP_OK)
        err = sp_output_commit(&find->output, &why);
    if (err == SP_OK && find->extraction != NULL)
        err = sp_extraction_run(find->extraction, &why);
    if (err == SP_OK)
        err = find_evidence(find, &why);
    uint64_t missing = find->extraction == NULL ? 0 : sp_extraction_missing(find->extraction);
    int status = (find->total > 0 ? FIND_FOUND : 0) |
                 (find->unread + find->roots_not_searched + missing > 0 ? FIND_GAPS : 0);
    if (err == SP_OK)
        find_conclude(find);
    else
        status = sp_complain(err, &why);
    sp_output_close(&find->output);
    sp_extraction_free(find->extraction);
    sp_register_close(find->reg);
    sp_free(find->register_path);
    sp_systems_free(find->systems);
    sp_session_close(&find->session);
    sp_free(find->person);
    sp_buf_clear(&find->line);
    sp_free(find);
    return status;
}
