/* XML that holds data: UBL invoices, bank statements, exports, feeds. Each element with text and
 * each attribute is a field: its key the local name, its part the path within the record. Records
 * are the elements that repeat next to each other, the outermost ones, as the first bytes tell
 * (xml_look.c). A state machine over decoded text that never gives up; entities that a file defines
 * itself are not expanded, and nothing is fetched. Documents in base64 within it are children. */
#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/cells.h"
#include "extract/decode.h"
#include "extract/entity.h"
#include "extract/formats.h"
#include "extract/json_read.h"
#include "extract/xml_look.h"

#include <stdio.h>

enum {
    BID_XML = 65,         /* above markup */
    XML_NAME_MAX = 256,   /* bytes of a name; longer ones are cut */
    XML_MARK_MAX = 16,    /* bytes behind < that tell what begins */
    XML_DOCUMENTS_MAX = 8 /* in one record; more are read as text */
};

enum xml_state {
    XML_TEXT,
    XML_OPEN,      /* behind <, what begins is not clear yet */
    XML_NAME,      /* of a tag */
    XML_TAG,       /* behind it, between attributes */
    XML_ATTRIBUTE, /* name of one */
    XML_EQUALS,    /* behind that */
    XML_VALUE,     /* of an attribute, in quotes */
    XML_COMMENT,
    XML_CDATA,
    XML_OTHER, /* instruction or declaration */
};

/* A document that was embedded. */
struct xml_document {
    struct sp_buf bytes;
    char name[XML_NAME_MAX];
};

struct xml {
    struct sp_extract *x;
    struct sp_xml_form form;
    enum xml_state state;
    uint64_t depth;        /* elements that are open */
    uint64_t record_depth; /* of the one that is the record; 0: none */
    uint64_t record_row;   /* in its parent */
    uint64_t parent_depth; /* of the last record's parent */
    uint64_t children;     /* handed out so far */
    bool has_cell;         /* the text at hand has a field */
    bool cdata_ended;      /* just now: text that follows at once goes on in that field */
    bool declares;         /* entities of its own, which are not put in */
    bool closes, empty;    /* the tag at hand */
    bool names_itself;     /* its attribute `name` says what it holds: <field name="email"> */
    bool embeds;           /* the text at hand is a document in base64 */
    uint8_t quote;
    unsigned brackets; /* of a declaration */
    size_t mark_len;   /* what may be the end of a comment or CDATA, or the beginning of a tag */
    char mark[XML_MARK_MAX];
    uint64_t open_off;
    size_t name_len, attribute_len, value_len;
    uint8_t name[XML_NAME_MAX], attribute[XML_NAME_MAX], value[XML_NAME_MAX];
    size_t entity_len; /* 0: no & is open */
    uint8_t entity[SP_ENTITY_MAX];
    uint64_t entity_off;
    char file_name[XML_NAME_MAX]; /* of the document that follows */
    uint32_t sextets;             /* of base64 */
    unsigned sextet_count;
    bool document_cut; /* told when the record has ended */
    size_t document_count;
    struct xml_document documents[XML_DOCUMENTS_MAX];
    struct sp_intern *names;
    struct sp_json_in json; /* its path and fields */
    struct sp_row row;
};

int sp_xml_bid(const struct sp_glance *at)
{
    const uint8_t *sample = at->sample.ptr;
    struct sp_xml_form form;
    size_t len = at->sample.len, pos = 0;
    if (sp_name_has_suffix(at->name, ".html\0.htm\0.xhtml\0.shtml\0.vml\0"))
        return 0; /* words with tags between them */
    while (pos < len && sample[pos] <= ' ')
        pos++;
    if (pos == len || sample[pos] != '<')
        return 0;
    sp_xml_look(sample, len, &form);
    return form.is_data ? BID_XML : 0;
}

/* ---- records ------------------------------------------------------------------------------- */
static enum sp_err documents_send(struct xml *xml, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < xml->document_count; i++) {
        struct xml_document *document = &xml->documents[i];
        struct sp_object_info info = {.step = SP_STEP_PART,
                                      .node = SP_NODE_REGULAR,
                                      .ordinal = ++xml->children,
                                      .name = sp_slice_of(document->name),
                                      .size_claimed = document->bytes.len,
                                      .mtime_s = INT64_MIN};
        struct sp_stream *stream = NULL;
        if (err == SP_OK)
            err = sp_stream_open_memory(sp_buf_slice(&document->bytes), &stream, why);
        if (err == SP_OK)
            err = sp_extract_member(xml->x, &info, stream, why);
        sp_stream_close(stream);
        sp_buf_wipe(&document->bytes);
    }
    xml->document_count = 0;
    if (err != SP_OK || !xml->document_cut)
        return err;
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_SPOOL);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "an embedded document");
    xml->document_cut = false;
    return sp_extract_unread(xml->x, &unread, why);
}

