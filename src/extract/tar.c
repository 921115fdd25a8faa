/* tar: header test and recovery. The members are read by libarchive (members.h), one archive at
 * a time; where it breaks off, the bytes up to the next header that holds are read raw and
 * libarchive starts again there, so that one damaged header does not hide the rest.
 *
 * A header is 512 bytes (POSIX.1-1988 ustar, pax interchange format): the checksum, six octal
 * digits at 148, is the sum of all bytes with the checksum field itself taken as blanks. */
#include "base/limits.h"
#include "extract/formats.h"
#include "extract/members.h"
#include "extract/run.h"
#include "extract/tape.h"

enum {
    TAR_BLOCK = 512,
    TAR_SUM_OFF = 148,
    TAR_SUM_LEN = 8,
    TAR_MAGIC_OFF = 257, /* "ustar" in all but the oldest */
};

/* Reads the checksum field: blanks, octal digits, then NUL or blank. */
static bool tar_sum_field(const uint8_t *header, uint32_t *sum)
{
    const uint8_t *field = header + TAR_SUM_OFF;
    size_t i = 0;
    *sum = 0;
    while (i < TAR_SUM_LEN && field[i] == ' ')
        i++;
    size_t first = i;
    for (; i < TAR_SUM_LEN && field[i] >= '0' && field[i] <= '7'; i++)
        *sum = *sum * 8 + (uint32_t)(field[i] - '0');
    return i > first && (i == TAR_SUM_LEN || field[i] == '\0' || field[i] == ' ');
}

/* True when the first 512 bytes are a tar header. A block of zeros is not: what begins with one
 * may be a disk image, and an archive without members holds nothing. */
bool sp_tar_is_header(struct sp_slice block)
{
    uint32_t claimed;
    uint32_t plain = 0; /* sum of unsigned bytes, as the standard says */
    int32_t odd = 0;    /* of signed bytes, as some old writers did */
    if (block.len < TAR_BLOCK || !tar_sum_field(block.ptr, &claimed))
        return false;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        bool in_field = i >= TAR_SUM_OFF && i < TAR_SUM_OFF + TAR_SUM_LEN;
        uint8_t byte = in_field ? ' ' : block.ptr[i];
        plain += byte;
        odd += (int8_t)byte;
    }
    if (claimed != plain && (odd < 0 || claimed != (uint32_t)odd))
        return false;
    return block.ptr[0] != '\0' || memcmp(block.ptr + TAR_MAGIC_OFF, "ustar", 5) == 0;
}

int sp_tar_bid(const struct sp_glance *at)
{
    return sp_tar_is_header(at->head) ? 95 : 0;
}

/* ---- a gap: bytes up to the next header that holds ----------------------------------------- */
struct tar_gap {
    struct sp_tape *tape;
    uint64_t start; /* tape position of the archive, to which blocks are aligned */
    struct sp_stream *own;
    uint8_t block[TAR_BLOCK];
    size_t have; /* bytes in block */
    uint64_t given;
    bool found; /* a header stands at the tape's position */
};

/* Gives one block of 512 bytes, unless it is a header. The first one never is: it is where
 * libarchive gave up. */
static enum sp_err tar_gap_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct tar_gap *gap = self;
    uint64_t at = gap->tape->pos;
    size_t want = TAR_BLOCK - (size_t)((at - gap->start) % TAR_BLOCK);
    gap->have = 0;
    *out = (struct sp_slice){NULL, 0};
    while (gap->have < want && !gap->found) {
        struct sp_slice part;
        enum sp_err err = sp_tape_next(gap->tape, &part, why);
        if (err != SP_OK && gap->have == 0) {
            sp_stream_set_reason(gap->own, sp_stream_reason(gap->tape->stream));
            return err;
        }
        if (err != SP_OK || part.len == 0)
            break; /* what there is of the block first; the failure is kept */
        size_t take = part.len < want - gap->have ? part.len : want - gap->have;
        memcpy(gap->block + gap->have, part.ptr, take);
        gap->have += take;
        (void)sp_tape_seek(gap->tape, at + gap->have);
    }
    if (gap->given > 0 && sp_tar_is_header((struct sp_slice){gap->block, gap->have})) {
        gap->found = true;
        (void)sp_tape_seek(gap->tape, at);
        return SP_OK; /* the end of the gap */
    }
    gap->given += gap->have;
    *out = (struct sp_slice){gap->block, gap->have};
    return SP_OK;
}

