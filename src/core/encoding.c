/* Which encoding is this? BOM, then NUL statistics, then strict UTF-8, else windows-1252.
 * UTF-16 without a BOM is common in exports of Windows programs and was missed by every tool
 * we tried: for Western text one byte of each pair is NUL, and always the same one. */
#include "core/charset.h"

#include "base/utf8.h"

#include <string.h>
#include <strings.h>

enum {
    PLAIN_PERCENT_BOM = 70, /* units of two printable bytes each from which a BOM is none */
    PLAIN_PERCENT = 40,     /* the same without a BOM; half of Chinese at most is such units */
    CONTROL_SHARE = 50,     /* text has at most 1/50 control characters; random bytes have 1/10 */
    FOREIGN_SHARE = 8,      /* UTF-8 may have 8 invalid bytes for each valid sequence */
    NUL_SHARE = 10          /* text may have 1/10 NULs: logs after a crash, padded records */
};

const char *sp_encoding_name(enum sp_encoding encoding)
{
    switch (encoding) {
    case SP_ENC_ASCII:
        return "us-ascii";
    case SP_ENC_UTF8:
        return "utf-8";
    case SP_ENC_WINDOWS_1252:
        return "windows-1252";
    case SP_ENC_UTF16LE:
        return "utf-16le";
    case SP_ENC_UTF16BE:
        return "utf-16be";
    case SP_ENC_UTF32LE:
        return "utf-32le";
    case SP_ENC_UTF32BE:
        return "utf-32be";
    case SP_ENC_NAMED:
        break;
    }
    return "named";
}

/* MIME and IANA names that we decode ourselves. iso-8859-1 is read as windows-1252, as browsers
 * and mail programs do (WHATWG Encoding): the bytes between them are no text in ISO 8859-1. */
static const struct {
    const char *name;
    enum sp_encoding encoding;
} encoding_names[] = {
    {"utf-8", SP_ENC_UTF8},
    {"utf8", SP_ENC_UTF8},
    {"us-ascii", SP_ENC_UTF8},
    {"ascii", SP_ENC_UTF8},
    {"ansi_x3.4-1968", SP_ENC_UTF8},
    {"unknown-8bit", SP_ENC_UTF8},
    {"x-unknown", SP_ENC_UTF8},
    {"unknown", SP_ENC_UTF8},
    {"default", SP_ENC_UTF8},
    {"iso-8859-1", SP_ENC_WINDOWS_1252},
    {"iso8859-1", SP_ENC_WINDOWS_1252},
    {"iso_8859-1", SP_ENC_WINDOWS_1252},
    {"latin1", SP_ENC_WINDOWS_1252},
    {"latin-1", SP_ENC_WINDOWS_1252},
    {"l1", SP_ENC_WINDOWS_1252},
    {"windows-1252", SP_ENC_WINDOWS_1252},
    {"cp1252", SP_ENC_WINDOWS_1252},
    {"cp-1252", SP_ENC_WINDOWS_1252},
    {"x-cp1252", SP_ENC_WINDOWS_1252},
    {"ansi", SP_ENC_WINDOWS_1252},
    {"utf-16", SP_ENC_UTF16LE}, /* the decoder turns round when a BOM says so */
    {"utf-16le", SP_ENC_UTF16LE},
    {"utf-16be", SP_ENC_UTF16BE},
    {"ucs-2", SP_ENC_UTF16LE},
    {"iso-10646-ucs-2", SP_ENC_UTF16LE},
    {"utf-32", SP_ENC_UTF32LE},
    {"utf-32le", SP_ENC_UTF32LE},
    {"utf-32be", SP_ENC_UTF32BE},
};

enum sp_encoding sp_encoding_from_mime(const char *name)
{
    if (name == NULL || name[0] == '\0')
        return SP_ENC_UTF8;
    for (size_t i = 0; i < sizeof encoding_names / sizeof encoding_names[0]; i++) {
        if (strcasecmp(name, encoding_names[i].name) == 0)
            return encoding_names[i].encoding;
    }
    return SP_ENC_NAMED;
}

