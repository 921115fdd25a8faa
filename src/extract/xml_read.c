/* XML byte by byte, in whatever pieces it comes. */
#include "base/base64.h"
#include "base/utf8.h"
#include "extract/xml_in.h"

#include <string.h>

/* ---- text ---------------------------------------------------------------------------------- */
static enum sp_err cell_begin(struct sp_xml_in *xml, struct sp_why *why)
{
    if (xml->has_cell)
        return SP_OK;
    xml->has_cell = true;
    return sp_json_in_field(&xml->json, xml->depth > 0, why);
}

static enum sp_err text_code(struct sp_xml_in *xml, uint32_t code, uint64_t off, struct sp_why *why)
{
    uint8_t utf8[4];
    enum sp_err err = cell_begin(xml, why);
    unsigned len = sp_utf8_encode(code, utf8);
    return err == SP_OK ? sp_row_append(&xml->row, utf8, len, off, why) : err;
}

static enum sp_err text_bytes(struct sp_xml_in *xml, const uint8_t *bytes, size_t len, uint64_t off,
                              struct sp_why *why)
{
    enum sp_err err = len > 0 ? cell_begin(xml, why) : SP_OK;
    return err == SP_OK && len > 0 ? sp_row_append(&xml->row, bytes, len, off, why) : err;
}

enum sp_err sp_xml_entity_end(struct sp_xml_in *xml, bool with_semicolon, struct sp_why *why)
{
    uint32_t code;
    size_t len = xml->entity_len;
    enum sp_err err = SP_OK;
    xml->entity_len = 0;
    if (with_semicolon && sp_entity_code((struct sp_slice){xml->entity, len}, &code))
        return code == 0 ? SP_OK : text_code(xml, code, xml->entity_off, why);
    err = text_bytes(xml, xml->entity, len, xml->entity_off, why);
    return err == SP_OK && with_semicolon
               ? text_bytes(xml, (const uint8_t *)";", 1, xml->entity_off + len, why)
               : err;
}

/* A byte while an & is open; false: it goes no further, and the byte is read again. */
static bool entity_take(struct sp_xml_in *xml, uint8_t byte)
{
    bool fits = byte > ' ' && byte < 0x80 && byte != '<' && byte != '&' && byte != '"' &&
                xml->entity_len < SP_ENTITY_MAX;
    if (fits)
        xml->entity[xml->entity_len++] = byte;
    return fits;
}

static enum sp_err embedded_take(struct sp_xml_in *xml, uint8_t byte, struct sp_why *why)
{
    int digit = sp_base64_digit(byte);
    struct sp_buf *bytes = &xml->documents[xml->document_count - 1].bytes;
    if (digit < 0)
        return SP_OK; /* line ends, = at the end */
    xml->sextets = (xml->sextets << 6 | (uint32_t)digit) & 0xFFFFFF;
    if (++xml->sextet_count % 4 == 1)
        return SP_OK;
    unsigned shift = 6 - 2 * ((xml->sextet_count - 1) % 4);
    return sp_buf_append_byte(bytes, (uint8_t)(xml->sextets >> shift), why);
}

/* ---- states: each takes at least one byte or changes the state ----------------------------- */
static enum sp_err embedded_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                                 struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (; err == SP_OK && *pos < walk->text.len && walk->text.ptr[*pos] != '<'; ++*pos) {
        xml->json.line += walk->text.ptr[*pos] == '\n';
        err = embedded_take(xml, walk->text.ptr[*pos], why);
    }
    if (err == SP_ERR_LIMIT) { /* larger than a spool may be */
        xml->document_cut = true;
        xml->embeds = false; /* the rest is text */
        err = SP_OK;
    }
    return err;
}

static enum sp_err text_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                             struct sp_why *why)
{
    const uint8_t *ptr = walk->text.ptr;
    size_t end = *pos;
    enum sp_err err = SP_OK;
    xml->has_cell = xml->has_cell && !(xml->cdata_ended && ptr[end] <= ' ');
    xml->cdata_ended = false;
    while (!xml->has_cell && end < walk->text.len && ptr[end] <= ' ')
        xml->json.line += ptr[end++] == '\n';
    *pos = end;
    while (end < walk->text.len && ptr[end] != '<' && ptr[end] != '&')
        end++;
    if (end > *pos)
        err = cell_begin(xml, why);
    for (size_t i = *pos; i < end; i++)
        xml->json.line += ptr[i] == '\n';
    if (err == SP_OK && end > *pos)
        err = sp_walk_append(walk, &xml->row, *pos, end, why);
    *pos = end;
    return err;
}

