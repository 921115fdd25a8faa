#include "detect/holder.h"

#include "detect/bytes.h"
#include "detect/name.h"

#include <string.h>

enum {
    HOLDER_LINES = 3,
    HOLDER_LOOK = 240, /* bytes on either side */
    HOLDER_WORDS = 5   /* of a name, particles included */
};

/* Words that a name stands behind, in lower case. */
static const char *const labels[] = {
    "contactpersoon",
    "t.a.v.",
    "t.n.v.",
    "ten name van",
    "naam",
    "de heer",
    "mevrouw",
    "mw.",
    "dhr.",
    "mevr.",
    "monsieur",
    "madame",
    "\xC3\xA0 l'attention de",
};
static const char *const particles[] = {"van", "de", "der", "den", "ter",
                                        "ten", "te", "'t",  "la",  "le"};

/* Length of the label at `pos`, or 0; a word that only begins so is none. */
static size_t label_at(struct sp_slice text, size_t pos)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t len = strlen(labels[i]), at = 0;
        if (text.len - pos <= len)
            continue;
        while (at < len && byte_lower(text.ptr[pos + at]) == (uint8_t)labels[i][at])
            at++;
        if (at == len && !letter_at(text.ptr, text.len, pos + len))
            return len;
    }
    return 0;
}

static bool is_particle(struct sp_slice word)
{
    for (size_t i = 0; i < sizeof particles / sizeof *particles; i++)
        if (word.len == strlen(particles[i]) && memcmp(word.ptr, particles[i], word.len) == 0)
            return true;
    return false;
}

/* A word of a name: letters of any script, and what stands in one. */
static size_t word_end(struct sp_slice text, size_t pos)
{
    while (pos < text.len &&
           (text.ptr[pos] >= 0x80 || byte_is_alpha(text.ptr[pos]) || byte_in(text.ptr[pos], ".'-")))
        pos++;
    return pos;
}

static bool begins_name(struct sp_slice word)
{
    return word.ptr[0] >= 0x80 || byte_is_upper(word.ptr[0]);
}

/* The name behind a label: two to five words in its line, the last of them no particle. */
static bool name_behind(struct sp_slice text, size_t pos, struct sp_canonical *out)
{
    unsigned words = 0;
    while (pos < text.len && byte_in(text.ptr[pos], " :\t"))
        pos++;
    size_t begin = pos, end = pos;
    while (words < HOLDER_WORDS && pos < text.len) {
        size_t stop = word_end(text, pos);
        struct sp_slice word = {text.ptr + pos, stop - pos};
        if (word.len == 0 || !(is_particle(word) || begins_name(word)))
            break;
        words++;
        end = begins_name(word) ? stop : end;
        pos = stop;
        while (pos < text.len && text.ptr[pos] == ' ')
            pos++;
    }
    return words >= 2 && sp_name_canonical((struct sp_slice){text.ptr + begin, end - begin}, out);
}

/* Where the look begins: three line ends before `pos`. */
static size_t look_begin(const struct sp_text *text, size_t pos, size_t least)
{
    unsigned lines = 0;
    size_t low = pos > HOLDER_LOOK ? pos - HOLDER_LOOK : 0;
    low = low < least ? least : low;
    while (pos > low && (text->data[pos - 1] != '\n' || ++lines <= HOLDER_LINES))
        pos--;
    return pos;
}

static size_t look_end(const struct sp_text *text, size_t pos, size_t most)
{
    unsigned lines = 0;
    size_t high = most - pos > HOLDER_LOOK ? pos + HOLDER_LOOK : most;
    while (pos < high && (text->data[pos] != '\n' || ++lines <= HOLDER_LINES))
        pos++;
    return pos;
}

/* The last name that stands behind a label, or the first. */
static bool names_look(struct sp_slice text, bool last, struct sp_canonical *out)
{
    bool found = false;
    for (size_t pos = 0; pos < text.len && !(found && !last); pos++) {
        struct sp_canonical name;
        size_t len = pos > 0 && letter_at(text.ptr, text.len, pos - 1) ? 0 : label_at(text, pos);
        if (len > 0 && name_behind(text, pos + len, &name)) {
            *out = name;
            found = true;
        }
    }
    return found;
}

bool sp_holder_find(const struct sp_text *text, size_t begin, size_t end, struct sp_canonical *out)
{
    const struct sp_text_record *record = sp_text_record_find(text, begin);
    if (record == NULL)
        return false;
    size_t most = record->end < text->len ? record->end : text->len;
    size_t from = look_begin(text, begin, record->begin);
    size_t to = look_end(text, end, most > end ? most : end);
    return names_look((struct sp_slice){text->data + from, begin - from}, true, out) ||
           names_look((struct sp_slice){text->data + end, to - end}, false, out);
}
