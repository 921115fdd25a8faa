/* Reads the members of an archive with libarchive, with exactly one format enabled: the loop over
 * the headers. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/archive_in.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/tarhead.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARCHIVE_LINK_MAX = 4096 }; /* bytes of a link's target: PATH_MAX of Linux */

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
    ssize_t got =
        pread(input->members->fd, input->block, SP_BLOCK_BYTES, (off_t)(input->base + input->pos));
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

/* Of zip members libarchive can decrypt the data. */
static bool archive_may_open(const struct sp_extract *x, const struct sp_members *members)
{
    return x->limits->passwords_len > 0 &&
           (members->kind == SP_MEMBERS_ZIP_SEEK || members->kind == SP_MEMBERS_ZIP_STREAM);
}

static enum sp_err archive_add_passwords(const struct sp_extract *x, struct archive *a,
                                         struct sp_why *why)
{
    const char *text = x->limits->passwords;
    const char *end = x->limits->passwords == NULL ? NULL : text + x->limits->passwords_len;
    for (; text != end; text += strlen(text) + 1) {
        if (text[0] != '\0' && archive_read_add_passphrase(a, text) != ARCHIVE_OK)
            return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    }
    return SP_OK;
}

/* What libarchive does not tell: it would give the encrypted bytes of a rar 5 as they are. */
static bool archive_is_locked(const struct sp_members *members)
{
    return members->seen > 0 && members->seen <= members->locked.len &&
           members->locked.ptr[members->seen - 1] != 0;
}

static enum sp_err archive_one(struct sp_extract *x, struct archive *a, struct archive_entry *entry,
                               struct archive_input *input, struct sp_object_info *info,
                               struct sp_why *why)
{
    struct sp_unread unread;
    if (sp_archive_hides_data(entry, input->members->kind, info)) {
        sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
        unread.bytes_expected = info->size_claimed;
        (void)snprintf(unread.detail, sizeof unread.detail, "data of what is called no file");
        return sp_extract_bare(x, info, &unread, why);
    }
    if (info->node == SP_NODE_SPECIAL) {
        sp_unread_init(&unread, SP_REASON_SPECIAL);
        return sp_extract_bare(x, info, &unread, why);
    }
    if ((archive_entry_is_encrypted(entry) != 0 && !archive_may_open(x, input->members)) ||
        archive_is_locked(input->members)) {
        sp_unread_init(&unread, SP_REASON_ENCRYPTED);
        unread.bytes_read = 0;
        unread.bytes_expected = info->size_claimed;
        return sp_extract_bare(x, info, &unread, why);
    }
    if (input->members->kind == SP_MEMBERS_TAR && sp_archive_told_unread(entry, &unread)) {
        if (info->size_claimed == 0)
            return sp_extract_bare(x, info, &unread, why);
        enum sp_err err = sp_extract_unread(x, &unread, why); /* and what is there is read */
        if (err != SP_OK)
            return err;
    }
    bool bare = info->node == SP_NODE_DIRECTORY || info->node == SP_NODE_SYMLINK ||
                (info->node == SP_NODE_HARDLINK &&
                 (info->size_claimed == 0 || info->size_claimed == SP_SIZE_UNKNOWN));
    return bare ? sp_extract_bare(x, info, NULL, why)
                : sp_archive_content(x, a, entry, input, info, why);
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
    if (sp_archive_node(entry) == SP_NODE_SYMLINK &&
        !archive_is_target(sp_slice_of(archive_entry_symlink(entry)), listed->size))
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
    members->encrypted = sp_archive_says(a, "encrypt");
    members->unsupported = sp_archive_says(a, "support");
    return SP_OK;
}

/* Warnings are about names that fit no character set, but for these. */
static void archive_header_warned(struct archive *a, int r, struct archive_input *input)
{
    input->warned = r == ARCHIVE_WARN && sp_archive_says(a, "out-of-order"); /* iso */
    if (r == ARCHIVE_WARN && sp_archive_says(a, "skipped"))                  /* cpio */
        input->members->skipped = true;
}

/* A position in the archive as one of the tape. libarchive's zip reader may stand before its own
 * beginning when the file ends within a header (seen: -30). */
static uint64_t archive_position(const struct archive_input *input, la_int64_t position)
{
    return position < 0 ? input->base : input->base + (uint64_t)position;
}