static enum sp_err record_end(struct xml *xml, struct sp_why *why)
{
    enum sp_err err = sp_row_end(&xml->row, why);
    xml->json.record_path = 0;
    xml->record_depth = 0;
    return err == SP_OK ? documents_send(xml, why) : err;
}

static bool opens_record(const struct xml *xml, struct sp_slice local)
{
    if (xml->record_depth > 0)
        return false;
    if (xml->form.record_name != NULL)
        return sp_slice_is(local, xml->form.record_name);
    return xml->form.record_depth > 0 && xml->depth == xml->form.record_depth;
}

/* Of a record: the table that a dump names, else the path of what it lies in. */
static enum sp_err record_table(struct xml *xml, size_t parent_len, struct sp_slice *out,
                                struct sp_why *why)
{
    struct sp_slice path = {(const uint8_t *)xml->json.path.path, parent_len};
    const uint8_t *slash = path.len == 0 ? NULL : memrchr(path.ptr, '/', path.len);
    bool in_dump = xml->form.record_name != NULL && strcmp(xml->form.record_name, "row") == 0;
    if (slash != NULL && in_dump) {
        size_t skip = (size_t)(slash - path.ptr) + 1;
        path = (struct sp_slice){path.ptr + skip, path.len - skip};
    }
    path.len = sp_utf8_whole(path);
    return sp_intern_put(xml->names, path, out, why);
}

static enum sp_err record_begin(struct xml *xml, size_t parent_len, struct sp_why *why)
{
    struct sp_slice table = {NULL, 0};
    enum sp_err err = record_end(xml, why);
    if (err == SP_OK)
        err = record_table(xml, parent_len, &table, why);
    xml->row.record = (struct sp_record){.kind = SP_RECORD_NODE,
                                         .ordinal = xml->row.record.ordinal + 1,
                                         .row = ++xml->record_row,
                                         .line = xml->json.line,
                                         .table = table,
                                         .date_s = INT64_MIN};
    sp_row_begin(&xml->row);
    xml->record_depth = xml->depth;
    xml->parent_depth = xml->depth - 1;
    xml->json.record_path = xml->json.path.len;
    return err;
}

/* ---- elements ------------------------------------------------------------------------------ */
static struct sp_slice name_of(const uint8_t *bytes, size_t len)
{
    struct sp_slice name = {bytes, len};
    name.len = sp_utf8_whole(name);
    return sp_xml_local(name);
}

/* The path has a level for an element once that has a child. */
static enum sp_err element_open(struct xml *xml, struct sp_why *why)
{
    struct sp_slice local = name_of(xml->name, xml->name_len);
    struct sp_json_path *path = &xml->json.path;
    if (path->depth <= xml->depth)
        sp_json_path_push(path, false);
    const struct sp_json_level *level = sp_json_path_top(path);
    size_t parent_len = level == NULL ? path->len : level->path_len;
    xml->depth++;
    xml->has_cell = false;
    xml->names_itself = sp_slice_is(local, "field") || sp_slice_is(local, "column") ||
                        sp_slice_is(local, "property") || sp_slice_is(local, "table_data");
    xml->embeds = sp_slice_is(local, "EmbeddedDocumentBinaryObject");
    xml->file_name[0] = '\0';
    sp_json_path_key(path, local);
    return opens_record(xml, local) ? record_begin(xml, parent_len, why) : SP_OK;
}

static enum sp_err element_close(struct xml *xml, struct sp_why *why)
{
    struct sp_json_path *path = &xml->json.path;
    xml->has_cell = false;
    xml->embeds = false;
    if (xml->depth == 0)
        return SP_OK; /* an end that nothing began */
    if (path->depth > xml->depth)
        sp_json_path_pop(path);
    xml->depth--;
    if (xml->record_depth == 0 && xml->depth + 1 == xml->parent_depth)
        xml->record_row = 0; /* the parent of records ended: the next ones are counted anew */
    return xml->record_depth > xml->depth ? record_end(xml, why) : SP_OK;
}

