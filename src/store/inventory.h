/* The inventory: SQLite, WAL, 0600, no clear value. Objects form a tree; findings are packed in
 * segments; what was not read has a row of its own. One writer (a lock inside), many lanes that
 * fill batches without a lock. */
#ifndef SP_STORE_INVENTORY_H
#define SP_STORE_INVENTORY_H

#include "base/buf.h"
#include "core/object.h"
#include "speur/patterns.h"
#include "store/register.h"
#include "store/segment.h"

enum { SP_INVENTORY_VERSION = 2 }; /* user_version of the schema; application_id "SPEU" */

struct sp_inventory;

/* create: makes the file (0600, parent directories 0700) when missing. SP_ERR_NOINPUT: no such
 * file. SP_ERR_ALTERED: no inventory of ours, or damaged. SP_ERR_CONFIG: made by a newer speur.
 * SP_ERR_KEY: readable by others. Older schemas are migrated when opened for writing. */
enum sp_err sp_inventory_open(const char *path, bool create, struct sp_inventory **out,
                              struct sp_why *why);
void sp_inventory_close(struct sp_inventory *inventory);

/* ---- scans ------------------------------------------------------------------------------- */
struct sp_scan_info {
    const char *root;            /* absolute path as given, or "-" */
    bool root_is_tree;           /* a directory (false: one file, or standard input) */
    int64_t started_s;           /* seconds since 1970 */
    const char *patterns_digest; /* of all else that decides what is found */
    const char *names_digest;    /* of the names that are looked for; NULL: none */
    const char *key_ids;         /* of the keys that tokens are made with, newest first */
    const char *version;         /* of speur */
    const char *sandbox;         /* level of containment in force */
    bool keep_values;
    uint64_t types_searched; /* bit i: type i was looked for */
};
/* Finds or makes the root and begins a scan of it. SP_ERR_IO: another process is scanning into
 * this inventory (a lock on PATH-lock beside it, held until the scan ends or the process dies). */
enum sp_err sp_inventory_scan_begin(struct sp_inventory *, const struct sp_scan_info *,
                                    int64_t *root_id, int64_t *scan_id, struct sp_why *);
/* Ends it. complete: the walk reached its end, so that what was not seen is gone: objects of the
 * root not seen by this scan are removed with their findings. */
enum sp_err sp_inventory_scan_end(struct sp_inventory *, int64_t root_id, int64_t scan_id,
                                  int64_t ended_s, bool complete, struct sp_why *);

/* Remembers the register's head. SP_ERR_KEY: it has not grown from the one that the last check with
 * this inventory has seen: it was rolled back, perhaps by the restore itself. */
enum sp_err sp_inventory_see_register(struct sp_inventory *, const struct sp_register *,
                                      struct sp_why *);

/* ---- objects ----------------------------------------------------------------------------- */
struct sp_stat_id { /* identity of a file: unchanged = all equal */
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
};

struct sp_object_row {
    int64_t id; /* from sp_inventory_new_id */
    int64_t root_id;
    int64_t scan_id;
    int64_t parent;   /* 0: hangs below the root */
    int64_t unit;     /* id of the restore unit it belongs to (itself for a unit), 0 above units */
    uint64_t ordinal; /* below its parent */
    unsigned depth;
    enum sp_step step;
    enum sp_node node;
    enum sp_state state;
    enum sp_shape shape;
    struct sp_slice name; /* raw bytes */
    struct sp_slice part;
    struct sp_slice link;
    const char *format;   /* or NULL */
    const char *encoding; /* or NULL */
    uint64_t size;        /* claimed or stat; SP_SIZE_UNKNOWN */
    uint64_t bytes_read;
    uint64_t record_count;
    int64_t mtime_s;               /* INT64_MIN unknown */
    const struct sp_stat_id *stat; /* files only, else NULL */
    struct sp_slice owner, group;
    uint32_t mode;
    struct sp_top *account; /* writing: the account whose object this is, which decides when its
                             * state is final; NULL: the batch's, when it is of this object */
    int64_t first_seen_s;   /* start of the scan that read it as it is; told when reading only */
};

