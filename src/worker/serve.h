/* The life of a worker program: arguments, what it opens before lockdown, lockdown, one job after
 * the other. speur-worker and the programs beside it differ only in what they are made of. */
#ifndef SP_WORKER_SERVE_H
#define SP_WORKER_SERVE_H

#include "extract/extract.h"

enum { SP_WORKER_ABOUT_MAX = 32 };

struct sp_worker_program {
    const char *name; /* "speur-worker" */
    /* Loads what needs files; they are out of reach afterwards. `about` gets a word of what was
     * found, or stays empty. SP_ERR_CONFIG: for the administrator. */
    enum sp_err (*open)(char about[SP_WORKER_ABOUT_MAX], struct sp_why *why);
    bool about_level; /* who asks what contains it hears that word as well */
    /* Reads the object behind x->stream and fills x->done; errors as those of an extractor. */
    enum sp_err (*read)(struct sp_extract *x, struct sp_why *why);
    void (*close)(void);
};

/* main() of such a program. Returns its exit status. */
int sp_worker_main(int argc, char **argv, const struct sp_worker_program *program);

#endif
