/* What the sheets of a spreadsheet share: strings, names, and which number formats are dates.
 * Sources: ECMA-376 part 1, 18.2 (workbook), 18.4 (shared strings), 18.8 (styles). */
#ifndef SP_EXTRACT_BOOK_H
#define SP_EXTRACT_BOOK_H

#include "base/buf.h"
#include "extract/extract.h"

struct sp_book;
enum sp_err sp_book_new(struct sp_book **out, struct sp_why *why);
void sp_book_free(struct sp_book *book); /* NULL is fine */
/* Looks at a member of the package: takes what is of use. A damaged part is left to whoever reads
 * it. Fails without memory, or when there are more strings than `strings_max` bytes. */
enum sp_err sp_book_look(struct sp_book *book, const struct sp_object_info *info,
                         struct sp_stream *stream, size_t strings_max, struct sp_why *why);

/* For other formats than Office Open XML: the next shared string, the next cell style by the number
 * of its format, and a format of the document's own, whose code is UTF-8. */
enum sp_err sp_book_add_string(struct sp_book *book, struct sp_slice utf8, struct sp_why *why);
enum sp_err sp_book_add_style(struct sp_book *book, uint32_t format, struct sp_why *why);
enum sp_err sp_book_add_format(struct sp_book *book, uint32_t format, const char *code,
                               struct sp_why *why);
void sp_book_set_1904(struct sp_book *book);
/* A number as people see it, in `room`: a date where `style` is one, no exponent where it is whole.
 * book may be NULL. */
struct sp_slice sp_book_number(const struct sp_book *book, double number, uint64_t style,
                               char room[64]);

/* A shared string by its number; *known false: there is none. Marks it as shown. */
struct sp_slice sp_book_string(const struct sp_book *book, uint64_t index, bool *known);
/* Strings that no sheet showed so far, from *index on; false: no more. */
bool sp_book_unshown(const struct sp_book *book, uint64_t *index, struct sp_slice *out);
/* Not all strings are here: there are too many, or their part is damaged. */
bool sp_book_is_cut(const struct sp_book *book);
/* The name of the sheet whose part has this name ("xl/worksheets/sheet1.xml"), or empty. */
struct sp_slice sp_book_sheet(const struct sp_book *book, struct sp_slice part);
/* Whether numbers of this cell style are dates. */
bool sp_book_is_date(const struct sp_book *book, uint64_t style);
/* Days since 1899-12-30 as "YYYY-MM-DD"; false: no date of use. dates of 1904 are counted so. */
bool sp_book_date(const struct sp_book *book, double days, char out[16]);

#endif
