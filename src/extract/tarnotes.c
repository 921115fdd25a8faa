/* What stands in the headers of a tar besides names: POSIX.1-2001 pax records ("LENGTH KEY=VALUE"
 * and a newline), ACLs of Solaris (type A), a long link (K) before what is no link. */
#include "extract/formats.h"
#include "extract/run.h"

enum { TAR_BLOCK = 512, TAR_SIZE_OFF = 124, TAR_SIZE_LEN = 12, TAR_TYPE_OFF = 156 };

/* Records that are numbers, or that the member itself tells. */
static bool tar_key_is_told(struct sp_slice key)
{
    static const char *const told[] = {"path",          "linkpath",      "size",
                                       "mtime",         "atime",         "ctime",
                                       "uid",           "gid",           "uname",
                                       "gname",         "hdrcharset",    "GNU.sparse.",
                                       "SCHILY.dev",    "SCHILY.ino",    "SCHILY.nlink",
                                       "SCHILY.fflags", "SCHILY.xattr.", "LIBARCHIVE.creationtime"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        size_t len = strlen(told[i]);
        bool prefix = told[i][len - 1] == '.';
        if (key.len >= len && memcmp(key.ptr, told[i], len) == 0 && (prefix || key.len == len))
            return true;
    }
    return false;
}

/* Reads the records of a pax header that nothing else tells; all when they are no records. */
static enum sp_err tar_pax(struct sp_extract *x, struct sp_slice body, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (body.len > 0 && err == SP_OK) {
        size_t len = 0;
        size_t i = 0;
        for (; i < body.len && i < 8 && body.ptr[i] >= '0' && body.ptr[i] <= '9'; i++)
            len = len * 10 + (size_t)(body.ptr[i] - '0');
        const uint8_t *equal =
            len > i && len <= body.len ? memchr(body.ptr + i, '=', len - i) : NULL;
        if (equal == NULL)
            return sp_extract_note(x, body, why);
        struct sp_slice key = {body.ptr + i + 1, (size_t)(equal - body.ptr) - i};
        key.len = key.len > 0 ? key.len - 1 : 0;
        if (!tar_key_is_told(key))
            err = sp_extract_note(x, (struct sp_slice){key.ptr, len - i - 1}, why);
        body.ptr += len;
        body.len -= len;
    }
    return err;
}

/* A header for all members that follow. A name in it is obeyed by GNU tar, and not by us. */
static enum sp_err tar_global(struct sp_extract *x, struct sp_slice body, struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = sp_extract_note(x, body, why);
    if (err != SP_OK || memmem(body.ptr, body.len, " path=", 6) == NULL)
        return err;
    sp_unread_init(&unread, SP_REASON_UNSUPPORTED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "one name for all members");
    return sp_extract_unread(x, &unread, why);
}

enum sp_err sp_tar_notes(struct sp_extract *x, struct sp_slice headers, bool is_link,
                         struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (headers.len > TAR_BLOCK && err == SP_OK) {
        uint64_t size = 0;
        uint8_t type = headers.ptr[TAR_TYPE_OFF];
        for (size_t i = 0; i < TAR_SIZE_LEN; i++) {
            uint8_t byte = headers.ptr[TAR_SIZE_OFF + i];
            if (byte >= '0' && byte <= '7')
                size = size * 8 + (uint64_t)(byte - '0');
        }
        headers.ptr += TAR_BLOCK;
        headers.len -= TAR_BLOCK;
        struct sp_slice body = {headers.ptr, size < headers.len ? (size_t)size : headers.len};
        if (type == 'g')
            err = tar_global(x, body, why);
        else if (type == 'x' || type == 'X')
            err = tar_pax(x, body, why);
        else if (type == 'A' || (type == 'K' && !is_link))
            err = sp_extract_note(x, body, why);
        else if (type != 'L' && type != 'K')
            return SP_OK; /* the member's own header */
        size_t used = (body.len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
        used = used < headers.len ? used : headers.len;
        headers.ptr += used;
        headers.len -= used;
    }
    return err;
}
