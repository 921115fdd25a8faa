/* Filling a batch: rows are packed into memory, so that no lane waits for the database. */
#include "store/batch_in.h"

#include <assert.h>

#include "base/mem.h"

enum {
    BATCH_BUF_MAX = 1024 * 1024 * 1024, /* bytes; lanes flush at 4 MiB, one object may be larger */
    BATCH_ENTRIES_MIN = 64,
    BATCH_INDEX_MIN = 256
};

enum sp_err sp_batch_new(struct sp_inventory *inventory, const struct sp_key *key, bool keep_values,
                         struct sp_batch **out, struct sp_why *why)
{
    struct sp_batch *batch = sp_alloc_zero(sizeof *batch);

    if (!batch)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a batch");
    batch->inventory = inventory;
    batch->key = key;
    batch->keep_values = keep_values;
    sp_buf_init(&batch->objects, BATCH_BUF_MAX);
    sp_buf_init(&batch->segments, BATCH_BUF_MAX);
    sp_buf_init(&batch->unread, BATCH_BUF_MAX);
    sp_buf_init(&batch->scratch, BATCH_BUF_MAX);
    *out = batch;
    return SP_OK;
}

void sp_batch_free(struct sp_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->part_count; i++) /* never written: these files stay open */
        sp_top_drop_part(batch->parts[i]);
    sp_buf_clear(&batch->objects);
    sp_buf_clear(&batch->segments);
    sp_buf_clear(&batch->unread);
    sp_buf_clear(&batch->scratch);
    sp_free(batch->entries);
    sp_free(batch->index);
    sp_free(batch->parts);
    sp_free(batch);
}

size_t sp_batch_bytes(const struct sp_batch *batch)
{
    return batch->objects.len + batch->segments.len + batch->unread.len +
           batch->entry_count * sizeof *batch->entries + batch->index_len * sizeof *batch->index;
}

size_t sp_batch_objects(const struct sp_batch *batch)
{
    return batch->entry_count;
}

void sp_batch_set_top(struct sp_batch *batch, struct sp_top *top)
{
    batch->top = top;
}

/* Makes room for one more element of `size` bytes. */
static enum sp_err batch_grow(void **items, size_t count, size_t *cap, size_t size,
                              struct sp_why *why)
{
    size_t more = *cap ? *cap * 2 : BATCH_ENTRIES_MIN;
    void *grown;

    if (count < *cap)
        return SP_OK;
    grown = sp_realloc(*items, more * size);
    if (!grown)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a batch of %zu rows", more);
    *items = grown;
    *cap = more;
    return SP_OK;
}

enum sp_err sp_batch_part_done(struct sp_batch *batch, struct sp_top *top, struct sp_why *why)
{
    void *parts = batch->parts;
    enum sp_err err =
        batch_grow(&parts, batch->part_count, &batch->part_cap, sizeof(struct sp_top *), why);

    batch->parts = parts;
    if (err)
        return err;
    batch->parts[batch->part_count++] = top;
    batch->top = NULL;
    return SP_OK;
}

/* ---- which objects are here ---------------------------------------------------------------- */

static size_t batch_slot(const struct sp_batch *batch, int64_t id)
{
    uint64_t hash = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15);

    return (size_t)(hash >> 32) & (batch->index_len - 1);
}

/* The entry of the object, or NULL. */
static struct batch_object *batch_find(const struct sp_batch *batch, int64_t id)
{
    if (!batch->index_len)
        return NULL;
    for (size_t slot = batch_slot(batch, id); batch->index[slot];
         slot = (slot + 1) & (batch->index_len - 1)) {
        struct batch_object *entry = &batch->entries[batch->index[slot] - 1];

        if (entry->id == id)
            return entry;
    }
    return NULL;
}

static void batch_index(struct sp_batch *batch, size_t entry)
{
    size_t slot = batch_slot(batch, batch->entries[entry].id);

    while (batch->index[slot])
        slot = (slot + 1) & (batch->index_len - 1);
    batch->index[slot] = (uint32_t)entry + 1;
}

/* Makes room in the index for one more entry. */
static enum sp_err batch_grow_index(struct sp_batch *batch, struct sp_why *why)
{
    size_t len = batch->index_len ? batch->index_len * 2 : BATCH_INDEX_MIN;
    uint32_t *grown;

