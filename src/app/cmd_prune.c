#include "app/app.h"
#include "base/utf8.h"
#include "restore/prune.h"

#include <inttypes.h>

static void prune_told(void *ctx, struct sp_slice name, const char *reason)
{
    struct sp_buf text;
    (void)ctx;
    sp_buf_init(&text, 1U << 20);
    if (sp_escape(&text, name, "", NULL) == SP_OK)
        (void)fprintf(stderr, "speur: %.*s: %s\n", (int)text.len, (const char *)text.data, reason);
    sp_buf_clear(&text);
}

int sp_cmd_prune(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_prune_sum sum = {0};
    struct sp_names *drop = NULL;
    enum sp_err err = SP_OK;
    if (options->root == NULL || options->drop0 == NULL || options->arg_count > 0)
        err = sp_fail(&why, SP_ERR_USAGE, "prune wants --root DIR and --drop0 FILE");
    if (err == SP_OK)
        err = sp_names_read(options->drop0, &drop, &why);
    const struct sp_prune_job job = {
        .root = options->root, .drop = drop, .dry_run = options->dry_run, .told = prune_told};
    if (err == SP_OK)
        err = sp_prune_run(&job, &sum, &why);
    if (err == SP_OK && !options->quiet)
        (void)printf("%" PRIu64 " %s, %" PRIu64 " not there, %" PRIu64 " refused.\n", sum.removed,
                     options->dry_run ? "would be removed" : "removed", sum.missing, sum.refused);
    sp_names_free(drop);
    if (err != SP_OK)
        return sp_complain(err, &why);
    return sum.missing + sum.refused > 0 ? 1 : 0;
}
