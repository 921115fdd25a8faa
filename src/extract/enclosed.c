#include "extract/enclosed.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "extract/armour.h"
#include "extract/image.h"
#include "extract/packed.h"

#include <string.h>

enum {
    MARK_MIN = 8,        /* bytes of the shortest mark; many cells have fewer */
    DOCUMENT_MIN = 128,  /* digits of base64: no document is smaller, */
    PACKED_MIN = 24,     /* but for a few words that were compressed, */
    DEFLATED_MIN = 80,   /* by programs that leave out the header too */
    HEX_MIN = 24,        /* bytes in hexadecimal digits, of as many */
    HEX_LOOK = 150,      /* that are looked at */
    DIGITS_STEP = 8,     /* 24 digits hold all of a */
    DIGITS_LOOK = 16,    /* look; words and numbers hardly ever do */
    SECRET_MIN = 40,     /* the same of what is encrypted */
    GAP_MAX = 80,        /* bytes between the two */
    OPENING_DIGITS = 24, /* that tell what it is */
    IMAGE_DIGITS = 2048, /* that are decoded to see its size */
    DECLARED_MAX = 128   /* bytes before a document that tell its type */
};

/* ---- lines --------------------------------------------------------------------------------- */
/* At the beginning of a line: most begin with a byte that no mark does. */
static void line_look(struct sp_enclosed *enclosed, struct sp_slice line)
{
    static const bool begins[256] = {
        [' '] = true, ['\t'] = true, ['>'] = true, ['|'] = true, ['b'] = true,
        ['='] = true, ['G'] = true,  ['('] = true, ['$'] = true};
    if (!begins[line.ptr[0]])
        return;
    enum sp_armour armour = sp_armour_of_line(line);
    if (armour != SP_ARMOUR_NONE)
        enclosed->met[armour == SP_ARMOUR_FILE ? SP_ENCLOSED_FILE : SP_ENCLOSED_SECRET] = true;
}

/* Lines that begin behind this byte. */
static void lines_behind(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto,
                         char newline)
{
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    while ((at = memchr(at, newline, upto - (size_t)(at - text.ptr))) != NULL) {
        at++;
        if ((size_t)(at - text.ptr) >= upto)
            return;
        if (*at != '\n')
            line_look(enclosed, (struct sp_slice){at, (size_t)(end - at)});
    }
}

static void lines_look(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    if (!enclosed->in_line)
        line_look(enclosed, text);
    lines_behind(enclosed, text, upto, '\n');
    lines_behind(enclosed, text, upto, '\r');
}

/* ---- base64 -------------------------------------------------------------------------------- */
/* How documents begin, as base64 has it: the bits of whole bytes only. */
static const struct opening {
    const char *digits;
    enum sp_enclosed_kind kind;
} openings[] = {
    {"JVBERi", SP_ENCLOSED_DOCUMENT},     /* %PDF */
    {"iVBORw0KGg", SP_ENCLOSED_IMAGE},    /* PNG */
    {"/9j/", SP_ENCLOSED_IMAGE},          /* JPEG */
    {"UEsDB", SP_ENCLOSED_DOCUMENT},      /* zip, office documents */
    {"R0lGOD", SP_ENCLOSED_IMAGE},        /* GIF */
    {"0M8R4KGxGu", SP_ENCLOSED_DOCUMENT}, /* OLE: older office documents, Outlook */
    {"H4sI", SP_ENCLOSED_DOCUMENT},       /* gzip */
    {"Qlpo", SP_ENCLOSED_DOCUMENT},       /* bzip2 */
    {"/Td6WFoA", SP_ENCLOSED_DOCUMENT},   /* xz */
    {"KLUv/", SP_ENCLOSED_DOCUMENT},      /* zstd */
    {"N3q8ryc", SP_ENCLOSED_DOCUMENT},    /* 7z */
    {"UmFyIRoH", SP_ENCLOSED_DOCUMENT},   /* RAR */
    {"eJ", SP_ENCLOSED_DOCUMENT},         /* zlib (RFC 1950), as PHP and git write, */
    {"eN", SP_ENCLOSED_DOCUMENT},         /* of other levels */
    {"eAE", SP_ENCLOSED_DOCUMENT},        /* and of the lowest */
    {"SUkqA", SP_ENCLOSED_IMAGE},         /* TIFF */
    {"TU0AK", SP_ENCLOSED_IMAGE},         /* TIFF */
    {"UklGR", SP_ENCLOSED_IMAGE},         /* RIFF: WebP */
    {"AAAAGGZ0eXB", SP_ENCLOSED_IMAGE},   /* ISO base media: HEIC, video */
    {"AAAAHGZ0eXB", SP_ENCLOSED_IMAGE},   /* the same, */
    {"AAAAIGZ0eXB", SP_ENCLOSED_IMAGE},   /* of other lengths */
    {"AAAAJGZ0eXB", SP_ENCLOSED_IMAGE},
    {"AAAAKGZ0eXB", SP_ENCLOSED_IMAGE},
    {"e1xydGY", SP_ENCLOSED_DOCUMENT},              /* RTF */
    {"U1FMaXRlIGZvcm1hdCAz", SP_ENCLOSED_DOCUMENT}, /* SQLite */
    {"U2FsdGVkX1", SP_ENCLOSED_SECRET},             /* Salted__: OpenSSL */
    {"hQEMA", SP_ENCLOSED_SECRET},                  /* OpenPGP, to a key of RSA */
    {"hQIMA", SP_ENCLOSED_SECRET},
};

