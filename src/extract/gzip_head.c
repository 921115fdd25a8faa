#include "extract/gzip_head.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extract/formats.h"
#include "extract/run.h"

enum {
    GZIP_HEADER_LEN = 10,
    GZIP_FLAG_EXTRA = 0x04,
    GZIP_FLAG_NAME = 0x08,
    GZIP_FLAG_COMMENT = 0x10,
};

/* The fields of a header (RFC 1952) that lie within the head. */
struct gzip_fields {
    struct sp_slice extra;
    struct sp_slice name;
    struct sp_slice comment;
    bool cut; /* they go on behind the head */
};

/* Takes the next text that ends with a NUL. */
static struct sp_slice gzip_field(struct sp_slice *rest, struct gzip_fields *fields)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->ptr, 0, rest->len);
    struct sp_slice field = {rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr)};
    size_t used = end == NULL ? field.len : field.len + 1;
    fields->cut |= end == NULL;
    rest->ptr += used;
    rest->len -= used;
    return field;
}

static struct gzip_fields gzip_parse(struct sp_slice head)
{
    struct gzip_fields fields = {0};
    if (head.len <= GZIP_HEADER_LEN)
        return fields;
    struct sp_slice rest = {head.ptr + GZIP_HEADER_LEN, head.len - GZIP_HEADER_LEN};
    if ((head.ptr[3] & GZIP_FLAG_EXTRA) != 0 && rest.len >= 2) {
        size_t len = (size_t)rest.ptr[0] | (size_t)rest.ptr[1] << 8;
        fields.cut = len > rest.len - 2;
        fields.extra = (struct sp_slice){rest.ptr + 2, fields.cut ? rest.len - 2 : len};
        rest.ptr += 2 + fields.extra.len;
        rest.len -= 2 + fields.extra.len;
    }
    if ((head.ptr[3] & GZIP_FLAG_NAME) != 0)
        fields.name = gzip_field(&rest, &fields);
    if ((head.ptr[3] & GZIP_FLAG_COMMENT) != 0)
        fields.comment = gzip_field(&rest, &fields);
    return fields;
}

enum sp_err sp_gzip_unread(struct sp_extract *x, const char *detail, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

/* The file name in the header is text like any other name. Pushed as a record of its own unless
 * the object is called so itself. */
static enum sp_err gzip_push_name(struct sp_extract *x, struct sp_slice name, struct sp_why *why)
{
    struct sp_buf text;
    enum sp_err err = SP_OK;
    if (name.len == 0)
        return SP_OK;
    if (x->info->name.len > 0 &&
        memmem(x->info->name.ptr, x->info->name.len, name.ptr, name.len) != NULL)
        return SP_OK;
    if (name.len > SP_NAME_MAX_BYTES)
        return sp_extract_note(x, name, why);
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

/* Name, comment and extra field of the first member. */
enum sp_err sp_gzip_push_fields(struct sp_extract *x, struct sp_why *why)
{
    struct sp_slice head;
    enum sp_err err = sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK)
        return err;
    struct gzip_fields fields = gzip_parse(head);
    err = gzip_push_name(x, fields.name, why);
    if (err == SP_OK)
        err = sp_extract_note(x, fields.comment, why);
    if (err == SP_OK)
        err = sp_extract_note(x, fields.extra, why);
    if (err == SP_OK && fields.cut)
        err = sp_gzip_unread(x, "a long header", why);
    return err;
}
