/* What the headers of 7z, rar, cab and iso tell before libarchive reads them. Layouts: 7zFormat.txt
 * (7-Zip), technote.txt (RAR 4) and "RAR 5.0 archive format" (rarlab), MS-CAB, ECMA-119/ECMA-167.
 */
#include "base/mem.h"
#include "extract/container.h"

#include <unistd.h>

enum {
    LOOK_BLOCKS_MAX = 4000000, /* of a rar: four for each of a million members */
    SEVENZIP_START_LEN = 32,
    RAR_MARK_LEN = 7,
    RAR_HEAD_LEN = 7,
    RAR_FILE_LEN = 36, /* of a file's header that is looked at */
    RAR_MAIN = 0x73,
    RAR_FILE = 0x74,
    RAR_SUB = 0x7A,
    RAR_END = 0x7B,
    RAR5_MARK_LEN = 8,
    RAR5_EXTRA_LEN = 4096,
    RAR5_HEAD_LEN = 64, /* of a header that is looked at */
    CAB_HEAD_LEN = 36,
    ISO_SECTOR = 2048,
    ISO_FIRST = 16, /* sector of the first descriptor */
    ISO_DESCRIPTORS = 64,
};

static uint64_t look_le(const uint8_t *ptr, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)ptr[i] << (8 * i);
    return value;
}

bool sp_container_pread(const struct sp_container_file *file, uint64_t pos, void *out, size_t len)
{
    if (pos > file->size || len > file->size - pos)
        return false;
    return pread(file->fd, out, len, (off_t)(file->offset + pos)) == (ssize_t)len;
}

/* Signature 6, version 2, checksum 4, then offset 8, size 8 and checksum 4 of the header at the
 * end. */
void sp_container_look_7z(const struct sp_container_file *file, struct sp_container_facts *facts)
{
    uint8_t head[SEVENZIP_START_LEN];
    uint64_t end;
    if (!sp_container_pread(file, 0, head, sizeof head)) {
        facts->end = SEVENZIP_START_LEN;
        return;
    }
    if (__builtin_add_overflow(look_le(head + 12, 8), look_le(head + 20, 8), &end) ||
        __builtin_add_overflow(end, (uint64_t)SEVENZIP_START_LEN, &end))
        end = UINT64_MAX;
    facts->end = end;
}

/* ---- rar 1.5 to 4 ---------------------------------------------------------------------------- */
/* Checksum 2, type 1, flags 2, length 2; with flag 0x8000 the length 4 of what follows it. */
static void look_rar_file(const uint8_t *head, uint64_t pos, uint64_t head_len, uint64_t data,
                          struct sp_container_facts *facts)
{
    unsigned flags = (unsigned)look_le(head + 3, 2);
    if (head[2] == RAR_FILE) {
        facts->members++;
        facts->multivolume |= (flags & 3) != 0; /* goes on before or behind this file */
    } else if (head[2] == RAR_SUB && facts->comment_len == 0) {
        facts->comment_at = pos + head_len; /* the archive's comment, mostly */
        facts->comment_len = data;
        facts->comment_packed = head[25] != 0x30; /* not stored */
    }
}

void sp_container_look_rar(const struct sp_container_file *file, struct sp_container_facts *facts)
{
    uint64_t pos = RAR_MARK_LEN;
    for (unsigned blocks = 0; blocks < LOOK_BLOCKS_MAX; blocks++) {
        uint8_t head[RAR_FILE_LEN] = {0};
        if (!sp_container_pread(file, pos, head, RAR_HEAD_LEN))
            break;
        unsigned flags = (unsigned)look_le(head + 3, 2);
        uint64_t len = look_le(head + 5, 2);
        uint64_t data = 0;
        if (len < RAR_HEAD_LEN || head[2] < RAR_MAIN - 1 || head[2] > RAR_END)
            return; /* damaged: libarchive says so */
        size_t want = len < sizeof head ? (size_t)len : sizeof head;
        (void)sp_container_pread(file, pos, head, want);
        if ((flags & 0x8000) != 0 && len < 11)
            return;
        if ((flags & 0x8000) != 0 || head[2] == RAR_FILE || head[2] == RAR_SUB)
            data = look_le(head + 7, 4);
        if ((head[2] == RAR_FILE || head[2] == RAR_SUB) && (flags & 0x100) != 0)
            data |= look_le(head + 32, 4) << 32;
        if (head[2] == RAR_MAIN) {
            facts->multivolume |= (flags & 1) != 0;
            facts->encrypted |= (flags & 0x80) != 0;
        }
        look_rar_file(head, pos, len, data, facts);
        if (facts->encrypted || __builtin_add_overflow(pos, len + data, &pos))
            return;
        facts->end = pos;
        if (head[2] == RAR_END) {
            facts->multivolume |= (flags & 1) != 0;
            return;
        }
    }
}

