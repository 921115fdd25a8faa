/* Extended attributes of a file of the tree: what people and programs wrote beside it
 * (user.comment, streams of Windows on a Samba share). rsync -X and tar --xattrs bring them back.
 */
#include "base/mem.h"
#include "scan/lane.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

enum {
    ATTRIBUTES_BYTES_MAX = 65536, /* of all names, and of a value: the kernel's own limits */
    ATTRIBUTES_FEW_BYTES = 512,   /* labels and access lists of the system, as most files have */
    ATTRIBUTES_FIRST = 1 << 29    /* ordinals of these parts lie above those of members */
};

static const char attributes_user[] = "user."; /* the others are the system's */

static enum sp_err attribute_unread(struct sp_lane *lane, int error, struct sp_why *why)
{
    return sp_lane_unread_reason(lane, SP_REASON_IO_ERROR, strerrordesc_np(error), false, why);
}

/* One, as a part of the file: its value is read by the raw pass. */
static enum sp_err attribute_read(struct sp_lane *lane, int fd, const char *name, uint64_t ordinal,
                                  uint8_t *room, struct sp_why *why)
{
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .name = sp_slice_of(name),
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    struct sp_object_done done = {
        .format = "attribute", .shape = SP_SHAPE_DOCUMENT, .state = SP_STATE_COMPLETE};
    struct sp_stream *stream = NULL;
    ssize_t len = fgetxattr(fd, name, room, ATTRIBUTES_BYTES_MAX);
    int error = len < 0 ? errno : 0;
    if (error == ENODATA || sp_lane_is_done(lane, ordinal))
        return SP_OK; /* gone since, or read by a scan that was killed */
    enum sp_err err =
        sp_lane_open(lane, &info, sp_inventory_new_id(lane->shared->options->inventory), why);
    if (err == SP_OK && error != 0)
        err = attribute_unread(lane, error, why);
    if (err == SP_OK && error == 0)
        err = sp_stream_open_memory((struct sp_slice){room, (size_t)len}, &stream, why);
    if (err == SP_OK && error == 0)
        err = sp_lane_read_aside(lane, stream, &done, why);
    sp_stream_close(stream);
    return err == SP_OK ? sp_lane_close(lane, &done, why) : err;
}

static enum sp_err attributes_read(struct sp_lane *lane, int fd, const char *names, size_t len,
                                   struct sp_why *why)
{
    uint8_t *room = sp_alloc(ATTRIBUTES_BYTES_MAX);
    uint64_t ordinal = ATTRIBUTES_FIRST;
    enum sp_err err =
        room == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for extended attributes") : SP_OK;
    for (const char *name = names; err == SP_OK && name < names + len; name += strlen(name) + 1) {
        if (strncmp(name, attributes_user, sizeof attributes_user - 1) == 0)
            err = attribute_read(lane, fd, name, ++ordinal, room, why);
    }
    sp_free(room);
    return err;
}

enum sp_err sp_lane_attributes(struct sp_lane *lane, int fd, struct sp_why *why)
{
    char few[ATTRIBUTES_FEW_BYTES];
    ssize_t len = flistxattr(fd, few, sizeof few);
    if (len > 0)
        return attributes_read(lane, fd, few, (size_t)len, why);
    if (len == 0 || errno != ERANGE)
        return SP_OK; /* none, or a file system without them */
    char *many = sp_alloc(ATTRIBUTES_BYTES_MAX);
    if (many == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for extended attributes");
    len = flistxattr(fd, many, ATTRIBUTES_BYTES_MAX);
    enum sp_err err = len > 0 ? attributes_read(lane, fd, many, (size_t)len, why)
                              : attribute_unread(lane, errno, why);
    sp_free(many);
    return err;
}
