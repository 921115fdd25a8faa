#include "scan/enclosures.h"

#include <inttypes.h>
#include <unistd.h>

static struct sp_enclosure *last_of(struct sp_enclosures *enclosures)
{
    return &enclosures->waiting[enclosures->waiting_count - 1];
}

static bool enclosure_begin(void *ctx)
{
    struct sp_enclosures *enclosures = ctx;
    struct sp_why ignored; /* then it is told as a gap */
    if (enclosures->waiting_count == SP_ENCLOSURES_MAX ||
        enclosures->count == enclosures->max_count)
        return false;
    struct sp_enclosure *enclosure = &enclosures->waiting[enclosures->waiting_count];
    if (sp_spool_begin(&enclosure->spool, &ignored) != SP_OK)
        return false;
    enclosures->held = 0;
    for (size_t i = 0; i < enclosures->waiting_count; i++)
        enclosures->held += enclosures->waiting[i].spool.len;
    enclosures->waiting_count++;
    enclosure->ordinal = SP_ENCLOSURES_FIRST + ++enclosures->count;
    enclosure->hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */
    enclosures->open = true;
    return true;
}

static void enclosure_put(void *ctx, struct sp_slice bytes)
{
    struct sp_enclosures *enclosures = ctx;
    struct sp_enclosure *enclosure = last_of(enclosures);
    for (size_t i = 0; i < bytes.len; i++)
        enclosure->hash = (enclosure->hash ^ bytes.ptr[i]) * UINT64_C(0x100000001B3);
    if (!enclosure->spool.limit)
        (void)sp_spool_put(&enclosure->spool, bytes, enclosures->max_bytes - enclosures->held);
}

/* Byte for byte: a hash alone could be made to hide a document behind another one. */
static bool spool_begins(const struct sp_spool *whole, const struct sp_spool *begin)
{
    uint8_t left[4096], right[4096];
    for (uint64_t at = 0; at < begin->len;) {
        ssize_t got = pread(begin->fd, left, sizeof left, (off_t)at);
        if (got <= 0 || pread(whole->fd, right, (size_t)got, (off_t)at) != got ||
            memcmp(left, right, (size_t)got) != 0)
            return false;
        at += (uint64_t)got;
    }
    return true;
}

/* The same one, or the beginning of one that came whole: what is written in a link stands in the
 * text as it is, and in decoded pieces behind it (extract/escapes.h). */
static bool enclosure_is_again(const struct sp_enclosures *enclosures)
{
    const struct sp_enclosure *last = &enclosures->waiting[enclosures->waiting_count - 1];
    for (const struct sp_enclosure *one = enclosures->waiting; one < last; one++) {
        bool longer = one->spool.len > last->spool.len && last->spool.len > 0;
        bool same = one->spool.len == last->spool.len && one->hash == last->hash;
        if ((same || longer) && spool_begins(&one->spool, &last->spool))
            return true;
    }
    return false;
}

/* What is too large is handed out as far as it came. */
static bool enclosure_end(void *ctx)
{
    struct sp_enclosures *enclosures = ctx;
    struct sp_enclosure *last = last_of(enclosures);
    struct sp_why ignored; /* then it is told as a gap */
    bool whole = !last->spool.limit;
    enclosures->open = false;
    if (enclosure_is_again(enclosures)) {
        sp_spool_clear(&last->spool);
        enclosures->waiting_count--;
        return whole;
    }
    if (sp_spool_seal(&last->spool, &ignored) == SP_OK)
        return whole;
    enclosures->waiting_count--;
    return false;
}

void sp_enclosures_init(struct sp_enclosures *enclosures, uint64_t max_bytes, uint64_t max_count)
{
    *enclosures = (struct sp_enclosures){
        .taker = {enclosure_begin, enclosure_put, enclosure_end, enclosures},
        .max_bytes = max_bytes,
        .max_count = max_count,
    };
    enclosures->enclosed.taker = &enclosures->taker;
}

void sp_enclosures_clear(struct sp_enclosures *enclosures)
{
    for (size_t i = 0; i < enclosures->waiting_count; i++)
        sp_spool_clear(&enclosures->waiting[i].spool);
    enclosures->waiting_count = 0;
    enclosures->open = false;
}

bool sp_enclosures_take(struct sp_enclosures *enclosures, struct sp_object_info *info,
                        char part[SP_ENCLOSURES_PART_MAX], int *fd)
{
    if (enclosures->waiting_count == 0 || enclosures->open)
        return false;
    const struct sp_enclosure *first = &enclosures->waiting[0];
    int len = snprintf(part, SP_ENCLOSURES_PART_MAX, "base64[%" PRIu64 "]", enclosures->row);
    *info = (struct sp_object_info){
        .step = SP_STEP_PART,
        .ordinal = first->ordinal,
        .part = {(const uint8_t *)part, (size_t)len},
        .size_claimed = first->spool.len,
        .mtime_s = INT64_MIN,
    };
    *fd = first->spool.fd;
    enclosures->waiting_count--;
    memmove(enclosures->waiting, enclosures->waiting + 1,
            enclosures->waiting_count * sizeof *enclosures->waiting);
    return true;
}
