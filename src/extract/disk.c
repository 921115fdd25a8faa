/* Sources of the layouts: Documentation/filesystems/ext4 of Linux (ext), Microsoft's FAT
 * specification (fatgen103), the Linux-NTFS project (NTFS), UEFI 2.10 chapter 5 (MBR, GPT). */
#include "extract/disk.h"

#include <string.h>
#include <unistd.h>

enum {
    DISK_SECTOR = 512,
    DISK_EXT_MAGIC_OFF = 1080,
    DISK_MBR_TABLE_OFF = 446,
    DISK_MBR_ENTRY = 16,
    DISK_MBR_ENTRIES = 4,
    DISK_FAT_SECTORS_MIN = 8,
    DISK_EXT_SUPER_BYTES = 264,
    DISK_EXT_SIZES = 3,          /* blocks of 1, 2 and 4 KiB */
    DISK_FAT_COPY_OFF = 6 * 512, /* where mkfs of FAT32 writes it; NTFS and GPT: the last sector */
    DISK_COPIES_MIN = 64 * 1024
};

static bool disk_at(struct sp_slice head, size_t offset, const char *bytes, size_t len)
{
    return head.len >= len && offset <= head.len - len &&
           memcmp(head.ptr + offset, bytes, len) == 0;
}

static uint32_t disk_u16(struct sp_slice head, size_t offset)
{
    return (uint32_t)head.ptr[offset] | (uint32_t)head.ptr[offset + 1] << 8;
}

static uint32_t disk_u32(struct sp_slice head, size_t offset)
{
    return disk_u16(head, offset) | disk_u16(head, offset + 2) << 16;
}

static bool disk_is_power(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static bool disk_is_boot(struct sp_slice head)
{
    return head.len >= DISK_SECTOR && head.ptr[510] == 0x55 && head.ptr[511] == 0xAA;
}

/* A boot sector of FAT: a jump, and a parameter block in which all numbers make sense. */
static bool disk_is_fat(struct sp_slice head)
{
    if (!disk_is_boot(head))
        return false;
    uint32_t sector = disk_u16(head, 11);
    uint32_t root_entries = disk_u16(head, 17);
    uint32_t sectors = disk_u16(head, 19) != 0 ? disk_u16(head, 19) : disk_u32(head, 32);
    uint32_t fat_sectors = disk_u16(head, 22) != 0 ? disk_u16(head, 22) : disk_u32(head, 36);
    bool jumps = (head.ptr[0] == 0xEB && head.ptr[2] == 0x90) || head.ptr[0] == 0xE9;
    return jumps && disk_is_power(sector) && sector >= 512 && sector <= 4096 &&
           disk_is_power(head.ptr[13]) && disk_u16(head, 14) > 0 && head.ptr[16] >= 1 &&
           head.ptr[16] <= 2 && (head.ptr[21] == 0xF0 || head.ptr[21] >= 0xF8) &&
           (root_entries != 0) == (disk_u16(head, 22) != 0) && sectors >= DISK_FAT_SECTORS_MIN &&
           fat_sectors > 0 && fat_sectors < sectors;
}

/* Sectors of an entry of the table; *used false: it is empty. False: that is no entry. */
static bool disk_entry(struct sp_slice head, unsigned index, uint64_t *begin, uint64_t *end,
                       bool *used)
{
    static const uint8_t empty[DISK_MBR_ENTRY];
    size_t at = DISK_MBR_TABLE_OFF + (size_t)index * DISK_MBR_ENTRY;
    const uint8_t *entry = head.ptr + at;
    *used = memcmp(entry, empty, sizeof empty) != 0;
    *begin = disk_u32(head, at + 8);
    *end = *begin + disk_u32(head, at + 12);
    return !*used ||
           ((entry[0] == 0 || entry[0] == 0x80) && entry[4] != 0 && *begin > 0 && *end > *begin);
}

/* A table of partitions: entries that are in order, apart from each other, and of which one begins
 * within the image. Any block may end with 55 AA. */
static bool disk_is_mbr(struct sp_slice head, uint64_t size_bytes)
{
    uint64_t begin[DISK_MBR_ENTRIES];
    uint64_t end[DISK_MBR_ENTRIES];
    size_t count = 0;
    bool inside = false;
    for (unsigned i = 0; i < DISK_MBR_ENTRIES && disk_is_boot(head); i++) {
        bool used;
        if (!disk_entry(head, i, &begin[count], &end[count], &used))
            return false;
        for (size_t other = 0; used && other < count; other++) {
            if (begin[count] < end[other] && begin[other] < end[count])
                return false;
        }
        inside =
            inside ||
            (used && (size_bytes == SP_SIZE_UNKNOWN || begin[count] < size_bytes / DISK_SECTOR));
        count += used;
    }
    return inside;
}

const char *sp_disk_find(struct sp_slice head, uint64_t size_bytes)
{
    if (disk_at(head, DISK_EXT_MAGIC_OFF, "\x53\xEF", 2))
        return "ext file system";
    if (disk_at(head, 3, "NTFS    ", 8))
        return "NTFS file system";
    if (disk_at(head, DISK_SECTOR, "EFI PART", 8) || disk_at(head, 4096, "EFI PART", 8))
        return "GPT partition table";
    if (disk_is_fat(head))
        return "FAT file system";
    return disk_is_mbr(head, size_bytes) ? "MBR partition table" : NULL;
}

/* The superblock of the second group: it tells its group and the size of its blocks. */
static bool disk_is_ext_copy(int fd, uint64_t size_bytes, unsigned log_block_size)
{
    uint8_t super[DISK_EXT_SUPER_BYTES];
    struct sp_slice copy = {super, sizeof super};
    uint64_t block_bytes = (uint64_t)1024 << log_block_size;
    uint64_t block = 8 * block_bytes + (log_block_size == 0); /* blocks of a group: a bit each */
    return block * block_bytes + sizeof super <= size_bytes &&
           pread(fd, super, sizeof super, (off_t)(block * block_bytes)) == (ssize_t)sizeof super &&
           disk_u16(copy, 56) == 0xEF53 && disk_u16(copy, 90) == 1 &&
           disk_u32(copy, 24) == log_block_size;
}

const char *sp_disk_find_copy(int fd, uint64_t size_bytes)
{
    uint8_t block[DISK_SECTOR];
    struct sp_slice sector = {block, sizeof block};
    if (size_bytes < DISK_COPIES_MIN)
        return NULL;
    for (unsigned i = 0; i < DISK_EXT_SIZES; i++) {
        if (disk_is_ext_copy(fd, size_bytes, i))
            return "ext file system";
    }
    if (pread(fd, block, sizeof block, DISK_FAT_COPY_OFF) == (ssize_t)sizeof block &&
        disk_is_fat(sector))
        return "FAT file system";
    if (pread(fd, block, sizeof block, (off_t)(size_bytes - sizeof block)) != (ssize_t)sizeof block)
        return NULL;
    if (disk_at(sector, 0, "EFI PART", 8))
        return "GPT partition table";
    return disk_at(sector, 3, "NTFS    ", 8) && disk_is_boot(sector) ? "NTFS file system" : NULL;
}

bool sp_disk_is_given(struct sp_slice name)
{
    return name.len >= 4 && memcmp(name.ptr + name.len - 4, ":raw", 4) == 0;
}
