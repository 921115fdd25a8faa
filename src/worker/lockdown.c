#include "worker/lockdown.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum {
    LOCKDOWN_NOFILE = 64,
    LOCKDOWN_SLACK_BYTES = 1 << 20 /* of a memory file beside what is meant for it */
};

static enum sp_err lockdown_limit(__rlimit_resource_t resource, uint64_t value, struct sp_why *why)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    if (limit.rlim_max < value) /* somebody set it lower: kept */
        value = limit.rlim_max;
    limit = (struct rlimit){value, value};
    if (setrlimit(resource, &limit) != 0)
        return sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    return SP_OK;
}

static enum sp_err lockdown_limits(const struct sp_lockdown *how, struct sp_why *why)
{
    const struct {
        __rlimit_resource_t resource;
        uint64_t value;
    } limits[] = {
        {RLIMIT_CORE, 0}, /* a core would hold what was read */
        {RLIMIT_FSIZE, how->spool_bytes + LOCKDOWN_SLACK_BYTES},
        {RLIMIT_NOFILE, LOCKDOWN_NOFILE},
        {RLIMIT_NPROC, 0},
        {RLIMIT_AS, how->memory_bytes},
    };
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < sizeof limits / sizeof limits[0]; i++) {
        if (!(SP_LOCKDOWN_SANITIZED &&
              (limits[i].resource == RLIMIT_AS || limits[i].resource == RLIMIT_NPROC)))
            err = lockdown_limit(limits[i].resource, limits[i].value, why);
    }
    /* a memory file that grows too large is a failing write, not the end */
    if (err == SP_OK && signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        err = sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    return err;
}

/* After privileges: changing the user resets both. */
static enum sp_err lockdown_process(struct sp_why *why)
{
    /* the sanitizers look at the process through /proc when it ends */
    bool dumpable = SP_LOCKDOWN_SANITIZED;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        (!dumpable && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    return SP_OK;
}

static void lockdown_level(bool seccomp, int landlock, bool uid, char level[SP_LOCKDOWN_LEVEL_MAX])
{
    char version[24] = "";
    if (landlock > 0)
        (void)snprintf(version, sizeof version, "%slandlock%d", seccomp ? "+" : "", landlock);
    (void)snprintf(level, SP_LOCKDOWN_LEVEL_MAX, "%s%s%s%s", seccomp ? "seccomp" : "", version,
                   uid && (seccomp || landlock > 0) ? "+" : "", uid ? "uid" : "");
    if (level[0] == '\0')
        (void)snprintf(level, SP_LOCKDOWN_LEVEL_MAX, "none");
}

enum sp_err sp_lockdown(const struct sp_lockdown *how, char level[SP_LOCKDOWN_LEVEL_MAX],
                        struct sp_why *why)
{
    bool uid = false;
    bool seccomp = false;
    int landlock = 0;
    enum sp_err err = sp_privileges_drop(&uid, why);
    if (err == SP_OK)
        err = lockdown_limits(how, why);
    if (err == SP_OK)
        err = lockdown_process(why);
    if (err == SP_OK && !how->no_sandbox)
        err = sp_landlock(NULL, 0, &landlock, why);
    if (err == SP_OK && !how->no_sandbox)
        err = sp_seccomp_worker(&seccomp, why);
    lockdown_level(seccomp, landlock, uid, level);
    if (err == SP_OK && !seccomp && !how->no_sandbox && !SP_LOCKDOWN_SANITIZED)
        err = sp_fail(why, SP_ERR_CONFIG,
                      "this kernel filters no system calls (seccomp), so a parser could not be "
                      "contained; --no-sandbox goes on without");
    return err;
}