static enum sp_err plain_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (xml->entity_len > 0) {
        if (byte != ';' && entity_take(xml, byte)) {
            ++*pos;
            return SP_OK;
        }
        *pos += byte == ';';
        return sp_xml_entity_end(xml, byte == ';', why);
    }
    if (byte == '&') {
        xml->entity_off = sp_walk_origin(walk, *pos);
        xml->entity[0] = '&';
        xml->entity_len = 1;
        ++*pos;
        return SP_OK;
    }
    if (byte == '<' && xml->state == SP_XML_TEXT) {
        xml->open_off = sp_walk_origin(walk, *pos);
        xml->state = SP_XML_OPEN;
        xml->mark_len = 0;
        ++*pos;
        return SP_OK;
    }
    return xml->embeds ? embedded_read(xml, walk, pos, why) : text_read(xml, walk, pos, why);
}

static void tag_begin(struct sp_xml_in *xml)
{
    xml->state = SP_XML_NAME;
    xml->name_len = 0;
    xml->closes = xml->empty = false;
}

/* What begins behind <. */
static enum sp_err open_read(struct sp_xml_in *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    static const char comment[] = "!--", cdata[] = "![CDATA[";
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    if (xml->mark_len == 0 && (letter || byte == '/' || byte == '_' || byte >= 0x80)) {
        tag_begin(xml);
        xml->closes = byte == '/';
        *pos += xml->closes;
        return SP_OK;
    }
    xml->mark[xml->mark_len++] = (char)byte;
    bool is_comment = memcmp(comment, xml->mark, xml->mark_len < 3 ? xml->mark_len : 3) == 0;
    bool is_cdata = xml->mark_len <= 8 && memcmp(cdata, xml->mark, xml->mark_len) == 0;
    if (xml->mark_len == 1 && byte != '!' && byte != '?') { /* a sign that means less */
        xml->state = SP_XML_TEXT;
        return text_bytes(xml, (const uint8_t *)"<", 1, xml->open_off, why);
    }
    *pos += xml->mark_len == 1 || is_comment || is_cdata; /* else it is the first of what follows */
    xml->has_cell = xml->has_cell && is_cdata;
    if ((is_comment && xml->mark_len == 3) || (is_cdata && xml->mark_len == 8)) {
        xml->state = is_comment ? SP_XML_COMMENT : SP_XML_CDATA;
        xml->mark_len = 0;
        xml->has_cell = xml->has_cell && is_cdata;
    } else if (!is_comment && !is_cdata) {
        xml->state = SP_XML_OTHER;
        xml->brackets = 0;
        xml->quote = 0;
        xml->has_cell = false;
    }
    return SP_OK;
}

/* Text of a comment, of CDATA or of a declaration goes on up to its end. Comments and declarations
 * are nobody's field. */
static enum sp_err raw_bytes(struct sp_xml_in *xml, struct sp_walk *walk, size_t from, size_t to,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = from; i < to; i++)
        xml->json.line += walk->text.ptr[i] == '\n';
    if (from == to)
        return SP_OK;
    if (!xml->has_cell)
        err = sp_json_in_field(&xml->json, xml->state == SP_XML_CDATA && xml->depth > 0, why);
    xml->has_cell = true;
    return err == SP_OK ? sp_walk_append(walk, &xml->row, from, to, why) : err;
}

/* CDATA is text like that around it: the marks of its end are none, and it goes on in the cell. */
static enum sp_err cdata_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    size_t held = xml->mark_len; /* ] of the piece before, perhaps of the end */
    size_t end = *pos;
    bool ended = false;
    for (; end < walk->text.len && !ended; end++) {
        uint8_t byte = walk->text.ptr[end];
        ended = byte == '>' && xml->mark_len == 2;
        if (!ended)
            xml->mark_len = byte == ']' ? xml->mark_len + (xml->mark_len < 2) : 0;
    }
    size_t marks = xml->mark_len + ended;
    size_t here = end - *pos;
    size_t literal = here + held > marks ? here + held - marks : 0; /* held ones first */
    size_t from_held = literal < held ? literal : held;
    enum sp_err err =
        text_bytes(xml, (const uint8_t *)"]]", from_held, sp_walk_origin(walk, *pos) - held, why);
    if (err == SP_OK)
        err = raw_bytes(xml, walk, *pos, *pos + literal - from_held, why);
    *pos = end;
    if (ended) {
        xml->state = SP_XML_TEXT;
        xml->cdata_ended = true;
    }
    return err;
}

