#include "app/app.h"
#include "app/output.h"
#include "base/mem.h"
#include "report/csv.h"
#include "report/jsonl.h"

#include <errno.h>

enum { EXPORT_LINE_MAX = 4 << 20 /* bytes; a path and a few names, all bounded far below */ };

/* THE forms of an export. */
struct export_form {
    const char *name;
    /* both append to `out` */
    enum sp_err (*head)(bool unread, struct sp_buf *out, struct sp_why *why); /* or NULL */
    enum sp_err (*line)(const struct sp_shown *shown, bool stable, struct sp_buf *out,
                        struct sp_why *why);
};

static enum sp_err export_csv_line(const struct sp_shown *shown, bool stable, struct sp_buf *out,
                                   struct sp_why *why)
{
    (void)stable;
    return sp_csv_line(shown, out, why);
}

static const struct export_form export_forms[] = {{"jsonl", NULL, sp_jsonl_line},
                                                  {"csv", sp_csv_head, export_csv_line}};

static const struct export_form *export_form_of(const char *name)
{
    for (size_t i = 0; i < sizeof export_forms / sizeof *export_forms; i++)
        if (strcmp(export_forms[i].name, name) == 0)
            return &export_forms[i];
    return NULL;
}

/* An export while it runs. */
struct export
{
    const struct export_form *form;
    bool stable;
    FILE *out;
    struct sp_buf line;
};

static enum sp_err export_write(struct export *export, struct sp_why *why)
{
    struct sp_slice line = sp_buf_slice(&export->line);
    return fwrite(line.ptr, 1, line.len, export->out) == line.len
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write: %s", strerrordesc_np(errno));
}

static enum sp_err export_shown(void *ctx, const struct sp_shown *shown, struct sp_why *why)
{
    struct export *export = ctx;
    sp_buf_reset(&export->line);
    enum sp_err err = export->form->line(shown, export->stable, &export->line, why);
    return err == SP_OK ? export_write(export, why) : err;
}

static enum sp_err export_check(const struct sp_options *options, struct sp_why *why)
{
    if (options->arg_count > 0)
        return sp_fail(why, SP_ERR_USAGE, "export takes no PATH; it exports the inventory");
    if (options->format != NULL && export_form_of(options->format) == NULL)
        return sp_fail(why, SP_ERR_USAGE, "--format wants jsonl or csv");
    return SP_OK;
}

/* --show-values wants a key, and an inventory that kept values. */
static enum sp_err export_values_key(const struct sp_options *options,
                                     const struct sp_root_row *roots, size_t root_count,
                                     struct sp_key **key, struct sp_why *why)
{
    char *path = NULL;
    if (!options->show_values)
        return SP_OK;
    bool kept = false;
    for (size_t i = 0; i < root_count; i++)
        kept = kept || roots[i].keep_values;
    if (!kept)
        return sp_fail(why, SP_ERR_USAGE,
                       "the inventory has no values: scan with --keep-values, then --show-values");
    enum sp_err err = sp_app_path(SP_PLACE_KEY, options->key, &path, why);
    if (err == SP_OK)
        err = sp_key_open(path, key, why);
    sp_free(path);
    return err;
}

enum sp_err sp_app_systems(const struct sp_options *options, struct sp_systems **out,
                           struct sp_why *why)
{
    char *folder = NULL;
    enum sp_err err = sp_app_path(SP_PLACE_PATTERNS, NULL, &folder, why);
    if (err == SP_ERR_CONFIG && options->patterns == NULL)
        return SP_OK; /* not installed here */
    if (err == SP_OK)
        err = sp_systems_load(folder, options->patterns, out, why);
    sp_free(folder);
    return err;
}

static enum sp_err export_all(struct sp_inventory *inventory, const struct sp_options *options,
                              FILE *out, struct sp_why *why)
{
    struct sp_root_row *roots = NULL;
    size_t root_count = 0;
    struct sp_key *key = NULL;
    struct sp_systems *systems = NULL;
    enum sp_err err = sp_inventory_roots(inventory, &roots, &root_count, why);
    if (err == SP_OK)
        err = sp_app_systems(options, &systems, why);
    if (err == SP_OK)
        err = export_values_key(options, roots, root_count, &key, why);
    const struct sp_shown_options shown = {.min_confidence = options->min_confidence,
                                           .unread = options->unread,
                                           .values_key = key,
                                           .systems = systems};
    struct export export = {.form = export_form_of(options->format ? options->format : "jsonl"),
                            .stable = options->stable,
                            .out = out};
    sp_buf_init(&export.line, EXPORT_LINE_MAX);
    if (err == SP_OK && export.form->head != NULL)
        err = export.form->head(options->unread, &export.line, why);
    if (err == SP_OK)
        err = export_write(&export, why);
    for (size_t i = 0; err == SP_OK && i < root_count; i++)
        err = sp_shown_each(inventory, &roots[i], &shown, export_shown, &export, why);
    sp_buf_wipe(&export.line); /* may have held values that were asked for */
    sp_key_free(key);
    sp_systems_free(systems);
    sp_root_rows_free(roots, root_count);
    return err;
}

int sp_cmd_export(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_inventory *inventory = NULL;
    struct sp_output output = {.file = NULL};
    char *path = NULL;
    enum sp_err err = export_check(options, &why);
    if (err == SP_OK)
        err = sp_app_path(SP_PLACE_INVENTORY, options->inventory, &path, &why);
    if (err == SP_OK)
        err = sp_inventory_open(path, false, &inventory, &why);
    if (err == SP_OK)
        err = sp_output_open(&output, options->output, &why);
    if (err == SP_OK)
        err = export_all(inventory, options, output.file, &why);
    if (err == SP_OK)
        err = sp_output_commit(&output, &why);
    sp_output_close(&output);
    sp_inventory_close(inventory);
    sp_free(path);
    return err == SP_OK ? 0 : sp_complain(err, &why);
}
