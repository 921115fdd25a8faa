#include "extract/pdf_objects.h"

#include "base/utf8.h"
#include "core/charset.h"
#include "extract/inflate.h"
#include "extract/run.h"

#include <string.h>

enum {
    STREAM_MAX = 64 << 20, /* bytes of one that is inflated */
    TOTAL_MAX = 512 << 20, /* of all of them */
    DICTIONARY_MAX = 4096, /* bytes before a stream that are looked at */
    STRING_MAX = 1 << 20,  /* bytes of one */
    STRING_MIN = 5,        /* no shorter one holds a value */
    LOOK_BYTES = 4096,     /* of a stream, to see what it is */
    NESTED_MAX = 1 << 12,  /* parentheses within a string */
    RETRIES_MAX = 64       /* strings without an end that are read as something else */
};

struct objects {
    struct sp_extract *x;
    struct sp_flow *flow;
    struct sp_pdf_objects *told;
    uint64_t total; /* inflated so far */
    unsigned retries;
    struct sp_buf string; /* raw bytes of the string at hand */
    struct sp_buf text;   /* the same as UTF-8 */
    struct sp_buf stream;
};

static bool has(struct sp_slice text, const char *piece)
{
    return text.len > 0 && memmem(text.ptr, text.len, piece, strlen(piece)) != NULL;
}

/* ---- one string ------------------------------------------------------------------------------ */
static enum sp_err code_put(struct sp_buf *out, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    if (code >= 0xD800 && code < 0xE000)
        code = '?';
    if (code < ' ')
        code = ' ';
    return sp_code_normalise(&code) ? sp_buf_append(out, utf8, sp_utf8_encode(code, utf8), why)
                                    : SP_OK;
}

/* UTF-16 with its mark, UTF-8, or one byte a character (7.9.2). */
static enum sp_err text_decode(struct sp_slice raw, struct sp_buf *out, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool big = raw.len >= 2 && raw.ptr[0] == 0xFE && raw.ptr[1] == 0xFF;
    bool little = raw.len >= 2 && raw.ptr[0] == 0xFF && raw.ptr[1] == 0xFE;
    sp_buf_reset(out);
    if (big || little) {
        for (size_t i = 2; err == SP_OK && i + 1 < raw.len; i += 2)
            err = code_put(out, (uint32_t)raw.ptr[i + little] << 8 | raw.ptr[i + big], why);
        return err;
    }
    if (sp_utf8_valid(raw))
        return sp_buf_append(out, raw.ptr, raw.len, why);
    for (size_t i = 0; err == SP_OK && i < raw.len; i++)
        err = code_put(out, raw.ptr[i], why);
    return err;
}

/* Most of it is text: not the bytes of an identifier or of a key. */
static bool is_text(struct sp_slice text)
{
    size_t odd = 0;
    for (size_t i = 0; i < text.len; i++)
        odd +=
            (text.ptr[i] < ' ' && memchr("\t\n\r", text.ptr[i], 3) == NULL) || text.ptr[i] >= 0x7F;
    return text.len >= STRING_MIN && odd * 4 <= text.len;
}

static enum sp_err text_give(struct objects *objects, struct sp_slice text, struct sp_why *why)
{
    const struct sp_slice none = {NULL, 0};
    enum sp_err err = sp_flow_field(objects->flow, none, none, why);
    return err == SP_OK ? sp_flow_text(objects->flow, text, SP_SIZE_UNKNOWN, why) : err;
}

static enum sp_err string_give(struct objects *objects, struct sp_why *why)
{
    enum sp_err err = text_decode(sp_buf_slice(&objects->string), &objects->text, why);
    if (err != SP_OK || !is_text(sp_buf_slice(&objects->text)))
        return err;
    return text_give(objects, sp_buf_slice(&objects->text), why);
}

/* ---- strings in syntax (7.3.4) --------------------------------------------------------------- */
/* One escape behind a backslash at `at`; returns how long it is. */
static size_t escape_read(struct sp_slice in, size_t at, int *byte)
{
    static const char names[] = "nrtbf", codes[] = "\n\r\t\b\f";
    uint8_t c = in.ptr[at];
    const char *name = c == 0 ? NULL : strchr(names, c);
    size_t len = 0;
    *byte = name != NULL ? codes[name - names] : c;
    if (c == '\r' || c == '\n') { /* the line goes on */
        *byte = -1;
        return c == '\r' && at + 1 < in.len && in.ptr[at + 1] == '\n' ? 2 : 1;
    }
    if (c < '0' || c > '7')
        return 1;
    for (*byte = 0;
         len < 3 && at + len < in.len && in.ptr[at + len] >= '0' && in.ptr[at + len] <= '7'; len++)
        *byte = *byte * 8 + (in.ptr[at + len] - '0');
    *byte &= 0xFF;
    return len;
}

