/* SPDX-License-Identifier: MIT */
/* What speur-disk gives up before it reads a byte of the image: root and capabilities, memory
 * beyond a limit, new privileges, core dumps, every system call but some twenty. In force for good.
 */
#ifndef DISK_LOCKDOWN_H
#define DISK_LOCKDOWN_H

#include <stdbool.h>
#include <stdint.h>

struct disk_lockdown {
    bool no_sandbox;       /* without the filter of system calls: somebody asked for it */
    uint64_t memory_bytes; /* address space */
};

/* Sanitizers map terabytes of shadow memory, and read /proc when they end. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DISK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DISK_SANITIZED 1
#endif
#endif
#ifndef DISK_SANITIZED
#define DISK_SANITIZED 0
#endif

/* What holds, as words: "seccomp+uid", "seccomp", "none". NULL: it could not be had, and nobody
 * said that it may be without. */
const char *disk_lockdown(const struct disk_lockdown *how);

#endif
