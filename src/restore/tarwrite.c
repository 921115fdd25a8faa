#include "restore/tarwrite.h"

#include <string.h>

/* Fields of a header (POSIX.1-2001 pax, ustar): offset and length. */
enum {
    TAR_NAME = 0,
    TAR_MODE = 100, /* then owner and group, eight bytes each */
    TAR_SIZE = 124,
    TAR_SIZE_LEN = 12,
    TAR_MTIME = 136,
    TAR_SUM = 148,
    TAR_SUM_LEN = 8,
    TAR_TYPE = 156,
    TAR_LINK = 157,
    TAR_LINK_LEN = 100,
    TAR_MAGIC = 257,
    TAR_GNU_HOLES = 386,     /* four pairs, then the flag that more follow */
    TAR_GNU_HOLES_END = 495, /* behind the real size */
    TAR_OCTAL_DIGITS = 11
};
static const uint64_t tar_octal_max = (UINT64_C(1) << 33) - 1; /* eleven digits */

static void tar_set_number(uint8_t *field, uint64_t number)
{
    memset(field, 0, TAR_SIZE_LEN);
    if (number > tar_octal_max) {
        for (size_t i = 0; i < sizeof number; i++)
            field[TAR_SIZE_LEN - 1 - i] = (uint8_t)(number >> (8 * i));
        field[0] = 0x80;
        return;
    }
    for (size_t i = TAR_OCTAL_DIGITS; i-- > 0; number >>= 3)
        field[i] = (uint8_t)('0' + (number & 7));
}

static void tar_set_sum(uint8_t *header)
{
    unsigned sum = 0;
    memset(header + TAR_SUM, ' ', TAR_SUM_LEN);
    for (size_t i = 0; i < SP_TAR_BLOCK; i++)
        sum += header[i];
    for (size_t i = 6; i-- > 0; sum >>= 3)
        header[TAR_SUM + i] = (uint8_t)('0' + (sum & 7));
    header[TAR_SUM + 6] = '\0';
}

static size_t tar_padded(uint64_t size)
{
    return (size_t)((size + SP_TAR_BLOCK - 1) / SP_TAR_BLOCK * SP_TAR_BLOCK);
}

static bool pax_is(struct sp_slice key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

static enum sp_err tar_pad(struct sp_buf *out, struct sp_why *why)
{
    static const uint8_t zeros[SP_TAR_BLOCK];
    size_t over = out->len % SP_TAR_BLOCK;
    return over == 0 ? SP_OK : sp_buf_append(out, zeros, SP_TAR_BLOCK - over, why);
}

/* Appends "LEN KEY=VALUE\n", where LEN counts itself. */
static enum sp_err pax_append(struct sp_buf *out, const char *key, struct sp_slice value,
                              struct sp_why *why)
{
    size_t rest = strlen(key) + value.len + 3;
    size_t len = rest + 1;
    for (size_t digits = 1; digits < 9; digits++) {
        size_t limit = 1;
        for (size_t i = 0; i < digits; i++)
            limit *= 10;
        len = rest + digits;
        if (len < limit)
            break;
    }
    enum sp_err err = sp_buf_appendf(out, why, "%zu %s=", len, key);
    if (err == SP_OK)
        err = sp_buf_append(out, value.ptr, value.len, why);
    return err == SP_OK ? sp_buf_append_byte(out, '\n', why) : err;
}

/* Records of `from` that stay. `holes`: those that describe a sparse file, else all others. */
static enum sp_err pax_keep(struct sp_buf *out, struct sp_slice from, bool holes, bool no_link,
                            struct sp_why *why)
{
    struct sp_slice record;
    struct sp_slice key;
    struct sp_slice value;
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && sp_pax_next(from, &pos, &record, &key, &value);) {
        bool of_holes = sp_pax_begins(key, "GNU.sparse.") && !pax_is(key, "GNU.sparse.name");
        bool stays =
            holes ? of_holes : !pax_is(key, "size") && !(no_link && pax_is(key, "linkpath"));
        if (stays)
            err = sp_buf_append(out, record.ptr, record.len, why);
    }
    return err;
}