static enum sp_err tag_finish(struct xml *xml, struct sp_why *why)
{
    xml->state = XML_TEXT;
    if (xml->closes)
        return element_close(xml, why);
    if (xml->embeds && xml->document_count < XML_DOCUMENTS_MAX && !xml->empty) {
        struct xml_document *document = &xml->documents[xml->document_count++];
        sp_buf_init(&document->bytes, xml->x->limits->spool_max_bytes);
        (void)snprintf(document->name, sizeof document->name, "%s",
                       xml->file_name[0] != '\0' ? xml->file_name : "document");
        xml->sextet_count = 0;
    } else {
        xml->embeds = false;
    }
    return xml->empty ? element_close(xml, why) : SP_OK;
}

/* ---- text ---------------------------------------------------------------------------------- */
static enum sp_err cell_begin(struct xml *xml, struct sp_why *why)
{
    if (xml->has_cell)
        return SP_OK;
    xml->has_cell = true;
    return sp_json_in_field(&xml->json, xml->depth > 0, why);
}

static enum sp_err text_code(struct xml *xml, uint32_t code, uint64_t off, struct sp_why *why)
{
    uint8_t utf8[4];
    enum sp_err err = cell_begin(xml, why);
    unsigned len = sp_utf8_encode(code, utf8);
    return err == SP_OK ? sp_row_append(&xml->row, utf8, len, off, why) : err;
}

static enum sp_err text_bytes(struct xml *xml, const uint8_t *bytes, size_t len, uint64_t off,
                              struct sp_why *why)
{
    enum sp_err err = len > 0 ? cell_begin(xml, why) : SP_OK;
    return err == SP_OK && len > 0 ? sp_row_append(&xml->row, bytes, len, off, why) : err;
}

static enum sp_err entity_end(struct xml *xml, bool with_semicolon, struct sp_why *why)
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
static bool entity_take(struct xml *xml, uint8_t byte)
{
    bool fits = byte > ' ' && byte < 0x80 && byte != '<' && byte != '&' && byte != '"' &&
                xml->entity_len < SP_ENTITY_MAX;
    if (fits)
        xml->entity[xml->entity_len++] = byte;
    return fits;
}

static enum sp_err embedded_take(struct xml *xml, uint8_t byte, struct sp_why *why)
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
static enum sp_err embedded_read(struct xml *xml, struct sp_walk *walk, size_t *pos,
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

static enum sp_err text_read(struct xml *xml, struct sp_walk *walk, size_t *pos, struct sp_why *why)
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

static enum sp_err plain_read(struct xml *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    uint8_t byte = walk->text.ptr[*pos];
    if (xml->entity_len > 0) {
        if (byte != ';' && entity_take(xml, byte)) {
            ++*pos;
            return SP_OK;
        }
        *pos += byte == ';';
        return entity_end(xml, byte == ';', why);
    }
    if (byte == '&') {
        xml->entity_off = sp_walk_origin(walk, *pos);
        xml->entity[0] = '&';
        xml->entity_len = 1;
        ++*pos;
        return SP_OK;
    }
    if (byte == '<' && xml->state == XML_TEXT) {
        xml->open_off = sp_walk_origin(walk, *pos);
        xml->state = XML_OPEN;
        xml->mark_len = 0;
        ++*pos;
        return SP_OK;
    }
    return xml->embeds ? embedded_read(xml, walk, pos, why) : text_read(xml, walk, pos, why);
}

static void tag_begin(struct xml *xml)
{
    xml->state = XML_NAME;
    xml->name_len = 0;
    xml->closes = xml->empty = false;
}

/* What begins behind <. */
static enum sp_err open_read(struct xml *xml, uint8_t byte, size_t *pos, struct sp_why *why)
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
        xml->state = XML_TEXT;
        return text_bytes(xml, (const uint8_t *)"<", 1, xml->open_off, why);
    }
    *pos += xml->mark_len == 1 || is_comment || is_cdata; /* else it is the first of what follows */
    xml->has_cell = xml->has_cell && is_cdata;
    if ((is_comment && xml->mark_len == 3) || (is_cdata && xml->mark_len == 8)) {
        xml->state = is_comment ? XML_COMMENT : XML_CDATA;
        xml->mark_len = 0;
        xml->has_cell = xml->has_cell && is_cdata;
    } else if (!is_comment && !is_cdata) {
        xml->state = XML_OTHER;
        xml->brackets = 0;
        xml->quote = 0;
        xml->has_cell = false;
    }
    return SP_OK;
}

