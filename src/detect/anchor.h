/* Anchors: what the first bytes of every match of an expression must be. They are derived from the
 * expression itself, never written by hand, so that they cannot lose a match; the filter (filter.h)
 * skips the places where none of them holds.
 *
 * An anchor is a class of bytes for each place from SP_ANCHOR_BACK before the start of a match to
 * SP_ANCHOR_AHEAD behind it. A class has 257 members: the bytes, and OUTSIDE for a place that lies
 * beyond the text. Every match fits one of the anchors of its form; a place that fits may still be
 * no match. */
#ifndef SP_DETECT_ANCHOR_H
#define SP_DETECT_ANCHOR_H

#include "speur/slice.h"

enum {
    SP_ANCHOR_BACK = 3,  /* bytes before the start */
    SP_ANCHOR_AHEAD = 8, /* bytes from the start on */
    SP_ANCHOR_PLACES = SP_ANCHOR_BACK + SP_ANCHOR_AHEAD,
    SP_ANCHOR_OUTSIDE = 256,  /* the member that is no byte */
    SP_ANCHOR_DIGIT_MAX = 31, /* bytes; farther digits are not asked for */
    SP_ANCHOR_NO_DIGIT = 255,
    SP_ANCHOR_REACH_MAX = 64, /* bytes in which digits are counted */
    SP_ANCHORS_RAW_MAX = 96   /* of one expression, before they are merged */
};

struct sp_byte_class {
    uint64_t bits[5]; /* [4] holds OUTSIDE in bit 0 */
};

struct sp_anchor {
    struct sp_byte_class at[SP_ANCHOR_PLACES]; /* [SP_ANCHOR_BACK] is the first byte of a match */
};

static inline bool sp_class_has(const struct sp_byte_class *class, unsigned member)
{
    return (class->bits[member >> 6] >> (member & 63)) & 1;
}

static inline void sp_class_add(struct sp_byte_class *class, unsigned member)
{
    class->bits[member >> 6] |= UINT64_C(1) << (member & 63);
}

/* What is known of one expression. */
struct sp_anchor_list {
    struct sp_anchor list[SP_ANCHORS_RAW_MAX];
    size_t count;         /* 0: nothing is known; it must be tried at every place */
    uint8_t digit_within; /* a digit stands at most so many bytes behind the start of each match;
                           * SP_ANCHOR_NO_DIGIT: not so, or too far */
    uint8_t digits_min;   /* so many digits stand in the first digits_reach bytes of each match, */
    uint8_t digits_reach; /* or of the text from its start on; 0: nothing is known */
};

/* Derives the anchors. Nothing is known of an expression that uses something not understood or may
 * match nothing. Expressions are those PCRE2 accepts without UTF mode. False: no memory. */
bool sp_anchor_derive(struct sp_slice expression, struct sp_anchor_list *out);

/* Roughly how often a byte stands in text, among 1,250. */
unsigned sp_anchor_weight(uint8_t byte);
/* Merges the cheapest pairs until at most `max` anchors are left and returns how many. Each merged
 * one covers both. More than `max` are left only when memory is short. */
size_t sp_anchor_merge(struct sp_anchor *anchors, size_t count, size_t max);

#endif
