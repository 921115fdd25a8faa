#include "extract/pdf_filter.h"

#include "base/utf8.h"
#include "extract/inflate.h"
#include "extract/pdf_syntax.h"

#include <ctype.h>
#include <string.h>

enum {
    FILTERS_MAX = 8,
    ADLER_BYTES = 4,
    NAME_MAX_BYTES = 24,      /* no filter has a longer name */
    INFLATED_MAX = 2000000000 /* bytes of one stream: some seconds */
};

enum filter {
    FILTER_FLATE,
    FILTER_ASCII85,
    FILTER_HEX,
    FILTER_LZW,
    FILTER_RUNS,
    FILTER_IMAGE,
    FILTER_NONE, /* changes nothing in a file without encryption */
    FILTER_UNKNOWN
};

/* ---- which ----------------------------------------------------------------------------------- */
static const struct {
    const char *name;
    enum filter filter;
} filter_names[] = {
    {"FlateDecode", FILTER_FLATE},
    {"Fl", FILTER_FLATE},
    {"ASCII85Decode", FILTER_ASCII85},
    {"A85", FILTER_ASCII85},
    {"ASCIIHexDecode", FILTER_HEX},
    {"AHx", FILTER_HEX},
    {"LZWDecode", FILTER_LZW},
    {"LZW", FILTER_LZW},
    {"RunLengthDecode", FILTER_RUNS},
    {"RL", FILTER_RUNS},
    {"DCTDecode", FILTER_IMAGE},
    {"DCT", FILTER_IMAGE},
    {"CCITTFaxDecode", FILTER_IMAGE},
    {"CCF", FILTER_IMAGE},
    {"JBIG2Decode", FILTER_IMAGE},
    {"JPXDecode", FILTER_IMAGE},
    {"Crypt", FILTER_NONE},
};

/* Where the value of /Filter begins in the outermost dictionary; its length when there is none. */
static size_t filter_find(struct sp_slice in)
{
    char name[NAME_MAX_BYTES];
    int depth = 0;
    for (size_t at = 0; at < in.len;) {
        bool twice = at + 1 < in.len && in.ptr[at] == in.ptr[at + 1];
        uint8_t c = in.ptr[at];
        if (c == '(') {
            at = sp_pdf_literal(in, at);
        } else if (c == '%') {
            at = sp_pdf_comment(in, at);
        } else if (c == '/') {
            at = sp_pdf_name(in, at + 1, name, sizeof name);
            if (depth == 1 && strcmp(name, "Filter") == 0)
                return at;
        } else {
            depth += twice && c == '<' ? 1 : twice && c == '>' ? -1 : 0;
            at += twice && (c == '<' || c == '>') ? 2 : 1;
        }
    }
    return in.len;
}

static enum filter filter_of(const char *name)
{
    for (size_t i = 0; i < sizeof filter_names / sizeof *filter_names; i++)
        if (strcmp(name, filter_names[i].name) == 0)
            return filter_names[i].filter;
    return FILTER_UNKNOWN;
}

/* How many there are. One that stands in another object is taken for Flate when the content looks
 * so: nearly all are. */
static size_t filters_read(struct sp_slice in, struct sp_slice content, enum filter *filters)
{
    char name[NAME_MAX_BYTES];
    size_t count = 0;
    size_t at = sp_pdf_blanks(in, filter_find(in));
    bool list = at < in.len && in.ptr[at] == '[';
    for (at = sp_pdf_blanks(in, at + list); at < in.len && in.ptr[at] == '/' && count < FILTERS_MAX;
         at = sp_pdf_blanks(in, at)) {
        at = sp_pdf_name(in, at + 1, name, sizeof name);
        filters[count++] = filter_of(name);
        if (!list)
            break;
    }
    bool elsewhere = count == 0 && at < in.len && in.ptr[at] >= '0' && in.ptr[at] <= '9';
    if (elsewhere && content.len > 2 && content.ptr[0] == 0x78 &&
        (0x7800 + content.ptr[1]) % 31 == 0)
        filters[count++] = FILTER_FLATE;
    return count;
}

