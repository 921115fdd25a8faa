/* PDF by poppler: the text of each page, what is written in annotations and form fields, where
 * links lead, metadata, and attachments as members. Words of pictures on its pages are for OCR. */
#include "base/buf.h"
#include "extract/decode.h"
#include "extract/flow.h"
#include "extract/formats.h"
#include "extract/inflate.h"
#include "extract/pdf_lines.h"
#include "extract/pdf_objects.h"
#include "extract/pdf_picture.h"
#include "extract/run.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    BID_PDF = 95,
    PDF_HEAD_BYTES = 1024, /* the mark stands somewhere in these: ISO 32000-1, annex H, note 13 */
    PDF_OUTLINE_MAX = 32,  /* levels of an outline that are read */
    PDF_PAGES_TOLD = 12,   /* pages without text that are named */
    PDF_PAGES_MAX = 1 << 24,
    PDF_FILES_MAX = 1 << 16 /* streams that are files, attached or not */
};

struct pdf {
    struct sp_extract *x;
    PopplerDocument *document;
    struct sp_flow *flow;
    uint64_t ordinal;                     /* of the record at hand */
    uint64_t parts;                       /* members and pictures so far */
    uint64_t pages, without_text, broken; /* without_text: and nobody reads what they show */
    struct sp_buf shows;                  /* a byte a page, enum sp_pdf_shows; empty without OCR */
    struct sp_buf lost;                   /* a byte a page: its text is none */
    uint64_t undecoded;                   /* such pages that nobody reads */
    bool outline_deep;                    /* deeper than is read */
    struct sp_slice file;
    struct sp_pdf_objects beside; /* what is on no page; a form in XML may say other things */
    struct sp_pdf_words words;    /* that pages and fields show */
    struct sp_buf files;          /* struct sp_pdf_file: streams that are files */
    struct sp_buf given;          /* struct pdf_given: attachments that poppler gave */
    struct sp_pdf_fonts fonts;    /* that do not say which characters they show */
    char told[96];                /* numbers of pages without text */
    char told_undecoded[72];      /* and of pages whose text is none */
};

struct pdf_given {
    uint64_t len;
    uint64_t adler;
};

int sp_pdf_bid(const struct sp_glance *at)
{
    size_t len = at->head.len < PDF_HEAD_BYTES ? at->head.len : PDF_HEAD_BYTES;
    const uint8_t *mark = len == 0 ? NULL : memmem(at->head.ptr, len, "%PDF-", 5);
    if (mark == at->head.ptr)
        return mark == NULL ? 0 : BID_PDF;
    return mark != NULL && sp_name_has_suffix(at->name, ".pdf\0") ? BID_PDF : 0;
}

static enum sp_err pdf_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                              bool partial, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, reason);
    unread.bytes_expected = sp_stream_size(x->stream);
    unread.partial = unread.fallback = partial;
    (void)snprintf(unread.detail, sizeof unread.detail, "%s", detail);
    return sp_extract_unread(x, &unread, why);
}

/* ---- text ------------------------------------------------------------------------------------ */
static void pdf_begin(struct pdf *pdf, enum sp_record_kind kind, uint64_t page)
{
    const struct sp_record record = {
        .kind = kind, .ordinal = ++pdf->ordinal, .row = page, .line = 1, .date_s = INT64_MIN};
    sp_flow_begin(pdf->flow, &record);
}

static enum sp_err pdf_line(struct pdf *pdf, const char *text, struct sp_why *why)
{
    if (text == NULL || text[0] == '\0')
        return SP_OK;
    sp_pdf_words_add(&pdf->words, sp_slice_of(text));
    enum sp_err err = sp_flow_text(pdf->flow, sp_slice_of(text), SP_SIZE_UNKNOWN, why);
    return err == SP_OK ? sp_flow_break(pdf->flow, '\n', SP_SIZE_UNKNOWN, why) : err;
}

static bool pdf_is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n\f")] == '\0';
}

