/* Where in a window words of patterns may begin, found block by block when it is asked for. It
 * saves reading the text for words again and tells where a pattern has no word at all. */
#ifndef SP_DETECT_WORDMAP_H
#define SP_DETECT_WORDMAP_H

#include "core/text.h"
#include "detect/words.h"

enum { SP_WORD_MAP_BLOCK = 512 }; /* bytes of text */

struct sp_word_block {
    uint64_t places[SP_WORD_MAP_BLOCK / 64]; /* a bit each byte where a word may begin */
    uint64_t owners;                         /* patterns for which some of them may speak */
    bool known, any;
};

struct sp_word_map {
    const struct sp_words *words;
    const uint8_t *data;
    size_t len;
    struct sp_word_block *blocks;
    size_t cap;
    /* the last answer of sp_word_map_owners: neighbours ask for the same blocks */
    size_t asked_first, asked_end; /* blocks; equal: none */
    uint64_t asked_owners;
    bool asked_any;
};

/* For the next text. The map of zero bytes is empty. SP_ERR_NOMEM. */
enum sp_err sp_word_map_begin(struct sp_word_map *map, const struct sp_words *words,
                              const struct sp_text *text, struct sp_why *why);
void sp_word_map_clear(struct sp_word_map *map);
/* The first place in [begin, end) where a word may begin; `end` when there is none. */
size_t sp_word_map_next(struct sp_word_map *map, size_t begin, size_t end);
/* The patterns for which a word may speak that begins in the blocks around [begin, end). *any:
 * there may be some word. */
uint64_t sp_word_map_owners(struct sp_word_map *map, size_t begin, size_t end, bool *any);

#endif