static enum sp_encoding bom_find(struct sp_slice head, size_t *bom_len)
{
    static const struct {
        uint8_t bytes[4];
        uint8_t len;
        enum sp_encoding encoding;
    } boms[] = {
        {{0xEF, 0xBB, 0xBF, 0}, 3, SP_ENC_UTF8},
        {{0xFF, 0xFE, 0x00, 0x00}, 4, SP_ENC_UTF32LE}, /* before UTF-16LE, whose BOM it contains */
        {{0x00, 0x00, 0xFE, 0xFF}, 4, SP_ENC_UTF32BE},
        {{0xFF, 0xFE, 0, 0}, 2, SP_ENC_UTF16LE},
        {{0xFE, 0xFF, 0, 0}, 2, SP_ENC_UTF16BE},
    };
    for (size_t i = 0; i < sizeof boms / sizeof boms[0]; i++) {
        if (head.len >= boms[i].len && memcmp(head.ptr, boms[i].bytes, boms[i].len) == 0) {
            *bom_len = boms[i].len;
            return boms[i].encoding;
        }
    }
    *bom_len = 0;
    return SP_ENC_NAMED;
}

static size_t unit_width(enum sp_encoding encoding)
{
    switch (encoding) {
    case SP_ENC_UTF16LE:
    case SP_ENC_UTF16BE:
        return 2;
    case SP_ENC_UTF32LE:
    case SP_ENC_UTF32BE:
        return 4;
    default:
        return 1;
    }
}

static uint32_t unit_read(const uint8_t *ptr, enum sp_encoding encoding)
{
    switch (encoding) {
    case SP_ENC_UTF16LE:
        return (uint32_t)ptr[0] | (uint32_t)ptr[1] << 8;
    case SP_ENC_UTF16BE:
        return (uint32_t)ptr[1] | (uint32_t)ptr[0] << 8;
    case SP_ENC_UTF32LE:
        return (uint32_t)ptr[0] | (uint32_t)ptr[1] << 8 | (uint32_t)ptr[2] << 16 |
               (uint32_t)ptr[3] << 24;
    case SP_ENC_UTF32BE:
        return (uint32_t)ptr[3] | (uint32_t)ptr[2] << 8 | (uint32_t)ptr[1] << 16 |
               (uint32_t)ptr[0] << 24;
    default:
        return ptr[0];
    }
}

/* Control characters that no text has; ESC is in coloured logs, form feeds in print files. */
static bool control_strange(uint32_t unit)
{
    return (unit < 0x20 && !(unit >= '\b' && unit <= '\r') && unit != 0x1B) || unit == 0x7F;
}

/* Units that no text in UTF-16 or UTF-32 has. `before` is the previous unit (surrogate pairs). */
static bool wide_strange(uint32_t unit, uint32_t before, size_t width)
{
    if (control_strange(unit) || (unit >= 0x80 && unit <= 0x9F))
        return true;
    if (unit >= 0xE000 && unit <= 0xF8FF)
        return true; /* private use */
    if ((unit & 0xFFFE) == 0xFFFE || unit > 0x10FFFF)
        return true;
    if (width == 4)
        return unit >= 0xD800 && unit <= 0xDFFF;
    return (unit >= 0xDC00 && unit <= 0xDFFF) != (before >= 0xD800 && before <= 0xDBFF);
}

static bool wide_looks_text(struct sp_slice head, enum sp_encoding encoding)
{
    size_t width = unit_width(encoding);
    size_t unit_count = head.len / width;
    size_t strange = 0;
    uint32_t before = 0;
    for (size_t i = 0; i < unit_count; i++) {
        uint32_t unit = unit_read(head.ptr + i * width, encoding);
        strange += wide_strange(unit, before, width) ? 1 : 0;
        before = unit;
    }
    return strange * CONTROL_SHARE <= unit_count;
}

static bool byte_is_plain(uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || (byte >= '\t' && byte <= '\r');
}

