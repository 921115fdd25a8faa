/* Strings of a PDF that stand on no page: of scripts, annotations, fields, labels, structure, and
 * of objects that nothing refers to. Found in the bytes of the file and in its compressed objects
 * and streams of text; by what they look like, without the table of references. Every stream is
 * decoded on the way, as poppler says nothing of one that is damaged. Source: ISO 32000-1, 7. */
#ifndef SP_EXTRACT_PDF_OBJECTS_H
#define SP_EXTRACT_PDF_OBJECTS_H

#include "extract/extract.h"
#include "extract/flow.h"
#include "extract/pdf_drawn.h"
#include "extract/pdf_filter.h"
#include "extract/pdf_glyphs.h"

struct sp_pdf_damage {
    uint64_t count; /* streams, or places between them */
    uint64_t first; /* byte of the file */
};
/* A stream that is a file: attached, or by what it begins with. */
struct sp_pdf_file {
    struct sp_pdf_stream stream;
    bool filtered;
    uint32_t adler; /* of what it decodes to */
    uint64_t len;
};
struct sp_pdf_objects {
    bool encrypted;                   /* nothing was read */
    bool cut;                         /* more than there is memory for */
    bool xfa;                         /* a form in XML was seen */
    const struct sp_pdf_words *words; /* that pages show; NULL: what is drawn is not looked at */
    struct sp_buf *files;             /* of struct sp_pdf_file; NULL: nobody asks */
    struct sp_pdf_fonts *fonts;       /* of the caller: filled; NULL: nobody asks */
    struct sp_pdf_damage damage[SP_PDF_UNKNOWN + 1]; /* by enum sp_pdf_state */
};

/* Pushes each string as a field of a record that the caller began in `flow`. */
enum sp_err sp_pdf_objects(struct sp_extract *x, struct sp_slice file, struct sp_flow *flow,
                           struct sp_pdf_objects *told, struct sp_why *why);

#endif