/* ---- each of them ---------------------------------------------------------------------------- */
struct decode {
    const struct sp_pdf_stream *stream;
    struct sp_pdf_decoded *told;
    unsigned *retries;
};

/* A stream of stored blocks may hold the word that would end it; its checksum tells. */
static enum sp_err flate_beyond(struct decode *decode, struct sp_buf *out,
                                struct sp_inflated *inflated, struct sp_why *why)
{
    struct sp_inflated again;
    size_t before = out->len;
    --*decode->retries;
    sp_buf_reset(out);
    enum sp_err err = sp_inflate(decode->stream->rest, INFLATED_MAX, out, &again, why);
    if (err == SP_OK && again.end == SP_INFLATE_WHOLE && again.checked) {
        *inflated = again;
        decode->told->used = again.used;
    } else if (out->len > before) {
        out->len = before;
    }
    return err;
}

static enum sp_err flate(struct decode *decode, struct sp_slice in, struct sp_buf *out,
                         struct sp_why *why)
{
    struct sp_pdf_decoded *told = decode->told;
    struct sp_inflated inflated;
    enum sp_err err = sp_inflate(in, INFLATED_MAX, out, &inflated, why);
    bool first = in.ptr == decode->stream->content.ptr;
    if (err == SP_OK && first && inflated.end == SP_INFLATE_WHOLE && inflated.checked)
        told->used = inflated.used + ADLER_BYTES;
    if (err == SP_OK && inflated.end == SP_INFLATE_CUT && first && *decode->retries > 0 &&
        decode->stream->rest.len > in.len)
        err = flate_beyond(decode, out, &inflated, why);
    told->made += inflated.len;
    told->cut = told->cut || inflated.full || inflated.end == SP_INFLATE_LIMIT;
    told->adler = inflated.adler;
    told->len = inflated.len;
    if (told->state == SP_PDF_WHOLE && inflated.end == SP_INFLATE_CUT)
        told->state = SP_PDF_CUT;
    else if (told->state == SP_PDF_WHOLE && inflated.end == SP_INFLATE_BROKEN)
        told->state = SP_PDF_BROKEN;
    return err;
}

static enum sp_err hex(struct decode *decode, struct sp_slice in, struct sp_buf *out,
                       struct sp_why *why)
{
    int high = -1;
    enum sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < in.len && in.ptr[at] != '>'; at++) {
        int digit = sp_hex_digit(in.ptr[at]);
        if (digit < 0 && in.ptr[at] > ' ')
            decode->told->state = SP_PDF_BROKEN;
        if (digit >= 0 && high >= 0)
            err = sp_buf_append_byte(out, (uint8_t)(high << 4 | digit), why);
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    return err == SP_OK && high >= 0 ? sp_buf_append_byte(out, (uint8_t)(high << 4), why) : err;
}

/* A group of `count` digits, which makes a byte less. */
static enum sp_err ascii85_group(const uint8_t *digits, size_t count, struct sp_buf *out,
                                 struct sp_why *why)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 5; i++)
        value = value * 85 + (i < count ? digits[i] : 84);
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                              (uint8_t)value};
    return count < 2 ? SP_OK : sp_buf_append(out, bytes, count - 1, why);
}

static enum sp_err ascii85(struct decode *decode, struct sp_slice in, struct sp_buf *out,
                           struct sp_why *why)
{
    uint8_t digits[5];
    size_t count = 0;
    enum sp_err err = SP_OK;
    size_t at = sp_pdf_blanks(in, 0);
    if (at + 1 < in.len && in.ptr[at] == '<' && in.ptr[at + 1] == '~')
        at += 2;
    for (; err == SP_OK && at < in.len && in.ptr[at] != '~'; at++) {
        uint8_t c = in.ptr[at];
        if (c == 'z' && count == 0)
            err = sp_buf_append(out, "\0\0\0\0", 4, why);
        else if (c >= '!' && c <= 'u')
            digits[count++] = (uint8_t)(c - '!');
        else if (c > ' ')
            decode->told->state = SP_PDF_BROKEN;
        if (count == 5) {
            err = ascii85_group(digits, count, out, why);
            count = 0;
        }
    }
    return err == SP_OK ? ascii85_group(digits, count, out, why) : err;
}

