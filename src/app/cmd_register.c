#include "app/app.h"
#include "base/mem.h"
#include "check/enrol.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { REGISTER_VALUE_MAX = 4096 };

/* What every register command opens. */
struct keeping {
    char *key_path, *register_path;
    struct sp_key *key;
    struct sp_register *reg;
};

static enum sp_err keeping_paths(struct keeping *keeping, const struct sp_options *options,
                                 struct sp_why *why)
{
    enum sp_err err = sp_app_path(SP_PLACE_KEY, options->key, &keeping->key_path, why);
    return err == SP_OK ? sp_app_path(SP_PLACE_REGISTER, options->register_path,
                                      &keeping->register_path, why)
                        : err;
}

static enum sp_err keeping_open(struct keeping *keeping, const struct sp_options *options,
                                struct sp_why *why)
{
    enum sp_err err = keeping_paths(keeping, options, why);
    if (err == SP_OK)
        err = sp_key_open(keeping->key_path, &keeping->key, why);
    return err == SP_OK ? sp_register_open(keeping->register_path, keeping->key, &keeping->reg, why)
                        : err;
}

static void keeping_close(struct keeping *keeping)
{
    sp_register_close(keeping->reg);
    sp_key_free(keeping->key);
    sp_free(keeping->key_path);
    sp_free(keeping->register_path);
}

/* ---- init ------------------------------------------------------------------------------------ */
static enum sp_err register_init(struct keeping *keeping, struct sp_options *options,
                                 struct sp_why *why)
{
    enum sp_err err = keeping_paths(keeping, options, why);
    bool has_key = err == SP_OK && access(keeping->key_path, F_OK) == 0;
    if (err == SP_OK)
        err = has_key ? sp_key_open(keeping->key_path, &keeping->key, why)
                      : sp_key_make(keeping->key_path, &keeping->key, why);
    if (err == SP_OK)
        err = sp_register_init(keeping->register_path, keeping->key, why);
    if (err == SP_OK && !options->quiet)
        (void)printf("Made the register %s (key: %s, %s).\n"
                     "Keep copies of both apart from each other and from the systems that are "
                     "backed up: a restore must not roll them back.\n",
                     keeping->register_path, keeping->key_path, has_key ? "existing" : "new");
    return err;
}

/* ---- import ---------------------------------------------------------------------------------- */
static void register_bad_line(void *ctx, uint64_t line, const char *reason)
{
    const char *const *file = ctx;
    (void)fputs("speur: ", stderr);
    sp_print_escaped(stderr, *file);
    (void)fprintf(stderr, " line %" PRIu64 ": %s\n", line, reason);
}

static enum sp_err register_import(struct keeping *keeping, struct sp_options *options,
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
                                             .dry_run = options->dry_run,
                                             .bad = register_bad_line,
                                             .ctx = &shown};
    struct sp_import_sum sum = {0};
    enum sp_err err = keeping_open(keeping, options, why);
    if (err != SP_OK)
        return err;
    int fd = standard_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", file, strerrordesc_np(errno));
    err = sp_import_csv(keeping->reg, keeping->key, fd, &import, &sum, why);
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

static enum sp_err register_fill(struct sp_register_row *row, const struct sp_options *options,
                                 struct sp_why *why)
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
    if (options->erased_at != NULL)
        (void)snprintf(row->erased_at, sizeof row->erased_at, "%s", options->erased_at);
    row->req_id = sp_copy_string(options->req_id, strlen(options->req_id));
    if (options->allow_bsn != NULL && type == SP_TYPE_BSN)
        row->legal_basis = sp_copy_string(options->allow_bsn, strlen(options->allow_bsn));
    return row->req_id == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a row") : SP_OK;
}

static enum sp_err register_add(struct keeping *keeping, struct sp_options *options,
                                struct sp_why *why)
{
    char value[REGISTER_VALUE_MAX];
    size_t len = 0;
    size_t added = 0;
    struct sp_register_row row = {0};
    enum sp_err err = register_fill(&row, options, why);
    if (err == SP_OK)
        err = keeping_open(keeping, options, why);
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

/* ---- list ------------------------------------------------------------------------------------ */
static enum sp_err register_list(struct keeping *keeping, struct sp_options *options,
                                 struct sp_why *why)
{
    enum sp_err err = keeping_open(keeping, options, why);
    if (err != SP_OK)
        return err;
    (void)printf("%6s %s\t%-14s %-12s %-10s %-10s %s\n", "seq", "request", "kind", "type", "erased",
                 "expires", "scope");
    for (size_t i = 0; i < sp_register_count(keeping->reg); i++) {
        const struct sp_register_row *row = sp_register_row_at(keeping->reg, i);
        (void)printf("%6" PRIu64 " ", row->seq);
        sp_print_escaped(stdout, row->req_id);
        (void)fputc('\t', stdout);
        (void)printf("%-14s %-12s %-10s %-10s ", sp_request_kind_name(row->kind),
                     sp_type_name(row->type), row->erased_at[0] != '\0' ? row->erased_at : "-",
                     row->last_backup_expiry[0] != '\0' ? row->last_backup_expiry : "never");
        sp_print_escaped(stdout, row->scope != NULL && row->scope[0] != '\0' ? row->scope : "all");
        (void)printf("\n");
    }
    (void)printf("%zu rows, head %s\n", sp_register_count(keeping->reg),
                 sp_register_head(keeping->reg));
    return SP_OK;
}

int sp_cmd_register(struct sp_options *options)
{
    static const struct {
        const char *verb;
        enum sp_err (*run)(struct keeping *, struct sp_options *, struct sp_why *);
    } verbs[] = {
        {"init", register_init},
        {"add", register_add},
        {"import", register_import},
        {"list", register_list},
    };
    struct sp_why why = {""};
    struct keeping keeping = {.key = NULL};
    const char *verb = options->arg_count > 0 ? options->args[0] : "";
    enum sp_err err = sp_fail(&why, SP_ERR_USAGE, "register wants init, add, import or list");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verb, verbs[i].verb) != 0)
            continue;
        why.text[0] = '\0';
        err = verbs[i].run(&keeping, options, &why);
    }
    keeping_close(&keeping);
    return err == SP_OK ? 0 : sp_complain(err, &why);
}