/* Zlib tells its compression in two bytes: 78 9C, 78 DA. Of the third digit two bits count. */
static bool is_zlib(const uint8_t *values)
{
    return values[1] == 9 ? values[2] >> 2 == 12 : values[1] != 13 || values[2] >> 2 == 10;
}

/* Digits that stand here, over the ends of lines and written as programs and links do; at most
 * `max`. Their values. */
static size_t digits_read(struct sp_slice text, uint8_t *values, size_t max)
{
    size_t count = 0, line = 0;
    for (size_t i = 0; i < text.len && count < max;) {
        uint8_t byte = text.ptr[i];
        int digit = sp_base64_digit(byte);
        uint8_t next = i + 1 < text.len ? text.ptr[i + 1] : 0;
        if (digit >= 0) {
            values[count++] = (uint8_t)digit;
            line++;
            i++;
        } else if (byte == '\\' && next == '/') {
            i++;
        } else if (byte == '%' && next == '2' && i + 2 < text.len) {
            values[count++] = (text.ptr[i + 2] | 0x20) == 'f' ? 63 : 62;
            i += 3;
        } else {
            size_t behind =
                line < SP_BASE64_LINE_MIN ? text.len : sp_base64_next_line(text.ptr, text.len, i);
            if (behind == text.len)
                break;
            i = behind;
            line = 0;
        }
    }
    return count;
}

/* The bytes of whole groups of digits. */
static struct sp_slice digits_decode(const uint8_t *values, size_t count,
                                     uint8_t bytes[IMAGE_DIGITS / 4 * 3])
{
    size_t len = 0;
    for (size_t i = 0; i < count; i += 4) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (i + k < count ? values[i + k] : 0U);
        for (unsigned shift = 24; shift > 0; shift -= 8)
            bytes[len++] = (uint8_t)(bits >> (shift - 8));
    }
    return (struct sp_slice){bytes, count * 6 / 8};
}

/* An icon, or a dot that counts readers. */
static bool is_small_image(const uint8_t *values, size_t count)
{
    uint8_t bytes[IMAGE_DIGITS / 4 * 3];
    struct sp_image_size size;
    return sp_image_size(digits_decode(values, count, bytes), &size) &&
           sp_image_is_small(size, false);
}

/* A document, or what was compressed, in hexadecimal digits, as databases and logs write bytes:
 * with 0x or \\x before it, or nothing. */
