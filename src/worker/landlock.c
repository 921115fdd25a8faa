/* Landlock (Linux 5.13 and later) without a rule: all that it handles is refused. The structures
 * and numbers of newer kernels stand here, as the headers that we are built with may be older.
 * Source: Documentation/userspace-api/landlock.rst of Linux 6.12. */
#include "worker/lockdown.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    LANDLOCK_CREATE = 444, /* the same numbers on all architectures */
    LANDLOCK_RESTRICT = 446,
    LANDLOCK_VERSION = 1, /* flag of create: asks for the version */
    LANDLOCK_SCOPES = 3   /* abstract sockets, signals; version 6 */
};

struct landlock_ruleset {
    uint64_t handled_access_fs;
    uint64_t handled_access_net; /* version 4 */
    uint64_t scoped;             /* version 6 */
};

/* Bits of file access by version: 13 in the first, refer, truncate, (4: none), ioctl on devices. */
static uint64_t landlock_files(long version)
{
    unsigned bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (UINT64_C(1) << bits) - 1;
}

enum sp_err sp_landlock_all(int *version, struct sp_why *why)
{
    long known = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    *version = 0;
    if (known <= 0)
        return SP_OK; /* not in this kernel, or switched off: the level tells */
    const struct landlock_ruleset ruleset = {
        .handled_access_fs = landlock_files(known),
        .handled_access_net = known >= 4 ? 3 : 0, /* bind and connect TCP */
        .scoped = known >= 6 ? LANDLOCK_SCOPES : 0,
    };
    size_t len = known >= 6 ? sizeof ruleset : known >= 4 ? 16 : 8;
    int fd = (int)syscall(LANDLOCK_CREATE, &ruleset, len, 0);
    if (fd < 0 || syscall(LANDLOCK_RESTRICT, fd, 0) != 0) {
        int failed = errno;
        if (fd >= 0)
            (void)close(fd);
        return sp_fail(why, SP_ERR_IO, "worker lockdown: landlock: %s", strerrordesc_np(failed));
    }
    (void)close(fd);
    *version = (int)known;
    return SP_OK;
}
