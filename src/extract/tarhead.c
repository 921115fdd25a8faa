#include "extract/tarhead.h"

#include "extract/formats.h"

#include <string.h>

/* Fields of a header (POSIX.1-2001 pax, ustar): offset and length. */
enum {
    TAR_NAME = 0,
    TAR_NAME_LEN = 100,
    TAR_SIZE = 124,
    TAR_SIZE_LEN = 12,
    TAR_TYPE = 156,
    TAR_LINK = 157,
    TAR_LINK_LEN = 100,
    TAR_MAGIC = 257,
    TAR_PREFIX = 345,
    TAR_PREFIX_LEN = 155,
    TAR_GNU_MORE = 482,  /* holes follow the header in blocks of their own */
    TAR_HOLES_MORE = 504 /* the same in such a block */
};
void sp_tarhead_init(struct sp_tarhead *head)
{
    *head = (struct sp_tarhead){.type = '0'};
    sp_buf_init(&head->blocks, SP_TAR_HEAD_MAX);
    sp_buf_init(&head->name, SP_TAR_HEAD_MAX);
    sp_buf_init(&head->link, SP_TAR_HEAD_MAX);
    sp_buf_init(&head->pax, SP_TAR_HEAD_MAX);
}

void sp_tarhead_clear(struct sp_tarhead *head)
{
    sp_buf_clear(&head->blocks);
    sp_buf_clear(&head->name);
    sp_buf_clear(&head->link);
    sp_buf_clear(&head->pax);
}

void sp_tarhead_reset(struct sp_tarhead *head)
{
    sp_buf_reset(&head->blocks);
    sp_buf_reset(&head->name);
    sp_buf_reset(&head->link);
    sp_buf_reset(&head->pax);
    head->has_name = head->has_link = head->has_size = head->sparse = false;
    head->size = head->main = 0;
}

/* ---- numbers and texts ----------------------------------------------------------------------- */
/* Octal digits, or with the highest bit set a number of base 256 (GNU). */
uint64_t sp_tar_number(const uint8_t *field, size_t len)
{
    uint64_t number = 0;
    if ((field[0] & 0x80) != 0) {
        for (size_t i = 1; i < len; i++)
            number = number << 8 | field[i];
        return number;
    }
    for (size_t i = 0; i < len; i++) {
        if (field[i] >= '0' && field[i] <= '7')
            number = number << 3 | (uint64_t)(field[i] - '0');
        else if (field[i] != ' ' || number > 0)
            break;
    }
    return number;
}

static enum sp_err tar_set_text(struct sp_buf *buf, const uint8_t *bytes, size_t len,
                                struct sp_why *why)
{
    sp_buf_reset(buf);
    return sp_buf_append(buf, bytes, strnlen((const char *)bytes, len), why);
}

/* ---- extended headers ------------------------------------------------------------------------ */
/* The next record "LEN KEY=VALUE\n" at *pos. */
bool sp_pax_next(struct sp_slice data, size_t *pos, struct sp_slice *record, struct sp_slice *key,
                 struct sp_slice *value)
{
    size_t len = 0;
    size_t at = *pos;
    while (at < data.len && data.ptr[at] >= '0' && data.ptr[at] <= '9' && len < SP_TAR_HEAD_MAX)
        len = len * 10 + (size_t)(data.ptr[at++] - '0');
    if (at >= data.len || data.ptr[at] != ' ' || len < at - *pos + 3 || len > data.len - *pos ||
        data.ptr[*pos + len - 1] != '\n')
        return false;
    *record = (struct sp_slice){data.ptr + *pos, len};
    at++;
    const uint8_t *equals = memchr(data.ptr + at, '=', *pos + len - at);
    if (equals == NULL)
        return false;
    *key = (struct sp_slice){data.ptr + at, (size_t)(equals - data.ptr) - at};
    *value = (struct sp_slice){equals + 1, (size_t)(data.ptr + *pos + len - 1 - (equals + 1))};
    *pos += len;
    return true;
}

static bool pax_is(struct sp_slice key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.ptr, name, key.len) == 0;
}

bool sp_pax_begins(struct sp_slice key, const char *name)
{
    return key.len >= strlen(name) && memcmp(key.ptr, name, strlen(name)) == 0;
}

