/* Who reads an object: the extractors' bids, the table of known formats, libmagic. */
#include "extract/extract.h"
#include "extract/formats.h"
#include "extract/known.h"

#include <assert.h>

enum { BID_SURE = 50 }; /* from here on a bid counts as an answer */

static const struct sp_extractor *identify_best(struct sp_slice head, struct sp_slice name,
                                                int *bid)
{
    const struct sp_extractor *best = NULL;
    *bid = 0;
    for (const struct sp_extractor *row = sp_extractors; row->name != NULL; row++) {
        int this_bid = row->bid(head, name);
        if (this_bid > *bid || best == NULL) {
            *bid = this_bid;
            best = row;
        }
    }
    return best;
}

/* The last resort: always the row before the end. */
static const struct sp_extractor *identify_named(const char *name)
{
    const struct sp_extractor *row = sp_extractors;
    assert(row->name != NULL);
    while (row[1].name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row;
}

static void identify_known(const struct sp_known *known, struct sp_identity *out)
{
    out->unread_reason = known->reason;
    (void)snprintf(out->detail, sizeof out->detail, "%s", known->name);
}

static bool identify_contains(struct sp_slice head, const char *piece)
{
    return memmem(head.ptr, head.len, piece, strlen(piece)) != NULL;
}

/* Office documents are zip files. Read as such their members give XML text, but a value that is
 * split over two runs of a paragraph is missed. */
static void identify_zip_document(struct sp_slice head, struct sp_identity *out)
{
    const char *kind = NULL;
    if (identify_contains(head, "[Content_Types].xml"))
        kind = identify_contains(head, "word/")  ? "docx"
               : identify_contains(head, "xl/")  ? "xlsx"
               : identify_contains(head, "ppt/") ? "pptx"
                                                 : "ooxml";
    else if (identify_contains(head, "application/vnd.oasis.opendocument"))
        kind = "opendocument";
    if (kind == NULL)
        return;
    out->unread_reason = SP_REASON_UNSUPPORTED;
    (void)snprintf(out->detail, sizeof out->detail, "%s: read as zip only", kind);
}

/* Text formats of which the words can be read, but not all of the meaning. */
static bool identify_text_known(const struct sp_known *known)
{
    return strcmp(known->name, "rtf") == 0 || strcmp(known->name, "postscript") == 0;
}

static void identify_by_magic(struct sp_slice head, struct sp_identity *out)
{
    char mime[SP_MAGIC_MIME_MAX];
    if (!sp_magic_mime(head, mime))
        return;
    const struct sp_known *known = sp_known_mime(mime);
    if (known != NULL)
        identify_known(known, out);
    else if (strncmp(mime, "text/", 5) == 0)
        out->extractor = identify_named("plain");
}

void sp_identify(struct sp_slice head, struct sp_slice name, uint64_t size_bytes, bool use_magic,
                 struct sp_identity *out)
{
    (void)size_bytes;
    int bid;
    *out = (struct sp_identity){.extractor = identify_best(head, name, &bid),
                                .unread_reason = SP_REASON_COUNT,
                                .sure = true};
    if (head.len == 0)
        return;
    if (bid > BID_SURE) { /* a format of its own, not only text */
        if (strcmp(out->extractor->name, "zip") == 0)
            identify_zip_document(head, out);
        return;
    }
    const struct sp_known *known = sp_known_find(head, bid >= BID_SURE);
    if (known != NULL) {
        if (!(bid == BID_SURE && identify_text_known(known)))
            out->extractor = identify_named("bytes");
        identify_known(known, out);
        return;
    }
    if (bid >= BID_SURE)
        return;
    out->extractor = identify_named("bytes");
    out->sure = use_magic;
    if (use_magic)
        identify_by_magic(head, out);
}
