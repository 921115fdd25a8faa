/* The table of formats without a reader: opened by the raw pass, reported as a gap.
 * Sources of the signatures: the formats' own specifications, RFC 1952, PKWARE APPNOTE, the
 * Wikipedia list of file signatures, and the magic files of file(1). */
#include "extract/known.h"

#include "extract/extract.h"

#include <string.h>

/* Text may begin with any word: only signatures of so many bytes count in what looks like text. */
enum { KNOWN_TEXT_LEN_MIN = 5 };

struct known_row {
    uint32_t offset; /* bytes from the start */
    uint8_t len;     /* of the signature, so that it may hold NULs */
    const char *bytes;
    struct sp_known known;
};

#define ROW(offset, bytes, name, reason)                                                           \
    {                                                                                              \
        offset, sizeof(bytes) - 1, bytes,                                                          \
        {                                                                                          \
            name, SP_REASON_##reason                                                               \
        }                                                                                          \
    }

static const struct known_row known_rows[] = {
    /* archives and disk images */
    ROW(0, "RE~^", "rar 1.4", UNSUPPORTED),
    ROW(0, "\x60\xEA", "arj", UNSUPPORTED),
    ROW(2, "-lh", "lha", UNSUPPORTED),
    ROW(0, "\x89LZO\0\r\n\x1A\n", "lzop", UNSUPPORTED),
    ROW(0, "LRZI", "lrzip", UNSUPPORTED),
    ROW(0, "PACK\0\0\0\2", "git pack", UNSUPPORTED),
    ROW(0, "\xFF\x06\0\0sNaPpY", "snappy", UNSUPPORTED),
    ROW(0, "hsqs", "squashfs", UNSUPPORTED),
    ROW(0, "MSWIM\0\0\0", "wim", UNSUPPORTED),
    ROW(0, "XFSB", "XFS file system", OPAQUE),
    ROW(65600, "_BHRfS_M", "Btrfs file system", OPAQUE),
    ROW(0, "KDMV", "vmdk", OPAQUE),
    ROW(0, "COWD", "vmdk", OPAQUE),
    ROW(0, "QFI\xFB", "qcow", OPAQUE),
    ROW(0, "conectix", "vhd", OPAQUE),
    ROW(0, "vhdxfile", "vhdx", OPAQUE),
    ROW(64, "\x7F\x10\xDA\xBE", "vdi", OPAQUE),
    /* encrypted containers */
    ROW(0, "LUKS\xBA\xBE", "LUKS", ENCRYPTED),
    ROW(3, "-FVE-FS-", "BitLocker", ENCRYPTED),
    ROW(0, "Salted__", "openssl enc", ENCRYPTED),
    ROW(0, "-----BEGIN PGP MESSAGE-----", "PGP message", ENCRYPTED),
    ROW(0, "age-encryption.org/", "age", ENCRYPTED),
    ROW(0, "-----BEGIN AGE ENCRYPTED FILE-----", "age", ENCRYPTED),
    ROW(0, "$ANSIBLE_VAULT;", "ansible vault", ENCRYPTED),
    /* documents, mail, data */
    ROW(0, "%!PS", "postscript", UNSUPPORTED),
    ROW(0, "\xCF\xAD\x12\xFE", "dbx", UNSUPPORTED),
    ROW(4, "\xEF\xCD\xAB\x89", "edb", OPAQUE),
    ROW(0, "AT&TFORM", "djvu", NEEDS_OCR),
    ROW(0, "ITSF\x03\0\0\0", "chm", UNSUPPORTED),
    ROW(60, "BOOKMOBI", "mobi", UNSUPPORTED),
    ROW(0, "\x37\x7F\x06\x82", "sqlite wal: rows that are not in the database yet", UNSUPPORTED),
    ROW(0, "\x37\x7F\x06\x83", "sqlite wal: rows that are not in the database yet", UNSUPPORTED),
    ROW(0, "\xD9\xD5\x05\xF9\x20\xA1\x63\xD7", "sqlite journal: pages as they were before",
        UNSUPPORTED),
    ROW(4, "Standard Jet DB", "mdb", UNSUPPORTED),
    ROW(4, "Standard ACE DB", "accdb", UNSUPPORTED),
    ROW(0, "REDIS0", "rdb", OPAQUE),
    ROW(0, "TAPE\0\0", "bak (MTF)", OPAQUE),
    ROW(0, "PGDMP", "pg_dump custom", UNSUPPORTED),
    ROW(0, "PAR1", "parquet", UNSUPPORTED),
    ROW(0, "ORC", "orc", UNSUPPORTED),
    ROW(0, "Obj\x01", "avro", UNSUPPORTED),
    ROW(0, "ARROW1\0\0", "arrow", UNSUPPORTED),
    ROW(0, "\x89HDF\r\n\x1A\n", "hdf5", UNSUPPORTED),
    ROW(0, "bplist00", "binary plist", UNSUPPORTED),
    ROW(0, "ElfFile\0", "evtx", UNSUPPORTED),
    ROW(0, "BORG_SEG", "borg segment", ENCRYPTED),
    /* images: nothing here tells a photo from a scanned letter */
    ROW(0, "\xFF\xD8\xFF", "jpeg", NEEDS_OCR),
    ROW(0, "\x89PNG\r\n\x1A\n", "png", NEEDS_OCR),
    ROW(0, "GIF87a", "gif", NEEDS_OCR),
    ROW(0, "GIF89a", "gif", NEEDS_OCR),
    ROW(0, "II*\0", "tiff", NEEDS_OCR),
    ROW(0, "MM\0*", "tiff", NEEDS_OCR),
    ROW(0, "II+\0", "bigtiff", NEEDS_OCR),
    ROW(8, "WEBP", "webp", NEEDS_OCR),
    ROW(0, "8BPS\0", "psd", NEEDS_OCR),
    ROW(0, "\0\0\0\x0CjP  \r\n", "jpeg 2000", NEEDS_OCR),
    ROW(4, "ftypheic", "heic", NEEDS_OCR),
    ROW(4, "ftypheix", "heic", NEEDS_OCR),
    ROW(4, "ftypmif1", "heif", NEEDS_OCR),
    ROW(4, "ftypavif", "avif", NEEDS_OCR),
    ROW(0, "gimp xcf", "xcf", NEEDS_OCR),
    /* sound and film */
    ROW(4, "ftyp", "mp4", OPAQUE),
    ROW(4, "moov", "quicktime", OPAQUE),
    ROW(8, "WAVE", "wav", OPAQUE),
    ROW(8, "AVI ", "avi", OPAQUE),
    ROW(0, "ID3", "mp3", OPAQUE),
    ROW(0, "\xFF\xFB", "mp3", OPAQUE),
    ROW(0, "\xFF\xF1", "aac", OPAQUE),
    ROW(0, "OggS", "ogg", OPAQUE),
    ROW(0, "fLaC", "flac", OPAQUE),
    ROW(0, "#!AMR", "amr", OPAQUE),
    ROW(0, "\x1A\x45\xDF\xA3", "matroska", OPAQUE),
    ROW(0, "FLV\x01", "flv", OPAQUE),
    ROW(0, "\0\0\x01\xBA", "mpeg", OPAQUE),
    ROW(0, "\0\0\x01\xB3", "mpeg", OPAQUE),
    ROW(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "asf", OPAQUE),
};

