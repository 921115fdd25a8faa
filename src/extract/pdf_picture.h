/* Pages of a PDF as pictures, of which words are to be read. */
#ifndef SP_EXTRACT_PDF_PICTURE_H
#define SP_EXTRACT_PDF_PICTURE_H

#include "extract/extract.h"
#include "extract/pdf_glyphs.h"
#include "extract/spool.h"

#include <poppler.h>

enum sp_pdf_shows {
    SP_PDF_SHOWS_NOTHING,  /* that words could be in */
    SP_PDF_SHOWS_PICTURES, /* large enough for words, beside text */
    SP_PDF_SHOWS_PAGE      /* no text: all of it is a picture, or drawn */
};
/* What a page shows besides its text; `blank`: it has none. */
enum sp_pdf_shows sp_pdf_shows(PopplerPage *page, bool blank);
/* Is the text of a page no text, as its fonts do not say which characters their glyphs are?
 * `fonts`: those that are known to say nothing; NULL: only what the text itself shows is asked. */
bool sp_pdf_is_lost(PopplerPage *page, const char *text, const struct sp_pdf_fonts *fonts);
/* Not all fonts are in the file: what is drawn in their place may be other letters. */
bool sp_pdf_lacks_fonts(PopplerDocument *document);
/* Draws what the page shows as a grey PNM file at 300 dpi, less where that were too many pixels.
 * out->fd is -1 when the page is empty. SP_ERR_LIMIT: it does not fit. */
enum sp_err sp_pdf_picture(PopplerPage *page, enum sp_pdf_shows shows, uint64_t max_bytes,
                           struct sp_spool *out, struct sp_why *why);

#endif
