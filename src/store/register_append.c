/* Making a register and appending to it: rows first, synced, then the head; all under a lock. */
#include "store/register_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "store/private.h"

/* Also into the system's log, which another may keep: cutting off rows shows there. */
enum sp_err sp_register_write_head(struct sp_register *reg, struct sp_why *why)
{
    struct sp_buf line;
    enum sp_err err;

    sp_buf_init(&line, SP_REGISTER_HEAD_MAX);
    err = sp_register_head_write(&reg->head, reg->key, &line, why);
    if (!err)
        err = sp_buf_append_byte(&line, '\n', why);
    if (!err)
        err = sp_private_replace(reg->head_path, sp_buf_slice(&line), why);
    sp_buf_clear(&line);
    sp_register_tell_head(reg);
    if (!err)
        syslog(LOG_AUTHPRIV | LOG_NOTICE, "speur: register %s: head %s", reg->path, reg->head_text);
    return err;
}

/* Makes the file; one that is empty (its maker died before there was a head) will do. */
static enum sp_err register_make_file(const char *path, int *fd, struct sp_why *why)
{
    struct stat status;
    enum sp_err err = sp_private_make(path, fd, why);

    if (err != SP_ERR_USAGE || sp_private_open(path, O_RDWR, fd, NULL) != SP_OK)
        return err;
    if (fstat(*fd, &status) == 0 && status.st_size == 0)
        return SP_OK;
    close(*fd);
    *fd = -1;
    return err;
}

enum sp_err sp_register_init(const char *path, const struct sp_key *key, struct sp_why *why)
{
    struct sp_register *reg = sp_register_new(path, key);
    int fd = -1;
    enum sp_err err = SP_OK;

    if (!reg)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a register");
    if (access(reg->head_path, F_OK) == 0)
        err = sp_fail(why, SP_ERR_USAGE, "%s: there already, not overwritten", reg->head_path);
    if (!err)
        err = register_make_file(path, &fd, why);
    if (!err)
        err = sp_private_sync(fd, path, why);
    if (!err)
        err = sp_register_write_head(reg, why);
    if (err && fd >= 0)
        unlink(path); /* an empty register without a head would be in the way */
    if (fd >= 0)
        close(fd);
    sp_register_close(reg);
    return err;
}

/* What must not be added to the register as it is now, under the lock. A process that opened its
 * key file before the newest key was made does not enrol under a key that was destroyed since. */
static enum sp_err register_refuse(const struct sp_register *reg, const struct sp_register_row *row,
                                   struct sp_why *why)
{
    switch (row->row_kind) {
    case SP_ROW_IDENTIFIER:
        return sp_register_key_destroyed(reg, sp_key_id(reg->key))
                   ? sp_fail(why, SP_ERR_KEY,
                             "the register says that the newest key of the key file was destroyed: "
                             "fetch the newest key file")
                   : SP_OK;
    case SP_ROW_DESTROYED:
    case SP_ROW_KEY_MADE:
        return SP_OK;
    case SP_ROW_KEY_DESTROYED:
        return sp_register_key_live(reg, row->reason, "") > 0
                   ? sp_fail(why, SP_ERR_KEY, "identifiers that count are under that key")
                   : SP_OK;
    default:
        return sp_register_note_holds(reg, row)
                   ? SP_OK
                   : sp_fail(why, SP_ERR_USAGE, "the register has no such row that counts");
    }
}

/* A register tells nobody's address, but its texts are stored as they are. */
static enum sp_err register_refuse_texts(const struct sp_register_row *row, struct sp_why *why)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"number", row->req_id},
                 {"reason", row->reason},
                 {"system", row->scope},
                 {"basis", row->exempt_basis}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text && strchr(texts[i].text, '@'))
            return sp_fail(why, SP_ERR_USAGE,
                           "the %s of a request has an '@': it is stored in clear, and may not "
                           "hold a mail address",
                           texts[i].name);
    }
    return SP_OK;
}

/* Adds the row's line to `lines` and the row, read back from it, to memory; a row that is there
 * already leaves both alone. */
static enum sp_err register_add(struct sp_register *reg, struct sp_register_row *row,
                                struct sp_buf *lines, struct sp_why *why)
{
    size_t begin = lines->len;
    struct sp_register_row back;
    struct sp_slice line;
    bool is_note = row->row_kind != SP_ROW_IDENTIFIER;
    enum sp_err err = register_refuse(reg, row, why);

    if (!err)
        err = register_refuse_texts(row, why);
    assert(is_note || (row->token_count >= 1 && row->token_count <= SP_TOKEN_KIND_COUNT));
    if (err)
        return err;
    row->seq = reg->head.seq + 1;
    snprintf(row->key_id, sizeof row->key_id, "%s", sp_key_id(reg->key));
    err = sp_register_reserve(reg, why);
    if (!err)
        err = sp_register_row_write(row, reg->key, reg->head.digest, lines, why);
    if (err)
        return err;
    line = (struct sp_slice){lines->data + begin, lines->len - begin};
    err = sp_register_row_read(line, reg->key, reg->head.digest, &back, why);
    if (!err && !is_note && sp_register_has(reg, &back))
        lines->len = begin;
    else if (!err)
        err = sp_buf_append_byte(lines, '\n', why);
    if (!err && lines->len > begin)
        err = sp_register_take(reg, &back,
                               (struct sp_slice){lines->data + begin, lines->len - begin - 1}, why);
    sp_register_row_clear(&back);
    return err;
}

/* Writes the lines behind the whole rows and the head after them; on failure of the lines the
 * file is as it was. */
static enum sp_err register_commit(struct sp_register *reg, int fd, struct sp_slice lines,
                                   struct sp_why *why)
{
    enum sp_err err = SP_OK;

    if (reg->torn && ftruncate(fd, (off_t)reg->bytes) != 0)
        return sp_private_fail(why, SP_ERR_IO, reg->path, "mend it", errno);
    err = sp_private_write(fd, reg->path, lines, why);
    if (!err)
        err = sp_private_sync(fd, reg->path, why);
    if (err) {
        /* What cannot be cut off now is half a row or whole ones without a head: see above. */
        if (ftruncate(fd, (off_t)reg->bytes) == 0)
            reg->torn = 0;
        return err;
    }
    reg->torn = 0;
    reg->bytes += lines.len;
    return sp_register_write_head(reg, why);
}

/* After a failure: memory shows what the file holds, or nothing at all, but never a part. */
static void register_restore(struct sp_register *reg, int fd)
{
    if (sp_register_load(reg, fd, NULL) != SP_OK)
        sp_register_forget(reg);
}

enum sp_err sp_register_append(struct sp_register *reg, struct sp_register_row *rows, size_t count,
                               size_t *added, struct sp_why *why)
{
    struct sp_buf lines;
    size_t before = 0;
    int fd = -1;
    enum sp_err err = sp_register_open_locked(reg, O_RDWR | O_APPEND, LOCK_EX, &fd, why);

    *added = 0;
    sp_buf_init(&lines, SP_REGISTER_BYTES_MAX);
    if (!err)
        err = sp_register_load(reg, fd, why); /* others may have appended since */
    if (err)
        goto done;
    before = reg->count;
    for (size_t i = 0; i < count && !err; i++)
        err = register_add(reg, &rows[i], &lines, why);
    if (!err && reg->count > before)
        err = register_commit(reg, fd, sp_buf_slice(&lines), why);
    if (!err)
        *added = reg->count - before;
    else
        register_restore(reg, fd);
    sp_register_tell_head(reg);
done:
    if (fd >= 0)
        close(fd); /* and the lock goes */
    sp_buf_clear(&lines);
    return err;
}
