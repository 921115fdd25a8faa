/* JSON (RFC 8259) and JSON Lines. Each value is a field: its key the name it stands under, its part
 * the pointer (RFC 6901) within its record. A record is
 *   - of JSON Lines, a line: each value at the top;
 *   - of all else, an element of the outermost array, and together what stands outside of arrays.
 * A state machine over decoded text that never gives up: what is no JSON is text where it stands,
 * so a damaged file loses nothing. Bounded memory for values, names and nesting of any length. */
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "core/intern.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/json_path.h"
#include "extract/row.h"

enum {
    BID_JSON = 70,
    BID_NAMED = 60,                   /* only the name says more than the first byte */
    KEY_MAX_BYTES = 1024,             /* a longer name is read as text */
    DIGITS_TELLING = 5,               /* in a name: it may be somebody's */
    NAMES_MAX_BYTES = 4 * 1024 * 1024 /* of a record; the names of the others are not told */
};

enum json_state {
    JSON_BETWEEN, /* before a token */
    JSON_STRING,
    JSON_ESCAPE, /* behind a backslash */
    JSON_HEX,    /* in the four digits of \u */
    JSON_BARE    /* a number, a word, or what is no JSON */
};

struct json {
    struct sp_extract *x;
    enum json_state state;
    bool lines;            /* several values at the top: each is a record */
    bool wants_key;        /* the next string of an object is a name */
    bool in_key;           /* the string at hand is one */
    bool has_bare;         /* the bare token at hand is a field already */
    uint64_t line;         /* of the next byte, from 1 */
    uint64_t roots;        /* values at the top so far */
    uint64_t record_depth; /* containers around the element that is the record; 0: none is */
    size_t record_path;    /* length of its path */
    bool record_scalar;    /* the record is one value, no container */
    uint32_t unit;         /* the surrogate that waits for its other half, or 0 */
    uint32_t code;         /* digits of \u so far */
    unsigned digits;
    uint64_t escape_off; /* source byte of the backslash */
    uint64_t key_off;    /* source byte of the name at hand */
    size_t key_len;
    uint8_t key[KEY_MAX_BYTES];
    size_t word_len; /* of the bare token, as far as it may be a literal */
    char word[8];
    struct sp_intern *names;
    struct sp_json_path path;
    struct sp_row row;
};

