/* Locators: where something is, as one string. Segments are joined by '!'; '!', '%', control
 * bytes and invalid UTF-8 are percent-escaped. Grammar (DESIGN.md has the table):
 *   path ( '!' member | '!' index '<' message-id '>' | '!' part [':' name] )* [ '!' place ]
 *   place = table '[' row ']' ['.' column]   SQL tuple
 *         | '[' row ']' ['.' column]         CSV row; column name, or ordinal without a header
 *         | key | key '@' part               header of a message
 *         | [array] '[' row ']' pointer      value of JSON or XML; pointer within the element
 *         | [part ':'] line ':' col          text; of a message's text part with the part in front
 *         | '@' offset                       bytes
 */
#ifndef SP_CORE_LOCATOR_H
#define SP_CORE_LOCATOR_H

#include "base/buf.h"
#include "core/object.h"
#include "core/text.h"

/* Appends the segment of an object, with '!' in front unless it is a SP_STEP_FILE. */
enum sp_err sp_locator_object(struct sp_buf *out, enum sp_step step, uint64_t ordinal,
                              struct sp_slice name, struct sp_slice part, struct sp_why *why);

/* The place of a finding within its object. */
struct sp_place_in {
    enum sp_record_kind kind;
    uint64_t row; /* record ordinal */
    struct sp_slice table;
    struct sp_slice key; /* column or header name */
    uint32_t column;     /* ordinal, 0 none */
    struct sp_slice part;
    uint64_t line;
    uint32_t line_column;
    uint64_t offset;
};
enum { SP_CELL_NAME_MAX = 32 };
/* "C12" of column 3 and row 12. */
void sp_cell_name(uint32_t column, uint64_t row, char out[SP_CELL_NAME_MAX]);

/* Appends '!' and the place; nothing for a name record. */
enum sp_err sp_locator_place(struct sp_buf *out, const struct sp_place_in *place,
                             struct sp_why *why);

#endif
