/* Pieces of the syntax of a PDF. Each function gets a place and returns the one behind what it
 * read, at most the length. Source: ISO 32000-1, 7.2 and 7.3. */
#ifndef SP_EXTRACT_PDF_SYNTAX_H
#define SP_EXTRACT_PDF_SYNTAX_H

#include "base/buf.h"

/* A name behind its slash, with #41 as A; what does not fit into `name` is left out. */
size_t sp_pdf_name(struct sp_slice in, size_t at, char *name, size_t size);
/* (text), with what is nested in it. */
size_t sp_pdf_literal(struct sp_slice in, size_t at);
size_t sp_pdf_comment(struct sp_slice in, size_t at);
size_t sp_pdf_blanks(struct sp_slice in, size_t at);
enum { SP_PDF_STRING_MAX = 1 << 20 }; /* bytes of one */
struct sp_pdf_string {
    struct sp_buf bytes; /* of the caller, with one more as its ceiling */
    size_t end;          /* behind it; behind what opens it when it does not end */
    bool escaped;        /* it has a backslash, or digits: it does not stand there as it is */
    bool whole;
    unsigned retries; /* strings without an end so far */
};
/* (text) and <digits> at `at` (7.3.4). */
enum sp_err sp_pdf_literal_read(struct sp_slice in, size_t at, struct sp_pdf_string *read,
                                struct sp_why *why);
enum sp_err sp_pdf_hex_read(struct sp_slice in, size_t at, struct sp_pdf_string *read,
                            struct sp_why *why);
/* The next dictionary that is in no other, from *at on, which is moved behind it; false: none. */
bool sp_pdf_dictionary(struct sp_slice in, size_t *at, struct sp_slice *out);

#endif