/* ---- is it JSON? --------------------------------------------------------------------------- */
static size_t blanks_end(const uint8_t *text, size_t len, size_t at)
{
    while (at < len &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

/* Behind the string that begins at `at`; len when it does not end. */
static size_t string_end(const uint8_t *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at < len ? at + 1 : len;
}

/* Behind a number or a literal; `at` when it is neither. */
static size_t word_end(const uint8_t *text, size_t len, size_t at)
{
    static const char *const literals[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        size_t want = strlen(literals[i]), have = len - at < want ? len - at : want;
        if (memcmp(text + at, literals[i], have) == 0)
            return at + have;
    }
    size_t end = at;
    while (end < len &&
           (memchr("+-.eE", text[end], 5) != NULL || (text[end] >= '0' && text[end] <= '9')))
        end++;
    return end;
}

/* Whether the first tokens of the text stand as the grammar has them. *roots: values at the top
 * that ended, or began. */
static bool json_reads(const uint8_t *text, size_t len, unsigned *roots)
{
    enum { VALUE, NAME, COLON, COMMA } wants = VALUE;
    uint64_t arrays = 0; /* a bit a container, the innermost lowest */
    unsigned depth = 0;
    *roots = 0;
    for (size_t at = blanks_end(text, len, 0); at < len; at = blanks_end(text, len, at)) {
        uint8_t byte = text[at];
        bool closes = byte == (arrays & 1 ? ']' : '}');
        if (depth > 0 && closes && wants != COLON) {
            arrays >>= 1;
            wants = --depth > 0 ? COMMA : VALUE;
            at++;
        } else if (wants == COMMA) {
            if (byte != ',')
                return false;
            wants = arrays & 1 ? VALUE : NAME;
            at++;
        } else if (wants == COLON) {
            if (byte != ':')
                return false;
            wants = VALUE;
            at++;
        } else if (wants == NAME) {
            if (byte != '"')
                return false;
            wants = COLON;
            at = string_end(text, len, at);
        } else {
            bool opens = byte == '{' || byte == '[';
            *roots += depth == 0;
            if (depth == 0 && !opens)
                return false; /* one word or number alone is text */
            if (opens && ++depth == 64)
                return true;
            arrays = opens ? arrays << 1 | (byte == '[') : arrays;
            size_t end = opens         ? at + 1
                         : byte == '"' ? string_end(text, len, at)
                                       : word_end(text, len, at);
            if (end == at)
                return false;
            wants = opens && byte == '{' ? NAME : opens ? VALUE : COMMA;
            at = end;
        }
    }
    return *roots > 0;
}

int sp_json_bid(struct sp_slice head, struct sp_slice name)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    size_t len = sp_extract_sample(head, sample), at = blanks_end(sample, len, 0);
    unsigned roots;
    bool opens = at < len && (sample[at] == '{' || sample[at] == '[');
    if (!opens)
        return 0;
    if (json_reads(sample, len, &roots))
        return BID_JSON;
    return sp_name_has_suffix(name, ".json\0.jsonl\0.ndjson\0.geojson\0") ? BID_NAMED : 0;
}

/* ---- records and fields -------------------------------------------------------------------- */
static enum sp_err record_begin(struct json *json, uint64_t row, struct sp_why *why)
{
    struct sp_record *record = &json->row.record;
    *record = (struct sp_record){.kind = SP_RECORD_NODE,
                                 .ordinal = record->ordinal + 1,
                                 .row = row,
                                 .line = json->line,
                                 .date_s = INT64_MIN};
    if (sp_intern_bytes(json->names) > NAMES_MAX_BYTES)
        sp_intern_reset(json->names);
    sp_row_begin(&json->row);
    (void)why;
    return SP_OK;
}

/* An element of the outermost array begins, or a value at the top of JSON Lines. */
static enum sp_err element_begin(struct json *json, bool scalar, struct sp_why *why)
{
    bool element = sp_json_path_in_array(&json->path);
    if (json->record_depth > 0 || json->record_scalar)
        return SP_OK;
    if (!element && !(json->lines && json->path.depth == 0))
        return SP_OK;
    const struct sp_json_level *level = sp_json_path_top(&json->path);
    struct sp_slice array = {(const uint8_t *)json->path.path, level == NULL ? 0 : level->path_len};
    struct sp_slice table = {NULL, 0};
    enum sp_err err = sp_row_end(&json->row, why);
    if (err == SP_OK)
        err = record_begin(json, element ? level->index + 1 : json->roots, why);
    array.len = sp_utf8_whole(array);
    if (err == SP_OK)
        err = sp_intern_put(json->names, array, &table, why);
    json->row.record.table = table;
    json->record_depth = scalar ? 0 : json->path.depth + 1;
    json->record_scalar = scalar;
    json->record_path = json->path.len;
    return err;
}

static enum sp_err element_end(struct json *json, struct sp_why *why)
{
    json->record_depth = 0;
    json->record_scalar = false;
    json->record_path = 0;
    return sp_row_end(&json->row, why);
}

/* Names that say nothing without the name around them. */
static bool name_is_general(struct sp_slice name)
{
    static const char *const names[] = {"value", "values", "number",  "nr",   "no",  "id",
                                        "text",  "code",   "content", "data", "raw", "formatted"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sp_slice_is(name, names[i]))
            return true;
    }
    return false;
}

/* The name that a value is judged by: `phone.number`. */
static enum sp_err field_key(struct json *json, struct sp_slice *out, struct sp_why *why)
{
    uint8_t both[2 * SP_JSON_KEY_MAX + 1];
    struct sp_slice name = sp_json_path_name(&json->path), outer = {NULL, 0};
    if (name_is_general(name))
        outer = sp_json_path_outer_name(&json->path);
    if (outer.len == 0 || outer.len + name.len + 1 > sizeof both) {
        name.len = sp_utf8_whole(name);
        return sp_intern_put(json->names, name, out, why);
    }
    memcpy(both, outer.ptr, outer.len);
    both[outer.len] = '.';
    memcpy(both + outer.len + 1, name.ptr, name.len);
    struct sp_slice key = {both, outer.len + 1 + name.len};
    key.len = sp_utf8_whole(key);
    return sp_intern_put(json->names, key, out, why);
}

/* Begins the field of the value at hand; `named`: by its name, not for the text of a name itself.
 */