static bool begins_hex(struct sp_slice text)
{
    static const char *const heads[] = {"%PDF-",       "\xD0\xCF\x11\xE0\xA1\xB1",
                                        "\x89PNG\r\n", "\xFF\xD8\xFF",
                                        "{\\rtf",      "SQLite format",
                                        "Rar!\x1A"};
    uint8_t bytes[HEX_LOOK];
    size_t at = text.len > 1 && text.ptr[0] == '0' ? 1 : 0, len = 0;
    at = at < text.len && (text.ptr[at] | 0x20) == 'x' ? at + 1 : 0;
    for (; len < sizeof bytes && at + 1 < text.len; at += 2) {
        int high = sp_hex_digit(text.ptr[at]), low = sp_hex_digit(text.ptr[at + 1]);
        if (high < 0 || low < 0)
            break;
        bytes[len++] = (uint8_t)(high << 4 | low);
    }
    if (len < HEX_MIN)
        return false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (memcmp(bytes, heads[i], strlen(heads[i])) == 0)
            return true;
    }
    return sp_packed_begins((struct sp_slice){bytes, len});
}

/* Enough digits for what they begin as. */
static bool is_enough(const struct opening *opening, const uint8_t *values, size_t count)
{
    uint8_t bytes[IMAGE_DIGITS / 4 * 3];
    if (opening->kind == SP_ENCLOSED_SECRET)
        return count >= SECRET_MIN;
    return count >= DOCUMENT_MIN || (count >= PACKED_MIN && opening->kind == SP_ENCLOSED_DOCUMENT &&
                                     sp_packed_begins(digits_decode(values, count, bytes)));
}

/* Queries in a workbook (MS-QDEFF): a version, which is zero, a length, and a zip file. */
static const struct opening mashup = {"AAAAA", SP_ENCLOSED_DOCUMENT};

static bool is_mashup(const uint8_t *values, size_t count)
{
    uint8_t bytes[IMAGE_DIGITS / 4 * 3];
    if (count < 16 || (values[0] | values[1] | values[2] | values[3] | values[4]) != 0)
        return false;
    return memcmp(digits_decode(values, 16, bytes).ptr + 8, "PK\3\4", 4) == 0;
}

/* `first`: no line of digits stands before it. Zlib's two bytes may come by chance in any line. */
static const struct opening *opening_of(const uint8_t *values, size_t count, bool first)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        const char *digits = openings[i].digits;
        size_t at = 0;
        while (at < count && digits[at] != '\0' &&
               sp_base64_digit((uint8_t)digits[at]) == values[at])
            at++;
        if (digits[at] != '\0')
            continue;
        bool weak = at <= 3 && digits[0] == 'e';
        if (!weak || (first && count > 2 && is_zlib(values)))
            return &openings[i];
    }
    return is_mashup(values, count) ? &mashup : NULL;
}

/* Compressed text without any header: told by its codes. */
static const struct opening deflated = {"", SP_ENCLOSED_DOCUMENT};

static bool is_deflated(struct sp_slice text)
{
    uint8_t values[IMAGE_DIGITS], bytes[IMAGE_DIGITS / 4 * 3];
    size_t count = digits_read(text, values, 2); /* of most the first byte says that it is none */
    if (count < 2 || ((values[0] << 2 | values[1] >> 4) & 6) != 4)
        return false;
    count = digits_read(text, values, IMAGE_DIGITS);
    return count >= DEFLATED_MIN && sp_deflate_begins(digits_decode(values, count, bytes));
}

static bool begins_document(struct sp_slice text, bool first)
{
    uint8_t values[OPENING_DIGITS] = {0};
    return opening_of(values, digits_read(text, values, sizeof values), first) != NULL;
}

/* A line as those of a document before, which may have been cut: by an empty line, the foot of a
 * page. */
static bool is_orphan(const struct sp_enclosed *enclosed, struct sp_slice text)
{
    size_t digits = 0;
    while (digits < text.len && sp_base64_digit(text.ptr[digits]) >= 0)
        digits++;
    return enclosed->cut_width > 0 && digits == enclosed->cut_width;
}

