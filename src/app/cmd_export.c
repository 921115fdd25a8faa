#include "app/app.h"
#include "app/output.h"
#include "base/mem.h"
#include "report/jsonl.h"

#include <errno.h>

static enum sp_err export_line(void *ctx, struct sp_slice line, struct sp_why *why)
{
    FILE *out = ctx;
    return fwrite(line.ptr, 1, line.len, out) == line.len
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write: %s", strerrordesc_np(errno));
}

static enum sp_err export_check(const struct sp_options *options, struct sp_why *why)
{
    if (options->arg_count > 0)
        return sp_fail(why, SP_ERR_USAGE, "export takes no PATH; it exports the inventory");
    if (options->format != NULL && strcmp(options->format, "jsonl") != 0)
        return sp_fail(why, SP_ERR_USAGE, "--format jsonl is the one there is");
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

/* Systems lie with the patterns. An export needs no pattern, so without any it goes on. */
static enum sp_err export_systems(const struct sp_options *options, struct sp_systems **out,
                                  struct sp_why *why)
{
    char *folder = NULL;
    enum sp_err err = sp_app_path(SP_PLACE_PATTERNS, options->patterns, &folder, why);
    if (err == SP_ERR_CONFIG && options->patterns == NULL)
        return SP_OK; /* not installed here */
    if (err == SP_OK)
        err = sp_systems_load(folder, out, why);
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
        err = export_systems(options, &systems, why);
    if (err == SP_OK)
        err = export_values_key(options, roots, root_count, &key, why);
    const struct sp_export_options export = {.min_confidence = options->min_confidence,
                                             .unread = options->unread,
                                             .stable = options->stable,
                                             .values_key = key,
                                             .systems = systems};
    for (size_t i = 0; err == SP_OK && i < root_count; i++)
        err = sp_export_jsonl(inventory, &roots[i], &export, export_line, out, why);
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
