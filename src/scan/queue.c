#include "scan/queue.h"

#include "base/limits.h"
#include "base/mem.h"

#include <pthread.h>
#include <unistd.h>

enum {
    QUEUE_FILES_MAX = 256,        /* walked ahead: hides directory latency, holds no descriptors */
    QUEUE_AHEAD = 6,              /* parcels for each other lane: none waits for who makes them */
    QUEUE_CHILDREN_MAX = 32,      /* each holds a memfd */
    QUEUE_CHILD_BYTES = 256 << 20 /* in all of them, unless one is larger by itself */
};

struct queue_list {
    struct sp_task *first, *last;
    unsigned count;
};

struct sp_queue {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct queue_list files, children;
    uint64_t child_bytes; /* memory of the children */
    unsigned active;      /* tasks taken and not done */
    unsigned lanes;
    bool closed, stopped;
};

enum sp_err sp_task_new(struct sp_task **out, struct sp_why *why)
{
    struct sp_task *task = sp_alloc_zero(sizeof *task);
    if (task == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a task");
    task->fd = -1;
    sp_buf_init(&task->storage, 8 * (size_t)SP_MEMBER_NAME_MAX_BYTES);
    sp_buf_init(&task->frames, 0);
    *out = task;
    return SP_OK;
}

void sp_task_free(struct sp_task *task)
{
    if (task == NULL)
        return;
    if (task->fd >= 0)
        (void)close(task->fd);
    if (task->top != NULL)
        sp_top_drop_part(task->top);
    sp_buf_clear(&task->storage);
    sp_buf_wipe(&task->frames);
    sp_free(task);
}

enum sp_err sp_queue_new(unsigned lanes, struct sp_queue **out, struct sp_why *why)
{
    struct sp_queue *queue = sp_alloc_zero(sizeof *queue);
    if (queue == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the queue");
    queue->lanes = lanes;
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_cond_init(&queue->changed, NULL);
    *out = queue;
    return SP_OK;
}

static struct sp_task *queue_pop(struct queue_list *list)
{
    struct sp_task *task = list->first;
    if (task == NULL)
        return NULL;
    list->first = task->next;
    if (list->first == NULL)
        list->last = NULL;
    list->count--;
    task->next = NULL;
    return task;
}

void sp_queue_free(struct sp_queue *queue)
{
    if (queue == NULL)
        return;
    struct sp_task *task;
    while ((task = queue_pop(&queue->children)) != NULL)
        sp_task_free(task);
    while ((task = queue_pop(&queue->files)) != NULL)
        sp_task_free(task);
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->lock);
    sp_free(queue);
}

bool sp_queue_offer(struct sp_queue *queue, struct sp_task *task)
{
    (void)pthread_mutex_lock(&queue->lock);
    struct queue_list *list = task->kind == SP_TASK_FILE ? &queue->files : &queue->children;
    unsigned max = task->kind != SP_TASK_FILE ? QUEUE_CHILDREN_MAX : QUEUE_FILES_MAX;
    bool room = list->count < max &&
                (list->count == 0 || queue->child_bytes + task->fd_bytes <= QUEUE_CHILD_BYTES);
    bool taken = queue->stopped || room; /* stopped: kept only to be freed */
    if (taken) {
        task->next = NULL;
        if (list->last != NULL)
            list->last->next = task;
        else
            list->first = task;
        list->last = task;
        list->count++;
        queue->child_bytes += task->fd_bytes;
        (void)pthread_cond_signal(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return taken;
}

bool sp_queue_wants_parcel(struct sp_queue *queue)
{
    if (queue->lanes < 2)
        return false;
    (void)pthread_mutex_lock(&queue->lock);
    bool wants = !queue->stopped && queue->children.count < QUEUE_AHEAD * (queue->lanes - 1) &&
                 queue->children.count < QUEUE_CHILDREN_MAX;
    (void)pthread_mutex_unlock(&queue->lock);
    return wants;
}

/* With the lock held. */
static struct sp_task *queue_next(struct sp_queue *queue)
{
    struct sp_task *task = queue->stopped ? NULL : queue_pop(&queue->children);
    if (task == NULL && !queue->stopped)
        task = queue_pop(&queue->files);
    if (task != NULL) {
        queue->active++;
        queue->child_bytes -= task->fd_bytes;
    }
    return task;
}

struct sp_task *sp_queue_take(struct sp_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    struct sp_task *task = queue_next(queue);
    while (task == NULL && !queue->stopped && !(queue->closed && queue->active == 0)) {
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
        task = queue_next(queue);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return task;
}

struct sp_task *sp_queue_try(struct sp_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    struct sp_task *task = queue_next(queue);
    (void)pthread_mutex_unlock(&queue->lock);
    return task;
}

void sp_queue_done(struct sp_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->active--;
    if (queue->active == 0)
        (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

static void queue_end(struct sp_queue *queue, bool stop)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    queue->stopped = queue->stopped || stop;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

void sp_queue_close(struct sp_queue *queue)
{
    queue_end(queue, false);
}

void sp_queue_stop(struct sp_queue *queue)
{
    queue_end(queue, true);
}
