/* Forms that are nothing without a label (base: none) need not be tried where no word of their
 * pattern is anywhere near: on most text that is nearly everywhere, and their expressions are the
 * widest of all. The gate looks only for words that label such forms. */
#ifndef SP_DETECT_GATE_H
#define SP_DETECT_GATE_H

#include "detect/table.h"
#include "detect/wordmap.h"

enum { SP_GATE_KEYS_MAX = 256 }; /* keys remembered, a power of two */

/* Per thread. */
struct sp_gate {
    const struct sp_words *words; /* borrowed: of the patterns that have such forms */
    const struct sp_text *text;
    struct sp_word_map map;
    struct sp_gate_key {
        struct sp_slice key;
        uint64_t owners;
    } keys[SP_GATE_KEYS_MAX];
    size_t field_begin, field_end; /* the field asked for last; equal: none */
    uint64_t field_owners;
};

/* For the next text. The gate of zero bytes is new. SP_ERR_NOMEM. */
enum sp_err sp_gate_begin(struct sp_gate *gate, const struct sp_words *words,
                          const struct sp_text *text, struct sp_why *why);
void sp_gate_clear(struct sp_gate *gate);
/* Patterns (a bit each) of which a word may label something that matches in [begin, end), because
 * it stands in the text around it or in the key of a field there. All others cannot. */
uint64_t sp_gate_open(struct sp_gate *gate, size_t begin, size_t end);
/* The same for a match that starts at pos, when it stands in a field that has a key; all patterns
 * elsewhere. */
uint64_t sp_gate_open_at(struct sp_gate *gate, size_t pos);

#endif
