/* bzip2, xz, lzma, lzip, zstd, lz4 and compress: one libarchive filter over format_raw as a stream.
 * Only the filter that the first bytes ask for is enabled: others would swallow what is no archive
 * (uu), or start programs (lrzip, lzop). */
#include "base/limits.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/skippable.h"
#include "extract/tape.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

struct filter_source {
    struct sp_extract *x;
    struct archive *a;
    struct sp_tape tape;
    struct sp_stream *own;
    enum sp_err failed;            /* of the last read of the tape */
    struct sp_skippable skippable; /* of zstd and lz4; of others it finds no frame */
    uint64_t in_bytes;
    uint64_t out_bytes;
    bool header_read;
};

/* ---- bids ---------------------------------------------------------------------------------- */
static bool filter_starts(struct sp_slice head, const char *sign, size_t len)
{
    return head.len >= len && memcmp(head.ptr, sign, len) == 0;
}

int sp_bzip2_bid(const struct sp_glance *at)
{
    /* block size 1..9, then the mark of a block (pi) or of the end (its square root) */
    if (!filter_starts(at->head, "BZh", 3) || at->head.len < 10 || at->head.ptr[3] < '1' ||
        at->head.ptr[3] > '9')
        return 0;
    struct sp_slice mark = {at->head.ptr + 4, at->head.len - 4};
    return filter_starts(mark, "\x31\x41\x59\x26\x53\x59", 6) ||
                   filter_starts(mark, "\x17\x72\x45\x38\x50\x90", 6)
               ? 95
               : 0;
}

int sp_xz_bid(const struct sp_glance *at)
{
    return filter_starts(at->head,
                         "\xFD"
                         "7zXZ\0",
                         6)
               ? 95
               : 0;
}

/* A skippable frame is one of zstd or of lz4: it tells its length, and what follows decides. */
static bool filter_after_skippable(struct sp_slice head, const char *sign)
{
    while (head.len >= 8 && (head.ptr[0] & 0xF0) == 0x50 &&
           memcmp(head.ptr + 1, "\x2A\x4D\x18", 3) == 0) {
        size_t len = (size_t)head.ptr[4] | (size_t)head.ptr[5] << 8 | (size_t)head.ptr[6] << 16 |
                     (size_t)head.ptr[7] << 24;
        if (len > head.len - 8)
            return false;
        head.ptr += 8 + len;
        head.len -= 8 + len;
    }
    return filter_starts(head, sign, 4);
}

int sp_zstd_bid(const struct sp_glance *at)
{
    return filter_after_skippable(at->head, "\x28\xB5\x2F\xFD") ? 95 : 0;
}

int sp_lz4_bid(const struct sp_glance *at)
{
    return filter_after_skippable(at->head, "\x04\x22\x4D\x18") ||
                   filter_starts(at->head, "\x02\x21\x4C\x18", 4)
               ? 95
               : 0;
}

/* lzma alone: properties 1 (below 9*5*5), dictionary 4 (a power of two, or one and a half), length
 * 8 (all ones: not told); the coded data begins with a zero. */
int sp_lzma_bid(const struct sp_glance *at)
{
    if (at->head.len < 18 || at->head.ptr[0] >= 225 || at->head.ptr[13] != 0)
        return 0;
    uint32_t dict = (uint32_t)at->head.ptr[1] | (uint32_t)at->head.ptr[2] << 8 |
                    (uint32_t)at->head.ptr[3] << 16 | (uint32_t)at->head.ptr[4] << 24;
    uint32_t low = dict & (0u - dict);
    bool sized = at->head.ptr[10] == 0 && at->head.ptr[11] == 0 && at->head.ptr[12] == 0;
    bool unsized = memcmp(at->head.ptr + 5, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8) == 0;
    bool power = dict >= 4096 && (dict == low || dict == low + (low << 1) || dict == UINT32_MAX);
    return power && (sized || unsized) ? 90 : 0;
}