/* BMP and the web fonts have signatures of two or four bytes that words begin with as well: a
 * length that they carry must agree. */
static const struct sp_known known_bmp = {"bmp", SP_REASON_NEEDS_OCR};
static const struct sp_known known_riff_other = {"riff", SP_REASON_OPAQUE};
static const struct sp_known known_numpy = {"numpy: text in UTF-32", SP_REASON_UNSUPPORTED};
static const struct sp_known known_postgres = {"postgresql relation", SP_REASON_OPAQUE};
static const struct sp_known known_innodb = {"ibd", SP_REASON_OPAQUE};

static bool known_at(struct sp_slice head, size_t offset, const char *bytes, size_t len)
{
    return head.len >= len && offset <= head.len - len &&
           memcmp(head.ptr + offset, bytes, len) == 0;
}

/* A table space of InnoDB: page 0 of type 8 (FSP header), no page before it, and its space id
 * (34) repeated in the FSP header (38). */
static bool known_is_innodb(struct sp_slice head)
{
    return head.len >= 16384 && known_at(head, 4, "\0\0\0\0", 4) &&
           known_at(head, 24, "\0\x08", 2) && memcmp(head.ptr + 34, head.ptr + 38, 4) == 0;
}

/* An array of NumPy (format.py of its sources) whose type is of text: '<U30'. */
static bool known_is_numpy_text(struct sp_slice head)
{
    struct sp_slice description = {head.ptr, head.len < 256 ? head.len : 256};
    if (!known_at(head, 0, "\x93NUMPY", 6))
        return false;
    return memmem(description.ptr, description.len, "'<U", 3) != NULL ||
           memmem(description.ptr, description.len, "'>U", 3) != NULL;
}

/* The first page of a table or index of PostgreSQL (bufpage.h), of 8 KiB, little-endian: version 4,
 * where its free space begins and ends, and what of an index stands at its end. Its values may be
 * compressed, or cut into pieces (TOAST). */
static bool known_is_postgres(struct sp_slice head)
{
    enum { PAGE = 8192, HEADER = 24, SPECIAL = 64 };
    if (head.len < PAGE || !known_at(head, 18, "\x04\x20", 2))
        return false;
    unsigned lower = head.ptr[12] | (unsigned)head.ptr[13] << 8;
    unsigned upper = head.ptr[14] | (unsigned)head.ptr[15] << 8;
    unsigned special = head.ptr[16] | (unsigned)head.ptr[17] << 8;
    return lower >= HEADER && lower <= upper && upper <= special && special <= PAGE &&
           special >= PAGE - SPECIAL;
}