static enum sp_err field_begin(struct json *json, bool named, struct sp_why *why)
{
    struct sp_slice key = {NULL, 0}, part = {NULL, 0};
    struct sp_slice path = {(const uint8_t *)json->path.path, json->path.len};
    bool room = sp_intern_bytes(json->names) < 2 * NAMES_MAX_BYTES;
    enum sp_err err = SP_OK;
    if (!json->row.active)
        err = record_begin(json, 0, why);
    if (json->record_path <= path.len)
        path = (struct sp_slice){path.ptr + json->record_path, path.len - json->record_path};
    path.len = sp_utf8_whole(path);
    if (err == SP_OK && named && room)
        err = field_key(json, &key, why);
    if (err == SP_OK && named && room)
        err = sp_intern_put(json->names, path, &part, why);
    return err == SP_OK ? sp_row_named(&json->row, key, part, json->line, why) : err;
}

/* ---- tokens -------------------------------------------------------------------------------- */
static enum sp_err value_begin(struct json *json, bool scalar, struct sp_why *why)
{
    json->roots += json->path.depth == 0;
    json->lines = json->lines || json->roots > 1;
    return element_begin(json, scalar, why);
}

static enum sp_err value_end(struct json *json, struct sp_why *why)
{
    return json->record_scalar ? element_end(json, why) : SP_OK;
}

static enum sp_err container_begin(struct json *json, bool is_array, struct sp_why *why)
{
    enum sp_err err = value_begin(json, false, why);
    sp_json_path_push(&json->path, is_array);
    json->wants_key = !is_array;
    /* of a record that is an array, the elements are values of one record */
    return err;
}

static enum sp_err container_end(struct json *json, struct sp_why *why)
{
    bool ends = json->record_depth > 0 && json->path.depth == json->record_depth;
    sp_json_path_pop(&json->path);
    json->wants_key = false;
    return ends ? element_end(json, why) : SP_OK;
}

static bool key_has_blank(struct sp_slice key)
{
    return memchr(key.ptr, ' ', key.len) != NULL;
}

static bool key_is_telling(struct sp_slice key)
{
    unsigned digits = 0;
    for (size_t i = 0; i < key.len; i++) {
        uint8_t byte = key.ptr[i];
        digits += byte >= '0' && byte <= '9';
        if (byte == '@' || byte == '%' || digits >= DIGITS_TELLING)
            return true;
    }
    return key_has_blank(key);
}

/* A name that may be a value itself is searched too, and is no part of a path. */
static enum sp_err key_end(struct json *json, struct sp_why *why)
{
    struct sp_slice key = {json->key, json->key_len};
    enum sp_err err = SP_OK;
    if (key_is_telling(key)) {
        err = field_begin(json, false, why);
        if (err == SP_OK)
            err = sp_row_append(&json->row, key.ptr, key.len, json->key_off, why);
        if (!key_has_blank(key))
            key = sp_slice_of("***");
    }
    sp_json_path_key(&json->path, key);
    return err;
}

static enum sp_err string_begin(struct json *json, uint64_t off, struct sp_why *why)
{
    json->state = JSON_STRING;
    json->in_key = json->wants_key && !sp_json_path_in_array(&json->path);
    json->key_len = 0;
    json->key_off = off;
    json->unit = 0;
    if (json->in_key)
        return SP_OK;
    enum sp_err err = value_begin(json, true, why);
    return err == SP_OK ? field_begin(json, true, why) : err;
}

static enum sp_err string_finish(struct json *json, struct sp_why *why)
{
    bool was_key = json->in_key;
    json->state = JSON_BETWEEN;
    json->in_key = false;
    json->wants_key = false;
    return was_key ? key_end(json, why) : value_end(json, why);
}

/* A name that is too long to be one: what there is of it, and all that follows, is text. */
static enum sp_err key_becomes_text(struct json *json, struct sp_why *why)
{
    enum sp_err err = field_begin(json, false, why);
    json->in_key = false;
    json->wants_key = false;
    if (err == SP_OK && json->key_len > 0)
        err = sp_row_append(&json->row, json->key, json->key_len, json->key_off, why);
    json->key_len = 0;
    return err;
}

/* Bytes that stand in the source as they are. */
static enum sp_err string_append(struct json *json, struct sp_walk *walk, size_t from, size_t to,
                                 struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (json->in_key && to - from > sizeof json->key - json->key_len)
        err = key_becomes_text(json, why);
    if (err != SP_OK || !json->in_key)
        return err != SP_OK ? err : sp_walk_append(walk, &json->row, from, to, why);
    memcpy(json->key + json->key_len, walk->text.ptr + from, to - from);
    json->key_len += to - from;
    return SP_OK;
}

