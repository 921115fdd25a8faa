/* 7z, rar, cab and iso by a descriptor (or, but for 7z, as they come when too large to spool);
 * cpio, ar and xar as they come. Members are read by libarchive; what its own headers promise and
 * what did not come out is told here, and the raw pass goes over the file. */
#include "extract/container.h"
#include "base/limits.h"
#include "base/mem.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/iso_rest.h"
#include "extract/run.h"

#include <ctype.h>
#include <unistd.h>

enum {
    CONTAINER_COMMENT_MAX = 1024 * 1024, /* bytes of a comment that is read */
    CONTAINER_LOCKED_MORE = 4096,        /* members beyond the limit, of which none is read */
};

/* ---- what libarchive left -------------------------------------------------------------------- */
/* How much of an archive is missing: a reason and a text, or SP_REASON_COUNT. */
struct container_missing {
    enum sp_reason reason;
    char detail[120];
};

static void container_missing(const struct sp_container_form *form,
                              const struct sp_members *members,
                              const struct sp_container_facts *facts, uint64_t size,
                              struct container_missing *out)
{
    out->reason = SP_REASON_CORRUPT;
    (void)snprintf(out->detail, sizeof out->detail, "%llu members were read",
                   (unsigned long long)members->seen);
    if (facts->members > 0)
        (void)snprintf(out->detail, sizeof out->detail, "%llu of %llu members were read",
                       (unsigned long long)members->seen, (unsigned long long)facts->members);
    bool ended = members->end == SP_MEMBERS_END;
    if (members->encrypted && !ended) {
        out->reason = SP_REASON_ENCRYPTED;
        (void)snprintf(out->detail, sizeof out->detail, "encrypted headers");
    } else if (members->unsupported && !ended) {
        out->reason = SP_REASON_UNSUPPORTED;
    } else if (ended && members->skipped) {
        (void)snprintf(out->detail, sizeof out->detail, "bytes between the members");
    } else if (ended && members->seen == 0 && size > form->empty_bytes) {
        (void)snprintf(out->detail, sizeof out->detail, "no member was found");
    } else if (ended && members->seen >= facts->members) {
        out->reason = SP_REASON_COUNT;
    }
}

/* ---- by a descriptor ------------------------------------------------------------------------- */
static enum sp_err container_comment(struct sp_extract *x, const struct sp_container_file *file,
                                     const struct sp_container_facts *facts, struct sp_why *why)
{
    uint64_t len = facts->comment_len;
    if (len == 0)
        return SP_OK;
    if (facts->comment_packed || len > CONTAINER_COMMENT_MAX)
        return sp_container_unread(x, SP_REASON_UNSUPPORTED, "the archive's comment", false, why);
    uint8_t *room = sp_alloc((size_t)len);
    if (room == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive");
    enum sp_err err = SP_OK;
    if (sp_container_pread(file, facts->comment_at, room, (size_t)len))
        err = sp_extract_note(x, (struct sp_slice){room, (size_t)len}, why);
    sp_free(room);
    return err;
}

/* Tells what the headers say of the archive as a whole. *told: something is missing for sure. */
static enum sp_err container_tell(struct sp_extract *x, const struct sp_container_file *file,
                                  const struct sp_container_facts *facts, bool *told,
                                  struct sp_why *why)
{
    bool first = sp_name_has_suffix(x->info->name, ".001\0");
    bool cut = facts->end > file->size;
    *told = facts->multivolume || cut || facts->udf;
    if (facts->multivolume || (cut && first))
        return sp_container_unread(x, SP_REASON_MULTIVOLUME, "one part of several", cut, why);
    if (cut)
        return sp_container_unread(x, SP_REASON_TRUNCATED, "ends before the archive does", true,
                                   why);
    if (facts->udf)
        return sp_container_unread(x, SP_REASON_UNSUPPORTED, "UDF: read as ISO 9660 and raw", true,
                                   why);
    return SP_OK;
}

/* The whole of a file of which the names cannot be read either. */
static enum sp_err container_encrypted(struct sp_extract *x, const struct sp_container_file *file,
                                       struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_ENCRYPTED);
    unread.bytes_read = 0;
    unread.bytes_expected = file->size;
    (void)snprintf(unread.detail, sizeof unread.detail, "encrypted headers");
    return sp_extract_unread(x, &unread, why);
}

/* After libarchive: reports and reads raw. */
static enum sp_err container_settle(struct sp_extract *x, const struct sp_container_form *form,
                                    const struct sp_container_file *file,
                                    const struct sp_container_facts *facts,
                                    const struct sp_members *members, bool told, struct sp_why *why)
{
    struct container_missing missing;
    enum sp_err err = SP_OK;
    if (members->end == SP_MEMBERS_LIMIT)
        return SP_OK;
    if (members->end == SP_MEMBERS_FAILED)
        return sp_container_unread(x, SP_REASON_IO_ERROR, "cannot read the file", false, why);
    container_missing(form, members, facts, file->size, &missing);
    if (missing.reason == SP_REASON_ENCRYPTED && members->seen == 0)
        return container_encrypted(x, file, why);
    if (missing.reason != SP_REASON_COUNT && !told)
        err = sp_container_unread(x, missing.reason, missing.detail, true, why);
    if (err == SP_OK && (missing.reason != SP_REASON_COUNT || told))
        return sp_extract_raw_rest(x, why);
    if (err == SP_OK && form->kind == SP_MEMBERS_ISO)
        err = sp_iso_rest(x, file, facts->end < file->size ? facts->end : file->size, why);
    if (err != SP_OK || facts->end == 0 || facts->end >= file->size)
        return err;
    struct sp_container_range rest = {
        .fd = file->fd, .pos = file->offset + facts->end, .end = file->offset + file->size};
    return sp_container_range_read(x, &rest, "bytes after the end", 0, why);
}