/* Where digits begin. True: of a document that somebody takes from here on. */
static bool digits_look(struct sp_enclosed *enclosed, struct sp_slice text, bool first)
{
    uint8_t values[IMAGE_DIGITS];
    const struct opening *opening =
        opening_of(values, digits_read(text, values, OPENING_DIGITS), first);
    if (opening == NULL && first && is_deflated(text))
        opening = &deflated;
    if (opening == NULL) {
        if (is_orphan(enclosed, text))
            enclosed->met[enclosed->taking] = true;
        return false;
    }
    size_t count = digits_read(text, values, IMAGE_DIGITS);
    bool image = opening->kind == SP_ENCLOSED_IMAGE;
    bool enough = opening == &deflated || is_enough(opening, values, count);
    if (!enough || (image && is_small_image(values, count)))
        return false;
    enclosed->taking = opening->kind;
    enclosed->cut_width = 0;
    enclosed->run = (struct sp_base64_run){.begins = begins_document};
    enclosed->open = opening->kind != SP_ENCLOSED_SECRET && enclosed->taker != NULL &&
                     enclosed->taker->begin(enclosed->taker->ctx);
    enclosed->met[opening->kind] = enclosed->met[opening->kind] || !enclosed->open;
    return enclosed->open;
}

static bool all_digits(const uint8_t *at)
{
    if (sp_base64_any_low(at) || sp_base64_any_low(at + DIGITS_LOOK / 2))
        return false;
    for (size_t i = 0; i < DIGITS_LOOK; i++) {
        if (sp_base64_digit(at[i]) < 0)
            return false;
    }
    return true;
}

/* Whether the line before text.ptr[at] is one of digits, that go on here. */
static bool goes_on(const struct sp_enclosed *enclosed, struct sp_slice text, size_t at)
{
    size_t gap = 0, line = 0;
    while (gap < at && gap < GAP_MAX && sp_base64_digit(text.ptr[at - gap - 1]) < 0)
        gap++;
    while (line < SP_BASE64_LINE_MIN && gap + line < at &&
           sp_base64_digit(text.ptr[at - gap - line - 1]) >= 0)
        line++;
    return gap + line == at ? enclosed->in_lines || line >= SP_BASE64_LINE_MIN
                            : line >= SP_BASE64_LINE_MIN;
}

/* Bytes of a digit, as it may be written, that ends at text[at], not before `from`; 0: none does.
 */
static size_t digit_before(struct sp_slice text, size_t from, size_t at)
{
    const uint8_t *end = text.ptr + at;
    size_t room = at - from;
    bool slash = room > 0 && end[-1] == '\\' && text.len > at && end[0] == '/';
    if (room > 2 && end[-3] == '%' && end[-2] == '2' &&
        ((end[-1] | 0x20) == 'f' || (end[-1] | 0x20) == 'b'))
        return 3;
    return room > 0 && (slash || sp_base64_digit(end[-1]) >= 0) ? 1 : 0;
}

/* The data of a PDF, which its own reader decodes (ASCIIHexDecode). */
static bool in_pdf(struct sp_slice text, size_t at)
{
    static const char word[] = "stream";
    size_t end = at;
    while (end > 0 && (text.ptr[end - 1] == '\n' || text.ptr[end - 1] == '\r'))
        end--;
    if (end < sizeof word - 1 ||
        memcmp(text.ptr + end - (sizeof word - 1), word, sizeof word - 1) != 0)
        return false;
    for (end -= sizeof word - 1; end > 0 && text.ptr[end - 1] <= ' ';)
        end--;
    return end >= 2 && text.ptr[end - 1] == '>' && text.ptr[end - 2] == '>'; /* its dictionary */
}

/* A line of many digits is met at one of its bytes, and looked at where it begins. Where a document
 * begins that is taken; text.len: none does. */
