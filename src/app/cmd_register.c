/* speur register: its verbs, and what they all open. */
#include "app/keeping.h"
#include "base/mem.h"
#include "check/date.h"
#include "check/evidence.h"

#include <inttypes.h>
#include <unistd.h>

enum sp_err sp_keeping_paths(struct sp_keeping *keeping, const struct sp_options *options,
                             struct sp_why *why)
{
    enum sp_err err = sp_app_path(SP_PLACE_KEY, options->key, &keeping->key_path, why);
    return err == SP_OK ? sp_app_path(SP_PLACE_REGISTER, options->register_path,
                                      &keeping->register_path, why)
                        : err;
}

enum sp_err sp_keeping_open(struct sp_keeping *keeping, const struct sp_options *options,
                            struct sp_why *why)
{
    enum sp_err err = sp_keeping_paths(keeping, options, why);
    if (err == SP_OK)
        err = sp_key_open(keeping->key_path, &keeping->key, why);
    if (err == SP_OK)
        err = sp_register_open(keeping->register_path, keeping->key, &keeping->reg, why);
    /* one that was rolled back is not worked on: the last evidence may know more of it */
    struct sp_chain chain;
    return err == SP_OK
               ? sp_chain_open(keeping->register_path, keeping->key, keeping->reg, &chain, why)
               : err;
}

void sp_keeping_close(struct sp_keeping *keeping)
{
    sp_register_close(keeping->reg);
    sp_key_free(keeping->key);
    sp_free(keeping->key_path);
    sp_free(keeping->register_path);
}

/* ---- init ------------------------------------------------------------------------------------ */
static enum sp_err register_init(struct sp_keeping *keeping, struct sp_options *options,
                                 struct sp_why *why)
{
    enum sp_err err = sp_keeping_paths(keeping, options, why);
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

/* ---- verify ---------------------------------------------------------------------------------- */
static void verify_print(const struct sp_keeping *keeping)
{
    (void)printf("%s holds: %zu rows, %zu identifiers live, head %s\n", keeping->register_path,
                 sp_register_count(keeping->reg), sp_register_live_count(keeping->reg),
                 sp_register_head(keeping->reg));
    sp_keys_print(keeping->reg);
}

/* Opening verifies every row, the chain and the head. */
static enum sp_err register_verify(struct sp_keeping *keeping, struct sp_options *options,
                                   struct sp_why *why)
{
    enum sp_err err = sp_keeping_open(keeping, options, why);
    if (err == SP_OK && options->expect_head != NULL)
        err = sp_register_expect(keeping->reg, options->expect_head, why);
    if (err == SP_OK && !options->quiet)
        verify_print(keeping);
    return err;
}

/* ---- all of them ---------------------------------------------------------------------------- */
static const struct {
    const char *verb;
    sp_keeping_verb run;
} register_verbs[] = {
    {"init", register_init},
    {"add", sp_register_verb_add},
    {"import", sp_register_verb_import},
    {"list", sp_register_verb_list},
    {"withdraw", sp_register_verb_note},
    {"exempt", sp_register_verb_note},
    {"identified", sp_register_verb_note},
    {"extend", sp_register_verb_note},
    {"answer", sp_register_verb_note},
    {"expire", sp_register_verb_expire},
    {"new-key", sp_register_verb_new_key},
    {"verify", register_verify},
    {"kit", sp_register_verb_kit},
    {"unpack", sp_register_verb_unpack},
};
enum { REGISTER_VERBS = sizeof register_verbs / sizeof *register_verbs };

static enum sp_err register_unknown(const char *verb, struct sp_why *why)
{
    const char *names[REGISTER_VERBS + 1] = {NULL};
    for (size_t i = 0; i < REGISTER_VERBS; i++)
        names[i] = register_verbs[i].verb;
    const char *near = sp_nearest(verb, names);
    if (near != NULL && verb[0] != '\0')
        return sp_fail(why, SP_ERR_USAGE, "register has no %s; did you mean %s?", verb, near);
    return sp_fail(why, SP_ERR_USAGE,
                   "register wants init, add, import, list, withdraw, exempt, identified, extend, "
                   "answer, expire, new-key, verify, kit or unpack");
}

int sp_cmd_register(struct sp_options *options)
{
    struct sp_why why = {""};
    struct sp_keeping keeping = {.key = NULL};
    sp_keeping_verb run = NULL;
    const char *verb = options->arg_count > 0 ? options->args[0] : "";
    for (size_t i = 0; i < REGISTER_VERBS; i++)
        if (strcmp(verb, register_verbs[i].verb) == 0)
            run = register_verbs[i].run;
    sp_date_today(keeping.today);
    enum sp_err err = run == NULL ? register_unknown(verb, &why) : run(&keeping, options, &why);
    sp_keeping_close(&keeping);
    return err == SP_OK ? 0 : sp_complain(err, &why);
}
