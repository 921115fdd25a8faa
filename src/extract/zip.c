/* zip: by the central directory where the file can seek, then the bytes that the directory does
 * not account for; by the local records where it cannot, or where the directory is damaged. */
#include "base/limits.h"
#include "base/mem.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/members.h"
#include "extract/run.h"
#include "extract/tape.h"
#include "extract/zipdir.h"

#include <errno.h>
#include <unistd.h>

enum {
    ZIP_RESTART_MAX = 1000, /* damaged members after which the directory is read anew */
    ZIP_LOST_MAX = 24,      /* bytes between local records that may be a data descriptor */
};

/* A part of several begins with this mark. */
static bool zip_is_spanned(struct sp_slice head)
{
    return head.len >= 4 && memcmp(head.ptr, "PK\7\10", 4) == 0;
}

int sp_zip_bid(const struct sp_glance *at)
{
    bool local = at->head.len >= 4 && memcmp(at->head.ptr, "PK\3\4", 4) == 0;
    bool empty = at->head.len >= 4 && memcmp(at->head.ptr, "PK\5\6", 4) == 0;
    if (local || empty || zip_is_spanned(at->head))
        return 95;
    /* The last part of several, one behind a program, one with a damaged beginning. */
    return at->head.len > 0 && sp_name_has_suffix(at->name, ".zip\0") ? 55 : 0;
}

/* ---- local records, as they come ----------------------------------------------------------- */
static const uint8_t zip_local_sign[4] = {'P', 'K', 3, 4};

/* Bytes of a tape up to the next local record. */
struct zip_gap {
    struct sp_tape *tape;
    struct sp_stream *own;
    uint64_t given;
    uint64_t held_at; /* tape position of the bytes held back */
    size_t held;      /* first bytes of a signature that may go on in the next block, 0..3 */
    bool skip_first;  /* a record at the very beginning is the one that could not be read */
    bool found;       /* a record stands at the tape's position */
    enum sp_beside beside;
};

/* Where a local record, or the beginning of its signature, stands in the block; or its length. */
static size_t zip_find_local(struct sp_slice block, size_t from)
{
    for (size_t i = from; i < block.len; i++) {
        const uint8_t *hit = memchr(block.ptr + i, zip_local_sign[0], block.len - i);
        if (hit == NULL)
            return block.len;
        i = (size_t)(hit - block.ptr);
        size_t len = block.len - i < sizeof zip_local_sign ? block.len - i : sizeof zip_local_sign;
        if (memcmp(hit, zip_local_sign, len) == 0)
            return i;
    }
    return block.len;
}

/* A block after which no byte is held back: gives what stands before a signature in it. */
static void zip_gap_block(struct zip_gap *gap, struct sp_slice block, uint64_t at,
                          struct sp_slice *out)
{
    size_t len = zip_find_local(block, gap->skip_first ? 1 : 0);
    gap->skip_first = false;
    *out = (struct sp_slice){block.ptr, len};
    if (block.len - len >= sizeof zip_local_sign) {
        gap->found = true;
        (void)sp_tape_seek(gap->tape, at + len);
    } else {
        gap->held = block.len - len;
        gap->held_at = at + len;
    }
}

/* The block after held bytes: when they turn out to be ordinary, they are given. */
static void zip_gap_held(struct zip_gap *gap, struct sp_slice block, uint64_t at,
                         struct sp_slice *out)
{
    size_t want = sizeof zip_local_sign - gap->held;
    size_t len = block.len < want ? block.len : want;
    if (len > 0 && memcmp(block.ptr, zip_local_sign + gap->held, len) == 0) {
        gap->held += len;
        gap->found = gap->held == sizeof zip_local_sign;
        (void)sp_tape_seek(gap->tape, gap->found ? gap->held_at : at + len);
        return;
    }
    (void)sp_tape_seek(gap->tape, at);
    *out = (struct sp_slice){zip_local_sign, gap->held};
    gap->held = 0;
}

