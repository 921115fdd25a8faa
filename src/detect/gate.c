#include "detect/gate.h"

#include "detect/context.h"
#include "speur/finding.h"

/* What sp_context_at may look at, as in sp_context_may_speak: from a value that a validator widened
 * to the left back to the header of a table, and on to a word behind the value. */
enum {
    GATE_BEFORE =
        2 * SP_VALUE_MAX + SP_TABLE_LOOK_BYTES + SP_TABLE_LINE_BYTES + SP_WORD_HIT_MAX_BYTES,
    GATE_AFTER = 2 * SP_VALUE_MAX + SP_CONTEXT_AHEAD_BYTES,
    /* Around a field that has a key no header of a table is looked for. */
    GATE_FIELD_BEFORE = SP_VALUE_MAX + SP_CONTEXT_BACK_BYTES + SP_WORD_HIT_MAX_BYTES
};

enum sp_err sp_gate_begin(struct sp_gate *gate, const struct sp_words *words,
                          const struct sp_text *text, struct sp_why *why)
{
    gate->words = words;
    gate->text = text;
    memset(gate->keys, 0, sizeof gate->keys);
    gate->field_begin = gate->field_end = 0;
    return sp_word_map_begin(&gate->map, words, text, why);
}

void sp_gate_clear(struct sp_gate *gate)
{
    sp_word_map_clear(&gate->map);
}

static uint64_t gate_key(struct sp_gate *gate, struct sp_slice key)
{
    size_t slot = sp_words_key_slot(key, SP_GATE_KEYS_MAX);
    struct sp_gate_key *known = &gate->keys[slot];
    if (known->key.ptr != key.ptr || known->key.len != key.len) {
        known->key = key;
        known->owners = sp_words_in_key(gate->words, key).context_of;
    }
    return known->owners;
}

/* The first field that ends behind pos. */
static size_t gate_field(const struct sp_text *text, size_t pos)
{
    size_t low = 0, high = text->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text->fields[middle].end <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t sp_gate_open(struct sp_gate *gate, size_t begin, size_t end)
{
    const struct sp_text *text = gate->text;
    bool any;
    uint64_t owners = sp_word_map_owners(&gate->map, begin > GATE_BEFORE ? begin - GATE_BEFORE : 0,
                                         end + GATE_AFTER, &any);
    size_t from = begin > SP_VALUE_MAX ? begin - SP_VALUE_MAX : 0; /* widened to the left */
    for (size_t i = gate_field(text, from); i < text->field_count && text->fields[i].begin < end;
         i++) {
        if (text->fields[i].key.len)
            owners |= gate_key(gate, text->fields[i].key);
    }
    return owners;
}

uint64_t sp_gate_open_at(struct sp_gate *gate, size_t pos)
{
    bool any;
    if (pos >= gate->field_begin && pos < gate->field_end)
        return gate->field_owners;
    const struct sp_text_field *field = sp_text_field_find(gate->text, pos);
    if (field == NULL || field->key.len == 0)
        return UINT64_MAX;
    size_t from = field->begin > GATE_FIELD_BEFORE ? field->begin - GATE_FIELD_BEFORE : 0;
    gate->field_begin = field->begin;
    gate->field_end = field->end;
    gate->field_owners =
        gate_key(gate, field->key) |
        sp_word_map_owners(&gate->map, from, field->end + (size_t)GATE_AFTER, &any);
    return gate->field_owners;
}