static enum sp_err container_by_fd(struct sp_extract *x, const struct sp_container_form *form,
                                   uint64_t offset, struct sp_why *why)
{
    struct sp_container_file file = {.fd = sp_stream_fd(x->stream),
                                     .offset = offset,
                                     .size = sp_stream_size(x->stream) - offset};
    struct sp_container_facts facts = {0};
    struct sp_members members = {.kind = form->kind, .fd = file.fd, .offset = offset};
    struct sp_container_range before = {.fd = file.fd, .end = offset, .past_zeros = true};
    bool told = false;
    sp_buf_init(&facts.locked, x->limits->entries_max + CONTAINER_LOCKED_MORE);
    form->look(&file, &facts);
    members.locked = sp_buf_slice(&facts.locked);
    enum sp_err err = facts.no_memory ? sp_fail(why, SP_ERR_NOMEM, "no memory to read an archive")
                      : offset == 0   ? SP_OK
                                      : sp_container_range_read(x, &before, NULL, 0, why);
    if (err == SP_OK && facts.encrypted)
        err = container_encrypted(x, &file, why);
    if (err != SP_OK || facts.encrypted)
        goto done;
    err = container_tell(x, &file, &facts, &told, why);
    if (err == SP_OK)
        err = container_comment(x, &file, &facts, why);
    if (err == SP_OK)
        err = sp_members_read(x, &members, why);
    if (err == SP_OK)
        err = container_settle(x, form, &file, &facts, &members, told, why);
done:
    sp_buf_clear(&facts.locked);
    x->done->bytes_read = offset + file.size;
    return err;
}

/* ---- as they come ---------------------------------------------------------------------------- */
static enum sp_err container_tape_rest(struct sp_extract *x, const struct sp_container_form *form,
                                       struct sp_tape *tape, const struct sp_members *members,
                                       const struct container_missing *missing, struct sp_why *why)
{
    struct sp_container_range rest = {.tape = tape};
    enum sp_err err = SP_OK;
    bool ended = members->end == SP_MEMBERS_END;
    enum sp_reason reason = missing->reason;
    if (reason == SP_REASON_CORRUPT && !ended && tape->ended)
        reason = SP_REASON_TRUNCATED;
    if (reason != SP_REASON_COUNT)
        err = sp_container_unread(x, reason, missing->detail, true, why);
    (void)sp_tape_seek(tape, ended ? members->end_pos : members->break_pos);
    if (err != SP_OK)
        return err;
    return sp_container_range_read(
        x, &rest, reason == SP_REASON_COUNT ? "bytes after the end" : NULL, form->slack, why);
}

/* True when another archive of the same kind follows, as initramfs files do after padding. */
static enum sp_err container_goes_on(struct sp_tape *tape, bool *more, struct sp_why *why)
{
    struct sp_slice block;
    *more = false;
    for (;;) {
        uint64_t at = tape->pos;
        enum sp_err err = sp_tape_next(tape, &block, why);
        if (err != SP_OK || block.len == 0)
            return SP_OK; /* a failure is kept, and told by whoever reads on */
        size_t zeros = 0;
        while (zeros < block.len && block.ptr[zeros] == 0)
            zeros++;
        if (zeros == block.len)
            continue;
        struct sp_slice head = {block.ptr + zeros, block.len - zeros};
        *more = sp_cpio_header(head) > 0;
        (void)sp_tape_seek(tape, at + zeros);
        return SP_OK;
    }
}

static enum sp_err container_by_tape(struct sp_extract *x, const struct sp_container_form *form,
                                     struct sp_why *why)
{
    struct sp_tape tape;
    struct sp_members members = {.kind = form->kind, .tape = &tape, .fd = -1};
    struct sp_container_facts facts = {0};
    struct container_missing missing = {.reason = SP_REASON_COUNT};
    bool more = false;
    enum sp_err err = sp_tape_open(&tape, x->stream, why);
    if (err != SP_OK)
        return err;
    do {
        members.seen = 0;
        err = sp_members_read(x, &members, why);
        if (err != SP_OK || members.end == SP_MEMBERS_LIMIT || members.end == SP_MEMBERS_FAILED)
            goto done;
        container_missing(form, &members, &facts, members.end_pos - members.break_pos, &missing);
        if (members.end != SP_MEMBERS_END)
            break;
        (void)sp_tape_seek(&tape, members.end_pos);
        if (form->kind == SP_MEMBERS_CPIO && missing.reason == SP_REASON_COUNT)
            err = container_goes_on(&tape, &more, why);
        if (err == SP_OK)
            members.end_pos = tape.pos;
    } while (err == SP_OK && more);
    if (err == SP_OK)
        err = container_tape_rest(x, form, &tape, &members, &missing, why);
    if (err == SP_OK && form->kind == SP_MEMBERS_ISO) /* its directories tell where that is */
        err = sp_container_unread(x, SP_REASON_LIMIT_SPOOL, "what lies between its files", false,
                                  why);
done:
    sp_tape_close(&tape);
    return err;
}

/* By the descriptor, where the archive begins: at once or behind a program. */
enum sp_err sp_container_extract(struct sp_extract *x, const struct sp_container_form *form,
                                 struct sp_why *why)
{
    struct sp_slice head;
    uint64_t offset = 0;
    int fd = sp_stream_fd(x->stream);
    if (fd < 0 || form->look == NULL)
        return container_by_tape(x, form, why);
    enum sp_err err = sp_stream_peek(x->stream, 8, &head, why);
    if (err != SP_OK)
        return err;
    const char *behind = sp_container_behind(fd, head, sp_stream_size(x->stream), &offset);
    return container_by_fd(x, form, behind != NULL ? offset : 0, why);
}
