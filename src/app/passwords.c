/* --passwords FILE: one a line, read here and nowhere else. */
#include "app/app.h"
#include "store/private.h"

#include <fcntl.h>
#include <unistd.h>

/* Lines to texts that end with a NUL; empty lines are left out. Never quotes a line. */
static enum sp_err passwords_parse(const char *path, struct sp_slice file, struct sp_buf *out,
                                   struct sp_why *why)
{
    size_t count = 0;
    enum sp_err err = SP_OK;
    if (file.len > 0 && memchr(file.ptr, 0, file.len) != NULL)
        return sp_fail(why, SP_ERR_CONFIG, "%s: holds a NUL byte", path);
    for (size_t at = 0; at < file.len && err == SP_OK;) {
        const uint8_t *line = file.ptr + at;
        const uint8_t *end = memchr(line, '\n', file.len - at);
        size_t len = end == NULL ? file.len - at : (size_t)(end - line);
        at += len + 1;
        len -= len > 0 && line[len - 1] == '\r';
        if (len == 0)
            continue;
        if (++count > SP_PASSWORDS_MAX || len > SP_PASSWORD_BYTES_MAX)
            return sp_fail(why, SP_ERR_CONFIG,
                           "%s: more than %d passwords, or one of over %d bytes", path,
                           SP_PASSWORDS_MAX, SP_PASSWORD_BYTES_MAX);
        err = sp_buf_append(out, line, len, why);
        if (err == SP_OK)
            err = sp_buf_append_byte(out, 0, why);
    }
    return err;
}

enum sp_err sp_passwords_read(const char *path, struct sp_buf *out, struct sp_why *why)
{
    struct sp_buf file;
    int fd = -1;
    sp_buf_init(out, SP_PASSWORDS_BYTES_MAX);
    if (path == NULL)
        return SP_OK;
    sp_buf_init(&file, (size_t)2 * SP_PASSWORDS_BYTES_MAX);
    enum sp_err err = sp_private_open(path, O_RDONLY, &fd, why);
    if (err == SP_OK)
        err =
            sp_buf_reserve(&file, (size_t)2 * SP_PASSWORDS_BYTES_MAX, why); /* never moves: no
                                                                             * copy stays behind */
    if (err == SP_OK)
        err = sp_buf_reserve(out, SP_PASSWORDS_BYTES_MAX, why);
    if (err == SP_OK)
        err = sp_private_read(fd, path, &file, why);
    if (err == SP_OK)
        err = passwords_parse(path, sp_buf_slice(&file), out, why);
    if (fd >= 0)
        (void)close(fd);
    sp_buf_wipe(&file);
    return err;
}