/* Text of a comment, of CDATA or of a declaration goes on up to its end. Comments and declarations
 * are nobody's field. */
static enum sp_err raw_bytes(struct xml *xml, struct sp_walk *walk, size_t from, size_t to,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = from; i < to; i++)
        xml->json.line += walk->text.ptr[i] == '\n';
    if (from == to)
        return SP_OK;
    if (!xml->has_cell)
        err = sp_json_in_field(&xml->json, xml->state == XML_CDATA && xml->depth > 0, why);
    xml->has_cell = true;
    return err == SP_OK ? sp_walk_append(walk, &xml->row, from, to, why) : err;
}

/* CDATA is text like that around it: the marks of its end are none, and it goes on in the cell. */
static enum sp_err cdata_read(struct xml *xml, struct sp_walk *walk, size_t *pos,
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
        xml->state = XML_TEXT;
        xml->cdata_ended = true;
    }
    return err;
}

static enum sp_err raw_read(struct xml *xml, struct sp_walk *walk, size_t *pos, struct sp_why *why)
{
    size_t end = *pos;
    if (xml->state == XML_CDATA)
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
        xml->state = XML_TEXT;
        xml->has_cell = false;
    }
    return err;
}

static enum sp_err other_read(struct xml *xml, struct sp_walk *walk, size_t *pos,
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
        xml->state = XML_TEXT;
        xml->has_cell = false;
    }
    return err;
}

static void name_take(uint8_t *name, size_t *len, uint8_t byte)
{
    if (*len < XML_NAME_MAX)
        name[(*len)++] = byte;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static enum sp_err name_read(struct xml *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    if (!is_blank(byte) && byte != '>' && byte != '/') {
        name_take(xml->name, &xml->name_len, byte);
        ++*pos;
        return SP_OK;
    }
    xml->state = XML_TAG;
    return xml->closes ? SP_OK : element_open(xml, why);
}

static enum sp_err tag_read(struct xml *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    ++*pos;
    xml->json.line += byte == '\n';
    if (byte == '>')
        return tag_finish(xml, why);
    xml->empty = byte == '/';
    if (!is_blank(byte) && byte != '/') {
        xml->state = XML_ATTRIBUTE;
        xml->attribute_len = 0;
        name_take(xml->attribute, &xml->attribute_len, byte);
    }
    return SP_OK;
}

/* The name of an attribute, or what stands in a tag without being one. */
static enum sp_err attribute_read(struct xml *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    (void)why;
    if (byte == '>' || byte == '/') {
        xml->state = XML_TAG;
        return SP_OK;
    }
    ++*pos;
    if (byte == '=')
        xml->state = XML_EQUALS;
    else if (is_blank(byte))
        xml->json.line += byte == '\n';
    else
        name_take(xml->attribute, &xml->attribute_len, byte);
    return SP_OK;
}

static bool attribute_is(const struct xml *xml, const char *name)
{
    return sp_slice_is(name_of(xml->attribute, xml->attribute_len), name);
}

static enum sp_err value_begin(struct xml *xml, uint8_t byte, size_t *pos, struct sp_why *why)
{
    (void)why;
    if (byte == '>') {
        xml->state = XML_TAG;
        return SP_OK;
    }
    ++*pos;
    if (is_blank(byte))
        return SP_OK;
    xml->quote = byte == '"' || byte == '\'' ? byte : ' ';
    xml->state = XML_VALUE;
    xml->value_len = 0;
    xml->has_cell = false;
    if (xml->quote == ' ')
        --*pos; /* no quotes: up to the next blank */
    return SP_OK;
}

/* Names of namespaces and schemas are nobody's. */
static bool value_is_skipped(const struct xml *xml)
{
    return xml->attribute_len >= 5 && memcmp(xml->attribute, "xmlns", 5) == 0;
}

static enum sp_err value_finish(struct xml *xml, struct sp_why *why)
{
    struct sp_slice value = {xml->value, xml->value_len};
    enum sp_err err = SP_OK;
    value.len = sp_utf8_whole(value);
    if (xml->entity_len > 0)
        err = entity_end(xml, false, why);
    xml->state = XML_TAG;
    xml->has_cell = false;
    if (xml->names_itself && attribute_is(xml, "name") && xml->value_len < XML_NAME_MAX)
        sp_json_path_key(&xml->json.path, value);
    if (xml->embeds && attribute_is(xml, "filename"))
        (void)snprintf(xml->file_name, sizeof xml->file_name, "%.*s", (int)value.len,
                       (const char *)value.ptr);
    return err;
}

/* The field of an attribute: under its own name, then the element is at hand again. */
static enum sp_err value_text(struct xml *xml, struct sp_walk *walk, size_t *pos,
                              struct sp_why *why)
{
    struct sp_json_path *path = &xml->json.path;
    uint8_t name[XML_NAME_MAX + 1] = {'@'};
    struct sp_slice local = name_of(xml->attribute, xml->attribute_len);
    size_t begin = *pos;
    enum sp_err err = SP_OK;
    memcpy(name + 1, local.ptr, local.len < XML_NAME_MAX ? local.len : XML_NAME_MAX);
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

static enum sp_err value_read(struct xml *xml, struct sp_walk *walk, size_t *pos,
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

static enum sp_err xml_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                            struct sp_why *why)
{
    struct xml *xml = ctx;
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        uint8_t byte = utf8.ptr[pos];
        switch (xml->state) {
        case XML_TEXT:
            err = plain_read(xml, &walk, &pos, why);
            break;
        case XML_OPEN:
            err = open_read(xml, byte, &pos, why);
            break;
        case XML_NAME:
            err = name_read(xml, byte, &pos, why);
            break;
        case XML_TAG:
            err = tag_read(xml, byte, &pos, why);
            break;
        case XML_ATTRIBUTE:
            err = attribute_read(xml, byte, &pos, why);
            break;
        case XML_EQUALS:
            err = value_begin(xml, byte, &pos, why);
            break;
        case XML_VALUE:
            err = value_read(xml, &walk, &pos, why);
            break;
        case XML_COMMENT:
        case XML_CDATA:
            err = raw_read(xml, &walk, &pos, why);
            break;
        case XML_OTHER:
            err = other_read(xml, &walk, &pos, why);
            break;
        }
    }
    return err;
}

/* ---- the whole ----------------------------------------------------------------------------- */
static enum sp_err xml_finish(struct xml *xml, bool cut, struct sp_why *why)
{
    bool open = xml->depth > 0 || xml->state != XML_TEXT;
    enum sp_err err = xml->entity_len > 0 ? entity_end(xml, false, why) : SP_OK;
    if (err == SP_OK)
        err = record_end(xml, why);
    struct sp_unread unread;
    if (err == SP_OK && xml->declares)
        err = sp_xml_report(xml->x, why);
    if (err != SP_OK || !open || cut)
        return err;
    sp_unread_init(&unread, SP_REASON_TRUNCATED);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail, "ends within an element");
    return sp_extract_unread(xml->x, &unread, why);
}

