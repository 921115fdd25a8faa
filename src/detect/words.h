/* Context words: one trie over the words of all patterns, and the places where they stand. The
 * rules for a word are in pattern.h. Read-only once built; shared by all threads. */
#ifndef SP_DETECT_WORDS_H
#define SP_DETECT_WORDS_H

#include "detect/look.h"
#include "speur/err.h"
#include "speur/slice.h"

enum {
    SP_WORDS_OWNER_MAX = 64,   /* patterns: one bit of a mask each */
    SP_WORD_MAX_BYTES = 48,    /* of a word in a pattern file */
    SP_WORD_HIT_MAX_BYTES = 96 /* of text that one hit can span: word, separators, tail */
};

struct sp_words;

/* A word in the text, with the patterns (bit = index) that it speaks for and against. */
struct sp_word_hit {
    uint32_t begin, end;
    uint64_t context_of;
    uint64_t against_of; /* shares no bit with context_of */
};

struct sp_words *sp_words_new(void); /* NULL: no memory */
void sp_words_free(struct sp_words *words);
/* SP_ERR_FORMAT: empty, too long, or with a character that no word may have. SP_ERR_LIMIT: too
 * many words. SP_ERR_NOMEM. */
enum sp_err sp_words_add(struct sp_words *words, struct sp_slice word, unsigned owner, bool against,
                         struct sp_why *why);
/* After the last word, before sp_words_may_start. SP_ERR_NOMEM. */
enum sp_err sp_words_build(struct sp_words *words, struct sp_why *why);
/* A quick look: sets bit k where a hit may begin at begin + k < begin + count <= len; at least
 * there. count is 1 to 64. */
uint64_t sp_words_may_start(const struct sp_words *words, const uint8_t *data, size_t len,
                            size_t begin, size_t count);
/* The same of a block of at most SP_LOOK_BLOCK bytes, quicker: bit k of out[k / 64]; all words of
 * out are written. */
void sp_words_look(const struct sp_words *words, const uint8_t *data, size_t len, size_t begin,
                   size_t end, uint64_t out[SP_LOOK_LANES]);
/* All patterns for which a word may speak that begins at pos, in this text or in a piece of it cut
 * at characters that are no letters or digits. *any: some word may begin there. */
uint64_t sp_words_owners_at(const struct sp_words *words, const uint8_t *data, size_t len,
                            size_t pos, bool *any);
/* The hit that begins at pos (the longest word decides where owners disagree); false: none.
 * Depends only on the bytes around pos. */
bool sp_words_at(const struct sp_words *words, const uint8_t *data, size_t len, size_t pos,
                 struct sp_word_hit *hit);
/* The words of a key (column header, tag, file part), folded into one hit: per owner the last
 * word decides, because it is the head of a compound. */
struct sp_word_hit sp_words_in_key(const struct sp_words *words, struct sp_slice key);

/* Where to remember what is known of a key, by its address: `slots` is a power of two. */
static inline size_t sp_words_key_slot(struct sp_slice key, size_t slots)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)key.ptr ^ key.len) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 40) & (slots - 1);
}

#endif
