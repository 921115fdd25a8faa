/* A message as one record (headers and texts, in which weak identifiers meet) and its parts as
 * objects. What lies in no range of the MIME tree is a gap, and read as text. */
#include "base/mem.h"
#include "extract/formats.h"
#include "extract/mail_header.h"
#include "extract/mail_start.h"
#include "extract/run.h"

#include <stdio.h>
#include <strings.h>

enum {
    BOUNDARIES_KEPT = 64, /* delimiter lines of further multiparts are read as text */
    BASE64_LINE_MIN = 20  /* digits that are no word on a line of its own */
};

/* What reading one message needs; too large for the stack. */
struct message {
    struct sp_extract *x;
    const struct sp_mail *mail;
    uint64_t uu_count;      /* parts in uuencode, which has no reader */
    uint64_t signed_count;  /* parts that are a message inside an S/MIME signature */
    uint64_t partial_count; /* parts that are a piece of a message */
    uint64_t unknown_count; /* parts in an encoding with a name that we do not know */
    const char *boundaries[BOUNDARIES_KEPT];
    size_t boundary_count;
    struct sp_slice body_part; /* MIME part path of the body at hand */
    bool too_deep;
    bool encoded_whole; /* a multipart says that it is encoded as a whole, which is not allowed */
    bool outside;       /* between the parts lies what looks like an encoded part */
    bool escapes_cut;   /* more escapes in HTML than are kept */
    struct sp_mail_text text;
    struct sp_row row;
    struct sp_escapes escapes;
};

static struct sp_slice range_of(const struct message *message, size_t begin, size_t end)
{
    return begin == end ? (struct sp_slice){NULL, 0}
                        : (struct sp_slice){message->mail->bytes.ptr + begin, end - begin};
}

static bool holds(struct sp_slice bytes, const char *needle)
{
    return memmem(bytes.ptr, bytes.len, needle, strlen(needle)) != NULL;
}

/* ---- gaps -------------------------------------------------------------------------------- */
/* A delimiter line of a multipart: its boundary was read as a header's value. */
static bool line_is_boundary(const struct message *message, size_t begin, size_t end)
{
    struct sp_slice line = range_of(message, begin, end);
    if (line.len < 2 || memcmp(line.ptr, "--", 2) != 0)
        return false;
    for (size_t i = 0; i < message->boundary_count; i++) {
        const char *boundary = message->boundaries[i];
        size_t len = strlen(boundary);
        if (line.len < 2 + len || memcmp(line.ptr + 2, boundary, len) != 0)
            continue;
        size_t rest = 2 + len;
        while (rest < line.len && (line.ptr[rest] == '-' || line.ptr[rest] <= ' '))
            rest++;
        if (rest == line.len)
            return true;
    }
    return false;
}

/* A line of nothing but base64, too long for a word. */
static bool line_is_base64(struct sp_slice line)
{
    size_t lower = 0;
    size_t upper = 0;
    while (line.len > 0 && line.ptr[line.len - 1] <= ' ')
        line.len--;
    for (size_t i = 0; i < line.len; i++) {
        lower += line.ptr[i] >= 'a' && line.ptr[i] <= 'z' ? 1 : 0;
        upper += line.ptr[i] >= 'A' && line.ptr[i] <= 'Z' ? 1 : 0;
    }
    return line.len >= BASE64_LINE_MIN && line.len % 4 == 0 && lower > 0 && upper > 0 &&
           !sp_transfer_base64_strange(line);
}

/* The header of an encoded part, where it is only text. */
static bool line_is_transfer(struct sp_slice line)
{
    static const char header[] = "Content-Transfer-Encoding:";
    if (line.len < sizeof header ||
        strncasecmp((const char *)line.ptr, header, sizeof header - 1) != 0)
        return false;
    return !holds(line, "7bit") && !holds(line, "8bit") && !holds(line, "7BIT") &&
           !holds(line, "8BIT") && !holds(line, "binary");
}

