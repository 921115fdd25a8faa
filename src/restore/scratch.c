#include "restore/scratch.h"

#include "base/limits.h"
#include "base/mem.h"
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct sp_scratch {
    int fd;
    uint64_t len;
    struct sp_scramble *scramble;
    uint8_t block[SP_BLOCK_BYTES];
};

static int scratch_file(void)
{
    /* before any thread is started. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *folder = getenv("TMPDIR");
    const char *const folders[] = {folder, "/var/tmp"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        int fd = -1;
        if (folders[i] != NULL && folders[i][0] != '\0')
            fd = open(folders[i], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
        if (fd >= 0)
            return fd;
    }
    return memfd_create("speur", MFD_CLOEXEC);
}

enum sp_err sp_scratch_open(struct sp_scratch **out, struct sp_why *why)
{
    struct sp_scratch *scratch = sp_alloc(sizeof *scratch);
    if (scratch == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a scratch file");
    scratch->len = 0;
    scratch->scramble = NULL;
    scratch->fd = scratch_file();
    enum sp_err err =
        scratch->fd >= 0
            ? sp_scramble_new(&scratch->scramble, why)
            : sp_fail(why, SP_ERR_IO, "no scratch file could be made: %s", strerrordesc_np(errno));
    if (err == SP_OK)
        *out = scratch;
    else
        sp_scratch_close(scratch);
    return err;
}

void sp_scratch_close(struct sp_scratch *scratch)
{
    if (scratch == NULL)
        return;
    if (scratch->fd >= 0)
        (void)close(scratch->fd);
    sp_scramble_free(scratch->scramble);
    sp_wipe(scratch->block, sizeof scratch->block);
    sp_free(scratch);
}

enum sp_err sp_scratch_write(struct sp_scratch *scratch, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len > 0) {
        size_t part = bytes.len < sizeof scratch->block ? bytes.len : sizeof scratch->block;
        memcpy(scratch->block, bytes.ptr, part);
        sp_scramble_bytes(scratch->scramble, scratch->len, scratch->block, part);
        for (size_t done = 0; done < part;) {
            ssize_t put = pwrite(scratch->fd, scratch->block + done, part - done,
                                 (off_t)(scratch->len + done));
            if (put < 0 && errno != EINTR)
                return sp_fail(why, SP_ERR_IO, "cannot write the scratch file: %s",
                               strerrordesc_np(errno));
            done += put > 0 ? (size_t)put : 0;
        }
        scratch->len += part;
        bytes.ptr += part;
        bytes.len -= part;
    }
    return SP_OK;
}

uint64_t sp_scratch_len(const struct sp_scratch *scratch)
{
    return scratch->len;
}

enum sp_err sp_scratch_cut(struct sp_scratch *scratch, uint64_t len, struct sp_why *why)
{
    if (ftruncate(scratch->fd, (off_t)len) != 0)
        return sp_fail(why, SP_ERR_IO, "cannot cut the scratch file: %s", strerrordesc_np(errno));
    scratch->len = len;
    return SP_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */
struct scratch_source {
    struct sp_scratch *scratch;
    uint64_t at, end;
    uint8_t block[SP_BLOCK_BYTES];
};

static enum sp_err scratch_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct scratch_source *source = self;
    uint64_t left = source->end - source->at;
    size_t want = left < sizeof source->block ? (size_t)left : sizeof source->block;
    ssize_t got = 0;
    do
        got = pread(source->scratch->fd, source->block, want, (off_t)source->at);
    while (got < 0 && errno == EINTR);
    if (got < 0 || (got == 0 && want > 0))
        return sp_fail(why, SP_ERR_IO, "cannot read the scratch file: %s",
                       got < 0 ? strerrordesc_np(errno) : "it ends early");
    sp_scramble_bytes(source->scratch->scramble, source->at, source->block, (size_t)got);
    source->at += (uint64_t)got;
    *out = (struct sp_slice){source->block, (size_t)got};
    return SP_OK;
}

static void scratch_done(void *self)
{
    struct scratch_source *source = self;
    sp_wipe(source->block, sizeof source->block);
    sp_free(source);
}

static const struct sp_source_ops scratch_ops = {scratch_next, scratch_done};

enum sp_err sp_scratch_stream(struct sp_scratch *scratch, uint64_t begin, uint64_t end,
                              struct sp_stream **out, struct sp_why *why)
{
    struct scratch_source *source = sp_alloc(sizeof *source);
    if (source == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read the scratch file");
    source->scratch = scratch;
    source->at = begin;
    source->end = end;
    enum sp_err err = sp_stream_open(&scratch_ops, source, out, why);
    if (err != SP_OK)
        scratch_done(source);
    return err;
}
