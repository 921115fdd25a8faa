/* Packed findings as they come back from a database that somebody may have altered. */
#include "store/segment.h"

static enum sp_err segment_seen(void *ctx, uint32_t index, const struct sp_kept_record *record,
                                const struct sp_kept_finding *finding, struct sp_why *why)
{
    (void)index, (void)why;
    size_t *sum = ctx;
    *sum += record->table.len + record->pk.len + finding->mask.len + finding->key.len;
    for (size_t i = 0; i < finding->mask.len; i++)
        *sum += finding->mask.ptr[i];
    return SP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    size_t body = size - 8;
    size_t a = data[0] * body / 256;
    size_t b = a + data[1] * (body - a) / 256;
    size_t c = b + data[2] * (body - b) / 256;
    const struct sp_segment_view view = {.records = {data + 8, a},
                                         .findings = {data + 8 + a, b - a},
                                         .strings = {data + 8 + b, c - b},
                                         .tokens = {data + 8 + c, body - c},
                                         .finding_count = data[3],
                                         .token_count = data[4]};
    struct sp_why why;
    size_t sum = 0;
    (void)sp_segment_each(&view, segment_seen, &sum, &why);
    return 0;
}