/* The name as it is stored: libarchive would give no data of what ends with a slash. */
static enum sp_err archive_name_stored(struct archive_input *input, struct sp_object_info *info,
                                       struct sp_why *why)
{
    size_t len = info->name.len;
    if (input->members->tail == '\0' || input->members->seen > 1 || len == 0 ||
        info->name.ptr[len - 1] != '_')
        return SP_OK;
    enum sp_err err = sp_buf_append(&input->name, info->name.ptr, len, why);
    if (err != SP_OK)
        return err;
    input->name.data[len - 1] = (uint8_t)input->members->tail;
    info->name = sp_buf_slice(&input->name);
    return SP_OK;
}

/* The name in the directory of a zip. libarchive makes slashes of backslashes and composes letters:
 * a restore tool would not find it. */
static enum sp_err archive_name_listed(struct archive_input *input, struct sp_object_info *info,
                                       uint64_t index, struct sp_why *why)
{
    const struct sp_members *members = input->members;
    if (members->listed == NULL || index >= members->listed_count)
        return SP_OK;
    const struct sp_zip_range *stored = &members->listed[index].stored;
    size_t len = (size_t)(stored->end - stored->begin);
    bool is_plain = info->name.len > 0 && memchr(info->name.ptr, '/', info->name.len) == NULL &&
                    sp_ascii_run(info->name.ptr, info->name.len) == info->name.len;
    if (len == 0 || is_plain)
        return SP_OK;
    sp_buf_reset(&input->name);
    enum sp_err err = sp_buf_reserve(&input->name, len, why);
    if (err != SP_OK || pread(members->fd, input->name.data, len, (off_t)stored->begin) !=
                            (ssize_t)len) /* it was there when the directory was read */
        return err;
    input->name.len = len;
    info->name = sp_buf_slice(&input->name);
    return SP_OK;
}

/* What stands in the last block of a tar's member behind its end, next to `at`: zeros, but nobody
 * looks. Where holes are left out its end is not known, and libarchive tells no more. */
static enum sp_err archive_padding(struct sp_extract *x, struct archive_input *input,
                                   struct sp_why *why)
{
    uint8_t room[SP_TAR_BLOCK];
    const struct sp_tape *tape = input->members->tape;
    size_t len = input->padding;
    size_t zeros = 0;
    input->padding = 0;
    if (len == 0 || input->members->break_pos < len ||
        !sp_tape_look(tape, input->members->break_pos - len, len, room))
        return SP_OK;
    while (zeros < len && room[zeros] == 0)
        zeros++;
    return sp_extract_note(x, (struct sp_slice){room + zeros, len - zeros}, why);
}

/* The padding that will follow the data of the entry. */
static size_t archive_padding_of(struct archive_entry *entry, const struct archive_input *input,
                                 const struct sp_object_info *info)
{
    if (input->members->kind != SP_MEMBERS_TAR || info->node != SP_NODE_REGULAR ||
        info->size_claimed == SP_SIZE_UNKNOWN || archive_entry_sparse_count(entry) > 0)
        return 0;
    return (size_t)((SP_TAR_BLOCK - info->size_claimed % SP_TAR_BLOCK) % SP_TAR_BLOCK);
}

