/* What stands encoded in a text, cut anywhere: documents begin and end in turn, and no more comes
 * out than went in. */
#include "extract/enclosed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_taken {
    bool open;
    size_t bytes;
};

static bool fuzz_begin(void *ctx)
{
    struct fuzz_taken *taken = ctx;
    if (taken->open)
        abort();
    taken->open = true;
    return true;
}

static void fuzz_put(void *ctx, struct sp_slice bytes)
{
    struct fuzz_taken *taken = ctx;
    if (!taken->open || bytes.len == 0 || bytes.len > SP_BASE64_RUN_OUT)
        abort();
    taken->bytes += bytes.len;
}

static bool fuzz_end(void *ctx)
{
    struct fuzz_taken *taken = ctx;
    if (!taken->open)
        abort();
    taken->open = false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_taken taken = {.open = false};
    const struct sp_enclosed_taker taker = {fuzz_begin, fuzz_put, fuzz_end, &taken};
    struct sp_enclosed enclosed = {.taker = &taker};
    size_t step = size == 0 ? 1 : 1 + (size_t)data[0] * 3;
    for (size_t at = size > 0; at < size; at += step) {
        size_t len = size - at < step ? size - at : step;
        uint8_t *piece = malloc(len); /* of its own, so that a byte too far is seen */
        if (piece == NULL)
            abort();
        memcpy(piece, data + at, len);
        sp_enclosed_text(&enclosed, (struct sp_slice){piece, len});
        free(piece);
    }
    sp_enclosed_end(&enclosed);
    if (taken.open || taken.bytes > size)
        abort();
    return 0;
}
