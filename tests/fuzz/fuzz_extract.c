/* Every parser of files, through the one entry that a worker has: the first byte chooses how the
 * bytes are cut into blocks, the rest is the file. The sink checks what a receiver relies on. */
#include "base/utf8.h"
#include "extract/extract.h"
#include "extract/mail.h"

#include <assert.h>
#include <unistd.h>

struct blocks {
    struct sp_slice left;
    size_t step;
};

static enum sp_err blocks_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    (void)why;
    struct blocks *blocks = self;
    size_t take = blocks->left.len < blocks->step ? blocks->left.len : blocks->step;
    *out = (struct sp_slice){blocks->left.ptr, take};
    blocks->left.ptr += take;
    blocks->left.len -= take;
    return SP_OK;
}

static const struct sp_source_ops blocks_ops = {blocks_next, NULL};

struct judge {
    struct sp_sink base;
    unsigned open;
    bool in_record;
};

static enum sp_err judge_begin(struct sp_sink *sink, const struct sp_object_info *info,
                               struct sp_why *why)
{
    (void)info, (void)why;
    struct judge *judge = (struct judge *)sink;
    assert(!judge->in_record && judge->open < 100);
    judge->open++;
    return SP_OK;
}

static enum sp_err judge_end(struct sp_sink *sink, const struct sp_object_done *done,
                             struct sp_why *why)
{
    (void)why;
    struct judge *judge = (struct judge *)sink;
    assert(!judge->in_record && judge->open > 0 && done->state != SP_STATE_OPEN);
    judge->open--;
    return SP_OK;
}

static enum sp_err judge_record(struct sp_sink *sink, const struct sp_record *record,
                                struct sp_why *why)
{
    (void)why;
    struct judge *judge = (struct judge *)sink;
    assert(!judge->in_record && (unsigned)record->kind < SP_RECORD_KIND_COUNT);
    judge->in_record = true;
    return SP_OK;
}

static enum sp_err judge_record_end(struct sp_sink *sink, struct sp_why *why)
{
    (void)why;
    struct judge *judge = (struct judge *)sink;
    assert(judge->in_record);
    judge->in_record = false;
    return SP_OK;
}

static enum sp_err judge_field(struct sp_sink *sink, const struct sp_field *field,
                               struct sp_why *why)
{
    (void)why;
    assert(((struct judge *)sink)->in_record && sp_utf8_valid(field->key));
    return SP_OK;
}

static enum sp_err judge_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    (void)why;
    assert(((struct judge *)sink)->in_record && sp_utf8_valid(utf8));
    for (size_t i = 0; i < map.count; i++)
        assert(map.points[i].text_pos <= utf8.len);
    return SP_OK;
}

static enum sp_err judge_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                               struct sp_why *why)
{
    (void)info, (void)why;
    assert(!((struct judge *)sink)->in_record);
    (void)close(fd);
    return SP_OK;
}

static enum sp_err judge_unread(struct sp_sink *sink, const struct sp_unread *unread,
                                struct sp_why *why)
{
    (void)why;
    assert(!((struct judge *)sink)->in_record && (unsigned)unread->reason < SP_REASON_COUNT);
    return SP_OK;
}

static const struct sp_sink_ops judge_ops = {
    .object_begin = judge_begin,
    .object_end = judge_end,
    .record_begin = judge_record,
    .record_end = judge_record_end,
    .field = judge_field,
    .text = judge_text,
    .child = judge_child,
    .unread = judge_unread,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    sp_mail_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t steps[] = {1, 3, 64, 4096};
    static const char *const names[] = {"input", "input.csv", "input.7z.001", "input.eml"};
    if (size == 0)
        return 0;
    struct blocks blocks = {{data + 1, size - 1}, steps[data[0] & 3]};
    struct judge judge = {.base = {&judge_ops}};
    struct sp_object_info info = {.step = SP_STEP_FILE,
                                  .ordinal = 1,
                                  .name = sp_slice_of(names[data[0] >> 2 & 3]),
                                  .size_claimed = size - 1,
                                  .mtime_s = INT64_MIN};
    struct sp_object_done done = {.state = SP_STATE_OPEN};
    struct sp_limits limits;
    struct sp_stream *stream = NULL;
    struct sp_why why;
    sp_limits_init(&limits);
    if (sp_stream_open(&blocks_ops, &blocks, &stream, &why) != SP_OK)
        return 0;
    struct sp_extract extract = {.stream = stream,
                                 .info = &info,
                                 .sink = &judge.base,
                                 .limits = &limits,
                                 .top_bytes = size - 1,
                                 .inline_children = true,
                                 .done = &done};
    enum sp_err err = sp_extract_run(&extract, false, &why);
    assert(err != SP_OK || (judge.open == 0 && !judge.in_record && done.state != SP_STATE_OPEN));
    sp_stream_close(stream);
    return 0;
}