    if ((batch->entry_count + 1) * 2 < batch->index_len)
        return SP_OK;
    grown = sp_alloc_zero(len * sizeof *grown);
    if (!grown)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a batch of %zu objects",
                       batch->entry_count);
    sp_free(batch->index);
    batch->index = grown;
    batch->index_len = len;
    for (size_t i = 0; i < batch->entry_count; i++)
        batch_index(batch, i);
    return SP_OK;
}

/* A new entry, its packed row standing at the end of `objects` later. */
static enum sp_err batch_add_entry(struct sp_batch *batch, int64_t id, struct batch_object **out,
                                   struct sp_why *why)
{
    void *entries = batch->entries;
    enum sp_err err = batch_grow_index(batch, why);

    if (!err)
        err = batch_grow(&entries, batch->entry_count, &batch->entry_cap, sizeof *batch->entries,
                         why);
    batch->entries = entries;
    if (err)
        return err;
    batch->entries[batch->entry_count] = (struct batch_object){.id = id};
    batch_index(batch, batch->entry_count);
    *out = &batch->entries[batch->entry_count++];
    return SP_OK;
}

/* ---- packing ------------------------------------------------------------------------------- */

/* Packs until something fails; the failure is kept. */
struct batch_packer {
    struct sp_buf *out;
    struct sp_why *why;
    size_t begin; /* where the row begins in `out` */
    enum sp_err err;
};

static struct batch_packer pack_begin(struct sp_buf *out, struct sp_why *why)
{
    return (struct batch_packer){.out = out, .why = why, .begin = out->len};
}

/* Removes the half-packed row after a failure. */
static enum sp_err pack_end(struct batch_packer *packer)
{
    if (packer->err)
        packer->out->len = packer->begin;
    return packer->err;
}

static void pack_u64(struct batch_packer *packer, uint64_t value)
{
    if (!packer->err)
        packer->err = sp_buf_append_varint(packer->out, value, packer->why);
}

static void pack_int(struct batch_packer *packer, int64_t value)
{
    pack_u64(packer, (uint64_t)value);
}

static void pack_optional(struct batch_packer *packer, bool known, uint64_t value)
{
    pack_u64(packer, known);
    if (known)
        pack_u64(packer, value);
}

static void pack_slice(struct batch_packer *packer, struct sp_slice value)
{
    if (!packer->err)
        packer->err = sp_buf_append_slice(packer->out, value, packer->why);
}

/* In the order of the columns in statements.c. */
static enum sp_err batch_pack_object(struct sp_batch *batch, const struct sp_object_row *row,
                                     int64_t top, enum sp_state state, struct sp_why *why)
{
    static const struct sp_stat_id no_stat;
    const struct sp_stat_id *stat = row->stat ? row->stat : &no_stat;
    struct batch_packer packer = pack_begin(&batch->objects, why);

    pack_int(&packer, row->id);
    pack_int(&packer, row->root_id);
    pack_int(&packer, row->scan_id);
    pack_int(&packer, top);
    pack_int(&packer, row->parent);
    pack_int(&packer, row->unit);
    pack_u64(&packer, row->ordinal);
    pack_u64(&packer, row->depth);
    pack_u64(&packer, row->step);
    pack_u64(&packer, row->node);
    pack_u64(&packer, state);
    pack_u64(&packer, row->shape);
    pack_slice(&packer, row->name);
    pack_slice(&packer, row->part);
    pack_slice(&packer, row->link);
    pack_slice(&packer, sp_slice_of(row->format));
    pack_slice(&packer, sp_slice_of(row->encoding));
    pack_optional(&packer, row->size != SP_SIZE_UNKNOWN, row->size);
    pack_u64(&packer, row->bytes_read);
    pack_u64(&packer, row->record_count);
    pack_optional(&packer, row->mtime_s != INT64_MIN, (uint64_t)row->mtime_s);
    pack_slice(&packer, row->owner);
    pack_slice(&packer, row->group);
    pack_u64(&packer, row->mode);
    pack_optional(&packer, row->stat != NULL, stat->dev);
    pack_optional(&packer, row->stat != NULL, stat->ino);
    pack_optional(&packer, row->stat != NULL, stat->size);
    pack_optional(&packer, row->stat != NULL, (uint64_t)stat->mtime_ns);
    pack_optional(&packer, row->stat != NULL, (uint64_t)stat->ctime_ns);
    return pack_end(&packer);
}

