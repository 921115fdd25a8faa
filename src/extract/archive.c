/* Reads the members of an archive with libarchive: the only user of its reading of formats.
 * What libarchive says is judged here: WARN goes on, FAILED ends a member, RETRY and FATAL end
 * the archive. Its error texts may hold names: they are never passed on. */
#include "base/limits.h"
#include "base/mem.h"
#include "extract/formats.h"
#include "extract/holes.h"
#include "extract/members.h"
#include "extract/run.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ARCHIVE_RETRY_MAX = 100, /* times in a row that libarchive may ask to be called again */
    ARCHIVE_TAR_BLOCK = 512,
    ARCHIVE_NAME_DIGITS_MAX = 5, /* of the name of an account: fewer than any number of a person */
    ARCHIVE_LINK_MAX = 4096,     /* bytes of a link's target: PATH_MAX of Linux */
};

/* What libarchive reads from. */
struct archive_input {
    struct sp_members *members;
    uint64_t base;      /* tape position of the archive's first byte */
    uint64_t in_bytes;  /* given to libarchive */
    uint64_t out_bytes; /* of members, taken from it */
    uint8_t *block;     /* ZIP_SEEK: SP_BLOCK_BYTES */
    uint64_t pos;       /* ZIP_SEEK: of the next read */
    uint64_t size;      /* ZIP_SEEK */
    bool fatal;         /* libarchive gave up on the archive within a member's data */
    enum sp_err failed; /* of the last read */
    struct sp_why failed_why;
};

static la_ssize_t archive_read_tape(struct archive *a, void *client, const void **out)
{
    struct archive_input *input = client;
    struct sp_slice block;
    input->failed = sp_tape_next(input->members->tape, &block, &input->failed_why);
    if (input->failed != SP_OK) {
        archive_set_error(a, EIO, "input failed");
        return -1;
    }
    input->in_bytes += block.len;
    *out = block.ptr;
    return (la_ssize_t)block.len;
}

static la_ssize_t archive_read_fd(struct archive *a, void *client, const void **out)
{
    struct archive_input *input = client;
    ssize_t got = pread(input->members->fd, input->block, SP_BLOCK_BYTES, (off_t)input->pos);
    if (got < 0) {
        input->failed = sp_fail(&input->failed_why, SP_ERR_IO, "cannot read at byte %llu: %s",
                                (unsigned long long)input->pos, strerrordesc_np(errno));
        archive_set_error(a, EIO, "input failed");
        return -1;
    }
    input->pos += (uint64_t)got;
    input->in_bytes += (uint64_t)got;
    *out = input->block;
    return got;
}

