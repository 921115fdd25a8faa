#include "app/output.h"

#include "base/mem.h"
#include "store/private.h"

#include <errno.h>
#include <unistd.h>

enum sp_err sp_output_open(struct sp_output *output, const char *path, struct sp_why *why)
{
    *output = (struct sp_output){.file = stdout};
    if (path == NULL || strcmp(path, "-") == 0)
        return SP_OK;
    char suffix[32];
    int fd = -1;
    (void)snprintf(suffix, sizeof suffix, ".%d.part", (int)getpid());
    output->file = NULL;
    output->path = sp_copy_string(path, strlen(path));
    output->beside = sp_private_beside(path, suffix);
    if (output->path == NULL || output->beside == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    enum sp_err err = sp_private_replaceable(path, why);
    if (err == SP_OK)
        err = sp_private_make(output->beside, &fd, why);
    if (err != SP_OK)
        return err;
    output->file = fdopen(fd, "w");
    if (output->file != NULL)
        return SP_OK;
    (void)close(fd);
    return sp_fail(why, SP_ERR_IO, "cannot write %s: %s", path, strerrordesc_np(errno));
}

enum sp_err sp_output_commit(struct sp_output *output, struct sp_why *why)
{
    bool whole = fflush(output->file) == 0 && ferror(output->file) == 0;
    if (whole && output->path != NULL)
        whole = fsync(fileno(output->file)) == 0 && rename(output->beside, output->path) == 0;
    if (!whole)
        return sp_fail(why, SP_ERR_IO, "cannot write %s: %s",
                       output->path == NULL ? "standard output" : output->path,
                       strerrordesc_np(errno));
    sp_free(output->beside);
    output->beside = NULL; /* it has its name now */
    return SP_OK;
}

void sp_output_close(struct sp_output *output)
{
    if (output->file != NULL && output->file != stdout)
        (void)fclose(output->file);
    if (output->beside != NULL)
        (void)unlink(output->beside);
    sp_free(output->beside);
    sp_free(output->path);
    *output = (struct sp_output){.file = NULL};
}
