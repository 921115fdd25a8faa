#include "extract/pdf_objects.h"

#include "base/utf8.h"
#include "core/charset.h"
#include "extract/inflate.h"
#include "extract/pdf_filter.h"
#include "extract/pdf_syntax.h"
#include "extract/run.h"

#include <ctype.h>
#include <string.h>

enum {
    STREAM_MAX = 64 << 20,    /* bytes of one that is inflated */
    TOTAL_MAX = 512 << 20,    /* of all of them that are read */
    DICTIONARY_MAX = 1 << 16, /* bytes before a stream that are looked at */
    COMMENT_MAX = 1024,       /* bytes before the word of a stream in which a dictionary ends */
    ZEROS_MIN = 64,           /* bytes between objects that a program does not write */
    BEYOND_MAX = 32,          /* streams that hold the word which would end them */
    STRING_MIN = 5,           /* no shorter one holds a value */
    LOOK_BYTES = 4096,        /* of a stream, to see what it is */
};
#define CHECKED_MAX                                                                                \
    (UINT64_C(16) << 30) /* bytes that are inflated only to see whether they are whole */

struct objects {
    struct sp_extract *x;
    struct sp_flow *flow;
    struct sp_pdf_objects *told;
    struct sp_slice file;
    uint64_t total;   /* bytes of streams read so far */
    uint64_t checked; /* and of all that were inflated */
    unsigned beyond;
    struct sp_pdf_string string; /* the one at hand */
    struct sp_buf text;          /* the same as UTF-8 */
    struct sp_buf stream;
    struct sp_buf room; /* for what lies between two filters */
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
    enum sp_err err = text_decode(sp_buf_slice(&objects->string.bytes), &objects->text, why);
    if (err != SP_OK || !is_text(sp_buf_slice(&objects->text)))
        return err;
    return text_give(objects, sp_buf_slice(&objects->text), why);
}

/* ---- strings in syntax (7.3.4) --------------------------------------------------------------- */
/* All strings of a piece of syntax; of the bytes of the file only those that the raw pass cannot
 * read as they stand. */
