/* Mailboxes (mbox: mboxo, mboxrd, mboxcl as Thunderbird and mail servers write them) and single
 * messages (eml, the files of a Maildir). One message at a time is in memory. */
#include "base/limits.h"
#include "extract/decode.h"
#include "extract/extents.h"
#include "extract/formats.h"
#include "extract/known.h"
#include "extract/mail.h"
#include "extract/mail_start.h"
#include "extract/run.h"

#include <stdio.h>

enum {
    BID_MBOX = 95,
    BID_EML = 90,
    BID_EML_NAMED = 70, /* the name says mail, one header is enough */
    BID_PROMISED = 88   /* the name says mail, and it is none: above other text */
};

/* ---- bids -------------------------------------------------------------------------------- */
/* A name that promises mail must not be read as some other text without a word: what reads like
 * text, or like nothing that is known, is mail without mail in it. */
static bool promise_broken(const struct sp_glance *at)
{
    if (!sp_mail_name_sure(at->name))
        return false;
    return at->is_text || sp_known_find(at->head, false) == NULL;
}

int sp_eml_bid(const struct sp_glance *at)
{
    if (at->head.len == 0)
        return 0;
    switch (sp_mail_look(at->head)) {
    case SP_MAIL_LOOK_SURE:
    case SP_MAIL_LOOK_BABYL:
        return BID_EML;
    case SP_MAIL_LOOK_ONE:
        if (sp_mail_name(at->name))
            return BID_EML_NAMED;
        break;
    case SP_MAIL_LOOK_NONE:
        break;
    }
    return promise_broken(at) ? BID_PROMISED : 0;
}

/* "hh:mm" as in the date of an envelope line. */
static bool has_time(struct sp_slice line)
{
    for (size_t i = 2; i + 2 < line.len; i++) {
        if (line.ptr[i] == ':' && line.ptr[i - 1] >= '0' && line.ptr[i - 1] <= '9' &&
            line.ptr[i + 1] >= '0' && line.ptr[i + 1] <= '9')
            return true;
    }
    return false;
}

/* An envelope line at `pos`, and a header behind it? Bodies have lines that begin with "From "
 * too. *more: the answer needs more bytes. */
static bool envelope_at(struct sp_slice bytes, size_t pos, bool whole, bool *more)
{
    size_t line = sp_mail_line(bytes, pos);
    size_t next = pos + line;
    *more = false;
    if (next >= bytes.len || memchr(bytes.ptr + next, '\n', bytes.len - next) == NULL) {
        *more = !whole;
        if (*more || next >= bytes.len)
            return false;
    }
    size_t name = sp_mail_header_name(bytes, next);
    bool quoted = bytes.len - next >= 6 && memcmp(bytes.ptr + next, ">From ", 6) == 0;
    if (name > 0 && sp_mail_header_known((struct sp_slice){bytes.ptr + next, name}))
        return true;
    return (name > 0 || quoted) && has_time((struct sp_slice){bytes.ptr + pos, line});
}

/* Separators of MMDF before the first message. */
static bool mmdf_begins(struct sp_slice head)
{
    size_t prefix = sp_mail_prefix(head);
    return memmem(head.ptr, prefix, "\1\1\1\1", 4) != NULL;
}

int sp_mbox_bid(const struct sp_glance *at)
{
    bool more;
    if (at->head.len == 0)
        return 0;
    size_t pos = sp_mail_prefix(at->head);
    struct sp_slice rest = {at->head.ptr + pos, at->head.len - pos};
    if (pos > 0 && mmdf_begins(at->head) && sp_mail_look(at->head) == SP_MAIL_LOOK_SURE)
        return BID_MBOX;
    if (sp_mail_envelope(rest) == 0)
        return 0;
    return envelope_at(at->head, pos, true, &more) ? BID_MBOX : 0;
}