/* A byte that says how many follow, or how often the next one stands. 128 is the end, which many
 * leave out. */
static enum sp_err runs(struct decode *decode, struct sp_slice in, struct sp_buf *out,
                        struct sp_why *why)
{
    enum sp_err err = SP_OK;
    (void)decode; /* nothing in it could be wrong */
    for (size_t at = 0; err == SP_OK && at < in.len && in.ptr[at] != 128;) {
        size_t count = in.ptr[at] < 128 ? in.ptr[at] + (size_t)1 : 257 - (size_t)in.ptr[at];
        bool once = in.ptr[at++] < 128;
        size_t left = in.len - at;
        if (once) {
            size_t taken = count < left ? count : left;
            err = sp_buf_append(out, in.ptr + at, taken, why);
            at += taken;
        }
        for (size_t i = 0; !once && left > 0 && i < count && err == SP_OK; i++)
            err = sp_buf_append_byte(out, in.ptr[at], why);
        at += !once;
    }
    return err;
}

/* ---- LZW ------------------------------------------------------------------------------------- */
enum { LZW_CLEAR = 256, LZW_END = 257, LZW_FIRST = 258, LZW_CODES = 4096 };

/* Each code is a piece of what came out already: the string of the code before, and a byte. */
struct lzw {
    struct sp_slice in;
    size_t bit;
    unsigned next, width, early;
    size_t begin[LZW_CODES];
    uint16_t len[LZW_CODES];
};

static int lzw_code(struct lzw *lzw)
{
    unsigned code = 0;
    if (lzw->bit + lzw->width > lzw->in.len * 8)
        return -1;
    for (unsigned i = 0; i < lzw->width; i++, lzw->bit++)
        code = code << 1 | (lzw->in.ptr[lzw->bit / 8] >> (7 - lzw->bit % 8) & 1);
    return (int)code;
}

static void lzw_reset(struct lzw *lzw)
{
    lzw->next = LZW_FIRST;
    lzw->width = 9;
}

/* What `code` stands for is put behind `out`; false: there is no such code. */
static bool lzw_put(const struct lzw *lzw, unsigned code, struct sp_buf *out, enum sp_err *err,
                    struct sp_why *why)
{
    if (code < LZW_CLEAR) {
        *err = sp_buf_append_byte(out, (uint8_t)code, why);
        return true;
    }
    if (code < LZW_FIRST || code >= lzw->next)
        return false;
    for (size_t i = 0; i < lzw->len[code] && *err == SP_OK; i++)
        *err = sp_buf_append_byte(out, out->data[lzw->begin[code] + i], why);
    return true;
}

static enum sp_err lzw_read(struct decode *decode, struct lzw *lzw, struct sp_buf *out,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t before = 0;
    bool follows = false; /* a code stands before this one */
    int code = lzw_code(lzw);
    for (; err == SP_OK && code >= 0 && code != LZW_END; code = lzw_code(lzw)) {
        size_t begin = out->len;
        if (code == LZW_CLEAR) {
            lzw_reset(lzw);
            follows = false;
            continue;
        }
        if (follows && lzw->next < LZW_CODES) {
            size_t len = begin - before + 1;
            lzw->begin[lzw->next] = before;
            lzw->len[lzw->next++] = (uint16_t)(len < UINT16_MAX ? len : UINT16_MAX);
        }
        if (!lzw_put(lzw, (unsigned)code, out, &err, why)) {
            decode->told->state = SP_PDF_BROKEN;
            return err;
        }
        unsigned reached = lzw->next + lzw->early;
        lzw->width = reached < 512 ? 9 : reached < 1024 ? 10 : reached < 2048 ? 11 : 12;
        before = begin;
        follows = true;
    }
    if (err == SP_OK && code < 0 && decode->told->state == SP_PDF_WHOLE)
        decode->told->state = SP_PDF_CUT; /* its end is a code */
    return err;
}