static enum sp_err raw_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                            struct sp_why *why)
{
    size_t end = *pos;
    if (xml->state == SP_XML_CDATA)
        return cdata_read(xml, walk, pos, why);
    for (; end < walk->text.len; end++) {
        uint8_t byte = walk->text.ptr[end];
        if (byte == '>' && xml->mark_len >= 2)
            break;
        xml->mark_len = byte == '-' ? xml->mark_len + (xml->mark_len < 2) : 0;
    }
    enum sp_err err = raw_bytes(xml, walk, *pos, end, why); /* with the marks of its end */
    *pos = end;
    if (err == SP_OK && end < walk->text.len) {
        ++*pos;
        xml->state = SP_XML_TEXT;
        xml->has_cell = false;
    }
    return err;
}

static enum sp_err other_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    size_t end = *pos;
    bool ends = false;
    for (; end < walk->text.len && !ends; end++) {
        uint8_t byte = walk->text.ptr[end];
        if (xml->quote != 0)
            xml->quote = byte == xml->quote ? 0 : xml->quote;
        else if (byte == '"' && xml->mark[0] == '!')
            xml->quote = byte;
        else if (byte == '[')
            xml->brackets++;
        else if (byte == ']')
            xml->brackets -= xml->brackets > 0;
        ends = byte == '>' && xml->quote == 0 && xml->brackets == 0;
    }
    enum sp_err err = raw_bytes(xml, walk, *pos, ends ? end - 1 : end, why);
    *pos = end;
    if (ends) {
        xml->state = SP_XML_TEXT;
        xml->has_cell = false;
    }
    return err;
}