static enum sp_err zip_gap_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct zip_gap *gap = self;
    *out = (struct sp_slice){NULL, 0};
    while (!gap->found && out->len == 0) {
        uint64_t at = gap->tape->pos;
        struct sp_slice block;
        enum sp_err err = sp_tape_next(gap->tape, &block, why);
        if (err != SP_OK) {
            sp_stream_set_reason(gap->own, sp_stream_reason(gap->tape->stream));
            return err;
        }
        if (gap->held > 0)
            zip_gap_held(gap, block, at, out);
        else if (block.len == 0)
            break;
        else
            zip_gap_block(gap, block, at, out);
    }
    gap->given += out->len;
    return SP_OK;
}

static const struct sp_source_ops zip_gap_ops = {zip_gap_next, NULL};

static enum sp_err zip_read_gap(struct sp_extract *x, struct zip_gap *gap, struct sp_why *why)
{
    struct sp_stream *outer = x->stream;
    enum sp_err err = sp_stream_open(&zip_gap_ops, gap, &gap->own, why);
    if (err != SP_OK)
        return err;
    x->stream = gap->own;
    err = sp_extract_raw_beside(x, gap->beside, why);
    x->stream = outer;
    sp_stream_close(gap->own);
    return err;
}

struct zip_local {
    uint64_t count;        /* in and out: members told */
    uint64_t lost;         /* out: bytes between records that are no zip */
    bool ended;            /* out: the directory was met */
    bool failed;           /* out: the stream below failed */
    bool limit;            /* out: a limit was hit and reported */
    char tail;             /* in: see struct sp_members; of the first record */
    enum sp_beside beside; /* in: what lies between records is */
};

/* Where the record at `start` ends, if it says so itself; else 0. */
static uint64_t zip_record_end(const struct sp_tape *tape, uint64_t start)
{
    uint8_t local[30];
    if (!sp_tape_look(tape, start, sizeof local, local) || (local[6] & 0x08) != 0)
        return 0;
    uint32_t packed = (uint32_t)local[18] | (uint32_t)local[19] << 8 | (uint32_t)local[20] << 16 |
                      (uint32_t)local[21] << 24;
    uint32_t names =
        (uint32_t)local[26] + local[28] + ((uint32_t)local[27] << 8) + ((uint32_t)local[29] << 8);
    return packed == UINT32_MAX ? 0 : start + sizeof local + names + packed;
}

/* Reads local records of a tape to its end, whatever stands between them by the raw pass. */
static enum sp_err zip_read_local(struct sp_extract *x, struct sp_tape *tape,
                                  struct zip_local *local, struct sp_why *why)
{
    bool skip_first = false;
    bool was_told = false; /* a record that was read is read raw, for want of its end */
    for (;;) {
        struct zip_gap gap = {.tape = tape,
                              .skip_first = skip_first,
                              .beside = was_told ? SP_BESIDE_NOT : local->beside};
        struct sp_members members = {.kind = SP_MEMBERS_ZIP_STREAM,
                                     .tape = tape,
                                     .count = local->count,
                                     .tail = local->tail};
        local->tail = '\0';
        enum sp_err err = zip_read_gap(x, &gap, why);
        if (!local->ended)
            local->lost += gap.given;
        local->failed = tape->failed != SP_OK;
        if (err != SP_OK || local->failed || !gap.found)
            return err;
        uint64_t start = tape->pos;
        err = sp_members_read(x, &members, why);
        if (err != SP_OK)
            return err;
        bool is_told = members.seen > 0;
        if (members.break_pos <= start && is_told) { /* at the end libarchive tells its beginning */
            uint64_t end = zip_record_end(tape, start);
            members.break_pos = end <= members.end_pos ? end : 0;
        }
        skip_first = members.break_pos <= start; /* no way on: not a whole record */
        was_told = skip_first && is_told;
        local->count = members.count;
        local->ended |= members.end == SP_MEMBERS_END;
        local->failed = members.end == SP_MEMBERS_FAILED;
        local->limit = members.end == SP_MEMBERS_LIMIT;
        if (local->failed || local->limit)
            return SP_OK;
        (void)sp_tape_seek(tape, skip_first ? start : members.break_pos);
    }
}

static enum sp_err zip_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                              struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

