/* Removes from a restored tree what must not have come back. Never follows a link, never leaves the
 * tree, whatever the names say. */
#ifndef SP_RESTORE_PRUNE_H
#define SP_RESTORE_PRUNE_H

#include "restore/names.h"

struct sp_prune_sum {
    uint64_t removed;
    uint64_t missing; /* names that are not there */
    uint64_t refused; /* a directory that is not empty, a name that leaves the tree, a link on the
                       * way, a failure of the system */
};
/* Told of each name that was not removed; `reason` is a constant, or words of the system. */
typedef void (*sp_prune_told)(void *ctx, struct sp_slice name, const char *reason);

struct sp_prune_job {
    const char *root;
    struct sp_names *drop;
    bool dry_run;
    sp_prune_told told;
    void *ctx;
};

/* Names mean what tar makes of them: a leading / and ./ fall away; one with .. in it is refused.
 * SP_ERR_USAGE: the root is /, or no directory. SP_ERR_NOINPUT. SP_ERR_CONFIG: the kernel has no
 * openat2 (before Linux 5.6). */
enum sp_err sp_prune_run(const struct sp_prune_job *job, struct sp_prune_sum *sum,
                         struct sp_why *why);

#endif
