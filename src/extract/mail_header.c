#include "extract/mail_header.h"

#include "extract/mail_address.h"
#include "extract/mail_start.h"

#include <string.h>
#include <strings.h>

enum { SAMPLE_BYTES = 4096 }; /* of a body, to see whether its charset is true */

/* ---- lines ------------------------------------------------------------------------------- */
size_t sp_mail_line(struct sp_slice bytes, size_t pos)
{
    const uint8_t *at = memchr(bytes.ptr + pos, '\n', bytes.len - pos);
    return at == NULL ? bytes.len - pos : (size_t)(at - (bytes.ptr + pos)) + 1;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* RFC 5322 field names are printable; a space before the colon is tolerated. */
size_t sp_mail_header_name(struct sp_slice bytes, size_t pos)
{
    size_t len = 0;
    while (pos + len < bytes.len && bytes.ptr[pos + len] > ' ' && bytes.ptr[pos + len] < 0x7F &&
           bytes.ptr[pos + len] != ':')
        len++;
    size_t colon = pos + len;
    while (colon < bytes.len && is_blank(bytes.ptr[colon]))
        colon++;
    bool found = colon < bytes.len && bytes.ptr[colon] == ':';
    return found && len <= SP_NAME_MAX_BYTES ? len : 0;
}

size_t sp_mail_envelope(struct sp_slice bytes)
{
    size_t quote = bytes.len > 0 && bytes.ptr[0] == '>' ? 1 : 0;
    bool found = bytes.len >= 5 + quote && memcmp(bytes.ptr + quote, "From ", 5) == 0;
    return found ? sp_mail_line(bytes, 0) : 0;
}

size_t sp_mail_start(struct sp_slice bytes)
{
    size_t pos = sp_mail_prefix(bytes);
    return pos + sp_mail_envelope((struct sp_slice){bytes.ptr + pos, bytes.len - pos});
}

static bool line_is_empty(struct sp_slice bytes, size_t pos)
{
    return bytes.ptr[pos] == '\n' ||
           (bytes.ptr[pos] == '\r' && pos + 1 < bytes.len && bytes.ptr[pos + 1] == '\n');
}

size_t sp_mail_headers_end(struct sp_slice bytes, size_t pos, size_t end)
{
    while (pos < end) {
        if (line_is_empty(bytes, pos)) {
            pos += sp_mail_line(bytes, pos);
            break;
        }
        if (bytes.len - pos >= 2 && memcmp(bytes.ptr + pos, "--", 2) == 0)
            break;
        pos += sp_mail_line(bytes, pos);
    }
    return pos < end ? pos : end;
}

/* ---- text -------------------------------------------------------------------------------- */
void sp_mail_text_init(struct sp_mail_text *text, struct sp_row *row, struct sp_slice bytes)
{
    text->row = row;
    text->markup = NULL;
    text->flowed = NULL;
    text->escapes = NULL;
    text->bytes = bytes;
    text->utf8 = NULL;
    text->named = NULL;
    text->charset[0] = '\0';
    text->unreadable = false;
}

void sp_mail_text_clear(struct sp_mail_text *text)
{
    sp_decoder_free(text->utf8);
    sp_decoder_free(text->named);
    text->utf8 = NULL;
    text->named = NULL;
}

enum sp_err sp_mail_text_decoder(struct sp_mail_text *text, const char *charset,
                                 struct sp_decoder **out, struct sp_why *why)
{
    enum sp_encoding encoding = sp_encoding_from_mime(charset);
    if (charset != NULL && encoding != SP_ENC_UTF8 && strlen(charset) < SP_CHARSET_NAME_MAX) {
        if (text->named != NULL && strcasecmp(text->charset, charset) == 0) {
            *out = text->named;
            return SP_OK;
        }
        sp_decoder_free(text->named);
        text->named = NULL;
        struct sp_why unknown;
        enum sp_err err = sp_decoder_new(encoding, charset, &text->named, &unknown);
        (void)snprintf(text->charset, sizeof text->charset, "%s", charset);
        *out = text->named;
        if (err == SP_OK)
            return SP_OK;
        if (err != SP_ERR_FORMAT)
            return sp_fail(why, err, "%s", unknown.text);
    }
    *out = text->utf8;
    enum sp_err err =
        text->utf8 != NULL ? SP_OK : sp_decoder_new(SP_ENC_UTF8, NULL, &text->utf8, why);
    *out = text->utf8;
    return err;
}

static enum sp_err text_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct sp_mail_text *text = ctx;
    if (text->markup != NULL)
        return sp_markup_push(text->markup, utf8, map, why);
    if (text->flowed != NULL)
        return sp_flowed_push(text->flowed, utf8, map, why);
    enum sp_err err =
        text->escapes == NULL ? SP_OK : sp_escapes_push(text->escapes, utf8, map, why);
    return err == SP_OK ? sp_row_text(text->row, utf8, map, why) : err;
}

