/* speur-worker: opens what others made, where it can do no harm. Reads jobs from its socket,
 * answers with frames, has no patterns, no keys and no database. Started by speur, not by hand. */
#include "extract/extract.h"
#include "extract/mail.h"
#include "worker/frames.h"
#include "worker/lockdown.h"

#include <locale.h>
#include <sys/socket.h>
#include <unistd.h>

static enum sp_err worker_read_object(struct sp_wire_sink *wire, const struct sp_job *job, int fd,
                                      struct sp_why *why)
{
    struct sp_object_done done = {.state = SP_STATE_OPEN};
    struct sp_why reason = {""};
    struct sp_stream *stream = NULL;
    struct sp_extract extract = {.info = &job->info, /* done points into it: lives until told */
                                 .sink = sp_wire_sink_base(wire),
                                 .limits = &job->limits,
                                 .depth = job->depth,
                                 .top_bytes = job->top_bytes,
                                 .done = &done};
    enum sp_err result = sp_stream_open_fd(fd, true, &stream, &reason);
    extract.stream = stream;
    if (result == SP_OK)
        result = sp_extract_run(&extract, true, &reason);
    sp_stream_close(stream);
    return sp_wire_sink_done(wire, result, &done, reason.text, why);
}

static enum sp_err worker_serve(struct sp_why *why)
{
    struct sp_wire_sink *wire = NULL;
    struct sp_buf storage;
    sp_buf_init(&storage, 2U << 20);
    enum sp_err err = sp_wire_sink_new(SP_WORKER_SOCKET, &wire, why);
    while (err == SP_OK) {
        struct sp_job job = {0};
        int fd = -1;
        err = sp_wire_receive_job(SP_WORKER_SOCKET, &job, &fd, &storage, why);
        if (err == SP_OK)
            err = worker_read_object(wire, &job, fd, why);
        explicit_bzero(storage.data, storage.len); /* passwords */
    }
    sp_buf_wipe(&storage);
    sp_wire_sink_free(wire);
    return err == SP_ERR_STOP ? SP_OK : err;
}

static enum sp_err worker_start(struct sp_why *why)
{
    /* one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) /* archive member names need it */
        return sp_fail(why, SP_ERR_CONFIG, "the locale C.UTF-8 is missing");
    tzset();
    sp_mail_init();
    enum sp_err err = sp_magic_open(why);
    return err != SP_OK ? err : sp_lockdown(why);
}

int main(int argc, char **argv)
{
    int type = 0;
    socklen_t len = sizeof type;
    (void)argv;
    if (argc > 1 || getsockopt(SP_WORKER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) != 0) {
        (void)fputs("speur-worker is started by speur; it does nothing by itself.\n", stderr);
        return 64;
    }
    struct sp_why why = {""};
    enum sp_err err = worker_start(&why);
    if (err == SP_OK)
        err = worker_serve(&why);
    sp_magic_close();
    if (err != SP_OK)
        (void)fprintf(stderr, "speur-worker: %s\n", why.text);
    return sp_err_exit_status(err);
}
