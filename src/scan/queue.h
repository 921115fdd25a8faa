/* What is left to read, shared by all lanes: files of the tree and children that workers handed
 * back. Children go first, because they hold memory. */
#ifndef SP_SCAN_QUEUE_H
#define SP_SCAN_QUEUE_H

#include "base/buf.h"
#include "core/object.h"
#include "store/inventory.h"

enum sp_task_kind {
    SP_TASK_FILE,  /* of the tree */
    SP_TASK_CHILD, /* an object behind a descriptor, below one that another lane reads */
    SP_TASK_PARCEL /* members whose frames another lane received: only matching is left */
};

struct sp_task {
    struct sp_task *next;
    enum sp_task_kind kind;
    /* a file: name relative to the root, raw */
    struct sp_slice name; /* points into storage */
    /* a child */
    uint64_t fd_bytes;          /* memory behind the fd of a child or in frames; 0 for a file */
    int fd;                     /* owned; -1 for a file that is opened when its turn comes */
    struct sp_object_info info; /* slices point into storage */
    int64_t object_id, parent, unit;
    unsigned depth;
    uint64_t top_bytes;
    /* a parcel: object_id, unit and depth are those of the container */
    struct sp_buf frames;
    bool below_root_file; /* the container is the one file that is scanned */
    struct sp_top *top;   /* a part of it that nobody took yet; NULL: the lane answers for it */
    struct sp_buf storage;
};
enum sp_err sp_task_new(struct sp_task **out, struct sp_why *why);
void sp_task_free(struct sp_task *task);

struct sp_queue;
/* lanes: how many take from it. */
enum sp_err sp_queue_new(unsigned lanes, struct sp_queue **out, struct sp_why *why);
void sp_queue_free(struct sp_queue *queue); /* frees what is left in it */
/* Takes the task over. False: it is full, the task stays the caller's, who does it himself. */
bool sp_queue_offer(struct sp_queue *queue, struct sp_task *task);
/* Would another lane soon have nothing to do? Then a parcel is welcome. */
bool sp_queue_wants_parcel(struct sp_queue *queue);
/* The next task; the caller says sp_queue_done when it and all it offered are dealt with. Waits
 * while others work who may still offer something. NULL: all is done, or stopped. */
struct sp_task *sp_queue_take(struct sp_queue *queue);
/* As take, but gives NULL at once when nothing is there. */
struct sp_task *sp_queue_try(struct sp_queue *queue);
void sp_queue_done(struct sp_queue *queue);
/* The walker will offer nothing more. */
void sp_queue_close(struct sp_queue *queue);
/* Everybody gets NULL from now on. */
void sp_queue_stop(struct sp_queue *queue);

#endif
