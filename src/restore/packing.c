#include "restore/packing.h"

#include "base/limits.h"
#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

static const struct {
    const char *mark;
    size_t len;
    int filter; /* of libarchive */
} packings[SP_PACKING_COUNT] = {
    {NULL, 0, 0},
    {"\x1F\x8B\x08", 3, ARCHIVE_FILTER_GZIP},
    {"BZh", 3, ARCHIVE_FILTER_BZIP2},
    {"\xFD"
     "7zXZ",
     5, ARCHIVE_FILTER_XZ},
    {"\x28\xB5\x2F\xFD", 4, ARCHIVE_FILTER_ZSTD},
    {"\x04\x22\x4D\x18", 4, ARCHIVE_FILTER_LZ4},
    {"LZIP\x01", 5, ARCHIVE_FILTER_LZIP},
    {"\x1F\x9D", 2, ARCHIVE_FILTER_COMPRESS},
};

enum sp_packing sp_packing_of(struct sp_slice head)
{
    for (unsigned i = 1; i < SP_PACKING_COUNT; i++)
        if (head.len >= packings[i].len && memcmp(head.ptr, packings[i].mark, packings[i].len) == 0)
            return (enum sp_packing)i;
    return SP_PACKING_NONE;
}

static const char *packing_words(struct archive *a)
{
    const char *text = archive_error_string(a);
    return text != NULL ? text : "damaged";
}

/* ---- off ----------------------------------------------------------------------------------- */
struct unpack {
    struct sp_stream *packed; /* borrowed */
    struct archive *a;
    struct sp_why failed; /* of the packed stream */
    uint8_t block[SP_BLOCK_BYTES];
};

static la_ssize_t unpack_read(struct archive *a, void *ctx, const void **bytes)
{
    struct unpack *unpack = ctx;
    struct sp_slice block = {NULL, 0};
    if (sp_stream_next(unpack->packed, &block, &unpack->failed) != SP_OK) {
        archive_set_error(a, EIO, "%s", unpack->failed.text);
        return -1;
    }
    *bytes = block.ptr;
    return (la_ssize_t)block.len;
}

static enum sp_err unpack_next(void *self, struct sp_slice *out, struct sp_why *why)
{
    struct unpack *unpack = self;
    la_ssize_t got = archive_read_data(unpack->a, unpack->block, sizeof unpack->block);
    if (got < 0)
        return sp_fail(why, SP_ERR_FORMAT, "cannot unpack: %s", packing_words(unpack->a));
    *out = (struct sp_slice){unpack->block, (size_t)got};
    return SP_OK;
}

static void unpack_close(void *self)
{
    struct unpack *unpack = self;
    (void)archive_read_free(unpack->a);
    sp_free(unpack);
}

static const struct sp_source_ops unpack_ops = {unpack_next, unpack_close};

enum sp_err sp_unpack_open(struct sp_stream *packed, enum sp_packing packing,
                           struct sp_stream **out, struct sp_why *why)
{
    struct archive_entry *entry;
    struct unpack *unpack = sp_alloc_zero(sizeof *unpack);
    if (unpack == NULL || (unpack->a = archive_read_new()) == NULL) {
        sp_free(unpack);
        return sp_fail(why, SP_ERR_NOMEM, "no memory to unpack");
    }
    unpack->packed = packed;
    enum sp_err err = SP_OK;
    if (archive_read_support_format_raw(unpack->a) != ARCHIVE_OK ||
        archive_read_append_filter(unpack->a, packings[packing].filter) != ARCHIVE_OK ||
        archive_read_open(unpack->a, unpack, NULL, unpack_read, NULL) != ARCHIVE_OK ||
        archive_read_next_header(unpack->a, &entry) != ARCHIVE_OK)
        err = sp_fail(why, SP_ERR_FORMAT, "cannot unpack: %s", packing_words(unpack->a));
    if (err == SP_OK)
        err = sp_stream_open(&unpack_ops, unpack, out, why);
    if (err != SP_OK)
        unpack_close(unpack);
    return err;
}

/* ---- on ------------------------------------------------------------------------------------ */
struct sp_pack {
    struct archive *a;
    struct archive_entry *entry;
    sp_packed_out out;
    void *ctx;
    enum sp_err err; /* of out */
    struct sp_why why;
};

static la_ssize_t pack_write(struct archive *a, void *ctx, const void *bytes, size_t len)
{
    struct sp_pack *pack = ctx;
    pack->err = pack->out(pack->ctx, (struct sp_slice){bytes, len}, &pack->why);
    if (pack->err == SP_OK)
        return (la_ssize_t)len;
    archive_set_error(a, EIO, "%s", pack->why.text);
    return -1;
}

static enum sp_err pack_fail(struct sp_pack *pack, struct sp_why *why)
{
    if (pack->err != SP_OK)
        return sp_fail(why, pack->err, "%s", pack->why.text);
    return sp_fail(why, SP_ERR_IO, "cannot pack: %s", packing_words(pack->a));
}

static void pack_free(struct sp_pack *pack)
{
    archive_entry_free(pack->entry);
    if (pack->a != NULL)
        (void)archive_write_free(pack->a);
    sp_free(pack);
}

enum sp_err sp_pack_open(enum sp_packing packing, sp_packed_out out, void *ctx,
                         struct sp_pack **made, struct sp_why *why)
{
    struct sp_pack *pack = sp_alloc_zero(sizeof *pack);
    if (pack == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to pack");
    pack->out = out;
    pack->ctx = ctx;
    pack->a = archive_write_new();
    pack->entry = archive_entry_new();
    if (pack->a == NULL || pack->entry == NULL) {
        pack_free(pack);
        return sp_fail(why, SP_ERR_NOMEM, "no memory to pack");
    }
    archive_entry_set_filetype(pack->entry, AE_IFREG);
    enum sp_err err = SP_OK;
    if (archive_write_set_format_raw(pack->a) != ARCHIVE_OK ||
        archive_write_add_filter(pack->a, packings[packing].filter) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(pack->a, 1) != ARCHIVE_OK ||
        archive_write_open(pack->a, pack, NULL, pack_write, NULL) != ARCHIVE_OK ||
        archive_write_header(pack->a, pack->entry) != ARCHIVE_OK)
        err = pack_fail(pack, why);
    if (err != SP_OK)
        pack_free(pack);
    else
        *made = pack;
    return err;
}

enum sp_err sp_pack_add(struct sp_pack *pack, struct sp_slice bytes, struct sp_why *why)
{
    while (bytes.len > 0) {
        la_ssize_t put = archive_write_data(pack->a, bytes.ptr, bytes.len);
        if (put <= 0)
            return pack_fail(pack, why);
        bytes.ptr += put;
        bytes.len -= (size_t)put;
    }
    return SP_OK;
}

enum sp_err sp_pack_close(struct sp_pack *pack, struct sp_why *why)
{
    enum sp_err err = archive_write_close(pack->a) == ARCHIVE_OK ? SP_OK : pack_fail(pack, why);
    pack_free(pack);
    return err;
}
