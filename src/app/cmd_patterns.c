#include "app/app.h"
#include "base/mem.h"
#include "report/systems.h"

/* Systems that an export names, from the folder `systems` beside the patterns. */
static int patterns_list_systems(const char *dir)
{
    struct sp_why why = {""};
    struct sp_systems *systems = NULL;
    enum sp_err err = sp_systems_load(dir, &systems, &why);
    if (err != SP_OK)
        return sp_complain(err, &why);
    (void)printf("%zu systems:", sp_systems_count(systems));
    for (size_t i = 0; i < sp_systems_count(systems); i++)
        (void)printf(" %s", sp_systems_name(systems, i));
    (void)printf("\n");
    sp_systems_free(systems);
    return 0;
}

static int patterns_list(const struct sp_patterns *patterns, const char *dir)
{
    (void)printf("%zu patterns, digest %s. Types looked for:", sp_patterns_count(patterns),
                 sp_patterns_digest(patterns));
    for (unsigned i = 0; i < SP_TYPE_COUNT; i++)
        if (sp_patterns_has_type(patterns, (enum sp_type)i))
            (void)printf(" %s", sp_type_name((enum sp_type)i));
    (void)printf("\n");
    return patterns_list_systems(dir);
}

static int patterns_test(const struct sp_patterns *patterns)
{
    size_t failed = sp_patterns_test(patterns, stdout);
    (void)printf("%zu patterns tested, %zu examples failed\n", sp_patterns_count(patterns), failed);
    return failed == 0 ? 0 : sp_err_exit_status(SP_ERR_CONFIG);
}

int sp_cmd_patterns(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_patterns *patterns = NULL;
    char *dir = NULL;
    const char *verb = options->arg_count == 1 ? options->args[0] : "";
    bool test = strcmp(verb, "test") == 0;
    if (!test && strcmp(verb, "list") != 0) {
        (void)fprintf(stderr, "speur: patterns wants list or test\n");
        return sp_err_exit_status(SP_ERR_USAGE);
    }
    enum sp_err err = sp_app_path(SP_PLACE_PATTERNS, options->patterns, &dir, &why);
    if (err == SP_OK)
        err = sp_patterns_load(dir, &patterns, &why);
    int status = err != SP_OK ? sp_complain(err, &why)
                 : test       ? patterns_test(patterns)
                              : patterns_list(patterns, dir);
    sp_patterns_free(patterns);
    sp_free(dir);
    return status;
}