/* ---- a single message -------------------------------------------------------------------- */
static enum sp_err message_limit(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_SPOOL);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "a message larger than the spool limit");
    return sp_extract_unread(x, &unread, why);
}

/* Reads the stream into `buf` until its end or its ceiling (*full). A failure of the stream goes
 * to *stream_err. */
static enum sp_err message_fill(struct sp_extract *x, struct sp_buf *buf, bool *full,
                                enum sp_err *stream_err, struct sp_why *why)
{
    *full = false;
    for (;;) {
        struct sp_slice block;
        *stream_err = sp_stream_next(x->stream, &block, why);
        if (*stream_err != SP_OK || block.len == 0)
            return SP_OK;
        *full = block.len > buf->max - buf->len;
        if (*full) {
            sp_stream_unget(x->stream, block.len);
            return SP_OK;
        }
        enum sp_err err = sp_buf_append(buf, block.ptr, block.len, why);
        if (err != SP_OK)
            return err;
    }
}

static enum sp_err message_read(struct sp_extract *x, struct sp_buf *buf, struct sp_why *why)
{
    struct sp_mail mail;
    bool recoded;
    enum sp_err err = sp_mail_settle(buf, &recoded, why);
    if (err != SP_OK)
        return err;
    err = sp_mail_parse(&mail, sp_buf_slice(buf), x->limits, why);
    mail.recoded = recoded;
    if (err == SP_OK)
        err = sp_mail_read(x, &mail, why);
    sp_mail_clear(&mail);
    return err;
}

/* Messages in messages: each is an object one deeper, however it was packed. */
static enum sp_err eml_too_deep(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_DEPTH);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "deeper than %u containers",
                   x->limits->depth_max);
    enum sp_err err = sp_extract_unread(x, &unread, why);
    return err != SP_OK ? err : sp_extract_raw_rest(x, why);
}

/* The name or the banner promised mail that we cannot find: text, and a gap. */
static enum sp_err no_mail(struct sp_extract *x, struct sp_slice head, enum sp_reason reason,
                           const char *detail, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    unread.fallback = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    enum sp_err err = sp_extract_unread(x, &unread, why);
    if (err != SP_OK)
        return err;
    return sp_extract_is_text(head) ? sp_plain_extract(x, why) : sp_extract_raw_rest(x, why);
}

enum sp_err sp_eml_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_buf buf;
    struct sp_slice head = {NULL, 0};
    /* A failed peek is not lost: next() gives it again. */
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    enum sp_mail_look look = sp_mail_look(head);
    if (look == SP_MAIL_LOOK_NONE && head.len > 0)
        return no_mail(x, head, SP_REASON_CORRUPT, "no mail in it", why);
    if (look == SP_MAIL_LOOK_BABYL)
        return no_mail(x, head, SP_REASON_UNSUPPORTED, "babyl", why);
    bool full;
    enum sp_err stream_err = SP_OK;
    if (x->depth >= x->limits->depth_max)
        return eml_too_deep(x, why);
    sp_buf_init(&buf, x->limits->spool_max_bytes);
    enum sp_err err = message_fill(x, &buf, &full, &stream_err, why);
    if (err == SP_OK)
        err = message_read(x, &buf, why);
    sp_buf_clear(&buf);
    if (err == SP_OK && full) {
        err = message_limit(x, why);
        if (err == SP_OK)
            err = sp_extract_raw_rest(x, why);
    }
    return err != SP_OK ? err : stream_err;
}

/* ---- a mailbox --------------------------------------------------------------------------- */
struct mbox {
    struct sp_extract *x;
    struct sp_buf buf; /* bytes read and not given to a message yet */
    size_t begin;      /* of the current message in buf */
    size_t looked;     /* no envelope line begins before this */
    bool ended;        /* the stream gave its last byte */
    bool mmdf;         /* messages end at separators, not at envelope lines */
    uint64_t ordinal;  /* of the message read last */
    uint64_t off;      /* source byte of buf[0] */
};

