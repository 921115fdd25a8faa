/* The form: a line "speur-kit-1", a line with the wrapped key, a line with the head, then the
 * register to the end. */
#include "store/kit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/private.h"
#include "store/register_in.h"

static const char kit_mark[] = "speur-kit-1\n";

static enum sp_err kit_read_file(const char *path, struct sp_buf *out, struct sp_why *why)
{
    int fd = -1;
    enum sp_err err = sp_private_open(path, O_RDONLY, &fd, why);

    if (!err)
        err = sp_private_read(fd, path, out, why);
    if (fd >= 0)
        close(fd);
    return err;
}

static enum sp_err kit_make_file(const char *path, struct sp_slice bytes, struct sp_why *why)
{
    int fd = -1;
    enum sp_err err = sp_private_make(path, &fd, why);

    if (err)
        return err;
    err = sp_private_write(fd, path, bytes, why);
    if (!err)
        err = sp_private_sync(fd, path, why);
    if (!err)
        err = sp_private_sync_parent(path, why);
    close(fd);
    if (err)
        unlink(path);
    return err;
}

enum sp_err sp_kit_write(const char *path, const char *register_path, const struct sp_key *key,
                         struct sp_slice passphrase, struct sp_why *why)
{
    char *head_path = sp_private_beside(register_path, ".head");
    struct sp_buf out;
    enum sp_err err = SP_OK;

    sp_buf_init(&out, SP_REGISTER_BYTES_MAX);
    if (!head_path)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    if (!err && passphrase.len < SP_KIT_PASSPHRASE_MIN)
        err = sp_fail(why, SP_ERR_USAGE, "a passphrase of at least %d characters is wanted",
                      SP_KIT_PASSPHRASE_MIN);
    if (!err)
        err = sp_buf_append_string(&out, kit_mark, why);
    if (!err)
        err = sp_key_wrap(key, passphrase, &out, why);
    if (!err)
        err = sp_buf_append_byte(&out, '\n', why);
    if (!err)
        err = kit_read_file(head_path, &out, why); /* ends with its newline */
    if (!err)
        err = kit_read_file(register_path, &out, why);
    if (!err)
        err = kit_make_file(path, sp_buf_slice(&out), why);
    sp_free(head_path);
    sp_buf_clear(&out);
    return err;
}

/* The line at the start of *rest, without its newline; *rest goes on behind it. */
static bool kit_line(struct sp_slice *rest, struct sp_slice *line)
{
    const uint8_t *newline = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;

    if (!newline)
        return false;
    *line = (struct sp_slice){rest->ptr, (size_t)(newline - rest->ptr)};
    rest->ptr += line->len + 1;
    rest->len -= line->len + 1;
    return true;
}

enum sp_err sp_kit_unpack(const char *path, struct sp_slice passphrase, const char *register_path,
                          struct sp_key **key, struct sp_why *why)
{
    char *head_path = sp_private_beside(register_path, ".head");
    struct sp_slice rest, mark, wrapped, head;
    struct sp_buf bytes;
    struct sp_why what = {""};
    enum sp_err err = SP_OK;

    *key = NULL;
    sp_buf_init(&bytes, SP_REGISTER_BYTES_MAX);
    if (!head_path)
        err = sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
    if (!err)
        err = kit_read_file(path, &bytes, why);
    rest = sp_buf_slice(&bytes);
    if (!err && (!kit_line(&rest, &mark) || mark.len + 1 != sizeof kit_mark - 1 ||
                 memcmp(mark.ptr, kit_mark, mark.len) != 0 || !kit_line(&rest, &wrapped) ||
                 !kit_line(&rest, &head)))
        err = sp_fail(why, SP_ERR_FORMAT, "%s: not a kit of speur", path);
    if (!err) {
        err = sp_key_unwrap(wrapped, passphrase, key, &what);
        if (err)
            sp_fail(why, err, "%s: %s", path, what.text);
    }
    if (!err)
        err = kit_make_file(register_path, rest, why);
    if (!err) {
        head.len++; /* its newline */
        err = kit_make_file(head_path, head, why);
        if (err)
            unlink(register_path);
    }
    sp_free(head_path);
    sp_buf_clear(&bytes);
    return err;
}
