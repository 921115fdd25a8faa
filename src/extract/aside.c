#include "extract/aside.h"

#include "extract/formats.h"
#include "extract/run.h"

#include <string.h>

enum {
    ASIDE_DIGITS_MAX = 5,     /* in a row: fewer than any number of a person has */
    ASIDE_LABEL_MAX = 256,    /* bytes of a label of the system */
    ASIDE_PRINTABLE_MAX = 11, /* of a binary one: fewer than an address in UTF-16 has */
};

void sp_aside_init(struct sp_aside *aside, struct sp_extract *x, const struct sp_object_info *info,
                   uint64_t *count)
{
    *aside = (struct sp_aside){.outer = x, .info = *info, .count = count};
    if (info->node != SP_NODE_HARDLINK) /* a link follows what it repeats, and so does this */
        aside->info.node = SP_NODE_REGULAR;
}

void sp_aside_init_all(struct sp_aside *aside, struct sp_extract *x, const char *name,
                       uint64_t *count)
{
    const struct sp_object_info info = {.step = SP_STEP_PART,
                                        .name = sp_slice_of(name),
                                        .size_claimed = SP_SIZE_UNKNOWN,
                                        .mtime_s = INT64_MIN};
    sp_aside_init(aside, x, &info, count);
}

static enum sp_err aside_open(struct sp_aside *aside, struct sp_why *why)
{
    const struct sp_extract *outer = aside->outer;
    aside->open = true;
    aside->info.ordinal = ++*aside->count;
    aside->passed_over = sp_plan_is_done(outer->plan, aside->info.ordinal);
    aside->done = (struct sp_object_done){
        .format = "headers", .shape = SP_SHAPE_DOCUMENT, .state = SP_STATE_COMPLETE};
    aside->x = (struct sp_extract){.info = &aside->info,
                                   .sink = outer->sink,
                                   .limits = outer->limits,
                                   .depth = outer->depth + 1,
                                   .top_bytes = outer->top_bytes,
                                   .inline_children = outer->inline_children,
                                   .done = &aside->done,
                                   .account = outer->account};
    return aside->passed_over ? SP_OK : sp_sink_object_begin(outer->sink, &aside->info, why);
}

enum sp_err sp_aside_note(struct sp_aside *aside, struct sp_slice raw, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (raw.len == 0)
        return SP_OK;
    if (aside->outer->package != SP_PACKAGE_NONE || aside->outer->look != NULL)
        return sp_extract_note(aside->outer, raw, why); /* a document goes as a whole */
    if (!aside->open)
        err = aside_open(aside, why);
    aside->done.bytes_read += raw.len;
    return err == SP_OK && !aside->passed_over ? sp_extract_note(&aside->x, raw, why) : err;
}

enum sp_err sp_aside_label(struct sp_aside *aside, struct sp_slice raw, struct sp_why *why)
{
    return aside->open ? sp_aside_note(aside, raw, why) : sp_extract_note(aside->outer, raw, why);
}

enum sp_err sp_aside_unread(struct sp_aside *aside, const struct sp_unread *unread,
                            struct sp_why *why)
{
    if (aside->passed_over)
        return SP_OK;
    return sp_extract_unread(aside->open ? &aside->x : aside->outer, unread, why);
}

static bool aside_is_of_system(struct sp_slice name)
{
    static const char *const begins[] = {"security.", "system.posix_acl", "user.DOSATTRIB",
                                         "RHT.security.", "SCHILY.acl."};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t len = strlen(begins[i]);
        if (name.len >= len && memcmp(name.ptr, begins[i], len) == 0)
            return true;
    }
    return false;
}

/* An access list with somebody in it: "user:jansen:rw-". A number is nobody. */
static bool aside_names(struct sp_slice value)
{
    static const char *const keys[] = {"user:", "group:"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        size_t len = strlen(keys[k]);
        for (size_t i = 0; i + len < value.len; i++) {
            uint8_t next = value.ptr[i + len];
            if (memcmp(value.ptr + i, keys[k], len) == 0 && next != ':' &&
                !(next >= '0' && next <= '9'))
                return true;
        }
    }
    return false;
}

/* Words of a label ("system_u:object_r:tmp_t:s0", "user::rw-") and no long number; or bits, with
 * hardly a letter between them. */
static bool aside_is_label(struct sp_slice value)
{
    size_t digits = 0;
    size_t printable = 0;
    bool words = !aside_names(value), plain = true;
    for (size_t i = 0; i < value.len && value.len <= ASIDE_LABEL_MAX; i++) {
        uint8_t byte = value.ptr[i];
        bool digit = byte >= '0' && byte <= '9';
        digits = digit ? digits + 1 : 0;
        printable += byte >= 0x20 && byte < 0x7F;
        plain = plain && digits <= ASIDE_DIGITS_MAX && byte != '@';
        words = words && digits <= ASIDE_DIGITS_MAX &&
                (digit || (byte >= 'a' && byte <= 'z') || byte == '\0' || byte == '\n' ||
                 strchr(":,_-", byte) != NULL);
    }
    bool bits = plain && printable <= ASIDE_PRINTABLE_MAX && printable * 2 < value.len;
    return value.len <= ASIDE_LABEL_MAX && (words || bits);
}

enum sp_err sp_aside_attribute(struct sp_aside *aside, struct sp_slice name, struct sp_slice value,
                               struct sp_why *why)
{
    if (aside_is_of_system(name) && aside_is_label(value))
        return sp_aside_label(aside, value, why);
    enum sp_err err = sp_aside_note(aside, name, why);
    return err == SP_OK ? sp_aside_note(aside, value, why) : err;
}

enum sp_err sp_aside_end(struct sp_aside *aside, struct sp_why *why)
{
    bool open = aside->open && !aside->passed_over;
    aside->open = false;
    return open ? sp_sink_object_end(aside->outer->sink, &aside->done, why) : SP_OK;
}
