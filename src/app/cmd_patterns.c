#include "app/app.h"
#include "base/mem.h"
#include "detect/systems.h"

#include <errno.h>

enum { VERIFY_BLOCK = 4 << 20 }; /* bytes that are compared at a time */

/* Systems that an export names, from the folder `systems` beside the patterns. */
static int patterns_list_systems(const char *own, const char *beside)
{
    struct sp_why why = {""};
    struct sp_systems *systems = NULL;
    enum sp_err err = sp_systems_load(own, beside, &systems, &why);
    if (err != SP_OK)
        return sp_complain(err, &why);
    (void)printf("%zu systems:", sp_systems_count(systems));
    for (size_t i = 0; i < sp_systems_count(systems); i++)
        (void)printf(" %s", sp_systems_name(systems, i));
    (void)printf("\n");
    sp_systems_free(systems);
    return 0;
}

static int patterns_list(const struct sp_patterns *patterns, const char *own, const char *beside)
{
    (void)printf("%zu patterns, digest %s. Types looked for:", sp_patterns_count(patterns),
                 sp_patterns_digest(patterns));
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if (sp_patterns_has_type(patterns, (enum sp_type)i))
            (void)printf(" %s", sp_type_name((enum sp_type)i));
    (void)printf("\n");
    return patterns_list_systems(own, beside);
}

static int patterns_test(const struct sp_patterns *patterns)
{
    size_t failed = sp_patterns_test(patterns, stdout);
    (void)printf("%zu patterns tested, %zu examples failed\n", sp_patterns_count(patterns), failed);
    return failed == 0 ? 0 : sp_err_exit_status(SP_ERR_CONFIG);
}

/* Block by block: what lies over an edge is cut for both alike. */
static enum sp_err verify_stream(const struct sp_patterns *patterns, FILE *file, const char *path,
                                 uint8_t *block, size_t *differ, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t len;
    while (err == SP_OK && (len = fread(block, 1, VERIFY_BLOCK, file)) > 0) {
        size_t differ_here = 0;
        err =
            sp_patterns_verify(patterns, (struct sp_slice){block, len}, stdout, &differ_here, why);
        *differ += differ_here;
    }
    return err == SP_OK && ferror(file) ? sp_fail(why, SP_ERR_IO, "%s: cannot be read", path) : err;
}

static enum sp_err verify_file(const struct sp_patterns *patterns, const char *path, uint8_t *block,
                               size_t *differ, struct sp_why *why)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rbe");
    if (file == NULL)
        return sp_fail(why, SP_ERR_NOINPUT, "%s: %s", path, strerrordesc_np(errno));
    enum sp_err err = verify_stream(patterns, file, path, block, differ, why);
    if (!is_stdin)
        (void)fclose(file);
    return err;
}

/* Every expression over the files, with the filter and without: the same places? */
static int patterns_verify(const struct sp_patterns *patterns, char *const *paths, int count)
{
    struct sp_why why = {""};
    uint8_t *block = sp_alloc(VERIFY_BLOCK);
    enum sp_err err = block == NULL ? sp_fail(&why, SP_ERR_NOMEM, "no memory") : SP_OK;
    size_t differ = 0, slow = sp_patterns_unfiltered(patterns, stdout);
    for (int i = 0; err == SP_OK && i < count; i++)
        err = verify_file(patterns, paths[i], block, &differ, &why);
    if (err == SP_OK && count == 0)
        err = sp_patterns_verify_examples(patterns, stdout, &differ, &why);
    sp_free(block);
    if (err != SP_OK)
        return sp_complain(err, &why);
    (void)printf("%zu patterns verified, %zu places differ, %zu forms without a filter\n",
                 sp_patterns_count(patterns), differ, slow);
    return differ == 0 ? 0 : 1;
}

int sp_cmd_patterns(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_patterns *patterns = NULL;
    char *own = NULL;
    size_t refused = 0;
    const char *verb = options->arg_count > 0 ? options->args[0] : "";
    bool list = strcmp(verb, "list") == 0, test = strcmp(verb, "test") == 0;
    if (strcmp(verb, "verify") != 0 && (options->arg_count != 1 || (!list && !test))) {
        (void)fprintf(stderr, "speur: patterns wants list, test or verify [FILE...]\n");
        return sp_err_exit_status(SP_ERR_USAGE);
    }
    enum sp_err err = sp_app_patterns(options, &own, &patterns, &refused, &why);
    int status = err != SP_OK ? sp_complain(err, &why)
                 : list       ? patterns_list(patterns, own, options->patterns)
                 : test       ? patterns_test(patterns)
                        : patterns_verify(patterns, options->args + 1, options->arg_count - 1);
    sp_patterns_free(patterns);
    sp_free(own);
    return status == 0 && refused > 0 ? sp_err_exit_status(SP_ERR_CONFIG) : status;
}