static la_int64_t archive_seek_fd(struct archive *a, void *client, la_int64_t offset, int whence)
{
    (void)a;
    struct archive_input *input = client;
    uint64_t from = whence == SEEK_CUR ? input->pos : whence == SEEK_END ? input->size : 0;
    int64_t to;
    if (__builtin_add_overflow((int64_t)from, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    input->pos = (uint64_t)to;
    return to;
}

/* ---- one member as a stream ---------------------------------------------------------------- */
struct archive_member {
    struct sp_extract *x;
    struct archive *a;
    struct archive_entry *entry;
    struct archive_input *input;
    struct sp_holes *holes;
    struct sp_stream *own;
    uint64_t end;            /* logical offset after the last byte given */
    uint64_t claimed;        /* SP_SIZE_UNKNOWN when not told */
    struct sp_slice pending; /* data after a hole */
    uint64_t pending_off;
    uint64_t zeros_left; /* of a hole that is delivered whole */
    bool warned;         /* data came with a warning: damaged */
};

static enum sp_err member_fail(struct archive_member *member, enum sp_reason reason,
                               const char *text, struct sp_why *why)
{
    sp_stream_set_reason(member->own, reason);
    return sp_fail(why, SP_ERR_FORMAT, "%s", text);
}

static bool archive_says(struct archive *a, const char *piece)
{
    const char *text = archive_error_string(a); /* may be NULL */
    return text != NULL && strcasestr(text, piece) != NULL;
}

/* libarchive gave up on this member: why? */
static enum sp_err member_failed(struct archive_member *member, struct sp_why *why)
{
    struct archive_input *input = member->input;
    if (input->failed == SP_ERR_NOMEM || archive_errno(member->a) == ENOMEM)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    if (input->failed == SP_ERR_IO)
        return sp_fail(why, SP_ERR_IO, "%s", input->failed_why.text);
    if (input->failed != SP_OK)
        return member_fail(member, sp_stream_reason(input->members->tape->stream),
                           input->failed_why.text, why);
    if (archive_says(member->a, "encrypt") || archive_says(member->a, "passphrase"))
        return member_fail(member, SP_REASON_ENCRYPTED, "encrypted", why);
    if (archive_says(member->a, "unsupported"))
        return member_fail(member, SP_REASON_UNSUPPORTED, "compression method without a reader",
                           why);
    if (archive_says(member->a, "truncated"))
        return member_fail(member, SP_REASON_TRUNCATED, "the archive ends within this member", why);
    return member_fail(member, SP_REASON_CORRUPT, "damaged data or a wrong checksum", why);
}

static enum sp_err member_at_end(struct archive_member *member, struct sp_why *why)
{
    if (member->warned)
        return member_fail(member, SP_REASON_CORRUPT, "damaged data or a wrong checksum", why);
    if (member->claimed != SP_SIZE_UNKNOWN && member->end < member->claimed &&
        archive_entry_sparse_count(member->entry) == 0)
        return member_fail(member, SP_REASON_TRUNCATED, "fewer bytes than the archive declares",
                           why);
    return SP_OK;
}

/* A hole. Small ones are delivered, so that what is within a sparse member (a zip, a database)
 * stays whole; of the rest only a few zeros. */
static enum sp_err member_hole(struct archive_member *member, uint64_t len, struct sp_slice *out,
                               struct sp_why *why)
{
    struct sp_extract *x = member->x;
    struct sp_account *account = x->account;
    if (len > x->limits->ratio_free_bytes - account->zero_bytes) /* cannot wrap: never more */
        return sp_holes_shorten(member->holes, sp_stream_offset(member->own), len, out, why);
    account->zero_bytes += len;
    *out = sp_holes_zeros(len);
    member->zeros_left = len - out->len;
    return SP_OK;
}

/* Takes data that libarchive gave at a logical offset. */
static enum sp_err member_take(struct archive_member *member, struct sp_slice data, uint64_t offset,
                               struct sp_slice *out, struct sp_why *why)
{
    struct archive_input *input = member->input;
    if (offset < member->end) /* would give bytes twice */
        return member_fail(member, SP_REASON_CORRUPT, "overlapping parts of a sparse file", why);
    input->out_bytes += data.len;
    if (sp_extract_ratio_hit(member->x, data.len, input->in_bytes, input->out_bytes))
        return member_fail(member, SP_REASON_LIMIT_RATIO, "expands beyond the ratio limit", why);
    if (offset > member->end) {
        member->pending = data;
        member->pending_off = offset;
        return member_hole(member, offset - member->end, out, why);
    }
    member->end += data.len;
    *out = data;
    return SP_OK;
}

static enum sp_err member_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct archive_member *member = self;
    *out = sp_holes_zeros(member->zeros_left);
    member->zeros_left -= out->len;
    if (out->len > 0)
        return SP_OK;
    if (member->pending.len > 0) {
        *out = member->pending;
        member->end = member->pending_off + member->pending.len;
        member->pending = (struct sp_slice){NULL, 0};
        return SP_OK;
    }
    for (unsigned tries = 0; tries < ARCHIVE_RETRY_MAX;) {
        const void *data = NULL;
        size_t len = 0;
        la_int64_t offset = 0;
        int r = archive_read_data_block(member->a, &data, &len, &offset);
        if (r == ARCHIVE_EOF)
            return member_at_end(member, why);
        if (r == ARCHIVE_WARN)
            member->warned = true;
        member->input->fatal = r == ARCHIVE_FATAL;
        if (r < ARCHIVE_WARN || offset < 0)
            return member_failed(member, why);
        if (len > 0)
            return member_take(member, (struct sp_slice){data, len}, (uint64_t)offset, out, why);
        tries++;
    }
    return member_failed(member, why);
}

static const struct sp_source_ops member_ops = {member_next, NULL};

/* ---- what a header says -------------------------------------------------------------------- */
static struct sp_slice member_slice(const char *text)
{
    return sp_slice_of(text); /* NULL gives an empty one */
}

/* The name as stored. Where libarchive could not convert one to the locale, its UTF-8 form. */
static struct sp_slice member_name(struct archive_entry *entry)
{
    const char *raw = archive_entry_pathname(entry);
    if (raw == NULL)
        raw = archive_entry_pathname_utf8(entry);
    return member_slice(raw);
}

static enum sp_node member_node(struct archive_entry *entry)
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

static struct sp_object_info member_info(struct archive_entry *entry, uint64_t ordinal)
{
    struct sp_object_info info = {
        .step = SP_STEP_MEMBER,
        .node = member_node(entry),
        .ordinal = ordinal,
        .name = member_name(entry),
        .size_claimed = SP_SIZE_UNKNOWN,
        .mtime_s = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : INT64_MIN,
        .owner = member_slice(archive_entry_uname(entry)),
        .group = member_slice(archive_entry_gname(entry)),
    };
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0)
        info.size_claimed = (uint64_t)archive_entry_size(entry);
    if (info.node == SP_NODE_HARDLINK)
        info.link = member_slice(archive_entry_hardlink(entry));
    if (info.node == SP_NODE_SYMLINK)
        info.link = member_slice(archive_entry_symlink(entry));
    return info;
}

