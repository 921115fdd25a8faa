/* Where mail begins. Programs put things before the first header: an empty line, a BOM, Apple's
 * byte count. A reader that does not know them leaves base64 unread and says nothing. */
#include "extract/mail_start.h"

#include "extract/decode.h"
#include "extract/mail.h"

#include <strings.h>

enum {
    LINES_LOOK = 60,       /* header lines that are looked at */
    LINE_ENDS_LOOK = 16384 /* bytes in which the first line end must be */
};

/* ---- what stands before ------------------------------------------------------------------ */
size_t sp_mail_mmdf(struct sp_slice bytes, size_t pos)
{
    if (bytes.len - pos < 5 || memcmp(bytes.ptr + pos, "\1\1\1\1", 4) != 0)
        return 0;
    if (bytes.ptr[pos + 4] == '\n')
        return 5;
    return bytes.len - pos >= 6 && memcmp(bytes.ptr + pos + 4, "\r\n", 2) == 0 ? 6 : 0;
}

static bool line_blank(const uint8_t *line, size_t len)
{
    while (len > 0 && (line[len - 1] <= '\r' || line[len - 1] == ' ') && line[len - 1] >= '\t')
        len--;
    return len == 0;
}

/* The number of bytes of the message, as .emlx files begin. */
static bool line_count(const uint8_t *line, size_t len)
{
    size_t digits = 0;
    while (digits < len && line[digits] >= '0' && line[digits] <= '9')
        digits++;
    return digits > 0 && digits <= 12 && line_blank(line + digits, len - digits);
}

size_t sp_mail_prefix(struct sp_slice bytes)
{
    static const char banner[] = "Microsoft Mail Internet Headers";
    size_t pos = bytes.len >= 3 && memcmp(bytes.ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (pos < bytes.len) {
        size_t len = sp_mail_line(bytes, pos);
        const uint8_t *line = bytes.ptr + pos;
        bool skip = line_blank(line, len) || sp_mail_mmdf(bytes, pos) > 0 ||
                    line_count(line, len) ||
                    (len >= sizeof banner && memcmp(line, banner, sizeof banner - 1) == 0);
        if (!skip)
            break;
        pos += len;
    }
    return pos;
}

/* ---- headers ----------------------------------------------------------------------------- */
static const char *const known_headers[] = {"Received",
                                            "From",
                                            "To",
                                            "Subject",
                                            "Date",
                                            "Message-ID",
                                            "MIME-Version",
                                            "Return-Path",
                                            "Delivered-To",
                                            "Reply-To",
                                            "Sender",
                                            "Cc",
                                            "Bcc",
                                            "In-Reply-To",
                                            "References",
                                            "Content-Type",
                                            "X-Mozilla-Status",
                                            "DKIM-Signature",
                                            "Authentication-Results",
                                            "ARC-Seal",
                                            "X-Original-To",
                                            "Envelope-To",
                                            "Status",
                                            "X-Mailer",
                                            "User-Agent",
                                            "Content-Transfer-Encoding",
                                            "Resent-From",
                                            "X-Gmail-Labels",
                                            "X-GM-THRID",
                                            "Thread-Index",
                                            "X-Spam-Status",
                                            "Received-SPF",
                                            "Importance",
                                            "X-UID"};

bool sp_mail_header_known(struct sp_slice name)
{
    for (size_t i = 0; i < sizeof known_headers / sizeof known_headers[0]; i++) {
        if (sp_slice_is(name, known_headers[i]))
            return true;
    }
    return false;
}

/* Known headers from `pos` on; 0 as well when a line is no header before two were found. */
static size_t headers_count(struct sp_slice head, size_t pos)
{
    size_t known = 0;
    for (unsigned line = 0; line < LINES_LOOK && pos < head.len; line++) {
        uint8_t first = head.ptr[pos];
        size_t name = sp_mail_header_name(head, pos);
        if (first == '\n' || first == '\r')
            break;
        if (name > 0 && sp_mail_header_known((struct sp_slice){head.ptr + pos, name}))
            known++;
        else if (name == 0 && known < 2 && !(line > 0 && (first == ' ' || first == '\t')))
            return 0;
        pos += sp_mail_line(head, pos);
    }
    return known;
}

/* Does the first line end in CR only, as on the Macintosh of old? */
static bool ends_in_cr(struct sp_slice bytes)
{
    size_t len = bytes.len < LINE_ENDS_LOOK ? bytes.len : LINE_ENDS_LOOK;
    const uint8_t *lf = memchr(bytes.ptr, '\n', len);
    const uint8_t *cr = memchr(bytes.ptr, '\r', lf == NULL ? len : (size_t)(lf - bytes.ptr));
    return cr != NULL && cr + 1 != lf && cr + 1 != bytes.ptr + bytes.len;
}

static void cr_to_lf(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' && (i + 1 == len || bytes[i + 1] != '\n'))
            bytes[i] = '\n';
    }
}

