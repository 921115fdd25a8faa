/* gzip (RFC 1952) by zlib itself: what came out before a break is kept to the last byte, which
 * libarchive does not do. Members that are joined are one stream. Bytes after the last member
 * that are neither zeros nor a member are left in the stream and reported. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "extract/deflate_look.h"
#include "extract/formats.h"
#include "extract/gzip_body.h"
#include "extract/gzip_head.h"
#include "extract/inflate.h"
#include "extract/run.h"

#include <limits.h>

#define ZLIB_CONST /* next_in is only read */
#include <zlib.h>

enum {
    GZIP_OUT_BYTES = 256 * 1024,
    GZIP_FLAG_RESERVED = 0xE0,
    GZIP_FIELD_BYTES = 4096,           /* of one text of a header from the second member on */
    GZIP_NOTES_MAX = 16 * 1024 * 1024, /* of those of all members */
    ZLIB_AT_BLOCK = 128,               /* of data_type: a header, or a block, was read to its end */
    ZLIB_FLAG_DICT = 0x20,
    ZLIB_LEN_MIN = 8,          /* header, an empty block, checksum */
    ZLIB_TRY_BYTES = 4096,     /* inflated to see whether it is zlib at all */
    INFLATE_BYTES = 16 * 1024, /* of a piece in memory */
};

