#include "scan/link.h"

#include "base/clock.h"
#include "scan/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINK_JOBS_MAX = 10000,          /* then a fresh worker: leaks of libraries stay bounded */
    LINK_POLL_MS = 200,             /* how soon a stop is seen */
    LINK_START_MS = 120000,         /* for a worker to be ready, on a machine that has much to do */
    LINK_SOCKET_BYTES = 1024 * 1024 /* lets parsing run ahead of matching */
};

void sp_link_init(struct sp_link *link, const struct sp_worker_how *how)
{
    *link = (struct sp_link){.how = how, .socket_fd = -1};
}

/* *resident: the most memory it had, bytes; may be NULL. */
static int link_reap(struct sp_link *link, uint64_t *resident)
{
    int status = 0;
    struct rusage usage = {0};
    while (wait4(link->pid, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    link->pid = 0;
    if (resident != NULL)
        *resident = (uint64_t)usage.ru_maxrss * 1024;
    return status;
}

void sp_link_close(struct sp_link *link)
{
    if (link->socket_fd >= 0)
        (void)close(link->socket_fd); /* the worker sees the end and leaves */
    link->socket_fd = -1;
    if (link->pid != 0) {
        (void)kill(link->pid, SIGKILL); /* it has nothing to lose, and we do not wait for it */
        (void)link_reap(link, NULL);
    }
    sp_wire_in_free(link->in);
    link->in = NULL;
    link->jobs = 0;
}

/* Starts a worker with its end of a socket. */
static enum sp_err worker_spawn(const struct sp_worker_how *how, int theirs, int *pid,
                                struct sp_why *why)
{
    char memory[24];
    char spool[24];
    (void)snprintf(memory, sizeof memory, "%llu", (unsigned long long)how->memory_bytes);
    (void)snprintf(spool, sizeof spool, "%llu", (unsigned long long)how->spool_bytes);
    char no_sandbox[] = SP_WORKER_NO_SANDBOX;
    char *argv[7] = {(char[]){"speur-worker"}, (char[]){SP_WORKER_MEMORY}, memory,
                     (char[]){SP_WORKER_SPOOL}, spool};
    size_t count = 5;
    if (how->no_sandbox)
        argv[count++] = no_sandbox;
    const struct sp_spawn_fd fd = {theirs, SP_WORKER_SOCKET};
    return sp_spawn(how->path, argv, &fd, 1, pid, why);
}

static enum sp_err link_start(struct sp_link *link, struct sp_why *why)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return sp_fail(why, SP_ERR_IO, "no socket for a worker: %s", strerrordesc_np(errno));
    const int bytes = LINK_SOCKET_BYTES;
    (void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    enum sp_err err = sp_wire_in_new(pair[0], &link->in, why);
    if (err == SP_OK)
        err = worker_spawn(link->how, pair[1], &link->pid, why);
    (void)close(pair[1]);
    link->socket_fd = pair[0];
    if (err != SP_OK)
        sp_link_close(link);
    return err;
}

/* Waits for the line that a worker says when it is ready. SP_WIRE_DONE: it is. `stop` may be NULL.
 */
static enum sp_wire_end link_greet(const struct sp_link *link, const volatile int *stop,
                                   char level[SP_LOCKDOWN_LEVEL_MAX])
{
    struct pollfd poll_fd = {.fd = link->socket_fd, .events = POLLIN};
    const int64_t until = sp_clock_ms() + LINK_START_MS;
    size_t len = 0;
    while (len + 1 < SP_LOCKDOWN_LEVEL_MAX) {
        int ready = poll(&poll_fd, 1, LINK_POLL_MS);
        if (stop != NULL && *stop)
            return SP_WIRE_STOPPED;
        if (ready == 0 && sp_clock_ms() >= until)
            return SP_WIRE_SILENT;
        ssize_t got = ready > 0 ? read(link->socket_fd, level + len, 1) : 0;
        if (ready == 0 || ((ready < 0 || got < 0) && errno == EINTR))
            continue;
        if (got <= 0)
            return SP_WIRE_LOST;
        if (level[len] == '\n')
            break;
        len++;
    }
    level[len] = '\0';
    return len > 0 ? SP_WIRE_DONE : SP_WIRE_NONSENSE;
}

/* What a signal says. A parser that runs out of memory ends in many ways; one that had much of what
 * it may have did so for want of it. */
static enum sp_reason link_signal_reason(const struct sp_link *link, int number, uint64_t resident)
{
    if (number == SIGSYS)
        return SP_REASON_SANDBOX;
    if (number == SIGKILL) /* not ours: the kernel's, when memory is out */
        return SP_REASON_LIMIT_MEMORY;
    return resident > link->how->memory_bytes / 2 ? SP_REASON_LIMIT_MEMORY : SP_REASON_CRASHED;
}

/* It lacks what it needs, and said so on standard error. */
static enum sp_reason link_unusable(const struct sp_link *link, struct sp_wire_result *result)
{
    (void)snprintf(result->reason, sizeof result->reason,
                   "its parser cannot be used on this machine: speur doctor");
    return link->how->unusable;
}

/* Kills a worker that cannot be trusted any more and says what became of it. */
static enum sp_reason link_bury(struct sp_link *link, struct sp_wire_result *result)
{
    enum sp_reason reason = SP_REASON_CRASHED;
    uint64_t resident = 0;
    if (result->end != SP_WIRE_LOST) /* one that has died already keeps its own status */
        (void)kill(link->pid, SIGKILL);
    int status = link_reap(link, &resident);
    switch (result->end) {
    case SP_WIRE_LOST:
        if (WIFSIGNALED(status)) {
            reason = link_signal_reason(link, WTERMSIG(status), resident);
            (void)snprintf(result->reason, sizeof result->reason, "its parser died of signal %d",
                           WTERMSIG(status));
        } else if (WEXITSTATUS(status) == sp_err_exit_status(SP_ERR_CONFIG)) {
            link->unusable = true;
            reason = link_unusable(link, result);
        } else {
            (void)snprintf(result->reason, sizeof result->reason, "its parser ended with status %d",
                           WEXITSTATUS(status));
        }
        break;
    case SP_WIRE_SILENT:
        reason = SP_REASON_TIMEOUT;
        (void)snprintf(result->reason, sizeof result->reason, "its parser made no progress");
        break;
    case SP_WIRE_NONSENSE:
        reason = SP_REASON_SANDBOX;
        if (result->reason[0] == '\0')
            (void)snprintf(result->reason, sizeof result->reason,
                           "it did not say that it is ready");
        break;
    default:
        break;
    }
    sp_link_close(link);
    return reason;
}

/* The worker ended in order, but its extractor could not go on. */
static enum sp_reason link_done_reason(enum sp_err err)
{
    return err == SP_ERR_NOMEM ? SP_REASON_LIMIT_MEMORY
           : err == SP_ERR_IO  ? SP_REASON_IO_ERROR
                               : SP_REASON_CORRUPT;
}

enum sp_err sp_link_run(struct sp_link *link, const struct sp_job *job, int fd,
                        struct sp_sink *sink, const struct sp_wire_watch *watch,
                        struct sp_wire_result *result, struct sp_why *why)
{
    if (link->jobs >= LINK_JOBS_MAX)
        sp_link_close(link);
    *result = (struct sp_wire_result){.end = SP_WIRE_DONE};
    if (link->unusable) {
        result->end = SP_WIRE_LOST;
        result->unread = link_unusable(link, result);
        return SP_OK;
    }
    if (link->pid == 0) {
        char level[SP_LOCKDOWN_LEVEL_MAX];
        enum sp_err started = link_start(link, why);
        if (started != SP_OK)
            return started;
        result->end =
            link_greet(link, watch->stop, level); /* its time to start is not that of the object */
    }
    if (result->end != SP_WIRE_DONE) {
        result->unread = link_bury(link, result);
        return SP_OK;
    }
    link->jobs++;
    struct sp_why ignored; /* a worker that cannot be written to is lost: said by its end */
    if (sp_wire_send_job(link->socket_fd, job, fd, &ignored) != SP_OK)
        (void)shutdown(link->socket_fd, SHUT_WR); /* what it said before is heard all the same */
    enum sp_err err = sp_wire_pump(link->in, sink, watch, result, why);
    if (err != SP_OK)
        result->end = SP_WIRE_STOPPED;
    result->unread = result->end == SP_WIRE_DONE ? link_done_reason(result->worker_err)
                                                 : link_bury(link, result);
    return err;
}

/* ---- asking -------------------------------------------------------------------------------- */
enum sp_err sp_link_ask(struct sp_link *link, const volatile int *stop,
                        char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why)
{
    enum sp_err err = link_start(link, why);
    enum sp_wire_end end = err == SP_OK ? link_greet(link, stop, level) : SP_WIRE_LOST;
    if (err != SP_OK || end == SP_WIRE_DONE)
        return err;
    sp_link_close(link);
    if (end == SP_WIRE_STOPPED)
        return sp_fail(why, SP_ERR_STOP, "stopped");
    return sp_fail(why, SP_ERR_CONFIG,
                   "%s cannot be contained on this machine (its own words are above); "
                   "speur doctor tells more, --no-sandbox goes on without",
                   link->how->path);
}

enum sp_err sp_worker_level(const struct sp_worker_how *how, char level[SP_LOCKDOWN_LEVEL_MAX],
                            struct sp_why *why)
{
    struct sp_link asked;
    sp_link_init(&asked, how);
    enum sp_err err = sp_link_ask(&asked, NULL, level, why);
    sp_link_close(&asked);
    return err;
}

/* ---- one that waits for a lane --------------------------------------------------------------- */
void sp_spare_init(struct sp_spare *spare, const struct sp_worker_how *how)
{
    sp_link_init(&spare->link, how);
    atomic_flag_clear(&spare->taken);
}

void sp_spare_take(struct sp_spare *spare, struct sp_link *link)
{
    if (link->pid != 0 || atomic_flag_test_and_set(&spare->taken) || spare->link.pid == 0)
        return;
    *link = spare->link;
    sp_link_init(&spare->link, link->how);
}

void sp_spare_close(struct sp_spare *spare)
{
    sp_link_close(&spare->link);
}
