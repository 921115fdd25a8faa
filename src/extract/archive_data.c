/* The data of one member, as libarchive gives it, as a stream. What libarchive says is judged here:
 * WARN goes on, FAILED ends a member, RETRY and FATAL end the archive. */
#include "base/limits.h"
#include "extract/archive_in.h"
#include "extract/dumpdir.h"
#include "extract/holes.h"
#include "extract/run.h"

#include <errno.h>

enum { ARCHIVE_RETRY_MAX = 100 }; /* times in a row that libarchive may ask to be called again */

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
    uint64_t given;      /* bytes given so far, left-out zeros not counted */
    bool warned;         /* data came with a warning: damaged */
};

static enum sp_err member_fail(struct archive_member *member, enum sp_reason reason,
                               const char *text, struct sp_why *why)
{
    sp_stream_set_reason(member->own, reason);
    return sp_fail(why, SP_ERR_FORMAT, "%s", text);
}

bool sp_archive_says(struct archive *a, const char *piece)
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
    /* A wrong password passes the check of one byte now and then: the data then looks damaged. */
    if (sp_archive_says(member->a, "encrypt") || sp_archive_says(member->a, "passphrase") ||
        archive_entry_is_encrypted(member->entry) != 0)
        return member_fail(member, SP_REASON_ENCRYPTED, "encrypted, or a wrong password", why);
    if (sp_archive_says(member->a, "unsupported"))
        return member_fail(member, SP_REASON_UNSUPPORTED, "compression method without a reader",
                           why);
    if (sp_archive_says(member->a, "truncated"))
        return member_fail(member, SP_REASON_TRUNCATED, "the archive ends within this member", why);
    return member_fail(member, SP_REASON_CORRUPT, "damaged data or a wrong checksum", why);
}

static enum sp_err member_at_end(struct archive_member *member, struct sp_why *why)
{
    bool encrypted = archive_entry_is_encrypted(member->entry) != 0;
    if (member->warned && encrypted)
        return member_fail(member, SP_REASON_ENCRYPTED, "encrypted, or a wrong password", why);
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
        return sp_holes_shorten(member->holes, member->given, len, out, why);
    account->zero_bytes += len;
    *out = sp_holes_zeros(len);
    member->zeros_left = len - out->len;
    return SP_OK;
}

/* The hole with which a sparse member ends; libarchive says nothing of it. */
static enum sp_err member_last_hole(struct archive_member *member, struct sp_slice *out,
                                    struct sp_why *why)
{
    uint64_t len = member->claimed - member->end;
    member->end = member->claimed;
    return member_hole(member, len, out, why);
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

static enum sp_err member_give(struct archive_member *member, struct sp_slice *out,
                               struct sp_why *why)
{
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
        if (r == ARCHIVE_EOF && !member->warned && member->claimed != SP_SIZE_UNKNOWN &&
            member->end < member->claimed && archive_entry_sparse_count(member->entry) > 0)
            return member_last_hole(member, out, why);
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

static enum sp_err member_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct archive_member *member = self;
    enum sp_err err = member_give(member, out, why);
    member->given += err == SP_OK ? out->len : 0;
    return err;
}

static const struct sp_source_ops member_ops = {member_next, NULL};

/* A folder with data: an incremental archive lists what was in it. */
static bool archive_is_list(struct archive_entry *entry, const struct archive_input *input)
{
    return input->members->kind == SP_MEMBERS_TAR && archive_entry_filetype(entry) == AE_IFDIR;
}

static enum sp_err member_list(struct sp_extract *x, const struct sp_object_info *info,
                               struct sp_stream *stream, struct sp_why *why)
{
    struct sp_dumpdir_lines lines;
    struct sp_slice head;
    enum sp_err err = sp_stream_peek(stream, SP_HEAD_BYTES, &head, why);
    if (err != SP_OK || !sp_dumpdir_is(head))
        return sp_extract_member(x, info, stream, why); /* a failure comes again, and is told */
    err = sp_dumpdir_open(&lines, stream, why);
    if (err == SP_OK)
        err = sp_extract_member(x, info, lines.own, why);
    sp_stream_close(lines.own);
    return err;
}

enum sp_err sp_archive_content(struct sp_extract *x, struct archive *a, struct archive_entry *entry,
                               struct archive_input *input, const struct sp_object_info *info,
                               struct sp_why *why)
{
    struct sp_holes holes;
    struct archive_member member = {.x = x,
                                    .a = a,
                                    .entry = entry,
                                    .input = input,
                                    .holes = &holes,
                                    .claimed = info->size_claimed,
                                    .warned = input->warned};
    struct sp_sink *sink = x->sink;
    sp_holes_init(&holes, sink);
    enum sp_err err = sp_stream_open(&member_ops, &member, &member.own, why);
    if (err != SP_OK)
        return err;
    x->sink = &holes.sink; /* puts origins right where holes were left out */
    err = archive_is_list(entry, input) ? member_list(x, info, member.own, why)
                                        : sp_extract_member(x, info, member.own, why);
    x->sink = sink;
    sp_stream_close(member.own);
    sp_holes_clear(&holes);
    return err;
}
