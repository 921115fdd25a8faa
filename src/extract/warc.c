/* WARC (ISO 28500): records of what a crawler fetched. Read by ourselves: libarchive's reader
 * passes over requests, metadata and conversions without a word. The headers of a record and of
 * HTTP are notes of the archive, the body is a member. */
#include "base/limits.h"
#include "base/mem.h"
#include "extract/chunks.h"
#include "extract/formats.h"
#include "extract/run.h"

#include <ctype.h>

enum {
    WARC_HEAD_MAX = 256 * 1024, /* bytes of a record's header; also of the one of HTTP */
};

struct warc {
    struct sp_extract *x;
    struct sp_stream *in; /* borrowed */
    uint8_t *head;        /* WARC_HEAD_MAX: the header of the record */
    size_t head_len;
    uint8_t *http; /* WARC_HEAD_MAX */
    size_t http_len;
    size_t http_given;
    struct sp_stream *own;
    uint64_t left; /* of the record's block, not read from `in` */
    bool chunked;  /* the field of HTTP says that the body came in chunks */
    bool cut;      /* the file ends in the block */
};

int sp_warc_bid(const struct sp_glance *at)
{
    return at->head.len >= 8 && memcmp(at->head.ptr, "WARC/", 5) == 0 && isdigit(at->head.ptr[5]) &&
                   at->head.ptr[6] == '.'
               ? 90
               : 0;
}

/* Copies up to and with an empty line into room, at most `max` bytes of the stream. */
static enum sp_err warc_take_head(struct sp_stream *in, uint64_t max, uint8_t *room, size_t *len,
                                  bool *ended, struct sp_why *why)
{
    *len = 0;
    *ended = false;
    while (!*ended && *len < max && *len < WARC_HEAD_MAX) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(in, &block, why);
        if (err != SP_OK || block.len == 0)
            return err;
        uint64_t want = max - *len < WARC_HEAD_MAX - *len ? max - *len : WARC_HEAD_MAX - *len;
        size_t take = block.len < want ? block.len : (size_t)want;
        size_t from = *len < 3 ? 0 : *len - 3;
        memcpy(room + *len, block.ptr, take);
        const uint8_t *end = memmem(room + from, *len + take - from, "\r\n\r\n", 4);
        const uint8_t *bare = memmem(room + from, *len + take - from, "\n\n", 2);
        size_t until = *len + take;
        if (end != NULL)
            until = (size_t)(end - room) + 4;
        if (bare != NULL && (end == NULL || bare < end))
            until = (size_t)(bare - room) + 2;
        *ended = end != NULL || bare != NULL;
        sp_stream_unget(in, block.len - (until - *len));
        *len = until;
    }
    return SP_OK;
}

/* The value of a field among the lines of a header; empty when there is none. */
static struct sp_slice warc_value(struct sp_slice head, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t at = 0; at < head.len;) {
        const uint8_t *line = head.ptr + at;
        const uint8_t *end = memchr(line, '\n', head.len - at);
        size_t len = end == NULL ? head.len - at : (size_t)(end - line);
        at += len + 1;
        if (len <= name_len || line[name_len] != ':' ||
            strncasecmp((const char *)line, name, name_len) != 0)
            continue;
        struct sp_slice value = {line + name_len + 1, len - name_len - 1};
        while (value.len > 0 && isspace(value.ptr[0])) {
            value.ptr++;
            value.len--;
        }
        while (value.len > 0 && isspace(value.ptr[value.len - 1]))
            value.len--;
        return value;
    }
    return (struct sp_slice){NULL, 0};
}

/* Of the record's own header. */
static struct sp_slice warc_field(const struct warc *warc, const char *name)
{
    return warc_value((struct sp_slice){warc->head, warc->head_len}, name);
}

/* The last of the codings that were put on the body is the first to be taken off. */
static bool warc_is_chunked(struct sp_slice http)
{
    struct sp_slice codings = warc_value(http, "Transfer-Encoding");
    return codings.len >= 7 &&
           strncasecmp((const char *)codings.ptr + codings.len - 7, "chunked", 7) == 0;
}

static bool warc_number(struct sp_slice text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!isdigit(text.ptr[i]) || *out > (UINT64_MAX / 2 - 9) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

/* The body: what was read of it in search of a header's end, then the rest of the block. */
static enum sp_err warc_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct warc *warc = self;
    *out = (struct sp_slice){warc->http + warc->http_given, warc->http_len - warc->http_given};
    warc->http_given = warc->http_len;
    if (out->len > 0 || warc->left == 0)
        return SP_OK;
    enum sp_err err = sp_stream_next(warc->in, out, why);
    if (err != SP_OK) {
        sp_stream_set_reason(warc->own, sp_stream_reason(warc->in));
        return err;
    }
    if (out->len > warc->left) {
        sp_stream_unget(warc->in, out->len - (size_t)warc->left);
        out->len = (size_t)warc->left;
    }
    warc->left -= out->len;
    warc->cut = out->len == 0;
    if (!warc->cut)
        return SP_OK;
    sp_stream_set_reason(warc->own, SP_REASON_TRUNCATED);
    return sp_fail(why, SP_ERR_FORMAT, "the archive ends within this record");
}

static const struct sp_source_ops warc_ops = {warc_next, NULL};

/* Puts the headers of HTTP apart, so that the body is known for what it is. */
static enum sp_err warc_http(struct warc *warc, struct sp_why *why)
{
    bool ended = false;
    struct sp_slice type = warc_field(warc, "Content-Type");
    warc->http_len = warc->http_given = 0;
    warc->chunked = false;
    if (type.len < 16 || strncasecmp((const char *)type.ptr, "application/http", 16) != 0)
        return SP_OK;
    enum sp_err err =
        warc_take_head(warc->in, warc->left, warc->http, &warc->http_len, &ended, why);
    warc->left -= warc->http_len;
    if (err != SP_OK || !ended)
        return err;
    warc->http_given = warc->http_len;
    struct sp_slice http = {warc->http, warc->http_len};
    warc->chunked = warc_is_chunked(http);
    return sp_extract_note(warc->x, http, why);
}