/* The whole stream by its local records. `reported`: what is wrong with it was told already. */
static enum sp_err zip_by_local(struct sp_extract *x, struct sp_stream *stream, bool reported,
                                struct sp_why *why)
{
    struct sp_tape tape;
    struct zip_local local = {0};
    enum sp_err err = sp_tape_open(&tape, stream, why);
    if (err != SP_OK)
        return err;
    err = zip_read_local(x, &tape, &local, why);
    sp_tape_close(&tape);
    if (err != SP_OK || local.limit || local.failed || reported)
        return err;
    if (!local.ended && local.count > 0)
        err = zip_unread(x, SP_REASON_TRUNCATED, "ends before its directory", why);
    else if (local.lost > ZIP_LOST_MAX)
        err = zip_unread(x, SP_REASON_CORRUPT, "bytes between the members", why);
    return err;
}

/* ---- by the directory ---------------------------------------------------------------------- */
/* A range of the file as a stream. */
struct zip_range_source {
    int fd; /* borrowed */
    uint64_t pos;
    uint64_t end;
    uint8_t *block;
    uint64_t patch_at; /* byte that is given as '_': the slash behind the name of a file */
};

static enum sp_err zip_range_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct zip_range_source *source = self;
    uint64_t left = source->end - source->pos;
    size_t want = left < SP_BLOCK_BYTES ? (size_t)left : SP_BLOCK_BYTES;
    ssize_t got = want == 0 ? 0 : pread(source->fd, source->block, want, (off_t)source->pos);
    if (got < 0)
        return sp_fail(why, SP_ERR_IO, "cannot read at byte %llu: %s",
                       (unsigned long long)source->pos, strerrordesc_np(errno));
    if (source->patch_at >= source->pos && source->patch_at - source->pos < (uint64_t)got)
        source->block[source->patch_at - source->pos] = '_';
    source->pos += (uint64_t)got;
    *out = (struct sp_slice){source->block, (size_t)got};
    return SP_OK;
}

static const struct sp_source_ops zip_range_ops = {zip_range_next, NULL};

/* Reads one gap: records that the directory does not list become members like the others, the
 * rest is read raw. */
static enum sp_err zip_read_range(struct sp_extract *x, struct zip_range_source *source,
                                  struct zip_local *local, struct sp_why *why)
{
    struct sp_tape tape = {0};
    struct sp_stream *range = NULL;
    struct sp_stream *outer = x->stream;
    enum sp_err err = sp_stream_open(&zip_range_ops, source, &range, why);
    if (err == SP_OK)
        err = sp_tape_open(&tape, range, why);
    if (err == SP_OK) {
        x->stream = range;
        err = zip_read_local(x, &tape, local, why);
        x->stream = outer;
    }
    sp_tape_close(&tape);
    sp_stream_close(range);
    return err;
}

/* Whose a gap is. A program may stand before the first member, which unpacks the archive, and its
 * signature behind the last; that of an Android app before the directory. */
static enum sp_beside zip_gap_kind(int fd, const struct sp_zip_range *gap, bool behind_program)
{
    uint8_t sign[16] = {0};
    if (gap->begin == 0)
        return SP_BESIDE_NOT;
    bool is_signed =
        gap->end - gap->begin > sizeof sign &&
        pread(fd, sign, sizeof sign, (off_t)(gap->end - sizeof sign)) == (ssize_t)sizeof sign &&
        memcmp(sign, "APK Sig Block 42", sizeof sign) == 0;
    bool is_small = gap->end - gap->begin <= ZIP_LOST_MAX;
    return is_signed || is_small || gap->described || behind_program ? SP_BESIDE_NOTE
                                                                     : SP_BESIDE_NOBODY;
}

/* Members that are called no files but have data, and what no member takes up. */
static enum sp_err zip_read_gaps(struct sp_extract *x, const struct sp_zipdir *dir, uint64_t count,
                                 struct sp_why *why)
{
    struct zip_local local = {.count = count};
    struct zip_range_source source = {
        .fd = sp_stream_fd(x->stream), .block = sp_alloc(SP_BLOCK_BYTES), .patch_at = UINT64_MAX};
    enum sp_err err =
        source.block == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory to read a zip file") : SP_OK;
    for (size_t i = 0; i < dir->entries && err == SP_OK && !local.limit; i++) {
        source.pos = dir->list[i].range.begin;
        source.end = dir->list[i].range.end;
        source.patch_at = dir->list[i].tail_at == 0 ? UINT64_MAX : dir->list[i].tail_at;
        local.tail = dir->list[i].tail;
        local.beside = SP_BESIDE_NOT;
        if (dir->list[i].content)
            err = zip_read_range(x, &source, &local, why);
        source.patch_at = UINT64_MAX;
        local.tail = '\0';
        local.beside = SP_BESIDE_NOTE;
        const struct sp_zip_range beside[] = {dir->list[i].names, dir->list[i].comment};
        for (size_t k = 0; k < 2 && err == SP_OK && !local.limit; k++) {
            source.pos = beside[k].begin;
            source.end = beside[k].end;
            if (source.end > source.pos)
                err = zip_read_range(x, &source, &local, why);
        }
    }
    for (size_t i = 0; i < dir->gap_count && err == SP_OK && !local.limit; i++) {
        source.pos = dir->gaps[i].begin;
        source.end = dir->gaps[i].end;
        local.beside = zip_gap_kind(source.fd, &dir->gaps[i], dir->gaps[0].begin == 0);
        err = zip_read_range(x, &source, &local, why);
    }
    sp_free(source.block);
    return err;
}