static enum sp_err strings_read(struct objects *objects, struct sp_slice in, bool all,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && pos < in.len;) {
        struct sp_pdf_string *string = &objects->string;
        string->whole = false;
        string->end = pos + 1;
        if (in.ptr[pos] == '(')
            err = sp_pdf_literal_read(in, pos, string, why);
        else if (in.ptr[pos] == '<' && pos + 1 < in.len && in.ptr[pos + 1] != '<')
            err = sp_pdf_hex_read(in, pos, string, why);
        bool wide = string->bytes.len > 1 && string->bytes.data[0] >= 0xFE;
        if (err == SP_OK && string->whole && (all || string->escaped || wide))
            err = string_give(objects, why);
        pos = string->end;
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

/* The name, and no longer one: forms have /ImageB among their resources. */
static bool has_name(struct sp_slice dictionary, const char *name)
{
    size_t len = strlen(name);
    const uint8_t *end = dictionary.ptr + dictionary.len;
    const uint8_t *at = dictionary.ptr;
    while ((at = memmem(at, (size_t)(end - at), name, len)) != NULL) {
        at += len;
        if (at == end || !isalnum(*at))
            return true;
    }
    return false;
}

static bool is_binary(struct sp_slice dictionary)
{
    static const char *const signs[] = {
        "/Image",    "/XRef",         "/Length1",     "/Type1C",       "/CIDFontType0C",
        "/OpenType", "/FunctionType", "/ShadingType", "/EmbeddedFile", NULL};
    for (size_t i = 0; signs[i] != NULL; i++)
        if (has_name(dictionary, signs[i]))
            return true;
    return false;
}

/* By its first bytes a file of a kind that is read: not text, and not bytes that say nothing. */
static bool is_file(struct sp_slice look)
{
    static const char *const none[] = {"bytes", "plain", "zlib", NULL};
    struct sp_identity identity;
    const struct sp_slice name = {NULL, 0};
    if (is_text(look)) /* metadata in XML, what draws: read here */
        return look.len > 5 && memcmp(look.ptr, "%PDF-", 5) == 0;
    sp_identify(look, name, look.len, false, &identity);
    for (size_t i = 0; none[i] != NULL; i++)
        if (strcmp(identity.extractor->name, none[i]) == 0)
            return false;
    return true;
}

static enum sp_err file_note(struct objects *objects, const struct sp_pdf_stream *stream,
                             const struct sp_pdf_decoded *decoded, struct sp_why *why)
{
    struct sp_pdf_file file;
    memset(&file, 0, sizeof file); /* gaps too: it is kept as bytes */
    file.stream = *stream;
    file.filtered = decoded->filtered;
    bool kept = !decoded->cut; /* else it was checked as it came */
    file.adler = kept ? sp_adler(sp_buf_slice(&objects->stream)) : decoded->adler;
    file.len = kept ? objects->stream.len : decoded->len;
    enum sp_err err = sp_buf_append(objects->told->files, &file, sizeof file, why);
    if (err != SP_ERR_LIMIT)
        return err;
    objects->told->cut = true;
    return SP_OK;
}

/* Lines of what is drawn that no page shows. */
static enum sp_err drawn_give(struct objects *objects, struct sp_slice content, struct sp_why *why)
{
    enum sp_err err = sp_pdf_drawn(content, &objects->string, &objects->room, why);
    if (err == SP_ERR_LIMIT)
        objects->told->cut = true;
    if (err != SP_OK)
        return err == SP_ERR_LIMIT ? SP_OK : err;
    struct sp_slice left = sp_buf_slice(&objects->room);
    while (err == SP_OK && left.len > 0) {
        const uint8_t *end = memchr(left.ptr, '\n', left.len);
        size_t len = end == NULL ? left.len : (size_t)(end - left.ptr);
        err = text_decode((struct sp_slice){left.ptr, len}, &objects->text, why);
        struct sp_slice line = sp_buf_slice(&objects->text);
        if (err == SP_OK && sp_pdf_words_lack(objects->told->words, line))
            err = text_give(objects, line, why);
        left.ptr += len + (end != NULL);
        left.len -= len + (end != NULL);
    }
    return err;
}

static void damage_note(struct objects *objects, enum sp_pdf_state state, const uint8_t *at)
{
    struct sp_pdf_damage *damage = &objects->told->damage[state];
    if (damage->count++ == 0)
        damage->first = (uint64_t)(at - objects->file.ptr);
}

/* A sector that was lost: no program writes so many zeros where others write text. */
static const uint8_t *zeros_find(struct sp_slice in)
{
    size_t run = 0;
    for (size_t i = 0; i < in.len; i++) {
        run = in.ptr[i] == 0 ? run + 1 : 0;
        if (run == ZEROS_MIN)
            return in.ptr + i + 1 - ZEROS_MIN;
    }
    return NULL;
}

/* A stream that is written as it is. */
static void plain_check(struct objects *objects, struct sp_slice content)
{
    const uint8_t *zeros = is_drawing(content) ? zeros_find(content) : NULL;
    if (zeros != NULL)
        damage_note(objects, SP_PDF_BROKEN, zeros);
}

static void fonts_look(struct objects *objects, struct sp_slice syntax, size_t first)
{
    if (objects->told->fonts != NULL)
        sp_pdf_fonts_look(objects->told->fonts, syntax, first);
}

/* Where the objects of an object stream begin. */
static size_t first_of(struct sp_slice dictionary)
{
    static const char key[] = "/First";
    const uint8_t *end = dictionary.ptr + dictionary.len;
    const uint8_t *at = memmem(dictionary.ptr, dictionary.len, key, sizeof key - 1);
    size_t first = 0;
    for (at = at == NULL ? end : at + sizeof key - 1; at < end && *at == ' '; at++)
        ;
    for (; at < end && *at >= '0' && *at <= '9' && first < STREAM_MAX; at++)
        first = first * 10 + (size_t)(*at - '0');
    return first;
}

/* Letters for the most part, which what draws is not. */
static bool is_prose(struct sp_slice text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.len; i++)
        letters += isalpha(text.ptr[i]) != 0;
    return is_text(text) && letters * 2 > text.len;
}

/* What came out of a stream, when it is text that no page shows. */
static enum sp_err stream_text(struct objects *objects, struct sp_slice dictionary,
                               struct sp_why *why)
{
    struct sp_slice text = sp_buf_slice(&objects->stream);
    if (text.len == 0)
        return SP_OK;
    objects->told->xfa = objects->told->xfa || has(text, "/XFA");
    if (has(dictionary, "/ObjStm")) {
        fonts_look(objects, text, first_of(dictionary));
        return strings_read(objects, text, true, why);
    }
    struct sp_slice look = {text.ptr, text.len < LOOK_BYTES ? text.len : LOOK_BYTES};
    enum sp_err err = SP_OK;
    if (is_drawing(text)) {
        if (objects->told->words != NULL)
            err = drawn_give(objects, text, why);
        if (err != SP_OK || objects->room.len > 0 || !is_prose(look))
            return err; /* else a program with a word that looks like an operator */
    } else if (!is_text(look) && !(text.len > 2 && text.ptr[0] >= 0xFE)) {
        return SP_OK;
    }
    err = text_decode(text, &objects->text, why);
    return err == SP_OK ? text_give(objects, sp_buf_slice(&objects->text), why) : err;
}

