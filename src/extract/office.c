/* The package of an office document: a zip file of parts. Its parts are read one by one where they
 * lie; what is in none of the forms that are known here (images, embedded documents, XML of others)
 * is read as any attachment is. */
#include "base/mem.h"
#include "extract/book.h"
#include "extract/decode.h"
#include "extract/flow.h"
#include "extract/formats.h"

enum { BID_OFFICE = 97, OFFICE_LOCAL_BYTES = 30 /* of a local record, before its name */ };

static bool office_starts(struct sp_slice text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

static bool office_has(struct sp_slice head, const char *piece)
{
    return memmem(head.ptr, head.len, piece, strlen(piece)) != NULL;
}

/* The name of the first member, by its local record. */
static struct sp_slice office_first(struct sp_slice head)
{
    if (head.len < OFFICE_LOCAL_BYTES || memcmp(head.ptr, "PK\3\4", 4) != 0)
        return (struct sp_slice){NULL, 0};
    size_t len = (size_t)head.ptr[26] | (size_t)head.ptr[27] << 8;
    return len > head.len - OFFICE_LOCAL_BYTES
               ? (struct sp_slice){NULL, 0}
               : (struct sp_slice){head.ptr + OFFICE_LOCAL_BYTES, len};
}

int sp_office_bid(const struct sp_glance *at)
{
    static const char *const folders[] = {"_rels/", "docProps/", "word/",
                                          "xl/",    "ppt/",      "customXml/"};
    struct sp_slice first = office_first(at->head);
    bool is_named = sp_name_has_suffix(
        at->name,
        ".docx\0.docm\0.dotx\0.dotm\0.xlsx\0.xlsm\0.xltx\0.xltm\0.xlsb\0.pptx\0.pptm\0.potx\0"
        ".ppsx\0.ppsm\0.vsdx\0.odt\0.ods\0.odp\0.odg\0.ott\0.ots\0.otp\0.odf\0.odm\0");
    if (first.len == 0)
        return 0;
    if (sp_slice_is(first, "[Content_Types].xml"))
        return BID_OFFICE;
    if (sp_slice_is(first, "mimetype"))
        return office_has(at->head, "mimetypeapplication/vnd.oasis.opendocument") ? BID_OFFICE : 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (office_starts(first, folders[i]) &&
            (is_named || office_has(at->head, "[Content_Types].xml")))
            return BID_OFFICE;
    return 0;
}

/* ---- a spreadsheet's book -------------------------------------------------------------------- */
struct office_look {
    struct sp_book *book;
    size_t strings_max;
};

static enum sp_err office_look(void *ctx, const struct sp_object_info *info,
                               struct sp_stream *stream, struct sp_why *why)
{
    const struct office_look *look = ctx;
    return sp_book_look(look->book, info, stream, look->strings_max, why);
}

/* Goes over the package once and tells nobody. */
static enum sp_err office_book(struct sp_extract *x, struct sp_book *book, struct sp_why *why)
{
    struct office_look look = {book, (size_t)x->limits->spool_max_bytes};
    struct sp_sink mute = {&sp_sink_mute_ops};
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    struct sp_account account = *x->account;
    struct sp_extract once = *x;
    once.sink = &mute;
    once.done = &done;
    once.account = &account; /* what it inflates counts when it is read */
    once.look = office_look;
    once.look_ctx = &look;
    enum sp_err err = sp_stream_open_fd(sp_stream_fd(x->stream), false, &once.stream, why);
    if (err != SP_OK)
        return err;
    err = sp_zip_extract(&once, why);
    sp_stream_close(once.stream);
    return err == SP_ERR_NOMEM ? err : SP_OK; /* all else is met again, and told */
}

/* Strings that no sheet shows: of cells that were deleted, or of a sheet that could not be read. */
static enum sp_err office_unshown(struct sp_extract *x, const struct sp_book *book,
                                  struct sp_why *why)
{
    const struct sp_record record = {
        .kind = SP_RECORD_DOCUMENT, .ordinal = 1, .line = 1, .date_s = INT64_MIN};
    struct sp_flow *flow = NULL;
    struct sp_slice text;
    uint64_t index = 0;
    if (!sp_book_unshown(book, &index, &text))
        return SP_OK;
    enum sp_err err = sp_flow_new(x->sink, &flow, why);
    if (err != SP_OK)
        return err;
    sp_flow_begin(flow, &record);
    do {
        err = sp_flow_text(flow, text, SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_break(flow, '\n', SP_SIZE_UNKNOWN, why);
    } while (err == SP_OK && sp_book_unshown(book, &index, &text));
    if (err == SP_OK)
        err = sp_flow_end(flow, why);
    x->done->record_count = sp_flow_records(flow);
    sp_flow_free(flow);
    return err;
}

static bool office_is_book(struct sp_slice head, struct sp_slice name)
{
    return office_has(head, "xl/") || sp_name_has_suffix(name, ".xlsx\0.xlsm\0.xltx\0.xltm\0");
}

/* Of many people, as a table is. */
static bool office_has_sheets(struct sp_slice head, struct sp_slice name)
{
    return office_is_book(head, name) || office_has(head, "opendocument.spreadsheet") ||
           sp_name_has_suffix(name, ".ods\0.ots\0.xlsb\0");
}

enum sp_err sp_office_extract(struct sp_extract *x, struct sp_why *why)
{
    struct sp_book *book = NULL;
    struct sp_slice head;
    const struct sp_book *outer = x->book;
    enum sp_err err = sp_stream_peek(x->stream, SP_HEAD_BYTES, &head, why);
    bool seeks = sp_stream_fd(x->stream) >= 0;
    if (err == SP_OK && seeks && office_is_book(head, x->info->name)) {
        err = sp_book_new(&book, why);
        if (err == SP_OK)
            err = office_book(x, book, why);
    }
    bool has_sheets = err == SP_OK && office_has_sheets(head, x->info->name);
    x->package = has_sheets ? SP_PACKAGE_SHEETS : SP_PACKAGE_DOCUMENT;
    if (has_sheets)
        x->done->shape = SP_SHAPE_RECORDS;
    x->book = book;
    if (err == SP_OK)
        err = sp_zip_extract(x, why);
    x->package = SP_PACKAGE_NONE;
    x->book = outer;
    if (err == SP_OK && book != NULL && !sp_book_is_cut(book))
        err = office_unshown(x, book, why);
    sp_book_free(book);
    return err;
}