static void xml_free(struct xml *xml)
{
    if (xml == NULL)
        return;
    for (size_t i = 0; i < xml->document_count; i++)
        sp_buf_wipe(&xml->documents[i].bytes);
    sp_intern_free(xml->names);
    sp_cells_free(xml->row.cells_open);
    sp_free(xml);
}

static enum sp_err xml_new(struct sp_extract *x, struct xml **out, struct sp_why *why)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    struct xml *xml = sp_alloc(sizeof *xml);
    *out = NULL;
    if (xml == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read XML");
    memset(xml, 0, offsetof(struct xml, json));
    xml->x = x;
    sp_row_init(&xml->row, x->sink);
    enum sp_err err = sp_intern_new(&xml->names, why);
    if (err == SP_OK)
        err = sp_cells_new(&xml->row.cells_open, why);
    if (err != SP_OK) {
        xml_free(xml);
        return err;
    }
    sp_json_in_init(&xml->json, &xml->row, xml->names);
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    size_t len = sp_extract_sample(head, sample);
    sp_xml_look(sample, len, &xml->form);
    xml->declares = sp_xml_declares(sample, len);
    *out = xml;
    return SP_OK;
}

enum sp_err sp_xml_extract(struct sp_extract *x, struct sp_why *why)
{
    enum sp_err stream_err = SP_OK;
    struct xml *xml;
    enum sp_err err = xml_new(x, &xml, why);
    if (err != SP_OK)
        return err;
    err = sp_extract_decode(x, false, xml_text, xml, &stream_err, why);
    if (err == SP_OK)
        err = xml_finish(xml, stream_err != SP_OK, why);
    x->done->record_count = xml->row.record_count;
    xml_free(xml);
    return err != SP_OK ? err : stream_err;
}
