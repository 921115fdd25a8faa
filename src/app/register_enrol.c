/* From outside into the register: one value, or a file of requests. */
#include "app/keeping.h"
#include "base/mem.h"
#include "check/enrol.h"
#include "restore/wordpress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { REGISTER_VALUE_MAX = 4096 };

/* ---- import ---------------------------------------------------------------------------------- */
static void register_bad_line(void *ctx, uint64_t line, const char *reason)
{
    const char *const *file = ctx;
    (void)fputs("speur: ", stderr);
    sp_print_escaped(stderr, *file);
    (void)fprintf(stderr, " line %" PRIu64 ": %s\n", line, reason);
}

enum sp_err sp_register_verb_import(struct sp_keeping *keeping, struct sp_options *options,
                                    struct sp_why *why)
{
    if (options->arg_count != 2)
        return sp_fail(why, SP_ERR_USAGE, "register import wants one FILE (or -)");
    const char *file = options->args[1];
    bool standard_input = strcmp(file, "-") == 0;
    const char *shown = standard_input ? "standard input" : file;
    const struct sp_import_options import = {.region = options->region,
                                             .allow_bsn = options->allow_bsn,
                                             .backup_retention_days =
                                                 options->backup_retention_days,
                                             .term = options->term,
                                             .dry_run = options->dry_run,
                                             .bad = register_bad_line,
                                             .ctx = &shown};
    struct sp_import_sum sum = {0};
    enum sp_err err = sp_keeping_open(keeping, options, why);
    if (err != SP_OK)
        return err;
    int fd = standard_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", file, strerrordesc_np(errno));
    int csv = -1;
    bool is_dump = sp_wordpress_is_dump(fd); /* never so of a pipe */
    if (is_dump)
        err = sp_register_dump_csv(fd, options, &csv, why);
    if (err == SP_OK)
        err = sp_import_csv(keeping->reg, keeping->key, is_dump ? csv : fd, &import, &sum, why);
    if (csv >= 0)
        (void)close(csv);
    if (!standard_input)
        (void)close(fd);
    if (err != SP_OK)
        return err;
    if (!options->quiet)
        (void)printf("%" PRIu64 " lines: %" PRIu64 " %s, %" PRIu64 " known already, %" PRIu64
                     " refused.\n",
                     sum.lines, sum.added, options->dry_run ? "would be added" : "added", sum.known,
                     sum.refused);
    if (!options->quiet && !standard_input && !options->dry_run && sum.refused == 0)
        (void)printf("%s holds clear values: destroy it when you no longer need it (shred -u).\n",
                     file);
    return sum.refused == 0 ? SP_OK
                            : sp_fail(why, SP_ERR_FORMAT,
                                      "%" PRIu64 " lines were refused; the "
                                      "others are in the register",
                                      sum.refused);
}

/* ---- add ------------------------------------------------------------------------------------- */
/* The value comes from standard input: an argument is visible to other users. */
static enum sp_err register_read_value(char value[REGISTER_VALUE_MAX], size_t *len,
                                       struct sp_why *why)
{
    ssize_t got = 0;
    *len = 0;
    while (*len < REGISTER_VALUE_MAX &&
           (got = read(STDIN_FILENO, value + *len, REGISTER_VALUE_MAX - *len)) > 0)
        *len += (size_t)got;
    if (got < 0)
        return sp_fail(why, SP_ERR_IO, "cannot read the value: %s", strerrordesc_np(errno));
    while (*len > 0 && (value[*len - 1] == '\n' || value[*len - 1] == '\r'))
        (*len)--;
    return *len > 0 && *len < REGISTER_VALUE_MAX
               ? SP_OK
               : sp_fail(why, SP_ERR_USAGE, "register add reads one value from standard input");
}

static enum sp_err register_fill_dates(struct sp_register_row *row,
                                       const struct sp_options *options, const char *today,
                                       struct sp_why *why)
{
    int64_t days;
    const char *received = options->received == NULL ? today : options->received;
    if (!sp_date_parse(sp_slice_of(received), &days))
        return sp_fail(why, SP_ERR_USAGE, "--received wants a date, YYYY-MM-DD");
    sp_date_format(days, row->received);
    sp_date_format(sp_term_end(days, &options->term), row->due);
    if (options->erased_at == NULL)
        return SP_OK;
    if (!sp_date_parse(sp_slice_of(options->erased_at), &days))
        return sp_fail(why, SP_ERR_USAGE, "--erased-at wants a date, YYYY-MM-DD");
    sp_date_format(days, row->erased_at);
    if (options->backup_retention_days > 0)
        sp_date_format(days + options->backup_retention_days, row->last_backup_expiry);
    return SP_OK;
}

static enum sp_err register_fill(struct sp_register_row *row, const struct sp_options *options,
                                 const char *today, struct sp_why *why)
{
    enum sp_type type;
    if (options->req_id == NULL || options->type == NULL ||
        !sp_type_from_name(sp_slice_of(options->type), &type))
        return sp_fail(why, SP_ERR_USAGE,
                       "register add wants --req ID and --type TYPE (email, phone, iban, …)");
    row->type = type;
    if (options->kind != NULL && !sp_request_kind_from_name(sp_slice_of(options->kind), &row->kind))
        return sp_fail(why, SP_ERR_USAGE,
                       "--kind wants erasure, restriction, objection, rectification or optout");
    if (type == SP_TYPE_BSN && options->allow_bsn == NULL)
        return sp_fail(why, SP_ERR_USAGE, "a BSN needs --allow-bsn BASIS (UAVG art. 46)");
    enum sp_err err = register_fill_dates(row, options, today, why);
    if (err != SP_OK)
        return err;
    row->req_id = sp_copy_string(options->req_id, strlen(options->req_id));
    if (options->scope != NULL)
        row->scope = sp_copy_string(options->scope, strlen(options->scope));
    if (options->allow_bsn != NULL && type == SP_TYPE_BSN)
        row->legal_basis = sp_copy_string(options->allow_bsn, strlen(options->allow_bsn));
    return row->req_id == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a row") : SP_OK;
}

enum sp_err sp_register_verb_add(struct sp_keeping *keeping, struct sp_options *options,
                                 struct sp_why *why)
{
    char value[REGISTER_VALUE_MAX];
    size_t len = 0;
    size_t added = 0;
    struct sp_register_row row = {0};
    enum sp_err err = register_fill(&row, options, keeping->today, why);
    if (err == SP_OK)
        err = sp_keeping_open(keeping, options, why);
    if (err == SP_OK)
        err = register_read_value(value, &len, why);
    if (err == SP_OK)
        err = sp_enrol(keeping->key, row.type, (struct sp_slice){(const uint8_t *)value, len},
                       options->region, &row, why);
    sp_wipe(value, sizeof value);
    if (err == SP_OK && !options->dry_run)
        err = sp_register_append(keeping->reg, &row, 1, &added, why);
    if (err == SP_OK && !options->quiet)
        (void)printf("%s\n", options->dry_run ? "It would be added."
                             : added == 1     ? "Added."
                                              : "It is in the register already.");
    sp_register_row_clear(&row);
    return err;
}