/* What a stream holds: a file, text that is drawn, other text, or what nobody reads. */
static enum sp_err stream_give(struct objects *objects, const struct sp_pdf_stream *stream,
                               const struct sp_pdf_decoded *decoded, struct sp_why *why)
{
    bool binary = is_binary(stream->dictionary);
    bool attached = has_name(stream->dictionary, "/EmbeddedFile");
    struct sp_slice made = decoded->filtered ? sp_buf_slice(&objects->stream) : stream->content;
    struct sp_slice look = {made.ptr, made.len < LOOK_BYTES ? made.len : LOOK_BYTES};
    if (decoded->image || made.len == 0)
        return SP_OK;
    if (objects->told->files != NULL && (attached || (!binary && is_file(look))))
        return file_note(objects, stream, decoded, why);
    if (binary)
        return SP_OK;
    if (!decoded->filtered) {
        plain_check(objects, made);
        return objects->told->words != NULL && is_drawing(made) ? drawn_give(objects, made, why)
                                                                : SP_OK;
    }
    objects->total += made.len;
    objects->told->cut = objects->told->cut || decoded->cut || objects->total > TOTAL_MAX;
    return stream_text(objects, stream->dictionary, why);
}

/* Every stream is decoded, as only its end tells whether it is whole. *used: bytes of it. */
static enum sp_err stream_read(struct objects *objects, const struct sp_pdf_stream *stream,
                               size_t *used, struct sp_why *why)
{
    struct sp_pdf_decoded decoded = {.state = SP_PDF_WHOLE};
    enum sp_err err =
        sp_pdf_decode(stream, &objects->beyond, &objects->stream, &objects->room, &decoded, why);
    if (err != SP_OK)
        return err;
    *used = decoded.used > stream->content.len ? decoded.used : stream->content.len;
    if (decoded.state == SP_PDF_WHOLE && decoded.filtered && decoded.used > 0 &&
        decoded.used < stream->content.len &&
        has((struct sp_slice){stream->content.ptr + decoded.used,
                              stream->content.len - decoded.used},
            " obj")) { /* its own end was lost: what follows is another object */
        *used = decoded.used;
        damage_note(objects, SP_PDF_BROKEN, stream->content.ptr + decoded.used);
    }
    if (decoded.state != SP_PDF_WHOLE)
        damage_note(objects, decoded.state, stream->content.ptr);
    objects->checked += decoded.made;
    objects->told->cut = objects->told->cut || objects->checked > CHECKED_MAX;
    return stream_give(objects, stream, &decoded, why);
}

/* Where the dictionary before a stream at `mark` begins: behind "1 0 obj", and behind the stream
 * before it, which ends at `low`. */
static const uint8_t *dictionary_find(struct sp_slice file, size_t low, size_t mark)
{
    size_t from = mark - low > DICTIONARY_MAX ? mark - DICTIONARY_MAX : low;
    size_t at = mark;
    while (at > from && !(file.ptr[at] == 'o' && memcmp(file.ptr + at, "obj", 3) == 0 &&
                          (file.ptr[at - 1] <= ' ' || file.ptr[at - 1] == 'd')))
        at--;
    return file.ptr + at;
}

/* Behind the word: blanks, and the end of the line. Returns `at` when there is none. */
static size_t line_skip(struct sp_slice file, size_t at)
{
    size_t end = at;
    while (end < file.len && (file.ptr[end] == ' ' || file.ptr[end] == '\t'))
        end++;
    size_t begin = end;
    end += end < file.len && file.ptr[end] == '\r';
    end += end < file.len && file.ptr[end] == '\n';
    return end == begin ? at : end;
}

/* A dictionary ends before it, perhaps with a comment between: it is no word of a text. */
static bool is_behind_dictionary(struct sp_slice file, size_t mark)
{
    size_t low = mark > COMMENT_MAX ? mark - COMMENT_MAX : 0;
    for (;;) {
        while (mark > low && file.ptr[mark - 1] <= ' ')
            mark--;
        if (mark >= 2 && file.ptr[mark - 1] == '>' && file.ptr[mark - 2] == '>')
            return true;
        size_t line = mark;
        while (line > low && file.ptr[line - 1] != '\n' && file.ptr[line - 1] != '\r')
            line--;
        const uint8_t *comment = memchr(file.ptr + line, '%', mark - line);
        if (comment == NULL)
            return false;
        mark = (size_t)(comment - file.ptr);
    }
}