/* The body of a message that came in chunks, and what stands beside them. */
static enum sp_err warc_chunks(struct warc *warc, const struct sp_object_info *info,
                               struct sp_why *why)
{
    struct sp_chunks chunks;
    struct sp_why ignored;
    struct sp_slice rest;
    enum sp_err err = sp_chunks_open(&chunks, warc->own, why);
    if (err == SP_OK)
        err = sp_extract_member(warc->x, info, chunks.own, why);
    while (err == SP_OK && sp_stream_next(chunks.own, &rest, &ignored) == SP_OK && rest.len > 0) {
    } /* of a member that was passed over: what stands beside its chunks was not */
    if (err == SP_OK)
        err = sp_extract_note(warc->x, sp_buf_slice(&chunks.notes), why);
    sp_chunks_close(&chunks);
    return err;
}

/* The body as a member. */
static enum sp_err warc_body(struct warc *warc, struct sp_object_info *info, struct sp_why *why)
{
    struct sp_slice head;
    enum sp_err err = SP_OK;
    if (warc->chunked)
        err = sp_stream_peek(warc->own, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK || !warc->chunked || !sp_chunks_begin(head))
        return sp_extract_member(warc->x, info, warc->own, why); /* which tells of a failure */
    info->size_claimed = SP_SIZE_UNKNOWN;
    return warc_chunks(warc, info, why);
}

/* The block of a record as a member. */
static enum sp_err warc_block(struct warc *warc, uint64_t ordinal, struct sp_why *why)
{
    struct sp_slice name = warc_field(warc, "WARC-Target-URI");
    struct sp_why ignored;
    struct sp_slice rest;
    enum sp_err err = warc_http(warc, why);
    if (err != SP_OK)
        return err;
    struct sp_object_info info = {.step = SP_STEP_MEMBER,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = ordinal,
                                  .name = name.len > 0 ? name : warc_field(warc, "WARC-Record-ID"),
                                  .size_claimed = warc->left + warc->http_len - warc->http_given,
                                  .mtime_s = INT64_MIN};
    err = sp_stream_open(&warc_ops, warc, &warc->own, why);
    if (err == SP_OK)
        err = warc_body(warc, &info, why);
    while (err == SP_OK && sp_stream_next(warc->own, &rest, &ignored) == SP_OK && rest.len > 0) {
    } /* what a limit left unread was told of the member */
    sp_stream_close(warc->own);
    warc->own = NULL;
    return err;
}

/* Line ends before the next record; *more when there is one. */
static enum sp_err warc_between(struct warc *warc, bool *more, struct sp_why *why)
{
    *more = false;
    for (;;) {
        struct sp_slice block;
        enum sp_err err = sp_stream_next(warc->in, &block, why);
        if (err != SP_OK || block.len == 0)
            return err;
        size_t i = 0;
        while (i < block.len && (block.ptr[i] == '\r' || block.ptr[i] == '\n'))
            i++;
        if (i == block.len)
            continue;
        sp_stream_unget(warc->in, block.len - i);
        *more = true;
        return SP_OK;
    }
}

static enum sp_err warc_told(struct sp_extract *x, enum sp_reason reason, const char *detail,
                             struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.bytes_read = sp_stream_offset(x->stream);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

/* One record; *more when another follows. */
static enum sp_err warc_record(struct warc *warc, uint64_t ordinal, bool *more, struct sp_why *why)
{
    bool ended;
    *more = false;
    enum sp_err err =
        warc_take_head(warc->in, UINT64_MAX, warc->head, &warc->head_len, &ended, why);
    if (err == SP_OK)
        err = sp_extract_note(warc->x, (struct sp_slice){warc->head, warc->head_len}, why);
    if (err != SP_OK)
        return err;
    if (!ended && warc->head_len < WARC_HEAD_MAX)
        return warc_told(warc->x, SP_REASON_TRUNCATED, "ends within a record's header", why);
    if (warc->head_len < 5 || memcmp(warc->head, "WARC/", 5) != 0 || !ended ||
        !warc_number(warc_field(warc, "Content-Length"), &warc->left))
        return sp_fail(why, SP_ERR_FORMAT, "no header of a record");
    err = warc_block(warc, ordinal, why);
    if (err == SP_OK && warc->cut)
        return warc_told(warc->x, SP_REASON_TRUNCATED, "ends within a record", why);
    return err != SP_OK ? err : warc_between(warc, more, why);
}

enum sp_err sp_warc_extract(struct sp_extract *x, struct sp_why *why)
{
    struct warc warc = {
        .x = x, .in = x->stream, .head = sp_alloc(WARC_HEAD_MAX), .http = sp_alloc(WARC_HEAD_MAX)};
    enum sp_err err = warc.head == NULL || warc.http == NULL
                          ? sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive")
                          : SP_OK;
    bool more = true;
    for (uint64_t ordinal = 1; err == SP_OK && more; ordinal++) {
        if (ordinal > x->limits->entries_max) {
            err = warc_told(x, SP_REASON_LIMIT_ENTRIES, "more records than the limit", why);
            break;
        }
        err = warc_record(&warc, ordinal, &more, why);
        if (err == SP_OK)
            err = sp_extract_progress(x, why);
    }
    sp_free(warc.head);
    sp_free(warc.http);
    return err;
}