/* ---- members one by one -------------------------------------------------------------------- */
static enum sp_err archive_content(struct sp_extract *x, struct archive *a,
                                   struct archive_entry *entry, struct archive_input *input,
                                   const struct sp_object_info *info, struct sp_why *why)
{
    struct sp_holes holes;
    struct archive_member member = {.x = x,
                                    .a = a,
                                    .entry = entry,
                                    .input = input,
                                    .holes = &holes,
                                    .claimed = info->size_claimed};
    struct sp_sink *sink = x->sink;
    sp_holes_init(&holes, sink);
    enum sp_err err = sp_stream_open(&member_ops, &member, &member.own, why);
    if (err != SP_OK)
        return err;
    x->sink = &holes.sink; /* puts origins right where holes were left out */
    err = sp_extract_member(x, info, member.own, why);
    x->sink = sink;
    sp_stream_close(member.own);
    sp_holes_clear(&holes);
    return err;
}

/* What is called a directory or a link but has data that libarchive does not give: it gives that
 * of a tar's odd types only. */
static bool archive_hides_data(struct archive_entry *entry, enum sp_members_kind kind,
                               struct sp_object_info *info)
{
    bool sized = archive_entry_size_is_set(entry) && info->size_claimed > 0;
    if (info->node == SP_NODE_REGULAR || info->node == SP_NODE_HARDLINK)
        return false;
    if (kind == SP_MEMBERS_TAR && sized)
        info->node = SP_NODE_REGULAR; /* a directory with a list of its files (GNU, type D) */
    if (kind == SP_MEMBERS_ZIP_STREAM && !archive_entry_size_is_set(entry))
        return info->node != SP_NODE_SYMLINK;
    return kind != SP_MEMBERS_TAR && sized;
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

/* Looks at the blocks of a tar's headers, when there are more than one, once more. */
static enum sp_err archive_headers(struct sp_extract *x, struct archive *a,
                                   struct archive_input *input, bool is_link, struct sp_why *why)
{
    struct sp_tape *tape = input->members->tape;
    uint64_t begin = input->members->break_pos;
    uint64_t end = input->base + (uint64_t)archive_filter_bytes(a, 0);
    uint64_t stands = tape->pos;
    struct sp_unread unread;
    struct sp_slice block;
    if (end <= begin + ARCHIVE_TAR_BLOCK || end > stands)
        return SP_OK;
    size_t len = (size_t)(end - begin);
    size_t have = 0;
    uint8_t *room = len > SP_TAPE_KEEP_BYTES ? NULL : sp_alloc(len);
    if (room == NULL && len <= SP_TAPE_KEEP_BYTES)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    enum sp_err err = SP_OK;
    bool kept = room != NULL && sp_tape_seek(tape, begin) == begin;
    while (kept && have < len && err == SP_OK) {
        err = sp_tape_next(tape, &block, why);
        size_t part = block.len < len - have ? block.len : len - have;
        if (err != SP_OK || part == 0)
            break;
        memcpy(room + have, block.ptr, part);
        have += part;
    }
    (void)sp_tape_seek(tape, stands);
    if (err == SP_OK && kept)
        err = sp_tar_notes(x, (struct sp_slice){room, have}, is_link, why);
    sp_free(room);
    if (err != SP_OK || kept)
        return err;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "long headers of a member");
    return sp_extract_unread(x, &unread, why);
}

