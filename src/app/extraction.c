#include "app/extraction.h"

#include "app/extraction_in.h"
#include "base/mem.h"
#include "check/names.h"
#include "store/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the folder ------------------------------------------------------------------------------ */
/* False also when it cannot be looked into. */
static bool folder_is_empty(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    unsigned count = 0;
    if (folder == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    /* a DIR of our own: safe beside other threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while (count <= 2 && readdir(folder) != NULL)
        count++;
    bool ours = fchmod(fd, 0700) == 0;
    (void)closedir(folder);
    return ours && count == 2; /* "." and ".." */
}

static enum sp_err folder_make(const char *path, struct sp_why *why)
{
    if (mkdir(path, 0700) == 0)
        return SP_OK;
    if (errno != EEXIST)
        return sp_fail(why, SP_ERR_IO, "cannot make %s: %s", path, strerrordesc_np(errno));
    return folder_is_empty(path)
               ? SP_OK
               : sp_fail(why, SP_ERR_USAGE, "--extract wants a new or an empty folder: %s is none",
                         path);
}

char *sp_extraction_path(const struct sp_extraction *extraction, const char *name)
{
    char *folder = sp_private_beside(extraction->job.folder, "/");
    char *path = folder == NULL ? NULL : sp_private_beside(folder, name);
    sp_free(folder);
    return path;
}

/* ---- whose ----------------------------------------------------------------------------------- */
bool sp_extraction_own(void *ctx, const struct sp_kept_finding *finding)
{
    const struct sp_extraction *extraction = ctx;
    for (unsigned i = 0; i < finding->token_count; i++) {
        const struct sp_person_token *token =
            sp_person_find(extraction->job.person, finding->tokens[i].bytes);
        bool possible = token != NULL && (token->kind == SP_TOKEN_POSSIBLE ||
                                          finding->tokens[i].kind == SP_TOKEN_POSSIBLE);
        /* an alias of a mailbox is the same person's; next door and another J. are not */
        if (token != NULL && (!possible || finding->type == SP_TYPE_EMAIL))
            return true;
    }
    return false;
}

bool sp_extraction_wants(void *ctx, struct sp_slice tokens)
{
    const struct sp_extraction *extraction = ctx;
    for (size_t at = 0; at + SP_TOKEN_LEN <= tokens.len; at += SP_TOKEN_LEN)
        if (sp_person_find(extraction->job.person, tokens.ptr + at) != NULL)
            return true;
    return false;
}

static enum sp_err extraction_names_of_person(const struct sp_extraction_job *job,
                                              struct sp_why *why)
{
    struct sp_session *session = job->session;
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < job->person->count; i++) {
        const struct sp_person_token *token = &job->person->tokens[i];
        if (token->type != SP_TYPE_NAME)
            continue;
        if (session->names == NULL)
            err = sp_name_set_new(session->key, &session->names, why);
        if (err == SP_OK)
            err = sp_name_set_add(session->names, token->bytes, token->kind, why);
    }
    if (err == SP_OK && session->names != NULL)
        sp_name_set_end(session->names);
    return err;
}

/* Names to look for: the person's, and those in the register, which are masked. */
static enum sp_err extraction_names(const struct sp_extraction_job *job, struct sp_why *why)
{
    struct sp_session *session = job->session;
    struct sp_register *reg = NULL;
    char *path = NULL;
    enum sp_err err = sp_app_path(SP_PLACE_REGISTER, job->options->register_path, &path, why);
    if (err == SP_OK && access(path, F_OK) == 0)
        err = sp_register_open(path, session->key, &reg, why);
    if (err == SP_OK && reg != NULL)
        err = sp_register_names(reg, session->key, &session->names, why);
    sp_register_close(reg);
    sp_free(path);
    return err == SP_OK ? extraction_names_of_person(job, why) : err;
}

/* ---- beginning and end ----------------------------------------------------------------------- */
enum sp_err sp_extraction_new(const struct sp_extraction_job *job, struct sp_extraction **out,
                              struct sp_why *why)
{
    struct sp_extraction *extraction = sp_alloc_zero(sizeof *extraction);
    if (extraction == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for an extraction");
    extraction->job = *job;
    sp_buf_init(&extraction->names, SIZE_MAX);
    enum sp_err err = folder_make(job->folder, why);
    if (err == SP_OK)
        err = extraction_names(job, why);
    if (err == SP_OK)
        err = sp_copies_open(job->folder, &extraction->copies, why);
    if (err == SP_OK)
        err = sp_extraction_outputs(extraction, why);
    if (err == SP_OK) {
        extraction->inventory_path = sp_extraction_path(extraction, "inventory.part");
        err =
            extraction->inventory_path == NULL
                ? sp_fail(why, SP_ERR_NOMEM, "no memory for a path")
                : sp_inventory_open(extraction->inventory_path, true, &extraction->inventory, why);
    }
    if (err == SP_OK)
        err =
            sp_matcher_new(job->session->patterns, job->options->region, &extraction->matcher, why);
    sp_copy_eyes_init(&extraction->eyes, extraction->matcher, job->session->key, sp_extraction_own,
                      extraction, !job->options->no_mask_hint);
    if (err == SP_OK)
        *out = extraction;
    else
        sp_extraction_free(extraction);
    return err;
}

/* The inventory of an extraction tells nothing that the session's does not. */
static void extraction_remove_inventory(const struct sp_extraction *extraction)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-lock"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *path = sp_private_beside(extraction->inventory_path, suffixes[i]);
        if (path != NULL)
            (void)unlink(path);
        sp_free(path);
    }
}