/* ---- rar 5 ----------------------------------------------------------------------------------- */
struct look_vint {
    const uint8_t *ptr;
    size_t left;
    bool failed;
};

static uint64_t look_vint(struct look_vint *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && in->left > 0; shift += 7) {
        uint8_t byte = *in->ptr++;
        in->left--;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    in->failed = true;
    return 0;
}

enum { RAR5_MAIN = 1, RAR5_FILE = 2, RAR5_SERVICE = 3, RAR5_ENCRYPTION = 4, RAR5_END = 5 };

/* The extra area, at the end of the header: records of a length, a type and data; type 1 tells how
 * the data is encrypted. libarchive passes over it. */
static bool look_rar5_encrypted(const struct sp_container_file *file, uint64_t at, uint64_t len)
{
    uint8_t area[RAR5_EXTRA_LEN];
    struct look_vint in = {area, len < sizeof area ? (size_t)len : sizeof area, false};
    if (len == 0 || !sp_container_pread(file, at, area, in.left))
        return false;
    while (in.left > 0 && !in.failed) {
        uint64_t size = look_vint(&in);
        const uint8_t *begin = in.ptr;
        if (look_vint(&in) == 1)
            return !in.failed;
        if (in.failed || size > in.left + (size_t)(in.ptr - begin) ||
            size < (uint64_t)(in.ptr - begin))
            return false;
        in.left -= (size_t)size - (size_t)(in.ptr - begin);
        in.ptr = begin + size;
    }
    return false;
}

static bool look_rar5_is_comment(const uint8_t *head, size_t len)
{
    return memmem(head, len, "\3CMT", 4) != NULL;
}

/* Checksum 4, then in numbers of 7 bits a byte: length of the header from its type on, type, flags,
 * length of the extra area (flag 1), of the data (flag 2). False at the end. */
static bool look_rar5_block(const struct sp_container_file *file, uint64_t *pos,
                            struct sp_container_facts *facts)
{
    uint8_t head[RAR5_HEAD_LEN];
    uint64_t left = file->size > *pos ? file->size - *pos : 0;
    size_t len = left < sizeof head ? (size_t)left : sizeof head;
    if (len < 7 || !sp_container_pread(file, *pos, head, len))
        return false;
    struct look_vint in = {head + 4, len - 4, false};
    uint64_t size = look_vint(&in);
    uint64_t after = *pos + (uint64_t)(in.ptr - head);
    uint64_t type = look_vint(&in);
    uint64_t flags = look_vint(&in);
    uint64_t extra = (flags & 1) != 0 ? look_vint(&in) : 0;
    uint64_t data = (flags & 2) != 0 ? look_vint(&in) : 0;
    if (in.failed || size == 0 || size > INT32_MAX || __builtin_add_overflow(after, size, &after))
        return false;
    facts->encrypted |= type == RAR5_ENCRYPTION;
    if (type == RAR5_FILE) {
        facts->members++;
        facts->multivolume |= (flags & 0x18) != 0; /* goes on before or behind this file */
        bool encrypted = extra < size && look_rar5_encrypted(file, after - extra, extra);
        if (sp_buf_append_byte(&facts->locked, encrypted, NULL) != SP_OK)
            facts->no_memory = true;
    }
    if (type == RAR5_MAIN || type == RAR5_END)
        facts->multivolume |= (look_vint(&in) & 1) != 0;
    if (type == RAR5_SERVICE && facts->comment_len == 0 && look_rar5_is_comment(head, len)) {
        facts->comment_at = after;
        facts->comment_len = data;
    }
    if (facts->encrypted || __builtin_add_overflow(after, data, pos))
        return false;
    facts->end = *pos;
    return type != RAR5_END;
}

void sp_container_look_rar5(const struct sp_container_file *file, struct sp_container_facts *facts)
{
    uint64_t pos = RAR5_MARK_LEN;
    unsigned blocks = 0;
    while (look_rar5_block(file, &pos, facts) && blocks < LOOK_BLOCKS_MAX)
        blocks++;
}

/* ---- cab and iso ----------------------------------------------------------------------------- */
/* Signature 4, 0, length 4 (at 8), 0, place of the files 4, 0, version 2, folders 2, files 2 (at
 * 28), flags 2: a cabinet before this one (1), one behind it (2). */
