/* Each value is a field: its key the name it stands under, its part the pointer (RFC 6901) within
 * its record. A record is
 *   - of JSON Lines, a line: each value at the top;
 *   - of all else, an element of the outermost array, and together what stands outside of arrays.
 * Bounded memory for values, names and nesting of any length. */
#include "extract/json_read.h"

#include "base/utf8.h"
#include "core/charset.h"

#include <string.h>

enum {
    DIGITS_TELLING = 5,               /* in a name: it may be somebody's */
    DIGITS_OF_ID = 3,                 /* in a name with letters: klant_1041, a UUID */
    NAMES_MAX_BYTES = 4 * 1024 * 1024 /* of a record; the names of the others are not told */
};

/* ---- records and fields -------------------------------------------------------------------- */
static enum sp_err record_begin(struct sp_json_in *json, uint64_t row, struct sp_why *why)
{
    struct sp_record *record = &json->row->record;
    *record = (struct sp_record){.kind = SP_RECORD_NODE,
                                 .ordinal = record->ordinal + 1,
                                 .row = row,
                                 .line = json->line,
                                 .date_s = INT64_MIN};
    if (sp_intern_bytes(json->names) > NAMES_MAX_BYTES)
        sp_intern_reset(json->names);
    sp_row_begin(json->row);
    (void)why;
    return SP_OK;
}

/* An element of the outermost array begins, or a value at the top of JSON Lines. */
static enum sp_err element_begin(struct sp_json_in *json, bool scalar, struct sp_why *why)
{
    const struct sp_json_level *level = sp_json_path_top(&json->path);
    bool element = level != NULL && level->is_array;
    if (json->within || json->record_depth > 0 || json->record_scalar)
        return SP_OK;
    if (!element && !(json->lines && json->path.depth == 0))
        return SP_OK;
    struct sp_slice array = {(const uint8_t *)json->path.path, level == NULL ? 0 : level->path_len};
    struct sp_slice table = {NULL, 0};
    enum sp_err err = sp_row_end(json->row, why);
    if (err == SP_OK)
        err = record_begin(json, element ? level->index + 1 : json->roots, why);
    array.len = sp_utf8_whole(array);
    if (err == SP_OK)
        err = sp_intern_put(json->names, array, &table, why);
    json->row->record.table = table;
    json->record_depth = scalar ? 0 : json->path.depth + 1;
    json->record_scalar = scalar;
    json->record_path = json->path.len;
    return err;
}

static enum sp_err element_end(struct sp_json_in *json, struct sp_why *why)
{
    json->record_depth = 0;
    json->record_scalar = false;
    json->record_path = 0;
    return sp_row_end(json->row, why);
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
    size_t digits = 0;
    while (digits < name.len && name.ptr[digits] >= '0' && name.ptr[digits] <= '9')
        digits++;
    return digits == name.len; /* the number of an element */
}

/* The name that a value is judged by: `phone.number`, behind that of the value it is within. */
static enum sp_err field_key(struct sp_json_in *json, struct sp_slice *out, struct sp_why *why)
{
    uint8_t both[4 * SP_JSON_KEY_MAX];
    struct sp_slice name = sp_json_path_name(&json->path), parts[3] = {json->cell.key};
    struct sp_slice key = {both, 0};
    if (name_is_general(name))
        parts[1] = sp_json_path_outer_name(&json->path);
    parts[2] = name;
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].len == 0 || parts[i].len + 1 > sizeof both - key.len)
            continue;
        if (key.len > 0)
            both[key.len++] = '.';
        memcpy(both + key.len, parts[i].ptr, parts[i].len);
        key.len += parts[i].len;
    }
    key.len = sp_utf8_whole(key);
    return sp_intern_put(json->names, key, out, why);
}

/* The pointer within the record, or behind that of the value it is within. */
static enum sp_err field_part(struct sp_json_in *json, struct sp_slice *out, struct sp_why *why)
{
    uint8_t both[2 * SP_JSON_PATH_MAX];
    struct sp_slice path = {(const uint8_t *)json->path.path, json->path.len};
    if (json->record_path <= path.len)
        path = (struct sp_slice){path.ptr + json->record_path, path.len - json->record_path};
    path.len = sp_utf8_whole(path);
    if (json->cell.part.len > 0 && json->cell.part.len <= sizeof both - path.len) {
        memcpy(both, json->cell.part.ptr, json->cell.part.len);
        if (path.len > 0)
            memcpy(both + json->cell.part.len, path.ptr, path.len);
        path = (struct sp_slice){both, json->cell.part.len + path.len};
    }
    return sp_intern_put(json->names, path, out, why);
}