static enum sp_err text_push(struct sp_mail_text *text, struct sp_decoder *decoder,
                             struct sp_slice bytes, uint64_t off, bool final, struct sp_why *why)
{
    return sp_decoder_push(decoder, bytes, off, final, text_out, text, why);
}

enum sp_err sp_mail_text_raw(struct sp_mail_text *text, size_t begin, size_t end,
                             struct sp_why *why)
{
    struct sp_decoder *decoder;
    enum sp_err err = sp_mail_text_decoder(text, NULL, &decoder, why);
    if (err != SP_OK)
        return err;
    return text_push(text, decoder, (struct sp_slice){text->bytes.ptr + begin, end - begin}, begin,
                     true, why);
}

/* Something was declared as `charset`, and `decoder` is what there is for it. */
static void charset_note(struct sp_mail_text *text, const char *charset,
                         const struct sp_decoder *decoder, bool readable)
{
    bool unknown =
        decoder == text->utf8 && charset != NULL && sp_encoding_from_mime(charset) == SP_ENC_NAMED;
    text->unreadable = text->unreadable || (unknown && !readable);
}

/* The first bytes of a body. */
static struct sp_slice body_sample(struct sp_mail_text *text, const struct sp_mail_entity *entity,
                                   uint8_t sample[SAMPLE_BYTES])
{
    struct sp_slice content = {text->bytes.ptr + entity->content_begin,
                               entity->content_end - entity->content_begin};
    struct sp_slice run;
    size_t len = 0;
    size_t at;
    sp_transfer_init(&text->reader, entity->transfer, content);
    while (len < SAMPLE_BYTES && sp_transfer_next(&text->reader, &run, &at)) {
        size_t part = run.len < SAMPLE_BYTES - len ? run.len : SAMPLE_BYTES - len;
        memcpy(sample + len, run.ptr, part);
        len += part;
    }
    return (struct sp_slice){sample, len};
}

enum sp_err sp_mail_text_body(struct sp_mail_text *text, const struct sp_mail_entity *entity,
                              uint64_t *strange, struct sp_why *why)
{
    size_t begin = entity->content_begin;
    struct sp_slice run;
    size_t at;
    struct sp_decoder *decoder;
    uint8_t room[SAMPLE_BYTES];
    const struct sp_slice sample = body_sample(text, entity, room);
    /* what its header says, unless its first bytes show that it lies */
    const char *charset = sp_encoding_settle(entity->charset, sample);
    enum sp_err err = sp_mail_text_decoder(text, charset, &decoder, why);
    charset_note(text, charset, decoder, sp_encoding_is_readable(sample));
    sp_transfer_init(&text->reader, entity->transfer,
                     (struct sp_slice){text->bytes.ptr + begin, entity->content_end - begin});
    text->reader.by_line = true;
    while (err == SP_OK && sp_transfer_next(&text->reader, &run, &at))
        err = text_push(text, decoder, run, begin + at, false, why);
    *strange = text->reader.strange;
    if (err == SP_OK)
        err = text_push(text, decoder, (struct sp_slice){NULL, 0}, entity->content_end, true, why);
    return err;
}

