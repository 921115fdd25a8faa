#include "extract/pdf_glyphs.h"

#include "base/utf8.h"
#include "extract/pdf_syntax.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAMES_MAX = 1 << 20, /* bytes of names */
    NAME_BYTES = 128,
    SUBSET_TAG = 7,    /* "ABCDEF+" before the name of a font of which only some glyphs are kept */
    ODD_MIN = 5,       /* names of glyphs that mean nothing: fewer are ornaments */
    WORD_MIN = 8,      /* characters of the shortest value that is strong alone */
    DISTINCT_MIN = 5,  /* fewer different ones are bullets, rules, leaders */
    LOST_MIN = 16,     /* characters of a page */
    LOST_SHARE = 10,   /* a tenth of the page */
    CJK_FIRST = 0x2E80 /* poppler knew the collection: it has a mapping of its own */
};

/* ---- fonts ----------------------------------------------------------------------------------- */
void sp_pdf_fonts_init(struct sp_pdf_fonts *fonts)
{
    sp_buf_init(&fonts->names, NAMES_MAX);
    sp_buf_init(&fonts->maybe, NAMES_MAX);
    sp_buf_init(&fonts->odd, NAMES_MAX);
}

void sp_pdf_fonts_clear(struct sp_pdf_fonts *fonts)
{
    sp_buf_clear(&fonts->names);
    sp_buf_clear(&fonts->maybe);
    sp_buf_clear(&fonts->odd);
}

/* Behind a key; NULL when it is not there. */
static const uint8_t *value_of(struct sp_slice dictionary, const char *key)
{
    size_t len = strlen(key);
    const uint8_t *at = memmem(dictionary.ptr, dictionary.len, key, len);
    return at == NULL ? NULL : at + len;
}

static bool has_name(const struct sp_buf *names, const char *name)
{
    size_t len = strlen(name) + 1;
    for (size_t at = 0; at + len <= names->len; at += strlen((const char *)names->data + at) + 1)
        if (memcmp(names->data + at, name, len) == 0)
            return true;
    return false;
}

static void name_add(struct sp_buf *names, const char *name)
{
    if (name[0] != '\0' && !has_name(names, name))
        (void)sp_buf_append(names, name, strlen(name) + 1, NULL);
}

/* As poppler gives it: without the mark of a subset. */
static void font_name(struct sp_slice dictionary, char name[NAME_BYTES])
{
    const uint8_t *value = value_of(dictionary, "/BaseFont");
    name[0] = '\0';
    if (value == NULL) {
        memcpy(name, SP_PDF_FONT_NAMELESS, sizeof SP_PDF_FONT_NAMELESS);
        return;
    }
    size_t at = sp_pdf_blanks(dictionary, (size_t)(value - dictionary.ptr));
    if (at < dictionary.len && dictionary.ptr[at] == '/')
        (void)sp_pdf_name(dictionary, at + 1, name, NAME_BYTES);
    if (strlen(name) > SUBSET_TAG && name[SUBSET_TAG - 1] == '+')
        memmove(name, name + SUBSET_TAG, strlen(name + SUBSET_TAG) + 1);
}

/* g12, cid3, C0045: a number that is not that of the character. Those of Unicode and of Adobe's
 * list of Cyrillic names are known. */
static bool is_odd(const char *name, unsigned long code)
{
    size_t letters = strcspn(name, "0123456789");
    const char *digits = name + letters;
    if (digits[0] == '\0' || letters > 5 || digits[strspn(digits, "0123456789")] != '\0')
        return false;
    if (strncmp(name, "uni", 3) == 0 || strncmp(name, "afii", 4) == 0 ||
        (letters == 1 && name[0] == 'u' && strlen(digits) >= 4))
        return false;
    return strtoul(digits, NULL, 10) != code && strtoul(digits, NULL, 16) != code;
}