int64_t sp_inventory_new_id(struct sp_inventory *inventory); /* thread-safe, never 0 */

/* A file to go on with. */
struct sp_resume {
    int64_t object;      /* the file's; 0: none, read it from the beginning */
    struct sp_buf spans; /* struct sp_span[] (core/plan.h): ordinals of its finished members */
};

/* What is known of a file from an earlier scan: its whole subtree is finished (not OPEN),
 * nothing about it changed (same stat and patterns digest; who read it looked for the same names,
 * or this scan looks for none; values kept when this scan keeps them; tokens under every key that
 * this scan has), and whatever was not read in it would not be read now either (encrypted, corrupt,
 * a limit …; but not permission, timeout and the like). When so, it counts as seen by this scan and
 * *reused is true: it need not be read. When not, its old subtree is removed, in the same
 * transaction as the next rows. `stat` NULL: never reused (a scan that begins afresh). A file that
 * is unchanged but was not finished may have finished members: when `resume` is not NULL and there
 * are some, resume->object is set, they stay, and the rest of it is removed at once. The file is
 * then read as that object, without those members. Thread-safe. */
struct sp_file_ask {
    int64_t root_id, scan_id;
    struct sp_slice name;
    const struct sp_stat_id *stat; /* as it is now */
};
enum sp_err sp_inventory_reuse(struct sp_inventory *, const struct sp_file_ask *, bool *reused,
                               struct sp_resume *, struct sp_why *);

/* ---- writing, in batches ------------------------------------------------------------------
 * A batch is filled by one thread. Nothing is visible before the flush, which writes all in one
 * transaction. Tops: a file and everything in it is finished only when every part of it, also
 * those that other lanes read, has been flushed. */
struct sp_batch;
struct sp_top; /* account of one file whose parts several lanes read */

enum sp_err sp_batch_new(struct sp_inventory *, const struct sp_key *, bool keep_values,
                         struct sp_batch **out, struct sp_why *);
void sp_batch_free(struct sp_batch *batch);
/* A new top with one part outstanding. `top_object` stays OPEN until all parts are flushed. */
enum sp_err sp_top_new(int64_t top_object, struct sp_top **out, struct sp_why *why);
/* The same for an object directly below the file whose account is `file`, of which it is one part:
 * the member stays OPEN until all of its own parts are flushed. Who resumes reading the file trusts
 * members that are not OPEN, all that lies in them included. */
enum sp_err sp_top_new_member(int64_t member, struct sp_top *file, struct sp_top **out,
                              struct sp_why *why);
bool sp_top_is_file(const struct sp_top *top); /* false: of a member */
/* One more part will be read by somebody (call before handing it out). Thread-safe. */
void sp_top_add_part(struct sp_top *top);
/* A part that nobody will read after all (the scan ends early): the top stays OPEN and is read
 * again by the next scan. Frees the top when no part is outstanding. Thread-safe. */
void sp_top_drop_part(struct sp_top *top);
/* From now on the rows put into this batch belong to this top (NULL: to none; then every row must
 * be a file of the tree, with all of it in this batch). Needed before the first row of a part. */
void sp_batch_set_top(struct sp_batch *, struct sp_top *);
/* This batch holds the last rows of one part; the batch's top is none afterwards. When the flush
 * finds none outstanding, it writes the top's final state (as told by its ended row; but PARTIAL
 * when an object below it is open or partial, or anything in it has an unread record of class gap)
 * and frees it. On failure the part is still outstanding. */
enum sp_err sp_batch_part_done(struct sp_batch *, struct sp_top *, struct sp_why *);
/* Copies the row. An object may be put twice: begun (OPEN), then ended; an ended row replaces, a
 * begun one never does, so that their batches may be flushed in any order. */