static enum sp_err pdf_annotations(struct pdf *pdf, PopplerPage *page, struct sp_why *why)
{
    GList *list = poppler_page_get_annot_mapping(page);
    enum sp_err err = SP_OK;
    for (GList *at = list; at != NULL && err == SP_OK; at = at->next) {
        PopplerAnnot *annot = ((PopplerAnnotMapping *)at->data)->annot;
        char *contents = poppler_annot_get_contents(annot);
        char *label = POPPLER_IS_ANNOT_MARKUP(annot)
                          ? poppler_annot_markup_get_label(POPPLER_ANNOT_MARKUP(annot))
                          : NULL;
        err = pdf_line(pdf, contents, why);
        if (err == SP_OK)
            err = pdf_line(pdf, label, why);
        g_free(contents);
        g_free(label);
    }
    poppler_page_free_annot_mapping(list);
    return err;
}

static enum sp_err pdf_links(struct pdf *pdf, PopplerPage *page, struct sp_why *why)
{
    GList *list = poppler_page_get_link_mapping(page);
    enum sp_err err = SP_OK;
    for (GList *at = list; at != NULL && err == SP_OK; at = at->next) {
        const PopplerAction *action = ((PopplerLinkMapping *)at->data)->action;
        if (action != NULL && action->type == POPPLER_ACTION_URI)
            err = pdf_line(pdf, action->uri.uri, why);
    }
    poppler_page_free_link_mapping(list);
    return err;
}

