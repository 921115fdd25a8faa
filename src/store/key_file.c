/* The key file: reading, making, and replacing it as a whole.
 *
 * A ring is replaced in four steps: PATH.speur-replaced becomes a second name of the file, the new
 * ring is written to PATH.speur-replacing and synced, it is renamed to PATH, and what the second
 * name leads to is overwritten and removed. Killed anywhere, PATH is the old ring or the new one,
 * and what is left over is found by the next change and overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/key_ring.h"
#include "store/private.h"
#include "store/seal_in.h"

enum { KEY_FILE_TRIES = 8 };

/* ---- reading and making --------------------------------------------------------------------- */

/* Whether the path names what was opened. */
static bool key_file_is_named(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* *replaced: it failed because another process was replacing the file. */
static enum sp_err key_file_read(const char *path, struct sp_key **out, bool *replaced,
                                 struct sp_why *why)
{
    struct sp_why what = {""};
    struct sp_buf text;
    int fd = -1;
    enum sp_err err = sp_private_open(path, O_RDONLY, &fd, why);

    *replaced = false;
    if (err)
        return err == SP_ERR_NOINPUT ? SP_ERR_KEY : err; /* no key: exit status 77 */
    sp_buf_init(&text, SP_KEY_TEXT_MAX);
    err = sp_private_read(fd, path, &text, &what);
    if (err == SP_ERR_LIMIT)
        err = sp_fail(&what, SP_ERR_KEY, "not a speur key file");
    if (!err)
        err = sp_key_from_text(sp_buf_slice(&text), out, &what);
    *replaced = err && !key_file_is_named(fd, path);
    close(fd);
    sp_buf_wipe(&text);
    return err ? sp_fail(why, err, "%s: %s", path, what.text) : SP_OK;
}

enum sp_err sp_key_open(const char *path, struct sp_key **out, struct sp_why *why)
{
    bool replaced = true;
    enum sp_err err = SP_ERR_KEY;

    for (unsigned i = 0; i < KEY_FILE_TRIES && err && replaced; i++)
        err = key_file_read(path, out, &replaced, why);
    return err;
}

static enum sp_err key_file_write(const char *path, struct sp_slice text, struct sp_why *why)
{
    int fd = -1;
    enum sp_err err = sp_private_make(path, &fd, why);

    if (err)
        return err;
    err = sp_private_write(fd, path, text, why);
    if (!err)
        err = sp_private_sync(fd, path, why);
    if (!err)
        err = sp_private_sync_parent(path, why);
    if (err)
        unlink(path); /* half a key must not stand in the way of the next attempt */
    close(fd);
    return err;
}

enum sp_err sp_key_save(const struct sp_key *ring, const char *path, struct sp_why *why)
{
    struct sp_buf text;
    enum sp_err err;

    sp_buf_init(&text, SP_KEY_TEXT_MAX);
    err = sp_key_text(ring, &text, why);
    if (!err)
        err = key_file_write(path, sp_buf_slice(&text), why);
    sp_buf_wipe(&text);
    return err;
}

enum sp_err sp_key_make(const char *path, struct sp_key **out, struct sp_why *why)
{
    struct sp_key *key = NULL;
    enum sp_err err = sp_key_new(NULL, &key, why);

    if (!err)
        err = sp_key_save(key, path, why);
    if (!err)
        *out = key;
    else
        sp_key_free(key);
    return err;
}

/* ---- changing ------------------------------------------------------------------------------- */

/* A change under way. */
struct key_change {
    const char *path;
    char *lock_path, *old_path, *new_path;
    int lock;
    struct sp_key *ring; /* as it is in the file, then as it shall be */
};

static enum sp_err key_change_lock(struct key_change *change, struct sp_why *why)
{
    change->lock =
        open(change->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    while (change->lock >= 0 && flock(change->lock, LOCK_EX) != 0) {
        if (errno == EINTR)
            continue;
        close(change->lock);
        change->lock = -1;
    }
    return change->lock >= 0 ? SP_OK
                             : sp_private_fail(why, SP_ERR_IO, change->lock_path, "lock it", errno);
}

static enum sp_err key_change_zero(int fd, const char *path, struct sp_why *why)
{
    static const uint8_t zeros[SP_KEY_TEXT_MAX];
    struct stat status;
    enum sp_err err = SP_OK;

    if (fstat(fd, &status) != 0)
        return sp_private_fail(why, SP_ERR_IO, path, "look at it", errno);
    for (off_t left = status.st_size; left > 0 && !err; left -= (off_t)sizeof zeros) {
        size_t len = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;

        err = sp_private_write(fd, path, (struct sp_slice){zeros, len}, why);
    }
    return err ? err : sp_private_sync(fd, path, why);
}

/* Overwrites a file that was the ring and removes it; when it is still the ring, only its second
 * name goes. The ring was read under the lock, so the path names one. */
static enum sp_err key_change_shred(const struct key_change *change, const char *left,
                                    struct sp_why *why)
{
    int fd = -1;
    enum sp_err err = sp_private_open(left, O_WRONLY, &fd, why);

    if (err == SP_ERR_NOINPUT)
        return SP_OK;
    if (!err && !key_file_is_named(fd, change->path))
        err = key_change_zero(fd, left, why);
    if (!err && unlink(left) != 0)
        err = sp_private_fail(why, SP_ERR_IO, left, "remove it", errno);
    if (!err)
        err = sp_private_sync_parent(left, why);
    if (fd >= 0)
        close(fd);
    return err;
}

static enum sp_err key_change_init(struct key_change *change, const char *path, struct sp_why *why)
{
    *change = (struct key_change){.path = path, .lock = -1};
    change->lock_path = sp_private_beside(path, ".lock");
    change->old_path = sp_private_beside(path, ".speur-replaced");
    change->new_path = sp_private_beside(path, ".speur-replacing");
    if (change->lock_path && change->old_path && change->new_path)
        return SP_OK;
    return sp_fail(why, SP_ERR_NOMEM, "no memory for a path");
}

/* Takes the lock, reads the ring, and ends what a crash has left undone. */
static enum sp_err key_change_begin(struct key_change *change, struct sp_why *why)
{
    enum sp_err err = key_change_lock(change, why);

    if (!err)
        err = sp_key_open(change->path, &change->ring, why);
    if (!err)
        err = key_change_shred(change, change->new_path, why);
    return err ? err : key_change_shred(change, change->old_path, why);
}

/* After a failure: a second name of the ring goes; a file that was the ring stays for the next
 * change, as nobody can tell whether its end has reached the disk. */
static void key_change_give_up(const struct key_change *change)
{
    int fd = -1;

    if (sp_private_open(change->old_path, O_RDONLY, &fd, NULL) != SP_OK)
        return;
    if (key_file_is_named(fd, change->path))
        unlink(change->old_path);
    close(fd);
}

static enum sp_err key_change_write(const struct key_change *change, struct sp_why *why)
{
    struct sp_buf text;
    enum sp_err err;

    sp_buf_init(&text, SP_KEY_TEXT_MAX);
    err = sp_key_text(change->ring, &text, why);
    if (!err && link(change->path, change->old_path) != 0)
        err = sp_private_fail(why, SP_ERR_IO, change->old_path, "make it", errno);
    if (!err)
        err = sp_private_replace(change->path, sp_buf_slice(&text), why);
    if (!err)
        err = key_change_shred(change, change->old_path, why);
    else
        key_change_give_up(change);
    sp_buf_wipe(&text);
    return err;
}

static void key_change_end(struct key_change *change)
{
    if (change->lock >= 0)
        close(change->lock);
    sp_key_free(change->ring);
    sp_free(change->lock_path);
    sp_free(change->old_path);
    sp_free(change->new_path);
}

enum sp_err sp_key_ring_add(const char *path, char id[SP_KEY_ID_SIZE], struct sp_why *why)
{
    struct key_change change;
    enum sp_err err = key_change_init(&change, path, why);

    if (!err)
        err = key_change_begin(&change, why);
    if (!err && sp_key_count(change.ring) >= SP_KEY_MAX)
        err = sp_fail(why, SP_ERR_KEY,
                      "%s holds %d keys, and there may be no more: speur register expire destroys "
                      "those that no identifier needs any more (-n shows which)",
                      path, SP_KEY_MAX);
    if (!err)
        err = sp_key_new(change.ring, &change.ring, why);
    if (!err)
        err = key_change_write(&change, why);
    if (!err)
        snprintf(id, SP_KEY_ID_SIZE, "%s", sp_key_id(change.ring));
    key_change_end(&change);
    return err;
}

/* Whether there is anything to do. */
static bool key_change_is_due(const struct key_change *change, const char *ids)
{
    return ids[0] || access(change->old_path, F_OK) == 0 || access(change->new_path, F_OK) == 0;
}

static enum sp_err key_change_cut(struct key_change *change, const char *ids, struct sp_why *why)
{
    unsigned before = sp_key_count(change->ring);

    sp_key_cut(change->ring, ids);
    return sp_key_count(change->ring) < before ? key_change_write(change, why) : SP_OK;
}

enum sp_err sp_key_ring_drop(const char *path, const char *ids, struct sp_why *why)
{
    struct key_change change;
    enum sp_err err = key_change_init(&change, path, why);

    if (!err && key_change_is_due(&change, ids)) {
        err = key_change_begin(&change, why);
        if (!err)
            err = key_change_cut(&change, ids, why);
    }
    key_change_end(&change);
    return err;
}
