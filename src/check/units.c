#include "check/units.h"

#include "base/mem.h"

#include <sys/random.h>

enum {
    UNITS_CHUNK_BYTES = 1 << 20, /* names are kept in chunks, so that growing copies nothing */
    UNITS_LINKS_MAX = 16         /* a link to a link to …; longer is a circle */
};

/* Ways seen among the copies of a name. */
enum {
    UNIT_KEEP = 1 << SP_LIST_KEEP,
    UNIT_DROP = 1 << SP_LIST_DROP,
    UNIT_HOLD = 1 << SP_LIST_HOLD,
    UNIT_CONTAINER = 8, /* a copy that is no document and does not drop by itself */
    UNIT_LINK = 16      /* a copy that is a hard link; link_len says to what */
};

struct unit_entry {
    const uint8_t *bytes; /* name, then the link's target; in a chunk */
    uint32_t name_len, link_len;
    uint64_t others; /* records of other people that dropping it takes along */
    uint8_t ways;
};

struct unit_chunk {
    struct unit_chunk *before;
    size_t used, size;
    uint8_t bytes[];
};

struct sp_units {
    bool drop_containers;
    uint64_t seed; /* random: names come from strangers, who must not know what collides */
    struct unit_entry *entries;
    size_t count, cap;
    uint32_t *slots;   /* index + 1 into entries, 0 free; at most half full */
    size_t slot_count; /* a power of two */
    struct unit_chunk *chunk;
};

enum sp_list sp_unit_judge(const struct sp_unit_facts *facts, bool drop_containers,
                           uint64_t *others)
{
    uint64_t rest = facts->records > facts->records_hit ? facts->records - facts->records_hit : 0;
    *others = 0;
    if (facts->hit && facts->shape == SP_SHAPE_DOCUMENT) {
        /* a mail that is not about the person, with a table of many attached: a person decides */
        bool only_attached = !facts->document_hit && facts->attached_others > 0;
        if (!only_attached || drop_containers) {
            *others = only_attached ? facts->attached_others : 0;
            return SP_LIST_DROP;
        }
        return SP_LIST_HOLD;
    }
    if (facts->hit && facts->shape != SP_SHAPE_NONE) {
        bool whole = !facts->review && !facts->gap && !facts->gap_accepted;
        if (whole && facts->records_hit > 0 && rest == 0)
            return SP_LIST_DROP;
        if (drop_containers) {
            *others = rest;
            return SP_LIST_DROP;
        }
    }
    return facts->hit || facts->review || facts->gap ? SP_LIST_HOLD : SP_LIST_KEEP;
}

