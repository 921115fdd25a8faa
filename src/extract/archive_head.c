/* What the header of a member says: its kind, names, times, and what must be read besides data. */
#include "base/limits.h"
#include "base/mem.h"
#include "extract/archive_in.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/tarhead.h"

enum {
    ARCHIVE_TAR_BLOCK = 512,
    ARCHIVE_NAME_DIGITS_MAX = 5, /* of the name of an account: fewer than any number of a person */
};

#define ARCHIVE_UNREAD_NAME "user.speur.unread"

/* The name as stored. Where libarchive could not convert one to the locale, its UTF-8 form. */
static struct sp_slice member_name(struct archive_entry *entry)
{
    const char *raw = archive_entry_pathname(entry);
    if (raw == NULL)
        raw = archive_entry_pathname_utf8(entry);
    return sp_slice_of(raw);
}

enum sp_node sp_archive_node(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) != NULL || archive_entry_hardlink_utf8(entry) != NULL)
        return SP_NODE_HARDLINK;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case 0: /* not told: a zip without Unix attributes */
        return SP_NODE_REGULAR;
    case AE_IFDIR:
        return SP_NODE_DIRECTORY;
    case AE_IFLNK:
        return SP_NODE_SYMLINK;
    default:
        return SP_NODE_SPECIAL;
    }
}

struct sp_object_info sp_archive_info(struct archive_entry *entry)
{
    struct sp_object_info info = {
        .step = SP_STEP_MEMBER,
        .node = sp_archive_node(entry),
        .name = member_name(entry),
        .size_claimed = SP_SIZE_UNKNOWN,
        .mtime_s = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : INT64_MIN,
        .owner = sp_slice_of(archive_entry_uname(entry)),
        .group = sp_slice_of(archive_entry_gname(entry)),
    };
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0)
        info.size_claimed = (uint64_t)archive_entry_size(entry);
    if (info.node == SP_NODE_HARDLINK)
        info.link = sp_slice_of(archive_entry_hardlink(entry));
    if (info.node == SP_NODE_SYMLINK)
        info.link = sp_slice_of(archive_entry_symlink(entry));
    return info;
}

/* What is called a directory or a link but has data that libarchive does not give: it gives that
 * of a tar's odd types only. */
bool sp_archive_hides_data(struct archive_entry *entry, enum sp_members_kind kind,
                           struct sp_object_info *info)
{
    bool sized = archive_entry_size_is_set(entry) && info->size_claimed > 0;
    bool link = info->node == SP_NODE_SYMLINK;
    if (info->node == SP_NODE_REGULAR || info->node == SP_NODE_HARDLINK)
        return false;
    switch (kind) {
    case SP_MEMBERS_ZIP_STREAM:
        return archive_entry_size_is_set(entry) ? sized : !link;
    case SP_MEMBERS_ZIP_SEEK:
        return sized;
    case SP_MEMBERS_ISO: /* the size of a directory is that of its list */
        return false;
    default:
        if (sized && (kind == SP_MEMBERS_TAR || !link))
            info->node = SP_NODE_REGULAR; /* a directory with a list of its files (GNU, type D) */
        return false;
    }
}

/* A name of a user or group that may hold more than the name of an account. */
static bool archive_name_tells(struct sp_slice name)
{
    size_t digits = 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.ptr[i];
        bool plain = (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
        if (byte >= '0' && byte <= '9')
            digits++;
        else if (!plain)
            return true;
    }
    return digits > ARCHIVE_NAME_DIGITS_MAX;
}

static enum sp_err archive_take_name(struct sp_buf *keep, const struct sp_buf *stored,
                                     struct sp_slice *name, struct sp_why *why)
{
    if (stored->len == 0 || sp_slice_equal(sp_buf_slice(stored), *name))
        return SP_OK;
    sp_buf_reset(keep);
    enum sp_err err = sp_buf_append(keep, stored->data, stored->len, why);
    if (err == SP_OK)
        *name = sp_buf_slice(keep);
    return err;
}

/* Names of extended headers are UTF-8, and libarchive composes their letters: a restore tool would
 * not find what is stored decomposed. */