/* Reads the listed members. A damaged one ends libarchive's reader: it is opened again and
 * passes over those that were told. */
static enum sp_err zip_read_listed(struct sp_extract *x, struct sp_members *members,
                                   struct sp_why *why)
{
    for (unsigned restarts = 0; restarts <= ZIP_RESTART_MAX; restarts++) {
        enum sp_err err = sp_members_read(x, members, why);
        if (err != SP_OK || members->end != SP_MEMBERS_BROKEN)
            return err;
        members->pass_over = members->seen;
    }
    return SP_OK;
}

static enum sp_err zip_by_directory(struct sp_extract *x, const struct sp_zipdir *dir,
                                    struct sp_why *why)
{
    struct sp_members members = {.kind = SP_MEMBERS_ZIP_SEEK,
                                 .fd = sp_stream_fd(x->stream),
                                 .listed = dir->list,
                                 .listed_count = dir->entries};
    enum sp_err err = zip_read_listed(x, &members, why);
    if (err != SP_OK || members.end == SP_MEMBERS_LIMIT)
        return err;
    if (members.end == SP_MEMBERS_FAILED)
        return zip_unread(x, SP_REASON_IO_ERROR, "cannot read the file", why);
    if (members.end != SP_MEMBERS_END || members.seen < dir->entries) {
        char detail[120];
        (void)snprintf(detail, sizeof detail, "%llu of %llu members were read",
                       (unsigned long long)members.seen, (unsigned long long)dir->entries);
        err = zip_unread(x, SP_REASON_CORRUPT, detail, why);
        if (err == SP_OK)
            err = sp_extract_raw_rest(x, why);
    }
    if (err == SP_OK && dir->repeated > 0) { /* one place under many names: a bomb, or worse */
        char detail[120];
        (void)snprintf(detail, sizeof detail, "%llu more names for the same members",
                       (unsigned long long)dir->repeated);
        err = zip_unread(x, SP_REASON_CORRUPT, detail, why);
    }
    return err != SP_OK ? err : zip_read_gaps(x, dir, members.count, why);
}

enum sp_err sp_zip_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_zipdir dir = {0};
    struct sp_why directory = {""};
    struct sp_slice head;
    if (sp_stream_fd(x->stream) < 0)
        return zip_by_local(x, x->stream, false, why);
    enum sp_err err = sp_stream_peek(x->stream, 4, &head, why);
    if (err != SP_OK)
        return err;
    uint64_t size = sp_stream_size(x->stream);
    err = sp_zipdir_read(sp_stream_fd(x->stream), size, x->limits->entries_max, &dir, &directory);
    if (err == SP_ERR_NOMEM)
        return sp_fail(why, err, "%s", directory.text);
    bool damaged = err != SP_OK;
    if (dir.multivolume ||
        (damaged && (zip_is_spanned(head) || sp_name_has_suffix(x->info->name, ".001\0"))))
        err = zip_unread(x, SP_REASON_MULTIVOLUME, "one part of several", why);
    else if (damaged)
        err = zip_unread(x, SP_REASON_CORRUPT, directory.text, why);
    else
        err = zip_by_directory(x, &dir, why);
    if (err == SP_OK && (damaged || dir.multivolume))
        err = zip_by_local(x, x->stream, true, why);
    x->done->bytes_read = size;
    sp_zipdir_clear(&dir);
    return err;
}
