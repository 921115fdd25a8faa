/* Validators: from a candidate that an expression found to a judged value. One pure function and
 * one row of the table a validator. They read the window around the candidate, never beyond
 * SP_WINDOW_MARGIN_BYTES, allocate nothing and keep nothing. */
#ifndef SP_DETECT_VALIDATOR_H
#define SP_DETECT_VALIDATOR_H

#include "core/text.h"
#include "speur/patterns.h"

/* What context found, and what judging does with it (DETECTORS section 1). */
enum sp_context_level {
    SP_CONTEXT_NONE,
    SP_CONTEXT_NEAR,  /* a context word within 100 characters before or 40 after */
    SP_CONTEXT_LABEL, /* a context word labels the value: raises to the label level */
    SP_CONTEXT_NEG    /* a negative word labels it, nearer than any context word */
};

/* A stretch of the text, [begin, end). */
struct sp_part {
    uint32_t begin, end;
};
enum { SP_PARTS_MAX = 4 };

/* What a validator is given and what it fills in. */
struct sp_check {
    /* given */
    const struct sp_text *text;
    size_t begin, end;             /* the candidate's value in the text */
    enum sp_context_level context; /* of the candidate, for this pattern's words; validators read
                                    * it by sp_check_context */
    bool glued;                    /* a context word of this pattern ends directly at begin; read by
                                    * sp_check_glued */
    unsigned *asked;               /* SP_ASKED_*: on which of the two the answer depends; NULL: no
                                    * matter */
    enum sp_region region;
    struct sp_addr_memo *memo; /* what keys of the same text stand for, so far; may be NULL */
    unsigned reading;          /* 0: the likeliest; else bits of `more` that it named before */
    /* filled in when it returns true */
    size_t value_begin, value_end; /* preset to begin, end; may be widened or narrowed */
    struct sp_canonical canonical;
    unsigned attributes;                /* SP_ATTR_* */
    struct sp_part parts[SP_PARTS_MAX]; /* of a value in several places: where else it stands */
    unsigned part_count;                /* preset to 0 */
    bool other;    /* not likely: a report need not show it, a check must see it; preset false */
    unsigned more; /* bits of other readings that may be right too; preset to 0 */
    enum sp_confidence base, label; /* preset from the pattern file; may be changed */
};
enum { SP_ASKED_CONTEXT = 1, SP_ASKED_GLUED = 2 };
enum { SP_READINGS_MAX = 16 }; /* of one candidate: four bits */

/* Validators ask late: an answer that did not need the context is not asked for again in another.
 */
static inline enum sp_context_level sp_check_context(const struct sp_check *check)
{
    if (check->asked)
        *check->asked |= SP_ASKED_CONTEXT;
    return check->context;
}

static inline bool sp_check_labelled(const struct sp_check *check)
{
    return sp_check_context(check) == SP_CONTEXT_LABEL;
}

static inline bool sp_check_glued(const struct sp_check *check)
{
    if (check->asked)
        *check->asked |= SP_ASKED_GLUED;
    return check->glued;
}

/* False: no value of this type. What it accepts in any context it must accept with LABEL too: the
 * matcher asks with LABEL first and looks at the real context only when that is accepted. NONE and
 * NEG are the same to it: where no word can speak for a value the matcher asks with NONE. */
typedef bool (*sp_validate)(struct sp_check *check);

struct sp_validator {
    const char *name; /* as in the pattern file */
    sp_validate validate;
    bool keeps_base; /* never raises check->base: a form of base none is nothing without a label */
};
/* THE table, ended by a NULL name. */
extern const struct sp_validator sp_validators[];

/* check_address.c: reads the address around a postcode, a street with a number, a PO box, or the
 * fields of one row / of keyed text. The candidate is any of these anchors; the same address
 * reached over two anchors gives the same span, so that one of them is kept. */
bool sp_check_address(struct sp_check *check);
/* The canonical form of an address that a person typed: "Dorpsstraat 12b, 1234 AB Voorbeeld". */
enum sp_err sp_address_canonical(struct sp_slice typed, enum sp_region region,
                                 struct sp_canonical *out, unsigned *attributes,
                                 struct sp_why *why);

#endif