static void name_take(uint8_t *name, size_t *len, uint8_t byte)
{
    if (*len < SP_XML_NAME_MAX)
        name[(*len)++] = byte;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static enum sp_err name_read(struct sp_xml_in *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    if (!is_blank(byte) && byte != '>' && byte != '/') {
        name_take(xml->name, &xml->name_len, byte);
        ++*pos;
        return SP_OK;
    }
    xml->state = SP_XML_TAG;
    return xml->closes ? SP_OK : sp_xml_element_open(xml, why);
}

static enum sp_err tag_read(struct sp_xml_in *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    ++*pos;
    xml->json.line += byte == '\n';
    if (byte == '>')
        return sp_xml_tag_finish(xml, why);
    xml->empty = byte == '/';
    if (!is_blank(byte) && byte != '/') {
        xml->state = SP_XML_ATTRIBUTE;
        xml->attribute_len = 0;
        name_take(xml->attribute, &xml->attribute_len, byte);
    }
    return SP_OK;
}

/* The name of an attribute, or what stands in a tag without being one. */
static enum sp_err attribute_read(struct sp_xml_in *xml, uint8_t byte, size_t *pos,
                                  struct sp_why *why)
{
    (void)why;
    if (byte == '>' || byte == '/') {
        xml->state = SP_XML_TAG;
        return SP_OK;
    }
    ++*pos;
    if (byte == '=')
        xml->state = SP_XML_EQUALS;
    else if (is_blank(byte))
        xml->json.line += byte == '\n';
    else
        name_take(xml->attribute, &xml->attribute_len, byte);
    return SP_OK;
}

static bool attribute_is(const struct sp_xml_in *xml, const char *name)
{
    return sp_slice_is(sp_xml_name_of(xml->attribute, xml->attribute_len), name);
}

static enum sp_err value_begin(struct sp_xml_in *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    (void)why;
    if (byte == '>') {
        xml->state = SP_XML_TAG;
        return SP_OK;
    }
    ++*pos;
    if (is_blank(byte))
        return SP_OK;
    xml->quote = byte == '"' || byte == '\'' ? byte : ' ';
    xml->state = SP_XML_VALUE;
    xml->value_len = 0;
    xml->has_cell = false;
    if (xml->quote == ' ')
        --*pos; /* no quotes: up to the next blank */
    return SP_OK;
}

/* Names of namespaces and schemas are nobody's. */
static bool value_is_skipped(const struct sp_xml_in *xml)
{
    return xml->attribute_len >= 5 && memcmp(xml->attribute, "xmlns", 5) == 0;
}

static enum sp_err value_finish(struct sp_xml_in *xml, struct sp_why *why)
{
    struct sp_slice value = {xml->value, xml->value_len};
    enum sp_err err = SP_OK;
    value.len = sp_utf8_whole(value);
    if (xml->entity_len > 0)
        err = sp_xml_entity_end(xml, false, why);
    xml->state = SP_XML_TAG;
    xml->has_cell = false;
    if (xml->names_itself && attribute_is(xml, "name") && xml->value_len < SP_XML_NAME_MAX)
        sp_json_path_key(&xml->json.path, value);
    if (xml->embeds && attribute_is(xml, "filename"))
        (void)snprintf(xml->file_name, sizeof xml->file_name, "%.*s", (int)value.len,
                       (const char *)value.ptr);
    return err;
}

/* The field of an attribute: under its own name, then the element is at hand again. */
static enum sp_err value_text(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    struct sp_json_path *path = &xml->json.path;
    uint8_t name[SP_XML_NAME_MAX + 1] = {'@'};
    struct sp_slice local = sp_xml_name_of(xml->attribute, xml->attribute_len);
    size_t begin = *pos;
    enum sp_err err = SP_OK;
    memcpy(name + 1, local.ptr, local.len < SP_XML_NAME_MAX ? local.len : SP_XML_NAME_MAX);
    if (!xml->has_cell && !value_is_skipped(xml)) {
        sp_json_path_push(path, false);
        sp_json_path_key(path, (struct sp_slice){name, local.len + 1});
        err = sp_json_in_field(&xml->json, true, why);
        sp_json_path_pop(path);
        xml->has_cell = err == SP_OK;
    }
    while (
        *pos < walk->text.len && walk->text.ptr[*pos] != xml->quote &&
        walk->text.ptr[*pos] != '&' &&
        (xml->quote != ' ' || (walk->text.ptr[*pos] != '>' && !is_blank(walk->text.ptr[*pos])))) {
        xml->json.line += walk->text.ptr[*pos] == '\n';
        name_take(xml->value, &xml->value_len, walk->text.ptr[(*pos)++]);
    }
    return err == SP_OK && xml->has_cell ? sp_walk_append(walk, &xml->row, begin, *pos, why) : err;
}

static enum sp_err value_read(struct sp_xml_in *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    bool ends = byte == xml->quote || (xml->quote == ' ' && (byte == '>' || is_blank(byte)));
    if (ends) {
        *pos += xml->quote != ' ';
        return value_finish(xml, why);
    }
    if (xml->has_cell && (xml->entity_len > 0 || byte == '&'))
        return plain_read(xml, walk, pos, why);
    if (byte == '&' && value_is_skipped(xml)) {
        ++*pos;
        return SP_OK;
    }
    return value_text(xml, walk, pos, why);
}

enum sp_err sp_xml_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                        struct sp_why *why)
{
    struct sp_xml_in *xml = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        uint8_t byte = utf8.ptr[pos];
        switch (xml->state) {
        case SP_XML_TEXT:
            err = plain_read(xml, &walk, &pos, why);
            break;
        case SP_XML_OPEN:
            err = open_read(xml, byte, &pos, why);
            break;
        case SP_XML_NAME:
            err = name_read(xml, byte, &pos, why);
            break;
        case SP_XML_TAG:
            err = tag_read(xml, byte, &pos, why);
            break;
        case SP_XML_ATTRIBUTE:
            err = attribute_read(xml, byte, &pos, why);
            break;
        case SP_XML_EQUALS:
            err = value_begin(xml, byte, &pos, why);
            break;
        case SP_XML_VALUE:
            err = value_read(xml, &walk, &pos, why);
            break;
        case SP_XML_COMMENT:
        case SP_XML_CDATA:
            err = raw_read(xml, &walk, &pos, why);
            break;
        case SP_XML_OTHER:
            err = other_read(xml, &walk, &pos, why);
            break;
        }
    }
    return err;
}
