#include "extract/enclosed.h"

#include "base/base64.h"
#include "extract/armour.h"
#include "extract/image.h"

#include <string.h>

enum {
    MARK_MIN = 8,        /* bytes of the shortest mark; many cells have fewer */
    DOCUMENT_MIN = 128,  /* digits of base64: no document is smaller */
    DIGITS_STEP = 24,    /* SECRET_MIN digits, or a line of base64, hold all of a */
    DIGITS_LOOK = 16,    /* look; words and numbers hardly ever do */
    SECRET_MIN = 40,     /* the same of what is encrypted */
    LINE_MIN = 40,       /* of a line that goes on in the next one */
    GAP_MAX = 80,        /* bytes between the two */
    OPENING_DIGITS = 24, /* that tell what it is */
    IMAGE_DIGITS = 2048, /* that are decoded to see its size */
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
            size_t behind = line < LINE_MIN ? text.len : sp_base64_next_line(text.ptr, text.len, i);
            if (behind == text.len)
                break;
            i = behind;
            line = 0;
        }
    }
    return count;
}

/* An icon, or a dot that counts readers. */
static bool is_small_image(const uint8_t *values, size_t count)
{
    uint8_t bytes[IMAGE_DIGITS / 4 * 3];
    struct sp_image_size size;
    size_t len = 0;
    for (size_t i = 0; i + 4 <= count; i += 4) {
        uint32_t bits = (uint32_t)values[i] << 18 | (uint32_t)values[i + 1] << 12 |
                        (uint32_t)values[i + 2] << 6 | values[i + 3];
        for (unsigned shift = 24; shift > 0; shift -= 8)
            bytes[len++] = (uint8_t)(bits >> (shift - 8));
    }
    return sp_image_size((struct sp_slice){bytes, len}, &size) && sp_image_is_small(size, false);
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
        if (!weak || (first && is_zlib(values)))
            return &openings[i];
    }
    return NULL;
}

/* Where digits begin. */
static void digits_look(struct sp_enclosed *enclosed, struct sp_slice text, bool first)
{
    uint8_t values[IMAGE_DIGITS];
    const struct opening *opening =
        opening_of(values, digits_read(text, values, OPENING_DIGITS), first);
    if (opening == NULL)
        return;
    size_t count = digits_read(text, values, IMAGE_DIGITS);
    bool image = opening->kind == SP_ENCLOSED_IMAGE;
    size_t least = opening->kind == SP_ENCLOSED_SECRET ? SECRET_MIN : DOCUMENT_MIN;
    if (count >= least && !(image && is_small_image(values, count)))
        enclosed->met[opening->kind] = true;
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
    while (line < LINE_MIN && gap + line < at &&
           sp_base64_digit(text.ptr[at - gap - line - 1]) >= 0)
        line++;
    return gap + line == at ? enclosed->in_lines || line >= LINE_MIN : line >= LINE_MIN;
}

/* A line of many digits is met at one of its bytes, and looked at where it begins. */
static void documents_look(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    size_t from = 0; /* before it all is decided */
    while (enclosed->in_digits && from < text.len && sp_base64_digit(text.ptr[from]) >= 0)
        from++;
    for (size_t at = from; at + DIGITS_LOOK <= text.len && at < upto + DIGITS_STEP;
         at += DIGITS_STEP) {
        if (!all_digits(text.ptr + at))
            continue;
        size_t begin = at;
        while (begin > from && (sp_base64_digit(text.ptr[begin - 1]) >= 0 ||
                                (text.ptr[begin - 1] == '\\' && text.ptr[begin] == '/')))
            begin--;
        if (begin >= upto)
            return;
        digits_look(enclosed, (struct sp_slice){text.ptr + begin, text.len - begin},
                    !goes_on(enclosed, text, begin));
        for (from = at + DIGITS_LOOK; from < text.len && sp_base64_digit(text.ptr[from]) >= 0;)
            from++;
        at = from; /* and a step */
    }
}

/* ---- a text -------------------------------------------------------------------------------- */
/* Decides what begins in the first `upto` bytes, which is not 0. */
static void decide(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    if (text.len < MARK_MIN)
        return;
    lines_look(enclosed, text, upto);
    if (sp_armour_begins_secret(text, upto))
        enclosed->met[SP_ENCLOSED_SECRET] = true;
    if (text.len >= SECRET_MIN)
        documents_look(enclosed, text, upto);
    enclosed->in_line = text.ptr[upto - 1] != '\n' && text.ptr[upto - 1] != '\r';
    enclosed->in_lines = goes_on(enclosed, text, upto);
    enclosed->in_digits = sp_base64_digit(text.ptr[upto - 1]) >= 0;
}

void sp_enclosed_text(struct sp_enclosed *enclosed, struct sp_slice utf8)
{
    const size_t keep = SP_ENCLOSED_MARK_BYTES - 1;
    size_t before = enclosed->carry_len;
    size_t head = utf8.len < SP_ENCLOSED_MARK_BYTES ? utf8.len : SP_ENCLOSED_MARK_BYTES;
    if (before > 0 || utf8.len <= keep) {
        memcpy(enclosed->carry + before, utf8.ptr, head);
        enclosed->carry_len += head;
    }
    if (utf8.len > keep) { /* all that was carried can be decided */
        if (before > 0)
            decide(enclosed, (struct sp_slice){enclosed->carry, enclosed->carry_len}, before);
        decide(enclosed, utf8, utf8.len - keep);
        memcpy(enclosed->carry, utf8.ptr + utf8.len - keep, keep);
        enclosed->carry_len = keep;
    } else if (enclosed->carry_len > keep) {
        size_t upto = enclosed->carry_len - keep;
        decide(enclosed, (struct sp_slice){enclosed->carry, enclosed->carry_len}, upto);
        memmove(enclosed->carry, enclosed->carry + upto, keep);
        enclosed->carry_len = keep;
    }
}

void sp_enclosed_end(struct sp_enclosed *enclosed)
{
    if (enclosed->carry_len > 0)
        decide(enclosed, (struct sp_slice){enclosed->carry, enclosed->carry_len},
               enclosed->carry_len);
    enclosed->carry_len = 0;
    enclosed->in_line = enclosed->in_digits = enclosed->in_lines = false;
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
    };
    if (!enclosed->met[kind])
        return false;
    sp_unread_init(unread, kinds[kind].reason);
    unread->partial = true;
    (void)snprintf(unread->detail, sizeof unread->detail, "%s", kinds[kind].what);
    return true;
}