/* Does a text have the headers of encoded parts in it? Messages put into a text as they stand. */
static bool holds_parts(struct sp_slice text)
{
    for (size_t pos = 0; pos < text.len; pos += sp_mail_line(text, pos)) {
        size_t len = sp_mail_line(text, pos);
        if ((text.ptr[pos] | 0x20) == 'c' &&
            line_is_transfer((struct sp_slice){text.ptr + pos, len}))
            return true;
    }
    return false;
}

/* Pushes the lines of a gap that say something. */
static enum sp_err gap_read(struct message *message, size_t begin, size_t end, struct sp_why *why)
{
    struct sp_slice bytes = {message->mail->bytes.ptr, end};
    size_t from = SIZE_MAX; /* start of lines not pushed yet */
    enum sp_err err = SP_OK;
    for (size_t pos = begin; err == SP_OK && pos <= end;) {
        size_t stop = pos < end ? pos + sp_mail_line(bytes, pos) : end;
        bool skip = pos == end || line_is_boundary(message, pos, stop);
        message->outside = message->outside || line_is_transfer(range_of(message, pos, stop)) ||
                           line_is_base64(range_of(message, pos, stop));
        for (size_t i = pos; from == SIZE_MAX && !skip && i < stop; i++)
            from = bytes.ptr[i] > ' ' ? pos : SIZE_MAX;
        if (skip && from != SIZE_MAX) {
            err = sp_row_named(&message->row, (struct sp_slice){NULL, 0},
                               (struct sp_slice){NULL, 0}, 0, why);
            if (err == SP_OK)
                err = sp_mail_text_raw(&message->text, from, pos, why);
            from = SIZE_MAX;
        }
        pos = pos == end ? end + 1 : stop;
    }
    return err;
}

/* ---- bodies ------------------------------------------------------------------------------- */
static enum sp_err body_begin(void *ctx, uint64_t line, struct sp_why *why)
{
    struct message *message = ctx;
    return sp_row_named(&message->row, (struct sp_slice){NULL, 0}, message->body_part, line, why);
}

static enum sp_err block_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             uint64_t line, struct sp_why *why)
{
    struct message *message = ctx;
    enum sp_err err = body_begin(message, line, why);
    return err == SP_OK ? sp_row_text(&message->row, utf8, map, why) : err;
}

static bool is_html(const struct sp_mail_entity *entity)
{
    return strcasecmp(entity->type, "text/html") == 0;
}

