/* Who reads an object: the extractors' bids, the table of known formats, libmagic. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/container.h"
#include "extract/decode.h"
#include "extract/disk.h"
#include "extract/ebcdic.h"
#include "extract/entropy.h"
#include "extract/extract.h"
#include "extract/formats.h"
#include "extract/image.h"
#include "extract/known.h"
#include "extract/packed.h"
#include "extract/zipdir.h"

#include <assert.h>
#include <ctype.h>
#include <strings.h>
#include <unistd.h>

enum {
    BID_SURE = 50,            /* from here on a bid counts as an answer */
    TAIL_RANDOM_BYTES = 4096, /* at the end of what is text, to tell whether it is */
    TAIL_TEXT_BYTES = 300     /* from here on 98 characters of ASCII are too few to look random */
};

static const struct sp_extractor *identify_best(struct sp_slice head, struct sp_slice name,
                                                int *bid)
{
    const struct sp_extractor *best = NULL;
    struct sp_glance glance;
    sp_glance_at(&glance, head, name);
    *bid = 0;
    for (const struct sp_extractor *row = sp_extractors; row->name != NULL; row++) {
        int this_bid = row->bid(&glance);
        if (this_bid > *bid || best == NULL) {
            *bid = this_bid;
            best = row;
        }
    }
    assert(best != NULL); /* the table is not empty */
    return best;
}

/* The last resort: always the row before the end. */
static const struct sp_extractor *identify_named(const char *name)
{
    const struct sp_extractor *row = sp_extractors;
    assert(row->name != NULL);
    while (row[1].name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row;
}

/* An image may be a scanned letter, but not one that is too small to show words. */
static void identify_known(const struct sp_known *known, struct sp_slice head, struct sp_slice name,
                           struct sp_identity *out)
{
    struct sp_image_size size;
    out->unread_reason = known->reason;
    (void)snprintf(out->detail, sizeof out->detail, "%s", known->name);
    if (known->reason != SP_REASON_NEEDS_OCR || !sp_image_size(head, &size))
        return;
    if (sp_image_is_small(size, sp_image_is_thumbnail(name)))
        out->unread_reason = SP_REASON_PHOTO;
    (void)snprintf(out->detail, sizeof out->detail, "%s of %u by %u", known->name, size.width,
                   size.height);
}

/* Text formats of which the words can be read, but not all of the meaning. */
static bool identify_text_known(const struct sp_known *known)
{
    return strcmp(known->name, "postscript") == 0;
}

static void identify_by_magic(struct sp_slice head, struct sp_slice name, struct sp_identity *out)
{
    char mime[SP_MAGIC_MIME_MAX];
    if (!sp_magic_mime(head, mime))
        return;
    const struct sp_known *known = sp_known_mime(mime);
    if (known != NULL)
        identify_known(known, head, name, out);
    else if (strncmp(mime, "text/", 5) == 0)
        out->extractor = identify_named("plain");
}

/* A disk image: its files are for speur-disk, where that is. */
static bool identify_disk(struct sp_slice head, struct sp_slice name, uint64_t size_bytes,
                          struct sp_identity *out)
{
    const char *what = sp_disk_find(head, size_bytes);
    if (what == NULL)
        return false;
    out->extractor = identify_named("bytes");
    out->unread_reason = SP_REASON_OPAQUE;
    out->is_disk = !sp_disk_is_given(name);
    (void)snprintf(out->detail, sizeof out->detail, "%s", what);
    return true;
}

/* Compressed formats that have no sign, by what they are called. */
static bool identify_unsigned(struct sp_slice name, struct sp_identity *out)
{
    static const struct {
        const char *suffixes;
        const char *name;
    } formats[] = {{".iwa\0", "iWork (snappy)"}, {".ldb\0.sst\0", "leveldb"}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!sp_name_has_suffix(name, formats[i].suffixes))
            continue;
        out->unread_reason = SP_REASON_UNSUPPORTED;
        (void)snprintf(out->detail, sizeof out->detail, "%s", formats[i].name);
        return true;
    }
    return false;
}

