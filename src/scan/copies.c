#include "scan/copies.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <unistd.h>

/* What stands before each record in the file. */
struct copies_head {
    struct sp_copy_id id;
    enum sp_copy_state state;
    uint64_t len; /* bytes of its members, which follow */
};

struct copies_entry {
    struct sp_copy_id id;
    uint64_t at; /* of its head */
};

struct sp_copies {
    int fd;
    _Atomic uint64_t end; /* of the file: whoever adds takes its place first */
    struct copies_entry *entries;
    size_t count, cap;
};

static int copies_file(const char *folder)
{
    char path[PATH_MAX];
    int fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd >= 0 || (size_t)snprintf(path, sizeof path, "%s/copies.XXXXXX", folder) >= sizeof path)
        return fd;
    fd = mkostemp(path, O_CLOEXEC); /* a file system without such files */
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

enum sp_err sp_copies_open(const char *folder, struct sp_copies **out, struct sp_why *why)
{
    struct sp_copies *copies = sp_alloc_zero(sizeof *copies);
    if (copies == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for copies");
    copies->fd = copies_file(folder);
    if (copies->fd < 0) {
        sp_free(copies);
        return sp_fail(why, SP_ERR_IO, "cannot write in %s: %s", folder, strerrordesc_np(errno));
    }
    *out = copies;
    return SP_OK;
}

void sp_copies_close(struct sp_copies *copies)
{
    if (copies == NULL)
        return;
    (void)close(copies->fd);
    sp_free(copies->entries);
    sp_free(copies);
}

static enum sp_err copies_put(const struct sp_copies *copies, const void *bytes, size_t len,
                              uint64_t at, struct sp_why *why)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        ssize_t put = pwrite(copies->fd, from, len, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return sp_fail(why, SP_ERR_IO, "cannot write copies: %s", strerrordesc_np(errno));
        from += put;
        len -= (size_t)put;
        at += (uint64_t)put;
    }
    return SP_OK;
}

static enum sp_err copies_get(const struct sp_copies *copies, void *bytes, size_t len, uint64_t at,
                              struct sp_why *why)
{
    uint8_t *to = bytes;
    while (len > 0) {
        ssize_t got = pread(copies->fd, to, len, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return sp_fail(why, SP_ERR_IO, "cannot read copies");
        to += got;
        len -= (size_t)got;
        at += (uint64_t)got;
    }
    return SP_OK;
}

enum sp_err sp_copies_add(struct sp_copies *copies, const struct sp_copy_id *id,
                          enum sp_copy_state state, struct sp_slice members, struct sp_why *why)
{
    struct copies_head head;
    memset(&head, 0, sizeof head); /* also between its members */
    head.id.object = id->object;
    head.id.ordinal = id->ordinal;
    head.id.kind = id->kind;
    head.state = state;
    head.len = members.len;
    uint64_t at = atomic_fetch_add(&copies->end, sizeof head + members.len);
    enum sp_err err = copies_put(copies, &head, sizeof head, at, why);
    return err == SP_OK ? copies_put(copies, members.ptr, members.len, at + sizeof head, why) : err;
}

static int copies_compare_id(const struct sp_copy_id *a, const struct sp_copy_id *b)
{
    if (a->object != b->object)
        return a->object < b->object ? -1 : 1;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    return (int)a->kind - (int)b->kind;
}

static int copies_compare(const void *left, const void *right)
{
    const struct copies_entry *a = left;
    const struct copies_entry *b = right;
    int order = copies_compare_id(&a->id, &b->id);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static enum sp_err copies_note(struct sp_copies *copies, const struct copies_entry *entry,
                               struct sp_why *why)
{
    if (copies->entries == NULL || copies->count == copies->cap) {
        size_t cap = copies->cap == 0 ? 256 : copies->cap * 2;
        struct copies_entry *grown = sp_realloc(copies->entries, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu copies", cap);
        copies->entries = grown;
        copies->cap = cap;
    }
    copies->entries[copies->count++] = *entry;
    return SP_OK;
}

enum sp_err sp_copies_end(struct sp_copies *copies, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (uint64_t at = 0; err == SP_OK && at < copies->end;) {
        struct copies_head head;
        err = copies_get(copies, &head, sizeof head, at, why);
        if (err == SP_OK)
            err = copies_note(copies, &(struct copies_entry){head.id, at}, why);
        at += sizeof head + (err == SP_OK ? head.len : 0);
    }
    if (err == SP_OK && copies->count > 0)
        qsort(copies->entries, copies->count, sizeof *copies->entries, copies_compare);
    return err;
}

size_t sp_copies_find(const struct sp_copies *copies, const struct sp_copy_id *id, size_t *count)
{
    size_t low = 0;
    size_t high = copies->count;
    while (low < high) { /* the first that is not before it */
        size_t mid = low + (high - low) / 2;
        if (copies_compare_id(&copies->entries[mid].id, id) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *count = 0;
    while (low + *count < copies->count &&
           copies_compare_id(&copies->entries[low + *count].id, id) == 0)
        ++*count;
    return low;
}

enum sp_err sp_copies_read(const struct sp_copies *copies, size_t index, enum sp_copy_state *state,
                           struct sp_buf *members, struct sp_why *why)
{
    struct copies_head head;
    uint64_t at = copies->entries[index].at;
    sp_buf_reset(members);
    enum sp_err err = copies_get(copies, &head, sizeof head, at, why);
    if (err == SP_OK)
        err = sp_buf_reserve(members, (size_t)head.len, why);
    if (err == SP_OK && head.len > 0)
        err = copies_get(copies, members->data, (size_t)head.len, at + sizeof head, why);
    if (err != SP_OK)
        return err;
    members->len = (size_t)head.len;
    *state = head.state;
    return SP_OK;
}
