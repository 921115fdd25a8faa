#include "core/sink.h"

void sp_unread_init(struct sp_unread *unread, enum sp_reason reason)
{
    *unread = (struct sp_unread){
        .reason = reason, .bytes_read = SP_SIZE_UNKNOWN, .bytes_expected = SP_SIZE_UNKNOWN};
}

enum sp_err sp_sink_object_begin(struct sp_sink *sink, const struct sp_object_info *info,
                                 struct sp_why *why)
{
    return sink->ops->object_begin(sink, info, why);
}

enum sp_err sp_sink_object_end(struct sp_sink *sink, const struct sp_object_done *done,
                               struct sp_why *why)
{
    return sink->ops->object_end(sink, done, why);
}

enum sp_err sp_sink_record_begin(struct sp_sink *sink, const struct sp_record *record,
                                 struct sp_why *why)
{
    return sink->ops->record_begin(sink, record, why);
}

enum sp_err sp_sink_record_end(struct sp_sink *sink, struct sp_why *why)
{
    return sink->ops->record_end(sink, why);
}

enum sp_err sp_sink_field(struct sp_sink *sink, const struct sp_field *field, struct sp_why *why)
{
    return sink->ops->field(sink, field, why);
}

enum sp_err sp_sink_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                         struct sp_why *why)
{
    return utf8.len == 0 ? SP_OK : sink->ops->text(sink, utf8, map, why);
}

enum sp_err sp_sink_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                          struct sp_why *why)
{
    return sink->ops->child(sink, info, fd, why);
}

enum sp_err sp_sink_unread(struct sp_sink *sink, const struct sp_unread *unread, struct sp_why *why)
{
    return sink->ops->unread(sink, unread, why);
}

enum sp_err sp_sink_unread_reason(struct sp_sink *sink, enum sp_reason reason, const char *detail,
                                  uint64_t bytes_read, uint64_t bytes_expected, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.bytes_read = bytes_read;
    unread.bytes_expected = bytes_expected;
    unread.partial = bytes_read != 0 && bytes_read != SP_SIZE_UNKNOWN;
    if (detail != NULL)
        (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_sink_unread(sink, &unread, why);
}
