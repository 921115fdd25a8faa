/* What an earlier scan left that need not be read again. */
#include "store/reuse.h"
#include "store/inventory_in.h"

enum {
    REUSE_PENDING_COUNT = 4096, /* files seen or outdated before they are written: one transaction
                                 * for each would cost more than looking them up */
    REUSE_CANDIDATES_MAX = 8    /* files of one name: more than one only after interrupted scans */
};

/* A file whose row must change, kept until the next transaction. */
struct pending_file {
    int64_t object;
    int64_t scan; /* that saw it again; 0: outdated, to be removed */
};

/* X(reason): what would be found again, because it lies in the content that did not change. All
 * others lie in the circumstances (permission, time, memory, a companion file, configuration)
 * and are tried again. */
/* clang-format off */
#define REUSE_REASONS(X)                                                                           \
    X(ENCRYPTED)                                                                                   \
    X(CORRUPT)                                                                                     \
    X(TRUNCATED)                                                                                   \
    X(UNSUPPORTED)                                                                                 \
    X(OPAQUE) X(UNDECODABLE) X(LIMIT_DEPTH) X(LIMIT_BYTES) X(LIMIT_RATIO) X(LIMIT_ENTRIES)         \
        X(LIMIT_ENTITY) X(LIMIT_MATCH) X(NEEDS_OCR) X(SPECIAL) X(NOT_FOLLOWED) X(PHOTO)
/* clang-format on */

static const bool reuse_reasons[SP_REASON_COUNT] = {
#define REUSE_REASON(identifier) [SP_REASON_##identifier] = true,
    REUSE_REASONS(REUSE_REASON)
#undef REUSE_REASON
};

bool sp_reuse_is_last(enum sp_reason reason)
{
    return reuse_reasons[reason];
}

enum sp_err sp_inventory_write_pending(struct sp_inventory *inventory, struct sp_why *why)
{
    struct sp_reader reader;
    struct sp_stmt seen;
    enum sp_err err;

    if (!inventory->pending.len)
        return SP_OK;
    err = sp_sql_take(&inventory->sql, SP_STMT_FILE_SEEN, &seen, why);
    sp_reader_init(&reader, sp_buf_slice(&inventory->pending));
    while (!err && reader.left) {
        struct pending_file file;

        memcpy(&file, sp_reader_bytes(&reader, sizeof file).ptr, sizeof file);
        if (file.scan) {
            sp_stmt_int(&seen, 1, file.object);
            sp_stmt_int(&seen, 2, file.scan);
            err = sp_stmt_run(&seen, why);
        } else {
            err = sp_inventory_remove_top(inventory, file.object, why);
        }
    }
    sp_sql_give(&seen);
    return err;
}

/* All that was not read in this file would not be read now either. A file that is not complete
 * without a word why is read again. */
static enum sp_err reuse_reasons_last(struct sp_inventory *inventory, int64_t top,
                                      enum sp_state state, bool *last, struct sp_why *why)
{
    struct sp_stmt reasons;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_TOP_REASONS, &reasons, why);

    *last = state == SP_STATE_COMPLETE;
    if (!err)
        sp_stmt_int(&reasons, 1, top);
    while (!err) {
        unsigned reason;

        err = sp_stmt_step(&reasons, &row, why);
        if (err || !row)
            break;
        err = sp_stmt_get_enum(&reasons, 0, SP_REASON_COUNT, &reason, why);
        if (err)
            break;
        *last = sp_reuse_is_last((enum sp_reason)reason);
        if (!*last)
            break;
    }
    sp_sql_give(&reasons);
    return err;
}

/* Tokens under a key that this scan does not have any more do no harm; one that is missing does. */
static bool reuse_same_keys(const struct sp_stmt *file)
{
    const char *old = sp_stmt_get_text(file, 8);
    const char *now = sp_stmt_get_text(file, 9);

    return old && now && sp_key_ids_include(old, now);
}

static bool reuse_same(const struct sp_stmt *file, const struct sp_stat_id *stat)
{
    return stat && sp_stmt_get_int(file, 7) && reuse_same_keys(file) &&
           !sp_stmt_get_null(file, 2) && sp_stmt_get_u64(file, 2) == stat->dev &&
           sp_stmt_get_u64(file, 3) == stat->ino && sp_stmt_get_u64(file, 4) == stat->size &&
           sp_stmt_get_int(file, 5) == stat->mtime_ns && sp_stmt_get_int(file, 6) == stat->ctime_ns;
}