/* (text) at `at`. *end is behind it, or behind the parenthesis when it does not end. */
static enum sp_err literal_read(struct objects *objects, struct sp_slice in, size_t at, size_t *end,
                                bool *escaped, bool *whole, struct sp_why *why)
{
    unsigned depth = 1;
    enum sp_err err = SP_OK;
    size_t pos = at + 1;
    sp_buf_reset(&objects->string);
    *escaped = false;
    while (err == SP_OK && depth > 0 && pos < in.len && objects->string.len < STRING_MAX) {
        int byte = in.ptr[pos++];
        if (byte == '\\' && pos < in.len) {
            *escaped = true;
            pos += escape_read(in, pos, &byte);
        } else if (byte == '(') {
            depth++;
        } else if (byte == ')') {
            depth--;
        }
        if (byte >= 0 && depth > 0)
            err = sp_buf_append_byte(&objects->string, (uint8_t)byte, why);
        if (depth > NESTED_MAX)
            break;
    }
    *whole = depth == 0;
    bool skip =
        *whole || depth > NESTED_MAX || pos < in.len; /* each byte is read a few times at most */
    *end = skip || objects->retries++ > RETRIES_MAX ? pos : at + 1;
    return err;
}

static enum sp_err hex_read(struct objects *objects, struct sp_slice in, size_t at, size_t *end,
                            bool *whole, struct sp_why *why)
{
    int high = -1;
    enum sp_err err = SP_OK;
    size_t pos = at + 1;
    sp_buf_reset(&objects->string);
    for (; err == SP_OK && pos < in.len && in.ptr[pos] != '>' && objects->string.len < STRING_MAX;
         pos++) {
        int digit = sp_hex_digit(in.ptr[pos]);
        if (digit < 0 && in.ptr[pos] > ' ')
            break;
        if (digit >= 0 && high >= 0)
            err = sp_buf_append_byte(&objects->string, (uint8_t)(high << 4 | digit), why);
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    *whole = pos < in.len && in.ptr[pos] == '>';
    *end = *whole ? pos + 1 : at + 1;
    return err;
}

/* All strings of a piece of syntax; of the bytes of the file only those that the raw pass cannot
 * read as they stand. */
static enum sp_err strings_read(struct objects *objects, struct sp_slice in, bool all,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && pos < in.len;) {
        bool escaped = true, whole = false;
        size_t end = pos + 1;
        if (in.ptr[pos] == '(')
            err = literal_read(objects, in, pos, &end, &escaped, &whole, why);
        else if (in.ptr[pos] == '<' && pos + 1 < in.len && in.ptr[pos + 1] != '<')
            err = hex_read(objects, in, pos, &end, &whole, why);
        bool wide = objects->string.len > 1 && objects->string.data[0] >= 0xFE;
        if (err == SP_OK && whole && (all || escaped || wide))
            err = string_give(objects, why);
        pos = end;
    }
    return err;
}

/* ---- streams (7.3.8) ------------------------------------------------------------------------- */
/* What draws a page, or says how characters are written. */
static bool is_drawing(struct sp_slice text)
{
    static const char *const signs[] = {" Tf",   " Tj",   " TJ",   " Tm",   " cm\n",
                                        " cm\r", " re\n", " re\r", " Do",   "begincmap",
                                        " BDC",  " rg\n", " scn",  " gs\n", NULL};
    struct sp_slice look = {text.ptr, text.len < LOOK_BYTES ? text.len : LOOK_BYTES};
    if (look.len > 0 && look.ptr[0] == '<')
        return false;
    for (size_t i = 0; signs[i] != NULL; i++)
        if (has(look, signs[i]))
            return true;
    return false;
}

static bool is_binary(struct sp_slice dictionary)
{
    static const char *const signs[] = {"/Image",       "/XRef",         "/Length1",
                                        "/FontFile",    "Type1C",        "/CIDFontType0C",
                                        "/OpenType",    "/FunctionType", "/ICCBased",
                                        "/ShadingType", "/EmbeddedFile", NULL};
    for (size_t i = 0; signs[i] != NULL; i++)
        if (has(dictionary, signs[i]))
            return true;
    return false;
}

