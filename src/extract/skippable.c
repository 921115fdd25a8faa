#include "extract/skippable.h"

enum skippable_state {
    SKIPPABLE_MAGIC,
    SKIPPABLE_LENGTH, /* of a frame that is passed over */
    SKIPPABLE_ZSTD,   /* descriptor of a frame */
    SKIPPABLE_ZSTD_BLOCK,
    SKIPPABLE_LZ4,
    SKIPPABLE_LZ4_BLOCK,
    SKIPPABLE_OLD_BLOCK, /* lz4 before frames: blocks up to the next magic number */
    SKIPPABLE_LOST
};

void sp_skippable_init(struct sp_skippable *skippable)
{
    *skippable = (struct sp_skippable){.state = SKIPPABLE_MAGIC, .want = 4};
    sp_buf_init(&skippable->data, SP_SKIPPABLE_MAX + 1);
}

void sp_skippable_clear(struct sp_skippable *skippable)
{
    sp_buf_clear(&skippable->data);
}

static uint32_t skippable_number(const struct sp_skippable *skippable)
{
    uint32_t number = 0;
    for (size_t i = skippable->want; i-- > 0;)
        number = number << 8 | skippable->field[i];
    return number;
}

/* Goes over `pass` bytes, then reads a field. */
static void skippable_go(struct sp_skippable *skippable, uint64_t pass, int state, size_t want)
{
    skippable->pass = pass;
    skippable->state = state;
    skippable->want = want;
}

/* False: no magic number of either. */
static bool skippable_magic(struct sp_skippable *skippable, uint32_t magic)
{
    if ((magic & 0xFFFFFFF0U) == 0x184D2A50)
        skippable_go(skippable, 0, SKIPPABLE_LENGTH, 4);
    else if (magic == 0xFD2FB528)
        skippable_go(skippable, 0, SKIPPABLE_ZSTD, 1);
    else if (magic == 0x184D2204)
        skippable_go(skippable, 0, SKIPPABLE_LZ4, 1);
    else if (magic == 0x184C2102)
        skippable_go(skippable, 0, SKIPPABLE_OLD_BLOCK, 4);
    else
        return false;
    return true;
}

/* Descriptor: length of the size in bits 6 and 7, no window (5), checksum (2), length of the
 * dictionary's number in bits 0 and 1. */
static void skippable_zstd(struct sp_skippable *skippable, uint32_t descriptor)
{
    static const uint8_t sizes[] = {0, 2, 4, 8};
    static const uint8_t numbers[] = {0, 1, 2, 4};
    bool single = (descriptor & 0x20) != 0;
    uint64_t size = sizes[descriptor >> 6];
    size = size == 0 && single ? 1 : size;
    skippable->behind_last = (descriptor & 4) != 0 ? 4 : 0;
    skippable_go(skippable, (single ? 0U : 1U) + numbers[descriptor & 3] + size,
                 SKIPPABLE_ZSTD_BLOCK, 3);
}

/* Last one in bit 0, kind in bits 1 and 2 (1 = one byte many times, 3 = none), then its size. */
static void skippable_zstd_block(struct sp_skippable *skippable, uint32_t head)
{
    uint64_t size = (head >> 1 & 3) == 1 ? 1 : head >> 3;
    if ((head >> 1 & 3) == 3)
        skippable_go(skippable, 0, SKIPPABLE_LOST, 0);
    else if ((head & 1) != 0)
        skippable_go(skippable, size + skippable->behind_last, SKIPPABLE_MAGIC, 4);
    else
        skippable_go(skippable, size, SKIPPABLE_ZSTD_BLOCK, 3);
}

/* Flags: checksums of blocks (4), a size (3), a checksum of all (2), a dictionary (0). Then the
 * largest block, what the flags say, and a checksum of the header. */
static void skippable_lz4(struct sp_skippable *skippable, uint32_t flags)
{
    uint64_t more = ((flags & 8) != 0 ? 8U : 0U) + ((flags & 1) != 0 ? 4U : 0U);
    skippable->behind_block = (flags & 0x10) != 0 ? 4 : 0;
    skippable->behind_last = (flags & 4) != 0 ? 4 : 0;
    skippable_go(skippable, 1 + more + 1, SKIPPABLE_LZ4_BLOCK, 4);
}

static void skippable_lz4_block(struct sp_skippable *skippable, uint32_t size)
{
    size &= 0x7FFFFFFF; /* the highest bit: it is not packed */
    if (size == 0)
        skippable_go(skippable, skippable->behind_last, SKIPPABLE_MAGIC, 4);
    else
        skippable_go(skippable, (uint64_t)size + skippable->behind_block, SKIPPABLE_LZ4_BLOCK, 4);
}

/* A field is whole. */
static void skippable_field(struct sp_skippable *skippable)
{
    uint32_t number = skippable_number(skippable);
    switch (skippable->state) {
    case SKIPPABLE_MAGIC:
        if (!skippable_magic(skippable, number))
            skippable_go(skippable, 0, SKIPPABLE_LOST, 0);
        break;
    case SKIPPABLE_LENGTH:
        skippable->keeps = true;
        skippable_go(skippable, number, SKIPPABLE_MAGIC, 4);
        break;
    case SKIPPABLE_ZSTD:
        skippable_zstd(skippable, number);
        break;
    case SKIPPABLE_ZSTD_BLOCK:
        skippable_zstd_block(skippable, number);
        break;
    case SKIPPABLE_LZ4:
        skippable_lz4(skippable, number);
        break;
    case SKIPPABLE_LZ4_BLOCK:
        skippable_lz4_block(skippable, number);
        break;
    default:
        if (!skippable_magic(skippable, number))
            skippable_go(skippable, number, SKIPPABLE_OLD_BLOCK, 4);
        break;
    }
    skippable->have = 0;
}

static enum sp_err skippable_keep(struct sp_skippable *skippable, struct sp_slice bytes,
                                  struct sp_why *why)
{
    size_t room = SP_SKIPPABLE_MAX - skippable->data.len;
    skippable->more = skippable->more || bytes.len > room;
    return sp_buf_append(&skippable->data, bytes.ptr, bytes.len < room ? bytes.len : room, why);
}

/* Goes over bytes, or keeps them; how many. */
static enum sp_err skippable_pass(struct sp_skippable *skippable, struct sp_slice packed,
                                  size_t *taken, struct sp_why *why)
{
    static const uint8_t nul = 0;
    enum sp_err err = SP_OK;
    *taken = packed.len < skippable->pass ? packed.len : (size_t)skippable->pass;
    skippable->pass -= *taken;
    if (!skippable->keeps)
        return SP_OK;
    err = skippable_keep(skippable, (struct sp_slice){packed.ptr, *taken}, why);
    if (err == SP_OK && skippable->pass == 0) {
        skippable->keeps = false;
        err = skippable_keep(skippable, (struct sp_slice){&nul, 1}, why);
    }
    return err;
}

enum sp_err sp_skippable_add(struct sp_skippable *skippable, struct sp_slice packed,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && packed.len > 0 && skippable->state != SKIPPABLE_LOST) {
        size_t taken = 1;
        if (skippable->pass > 0) {
            err = skippable_pass(skippable, packed, &taken, why);
        } else {
            skippable->keeps = false; /* an empty one */
            skippable->field[skippable->have++] = packed.ptr[0];
            if (skippable->have == skippable->want)
                skippable_field(skippable);
        }
        packed.ptr += taken;
        packed.len -= taken;
    }
    return err;
}
