/* A worker program from its arguments to its end. */
#include "worker/serve.h"

#include "worker/frames.h"
#include "worker/lockdown.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Tells the parent that a long read goes on. */
static void worker_progress(void *ctx, uint64_t bytes)
{
    struct sp_sink *sink = ctx;
    struct sp_why ignored; /* a parent that is gone ends the next frame */
    (void)sink->ops->progress(sink, bytes, &ignored);
}

static enum sp_err worker_read_object(const struct sp_worker_program *program,
                                      struct sp_wire_sink *wire, const struct sp_job *job, int fd,
                                      struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_OPEN};
    struct sp_why reason = {""};
    struct sp_stream *stream = NULL;
    struct sp_extract extract = {.info = &job->info, /* done points into it: lives until told */
                                 .sink = sp_wire_sink_base(wire),
                                 .limits = &job->limits,
                                 .plan = &job->plan,
                                 .depth = job->depth,
                                 .top_bytes = job->top_bytes,
                                 .done = &done};
    sp_wire_sink_careful(wire, job->plan.careful);
    enum sp_err result = sp_stream_open_fd(fd, true, &stream, &reason);
    extract.stream = stream;
    if (result == SP_OK) {
        sp_stream_watch(stream, worker_progress, extract.sink);
        result = program->read(&extract, &reason);
    }
    sp_stream_close(stream);
    return sp_wire_sink_done(wire, result, &done, reason.text, why);
}

static enum sp_err worker_serve(const struct sp_worker_program *program, struct sp_why *why)
{
    struct sp_wire_sink *wire = NULL;
    struct sp_job_room room;
    enum sp_err err = sp_job_room_init(&room, why);
    if (err == SP_OK)
        err = sp_wire_sink_new(SP_WORKER_SOCKET, &wire, why);
    while (err == SP_OK) {
        struct sp_job job = {0};
        int fd = -1;
        err = sp_wire_receive_job(SP_WORKER_SOCKET, &job, &fd, &room, why);
        if (err == SP_OK)
            err = worker_read_object(program, wire, &job, fd, why);
        sp_job_room_wipe(&room); /* passwords */
    }
    sp_job_room_clear(&room);
    sp_wire_sink_free(wire);
    return err == SP_ERR_STOP ? SP_OK : err;
}

/* Opens all that is needed before lockdown. */
static enum sp_err worker_open(const struct sp_worker_program *program,
                               char about[SP_WORKER_ABOUT_MAX], struct sp_why *why)
{
    /* one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) /* archive member names need it */
        return sp_fail(why, SP_ERR_CONFIG, "the locale C.UTF-8 is missing");
    tzset();
    return program->open(about, why);
}

/* Libraries speak of what they read on standard error (fontconfig, libjpeg, whatever they are
 * told): nobody listens once there is something to read. What a sanitizer has to say is heard.
 * Returns where the worker's own words still go to. */
static int worker_hush(void)
{
    int fd = SP_LOCKDOWN_SANITIZED ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    int heard = fd >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, SP_WORKER_SOCKET + 1) : -1;
    if (fd >= 0) {
        (void)dup2(fd, STDERR_FILENO);
        (void)close(fd);
    }
    return heard >= 0 ? heard : STDERR_FILENO;
}

/* Says what contains a worker on this machine, and what it can read with. */
static enum sp_err worker_tell(int fd, const char *level, const char *about, struct sp_why *why)
{
    char line[SP_LOCKDOWN_LEVEL_MAX + SP_WORKER_ABOUT_MAX];
    int len = snprintf(line, sizeof line, "%s%s%s\n", level, about[0] == '\0' ? "" : " ", about);
    return write(fd, line, (size_t)len) == len ? SP_OK : sp_fail(why, SP_ERR_IO, "cannot say so");
}

/* As src/scan/link.c gives them: trusted, but a person may have typed them. */
static bool worker_arguments(int argc, char **argv, struct sp_lockdown *how, bool *tells)
{
    struct sp_limits limits;
    sp_limits_init(&limits);
    *how = (struct sp_lockdown){.memory_bytes = limits.memory_max_bytes,
                                .spool_bytes = limits.spool_max_bytes};
    *tells = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], SP_WORKER_LEVEL) == 0)
            *tells = true;
        else if (strcmp(argv[i], SP_WORKER_NO_SANDBOX) == 0)
            how->no_sandbox = true;
        else if (strcmp(argv[i], SP_WORKER_MEMORY) == 0 && i + 1 < argc)
            how->memory_bytes = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], SP_WORKER_SPOOL) == 0 && i + 1 < argc)
            how->spool_bytes = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

int sp_worker_main(int argc, char **argv, const struct sp_worker_program *program)
{
    struct sp_lockdown how;
    struct sp_why why = {""};
    char level[SP_LOCKDOWN_LEVEL_MAX];
    char about[SP_WORKER_ABOUT_MAX] = "";
    bool tells;
    int type = 0;
    socklen_t len = sizeof type;
    bool known = worker_arguments(argc, argv, &how, &tells);
    bool serves = getsockopt(SP_WORKER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
    if (!known || !(tells || serves)) {
        (void)fprintf(stderr, "%s is started by speur; it does nothing by itself.\n",
                      program->name);
        return 64;
    }
    enum sp_err err = serves || program->about_level ? worker_open(program, about, &why) : SP_OK;
    int heard = serves && err == SP_OK ? worker_hush() : STDERR_FILENO;
    if (err == SP_OK)
        err = sp_lockdown(&how, level, &why);
    if (err == SP_OK)
        err = worker_tell(serves ? SP_WORKER_SOCKET : STDOUT_FILENO, level, about, &why);
    if (err != SP_OK)
        (void)dprintf(heard, "%s: %s\n", program->name, why.text);
    if (heard != STDERR_FILENO)
        (void)close(heard); /* nothing of what is read gets out that way */
    if (err == SP_OK && serves)
        err = worker_serve(program, &why);
    program->close();
    return sp_err_exit_status(err);
}
