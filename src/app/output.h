/* Files that speur writes: 0600, made beside their target and renamed when whole, so that nobody
 * sees half of one. */
#ifndef SP_APP_OUTPUT_H
#define SP_APP_OUTPUT_H

#include "speur/err.h"

#include <stdio.h>

struct sp_output {
    FILE *file;   /* to write to */
    char *path;   /* target, owned; NULL: standard output */
    char *beside; /* the file under way, owned */
};
/* path NULL or "-": standard output. */
enum sp_err sp_output_open(struct sp_output *output, const char *path, struct sp_why *why);
/* Flushes, syncs, renames. On failure the target is as it was. */
enum sp_err sp_output_commit(struct sp_output *output, struct sp_why *why);
/* Without commit nothing is left behind. */
void sp_output_close(struct sp_output *output);

#endif