/* Begins the field of the value at hand; `named`: by its name, not for the text of a name itself.
 */
enum sp_err sp_json_in_field(struct sp_json_in *json, bool named, struct sp_why *why)
{
    struct sp_slice key = {NULL, 0}, part = json->cell.part;
    bool room = sp_intern_bytes(json->names) < (size_t)2 * NAMES_MAX_BYTES;
    uint64_t line = json->within && json->cell.line == 0 ? 0 : json->line;
    enum sp_err err = SP_OK;
    if (!json->row->active)
        err = record_begin(json, 0, why);
    if (err == SP_OK && named && room)
        err = field_key(json, &key, why);
    if (err == SP_OK && named && room)
        err = field_part(json, &part, why);
    if (err == SP_OK)
        err = sp_row_named(json->row, key, part, line, why);
    if (err == SP_OK)
        json->row->cells[json->row->cell_count - 1].column = json->cell.column;
    return err;
}

/* ---- tokens -------------------------------------------------------------------------------- */
static enum sp_err value_begin(struct sp_json_in *json, bool scalar, struct sp_why *why)
{
    json->roots += json->path.depth == 0;
    json->lines = json->lines || json->roots > 1;
    return element_begin(json, scalar, why);
}

static enum sp_err value_end(struct sp_json_in *json, struct sp_why *why)
{
    return json->record_scalar ? element_end(json, why) : SP_OK;
}

/* One of many names of their kind. Of `***` nothing is known but that it may be somebody's. */
static bool name_is_id(struct sp_slice name)
{
    size_t digits = 0, others = 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.ptr[i], small = byte | 0x20;
        digits += byte >= '0' && byte <= '9';
        others += !(byte >= '0' && byte <= '9') && !(small >= 'a' && small <= 'z') &&
                  memchr("-_.:#/", byte, 6) == NULL;
    }
    return sp_slice_is(name, "***") ||
           (others == 0 && digits > 0 && (digits == name.len || digits >= DIGITS_OF_ID));
}

/* {"klanten": {"1041": {…}, "1042": {…}}}: one record, as all that stands outside of arrays, of
 * several people. */
static void count_ids(struct sp_json_in *json)
{
    struct sp_json_level *level = sp_json_path_top(&json->path);
    if (level == NULL || level->is_array || !name_is_id(sp_json_path_name(&json->path)))
        return;
    json->others = json->others || level->has_id;
    level->has_id = true;
}

/* The array whose path is at hand is a text, byte by byte: a field beside those of its elements. */
static enum sp_err bytes_give(struct sp_json_in *json, struct sp_why *why)
{
    struct sp_slice text = sp_json_bytes_text(&json->bytes);
    if (text.len == 0)
        return SP_OK;
    enum sp_err err = sp_json_in_field(json, true, why);
    return err == SP_OK ? sp_row_append(json->row, text.ptr, text.len, json->bytes.off, why) : err;
}

/* What is collected of it so far; it goes on. */
static enum sp_err bytes_give_part(struct sp_json_in *json, struct sp_why *why)
{
    struct sp_json_level *level = sp_json_path_top(&json->path);
    size_t len = json->path.len;
    if (level == NULL)
        return SP_OK;
    json->path.len = level->path_len;
    json->path.depth--;
    enum sp_err err = bytes_give(json, why);
    json->path.depth++;
    json->path.len = len;
    return err;
}

static enum sp_err container_begin(struct sp_json_in *json, bool is_array, struct sp_why *why)
{
    sp_json_bytes_reset(&json->bytes);
    if (!is_array)
        count_ids(json);
    enum sp_err err = value_begin(json, false, why);
    sp_json_path_push(&json->path, is_array);
    json->wants_key = !is_array;
    /* of a record that is an array, the elements are values of one record */
    return err;
}