enum sp_err sp_units_new(bool drop_containers, struct sp_units **out, struct sp_why *why)
{
    struct sp_units *units = sp_alloc_zero(sizeof *units);
    if (units == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the table of units");
    units->drop_containers = drop_containers;
    if (getrandom(&units->seed, sizeof units->seed, 0) != (ssize_t)sizeof units->seed) {
        sp_units_free(units);
        return sp_fail(why, SP_ERR_IO, "getrandom failed");
    }
    *out = units;
    return SP_OK;
}

void sp_units_free(struct sp_units *units)
{
    if (units == NULL)
        return;
    while (units->chunk != NULL) {
        struct unit_chunk *before = units->chunk->before;
        sp_free(units->chunk);
        units->chunk = before;
    }
    sp_free(units->entries);
    sp_free(units->slots);
    sp_free(units);
}

static uint64_t units_mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static size_t units_hash(const struct sp_units *units, struct sp_slice name)
{
    uint64_t hash = units_mix(units->seed + name.len);
    for (size_t at = 0; at < name.len; at += sizeof hash) {
        uint64_t word = 0;
        size_t left = name.len - at;
        memcpy(&word, name.ptr + at, left < sizeof word ? left : sizeof word);
        hash = units_mix(hash ^ word);
    }
    return (size_t)hash;
}

static struct sp_slice unit_name(const struct unit_entry *entry)
{
    return (struct sp_slice){entry->bytes, entry->name_len};
}

static struct sp_slice unit_link(const struct unit_entry *entry)
{
    return (struct sp_slice){entry->bytes + entry->name_len, entry->link_len};
}

/* The slot of a name, or the free one where it belongs. */
static uint32_t *units_slot(const struct sp_units *units, struct sp_slice name)
{
    size_t at = units_hash(units, name) & (units->slot_count - 1);
    while (units->slots[at] != 0 &&
           !sp_slice_equal(unit_name(&units->entries[units->slots[at] - 1]), name))
        at = (at + 1) & (units->slot_count - 1);
    return &units->slots[at];
}

static enum sp_err units_no_memory(struct sp_why *why, size_t count)
{
    return sp_fail(why, SP_ERR_NOMEM, "no memory for the names of %zu units", count);
}

/* Room for one more entry, and slots for it. */
static enum sp_err units_grow(struct sp_units *units, struct sp_why *why)
{
    if (units->count < units->cap)
        return SP_OK;
    size_t cap = units->cap == 0 ? 256 : units->cap * 2;
    if (cap > UINT32_MAX / 2)
        return sp_fail(why, SP_ERR_LIMIT, "more than %zu units", units->count);
    struct unit_entry *entries = sp_realloc(units->entries, cap * sizeof *entries);
    if (entries == NULL)
        return units_no_memory(why, cap);
    units->entries = entries;
    uint32_t *slots = sp_alloc_zero(2 * cap * sizeof *slots);
    if (slots == NULL)
        return units_no_memory(why, cap);
    sp_free(units->slots);
    units->slots = slots;
    units->slot_count = 2 * cap;
    units->cap = cap;
    for (size_t i = 0; i < units->count; i++)
        *units_slot(units, unit_name(&units->entries[i])) = (uint32_t)i + 1;
    return SP_OK;
}

/* Name and link, one behind the other. */
static const uint8_t *units_keep(struct sp_units *units, struct sp_slice name, struct sp_slice link,
                                 struct sp_why *why)
{
    size_t len = name.len + link.len;
    if (units->chunk == NULL || units->chunk->size - units->chunk->used < len) {
        size_t size = len > UNITS_CHUNK_BYTES ? len : UNITS_CHUNK_BYTES;
        struct unit_chunk *chunk = sp_alloc(sizeof *chunk + size);
        if (chunk == NULL) {
            (void)units_no_memory(why, units->count + 1);
            return NULL;
        }
        *chunk = (struct unit_chunk){.before = units->chunk, .size = size};
        units->chunk = chunk;
    }
    uint8_t *at = units->chunk->bytes + units->chunk->used;
    units->chunk->used += len;
    if (name.len > 0)
        memcpy(at, name.ptr, name.len);
    if (link.len > 0)
        memcpy(at + name.len, link.ptr, link.len);
    return at;
}

static uint8_t units_ways(const struct sp_units *units, const struct sp_unit_facts *facts,
                          uint64_t *others)
{
    enum sp_list list = sp_unit_judge(facts, units->drop_containers, others);
    if (facts->node == SP_NODE_HARDLINK) /* what it repeats decides, unless it has its own reason */
        return list == SP_LIST_KEEP ? UNIT_LINK : UNIT_LINK | UNIT_HOLD | UNIT_CONTAINER;
    uint8_t ways = (uint8_t)(1U << list);
    if (facts->shape != SP_SHAPE_DOCUMENT && list != SP_LIST_DROP)
        ways |= UNIT_CONTAINER;
    return ways;
}

enum sp_err sp_units_add(struct sp_units *units, struct sp_slice name, struct sp_slice link,
                         const struct sp_unit_facts *facts, struct sp_why *why)
{
    uint64_t others;
    uint8_t ways = units_ways(units, facts, &others);
    if (!(ways & UNIT_LINK))
        link.len = 0;
    if (name.len > UINT32_MAX || link.len > UINT32_MAX)
        return sp_fail(why, SP_ERR_LIMIT, "a unit's name has more than 4 GiB");
    enum sp_err err = units_grow(units, why);
    if (err != SP_OK)
        return err;
    uint32_t *slot = units_slot(units, name);
    if (*slot == 0) {
        const uint8_t *bytes = units_keep(units, name, link, why);
        if (bytes == NULL)
            return SP_ERR_NOMEM;
        units->entries[units->count++] =
            (struct unit_entry){bytes, (uint32_t)name.len, (uint32_t)link.len, others, ways};
        *slot = (uint32_t)units->count;
        return SP_OK;
    }
    struct unit_entry *entry = &units->entries[*slot - 1];
    if ((ways & UNIT_LINK) && !sp_slice_equal(unit_link(entry), link))
        ways |= UNIT_HOLD | UNIT_CONTAINER; /* a link beside another: more than one target */
    entry->ways |= ways;
    entry->others += others;
    return SP_OK;
}

/* All ways of a name, those of the names it links to included. */
static uint8_t units_resolve(const struct sp_units *units, const struct unit_entry *entry)
{
    uint8_t ways = entry->ways;
    for (unsigned i = 0; entry->ways & UNIT_LINK; i++) {
        uint32_t slot = *units_slot(units, unit_link(entry));
        if (slot == 0 || i == UNITS_LINKS_MAX)
            return ways | UNIT_HOLD | UNIT_CONTAINER;
        entry = &units->entries[slot - 1];
        ways |= entry->ways;
    }
    return ways;
}

static enum sp_list units_list(uint8_t ways)
{
    if (ways & UNIT_DROP)
        return ways & UNIT_CONTAINER ? SP_LIST_HOLD : SP_LIST_DROP;
    return ways & UNIT_HOLD ? SP_LIST_HOLD : SP_LIST_KEEP;
}

enum sp_err sp_units_each(struct sp_units *units, bool keeps, sp_unit_out out, void *ctx,
                          struct sp_verdict_sum *sum, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; i < units->count && err == SP_OK; i++) {
        const struct unit_entry *entry = &units->entries[i];
        enum sp_list list = units_list(units_resolve(units, entry));
        list = list == SP_LIST_KEEP && !keeps ? SP_LIST_HOLD : list;
        sum->units[list]++;
        if (list == SP_LIST_DROP)
            sum->records_of_others += entry->others;
        if (out != NULL)
            err = out(ctx, unit_name(entry), list, why);
    }
    return err;
}