/* A character that an escape gave. */
static enum sp_err string_code(struct json *json, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    enum sp_err err = SP_OK;
    if (!sp_code_normalise(&code))
        return SP_OK;
    unsigned len = sp_utf8_encode(code, utf8);
    if (json->in_key && len > sizeof json->key - json->key_len)
        err = key_becomes_text(json, why);
    if (err != SP_OK || !json->in_key)
        return err != SP_OK ? err : sp_row_append(&json->row, utf8, len, json->escape_off, why);
    memcpy(json->key + json->key_len, utf8, len);
    json->key_len += len;
    return SP_OK;
}

/* ---- states: each takes at least one byte or changes the state ----------------------------- */
static enum sp_err string_read(struct json *json, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    const uint8_t *ptr = walk->text.ptr;
    size_t end = *pos;
    while (end < walk->text.len && ptr[end] != '"' && ptr[end] != '\\')
        json->line += ptr[end++] == '\n';
    enum sp_err err = end > *pos ? string_append(json, walk, *pos, end, why) : SP_OK;
    if (end > *pos)
        json->unit = 0;
    if (err == SP_OK && end < walk->text.len) {
        json->escape_off = sp_walk_origin(walk, end);
        if (ptr[end++] == '\\')
            json->state = JSON_ESCAPE;
        else
            err = string_finish(json, why);
    }
    *pos = end;
    return err;
}

static enum sp_err escape_read(struct json *json, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    uint8_t byte = walk->text.ptr[(*pos)];
    const char *found = memchr(from, byte, sizeof from - 1);
    json->state = JSON_STRING;
    if (byte == 'u') {
        json->state = JSON_HEX;
        json->code = json->digits = 0;
        ++*pos;
        return SP_OK;
    }
    json->unit = 0;
    if (byte >= 0x80)
        return SP_OK; /* no escape: the character is text */
    ++*pos;
    json->line += byte == '\n';
    return string_code(json, found != NULL ? (uint8_t)to[found - from] : byte, why);
}

/* One half of a pair waits for the other; alone it is no character. */
static enum sp_err unit_take(struct json *json, uint32_t unit, struct sp_why *why)
{
    uint32_t high = json->unit;
    json->unit = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (json->unit != 0)
        return SP_OK;
    if (unit >= 0xDC00 && unit < 0xE000) {
        if (high == 0)
            return SP_OK;
        unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
    }
    return string_code(json, unit, why);
}

static enum sp_err hex_read(struct json *json, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    int digit = sp_hex_digit(walk->text.ptr[*pos]);
    if (digit < 0) { /* no escape after all: what follows is text */
        json->state = JSON_STRING;
        return SP_OK;
    }
    ++*pos;
    json->code = json->code << 4 | (uint32_t)digit;
    if (++json->digits < 4)
        return SP_OK;
    json->state = JSON_STRING;
    return unit_take(json, json->code, why);
}

static bool bare_ends(uint8_t byte)
{
    return byte == ',' || byte == ':' || byte == '"' || byte == '{' || byte == '}' || byte == '[' ||
           byte == ']' || byte == '\n';
}

static bool is_literal(const struct json *json)
{
    size_t len = json->word_len;
    while (len > 0 && (json->word[len - 1] == ' ' || json->word[len - 1] == '\r'))
        len--;
    return (len == 4 && memcmp(json->word, "true", 4) == 0) ||
           (len == 4 && memcmp(json->word, "null", 4) == 0) ||
           (len == 5 && memcmp(json->word, "false", 5) == 0);
}

/* What may still be true, false or null is kept; anything else is a field. */
static enum sp_err bare_flush(struct json *json, struct sp_why *why)
{
    if (json->has_bare)
        return SP_OK;
    json->has_bare = true;
    enum sp_err err = value_begin(json, true, why);
    if (err == SP_OK)
        err = field_begin(json, true, why);
    if (err == SP_OK && json->word_len > 0)
        err = sp_row_append(&json->row, (const uint8_t *)json->word, json->word_len, json->key_off,
                            why);
    return err;
}

static enum sp_err bare_finish(struct json *json, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    json->state = JSON_BETWEEN;
    if (!json->has_bare && is_literal(json)) {
        json->roots += json->path.depth == 0;
        return SP_OK;
    }
    if (!json->has_bare)
        err = bare_flush(json, why);
    return err == SP_OK ? value_end(json, why) : err;
}