static void identify_head(struct sp_slice head, struct sp_slice name, uint64_t size_bytes,
                          bool use_magic, struct sp_identity *out)
{
    int bid;
    *out = (struct sp_identity){.extractor = identify_best(head, name, &bid),
                                .unread_reason = SP_REASON_COUNT,
                                .sure = true};
    if (head.len == 0)
        return;
    if (bid > BID_SURE)
        return; /* a format of its own, not only text */
    const struct sp_known *known = sp_known_find(head, bid >= BID_SURE);
    if (known != NULL) {
        if (!(bid == BID_SURE && identify_text_known(known)))
            out->extractor = identify_named("bytes");
        identify_known(known, head, name, out);
        return;
    }
    if (bid < BID_SURE && identify_disk(head, name, size_bytes, out))
        return;
    if (sp_looks_ebcdic(head)) {
        out->extractor = identify_named("bytes");
        out->unread_reason = SP_REASON_UNDECODABLE;
        (void)snprintf(out->detail, sizeof out->detail, "text in EBCDIC");
        return;
    }
    if (bid >= BID_SURE)
        return;
    out->extractor = identify_named("bytes");
    if (identify_unsigned(name, out))
        return;
    out->sure = use_magic;
    if (use_magic)
        identify_by_magic(head, name, out);
}

/* Text or bytes: formats of our own that say nothing of what comes behind their beginning. */
static bool identify_is_loose(const struct sp_extractor *extractor)
{
    return extractor->place == SP_PLACE_ANY && extractor->shape != SP_SHAPE_ARCHIVE;
}

/* ---- names that promise another format ----------------------------------------------------- */
static const struct {
    const char *suffixes;
    const char *name;
} identify_promises[] = {
    {".gz\0.tgz\0.svgz\0", "gzip"},
    {".bz2\0.tbz2\0.tbz\0", "bzip2"},
    {".xz\0.txz\0", "xz"},
    {".zst\0.tzst\0", "zstd"},
    {".lz4\0", "lz4"},
    {".lzma\0.tlz\0", "lzma"},
    {".lz\0", "lzip"},
    {".tar\0", "tar"},
    {".cab\0", "cab"},
    {".iso\0", "iso"},
    {".cpio\0", "cpio"},
    {".deb\0", "ar"},
    {".rpm\0", "rpm"},
    {".xar\0", "xar"},
    {".warc\0", "warc"},
    {".zip\0.jar\0.war\0.ear\0.apk\0.epub\0.docx\0.xlsx\0.pptx\0.docm\0.xlsm\0.odt\0.ods\0.odp\0",
     "zip"},
    {".7z\0", "7z"},
    {".rar\0", "rar"},
    {".pdf\0", "pdf"},
    {".pst\0.ost\0", "pst"},
    {".sqlite\0.sqlite3\0", "sqlite"},
    {".png\0", "png"},
    {".jpg\0.jpeg\0", "jpeg"},
    {".gif\0", "gif"},
    {".tif\0.tiff\0", "tiff"},
    {".bmp\0", "bmp"},
    {".webp\0", "webp"},
    {".jp2\0", "jpeg 2000"},
    {".pgm\0.ppm\0.pbm\0.pnm\0", "pnm"},
};

/* A later part of an archive in several: its first bytes say nothing. By its name .7z.002,
 * .zip.002, .part2.rar, .r00 or .z01. */
static bool identify_is_part(struct sp_slice name)
{
    size_t digits = 0;
    while (digits < name.len && isdigit(name.ptr[name.len - 1 - digits]))
        digits++;
    struct sp_slice stem = {name.ptr, name.len - digits};
    if (digits == 0)
        return sp_name_has_suffix(name, ".rar\0") && memmem(name.ptr, name.len, ".part", 5) != NULL;
    if (digits == 2)
        return sp_name_has_suffix(stem, ".r\0.z\0.s\0");
    return digits == 3 && sp_name_has_suffix(stem, ".7z.\0.zip.\0.rar.\0");
}

/* What was read as text or bytes only, but is called something else: damaged, or disguised. */
void sp_identify_promise(struct sp_slice name, struct sp_identity *out)
{
    if (!identify_is_loose(out->extractor) || out->unread_reason != SP_REASON_COUNT)
        return;
    if (identify_is_part(name) && strcmp(out->extractor->name, "bytes") == 0) {
        out->unread_reason = SP_REASON_MULTIVOLUME;
        (void)snprintf(out->detail, sizeof out->detail, "one part of several, by its name");
        return;
    }
    for (size_t i = 0; i < sizeof identify_promises / sizeof identify_promises[0]; i++) {
        if (!sp_name_has_suffix(name, identify_promises[i].suffixes))
            continue;
        out->unread_reason = SP_REASON_CORRUPT;
        (void)snprintf(out->detail, sizeof out->detail, "by its name %s, but not %s",
                       identify_promises[i].name, identify_promises[i].name);
        return;
    }
}

