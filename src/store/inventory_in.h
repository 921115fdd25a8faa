/* What the files of the inventory share; nobody else includes it. */
#ifndef SP_STORE_INVENTORY_IN_H
#define SP_STORE_INVENTORY_IN_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/inventory.h"
#include "store/sql.h"
#include "store/statements.h"

enum {
    SP_SEGMENT_ORDINAL_BITS = 20, /* of a segment's number: 2^20 * 4096 findings an object */
    SP_SEGMENT_CONTEXT_BYTES = 12,
    SP_OBJECT_DEPTH_MAX = 256 /* deeper is a loop in a damaged tree */
};

struct sp_inventory {
    char *path;
    pthread_mutex_t lock; /* the writer's: guards all below but next_id and writable */
    struct sp_sql sql;
    struct sp_buf pending; /* struct pending_file: files seen or to be removed, not yet written */
    int lock_fd;           /* of PATH-lock while scans are under way, else -1 */
    unsigned scan_count;   /* scans under way */
    int64_t new_root;      /* of the scan that began last, when no file of it was known; else 0 */
    _Atomic int64_t next_id;
    bool writable;
};

/* The account of one file, or of one member of it (see inventory.h). */
struct sp_top {
    int64_t object;
    int64_t file;            /* the file that it is in; itself for a file */
    struct sp_top *up;       /* account of that file, of which this is one part; NULL for a file */
    atomic_uint outstanding; /* parts not flushed yet */
    atomic_int told;     /* enum sp_state of the file's own ended row; OPEN until there is one */
    atomic_bool dropped; /* a part of it was given up: it stays OPEN */
    atomic_bool touched; /* it has objects below it or unread records */
    unsigned flushing;   /* parts in the flush under way; guarded by the writer's lock */
};

/* What sealed values are bound to: their object and the ordinal of their segment. */
void sp_segment_context(int64_t object_id, uint32_t ordinal, uint8_t out[SP_SEGMENT_CONTEXT_BYTES]);

/* One part less; frees the top when none is left. */
void sp_top_release(struct sp_top *top);
/* There are objects or unread records in it. */
void sp_top_touch(struct sp_top *top);
/* With the lock held, in a transaction: writes the final state of a top whose last part is in
 * this flush. */
enum sp_err sp_top_finish(struct sp_inventory *inventory, const struct sp_top *top,
                          struct sp_why *why);

/* With the lock held: begins a transaction and writes what is pending. */
enum sp_err sp_inventory_write_begin(struct sp_inventory *inventory, struct sp_why *why);
/* Commits, or rolls back when `err` (of the work in between) or the commit is a failure; gives
 * the first failure. */
enum sp_err sp_inventory_write_end(struct sp_inventory *inventory, enum sp_err err,
                                   struct sp_why *why);
/* In a transaction: removes a file with all objects, segments and unread records in it. */
enum sp_err sp_inventory_remove_top(struct sp_inventory *inventory, int64_t top,
                                    struct sp_why *why);
/* In a transaction: writes the files that sp_inventory_reuse found seen or outdated. */
enum sp_err sp_inventory_write_pending(struct sp_inventory *inventory, struct sp_why *why);

#endif
