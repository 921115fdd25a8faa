/* A scan of one root: walks it, opens everything, finds what is in it and writes the inventory. */
#ifndef SP_SCAN_SCAN_H
#define SP_SCAN_SCAN_H

#include "core/budget.h"
#include "scan/copier.h"
#include "scan/name_set.h"
#include "store/inventory.h"
#include "worker/lockdown.h"

#include <stdatomic.h>

/* Running counts for whoever shows them; written by lanes, read at any time. */
struct sp_progress {
    _Atomic uint64_t bytes_total; /* as far as counted; see sp_scan_count */
    _Atomic uint64_t files_total;
    _Atomic bool counted; /* the totals are final */
    _Atomic uint64_t bytes_done, files_done, objects_done;
    _Atomic uint64_t findings; /* medium and high */
    _Atomic uint64_t unread;   /* gaps */
};

enum { SP_SNAPSHOT_ID_MAX = 128 };

struct sp_scan_options {
    struct sp_inventory *inventory; /* borrowed, all of these */
    const struct sp_key *key;       /* the ring: tokens are made under each of its keys */
    const struct sp_patterns *patterns;
    struct sp_name_set *names; /* of people who are looked for; NULL: names are not looked for */
    enum sp_region region;
    struct sp_limits limits;
    unsigned threads; /* 0: one for each processor */
    bool keep_values;
    bool mask_hint; /* false: --no-mask-hint, everything masked */
    bool one_file_system;
    bool fresh;                  /* read again what is known and unchanged */
    const char *snapshot_id;     /* declared name of what is scanned, which never changes; a whole
                                  * scan under that name is not made again; or NULL */
    const char *const *excludes; /* globs over paths relative to the root */
    size_t exclude_count;
    const char *worker_path;            /* speur-worker */
    const char *ocr_path;               /* speur-ocr, when limits.programs has it */
    const char *disk_path;              /* speur-disk, the same */
    bool no_sandbox;                    /* workers with resource limits only */
    size_t window_bytes;                /* 0 = default; tests make it small */
    const struct sp_copy_options *copy; /* records to copy; or NULL */
    const char *const *only; /* of a tree: to read these files and no other, paths relative to it */
    size_t only_count;       /* 0: all */
    const volatile int *stop;     /* set by a signal; may be NULL */
    struct sp_progress *progress; /* may be NULL */
};

struct sp_scan_sum {
    int64_t root_id, scan_id;
    uint64_t files, reused;
    char sandbox[SP_LOCKDOWN_LEVEL_MAX]; /* what contained the workers */
    bool declared;                       /* nothing was read: known by its snapshot_id */
    bool complete;                       /* the walk reached its end and nothing was interrupted */
};

/* path: a directory, a file, or "-" for standard input (read as one file). What was finished is
 * in the inventory also when this fails. SP_ERR_USAGE: snapshot_id is none (letters, digits and
 * ._:@- only, at most SP_SNAPSHOT_ID_MAX). SP_ERR_NOINPUT: no such path. SP_ERR_STOP is no error
 * here: sum->complete is false. */
enum sp_err sp_scan(const char *path, const struct sp_scan_options *options,
                    struct sp_scan_sum *sum, struct sp_why *why);

/* How many lanes a scan has when nobody says so. Called before the program gives up files, as the
 * runtime of OpenMP opens some when it begins. */
unsigned sp_scan_lanes(void);

/* Counts files and bytes below path into progress, for a bar with an end; opens nothing. */
void sp_scan_count(const char *path, const struct sp_scan_options *options,
                   struct sp_progress *progress);

#endif
