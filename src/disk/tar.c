/* SPDX-License-Identifier: MIT */
#include "disk/tar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TAR_BLOCK = 512,
    TAR_NAME_ROOM = 100,
    TAR_NAME_MAX = 60000, /* bytes of a name or a link: a longer one is cut */
    TAR_PAX_ROOM = 2 * TAR_NAME_MAX + 4096,
    TAR_MAP_ROOM = DISK_REGIONS_MAX * 42 + 64
};

static const uint64_t tar_octal_max = 077777777777; /* 8 GiB - 1: eleven digits */

/* ---- regions ------------------------------------------------------------------------------- */
bool disk_regions_add(struct disk_regions *regions, struct disk_region region)
{
    struct disk_region *last = regions->count > 0 ? &regions->list[regions->count - 1] : NULL;
    if (region.len == 0)
        return true;
    if (last != NULL && last->at + last->len == region.at &&
        last->from + last->len == region.from) {
        last->len += region.len;
        return true;
    }
    if (regions->list == NULL || regions->count == regions->cap) {
        size_t cap = regions->cap == 0 ? 16 : regions->cap * 2;
        struct disk_region *list = reallocarray(regions->list, cap, sizeof *list);
        if (list == NULL)
            return false;
        regions->list = list;
        regions->cap = cap;
    }
    regions->list[regions->count++] = region;
    return true;
}

void disk_regions_clear(struct disk_regions *regions)
{
    free(regions->list);
    *regions = (struct disk_regions){NULL, 0, 0};
}

/* ---- output -------------------------------------------------------------------------------- */
static void tar_flush(struct disk_tar *tar)
{
    size_t sent = 0;
    while (!tar->failed && sent < tar->used) {
        ssize_t got = write(tar->out, tar->buffer + sent, tar->used - sent);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            tar->failed = true;
        else
            sent += (size_t)got;
    }
    tar->used = 0;
}

static void tar_write(struct disk_tar *tar, const void *data, size_t len)
{
    const uint8_t *from = data;
    while (!tar->failed && len > 0) {
        size_t room = DISK_BUFFER_BYTES - tar->used;
        size_t part = len < room ? len : room;
        memcpy(tar->buffer + tar->used, from, part);
        tar->used += part;
        from += part;
        len -= part;
        if (tar->used == DISK_BUFFER_BYTES)
            tar_flush(tar);
    }
}

static void tar_zeros(struct disk_tar *tar, uint64_t len)
{
    static const uint8_t zeros[TAR_BLOCK];
    for (; !tar->failed && len > 0; len -= len < TAR_BLOCK ? len : TAR_BLOCK)
        tar_write(tar, zeros, len < TAR_BLOCK ? (size_t)len : TAR_BLOCK);
}

static void tar_pad(struct disk_tar *tar, uint64_t size)
{
    tar_zeros(tar, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* Octal digits; of a size that needs more, the pax header has all. */
static void tar_number(uint8_t *field, size_t len, uint64_t value)
{
    for (size_t i = len - 1; i-- > 0; value >>= 3)
        field[i] = (uint8_t)('0' + (value & 7));
}

static void tar_header(struct disk_tar *tar, const char *name, char type, uint64_t size)
{
    uint8_t block[TAR_BLOCK] = {0};
    uint64_t sum = 0;
    memcpy(block, name, strnlen(name, TAR_NAME_ROOM - 1));
    tar_number(block + 100, 8, type == '5' ? 0755 : 0644);
    tar_number(block + 108, 8, 0);
    tar_number(block + 116, 8, 0);
    tar_number(block + 124, 12, size);
    tar_number(block + 136, 12, 0);
    memset(block + 148, ' ', 8);
    block[156] = (uint8_t)type;
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += block[i];
    tar_number(block + 148, 7, sum);
    block[154] = '\0';
    block[155] = ' ';
    tar_write(tar, block, TAR_BLOCK);
}

/* ---- pax records --------------------------------------------------------------------------- */
struct tar_pax {
    char *text; /* TAR_PAX_ROOM */
    size_t len;
};

static size_t tar_digits(size_t value)
{
    size_t digits = 1;
    for (; value >= 10; value /= 10)
        digits++;
    return digits;
}

/* "LENGTH KEY=VALUE\n", the length counting itself. */
static void tar_record(struct tar_pax *pax, const char *key, const char *value)
{
    size_t value_len = strnlen(value, TAR_NAME_MAX);
    size_t body = strlen(key) + value_len + 3;
    size_t len = body + tar_digits(body);
    if (tar_digits(len) != tar_digits(body))
        len = body + tar_digits(len);
    if (len >= TAR_PAX_ROOM - pax->len)
        return;
    int head = snprintf(pax->text + pax->len, TAR_PAX_ROOM - pax->len, "%zu %s=", len, key);
    memcpy(pax->text + pax->len + head, value, value_len);
    pax->len += len;
    pax->text[pax->len - 1] = '\n';
}

static void tar_record_number(struct tar_pax *pax, const char *key, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    tar_record(pax, key, text);
}

static bool tar_is_ascii(const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text < 0x20 || *text == 0x7F) /* also those above 0x7F where char is signed */
            return false;
    }
    return true;
}