/* What stands beside its data, before the member: then libarchive and the tape have it still. */
static enum sp_err archive_beside(struct sp_extract *x, struct archive_entry *entry,
                                  struct archive_input *input, struct sp_object_info *info,
                                  struct sp_why *why)
{
    struct sp_members *members = input->members;
    struct sp_slice headers = sp_buf_slice(&input->headers);
    struct sp_aside aside;
    enum sp_err err = SP_OK;
    if (members->kind == SP_MEMBERS_TAR)
        err = sp_tar_global_notes(x, headers, &members->count, why);
    sp_aside_init(&aside, x, info, &members->count);
    if (err == SP_OK)
        err = sp_archive_notes(&aside, entry, why);
    if (err == SP_OK && members->kind == SP_MEMBERS_TAR)
        err = sp_tar_notes(&aside, headers, why);
    info->ordinal = ++members->count;
    return err == SP_OK ? sp_aside_end(&aside, why) : err;
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
        enum sp_err err = archive_padding(x, input, why);
        if (err != SP_OK)
            return err;
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return archive_header_end(a, r, input, why);
        archive_header_warned(a, r, input);
        if (seen++ < members->pass_over)
            continue;
        members->seen = seen;
        if (archive_left_as_content(members, entry, seen - 1))
            continue;
        if (members->count >= x->limits->entries_max)
            return archive_entries_limit(x, members, why);
        struct sp_object_info info = sp_archive_info(entry);
        if (x->package != SP_PACKAGE_NONE)
            info.step = SP_STEP_PART;
        err = archive_name_stored(input, &info, why);
        if (err == SP_OK)
            err = archive_name_listed(input, &info, seen - 1, why);
        if (err == SP_OK && members->kind == SP_MEMBERS_TAR)
            err = sp_archive_tar_headers(x, a, input, &info, why);
        if (err == SP_OK)
            err = archive_beside(x, entry, input, &info, why);
        if (err == SP_OK)
            err = archive_one(x, a, entry, input, &info, why);
        input->padding = archive_padding_of(entry, input, &info);
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

/* Archives that were joined: the first end mark does not hide the second archive. */
static int archive_enable_tar(struct archive *a)
{
    int r = archive_read_support_format_tar(a);
    return r != ARCHIVE_OK ? r
                           : archive_read_set_option(a, "tar", "read_concatenated_archives", "1");
}

/* The one format that is enabled, by enum sp_members_kind. */
static int (*const archive_enable[])(struct archive *) = {
    [SP_MEMBERS_TAR] = archive_enable_tar,
    [SP_MEMBERS_ZIP_SEEK] = archive_read_support_format_zip_seekable,
    [SP_MEMBERS_ZIP_STREAM] = archive_read_support_format_zip_streamable,
    [SP_MEMBERS_7Z] = archive_read_support_format_7zip,
    [SP_MEMBERS_RAR] = archive_read_support_format_rar,
    [SP_MEMBERS_RAR5] = archive_read_support_format_rar5,
    [SP_MEMBERS_CAB] = archive_read_support_format_cab,
    [SP_MEMBERS_ISO] = archive_read_support_format_iso9660,
    [SP_MEMBERS_CPIO] = archive_read_support_format_cpio,
    [SP_MEMBERS_AR] = archive_read_support_format_ar,
    [SP_MEMBERS_XAR] = archive_read_support_format_xar,
};

/* Enables the format and opens the input. */
static enum sp_err archive_open(struct archive *a, struct archive_input *input, struct sp_why *why)
{
    struct sp_members *members = input->members;
    bool seeks = members->tape == NULL;
    if (archive_enable[members->kind](a) != ARCHIVE_OK)
        return sp_fail(why, SP_ERR_NOMEM, "libarchive cannot read this format");
    if (seeks)
        (void)archive_read_set_seek_callback(a, archive_seek_fd);
    (void)archive_read_set_read_callback(a, seeks ? archive_read_fd : archive_read_tape);
    (void)archive_read_set_callback_data(a, input);
    if (archive_read_open1(a) == ARCHIVE_OK)
        return SP_OK;
    return archive_header_end(a, ARCHIVE_FATAL, input, why);
}

static enum sp_err archive_open_fd(struct archive_input *input, struct sp_why *why)
{
    struct sp_members *members = input->members;
    struct stat st;
    input->block = sp_alloc(SP_BLOCK_BYTES);
    if (input->block == NULL || fstat(members->fd, &st) != 0)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    input->base = members->offset;
    input->size = (uint64_t)st.st_size - members->offset;
    return SP_OK;
}

enum sp_err sp_members_read(struct sp_extract *x, struct sp_members *members, struct sp_why *why)
{
    struct archive_input input = {.members = members};
    sp_buf_init(&input.name, SP_TAR_HEAD_MAX);
    sp_buf_init(&input.link, SP_TAR_HEAD_MAX);
    sp_buf_init(&input.headers, SP_TAR_HEAD_MAX);
    struct archive *a = archive_read_new();
    enum sp_err err = SP_OK;
    members->end = SP_MEMBERS_END;
    if (a == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    if (members->tape == NULL)
        err = archive_open_fd(&input, why);
    else
        input.base = members->tape->pos;
    members->break_pos = input.base;
    if (err == SP_OK && archive_may_open(x, members))
        err = archive_add_passwords(x, a, why);
    if (err == SP_OK)
        err = archive_open(a, &input, why);
    if (err == SP_OK && members->end == SP_MEMBERS_END)
        err = archive_loop(x, a, &input, why);
    members->end_pos = archive_position(&input, archive_filter_bytes(a, 0));
    (void)archive_read_free(a);
    sp_free(input.block);
    sp_buf_clear(&input.name);
    sp_buf_clear(&input.link);
    sp_buf_clear(&input.headers);
    return err;
}
