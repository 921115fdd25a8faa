/* What came of an extraction: a JSON line for each record that was copied, one for each that was
 * not, and a page that says what both are. */
#include "app/extraction_in.h"

#include "base/json.h"
#include "base/mem.h"
#include "report/jsonl.h"

#include <errno.h>
#include <inttypes.h>

enum {
    WRITE_LINE_MAX = 256 << 20, /* JSON of one record, and what stands around it */
    WRITE_HEAD_MAX = 4 << 20
};

/* One record after the other, of one inventory. */
struct record_walk {
    struct sp_extraction *extraction;
    const struct sp_extraction_root *root;
    int64_t object; /* with the two below: the record at hand; 0: none */
    uint64_t ordinal;
    enum sp_record_kind kind;
    bool own;  /* one of its findings is surely the person's */
    bool told; /* it was copied, or told already */
    const struct sp_extraction_file *file;
    struct sp_buf head;    /* members of the line that tells it */
    struct sp_buf members; /* of its copy */
    struct sp_buf line;
    struct sp_buf *settled; /* digests of places of records that were told: SP_DIGEST_LEN each */
};

/* ---- lines ----------------------------------------------------------------------------------- */
static enum sp_err write_bytes(FILE *file, struct sp_slice bytes, struct sp_why *why)
{
    return fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len
               ? SP_OK
               : sp_fail(why, SP_ERR_IO, "cannot write: %s", strerrordesc_np(errno));
}

/* A name of a file, or a locator, may be an address: masked like content. */
static enum sp_err write_safe(struct record_walk *walk, struct sp_json *json, const char *key,
                              struct sp_slice text, struct sp_why *why)
{
    uint64_t masked = 0;
    sp_buf_reset(&walk->line);
    enum sp_err err =
        sp_copy_mask(&walk->extraction->eyes, SP_RECORD_NAME, text, &walk->line, &masked, why);
    if (err == SP_OK)
        sp_json_slice(json, key, sp_buf_slice(&walk->line));
    return err == SP_OK ? json->err : err;
}

/* Where a record is, as members of the line: {id, root, path, locator, kind, system, record}. */
static enum sp_err walk_head(struct record_walk *walk, const struct sp_shown *shown,
                             struct sp_why *why)
{
    struct sp_json json;
    sp_buf_reset(&walk->head);
    sp_json_init(&json, &walk->head, why);
    json.depth = 1;
    sp_json_text(&json, "id", shown->id);
    enum sp_err err = write_safe(walk, &json, "root", sp_slice_of(shown->root->path), why);
    if (err == SP_OK)
        err = write_safe(walk, &json, "path", shown->path, why);
    if (err == SP_OK)
        err = write_safe(walk, &json, "locator", shown->locator, why);
    if (err != SP_OK)
        return err;
    sp_json_text(&json, "kind", sp_record_kind_name(shown->record->kind));
    sp_json_text(&json, "system", shown->system_name);
    sp_json_record(&json, shown->record, shown->finding);
    return json.err;
}

/* The line of the record at hand, ended with these members. */
static enum sp_err walk_line(struct record_walk *walk, FILE *file, struct sp_slice members,
                             struct sp_why *why)
{
    struct sp_json json;
    sp_buf_reset(&walk->line);
    sp_json_init(&json, &walk->line, why);
    sp_json_object(&json);
    sp_json_items(&json, sp_buf_slice(&walk->head));
    sp_json_items(&json, members);
    sp_json_object_end(&json);
    enum sp_err err = json.err == SP_OK ? sp_buf_append_byte(&walk->line, '\n', why) : json.err;
    return err == SP_OK ? write_bytes(file, sp_buf_slice(&walk->line), why) : err;
}

static enum sp_err walk_missing(struct record_walk *walk, const char *reason, struct sp_why *why)
{
    struct sp_json json;
    sp_buf_reset(&walk->members);
    sp_json_init(&json, &walk->members, why);
    json.depth = 1;
    sp_json_text(&json, "reason", reason);
    walk->extraction->not_copied++;
    return json.err == SP_OK
               ? walk_line(walk, walk->extraction->missing.file, sp_buf_slice(&walk->members), why)
               : json.err;
}

/* ---- records --------------------------------------------------------------------------------- */
static bool walk_is_same(const struct record_walk *walk, const struct sp_shown *shown)
{
    return walk->object == shown->object->id && walk->ordinal == shown->record->ordinal &&
           walk->kind == shown->record->kind;
}

