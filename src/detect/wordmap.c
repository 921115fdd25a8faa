#include "detect/wordmap.h"

#include "base/mem.h"

enum sp_err sp_word_map_begin(struct sp_word_map *map, const struct sp_words *words,
                              const struct sp_text *text, struct sp_why *why)
{
    size_t count = text->len / SP_WORD_MAP_BLOCK + 1;
    if (count > map->cap) {
        struct sp_word_block *grown = sp_realloc(map->blocks, count * sizeof *grown);
        if (!grown)
            return sp_fail(why, SP_ERR_NOMEM, "word map: no memory");
        map->blocks = grown;
        map->cap = count;
    }
    for (size_t i = 0; i < count; i++)
        map->blocks[i].known = false;
    map->asked_first = map->asked_end = 0;
    map->asked_owners = 0;
    map->asked_any = false;
    map->words = words;
    map->data = text->data;
    map->len = text->len;
    return SP_OK;
}

void sp_word_map_clear(struct sp_word_map *map)
{
    sp_free(map->blocks);
    *map = (struct sp_word_map){0};
}

static const struct sp_word_block *map_block(struct sp_word_map *map, size_t index)
{
    struct sp_word_block *block = &map->blocks[index];
    if (block->known)
        return block;
    *block = (struct sp_word_block){.known = true};
    size_t begin = index * SP_WORD_MAP_BLOCK, end = begin + SP_WORD_MAP_BLOCK;
    if (end > map->len)
        end = map->len;
    for (size_t from = begin; from < end; from += SP_LOOK_BLOCK) {
        size_t to = end - from < SP_LOOK_BLOCK ? end : from + SP_LOOK_BLOCK;
        sp_words_look(map->words, map->data, map->len, from, to,
                      &block->places[(from - begin) / 64]);
    }
    for (size_t lane = 0; lane < SP_WORD_MAP_BLOCK / 64; lane++) {
        for (uint64_t left = block->places[lane]; left; left &= left - 1) {
            bool any = false;
            block->owners |=
                sp_words_owners_at(map->words, map->data, map->len,
                                   begin + lane * 64 + (size_t)__builtin_ctzll(left), &any);
            if (!any)
                block->places[lane] ^= left & -left;
        }
        block->any = block->any || block->places[lane] != 0;
    }
    return block;
}

size_t sp_word_map_next(struct sp_word_map *map, size_t begin, size_t end)
{
    while (begin < end) {
        const struct sp_word_block *block = map_block(map, begin / SP_WORD_MAP_BLOCK);
        size_t within = begin % SP_WORD_MAP_BLOCK;
        uint64_t word = block->any ? block->places[within / 64] >> (within % 64) : 0;
        if (word) {
            begin += (size_t)__builtin_ctzll(word);
            return begin < end ? begin : end;
        }
        begin += block->any ? 64 - within % 64 : SP_WORD_MAP_BLOCK - within;
    }
    return end;
}

uint64_t sp_word_map_owners(struct sp_word_map *map, size_t begin, size_t end, bool *any)
{
    if (end > map->len)
        end = map->len;
    size_t first = begin / SP_WORD_MAP_BLOCK;
    size_t past = (end + SP_WORD_MAP_BLOCK - 1) / SP_WORD_MAP_BLOCK;
    if (first != map->asked_first || past != map->asked_end) {
        map->asked_first = first;
        map->asked_end = past;
        map->asked_owners = 0;
        map->asked_any = false;
        for (size_t i = first; i < past; i++) {
            const struct sp_word_block *block = map_block(map, i);
            map->asked_owners |= block->owners;
            map->asked_any = map->asked_any || block->any;
        }
    }
    *any = map->asked_any;
    return map->asked_owners;
}
