/* Fonts of a PDF that do not say which characters their glyphs are, and pages that have much of
 * them: their text is numbers of glyphs, not words. Source: ISO 32000-1, 9.10. */
#ifndef SP_EXTRACT_PDF_GLYPHS_H
#define SP_EXTRACT_PDF_GLYPHS_H

#include "base/buf.h"

struct sp_pdf_fonts {
    struct sp_buf names; /* of fonts without a mapping, each with a NUL behind it */
    struct sp_buf maybe; /* of those whose encoding is another object, its number before them */
    struct sp_buf odd;   /* numbers of encodings that name glyphs by numbers that mean nothing */
};
/* The name by which poppler calls fonts that have none (Type 3). */
#define SP_PDF_FONT_NAMELESS "Default"

void sp_pdf_fonts_init(struct sp_pdf_fonts *fonts);
void sp_pdf_fonts_clear(struct sp_pdf_fonts *fonts);
/* Looks at the dictionaries in a piece of syntax; of an object stream `first` is where they begin,
 * behind the list of their numbers, else it is 0. Past some thousands of fonts nothing is added. */
void sp_pdf_fonts_look(struct sp_pdf_fonts *fonts, struct sp_slice syntax, size_t first);
/* When all were looked at. */
void sp_pdf_fonts_end(struct sp_pdf_fonts *fonts);
bool sp_pdf_fonts_has(const struct sp_pdf_fonts *fonts, const char *name);

/* Characters of a page, one after the other. */
struct sp_pdf_glyphs {
    uint32_t seen[2][8]; /* which of those that cannot be used: of the run at hand, of the page */
    unsigned kinds[2];   /* how many different ones */
    uint64_t all, unusable;
    uint64_t run; /* without a break */
    bool word;    /* a run as long as a word or number that matters */
};
/* `unmapped`: of a font that does not say what it is. */
void sp_pdf_glyph(struct sp_pdf_glyphs *glyphs, uint32_t code, bool unmapped);
/* Words are lost, not bullets or signs between words. */
bool sp_pdf_glyphs_lost(const struct sp_pdf_glyphs *glyphs);

#endif
