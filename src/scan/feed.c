#include "scan/feed.h"

#include "scan/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FEED_IMAGE = 3,   /* descriptor on which speur-disk finds the image */
    FEED_UNHEARD = 3, /* its exit status when nobody reads any more */
    FEED_UNCONTAINED = 2,
    FEED_WAITS_MAX = 500, /* of FEED_WAIT_NS, for one that has given all to end: 5 s */
    FEED_WAIT_NS = 10000000
};

/* image_fd -1: none. */
static enum sp_err feed_spawn(const char *path, const struct sp_worker_how *how, int image_fd,
                              int out_fd, int *pid, struct sp_why *why)
{
    char memory[24];
    (void)snprintf(memory, sizeof memory, "%llu", (unsigned long long)how->memory_bytes);
    char *argv[6] = {(char[]){"speur-disk"}, (char[]){"--memory"}, memory};
    char no_sandbox[] = SP_WORKER_NO_SANDBOX;
    char level[] = SP_WORKER_LEVEL;
    size_t count = 3;
    if (how->no_sandbox)
        argv[count++] = no_sandbox;
    if (image_fd < 0)
        argv[count++] = level;
    /* first the pipe: it may be the descriptor that the image is to become */
    const struct sp_spawn_fd fds[] = {{out_fd, STDOUT_FILENO}, {image_fd, FEED_IMAGE}};
    return sp_spawn(path, argv, fds, image_fd >= 0 ? 2 : 1, pid, why);
}

enum sp_err sp_feed_start(const char *path, const struct sp_worker_how *how, int image_fd,
                          struct sp_feed *feed, struct sp_why *why)
{
    int ends[2];
    *feed = (struct sp_feed){.fd = -1};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return sp_fail(why, SP_ERR_IO, "no pipe for speur-disk: %s", strerrordesc_np(errno));
    enum sp_err err = feed_spawn(path, how, image_fd, ends[1], &feed->pid, why);
    (void)close(ends[1]);
    feed->fd = ends[0];
    if (err != SP_OK) {
        (void)close(feed->fd);
        feed->fd = -1;
    }
    return err;
}

bool sp_feed_is_silent(const struct sp_feed *feed)
{
    siginfo_t info = {0};
    int waiting = 0;
    bool runs =
        waitid(P_PID, (id_t)feed->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
    return runs && ioctl(feed->fd, FIONREAD, &waiting) == 0 && waiting == 0;
}

/* One that has given all ends by itself; one that does not was taken over. */
static bool feed_reap(int pid, int *status)
{
    const struct timespec a_while = {0, FEED_WAIT_NS};
    for (unsigned i = 0; i < FEED_WAITS_MAX; i++) {
        pid_t got = waitpid(pid, status, WNOHANG);
        if (got == pid)
            return true;
        (void)nanosleep(&a_while, NULL);
    }
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        ;
    return false;
}

static void feed_judge(int status, struct sp_feed_end *end)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (number == SIGPIPE ||
        (number == 0 && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FEED_UNHEARD)))
        return;
    end->whole = false;
    end->unread = number == SIGSYS                                         ? SP_REASON_SANDBOX
                  : number == SIGKILL                                      ? SP_REASON_LIMIT_MEMORY
                  : number == 0 && WEXITSTATUS(status) == FEED_UNCONTAINED ? SP_REASON_SANDBOX
                                                                           : SP_REASON_CRASHED;
    if (number != 0)
        (void)snprintf(end->detail, sizeof end->detail, "speur-disk died of signal %d", number);
    else
        (void)snprintf(end->detail, sizeof end->detail, "speur-disk ended with status %d",
                       WEXITSTATUS(status));
}

void sp_feed_close(struct sp_feed *feed, bool cut, struct sp_feed_end *end)
{
    int status = 0;
    *end = (struct sp_feed_end){.whole = true};
    if (feed->pid == 0)
        return;
    if (cut)
        (void)kill(feed->pid, SIGKILL);
    (void)close(feed->fd);
    bool ended = feed_reap(feed->pid, &status);
    if (!cut && !ended) {
        end->whole = false;
        end->unread = SP_REASON_TIMEOUT;
        (void)snprintf(end->detail, sizeof end->detail, "speur-disk did not end");
    } else if (!cut) {
        feed_judge(status, end);
    }
    *feed = (struct sp_feed){.fd = -1};
}

enum sp_err sp_feed_level(const char *path, const struct sp_worker_how *how,
                          char level[SP_LOCKDOWN_LEVEL_MAX], struct sp_why *why)
{
    int ends[2];
    int pid = 0;
    int status = 0;
    size_t len = 0;
    ssize_t got;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return sp_fail(why, SP_ERR_IO, "no pipe for speur-disk: %s", strerrordesc_np(errno));
    enum sp_err err = feed_spawn(path, how, -1, ends[1], &pid, why);
    (void)close(ends[1]);
    while (err == SP_OK && (got = read(ends[0], level + len, SP_LOCKDOWN_LEVEL_MAX - 1 - len)) > 0)
        len += (size_t)got;
    level[len] = '\0';
    (void)close(ends[0]);
    if (err != SP_OK)
        return err;
    bool ended = feed_reap(pid, &status);
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 && len > 0)
        return SP_OK;
    return sp_fail(why, SP_ERR_CONFIG, "%s cannot be contained on this machine", path);
}
