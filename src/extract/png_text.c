#include "extract/png_text.h"

#include "base/buf.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/spool.h"

#include <unistd.h>

enum {
    PNG_MARK_LEN = 8,
    PNG_CHUNK_HEAD = 8, /* length and type */
    PNG_CHUNK_CRC = 4,
    PNG_HEAD_MAX = 4096, /* keyword, language and translated keyword */
    PNG_TEXTS_MAX = 256  /* of one picture */
};

struct png {
    struct sp_extract *x;
    int fd;
    uint64_t size;
    uint64_t ordinal; /* of the next part */
    unsigned texts;
};

static enum sp_err png_told(const struct png *png, enum sp_reason reason, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "compressed text in a PNG");
    return sp_extract_unread(png->x, &unread, why);
}

/* Behind keyword and what else stands before the text: where its zlib stream begins in the chunk;
 * 0: there is none. */
static size_t png_text_at(const uint8_t *head, size_t len, bool international)
{
    const uint8_t *end = memchr(head, 0, len);
    size_t at = end == NULL ? len : (size_t)(end - head) + 1;
    if (!international)
        return at + 1 < len && head[at] == 0 ? at + 1 : 0;
    if (at + 2 > len || head[at] != 1) /* it is not compressed */
        return 0;
    at += 2;
    for (unsigned names = 0; names < 2; names++) { /* language, translated keyword */
        end = at < len ? memchr(head + at, 0, len - at) : NULL;
        at = end == NULL ? len : (size_t)(end - head) + 1;
    }
    return at < len ? at : 0;
}

static enum sp_err png_copy(const struct png *png, uint64_t at, uint64_t end,
                            struct sp_spool *spool)
{
    uint8_t block[16384];
    while (at < end && !spool->limit) {
        size_t want = end - at < sizeof block ? (size_t)(end - at) : sizeof block;
        ssize_t got = pread(png->fd, block, want, (off_t)at);
        if (got <= 0)
            return SP_ERR_IO;
        (void)sp_spool_put(spool, (struct sp_slice){block, (size_t)got},
                           png->x->limits->spool_max_bytes);
        at += (uint64_t)got;
    }
    return spool->limit ? SP_ERR_LIMIT : SP_OK;
}

static enum sp_err png_text(struct png *png, uint64_t begin, uint64_t end, const char *kind,
                            struct sp_why *why)
{
    uint8_t head[PNG_HEAD_MAX];
    struct sp_spool spool;
    size_t want = end - begin < sizeof head ? (size_t)(end - begin) : sizeof head;
    ssize_t got = pread(png->fd, head, want, (off_t)begin);
    size_t at = got > 0 ? png_text_at(head, (size_t)got, kind[0] == 'i') : 0;
    if (at == 0)
        return SP_OK;
    uint64_t ordinal = png->ordinal++;
    if (sp_plan_is_done(png->x->plan, ordinal))
        return SP_OK;
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .part = sp_slice_of(kind),
                                        .size_claimed = end - begin - at,
                                        .mtime_s = INT64_MIN};
    if (++png->texts > PNG_TEXTS_MAX)
        return png->texts == PNG_TEXTS_MAX + 1 ? png_told(png, SP_REASON_LIMIT_ENTRIES, why)
                                               : SP_OK;
    enum sp_err err = sp_spool_begin(&spool, why);
    if (err != SP_OK)
        return err;
    enum sp_err copied = png_copy(png, begin + at, end, &spool);
    err = sp_spool_seal(&spool, why);
    if (err == SP_OK && copied != SP_OK)
        err =
            png_told(png, copied == SP_ERR_LIMIT ? SP_REASON_LIMIT_SPOOL : SP_REASON_IO_ERROR, why);
    if (err == SP_OK && copied == SP_OK)
        return sp_sink_child(png->x->sink, &info, spool.fd, why); /* takes the descriptor over */
    sp_spool_clear(&spool);
    return err;
}

enum sp_err sp_png_texts(struct sp_extract *x, struct sp_stream *stream, uint64_t ordinal,
                         struct sp_why *why)
{
    struct png png = {
        .x = x, .fd = sp_stream_fd(stream), .size = sp_stream_size(stream), .ordinal = ordinal};
    uint8_t head[PNG_CHUNK_HEAD];
    enum sp_err err = SP_OK;
    if (png.fd < 0 || pread(png.fd, head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head, "\x89PNG\r\n\x1A\n", PNG_MARK_LEN) != 0)
        return SP_OK;
    for (uint64_t at = PNG_MARK_LEN; err == SP_OK && png.size - at >= PNG_CHUNK_HEAD;) {
        if (pread(png.fd, head, sizeof head, (off_t)at) != (ssize_t)sizeof head)
            break;
        uint64_t len =
            (uint64_t)head[0] << 24 | (uint64_t)head[1] << 16 | (uint64_t)head[2] << 8 | head[3];
        uint64_t data = at + PNG_CHUNK_HEAD;
        uint64_t end = len < png.size - data ? data + len : png.size; /* cut: what there is */
        if (memcmp(head + 4, "zTXt", 4) == 0)
            err = png_text(&png, data, end, "zTXt", why);
        else if (memcmp(head + 4, "iTXt", 4) == 0)
            err = png_text(&png, data, end, "iTXt", why);
        if (png.size - end < PNG_CHUNK_CRC || memcmp(head + 4, "IEND", 4) == 0)
            break;
        at = end + PNG_CHUNK_CRC;
    }
    return err;
}
