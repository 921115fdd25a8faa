#include "app/app.h"
#include "app/output.h"
#include "base/utf8.h"
#include "restore/filter.h"

#include <inttypes.h>
#include <unistd.h>

static void filter_told(void *ctx, struct sp_slice name, enum sp_filter_fate fate,
                        const char *reason)
{
    static const char *const words[] = {
        "left out: ", "its EXEMPT rows are not in the SQL: ", "did not come by"};
    struct sp_buf text;
    (void)ctx;
    sp_buf_init(&text, 1U << 20);
    if (sp_escape(&text, name, "", NULL) == SP_OK)
        (void)fprintf(stderr, "speur: %.*s: %s%s\n", (int)text.len, (const char *)text.data,
                      words[fate], reason == NULL ? "" : reason);
    sp_buf_clear(&text);
}

/* --emit sql=FILE: written as it comes, since nothing can be opened once members are read. */
static enum sp_err filter_emit_open(const struct sp_options *options, struct sp_output *output,
                                    struct sp_why *why)
{
    if (options->anonymise_exempt && options->emit_count == 0)
        return sp_fail(why, SP_ERR_USAGE, "--anonymise-exempt is about --emit sql=FILE");
    if (options->emit_count == 0)
        return SP_OK;
    if (options->emit_count > 1 || strncmp(options->emits[0], "sql=", 4) != 0 ||
        options->emits[0][4] == '\0' || options->records == NULL)
        return sp_fail(why, SP_ERR_USAGE, "filter takes one --emit sql=FILE, with --records");
    return sp_output_open(output, options->emits[0] + 4, why);
}

static enum sp_err filter_run(const struct sp_options *options, struct sp_filter_job *job,
                              struct sp_output *output, struct sp_filter_sum *sum,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (options->arg_count > 0)
        return sp_fail(why, SP_ERR_USAGE,
                       "filter reads standard input: speur filter --drop FILE < in.tar > out.tar");
    if (options->drop == NULL && options->records == NULL)
        return sp_fail(why, SP_ERR_USAGE, "filter wants --drop FILE, --records FILE, or both");
    if (isatty(STDOUT_FILENO))
        return sp_fail(why, SP_ERR_USAGE, "filter writes an archive: send it to a file or a pipe");
    if (options->drop != NULL)
        err = sp_names_read(options->drop, &job->drop, why);
    if (err == SP_OK && options->records != NULL)
        err = sp_records_read(options->records, options->anonymise_exempt, &job->records, why);
    if (err == SP_OK)
        err = filter_emit_open(options, output, why);
    job->undo = output->file;
    job->anonymise = options->anonymise_exempt;
    if (err == SP_OK)
        err = sp_app_contain_reader(options, why);
    return err == SP_OK ? sp_filter_run(job, sum, why) : err;
}

int sp_cmd_filter(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_filter_sum sum = {0};
    struct sp_filter_job job = {
        .in = STDIN_FILENO, .out = STDOUT_FILENO, .limits = &options->limits, .told = filter_told};
    struct sp_output output = {.file = NULL};
    enum sp_err err = filter_run(options, &job, &output, &sum, &why);
    if (err == SP_OK && output.file != NULL)
        err = sp_output_commit(&output, &why);
    sp_output_close(&output);
    if (err == SP_OK && !options->quiet)
        (void)fprintf(stderr,
                      "speur: %" PRIu64 " members: %" PRIu64 " dropped, %" PRIu64
                      " with records cut out (%" PRIu64 " records), %" PRIu64 " left out; %" PRIu64
                      " did not come by.\n",
                      sum.members, sum.dropped, sum.cut, sum.records, sum.refused, sum.missing);
    if (err == SP_OK && options->anonymise_exempt && !options->quiet)
        (void)fprintf(stderr, "speur: %" PRIu64 " EXEMPT rows are made anonymous.\n",
                      sum.anonymised);
    if (err == SP_OK && sum.left > 0)
        (void)fprintf(stderr,
                      "speur: %" PRIu64 " columns of EXEMPT rows stay as they are: comments in the "
                      "SQL say which, and why\n",
                      sum.left);
    sp_names_free(job.drop);
    sp_records_free(job.records);
    if (err != SP_OK)
        return sp_complain(err, &why);
    return sum.missing + sum.refused + sum.left + sum.unchanged > 0 ? 1 : 0;
}
