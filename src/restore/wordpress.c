/* Source: wp-includes/class-wp-user-request.php and wp-admin/includes/privacy-tools.php of
 * WordPress 4.9.6 and later: post_type user_request, post_name the action, post_title the e-mail
 * address, post_status request-pending, -confirmed, -failed or -completed. */
#include "restore/wordpress.h"

#include "base/buf.h"
#include "base/limits.h"
#include "extract/extract.h"
#include "restore/packing.h"

enum { WORDPRESS_FIELD_MAX = 4096 };

enum wordpress_column {
    WORDPRESS_ID,
    WORDPRESS_TYPE,
    WORDPRESS_NAME,
    WORDPRESS_TITLE,
    WORDPRESS_STATUS,
    WORDPRESS_DATE,
    WORDPRESS_MODIFIED,
    WORDPRESS_COLUMNS,
    WORDPRESS_OTHER = WORDPRESS_COLUMNS
};
static const char *const wordpress_names[WORDPRESS_COLUMNS] = {
    "ID", "post_type", "post_name", "post_title", "post_status", "post_date", "post_modified"};

struct wordpress {
    struct sp_sink sink; /* first */
    sp_wordpress_out out;
    void *ctx;
    bool damaged;
    bool is_posts;                /* of the table at hand */
    uint64_t row;                 /* of the record at hand */
    enum wordpress_column column; /* whose text comes */
    struct sp_buf fields[WORDPRESS_COLUMNS];
    uint64_t *rows;
};

static enum sp_err wordpress_begin(struct sp_sink *sink, const struct sp_record *record,
                                   struct sp_why *why)
{
    static const char posts[] = "posts";
    struct wordpress *self = (struct wordpress *)sink;
    struct sp_slice table = record->table;
    (void)why;
    self->is_posts =
        table.len >= sizeof posts - 1 &&
        memcmp(table.ptr + table.len - (sizeof posts - 1), posts, sizeof posts - 1) == 0;
    self->row = record->row != 0 ? record->row : record->ordinal;
    self->column = WORDPRESS_OTHER;
    for (unsigned i = 0; i < WORDPRESS_COLUMNS; i++)
        sp_buf_reset(&self->fields[i]);
    return SP_OK;
}

static enum sp_err wordpress_field(struct sp_sink *sink, const struct sp_field *field,
                                   struct sp_why *why)
{
    struct wordpress *self = (struct wordpress *)sink;
    (void)why;
    self->column = WORDPRESS_OTHER;
    for (unsigned i = 0; self->is_posts && i < WORDPRESS_COLUMNS; i++)
        if (sp_slice_is(field->key, wordpress_names[i]))
            self->column = (enum wordpress_column)i;
    return SP_OK;
}

static enum sp_err wordpress_text(struct sp_sink *sink, struct sp_slice utf8,
                                  struct sp_origin_map map, struct sp_why *why)
{
    struct wordpress *self = (struct wordpress *)sink;
    (void)map;
    if (self->column == WORDPRESS_OTHER)
        return SP_OK;
    struct sp_buf *field = &self->fields[self->column];
    return field->len + utf8.len > WORDPRESS_FIELD_MAX
               ? SP_OK /* no such field of a request is so long */
               : sp_buf_append(field, utf8.ptr, utf8.len, why);
}

static bool wordpress_is(const struct wordpress *self, enum wordpress_column column,
                         const char *text)
{
    return sp_slice_is(sp_buf_slice(&self->fields[column]), text);
}

static enum sp_err wordpress_end(struct sp_sink *sink, struct sp_why *why)
{
    struct wordpress *self = (struct wordpress *)sink;
    if (!self->is_posts || !wordpress_is(self, WORDPRESS_TYPE, "user_request"))
        return SP_OK;
    ++*self->rows;
    if (!wordpress_is(self, WORDPRESS_NAME, "remove_personal_data") &&
        !wordpress_is(self, WORDPRESS_NAME, "erase_personal_data")) /* before 4.9.6 */
        return SP_OK;
    bool completed = wordpress_is(self, WORDPRESS_STATUS, "request-completed");
    struct sp_wordpress_request request = {
        .id = sp_buf_slice(&self->fields[WORDPRESS_ID]),
        .email = sp_buf_slice(&self->fields[WORDPRESS_TITLE]),
        .received = sp_buf_slice(&self->fields[WORDPRESS_DATE]),
        .confirmed = completed || wordpress_is(self, WORDPRESS_STATUS, "request-confirmed"),
        .row = self->row,
    };
    if (completed)
        request.completed = sp_buf_slice(&self->fields[WORDPRESS_MODIFIED]);
    return self->out(self->ctx, &request, why);
}

