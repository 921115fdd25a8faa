/* Landlock (Linux 5.13 and later): what no rule allows of what it handles is refused. The
 * structures and numbers of newer kernels stand here, as the headers that we are built with may be
 * older. Source: Documentation/userspace-api/landlock.rst of Linux 6.12. */
#include "worker/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    LANDLOCK_CREATE = 444, /* the same numbers on all architectures */
    LANDLOCK_ADD_RULE = 445,
    LANDLOCK_RESTRICT = 446,
    LANDLOCK_PATH_BENEATH = 1,
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

struct landlock_path {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

enum {
    LANDLOCK_EXECUTE = 1 << 0,
    LANDLOCK_WRITE_FILE = 1 << 1,
    LANDLOCK_READ_FILE = 1 << 2,
    LANDLOCK_READ_DIR = 1 << 3,
    LANDLOCK_TRUNCATE = 1 << 14,
    LANDLOCK_FOR_FILES =
        LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE | LANDLOCK_READ_FILE | LANDLOCK_TRUNCATE
};

static uint64_t landlock_allowed(enum sp_landlock_may may, uint64_t handled, bool is_directory)
{
    uint64_t allowed = LANDLOCK_READ_FILE | LANDLOCK_READ_DIR;
    if (may == SP_LANDLOCK_RUN)
        allowed |= LANDLOCK_EXECUTE;
    if (may == SP_LANDLOCK_WRITE)
        allowed = handled & ~(uint64_t)LANDLOCK_EXECUTE;
    return (is_directory ? allowed : allowed & LANDLOCK_FOR_FILES) & handled;
}

static bool landlock_add(int ruleset, const struct sp_landlock_rule *rule, uint64_t handled)
{
    struct stat st;
    int fd = open(rule->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return true;
    bool is_directory = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    const struct landlock_path path = {landlock_allowed(rule->may, handled, is_directory), fd};
    long failed = syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_PATH_BENEATH, &path, 0);
    (void)close(fd);
    return failed == 0;
}

enum sp_err sp_landlock(const struct sp_landlock_rule *rules, size_t count, int *version,
                        struct sp_why *why)
{
    long known = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    *version = 0;
    if (known <= 0 || SP_LOCKDOWN_SANITIZED)
        return SP_OK; /* not in this kernel, or switched off: the level tells */
    const struct landlock_ruleset ruleset = {
        .handled_access_fs = landlock_files(known),
        .handled_access_net = known >= 4 ? 3 : 0, /* bind and connect TCP */
        .scoped = known >= 6 && count == 0 ? LANDLOCK_SCOPES : 0,
    };
    size_t len = known >= 6 ? sizeof ruleset : known >= 4 ? 16 : 8;
    int fd = (int)syscall(LANDLOCK_CREATE, &ruleset, len, 0);
    bool good = fd >= 0;
    for (size_t i = 0; good && i < count; i++)
        good = landlock_add(fd, &rules[i], ruleset.handled_access_fs);
    good = good && syscall(LANDLOCK_RESTRICT, fd, 0) == 0;
    int failed = errno;
    if (fd >= 0)
        (void)close(fd);
    if (!good)
        return sp_fail(why, SP_ERR_IO, "lockdown: landlock: %s", strerrordesc_np(failed));
    *version = (int)known;
    return SP_OK;
}