/* A pax header and the member's own. `stored` bytes follow; `sparse`: they begin with a map. */
static void tar_head(struct disk_tar *tar, const struct disk_member *member, uint64_t stored,
                     bool sparse, const char *note)
{
    struct tar_pax pax = {malloc(TAR_PAX_ROOM), 0};
    if (pax.text == NULL) {
        tar->failed = tar->starved = true;
        return;
    }
    if (!tar_is_ascii(member->name) || !tar_is_ascii(member->link))
        tar_record(&pax, "hdrcharset", "BINARY"); /* names as they are stored */
    tar_record(&pax, "path", member->name);
    if (member->link != NULL)
        tar_record(&pax, "linkpath", member->link);
    if (stored > tar_octal_max)
        tar_record_number(&pax, "size", (int64_t)stored);
    if (member->mtime_s != 0)
        tar_record_number(&pax, "mtime", member->mtime_s);
    if (sparse) {
        tar_record(&pax, "GNU.sparse.major", "1");
        tar_record(&pax, "GNU.sparse.minor", "0");
        tar_record(&pax, "GNU.sparse.name", member->name);
        tar_record_number(&pax, "GNU.sparse.realsize", (int64_t)member->size_bytes);
    }
    if (note != NULL)
        tar_record(&pax, "SCHILY.xattr.user.speur.unread", note);
    tar_header(tar, "pax", 'x', pax.len);
    tar_write(tar, pax.text, pax.len);
    tar_pad(tar, pax.len);
    free(pax.text);
    tar_header(tar, "member", member->type, stored);
}

/* ---- content ------------------------------------------------------------------------------- */
/* Copies bytes of the image; zeros for what it does not have. False: some were missing. */
static bool tar_copy(struct disk_tar *tar, uint64_t from, uint64_t len)
{
    while (!tar->failed && len > 0) {
        size_t room = DISK_BUFFER_BYTES - tar->used;
        size_t want = len < room ? (size_t)len : room;
        ssize_t got = pread(tar->image, tar->buffer + tar->used, want, (off_t)from);
        if (got <= 0) {
            tar_zeros(tar, len);
            return false;
        }
        tar->used += (size_t)got;
        from += (uint64_t)got;
        len -= (uint64_t)got;
        if (tar->used == DISK_BUFFER_BYTES)
            tar_flush(tar);
    }
    return true;
}

static bool tar_is_whole(const struct disk_member *member)
{
    const struct disk_regions *regions = member->regions;
    return regions->count == 1 && regions->list[0].at == 0 &&
           regions->list[0].len == member->size_bytes;
}

/* Regions one behind the other, with zeros between. */
static bool tar_put_filled(struct disk_tar *tar, const struct disk_member *member)
{
    bool had_all = true;
    uint64_t at = 0;
    for (size_t i = 0; i < member->regions->count; i++) {
        const struct disk_region *region = &member->regions->list[i];
        tar_zeros(tar, region->at - at);
        had_all = tar_copy(tar, region->from, region->len) && had_all;
        at = region->at + region->len;
    }
    tar_zeros(tar, member->size_bytes - at);
    return had_all;
}

