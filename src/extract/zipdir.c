/* Layout (PKWARE APPNOTE 6.3, all integers little-endian):
 *   local record:  PK 3 4, 30 bytes of which name length at 26 and extra length at 28, then name,
 *                  extra field, data, and with flag bit 3 a descriptor of 12 to 24 bytes
 *   directory:     PK 1 2, 46 bytes: flags 8, compressed size 20, size 24, name length 28, extra
 *                  length 30, comment length 32, local offset 42; then name, extra, comment
 *   zip64 extra:   id 1; holds size, compressed size, offset, each only when its field is all ones
 *   end record:    PK 5 6, 22 bytes: disk 4, disk of the directory 6, records 10, directory size
 * 12, directory offset 16, comment length 20; then the comment zip64 end:     PK 6 6, 56 bytes:
 * records 32, directory size 40, offset 48; found by a locator PK 6 7, 20 bytes before the end
 * record: its offset 8 */
#include "extract/zipdir.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ZIP_LOCAL_LEN = 30,
    ZIP_RECORD_LEN = 46,
    ZIP_END_LEN = 22,
    ZIP_END64_LEN = 56,
    ZIP_LOCATOR_LEN = 20,
    ZIP_COMMENT_MAX = 65535,
    ZIP_DESCRIPTOR_MAX = 24,
    ZIP_NUMBERS_MAX = 41,      /* bytes of a field of numbers */
    ZIP_VALUE_MIN = 6,         /* of the shortest value of a person */
    ZIP_NAMES_MAX = 2 * 65535, /* a name and an extra field */
};

struct zip_reader {
    int fd;
    uint64_t size;      /* of the file */
    uint64_t shift;     /* bytes before the archive (a self-extractor): added to all offsets */
    uint64_t dir_begin; /* file offset */
    uint64_t dir_size;
    uint64_t end_pos;     /* of the end record (or the zip64 one) */
    uint64_t comment_len; /* as told */
    uint64_t end_of_end;  /* after the end record, before its comment */
    uint64_t records;
    uint64_t repeated;         /* records of a place that was named before */
    bool names;                /* the directory has names that no member shows */
    struct sp_zip_entry *list; /* members */
    uint8_t *room;             /* 2 * ZIP_NAMES_MAX: names of the directory and of a local record */
    size_t count;
    size_t cap;
};

static uint64_t zip_get(const uint8_t *ptr, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = bytes; i-- > 0;)
        value = value << 8 | ptr[i];
    return value;
}