static enum sp_err pax_write(const struct sp_tarhead *head, const struct sp_tarhead_change *change,
                             struct sp_buf *records, struct sp_why *why)
{
    bool no_link = change->link != NULL || change->as != NULL;
    enum sp_err err = pax_keep(records, sp_buf_slice(&head->pax), false, no_link, why);
    if (err == SP_OK && change->as != NULL) {
        err = pax_keep(records, sp_buf_slice(&change->as->pax), true, false, why);
        if (err == SP_OK && records->len > 0 && change->as->sparse && change->as->type != 'S')
            err = pax_append(records, "GNU.sparse.name", sp_buf_slice(&head->name), why);
    }
    if (err == SP_OK && change->link != NULL && change->link->len > TAR_LINK_LEN)
        err = pax_append(records, "linkpath", *change->link, why);
    return err;
}

/* An extended header with these records; nothing when there are none. */
static enum sp_err pax_block(struct sp_slice records, struct sp_buf *out, struct sp_why *why)
{
    uint8_t header[SP_TAR_BLOCK] = {0};
    if (records.len == 0)
        return SP_OK;
    memcpy(header + TAR_NAME, "PaxHeaders/speur", 16);
    memcpy(header + TAR_MODE, "0000644", 8);
    memcpy(header + TAR_MODE + 8, "0000000", 8);
    memcpy(header + TAR_MODE + 16, "0000000", 8);
    tar_set_number(header + TAR_SIZE, records.len);
    memcpy(header + TAR_MTIME, "00000000000", 12);
    header[TAR_TYPE] = 'x';
    memcpy(header + TAR_MAGIC, "ustar\00000", 8);
    tar_set_sum(header);
    enum sp_err err = sp_buf_append(out, header, sizeof header, why);
    if (err == SP_OK)
        err = sp_buf_append(out, records.ptr, records.len, why);
    return err == SP_OK ? tar_pad(out, why) : err;
}

/* GNU's long names; its long link targets only when the target stays. */
static enum sp_err tar_long_names(const struct sp_tarhead *head, bool no_link, struct sp_buf *out,
                                  struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t at = 0; err == SP_OK && at < head->main;) {
        const uint8_t *block = head->blocks.data + at;
        size_t len = SP_TAR_BLOCK + tar_padded(sp_tar_number(block + TAR_SIZE, TAR_SIZE_LEN));
        if (block[TAR_TYPE] == 'L' || (block[TAR_TYPE] == 'K' && !no_link))
            err = sp_buf_append(out, block, len, why);
        at += len;
    }
    return err;
}

static void tar_change(uint8_t *header, const struct sp_tarhead_change *change, uint64_t size)
{
    if (change->link != NULL || change->as != NULL)
        memset(header + TAR_LINK, 0, TAR_LINK_LEN);
    if (change->link != NULL && change->link->len <= TAR_LINK_LEN && change->link->len > 0)
        memcpy(header + TAR_LINK, change->link->ptr, change->link->len);
    if (change->as != NULL) {
        const uint8_t *other = change->as->blocks.data + change->as->main;
        header[TAR_TYPE] = other[TAR_TYPE];
        if (other[TAR_TYPE] == 'S')
            memcpy(header + TAR_GNU_HOLES, other + TAR_GNU_HOLES,
                   TAR_GNU_HOLES_END - TAR_GNU_HOLES);
    }
    tar_set_number(header + TAR_SIZE, size);
    tar_set_sum(header);
}

enum sp_err sp_tarhead_write(const struct sp_tarhead *head, const struct sp_tarhead_change *change,
                             struct sp_buf *out, struct sp_why *why)
{
    const struct sp_tarhead *holes = change->as != NULL ? change->as : head;
    uint64_t size = change->as != NULL           ? change->as->size
                    : change->size == UINT64_MAX ? head->size
                                                 : change->size;
    struct sp_buf records;
    sp_buf_init(&records, SP_TAR_HEAD_MAX);
    enum sp_err err = pax_write(head, change, &records, why);
    if (err == SP_OK)
        err = pax_block(sp_buf_slice(&records), out, why);
    sp_buf_clear(&records);
    if (err == SP_OK)
        err = tar_long_names(head, change->link != NULL || change->as != NULL, out, why);
    if (err != SP_OK)
        return err;
    size_t at = out->len;
    err = sp_buf_append(out, head->blocks.data + head->main, SP_TAR_BLOCK, why);
    if (err != SP_OK)
        return err;
    tar_change(out->data + at, change, size);
    size_t behind = holes->main + SP_TAR_BLOCK;
    return sp_buf_append(out, holes->blocks.data + behind, holes->blocks.len - behind, why);
}
