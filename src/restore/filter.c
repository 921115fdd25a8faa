#include "restore/filter_in.h"

#include "base/limits.h"
#include "base/mem.h"
#include "extract/formats.h"
#include "restore/tarwrite.h"

#include <string.h>

/* Content that went with its first name, by index in the drop list. */
struct sp_filter_gone {
    struct sp_tarhead head; /* what described it */
    uint64_t begin;         /* in the scratch file */
    struct sp_buf heir;     /* the name that it passed to; empty: nobody yet */
};

/* ---- members that stay, or go as a whole -------------------------------------------------------
 */
enum sp_err sp_filter_keep(struct sp_filter *filter, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    enum sp_err err = sp_filter_give(filter, sp_buf_slice(&filter->head.blocks), why);
    if (err == SP_OK)
        err = sp_filter_pass(filter, size, sp_filter_give, why);
    if (err == SP_OK) /* what stands in the padding is of no member, and of nobody who stays */
        err = sp_filter_pass(filter, sp_filter_padding(size), sp_filter_mute, why);
    return err == SP_OK ? sp_filter_pad(filter, size, why) : err;
}

enum sp_err sp_filter_skip(struct sp_filter *filter, struct sp_why *why)
{
    uint64_t size = filter->head.size;
    return sp_filter_pass(filter, size + sp_filter_padding(size), sp_filter_mute, why);
}

static void gone_free(struct sp_filter_gone *gone)
{
    if (gone == NULL)
        return;
    sp_tarhead_clear(&gone->head);
    sp_buf_clear(&gone->heir);
    sp_free(gone);
}

