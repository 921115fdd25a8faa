/* ECMA-119. Volume descriptors, a sector each, from sector 16 on: type 1, "CD001"; of type 1 (the
 * primary one) and 2 (Joliet, by its escape sequence at 88): block size 2 at 128, bytes of the path
 * tables 4 at 132, their blocks at 140 and 144 (little-endian), 148 and 152 (big), the record of
 * the root directory at 156; type 255 ends them. A record: its length 1, blocks of an extended
 * attribute 1, block 4 (little, then big), bytes 4 (the same), time 7, flags 1 at 25 (2 =
 * directory, 4 = associated), interleaving 2, then its name with the length at 32. A length of 0:
 * the next record stands in the next sector. */
#include "extract/iso_rest.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/holes.h"
#include "extract/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ISO_SECTOR = 2048,
    ISO_FIRST = 16,
    ISO_DESCRIPTORS = 64,
    ISO_RECORD_LEN = 33,  /* of a record without its name */
    ISO_DIRECTORY = 0x02, /* flags */
    ISO_ASSOCIATED = 0x04,
    ISO_TREES = 2 /* the primary one and Joliet */
};

struct iso_range {
    uint64_t begin, end; /* bytes in the image */
};

struct iso_ranges {
    struct iso_range *list;
    size_t count, cap;
};

struct iso {
    const struct sp_container_file *file;
    uint64_t entries_max;
    uint64_t entries; /* records so far */
    uint64_t block;   /* bytes */
    struct iso_ranges files[ISO_TREES];
    struct iso_ranges folders; /* of the tree at hand; read from its front on */
    struct iso_ranges
        records; /* in folders of the first tree; behind them may stand removed ones */
    size_t folders_done;
    uint8_t *seen; /* a bit for each sector: a folder that begins there was read */
};

static uint64_t iso_le(const uint8_t *ptr, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | ptr[i];
    return value;
}

