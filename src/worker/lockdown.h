/* What a worker gives up before it reads its first byte of somebody else's. */
#ifndef SP_WORKER_LOCKDOWN_H
#define SP_WORKER_LOCKDOWN_H

#include "speur/err.h"

/* No new privileges, no core dump, no ptrace; ends with its parent; limits on memory, files,
 * descriptors. System call and path filters are a later step: sp_lockdown_level names what is in
 * force, and the inventory keeps it. */
enum sp_err sp_lockdown(struct sp_why *why);

/* "limits": resource limits and no_new_privs, no system call filter. */
#define SP_LOCKDOWN_LEVEL "limits"

#endif
