#include "extract/enclosed.h"

#include "base/base64.h"
#include "extract/image.h"

#include <string.h>

enum {
    MARK_MIN = 8,        /* bytes of the shortest mark; many cells have fewer */
    DOCUMENT_MIN = 128,  /* digits of base64: no document is smaller */
    DIGITS_STEP = 32,    /* a line of base64, which has more than 46 digits, holds all of a */
    DIGITS_LOOK = 16,    /* look; words and numbers hardly ever do */
    IMAGE_DIGITS = 2048, /* that are decoded to see its size */
};

static bool starts(struct sp_slice text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

/* ---- uuencode, yEnc ------------------------------------------------------------------------ */
/* The line behind the one that begins here has as many characters as its first one says, of those
 * that uuencode writes; true when it cannot be seen whole. */
static bool is_data_next(struct sp_slice text)
{
    const uint8_t *newline = memchr(text.ptr, '\n', text.len);
    const uint8_t *line = newline == NULL ? NULL : newline + 1;
    size_t left = line == NULL ? 0 : text.len - (size_t)(line - text.ptr);
    const uint8_t *end = left == 0 ? NULL : memchr(line, '\n', left);
    for (size_t i = 0; i < left && line[i] != '\r' && line[i] != '\n'; i++) {
        if (line[i] < ' ' || line[i] > '`')
            return false; /* a small letter, say */
    }
    if (end == NULL)
        return true;
    size_t bytes = (size_t)(line[0] - ' ') & 0x3F;
    size_t len = (size_t)(end - line);
    size_t want = 1 + (bytes + 2) / 3 * 4;
    return len >= want - (want > 3 ? 3 : 0) && len <= want + 2; /* blanks at the end may be lost */
}

/* begin 644 name (POSIX, uuencode): a mode that its owner may read. */
static bool is_begin(struct sp_slice text)
{
    static const char plain[] = "begin ", base64[] = "begin-base64 ";
    bool is_base64 = starts(text, base64);
    size_t pos = is_base64 ? sizeof base64 - 1 : sizeof plain - 1;
    size_t digits = 0;
    if (!is_base64 && !starts(text, plain))
        return false;
    pos += pos < text.len && text.ptr[pos] == '0';
    while (pos + digits < text.len && text.ptr[pos + digits] >= '0' &&
           text.ptr[pos + digits] <= '7')
        digits++;
    bool named = digits == 3 && text.ptr[pos] >= '4' && pos + 4 < text.len &&
                 text.ptr[pos + 3] == ' ' && text.ptr[pos + 4] > ' ';
    return named && (is_base64 || is_data_next(text));
}

/* At the beginning of a line. */
static void line_look(struct sp_enclosed *enclosed, struct sp_slice line)
{
    if (line.len > 0 && (line.ptr[0] == 'b' || line.ptr[0] == '='))
        enclosed->met[SP_ENCLOSED_FILE] |= is_begin(line) || starts(line, "=ybegin ");
}

static void lines_look(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    if (!enclosed->in_line)
        line_look(enclosed, text);
    while ((at = memchr(at, '\n', upto - (size_t)(at - text.ptr))) != NULL) {
        at++;
        if ((size_t)(at - text.ptr) >= upto)
            return;
        line_look(enclosed, (struct sp_slice){at, (size_t)(end - at)});
    }
}

/* ---- PGP ----------------------------------------------------------------------------------- */
/* Anywhere: behind the > of an answer, or within a line of HTML, as well. */
static void secrets_look(struct sp_enclosed *enclosed, struct sp_slice text, size_t upto)
{
    static const char mark[] = "-----BEGIN PGP MESSAGE"; /* or PART 1/2 of it */
    size_t len = upto - 1 + sizeof mark - 1 < text.len ? upto - 1 + sizeof mark - 1 : text.len;
    if (memmem(text.ptr, len, mark, sizeof mark - 1) != NULL)
        enclosed->met[SP_ENCLOSED_SECRET] = true;
}

/* ---- base64 -------------------------------------------------------------------------------- */
/* How documents begin, as base64 has it: the bits of whole bytes only. */
static const struct opening {
    const char *digits;
    bool image;
} openings[] = {
    {"JVBERi", false},     /* %PDF */
    {"iVBORw0KGg", true},  /* PNG */
    {"/9j/", true},        /* JPEG */
    {"UEsDB", false},      /* zip, office documents */
    {"R0lGOD", true},      /* GIF */
    {"0M8R4KGxGu", false}, /* OLE: older office documents, Outlook */
    {"H4sI", false},       /* gzip */
    {"Qlpo", false},       /* bzip2 */
    {"/Td6WFoA", false},   /* xz */
    {"KLUv/", false},      /* zstd */
    {"N3q8ryc", false},    /* 7z */
    {"SUkqA", true},       /* TIFF */
    {"TU0AK", true},       /* TIFF */
    {"UklGR", true},       /* RIFF: WebP */
    {"e1xydGY", false},    /* RTF */
};

/* Digits that stand here, over the ends of lines; at most IMAGE_DIGITS. Their values, if wanted. */
static size_t digits_read(struct sp_slice text, uint8_t *values)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len && count < IMAGE_DIGITS; i++) {
        int digit = sp_base64_digit(text.ptr[i]);
        if (digit < 0 && text.ptr[i] != '\n' && text.ptr[i] != '\r')
            break;
        if (digit >= 0)
            values[count++] = (uint8_t)digit;
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

static void opening_look(struct sp_enclosed *enclosed, struct sp_slice text, bool image)
{
    uint8_t values[IMAGE_DIGITS];
    size_t count = digits_read(text, values);
    if (count >= DOCUMENT_MIN && !(image && is_small_image(values, count)))
        enclosed->met[image ? SP_ENCLOSED_IMAGE : SP_ENCLOSED_DOCUMENT] = true;
}

/* Where digits begin. */
static void digits_look(struct sp_enclosed *enclosed, struct sp_slice text)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (text.ptr[0] == (uint8_t)openings[i].digits[0] && starts(text, openings[i].digits)) {
            opening_look(enclosed, text, openings[i].image);
            return;
        }
    }
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
        while (begin > from && sp_base64_digit(text.ptr[begin - 1]) >= 0)
            begin--;
        if (begin >= upto)
            return;
        digits_look(enclosed, (struct sp_slice){text.ptr + begin, text.len - begin});
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
    secrets_look(enclosed, text, upto);
    if (text.len >= DOCUMENT_MIN)
        documents_look(enclosed, text, upto);
    enclosed->in_line = text.ptr[upto - 1] != '\n';
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
    enclosed->in_line = enclosed->in_digits = false;
}

bool sp_enclosed_unread(const struct sp_enclosed *enclosed, enum sp_enclosed_kind kind,
                        struct sp_unread *unread)
{
    static const struct {
        enum sp_reason reason;
        const char *what;
    } kinds[SP_ENCLOSED_KINDS] = {
        [SP_ENCLOSED_FILE] = {SP_REASON_UNSUPPORTED, "uuencoded or yEnc file in the text"},
        [SP_ENCLOSED_SECRET] = {SP_REASON_ENCRYPTED, "PGP message in the text"},
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