/* All of len bytes, or SP_ERR_FORMAT when the file is shorter. */
static enum sp_err zip_pread(const struct zip_reader *zip, uint64_t at, uint8_t *room, size_t len,
                             struct sp_why *why)
{
    if (at > zip->size || len > zip->size - at)
        return sp_fail(why, SP_ERR_FORMAT, "the directory points beyond the end");
    size_t have = 0;
    while (have < len) {
        ssize_t got = pread(zip->fd, room + have, len - have, (off_t)(at + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sp_fail(why, SP_ERR_IO, "cannot read: %s", strerrordesc_np(errno));
        if (got == 0)
            return sp_fail(why, SP_ERR_FORMAT, "the file became shorter");
        have += (size_t)got;
    }
    return SP_OK;
}

static bool zip_is(const uint8_t *ptr, uint8_t third, uint8_t fourth)
{
    return ptr[0] == 'P' && ptr[1] == 'K' && ptr[2] == third && ptr[3] == fourth;
}

/* ---- the end record ------------------------------------------------------------------------ */
/* Searches backwards for an end record whose comment fits. */
static enum sp_err zip_find_end(struct zip_reader *zip, uint8_t end[ZIP_END_LEN],
                                struct sp_why *why)
{
    size_t len = ZIP_END_LEN + ZIP_COMMENT_MAX;
    if (len > zip->size)
        len = (size_t)zip->size;
    uint8_t *tail = sp_alloc(len);
    if (tail == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a zip directory");
    enum sp_err err = zip_pread(zip, zip->size - len, tail, len, why);
    if (err == SP_OK)
        err = sp_fail(why, SP_ERR_FORMAT, "no end record");
    for (size_t i = len < ZIP_END_LEN ? 0 : len - ZIP_END_LEN + 1; i-- > 0 && err != SP_OK;) {
        if (!zip_is(tail + i, 5, 6) || zip_get(tail + i + 20, 2) > len - i - ZIP_END_LEN)
            continue;
        memcpy(end, tail + i, ZIP_END_LEN);
        zip->end_pos = zip->size - len + i;
        zip->end_of_end = zip->end_pos + ZIP_END_LEN;
        zip->comment_len = zip_get(end + 20, 2);
        err = SP_OK;
    }
    sp_free(tail);
    return err;
}

/* Takes the zip64 end record when there is one. */
static enum sp_err zip_end64(struct zip_reader *zip, uint64_t *dir_offset, struct sp_why *why)
{
    uint8_t locator[ZIP_LOCATOR_LEN];
    uint8_t end[ZIP_END64_LEN];
    if (zip->end_pos < ZIP_LOCATOR_LEN)
        return SP_OK;
    enum sp_err err = zip_pread(zip, zip->end_pos - ZIP_LOCATOR_LEN, locator, sizeof locator, why);
    if (err != SP_OK || !zip_is(locator, 6, 7))
        return err;
    uint64_t at = zip_get(locator + 8, 8);
    err = zip_pread(zip, at, end, sizeof end, why);
    if (err != SP_OK)
        return err;
    if (!zip_is(end, 6, 6))
        return sp_fail(why, SP_ERR_FORMAT, "no zip64 end record");
    zip->end_pos = at;
    zip->records = zip_get(end + 32, 8);
    zip->dir_size = zip_get(end + 40, 8);
    *dir_offset = zip_get(end + 48, 8);
    return SP_OK;
}

static enum sp_err zip_read_end(struct zip_reader *zip, bool *multivolume, struct sp_why *why)
{
    uint8_t end[ZIP_END_LEN];
    enum sp_err err = zip_find_end(zip, end, why);
    if (err != SP_OK)
        return err;
    uint64_t disk = zip_get(end + 4, 2);
    uint64_t dir_offset = zip_get(end + 16, 4);
    *multivolume = disk != 0 && disk != UINT16_MAX;
    zip->records = zip_get(end + 10, 2);
    zip->dir_size = zip_get(end + 12, 4);
    err = zip_end64(zip, &dir_offset, why);
    if (err != SP_OK)
        return err;
    if (zip->dir_size > zip->end_pos || dir_offset > zip->end_pos - zip->dir_size)
        return sp_fail(why, SP_ERR_FORMAT, "the directory does not fit before its end record");
    zip->dir_begin = zip->end_pos - zip->dir_size;
    zip->shift = zip->dir_begin - dir_offset;
    return SP_OK;
}

/* ---- the records --------------------------------------------------------------------------- */
/* Sizes and offset that did not fit into 32 bits. */
static void zip_extra64(const uint8_t *record, struct sp_slice extra, uint64_t *packed,
                        uint64_t *offset)
{
    struct sp_reader reader;
    sp_reader_init(&reader, extra);
    while (reader.left >= 4 && !reader.failed) {
        uint16_t id = sp_reader_u16(&reader);
        struct sp_slice field = sp_reader_bytes(&reader, sp_reader_u16(&reader));
        if (reader.failed || id != 1)
            continue;
        struct sp_reader wide;
        sp_reader_init(&wide, field);
        if (zip_get(record + 24, 4) == UINT32_MAX)
            (void)sp_reader_u64(&wide);
        if (*packed == UINT32_MAX)
            *packed = sp_reader_u64(&wide);
        if (*offset == UINT32_MAX)
            *offset = sp_reader_u64(&wide);
        return;
    }
}

static enum sp_err zip_add_entry(struct zip_reader *zip, const struct sp_zip_entry *entry,
                                 struct sp_why *why)
{
    if (zip->count == zip->cap) {
        size_t cap = zip->cap * 2 + 64;
        struct sp_zip_entry *list = sp_realloc(zip->list, cap * sizeof *list);
        if (list == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory to read a zip directory");
        zip->list = list;
        zip->cap = cap;
    }
    zip->list[zip->count++] = *entry;
    return SP_OK;
}

/* Called something else than a file or a link by its attributes (a Unix mode in the upper half,
 * the directory bit of DOS in the lower). */
static bool zip_is_odd(const uint8_t *record)
{
    unsigned type = (unsigned)zip_get(record + 40, 2) & 0170000;
    if (record[5] == 0) /* made on DOS */
        return (record[38] & 0x10) != 0;
    return type != 0 && type != 0100000 && type != 0120000;
}

/* Fields of numbers: sizes, times, owners, versions, alignment and room to grow. */
static bool zip_is_numbers(uint16_t id)
{
    static const uint16_t numbers[] = {0x0001, 0x000A, 0x5455, 0x5855, 0x7855,
                                       0x7875, 0x9901, 0xA220, 0xCAFE, 0xD935};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i] == id)
            return true;
    }
    return false;
}

/* Something else stands in an extra field than numbers and zeros: a second name or comment in
 * Unicode (Info-ZIP, 0x7075 and 0x6375), a link, what a program keeps there. */
static bool zip_extra_tells(struct sp_slice extra)
{
    struct sp_reader reader;
    sp_reader_init(&reader, extra);
    while (reader.left >= 4 && !reader.failed) {
        uint16_t id = sp_reader_u16(&reader);
        struct sp_slice field = sp_reader_bytes(&reader, sp_reader_u16(&reader));
        size_t least = zip_is_numbers(id) ? ZIP_NUMBERS_MAX : ZIP_VALUE_MIN;
        size_t told = 0;
        for (size_t i = 0; !reader.failed && i < field.len; i++)
            told += field.ptr[i] != 0;
        if (told >= least)
            return true;
    }
    return reader.failed; /* no fields: who knows what */
}

/* What a record of the directory says, in zip->room. */
struct zip_record {
    const uint8_t *fixed; /* ZIP_RECORD_LEN bytes */
    uint64_t name_at;     /* file offset */
    struct sp_slice name;
    struct sp_slice extra;
    struct sp_zip_range comment;
};

/* Reads name and extra field of a local record and judges what the names are. */
static enum sp_err zip_local_names(struct zip_reader *zip, const struct zip_record *record,
                                   struct sp_zip_range names, size_t name_len,
                                   struct sp_zip_entry *entry, struct sp_why *why)
{
    uint8_t *room = zip->room + ZIP_NAMES_MAX;
    size_t len = (size_t)(names.end - names.begin);
    enum sp_err err = zip_pread(zip, names.begin, room, len, why);
    if (err != SP_OK)
        return err;
    bool slash = name_len > 0 && (room[name_len - 1] == '/' || room[name_len - 1] == '\\');
    if (slash) {
        entry->tail_at = names.begin + name_len - 1;
        entry->tail = (char)room[name_len - 1];
    }
    bool same = name_len == record->name.len && memcmp(room, record->name.ptr, name_len) == 0;
    struct sp_slice extra = {room + name_len, len - name_len};
    if (!same || zip_extra_tells(extra) || zip_extra_tells(record->extra)) {
        entry->names = names;
        zip->names = true; /* and the directory's own */
    }
    return SP_OK;
}

/* The bytes that one record's member takes up, and what it is. A deflated nothing has 2 bytes. */
static enum sp_err zip_take_record(struct zip_reader *zip, const struct zip_record *record,
                                   struct sp_why *why)
{
    uint8_t local[ZIP_LOCAL_LEN];
    const uint8_t *fixed = record->fixed;
    uint64_t packed = zip_get(fixed + 20, 4);
    uint64_t offset = zip_get(fixed + 42, 4);
    struct sp_zip_entry entry = {.size = zip_get(fixed + 24, 4), .comment = record->comment};
    zip_extra64(fixed, record->extra, &packed, &offset);
    if (offset > zip->dir_begin || zip->shift > zip->dir_begin - offset)
        return sp_fail(why, SP_ERR_FORMAT, "a member lies beyond the directory");
    offset += zip->shift;
    enum sp_err err = zip_pread(zip, offset, local, sizeof local, why);
    if (err != SP_OK)
        return err;
    if (!zip_is(local, 3, 4))
        return sp_fail(why, SP_ERR_FORMAT, "no local record where the directory says");
    size_t name_len = (size_t)zip_get(local + 26, 2);
    uint64_t data = offset + ZIP_LOCAL_LEN + name_len + zip_get(local + 28, 2);
    if (data > zip->dir_begin || packed > zip->dir_begin - data)
        return sp_fail(why, SP_ERR_FORMAT, "a member reaches into the directory");
    struct sp_zip_range names = {.begin = offset + ZIP_LOCAL_LEN, .end = data};
    err = zip_local_names(zip, record, names, name_len, &entry, why);
    entry.content = (zip_is_odd(fixed) || entry.tail_at != 0) && (entry.size > 0 || packed > 2);
    entry.stored =
        (struct sp_zip_range){.begin = record->name_at, .end = record->name_at + record->name.len};
    entry.range = (struct sp_zip_range){
        .begin = offset, .end = data + packed, .described = (fixed[8] & 0x08) != 0};
    return err != SP_OK ? err : zip_add_entry(zip, &entry, why);
}

static enum sp_err zip_read_records(struct zip_reader *zip, uint64_t entries_max,
                                    struct sp_why *why)
{
    uint64_t at = zip->dir_begin;
    uint8_t fixed[ZIP_RECORD_LEN];
    enum sp_err err = SP_OK;
    zip->room = sp_alloc((size_t)2 * ZIP_NAMES_MAX);
    if (zip->room == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a zip directory");
    while (err == SP_OK && at < zip->dir_begin + zip->dir_size) {
        if (zip->count >= entries_max)
            return sp_fail(why, SP_ERR_LIMIT, "too many records");
        err = zip_pread(zip, at, fixed, sizeof fixed, why);
        if (err == SP_OK && !zip_is(fixed, 1, 2))
            err = sp_fail(why, SP_ERR_FORMAT, "a record of the directory is damaged");
        if (err != SP_OK)
            break;
        size_t name_len = (size_t)zip_get(fixed + 28, 2);
        size_t extra_len = (size_t)zip_get(fixed + 30, 2);
        size_t comment_len = (size_t)zip_get(fixed + 32, 2);
        struct zip_record record = {.fixed = fixed,
                                    .name_at = at + ZIP_RECORD_LEN,
                                    .name = {zip->room, name_len},
                                    .extra = {zip->room + name_len, extra_len}};
        record.comment.begin = record.name_at + name_len + extra_len;
        record.comment.end = record.comment.begin + comment_len;
        err = zip_pread(zip, at + ZIP_RECORD_LEN, zip->room, name_len + extra_len, why);
        if (err == SP_OK)
            err = zip_take_record(zip, &record, why);
        at = record.comment.end;
    }
    return err;
}

/* ---- the gaps ------------------------------------------------------------------------------ */
static int zip_compare(const void *a, const void *b)
{
    const struct sp_zip_entry *left = a;
    const struct sp_zip_entry *right = b;
    return left->range.begin < right->range.begin ? -1 : left->range.begin > right->range.begin;
}

static void zip_add_told(struct sp_zipdir *out, uint64_t begin, uint64_t end, bool described)
{
    if (end > begin)
        out->gaps[out->gap_count++] = (struct sp_zip_range){begin, end, described};
}

static void zip_add_gap(struct sp_zipdir *out, uint64_t begin, uint64_t end, bool described)
{
    if (!described || end - begin > ZIP_DESCRIPTOR_MAX)
        zip_add_told(out, begin, end, false);
}

/* Sorts the members, drops records of a place that was named before, and lets each reach to the
 * next one when a data descriptor follows. */
static void zip_sort(struct zip_reader *zip)
{
    size_t count = 0;
    if (zip->count > 0)
        qsort(zip->list, zip->count, sizeof *zip->list, zip_compare);
    for (size_t i = 0; i < zip->count; i++) {
        struct sp_zip_entry *last = count > 0 ? &zip->list[count - 1] : NULL;
        if (last != NULL && last->range.begin == zip->list[i].range.begin) {
            last->content |= zip->list[i].content;
            zip->repeated++;
        } else {
            zip->list[count++] = zip->list[i];
        }
    }
    zip->count = count;
}

/* Between the members, before the directory, its names, and after the end record. */
static enum sp_err zip_gaps(struct zip_reader *zip, struct sp_zipdir *out, struct sp_why *why)
{
    out->gaps = sp_alloc((zip->count + 3) * sizeof *out->gaps);
    if (out->gaps == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a zip directory");
    zip_sort(zip);
    uint64_t reached = 0;
    bool described = false;
    for (size_t i = 0; i < zip->count; i++) {
        struct sp_zip_range *range = &zip->list[i].range;
        uint64_t next = i + 1 < zip->count ? zip->list[i + 1].range.begin : zip->dir_begin;
        zip_add_gap(out, reached, range->begin, described);
        if (range->end > reached || i == 0) {
            reached = range->end;
            described = range->described;
        }
        if (range->described && next > range->end && next - range->end <= ZIP_DESCRIPTOR_MAX)
            range->end = next;
    }
    zip_add_gap(out, reached, zip->dir_begin, described);
    if (zip->names || zip->repeated > 0) /* what only the directory says */
        zip_add_told(out, zip->dir_begin, zip->end_pos, true);
    /* the archive's comment, and beyond */
    zip_add_told(out, zip->end_of_end, zip->size, zip->size - zip->end_of_end == zip->comment_len);
    out->list = zip->list;
    out->entries = zip->count;
    out->repeated = zip->repeated;
    zip->list = NULL;
    return SP_OK;
}

bool sp_zipdir_ends(struct sp_slice tail, uint64_t size_bytes)
{
    if (memmem(tail.ptr, tail.len, "PK\5\6", 4) == NULL)
        return false;
    for (size_t i = tail.len < ZIP_END_LEN ? 0 : tail.len - ZIP_END_LEN + 1; i-- > 0;) {
        const uint8_t *end = tail.ptr + i;
        if (!zip_is(end, 5, 6) || zip_get(end + 20, 2) > tail.len - i - ZIP_END_LEN)
            continue;
        uint64_t dir_size = zip_get(end + 12, 4);
        if (dir_size == UINT32_MAX || zip_get(end + 16, 4) == UINT32_MAX)
            return true; /* zip64 */
        if (dir_size < ZIP_RECORD_LEN || dir_size > size_bytes - (tail.len - i))
            continue;
        if (dir_size > i || zip_is(end - dir_size, 1, 2))
            return true;
    }
    return false;
}

enum sp_err sp_zipdir_read(int fd, uint64_t size_bytes, uint64_t entries_max, struct sp_zipdir *out,
                           struct sp_why *why)
{
    struct zip_reader zip = {.fd = fd, .size = size_bytes};
    *out = (struct sp_zipdir){0};
    enum sp_err err = zip_read_end(&zip, &out->multivolume, why);
    if (err == SP_OK && !out->multivolume)
        err = zip_read_records(&zip, entries_max, why);
    if (err == SP_OK && !out->multivolume)
        err = zip_gaps(&zip, out, why);
    sp_free(zip.list);
    sp_free(zip.room);
    if (err != SP_OK)
        sp_zipdir_clear(out);
    return err;
}

void sp_zipdir_clear(struct sp_zipdir *dir)
{
    sp_free(dir->gaps);
    sp_free(dir->list);
    *dir = (struct sp_zipdir){0};
}
