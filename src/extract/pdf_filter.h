/* Streams of a PDF: which filters they have, what comes out, and whether it is whole. Source: ISO
 * 32000-1, 7.4. */
#ifndef SP_EXTRACT_PDF_FILTER_H
#define SP_EXTRACT_PDF_FILTER_H

#include "base/buf.h"

enum sp_pdf_state {
    SP_PDF_WHOLE,  /* as far as its filters can tell */
    SP_PDF_CUT,    /* it ends too early */
    SP_PDF_BROKEN, /* what it holds is damaged */
    SP_PDF_UNKNOWN /* a filter that no reader knows */
};
struct sp_pdf_stream {
    struct sp_slice dictionary; /* and what stands before it */
    struct sp_slice content;    /* up to the first `endstream` */
    struct sp_slice rest;       /* from the content's beginning to the end of the file */
};
struct sp_pdf_decoded {
    enum sp_pdf_state state;
    bool filtered;  /* it has a filter: the bytes of the file say nothing */
    bool image;     /* what came out is for a decoder of images */
    bool cut;       /* more than there is memory or time for */
    uint64_t made;  /* bytes that were inflated */
    uint32_t adler; /* of all that came out */
    uint64_t len;
    size_t used; /* bytes of `rest` that are the stream's by its checksum; 0: not known */
};

/* Decodes into `out`; what is beyond out->max is read, not kept. `room` is for what lies between
 * two filters, and as large. *retries is how often a stream may be read beyond an `endstream` that
 * stands in its own data. SP_ERR_NOMEM. */
enum sp_err sp_pdf_decode(const struct sp_pdf_stream *stream, unsigned *retries, struct sp_buf *out,
                          struct sp_buf *room, struct sp_pdf_decoded *told, struct sp_why *why);

#endif