static enum sp_err wordpress_unread(struct sp_sink *sink, const struct sp_unread *unread,
                                    struct sp_why *why)
{
    struct wordpress *self = (struct wordpress *)sink;
    (void)why;
    if (sp_reason_class(unread->reason) == SP_REASON_CLASS_GAP)
        self->damaged = true;
    return SP_OK;
}

static enum sp_err wordpress_extract(struct wordpress *self, struct sp_stream *stream,
                                     const struct sp_limits *limits, struct sp_why *why)
{
    struct sp_slice head = {NULL, 0};
    struct sp_identity identity;
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    const struct sp_object_info info = {.step = SP_STEP_MEMBER, .ordinal = 1};
    struct sp_account account = {.top = stream};
    struct sp_extract x = {.stream = stream,
                           .info = &info,
                           .sink = &self->sink,
                           .limits = limits,
                           .top_bytes = UINT64_MAX,
                           .done = &done,
                           .account = &account};
    enum sp_err err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK)
        return err;
    sp_identify(head, info.name, sp_stream_size(stream), false, &identity);
    if (strcmp(identity.extractor->name, "sqldump") != 0)
        return sp_fail(why, SP_ERR_FORMAT, "not an SQL dump");
    x.chosen = identity.extractor;
    return identity.extractor->extract(&x, why);
}

/* The dump itself, also when it is compressed; *packed stays open below it. */
static enum sp_err wordpress_open(int fd, struct sp_stream **packed, struct sp_stream **plain,
                                  struct sp_why *why)
{
    struct sp_slice head = {NULL, 0};
    *packed = *plain = NULL;
    enum sp_err err = sp_stream_open_fd(fd, false, plain, why);
    if (err == SP_OK)
        err = sp_stream_peek(*plain, SP_HEAD_BYTES, &head, why);
    enum sp_packing packing = err == SP_OK ? sp_packing_of(head) : SP_PACKING_NONE;
    if (packing == SP_PACKING_NONE)
        return err;
    *packed = *plain;
    *plain = NULL;
    return sp_unpack_open(*packed, packing, plain, why);
}

bool sp_wordpress_is_dump(int fd)
{
    struct sp_slice head = {NULL, 0};
    struct sp_identity identity;
    struct sp_stream *packed;
    struct sp_stream *plain;
    struct sp_why why;
    bool is_dump = false;
    if (wordpress_open(fd, &packed, &plain, &why) == SP_OK &&
        sp_stream_peek(plain, SP_HEAD_BYTES, &head, &why) == SP_OK) {
        sp_identify(head, (struct sp_slice){NULL, 0}, sp_stream_size(plain), false, &identity);
        is_dump = strcmp(identity.extractor->name, "sqldump") == 0;
    }
    sp_stream_close(plain);
    sp_stream_close(packed);
    return is_dump;
}

enum sp_err sp_wordpress_read(int fd, const struct sp_limits *limits, sp_wordpress_out out,
                              void *ctx, uint64_t *rows, struct sp_why *why)
{
    struct sp_sink_ops ops = sp_sink_mute_ops;
    struct wordpress self = {.sink = {&ops}, .out = out, .ctx = ctx, .rows = rows};
    struct sp_stream *packed;
    struct sp_stream *plain;
    ops.record_begin = wordpress_begin;
    ops.record_end = wordpress_end;
    ops.field = wordpress_field;
    ops.text = wordpress_text;
    ops.unread = wordpress_unread;
    *rows = 0;
    for (unsigned i = 0; i < WORDPRESS_COLUMNS; i++)
        sp_buf_init(&self.fields[i], WORDPRESS_FIELD_MAX);
    enum sp_err err = wordpress_open(fd, &packed, &plain, why);
    if (err == SP_OK)
        err = wordpress_extract(&self, plain, limits, why);
    if (err == SP_OK && self.damaged)
        err = sp_fail(why, SP_ERR_FORMAT, "the dump is damaged, or was cut off");
    sp_stream_close(plain);
    sp_stream_close(packed);
    for (unsigned i = 0; i < WORDPRESS_COLUMNS; i++)
        sp_buf_wipe(&self.fields[i]);
    return err;
}