void sp_container_look_cab(const struct sp_container_file *file, struct sp_container_facts *facts)
{
    uint8_t head[CAB_HEAD_LEN];
    facts->end = CAB_HEAD_LEN;
    if (!sp_container_pread(file, 0, head, sizeof head))
        return;
    facts->end = look_le(head + 8, 4);
    facts->members = look_le(head + 28, 2);
    facts->multivolume = (look_le(head + 30, 2) & 3) != 0;
}

/* Descriptors of one sector each: type 1, "CD001", ...; at 80 of the primary one the number of
 * blocks 4, at 128 their length 2. */
void sp_container_look_iso(const struct sp_container_file *file, struct sp_container_facts *facts)
{
    for (uint64_t i = ISO_FIRST; i < ISO_FIRST + ISO_DESCRIPTORS; i++) {
        uint8_t head[256];
        if (!sp_container_pread(file, i * ISO_SECTOR, head, sizeof head))
            return;
        if (memcmp(head + 1, "NSR0", 4) == 0)
            facts->udf = true;
        if (memcmp(head + 1, "CD001", 5) == 0 && head[0] == 1 && facts->end == 0)
            facts->end = look_le(head + 80, 4) * look_le(head + 128, 2);
    }
}

/* ---- behind a program ------------------------------------------------------------------------ */
enum { BEHIND_BYTES = 8 * 1024 * 1024, BEHIND_STEP = 256 * 1024, BEHIND_SIGN = 8 };

/* CRC-32 as in zip, bit by bit. */
static uint32_t behind_crc(const uint8_t *ptr, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= ptr[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

/* A program that knows 7z holds its signature as well. */
static bool behind_is_7z(const struct sp_container_file *file)
{
    uint8_t head[SEVENZIP_START_LEN];
    return sp_container_pread(file, 0, head, sizeof head) &&
           look_le(head + 8, 4) == behind_crc(head + 12, 20);
}

static const char *behind_name(const uint8_t *ptr, const struct sp_container_file *file)
{
    struct sp_container_facts facts = {0};
    if (memcmp(ptr, "7z\xBC\xAF\x27\x1C", 6) == 0)
        return behind_is_7z(file) ? "7z" : NULL;
    if (memcmp(ptr, "Rar!\x1A\x07\x01\0", 8) == 0) {
        sp_container_look_rar5(file, &facts);
        return facts.end > 0 || facts.encrypted ? "rar" : NULL;
    }
    if (memcmp(ptr, "Rar!\x1A\x07\0", 7) == 0) {
        sp_container_look_rar(file, &facts);
        return facts.end > 0 || facts.encrypted ? "rar" : NULL;
    }
    if (memcmp(ptr, "MSCF\0\0\0\0", 8) == 0) {
        sp_container_look_cab(file, &facts);
        return facts.end > CAB_HEAD_LEN && facts.end <= file->size ? "cab" : NULL;
    }
    return NULL;
}

static const char *behind_block(const uint8_t *block, size_t len, struct sp_container_file *file,
                                uint64_t size, uint64_t pos)
{
    for (size_t i = 0; i + BEHIND_SIGN <= len; i++) {
        if (block[i] != '7' && block[i] != 'R' && block[i] != 'M')
            continue;
        file->offset = pos + i;
        file->size = size - file->offset;
        const char *name = behind_name(block + i, file);
        if (name != NULL)
            return name;
    }
    return NULL;
}

const char *sp_container_behind(int fd, struct sp_slice head, uint64_t size, uint64_t *offset)
{
    bool program = head.len > 4 && (memcmp(head.ptr, "MZ", 2) == 0 ||
                                    memcmp(head.ptr,
                                           "\x7F"
                                           "ELF",
                                           4) == 0 ||
                                    memcmp(head.ptr, "#!", 2) == 0);
    uint8_t *block = program ? sp_alloc(BEHIND_STEP) : NULL;
    const char *name = NULL;
    struct sp_container_file file = {.fd = fd};
    for (uint64_t pos = 0; block != NULL && name == NULL && pos < size && pos < BEHIND_BYTES;) {
        ssize_t got = pread(fd, block, BEHIND_STEP, (off_t)pos);
        if (got < BEHIND_SIGN)
            break;
        name = behind_block(block, (size_t)got, &file, size, pos);
        pos += (uint64_t)got - (BEHIND_SIGN - 1);
    }
    sp_free(block);
    *offset = file.offset;
    return name;
}
