/* Every parser of files, through the one entry that a worker has: the first byte chooses how the
 * bytes are cut into blocks and what the file is called, the rest is the file. */
#include "judge.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    sp_mail_init();
    return 0;
}

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