/* A name of a field stands before its value, as a label would. */
static enum sp_err pdf_field(struct pdf *pdf, PopplerFormField *field, struct sp_why *why)
{
    char *name = poppler_form_field_get_name(field);
    char *value = NULL;
    if (poppler_form_field_get_field_type(field) == POPPLER_FORM_FIELD_TEXT)
        value = poppler_form_field_text_get_text(field);
    else if (poppler_form_field_get_field_type(field) == POPPLER_FORM_FIELD_CHOICE)
        value = poppler_form_field_choice_get_text(field);
    enum sp_err err = SP_OK;
    if (!pdf_is_blank(value) && name != NULL) {
        err = sp_flow_text(pdf->flow, sp_slice_of(name), SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_text(pdf->flow, sp_slice_of(": "), SP_SIZE_UNKNOWN, why);
    }
    if (err == SP_OK)
        err = pdf_line(pdf, value, why);
    g_free(name);
    g_free(value);
    return err;
}

static enum sp_err pdf_fields(struct pdf *pdf, PopplerPage *page, struct sp_why *why)
{
    GList *list = poppler_page_get_form_field_mapping(page);
    enum sp_err err = SP_OK;
    for (GList *at = list; at != NULL && err == SP_OK; at = at->next)
        err = pdf_field(pdf, ((PopplerFormFieldMapping *)at->data)->field, why);
    poppler_page_free_form_field_mapping(list);
    return err;
}

/* A page of which nobody reads what it shows. */
/* One more page that nobody reads. */
static void pdf_note_in(char *told, size_t size, uint64_t *count, uint64_t number)
{
    size_t len = strlen(told);
    if (++*count <= PDF_PAGES_TOLD)
        (void)snprintf(told + len, size - len, "%s%llu", len > 0 ? ", " : "",
                       (unsigned long long)number);
}

static void pdf_note(struct pdf *pdf, uint64_t number)
{
    pdf_note_in(pdf->told, sizeof pdf->told, &pdf->without_text, number);
}

static bool pdf_has_images(PopplerPage *page)
{
    GList *images = poppler_page_get_image_mapping(page);
    bool has = images != NULL;
    poppler_page_free_image_mapping(images);
    return has;
}

static enum sp_err pdf_note_images(struct pdf *pdf, PopplerPage *page, uint64_t number, bool blank,
                                   struct sp_why *why)
{
    if (sp_extract_has_ocr(pdf->x))
        return sp_buf_append_byte(&pdf->shows, (uint8_t)sp_pdf_shows(page, blank), why);
    if (blank ? pdf_has_images(page) : sp_pdf_shows(page, false) != SP_PDF_SHOWS_NOTHING)
        pdf_note(pdf, number);
    return SP_OK;
}

static enum sp_err pdf_page(struct pdf *pdf, PopplerPage *page, uint64_t number, struct sp_why *why)
{
    char *text = poppler_page_get_text(page);
    sp_pdf_words_add(&pdf->words, sp_slice_of(text == NULL ? "" : text));
    pdf_begin(pdf, SP_RECORD_PAGE, number);
    enum sp_err err = sp_pdf_lines(pdf->flow, sp_slice_of(text == NULL ? "" : text), why);
    if (err == SP_OK)
        err = sp_flow_break(pdf->flow, '\n', SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = pdf_annotations(pdf, page, why);
    if (err == SP_OK)
        err = pdf_fields(pdf, page, why);
    if (err == SP_OK)
        err = pdf_links(pdf, page, why);
    if (err == SP_OK)
        err = sp_flow_end(pdf->flow, why);
    if (err == SP_OK)
        err = pdf_note_images(pdf, page, number, pdf_is_blank(text), why);
    if (err == SP_OK)
        err = sp_buf_append_byte(&pdf->lost, text != NULL && sp_pdf_is_lost(page, text, NULL), why);
    g_free(text);
    return err == SP_OK ? sp_extract_progress(pdf->x, why) : err;
}

static enum sp_err pdf_pages(struct pdf *pdf, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    int count = poppler_document_get_n_pages(pdf->document);
    pdf->pages = count > 0 ? (uint64_t)count : 0;
    for (int i = 0; i < count && err == SP_OK; i++) {
        PopplerPage *page = poppler_document_get_page(pdf->document, i);
        if (page == NULL) {
            pdf->broken++;
            err = sp_buf_append_byte(&pdf->lost, false, why);
            if (err == SP_OK && sp_extract_has_ocr(pdf->x))
                err = sp_buf_append_byte(&pdf->shows, SP_PDF_SHOWS_NOTHING, why);
            continue;
        }
        err = pdf_page(pdf, page, (uint64_t)i + 1, why);
        g_object_unref(page);
    }
    return err;
}

/* Titles of the outline, and where they lead. Poppler gives a tree without cycles. */
static enum sp_err pdf_outline(struct pdf *pdf, PopplerIndexIter *iter, unsigned depth,
                               struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool more = iter != NULL;
    while (more && err == SP_OK) {
        PopplerAction *action = poppler_index_iter_get_action(iter);
        if (action != NULL)
            err = pdf_line(pdf, action->any.title, why);
        if (err == SP_OK && action != NULL && action->type == POPPLER_ACTION_URI)
            err = pdf_line(pdf, action->uri.uri, why);
        if (action != NULL)
            poppler_action_free(action);
        PopplerIndexIter *child = poppler_index_iter_get_child(iter);
        if (child != NULL && depth == PDF_OUTLINE_MAX) {
            pdf->outline_deep = true;
            g_clear_pointer(&child, poppler_index_iter_free);
        }
        if (err == SP_OK)
            err = pdf_outline(pdf, child, depth + 1, why);
        poppler_index_iter_free(child);
        more = poppler_index_iter_next(iter) != 0;
    }
    return err;
}

static enum sp_err pdf_outlines(struct pdf *pdf, struct sp_why *why)
{
    PopplerIndexIter *iter = poppler_index_iter_new(pdf->document);
    pdf_begin(pdf, SP_RECORD_DOCUMENT, 0);
    enum sp_err err = pdf_outline(pdf, iter, 0, why);
    poppler_index_iter_free(iter);
    return err == SP_OK ? sp_flow_end(pdf->flow, why) : err;
}

typedef char *(*pdf_text)(PopplerDocument *);

static enum sp_err pdf_metadata(struct pdf *pdf, struct sp_why *why)
{
    static const pdf_text texts[] = {poppler_document_get_title,   poppler_document_get_author,
                                     poppler_document_get_subject, poppler_document_get_keywords,
                                     poppler_document_get_creator, poppler_document_get_metadata};
    enum sp_err err = SP_OK;
    pdf_begin(pdf, SP_RECORD_DOCUMENT, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && err == SP_OK; i++) {
        char *text = texts[i](pdf->document);
        err = pdf_line(pdf, text, why);
        g_free(text);
    }
    return err == SP_OK ? sp_flow_end(pdf->flow, why) : err;
}

/* ---- attachments ----------------------------------------------------------------------------- */
struct pdf_bytes {
    struct sp_buf buf;
    bool full;
};

static gboolean pdf_save(const gchar *bytes, gsize len, gpointer data, GError **error)
{
    struct pdf_bytes *out = data;
    (void)error; /* poppler is told by FALSE */
    out->full = sp_buf_append(&out->buf, bytes, len, NULL) != SP_OK;
    return !out->full;
}

static enum sp_err pdf_attachment(struct pdf *pdf, PopplerAttachment *attachment, uint64_t ordinal,
                                  struct sp_why *why)
{
    struct pdf_bytes bytes = {.full = false};
    struct sp_stream *stream = NULL;
    const char *name = poppler_attachment_get_name(attachment);
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ordinal,
                                        .name = sp_slice_of(name == NULL ? "" : name),
                                        .part = sp_slice_of(name == NULL ? "attachment" : ""),
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    struct sp_unread unread;
    sp_buf_init(&bytes.buf, (size_t)pdf->x->limits->spool_max_bytes);
    bool saved = poppler_attachment_save_to_callback(attachment, pdf_save, &bytes, NULL) != 0;
    enum sp_err err = SP_OK;
    if (!saved) {
        sp_unread_init(&unread, bytes.full ? SP_REASON_LIMIT_SPOOL : SP_REASON_CORRUPT);
        err = sp_extract_bare(pdf->x, &info, &unread, why);
    } else {
        const struct pdf_given given = {bytes.buf.len, sp_adler(sp_buf_slice(&bytes.buf))};
        err = sp_buf_append(&pdf->given, &given, sizeof given, why);
        if (err == SP_OK)
            err = sp_stream_open_memory(sp_buf_slice(&bytes.buf), &stream, why);
        if (err == SP_OK)
            err = sp_extract_member(pdf->x, &info, stream, why);
    }
    sp_stream_close(stream);
    sp_buf_wipe(&bytes.buf);
    return err;
}

static enum sp_err pdf_attachments(struct pdf *pdf, struct sp_why *why)
{
    GList *list = poppler_document_get_attachments(pdf->document);
    enum sp_err err = SP_OK;
    for (GList *at = list; at != NULL; at = at->next) {
        if (err == SP_OK)
            err = pdf_attachment(pdf, at->data, ++pdf->parts, why);
        g_object_unref(at->data);
    }
    g_list_free(list);
    return err;
}

/* Paperclips on a page. */
static enum sp_err pdf_clips(struct pdf *pdf, PopplerPage *page, struct sp_why *why)
{
    GList *list = poppler_page_get_annot_mapping(page);
    enum sp_err err = SP_OK;
    for (GList *at = list; at != NULL && err == SP_OK; at = at->next) {
        PopplerAnnot *annot = ((PopplerAnnotMapping *)at->data)->annot;
        if (!POPPLER_IS_ANNOT_FILE_ATTACHMENT(annot))
            continue;
        PopplerAttachment *attachment =
            poppler_annot_file_attachment_get_attachment(POPPLER_ANNOT_FILE_ATTACHMENT(annot));
        if (attachment == NULL)
            continue;
        err = pdf_attachment(pdf, attachment, ++pdf->parts, why);
        g_object_unref(attachment);
    }
    poppler_page_free_annot_mapping(list);
    return err;
}

static bool pdf_was_given(const struct pdf *pdf, uint64_t len, uint32_t adler)
{
    const struct pdf_given wanted = {len, adler};
    for (size_t at = 0; at < pdf->given.len; at += sizeof wanted)
        if (memcmp(pdf->given.data + at, &wanted, sizeof wanted) == 0)
            return true;
    return false;
}

/* A file that is in no filter ends with the line before the word that ends it, in one of three
 * ways. */
static bool pdf_file_was_given(const struct pdf *pdf, const struct sp_pdf_file *file)
{
    struct sp_slice content = file->stream.content;
    if (file->filtered)
        return pdf_was_given(pdf, file->len, file->adler);
    for (size_t line = 0; line <= 2 && line <= content.len; line++)
        if (pdf_was_given(pdf, content.len - line,
                          sp_adler((struct sp_slice){content.ptr, content.len - line})))
            return true;
    return false;
}

/* Without the end of the line before the word that ends a stream. */
static struct sp_slice pdf_without_line(struct sp_slice content)
{
    content.len -= content.len > 0 && content.ptr[content.len - 1] == '\n';
    content.len -= content.len > 0 && content.ptr[content.len - 1] == '\r';
    return content;
}

/* A file that nothing refers to. */
static enum sp_err pdf_file(struct pdf *pdf, const struct sp_pdf_file *file, struct sp_why *why)
{
    char part[40];
    struct sp_buf out, room;
    struct sp_pdf_decoded decoded = {.state = SP_PDF_WHOLE};
    struct sp_unread unread;
    struct sp_stream *stream = NULL;
    unsigned retries = 1;
    (void)snprintf(part, sizeof part, "stream@%llu",
                   (unsigned long long)(file->stream.content.ptr - pdf->file.ptr));
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .ordinal = ++pdf->parts,
                                        .part = sp_slice_of(part),
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    sp_buf_init(&out, (size_t)pdf->x->limits->spool_max_bytes);
    sp_buf_init(&room, (size_t)pdf->x->limits->spool_max_bytes);
    enum sp_err err = sp_pdf_decode(&file->stream, &retries, &out, &room, &decoded, why);
    struct sp_slice bytes =
        decoded.filtered ? sp_buf_slice(&out) : pdf_without_line(file->stream.content);
    sp_unread_init(&unread, SP_REASON_LIMIT_SPOOL);
    if (err == SP_OK && decoded.cut)
        err = sp_extract_bare(pdf->x, &info, &unread, why);
    else if (err == SP_OK)
        err = sp_stream_open_memory(bytes, &stream, why);
    if (err == SP_OK && stream != NULL)
        err = sp_extract_member(pdf->x, &info, stream, why);
    sp_stream_close(stream);
    sp_buf_wipe(&out);
    sp_buf_wipe(&room);
    return err;
}

static enum sp_err pdf_files(struct pdf *pdf, struct sp_why *why)
{
    struct sp_pdf_file file;
    enum sp_err err = SP_OK;
    for (size_t at = 0; at < pdf->files.len && err == SP_OK; at += sizeof file) {
        memcpy(&file, pdf->files.data + at, sizeof file);
        if (!pdf_file_was_given(pdf, &file))
            err = pdf_file(pdf, &file, why);
    }
    return err;
}

static enum sp_err pdf_parts(struct pdf *pdf, struct sp_why *why)
{
    enum sp_err err = pdf_attachments(pdf, why);
    for (uint64_t i = 0; i < pdf->pages && err == SP_OK; i++) {
        PopplerPage *page = poppler_document_get_page(pdf->document, (int)i);
        if (page != NULL)
            err = pdf_clips(pdf, page, why);
        g_clear_object(&page);
    }
    return err;
}

/* ---- text that is none ----------------------------------------------------------------------- */
static bool pdf_page_is_lost(struct pdf *pdf, size_t index)
{
    PopplerPage *page = poppler_document_get_page(pdf->document, (int)index);
    char *text = page == NULL ? NULL : poppler_page_get_text(page);
    bool lost = text != NULL && sp_pdf_is_lost(page, text, &pdf->fonts);
    g_free(text);
    g_clear_object(&page);
    return lost;
}

/* Pages whose text is none are drawn as a scanned page is, where somebody reads it and the letters
 * are those of the file; else they are told of. Only where a font says nothing each page is asked
 * again, which takes as long as its text did. */
static enum sp_err pdf_lost(struct pdf *pdf, struct sp_why *why)
{
    bool asked = false, lacks = false;
    enum sp_err err = SP_OK;
    sp_pdf_fonts_end(&pdf->fonts);
    for (size_t i = 0; i < pdf->lost.len && err == SP_OK; i++) {
        if (pdf->lost.data[i] == 0 && (pdf->fonts.names.len == 0 || !pdf_page_is_lost(pdf, i)))
            continue;
        if (!asked)
            lacks = sp_pdf_lacks_fonts(pdf->document);
        asked = true;
        if (i < pdf->shows.len)
            pdf->shows.data[i] = SP_PDF_SHOWS_PAGE;
        if (lacks || i >= pdf->shows.len)
            pdf_note_in(pdf->told_undecoded, sizeof pdf->told_undecoded, &pdf->undecoded, i + 1);
        err = sp_extract_progress(pdf->x, why);
    }
    return err;
}

/* ---- pictures -------------------------------------------------------------------------------- */
/* Hands out what page `index` shows; one that cannot be drawn is told of. */
static enum sp_err pdf_picture(struct pdf *pdf, size_t index, struct sp_why *why)
{
    struct sp_spool spool = {.fd = -1};
    struct sp_why failure = {""};
    char part[24];
    uint64_t ordinal = ++pdf->parts;
    if (sp_plan_is_done(pdf->x->plan, ordinal))
        return SP_OK;
    (void)snprintf(part, sizeof part, "p%zu", index + 1);
    PopplerPage *page = sp_plan_lost(pdf->x->plan, ordinal) != NULL
                            ? NULL
                            : poppler_document_get_page(pdf->document, (int)index);
    enum sp_err err = page == NULL
                          ? SP_ERR_LIMIT
                          : sp_pdf_picture(page, pdf->shows.data[index],
                                           pdf->x->limits->spool_max_bytes, &spool, &failure);
    /* an image that cannot be decoded is drawn as nothing */
    bool lost = err == SP_OK && spool.fd < 0 && pdf_has_images(page);
    g_clear_object(&page);
    if (lost || err == SP_ERR_LIMIT || err == SP_ERR_NOMEM) {
        pdf_note(pdf, index + 1);
        return SP_OK;
    }
    if (err != SP_OK)
        return sp_fail(why, err, "%s", failure.text);
    return spool.fd < 0 ? SP_OK
                        : sp_extract_picture(pdf->x, &spool, ordinal, sp_slice_of(part), why);
}

/* Last of all, so that a page which ends the worker takes nothing else with it. */
static enum sp_err pdf_pictures(struct pdf *pdf, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < pdf->shows.len; i++)
        if (pdf->shows.data[i] != SP_PDF_SHOWS_NOTHING)
            err = pdf_picture(pdf, i, why);
    return err;
}

/* ---- the whole ------------------------------------------------------------------------------- */
/* With no password, then with each that was given. */
static PopplerDocument *pdf_open(const struct sp_extract *x, GBytes *bytes, GError **error)
{
    PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, error);
    const char *text = x->limits->passwords;
    const char *end = text == NULL ? NULL : text + x->limits->passwords_len;
    while (document == NULL && text != end &&
           g_error_matches(*error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
        g_clear_error(error);
        document = poppler_document_new_from_bytes(bytes, text, error);
        text += strlen(text) + 1;
    }
    return document;
}

/* Streams that are not whole, one line a kind. */
static enum sp_err pdf_report_damage(const struct pdf *pdf, struct sp_why *why)
{
    static const struct {
        enum sp_reason reason;
        const char *what;
    } kinds[] = {[SP_PDF_CUT] = {SP_REASON_TRUNCATED, "cut short"},
                 [SP_PDF_BROKEN] = {SP_REASON_CORRUPT, "damaged"},
                 [SP_PDF_UNKNOWN] = {SP_REASON_UNSUPPORTED, "in an unknown encoding"}};
    char detail[160];
    enum sp_err err = SP_OK;
    for (size_t i = SP_PDF_CUT; i <= SP_PDF_UNKNOWN && err == SP_OK; i++) {
        const struct sp_pdf_damage *damage = &pdf->beside.damage[i];
        if (damage->count == 0)
            continue;
        (void)snprintf(detail, sizeof detail, "%llu parts are %s, the first at byte %llu",
                       (unsigned long long)damage->count, kinds[i].what,
                       (unsigned long long)damage->first);
        err = pdf_unread(pdf->x, kinds[i].reason, detail, true, why);
    }
    return err;
}

static enum sp_err pdf_report(const struct pdf *pdf, struct sp_why *why)
{
    char detail[160];
    enum sp_err err = pdf_report_damage(pdf, why);
    if (err == SP_OK && pdf->without_text > 0) {
        (void)snprintf(detail, sizeof detail, "%llu of %llu pages show unread pictures: %s%s",
                       (unsigned long long)pdf->without_text, (unsigned long long)pdf->pages,
                       pdf->told, pdf->without_text > PDF_PAGES_TOLD ? ", …" : "");
        err = pdf_unread(pdf->x, SP_REASON_NEEDS_OCR, detail, true, why);
    }
    if (err == SP_OK && pdf->undecoded > 0) {
        (void)snprintf(detail, sizeof detail, "%llu of %llu pages show unknown letters: %s%s",
                       (unsigned long long)pdf->undecoded, (unsigned long long)pdf->pages,
                       pdf->told_undecoded, pdf->undecoded > PDF_PAGES_TOLD ? ", …" : "");
        err = pdf_unread(pdf->x, SP_REASON_UNDECODABLE, detail, true, why);
    }
    if (err == SP_OK && pdf->beside.cut)
        err = pdf_unread(pdf->x, SP_REASON_LIMIT_MEMORY, "objects that are on no page", true, why);
    bool scripts = pdf->beside.encrypted && poppler_document_has_javascript(pdf->document);
    if (err == SP_OK && scripts)
        err = pdf_unread(pdf->x, SP_REASON_UNSUPPORTED, "scripts of an encrypted PDF", true, why);
    if (err == SP_OK && pdf->beside.xfa)
        err = pdf_unread(pdf->x, SP_REASON_UNSUPPORTED, "a form in XML (XFA)", true, why);
    if (err == SP_OK && pdf->outline_deep)
        err = pdf_unread(pdf->x, SP_REASON_LIMIT_DEPTH, "an outline nested too deep", true, why);
    if (err == SP_OK && pdf->broken > 0) {
        (void)snprintf(detail, sizeof detail, "%llu of %llu pages cannot be read",
                       (unsigned long long)pdf->broken, (unsigned long long)pdf->pages);
        err = pdf_unread(pdf->x, SP_REASON_CORRUPT, detail, true, why);
    }
    return err;
}

/* Strings of scripts, annotations, fields and structure that poppler does not give. */
static enum sp_err pdf_beside(struct pdf *pdf, struct sp_why *why)
{
    enum sp_err err = sp_flow_unpack(pdf->flow, why);
    pdf_begin(pdf, SP_RECORD_DOCUMENT, 0);
    pdf->beside.fonts = &pdf->fonts;
    pdf->beside.words = &pdf->words;
    pdf->beside.files = &pdf->files;
    if (err == SP_OK)
        err = sp_pdf_objects(pdf->x, pdf->file, pdf->flow, &pdf->beside, why);
    return err == SP_OK ? sp_flow_end(pdf->flow, why) : err;
}

static enum sp_err pdf_read(struct pdf *pdf, struct sp_why *why)
{
    enum sp_err err = sp_flow_new(pdf->x->sink, &pdf->flow, why);
    if (err == SP_OK)
        err = pdf_pages(pdf, why);
    if (err == SP_OK)
        err = pdf_metadata(pdf, why);
    if (err == SP_OK)
        err = pdf_outlines(pdf, why);
    if (err == SP_OK)
        err = pdf_beside(pdf, why);
    if (err == SP_OK)
        err = pdf_lost(pdf, why);
    pdf->x->done->record_count = pdf->flow == NULL ? 0 : sp_flow_records(pdf->flow);
    sp_flow_free(pdf->flow);
    if (err == SP_OK)
        err = pdf_parts(pdf, why);
    if (err == SP_OK)
        err = pdf_files(pdf, why);
    if (err == SP_OK && pdf->pages == 0) /* poppler says nothing of what it could not mend */
        err = pdf_unread(pdf->x, SP_REASON_CORRUPT, "no page could be found", true, why);
    /* Earlier revisions, objects that nothing refers to, scripts, what stands before and behind:
     * poppler does not give them. */
    if (err == SP_OK)
        err = sp_extract_raw_rest(pdf->x, why);
    if (err == SP_OK)
        err = pdf_pictures(pdf, why);
    return err == SP_OK ? pdf_report(pdf, why) : err;
}

static enum sp_err pdf_failed(struct sp_extract *x, const GError *error, struct sp_why *why)
{
    bool locked = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
    enum sp_err err =
        locked ? pdf_unread(x, SP_REASON_ENCRYPTED, "a password is wanted to open it", false, why)
               : pdf_unread(x, SP_REASON_CORRUPT, "not a PDF that can be mended", true, why);
    return err == SP_OK && !locked ? sp_extract_raw_rest(x, why) : err;
}

enum sp_err sp_pdf_extract(struct sp_extract *x, struct sp_why *why)
{
    uint64_t size = sp_stream_size(x->stream);
    struct pdf pdf = {.x = x};
    GError *error = NULL;
    void *map = size == 0 || size > INT32_MAX
                    ? MAP_FAILED
                    : mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, sp_stream_fd(x->stream), 0);
    if (map == MAP_FAILED) {
        enum sp_err err =
            pdf_unread(x, SP_REASON_LIMIT_MEMORY, "too large to be opened", true, why);
        return err == SP_OK ? sp_extract_raw_rest(x, why) : err;
    }
    pdf.file = (struct sp_slice){map, (size_t)size};
    sp_buf_init(&pdf.shows, PDF_PAGES_MAX);
    sp_buf_init(&pdf.lost, PDF_PAGES_MAX);
    sp_buf_init(&pdf.files, PDF_FILES_MAX * sizeof(struct sp_pdf_file));
    sp_buf_init(&pdf.given, SIZE_MAX);
    sp_pdf_fonts_init(&pdf.fonts);
    GBytes *bytes = g_bytes_new_static(map, (gsize)size);
    pdf.document = pdf_open(x, bytes, &error);
    enum sp_err err = pdf.document == NULL ? pdf_failed(x, error, why) : pdf_read(&pdf, why);
    x->done->bytes_read = size;
    sp_buf_clear(&pdf.shows);
    sp_buf_clear(&pdf.lost);
    sp_buf_clear(&pdf.files);
    sp_buf_clear(&pdf.given);
    sp_pdf_words_clear(&pdf.words);
    sp_pdf_fonts_clear(&pdf.fonts);
    if (pdf.document != NULL)
        g_object_unref(pdf.document);
    g_clear_error(&error);
    g_bytes_unref(bytes);
    (void)munmap(map, (size_t)size);
    return err;
}
