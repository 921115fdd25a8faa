#include "extract/mail_address.h"

#include "base/utf8.h"

#include <string.h>
#include <strings.h>

enum { ADDRESS_MAX = 320 }; /* bytes, RFC 5321 */

enum token { TOKEN_NONE, TOKEN_WORD, TOKEN_DOT, TOKEN_AT };

/* What has been read of an address. */
struct address {
    enum token last;
    bool in_domain;
    bool gap;      /* blanks or comments behind the last token */
    bool gap_line; /* a line end among them */
    bool odd;      /* it is not in one piece */
    size_t len;
    uint8_t text[ADDRESS_MAX];
    uint64_t offs[ADDRESS_MAX];
};

struct reader {
    struct sp_row *row;
    struct sp_slice bytes, name, part;
    bool structured; /* the header holds addresses; else blanks in a line are between words */
    struct address at;
};

static bool is_structured(struct sp_slice name)
{
    static const char *const names[] = {"From",
                                        "To",
                                        "Cc",
                                        "Bcc",
                                        "Reply-To",
                                        "Sender",
                                        "Return-Path",
                                        "Errors-To",
                                        "Delivered-To",
                                        "Envelope-To",
                                        "Resent-From",
                                        "Resent-To",
                                        "Resent-Cc",
                                        "Resent-Sender",
                                        "Resent-Reply-To",
                                        "Apparently-To",
                                        "X-Original-To",
                                        "X-Envelope-To",
                                        "Disposition-Notification-To",
                                        NULL};
    for (size_t i = 0; names[i] != NULL; i++)
        if (name.len == strlen(names[i]) &&
            strncasecmp((const char *)name.ptr, names[i], name.len) == 0)
            return true;
    return false;
}

/* ---- one address --------------------------------------------------------------------------- */
static void address_reset(struct address *at)
{
    at->last = TOKEN_NONE;
    at->in_domain = at->gap = at->gap_line = at->odd = false;
    at->len = 0;
}

static enum sp_err address_end(struct reader *reader, struct sp_why *why)
{
    struct address *at = &reader->at;
    enum sp_err err = SP_OK;
    bool whole = at->odd && at->in_domain && at->last == TOKEN_WORD &&
                 sp_utf8_valid((struct sp_slice){at->text, at->len});
    if (whole)
        err = sp_row_named(reader->row, reader->name, reader->part, 0, why);
    for (size_t i = 0; whole && err == SP_OK && i < at->len;) {
        size_t len = 1;
        while (i + len < at->len && at->offs[i + len] == at->offs[i] + len)
            len++;
        while (i + len < at->len && (at->text[i + len] & 0xC0) == 0x80)
            len++; /* no half of a character */
        err = sp_row_append(reader->row, at->text + i, len, at->offs[i], why);
        i += len;
    }
    address_reset(at);
    return err;
}

static bool address_put(struct address *at, uint8_t byte, size_t off)
{
    if (at->len == ADDRESS_MAX)
        return false;
    at->text[at->len] = byte;
    at->offs[at->len++] = off;
    return true;
}

/* Whether a token that follows belongs to the address at hand, as far as what lies between tells.
 */
static bool gap_joins(const struct reader *reader, enum token token)
{
    const struct address *at = &reader->at;
    if (!at->gap || reader->structured)
        return true;
    bool at_mark = token == TOKEN_AT || at->last == TOKEN_AT;
    return at->gap_line && (at_mark || (at->in_domain && at->last == TOKEN_DOT));
}

static enum sp_err word_take(struct reader *reader, size_t begin, size_t end, bool quoted,
                             struct sp_why *why)
{
    struct address *at = &reader->at;
    enum sp_err err = SP_OK;
    bool goes_on = (at->last == TOKEN_DOT || at->last == TOKEN_AT) && gap_joins(reader, TOKEN_WORD);
    if (!goes_on)
        err = address_end(reader, why);
    at->odd = at->odd || at->gap || quoted;
    at->gap = at->gap_line = false;
    at->last = TOKEN_WORD;
    for (size_t pos = begin; err == SP_OK && pos < end; pos++) {
        pos += quoted && reader->bytes.ptr[pos] == '\\' && pos + 1 < end;
        if (!address_put(at, reader->bytes.ptr[pos], pos)) {
            address_reset(at); /* too long for one */
            break;
        }
    }
    return err;
}

static enum sp_err sign_take(struct reader *reader, size_t pos, struct sp_why *why)
{
    struct address *at = &reader->at;
    enum token token = reader->bytes.ptr[pos] == '.' ? TOKEN_DOT : TOKEN_AT;
    bool goes_on =
        at->last == TOKEN_WORD && gap_joins(reader, token) && !(token == TOKEN_AT && at->in_domain);
    if (!goes_on)
        return address_end(reader, why);
    at->odd = at->odd || at->gap;
    at->gap = at->gap_line = false;
    at->in_domain = at->in_domain || token == TOKEN_AT;
    at->last = token;
    if (!address_put(at, reader->bytes.ptr[pos], pos))
        address_reset(at);
    return SP_OK;
}

/* ---- tokens (RFC 5322, 3.2) ---------------------------------------------------------------- */
static bool is_atext(uint8_t byte)
{
    return byte >= 0x80 || (byte > ' ' && byte < 0x7F && strchr("()<>[]:;@\\,.\"", byte) == NULL);
}

/* Behind a comment, with those in it, or a quoted string; `end` when it does not end. */
static size_t enclosed_end(struct sp_slice bytes, size_t pos, size_t end)
{
    bool comment = bytes.ptr[pos] == '(';
    unsigned depth = 1;
    for (pos++; pos < end && depth > 0; pos++) {
        uint8_t byte = bytes.ptr[pos];
        if (byte == '\\')
            pos++;
        else if (comment && byte == '(')
            depth++;
        else if (byte == (comment ? ')' : '"'))
            depth--;
    }
    return pos < end ? pos : end;
}

static enum sp_err token_take(struct reader *reader, size_t *pos, size_t end, struct sp_why *why)
{
    struct address *at = &reader->at;
    const uint8_t *ptr = reader->bytes.ptr;
    size_t begin = *pos;
    uint8_t byte = ptr[begin];
    *pos = begin + 1;
    if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
        at->gap = true;
        at->gap_line = at->gap_line || byte == '\n';
        return SP_OK;
    }
    if (byte == '.' || byte == '@')
        return sign_take(reader, begin, why);
    if (byte == '(' && reader->structured) {
        *pos = enclosed_end(reader->bytes, begin, end);
        at->gap = true;
        return SP_OK;
    }
    if (byte == '"') {
        *pos = enclosed_end(reader->bytes, begin, end);
        return word_take(reader, begin + 1, *pos - (ptr[*pos - 1] == '"'), true, why);
    }
    if (!is_atext(byte))
        return address_end(reader, why);
    while (*pos < end && is_atext(ptr[*pos]))
        ++*pos;
    return word_take(reader, begin, *pos, false, why);
}

enum sp_err sp_mail_addresses(struct sp_row *row, struct sp_slice bytes, size_t begin, size_t end,
                              struct sp_slice name, struct sp_slice part, struct sp_why *why)
{
    struct reader reader = {.row = row, .bytes = bytes, .name = name, .part = part};
    enum sp_err err = SP_OK;
    if (memchr(bytes.ptr + begin, '@', end - begin) == NULL)
        return SP_OK;
    reader.structured = is_structured(name);
    address_reset(&reader.at);
    for (size_t pos = begin; err == SP_OK && pos < end;)
        err = token_take(&reader, &pos, end, why);
    return err == SP_OK ? address_end(&reader, why) : err;
}