/* ---- the end of a file --------------------------------------------------------------------- */
static void identify_tail(struct sp_slice tail, uint64_t size_bytes, struct sp_identity *out)
{
    struct sp_entropy entropy = {0};
    struct sp_packed packed = {0};
    if (sp_zipdir_ends(tail, size_bytes)) {
        out->extractor = identify_named("zip");
        out->sure = true;
        return;
    }
    if (out->unread_reason != SP_REASON_COUNT || strcmp(out->extractor->name, "bytes") == 0)
        return; /* told already, or by the raw pass */
    sp_packed_add(&packed, tail);
    sp_packed_end(&packed);
    if (tail.len > TAIL_RANDOM_BYTES) {
        tail.ptr += tail.len - TAIL_RANDOM_BYTES;
        tail.len = TAIL_RANDOM_BYTES;
    }
    if (packed.found == NULL && tail.len >= TAIL_TEXT_BYTES && sp_ascii_is_text(tail))
        return;
    sp_entropy_add(&entropy, tail);
    if (packed.found == NULL && sp_entropy_milli_bits(&entropy) <= sp_entropy_limit(&entropy))
        return;
    out->unread_reason = SP_REASON_UNSUPPORTED;
    (void)snprintf(out->detail, sizeof out->detail, "compressed data inside (%s)",
                   packed.found == NULL ? "at the end" : packed.found);
}

void sp_identify(struct sp_slice head, struct sp_slice name, uint64_t size_bytes, bool use_magic,
                 struct sp_identity *out)
{
    identify_head(head, name, size_bytes, use_magic, out);
    if (head.len == 0 || !identify_is_loose(out->extractor))
        return;
    if (size_bytes == head.len || head.len < SP_HEAD_BYTES) /* the head is all of it */
        identify_tail(head, head.len, out);
}

void sp_identify_stream(struct sp_stream *stream, struct sp_slice head, struct sp_slice name,
                        bool use_magic, struct sp_identity *out)
{
    uint64_t size = sp_stream_size(stream);
    int fd = sp_stream_fd(stream);
    sp_identify(head, name, size, use_magic, out);
    if (fd < 0 || size == SP_SIZE_UNKNOWN || !identify_is_loose(out->extractor))
        return;
    uint64_t offset;
    const char *behind = sp_container_behind(fd, head, size, &offset);
    if (behind != NULL) {
        out->extractor = identify_named(behind);
        out->unread_reason = SP_REASON_COUNT;
        out->detail[0] = '\0';
        out->sure = true;
        return;
    }
    const char *copy =
        out->unread_reason == SP_REASON_COUNT && strcmp(out->extractor->name, "bytes") == 0
            ? sp_disk_find_copy(fd, size)
            : NULL;
    if (copy != NULL) {
        out->unread_reason = SP_REASON_CORRUPT;
        out->is_disk = true;
        out->sure = true;
        (void)snprintf(out->detail, sizeof out->detail, "%s, its beginning is damaged", copy);
        return;
    }
    if (size <= head.len || head.len < SP_HEAD_BYTES)
        return; /* the head is all of it */
    size_t len = size < SP_ZIPDIR_TAIL_BYTES ? (size_t)size : SP_ZIPDIR_TAIL_BYTES;
    uint8_t *tail = sp_alloc(len);
    if (tail == NULL)
        return; /* whoever reads it will say so */
    ssize_t got = pread(fd, tail, len, (off_t)(size - len));
    if (got == (ssize_t)len)
        identify_tail((struct sp_slice){tail, len}, size, out);
    sp_free(tail);
}

static bool mime_is_message(const char *mime)
{
    return mime != NULL &&
           (strcasecmp(mime, SP_MIME_MESSAGE) == 0 || strcasecmp(mime, "message/global") == 0);
}

bool sp_mime_is_picture(const char *mime)
{
    return mime != NULL && strcmp(mime, SP_MIME_PICTURE) == 0;
}

const char *sp_mime_kept(const char *mime)
{
    if (sp_mime_is_picture(mime))
        return SP_MIME_PICTURE;
    return mime_is_message(mime) ? SP_MIME_MESSAGE : NULL;
}

void sp_identify_declared(const struct sp_object_info *info, struct sp_identity *out)
{
    if (!mime_is_message(info->mime) || !identify_is_loose(out->extractor) ||
        out->unread_reason != SP_REASON_COUNT)
        return;
    out->extractor = identify_named("eml");
    out->sure = true;
}