static enum sp_err stream_read(struct objects *objects, struct sp_slice dictionary,
                               struct sp_slice content, struct sp_why *why)
{
    bool cut = false;
    bool packed = has(dictionary, "/FlateDecode") || has(dictionary, "/Fl ");
    if (!packed || is_binary(dictionary))
        return SP_OK;
    sp_buf_reset(&objects->stream);
    enum sp_err err = sp_inflate(content, &objects->stream, &cut, why);
    struct sp_slice text = sp_buf_slice(&objects->stream);
    objects->total += text.len;
    objects->told->cut = objects->told->cut || cut || objects->total > TOTAL_MAX;
    if (err != SP_OK || text.len == 0)
        return err;
    objects->told->xfa = objects->told->xfa || has(text, "/XFA");
    if (has(dictionary, "/ObjStm"))
        return strings_read(objects, text, true, why);
    struct sp_slice look = {text.ptr, text.len < LOOK_BYTES ? text.len : LOOK_BYTES};
    if (!is_text(look) || is_drawing(text))
        return SP_OK;
    err = text_decode(text, &objects->text, why);
    return err == SP_OK ? text_give(objects, sp_buf_slice(&objects->text), why) : err;
}

/* The next stream from `at` on: its dictionary and its bytes; false when there is none. */
static bool stream_find(struct sp_slice file, size_t at, struct sp_slice *dictionary,
                        struct sp_slice *content)
{
    static const char begins[] = "stream", ends[] = "endstream";
    for (;;) {
        const uint8_t *found = memmem(file.ptr + at, file.len - at, begins, sizeof begins - 1);
        if (found == NULL)
            return false;
        size_t mark = (size_t)(found - file.ptr);
        size_t begin = mark + sizeof begins - 1;
        begin += begin < file.len && file.ptr[begin] == '\r';
        begin += begin < file.len && file.ptr[begin] == '\n';
        at = mark + sizeof begins - 1;
        bool ended = mark >= 3 && memcmp(found - 3, ends, 3) == 0;
        if (ended || begin == at || begin >= file.len) /* or a word of a text */
            continue;
        const uint8_t *end = memmem(file.ptr + begin, file.len - begin, ends, sizeof ends - 1);
        size_t from = mark > DICTIONARY_MAX ? mark - DICTIONARY_MAX : 0;
        const uint8_t *object = file.ptr + mark;
        while (object > file.ptr + from && memcmp(object, "obj", 3) != 0)
            object--;
        *dictionary = (struct sp_slice){object, (size_t)(file.ptr + mark - object)};
        *content = (struct sp_slice){
            file.ptr + begin, end == NULL ? file.len - begin : (size_t)(end - file.ptr) - begin};
        return true;
    }
}

static enum sp_err file_read(struct objects *objects, struct sp_slice file, struct sp_why *why)
{
    struct sp_slice dictionary, content;
    enum sp_err err = SP_OK;
    size_t at = 0;
    while (err == SP_OK && !objects->told->cut && stream_find(file, at, &dictionary, &content)) {
        size_t begin = (size_t)(content.ptr - file.ptr);
        err = strings_read(objects, (struct sp_slice){file.ptr + at, begin - at}, false, why);
        if (err == SP_OK)
            err = stream_read(objects, dictionary, content, why);
        if (err == SP_OK)
            err = sp_extract_progress(objects->x, why);
        at = begin + content.len;
    }
    return err == SP_OK
               ? strings_read(objects, (struct sp_slice){file.ptr + at, file.len - at}, false, why)
               : err;
}

enum sp_err sp_pdf_objects(struct sp_extract *x, struct sp_slice file, struct sp_flow *flow,
                           struct sp_pdf_objects *told, struct sp_why *why)
{
    struct objects objects = {.x = x, .flow = flow, .told = told};
    told->encrypted = has(file, "/Encrypt");
    told->xfa = has(file, "/XFA");
    if (told->encrypted)
        return SP_OK;
    sp_buf_init(&objects.string, STRING_MAX + 1);
    sp_buf_init(&objects.text, 4 * (size_t)STREAM_MAX);
    sp_buf_init(&objects.stream, STREAM_MAX);
    enum sp_err err = file_read(&objects, file, why);
    sp_buf_wipe(&objects.string);
    sp_buf_wipe(&objects.text);
    sp_buf_wipe(&objects.stream);
    return err;
}
