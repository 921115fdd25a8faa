/* What stands before a member of a tar. */
#include "extract/formats.h"
#include "restore/filter_in.h"

#include <string.h>

static enum sp_err filter_holes(struct sp_filter *filter, struct sp_why *why)
{
    bool more = true;
    enum sp_err err = SP_OK;
    while (err == SP_OK && more) {
        err = sp_filter_take(filter, SP_TAR_BLOCK, why);
        if (err == SP_OK)
            err = sp_tarhead_holes(&filter->head, filter->bytes.data, &more, why);
    }
    return err;
}

/* A hard link may have its content again (pax), or only its size (old tars): what follows tells. */
static enum sp_err filter_link_size(struct sp_filter *filter, struct sp_why *why)
{
    if (filter->head.type != '1' || filter->head.size == 0)
        return SP_OK;
    enum sp_err err = sp_filter_join(filter, SP_TAR_BLOCK, why);
    if (err == SP_OK && (filter->block.len < SP_TAR_BLOCK || sp_tar_is_header(filter->block)))
        filter->head.size = 0;
    return err;
}

/* A HIT that has no member's name: what stands before all members, or has no name, may be where. */
bool sp_filter_may_be_met(const struct sp_filter *filter)
{
    return filter->job->records != NULL && sp_records_of_none(filter->job->records) > 0;
}

static bool head_is_of(struct sp_slice value, const char *bytes)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '\0' || strchr(bytes, value.ptr[i]) == NULL)
            return false;
    return true;
}

/* What a header for all members may say without a word on a person: times and owners; its charset;
 * a comment that is the name of a commit, in SHA-1 or SHA-256 (git archive). */
static bool head_is_plain(struct sp_slice key, struct sp_slice value)
{
    static const char *const numbers[] = {"atime", "ctime", "mtime", "uid", "gid"};
    if (sp_slice_is(key, "comment"))
        return (value.len == 40 || value.len == 64) && head_is_of(value, "0123456789abcdef");
    if (sp_slice_is(key, "charset") || sp_slice_is(key, "hdrcharset"))
        return sp_slice_is(value, "BINARY") || sp_slice_is(value, "ISO-IR 10646 2000 UTF-8");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sp_slice_is(key, numbers[i]))
            return head_is_of(value, "0123456789.-");
    return false;
}

static bool head_is_all_plain(struct sp_slice data)
{
    struct sp_slice record, key, value;
    size_t pos = 0;
    while (sp_pax_next(data, &pos, &record, &key, &value))
        if (!head_is_plain(key, value))
            return false;
    return pos == data.len;
}

/* A header for all members that follow: nobody can say of it, by a name, that it goes. */
static enum sp_err filter_global(struct sp_filter *filter, const uint8_t *block, uint64_t size,
                                 struct sp_why *why)
{
    filter->head.blocks.len -= SP_TAR_BLOCK;
    enum sp_err err = sp_filter_take(filter, size + sp_filter_padding(size), why);
    if (err != SP_OK)
        return err;
    bool met = sp_filter_may_be_met(filter);
    if (!met && (filter->job->records != NULL ||
                 head_is_all_plain((struct sp_slice){filter->bytes.data, (size_t)size}))) {
        err = sp_filter_give(filter, (struct sp_slice){block, SP_TAR_BLOCK}, why);
        return err == SP_OK ? sp_filter_give(filter, sp_buf_slice(&filter->bytes), why) : err;
    }
    filter->sum->refused++;
    filter->job->told(filter->job->ctx, sp_slice_of("pax_global_header"), SP_FILTER_LEFT_OUT,
                      met ? "a hit is in no member, so it may be in this header for all of them"
                          : "words in a header for all members, of which no list says anything");
    return SP_OK;
}

/* Reads up to the next member; *end: there is none. */
enum sp_err sp_filter_head(struct sp_filter *filter, bool *end, struct sp_why *why)
{
    enum sp_tarblock kind = SP_TARBLOCK_MORE;
    uint8_t block[SP_TAR_BLOCK];
    uint64_t size;
    sp_tarhead_reset(&filter->head);
    *end = false;
    while (kind != SP_TARBLOCK_MAIN) {
        enum sp_err err = sp_filter_fill(filter, why);
        *end = err == SP_OK && filter->block.len == 0;
        if (*end)
            return filter->head.blocks.len == 0 ? SP_OK : sp_filter_cut_off(filter, why);
        if (err == SP_OK)
            err = sp_filter_take(filter, SP_TAR_BLOCK, why);
        if (err != SP_OK)
            return err;
        memcpy(block, filter->bytes.data, sizeof block);
        err = sp_tarhead_block(&filter->head, block, &kind, &size, why);
        if (err == SP_OK && kind == SP_TARBLOCK_OTHER)
            err = sp_fail(why, SP_ERR_FORMAT,
                          "a damaged header at byte %llu: nobody can tell what follows, so nothing "
                          "more is given on",
                          (unsigned long long)(filter->at - SP_TAR_BLOCK));
        if (err == SP_OK && kind == SP_TARBLOCK_ZERO)
            err = sp_filter_give(filter, (struct sp_slice){block, sizeof block}, why);
        if (err == SP_OK && kind == SP_TARBLOCK_GLOBAL)
            err = filter_global(filter, block, size, why);
        if (err == SP_OK && kind == SP_TARBLOCK_MORE) {
            err = sp_filter_take(filter, size + sp_filter_padding(size), why);
            if (err == SP_OK)
                err = sp_tarhead_extend(&filter->head, sp_buf_slice(&filter->bytes), size, why);
        }
        if (err == SP_OK && kind == SP_TARBLOCK_MAIN && size > 0)
            err = filter_holes(filter, why);
        if (err != SP_OK)
            return err;
    }
    return filter_link_size(filter, why);
}