int sp_lzip_bid(const struct sp_glance *at)
{
    return filter_starts(at->head, "LZIP", 4) && at->head.len > 6 && at->head.ptr[4] <= 1 ? 95 : 0;
}

int sp_compress_bid(const struct sp_glance *at)
{
    /* the greatest length of a code, 9 to 16 bits, and no reserved flag */
    return filter_starts(at->head, "\x1F\x9D", 2) && at->head.len > 3 &&
                   (at->head.ptr[2] & 0x60) == 0 && (at->head.ptr[2] & 0x1F) >= 9 &&
                   (at->head.ptr[2] & 0x1F) <= 16
               ? 90
               : 0;
}

/* ---- the stream ---------------------------------------------------------------------------- */
static la_ssize_t filter_read(struct archive *a, void *client, const void **out)
{
    struct filter_source *source = client;
    struct sp_slice block;
    struct sp_why ignored; /* kept by the stream below */
    source->failed = sp_tape_next(&source->tape, &block, &ignored);
    if (source->failed != SP_OK) {
        archive_set_error(a, EIO, "input failed");
        return -1;
    }
    source->in_bytes += block.len;
    if (sp_skippable_add(&source->skippable, block, &ignored) != SP_OK) {
        source->failed = SP_ERR_NOMEM;
        archive_set_error(a, ENOMEM, "input failed");
        return -1;
    }
    *out = block.ptr;
    return (la_ssize_t)block.len;
}

static enum sp_err filter_fail(struct filter_source *source, struct sp_why *why)
{
    enum sp_reason reason = source->tape.ended ? SP_REASON_TRUNCATED : SP_REASON_CORRUPT;
    if (source->failed == SP_ERR_NOMEM || archive_errno(source->a) == ENOMEM)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to decompress");
    if (source->failed != SP_OK)
        reason = sp_stream_reason(source->tape.stream);
    sp_stream_set_reason(source->own, reason);
    if (source->failed == SP_ERR_IO)
        return sp_fail(why, SP_ERR_IO, "cannot read the compressed data");
    return sp_fail(why, SP_ERR_FORMAT, "%s",
                   source->failed != SP_OK ? "the compressed data broke off"
                   : source->tape.ended    ? "ends within the compressed data"
                                           : "damaged data or a wrong checksum");
}

static enum sp_err filter_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct filter_source *source = self;
    const void *data = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    int r = ARCHIVE_OK;
    *out = (struct sp_slice){NULL, 0};
    if (!source->header_read) {
        struct archive_entry *entry;
        r = archive_read_next_header(source->a, &entry);
        source->header_read = true;
    }
    if (r == ARCHIVE_OK)
        r = archive_read_data_block(source->a, &data, &len, &offset);
    if (r == ARCHIVE_EOF)
        return SP_OK;
    if (r != ARCHIVE_OK)
        return filter_fail(source, why);
    source->out_bytes += len;
    if (sp_extract_ratio_hit(source->x, len, source->in_bytes, source->out_bytes)) {
        sp_stream_set_reason(source->own, SP_REASON_LIMIT_RATIO);
        return sp_fail(why, SP_ERR_FORMAT, "expands beyond the ratio limit");
    }
    *out = (struct sp_slice){data, len};
    return SP_OK;
}

static const struct sp_source_ops filter_ops = {filter_next, NULL};

/* After the end of the compressed data: puts back what libarchive did not use. */
static void filter_put_back(struct filter_source *source)
{
    int lowest = archive_filter_count(source->a) - 1;
    (void)sp_tape_seek(&source->tape, (uint64_t)archive_filter_bytes(source->a, lowest));
}

/* Reads what stands behind the compressed data, through the tape. */
static enum sp_err filter_tape_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct filter_source *source = self;
    return sp_tape_next(&source->tape, out, why);
}

static const struct sp_source_ops filter_rest_ops = {filter_tape_next, NULL};

