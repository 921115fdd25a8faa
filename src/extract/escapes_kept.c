/* What was written in other spellings, decoded, until its owner takes it. */
#include "extract/escapes_in.h"

#include "base/mem.h"
#include "extract/formats.h"

#include <string.h>

enum {
    KEPT_MAX = 16 << 20,
    DEPTH_MAX = 3 /* spellings within spellings: a link in a link, a token in a secret */
};

/* Before each kept piece; its text and then its points follow. */
struct kept {
    uint64_t line;
    size_t len, points;
};

void sp_escapes_init(struct sp_escapes *escapes)
{
    sp_buf_init(&escapes->kept, KEPT_MAX);
    escapes->inner = NULL;
    escapes->depth = 0;
    sp_escapes_again(escapes);
}

void sp_escapes_again(struct sp_escapes *escapes)
{
    memset(escapes, 0, offsetof(struct sp_escapes, piece));
    memset(&escapes->words, 0, offsetof(struct sp_base64_words, digits));
    escapes->line = 1;
    sp_buf_reset(&escapes->kept);
}

void sp_escapes_clear(struct sp_escapes *escapes)
{
    sp_buf_wipe(&escapes->kept);
    if (escapes->inner == NULL)
        return;
    sp_escapes_clear(escapes->inner);
    explicit_bzero(escapes->inner, sizeof *escapes->inner);
    sp_free(escapes->inner);
    escapes->inner = NULL;
}

static enum sp_err keep(struct sp_escapes *escapes, struct sp_slice text, struct sp_origin_map map,
                        uint64_t line, struct sp_why *why)
{
    const struct kept kept = {line, text.len, map.count};
    size_t points_len = map.count * sizeof map.points[0];
    bool fits = KEPT_MAX - escapes->kept.len > sizeof kept + text.len + points_len;
    escapes->overfull = escapes->overfull || !fits;
    if (!fits)
        return SP_OK;
    enum sp_err err = sp_buf_append(&escapes->kept, &kept, sizeof kept, why);
    if (err == SP_OK)
        err = sp_buf_append(&escapes->kept, text.ptr, text.len, why);
    return err == SP_OK ? sp_buf_append(&escapes->kept, map.points, points_len, why) : err;
}

enum sp_err sp_escapes_add(struct sp_escapes *escapes, struct sp_slice utf8, uint64_t off,
                           uint64_t line, struct sp_why *why)
{
    const struct sp_origin point = {0, off};
    return keep(escapes, utf8, (struct sp_origin_map){&point, 1}, line, why);
}

/* ---- once more ----------------------------------------------------------------------------- */
static enum sp_err inner_open(struct sp_escapes *escapes, struct sp_why *why)
{
    if (escapes->inner != NULL) {
        sp_escapes_again(escapes->inner);
        return SP_OK;
    }
    escapes->inner = sp_alloc(sizeof *escapes->inner);
    if (escapes->inner == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read what was decoded");
    sp_escapes_init(escapes->inner);
    escapes->inner->depth = escapes->depth + 1;
    return SP_OK;
}

struct outer {
    struct sp_escapes *escapes;
    uint64_t line; /* on which all stands that was decoded of a piece */
};

static enum sp_err inner_keep(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              uint64_t line, struct sp_why *why)
{
    const struct outer *outer = ctx;
    (void)line; /* of the decoded text */
    return keep(outer->escapes, utf8, map, outer->line, why);
}

enum sp_err sp_escapes_read_again(struct sp_escapes *escapes, struct sp_slice utf8,
                                  struct sp_origin_map map, uint64_t line, struct sp_why *why)
{
    enum sp_err err = keep(escapes, utf8, map, line, why);
    if (err != SP_OK || escapes->depth == DEPTH_MAX || !sp_escapes_may(utf8))
        return err;
    err = inner_open(escapes, why);
    if (err != SP_OK)
        return err;
    struct sp_escapes *inner = escapes->inner;
    struct outer outer = {escapes, line};
    inner->whole = true;
    err = sp_escapes_push(inner, utf8, map, why);
    if (err == SP_OK)
        err = sp_escapes_end(inner, why);
    escapes->overfull = escapes->overfull || inner->overfull;
    return err == SP_OK ? sp_escapes_give(inner, inner_keep, &outer, why) : err;
}

/* ---- for its owner ------------------------------------------------------------------------- */
enum sp_err sp_escapes_give(struct sp_escapes *escapes, sp_escapes_out out, void *ctx,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < escapes->kept.len;) {
        struct kept kept;
        struct sp_origin points[SP_ESCAPES_POINTS];
        memcpy(&kept, escapes->kept.data + at, sizeof kept);
        struct sp_slice text = {escapes->kept.data + at + sizeof kept, kept.len};
        memcpy(points, text.ptr + text.len, kept.points * sizeof points[0]);
        at += sizeof kept + kept.len + kept.points * sizeof points[0];
        err = out(ctx, text, (struct sp_origin_map){points, kept.points}, kept.line, why);
    }
    sp_buf_reset(&escapes->kept);
    return err;
}

enum sp_err sp_escapes_report(const struct sp_escapes *escapes, struct sp_extract *x,
                              struct sp_why *why)
{
    return escapes->overfull ? sp_escapes_tell_cut(x, why) : SP_OK;
}

enum sp_err sp_escapes_tell_cut(struct sp_extract *x, struct sp_why *why)
{
    struct sp_unread unread;
    sp_unread_init(&unread, SP_REASON_LIMIT_MEMORY);
    unread.partial = true;
    (void)snprintf(unread.detail, sizeof unread.detail,
                   "characters written as escapes, or words in base64");
    return sp_extract_unread(x, &unread, why);
}