/* Per cent of the pairs of bytes that are two characters of ASCII: text of bytes, not of UTF-16. */
static size_t plain_pairs_percent(struct sp_slice head)
{
    size_t pairs = head.len / 2;
    size_t plain = 0;
    for (size_t i = 0; i < pairs; i++)
        plain += byte_is_plain(head.ptr[2 * i]) && byte_is_plain(head.ptr[2 * i + 1]) ? 1 : 0;
    return pairs == 0 ? 0 : plain * 100 / pairs;
}

/* NULs by position modulo 4. */
struct nul_counts {
    size_t at[4];
    size_t quads;
};

/* UTF-16 or UTF-32 without a BOM, or SP_ENC_NAMED when the NULs have no such pattern. */
static enum sp_encoding wide_detect(struct sp_slice head)
{
    struct nul_counts nul = {{0}, head.len / 4};
    for (size_t i = 0; i < head.len; i++) {
        if (head.ptr[i] == 0)
            nul.at[i % 4]++;
    }
    if (nul.quads > 0 && nul.at[2] >= nul.quads - nul.quads / 20 && nul.at[3] >= nul.quads &&
        nul.at[0] <= nul.quads / 20 && wide_looks_text(head, SP_ENC_UTF32LE))
        return SP_ENC_UTF32LE;
    if (nul.quads > 0 && nul.at[1] >= nul.quads - nul.quads / 20 && nul.at[0] >= nul.quads &&
        nul.at[3] <= nul.quads / 20 && wide_looks_text(head, SP_ENC_UTF32BE))
        return SP_ENC_UTF32BE;
    size_t pairs = head.len / 2;
    size_t even = nul.at[0] + nul.at[2];
    size_t odd = nul.at[1] + nul.at[3];
    if (plain_pairs_percent(head) >= PLAIN_PERCENT)
        return SP_ENC_NAMED; /* short strings, each ended by a NUL */
    /* A quarter, not all: text in other scripts has its spaces, digits and line ends there. */
    if (pairs >= 2 && odd * 4 >= pairs && even * CONTROL_SHARE <= pairs &&
        wide_looks_text(head, SP_ENC_UTF16LE))
        return SP_ENC_UTF16LE;
    if (pairs >= 2 && even * 4 >= pairs && odd * CONTROL_SHARE <= pairs &&
        wide_looks_text(head, SP_ENC_UTF16BE))
        return SP_ENC_UTF16BE;
    return SP_ENC_NAMED;
}

/* Strict UTF-8; a character cut by the end of the head is no fault. */
static bool utf8_valid_cut(struct sp_slice head)
{
    size_t tail = head.len;
    /* Step back over at most 3 continuation bytes to the last lead byte. */
    for (size_t i = 1; i <= 4 && i <= head.len; i++) {
        uint8_t byte = head.ptr[head.len - i];
        if (byte < 0x80)
            break;
        if (byte >= 0xC2) {
            size_t need = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            if (need > i && byte <= 0xF4)
                tail = head.len - i;
            break;
        }
    }
    return sp_utf8_valid((struct sp_slice){head.ptr, tail});
}

/* UTF-8 with some foreign bytes, as in a dump with binary values: text in windows-1252 has next
 * to no valid sequences. */
static bool utf8_prevails(struct sp_slice head)
{
    size_t valid_count = 0;
    size_t invalid_count = 0;
    for (size_t pos = 0; pos < head.len;) {
        uint32_t code;
        unsigned len = sp_utf8_decode(head.ptr + pos, head.len - pos, &code);
        valid_count += len > 1;
        invalid_count += len == 0;
        pos += len == 0 ? 1 : len;
    }
    return valid_count * FOREIGN_SHARE >= invalid_count && valid_count > 0;
}

