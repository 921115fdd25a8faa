#include "extract/pdf_drawn.h"

#include "base/mem.h"

#include <string.h>

enum {
    WORDS_SIZE_MIN = 1 << 12,
    WORDS_SIZE_MAX = 1 << 23,
    WORD_MIN = 2,       /* bytes of one that is looked for: a group of digits */
    CONTROLS_SHARE = 8, /* one in so many bytes: a ligature in an encoding of its own is no more */
    GAP_MIN = 180,      /* thousandths: less is kerning, more is a blank */
    OPERATOR_MAX = 4,   /* bytes of the name of one */
    GLYPHS_SHARE = 1 << 4 /* odd bytes: more are no text */
};

/* ---- words ----------------------------------------------------------------------------------- */
void sp_pdf_words_clear(struct sp_pdf_words *words)
{
    sp_free(words->slots);
    *words = (struct sp_pdf_words){.slots = NULL};
}

/* FNV-1a; never 0. */
static uint64_t word_hash(struct sp_slice word)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < word.len; i++)
        hash = (hash ^ word.ptr[i]) * UINT64_C(0x100000001B3);
    return hash | 1;
}

/* Where the word is, or would be. */
static uint64_t *word_slot(const struct sp_pdf_words *words, uint64_t hash)
{
    size_t at = (size_t)(hash >> 20) & (words->size - 1);
    while (words->slots[at] != 0 && words->slots[at] != hash)
        at = (at + 1) & (words->size - 1);
    return &words->slots[at];
}

