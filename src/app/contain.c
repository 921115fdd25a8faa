/* The program that scans gives up what a scan does not need: the network, and all files but the
 * ones that it reads and the few that it writes. Workers inherit this and give up far more. */
#include "app/app.h"
#include "base/mem.h"
#include "worker/lockdown.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <sys/prctl.h>

enum { CONTAIN_RULES_MAX = 64 + 4 * SP_LIST_OPTION_MAX };

struct contain {
    struct sp_landlock_rule rules[CONTAIN_RULES_MAX];
    size_t count;
    char *folders[16 + SP_LIST_OPTION_MAX]; /* owned: of files that are written */
    size_t folder_count;
};

static void contain_add(struct contain *contain, const char *path, enum sp_landlock_may may)
{
    if (path != NULL && contain->count < CONTAIN_RULES_MAX)
        contain->rules[contain->count++] = (struct sp_landlock_rule){path, may};
}

/* The folder of a file that is written: beside it lie its journal, its lock, its new version. */
static enum sp_err contain_written(struct contain *contain, const char *path, struct sp_why *why)
{
    if (path == NULL || contain->folder_count == sizeof contain->folders / sizeof *contain->folders)
        return SP_OK;
    char *folder = sp_copy_string(path, strlen(path));
    if (folder == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    contain->folders[contain->folder_count++] = folder;
    contain_add(contain, dirname(folder), SP_LANDLOCK_WRITE); /* cuts it off where it stands */
    return SP_OK;
}

static enum sp_err contain_paths(struct contain *contain, const struct sp_session *session,
                                 const struct sp_options *options, struct sp_why *why)
{
    static const char *const machine[] = {
        "/usr", "/lib", "/lib64", "/bin", "/etc", "/proc",
        "/sys", "/dev", "/run",   "/opt", "/nix", "/gnu"}; /* /run: who knows the names of users */
    const char *emitted[SP_LIST_OPTION_MAX];
    const char *const written[] = {session->inventory_path, options->keep0,        options->drop0,
                                   options->hold0,          options->decisions,    options->output,
                                   options->evidence,       session->evidence_path};
    for (size_t i = 0; i < options->emit_count; i++)
        emitted[i] = strchr(options->emits[i], '=') + 1;
    for (size_t i = 0; i < sizeof machine / sizeof *machine; i++)
        contain_add(contain, machine[i], SP_LANDLOCK_RUN);
    contain_add(contain, "/dev/null", SP_LANDLOCK_WRITE);
    contain_add(contain, options->extract, SP_LANDLOCK_WRITE);
    contain_add(contain, session->worker_path, SP_LANDLOCK_RUN);
    contain_add(contain, session->ocr_path, SP_LANDLOCK_RUN);
    contain_add(contain, session->disk_path, SP_LANDLOCK_RUN);
    contain_add(contain, session->patterns_path, SP_LANDLOCK_READ);
    contain_add(contain, options->patterns, SP_LANDLOCK_READ);
    contain_add(contain, session->key_path, SP_LANDLOCK_READ);
    for (int i = 0; i < options->arg_count; i++)
        if (strcmp(options->args[i], "-") != 0)
            contain_add(contain, options->args[i], SP_LANDLOCK_READ);
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof written / sizeof *written; i++)
        err = contain_written(contain, written[i], why);
    for (size_t i = 0; err == SP_OK && i < options->emit_count; i++)
        err = contain_written(contain, emitted[i], why);
    return err;
}

enum sp_err sp_app_contain(const struct sp_session *session, const struct sp_options *options,
                           struct sp_why *why)
{
    bool seccomp;
    int landlock;
    if (options->no_sandbox || options->arg_count > SP_LIST_OPTION_MAX)
        return SP_OK; /* more paths than there are rules for: the workers are contained all the same
                       */
    (void)sp_scan_lanes(); /* begins OpenMP */
    struct contain *contain = sp_alloc_zero(sizeof *contain);
    if (contain == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the sandbox");
    enum sp_err err = contain_paths(contain, session, options, why);
    if (err == SP_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        err = sp_fail(why, SP_ERR_IO, "no_new_privs: %s", strerrordesc_np(errno));
    if (err == SP_OK)
        err = sp_landlock(contain->rules, contain->count, &landlock, why);
    if (err == SP_OK)
        err = sp_seccomp_parent(&seccomp, why);
    for (size_t i = 0; i < contain->folder_count; i++)
        sp_free(contain->folders[i]);
    sp_free(contain);
    return err;
}

enum sp_err sp_app_contain_reader(const struct sp_options *options, struct sp_why *why)
{
    bool seccomp;
    if (options->no_sandbox)
        return SP_OK;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return sp_fail(why, SP_ERR_IO, "the program cannot give up its rights");
    return sp_seccomp_parent(&seccomp, why);
}
