/* A sink for who pushes what nobody wants. */
#include "core/sink.h"

#include <unistd.h>

static enum sp_err mute_object_begin(struct sp_sink *sink, const struct sp_object_info *info,
                                     struct sp_why *why)
{
    (void)sink, (void)info, (void)why;
    return SP_OK;
}
static enum sp_err mute_object_end(struct sp_sink *sink, const struct sp_object_done *done,
                                   struct sp_why *why)
{
    (void)sink, (void)done, (void)why;
    return SP_OK;
}
static enum sp_err mute_record_begin(struct sp_sink *sink, const struct sp_record *record,
                                     struct sp_why *why)
{
    (void)sink, (void)record, (void)why;
    return SP_OK;
}
static enum sp_err mute_record_end(struct sp_sink *sink, struct sp_why *why)
{
    (void)sink, (void)why;
    return SP_OK;
}
static enum sp_err mute_field(struct sp_sink *sink, const struct sp_field *field,
                              struct sp_why *why)
{
    (void)sink, (void)field, (void)why;
    return SP_OK;
}
static enum sp_err mute_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    (void)sink, (void)utf8, (void)map, (void)why;
    return SP_OK;
}
static enum sp_err mute_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                              struct sp_why *why)
{
    (void)sink, (void)info, (void)why;
    (void)close(fd);
    return SP_OK;
}
static enum sp_err mute_unread(struct sp_sink *sink, const struct sp_unread *unread,
                               struct sp_why *why)
{
    (void)sink, (void)unread, (void)why;
    return SP_OK;
}

const struct sp_sink_ops sp_sink_mute_ops = {
    .object_begin = mute_object_begin,
    .object_end = mute_object_end,
    .record_begin = mute_record_begin,
    .record_end = mute_record_end,
    .field = mute_field,
    .text = mute_text,
    .child = mute_child,
    .unread = mute_unread,
};