static enum sp_err filter_rest(struct sp_extract *x, struct filter_source *source,
                               struct sp_why *why)
{
    struct sp_stream *rest = NULL;
    struct sp_stream *outer = x->stream;
    enum sp_err err = sp_stream_open(&filter_rest_ops, source, &rest, why);
    if (err != SP_OK)
        return err;
    filter_put_back(source);
    x->stream = rest;
    err = sp_extract_left_over(x, source->own, why);
    x->stream = outer;
    sp_stream_close(rest);
    return err;
}

/* What stands in frames that are passed over: the data of somebody's own. */
static enum sp_err filter_notes(struct sp_extract *x, struct filter_source *source,
                                struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = sp_extract_note(x, sp_buf_slice(&source->skippable.data), why);
    if (err != SP_OK || !source->skippable.more)
        return err;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "frames of its own data beyond %d MiB",
                   SP_SKIPPABLE_MAX >> 20);
    return sp_extract_unread(x, &unread, why);
}

/* libarchive looks at more of a header than a bid does: without its filter it would give the packed
 * bytes as they are. */
static enum sp_err filter_refused(struct sp_extract *x, struct filter_source *source,
                                  struct sp_why *why)
{
    struct sp_stream *rest = NULL;
    struct sp_stream *outer = x->stream;
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "an unusual header");
    (void)sp_tape_seek(&source->tape, 0);
    enum sp_err err = sp_stream_open(&filter_rest_ops, source, &rest, why);
    if (err == SP_OK)
        err = sp_extract_unread(x, &unread, why);
    if (err == SP_OK) {
        x->stream = rest;
        err = sp_extract_raw_rest(x, why);
        x->stream = outer;
    }
    sp_stream_close(rest);
    return err;
}

static enum sp_err filter_extract(struct sp_extract *x, int (*enable)(struct archive *),
                                  struct sp_why *why)
{
    struct filter_source source = {.x = x, .a = archive_read_new()};
    if (source.a == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to decompress");
    sp_skippable_init(&source.skippable);
    enum sp_err err = sp_tape_open(&source.tape, x->stream, why);
    if (err != SP_OK)
        goto done;
    /* An empty file is no raw format to libarchive: format_empty takes it. */
    if (enable(source.a) != ARCHIVE_OK || archive_read_support_format_raw(source.a) != ARCHIVE_OK ||
        archive_read_support_format_empty(source.a) != ARCHIVE_OK) {
        err = sp_fail(why, SP_ERR_NOMEM, "libarchive cannot read this filter");
        goto done;
    }
    err = sp_stream_open(&filter_ops, &source, &source.own, why);
    if (err != SP_OK)
        goto done;
    if (archive_read_open(source.a, &source, NULL, filter_read, NULL) != ARCHIVE_OK)
        source.header_read = true; /* the first next() tells: no data can be read */
    else if (archive_filter_code(source.a, 0) == ARCHIVE_FILTER_NONE) {
        err = filter_refused(x, &source, why);
        goto done;
    }
    err = sp_extract_layer(x, source.own, why);
    if (err == SP_OK)
        err = filter_notes(x, &source, why);
    if (err == SP_OK)
        err = filter_rest(x, &source, why);
done:
    sp_stream_close(source.own);
    (void)archive_read_free(source.a);
    sp_tape_close(&source.tape);
    sp_skippable_clear(&source.skippable);
    return err;
}

enum sp_err sp_bzip2_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_bzip2, why);
}

enum sp_err sp_xz_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_xz, why);
}

enum sp_err sp_zstd_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_zstd, why);
}

enum sp_err sp_lz4_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_lz4, why);
}

enum sp_err sp_lzma_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_lzma, why);
}

enum sp_err sp_lzip_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_lzip, why);
}

enum sp_err sp_compress_extract(struct sp_extract *x, struct sp_why *why)
{
    return filter_extract(x, archive_read_support_filter_compress, why);
}
