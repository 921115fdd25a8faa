#include "extract/running.h"

enum { WAIT_MAX = 1 << 20 /* bytes of other spellings; many times less than may be kept */ };

void sp_running_init(struct sp_running *running, struct sp_sink *sink)
{
    running->sink = sink;
    running->cut = false;
    running->tail = (struct sp_tail){.total = 0};
    sp_escapes_init(&running->escapes);
}

void sp_running_clear(struct sp_running *running)
{
    sp_escapes_clear(&running->escapes);
}

static enum sp_err piece_out(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                             uint64_t line, struct sp_why *why)
{
    const struct sp_field field = {.line = line};
    enum sp_err err = sp_sink_field(ctx, &field, why);
    return err == SP_OK ? sp_sink_text(ctx, utf8, map, why) : err;
}

/* Another field, with the end of the text so far. */
static enum sp_err text_again(struct sp_running *running, struct sp_why *why)
{
    struct sp_tail_text tail;
    running->cut = false;
    sp_tail_read(&running->tail, &tail);
    return piece_out(running->sink, tail.text, tail.map, running->escapes.line - tail.lines, why);
}

enum sp_err sp_running_push(struct sp_running *running, struct sp_slice utf8,
                            struct sp_origin_map map, struct sp_why *why)
{
    enum sp_err err = running->cut ? text_again(running, why) : SP_OK;
    if (err == SP_OK)
        err = sp_sink_text(running->sink, utf8, map, why);
    if (err == SP_OK)
        err = sp_escapes_push(&running->escapes, utf8, map, why);
    sp_tail_add_map(&running->tail, utf8, map);
    if (err != SP_OK || running->escapes.kept.len < WAIT_MAX)
        return err;
    running->cut = true;
    return sp_escapes_give(&running->escapes, piece_out, running->sink, why);
}

enum sp_err sp_running_end(struct sp_running *running, struct sp_why *why)
{
    enum sp_err err = sp_escapes_end(&running->escapes, why);
    return err == SP_OK ? sp_escapes_give(&running->escapes, piece_out, running->sink, why) : err;
}