static void walk_begin(struct record_walk *walk, const struct sp_shown *shown)
{
    walk->object = shown->object->id;
    walk->ordinal = shown->record->ordinal;
    walk->kind = shown->record->kind;
    walk->own = walk->told = false;
    walk->file = sp_extraction_file_find(walk->root, shown->path);
}

static bool file_is_same(const struct sp_extraction_file *file)
{
    const struct sp_stat_id *a = &file->was;
    const struct sp_stat_id *b = &file->now;
    return file->has_was && file->has_now && a->dev == b->dev && a->ino == b->ino &&
           a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static enum sp_err again_copy(struct record_walk *walk, size_t index, struct sp_why *why)
{
    struct sp_extraction *extraction = walk->extraction;
    enum sp_copy_state state = SP_COPY_WHOLE;
    enum sp_err err = sp_copies_read(extraction->copies, index, &state, &walk->members, why);
    if (err != SP_OK)
        return err;
    if (state != SP_COPY_WHOLE)
        return walk_missing(walk, state == SP_COPY_TOO_LARGE ? "too_large" : "unjudged", why);
    extraction->copied++;
    return walk_line(walk, extraction->records.file, sp_buf_slice(&walk->members), why);
}

/* A record of the second reading. */
static enum sp_err again_record(struct record_walk *walk, const struct sp_shown *shown,
                                struct sp_why *why)
{
    size_t count;
    enum sp_err err = SP_OK;
    walk_begin(walk, shown);
    if (walk->file == NULL || !file_is_same(walk->file))
        return SP_OK;
    const struct sp_copy_id id = {walk->object, walk->ordinal, walk->kind};
    size_t first = sp_copies_find(walk->extraction->copies, &id, &count);
    walk->told = count > 0;
    if (count > 0)
        err = walk_head(walk, shown, why);
    for (size_t i = 0; err == SP_OK && i < count; i++)
        err = again_copy(walk, first + i, why);
    return err;
}

/* A finding of the second reading. Its place is what the record is known by in both inventories. */
static enum sp_err again_shown(void *ctx, const struct sp_shown *shown, struct sp_why *why)
{
    struct record_walk *walk = ctx;
    uint8_t digest[SP_DIGEST_LEN];
    enum sp_err err = walk_is_same(walk, shown) ? SP_OK : again_record(walk, shown, why);
    if (err != SP_OK || !walk->told)
        return err;
    sp_digest(shown->locator, digest);
    return sp_buf_append(walk->settled, digest, sizeof digest, why);
}

static int digest_compare(const void *left, const void *right)
{
    return memcmp(left, right, SP_DIGEST_LEN);
}

static const char *missing_reason(const struct record_walk *walk)
{
    const struct sp_extraction_file *file = walk->file;
    if (walk->root->again == 0 || file == NULL)
        return "no_source";
    if (!file->has_now)
        return file->reason == SP_REASON_COUNT ? "vanished" : sp_reason_name(file->reason);
    if (!file_is_same(file))
        return "changed";
    return walk->own ? "not_found" : "possible";
}

/* The record at hand of the first reading is over. */
static enum sp_err first_end(struct record_walk *walk, struct sp_why *why)
{
    return walk->object == 0 || walk->told ? SP_OK : walk_missing(walk, missing_reason(walk), why);
}

/* A finding of the inventory that was asked. */
static enum sp_err first_shown(void *ctx, const struct sp_shown *shown, struct sp_why *why)
{
    struct record_walk *walk = ctx;
    uint8_t digest[SP_DIGEST_LEN];
    enum sp_err err = SP_OK;
    if (!walk_is_same(walk, shown)) {
        err = first_end(walk, why);
        walk_begin(walk, shown);
        if (err == SP_OK)
            err = walk_head(walk, shown, why);
    }
    walk->own = walk->own || sp_extraction_own(walk->extraction, shown->finding);
    sp_digest(shown->locator, digest);
    walk->told =
        walk->told || (walk->settled->len > 0 &&
                       bsearch(digest, walk->settled->data, walk->settled->len / SP_DIGEST_LEN,
                               SP_DIGEST_LEN, digest_compare) != NULL);
    return err;
}

static const struct sp_root_row *row_of(const struct sp_root_row *rows, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

static enum sp_err write_again(struct record_walk *walk, const struct sp_shown_options *shown,
                               struct sp_why *why)
{
    struct sp_inventory *inventory = walk->extraction->inventory;
    struct sp_root_row *rows = NULL;
    size_t count = 0;
    if (walk->root->again == 0)
        return SP_OK;
    enum sp_err err = sp_inventory_roots(inventory, &rows, &count, why);
    const struct sp_root_row *row = err == SP_OK ? row_of(rows, count, walk->root->again) : NULL;
    if (row != NULL)
        err = sp_shown_each(inventory, row, shown, again_shown, walk, why);
    sp_root_rows_free(rows, count);
    if (walk->settled->len > 0)
        qsort(walk->settled->data, walk->settled->len / SP_DIGEST_LEN, SP_DIGEST_LEN,
              digest_compare);
    return err;
}

enum sp_err sp_extraction_write(struct sp_extraction *extraction,
                                const struct sp_extraction_root *root, struct sp_why *why)
{
    const struct sp_session *session = extraction->job.session;
    const struct sp_shown_options shown = {.min_confidence = SP_CONF_LOW,
                                           .systems = extraction->job.systems,
                                           .wants = sp_extraction_wants,
                                           .wants_ctx = extraction};
    struct sp_buf settled;
    struct record_walk walk = {.extraction = extraction, .root = root, .settled = &settled};
    sp_buf_init(&settled, SIZE_MAX);
    sp_buf_init(&walk.head, WRITE_HEAD_MAX);
    sp_buf_init(&walk.members, WRITE_LINE_MAX);
    sp_buf_init(&walk.line, WRITE_LINE_MAX);
    enum sp_err err = write_again(&walk, &shown, why);
    walk.object = 0;
    if (err == SP_OK)
        err =
            sp_shown_each(session->inventory, row_of(session->roots, session->root_count, root->id),
                          &shown, first_shown, &walk, why);
    if (err == SP_OK)
        err = first_end(&walk, why);
    sp_buf_clear(&settled);
    sp_buf_wipe(&walk.head);
    sp_buf_wipe(&walk.members);
    sp_buf_wipe(&walk.line);
    return err;
}

/* ---- files ----------------------------------------------------------------------------------- */
static enum sp_err output_open(const struct sp_extraction *extraction, const char *name,
                               struct sp_output *output, struct sp_why *why)
{
    char *path = sp_extraction_path(extraction, name);
    enum sp_err err = path == NULL ? sp_fail(why, SP_ERR_NOMEM, "no memory for a path")
                                   : sp_output_open(output, path, why);
    sp_free(path);
    return err;
}

enum sp_err sp_extraction_outputs(struct sp_extraction *extraction, struct sp_why *why)
{
    enum sp_err err = output_open(extraction, "records.jsonl", &extraction->records, why);
    return err == SP_OK ? output_open(extraction, "not-extracted.jsonl", &extraction->missing, why)
                        : err;
}

static void readme_print(FILE *out, const struct sp_extraction *extraction)
{
    (void)fprintf(
        out,
        "Records of one person, copied for a request of access (GDPR art. 15 and 20).\n"
        "\n"
        "records.jsonl: %" PRIu64 " records, one JSON object a line: where the record is (root,\n"
        "path, locator, record) and what it says: \"fields\" by name, or \"text\" where there are\n"
        "none. Text is as it was read: UTF-8, without markup, typographic quotes and blanks made\n"
        "plain. An attachment is a record of its own, and is here when the person's data is in "
        "it.\n"
        "\n"
        "Masked: every value of somebody else that was recognised (\"masked\" counts them); so is "
        "a\n"
        "value of the person that was not named in the request. What is encoded and was not read\n"
        "is \"***\". Names in running text are recognised of people in the register only, and\n"
        "opinions or descriptions of others never: read it before it is handed over.\n"
        "\n"
        "not-extracted.jsonl: %" PRIu64 " records in which the person's data was found, and which "
        "are not\nhere. reason:\n"
        "  changed    the file is not the one that was scanned: scan again, then extract again\n"
        "  vanished   the file is gone (or permission, io_error, ...: it could not be read)\n"
        "  no_source  it was scanned from standard input, or its root is gone\n"
        "  too_large  more than 16 MiB of text in one record: look at it by hand\n"
        "  unjudged   whether somebody else's data is in it could not be told: by hand\n"
        "  possible   only a form of a value that others may share was found: by hand\n"
        "  not_found  it was not found again: scan again with the same patterns and options\n",
        extraction->copied, extraction->not_copied);
}

enum sp_err sp_extraction_commit(struct sp_extraction *extraction, struct sp_why *why)
{
    struct sp_output readme = {.file = NULL};
    enum sp_err err = output_open(extraction, "README.txt", &readme, why);
    if (err == SP_OK) {
        readme_print(readme.file, extraction);
        err = sp_output_commit(&readme, why);
    }
    sp_output_close(&readme);
    if (err == SP_OK)
        err = sp_output_commit(&extraction->records, why);
    return err == SP_OK ? sp_output_commit(&extraction->missing, why) : err;
}
