/* XML that holds data: UBL invoices, bank statements, exports, feeds. Each element with text and
 * each attribute is a field: its key the local name, its part the path within the record. Records
 * are the elements that repeat next to each other, the outermost ones, as the first bytes tell
 * (xml_look.c). A state machine over decoded text that never gives up; entities that a file defines
 * itself are not expanded, and nothing is fetched. Documents in base64 within it are children. */
#include "base/mem.h"
#include "extract/cells.h"
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/xml_in.h"

#include <stdio.h>
#include <string.h>

enum { BID_XML = 65 }; /* above markup */

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

static enum sp_err xml_finish(struct sp_xml_in *xml, bool cut, struct sp_why *why)
{
    bool open = xml->depth > 0 || xml->state != SP_XML_TEXT;
    enum sp_err err = xml->entity_len > 0 ? sp_xml_entity_end(xml, false, why) : SP_OK;
    if (err == SP_OK)
        err = sp_xml_record_end(xml, why);
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

static void xml_free(struct sp_xml_in *xml)
{
    if (xml == NULL)
        return;
    for (size_t i = 0; i < xml->document_count; i++)
        sp_buf_wipe(&xml->documents[i].bytes);
    sp_intern_free(xml->names);
    sp_cells_free(xml->row.cells_open);
    sp_free(xml);
}

static enum sp_err xml_new(struct sp_extract *x, struct sp_xml_in **out, struct sp_why *why)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    struct sp_xml_in *xml = sp_alloc(sizeof *xml);
    *out = NULL;
    if (xml == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read XML");
    memset(xml, 0, offsetof(struct sp_xml_in, json));
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
    struct sp_xml_in *xml;
    enum sp_err err = xml_new(x, &xml, why);
    if (err != SP_OK)
        return err;
    err = sp_extract_decode(x, false, sp_xml_text, xml, &stream_err, why);
    if (err == SP_OK)
        err = xml_finish(xml, stream_err != SP_OK, why);
    x->done->record_count = xml->row.record_count;
    xml_free(xml);
    return err != SP_OK ? err : stream_err;
}