/* What goes on over soft line breaks. */
static enum sp_err flowed_read(struct message *message, const struct sp_mail_entity *entity,
                               struct sp_why *why)
{
    uint64_t ignored = 0;
    struct sp_flowed *flowed = sp_alloc(sizeof *flowed);
    if (flowed == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a message");
    sp_flowed_init(flowed, &message->row, message->body_part, entity->delete_space);
    message->text.flowed = flowed;
    enum sp_err err = sp_mail_text_body(&message->text, entity, &ignored, why);
    if (err == SP_OK)
        err = sp_flowed_end(flowed, why);
    message->text.flowed = NULL;
    sp_free(flowed);
    return err;
}

/* As it stands, and behind it what is written in it as escapes. */
static enum sp_err plain_read(struct message *message, const struct sp_mail_entity *entity,
                              uint64_t *strange, struct sp_why *why)
{
    sp_escapes_again(&message->escapes);
    message->text.escapes = &message->escapes;
    enum sp_err err = body_begin(message, 1, why);
    if (err == SP_OK)
        err = sp_mail_text_body(&message->text, entity, strange, why);
    message->text.escapes = NULL;
    if (err == SP_OK)
        err = sp_escapes_end(&message->escapes, why);
    if (err == SP_OK)
        err = sp_escapes_give(&message->escapes, block_out, message, why);
    message->escapes_cut = message->escapes_cut || message->escapes.overfull;
    return err;
}

/* The body, as a text or as HTML. */
static enum sp_err content_read(struct message *message, const struct sp_mail_entity *entity,
                                enum sp_transfer transfer, uint64_t *strange, struct sp_why *why)
{
    static const struct sp_markup_ops ops = {body_begin, block_out};
    struct sp_mail_entity as_read = *entity;
    as_read.transfer = transfer;
    if (message->mail->recoded && transfer == SP_TRANSFER_IDENTITY)
        as_read.charset = NULL;
    message->body_part = sp_slice_of(entity->part); /* as_read does not live until the row ends */
    if (!is_html(entity)) {
        enum sp_err err = plain_read(message, &as_read, strange, why);
        return err == SP_OK && entity->flowed ? flowed_read(message, &as_read, why) : err;
    }
    enum sp_err err = sp_markup_new(&message->row, &ops, message, &message->text.markup, why);
    if (err == SP_OK)
        err = sp_mail_text_body(&message->text, &as_read, strange, why);
    if (err == SP_OK)
        err = sp_markup_finish(message->text.markup, why);
    message->escapes_cut =
        message->escapes_cut || (err == SP_OK && sp_markup_is_cut(message->text.markup));
    sp_markup_free(message->text.markup);
    message->text.markup = NULL;
    return err;
}

/* ---- the record -------------------------------------------------------------------------- */
static enum sp_err body_read(struct message *message, const struct sp_mail_entity *entity,
                             struct sp_why *why)
{
    struct sp_slice part = sp_slice_of(entity->part);
    struct sp_slice none = {NULL, 0};
    uint64_t strange = 0;
    struct sp_slice content = range_of(message, entity->content_begin, entity->content_end);
    message->outside = message->outside || holds_parts(content);
    enum sp_err err = content_read(message, entity, entity->transfer, &strange, why);
    if (err == SP_OK && entity->transfer_other != entity->transfer) {
        uint64_t ignored = 0;
        err = content_read(message, entity, entity->transfer_other, &ignored, why);
    }
    if (err != SP_OK || strange == 0)
        return err;
    /* No base64, or text behind it (footers of mailing lists): as it stands, too. */
    err = sp_row_named(&message->row, none, part, 1, why);
    return err != SP_OK
               ? err
               : sp_mail_text_raw(&message->text, entity->content_begin, entity->content_end, why);
}

/* Is the content of this entity read as text in the record? */
static bool in_record(const struct sp_mail_entity *entity)
{
    return entity->kind == SP_MAIL_TEXT;
}

static bool is_object(const struct sp_mail_entity *entity)
{
    return (entity->kind == SP_MAIL_PART || entity->kind == SP_MAIL_MESSAGE ||
            entity->kind == SP_MAIL_ENCRYPTED) &&
           entity->content_begin < entity->content_end;
}

/* An attachment that says base64 and has more in it: decoding passes over that. */
static bool hides_text(const struct message *message, const struct sp_mail_entity *entity)
{
    return entity->kind != SP_MAIL_ENCRYPTED && entity->transfer == SP_TRANSFER_BASE64 &&
           sp_transfer_base64_strange(
               range_of(message, entity->content_begin, entity->content_end));
}

/* Reads such an attachment as it stands, besides decoding it. */
static enum sp_err beside_read(struct message *message, const struct sp_mail_entity *entity,
                               struct sp_why *why)
{
    struct sp_slice none = {NULL, 0};
    struct sp_slice content = range_of(message, entity->content_begin, entity->content_end);
    message->outside = message->outside || holds_parts(content);
    enum sp_err err = sp_row_named(&message->row, none, sp_slice_of(entity->part), 1, why);
    return err != SP_OK
               ? err
               : sp_mail_text_raw(&message->text, entity->content_begin, entity->content_end, why);
}

/* The first entity's headers are the message's own. */
static struct sp_slice headers_part(const struct message *message,
                                    const struct sp_mail_entity *entity)
{
    bool own = entity == sp_mail_entity_at(message->mail, 0);
    return own ? (struct sp_slice){NULL, 0} : sp_slice_of(entity->part);
}

/* Headers, content and the gap before it; *pos is how far the message has been read. */
static enum sp_err entity_read(struct message *message, const struct sp_mail_entity *entity,
                               size_t *pos, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t begin = entity->headers_begin;
    size_t end = entity->headers_end;
    if (begin < end && end > *pos) {
        begin = begin < *pos ? *pos : begin;
        err = gap_read(message, *pos, begin, why);
        if (err == SP_OK)
            err = sp_mail_headers(&message->text, begin, end, headers_part(message, entity), why);
        *pos = end;
    }
    if (entity->boundary != NULL && message->boundary_count < BOUNDARIES_KEPT)
        message->boundaries[message->boundary_count++] = entity->boundary;
    message->encoded_whole = message->encoded_whole || entity->encoded_whole;
    message->too_deep = message->too_deep || entity->kind == SP_MAIL_TOO_DEEP;
    begin = entity->content_begin;
    end = entity->content_end;
    if (err != SP_OK || begin >= end || !(in_record(entity) || is_object(entity)))
        return err;
    if (begin > *pos)
        err = gap_read(message, *pos, begin, why);
    message->uu_count += entity->fault == SP_MAIL_FAULT_UU ? 1 : 0;
    message->signed_count += entity->fault == SP_MAIL_FAULT_SIGNED ? 1 : 0;
    message->partial_count += entity->fault == SP_MAIL_FAULT_PARTIAL ? 1 : 0;
    message->unknown_count += entity->fault == SP_MAIL_FAULT_TRANSFER ? 1 : 0;
    if (err == SP_OK && in_record(entity))
        err = body_read(message, entity, why);
    else if (err == SP_OK && hides_text(message, entity))
        err = beside_read(message, entity, why);
    *pos = end > *pos ? end : *pos;
    return err;
}

static enum sp_err record_read(struct message *message, struct sp_why *why)
{
    const struct sp_mail *mail = message->mail;
    size_t prefix = mail->bytes.len == 0 ? 0 : sp_mail_prefix(mail->bytes);
    size_t pos = mail->bytes.len == 0 ? 0 : sp_mail_start(mail->bytes);
    enum sp_err err = SP_OK;
    message->row.record = (struct sp_record){.kind = SP_RECORD_MESSAGE,
                                             .ordinal = 1,
                                             .line = 1,
                                             .message_id = sp_mail_id(mail),
                                             .date_s = mail->date_s};
    sp_row_begin(&message->row);
    if (prefix > 0) /* Apple's count, separators: they may say something */
        err = gap_read(message, 0, prefix, why);
    if (err == SP_OK && pos > prefix) {
        err = sp_row_named(&message->row, sp_slice_of("From"), (struct sp_slice){NULL, 0}, 0, why);
        if (err == SP_OK)
            err = sp_mail_text_raw(&message->text, prefix + strlen("From "), pos, why);
    }
    for (size_t i = 0; err == SP_OK && i < sp_mail_entity_count(mail); i++)
        err = entity_read(message, sp_mail_entity_at(mail, i), &pos, why);
    if (err == SP_OK)
        err = gap_read(message, pos, mail->bytes.len, why);
    return err == SP_OK ? sp_row_end(&message->row, why) : err;
}

/* ---- parts ------------------------------------------------------------------------------- */
static enum sp_err part_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    size_t at;
    (void)why;
    if (!sp_transfer_next(self, out, &at))
        *out = (struct sp_slice){NULL, 0};
    return SP_OK;
}

