/* SPDX-License-Identifier: MIT */
#include "disk/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of 65000 to 65533, which Debian reserves and gives to nobody (policy 9.2.2). */
enum { LOCKDOWN_ID = 65530, LOCKDOWN_FILES = 16, LOCKDOWN_CAPS = 64 };

static bool lockdown_privileges(bool *changed)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    *changed = geteuid() == 0 || getuid() == 0;
    for (unsigned long cap = 0; *changed && cap < LOCKDOWN_CAPS; cap++)
        (void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* beyond the kernel's last one: EINVAL */
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (*changed &&
        (setgroups(0, NULL) != 0 || setresgid(LOCKDOWN_ID, LOCKDOWN_ID, LOCKDOWN_ID) != 0 ||
         setresuid(LOCKDOWN_ID, LOCKDOWN_ID, LOCKDOWN_ID) != 0))
        return false;
    return syscall(SYS_capset, &header, none) == 0 && geteuid() != 0 && getegid() != 0;
}

static bool lockdown_limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_max > value)
        limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

static bool lockdown_process(uint64_t memory_bytes)
{
    bool held = lockdown_limit(RLIMIT_CORE, 0) && lockdown_limit(RLIMIT_NOFILE, LOCKDOWN_FILES);
    if (!DISK_SANITIZED)
        held = held && lockdown_limit(RLIMIT_NPROC, 0) && lockdown_limit(RLIMIT_AS, memory_bytes) &&
               prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    return held && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

/* libseccomp's macros leave a field out, which clang warns of. */
static struct scmp_arg_cmp lockdown_argument(unsigned number, enum scmp_compare how, scmp_datum_t a,
                                             scmp_datum_t b)
{
    return (struct scmp_arg_cmp){number, how, a, b};
}

static int lockdown_rules(scmp_filter_ctx filter)
{
    static const int allowed[] = {
        SCMP_SYS(pread64),    SCMP_SYS(lseek), /* the image */
        SCMP_SYS(write),                       /* the stream */
        SCMP_SYS(close),      SCMP_SYS(fstat),          SCMP_SYS(munmap),
        SCMP_SYS(mremap),     SCMP_SYS(madvise),        SCMP_SYS(brk),
        SCMP_SYS(futex),      SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime),
        SCMP_SYS(getpid),     SCMP_SYS(gettid),         SCMP_SYS(rt_sigreturn),
        SCMP_SYS(exit),       SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
        SCMP_SYS(exit_group),
    };
    static const int fatal[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
                                SCMP_SYS(vfork),  SCMP_SYS(clone),    SCMP_SYS(clone3),
                                SCMP_SYS(socket), SCMP_SYS(ptrace),   SCMP_SYS(kill)};
    const int with_protection[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < sizeof allowed / sizeof *allowed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; failed == 0 && i < sizeof fatal / sizeof *fatal; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, fatal[i], 0);
    for (size_t i = 0; failed == 0 && i < 2; i++) /* none that can be executed */
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, with_protection[i], 1,
                                  lockdown_argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (failed == 0) /* fstat of the C library */
        failed = seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
            lockdown_argument(3, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    if (failed == 0) /* abort */
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                  lockdown_argument(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    return failed;
}

static bool lockdown_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return false;
    bool held = lockdown_rules(filter) == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return held;
}

const char *disk_lockdown(const struct disk_lockdown *how)
{
    bool uid;
    if (!lockdown_privileges(&uid) || !lockdown_process(how->memory_bytes))
        return NULL;
    if (how->no_sandbox || DISK_SANITIZED)
        return uid ? "uid" : "none";
    if (!lockdown_filter())
        return NULL;
    return uid ? "seccomp+uid" : "seccomp";
}