static bool tar_put_sparse(struct disk_tar *tar, const struct disk_member *member)
{
    const struct disk_regions *regions = member->regions;
    char *map = malloc(TAR_MAP_ROOM);
    uint64_t stored = 0;
    bool had_all = true;
    if (map == NULL) {
        tar->failed = tar->starved = true;
        return false;
    }
    uint64_t end = regions->count > 0 ? regions->list[regions->count - 1].at +
                                            regions->list[regions->count - 1].len
                                      : 0;
    bool hole_last = end < member->size_bytes;
    size_t len = (size_t)snprintf(map, TAR_MAP_ROOM, "%zu\n", regions->count + hole_last);
    for (size_t i = 0; i < regions->count; i++) {
        stored += regions->list[i].len;
        len += (size_t)snprintf(map + len, TAR_MAP_ROOM - len, "%llu\n%llu\n",
                                (unsigned long long)regions->list[i].at,
                                (unsigned long long)regions->list[i].len);
    }
    if (hole_last)
        len += (size_t)snprintf(map + len, TAR_MAP_ROOM - len, "%llu\n0\n",
                                (unsigned long long)member->size_bytes);
    size_t padded = (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    tar_head(tar, member, padded + stored, true, NULL);
    tar_write(tar, map, len);
    tar_zeros(tar, padded - len);
    free(map);
    for (size_t i = 0; i < regions->count; i++)
        had_all = tar_copy(tar, regions->list[i].from, regions->list[i].len) && had_all;
    tar_pad(tar, stored);
    return had_all;
}

static bool tar_put_read(struct disk_tar *tar, const struct disk_member *member)
{
    uint8_t block[16 * 1024];
    for (uint64_t at = 0; !tar->failed && at < member->size_bytes;) {
        uint64_t left = member->size_bytes - at;
        ssize_t got =
            member->read(member->ctx, at, block, left < sizeof block ? (size_t)left : sizeof block);
        if (got <= 0) {
            tar_zeros(tar, left);
            return false;
        }
        tar_write(tar, block, (size_t)got);
        at += (uint64_t)got;
    }
    return true;
}

static uint64_t tar_data_bytes(const struct disk_member *member)
{
    uint64_t sum = 0;
    if (member->regions == NULL)
        return member->size_bytes;
    for (size_t i = 0; i < member->regions->count; i++)
        sum += member->regions->list[i].len;
    return sum;
}

/* What a hostile image makes of little: files that share their blocks, and holes between. False: it
 * is too much, and that was told. */
static bool tar_may(struct disk_tar *tar, const struct disk_member *member, bool filled)
{
    uint64_t bytes = filled ? member->size_bytes : tar_data_bytes(member);
    if (bytes <= tar->budget) {
        tar->budget -= bytes;
        return true;
    }
    bool told = tar->spent;
    tar->spent = true;
    if (!told)
        disk_tar_note(tar, member->name, "limit_bytes",
                      "its files have far more bytes than the image");
    return false;
}

void disk_tar_put(struct disk_tar *tar, const struct disk_member *member)
{
    bool had_all = true;
    bool sparse = member->regions != NULL && !tar_is_whole(member) && member->size_bytes > 0;
    bool filled = sparse && member->regions->count > DISK_REGIONS_MAX;
    if (tar->failed || !tar_may(tar, member, filled))
        return;
    if (sparse && !filled) {
        had_all = tar_put_sparse(tar, member);
    } else {
        tar_head(tar, member, member->size_bytes, false, NULL);
        if (member->regions != NULL)
            had_all = tar_put_filled(tar, member);
        else if (member->read != NULL)
            had_all = tar_put_read(tar, member);
        else if (member->size_bytes > 0)
            tar_write(tar, member->bytes, (size_t)member->size_bytes);
        tar_pad(tar, member->size_bytes);
    }
    if (!had_all)
        disk_tar_note(tar, member->name, member->read != NULL ? "corrupt" : "truncated",
                      "a part of it cannot be read");
}

void disk_tar_note(struct disk_tar *tar, const char *name, const char *reason, const char *detail)
{
    char note[160];
    const struct disk_member member = {.name = name, .type = '0'};
    (void)snprintf(note, sizeof note, "%s:%s", reason, detail);
    if (!tar->failed)
        tar_head(tar, &member, 0, false, note);
}

bool disk_tar_open(struct disk_tar *tar, int image, uint64_t image_size, int out)
{
    *tar = (struct disk_tar){.image = image, .image_size = image_size, .out = out};
    if (__builtin_mul_overflow(image_size, (uint64_t)DISK_BUDGET_FACTOR, &tar->budget) ||
        __builtin_add_overflow(tar->budget, (uint64_t)DISK_BUDGET_BYTES, &tar->budget))
        tar->budget = UINT64_MAX;
    tar->buffer = malloc(DISK_BUFFER_BYTES);
    return tar->buffer != NULL;
}

bool disk_tar_close(struct disk_tar *tar)
{
    tar_zeros(tar, (uint64_t)2 * TAR_BLOCK);
    tar_flush(tar);
    free(tar->buffer);
    tar->buffer = NULL;
    return !tar->failed;
}
