/* Strings of a PDF that stand on no page: of scripts, annotations, fields, labels, structure, and
 * of objects that nothing refers to. Found in the bytes of the file and in its compressed objects
 * and streams of text; by what they look like, without the table of references. Source: ISO
 * 32000-1, 7. */
#ifndef SP_EXTRACT_PDF_OBJECTS_H
#define SP_EXTRACT_PDF_OBJECTS_H

#include "extract/extract.h"
#include "extract/flow.h"

struct sp_pdf_objects {
    bool encrypted; /* nothing was read */
    bool cut;       /* more than there is memory for */
    bool xfa;       /* a form in XML was seen */
};

/* Pushes each string as a field of a record that the caller began in `flow`. */
enum sp_err sp_pdf_objects(struct sp_extract *x, struct sp_slice file, struct sp_flow *flow,
                           struct sp_pdf_objects *told, struct sp_why *why);

#endif