static enum sp_err archive_tar_names(struct archive_input *input, struct sp_slice blocks,
                                     struct sp_object_info *info, struct sp_why *why)
{
    enum sp_tarblock kind = SP_TARBLOCK_MORE;
    struct sp_tarhead head;
    enum sp_err err = SP_OK;
    sp_tarhead_init(&head);
    while (err == SP_OK && kind != SP_TARBLOCK_MAIN && blocks.len >= SP_TAR_BLOCK) {
        uint64_t size;
        err = sp_tarhead_block(&head, blocks.ptr, &kind, &size, why);
        blocks.ptr += SP_TAR_BLOCK;
        blocks.len -= SP_TAR_BLOCK;
        uint64_t padded = (size + SP_TAR_BLOCK - 1) / SP_TAR_BLOCK * SP_TAR_BLOCK;
        if (err != SP_OK || kind == SP_TARBLOCK_MAIN || padded > blocks.len || size > padded)
            break;
        if (kind == SP_TARBLOCK_MORE)
            err =
                sp_tarhead_extend(&head, (struct sp_slice){blocks.ptr, (size_t)padded}, size, why);
        blocks.ptr += padded;
        blocks.len -= (size_t)padded;
    }
    if (err == SP_OK && kind == SP_TARBLOCK_MAIN)
        err = archive_take_name(&input->name, &head.name, &info->name, why);
    if (err == SP_OK && kind == SP_TARBLOCK_MAIN && info->link.len > 0)
        err = archive_take_name(&input->link, &head.link, &info->link, why);
    sp_tarhead_clear(&head);
    return err;
}

enum sp_err sp_archive_tar_headers(struct sp_extract *x, struct archive *a,
                                   struct archive_input *input, struct sp_object_info *info,
                                   struct sp_why *why)
{
    struct sp_tape *tape = input->members->tape;
    uint64_t begin = input->members->break_pos;
    uint64_t end = input->base + (uint64_t)archive_filter_bytes(a, 0);
    uint64_t stands = tape->pos;
    struct sp_buf *headers = &input->headers;
    struct sp_unread unread;
    struct sp_slice block;
    sp_buf_reset(headers);
    if (end <= begin + ARCHIVE_TAR_BLOCK || end > stands)
        return SP_OK;
    size_t len = (size_t)(end - begin);
    enum sp_err err = SP_OK;
    bool kept = len <= SP_TAPE_KEEP_BYTES && sp_tape_seek(tape, begin) == begin;
    while (kept && headers->len < len && err == SP_OK) {
        err = sp_tape_next(tape, &block, why);
        size_t part = block.len < len - headers->len ? block.len : len - headers->len;
        if (err != SP_OK || part == 0)
            break;
        err = sp_buf_append(headers, block.ptr, part, why);
    }
    (void)sp_tape_seek(tape, stands);
    if (err == SP_OK && kept)
        err = archive_tar_names(input, sp_buf_slice(headers), info, why);
    if (err != SP_OK || kept)
        return err;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "long headers of a member");
    return sp_extract_unread(x, &unread, why);
}

bool sp_archive_told_unread(struct archive_entry *entry, struct sp_unread *unread)
{
    const char *name;
    const void *value;
    size_t len;
    if (archive_entry_xattr_reset(entry) == 0)
        return false;
    while (archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
        char text[sizeof unread->detail];
        enum sp_reason reason;
        if (name == NULL || strcmp(name, ARCHIVE_UNREAD_NAME) != 0)
            continue;
        (void)snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text),
                       (const char *)value);
        char *colon = strchr(text, ':');
        if (colon != NULL)
            *colon = '\0';
        if (!sp_reason_from_name(text, &reason) || sp_reason_class(reason) != SP_REASON_CLASS_GAP)
            reason = SP_REASON_UNSUPPORTED;
        sp_unread_init(unread, reason);
        /* its own words are not kept: anybody may have written them, about anybody */
        (void)snprintf(unread->detail, sizeof unread->detail,
                       "by what stands in the archive it does not hold all of it");
        return true;
    }
    return false;
}

/* What a restore brings back besides data: extended attributes, unusual owners. */
enum sp_err sp_archive_notes(struct sp_aside *aside, struct archive_entry *entry,
                             struct sp_why *why)
{
    const char *name;
    const void *value;
    size_t len;
    enum sp_err err = SP_OK;
    if (archive_name_tells(aside->info.owner))
        err = sp_aside_note(aside, aside->info.owner, why);
    if (err == SP_OK && archive_name_tells(aside->info.group))
        err = sp_aside_note(aside, aside->info.group, why);
    if (archive_entry_xattr_reset(entry) == 0)
        return err;
    while (err == SP_OK && archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
        struct sp_slice bytes = {value, len};
        if (name != NULL && strcmp(name, ARCHIVE_UNREAD_NAME) == 0) /* a gap, so it is held */
            err = sp_aside_label(aside, bytes, why);
        else
            err = sp_aside_attribute(aside, sp_slice_of(name), bytes, why);
    }
    return err;
}