static size_t documents_look(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    size_t from = 0; /* before it all is decided */
    while (enclosed->in_digits && from < text.len && sp_base64_digit(text.ptr[from]) >= 0)
        from++;
    for (size_t at = from; at + DIGITS_LOOK <= text.len && at < upto + DIGITS_STEP;
         at += DIGITS_STEP) {
        if (!all_digits(text.ptr + at))
            continue;
        size_t begin = at, step;
        while ((step = digit_before(text, from, begin)) > 0)
            begin -= step;
        if (begin >= upto)
            break;
        if (!in_pdf(text, begin) &&
            begins_hex((struct sp_slice){text.ptr + begin, text.len - begin}))
            enclosed->met[SP_ENCLOSED_HEX] = true;
        if (digits_look(enclosed, (struct sp_slice){text.ptr + begin, text.len - begin},
                        !goes_on(enclosed, text, begin)))
            return begin;
        for (from = at + DIGITS_LOOK; from < text.len && sp_base64_digit(text.ptr[from]) >= 0;)
            from++;
        at = from; /* and a step */
    }
    return text.len;
}

/* ---- a text -------------------------------------------------------------------------------- */
/* Decides what begins in the first `upto` bytes, which is not 0. Where a document begins that is
 * taken, which ends all others; text.len: none does. */
static size_t decide(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    size_t document = text.len;
    if (text.len < MARK_MIN)
        return document;
    lines_look(enclosed, text, upto);
    if (sp_armour_begins_secret(text, upto))
        enclosed->met[SP_ENCLOSED_SECRET] = true;
    if (text.len >= SECRET_MIN)
        document = documents_look(enclosed, text, upto);
    enclosed->in_line = text.ptr[upto - 1] != '\n' && text.ptr[upto - 1] != '\r';
    enclosed->in_lines = goes_on(enclosed, text, upto);
    enclosed->in_digits = sp_base64_digit(text.ptr[upto - 1]) >= 0;
    return document;
}

static void document_end(struct sp_enclosed *enclosed)
{
    enclosed->open = false;
    if (!enclosed->taker->end(enclosed->taker->ctx))
        enclosed->met[enclosed->taking] = true;
    enclosed->carry_len = enclosed->run.carry_len; /* stands behind it */
    memcpy(enclosed->carry, enclosed->run.carry, enclosed->carry_len);
    enclosed->cut_width = enclosed->run.padded ? 0 : enclosed->run.width;
    enclosed->in_line = enclosed->in_digits = true;
    enclosed->in_lines = false;
}

/* The document at hand goes on in this text; how much of it is its. */
static size_t document_feed(struct sp_enclosed *enclosed, struct sp_slice text, bool last)
{
    bool ended;
    size_t used = sp_base64_run_feed(&enclosed->run, text, last, enclosed->taker->put,
                                     enclosed->taker->ctx, &ended);
    if (ended)
        document_end(enclosed);
    return used;
}

/* Looks at what was carried, with the first bytes of a text behind its first `before` bytes. True:
 * a document was taken; *used: bytes of the text that belong to it. */
static bool carry_look(struct sp_enclosed *enclosed, size_t before, size_t upto, size_t *used)
{
    struct sp_slice carry = {enclosed->carry, enclosed->carry_len};
    size_t document = decide(enclosed, carry, upto);
    if (document == carry.len)
        return false;
    struct sp_slice digits = {carry.ptr + document, carry.len - document};
    size_t end = document + document_feed(enclosed, digits, false);
    *used = end > before ? end - before : 0;
    enclosed->carry_len = end < before ? before - end : 0; /* what stands behind it */
    memmove(enclosed->carry, enclosed->carry + end, enclosed->carry_len);
    return true;
}

/* A text that is too short to be looked at by itself. How far it came, as below. */
static size_t short_look(struct sp_enclosed *enclosed, struct sp_slice utf8)
{
    const size_t keep = SP_ENCLOSED_MARK_BYTES - 1;
    size_t before = enclosed->carry_len, used;
    memcpy(enclosed->carry + before, utf8.ptr, utf8.len);
    enclosed->carry_len += utf8.len;
    if (enclosed->carry_len <= keep)
        return utf8.len;
    size_t upto = enclosed->carry_len - keep;
    if (carry_look(enclosed, before, upto, &used))
        return used;
    memmove(enclosed->carry, enclosed->carry + upto, keep);
    enclosed->carry_len = keep;
    return utf8.len;
}

/* Looks at a text until all of it is decided or carried, or a document has been taken out of it:
 * how far it came. */