static const struct sp_source_ops tar_gap_ops = {tar_gap_next, NULL};

/* Reads a gap raw. */
static enum sp_err tar_read_gap(struct sp_extract *x, struct tar_gap *gap, struct sp_why *why)
{
    struct sp_stream *outer = x->stream;
    enum sp_err err = sp_stream_open(&tar_gap_ops, gap, &gap->own, why);
    if (err != SP_OK)
        return err;
    x->stream = gap->own;
    err = sp_extract_raw_rest(x, why);
    x->stream = outer;
    sp_stream_close(gap->own);
    return err;
}

/* ---- the archive --------------------------------------------------------------------------- */
/* An archive ends with a block of zeros after its last member. Without one, the file was cut
 * exactly between two members. */
static bool tar_has_end(const struct sp_tape *tape, const struct sp_members *members)
{
    uint8_t tail[TAR_BLOCK];
    if (tape->pos < members->break_pos || tape->pos - members->break_pos < TAR_BLOCK ||
        sp_tape_tail(tape, TAR_BLOCK, tail) < TAR_BLOCK)
        return false;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        if (tail[i] != 0)
            return false;
    }
    return true;
}

struct tar_damage {
    uint64_t places; /* gaps between headers that hold */
    uint64_t bytes;  /* in them */
    bool cut;        /* no end mark */
};

static enum sp_err tar_report(struct sp_extract *x, const struct tar_damage *damage,
                              struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    if (damage->places > 0) {
        sp_unread_init(&unread, SP_REASON_CORRUPT);
        unread.partial = true;
        unread.fallback = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "%llu bytes in %llu places are no tar",
                       (unsigned long long)damage->bytes, (unsigned long long)damage->places);
        err = sp_extract_unread(x, &unread, why);
    }
    if (err == SP_OK && damage->cut) {
        sp_unread_init(&unread, SP_REASON_TRUNCATED);
        unread.bytes_read = sp_stream_offset(x->stream);
        unread.partial = true;
        (void)snprintf(unread.detail, sizeof unread.detail, "the archive ends before its end mark");
        err = sp_extract_unread(x, &unread, why);
    }
    return err;
}

enum sp_err sp_tar_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_tape tape;
    struct tar_damage damage = {0};
    struct sp_members members = {.kind = SP_MEMBERS_TAR, .tape = &tape};
    uint64_t start = 0; /* of the archive that is being read, on the tape */
    enum sp_err err = sp_tape_open(&tape, x->stream, why);
    if (err != SP_OK)
        return err;
    for (;;) {
        err = sp_members_read(x, &members, why);
        if (err != SP_OK || members.end != SP_MEMBERS_DAMAGED)
            break;
        struct tar_gap gap = {.tape = &tape, .start = start};
        (void)sp_tape_seek(&tape, members.break_pos);
        err = tar_read_gap(x, &gap, why);
        if (err == SP_OK && gap.given < TAR_BLOCK && !gap.found) {
            damage.cut = true; /* the file ends within a header */
            break;
        }
        damage.places++;
        damage.bytes += gap.given;
        if (err != SP_OK || !gap.found)
            break;
        start = tape.pos;
    }
    if (err == SP_OK) {
        if (members.end == SP_MEMBERS_BROKEN || /* data only breaks off at the file's end */
            (members.end == SP_MEMBERS_END && !tar_has_end(&tape, &members)))
            damage.cut = true;
        err = tar_report(x, &damage, why);
    }
    sp_tape_close(&tape);
    return err;
}
