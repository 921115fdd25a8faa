#include "scan/link.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINK_JOBS_MAX = 10000,          /* then a fresh worker: leaks of libraries stay bounded */
    LINK_SOCKET_BYTES = 1024 * 1024 /* lets parsing run ahead of matching */
};

void sp_link_init(struct sp_link *link, const char *worker_path)
{
    *link = (struct sp_link){.worker_path = worker_path, .socket_fd = -1};
}

static int link_reap(struct sp_link *link)
{
    int status = 0;
    while (waitpid(link->pid, &status, 0) < 0 && errno == EINTR)
        ;
    link->pid = 0;
    return status;
}

void sp_link_close(struct sp_link *link)
{
    if (link->socket_fd >= 0)
        (void)close(link->socket_fd); /* the worker sees the end and leaves */
    link->socket_fd = -1;
    if (link->pid != 0) {
        (void)kill(link->pid, SIGKILL); /* it has nothing to lose, and we do not wait for it */
        (void)link_reap(link);
    }
    sp_wire_in_free(link->in);
    link->in = NULL;
    link->jobs = 0;
}

static enum sp_err link_spawn(struct sp_link *link, int worker_socket, struct sp_why *why)
{
    char *const argv[] = {(char[]){"speur-worker"}, NULL};
    char *const environment[] = {(char[]){"LC_ALL=C.UTF-8"}, (char[]){"TZ=UTC"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    /* a group of its own: Ctrl-C is for us to answer, not for a parser to die of */
    int failed = posix_spawnattr_init(&attributes);
    if (failed == 0)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (failed == 0)
        failed = posix_spawn_file_actions_init(&actions);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(&actions, worker_socket, SP_WORKER_SOCKET);
    if (failed == 0)
        failed =
            posix_spawn(&link->pid, link->worker_path, &actions, &attributes, argv, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        link->pid = 0;
        return sp_fail(why, SP_ERR_CONFIG, "cannot start %s: %s", link->worker_path,
                       strerrordesc_np(failed));
    }
    return SP_OK;
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
        err = link_spawn(link, pair[1], why);
    (void)close(pair[1]);
    link->socket_fd = pair[0];
    if (err != SP_OK)
        sp_link_close(link);
    return err;
}

/* Kills a worker that cannot be trusted any more and says what became of it. */
static void link_bury(struct sp_link *link, struct sp_wire_result *result)
{
    (void)kill(link->pid, SIGKILL); /* one that has died already keeps its own status */
    int status = link_reap(link);
    if (result->end == SP_WIRE_LOST && WIFSIGNALED(status))
        (void)snprintf(result->reason, sizeof result->reason, "its parser died of signal %d",
                       WTERMSIG(status));
    else if (result->end == SP_WIRE_LOST)
        (void)snprintf(result->reason, sizeof result->reason, "its parser ended with status %d",
                       WEXITSTATUS(status));
    else if (result->end == SP_WIRE_SILENT)
        (void)snprintf(result->reason, sizeof result->reason, "its parser made no progress");
    sp_link_close(link);
}

enum sp_err sp_link_run(struct sp_link *link, const struct sp_job *job, int fd,
                        struct sp_sink *sink, const struct sp_wire_watch *watch,
                        struct sp_wire_result *result, struct sp_why *why)
{
    if (link->jobs >= LINK_JOBS_MAX)
        sp_link_close(link);
    *result = (struct sp_wire_result){.end = SP_WIRE_LOST};
    enum sp_err err = link->pid == 0 ? link_start(link, why) : SP_OK;
    if (err != SP_OK)
        return err;
    link->jobs++;
    struct sp_why ignored; /* a worker that cannot be written to is lost: said by its end */
    if (sp_wire_send_job(link->socket_fd, job, fd, &ignored) == SP_OK)
        err = sp_wire_pump(link->in, sink, watch, result, why);
    if (err != SP_OK) {
        result->end = SP_WIRE_STOPPED;
        link_bury(link, result);
    } else if (result->end != SP_WIRE_DONE) {
        link_bury(link, result);
    }
    return err;
}