static enum sp_err pax_take(struct sp_tarhead *head, struct sp_slice key, struct sp_slice value,
                            struct sp_why *why)
{
    if (pax_is(key, "path") && !head->sparse) {
        head->has_name = true;
        return tar_set_text(&head->name, value.ptr, value.len, why);
    }
    if (pax_is(key, "linkpath")) {
        head->has_link = true;
        return tar_set_text(&head->link, value.ptr, value.len, why);
    }
    if (pax_is(key, "size")) {
        uint64_t size = 0;
        for (size_t i = 0; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9'; i++)
            size = size * 10 + (uint64_t)(value.ptr[i] - '0');
        head->has_size = true;
        head->pax_size = size;
    }
    if (pax_is(key, "GNU.sparse.name")) { /* the path is that of a stand-in */
        head->has_name = head->sparse = true;
        return tar_set_text(&head->name, value.ptr, value.len, why);
    }
    head->sparse = head->sparse || sp_pax_begins(key, "GNU.sparse.");
    return SP_OK;
}

static enum sp_err pax_read(struct sp_tarhead *head, struct sp_slice data, struct sp_why *why)
{
    struct sp_slice record;
    struct sp_slice key;
    struct sp_slice value;
    enum sp_err err = sp_buf_append(&head->pax, data.ptr, data.len, why);
    for (size_t pos = 0; err == SP_OK && sp_pax_next(data, &pos, &record, &key, &value);)
        err = pax_take(head, key, value, why);
    return err;
}

enum sp_err sp_tarhead_extend(struct sp_tarhead *head, struct sp_slice data, uint64_t size,
                              struct sp_why *why)
{
    uint8_t type = head->blocks.data[head->blocks.len - SP_TAR_BLOCK + TAR_TYPE];
    struct sp_slice text = {data.ptr, size < data.len ? (size_t)size : data.len};
    enum sp_err err = sp_buf_append(&head->blocks, data.ptr, data.len, why);
    if (err != SP_OK)
        return err;
    switch (type) {
    case 'L':
        head->has_name = true;
        return tar_set_text(&head->name, text.ptr, text.len, why);
    case 'K':
        head->has_link = true;
        return tar_set_text(&head->link, text.ptr, text.len, why);
    default:
        return pax_read(head, text, why);
    }
}

/* ---- blocks ---------------------------------------------------------------------------------- */
static bool tar_is_zero(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, SP_TAR_BLOCK - 1) == 0;
}

static enum sp_err tar_main(struct sp_tarhead *head, const uint8_t *header, uint64_t *size,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    head->type = header[TAR_TYPE] == '\0' ? '0' : header[TAR_TYPE];
    head->size = head->has_size ? head->pax_size : sp_tar_number(header + TAR_SIZE, TAR_SIZE_LEN);
    if (head->type >= '2' && head->type <= '6')
        head->size = 0; /* links, devices, directories, FIFOs */
    *size = head->type == 'S' && header[TAR_GNU_MORE] != 0 ? SP_TAR_BLOCK : 0;
    head->sparse = head->sparse || head->type == 'S';
    if (!head->has_link)
        err = tar_set_text(&head->link, header + TAR_LINK, TAR_LINK_LEN, why);
    if (err != SP_OK || head->has_name)
        return err;
    bool has_prefix = memcmp(header + TAR_MAGIC, "ustar", 6) == 0 && header[TAR_PREFIX] != '\0';
    sp_buf_reset(&head->name);
    if (has_prefix) {
        err = tar_set_text(&head->name, header + TAR_PREFIX, TAR_PREFIX_LEN, why);
        if (err == SP_OK && head->name.data[head->name.len - 1] != '/')
            err = sp_buf_append_byte(&head->name, '/', why);
    }
    return err != SP_OK
               ? err
               : sp_buf_append(&head->name, header + TAR_NAME,
                               strnlen((const char *)header + TAR_NAME, TAR_NAME_LEN), why);
}

enum sp_err sp_tarhead_block(struct sp_tarhead *head, const uint8_t block[SP_TAR_BLOCK],
                             enum sp_tarblock *kind, uint64_t *size, struct sp_why *why)
{
    *size = 0;
    *kind = SP_TARBLOCK_ZERO;
    if (tar_is_zero(block))
        return SP_OK;
    *kind = SP_TARBLOCK_OTHER;
    if (!sp_tar_is_header((struct sp_slice){block, SP_TAR_BLOCK}))
        return SP_OK;
    head->main = head->blocks.len;
    enum sp_err err = sp_buf_append(&head->blocks, block, SP_TAR_BLOCK, why);
    if (err != SP_OK)
        return err;
    *size = sp_tar_number(block + TAR_SIZE, TAR_SIZE_LEN);
    switch (block[TAR_TYPE]) {
    case 'x':
    case 'X':
    case 'L':
    case 'K':
        *kind = SP_TARBLOCK_MORE;
        return SP_OK;
    case 'g':
        *kind = SP_TARBLOCK_GLOBAL;
        return SP_OK;
    default:
        *kind = SP_TARBLOCK_MAIN;
        return tar_main(head, block, size, why);
    }
}

enum sp_err sp_tarhead_holes(struct sp_tarhead *head, const uint8_t block[SP_TAR_BLOCK], bool *more,
                             struct sp_why *why)
{
    *more = block[TAR_HOLES_MORE] != 0;
    return sp_buf_append(&head->blocks, block, SP_TAR_BLOCK, why);
}