/* A question about one file: what is asked, and the files of that name that were found. */
struct reuse {
    int64_t root_id, scan_id;
    struct sp_slice name;
    const struct sp_stat_id *stat;
    struct pending_file files[REUSE_CANDIDATES_MAX];
    size_t count;
    bool found;         /* one of them need not be read again */
    int64_t unfinished; /* one that did not change but was not finished; 0: none */
};

/* Judges the row that `find` stands on. */
static enum sp_err reuse_judge(struct sp_inventory *inventory, const struct sp_stmt *find,
                               struct reuse *reuse, struct sp_why *why)
{
    struct pending_file *file = &reuse->files[reuse->count];
    unsigned state;
    bool last = false;
    enum sp_err err = sp_stmt_get_enum(find, 1, SP_STATE_SKIPPED + 1, &state, why);

    if (err)
        return err;
    file->object = sp_stmt_get_int(find, 0);
    file->scan = 0;
    if (!reuse->found && state != SP_STATE_OPEN && reuse_same(find, reuse->stat))
        err = reuse_reasons_last(inventory, file->object, (enum sp_state)state, &last, why);
    if (err)
        return err;
    if (last) {
        file->scan = reuse->scan_id;
        reuse->found = true;
    } else if (state == SP_STATE_OPEN && reuse_same(find, reuse->stat)) {
        reuse->unfinished = file->object;
    }
    reuse->count++;
    return SP_OK;
}

static enum sp_err reuse_find(struct sp_inventory *inventory, struct reuse *reuse,
                              struct sp_why *why)
{
    struct sp_stmt find;
    bool row = true;
    enum sp_err err = sp_sql_take(&inventory->sql, SP_STMT_FILE_FIND, &find, why);

    if (!err) {
        sp_stmt_int(&find, 1, reuse->root_id);
        sp_stmt_blob(&find, 2, reuse->name);
        sp_stmt_int(&find, 3, reuse->scan_id);
    }
    while (!err && row && reuse->count < REUSE_CANDIDATES_MAX) {
        err = sp_stmt_step(&find, &row, why);
        if (!err && row)
            err = reuse_judge(inventory, &find, reuse, why);
    }
    sp_sql_give(&find);
    return err;
}

/* The file to go on with is not outdated. */
static void reuse_spare(struct reuse *reuse, int64_t object)
{
    size_t kept = 0;

    for (size_t i = 0; i < reuse->count; i++) {
        if (reuse->files[i].object != object)
            reuse->files[kept++] = reuse->files[i];
    }
    reuse->count = kept;
}

/* With the lock held. */
static enum sp_err reuse_file(struct sp_inventory *inventory, struct reuse *reuse,
                              struct sp_resume *resume, struct sp_why *why)
{
    enum sp_err err = reuse_find(inventory, reuse, why);

    if (!err && resume && !reuse->found && reuse->unfinished) {
        err = sp_resume_prepare(inventory, reuse->unfinished, reuse->scan_id, resume, why);
        if (!err)
            reuse_spare(reuse, resume->object);
    }
    if (!err)
        err = sp_buf_append(&inventory->pending, reuse->files, reuse->count * sizeof *reuse->files,
                            why);
    if (err || inventory->pending.len < REUSE_PENDING_COUNT * sizeof *reuse->files)
        return err;
    err = sp_inventory_write_begin(inventory, why);
    return err ? err : sp_inventory_write_end(inventory, SP_OK, why);
}

enum sp_err sp_inventory_reuse(struct sp_inventory *inventory, const struct sp_file_ask *ask,
                               bool *reused, struct sp_resume *resume, struct sp_why *why)
{
    struct reuse reuse = {
        .root_id = ask->root_id, .scan_id = ask->scan_id, .name = ask->name, .stat = ask->stat};
    enum sp_err err;

    if (resume)
        resume->object = 0;
    pthread_mutex_lock(&inventory->lock);
    err = ask->root_id == inventory->new_root ? SP_OK : reuse_file(inventory, &reuse, resume, why);
    pthread_mutex_unlock(&inventory->lock);
    *reused = !err && reuse.found;
    return err;
}