static enum sp_err bare_read(struct json *json, struct sp_walk *walk, size_t *pos,
                             struct sp_why *why)
{
    const uint8_t *ptr = walk->text.ptr;
    size_t end = *pos;
    enum sp_err err = SP_OK;
    while (end < walk->text.len && !bare_ends(ptr[end]))
        end++;
    if (!json->has_bare && end - *pos <= sizeof json->word - json->word_len) {
        memcpy(json->word + json->word_len, ptr + *pos, end - *pos);
        json->word_len += end - *pos;
    } else {
        err = bare_flush(json, why);
        if (err == SP_OK)
            err = sp_walk_append(walk, &json->row, *pos, end, why);
    }
    *pos = end;
    return err == SP_OK && end < walk->text.len ? bare_finish(json, why) : err;
}

static enum sp_err between_read(struct json *json, struct sp_walk *walk, size_t *pos,
                                struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    switch (byte) {
    case '{':
    case '[':
        ++*pos;
        return container_begin(json, byte == '[', why);
    case '}':
    case ']':
        ++*pos;
        return container_end(json, why);
    case ',':
        sp_json_path_next(&json->path);
        json->wants_key = json->path.depth > 0 && !sp_json_path_in_array(&json->path);
        ++*pos;
        return SP_OK;
    case '"': {
        uint64_t off = sp_walk_origin(walk, *pos);
        ++*pos;
        return string_begin(json, off + 1, why);
    }
    case '\n':
        json->line++;
        ++*pos;
        return SP_OK;
    case ' ':
    case '\t':
    case '\r':
    case ':':
        json->wants_key = json->wants_key && byte != ':';
        ++*pos;
        return SP_OK;
    default:
        json->state = JSON_BARE;
        json->has_bare = false;
        json->word_len = 0;
        json->key_off = sp_walk_origin(walk, *pos);
        return SP_OK;
    }
}

/* Takes decoded text of any cut. */
static enum sp_err json_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct json *json = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        switch (json->state) {
        case JSON_BETWEEN:
            err = between_read(json, &walk, &pos, why);
            break;
        case JSON_STRING:
            err = string_read(json, &walk, &pos, why);
            break;
        case JSON_ESCAPE:
            err = escape_read(json, &walk, &pos, why);
            break;
        case JSON_HEX:
            err = hex_read(json, &walk, &pos, why);
            break;
        case JSON_BARE:
            err = bare_read(json, &walk, &pos, why);
            break;
        }
    }
    return err;
}

/* ---- the whole ----------------------------------------------------------------------------- */
static enum sp_err json_finish(struct json *json, bool cut, struct sp_why *why)
{
    struct sp_unread unread;
    enum sp_err err = SP_OK;
    bool open = json->path.depth > 0 || (json->state != JSON_BETWEEN && json->state != JSON_BARE);
    if (json->in_key)
        err = key_end(json, why);
    else if (json->state == JSON_BARE)
        err = bare_finish(json, why);
    if (err == SP_OK)
        err = sp_row_end(&json->row, why);
    if (err != SP_OK || !open || cut)
        return err;
    sp_unread_init(&unread, SP_REASON_TRUNCATED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "ends within a value");
    return sp_extract_unread(json->x, &unread, why);
}

static void json_free(struct json *json)
{
    if (json == NULL)
        return;
    sp_intern_free(json->names);
    sp_free(json);
}

static enum sp_err json_new(struct sp_extract *x, struct json **out, struct sp_why *why)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    unsigned roots = 0;
    struct json *json = sp_alloc(sizeof *json);
    *out = NULL;
    if (json == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read JSON");
    memset(json, 0, offsetof(struct json, path));
    sp_json_path_init(&json->path);
    sp_row_init(&json->row, x->sink);
    json->x = x;
    json->line = 1;
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    json->lines = json_reads(sample, sp_extract_sample(head, sample), &roots) && roots > 1;
    enum sp_err err = sp_intern_new(&json->names, why);
    if (err != SP_OK)
        json_free(json);
    else
        *out = json;
    return err;
}

enum sp_err sp_json_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct json *json;
    enum sp_err err = json_new(x, &json, why);
    if (err != SP_OK)
        return err;
    err = sp_extract_decode(x, false, json_text, json, &stream_err, why);
    if (err == SP_OK)
        err = json_finish(json, stream_err != SP_OK, why);
    x->done->record_count = json->row.record_count;
    json_free(json);
    return err != SP_OK ? err : stream_err;
}