/* A file goes; its content waits for a link to it that stays. */
static enum sp_err filter_drop(struct sp_filter *filter, size_t index, struct sp_why *why)
{
    filter->sum->dropped++;
    sp_names_see(filter->job->drop, index);
    bool has_content = filter->head.type != '1' && filter->head.size > 0;
    if (!has_content)
        return sp_filter_skip(filter, why);
    struct sp_filter_gone *gone = sp_alloc_zero(sizeof *gone);
    if (gone == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a member");
    gone_free(filter->gone[index]);
    filter->gone[index] = gone;
    gone->head = filter->head; /* taken over */
    sp_tarhead_init(&filter->head);
    sp_buf_init(&gone->heir, SP_TAR_HEAD_MAX);
    gone->begin = sp_scratch_len(filter->scratch);
    uint64_t size = gone->head.size;
    return sp_filter_pass(filter, size + sp_filter_padding(size), sp_filter_keep_back, why);
}

/* A link that stays, to content that went: it becomes the content, or a link to who became it. */
static enum sp_err filter_inherit(struct sp_filter *filter, struct sp_filter_gone *gone,
                                  struct sp_why *why)
{
    struct sp_tarhead_change change = {.size = UINT64_MAX};
    struct sp_slice heir = sp_buf_slice(&gone->heir);
    uint64_t size = gone->head.size;
    bool first = heir.len == 0;
    enum sp_err err = sp_filter_skip(filter, why);
    if (first)
        change.as = &gone->head;
    else
        change.link = &heir;
    sp_buf_reset(&filter->bytes);
    if (err == SP_OK)
        err = sp_tarhead_write(&filter->head, &change, &filter->bytes, why);
    if (err == SP_OK)
        err = sp_filter_give(filter, sp_buf_slice(&filter->bytes), why);
    if (err != SP_OK || !first)
        return err;
    err = sp_buf_append(&gone->heir, filter->head.name.data, filter->head.name.len, why);
    return err == SP_OK ? sp_filter_from_scratch(filter, gone->begin,
                                                 gone->begin + size + sp_filter_padding(size),
                                                 sp_filter_give, why)
                        : err;
}

enum sp_err sp_filter_refuse(struct sp_filter *filter, const char *refusal, struct sp_why *why)
{
    filter->sum->refused++;
    filter->job->told(filter->job->ctx, sp_buf_slice(&filter->head.name), SP_FILTER_LEFT_OUT,
                      refusal);
    enum sp_err err =
        sp_buf_append(&filter->refused, filter->head.name.data, filter->head.name.len, why);
    return err == SP_OK ? sp_buf_append_byte(&filter->refused, '\0', why) : err;
}

/* A link to a member that was left out. */
static bool filter_is_refused(const struct sp_filter *filter, struct sp_slice name)
{
    struct sp_slice list = sp_buf_slice(&filter->refused);
    while (list.len > 0) {
        struct sp_slice item = {list.ptr, strlen((const char *)list.ptr)};
        if (sp_slice_equal(item, name))
            return true;
        list.ptr += item.len + 1;
        list.len -= item.len + 1;
    }
    return false;
}

/* ---- all members -------------------------------------------------------------------------------
 */
static enum sp_err filter_member(struct sp_filter *filter, struct sp_why *why)
{
    const struct sp_filter_job *job = filter->job;
    struct sp_slice name = sp_buf_slice(&filter->head.name);
    struct sp_slice link = sp_buf_slice(&filter->head.link);
    size_t index = job->drop == NULL ? SIZE_MAX : sp_names_find(job->drop, name);
    struct sp_cuts *cuts = job->records == NULL ? NULL : sp_records_find(job->records, name);
    filter->sum->members++;
    if (index != SIZE_MAX)
        return filter_drop(filter, index, why);
    if (filter->head.type == '1' && filter_is_refused(filter, link)) {
        enum sp_err err = sp_filter_refuse(filter, "it is a link to what was left out", why);
        return err == SP_OK ? sp_filter_skip(filter, why) : err;
    }
    if (cuts != NULL)
        return sp_filter_cut(filter, cuts, why);
    if (name.len == 0 && sp_filter_may_be_met(filter)) {
        enum sp_err err = sp_filter_refuse(filter, "it has no name, and so has a hit", why);
        return err == SP_OK ? sp_filter_skip(filter, why) : err;
    }
    size_t target =
        filter->head.type == '1' && job->drop != NULL ? sp_names_find(job->drop, link) : SIZE_MAX;
    if (target != SIZE_MAX && filter->gone[target] != NULL)
        return filter_inherit(filter, filter->gone[target], why);
    return sp_filter_keep(filter, why);
}

static enum sp_err filter_tar(struct sp_filter *filter, struct sp_why *why)
{
    bool end = false;
    enum sp_err err = SP_OK;
    while (err == SP_OK && !end) {
        err = sp_filter_head(filter, &end, why);
        if (err == SP_OK && !end)
            err = filter_member(filter, why);
    }
    return err;
}

/* Input that is no tar: one dump, one mailbox. */
static enum sp_err filter_single(struct sp_filter *filter, struct sp_why *why)
{
    bool many = false;
    struct sp_slice name = {NULL, 0};
    struct sp_cuts *cuts =
        filter->job->records == NULL ? NULL : sp_records_only(filter->job->records, &many, &name);
    struct sp_filter_waiting waiting = {.begin = 0};
    if (cuts == NULL)
        return sp_fail(why, SP_ERR_FORMAT,
                       many ? "the input is no tar, and the decisions are of several members"
                            : "the input is no tar, and there is no decision about a record of it");
    enum sp_err err = sp_buf_append(&filter->head.name, name.ptr, name.len, why);
    if (err != SP_OK)
        return err;
    filter->sum->members = 1;
    do {
        err = sp_filter_fill(filter, why);
        if (err == SP_OK && filter->block.len > 0)
            err = sp_scratch_write(filter->scratch, filter->block, why);
        waiting.end += filter->block.len;
        if (err != SP_OK || filter->block.len == 0)
            break;
        filter->block.len = 0;
    } while (true);
    return err == SP_OK ? sp_filter_cut_waiting(filter, &waiting, cuts, false, why) : err;
}

/* What never came: the lists are of another backup, or it was renamed. */
static void filter_missing(struct sp_filter *filter)
{
    const struct sp_filter_job *job = filter->job;
    size_t index = 0;
    for (size_t i = 0; job->drop != NULL && i < sp_names_count(job->drop); i++) {
        if (sp_names_seen(job->drop, i))
            continue;
        filter->sum->missing++;
        job->told(job->ctx, sp_names_at(job->drop, i), SP_FILTER_MISSING, NULL);
    }
    while (job->records != NULL && index < sp_records_count(job->records)) {
        struct sp_slice name = sp_records_unseen(job->records, &index);
        if (name.len == 0)
            break;
        filter->sum->missing++;
        job->told(job->ctx, name, SP_FILTER_MISSING, NULL);
    }
}

static enum sp_err filter_open(struct sp_filter *filter, struct sp_slice *head, struct sp_why *why)
{
    const struct sp_filter_job *job = filter->job;
    size_t drops = job->drop == NULL ? 0 : sp_names_count(job->drop);
    filter->gone = sp_alloc_zero((drops + 1) * sizeof(struct sp_filter_gone *));
    if (filter->gone == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for %zu names", drops);
    enum sp_err err = sp_scratch_open(&filter->scratch, why);
    if (err == SP_OK)
        err = sp_stream_open_fd(job->in, false, &filter->raw, why);
    filter->in = filter->raw;
    if (err == SP_OK)
        err = sp_stream_peek(filter->raw, SP_HEAD_BYTES, head, why);
    enum sp_packing packing = err == SP_OK ? sp_packing_of(*head) : SP_PACKING_NONE;
    if (err != SP_OK || packing == SP_PACKING_NONE)
        return err;
    err = sp_unpack_open(filter->raw, packing, &filter->in, why);
    if (err != SP_OK)
        filter->in = filter->raw;
    return err == SP_OK ? sp_stream_peek(filter->in, SP_HEAD_BYTES, head, why) : err;
}

static void filter_close(struct sp_filter *filter)
{
    size_t drops = filter->job->drop == NULL ? 0 : sp_names_count(filter->job->drop);
    for (size_t i = 0; filter->gone != NULL && i < drops; i++)
        gone_free(filter->gone[i]);
    sp_free(filter->gone);
    if (filter->in != filter->raw)
        sp_stream_close(filter->in);
    sp_stream_close(filter->raw);
    sp_scratch_close(filter->scratch);
    sp_tarhead_clear(&filter->head);
    sp_buf_clear(&filter->out);
    sp_buf_clear(&filter->refused);
    sp_buf_clear(&filter->bytes);
    sp_buf_clear(&filter->joined);
}

enum sp_err sp_filter_run(const struct sp_filter_job *job, struct sp_filter_sum *sum,
                          struct sp_why *why)
{
    struct sp_filter filter = {.job = job, .sum = sum, .undone = {.anonymises = job->anonymise}};
    struct sp_slice head = {NULL, 0};
    *sum = (struct sp_filter_sum){0};
    sp_tarhead_init(&filter.head);
    sp_buf_init(&filter.out, (size_t)2 * SP_BLOCK_BYTES);
    sp_buf_init(&filter.refused, SIZE_MAX);
    sp_buf_init(&filter.bytes, (size_t)4 * SP_TAR_HEAD_MAX);
    enum sp_err err = filter_open(&filter, &head, why);
    bool is_tar = sp_tar_is_header(head);
    if (err == SP_OK)
        err = is_tar ? filter_tar(&filter, why) : filter_single(&filter, why);
    enum sp_err flushed = sp_filter_flush(&filter, err == SP_OK ? why : NULL);
    if (err == SP_OK)
        err = flushed;
    if (err == SP_OK)
        filter_missing(&filter);
    if (err == SP_OK && job->undo != NULL)
        err = sp_undo_end(job->undo, sp_records_exempt(job->records), &filter.undone, why);
    sum->anonymised = filter.undone.changed;
    sum->left = filter.undone.left;
    filter_close(&filter);
    return err;
}