static bool words_grow(struct sp_pdf_words *words)
{
    struct sp_pdf_words grown = {.count = words->count};
    grown.size = words->size == 0 ? WORDS_SIZE_MIN : words->size * 2;
    if (grown.size > WORDS_SIZE_MAX)
        return false;
    grown.slots = sp_alloc_zero(grown.size * sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    for (size_t i = 0; i < words->size; i++)
        if (words->slots[i] != 0)
            *word_slot(&grown, words->slots[i]) = words->slots[i];
    sp_free(words->slots);
    *words = grown;
    return true;
}

/* The next word of a text, which loses it; empty: there is none. */
static struct sp_slice word_next(struct sp_slice *text)
{
    while (text->len > 0 && text->ptr[0] <= ' ')
        text->ptr++, text->len--;
    struct sp_slice word = {text->ptr, 0};
    while (word.len < text->len && word.ptr[word.len] > ' ')
        word.len++;
    text->ptr += word.len;
    text->len -= word.len;
    return word;
}

void sp_pdf_words_add(struct sp_pdf_words *words, struct sp_slice text)
{
    for (struct sp_slice word = word_next(&text); word.len > 0; word = word_next(&text)) {
        if (word.len < WORD_MIN)
            continue;
        if (words->count * 2 >= words->size && !words_grow(words))
            return;
        uint64_t hash = word_hash(word);
        uint64_t *slot = word_slot(words, hash);
        words->count += *slot == 0;
        *slot = hash;
    }
}

/* A line with many other control characters is in an encoding of its own. */
static bool has_controls(struct sp_slice line)
{
    size_t controls = 0;
    for (size_t i = 0; i < line.len; i++)
        controls += line.ptr[i] < ' ' && line.ptr[i] != '\t';
    return controls * CONTROLS_SHARE > line.len;
}

bool sp_pdf_words_lack(const struct sp_pdf_words *words, struct sp_slice line)
{
    if (has_controls(line))
        return false;
    for (struct sp_slice word = word_next(&line); word.len > 0; word = word_next(&line))
        if (word.len >= WORD_MIN && (words->size == 0 || *word_slot(words, word_hash(word)) == 0))
            return true;
    return false;
}

/* ---- what is drawn --------------------------------------------------------------------------- */
struct drawn {
    struct sp_slice in;
    struct sp_pdf_string *string;
    struct sp_buf *out;
    bool shows;   /* within BT and ET */
    bool in_list; /* of strings with the gaps between them */
};

static bool is_operator(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

static enum sp_err break_put(struct drawn *drawn, char c, struct sp_why *why)
{
    bool has = drawn->out->len > 0 && drawn->out->data[drawn->out->len - 1] > ' ';
    return has ? sp_buf_append_byte(drawn->out, (uint8_t)c, why) : SP_OK;
}

/* Where the next text stands is told by these. */
static enum sp_err operator_read(struct drawn *drawn, size_t *at, struct sp_why *why)
{
    static const char *const moves[] = {"Td", "TD", "Tm", "T*", "ET", NULL};
    char name[OPERATOR_MAX + 1];
    size_t len = 0;
    for (; *at < drawn->in.len; ++*at) {
        uint8_t c = drawn->in.ptr[*at];
        if (c <= ' ' || memchr("()<>[]{}/%", c, 10) != NULL)
            break;
        if (len < OPERATOR_MAX)
            name[len++] = (char)c;
    }
    name[len] = '\0';
    if (strcmp(name, "BT") == 0)
        drawn->shows = true;
    if (strcmp(name, "ET") == 0)
        drawn->shows = false;
    return is_operator(name, moves) ? break_put(drawn, '\n', why) : SP_OK;
}

/* A number; within a list of strings a large negative one is a gap. */
static enum sp_err number_read(struct drawn *drawn, size_t *at, struct sp_why *why)
{
    bool negative = drawn->in.ptr[*at] == '-';
    unsigned whole = 0;
    for (*at += negative || drawn->in.ptr[*at] == '+';
         *at < drawn->in.len && drawn->in.ptr[*at] >= '0' && drawn->in.ptr[*at] <= '9'; ++*at)
        whole = whole > 100000 ? whole : whole * 10 + (drawn->in.ptr[*at] - '0');
    while (*at < drawn->in.len &&
           ((drawn->in.ptr[*at] >= '0' && drawn->in.ptr[*at] <= '9') || drawn->in.ptr[*at] == '.'))
        ++*at;
    return drawn->in_list && negative && whole >= GAP_MIN ? break_put(drawn, ' ', why) : SP_OK;
}

static enum sp_err string_read(struct drawn *drawn, size_t *at, struct sp_why *why)
{
    struct sp_pdf_string *string = drawn->string;
    enum sp_err err = drawn->in.ptr[*at] == '(' ? sp_pdf_literal_read(drawn->in, *at, string, why)
                                                : sp_pdf_hex_read(drawn->in, *at, string, why);
    *at = string->end;
    if (err != SP_OK || !string->whole || !drawn->shows)
        return err;
    return sp_buf_append(drawn->out, string->bytes.data, string->bytes.len, why);
}

static enum sp_err token_read(struct drawn *drawn, size_t *at, struct sp_why *why)
{
    uint8_t c = drawn->in.ptr[*at];
    bool twice = *at + 1 < drawn->in.len && drawn->in.ptr[*at + 1] == c;
    if (c == '(' || (c == '<' && !twice))
        return string_read(drawn, at, why);
    if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.')
        return *at += c == '.', number_read(drawn, at, why);
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return operator_read(drawn, at, why);
    drawn->in_list = c == '[' || (drawn->in_list && c != ']');
    *at += twice && (c == '<' || c == '>') ? 2 : 1;
    return c == '\'' || c == '"' ? break_put(drawn, '\n', why) : SP_OK;
}

/* Codes of glyphs, not letters. */
static bool is_glyphs(struct sp_slice text)
{
    size_t odd = 0;
    for (size_t i = 0; i < text.len; i++)
        odd += (text.ptr[i] < ' ' && text.ptr[i] != '\n') ||
               (text.ptr[i] >= 0x7F && text.ptr[i] < 0xA0);
    return odd * GLYPHS_SHARE > text.len;
}

enum sp_err sp_pdf_drawn(struct sp_slice content, struct sp_pdf_string *string, struct sp_buf *out,
                         struct sp_why *why)
{
    struct drawn drawn = {.in = content, .string = string, .out = out};
    enum sp_err err = SP_OK;
    sp_buf_reset(out);
    for (size_t at = 0; at < content.len && err == SP_OK;) {
        at = sp_pdf_blanks(content, at);
        if (at < content.len && content.ptr[at] == '/') {
            char name[OPERATOR_MAX + 1];
            at = sp_pdf_name(content, at + 1, name, sizeof name);
        } else if (at < content.len && content.ptr[at] == '%') {
            at = sp_pdf_comment(content, at);
        } else if (at < content.len) {
            err = token_read(&drawn, &at, why);
        }
    }
    if (err == SP_OK && is_glyphs(sp_buf_slice(out)))
        sp_buf_reset(out);
    return err;
}