/* The next stream from `at` on; false when there is none. */
static bool stream_find(struct sp_slice file, size_t at, struct sp_pdf_stream *stream)
{
    static const char begins[] = "stream", ends[] = "endstream";
    const size_t low = at;
    for (;;) {
        const uint8_t *found = memmem(file.ptr + at, file.len - at, begins, sizeof begins - 1);
        if (found == NULL)
            return false;
        size_t mark = (size_t)(found - file.ptr);
        at = mark + sizeof begins - 1;
        size_t begin = line_skip(file, at);
        if (begin == at || begin >= file.len || !is_behind_dictionary(file, mark))
            continue;
        const uint8_t *object = dictionary_find(file, low, mark);
        const uint8_t *end = memmem(file.ptr + begin, file.len - begin, ends, sizeof ends - 1);
        stream->dictionary = (struct sp_slice){object, (size_t)(found - object)};
        stream->rest = (struct sp_slice){file.ptr + begin, file.len - begin};
        stream->content = stream->rest;
        if (end != NULL)
            stream->content.len = (size_t)(end - stream->content.ptr);
        return true;
    }
}

/* What stands between two streams. */
static enum sp_err between_read(struct objects *objects, struct sp_slice in, struct sp_why *why)
{
    const uint8_t *zeros = zeros_find(in);
    if (zeros != NULL)
        damage_note(objects, SP_PDF_BROKEN, zeros);
    fonts_look(objects, in, 0);
    return strings_read(objects, in, false, why);
}

/* The last of it. Zeros at the very end were put there by who stored it. */
static enum sp_err end_read(struct objects *objects, struct sp_slice in, struct sp_why *why)
{
    while (in.len > 0 && in.ptr[in.len - 1] == 0)
        in.len--;
    return between_read(objects, in, why);
}

/* One that is written for the web says at its beginning how long it is; any says at its end where
 * its table is. */
static void length_check(struct objects *objects, struct sp_slice file)
{
    static const char mark[] = "/Linearized", key[] = "/L ";
    struct sp_slice look = {file.ptr, file.len < LOOK_BYTES ? file.len : LOOK_BYTES};
    const uint8_t *at = memmem(look.ptr, look.len, mark, sizeof mark - 1);
    const uint8_t *end = look.ptr + look.len;
    at = at == NULL ? NULL : memmem(at, (size_t)(end - at), key, sizeof key - 1);
    uint64_t wanted = 0;
    for (at = at == NULL ? end : at + sizeof key - 1; at < end && *at >= '0' && *at <= '9'; at++)
        wanted = wanted < UINT32_MAX ? wanted * 10 + (uint64_t)(*at - '0') : wanted;
    if (wanted > file.len || !has(file, "startxref"))
        damage_note(objects, SP_PDF_CUT, file.ptr + file.len);
}

static enum sp_err file_read(struct objects *objects, struct sp_slice file, struct sp_why *why)
{
    struct sp_pdf_stream stream;
    enum sp_err err = SP_OK;
    size_t at = 0;
    while (err == SP_OK && !objects->told->cut && stream_find(file, at, &stream)) {
        size_t begin = (size_t)(stream.content.ptr - file.ptr);
        size_t used = 0;
        err = between_read(objects, (struct sp_slice){file.ptr + at, begin - at}, why);
        if (err == SP_OK)
            err = stream_read(objects, &stream, &used, why);
        if (err == SP_OK)
            err = sp_extract_progress(objects->x, why);
        at = begin + used;
    }
    return err == SP_OK ? end_read(objects, (struct sp_slice){file.ptr + at, file.len - at}, why)
                        : err;
}

/* The key of a trailer, with a reference or a dictionary behind it, and not the word. */
static bool is_encrypted(struct sp_slice file)
{
    static const char key[] = "/Encrypt";
    const uint8_t *end = file.ptr + file.len;
    const uint8_t *at = file.ptr;
    while ((at = memmem(at, (size_t)(end - at), key, sizeof key - 1)) != NULL) {
        at += sizeof key - 1;
        size_t value = sp_pdf_blanks(file, (size_t)(at - file.ptr));
        if (value < file.len && (file.ptr[value] == '<' || isdigit(file.ptr[value])))
            return true;
    }
    return false;
}

enum sp_err sp_pdf_objects(struct sp_extract *x, struct sp_slice file, struct sp_flow *flow,
                           struct sp_pdf_objects *told, struct sp_why *why)
{
    struct objects objects = {
        .x = x, .flow = flow, .told = told, .file = file, .beyond = BEYOND_MAX};
    told->encrypted = is_encrypted(file);
    told->xfa = has(file, "/XFA");
    if (told->encrypted)
        return SP_OK;
    sp_buf_init(&objects.string.bytes, SP_PDF_STRING_MAX + 1);
    sp_buf_init(&objects.text, 4 * (size_t)STREAM_MAX);
    sp_buf_init(&objects.stream, STREAM_MAX);
    sp_buf_init(&objects.room, STREAM_MAX);
    length_check(&objects, file);
    enum sp_err err = file_read(&objects, file, why);
    sp_buf_wipe(&objects.string.bytes);
    sp_buf_wipe(&objects.text);
    sp_buf_wipe(&objects.stream);
    sp_buf_wipe(&objects.room);
    return err;
}