/* What a restore brings back besides data: extended attributes, unusual owners. */
static enum sp_err archive_notes(struct sp_extract *x, struct archive_entry *entry,
                                 const struct sp_object_info *info, struct sp_why *why)
{
    const char *name;
    const void *value;
    size_t len;
    enum sp_err err = SP_OK;
    if (archive_name_tells(info->owner))
        err = sp_extract_note(x, info->owner, why);
    if (err == SP_OK && archive_name_tells(info->group))
        err = sp_extract_note(x, info->group, why);
    if (archive_entry_xattr_reset(entry) == 0)
        return err;
    while (err == SP_OK && archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
        err = sp_extract_note(x, member_slice(name), why);
        if (err == SP_OK)
            err = sp_extract_note(x, (struct sp_slice){value, len}, why);
    }
    return err;
}

static enum sp_err archive_one(struct sp_extract *x, struct archive *a, struct archive_entry *entry,
                               struct archive_input *input, struct sp_object_info *info,
                               struct sp_why *why)
{
    struct sp_unread unread;
    if (archive_hides_data(entry, input->members->kind, info)) {
        sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
        unread.bytes_expected = info->size_claimed;
        (void)snprintf(unread.detail, sizeof unread.detail, "data of what is called no file");
        return sp_extract_bare(x, info, &unread, why);
    }
    if (info->node == SP_NODE_SPECIAL) {
        sp_unread_init(&unread, SP_REASON_SPECIAL);
        return sp_extract_bare(x, info, &unread, why);
    }
    if (archive_entry_is_encrypted(entry) != 0) {
        sp_unread_init(&unread, SP_REASON_ENCRYPTED);
        unread.bytes_read = 0;
        unread.bytes_expected = info->size_claimed;
        return sp_extract_bare(x, info, &unread, why);
    }
    bool bare = info->node == SP_NODE_DIRECTORY || info->node == SP_NODE_SYMLINK ||
                (info->node == SP_NODE_HARDLINK &&
                 (info->size_claimed == 0 || info->size_claimed == SP_SIZE_UNKNOWN));
    return bare ? sp_extract_bare(x, info, NULL, why)
                : archive_content(x, a, entry, input, info, why);
}

/* A link of a zip is what its data says: a name, or it is none. */
static bool archive_is_target(struct sp_slice link, uint64_t size)
{
    if (link.len != size || link.len > ARCHIVE_LINK_MAX)
        return false;
    for (size_t i = 0; i < link.len; i++) {
        if (link.ptr[i] < 0x20 || link.ptr[i] == 0x7F)
            return false;
    }
    return true;
}

/* True when the listed member at `index` is left to be read as a file by its local record:
 * libarchive gives no data of what is called otherwise. */
static bool archive_left_as_content(struct sp_members *members, struct archive_entry *entry,
                                    uint64_t index)
{
    if (members->listed == NULL || index >= members->listed_count)
        return false;
    struct sp_zip_entry *listed = &members->listed[index];
    if (member_node(entry) == SP_NODE_SYMLINK &&
        !archive_is_target(member_slice(archive_entry_symlink(entry)), listed->size))
        listed->content = true;
    return listed->content;
}

static enum sp_err archive_entries_limit(struct sp_extract *x, struct sp_members *members,
                                         struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_ENTRIES);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "more than %llu members",
                   (unsigned long long)x->limits->entries_max);
    members->end = SP_MEMBERS_LIMIT;
    return sp_extract_unread(x, &unread, why);
}

/* What a header call gave decides how the archive goes on. */
static enum sp_err archive_header_end(struct archive *a, int r, struct archive_input *input,
                                      struct sp_why *why)
{
    struct sp_members *members = input->members;
    members->end = r == ARCHIVE_EOF ? SP_MEMBERS_END : SP_MEMBERS_DAMAGED;
    if (r == ARCHIVE_EOF)
        return SP_OK;
    if (input->failed == SP_ERR_NOMEM || archive_errno(a) == ENOMEM)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    if (input->failed != SP_OK)
        members->end = SP_MEMBERS_FAILED;
    return SP_OK;
}

