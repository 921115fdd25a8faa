/* One parser, whatever the bytes look like: FUZZ_FORMAT is its name in the table of formats. The
 * first byte chooses how the bytes are cut into blocks. With FUZZ_FILE they lie in a file, for
 * parsers that want one. */
#include "judge.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    sp_mail_init();
    return 0;
}

static const struct sp_extractor *format_named(const char *name)
{
    const struct sp_extractor *row = sp_extractors;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    assert(row->name != NULL);
    return row;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct judge judge = {.base = {&judge_ops}};
    struct sp_object_info info = {.step = SP_STEP_FILE,
                                  .ordinal = 1,
                                  .name = sp_slice_of("input"),
                                  .size_claimed = size - 1,
                                  .mtime_s = INT64_MIN};
    struct sp_limits limits;
    struct sp_stream *stream = NULL;
    struct sp_why why;
    sp_limits_init(&limits);
    limits.ratio_free_bytes = 1 << 20; /* bombs are no find */
#ifdef FUZZ_FILE
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1) ||
        lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (sp_stream_open_fd(fd, true, &stream, &why) != SP_OK)
        return 0;
#else
    static const size_t steps[] = {1, 7, 64, 4096};
    struct blocks blocks = {{data + 1, size - 1}, steps[data[0] & 3]};
    if (sp_stream_open(&blocks_ops, &blocks, &stream, &why) != SP_OK)
        return 0;
#endif
    struct sp_object_done done = {.state = SP_STATE_COMPLETE};
    struct sp_account account = {.top = stream};
    struct sp_extract extract = {.stream = stream,
                                 .info = &info,
                                 .sink = &judge.base,
                                 .limits = &limits,
                                 .top_bytes = size - 1,
                                 .inline_children = true,
                                 .done = &done,
                                 .account = &account};
    enum sp_err err = format_named(FUZZ_FORMAT)->extract(&extract, &why);
    assert(err != SP_OK || (judge.open == 0 && !judge.in_record));
    sp_stream_close(stream);
    return 0;
}
