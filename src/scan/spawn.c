#include "scan/spawn.h"

#include <signal.h>
#include <spawn.h>
#include <string.h>

enum sp_err sp_spawn(const char *path, char *const argv[], const struct sp_spawn_fd *fds,
                     size_t count, int *pid, struct sp_why *why)
{
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, (char[]){"TZ=UTC"},
                                 (char[]){"OMP_THREAD_LIMIT=1"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    (void)sigemptyset(&none);
    int failed = posix_spawnattr_init(&attributes);
    if (failed == 0)
        failed =
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    if (failed == 0)
        failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (failed == 0)
        failed = posix_spawn_file_actions_init(&actions);
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = posix_spawn_file_actions_adddup2(&actions, fds[i].ours, fds[i].theirs);
    if (failed == 0)
        failed = posix_spawn(pid, path, &actions, &attributes, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed == 0)
        return SP_OK;
    *pid = 0;
    return sp_fail(why, SP_ERR_CONFIG, "cannot start %s: %s", path, strerrordesc_np(failed));
}
