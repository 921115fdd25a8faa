#include "worker/lockdown.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { LOCKDOWN_NOFILE = 64 };

/* Sanitizers map terabytes of shadow memory: the address space cannot be limited there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCKDOWN_LIMIT_AS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOCKDOWN_LIMIT_AS 0
#endif
#endif
#ifndef LOCKDOWN_LIMIT_AS
#define LOCKDOWN_LIMIT_AS 1
#endif

static const struct {
    __rlimit_resource_t resource;
    rlim_t limit;
    bool when;
} lockdown_limits[] = {
    {RLIMIT_CORE, 0, true},                  /* a core would hold what was read */
    {RLIMIT_FSIZE, (rlim_t)512 << 20, true}, /* a spool (memfd) beside its slack */
    {RLIMIT_NOFILE, LOCKDOWN_NOFILE, true},
    {RLIMIT_AS, (rlim_t)1 << 30, LOCKDOWN_LIMIT_AS != 0},
};

enum sp_err sp_lockdown(struct sp_why *why)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    for (size_t i = 0; i < sizeof lockdown_limits / sizeof lockdown_limits[0]; i++) {
        const struct rlimit limit = {lockdown_limits[i].limit, lockdown_limits[i].limit};
        if (lockdown_limits[i].when && setrlimit(lockdown_limits[i].resource, &limit) != 0)
            return sp_fail(why, SP_ERR_IO, "worker lockdown: %s", strerrordesc_np(errno));
    }
    return SP_OK;
}
