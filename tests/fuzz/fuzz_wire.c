/* What a worker may send: frames of any kind in any order, with and without another lane that takes
 * whole objects. The first byte chooses. */
#include "judge.h"
#include "worker/frames.h"

#include <sys/socket.h>

struct relay {
    unsigned asked;
    struct sp_wire_in *replay;
    struct sp_sink *sink;
};

static bool relay_wanted(void *ctx)
{
    return ((struct relay *)ctx)->asked++ % 3 != 2;
}

/* Replayed into a sink of its own: the objects in it hang below the job's. */
static enum sp_err relay_take(void *ctx, struct sp_buf *frames, struct sp_why *why)
{
    struct relay *relay = ctx;
    struct judge judge = {.base = {&judge_ops}};
    struct sp_wire_result result;
    enum sp_err err =
        sp_wire_replay(relay->replay, sp_buf_slice(frames), &judge.base, &result, why);
    assert(err != SP_OK || result.end != SP_WIRE_DONE || (judge.open == 0 && !judge.in_record));
    sp_buf_clear(frames);
    sp_buf_init(frames, SP_PARCEL_MAX_BYTES);
    return err;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { ROOM = 64 * 1024 };
    static struct sp_wire_in *replay;
    int ends[2];
    struct sp_wire_in *in = NULL;
    struct sp_why why = {""};
    struct judge judge = {.base = {&judge_ops}};
    struct sp_wire_result result;
    if (size < 2 || size > ROOM || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return 0;
    if (replay == NULL && sp_wire_in_new(-1, &replay, &why) != SP_OK)
        abort();
    if (sp_wire_in_new(ends[0], &in, &why) != SP_OK)
        abort();
    if (write(ends[1], data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    (void)close(ends[1]);
    struct relay relay = {.replay = replay};
    const struct sp_wire_watch watch = {
        .quiet_ms = 1000,
        .bytes_max = (data[0] & 4) != 0 ? 300 : 0,
        .mute = (data[0] & 1) != 0,
        .relay = {(data[0] & 2) != 0 ? relay_wanted : NULL, relay_take, &relay}};
    enum sp_err err = sp_wire_pump(in, &judge.base, &watch, &result, &why);
    assert(err == SP_OK);
    assert(result.end != SP_WIRE_DONE || result.worker_err != SP_OK ||
           (judge.open == 0 && !judge.in_record));
    sp_wire_in_free(in);
    (void)close(ends[0]);
    return 0;
}
