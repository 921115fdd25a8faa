/* The parent's side of one speur-worker: started when first needed, ended when it misbehaves, and
 * started again for the next job. */
#ifndef SP_SCAN_LINK_H
#define SP_SCAN_LINK_H

#include "worker/frames.h"

struct sp_link {
    const char *worker_path; /* borrowed */
    int pid;                 /* 0: not running */
    int socket_fd;           /* -1: not running */
    struct sp_wire_in *in;
    unsigned jobs; /* since it was started */
};

/* No process yet. */
void sp_link_init(struct sp_link *link, const char *worker_path);
/* Ends the worker, if any, and reaps it. */
void sp_link_close(struct sp_link *link);
/* Sends a job and pumps its frames into the sink. result->end tells how it went; after anything
 * but SP_WIRE_DONE the worker was killed and result->reason says what became of it. Fails when no
 * worker can be started or the sink fails. */
enum sp_err sp_link_run(struct sp_link *link, const struct sp_job *job, int fd,
                        struct sp_sink *sink, const struct sp_wire_watch *watch,
                        struct sp_wire_result *result, struct sp_why *why);

#endif