/* ---- encoded words: =?charset?Q?text?= (RFC 2047, language suffix of RFC 2231) --------------- */
struct word {
    size_t begin; /* of "=?" */
    size_t end;   /* behind "?=" */
    size_t text_begin;
    size_t text_end;
    enum sp_transfer transfer;
    bool readable; /* as ASCII, for the most part */
    char charset[SP_CHARSET_NAME_MAX];
};

/* Reads an encoded word at pos; false when what stands there is none. */
static bool word_read(struct sp_slice bytes, size_t pos, size_t end, struct word *word)
{
    size_t len = 0;
    size_t at = pos + 2;
    if (end - pos < 8 || memcmp(bytes.ptr + pos, "=?", 2) != 0)
        return false;
    while (at + len < end && bytes.ptr[at + len] != '?' && bytes.ptr[at + len] != '*' &&
           bytes.ptr[at + len] > ' ' && len < SP_CHARSET_NAME_MAX - 1) {
        word->charset[len] = (char)bytes.ptr[at + len];
        len++;
    }
    word->charset[len] = '\0';
    at += len;
    while (at < end && bytes.ptr[at] != '?' && bytes.ptr[at] > ' ')
        at++; /* *language */
    if (end - at < 3 || bytes.ptr[at] != '?' || bytes.ptr[at + 2] != '?')
        return false;
    uint8_t encoding = bytes.ptr[at + 1] | 0x20;
    if (encoding != 'q' && encoding != 'b')
        return false;
    word->transfer = encoding == 'q' ? SP_TRANSFER_Q : SP_TRANSFER_BASE64;
    word->begin = pos;
    word->text_begin = at + 3;
    const uint8_t *stop = memmem(bytes.ptr + word->text_begin, end - word->text_begin, "?=", 2);
    if (stop == NULL)
        return false;
    word->text_end = (size_t)(stop - bytes.ptr);
    word->end = word->text_end + 2;
    return memchr(bytes.ptr + word->text_begin, '\n', word->text_end - word->text_begin) == NULL;
}

static bool all_blank(struct sp_slice bytes, size_t begin, size_t end)
{
    for (; begin < end; begin++) {
        if (bytes.ptr[begin] > ' ')
            return false;
    }
    return true;
}

/* Text between encoded words, unfolded: the line end goes, the white space behind it stays. */
static enum sp_err plain_push(struct sp_mail_text *text, size_t begin, size_t end,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && begin < end) {
        size_t line = sp_mail_line((struct sp_slice){text->bytes.ptr, end}, begin);
        size_t stop = begin + line;
        while (stop > begin &&
               (text->bytes.ptr[stop - 1] == '\n' || text->bytes.ptr[stop - 1] == '\r'))
            stop--;
        if (stop > begin)
            err = sp_mail_text_raw(text, begin, stop, why);
        begin += line;
    }
    return err;
}

/* What digits the words before left over: no word goes on with them. */
static enum sp_err word_rest(struct sp_mail_text *text, struct sp_decoder *decoder, size_t off,
                             struct sp_why *why)
{
    struct sp_slice run;
    if (!sp_transfer_finish(&text->reader, &run))
        return SP_OK;
    return text_push(text, decoder, run, off, false, why);
}

/* Programs cut base64 at any digit: a word goes on where the word before ended, unless it is whole
 * by itself (then the other one only lacks its padding). */
static enum sp_err word_push(struct sp_mail_text *text, struct sp_decoder *decoder,
                             const struct word *word, struct sp_why *why)
{
    struct sp_slice run;
    size_t at;
    struct sp_slice in = {text->bytes.ptr + word->text_begin, word->text_end - word->text_begin};
    bool goes_on = word->transfer == SP_TRANSFER_BASE64 && in.len % 4 != 0;
    enum sp_err err = goes_on ? SP_OK : word_rest(text, decoder, word->begin, why);
    uint32_t bits = text->reader.bits;
    unsigned digits = text->reader.digits;
    sp_transfer_init(&text->reader, word->transfer, in);
    text->reader.open = true;
    text->reader.bits = bits;
    text->reader.digits = digits;
    while (err == SP_OK && sp_transfer_next(&text->reader, &run, &at))
        err = text_push(text, decoder, run, word->text_begin + at, false, why);
    return err;
}