static enum sp_err container_end(struct sp_json_in *json, struct sp_why *why)
{
    bool ends = json->record_depth > 0 && json->path.depth == json->record_depth;
    bool is_array = sp_json_path_in_array(&json->path);
    sp_json_path_pop(&json->path);
    enum sp_err err = is_array ? bytes_give(json, why) : SP_OK;
    sp_json_bytes_reset(&json->bytes);
    json->bytes.none = true; /* an array in an array */
    json->wants_key = false;
    return err == SP_OK && ends ? element_end(json, why) : err;
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
enum sp_err sp_json_in_name(struct sp_json_in *json, struct sp_slice name, uint64_t off,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (key_is_telling(name)) {
        err = sp_json_in_field(json, false, why);
        if (err == SP_OK)
            err = sp_row_append(json->row, name.ptr, name.len, off, why);
        if (!key_has_blank(name))
            name = sp_slice_of("***");
    }
    sp_json_path_key(&json->path, name);
    return err;
}

static enum sp_err key_end(struct sp_json_in *json, struct sp_why *why)
{
    return sp_json_in_name(json, (struct sp_slice){json->key, json->key_len}, json->key_off, why);
}

static enum sp_err string_begin(struct sp_json_in *json, uint64_t off, struct sp_why *why)
{
    json->state = SP_JSON_STRING;
    json->in_key = json->wants_key && !sp_json_path_in_array(&json->path);
    json->key_len = 0;
    json->key_off = off;
    json->unit = 0;
    if (json->in_key)
        return SP_OK;
    json->bytes.none = true;
    enum sp_err err = value_begin(json, true, why);
    return err == SP_OK ? sp_json_in_field(json, true, why) : err;
}

static enum sp_err string_finish(struct sp_json_in *json, struct sp_why *why)
{
    bool was_key = json->in_key;
    json->state = SP_JSON_BETWEEN;
    json->in_key = false;
    json->wants_key = false;
    return was_key ? key_end(json, why) : value_end(json, why);
}

/* A name that is too long to be one: what there is of it, and all that follows, is text. */
static enum sp_err key_becomes_text(struct sp_json_in *json, struct sp_why *why)
{
    enum sp_err err = sp_json_in_field(json, false, why);
    json->in_key = false;
    json->wants_key = false;
    if (err == SP_OK && json->key_len > 0)
        err = sp_row_append(json->row, json->key, json->key_len, json->key_off, why);
    json->key_len = 0;
    return err;
}

/* Bytes that stand in the source as they are. */
static enum sp_err string_append(struct sp_json_in *json, struct sp_walk *walk, size_t from,
                                 size_t to, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (json->in_key && to - from > sizeof json->key - json->key_len)
        err = key_becomes_text(json, why);
    if (err != SP_OK || !json->in_key)
        return err != SP_OK ? err : sp_walk_append(walk, json->row, from, to, why);
    memcpy(json->key + json->key_len, walk->text.ptr + from, to - from);
    json->key_len += to - from;
    return SP_OK;
}

/* A character that an escape gave. */
static enum sp_err string_code(struct sp_json_in *json, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    enum sp_err err = SP_OK;
    if (!sp_code_normalise(&code))
        return SP_OK;
    unsigned len = sp_utf8_encode(code, utf8);
    if (json->in_key && len > sizeof json->key - json->key_len)
        err = key_becomes_text(json, why);
    if (err != SP_OK || !json->in_key)
        return err != SP_OK ? err : sp_row_append(json->row, utf8, len, json->escape_off, why);
    memcpy(json->key + json->key_len, utf8, len);
    json->key_len += len;
    return SP_OK;
}

/* ---- states: each takes at least one byte or changes the state ----------------------------- */
static enum sp_err string_read(struct sp_json_in *json, struct sp_walk *walk, size_t *pos,
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
            json->state = SP_JSON_ESCAPE;
        else
            err = string_finish(json, why);
    }
    *pos = end;
    return err;
}

