/* Where a match of any form may start: all forms with anchors, one pass over the window. Built
 * once with the patterns, read-only, shared by all threads. */
#ifndef SP_DETECT_FILTER_H
#define SP_DETECT_FILTER_H

#include "detect/anchor.h"
#include "detect/look.h"
#include "speur/err.h"

enum {
    SP_FILTER_ANCHORS_MAX = 128, /* bits of struct sp_filter_set */
    SP_FILTER_FORM_ANCHORS = 8   /* of one form, after merging */
};

/* Which forms are looked for: where no digit is in reach, none that needs one; where no word labels
 * them, none that is nothing without a label: only the wide of them (which need no digit either),
 * or all. */
enum sp_filter_scope {
    SP_FILTER_ALL,
    SP_FILTER_NO_WIDE,
    SP_FILTER_NO_LABELLED,
    SP_FILTER_NO_DIGIT,
    SP_FILTER_NO_DIGIT_NO_WIDE, /* without digits no other labelled form is left */
    SP_FILTER_SCOPES
};

/* One bit an anchor. */
struct sp_filter_set {
    uint64_t low, high;
};

struct sp_filter {
    struct sp_look look[SP_FILTER_SCOPES];
    /* Second look: the anchors that the member suits at a place. */
    struct sp_filter_set suits[SP_ANCHOR_PLACES][SP_ANCHOR_OUTSIDE + 1];
    uint16_t form_of[SP_FILTER_ANCHORS_MAX];     /* what the caller gave; ascending */
    uint8_t digit_within[SP_FILTER_ANCHORS_MAX]; /* of that form (anchor.h) */
    uint8_t digits_min[SP_FILTER_ANCHORS_MAX];
    uint8_t digits_reach[SP_FILTER_ANCHORS_MAX];
    size_t count;
    struct sp_filter_draft *drafts; /* a form each, while it is built */
    size_t draft_count;
};

void sp_filter_init(struct sp_filter *filter);
void sp_filter_clear(struct sp_filter *filter);
/* Takes in the expression of a form; forms must ascend. SP_ERR_NOMEM. */
enum sp_err sp_filter_add(struct sp_filter *filter, struct sp_slice expression, uint16_t form,
                          struct sp_why *why);
/* After the last form. is_labelled(ctx, form): it is nothing without a label. SP_ERR_NOMEM. */
enum sp_err sp_filter_build(struct sp_filter *filter, bool (*is_labelled)(void *ctx, uint16_t form),
                            void *ctx, struct sp_why *why);
/* Whether the filter knows where the form can start; if not, it must be tried everywhere. */
bool sp_filter_knows(const struct sp_filter *filter, uint16_t form);

/* The digits of a block of at most SP_LOOK_BLOCK bytes and of 64 bytes behind it: bit k of
 * bits[k / 64]. */
struct sp_filter_digits {
    uint64_t bits[SP_LOOK_LANES + 1];
};
void sp_filter_find_digits(struct sp_filter_digits *digits, const uint8_t *data, size_t len,
                           size_t begin);
bool sp_filter_any_digit(const struct sp_filter_digits *digits);
/* Whether enough digits for a match of this anchor's form stand from place `at` of the block on. */
bool sp_filter_has_digits(const struct sp_filter *filter, unsigned anchor,
                          const struct sp_filter_digits *digits, size_t at);
/* The places of a block that pass the first look (look.h). */
void sp_filter_look(const struct sp_filter *filter, enum sp_filter_scope scope, const uint8_t *data,
                    size_t len, size_t begin, size_t end, uint64_t out[SP_LOOK_LANES]);
/* The anchors that fit at pos. */
struct sp_filter_set sp_filter_at(const struct sp_filter *filter, const uint8_t *data, size_t len,
                                  size_t pos);

#endif