static bool known_is_bmp(struct sp_slice head)
{
    return known_at(head, 0, "BM", 2) && known_at(head, 6, "\0\0\0\0", 4) && head.len >= 18 &&
           head.ptr[14] >= 12 && head.ptr[14] <= 124 && known_at(head, 15, "\0\0\0", 3);
}

static bool known_row_fits(const struct known_row *row, struct sp_slice head, bool is_text)
{
    if (is_text && (row->offset > 0 || row->len < KNOWN_TEXT_LEN_MIN))
        return false;
    if (!known_at(head, row->offset, row->bytes, row->len))
        return false;
    if (row->offset == 8) /* WEBP, WAVE, AVI */
        return known_at(head, 0, "RIFF", 4);
    return true;
}

const struct sp_known *sp_known_find(struct sp_slice head, bool is_text)
{
    for (size_t i = 0; i < sizeof known_rows / sizeof known_rows[0]; i++) {
        if (known_row_fits(&known_rows[i], head, is_text))
            return &known_rows[i].known;
    }
    if (known_is_bmp(head)) /* it has more NULs than text; white pixels look like Latin-1 */
        return &known_bmp;
    if (known_is_numpy_text(head))
        return &known_numpy;
    if (is_text)
        return NULL;
    if (known_at(head, 0, "RIFF", 4) && head.len >= 12)
        return &known_riff_other;
    if (known_is_postgres(head))
        return &known_postgres;
    return known_is_innodb(head) ? &known_innodb : NULL;
}

const char *sp_extract_known_name(size_t index)
{
    for (size_t i = 0, count = 0; i < sizeof known_rows / sizeof known_rows[0]; i++) {
        const char *name = known_rows[i].known.name;
        bool again = i > 0 && strcmp(name, known_rows[i - 1].known.name) == 0;
        if (!again && count++ == index)
            return name;
    }
    return NULL;
}

/* ---- what libmagic says ------------------------------------------------------------------ */
static const struct {
    const char *mime; /* ending in '/': the whole family */
    struct sp_known known;
} mime_rows[] = {
    {"image/svg", {"svg", SP_REASON_COUNT}},
    {"image/", {"image", SP_REASON_NEEDS_OCR}},
    {"audio/", {"audio", SP_REASON_OPAQUE}},
    {"video/", {"video", SP_REASON_OPAQUE}},
    {"font/", {"font", SP_REASON_COUNT}},
    {"application/vnd.", {"office or other document", SP_REASON_UNSUPPORTED}},
    {"application/ms", {"office document", SP_REASON_UNSUPPORTED}},
    {"application/pdf", {"pdf", SP_REASON_UNSUPPORTED}},
    {"application/pgp-encrypted", {"pgp", SP_REASON_ENCRYPTED}},
    {"application/x-7z", {"7z", SP_REASON_UNSUPPORTED}},
    {"application/x-rar", {"rar", SP_REASON_UNSUPPORTED}},
    {"application/x-lzma", {"lzma", SP_REASON_UNSUPPORTED}},
    {"application/x-compress", {"compress", SP_REASON_UNSUPPORTED}},
    {"application/x-lz", {"lzip or lzop", SP_REASON_UNSUPPORTED}},
    {"application/x-cpio", {"cpio", SP_REASON_UNSUPPORTED}},
    {"application/x-archive", {"ar", SP_REASON_UNSUPPORTED}},
    {"application/x-iso9660", {"iso", SP_REASON_UNSUPPORTED}},
    {"application/x-qemu-disk", {"qcow", SP_REASON_OPAQUE}},
    {"application/x-dbf", {"dbf", SP_REASON_UNSUPPORTED}},
    {"application/x-hdf", {"hdf", SP_REASON_UNSUPPORTED}},
    {"application/x-sqlite", {"sqlite", SP_REASON_UNSUPPORTED}},
    {"application/x-tokyocabinet", {"tokyo cabinet", SP_REASON_UNSUPPORTED}},
    {"application/x-dbm", {"dbm", SP_REASON_UNSUPPORTED}},
    {"application/x-gdbm", {"gdbm", SP_REASON_UNSUPPORTED}},
    {"application/x-innodb", {"ibd", SP_REASON_OPAQUE}},
    {"application/x-bittorrent", {"torrent", SP_REASON_COUNT}},
};

const struct sp_known *sp_known_mime(const char *mime)
{
    for (size_t i = 0; i < sizeof mime_rows / sizeof mime_rows[0]; i++) {
        if (strncmp(mime, mime_rows[i].mime, strlen(mime_rows[i].mime)) == 0)
            return &mime_rows[i].known;
    }
    return NULL;
}
