#include "extract/dumpdir.h"

#include "extract/formats.h"
#include "extract/run.h"

#include <string.h>

enum {
    DUMPDIR_FIRST_NUMBERS = 7, /* when the backup was made, 2; then those of a folder */
    DUMPDIR_NUMBERS = 5,       /* is it on NFS, its time in 2, device, inode */
    DUMPDIR_SIGN_MAX = 64,     /* "GNU tar-1.34-2" and a newline */
};

/* In the archive or not, a folder, renamed from and to, a name for renaming. */
static bool dumpdir_is_letter(uint8_t byte)
{
    return byte != '\0' && strchr("YNDRTX", byte) != NULL;
}

bool sp_dumpdir_is(struct sp_slice head)
{
    return head.len > 1 && dumpdir_is_letter(head.ptr[0]) &&
           memchr(head.ptr, '\0', head.len) != NULL;
}

/* A field begins. An empty one ends a list; numbers follow. */
static uint8_t dumpdir_begin(struct sp_dumpdir *names, uint8_t byte)
{
    names->in_field = byte != '\0';
    if (!names->snapshot)
        return dumpdir_is_letter(byte) ? ' ' : byte;
    if (names->numbers == 0 && !names->in_field)
        names->numbers = DUMPDIR_NUMBERS;
    if (!names->in_field || names->numbers > 0 || names->folder)
        return byte;
    return dumpdir_is_letter(byte) ? ' ' : byte;
}

static void dumpdir_end(struct sp_dumpdir *names)
{
    names->in_field = false;
    if (names->folder)
        names->folder = false;
    else if (names->numbers > 0)
        names->folder = --names->numbers == 0;
}

void sp_dumpdir_lines(struct sp_dumpdir *names, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!names->in_field)
            bytes[i] = dumpdir_begin(names, bytes[i]);
        else if (bytes[i] == '\0')
            dumpdir_end(names);
        bytes[i] = bytes[i] == '\0' ? '\n' : bytes[i];
    }
}

static enum sp_err dumpdir_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct sp_dumpdir_lines *lines = self;
    enum sp_err err = sp_stream_next(lines->inner, out, why);
    if (err != SP_OK) {
        sp_stream_set_reason(lines->own, sp_stream_reason(lines->inner));
        return err;
    }
    size_t len = out->len < sizeof lines->room ? out->len : sizeof lines->room;
    size_t skip = lines->skip < len ? lines->skip : len;
    if (len == 0)
        return SP_OK;
    sp_stream_unget(lines->inner, out->len - len);
    memcpy(lines->room, out->ptr, len);
    sp_dumpdir_lines(&lines->names, lines->room + skip, len - skip);
    lines->skip -= skip;
    *out = (struct sp_slice){lines->room, len};
    return SP_OK;
}

static const struct sp_source_ops dumpdir_ops = {dumpdir_next, NULL};

enum sp_err sp_dumpdir_open(struct sp_dumpdir_lines *lines, struct sp_stream *inner,
                            struct sp_why *why)
{
    lines->names = (struct sp_dumpdir){0};
    lines->inner = inner;
    lines->own = NULL;
    lines->skip = 0;
    return sp_stream_open(&dumpdir_ops, lines, &lines->own, why);
}

/* ---- the snapshot beside the archives -------------------------------------------------------- */
/* Bytes of its first line, when it is one of format 2: those before are text. */
static size_t snapshot_sign(struct sp_slice head)
{
    size_t max = head.len < DUMPDIR_SIGN_MAX ? head.len : DUMPDIR_SIGN_MAX;
    const uint8_t *end =
        max > 8 && memcmp(head.ptr, "GNU tar-", 8) == 0 ? memchr(head.ptr, '\n', max) : NULL;
    return end != NULL && end[-1] == '2' && end[-2] == '-' ? (size_t)(end + 1 - head.ptr) : 0;
}

int sp_snapshot_bid(const struct sp_glance *at)
{
    /* what was made lines has no NUL any more */
    return snapshot_sign(at->head) > 0 && memchr(at->head.ptr, '\0', at->head.len) != NULL ? 95 : 0;
}

static void snapshot_begin(struct sp_dumpdir_lines *lines, struct sp_slice head)
{
    lines->skip = snapshot_sign(head);
    lines->names = (struct sp_dumpdir){.snapshot = true, .numbers = DUMPDIR_FIRST_NUMBERS};
}

enum sp_err sp_snapshot_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_dumpdir_lines lines;
    struct sp_slice head;
    enum sp_err err = sp_stream_peek(x->stream, DUMPDIR_SIGN_MAX, &head, why);
    if (err == SP_OK)
        err = sp_dumpdir_open(&lines, x->stream, why);
    if (err != SP_OK)
        return err;
    snapshot_begin(&lines, head);
    err = sp_extract_layer(x, lines.own, why);
    sp_stream_close(lines.own);
    return err;
}
