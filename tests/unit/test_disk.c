/* Which first bytes are a disk image, and which only look like one. floors: sp_extract */
#include "extract/disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { HEAD_BYTES = 8192, MBR_TABLE = 446 };

static uint8_t head[HEAD_BYTES];

static const char *found(uint64_t size)
{
    return sp_disk_find((struct sp_slice){head, sizeof head}, size);
}

static void put32(size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        head[at + i] = (uint8_t)(value >> (8 * i));
}

static void mbr_entry(unsigned index, uint8_t type, uint32_t begin, uint32_t sectors)
{
    size_t at = MBR_TABLE + (size_t)16 * index;
    head[at + 4] = type;
    put32(at + 8, begin);
    put32(at + 12, sectors);
}

static void mbr(void)
{
    memset(head, 0, sizeof head);
    head[510] = 0x55;
    head[511] = 0xAA;
}

static void table_of_partitions(void **state)
{
    (void)state;
    mbr();
    assert_null(found(1 << 20)); /* the end of a sector alone is nothing */
    mbr_entry(0, 0x83, 63, 1000);
    assert_string_equal(found(1 << 20), "MBR partition table");
    assert_string_equal(found(SP_SIZE_UNKNOWN), "MBR partition table");
    assert_null(found(20 * 512)); /* it begins behind the end */
    mbr_entry(1, 0x83, 1062, 10);
    assert_null(found(1 << 20)); /* they overlap */
    mbr_entry(1, 0x83, 1063, 10);
    assert_non_null(found(1 << 20));
    head[MBR_TABLE] = 0x81;
    assert_null(found(1 << 20));
    head[MBR_TABLE] = 0x80;
    head[511] = 0;
    assert_null(found(1 << 20));
    mbr();
    mbr_entry(2, 0, 63, 1000); /* no type */
    assert_null(found(1 << 20));
    mbr();
    mbr_entry(0, 0x83, 0, 1000); /* begins with itself */
    assert_null(found(1 << 20));
    memset(head, 'x', 510); /* text that ends with these two bytes */
    assert_null(found(1 << 20));
}

static void file_allocation_table(void **state)
{
    (void)state;
    static const uint8_t boot[] = {0xEB, 0x3C, 0x90, 'm', 'k', 'f', 's', '.', 'f',  'a',  't', 0x00,
                                   0x02, 4,    4,    0,   2,   0,   2,   0,   0xA0, 0xF8, 40,  0};
    mbr();
    memcpy(head, boot, sizeof boot);
    assert_string_equal(found(1 << 20), "FAT file system");
    static const struct {
        size_t at;
        uint8_t byte;
    } wrong[] = {{0, 0}, {12, 3}, {13, 3}, {14, 0}, {16, 3}, {21, 0x80}, {510, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t kept = head[wrong[i].at];
        head[wrong[i].at] = wrong[i].byte;
        assert_null(found(1 << 20));
        head[wrong[i].at] = kept;
    }
    assert_non_null(found(1 << 20));
}

static void signatures(void **state)
{
    (void)state;
    memset(head, 0, sizeof head);
    assert_null(found(1 << 20));
    memcpy(head + 1080, "\x53\xEF", 2);
    assert_string_equal(found(1 << 20), "ext file system");
    memset(head, 0, sizeof head);
    memcpy(head + 3, "NTFS    ", 8);
    assert_string_equal(found(1 << 20), "NTFS file system");
    memset(head, 0, sizeof head);
    memcpy(head + 512, "EFI PART", 8);
    assert_string_equal(found(1 << 20), "GPT partition table");
    for (size_t len = 0; len < 520; len++) /* no look beyond the end */
        assert_null(sp_disk_find((struct sp_slice){head, len}, 1 << 20));
    assert_true(sp_disk_is_given((struct sp_slice){(const uint8_t *)"p1:raw", 6}));
    assert_false(sp_disk_is_given((struct sp_slice){(const uint8_t *)"p1:12/disk.raw", 14}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_partitions),
        cmocka_unit_test(file_allocation_table),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
