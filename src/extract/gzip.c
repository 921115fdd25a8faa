/* gzip (RFC 1952) by zlib itself: what came out before a break is kept to the last byte, which
 * libarchive does not do. Members that are joined are one stream. Bytes after the last member
 * that are neither zeros nor a member are left in the stream and reported. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/formats.h"
#include "extract/run.h"

#include <limits.h>

#define ZLIB_CONST /* next_in is only read */
#include <zlib.h>

enum {
    GZIP_OUT_BYTES = 256 * 1024,
    GZIP_HEADER_LEN = 10,
    GZIP_FLAG_EXTRA = 0x04,
    GZIP_FLAG_NAME = 0x08,
    GZIP_FLAG_RESERVED = 0xE0,
};

struct gzip_source {
    struct sp_extract *x;
    struct sp_stream *packed; /* borrowed */
    struct sp_stream *own;
    z_stream zlib;
    struct sp_slice in; /* what zlib has not taken of the last block */
    bool in_member;     /* a member was begun and not ended */
    bool out_full;      /* the last inflate filled `out` */
    bool ended;
    bool corrupt; /* told by the next call, after what came out before it */
    uint64_t in_bytes;
    uint64_t out_bytes;
    uint8_t *out;
};

static bool gzip_is_header(const uint8_t *ptr, size_t len)
{
    return len >= 4 && ptr[0] == 0x1F && ptr[1] == 0x8B && ptr[2] == Z_DEFLATED &&
           (ptr[3] & GZIP_FLAG_RESERVED) == 0;
}

int sp_gzip_bid(struct sp_slice head, struct sp_slice name)
{
    (void)name;
    return gzip_is_header(head.ptr, head.len) ? 95 : 0;
}

static void *gzip_alloc(void *opaque, unsigned items, unsigned size)
{
    (void)opaque;
    return sp_alloc_zero((size_t)items * size);
}

static void gzip_free(void *opaque, void *memory)
{
    (void)opaque;
    sp_free(memory);
}

static enum sp_err gzip_fail(struct gzip_source *source, enum sp_reason reason, const char *text,
                             struct sp_why *why)
{
    sp_stream_set_reason(source->own, reason);
    return sp_fail(why, SP_ERR_FORMAT, "gzip: %s", text);
}

/* Fills source->in; empty at the end of the file. */
static enum sp_err gzip_fill(struct gzip_source *source, struct sp_why *why)
{
    if (source->in.len > 0)
        return SP_OK;
    enum sp_err err = sp_stream_next(source->packed, &source->in, why);
    if (err != SP_OK)
        sp_stream_set_reason(source->own, sp_stream_reason(source->packed));
    else
        source->in_bytes += source->in.len;
    return err;
}

/* Between members: zeros are padding of tapes; another member goes on; the rest is left. */
static enum sp_err gzip_between(struct gzip_source *source, struct sp_why *why)
{
    do {
        enum sp_err err = gzip_fill(source, why);
        if (err != SP_OK)
            return err;
        if (source->in.len == 0) {
            source->ended = true;
            return SP_OK;
        }
        while (source->in.len > 0 && source->in.ptr[0] == 0) {
            source->in.ptr++;
            source->in.len--;
        }
    } while (source->in.len == 0);
    if (source->in.ptr[0] == 0x1F && inflateReset(&source->zlib) == Z_OK) {
        source->in_member = true;
        return SP_OK;
    }
    sp_stream_unget(source->packed, source->in.len);
    source->in.len = 0;
    source->ended = true;
    return SP_OK;
}