/* [1 /g17 /g4 …]: codes, and names from there on. */
static bool differences_are_odd(struct sp_slice in, size_t at)
{
    char name[NAME_BYTES];
    unsigned long code = 0;
    size_t odd = 0, all = 0;
    for (; at < in.len && in.ptr[at] != ']'; at = sp_pdf_blanks(in, at)) {
        if (in.ptr[at] == '/') {
            at = sp_pdf_name(in, at + 1, name, sizeof name);
            odd += is_odd(name, code++);
            all++;
        } else if (in.ptr[at] >= '0' && in.ptr[at] <= '9') {
            for (code = 0; at < in.len && in.ptr[at] >= '0' && in.ptr[at] <= '9'; at++)
                code = (code * 10 + in.ptr[at] - '0') & 0xFFFF;
        } else {
            at++;
        }
    }
    return odd >= ODD_MIN && odd * 2 > all;
}

/* A font whose codes are numbers of glyphs, in a CMap that is no standard one. */
static bool is_composite_identity(struct sp_slice in)
{
    const uint8_t *value = value_of(in, "/Encoding");
    size_t at = value == NULL ? in.len : sp_pdf_blanks(in, (size_t)(value - in.ptr));
    if (at >= in.len)
        return false;
    static const char identity[] = "/Identity";
    return (in.ptr[at] >= '0' && in.ptr[at] <= '9') ||
           (in.len - at > sizeof identity - 1 &&
            memcmp(in.ptr + at, identity, sizeof identity - 1) == 0);
}

/* ---- numbers of objects ---------------------------------------------------------------------- */
static size_t number_read(struct sp_slice in, size_t at, uint32_t *number)
{
    at = sp_pdf_blanks(in, at);
    for (*number = 0; at < in.len && in.ptr[at] >= '0' && in.ptr[at] <= '9'; at++)
        *number = *number * 10 + (uint32_t)(in.ptr[at] - '0');
    return at;
}

/* Back over "12 0 obj"; 0: it is not there. */
static uint32_t number_before(struct sp_slice in, size_t at)
{
    uint32_t number = 0;
    while (at > 0 && in.ptr[at - 1] <= ' ')
        at--;
    if (at < 3 || memcmp(in.ptr + at - 3, "obj", 3) != 0)
        return 0;
    at -= 3;
    for (unsigned word = 0; word < 2; word++) {
        while (at > 0 && in.ptr[at - 1] <= ' ')
            at--;
        while (at > 0 && in.ptr[at - 1] >= '0' && in.ptr[at - 1] <= '9')
            at--;
    }
    (void)number_read(in, at, &number);
    return number;
}

/* In an object stream numbers and places stand before the objects. */
static uint32_t number_listed(struct sp_slice in, size_t first, size_t place)
{
    uint32_t number, offset;
    for (size_t at = 0; at < first && at < in.len;) {
        size_t begin = at;
        at = number_read(in, number_read(in, at, &number), &offset);
        if (first + offset == place)
            return number;
        if (at <= begin + 1)
            break;
    }
    return 0;
}

/* ---- one font or encoding -------------------------------------------------------------------- */
static void maybe_add(struct sp_pdf_fonts *fonts, uint32_t encoding, const char *name)
{
    size_t before = fonts->maybe.len;
    if (encoding == 0)
        return;
    if (sp_buf_append(&fonts->maybe, &encoding, sizeof encoding, NULL) != SP_OK ||
        sp_buf_append(&fonts->maybe, name, strlen(name) + 1, NULL) != SP_OK)
        fonts->maybe.len = before; /* whole, or not at all */
}

/* "/Encoding 12 0 R": 12. */
static uint32_t encoding_of(struct sp_slice in)
{
    uint32_t number = 0;
    const uint8_t *value = value_of(in, "/Encoding");
    if (value != NULL)
        (void)number_read(in, (size_t)(value - in.ptr), &number);
    return number;
}

