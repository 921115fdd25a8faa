/* rpm: a lead of 96 bytes, a header of signatures, the header with the package's texts (changelog,
 * packager), then a packed cpio. The headers are read raw, the payload as the same object. Layout:
 * "RPM Package File Structure" of the LSB. */
#include "base/limits.h"
#include "extract/formats.h"
#include "extract/run.h"

enum {
    RPM_LEAD_LEN = 96,
    RPM_INTRO_LEN = 16, /* magic 4, reserved 4, number of entries 4, bytes of data 4 */
    RPM_ENTRY_LEN = 16,
    RPM_HEADER_MAX = 256 * 1024 * 1024, /* as rpm itself has it */
};

/* The next `left` bytes of a stream. */
struct rpm_part {
    struct sp_stream *inner; /* borrowed */
    struct sp_stream *own;
    uint64_t left;
};

static enum sp_err rpm_part_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct rpm_part *part = self;
    *out = (struct sp_slice){NULL, 0};
    if (part->left == 0)
        return SP_OK;
    enum sp_err err = sp_stream_next(part->inner, out, why);
    if (err != SP_OK) {
        sp_stream_set_reason(part->own, sp_stream_reason(part->inner));
        return err;
    }
    if (out->len > part->left) {
        sp_stream_unget(part->inner, out->len - (size_t)part->left);
        out->len = (size_t)part->left;
    }
    part->left -= out->len;
    return SP_OK;
}

static const struct sp_source_ops rpm_part_ops = {rpm_part_next, NULL};

/* Copies up to `len` bytes; *have less at the end of the stream. */
static enum sp_err rpm_take(struct sp_stream *stream, uint8_t *room, size_t len, size_t *have,
                            struct sp_why *why)
{
    struct rpm_part part = {.inner = stream, .left = len};
    enum sp_err err = sp_stream_open(&rpm_part_ops, &part, &part.own, why);
    *have = 0;
    while (err == SP_OK && *have < len) {
        struct sp_slice block;
        err = sp_stream_next(part.own, &block, why);
        if (err != SP_OK || block.len == 0)
            break;
        memcpy(room + *have, block.ptr, block.len);
        *have += block.len;
    }
    sp_stream_close(part.own);
    return err;
}

static enum sp_err rpm_cut(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_TRUNCATED);
    unread.bytes_read = sp_stream_offset(x->stream);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "ends before its payload");
    return sp_extract_unread(x, &unread, why);
}

static uint64_t rpm_number(const uint8_t *ptr)
{
    return (uint64_t)ptr[0] << 24 | (uint64_t)ptr[1] << 16 | (uint64_t)ptr[2] << 8 | ptr[3];
}

/* Reads one header raw; *cut when the file ends in it. `pads`: to a multiple of eight bytes. */
static enum sp_err rpm_header(struct sp_extract *x, bool pads, bool *cut, struct sp_why *why)
{
    uint8_t intro[RPM_INTRO_LEN];
    size_t have;
    struct sp_stream *outer = x->stream;
    enum sp_err err = rpm_take(outer, intro, sizeof intro, &have, why);
    *cut = have < sizeof intro;
    if (err != SP_OK || *cut)
        return err;
    uint64_t len = rpm_number(intro + 8) * RPM_ENTRY_LEN + rpm_number(intro + 12);
    if (memcmp(intro, "\x8E\xAD\xE8\x01", 4) != 0 || len > RPM_HEADER_MAX)
        return sp_fail(why, SP_ERR_FORMAT, "no header of a package");
    if (pads)
        len = (len + 7) / 8 * 8;
    struct rpm_part part = {.inner = outer, .left = len};
    err = sp_stream_open(&rpm_part_ops, &part, &part.own, why);
    if (err == SP_OK) {
        x->stream = part.own;
        err = sp_extract_raw_rest(x, why);
        x->stream = outer;
    }
    sp_stream_close(part.own);
    *cut = part.left > 0;
    return err;
}

int sp_rpm_bid(const struct sp_glance *at)
{
    return at->head.len >= 6 && memcmp(at->head.ptr, "\xED\xAB\xEE\xDB", 4) == 0 &&
                   (at->head.ptr[4] == 3 || at->head.ptr[4] == 4)
               ? 95
               : 0;
}

enum sp_err sp_rpm_extract(struct sp_extract *x, struct sp_why *why)
{
    uint8_t lead[RPM_LEAD_LEN];
    size_t have;
    bool cut = false;
    enum sp_err err = rpm_take(x->stream, lead, sizeof lead, &have, why);
    cut = have < sizeof lead;
    if (err == SP_OK && !cut)
        err = rpm_header(x, true, &cut, why);
    if (err == SP_OK && !cut)
        err = rpm_header(x, false, &cut, why);
    if (err != SP_OK)
        return err;
    struct sp_slice head;
    struct rpm_part payload = {.inner = x->stream, .left = UINT64_MAX};
    err = sp_stream_open(&rpm_part_ops, &payload, &payload.own, why);
    if (err != SP_OK)
        return err;
    err = cut ? SP_OK : sp_stream_peek(payload.own, 1, &head, why);
    cut = cut || (err == SP_OK && head.len == 0);
    if (err == SP_OK)
        err = cut ? rpm_cut(x, why) : sp_extract_layer(x, payload.own, why);
    sp_stream_close(payload.own);
    return err;
}