static enum sp_err lzw(struct decode *decode, struct sp_slice in, struct sp_buf *out,
                       struct sp_why *why)
{
    static const char late[] = "/EarlyChange 0";
    struct sp_slice dictionary = decode->stream->dictionary;
    bool early = memmem(dictionary.ptr, dictionary.len, late, sizeof late - 1) == NULL;
    struct lzw state = {.in = in, .early = early};
    lzw_reset(&state);
    return lzw_read(decode, &state, out, why);
}

/* ---- one after the other --------------------------------------------------------------------- */
static enum sp_err one(struct decode *decode, enum filter filter, struct sp_slice in,
                       struct sp_buf *out, struct sp_why *why)
{
    sp_buf_reset(out);
    enum sp_err err = filter == FILTER_FLATE     ? flate(decode, in, out, why)
                      : filter == FILTER_ASCII85 ? ascii85(decode, in, out, why)
                      : filter == FILTER_HEX     ? hex(decode, in, out, why)
                      : filter == FILTER_LZW     ? lzw(decode, in, out, why)
                                                 : runs(decode, in, out, why);
    if (err == SP_ERR_LIMIT) { /* `out` is full */
        decode->told->cut = true;
        err = SP_OK;
    }
    return err;
}

static bool is_empty(struct sp_slice content)
{
    return sp_pdf_blanks(content, 0) == content.len;
}

/* Rows as differences from the row before (7.4.4.4): only tables of objects and images have it as a
 * rule, and nobody undoes it here. */
static bool is_predicted(struct sp_slice dictionary)
{
    static const char key[] = "/Predictor";
    const uint8_t *end = dictionary.ptr + dictionary.len;
    const uint8_t *at = memmem(dictionary.ptr, dictionary.len, key, sizeof key - 1);
    size_t value = at == NULL
                       ? dictionary.len
                       : sp_pdf_blanks(dictionary, (size_t)(at - dictionary.ptr) + sizeof key - 1);
    bool plain = value + 1 < dictionary.len && dictionary.ptr[value] == '1' &&
                 !isdigit(dictionary.ptr[value + 1]);
    return at != NULL && at < end && !plain;
}

/* What it is encoded with stands in another object. */
static bool is_elsewhere(struct sp_slice dictionary)
{
    size_t at = sp_pdf_blanks(dictionary, filter_find(dictionary));
    return at < dictionary.len && isdigit(dictionary.ptr[at]);
}

/* Nobody would read it in any case. */
static bool is_unwanted(struct sp_slice dictionary)
{
    return memmem(dictionary.ptr, dictionary.len, "/XRef", 5) != NULL ||
           memmem(dictionary.ptr, dictionary.len, "/Image", 6) != NULL;
}

enum sp_err sp_pdf_decode(const struct sp_pdf_stream *stream, unsigned *retries, struct sp_buf *out,
                          struct sp_buf *room, struct sp_pdf_decoded *told, struct sp_why *why)
{
    enum filter filters[FILTERS_MAX];
    struct decode decode = {stream, told, retries};
    struct sp_slice in = stream->content;
    enum sp_err err = SP_OK;
    *told = (struct sp_pdf_decoded){.state = SP_PDF_WHOLE};
    sp_buf_reset(out);
    size_t count = filters_read(stream->dictionary, stream->content, filters);
    told->filtered = count > 0;
    for (size_t i = 0; i < count && err == SP_OK && !is_empty(stream->content); i++) {
        if (filters[i] == FILTER_UNKNOWN)
            told->state = SP_PDF_UNKNOWN;
        told->image = filters[i] == FILTER_IMAGE;
        if (told->image || filters[i] == FILTER_UNKNOWN || told->cut)
            break;
        if (filters[i] == FILTER_NONE)
            continue;
        err = one(&decode, filters[i], in, room, why);
        told->made += filters[i] == FILTER_FLATE ? 0 : room->len; /* that counts by itself */
        struct sp_buf made = *room; /* what came out is the next one's input */
        *room = *out;
        *out = made;
        in = sp_buf_slice(out);
    }
    bool unknown = count == 0 ? is_elsewhere(stream->dictionary)
                              : !told->image && is_predicted(stream->dictionary);
    if (told->state == SP_PDF_WHOLE && unknown && !is_unwanted(stream->dictionary))
        told->state = SP_PDF_UNKNOWN;
    return err;
}