static enum sp_err escape_read(struct sp_json_in *json, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    uint8_t byte = walk->text.ptr[(*pos)];
    const char *found = memchr(from, byte, sizeof from - 1);
    json->state = SP_JSON_STRING;
    if (byte == 'u') {
        json->state = SP_JSON_HEX;
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
static enum sp_err unit_take(struct sp_json_in *json, uint32_t unit, struct sp_why *why)
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

static enum sp_err hex_read(struct sp_json_in *json, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    int digit = sp_hex_digit(walk->text.ptr[*pos]);
    if (digit < 0) { /* no escape after all: what follows is text */
        json->state = SP_JSON_STRING;
        return SP_OK;
    }
    ++*pos;
    json->code = json->code << 4 | (uint32_t)digit;
    if (++json->digits < 4)
        return SP_OK;
    json->state = SP_JSON_STRING;
    return unit_take(json, json->code, why);
}

static bool bare_ends(uint8_t byte)
{
    return byte == ',' || byte == ':' || byte == '"' || byte == '{' || byte == '}' || byte == '[' ||
           byte == ']' || byte == '\n';
}

static bool is_literal(const struct sp_json_in *json)
{
    size_t len = json->word_len;
    while (len > 0 && (json->word[len - 1] == ' ' || json->word[len - 1] == '\r'))
        len--;
    return (len == 4 && memcmp(json->word, "true", 4) == 0) ||
           (len == 4 && memcmp(json->word, "null", 4) == 0) ||
           (len == 5 && memcmp(json->word, "false", 5) == 0);
}

/* What may still be true, false or null is kept; anything else is a field. */
static enum sp_err bare_flush(struct sp_json_in *json, struct sp_why *why)
{
    if (json->has_bare)
        return SP_OK;
    json->has_bare = true;
    enum sp_err err = value_begin(json, true, why);
    if (err == SP_OK)
        err = sp_json_in_field(json, true, why);
    if (err == SP_OK && json->word_len > 0)
        err = sp_row_append(json->row, (const uint8_t *)json->word, json->word_len, json->key_off,
                            why);
    return err;
}

static enum sp_err bare_finish(struct sp_json_in *json, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    const struct sp_slice word = {(const uint8_t *)json->word, json->word_len};
    json->state = SP_JSON_BETWEEN;
    json->bytes.none = json->bytes.none || json->has_bare;
    if (sp_json_bytes_add(&json->bytes, word, json->key_off))
        err = bytes_give_part(json, why);
    if (err != SP_OK)
        return err;
    if (!json->has_bare && is_literal(json)) {
        json->roots += json->path.depth == 0;
        return SP_OK;
    }
    if (!json->has_bare)
        err = bare_flush(json, why);
    return err == SP_OK ? value_end(json, why) : err;
}

static enum sp_err bare_read(struct sp_json_in *json, struct sp_walk *walk, size_t *pos,
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
            err = sp_walk_append(walk, json->row, *pos, end, why);
    }
    *pos = end;
    return err == SP_OK && end < walk->text.len ? bare_finish(json, why) : err;
}

static enum sp_err between_read(struct sp_json_in *json, struct sp_walk *walk, size_t *pos,
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
        json->state = SP_JSON_BARE;
        json->has_bare = false;
        json->word_len = 0;
        json->key_off = sp_walk_origin(walk, *pos);
        return SP_OK;
    }
}

/* Takes decoded text of any cut. */
enum sp_err sp_json_in_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct sp_json_in *json = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        switch (json->state) {
        case SP_JSON_BETWEEN:
            err = between_read(json, &walk, &pos, why);
            break;
        case SP_JSON_STRING:
            err = string_read(json, &walk, &pos, why);
            break;
        case SP_JSON_ESCAPE:
            err = escape_read(json, &walk, &pos, why);
            break;
        case SP_JSON_HEX:
            err = hex_read(json, &walk, &pos, why);
            break;
        case SP_JSON_BARE:
            err = bare_read(json, &walk, &pos, why);
            break;
        }
    }
    return err;
}

/* ---- the whole ----------------------------------------------------------------------------- */
void sp_json_in_init(struct sp_json_in *json, struct sp_row *row, struct sp_intern *names)
{
    memset(json, 0, offsetof(struct sp_json_in, path));
    sp_json_path_init(&json->path);
    sp_json_bytes_reset(&json->bytes);
    json->row = row;
    json->names = names;
    json->line = 1;
    json->within = false;
    json->cell = (struct sp_row_cell){0};
}

enum sp_err sp_json_in_end(struct sp_json_in *json, bool *open, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *open = json->path.depth > 0 || (json->state != SP_JSON_BETWEEN && json->state != SP_JSON_BARE);
    if (json->in_key)
        err = key_end(json, why);
    else if (json->state == SP_JSON_BARE)
        err = bare_finish(json, why);
    return err;
}
