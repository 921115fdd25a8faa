/* Text that the streams of a PDF draw and no page shows: in a pattern, outside the page, in a form
 * or a revision that is not used any more. Source: ISO 32000-1, 9.4. */
#ifndef SP_EXTRACT_PDF_DRAWN_H
#define SP_EXTRACT_PDF_DRAWN_H

#include "base/buf.h"
#include "extract/pdf_syntax.h"

/* Words that were shown, by their hashes. */
struct sp_pdf_words {
    uint64_t *slots; /* 0: empty */
    size_t count, size;
};
void sp_pdf_words_clear(struct sp_pdf_words *words);
/* Past some millions of words, or without memory, nothing is added: what is not known is given
 * once more. */
void sp_pdf_words_add(struct sp_pdf_words *words, struct sp_slice text);

/* Appends the strings that a stream draws to `out`, a line each where the next one is put somewhere
 * else. Nothing when most of them are numbers of glyphs. `string` is for the one at hand. */
enum sp_err sp_pdf_drawn(struct sp_slice content, struct sp_pdf_string *string, struct sp_buf *out,
                         struct sp_why *why);
/* Has a line a word, long enough to be of a value, that was not shown? */
bool sp_pdf_words_lack(const struct sp_pdf_words *words, struct sp_slice line);

#endif