static void font_look(struct sp_pdf_fonts *fonts, struct sp_slice in, uint32_t number)
{
    char name[NAME_BYTES] = "";
    const uint8_t *odd = value_of(in, "/Differences");
    bool is_odd_here = odd != NULL && differences_are_odd(in, (size_t)(odd - in.ptr));
    bool simple = value_of(in, "/FirstChar") != NULL || value_of(in, "/CharProcs") != NULL;
    bool composite = value_of(in, "/DescendantFonts") != NULL;
    if (is_odd_here && !simple)
        (void)sp_buf_append(&fonts->odd, &number, sizeof number, NULL);
    if (!(simple || composite) || value_of(in, "/ToUnicode") != NULL)
        return;
    font_name(in, name);
    if ((composite && is_composite_identity(in)) || (simple && is_odd_here))
        name_add(&fonts->names, name);
    else if (simple)
        maybe_add(fonts, encoding_of(in), name);
}

void sp_pdf_fonts_look(struct sp_pdf_fonts *fonts, struct sp_slice syntax, size_t first)
{
    struct sp_slice dictionary;
    for (size_t at = 0; sp_pdf_dictionary(syntax, &at, &dictionary);) {
        size_t place = (size_t)(dictionary.ptr - syntax.ptr);
        uint32_t number = 0;
        if (value_of(dictionary, "/Differences") != NULL)
            number =
                first == 0 ? number_before(syntax, place) : number_listed(syntax, first, place);
        font_look(fonts, dictionary, number);
    }
}

static bool is_odd_object(const struct sp_pdf_fonts *fonts, uint32_t number)
{
    for (size_t at = 0; at < fonts->odd.len; at += sizeof number)
        if (memcmp(fonts->odd.data + at, &number, sizeof number) == 0)
            return true;
    return false;
}

void sp_pdf_fonts_end(struct sp_pdf_fonts *fonts)
{
    uint32_t number;
    for (size_t at = 0; at + sizeof number < fonts->maybe.len && fonts->odd.len > 0;) {
        const char *name = (const char *)fonts->maybe.data + at + sizeof number;
        memcpy(&number, fonts->maybe.data + at, sizeof number);
        if (is_odd_object(fonts, number))
            name_add(&fonts->names, name);
        at += sizeof number + strlen(name) + 1;
    }
}

bool sp_pdf_fonts_has(const struct sp_pdf_fonts *fonts, const char *name)
{
    return has_name(&fonts->names, name);
}

/* ---- characters ------------------------------------------------------------------------------ */
static bool is_blank(uint32_t code)
{
    return code == ' ' || code == 0xA0 || (code >= '\t' && code <= '\r');
}

static bool is_unusable(uint32_t code, bool unmapped)
{
    return code < ' ' || (code >= 0x7F && code < 0xA0) || (code >= 0xE000 && code < 0xF900) ||
           code == 0xFFFD || code >= 0xF0000 || (unmapped && code < CJK_FIRST);
}

/* U+FFFD stands for any, so each is another one. */
static void kind_note(struct sp_pdf_glyphs *glyphs, size_t of, uint32_t code)
{
    uint32_t *seen = &glyphs->seen[of][code / 32 % 8];
    uint32_t bit = UINT32_C(1) << code % 32;
    glyphs->kinds[of] += (*seen & bit) == 0 || code == 0xFFFD;
    *seen |= bit;
}

void sp_pdf_glyph(struct sp_pdf_glyphs *glyphs, uint32_t code, bool unmapped)
{
    if (is_blank(code) || !is_unusable(code, unmapped)) {
        glyphs->all += !is_blank(code);
        glyphs->run = glyphs->kinds[0] = 0;
        memset(glyphs->seen[0], 0, sizeof glyphs->seen[0]);
        return;
    }
    kind_note(glyphs, 0, code);
    kind_note(glyphs, 1, code);
    glyphs->all++;
    glyphs->unusable++;
    glyphs->run++;
    glyphs->word = glyphs->word || (glyphs->run >= WORD_MIN && glyphs->kinds[0] >= DISTINCT_MIN);
}

bool sp_pdf_glyphs_lost(const struct sp_pdf_glyphs *glyphs)
{
    bool many = glyphs->unusable >= LOST_MIN && glyphs->kinds[1] >= DISTINCT_MIN &&
                glyphs->unusable >= glyphs->all / LOST_SHARE;
    return glyphs->word || many;
}