/* UTF-16 or UTF-32 text; *encoding which. */
static bool is_wide(struct sp_slice head, enum sp_encoding *encoding)
{
    size_t bom_len;
    bool looks_text;
    if (head.len < 4 || memchr(head.ptr, 0, head.len < 64 ? head.len : 64) == NULL)
        return false;
    if (head.len > LINE_ENDS_LOOK)
        head.len = LINE_ENDS_LOOK;
    *encoding = sp_encoding_detect(head, &bom_len, &looks_text);
    return looks_text && *encoding >= SP_ENC_UTF16LE && *encoding <= SP_ENC_UTF32BE;
}

static enum sp_mail_look head_look(struct sp_slice head)
{
    static const char babyl[] = "BABYL OPTIONS:";
    size_t pos = sp_mail_prefix(head);
    pos += sp_mail_envelope((struct sp_slice){head.ptr + pos, head.len - pos});
    if (head.len - pos >= sizeof babyl - 1 &&
        strncasecmp((const char *)head.ptr + pos, babyl, sizeof babyl - 1) == 0)
        return SP_MAIL_LOOK_BABYL;
    size_t known = headers_count(head, pos);
    return known >= 2 ? SP_MAIL_LOOK_SURE : known == 1 ? SP_MAIL_LOOK_ONE : SP_MAIL_LOOK_NONE;
}

enum sp_mail_look sp_mail_look(struct sp_slice head)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    enum sp_encoding encoding;
    if (head.len == 0)
        return SP_MAIL_LOOK_NONE;
    bool wide = is_wide(head, &encoding);
    if (!wide && !ends_in_cr(head))
        return head_look(head);
    size_t len = head.len < sizeof sample ? head.len : sizeof sample;
    if (wide)
        len = sp_extract_sample(head, sample);
    else
        memcpy(sample, head.ptr, len);
    cr_to_lf(sample, len);
    return head_look((struct sp_slice){sample, len});
}

/* ---- names ------------------------------------------------------------------------------- */
static struct sp_slice base_name(struct sp_slice name)
{
    for (size_t i = name.len; i-- > 0;) {
        if (name.ptr[i] == '/')
            return (struct sp_slice){name.ptr + i + 1, name.len - i - 1};
    }
    return name;
}

static bool name_holds(struct sp_slice name, const char *piece)
{
    return name.len > 0 && memmem(name.ptr, name.len, piece, strlen(piece)) != NULL;
}

/* Maildir: unique names with flags behind ":2,", in cur or new. */
bool sp_mail_name(struct sp_slice name)
{
    return sp_mail_name_sure(name) || name_holds(name, ":2,") || name_holds(name, "/cur/") ||
           name_holds(name, "/new/");
}

bool sp_mail_name_sure(struct sp_slice name)
{
    struct sp_slice base = base_name(name);
    size_t digits = 0;
    if (name.len == 0)
        return false;
    if (sp_name_has_suffix(base, ".eml\0.emlx\0.mht\0.mhtml\0.mbox\0.mbx\0.mmdf\0"))
        return true;
    while (digits < base.len && base.ptr[digits] >= '0' && base.ptr[digits] <= '9')
        digits++;
    bool unique = digits >= 9 && digits < base.len && base.ptr[digits] == '.';
    return unique &&
           (name_holds(base, ":2,") || name_holds(name, "/cur/") || name_holds(name, "/new/"));
}

/* ---- the form that is read --------------------------------------------------------------- */
static enum sp_err settle_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    (void)map;
    return sp_buf_append(ctx, utf8.ptr, utf8.len, why);
}

enum sp_err sp_mail_settle(struct sp_buf *buf, bool *recoded, struct sp_why *why)
{
    enum sp_encoding encoding;
    struct sp_slice bytes = sp_buf_slice(buf);
    *recoded = false;
    if (!is_wide(bytes, &encoding)) {
        if (bytes.len > 0 && ends_in_cr(bytes))
            cr_to_lf(buf->data, buf->len);
        return SP_OK;
    }
    struct sp_decoder *decoder = NULL;
    struct sp_buf utf8;
    sp_buf_init(&utf8, 2 * buf->max); /* of 2 bytes come at most 3 */
    enum sp_err err = sp_decoder_new(encoding, NULL, &decoder, why);
    if (err == SP_OK)
        err = sp_decoder_push(decoder, bytes, 0, true, settle_out, &utf8, why);
    sp_decoder_free(decoder);
    if (err != SP_OK) {
        sp_buf_clear(&utf8);
        return err;
    }
    sp_buf_clear(buf);
    *buf = utf8;
    *recoded = true;
    if (buf->len > 0 && ends_in_cr(sp_buf_slice(buf)))
        cr_to_lf(buf->data, buf->len);
    return SP_OK;
}