void sp_extraction_free(struct sp_extraction *extraction)
{
    if (extraction == NULL)
        return;
    sp_inventory_close(extraction->inventory);
    if (extraction->inventory_path != NULL)
        extraction_remove_inventory(extraction);
    sp_free(extraction->inventory_path);
    sp_output_close(&extraction->records);
    sp_output_close(&extraction->missing);
    sp_copies_close(extraction->copies);
    sp_copy_eyes_clear(&extraction->eyes);
    sp_matcher_free(extraction->matcher);
    for (size_t i = 0; i < extraction->root_count; i++)
        sp_free(extraction->roots[i].files);
    sp_free(extraction->roots);
    sp_buf_clear(&extraction->names);
    sp_free(extraction);
}

uint64_t sp_extraction_copied(const struct sp_extraction *extraction)
{
    return extraction->copied;
}

uint64_t sp_extraction_missing(const struct sp_extraction *extraction)
{
    return extraction->not_copied;
}

/* ---- wanted files ---------------------------------------------------------------------------- */
static enum sp_err extraction_add_root(struct sp_extraction *extraction, int64_t id,
                                       struct sp_why *why)
{
    if (extraction->roots == NULL || extraction->root_count == extraction->root_cap) {
        size_t cap = extraction->root_cap == 0 ? 8 : extraction->root_cap * 2;
        struct sp_extraction_root *grown = sp_realloc(extraction->roots, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu roots", cap);
        extraction->roots = grown;
        extraction->root_cap = cap;
    }
    extraction->roots[extraction->root_count++] =
        (struct sp_extraction_root){.id = id, .names = extraction->names.len};
    return SP_OK;
}

enum sp_err sp_extraction_want(struct sp_extraction *extraction, const struct sp_shown *shown,
                               struct sp_why *why)
{
    struct sp_buf *names = &extraction->names;
    enum sp_err err = SP_OK;
    if (extraction->root_count == 0 ||
        extraction->roots[extraction->root_count - 1].id != shown->root->id)
        err = extraction_add_root(extraction, shown->root->id, why);
    if (err != SP_OK)
        return err;
    struct sp_extraction_root *root = &extraction->roots[extraction->root_count - 1];
    if (root->file_count > 0 && /* files come one after the other */
        sp_slice_is(shown->path, (const char *)names->data + root->last_name))
        return SP_OK;
    root->last_name = names->len;
    err = sp_buf_append(names, shown->path.ptr, shown->path.len, why);
    if (err == SP_OK)
        err = sp_buf_append_byte(names, 0, why);
    root->file_count += err == SP_OK;
    return err;
}

/* Names do not move any more. */
static enum sp_err extraction_files(struct sp_extraction *extraction,
                                    struct sp_extraction_root *root, struct sp_why *why)
{
    const char *name = (const char *)extraction->names.data + root->names;
    root->files = sp_alloc_zero((root->file_count + 1) * sizeof *root->files);
    if (root->files == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu files", root->file_count);
    for (size_t i = 0; i < root->file_count; i++) {
        root->files[i].name = name;
        root->files[i].reason = SP_REASON_COUNT;
        name += strlen(name) + 1;
    }
    return SP_OK;
}

struct sp_extraction_file *sp_extraction_file_find(const struct sp_extraction_root *root,
                                                   struct sp_slice name)
{
    size_t low = 0;
    size_t high = root->file_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        struct sp_slice at = sp_slice_of(root->files[mid].name);
        size_t len = at.len < name.len ? at.len : name.len;
        int order = len == 0 ? 0 : memcmp(at.ptr, name.ptr, len);
        if (order == 0)
            order = (at.len > name.len) - (at.len < name.len);
        if (order == 0)
            return &root->files[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* ---- what became of them --------------------------------------------------------------------- */
struct file_look {
    const struct sp_extraction *extraction;
    const struct sp_extraction_root *root;
    bool again; /* the inventory at hand is the one of the extraction */
    struct sp_extraction_file *file;
};

static enum sp_err file_unread(void *ctx, int64_t object_id, const struct sp_unread *unread,
                               struct sp_why *why)
{
    const struct file_look *look = ctx;
    (void)object_id, (void)why;
    look->file->reason = unread->reason;
    return SP_OK;
}

static enum sp_err file_object(void *ctx, const struct sp_object_row *row, struct sp_why *why)
{
    struct file_look *look = ctx;
    if (row->parent != 0)
        return SP_OK;
    look->file = sp_extraction_file_find(look->root, row->name);
    if (look->file == NULL)
        return SP_OK;
    if (!look->again) {
        look->file->has_was = row->stat != NULL;
        look->file->was = row->stat != NULL ? *row->stat : look->file->was;
        return SP_OK;
    }
    look->file->has_now = row->stat != NULL && row->state != SP_STATE_SKIPPED;
    look->file->now = row->stat != NULL ? *row->stat : look->file->now;
    return look->file->has_now
               ? SP_OK
               : sp_inventory_each_unread(look->extraction->inventory, look->root->again, row->id,
                                          file_unread, look, why);
}

static enum sp_err extraction_look(const struct sp_extraction *extraction,
                                   const struct sp_extraction_root *root, struct sp_why *why)
{
    struct file_look look = {.extraction = extraction, .root = root};
    enum sp_err err = sp_inventory_each_object(extraction->job.session->inventory, root->id,
                                               file_object, &look, why);
    look.again = true;
    return err == SP_OK && root->again != 0
               ? sp_inventory_each_object(extraction->inventory, root->again, file_object, &look,
                                          why)
               : err;
}

/* ---- reading again --------------------------------------------------------------------------- */
static const struct sp_root_row *extraction_row(const struct sp_extraction *extraction, int64_t id)
{
    const struct sp_session *session = extraction->job.session;
    for (size_t i = 0; i < session->root_count; i++)
        if (session->roots[i].id == id)
            return &session->roots[i];
    return NULL;
}

/* What came by standard input, or is known by a declared name, cannot be read again. */
static bool extraction_has_path(const struct sp_root_row *row)
{
    return row != NULL && row->path[0] == '/';
}

static enum sp_err extraction_scan(struct sp_extraction *extraction,
                                   struct sp_extraction_root *root, struct sp_why *why)
{
    const struct sp_root_row *row = extraction_row(extraction, root->id);
    const struct sp_copy_options copy = {
        .copies = extraction->copies, .own = sp_extraction_own, .own_ctx = extraction};
    struct sp_scan_options scan;
    struct sp_scan_sum sum = {0};
    enum sp_err err = extraction_files(extraction, root, why);
    if (err != SP_OK || !extraction_has_path(row))
        return err;
    const char **only = sp_alloc((root->file_count + 1) * sizeof *only);
    if (only == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu files", root->file_count);
    for (size_t i = 0; i < root->file_count; i++)
        only[i] = root->files[i].name;
    sp_session_scan_options(extraction->job.session, extraction->job.options, &scan);
    scan.inventory = extraction->inventory;
    scan.copy = &copy;
    scan.only = only;
    scan.only_count = root->file_count;
    err = sp_scan(row->path, &scan, &sum, why);
    sp_free(only);
    if (err == SP_ERR_NOINPUT) /* the root is gone: each of its records is told */
        return SP_OK;
    root->again = sum.root_id;
    return err == SP_OK && !sum.complete ? sp_fail(why, SP_ERR_STOP, "stopped") : err;
}

/* The roots are what is read. */
static enum sp_err extraction_contain(const struct sp_extraction *extraction, struct sp_why *why)
{
    struct sp_options reading = *extraction->job.options;
    char **paths = sp_alloc_zero((extraction->root_count + 1) * sizeof *paths);
    if (paths == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for the sandbox");
    reading.args = paths;
    reading.arg_count = 0;
    for (size_t i = 0; i < extraction->root_count; i++) {
        const struct sp_root_row *row = extraction_row(extraction, extraction->roots[i].id);
        if (extraction_has_path(row))
            paths[reading.arg_count++] = row->path;
    }
    enum sp_err err = sp_app_contain(extraction->job.session, &reading, why);
    sp_free(paths);
    return err;
}

enum sp_err sp_extraction_run(struct sp_extraction *extraction, struct sp_why *why)
{
    enum sp_err err = extraction_contain(extraction, why);
    for (size_t i = 0; err == SP_OK && i < extraction->root_count; i++)
        err = extraction_scan(extraction, &extraction->roots[i], why);
    if (err == SP_OK)
        err = sp_copies_end(extraction->copies, why);
    for (size_t i = 0; err == SP_OK && i < extraction->root_count; i++) {
        err = extraction_look(extraction, &extraction->roots[i], why);
        if (err == SP_OK)
            err = sp_extraction_write(extraction, &extraction->roots[i], why);
    }
    return err == SP_OK ? sp_extraction_commit(extraction, why) : err;
}
