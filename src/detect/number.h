/* Numbers in text: digits with their grouping, and the boundaries that make a run of digits a
 * value of its own (DETECTORS 1). */
#ifndef SP_DETECT_NUMBER_H
#define SP_DETECT_NUMBER_H

#include "detect/validator.h"

enum { SP_NUMBER_DIGITS_MAX = 24, SP_NUMBER_GROUPS_MAX = 16 };

struct sp_number {
    uint8_t digits[SP_NUMBER_DIGITS_MAX]; /* '0'..'9' */
    size_t count;
    uint8_t groups[SP_NUMBER_GROUPS_MAX]; /* digits in each group */
    size_t group_count;
    uint8_t separator; /* the first one; 0: ungrouped */
    bool mixed;        /* not all separators are the same byte */
};

/* Reads text[begin, end): groups of digits with one separator out of ` .-/` between them.
 * False: something else, or too long. */
bool sp_number_read(const struct sp_text *text, size_t begin, size_t end, struct sp_number *out);
/* Whether the grouping is one of `shapes`, a list such as "3-3-3 4-2-3" (ungrouped is none). */
bool sp_number_grouped_as(const struct sp_number *number, const char *shapes);

/* What may touch a value on its left and right side. */
struct sp_boundary {
    const struct sp_check *check; /* with a label #, _ and a list comma are no objection; with one
                                   * directly before it a letter is none */
    bool spaced;                  /* grouped by spaces: a short group beside it belongs to it */
    bool slash;                   /* a slash and digits beside it may be the next of a list */
    bool name;                    /* in a name `_` bounds */
};
/* True when an escape sequence of JSON, PHP or C ends right before begin. */
bool sp_escape_before(const struct sp_text *text, size_t begin);
struct sp_boundary sp_boundary_of(const struct sp_check *check, bool spaced);
bool sp_number_bounded(const struct sp_text *text, size_t begin, size_t end,
                       const struct sp_boundary *boundary);
bool sp_number_bounded_left(const struct sp_text *text, size_t begin,
                            const struct sp_boundary *boundary);
bool sp_number_bounded_right(const struct sp_text *text, size_t end,
                             const struct sp_boundary *boundary);

/* Writes bytes as the canonical form. len <= SP_CANONICAL_MAX. */
void sp_canonical_set(struct sp_canonical *out, const void *bytes, size_t len);

#endif
