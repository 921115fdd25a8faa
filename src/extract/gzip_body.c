#include "extract/gzip_body.h"
#include "base/mem.h"

bool sp_gzip_body_off;

#ifdef SPEUR_ISAL
#include <isa-l/igzip_lib.h>
#include <limits.h>

enum { BODY_FLUSH_PAD = 8, BODY_FLUSH_MAX = 258 /* bytes of the longest match */ };

struct sp_gzip_body {
    struct inflate_state state; /* some 150 KB */
    struct inflate_state saved; /* while trying what may follow */
};

enum sp_err sp_gzip_body_open(struct sp_gzip_body **out, struct sp_why *why)
{
    *out = NULL;
    if (sp_gzip_body_off)
        return SP_OK;
    *out = sp_alloc(sizeof **out);
    return *out != NULL ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "no memory to inflate");
}

void sp_gzip_body_close(struct sp_gzip_body *body)
{
    sp_free(body);
}

void sp_gzip_body_start(struct sp_gzip_body *body)
{
    isal_inflate_init(&body->state);
    body->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
}

enum sp_gzip_body_end sp_gzip_body_inflate(struct sp_gzip_body *body, struct sp_slice *in,
                                           uint8_t *out, size_t room, size_t *made)
{
    struct inflate_state *state = &body->state;
    size_t len = in->len < UINT_MAX ? in->len : UINT_MAX;
    state->next_in = (uint8_t *)(uintptr_t)in->ptr; /* only read */
    state->avail_in = (uint32_t)len;
    state->next_out = out;
    state->avail_out = (uint32_t)room;
    int r = isal_inflate(state);
    /* It was seen to count below zero when a stream ends within its last code (2.30, by fuzzing).
     */
    bool lost = state->avail_in > len;
    size_t taken = lost ? len : len - state->avail_in;
    in->ptr += taken;
    in->len -= taken;
    *made = room - state->avail_out;
    if (r != ISAL_DECOMP_OK || lost)
        return SP_GZIP_BODY_DAMAGED;
    return state->block_state == ISAL_BLOCK_FINISH ? SP_GZIP_BODY_END : SP_GZIP_BODY_MORE;
}

/* A code of which not all bits are there reads as different symbols with zeros and with ones behind
 * it; one that is whole reads the same. */
void sp_gzip_body_flush(struct sp_gzip_body *body, uint8_t *out, size_t room, size_t *made)
{
    /* longer than what is given of them: see above */
    static const uint8_t zeros[8 * BODY_FLUSH_PAD] = {0};
    static const uint8_t ones[8 * BODY_FLUSH_PAD] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint8_t other[BODY_FLUSH_MAX];
    struct sp_slice pad = {zeros, BODY_FLUSH_PAD};
    size_t same = 0;
    size_t count;
    size_t other_count;
    room = room < sizeof other ? room : sizeof other;
    body->saved = body->state;
    (void)sp_gzip_body_inflate(body, &pad, out, room, &count);
    body->state = body->saved;
    pad = (struct sp_slice){ones, BODY_FLUSH_PAD};
    (void)sp_gzip_body_inflate(body, &pad, other, room, &other_count);
    while (same < count && same < other_count && out[same] == other[same])
        same++;
    *made = same;
}

#else

void sp_gzip_body_flush(struct sp_gzip_body *body, uint8_t *out, size_t room, size_t *made)
{
    (void)body, (void)out, (void)room;
    *made = 0;
}

enum sp_err sp_gzip_body_open(struct sp_gzip_body **out, struct sp_why *why)
{
    (void)why;
    *out = NULL;
    return SP_OK;
}

void sp_gzip_body_close(struct sp_gzip_body *body)
{
    (void)body;
}

void sp_gzip_body_start(struct sp_gzip_body *body)
{
    (void)body;
}

enum sp_gzip_body_end sp_gzip_body_inflate(struct sp_gzip_body *body, struct sp_slice *in,
                                           uint8_t *out, size_t room, size_t *made)
{
    (void)body, (void)in, (void)out, (void)room;
    *made = 0;
    return SP_GZIP_BODY_DAMAGED;
}
#endif
