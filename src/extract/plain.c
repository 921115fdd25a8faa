/* Text in any encoding: one record, the whole document, and what is written in it as escapes. */
#include "extract/decode.h"
#include "extract/formats.h"
#include "extract/running.h"

int sp_plain_bid(const struct sp_glance *at)
{
    return at->is_text ? 50 : 0;
}

struct plain {
    struct sp_extract *x;
    bool open; /* the record was begun */
    struct sp_running running;
};

static enum sp_err plain_text(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    struct plain *plain = ctx;
    if (!plain->open) {
        struct sp_record record = {.kind = SP_RECORD_DOCUMENT,
                                   .ordinal = ++plain->x->done->record_count,
                                   .line = 1,
                                   .date_s = INT64_MIN};
        enum sp_err err = sp_sink_record_begin(plain->x->sink, &record, why);
        if (err != SP_OK)
            return err;
        plain->open = true;
    }
    return sp_running_push(&plain->running, utf8, map, why);
}

enum sp_err sp_plain_extract(struct sp_extract *x, struct sp_why *why)
{
    struct plain plain = {.x = x};
    enum sp_err stream_err = SP_OK;
    sp_running_init(&plain.running, x->sink);
    enum sp_err err = sp_extract_decode(x, false, plain_text, &plain, &stream_err, why);
    if (err == SP_OK)
        err = sp_running_end(&plain.running, why);
    if (err == SP_OK && plain.open)
        err = sp_sink_record_end(x->sink, why);
    if (err == SP_OK)
        err = sp_escapes_report(&plain.running.escapes, x, why);
    sp_running_clear(&plain.running);
    return err != SP_OK ? err : stream_err;
}