/* A position in the archive as one of the tape. libarchive's zip reader may stand before its own
 * beginning when the file ends within a header (seen: -30). */
static uint64_t archive_position(const struct archive_input *input, la_int64_t position)
{
    return position < 0 ? input->base : input->base + (uint64_t)position;
}

static enum sp_err archive_loop(struct sp_extract *x, struct archive *a,
                                struct archive_input *input, struct sp_why *why)
{
    struct sp_members *members = input->members;
    uint64_t seen = 0;
    for (;;) {
        struct archive_entry *entry = NULL;
        int r = archive_read_next_header(a, &entry);
        members->break_pos = archive_position(input, archive_read_header_position(a));
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return archive_header_end(a, r, input, why);
        if (seen++ < members->pass_over)
            continue;
        members->seen = seen;
        if (archive_left_as_content(members, entry, seen - 1))
            continue;
        if (members->count >= x->limits->entries_max)
            return archive_entries_limit(x, members, why);
        struct sp_object_info info = member_info(entry, ++members->count);
        enum sp_err err = archive_notes(x, entry, &info, why);
        if (err == SP_OK && members->kind == SP_MEMBERS_TAR)
            err = archive_headers(x, a, input, info.link.len > 0, why);
        if (err == SP_OK)
            err = archive_one(x, a, entry, input, &info, why);
        if (err == SP_OK)
            err = sp_extract_progress(x, why);
        if (err != SP_OK)
            return err;
        if (input->failed != SP_OK) { /* told of the member already, and of the stream by run.c */
            members->end = SP_MEMBERS_FAILED;
            return SP_OK;
        }
        if (input->fatal) {
            members->end = SP_MEMBERS_BROKEN;
            members->break_pos = archive_position(input, archive_filter_bytes(a, 0));
            return SP_OK;
        }
    }
}

/* Enables the one format and opens the input. */
static enum sp_err archive_open(struct archive *a, struct archive_input *input, struct sp_why *why)
{
    struct sp_members *members = input->members;
    bool seeks = members->kind == SP_MEMBERS_ZIP_SEEK;
    int r = ARCHIVE_OK;
    switch (members->kind) {
    case SP_MEMBERS_TAR:
        r = archive_read_support_format_tar(a);
        /* archives that were joined: the first end mark does not hide the second archive */
        if (r == ARCHIVE_OK)
            r = archive_read_set_option(a, "tar", "read_concatenated_archives", "1");
        break;
    case SP_MEMBERS_ZIP_SEEK:
        r = archive_read_support_format_zip_seekable(a);
        break;
    case SP_MEMBERS_ZIP_STREAM:
        r = archive_read_support_format_zip_streamable(a);
        break;
    }
    if (r != ARCHIVE_OK)
        return sp_fail(why, SP_ERR_NOMEM, "libarchive cannot read this format");
    if (seeks)
        (void)archive_read_set_seek_callback(a, archive_seek_fd);
    (void)archive_read_set_read_callback(a, seeks ? archive_read_fd : archive_read_tape);
    (void)archive_read_set_callback_data(a, input);
    if (archive_read_open1(a) == ARCHIVE_OK)
        return SP_OK;
    return archive_header_end(a, ARCHIVE_FATAL, input, why);
}

enum sp_err sp_members_read(struct sp_extract *x, struct sp_members *members, struct sp_why *why)
{
    struct archive_input input = {.members = members};
    struct archive *a = archive_read_new();
    enum sp_err err = SP_OK;
    members->end = SP_MEMBERS_END;
    if (a == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    if (members->kind == SP_MEMBERS_ZIP_SEEK) {
        struct stat st;
        input.block = sp_alloc(SP_BLOCK_BYTES);
        if (input.block == NULL || fstat(members->fd, &st) != 0) {
            err = sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
            goto done;
        }
        input.size = (uint64_t)st.st_size;
    } else {
        input.base = members->tape->pos;
        members->break_pos = input.base;
    }
    err = archive_open(a, &input, why);
    if (err == SP_OK && members->end == SP_MEMBERS_END)
        err = archive_loop(x, a, &input, why);
done:
    (void)archive_read_free(a);
    sp_free(input.block);
    return err;
}
