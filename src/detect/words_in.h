/* The trie of words, for the files that walk it. */
#ifndef SP_DETECT_WORDS_IN_H
#define SP_DETECT_WORDS_IN_H

#include "detect/look.h"
#include "detect/words.h"

enum {
    SYMBOL_DIGIT = 26, /* a-z before it */
    SYMBOL_APOSTROPHE = 36,
    SYMBOL_DEGREE = 37,
    SYMBOL_SEPARATOR = 38,
    SYMBOL_COUNT = 39,
    SYMBOL_NONE = 255,
    SEPARATOR_RUN_MAX = 3,
    NODE_MAX = 32000 /* about 4,000 words */
};

enum word_kind { WORD_WHOLE, WORD_PREFIX, WORD_EDGE, WORD_KIND_COUNT };

struct word_node {
    uint16_t next[SYMBOL_COUNT]; /* 0: no edge */
    bool ends[WORD_KIND_COUNT];  /* a word of this kind ends here */
    uint64_t context_of[WORD_KIND_COUNT];
    uint64_t against_of[WORD_KIND_COUNT];
};

struct sp_words {
    struct word_node *nodes; /* [0] is the root */
    size_t count, cap;
    uint32_t *starts; /* a bit for each row of START_CLASSES classes of bytes that may begin a word,
                       * however it may end; NULL until built */
    uint32_t *longer; /* the same for one class more (too large for the fastest cache, so asked
                       * second) and words that end before a character that is no letter, or with a
                       * tail: for places without END_NEAR */
    uint8_t class_of[256];
    struct sp_look look; /* first letters, where looking is cheap: all of look.wide or nothing */
};

/* A word may start at pos: no letter or digit before it, or a digit before a letter, or a change
 * to upper case. */
bool sp_word_starts(const uint8_t *data, size_t len, size_t pos);
/* Between the parts of a word. */
static inline bool sp_word_is_separator(uint8_t byte)
{
    return byte == ' ' || byte == '.' || byte == '-' || byte == '_' || byte == '/' || byte == '&';
}

#endif
