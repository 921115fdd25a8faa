/* The parent's side of one speur-worker or speur-ocr: started when first needed, ended when it
 * misbehaves, and started again for the next job. */
#ifndef SP_SCAN_LINK_H
#define SP_SCAN_LINK_H

#include "worker/frames.h"
#include "worker/lockdown.h"

#include <stdatomic.h>

/* How workers are started; shared by all. */
struct sp_worker_how {
    const char *path;        /* borrowed */
    enum sp_reason unusable; /* of objects that it would have read, when it says that it lacks what
                              * it needs */
    bool no_sandbox;
    uint64_t memory_bytes; /* address space */
    uint64_t spool_bytes;  /* largest memory file */
};

/* Of the address space of a worker that speur-ocr may have: languages, a page in colour, the same
 * in grey, enlarged and in black and white. */
enum { SP_OCR_MEMORY_FACTOR = 3 };

struct sp_link {
    const struct sp_worker_how *how; /* borrowed */
    int pid;                         /* 0: not running */
    int socket_fd;                   /* -1: not running */
    struct sp_wire_in *in;
    unsigned jobs; /* since it was started */
    bool unusable; /* it said so, and is not started again */
};

/* No process yet. */
void sp_link_init(struct sp_link *link, const struct sp_worker_how *how);
/* Ends the worker, if any, and reaps it. */
void sp_link_close(struct sp_link *link);
/* Sends a job and pumps its frames into the sink. result->end tells how it went; after anything
 * but SP_WIRE_DONE the worker was killed, result->reason says what became of it, and
 * result->unread what that means for the object. Fails when no worker can be started or the sink
 * fails. */
enum sp_err sp_link_run(struct sp_link *link, const struct sp_job *job, int fd,
                        struct sp_sink *sink, const struct sp_wire_watch *watch,
                        struct sp_wire_result *result, struct sp_why *why);

/* Starts a worker ahead of its first job, and asks what contains it: see sp_worker_level.
 * SP_ERR_STOP: *stop was set meanwhile; it may be NULL. */
enum sp_err sp_link_ask(struct sp_link *link, const volatile int *stop,
                        char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why);

/* What contains a worker on this machine, and behind a blank what it says of itself ("nld+eng" of
 * speur-ocr), asked of one. SP_ERR_CONFIG: it cannot be contained, or
 * not even started; `why` is for the administrator. */
enum sp_err sp_worker_level(const struct sp_worker_how *how, char level[SP_LOCKDOWN_LEVEL_MAX],
                            struct sp_why *why);

/* A worker that was asked and has nobody yet: of all lanes the first that needs one takes it. */
struct sp_spare {
    struct sp_link link;
    atomic_flag taken;
};

void sp_spare_init(struct sp_spare *spare, const struct sp_worker_how *how);
/* Moves it into a link that has no worker. Nothing when it is taken; threads need not agree. */
void sp_spare_take(struct sp_spare *spare, struct sp_link *link);
/* Ends it when nobody took it. */
void sp_spare_close(struct sp_spare *spare);

#endif
