/* register import of a WordPress dump: its requests as CSV. */
#include "app/keeping.h"
#include "restore/wordpress.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct dump {
    FILE *csv;
    uint64_t taken, unconfirmed;
};

/* Quoted, with quotes doubled. */
static void dump_cell(FILE *out, struct sp_slice text, const char *after)
{
    (void)fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            (void)fputc('"', out);
        (void)fputc(text.ptr[i], out);
    }
    (void)fputc('"', out);
    (void)fputs(after, out);
}

static enum sp_err dump_request(void *ctx, const struct sp_wordpress_request *request,
                                struct sp_why *why)
{
    struct dump *dump = ctx;
    (void)why;
    if (!request->confirmed) {
        dump->unconfirmed++;
        return SP_OK;
    }
    dump->taken++;
    (void)fprintf(dump->csv, "\"wordpress-%.*s\";erasure;", (int)request->id.len,
                  (const char *)request->id.ptr);
    dump_cell(dump->csv, request->received, ";");
    dump_cell(dump->csv, request->completed, ";email;");
    dump_cell(dump->csv, request->email, "\n");
    return SP_OK;
}

static enum sp_err dump_convert(int in, int out, const struct sp_options *options,
                                struct sp_why *why)
{
    uint64_t rows = 0;
    struct dump dump = {.csv = fdopen(out, "w")};
    if (dump.csv == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a list of requests");
    (void)fputs("req_id;kind;received;erased_at;type;value\n", dump.csv);
    enum sp_err err = sp_app_contain_reader(options, why);
    if (err == SP_OK)
        err = sp_wordpress_read(in, &options->limits, dump_request, &dump, &rows, why);
    if (fflush(dump.csv) != 0 && err == SP_OK)
        err = sp_fail(why, SP_ERR_IO, "cannot write a list of requests");
    if (err == SP_OK && !options->quiet)
        (void)printf("A dump of WordPress: %" PRIu64 " requests, %" PRIu64 " of them to be erased "
                     "and confirmed, %" PRIu64 " not confirmed (left out).\n",
                     rows, dump.taken, dump.unconfirmed);
    return fflush(stdout) == 0 ? err : SP_ERR_IO;
}

/* The status of the process that converts is 0, or what the program would end with. */
static enum sp_err dump_wait(pid_t process, struct sp_why *why)
{
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return sp_fail(why, SP_ERR_IO, "cannot wait for the reader of the dump");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? SP_OK
               : sp_fail(why, SP_ERR_FORMAT,
                         "the dump could not be read to its end: nothing was "
                         "added");
}

enum sp_err sp_register_dump_csv(int dump, const struct sp_options *options, int *fd,
                                 struct sp_why *why)
{
    *fd = memfd_create("speur-requests", MFD_CLOEXEC);
    if (*fd < 0)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a list of requests");
    (void)fflush(stdout);
    pid_t process = fork();
    if (process < 0)
        return sp_fail(why, SP_ERR_IO, "cannot start a process: %s", strerrordesc_np(errno));
    if (process == 0) {
        struct sp_why what = {""};
        enum sp_err err = dump_convert(dump, *fd, options, &what);
        _exit(err == SP_OK ? 0 : sp_complain(err, &what));
    }
    enum sp_err err = dump_wait(process, why);
    if (err == SP_OK && lseek(*fd, 0, SEEK_SET) != 0)
        err = sp_fail(why, SP_ERR_IO, "cannot read a list of requests");
    return err;
}