enum sp_err sp_batch_object(struct sp_batch *, const struct sp_object_row *, struct sp_why *);
/* Encodes the segment (values sealed), which may be reused afterwards; ordinal counts the
 * segments of the object from 1. */
enum sp_err sp_batch_segment(struct sp_batch *, int64_t object_id, uint32_t ordinal,
                             struct sp_segment *, struct sp_why *);
enum sp_err sp_batch_unread(struct sp_batch *, int64_t object_id, const struct sp_unread *,
                            struct sp_why *);
size_t sp_batch_bytes(const struct sp_batch *); /* memory held: lanes flush at 4 MiB or 1 s */
size_t sp_batch_objects(const struct sp_batch *);
/* Takes the writer's lock. On failure the batch is kept and the inventory as it was. */
enum sp_err sp_batch_flush(struct sp_batch *, struct sp_why *);

/* ---- reading ------------------------------------------------------------------------------
 * By one thread at a time, after the batches were flushed. Calls may nest. Numbers that were
 * damaged give SP_ERR_ALTERED. */
struct sp_root_row {
    int64_t id;
    char *path; /* owned by the list */
    bool is_tree;
    bool complete; /* the last scan reached its end */
    int64_t last_scan, started_s, ended_s;
    char patterns_digest[33];
    char names_digest[33];         /* empty: none were looked for */
    char key_ids[SP_KEY_IDS_SIZE]; /* of the keys that each of its values has tokens of */
    uint64_t types_searched;
    bool keep_values;
};
enum sp_err sp_inventory_roots(struct sp_inventory *, struct sp_root_row **out, size_t *count,
                               struct sp_why *);
void sp_root_rows_free(struct sp_root_row *rows, size_t count);

/* Depth-first, deterministic: files by name (bytes), children by (ordinal, name). `row` and all
 * its slices are borrowed for the call. `depth` counts from 0 for objects below the root. Called
 * once per object; the callback may read the object's segments and unread rows. */
typedef enum sp_err (*sp_object_out)(void *ctx, const struct sp_object_row *row,
                                     struct sp_why *why);
enum sp_err sp_inventory_each_object(struct sp_inventory *, int64_t root_id, sp_object_out out,
                                     void *ctx, struct sp_why *why);
/* Segments of one object, in order; values are opened when `key` is given and they were kept. */
typedef enum sp_err (*sp_segment_row_out)(void *ctx, int64_t object_id,
                                          const struct sp_segment_view *view, struct sp_why *why);
enum sp_err sp_inventory_each_segment(struct sp_inventory *, int64_t object_id,
                                      const struct sp_key *key, sp_segment_row_out out, void *ctx,
                                      struct sp_why *why);
/* All segments of a root, in storage order: the fast path of a check (tokens only; the other
 * blobs of the view are empty). */
enum sp_err sp_inventory_each_token_segment(struct sp_inventory *, int64_t root_id,
                                            sp_segment_row_out out, void *ctx, struct sp_why *why);
typedef enum sp_err (*sp_unread_out)(void *ctx, int64_t object_id, const struct sp_unread *unread,
                                     struct sp_why *why);
/* object_id 0: of the whole root. */
enum sp_err sp_inventory_each_unread(struct sp_inventory *, int64_t root_id, int64_t object_id,
                                     sp_unread_out out, void *ctx, struct sp_why *why);

struct sp_coverage {
    uint64_t objects, objects_read, objects_partial, objects_skipped, objects_open;
    uint64_t bytes_read;                 /* of the files themselves, not again of what is in them */
    uint64_t findings[SP_TYPE_COUNT][4]; /* by type and confidence */
    uint64_t unread[SP_REASON_COUNT];    /* unread records by reason */
    uint64_t objects_unread_gap;         /* objects with at least one gap */
};
enum sp_err sp_inventory_coverage(struct sp_inventory *, int64_t root_id, struct sp_coverage *out,
                                  struct sp_why *why);

#endif