static size_t text_look(struct sp_enclosed *enclosed, struct sp_slice utf8)
{
    const size_t keep = SP_ENCLOSED_MARK_BYTES - 1;
    size_t before = enclosed->carry_len, used;
    if (utf8.len <= keep)
        return short_look(enclosed, utf8);
    if (before > 0) { /* all that was carried can be decided */
        memcpy(enclosed->carry + before, utf8.ptr, SP_ENCLOSED_MARK_BYTES);
        enclosed->carry_len += SP_ENCLOSED_MARK_BYTES;
        if (carry_look(enclosed, before, before, &used))
            return used;
    }
    size_t document = decide(enclosed, utf8, utf8.len - keep);
    enclosed->carry_len = 0;
    if (document < utf8.len) {
        struct sp_slice digits = {utf8.ptr + document, utf8.len - document};
        return document + document_feed(enclosed, digits, false);
    }
    memcpy(enclosed->carry, utf8.ptr + utf8.len - keep, keep);
    enclosed->carry_len = keep;
    return utf8.len;
}

void sp_enclosed_text(struct sp_enclosed *enclosed, struct sp_slice utf8)
{
    while (utf8.len > 0) {
        size_t used =
            enclosed->open ? document_feed(enclosed, utf8, false) : text_look(enclosed, utf8);
        utf8.ptr += used;
        utf8.len -= used;
    }
}

void sp_enclosed_end(struct sp_enclosed *enclosed)
{
    static const uint8_t nothing[1] = {0};
    uint8_t rest[sizeof enclosed->carry];
    if (enclosed->open)
        (void)document_feed(enclosed, (struct sp_slice){nothing, 0}, true);
    struct sp_slice left = {enclosed->carry, enclosed->carry_len};
    while (left.len > 0) {
        size_t document = decide(enclosed, left, left.len);
        if (document == left.len)
            break;
        struct sp_slice digits = {left.ptr + document, left.len - document};
        size_t used = document_feed(enclosed, digits, true);
        left.len = digits.len - used;
        memmove(rest, digits.ptr + used, left.len); /* the carry is used anew */
        left.ptr = rest;
    }
    enclosed->carry_len = 0;
    enclosed->in_line = enclosed->in_digits = enclosed->in_lines = false;
}

bool sp_enclosed_is_document(struct sp_slice text)
{
    static const char declared[] = "base64,"; /* data:application/pdf;base64, */
    const uint8_t *found = memmem(text.ptr, text.len < DECLARED_MAX ? text.len : DECLARED_MAX,
                                  declared, sizeof declared - 1);
    if (found != NULL) {
        found += sizeof declared - 1;
        text.len -= (size_t)(found - text.ptr);
        text.ptr = found;
    }
    if (!begins_document(text, true))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (sp_base64_digit(text.ptr[i]) < 0 && memchr("\r\n =\\%", text.ptr[i], 6) == NULL)
            return false;
    }
    return true;
}

bool sp_enclosed_unread(const struct sp_enclosed *enclosed, enum sp_enclosed_kind kind,
                        struct sp_unread *unread)
{
    static const struct {
        enum sp_reason reason;
        const char *what;
    } kinds[SP_ENCLOSED_KINDS] = {
        [SP_ENCLOSED_FILE] = {SP_REASON_UNSUPPORTED,
                              "encoded file (uuencode, yEnc, BinHex, git) in the text"},
        [SP_ENCLOSED_SECRET] = {SP_REASON_ENCRYPTED, "encrypted message in the text"},
        [SP_ENCLOSED_DOCUMENT] = {SP_REASON_UNSUPPORTED, "documents in base64 in the text"},
        [SP_ENCLOSED_IMAGE] = {SP_REASON_NEEDS_OCR, "images in base64 in the text"},
        [SP_ENCLOSED_HEX] = {SP_REASON_UNSUPPORTED, "documents in hexadecimal digits in the text"},
    };
    if (!enclosed->met[kind])
        return false;
    sp_unread_init(unread, kinds[kind].reason);
    unread->partial = true;
    (void)snprintf(unread->detail, sizeof unread->detail, "%s", kinds[kind].what);
    return true;
}