enum sp_err sp_batch_object(struct sp_batch *batch, const struct sp_object_row *row,
                            struct sp_why *why)
{
    bool ended = row->state != SP_STATE_OPEN;
    bool is_top = row->account || (batch->top && batch->top->object == row->id);
    struct sp_top *account = row->account ? row->account : batch->top;
    struct batch_object *entry = batch_find(batch, row->id);
    size_t at = batch->objects.len;
    enum sp_err err;

    assert(row->id > 0);
    assert(row->parent == 0 || batch->top); /* whose file is it in? */
    if (entry && !ended)
        return SP_OK; /* a begun row says nothing more than what is there */
    err = batch_pack_object(batch, row, row->parent == 0 ? row->id : batch->top->file,
                            is_top ? SP_STATE_OPEN : row->state, why);
    if (!err && !entry)
        err = batch_add_entry(batch, row->id, &entry, why);
    if (err) {
        batch->objects.len = at;
        return err;
    }
    entry->at = at;
    entry->ended = ended;
    if (is_top && ended)
        atomic_store(&account->told, (int)row->state);
    if (row->parent != 0)
        sp_top_touch(batch->top);
    return SP_OK;
}

/* ---- segments and unread ------------------------------------------------------------------- */

void sp_segment_context(int64_t object_id, uint32_t ordinal, uint8_t out[SP_SEGMENT_CONTEXT_BYTES])
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)object_id >> (8 * i));
    for (unsigned i = 0; i < 4; i++)
        out[8 + i] = (uint8_t)(ordinal >> (8 * i));
}

/* Seals the values into batch->scratch, bound to the place where they belong. */
static enum sp_err batch_seal(struct sp_batch *batch, int64_t object_id, uint32_t ordinal,
                              const struct sp_segment *segment, struct sp_why *why)
{
    uint8_t context[SP_SEGMENT_CONTEXT_BYTES];

    sp_segment_context(object_id, ordinal, context);
    return sp_seal_values(batch->key, sp_buf_slice(&segment->values),
                          (struct sp_slice){context, sizeof context}, &batch->scratch, why);
}

enum sp_err sp_batch_segment(struct sp_batch *batch, int64_t object_id, uint32_t ordinal,
                             struct sp_segment *segment, struct sp_why *why)
{
    struct batch_packer packer = pack_begin(&batch->segments, why);
    struct sp_slice counts, sealed = {NULL, 0};
    size_t counts_len;
    enum sp_err err;

    assert(object_id > 0 && ordinal >= 1 && ordinal < 1u << SP_SEGMENT_ORDINAL_BITS);
    sp_buf_reset(&batch->scratch);
    err = sp_segment_counts(segment, &batch->scratch, why);
    counts_len = batch->scratch.len;
    if (!err && batch->keep_values)
        err = batch_seal(batch, object_id, ordinal, segment, why);
    if (err)
        return err;
    counts = (struct sp_slice){batch->scratch.data, counts_len};
    if (batch->keep_values)
        sealed =
            (struct sp_slice){batch->scratch.data + counts_len, batch->scratch.len - counts_len};
    pack_int(&packer, (object_id << SP_SEGMENT_ORDINAL_BITS) | (int64_t)ordinal);
    pack_u64(&packer, segment->finding_count);
    pack_u64(&packer, segment->token_count);
    pack_slice(&packer, counts);
    pack_slice(&packer, sp_buf_slice(&segment->tokens));
    pack_slice(&packer, sp_buf_slice(&segment->findings));
    pack_slice(&packer, sp_buf_slice(&segment->records));
    pack_slice(&packer, sp_buf_slice(&segment->strings));
    pack_slice(&packer, sealed);
    return pack_end(&packer);
}

enum sp_err sp_batch_unread(struct sp_batch *batch, int64_t object_id,
                            const struct sp_unread *unread, struct sp_why *why)
{
    struct batch_packer packer = pack_begin(&batch->unread, why);
    enum sp_err err;

    pack_int(&packer, batch->top ? batch->top->file : object_id);
    pack_int(&packer, object_id);
    pack_u64(&packer, unread->reason);
    pack_slice(&packer, (struct sp_slice){(const uint8_t *)unread->detail,
                                          strnlen(unread->detail, sizeof unread->detail)});
    pack_optional(&packer, unread->bytes_read != SP_SIZE_UNKNOWN, unread->bytes_read);
    pack_optional(&packer, unread->bytes_expected != SP_SIZE_UNKNOWN, unread->bytes_expected);
    pack_u64(&packer, unread->partial);
    pack_u64(&packer, unread->fallback);
    err = pack_end(&packer);
    if (!err)
        sp_top_touch(batch->top);
    return err;
}
