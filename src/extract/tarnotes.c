/* What stands in the headers of a tar besides names: POSIX.1-2001 pax records ("LENGTH KEY=VALUE"
 * and a newline), ACLs of Solaris (type A), long names (L, K) that are not those of the member, and
 * what lies behind the end of each of these. */
#include "base/buf.h"
#include "extract/aside.h"
#include "extract/dumpdir.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/tarhead.h"

enum { TAR_SIZE_OFF = 124, TAR_SIZE_LEN = 12, TAR_TYPE_OFF = 156 };

/* A header before the member's own, with what it is about. */
struct tar_extra {
    uint8_t type;
    struct sp_slice body;
    struct sp_slice behind; /* up to the end of its last block: zeros, as a rule */
};

/* The next one; false at the member's own header. */
static bool tar_next_extra(struct sp_slice *headers, struct tar_extra *extra)
{
    if (headers->len <= SP_TAR_BLOCK)
        return false;
    extra->type = headers->ptr[TAR_TYPE_OFF];
    if (extra->type == '\0' || strchr("gxXAKL", extra->type) == NULL)
        return false;
    uint64_t size = sp_tar_number(headers->ptr + TAR_SIZE_OFF, TAR_SIZE_LEN);
    headers->ptr += SP_TAR_BLOCK;
    headers->len -= SP_TAR_BLOCK;
    extra->body =
        (struct sp_slice){headers->ptr, size < headers->len ? (size_t)size : headers->len};
    size_t used = (extra->body.len + SP_TAR_BLOCK - 1) / SP_TAR_BLOCK * SP_TAR_BLOCK;
    used = used < headers->len ? used : headers->len;
    extra->behind = (struct sp_slice){extra->body.ptr + extra->body.len, used - extra->body.len};
    headers->ptr += used;
    headers->len -= used;
    return true;
}

/* A note, unless it is zeros only. */
static enum sp_err tar_note(struct sp_aside *aside, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len > 0 && bytes.ptr[0] == 0) {
        bytes.ptr++;
        bytes.len--;
    }
    return sp_aside_note(aside, bytes, why);
}

static bool tar_key_is(struct sp_slice key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

/* Records that are numbers, or that the member itself tells. */
static bool tar_is_told(const struct sp_object_info *info, struct sp_slice key,
                        struct sp_slice value)
{
    static const char *const numbers[] = {"size",
                                          "mtime",
                                          "atime",
                                          "ctime",
                                          "uid",
                                          "gid",
                                          "hdrcharset",
                                          "SCHILY.dev",
                                          "SCHILY.ino",
                                          "SCHILY.nlink",
                                          "SCHILY.fflags",
                                          "GNU.sparse.major",
                                          "GNU.sparse.minor",
                                          "LIBARCHIVE.creationtime"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (tar_key_is(key, numbers[i]))
            return true;
    }
    if (sp_pax_begins(key, "GNU.sparse.") && !tar_key_is(key, "GNU.sparse.name"))
        return true;
    if (tar_key_is(key, "path")) /* a sparse file has that of a stand-in */
        return sp_slice_equal(value, info->name) ||
               memmem(value.ptr, value.len, "/GNUSparseFile.", 15) != NULL;
    /* libarchive gives attributes decoded */
    return sp_pax_begins(key, "SCHILY.xattr.") || sp_pax_begins(key, "LIBARCHIVE.xattr.") ||
           (tar_key_is(key, "GNU.sparse.name") && sp_slice_equal(value, info->name)) ||
           (tar_key_is(key, "linkpath") && sp_slice_equal(value, info->link)) ||
           (tar_key_is(key, "uname") && sp_slice_equal(value, info->owner)) ||
           (tar_key_is(key, "gname") && sp_slice_equal(value, info->group));
}

/* What GNU tar lists of a folder in an incremental archive (of posix form). */
static enum sp_err tar_list(struct sp_aside *aside, struct sp_slice value, struct sp_why *why)
{
    struct sp_dumpdir names = {0};
    struct sp_buf lines;
    sp_buf_init(&lines, SP_TAR_HEAD_MAX);
    enum sp_err err = sp_buf_append(&lines, value.ptr, value.len, why);
    if (err == SP_OK) {
        sp_dumpdir_lines(&names, lines.data, lines.len);
        err = sp_aside_note(aside, sp_buf_slice(&lines), why);
    }
    sp_buf_clear(&lines);
    return err;
}

/* Reads the records of a pax header that nothing else tells, and what is no record. */
static enum sp_err tar_pax(struct sp_aside *aside, struct sp_slice body, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    struct sp_slice record;
    struct sp_slice key;
    struct sp_slice value;
    size_t pos = 0;
    while (err == SP_OK && sp_pax_next(body, &pos, &record, &key, &value)) {
        if (tar_key_is(key, "GNU.dumpdir") && sp_dumpdir_is(value))
            err = tar_list(aside, value, why);
        else if (!tar_is_told(&aside->info, key, value))
            err = sp_aside_attribute(aside, key, value, why);
    }
    struct sp_slice rest = {body.ptr + pos, body.len - pos};
    return err == SP_OK ? tar_note(aside, rest, why) : err;
}

/* A long name with a NUL behind it, and nothing behind that. */
static enum sp_err tar_long(struct sp_aside *aside, struct sp_slice body, struct sp_slice name,
                            struct sp_why *why)
{
    struct sp_slice text = body;
    while (text.len > 0 && text.ptr[text.len - 1] == 0)
        text.len--;
    return sp_slice_equal(text, name) ? SP_OK : sp_aside_note(aside, body, why);
}

enum sp_err sp_tar_notes(struct sp_aside *aside, struct sp_slice headers, struct sp_why *why)
{
    struct tar_extra extra;
    enum sp_err err = SP_OK;
    while (err == SP_OK && tar_next_extra(&headers, &extra)) {
        if (extra.type == 'g')
            continue;
        if (extra.type == 'x' || extra.type == 'X')
            err = tar_pax(aside, extra.body, why);
        else if (extra.type == 'A')
            err = tar_note(aside, extra.body, why);
        else
            err = tar_long(aside, extra.body,
                           extra.type == 'K' ? aside->info.link : aside->info.name, why);
        if (err == SP_OK)
            err = tar_note(aside, extra.behind, why);
    }
    return err;
}

/* A name in it is obeyed by GNU tar, and not by us. */
static enum sp_err tar_global(struct sp_aside *aside, const struct tar_extra *extra,
                              struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = tar_note(aside, extra->body, why);
    if (err == SP_OK)
        err = tar_note(aside, extra->behind, why);
    if (err != SP_OK || memmem(extra->body.ptr, extra->body.len, " path=", 6) == NULL)
        return err;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "one name for all members");
    return sp_aside_unread(aside, &unread, why);
}

enum sp_err sp_tar_global_notes(struct sp_extract *x, struct sp_slice headers, uint64_t *count,
                                struct sp_why *why)
{
    struct sp_aside aside;
    struct tar_extra extra;
    enum sp_err err = SP_OK;
    sp_aside_init_all(&aside, x, "pax_global_header", count);
    while (err == SP_OK && tar_next_extra(&headers, &extra)) {
        if (extra.type == 'g')
            err = tar_global(&aside, &extra, why);
    }
    return err == SP_OK ? sp_aside_end(&aside, why) : err;
}
