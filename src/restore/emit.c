#include "restore/emit.h"

#include "base/utf8.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

/* ---- one name, as a tool reads it -------------------------------------------------------------
 */
static enum sp_err emit_byte(struct sp_buf *out, uint8_t byte, struct sp_why *why)
{
    return sp_buf_append_byte(out, byte, why);
}

/* A pattern a line: wildcards with a backslash, line ends as a class around them, since a line
 * cannot hold one, and a last blank, which is cut off otherwise, in a class of its own. */
static enum sp_err emit_class(struct sp_buf *out, struct sp_slice name, const char *special,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < name.len; i++) {
        uint8_t byte = name.ptr[i];
        bool last = i + 1 == name.len;
        if (byte == '\n')
            err = sp_buf_append_string(out, "[\t-\v]", why);
        else if (byte == '\r')
            err = sp_buf_append_string(out, "[\f-\x0e]", why);
        else if (last && (byte == ' ' || byte == '\t' || byte == '\v' || byte == '\f'))
            err = sp_buf_appendf(out, why, "[%c]", byte);
        else {
            if (byte != '\0' && strchr(special, byte) != NULL)
                err = emit_byte(out, '\\', why);
            if (err == SP_OK)
                err = emit_byte(out, byte, why);
        }
    }
    return err;
}

static enum sp_err emit_tar(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    return emit_class(out, name, "*?[]\\", why);
}

static enum sp_err emit_bsdtar(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    return emit_class(out, name, "*?[]\\^$", why);
}

static enum sp_err emit_escaped(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < name.len; i++) {
        if (name.ptr[i] != '\0' && strchr("*?[]\\", name.ptr[i]) != NULL)
            err = emit_byte(out, '\\', why);
        if (err == SP_OK)
            err = emit_byte(out, name.ptr[i], why);
    }
    return err;
}

/* rsync takes a backslash for itself unless the name has a wildcard. */
static enum sp_err emit_rsync(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '*' || name.ptr[i] == '?' || name.ptr[i] == '[')
            return emit_escaped(out, name, why);
    return sp_buf_append(out, name.ptr, name.len, why);
}

/* A regular expression of Python: all but letters and digits by number, invalid bytes as Python's
 * surrogates. */
static enum sp_err emit_borg(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < name.len;) {
        uint32_t code = 0;
        unsigned width = sp_utf8_decode(name.ptr + i, name.len - i, &code);
        if (width == 0) {
            err = sp_buf_appendf(out, why, "\\udc%02x", name.ptr[i]);
            width = 1;
        } else if (code < 0x80 && isalnum((int)code)) {
            err = emit_byte(out, (uint8_t)code, why);
        } else {
            err = sp_buf_appendf(out, why, code > 0xFFFF ? "\\U%08x" : "\\u%04x", code);
        }
        i += width;
    }
    return err;
}

/* 7-Zip keeps bytes that are no UTF-8 as U+EF80 to U+EFFF, and on its command line they are bytes
 * again. */
static enum sp_err emit_7z(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < name.len;) {
        uint32_t code = 0;
        unsigned width = sp_utf8_decode(name.ptr + i, name.len - i, &code);
        if (code >= 0xEF80 && code <= 0xEFFF)
            err = emit_byte(out, (uint8_t)(code - 0xEF00), why);
        else
            err = sp_buf_append(out, name.ptr + i, width > 0 ? width : 1, why);
        i += width > 0 ? width : 1;
    }
    return err;
}

/* A leading dash would begin an option. */
static enum sp_err emit_unzip(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (name.len > 0 && name.ptr[0] == '-') {
        err = sp_buf_append_string(out, "[-]", why);
        name.ptr++;
        name.len--;
    }
    return err == SP_OK ? emit_escaped(out, name, why) : err;
}

/* A cell of CSV; the server's name comes before. */
static enum sp_err emit_guard(struct sp_buf *out, struct sp_slice name, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < name.len; i++) {
        if (name.ptr[i] == '"')
            err = emit_byte(out, '"', why);
        if (err == SP_OK)
            err = emit_byte(out, name.ptr[i], why);
    }
    return err;
}

