#include "extract/markup_look.h"

#include <string.h>
#include <strings.h>

static bool name_in(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if ((name[0] | 0x20) == ((*names)[0] | 0x20) && strcasecmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* A word processor puts a run of its own round any part of a word: w:r and w:t, and what describes
 * them. */
bool sp_markup_is_inline(const char *name)
{
    static const char *const inlines[] = {
        "a",   "abbr", "acronym", "b",     "bdi",     "bdo",  "big", "cite",      "code",
        "del", "dfn",  "em",      "font",  "i",       "ins",  "kbd", "label",     "mark",
        "q",   "nobr", "s",       "samp",  "small",   "span", "sub", "strike",    "strong",
        "sup", "time", "tt",      "tspan", "u",       "var",  "wbr", "text:span", "!--",
        "a:r", "a:t",  "a:rPr",   "data",  "a:latin", NULL};
    static const char *const word_blocks[] = {"w:p",   "w:tc", "w:tr", "w:tbl",
                                              "w:tab", "w:br", "w:cr", NULL};
    bool word = (name[0] | 0x20) == 'w' && name[1] == ':';
    return word ? !name_in(name, word_blocks) : name_in(name, inlines);
}

/* ---- a look ------------------------------------------------------------------------------ */
/* What stands between the tags so far. */
struct look {
    uint8_t before; /* last character of the text; 0: a block began since */
    bool blank;     /* blanks behind it */
    bool tag;       /* an inline tag behind it */
    bool no_end;    /* no > follows, or no end of a comment: not looked for again */
};

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_group(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'A' && byte <= 'Z');
}

/* What values are made of; & and ; are those of a reference. */
static bool is_part(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte >= 0x80 ||
           (byte != 0 && strchr("@.-_+%&;/", byte) != NULL);
}

static bool is_bracket(uint8_t byte)
{
    return byte == '(' || byte == ')';
}

static bool look_joins(const struct look *look, uint8_t next, bool blank)
{
    uint8_t before = look->before;
    if (before == 0 || !look->tag)
        return false;
    if (blank)
        return is_group(before) && is_group(next);
    return (is_part(before) && is_part(next)) || (is_bracket(before) && is_digit(next)) ||
           (is_digit(before) && is_bracket(next));
}

/* Text without a tag; true when a value goes on in it. */
static bool look_text(struct look *look, struct sp_slice text)
{
    size_t first = 0;
    size_t end = text.len;
    while (first < text.len && text.ptr[first] <= ' ')
        first++;
    while (end > first && text.ptr[end - 1] <= ' ')
        end--;
    bool blank = look->blank || first > 0;
    if (first == text.len) {
        look->blank = blank;
        return false;
    }
    bool joins = look_joins(look, text.ptr[first], blank);
    look->before = text.ptr[end - 1];
    look->blank = end < text.len;
    look->tag = false;
    return joins;
}

/* The tag that begins at the < of `text`: its length; 0 when none does, or it does not end. */
static size_t look_tag(struct look *look, struct sp_slice text)
{
    char name[SP_MARKUP_NAME_MAX + 1];
    size_t len = 0;
    size_t pos = text.len > 1 && text.ptr[1] == '/' ? 2 : 1;
    bool comment = text.len >= 4 && memcmp(text.ptr, "<!--", 4) == 0;
    if (look->no_end)
        return 0;
    const uint8_t *end =
        comment ? memmem(text.ptr, text.len, "-->", 3) : memchr(text.ptr, '>', text.len);
    look->no_end = end == NULL;
    if (end == NULL || pos >= text.len || !(is_letter(text.ptr[pos]) || text.ptr[pos] == '!'))
        return 0;
    for (; !comment && len < SP_MARKUP_NAME_MAX && text.ptr + pos < end && text.ptr[pos] > ' ' &&
           text.ptr[pos] != '/';
         pos++)
        name[len++] = (char)text.ptr[pos];
    name[len] = '\0';
    if (comment || sp_markup_is_inline(name))
        look->tag = true;
    else
        look->before = 0;
    return (size_t)(end - text.ptr) + (comment ? 3 : 1);
}

bool sp_markup_splits(struct sp_slice text)
{
    struct look look = {.before = 0};
    const uint8_t *open = memchr(text.ptr, '<', text.len);
    if (open == NULL)
        return false;
    if (memmem(text.ptr, text.len, "data-cfemail", 12) != NULL ||
        memmem(text.ptr, text.len, "email-protection#", 17) != NULL)
        return true;
    for (size_t pos = 0; pos < text.len;) {
        struct sp_slice rest = {text.ptr + pos, text.len - pos};
        size_t len = rest.ptr[0] == '<' ? look_tag(&look, rest) : 0;
        if (len == 0) { /* text, or a sign that means less */
            open = memchr(rest.ptr + 1, '<', rest.len - 1);
            len = open == NULL ? rest.len : (size_t)(open - rest.ptr);
            if (look_text(&look, (struct sp_slice){rest.ptr, len}))
                return true;
        }
        pos += len;
    }
    return false;
}