/* Inflates into source->out; *made bytes of it. */
static enum sp_err gzip_inflate(struct gzip_source *source, size_t *made, struct sp_why *why)
{
    z_stream *zlib = &source->zlib;
    zlib->next_out = source->out;
    zlib->avail_out = GZIP_OUT_BYTES;
    while (zlib->avail_out == GZIP_OUT_BYTES && source->in_member) {
        /* With a full buffer zlib may hold more that it made of earlier bytes: that comes first. */
        enum sp_err err = source->out_full ? SP_OK : gzip_fill(source, why);
        if (err != SP_OK)
            return err;
        if (source->in.len == 0 && !source->out_full)
            return gzip_fail(source, SP_REASON_TRUNCATED, "ends within a member", why);
        size_t len = source->in.len < UINT_MAX ? source->in.len : UINT_MAX;
        zlib->next_in = source->in.ptr;
        zlib->avail_in = (unsigned)len;
        int r = inflate(zlib, Z_NO_FLUSH);
        source->in.ptr += len - zlib->avail_in;
        source->in.len -= len - zlib->avail_in;
        *made = GZIP_OUT_BYTES - zlib->avail_out;
        source->out_full = zlib->avail_out == 0;
        if (r == Z_STREAM_END)
            source->in_member = false;
        else if (r == Z_MEM_ERROR)
            return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
        else if (r != Z_OK && r != Z_BUF_ERROR) {
            source->corrupt = true;
            return SP_OK;
        }
    }
    return SP_OK;
}

static enum sp_err gzip_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct gzip_source *source = self;
    size_t made = 0;
    *out = (struct sp_slice){NULL, 0};
    while (made == 0 && !source->ended) {
        if (source->corrupt)
            return gzip_fail(source, SP_REASON_CORRUPT, "damaged data or a wrong checksum", why);
        enum sp_err err =
            source->in_member ? gzip_inflate(source, &made, why) : gzip_between(source, why);
        if (err != SP_OK)
            return err;
    }
    source->out_bytes += made;
    if (sp_extract_ratio_hit(source->x, made, source->in_bytes, source->out_bytes))
        return gzip_fail(source, SP_REASON_LIMIT_RATIO, "expands beyond the ratio limit", why);
    *out = (struct sp_slice){source->out, made};
    return SP_OK;
}

static const struct sp_source_ops gzip_ops = {gzip_next, NULL};

/* The file name in the header is text like any other name. Pushed as a record of its own unless
 * the object is called so itself. */
static enum sp_err gzip_push_name(struct sp_extract *x, struct sp_why *why)
{
    struct sp_slice head;
    struct sp_buf text;
    enum sp_err err = sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK || head.len <= GZIP_HEADER_LEN ||
        (head.ptr[3] & (GZIP_FLAG_NAME | GZIP_FLAG_EXTRA)) != GZIP_FLAG_NAME)
        return err;
    struct sp_slice name = {head.ptr + GZIP_HEADER_LEN, head.len - GZIP_HEADER_LEN};
    const uint8_t *end = memchr(name.ptr, 0, name.len);
    if (end == NULL || end == name.ptr || end - name.ptr > SP_NAME_MAX_BYTES)
        return SP_OK;
    name.len = (size_t)(end - name.ptr);
    if (memmem(x->info->name.ptr, x->info->name.len, name.ptr, name.len) != NULL)
        return SP_OK;
    sp_buf_init(&text, SP_FRAME_TEXT_MAX);
    struct sp_record record = {
        .kind = SP_RECORD_NAME, .ordinal = ++x->done->record_count, .date_s = INT64_MIN};
    err = sp_escape(&text, name, "", why);
    if (err == SP_OK)
        err = sp_sink_record_begin(x->sink, &record, why);
    if (err == SP_OK)
        err = sp_sink_text(x->sink, sp_buf_slice(&text), (struct sp_origin_map){NULL, 0}, why);
    if (err == SP_OK)
        err = sp_sink_record_end(x->sink, why);
    sp_buf_clear(&text);
    return err;
}

enum sp_err sp_gzip_extract(struct sp_extract *x, struct sp_why *why)
{
    struct gzip_source source = {.x = x, .packed = x->stream, .in_member = true};
    source.zlib = (z_stream){.zalloc = gzip_alloc, .zfree = gzip_free};
    enum sp_err err = gzip_push_name(x, why);
    if (err != SP_OK)
        return err;
    source.out = sp_alloc(GZIP_OUT_BYTES);
    if (source.out == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    if (inflateInit2(&source.zlib, 16 + MAX_WBITS) != Z_OK) { /* 16: gzip header only */
        sp_free(source.out);
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    }
    err = sp_stream_open(&gzip_ops, &source, &source.own, why);
    if (err == SP_OK)
        err = sp_extract_layer(x, source.own, why);
    if (err == SP_OK)
        err = sp_extract_left_over(x, source.own, why);
    sp_stream_close(source.own);
    (void)inflateEnd(&source.zlib);
    sp_free(source.out);
    return err;
}
