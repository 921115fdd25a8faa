/* HTML, XML and their like: the document as one record, with entities decoded; behind its text, in
 * the same record, what it shows where values may go over tags. */
#include "base/mem.h"
#include "extract/decode.h"
#include "extract/escapes.h"
#include "extract/formats.h"
#include "extract/markup.h"
#include "extract/xml_look.h"

#include <strings.h>

enum { BID_MARKUP = 60 }; /* above plain text, below formats that know more */

struct html {
    struct sp_markup *markup;
    struct sp_row row;
};

int sp_markup_bid(const struct sp_glance *at)
{
    static const char *const openings[] = {"<!DOCTYPE", "<html", "<?xml", "<svg",   "<head",
                                           "<body",     "<div",  "<p>",   "<table", "<rss",
                                           "<feed",     "<!--",  "<xml"};
    static const char names[] = ".html\0.htm\0.xhtml\0.shtml\0.xml\0.svg\0.rss\0.atom\0.kml\0"
                                ".opml\0.gpx\0.xsl\0.xslt\0.xsd\0.plist\0.fodt\0.fods\0"
                                ".php\0.phtml\0.tpl\0.vue\0.jsp\0.asp\0.aspx\0";
    const uint8_t *sample = at->sample.ptr;
    size_t len = at->sample.len;
    size_t pos = 0;
    while (pos < len && sample[pos] <= ' ')
        pos++;
    if (pos == len || sample[pos] != '<')
        return 0;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t want = strlen(openings[i]);
        if (len - pos >= want && strncasecmp((const char *)sample + pos, openings[i], want) == 0)
            return BID_MARKUP;
    }
    return sp_name_has_suffix(at->name, names) ? BID_MARKUP : 0;
}

static enum sp_err record_begin(void *ctx, uint64_t line, struct sp_why *why)
{
    struct html *html = ctx;
    enum sp_err err = html->row.active ? sp_row_end(&html->row, why) : SP_OK;
    if (err != SP_OK)
        return err;
    html->row.record = (struct sp_record){.kind = SP_RECORD_DOCUMENT,
                                          .ordinal = html->row.record_count + 1,
                                          .line = line,
                                          .date_s = INT64_MIN};
    sp_row_begin(&html->row);
    return sp_row_cell(&html->row, 0, line, why);
}

static enum sp_err html_block(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              uint64_t line, struct sp_why *why)
{
    struct html *html = ctx;
    const struct sp_slice none = {NULL, 0};
    enum sp_err err = sp_row_named(&html->row, none, none, line, why);
    return err == SP_OK ? sp_row_text(&html->row, utf8, map, why) : err;
}

static enum sp_err html_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             struct sp_why *why)
{
    struct html *html = ctx;
    return sp_markup_push(html->markup, utf8, map, why);
}

static bool declares_entities(struct sp_extract *x)
{
    uint8_t sample[SP_SAMPLE_BYTES];
    struct sp_slice head = {NULL, 0};
    (void)sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, NULL);
    return sp_xml_declares(sample, sp_extract_sample(head, sample));
}

enum sp_err sp_markup_extract(struct sp_extract *x, struct sp_why *why)
{
    static const struct sp_markup_ops ops = {record_begin, html_block};
    enum sp_err stream_err = SP_OK;
    struct html *html = sp_alloc(sizeof *html);
    if (html == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read markup");
    sp_row_init(&html->row, x->sink);
    enum sp_err err = sp_markup_new(&html->row, &ops, html, &html->markup, why);
    if (err != SP_OK) {
        sp_free(html);
        return err;
    }
    bool declares = declares_entities(x);
    err = sp_extract_decode(x, false, html_text, html, &stream_err, why);
    if (err == SP_OK)
        err = sp_markup_finish(html->markup, why);
    if (err == SP_OK)
        err = sp_row_end(&html->row, why);
    if (err == SP_OK && sp_markup_is_cut(html->markup))
        err = sp_escapes_tell_cut(x, why);
    if (err == SP_OK && declares)
        err = sp_xml_report(x, why);
    x->done->record_count = html->row.record_count;
    sp_markup_free(html->markup);
    sp_free(html);
    return err != SP_OK ? err : stream_err;
}
