/* What a worker gives up before it reads its first byte of somebody else's: privileges, files, the
 * network, system calls that no parser needs. In force at once and for good, in this order. */
#ifndef SP_WORKER_LOCKDOWN_H
#define SP_WORKER_LOCKDOWN_H

#include "speur/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_lockdown {
    bool no_sandbox;       /* only privileges and resource limits: somebody asked for it */
    uint64_t memory_bytes; /* address space */
    uint64_t spool_bytes;  /* largest memory file */
};

/* What holds, as the inventory keeps it: "seccomp+landlock7+uid", "seccomp", "none". */
enum { SP_LOCKDOWN_LEVEL_MAX = 64 };

/* SP_ERR_CONFIG: this kernel has no system call filter, and nobody said that it may be without.
 * `level` gets the words for what is in force, also then. One thread only; afterwards nothing can
 * be opened. */
enum sp_err sp_lockdown(const struct sp_lockdown *how, char level[SP_LOCKDOWN_LEVEL_MAX],
                        struct sp_why *why);

/* ---- its parts ------------------------------------------------------------------------------ */
/* privileges.c: drops all capabilities, and root for a user that nobody else is. *changed: it was
 * root. Fails when something is left. */
enum sp_err sp_privileges_drop(bool *changed, struct sp_why *why);
/* Capabilities of any set, or another set than a worker's: for checking. */
bool sp_privileges_any(void);
/* landlock.c: what may be done below a path; nothing anywhere else. */
enum sp_landlock_may {
    SP_LANDLOCK_READ, /* and list directories */
    SP_LANDLOCK_RUN,  /* and read */
    SP_LANDLOCK_WRITE /* all of it */
};
struct sp_landlock_rule {
    const char *path; /* one that is not there is left out */
    enum sp_landlock_may may;
};
/* No file but by the rules, no TCP, and without rules no signal to others and no abstract sockets.
 * The version of the interface, 0 when the kernel has none (then nothing is in force). Needs
 * no_new_privs; for the calling thread and those that it starts. */
enum sp_err sp_landlock(const struct sp_landlock_rule *rules, size_t count, int *version,
                        struct sp_why *why);
/* seccomp.c. *in_force false: the kernel has none, or a sanitizer needs more than it allows. */
enum sp_err sp_seccomp_worker(bool *in_force, struct sp_why *why);
/* For the program that starts workers: no network, no look into other processes. */
enum sp_err sp_seccomp_parent(bool *in_force, struct sp_why *why);

/* Sanitizers map terabytes of shadow memory and ask the kernel for more than a parser does. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SP_LOCKDOWN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SP_LOCKDOWN_SANITIZED 1
#endif
#endif
#ifndef SP_LOCKDOWN_SANITIZED
#define SP_LOCKDOWN_SANITIZED 0
#endif

#endif
