#include "restore/names.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { NAMES_READ_BYTES = 256 * 1024 };
/* Of a list: ten million names of a hundred bytes. */
#define NAMES_BYTES_MAX ((size_t)4 << 30)

struct sp_names {
    struct sp_buf bytes; /* the list */
    struct name_entry {
        size_t at;
        uint32_t len;
        bool seen;
    } * entries;
    size_t count;
    uint32_t *slots; /* index + 1 into entries, 0 free; at most half full */
    size_t slot_mask;
    uint64_t seed; /* names come from strangers, who must not know what collides */
};

static uint64_t names_hash(const struct sp_names *names, struct sp_slice name)
{
    uint64_t hash = names->seed;
    size_t i = 0;
    for (; i + 8 <= name.len; i += 8) {
        uint64_t word;
        memcpy(&word, name.ptr + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    for (; i < name.len; i++)
        hash = (hash ^ name.ptr[i]) * UINT64_C(0x100000001B3);
    hash ^= name.len;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

struct sp_slice sp_names_at(const struct sp_names *names, size_t index)
{
    const struct name_entry *entry = &names->entries[index];
    return (struct sp_slice){names->bytes.data + entry->at, entry->len};
}

static uint32_t *names_slot(const struct sp_names *names, struct sp_slice name)
{
    size_t at = (size_t)names_hash(names, name) & names->slot_mask;
    while (names->slots[at] != 0 && !sp_slice_equal(sp_names_at(names, names->slots[at] - 1), name))
        at = (at + 1) & names->slot_mask;
    return &names->slots[at];
}

static size_t names_count_nuls(struct sp_slice list)
{
    size_t count = 0;
    for (size_t i = 0; i < list.len; i++)
        count += list.ptr[i] == '\0';
    return count;
}

static enum sp_err names_index(struct sp_names *names, struct sp_why *why)
{
    struct sp_slice list = sp_buf_slice(&names->bytes);
    size_t total = names_count_nuls(list);
    size_t slots = 16;
    if (list.len > 0 && list.ptr[list.len - 1] != '\0')
        return sp_fail(why, SP_ERR_FORMAT, "a list of names wants a NUL byte behind each name");
    while (slots < 2 * total + 2)
        slots *= 2;
    if (total >= UINT32_MAX || getrandom(&names->seed, sizeof names->seed, 0) < 0)
        return sp_fail(why, SP_ERR_LIMIT, "too many names");
    names->entries = sp_alloc((total + 1) * sizeof *names->entries);
    names->slots = sp_alloc_zero(slots * sizeof *names->slots);
    names->slot_mask = slots - 1;
    if (names->entries == NULL || names->slots == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu names", total);
    for (size_t at = 0; at < list.len;) {
        struct sp_slice name = {list.ptr + at, strlen((const char *)list.ptr + at)};
        uint32_t *slot = names_slot(names, name);
        if (*slot == 0 && name.len < UINT32_MAX) {
            names->entries[names->count++] = (struct name_entry){at, (uint32_t)name.len, false};
            *slot = (uint32_t)names->count;
        }
        at += name.len + 1;
    }
    return SP_OK;
}

static enum sp_err names_finish(struct sp_names *names, enum sp_err err, struct sp_names **out,
                                struct sp_why *why)
{
    if (err == SP_OK)
        err = names_index(names, why);
    if (err == SP_OK)
        *out = names;
    else
        sp_names_free(names);
    return err;
}

static struct sp_names *names_empty(struct sp_why *why)
{
    struct sp_names *names = sp_alloc_zero(sizeof *names);
    if (names == NULL)
        (void)sp_fail(why, SP_ERR_NOMEM, "no memory for a list of names");
    else
        sp_buf_init(&names->bytes, NAMES_BYTES_MAX);
    return names;
}

enum sp_err sp_names_new(struct sp_slice list, struct sp_names **out, struct sp_why *why)
{
    struct sp_names *names = names_empty(why);
    if (names == NULL)
        return SP_ERR_NOMEM;
    return names_finish(names, sp_buf_append(&names->bytes, list.ptr, list.len, why), out, why);
}

enum sp_err sp_names_read(const char *path, struct sp_names **out, struct sp_why *why)
{
    struct sp_names *names = names_empty(why);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum sp_err err = names == NULL ? SP_ERR_NOMEM : SP_OK;
    ssize_t got = 1;
    if (fd < 0 && err == SP_OK)
        err = sp_fail(why, SP_ERR_NOINPUT, "cannot open %s: %s", path, strerrordesc_np(errno));
    while (err == SP_OK && got != 0) {
        err = sp_buf_reserve(&names->bytes, NAMES_READ_BYTES, why);
        if (err != SP_OK)
            break;
        got = read(fd, names->bytes.data + names->bytes.len, NAMES_READ_BYTES);
        if (got < 0 && errno != EINTR)
            err = sp_fail(why, SP_ERR_IO, "cannot read %s: %s", path, strerrordesc_np(errno));
        names->bytes.len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    if (names == NULL)
        return err;
    struct sp_why what = {""};
    err = names_finish(names, err, out, err == SP_OK ? &what : why);
    return err == SP_OK || what.text[0] == '\0' ? err
                                                : sp_fail(why, err, "%s: %s", path, what.text);
}

void sp_names_free(struct sp_names *names)
{
    if (names == NULL)
        return;
    sp_buf_clear(&names->bytes);
    sp_free(names->entries);
    sp_free(names->slots);
    sp_free(names);
}

size_t sp_names_count(const struct sp_names *names)
{
    return names->count;
}

size_t sp_names_find(const struct sp_names *names, struct sp_slice name)
{
    uint32_t slot = *names_slot(names, name);
    return slot == 0 ? SIZE_MAX : slot - 1;
}

void sp_names_see(struct sp_names *names, size_t index)
{
    names->entries[index].seen = true;
}

bool sp_names_seen(const struct sp_names *names, size_t index)
{
    return names->entries[index].seen;
}