/* A word may lie about its charset as a body may. */
static void word_settle(struct sp_slice bytes, struct word *word)
{
    struct sp_transfer_reader reader;
    struct sp_slice run;
    size_t at;
    sp_transfer_init(
        &reader, word->transfer,
        (struct sp_slice){bytes.ptr + word->text_begin, word->text_end - word->text_begin});
    word->readable = true;
    if (!sp_transfer_next(&reader, &run, &at))
        return;
    word->readable = sp_encoding_is_readable(run);
    if (word->transfer != SP_TRANSFER_BASE64)
        run = reader.in; /* ASCII, whatever it says */
    const char *charset = sp_encoding_settle(word->charset, run);
    if (charset != word->charset)
        (void)snprintf(word->charset, sizeof word->charset, "%s",
                       charset == NULL ? "utf-8" : charset);
}

/* Words of one charset in a row may share a character: its decoder goes on over them. White
 * space between them is not text. */
static enum sp_err value_push(struct sp_mail_text *text, size_t begin, size_t end,
                              struct sp_why *why)
{
    struct sp_decoder *decoder = NULL; /* of the word before */
    struct word word;
    char charset[SP_CHARSET_NAME_MAX] = "";
    enum sp_err err = SP_OK;
    size_t from = begin; /* of plain text not pushed yet */
    text->reader.digits = 0;
    for (size_t pos = begin; err == SP_OK && pos <= end; pos++) {
        const uint8_t *at = memmem(text->bytes.ptr + pos, end - pos, "=?", 2);
        pos = at == NULL ? end : (size_t)(at - text->bytes.ptr);
        bool found = at != NULL && word_read(text->bytes, pos, end, &word);
        if (at != NULL && !found)
            continue;
        if (found)
            word_settle(text->bytes, &word);
        bool joined = found && decoder != NULL && all_blank(text->bytes, from, pos);
        if (decoder != NULL && !(joined && strcasecmp(charset, word.charset) == 0)) {
            err = word_rest(text, decoder, from, why);
            if (err == SP_OK)
                err = text_push(text, decoder, (struct sp_slice){NULL, 0}, from, true, why);
            decoder = NULL;
        }
        if (err == SP_OK && !joined)
            err = plain_push(text, from, pos, why);
        if (!found)
            break;
        if (err == SP_OK && decoder == NULL)
            err = sp_mail_text_decoder(text, word.charset, &decoder, why);
        if (err == SP_OK)
            charset_note(text, word.charset, decoder, word.readable);
        memcpy(charset, word.charset, sizeof charset);
        if (err == SP_OK)
            err = word_push(text, decoder, &word, why);
        from = word.end;
        pos = word.end - 1;
    }
    return err;
}

/* ---- header blocks ------------------------------------------------------------------------ */
enum sp_err sp_mail_headers(struct sp_mail_text *text, size_t begin, size_t end,
                            struct sp_slice part, struct sp_why *why)
{
    struct sp_slice bytes = {text->bytes.ptr, end};
    enum sp_err err = SP_OK;
    for (size_t pos = begin; err == SP_OK && pos < end;) {
        size_t stop = pos + sp_mail_line(bytes, pos);
        size_t name = sp_mail_header_name(bytes, pos);
        while (stop < end && is_blank(bytes.ptr[stop]))
            stop += sp_mail_line(bytes, stop); /* folded */
        size_t value = pos + name;
        if (name > 0)
            value = (size_t)((const uint8_t *)memchr(bytes.ptr + value, ':', stop - value) -
                             bytes.ptr) +
                    1;
        while (value < stop && is_blank(bytes.ptr[value]))
            value++;
        if (!all_blank(bytes, value, stop)) {
            err = sp_row_named(text->row, (struct sp_slice){bytes.ptr + pos, name}, part, 0, why);
            if (err == SP_OK)
                err = value_push(text, value, stop, why);
            if (err == SP_OK)
                err = sp_mail_addresses(text->row, bytes, value, stop,
                                        (struct sp_slice){bytes.ptr + pos, name}, part, why);
        }
        pos = stop;
    }
    return err;
}