/* A byte text: ASCII, UTF-8 or windows-1252. */
static enum sp_encoding narrow_detect(struct sp_slice head, bool *looks_text)
{
    size_t nul_count = 0;
    size_t control_count = 0;
    size_t high_count = 0;
    for (size_t i = 0; i < head.len; i++) {
        uint8_t byte = head.ptr[i];
        nul_count += byte == 0;
        control_count += byte != 0 && control_strange(byte);
        high_count += byte >= 0x80;
    }
    *looks_text = control_count * CONTROL_SHARE <= head.len;
    if (high_count == 0) {
        *looks_text = *looks_text && nul_count * NUL_SHARE <= head.len;
        return SP_ENC_ASCII;
    }
    if (utf8_valid_cut(head) || utf8_prevails(head)) {
        *looks_text = *looks_text && nul_count * NUL_SHARE <= head.len;
        return SP_ENC_UTF8;
    }
    *looks_text = *looks_text && nul_count * CONTROL_SHARE <= head.len;
    return SP_ENC_WINDOWS_1252;
}

enum sp_encoding sp_encoding_detect(struct sp_slice head, size_t *bom_len, bool *looks_text)
{
    if (sp_ascii_is_text(head)) { /* all that is below would say the same */
        *bom_len = 0;
        *looks_text = true;
        return SP_ENC_ASCII;
    }
    enum sp_encoding encoding = bom_find(head, bom_len);
    struct sp_slice rest = {head.ptr, head.len};
    if (*bom_len > 0) {
        rest.ptr += *bom_len;
        rest.len -= *bom_len;
    }
    if (encoding == SP_ENC_NAMED)
        encoding = wide_detect(rest);
    if (unit_width(encoding) > 1) {
        *looks_text = wide_looks_text(rest, encoding);
        bool bytes = *bom_len == 2 && plain_pairs_percent(rest) >= PLAIN_PERCENT_BOM;
        if (!bytes && (*looks_text || *bom_len == 0))
            return encoding;
        *bom_len = 0; /* not a BOM after all: bytes that start like one */
        return narrow_detect(head, looks_text);
    }
    enum sp_encoding narrow = narrow_detect(rest, looks_text);
    return encoding == SP_ENC_UTF8 ? SP_ENC_UTF8 : narrow;
}

/* ---- what a text declares ---------------------------------------------------------------- */
/* Charsets in which ASCII letters are other bytes than in all others; '-' and '_' left out. */
static bool name_is_far(const char *name)
{
    static const char *const far[] = {"utf16",  "utf32",  "ucs2",    "ucs4",    "iso10646",
                                      "csucs",  "csuni",  "csutf16", "csutf32", "unicode",
                                      "ebcdic", "ibm037", "cp037",   "ibm1047", "cp1047",
                                      "ibm500", "cp500",  "ibm273",  "cp273",   "ibm1140"};
    char folded[40];
    size_t len = 0;
    for (; *name != '\0' && len + 1 < sizeof folded; name++) {
        if (*name != '-' && *name != '_')
            folded[len++] = *name;
    }
    folded[len] = '\0';
    if (strstr(folded, "utf7") != NULL)
        return false; /* "unicode-1-1-utf-7" is ASCII */
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        if (strncasecmp(folded, far[i], strlen(far[i])) == 0)
            return true;
    }
    return false;
}

static size_t plain_percent(struct sp_slice sample)
{
    size_t plain = 0;
    for (size_t i = 0; i < sample.len; i++)
        plain += byte_is_plain(sample.ptr[i]) ? 1 : 0;
    return sample.len == 0 ? 0 : plain * 100 / sample.len;
}

bool sp_encoding_is_readable(struct sp_slice sample)
{
    return sample.len == 0 || plain_percent(sample) >= PLAIN_PERCENT_BOM;
}

const char *sp_encoding_settle(const char *declared, struct sp_slice sample)
{
    size_t bom_len;
    bool looks_text;
    if (sample.len < 2)
        return declared;
    enum sp_encoding found = sp_encoding_detect(sample, &bom_len, &looks_text);
    if (looks_text && unit_width(found) > 1)
        return sp_encoding_name(found);
    if (declared == NULL || !name_is_far(declared))
        return declared;
    return plain_percent(sample) >= PLAIN_PERCENT_BOM || found == SP_ENC_UTF8 ? NULL : declared;
}
