/* Inside of an extraction: extraction.c reads again, extraction_write.c writes what came of it. */
#ifndef SP_APP_EXTRACTION_IN_H
#define SP_APP_EXTRACTION_IN_H

#include "app/extraction.h"
#include "app/output.h"
#include "scan/copier.h"

/* A file in which the person's data is. */
struct sp_extraction_file {
    const char *name; /* in the root's names */
    struct sp_stat_id was, now;
    bool has_was, has_now; /* has_now: it could be read again */
    enum sp_reason reason; /* why not; SP_REASON_COUNT not known */
};

struct sp_extraction_root {
    int64_t id;                       /* in the session's inventory */
    int64_t again;                    /* in the one of this extraction; 0: not read again */
    size_t names, last_name;          /* offsets of its first name, and of its last */
    struct sp_extraction_file *files; /* ascending by name */
    size_t file_count;
};

struct sp_extraction {
    struct sp_extraction_job job;
    char *inventory_path; /* of its own, removed at the end */
    struct sp_inventory *inventory;
    struct sp_copies *copies;
    struct sp_buf names;              /* of wanted files, each with a NUL behind it */
    struct sp_extraction_root *roots; /* in the order of the session's; borrowed ids */
    size_t root_count, root_cap;
    struct sp_matcher *matcher; /* of the eyes */
    struct sp_copy_eyes eyes;
    struct sp_output records, missing;
    uint64_t copied, not_copied; /* records */
};

/* Whether a finding is surely the person's: not when only a form of it is that others may share (an
 * address without its addition, a name with an initial). */
bool sp_extraction_own(void *extraction, const struct sp_kept_finding *finding);
/* Whether one of the tokens is the person's. */
bool sp_extraction_wants(void *extraction, struct sp_slice tokens);
/* The file of a root by its name, or NULL. */
struct sp_extraction_file *sp_extraction_file_find(const struct sp_extraction_root *root,
                                                   struct sp_slice name);
/* DIR/name, for the caller to sp_free; NULL without memory. */
char *sp_extraction_path(const struct sp_extraction *extraction, const char *name);

/* ---- extraction_write.c ---------------------------------------------------------------------- */
/* Opens the files that are written; before the program gives up files. */
enum sp_err sp_extraction_outputs(struct sp_extraction *extraction, struct sp_why *why);
/* All records of a root: copied, or told. */
enum sp_err sp_extraction_write(struct sp_extraction *extraction,
                                const struct sp_extraction_root *root, struct sp_why *why);
/* The last of it, and README.txt. */
enum sp_err sp_extraction_commit(struct sp_extraction *extraction, struct sp_why *why);

#endif
