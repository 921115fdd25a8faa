/* How the programs that read for speur are started. */
#ifndef SP_SCAN_SPAWN_H
#define SP_SCAN_SPAWN_H

#include "speur/err.h"

#include <stddef.h>

/* A descriptor of ours, and which one it becomes. */
struct sp_spawn_fd {
    int ours, theirs;
};

/* Starts a program in a group of its own (Ctrl-C is for us to answer, not for a parser to die of),
 * with these descriptors, put in place one after the other, in C.UTF-8 and UTC, and with one thread
 * (lanes are what is parallel). SP_ERR_CONFIG, with *pid 0: it cannot be started. */
enum sp_err sp_spawn(const char *path, char *const argv[], const struct sp_spawn_fd *fds,
                     size_t count, int *pid, struct sp_why *why);

#endif
