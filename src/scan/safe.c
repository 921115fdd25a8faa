/* Locator parts that stem from content (a primary key, a column header, a Message-ID) may be
 * personal data themselves. They are kept only after what a detector finds in them was masked. */
#include "base/limits.h"
#include "scan/lane.h"

struct safe_copy {
    struct sp_slice text;
    struct sp_buf *out;
    size_t copied; /* bytes of text already in out */
};

static enum sp_err safe_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct safe_copy *copy = ctx;
    size_t begin = match->begin < copy->copied ? copy->copied : match->begin;
    enum sp_err err =
        sp_buf_append(copy->out, copy->text.ptr + copy->copied, begin - copy->copied, why);
    if (err == SP_OK && match->begin + (size_t)match->len > copy->copied)
        err = sp_buf_append_string(copy->out, "***", why);
    if (match->begin + (size_t)match->len > copy->copied)
        copy->copied = match->begin + match->len;
    return err;
}

/* A part too hard to judge is kept from being shown at all. */
static enum sp_err safe_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    (void)begin;
    (void)why;
    struct safe_copy *copy = ctx;
    copy->copied = copy->text.len;
    return SP_OK;
}

/* Nothing that a detector could find has neither an '@' nor five digits. */
static bool safe_is_plain(struct sp_slice text)
{
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '@')
            return false;
        digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    return digits < 5;
}

enum sp_err sp_safe_part(struct sp_matcher *matcher, struct sp_slice text, struct sp_buf *out,
                         struct sp_why *why)
{
    if (text.len > SP_NAME_MAX_BYTES)
        text.len = SP_NAME_MAX_BYTES;
    if (safe_is_plain(text))
        return sp_buf_append(out, text.ptr, text.len, why);
    const struct sp_text_record record = {
        .begin = 0, .end = (uint32_t)text.len, .ordinal = 1, .kind = SP_RECORD_DOCUMENT};
    const struct sp_text window = {.data = text.ptr,
                                   .len = text.len,
                                   .own_end = text.len,
                                   .first = true,
                                   .last = true,
                                   .kind = SP_RECORD_DOCUMENT,
                                   .records = &record,
                                   .record_count = 1};
    struct safe_copy copy = {.text = text, .out = out};
    enum sp_err err = sp_matcher_run(matcher, &window, safe_match, safe_limit, &copy, why);
    if (err == SP_OK && copy.copied < text.len)
        err = sp_buf_append(out, text.ptr + copy.copied, text.len - copy.copied, why);
    return err;
}

/* Mail programs make local parts of time, process and random numbers; people have few digits. */
static bool safe_is_machine_made(struct sp_slice local)
{
    unsigned digits = 0;
    for (size_t i = 0; i < local.len; i++)
        digits += local.ptr[i] >= '0' && local.ptr[i] <= '9';
    return digits >= 6 || (local.len >= 24 && digits > 0);
}

enum sp_err sp_safe_message_id(struct sp_matcher *matcher, struct sp_slice id, struct sp_buf *out,
                               struct sp_why *why)
{
    const uint8_t *at = id.len == 0 ? NULL : memchr(id.ptr, '@', id.len);
    struct sp_slice local = {id.ptr, at == NULL ? id.len : (size_t)(at - id.ptr)};
    if (at == NULL || !safe_is_machine_made(local))
        return sp_safe_part(matcher, id, out, why);
    /* the host behind the '@' tells of the mail system, the local part is judged by itself */
    enum sp_err err = sp_safe_part(matcher, local, out, why);
    return err != SP_OK ? err : sp_buf_append(out, at, id.len - local.len, why);
}