static enum sp_err iso_add(struct iso_ranges *ranges, uint64_t begin, uint64_t end,
                           struct sp_why *why)
{
    if (ranges->count == ranges->cap) {
        size_t cap = ranges->cap * 2 + 64;
        struct iso_range *list = sp_realloc(ranges->list, cap * sizeof *list);
        if (list == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for the places of files");
        ranges->list = list;
        ranges->cap = cap;
    }
    ranges->list[ranges->count++] = (struct iso_range){begin, end};
    return SP_OK;
}

/* ---- the records ----------------------------------------------------------------------------- */
/* By Rock Ridge (IEEE P1282) neither a link nor a device, of which nobody reads data. */
static bool iso_is_read(const uint8_t *record)
{
    size_t len = record[0], at = ISO_RECORD_LEN + record[32];
    at += at % 2;
    while (at + 4 <= len && record[at + 2] >= 4 && record[at + 2] <= len - at) {
        const uint8_t *entry = record + at;
        if (memcmp(entry, "SL", 2) == 0 || (memcmp(entry, "PX", 2) == 0 && entry[2] >= 8 &&
                                            (iso_le(entry + 4, 4) & 0170000) != 0100000))
            return false;
        at += entry[2];
    }
    return true;
}

/* Takes one record of a tree. What is interleaved, beyond the image or beside a file is left out,
 * and so read raw. */
static enum sp_err iso_record(struct iso *iso, unsigned tree, const uint8_t *record,
                              struct sp_why *why)
{
    uint64_t begin = (iso_le(record + 2, 4) + record[1]) * iso->block;
    uint64_t len = iso_le(record + 10, 4);
    bool folder = (record[25] & ISO_DIRECTORY) != 0;
    if (len == 0 || begin >= iso->file->size || len > iso->file->size - begin || record[26] != 0 ||
        (record[25] & ISO_ASSOCIATED) != 0)
        return SP_OK;
    if (!folder && !iso_is_read(record))
        return SP_OK;
    if (!folder)
        return iso_add(&iso->files[tree], begin, begin + len, why);
    uint64_t sector = begin / ISO_SECTOR;
    if ((iso->seen[sector / 8] & 1U << sector % 8) != 0)
        return SP_OK; /* itself, its parent, or a circle */
    iso->seen[sector / 8] |= (uint8_t)(1U << sector % 8);
    return iso_add(&iso->folders, begin, begin + len, why);
}

/* The records of one sector of a folder. */
static enum sp_err iso_sector(struct iso *iso, unsigned tree, const uint8_t *sector, size_t *used,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t at = 0;
    while (err == SP_OK && at + ISO_RECORD_LEN <= ISO_SECTOR) {
        size_t len = sector[at];
        if (len < ISO_RECORD_LEN || len > ISO_SECTOR - at || iso->entries >= iso->entries_max)
            break;
        iso->entries++;
        err = iso_record(iso, tree, sector + at, why);
        at += len;
    }
    *used = at;
    return err;
}

static enum sp_err iso_folder(struct iso *iso, unsigned tree, struct iso_range folder,
                              struct sp_why *why)
{
    uint8_t sector[ISO_SECTOR];
    enum sp_err err = SP_OK;
    for (uint64_t at = folder.begin; err == SP_OK && at < folder.end; at += ISO_SECTOR) {
        if (iso->entries >= iso->entries_max ||
            !sp_container_pread(iso->file, at, sector, sizeof sector))
            break;
        size_t used = 0;
        err = iso_sector(iso, tree, sector, &used, why);
        if (err == SP_OK && tree == 0)
            err = iso_add(&iso->records, at, at + used, why);
    }
    return err;
}

static enum sp_err iso_tree(struct iso *iso, unsigned tree, const uint8_t *descriptor,
                            struct sp_why *why)
{
    iso->block = iso_le(descriptor + 128, 2);
    iso->folders.count = iso->folders_done = 0;
    memset(iso->seen, 0, (size_t)(iso->file->size / ISO_SECTOR / 8 + 1));
    enum sp_err err = iso_record(iso, tree, descriptor + 156, why);
    while (err == SP_OK && iso->folders_done < iso->folders.count)
        err = iso_folder(iso, tree, iso->folders.list[iso->folders_done++], why);
    return err;
}

static bool iso_is_joliet(const uint8_t *descriptor)
{
    const uint8_t *escape = descriptor + 88;
    return escape[0] == '%' && escape[1] == '/' && strchr("@CE", escape[2]) != NULL &&
           escape[2] != '\0';
}

/* ---- ranges ---------------------------------------------------------------------------------- */
static int iso_compare(const void *left, const void *right)
{
    const struct iso_range *a = left;
    const struct iso_range *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* Sorts them and joins what overlaps. Of those that begin at one place the shortest counts: to
 * libarchive the others are links to it. */
static void iso_settle(struct iso_ranges *ranges)
{
    size_t count = 0;
    if (ranges->count > 0)
        qsort(ranges->list, ranges->count, sizeof *ranges->list, iso_compare);
    uint64_t last = UINT64_MAX; /* where the range before began */
    for (size_t i = 0; i < ranges->count; i++) {
        struct iso_range range = ranges->list[i];
        if (range.begin == last)
            continue;
        last = range.begin;
        struct iso_range *before = count > 0 ? &ranges->list[count - 1] : NULL;
        if (before != NULL && range.begin <= before->end)
            before->end = range.end > before->end ? range.end : before->end;
        else
            ranges->list[count++] = range;
    }
    ranges->count = count;
}

/* What both trees have: libarchive reads one of them. */
static enum sp_err iso_common(const struct iso_ranges *a, const struct iso_ranges *b,
                              struct iso_ranges *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0, k = 0; err == SP_OK && i < a->count && k < b->count;) {
        uint64_t begin = a->list[i].begin > b->list[k].begin ? a->list[i].begin : b->list[k].begin;
        uint64_t end = a->list[i].end < b->list[k].end ? a->list[i].end : b->list[k].end;
        if (begin < end)
            err = iso_add(out, begin, end, why);
        if (a->list[i].end < b->list[k].end)
            i++;
        else
            k++;
    }
    return err;
}

/* All ranges that libarchive reads. The names of a folder are those of members, unless there are
 * two trees with names of their own. */
static enum sp_err iso_read(struct iso *iso, struct iso_ranges *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool joliet = false;
    for (uint64_t i = ISO_FIRST; err == SP_OK && i < ISO_FIRST + ISO_DESCRIPTORS; i++) {
        uint8_t head[256];
        if (!sp_container_pread(iso->file, i * ISO_SECTOR, head, sizeof head) ||
            memcmp(head + 1, "CD001", 5) != 0 || head[0] == 255)
            break;
        bool second = head[0] == 2 && iso_is_joliet(head);
        if (second && !joliet)
            err = iso_tree(iso, 1, head, why);
        else if (head[0] == 1 && iso->files[0].count == 0 && !joliet)
            err = iso_tree(iso, 0, head, why);
        joliet = joliet || second;
    }
    for (size_t i = 0; err == SP_OK && !joliet && i < iso->records.count; i++)
        err = iso_add(&iso->files[0], iso->records.list[i].begin, iso->records.list[i].end, why);
    iso_settle(&iso->files[0]);
    iso_settle(&iso->files[1]);
    if (err == SP_OK)
        err = iso_common(&iso->files[0], joliet ? &iso->files[1] : &iso->files[0], out, why);
    return err;
}

/* ---- what is between them -------------------------------------------------------------------- */
struct iso_source {
    const struct sp_container_file *file;
    const struct iso_ranges *taken;
    size_t next; /* of taken */
    uint64_t pos, end;
    struct sp_holes *holes;
    struct sp_stream *own;
    uint8_t *block;
};

static enum sp_err iso_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct iso_source *source = self;
    const struct iso_ranges *taken = source->taken;
    uint64_t until = source->end;
    *out = (struct sp_slice){NULL, 0};
    if (source->next < taken->count && taken->list[source->next].begin <= source->pos) {
        uint64_t end = taken->list[source->next++].end;
        uint64_t len = (end < until ? end : until) - source->pos;
        source->pos += len;
        if (len > 0)
            return sp_holes_shorten(source->holes, sp_stream_offset(source->own), len, out, why);
    }
    if (source->next < taken->count && taken->list[source->next].begin < until)
        until = taken->list[source->next].begin;
    uint64_t left = until > source->pos ? until - source->pos : 0;
    size_t want = left < SP_BLOCK_BYTES ? (size_t)left : SP_BLOCK_BYTES;
    ssize_t got = want == 0 ? 0
                            : pread(source->file->fd, source->block, want,
                                    (off_t)(source->file->offset + source->pos));
    if (got < 0)
        return sp_fail(why, SP_ERR_IO, "cannot read the file");
    source->pos += (uint64_t)got;
    *out = (struct sp_slice){source->block, (size_t)got};
    return SP_OK;
}