struct gzip_source {
    struct sp_extract *x;
    struct sp_stream *packed; /* borrowed */
    struct sp_stream *own;
    z_stream zlib;
    struct sp_slice in;        /* what zlib has not taken of the last block */
    gz_header header;          /* of the member that is read, from the second on */
    uint8_t *fields;           /* room for its texts: 3 * GZIP_FIELD_BYTES; NULL in the first */
    struct sp_buf notes;       /* texts of members from the second on */
    bool notes_cut;            /* not all of them */
    struct sp_gzip_body *body; /* or NULL: zlib inflates all */
    bool in_body;              /* the header of the member was read, and `body` goes on */
    bool flushed;              /* the file ends in a body: what its last bits make was given */
    bool single;               /* zlib: nothing follows */
    bool in_member;            /* a member was begun and not ended */
    bool out_full;             /* the last inflate filled `out` */
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

int sp_gzip_bid(const struct sp_glance *at)
{
    return gzip_is_header(at->head.ptr, at->head.len) ? 95 : 0;
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

/* Has zlib keep the texts of the next member's header. */
static enum sp_err gzip_want_header(struct gzip_source *source, struct sp_why *why)
{
    if (source->fields == NULL)
        source->fields = sp_alloc((size_t)3 * GZIP_FIELD_BYTES);
    if (source->fields == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    memset(source->fields, 0, (size_t)3 * GZIP_FIELD_BYTES);
    source->header = (gz_header){.extra = source->fields,
                                 .extra_max = GZIP_FIELD_BYTES,
                                 .name = source->fields + GZIP_FIELD_BYTES,
                                 .name_max = GZIP_FIELD_BYTES,
                                 .comment = source->fields + (size_t)2 * GZIP_FIELD_BYTES,
                                 .comm_max = GZIP_FIELD_BYTES};
    (void)inflateGetHeader(&source->zlib, &source->header);
    return SP_OK;
}

/* Keeps the texts of a header that was read, for a record after the content. */
static enum sp_err gzip_keep_header(struct gzip_source *source, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (source->fields == NULL || source->header.done != 1)
        return SP_OK;
    source->header.done = 0;
    if (source->header.extra != NULL)
        source->notes_cut |= source->header.extra_len > GZIP_FIELD_BYTES;
    for (size_t i = 0; i < 3 && err == SP_OK; i++) {
        const uint8_t *field = source->fields + i * GZIP_FIELD_BYTES;
        size_t len = strnlen((const char *)field, GZIP_FIELD_BYTES);
        if (i == 0)
            len = source->header.extra == NULL                  ? 0
                  : source->header.extra_len < GZIP_FIELD_BYTES ? source->header.extra_len
                                                                : GZIP_FIELD_BYTES;
        if (source->notes.len + len + 1 > GZIP_NOTES_MAX || (i > 0 && len == GZIP_FIELD_BYTES)) {
            source->notes_cut = true;
            continue;
        }
        err = sp_buf_append(&source->notes, field, len, why);
        if (err == SP_OK && len > 0)
            err = sp_buf_append_byte(&source->notes, 0, why); /* ends a run of text */
    }
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
    if (!source->single && source->in.ptr[0] == 0x1F && inflateReset(&source->zlib) == Z_OK) {
        source->in_member = true;
        source->out_full = false;
        return gzip_want_header(source, why);
    }
    sp_stream_unget(source->packed, source->in.len);
    source->in.len = 0;
    source->ended = true;
    return SP_OK;
}

/* One call of zlib: all of a member, or its header when the body is ISA-L's. */
static enum sp_err gzip_zlib(struct gzip_source *source, size_t *made, struct sp_why *why)
{
    z_stream *zlib = &source->zlib;
    size_t len = source->in.len < UINT_MAX ? source->in.len : UINT_MAX;
    zlib->next_in = source->in.ptr;
    zlib->avail_in = (unsigned)len;
    zlib->next_out = source->out;
    zlib->avail_out = GZIP_OUT_BYTES;
    int r = inflate(zlib, source->body == NULL ? Z_NO_FLUSH : Z_BLOCK);
    source->in.ptr += len - zlib->avail_in;
    source->in.len -= len - zlib->avail_in;
    *made = GZIP_OUT_BYTES - zlib->avail_out;
    source->out_full = zlib->avail_out == 0;
    enum sp_err kept = gzip_keep_header(source, why);
    if (kept != SP_OK)
        return kept;
    source->in_member = r != Z_STREAM_END;
    if (r == Z_MEM_ERROR)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    source->corrupt = r != Z_OK && r != Z_BUF_ERROR && r != Z_STREAM_END;
    if (source->body != NULL && r == Z_OK && (zlib->data_type & ZLIB_AT_BLOCK) != 0) {
        sp_gzip_body_start(source->body);
        source->in_body = true;
    }
    return SP_OK;
}

/* One call of ISA-L, which reads the trailer too. */
static enum sp_err gzip_body(struct gzip_source *source, size_t *made)
{
    enum sp_gzip_body_end end =
        sp_gzip_body_inflate(source->body, &source->in, source->out, GZIP_OUT_BYTES, made);
    source->out_full = *made == GZIP_OUT_BYTES;
    source->corrupt = end == SP_GZIP_BODY_DAMAGED;
    source->in_member = source->in_body = end == SP_GZIP_BODY_MORE;
    return SP_OK;
}

/* Inflates into source->out; *made bytes of it. */
static enum sp_err gzip_inflate(struct gzip_source *source, size_t *made, struct sp_why *why)
{
    while (*made == 0 && source->in_member) {
        /* With a full buffer the inflater may hold more that it made of earlier bytes: that comes
         * first. */
        enum sp_err err = source->out_full ? SP_OK : gzip_fill(source, why);
        if (err != SP_OK)
            return err;
        bool over = source->in.len == 0 && !source->out_full;
        if (over && source->in_body && !source->flushed) {
            source->flushed = true;
            sp_gzip_body_flush(source->body, source->out, GZIP_OUT_BYTES, made);
            continue;
        }
        if (over)
            return gzip_fail(source, SP_REASON_TRUNCATED, "ends within a member", why);
        err = source->in_body ? gzip_body(source, made) : gzip_zlib(source, made, why);
        if (err != SP_OK || source->corrupt)
            return err;
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

/* window_bits: see inflateInit2 of zlib. */
static enum sp_err gzip_read(struct sp_extract *x, int window_bits, struct sp_why *why)
{
    struct gzip_source source = {
        .x = x, .packed = x->stream, .in_member = true, .single = window_bits <= MAX_WBITS};
    source.zlib = (z_stream){.zalloc = gzip_alloc, .zfree = gzip_free};
    sp_buf_init(&source.notes, GZIP_NOTES_MAX);
    source.out = sp_alloc(GZIP_OUT_BYTES);
    if (source.out == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    if (inflateInit2(&source.zlib, window_bits) != Z_OK) {
        sp_free(source.out);
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    }
    enum sp_err err = source.single ? SP_OK : sp_gzip_body_open(&source.body, why);
    if (err == SP_OK)
        err = sp_stream_open(&gzip_ops, &source, &source.own, why);
    if (err == SP_OK)
        err = sp_extract_layer(x, source.own, why);
    if (err == SP_OK)
        err = sp_extract_left_over(x, source.own, why);
    if (err == SP_OK)
        err = sp_extract_note(x, sp_buf_slice(&source.notes), why);
    if (err == SP_OK && source.notes_cut)
        err = sp_gzip_unread(x, "long headers of joined members", why);
    sp_buf_clear(&source.notes);
    sp_free(source.fields);
    sp_stream_close(source.own);
    (void)inflateEnd(&source.zlib);
    sp_gzip_body_close(source.body);
    sp_free(source.out);
    return err;
}

enum sp_err sp_gzip_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err err = sp_gzip_push_fields(x, why);
    return err != SP_OK ? err : gzip_read(x, 16 + MAX_WBITS, why); /* 16: gzip header only */
}

/* ---- zlib ---------------------------------------------------------------------------------- */
int sp_zlib_bid(const struct sp_glance *at)
{
    if (at->head.len < ZLIB_LEN_MIN || at->head.ptr[0] != 0x78 ||
        (at->head.ptr[1] & ZLIB_FLAG_DICT) != 0 || (0x78 << 8 | at->head.ptr[1]) % 31 != 0)
        return 0;
    return at->is_text ? 0 : 60; /* "x^2" begins a text as well */
}

/* Two bytes, or none, are not much of a sign: does it inflate? */
static enum sp_err zlib_try(struct sp_slice head, int window_bits, bool *inflates,
                            struct sp_why *why)
{
    uint8_t out[ZLIB_TRY_BYTES];
    z_stream zlib = {.zalloc = gzip_alloc,
                     .zfree = gzip_free,
                     .next_in = head.ptr,
                     .avail_in = (unsigned)head.len,
                     .next_out = out,
                     .avail_out = sizeof out};
    if (inflateInit2(&zlib, window_bits) != Z_OK)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    int r = inflate(&zlib, Z_NO_FLUSH);
    (void)inflateEnd(&zlib);
    if (r == Z_MEM_ERROR)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    *inflates = r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR;
    return SP_OK;
}

static enum sp_err zlib_read(struct sp_extract *x, int window_bits, struct sp_why *why)
{
    struct sp_slice head;
    bool inflates = false;
    enum sp_err err = sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, why);
    if (err == SP_OK)
        err = zlib_try(head, window_bits, &inflates, why);
    if (err != SP_OK)
        return err;
    return inflates ? gzip_read(x, window_bits, why) : sp_bytes_extract(x, why);
}

enum sp_err sp_zlib_extract(struct sp_extract *x, struct sp_why *why)
{
    return zlib_read(x, MAX_WBITS, why);
}

/* ---- deflate without a header (RFC 1951) --------------------------------------------------- */
int sp_deflate_bid(const struct sp_glance *at)
{
    return !at->is_text && sp_deflate_begins(at->head) ? 55 : 0;
}

enum sp_err sp_deflate_extract(struct sp_extract *x, struct sp_why *why)
{
    return zlib_read(x, -MAX_WBITS, why);
}

/* ---- in memory ------------------------------------------------------------------------------- */
struct inflation {
    z_stream zlib;
    struct sp_buf *out;
    struct sp_inflated *told;
};

static bool zlib_is_head(struct sp_slice in)
{
    return in.len >= 2 && (in.ptr[0] & 0x0F) == Z_DEFLATED &&
           (in.ptr[0] * 256 + in.ptr[1]) % 31 == 0 && (in.ptr[1] & ZLIB_FLAG_DICT) == 0;
}

/* What is left behind the last block is compared; when it is not there, it is not wrong. */
static enum sp_inflate_end checksum_check(const struct inflation *inflation)
{
    const uint8_t *at = inflation->zlib.next_in;
    size_t len = inflation->zlib.avail_in;
    uint32_t wanted =
        len < 4 ? 0 : (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    inflation->told->checked = len >= 4 && wanted == inflation->told->adler;
    if (inflation->told->checked)
        return SP_INFLATE_WHOLE;
    while (len > 0 && (at[len - 1] <= ' '))
        len--;
    return len < 4 ? SP_INFLATE_WHOLE : SP_INFLATE_BROKEN;
}

/* One piece of output; *r is what zlib says. */
static enum sp_err inflate_piece(struct inflation *inflation, int *r, struct sp_why *why)
{
    uint8_t piece[INFLATE_BYTES];
    struct sp_inflated *told = inflation->told;
    inflation->zlib.next_out = piece;
    inflation->zlib.avail_out = sizeof piece;
    *r = inflate(&inflation->zlib, Z_NO_FLUSH);
    size_t made = sizeof piece - inflation->zlib.avail_out;
    told->adler = (uint32_t)adler32(told->adler, piece, (uInt)made);
    told->len += made;
    told->full = told->full || made > inflation->out->max - inflation->out->len;
    if (made == 0 && *r == Z_OK)
        *r = Z_BUF_ERROR; /* all of the input is taken */
    return told->full ? SP_OK : sp_buf_append(inflation->out, piece, made, why);
}

enum sp_err sp_inflate(struct sp_slice in, uint64_t max, struct sp_buf *out,
                       struct sp_inflated *told, struct sp_why *why)
{
    *told = (struct sp_inflated){.end = SP_INFLATE_BROKEN, .adler = 1};
    if (!zlib_is_head(in)) {
        told->end = in.len < 2 ? SP_INFLATE_CUT : SP_INFLATE_BROKEN;
        return SP_OK;
    }
    struct inflation inflation = {
        .zlib = {.zalloc = gzip_alloc, .zfree = gzip_free}, .out = out, .told = told};
    enum sp_err err = SP_OK;
    int r = Z_OK;
    inflation.zlib.next_in = in.ptr + 2;
    inflation.zlib.avail_in = (unsigned)(in.len < UINT32_MAX ? in.len - 2 : UINT32_MAX);
    if (inflateInit2(&inflation.zlib, -MAX_WBITS) != Z_OK)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
    while (err == SP_OK && r == Z_OK && told->len <= max)
        err = inflate_piece(&inflation, &r, why);
    if (r == Z_STREAM_END)
        told->end = checksum_check(&inflation);
    else if (r == Z_BUF_ERROR)
        told->end = SP_INFLATE_CUT;
    else if (r == Z_OK)
        told->end = SP_INFLATE_LIMIT;
    told->used = (size_t)(inflation.zlib.next_in - in.ptr);
    (void)inflateEnd(&inflation.zlib);
    return r == Z_MEM_ERROR ? sp_fail(why, SP_ERR_NOMEM, "no memory to inflate") : err;
}

uint32_t sp_adler(struct sp_slice bytes)
{
    return (uint32_t)adler32_z(1, bytes.ptr, bytes.len);
}
