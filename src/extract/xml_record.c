/* Elements of XML, and what they are: records, fields, documents. */
#include "base/utf8.h"
#include "extract/formats.h"
#include "extract/run.h"
#include "extract/xml_in.h"

#include <stdio.h>
#include <string.h>

/* ---- records ------------------------------------------------------------------------------- */
static enum sp_err documents_send(struct sp_xml_in *xml, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < xml->document_count; i++) {
        struct sp_xml_document *document = &xml->documents[i];
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

enum sp_err sp_xml_record_end(struct sp_xml_in *xml, struct sp_why *why)
{
    enum sp_err err = sp_row_end(&xml->row, why);
    xml->json.record_path = 0;
    xml->record_depth = 0;
    return err == SP_OK ? documents_send(xml, why) : err;
}

static bool opens_record(const struct sp_xml_in *xml, struct sp_slice local)
{
    if (xml->record_depth > 0)
        return false;
    if (xml->form.record_name != NULL)
        return sp_slice_is(local, xml->form.record_name);
    return xml->form.record_depth > 0 && xml->depth == xml->form.record_depth;
}

/* Of a record: the table that a dump names, else the path of what it lies in. */
static enum sp_err record_table(struct sp_xml_in *xml, size_t parent_len, struct sp_slice *out,
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

static enum sp_err record_begin(struct sp_xml_in *xml, size_t parent_len, struct sp_why *why)
{
    struct sp_slice table = {NULL, 0};
    enum sp_err err = sp_xml_record_end(xml, why);
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
struct sp_slice sp_xml_name_of(const uint8_t *bytes, size_t len)
{
    struct sp_slice name = {bytes, len};
    name.len = sp_utf8_whole(name);
    return sp_xml_local(name);
}

/* The path has a level for an element once that has a child. */
enum sp_err sp_xml_element_open(struct sp_xml_in *xml, struct sp_why *why)
{
    struct sp_slice local = sp_xml_name_of(xml->name, xml->name_len);
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

static enum sp_err element_close(struct sp_xml_in *xml, struct sp_why *why)
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
    return xml->record_depth > xml->depth ? sp_xml_record_end(xml, why) : SP_OK;
}

enum sp_err sp_xml_tag_finish(struct sp_xml_in *xml, struct sp_why *why)
{
    xml->state = SP_XML_TEXT;
    if (xml->closes)
        return element_close(xml, why);
    if (xml->embeds && xml->document_count < SP_XML_DOCUMENTS_MAX && !xml->empty) {
        struct sp_xml_document *document = &xml->documents[xml->document_count++];
        sp_buf_init(&document->bytes, xml->x->limits->spool_max_bytes);
        (void)snprintf(document->name, sizeof document->name, "%s",
                       xml->file_name[0] != '\0' ? xml->file_name : "document");
        xml->sextet_count = 0;
    } else {
        xml->embeds = false;
    }
    return xml->empty ? element_close(xml, why) : SP_OK;
}
