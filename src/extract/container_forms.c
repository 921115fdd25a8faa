/* The formats that container.c reads: bids, and what there is to know of each. */
#include "extract/container.h"
#include "extract/formats.h"

#include <ctype.h>
#include <unistd.h>

static bool container_starts(struct sp_slice head, size_t at, const char *sign, size_t len)
{
    return head.len >= at + len && memcmp(head.ptr + at, sign, len) == 0;
}

int sp_7z_bid(const struct sp_glance *at)
{
    return container_starts(at->head, 0, "7z\xBC\xAF\x27\x1C", 6) ? 95 : 0;
}

enum sp_err sp_7z_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"7z", SP_MEMBERS_7Z, 32, 0, sp_container_look_7z};
    return sp_container_extract(x, &form, why);
}

int sp_rar_bid(const struct sp_glance *at)
{
    return container_starts(at->head, 0, "Rar!\x1A\x07\0", 7) ||
                   container_starts(at->head, 0, "Rar!\x1A\x07\1\0", 8)
               ? 95
               : 0;
}

/* Version 5 or an older one: by the byte behind the name. */
enum sp_err sp_rar_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form old = {"rar", SP_MEMBERS_RAR, 27, 64,
                                                 sp_container_look_rar};
    static const struct sp_container_form five = {"rar", SP_MEMBERS_RAR5, 40, 64,
                                                  sp_container_look_rar5};
    struct sp_slice head;
    uint8_t mark[8] = {0};
    int fd = sp_stream_fd(x->stream);
    enum sp_err err = sp_stream_peek(x->stream, sizeof mark, &head, why);
    if (err != SP_OK)
        return err;
    if (head.len > 0)
        memcpy(mark, head.ptr, head.len);
    uint64_t offset = 0;
    if (fd >= 0 && sp_container_behind(fd, head, sp_stream_size(x->stream), &offset) != NULL &&
        pread(fd, mark, sizeof mark, (off_t)offset) != (ssize_t)sizeof mark)
        return sp_fail(why, SP_ERR_IO, "cannot read the file");
    return sp_container_extract(x, mark[6] == 1 ? &five : &old, why);
}

int sp_cab_bid(const struct sp_glance *at)
{
    return container_starts(at->head, 0, "MSCF\0\0\0\0", 8) ? 95 : 0;
}

enum sp_err sp_cab_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"cab", SP_MEMBERS_CAB, 36, 0,
                                                  sp_container_look_cab};
    return sp_container_extract(x, &form, why);
}

int sp_iso_bid(const struct sp_glance *at)
{
    return container_starts(at->head, 32769, "CD001", 5) ? 94 : 0;
}

enum sp_err sp_iso_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"iso", SP_MEMBERS_ISO, 0, 0,
                                                  sp_container_look_iso};
    return sp_container_extract(x, &form, why);
}

/* The ASCII headers are octal or hexadecimal digits throughout: a telephone number that begins with
 * 070701 is not enough. Binary ones: a type of file, and a name of sensible length. */
int sp_cpio_header(struct sp_slice head)
{
    bool little = container_starts(head, 0, "\xC7\x71", 2);
    if (head.len >= 26 && (little || container_starts(head, 0, "\x71\xC7", 2))) {
        unsigned mode = little ? head.ptr[6] | (unsigned)head.ptr[7] << 8
                               : head.ptr[7] | (unsigned)head.ptr[6] << 8;
        unsigned len = little ? head.ptr[20] | (unsigned)head.ptr[21] << 8
                              : head.ptr[21] | (unsigned)head.ptr[20] << 8;
        unsigned type = mode >> 12;
        bool typed = type == 1 || type == 2 || type == 4 || type == 6 || type == 8 || type == 10 ||
                     type == 12 || mode == 0; /* 0: the end mark */
        return typed && len > 1 && len <= 4096 ? 80 : 0;
    }
    bool odc = container_starts(head, 0, "070707", 6);
    size_t len = odc ? 76 : 110; /* bytes of the header */
    if (head.len < len ||
        !(odc || container_starts(head, 0, "070701", 6) || container_starts(head, 0, "070702", 6)))
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (!isxdigit(head.ptr[i]))
            return 0;
    }
    return 94;
}

int sp_cpio_bid(const struct sp_glance *at)
{
    return sp_cpio_header(at->head);
}

enum sp_err sp_cpio_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"cpio", SP_MEMBERS_CPIO, 512, 0, NULL};
    return sp_container_extract(x, &form, why);
}

int sp_ar_bid(const struct sp_glance *at)
{
    if (!container_starts(at->head, 0, "!<arch>\n", 8))
        return 0;
    return at->head.len == 8 || container_starts(at->head, 66, "`\n", 2) ? 94 : 0;
}

enum sp_err sp_ar_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"ar", SP_MEMBERS_AR, 8, 0, NULL};
    return sp_container_extract(x, &form, why);
}

int sp_xar_bid(const struct sp_glance *at)
{
    return container_starts(at->head, 0, "xar!\0", 5) ? 94 : 0;
}

enum sp_err sp_xar_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_container_form form = {"xar", SP_MEMBERS_XAR, 512, 64, NULL};
    return sp_container_extract(x, &form, why);
}
