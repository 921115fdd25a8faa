/* Writing a batch: one transaction, all of it or nothing. */
#include "store/batch_in.h"

#include <assert.h>

enum {
    FLUSH_KEEP_BYTES = 16 * 1024 * 1024
}; /* memory of an uncommonly large batch is given back */

/* Binds and runs one packed row. Our own bytes: a failing read is a bug of ours. */
static enum sp_err flush_row(struct sp_stmt *stmt, struct sp_reader *row, const char *kinds,
                             struct sp_why *why)
{
    for (int at = 1; kinds[at - 1]; at++) {
        switch (kinds[at - 1]) {
        case 'i':
            sp_stmt_u64(stmt, at, sp_reader_varint(row));
            break;
        case 'o':
            if (sp_reader_varint(row))
                sp_stmt_u64(stmt, at, sp_reader_varint(row));
            else
                sp_stmt_null(stmt, at);
            break;
        case 'b':
            sp_stmt_blob(stmt, at, sp_reader_slice(row));
            break;
        case 'B':
            sp_stmt_blob_or_null(stmt, at, sp_reader_slice(row));
            break;
        default:
            sp_stmt_text_or_null(stmt, at, sp_reader_slice(row));
            break;
        }
    }
    assert(!row->failed);
    return sp_stmt_run(stmt, why);
}

static enum sp_err flush_objects(struct sp_batch *batch, struct sp_why *why)
{
    struct sp_sql *sql = &batch->inventory->sql;
    struct sp_stmt begun, ended = {.raw = NULL};
    enum sp_err err = sp_sql_take(sql, SP_STMT_OBJECT_BEGUN, &begun, why);

    if (!err)
        err = sp_sql_take(sql, SP_STMT_OBJECT_ENDED, &ended, why);
    for (size_t i = 0; i < batch->entry_count && !err; i++) {
        const struct batch_object *entry = &batch->entries[i];
        struct sp_reader row;

        sp_reader_init(&row, (struct sp_slice){batch->objects.data + entry->at,
                                               batch->objects.len - entry->at});
        err = flush_row(entry->ended ? &ended : &begun, &row, BATCH_OBJECT_KINDS, why);
    }
    sp_sql_give(&begun);
    sp_sql_give(&ended);
    return err;
}

static enum sp_err flush_rows(struct sp_batch *batch, const struct sp_buf *rows,
                              enum sp_statement number, const char *kinds, struct sp_why *why)
{
    struct sp_reader reader;
    struct sp_stmt stmt;
    enum sp_err err;

    if (!rows->len)
        return SP_OK;
    err = sp_sql_take(&batch->inventory->sql, number, &stmt, why);
    sp_reader_init(&reader, sp_buf_slice(rows));
    while (!err && reader.left)
        err = flush_row(&stmt, &reader, kinds, why);
    sp_sql_give(&stmt);
    return err;
}

/* A top whose outstanding parts are all in this batch is finished, and with it one part of the top
 * that it is in. Others can add no part then: only who reads a part does that, and his own is
 * outstanding. */
static enum sp_err flush_tops(struct sp_batch *batch, struct sp_why *why)
{
    enum sp_err err = SP_OK;

    for (size_t i = 0; i < batch->part_count && !err; i++) {
        for (struct sp_top *top = batch->parts[i]; top && !err; top = top->up) {
            top->flushing++;
            if (top->flushing != atomic_load(&top->outstanding))
                break;
            err = sp_top_finish(batch->inventory, top, why);
        }
    }
    for (size_t i = 0; i < batch->part_count; i++) {
        for (struct sp_top *top = batch->parts[i]; top; top = top->up)
            top->flushing = 0;
    }
    return err;
}

static enum sp_err flush_all(struct sp_batch *batch, struct sp_why *why)
{
    enum sp_err err = flush_objects(batch, why);

    if (!err)
        err = flush_rows(batch, &batch->segments, SP_STMT_SEGMENT_PUT, BATCH_SEGMENT_KINDS, why);
    if (!err)
        err = flush_rows(batch, &batch->unread, SP_STMT_UNREAD_PUT, BATCH_UNREAD_KINDS, why);
    if (!err)
        err = flush_tops(batch, why);
    return err;
}

static void flush_reset_rows(struct sp_buf *rows)
{
    if (rows->cap > FLUSH_KEEP_BYTES)
        sp_buf_clear(rows);
    else
        sp_buf_reset(rows);
}

/* After the commit: the rows are in the inventory, the memory is kept for the next ones. */
static void flush_reset(struct sp_batch *batch)
{
    for (size_t i = 0; i < batch->part_count; i++)
        sp_top_release(batch->parts[i]);
    batch->part_count = 0;
    batch->entry_count = 0;
    if (batch->index_len)
        memset(batch->index, 0, batch->index_len * sizeof *batch->index);
    flush_reset_rows(&batch->objects);
    flush_reset_rows(&batch->segments);
    flush_reset_rows(&batch->unread);
}

enum sp_err sp_batch_flush(struct sp_batch *batch, struct sp_why *why)
{
    struct sp_inventory *inventory = batch->inventory;
    enum sp_err err;

    if (!batch->entry_count && !batch->part_count && !batch->segments.len && !batch->unread.len)
        return SP_OK;
    pthread_mutex_lock(&inventory->lock);
    err = sp_inventory_write_begin(inventory, why);
    if (!err)
        err = sp_inventory_write_end(inventory, flush_all(batch, why), why);
    if (!err)
        flush_reset(batch);
    pthread_mutex_unlock(&inventory->lock);
    return err;
}
