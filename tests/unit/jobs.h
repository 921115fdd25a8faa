/* Jobs of sp_extract_run over files and bytes, as the tests of formats use them. */
#ifndef SP_TESTS_JOBS_H
#define SP_TESTS_JOBS_H

#include "recorder.h"
#include "tools.h"

/* Reads a file of the tools' folder. recorder_clear() afterwards. */
static inline void jobs_file(struct recorder *rec, const struct tools *tools, const char *name,
                             const struct recorder_job *job)
{
    struct sp_stream *stream = NULL;
    struct recorder_job defaults = {.name = name};
    recorder_init(rec);
    assert_int_equal(sp_stream_open_fd(tools_fd(tools, name), true, &stream, NULL), SP_OK);
    assert_int_equal(recorder_run(rec, stream, job == NULL ? &defaults : job), SP_OK);
}

/* Reads bytes that come in blocks; they cannot seek. */
static inline void jobs_blocks(struct recorder *rec, struct sp_slice bytes, size_t block,
                               const struct recorder_job *job)
{
    struct recorder_job defaults = {0};
    recorder_init(rec);
    assert_int_equal(recorder_bytes(rec, bytes, block, job == NULL ? &defaults : job), SP_OK);
}

/* The same bytes in blocks of 1, 7, 512 and 4,096 bytes and all at once give the same events. */
static inline void jobs_any_blocks(struct sp_slice bytes)
{
    static const size_t sizes[] = {1, 7, 512, 4096};
    struct recorder whole;
    jobs_blocks(&whole, bytes, 0, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct recorder rec;
        jobs_blocks(&rec, bytes, sizes[i], NULL);
        if (strcmp(rec.out, whole.out) != 0)
            fail_msg("blocks of %zu bytes:\n%s\nall at once:\n%s", sizes[i], rec.out, whole.out);
        recorder_clear(&rec);
    }
    recorder_clear(&whole);
}

/* Cut at every `step`-th byte: never told as read to the end. Fewer than `known` bytes tell
 * nothing of the format; cuts from `harmless` on take only padding away. */
static inline void jobs_cut(struct sp_slice bytes, size_t step, size_t known, size_t harmless)
{
    for (size_t len = 1; len < bytes.len; len += step) {
        struct recorder rec;
        jobs_blocks(&rec, (struct sp_slice){bytes.ptr, len}, 0, NULL);
        if (rec.gaps == 0 && len >= known && len < harmless)
            fail_msg("cut at %zu of %zu bytes, and nothing is unread:\n%s", len, bytes.len,
                     rec.out);
        recorder_clear(&rec);
    }
}

/* Every bit of every `step`-th byte turned round, from a descriptor and as a stream: only that
 * nothing breaks; the sanitizers watch. */
static inline void jobs_flip(struct sp_slice bytes, size_t step)
{
    uint8_t *copy = malloc(bytes.len);
    assert_non_null(copy);
    for (size_t pos = 0; pos < bytes.len; pos += step) {
        struct recorder rec;
        struct sp_slice damaged = {copy, bytes.len};
        memcpy(copy, bytes.ptr, bytes.len);
        copy[pos] ^= (uint8_t)(1u << (pos / step % 8));
        jobs_blocks(&rec, damaged, 0, NULL);
        recorder_clear(&rec);
    }
    free(copy);
}

/* Every allocation fails once: the job ends with SP_ERR_NOMEM, or is told whole. ASan sees leaks.
 */
static inline void jobs_no_memory(struct sp_slice bytes, const struct recorder_job *job)
{
    struct recorder whole;
    jobs_blocks(&whole, bytes, 0, job);
    for (long nth = 1; nth < 100000; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        enum sp_err err = recorder_bytes(&rec, bytes, 0, job);
        sp_mem_fail_at(0);
        bool same = strcmp(rec.out, whole.out) == 0;
        if (err != SP_ERR_NOMEM && !(err == SP_OK && same))
            fail_msg("allocation %ld fails: %s, and\n%s", nth, sp_err_name(err), rec.out);
        recorder_clear(&rec);
        if (err == SP_OK)
            break;
    }
    recorder_clear(&whole);
}

#endif
