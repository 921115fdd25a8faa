#include "core/intern.h"

#include "base/mem.h"

enum { INTERN_CHUNK_BYTES = 64 * 1024, INTERN_SLOTS_FIRST = 256 };

struct intern_chunk {
    struct intern_chunk *next;
    size_t used, size; /* bytes of data */
    uint8_t data[];
};

struct sp_intern {
    struct intern_chunk *chunks; /* newest first */
    struct sp_slice *slots;      /* open addressing; empty: ptr NULL */
    size_t slot_count;           /* power of two */
    size_t count;                /* slots in use, at most half */
    size_t bytes;                /* kept */
};

enum sp_err sp_intern_new(struct sp_intern **out, struct sp_why *why)
{
    struct sp_intern *intern = sp_alloc_zero(sizeof *intern);
    struct sp_slice *slots = sp_alloc_zero(INTERN_SLOTS_FIRST * sizeof *slots);
    if (intern == NULL || slots == NULL) {
        sp_free(intern);
        sp_free(slots);
        return sp_fail(why, SP_ERR_NOMEM, "no memory for names");
    }
    intern->slots = slots;
    intern->slot_count = INTERN_SLOTS_FIRST;
    *out = intern;
    return SP_OK;
}

static void intern_free_chunks(struct intern_chunk *chunk)
{
    while (chunk != NULL) {
        struct intern_chunk *next = chunk->next;
        sp_free(chunk);
        chunk = next;
    }
}

void sp_intern_free(struct sp_intern *intern)
{
    if (intern == NULL)
        return;
    intern_free_chunks(intern->chunks);
    sp_free(intern->slots);
    sp_free(intern);
}

/* Eight bytes at a time, the last ones once more: short strings, and no adversary gains more than a
 * slow table of bounded size. */
static uint64_t intern_hash(struct sp_slice text)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = text.len * factor, word = 0;
    for (size_t at = 0; text.len - at > sizeof word; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    if (text.len >= sizeof word) {
        memcpy(&word, text.ptr + text.len - sizeof word, sizeof word);
    } else {
        for (size_t i = 0; i < text.len; i++)
            word = word << 8 | text.ptr[i];
    }
    hash = (hash ^ word) * factor;
    return hash ^ hash >> 32;
}

/* The slot that holds text, or the empty one where it belongs. */
static struct sp_slice *intern_slot(struct sp_slice *slots, size_t slot_count, struct sp_slice text)
{
    size_t index = (size_t)intern_hash(text) & (slot_count - 1);
    while (slots[index].ptr != NULL && !sp_slice_equal(slots[index], text))
        index = (index + 1) & (slot_count - 1);
    return &slots[index];
}

static enum sp_err intern_grow(struct sp_intern *intern, struct sp_why *why)
{
    size_t slot_count = intern->slot_count * 2;
    struct sp_slice *slots = sp_alloc_zero(slot_count * sizeof *slots);
    if (slots == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for names");
    for (size_t i = 0; i < intern->slot_count; i++)
        if (intern->slots[i].ptr != NULL)
            *intern_slot(slots, slot_count, intern->slots[i]) = intern->slots[i];
    sp_free(intern->slots);
    intern->slots = slots;
    intern->slot_count = slot_count;
    return SP_OK;
}

static enum sp_err intern_copy(struct sp_intern *intern, struct sp_slice text, struct sp_slice *out,
                               struct sp_why *why)
{
    struct intern_chunk *chunk = intern->chunks;
    if (chunk == NULL || chunk->size - chunk->used < text.len) {
        size_t size = text.len > INTERN_CHUNK_BYTES ? text.len : INTERN_CHUNK_BYTES;
        chunk = sp_alloc(sizeof *chunk + size);
        if (chunk == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for names");
        chunk->next = intern->chunks;
        chunk->used = 0;
        chunk->size = size;
        intern->chunks = chunk;
    }
    memcpy(chunk->data + chunk->used, text.ptr, text.len);
    *out = (struct sp_slice){chunk->data + chunk->used, text.len};
    chunk->used += text.len;
    intern->bytes += text.len + sizeof *intern->slots;
    return SP_OK;
}

enum sp_err sp_intern_put(struct sp_intern *intern, struct sp_slice text, struct sp_slice *out,
                          struct sp_why *why)
{
    *out = (struct sp_slice){NULL, 0};
    if (text.len == 0)
        return SP_OK;
    enum sp_err err = intern->count * 2 >= intern->slot_count ? intern_grow(intern, why) : SP_OK;
    if (err != SP_OK)
        return err;
    struct sp_slice *slot = intern_slot(intern->slots, intern->slot_count, text);
    if (slot->ptr == NULL) {
        err = intern_copy(intern, text, slot, why);
        if (err != SP_OK)
            return err;
        intern->count++;
    }
    *out = *slot;
    return SP_OK;
}

size_t sp_intern_bytes(const struct sp_intern *intern)
{
    return intern->bytes;
}

void sp_intern_reset(struct sp_intern *intern)
{
    if (intern->count == 0)
        return;
    if (intern->chunks != NULL) {
        intern_free_chunks(intern->chunks->next);
        intern->chunks->next = NULL;
        intern->chunks->used = 0;
    }
    memset(intern->slots, 0, intern->slot_count * sizeof *intern->slots);
    intern->count = 0;
    intern->bytes = 0;
}
