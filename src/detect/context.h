/* What stands around a value: labels, negative words, words near by (DETECTORS 1, "Context").
 * One evaluation answers for all patterns at once: a bit each. */
#ifndef SP_DETECT_CONTEXT_H
#define SP_DETECT_CONTEXT_H

#include "detect/table.h"
#include "detect/validator.h"
#include "detect/words.h"

enum {
    SP_CONTEXT_BACK_BYTES = 160, /* a word begins at most this far before a value */
    SP_CONTEXT_AHEAD_BYTES = 48, /* and behind it */
    SP_CONTEXT_HITS_MAX =
        1024, /* more than the words of 2 bytes that fit in there and in two values */
    SP_CONTEXT_KEYS_MAX = 256 /* keys remembered, a power of two */
};

/* Per pattern one bit. label and against share none; near says nothing about the others. */
struct sp_context_masks {
    uint64_t label, against, near;
    uint64_t glued; /* a label ends directly at the value */
};

/* The per-thread state. Its memory of words and tables lasts for one window. */
struct sp_context {
    const struct sp_words *words;
    const struct sp_text *text;
    struct sp_word_hit hits[SP_CONTEXT_HITS_MAX]; /* ring, ascending */
    size_t hit_first, hit_count;
    size_t covered, scanned; /* words were searched from here up to there */
    struct sp_table table;
    struct sp_context_key {
        struct sp_slice key;
        struct sp_word_hit hit;
    } keys[SP_CONTEXT_KEYS_MAX];
};

/* Allocates nothing. */
void sp_context_begin(struct sp_context *context, const struct sp_words *words,
                      const struct sp_text *text);
/* Values must come with ascending begin, or at most SP_VALUE_MAX bytes back. */
struct sp_context_masks sp_context_at(struct sp_context *context, size_t begin, size_t end);
enum sp_context_level sp_context_level_of(const struct sp_context_masks *masks, unsigned pattern);

#endif