/* name, usage, separator, head, prefix, suffix, relative, name_out */
const struct sp_emit_tool sp_emit_tools[] = {
    {"tar", "LC_ALL=C tar -x --anchored --wildcards -X FILE -f BACKUP", '\n', "", "", "", false,
     emit_tar},
    {"bsdtar", "LC_ALL=C bsdtar -x -X FILE -f BACKUP", '\n', "", "^", "$", false, emit_bsdtar},
    {"rsync", "rsync -a --from0 --exclude-from=FILE BACKUP/ TARGET/", '\0', "", "/", "", true,
     emit_rsync},
    {"restic", "mapfile -d '' drop < FILE; restic restore SNAPSHOT --target TARGET \"${drop[@]}\"",
     '\0', "", "--exclude=/", "", true, emit_escaped},
    {"borg", "borg extract --exclude-from FILE REPO::ARCHIVE", '\n', "", "re:^", "\\Z", true,
     emit_borg},
    {"7z", "mapfile -d '' drop < FILE; 7z x -spd BACKUP \"${drop[@]}\"", '\0', "", "-x!", "", false,
     emit_7z},
    {"unzip", "mapfile -d '' drop < FILE; unzip BACKUP -x \"${drop[@]}\"", '\0', "", "", "", false,
     emit_unzip},
    {"gdpr-guard", "a list of Veritas Backup Exec GDPR Guard", '\n',
     "ServerName,BlockedFileFullPath\r\n", "\"", "\"\r", false, emit_guard},
    {NULL, NULL, 0, NULL, NULL, NULL, false, NULL},
};

const struct sp_emit_tool *sp_emit_find(struct sp_slice name)
{
    for (const struct sp_emit_tool *tool = sp_emit_tools; tool->name != NULL; tool++)
        if (sp_slice_equal(name, sp_slice_of(tool->name)))
            return tool;
    return NULL;
}

static struct sp_slice emit_relative(struct sp_slice name)
{
    for (;;) {
        size_t skip = name.len > 0 && name.ptr[0] == '/'                         ? 1
                      : name.len > 1 && name.ptr[0] == '.' && name.ptr[1] == '/' ? 2
                                                                                 : 0;
        if (skip == 0 || skip == name.len)
            return name;
        name.ptr += skip;
        name.len -= skip;
    }
}

static enum sp_err emit_one(const struct sp_emit_tool *tool, struct sp_slice name, const char *host,
                            struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (tool->name_out == emit_guard) {
        if (memchr(name.ptr, '\n', name.len) != NULL || memchr(name.ptr, '\r', name.len) != NULL)
            return sp_fail(why, SP_ERR_FORMAT, "a name with a line end cannot be told to %s",
                           tool->name);
        err = sp_buf_appendf(out, why, "\"%s\",", host);
    }
    if (err == SP_OK)
        err = sp_buf_append_string(out, tool->prefix, why);
    if (err == SP_OK)
        err = tool->name_out(out, tool->relative ? emit_relative(name) : name, why);
    if (err == SP_OK)
        err = sp_buf_append_string(out, tool->suffix, why);
    return err == SP_OK ? emit_byte(out, tool->separator, why) : err;
}

/* libarchive composes the letters of names that 7-Zip may have stored decomposed: both are named.
 */
static enum sp_err emit_decomposed(const struct sp_emit_tool *tool, struct sp_slice name,
                                   const char *host, struct sp_buf *out, struct sp_why *why)
{
    if (tool->name_out != emit_7z || !sp_utf8_valid(name))
        return SP_OK;
    char *apart = g_utf8_normalize((const char *)name.ptr, (gssize)name.len, G_NORMALIZE_NFD);
    struct sp_slice other = sp_slice_of(apart);
    enum sp_err err = apart == NULL || sp_slice_equal(other, name)
                          ? SP_OK
                          : emit_one(tool, other, host, out, why);
    g_free(apart);
    return err;
}

enum sp_err sp_emit_name(const struct sp_emit_tool *tool, struct sp_slice name, const char *host,
                         struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = emit_one(tool, name, host, out, why);
    return err == SP_OK ? emit_decomposed(tool, name, host, out, why) : err;
}