/* A message that ended a worker: its header is not parsed again either. */
static enum sp_err mbox_lost(struct sp_extract *x, struct sp_slice bytes, uint64_t ordinal,
                             struct sp_why *why)
{
    const struct sp_object_info info = {.step = SP_STEP_MESSAGE,
                                        .node = SP_NODE_REGULAR,
                                        .ordinal = ordinal,
                                        .size_claimed = bytes.len,
                                        .mtime_s = INT64_MIN};
    struct sp_stream *stream = NULL;
    enum sp_err err = sp_stream_open_memory(bytes, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

static enum sp_err mbox_message(struct mbox *mbox, struct sp_slice bytes, bool cut,
                                struct sp_why *why)
{
    struct sp_extract *x = mbox->x;
    struct sp_mail mail;
    struct sp_object_done done = {
        .format = "eml", .shape = SP_SHAPE_DOCUMENT, .state = SP_STATE_COMPLETE};
    struct sp_extract inner = *x;
    uint64_t ordinal = ++mbox->ordinal;
    if (x->extents != NULL) { /* who cuts messages out reads none of them */
        uint64_t begin = mbox->off + (uint64_t)(bytes.ptr - mbox->buf.data);
        const struct sp_extent extent = {
            .kind = SP_EXTENT_RECORD, .row = ordinal, .begin = begin, .end = begin + bytes.len};
        x->extents->tell(x->extents, &extent);
        return SP_OK;
    }
    if (sp_plan_is_done(x->plan, ordinal))
        return SP_OK;
    if (sp_plan_lost(x->plan, ordinal) != NULL)
        return mbox_lost(x, bytes, ordinal, why);
    enum sp_err err = sp_mail_parse(&mail, bytes, x->limits, why);
    struct sp_object_info info = {.step = SP_STEP_MESSAGE,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = ordinal,
                                  .name = sp_mail_id(&mail),
                                  .size_claimed = bytes.len,
                                  .mtime_s = mail.date_s};
    if (err != SP_OK)
        goto done;
    inner.info = &info;
    inner.done = &done;
    inner.depth++;
    inner.plan = NULL;
    done.bytes_read = bytes.len;
    err = sp_sink_object_begin(x->sink, &info, why);
    if (err == SP_OK)
        err = sp_mail_read(&inner, &mail, why);
    if (err == SP_OK && cut)
        err = message_limit(&inner, why);
    if (err == SP_OK)
        err = sp_sink_object_end(x->sink, &done, why);
done:
    sp_mail_clear(&mail);
    return err;
}

/* No end of a message was found: there is none, or it needs more bytes. */
static bool mbox_no_end(struct mbox *mbox, size_t len, size_t *end)
{
    if (mbox->ended) {
        *end = len;
        mbox->looked = len;
        return true;
    }
    mbox->looked = len > 7 && len - 7 > mbox->looked ? len - 7 : mbox->looked;
    return false;
}

/* The same for MMDF: a message ends behind the separator that closes it. */
static bool mmdf_message_end(struct mbox *mbox, size_t *end)
{
    struct sp_slice bytes = sp_buf_slice(&mbox->buf);
    for (size_t pos = mbox->looked; pos < bytes.len;) {
        const uint8_t *at = memmem(bytes.ptr + pos, bytes.len - pos, "\n\1\1\1\1", 5);
        if (at == NULL)
            break;
        pos = (size_t)(at - bytes.ptr) + 1;
        size_t len = sp_mail_mmdf(bytes, pos);
        if (len > 0) {
            *end = pos + len;
            mbox->looked = *end;
            return true;
        }
    }
    return mbox_no_end(mbox, bytes.len, end);
}

/* The end of the current message within buf; false when more bytes are needed to find it. */
static bool mbox_message_end(struct mbox *mbox, size_t *end)
{
    struct sp_slice bytes = sp_buf_slice(&mbox->buf);
    size_t pos = mbox->looked;
    if (mbox->mmdf)
        return mmdf_message_end(mbox, end);
    while (pos < bytes.len) {
        const uint8_t *at = memmem(bytes.ptr + pos, bytes.len - pos, "\nFrom ", 6);
        if (at == NULL)
            break;
        bool more;
        size_t found = (size_t)(at - bytes.ptr) + 1;
        bool empty_before =
            found >= 2 &&
            (bytes.ptr[found - 2] == '\n' ||
             (found >= 3 && bytes.ptr[found - 2] == '\r' && bytes.ptr[found - 3] == '\n'));
        bool is_envelope = envelope_at(bytes, found, mbox->ended, &more);
        if (more) {
            mbox->looked = found - 1;
            return false;
        }
        size_t line = sp_mail_line(bytes, found);
        /* Without an empty line before it, only a full envelope line counts. */
        if (is_envelope && (empty_before || has_time((struct sp_slice){at + 1, line}))) {
            *end = found;
            mbox->looked = found;
            return true;
        }
        pos = found;
    }
    return mbox_no_end(mbox, bytes.len, end);
}

/* Gives on all messages that are complete in buf. */
static enum sp_err mbox_messages(struct mbox *mbox, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t end;
    while (err == SP_OK && mbox->begin < mbox->buf.len && mbox_message_end(mbox, &end)) {
        err = mbox_message(mbox, (struct sp_slice){mbox->buf.data + mbox->begin, end - mbox->begin},
                           false, why);
        mbox->begin = end;
    }
    sp_buf_drop_front(&mbox->buf, mbox->begin);
    mbox->off += mbox->begin;
    mbox->looked -= mbox->begin;
    mbox->begin = 0;
    return err;
}

/* Takes a block in pieces: streams over memory give all at once. */
static enum sp_err mbox_block(struct mbox *mbox, struct sp_slice block, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && block.len > 0) {
        size_t len = block.len < SP_BLOCK_BYTES ? block.len : SP_BLOCK_BYTES;
        if (len > mbox->buf.max - mbox->buf.len) { /* a message beyond the limit: cut */
            err = mbox_message(mbox, sp_buf_slice(&mbox->buf), true, why);
            mbox->off += mbox->buf.len;
            sp_buf_reset(&mbox->buf);
            mbox->looked = 0;
        }
        if (err == SP_OK)
            err = sp_buf_append(&mbox->buf, block.ptr, len, why);
        if (err == SP_OK)
            err = mbox_messages(mbox, why);
        block.ptr += len;
        block.len -= len;
    }
    return err;
}

enum sp_err sp_mbox_extract(struct sp_extract *x, struct sp_why *why)
{
    struct mbox mbox = {.x = x};
    enum sp_err err = SP_OK;
    enum sp_err stream_err = SP_OK;
    uint64_t limit = x->limits->spool_max_bytes;
    struct sp_slice head = {NULL, 0};
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL); /* next() gives a failure again */
    if (head.len > 0) {
        mbox.looked = sp_mail_prefix(head); /* no message of empty lines */
        mbox.mmdf = mmdf_begins(head);
    }
    sp_buf_init(&mbox.buf, limit < SP_BLOCK_BYTES ? SP_BLOCK_BYTES : limit);
    while (err == SP_OK && !mbox.ended) {
        struct sp_slice block = {NULL, 0};
        stream_err = sp_stream_next(x->stream, &block, why);
        mbox.ended = stream_err != SP_OK || block.len == 0;
        if (!mbox.ended)
            err = mbox_block(&mbox, block, why);
        if (err == SP_OK)
            err = sp_extract_progress(x, why);
    }
    if (err == SP_OK)
        err = mbox_messages(&mbox, why);
    sp_buf_clear(&mbox.buf);
    return err != SP_OK ? err : stream_err;
}