static const struct sp_source_ops iso_ops = {iso_next, NULL};

static enum sp_err iso_between(struct sp_extract *x, const struct sp_container_file *file,
                               const struct iso_ranges *taken, uint64_t end, struct sp_why *why)
{
    struct sp_holes holes;
    struct sp_stream *outer = x->stream;
    struct sp_sink *sink = x->sink;
    struct iso_source source = {.file = file,
                                .taken = taken,
                                .end = end,
                                .holes = &holes,
                                .block = sp_alloc(SP_BLOCK_BYTES)};
    sp_holes_init(&holes, sink);
    holes.objects = 1; /* the image itself is open already */
    enum sp_err err = source.block == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive")
                          : sp_stream_open(&iso_ops, &source, &source.own, why);
    if (err == SP_OK) {
        x->stream = source.own;
        x->sink = &holes.sink;
        err = sp_extract_raw_beside(x, SP_BESIDE_NOTE, why);
        x->stream = outer;
        x->sink = sink;
    }
    sp_stream_close(source.own);
    sp_holes_clear(&holes);
    sp_free(source.block);
    return err;
}

enum sp_err sp_iso_rest(struct sp_extract *x, const struct sp_container_file *file, uint64_t end,
                        struct sp_why *why)
{
    struct iso iso = {.file = file,
                      .entries_max = x->limits->entries_max,
                      .seen = sp_alloc_zero((size_t)(file->size / ISO_SECTOR / 8 + 1))};
    struct iso_ranges taken = {0};
    enum sp_err err = iso.seen == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for an image")
                                       : iso_read(&iso, &taken, why);
    if (err == SP_OK)
        err = iso_between(x, file, &taken, end, why);
    sp_free(iso.seen);
    sp_free(iso.folders.list);
    sp_free(iso.files[0].list);
    sp_free(iso.files[1].list);
    sp_free(iso.records.list);
    sp_free(taken.list);
    return err;
}