static enum sp_err part_open(const struct message *message, const struct sp_mail_entity *entity,
                             struct sp_stream **out, struct sp_why *why)
{
    static const struct sp_source_ops ops = {part_next, sp_free};
    struct sp_slice content = range_of(message, entity->content_begin, entity->content_end);
    if (entity->transfer == SP_TRANSFER_IDENTITY)
        return sp_stream_open_memory(content, out, why);
    struct sp_transfer_reader *reader = sp_alloc(sizeof *reader);
    if (reader == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to decode an attachment");
    sp_transfer_init(reader, entity->transfer, content);
    enum sp_err err = sp_stream_open(&ops, reader, out, why);
    if (err != SP_OK)
        sp_free(reader);
    return err;
}

static enum sp_err part_read(struct message *message, const struct sp_mail_entity *entity,
                             uint64_t ordinal, struct sp_why *why)
{
    struct sp_stream *stream = NULL;
    struct sp_unread unread;
    struct sp_object_info info = {.step = SP_STEP_PART,
                                  .node = SP_NODE_REGULAR,
                                  .ordinal = ordinal,
                                  .name = sp_slice_of(entity->filename),
                                  .part = sp_slice_of(entity->part),
                                  .size_claimed = SP_SIZE_UNKNOWN,
                                  .mtime_s = INT64_MIN,
                                  .mime = entity->type};
    if (entity->kind == SP_MAIL_ENCRYPTED) {
        sp_unread_init(&unread, SP_REASON_ENCRYPTED);
        unread.bytes_expected = entity->content_end - entity->content_begin;
        return sp_extract_bare(message->x, &info, &unread, why);
    }
    enum sp_err err = part_open(message, entity, &stream, why);
    if (err == SP_OK)
        err = sp_extract_member(message->x, &info, stream, why);
    sp_stream_close(stream);
    return err;
}

static enum sp_err parts_read(struct message *message, struct sp_why *why)
{
    const struct sp_mail *mail = message->mail;
    enum sp_err err = SP_OK;
    uint64_t ordinal = 0;
    for (size_t i = 0; err == SP_OK && i < sp_mail_entity_count(mail); i++) {
        const struct sp_mail_entity *entity = sp_mail_entity_at(mail, i);
        if (is_object(entity))
            err = part_read(message, entity, ++ordinal, why);
    }
    return err;
}

/* ---- what was not read ------------------------------------------------------------------- */
static enum sp_err report(struct message *message, enum sp_reason reason, const char *detail,
                          struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.partial = true;
    unread.fallback = true; /* its bytes were read as text */
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(message->x, &unread, why);
}

static enum sp_err reports(struct message *message, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (message->too_deep)
        err = report(message, SP_REASON_LIMIT_DEPTH, "MIME parts nested too deep", why);
    if (err == SP_OK && message->escapes_cut)
        err = sp_escapes_tell_cut(message->x, why);
    if (err == SP_OK && message->mail->too_many)
        err = report(message, SP_REASON_LIMIT_ENTRIES, "too many MIME parts", why);
    if (err == SP_OK && (message->outside || message->encoded_whole))
        err = report(message, SP_REASON_CORRUPT, "parts outside the boundaries", why);
    if (err == SP_OK && message->uu_count > 0)
        err = report(message, SP_REASON_UNSUPPORTED, "uuencoded file in the message", why);
    if (err == SP_OK && message->signed_count > 0)
        err = report(message, SP_REASON_UNSUPPORTED, "message inside an S/MIME signature", why);
    if (err == SP_OK && message->partial_count > 0)
        err = report(message, SP_REASON_MULTIVOLUME, "a piece of a message", why);
    if (err == SP_OK && message->text.unreadable)
        err = report(message, SP_REASON_UNDECODABLE, "in a charset that is not known here", why);
    if (err == SP_OK && message->unknown_count > 0)
        err = report(message, SP_REASON_UNDECODABLE, "unknown transfer encoding", why);
    return err;
}

enum sp_err sp_mail_read(struct sp_extract *x, const struct sp_mail *mail, struct sp_why *why)
{
    struct message *message = sp_alloc(sizeof *message);
    if (message == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read a message");
    memset(message, 0, offsetof(struct message, text));
    message->x = x;
    message->mail = mail;
    sp_row_init(&message->row, x->sink);
    sp_escapes_init(&message->escapes);
    sp_mail_text_init(&message->text, &message->row, mail->bytes);
    enum sp_err err = record_read(message, why);
    if (err == SP_OK)
        err = reports(message, why);
    if (err == SP_OK)
        err = parts_read(message, why);
    x->done->record_count = message->row.record_count;
    sp_mail_text_clear(&message->text);
    sp_escapes_clear(&message->escapes);
    sp_free(message);
    return err;
}
