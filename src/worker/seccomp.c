/* The system calls that a parser needs. All others fail with EPERM, and those that only somebody
 * makes who has taken the parser over end it. Read with strace over the corpus and all fixtures:
 * adding one wants a reason. */
#include "worker/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Without conditions. */
static const int seccomp_allowed[] = {
    SCMP_SYS(read),         /* pipes */
    SCMP_SYS(poll),         /* pipes that do not block */
    SCMP_SYS(ppoll),        /* the same, where there is no poll */
    SCMP_SYS(pread64),      /* files, spools */
    SCMP_SYS(write),        /* spools, words on standard error */
    SCMP_SYS(lseek),        /* libarchive, glib */
    SCMP_SYS(close),        /* the file of a job, spools */
    SCMP_SYS(fstat),        /* its size */
    SCMP_SYS(recvmsg),      /* jobs */
    SCMP_SYS(sendmsg),      /* frames */
    SCMP_SYS(memfd_create), /* spools */
    SCMP_SYS(ftruncate),    /* spools */
    SCMP_SYS(munmap),       /* memory */
    SCMP_SYS(mremap),       /* memory */
    SCMP_SYS(madvise),      /* memory */
    SCMP_SYS(brk),          /* memory */
    SCMP_SYS(futex),        /* locks of glib */
    SCMP_SYS(getrandom),    /* seeds of hash tables */
    SCMP_SYS(nanosleep),    /* while too many descriptors are on their way to parents */
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime), /* where the vDSO is not used */
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid), /* abort */
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), /* abort */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* No parser makes them: who does is somebody else. */
static const int seccomp_fatal[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(kexec_load),
};

/* Argument `number` compared; libseccomp's macros leave a field out, which clang warns of. */
static struct scmp_arg_cmp seccomp_argument(unsigned number, enum scmp_compare how, scmp_datum_t a,
                                            scmp_datum_t b)
{
    return (struct scmp_arg_cmp){number, how, a, b};
}

static int seccomp_rules(scmp_filter_ctx filter)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < sizeof seccomp_allowed / sizeof *seccomp_allowed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_allowed[i], 0);
    for (size_t i = 0; failed == 0 && i < sizeof seccomp_fatal / sizeof *seccomp_fatal; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, seccomp_fatal[i], 0);
    /* fstat of the C library; the empty path means the descriptor. Where a path is given as well,
     * its size and dates could be asked, not its content. */
    if (failed == 0)
        failed =
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                             seccomp_argument(3, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    /* memory, but none that can be executed */
    const int with_protection[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    for (size_t i = 0; failed == 0 && i < 2; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, with_protection[i], 1,
                                  seccomp_argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    const int descriptor[] = {F_ADD_SEALS, F_GET_SEALS, F_GETFL, F_GETFD};
    for (size_t i = 0; failed == 0 && i < sizeof descriptor / sizeof *descriptor; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                  seccomp_argument(1, SCMP_CMP_EQ, (scmp_datum_t)descriptor[i], 0));
    /* abort: a signal to oneself */
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                  seccomp_argument(0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    return failed;
}

/* Loads the filter that `rules` fills. */
static enum sp_err seccomp_enforce(uint32_t otherwise, int (*rules)(scmp_filter_ctx filter),
                                   bool *in_force, struct sp_why *why)
{
    *in_force = false;
    if (SP_LOCKDOWN_SANITIZED || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return SP_OK;
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (filter == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a system call filter");
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (failed == 0)
        failed = rules(filter);
    if (failed == 0)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    *in_force = failed == 0;
    /* EINVAL, ENOSYS: a kernel without filters, which the caller judges */
    if (failed != 0 && failed != -EINVAL && failed != -ENOSYS && failed != -ECANCELED)
        return sp_fail(why, SP_ERR_IO, "lockdown: seccomp: %s", strerrordesc_np(-failed));
    return SP_OK;
}

enum sp_err sp_seccomp_worker(bool *in_force, struct sp_why *why)
{
    return seccomp_enforce(SCMP_ACT_ERRNO(EPERM), seccomp_rules, in_force, why);
}

/* ---- the program that starts workers --------------------------------------------------------- */
static int seccomp_parent_rules(scmp_filter_ctx filter)
{
    static const int refused[] = {
        SCMP_SYS(ptrace),
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(process_vm_writev),
        SCMP_SYS(bpf),
        SCMP_SYS(perf_event_open),
        SCMP_SYS(io_uring_setup),
        SCMP_SYS(userfaultfd),
        SCMP_SYS(mount),
        SCMP_SYS(umount2),
        SCMP_SYS(pivot_root),
        SCMP_SYS(chroot),
        SCMP_SYS(unshare),
        SCMP_SYS(setns),
        SCMP_SYS(init_module),
        SCMP_SYS(finit_module),
        SCMP_SYS(kexec_load),
        SCMP_SYS(reboot),
        SCMP_SYS(swapon),
    };
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < sizeof refused / sizeof *refused; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    /* local sockets are for workers, and for who knows the names of users */
    return failed != 0 ? failed
                       : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                          seccomp_argument(0, SCMP_CMP_NE, AF_UNIX, 0));
}

enum sp_err sp_seccomp_parent(bool *in_force, struct sp_why *why)
{
    return seccomp_enforce(SCMP_ACT_ALLOW, seccomp_parent_rules, in_force, why);
}
