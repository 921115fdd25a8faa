#include "detect/name.h"

#include "base/limits.h"
#include "detect/bytes.h"
#include "detect/fold.h"

enum {
    NAME_WORD_MAX = 40, /* folded bytes of a word that count */
    NAME_SHORT_MAX = 4, /* letters before a full stop that is no end of a sentence: Chr. */
    NAME_GAP_MAX = 40,  /* bytes between two words of a name, particles included */
    NAME_BACK_MAX = 6,  /* words that a surname may stand behind */
    NAME_BEFORE = 64,   /* bytes before what is owned in which an initial may precede another */
    NAME_BLOCK = 16
};

/* A word that may be part of a name, and what stands between it and the one before. */
struct name_word {
    uint32_t begin, end;
    bool initial;
    bool comma, field; /* before it */
};

/* The words that hang together, the newest last. */
struct name_chain {
    const struct sp_text *text;
    struct name_word words[NAME_BACK_MAX];
    unsigned count;
    sp_name_wanted wanted;
    void *wanted_ctx;
    sp_name_out out;
    void *out_ctx;
    struct sp_why *why;
};

/* ---- words --------------------------------------------------------------------------------- */
/* Behind the word that begins at `pos`: letters, and an apostrophe behind the first (D'Hont). */
static size_t name_word_end(const uint8_t *data, size_t len, size_t pos)
{
    size_t begin = pos;
    size_t letters = 0;
    while (pos < len) {
        uint32_t code = 0;
        unsigned step = data[pos] < 0x80 ? 1 : sp_utf8_decode(data + pos, len - pos, &code);
        if (data[pos] < 0x80 ? byte_is_alpha(data[pos]) : step != 0 && code_point_is_letter(code)) {
            letters++;
            pos += step;
        } else if (data[pos] == '\'' && letters == 1 && byte_is_upper(data[begin]) &&
                   letter_at(data, len, pos + 1)) {
            pos++;
        } else {
            break;
        }
    }
    return pos;
}

/* Lower case without diacritics; other scripts as they are. */
static size_t name_fold(const uint8_t *data, size_t begin, size_t end, uint8_t out[NAME_WORD_MAX])
{
    size_t len = 0;
    while (begin < end && len + 4 <= NAME_WORD_MAX) {
        uint32_t code = data[begin];
        unsigned step = code < 0x80 ? 1 : sp_utf8_decode(data + begin, end - begin, &code);
        char letters[2];
        if (step == 0)
            break;
        unsigned count = code < 0x80 ? 0 : sp_fold_letter(code, letters);
        if (code < 0x80) {
            if (byte_is_alpha((uint8_t)code))
                out[len++] = byte_lower((uint8_t)code);
        } else if (count > 0) {
            memcpy(out + len, letters, count);
            len += count;
        } else if (code < 0x300 || code > 0x36F) { /* but for combining marks */
            len += sp_utf8_encode(code, out + len);
        }
        begin += step;
    }
    return len;
}

static bool name_one_of(struct sp_slice word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (sp_slice_is(word, *list))
            return true;
    return false;
}

/* Tussenvoegsels, and their kin of the neighbours. */
static bool name_is_particle(const uint8_t *data, size_t begin, size_t end)
{
    static const char *const particles[] = {
        "aan",  "al",    "bij", "d",    "da",  "de",   "del", "den", "der", "des", "di",
        "dos",  "du",    "el",  "het",  "in",  "l",    "la",  "las", "le",  "les", "lo",
        "of",   "onder", "op",  "over", "s",   "t",    "te",  "ten", "ter", "tot", "uit",
        "uijt", "van",   "ver", "vom",  "von", "voor", "zu",  "zum", "zur", NULL};
    uint8_t folded[NAME_WORD_MAX];
    if (end - begin > 5)
        return false;
    struct sp_slice word = {folded, name_fold(data, begin, end, folded)};
    /* a capital alone is an initial */
    return !(word.len == 1 && byte_is_upper(data[begin])) && name_one_of(word, particles);
}

static bool name_is_title(const uint8_t *data, size_t begin, size_t end)
{
    static const char *const titles[] = {"ba",  "bc",      "bsc",     "dhr",  "dr",  "drs",
                                         "fam", "familie", "heer",    "ing",  "ir",  "jr",
                                         "llm", "mevr",    "mevrouw", "mr",   "mrs", "ms",
                                         "msc", "mw",      "phd",     "prof", "sr",  NULL};
    uint8_t folded[NAME_WORD_MAX];
    struct sp_slice word = {folded, name_fold(data, begin, end, folded)};
    return name_one_of(word, titles);
}

static bool name_is_capital(const uint8_t *data, size_t len, size_t pos)
{
    if (data[pos] < 0x80)
        return byte_is_upper(data[pos]);
    uint32_t code = code_point_at(data, len, pos);
    return code > 0x17F ? code_point_is_letter(code) : sp_fold_is_upper(code);
}

/* One letter. */
static bool name_is_initial(const uint8_t *data, size_t begin, size_t end)
{
    uint32_t code = 0;
    return data[begin] < 0x80 ? end - begin == 1
                              : sp_utf8_decode(data + begin, end - begin, &code) == end - begin;
}

/* Initials that are written without full stops: JP, and PJM, but not JAN. */
static bool name_is_run_of_initials(const uint8_t *data, size_t begin, size_t end)
{
    bool vowel = false;
    for (size_t i = begin; i < end; i++) {
        if (!byte_is_upper(data[i]))
            return false;
        vowel = vowel || byte_in(data[i], "AEIOUY");
    }
    return end - begin == 2 || (end - begin == 3 && !vowel);
}

/* ---- forms --------------------------------------------------------------------------------- */
static void name_form(const uint8_t *data, const struct name_word *given, bool initial,
                      const struct name_word *surname, struct sp_canonical *out)
{
    uint8_t folded[NAME_WORD_MAX];
    size_t len = name_fold(data, given->begin, given->end, folded);
    if (initial && len > 0) {
        uint32_t code;
        len = sp_utf8_decode(folded, len, &code);
        folded[len++] = '.';
    }
    memcpy(out->bytes, folded, len);
    out->bytes[len++] = '|';
    out->len = (uint16_t)(len + name_fold(data, surname->begin, surname->end, folded));
    memcpy(out->bytes + len, folded, out->len - len);
}

bool sp_name_initial(const struct sp_canonical *canonical, struct sp_canonical *out)
{
    const uint8_t *bar = memchr(canonical->bytes, '|', canonical->len);
    uint32_t code;
    unsigned first = sp_utf8_decode(canonical->bytes, canonical->len, &code);
    if (bar == NULL || first == 0 || bar[-1] == '.')
        return false;
    size_t rest = canonical->len - (size_t)(bar - canonical->bytes);
    memcpy(out->bytes, canonical->bytes, first);
    out->bytes[first] = '.';
    memcpy(out->bytes + first + 1, bar, rest);
    out->len = (uint16_t)(first + 1 + rest);
    return true;
}

/* ---- what stands between two words ---------------------------------------------------------- */
/* Whether the words before and behind it hang together. */
static bool name_gap(const uint8_t *data, const struct name_word *before, struct name_word *word)
{
    size_t pos = before->end;
    unsigned lines = 0;
    if (word->begin - pos > NAME_GAP_MAX)
        return false;
    if (data[pos] == '.' && pos - before->begin <= NAME_SHORT_MAX)
        pos++;
    while (pos < word->begin) {
        uint8_t byte = data[pos];
        if (byte >= 0x80 || byte_is_alpha(byte)) {
            size_t end = name_word_end(data, word->begin, pos);
            if (end == pos || !name_is_particle(data, pos, end))
                return false;
            pos = end;
            continue;
        }
        if (byte == ',' && !word->comma)
            word->comma = true;
        else if (byte == SP_TEXT_FIELD_SEPARATOR)
            word->field = true;
        else if ((byte == '\n' && ++lines > 1) || !byte_in(byte, " \t\n-_'\""))
            return false;
        pos++;
    }
    return true;
}

/* ---- pairs --------------------------------------------------------------------------------- */
static enum sp_err name_try(struct name_chain *chain, const struct name_word *given, bool initial,
                            const struct name_word *surname)
{
    const struct sp_text *text = chain->text;
    struct sp_name name = {given->begin < surname->begin ? given->begin : surname->begin,
                           given->end > surname->end ? given->end : surname->end, NULL};
    struct sp_canonical canonical;
    if (name.begin < text->own_begin || name.begin >= text->own_end)
        return SP_OK;
    name_form(text->data, given, initial, surname, &canonical);
    name.canonical = &canonical;
    enum sp_err err = SP_OK;
    if (chain->wanted(chain->wanted_ctx, &canonical) &&
        sp_text_record_find(text, name.begin) == sp_text_record_find(text, name.end - 1))
        err = chain->out(chain->out_ctx, &name, chain->why);
    return err;
}

static enum sp_err name_pair(struct name_chain *chain, const struct name_word *given,
                             const struct name_word *surname)
{
    if (surname->initial)
        return SP_OK;
    enum sp_err err = name_try(chain, given, given->initial, surname);
    if (err == SP_OK && !given->initial &&
        name_is_run_of_initials(chain->text->data, given->begin, given->end))
        err = name_try(chain, given, true, surname);
    return err;
}

/* All pairs that the newest word makes with those before it. "Vries, Jan": the other way round;
 * fields that lie side by side: both ways. */
static enum sp_err name_pairs(struct name_chain *chain)
{
    const struct name_word *word = &chain->words[chain->count - 1];
    enum sp_err err = SP_OK;
    if (chain->count < 2)
        return SP_OK;
    if (word->comma || word->field)
        err = name_pair(chain, word, word - 1);
    for (unsigned i = 0; err == SP_OK && !word->comma && i + 1 < chain->count; i++) {
        bool first = i == 0 || !chain->words[i].initial || !chain->words[i - 1].initial;
        if (first) /* of several initials the first one is the person's */
            err = name_pair(chain, &chain->words[i], word);
    }
    return err;
}

static enum sp_err name_push(struct name_chain *chain, struct name_word *word)
{
    if (chain->count > 0 && !name_gap(chain->text->data, &chain->words[chain->count - 1], word))
        chain->count = 0;
    if (chain->count == 0)
        word->comma = word->field = false;
    if (chain->count == NAME_BACK_MAX) {
        chain->count--;
        memmove(chain->words, chain->words + 1, chain->count * sizeof *chain->words);
    }
    chain->words[chain->count++] = *word;
    enum sp_err err = name_pairs(chain);
    if (word->comma) { /* nothing is paired across it */
        chain->words[0] = *word;
        chain->count = 1;
    }
    return err;
}

/* ---- the text ------------------------------------------------------------------------------ */
/* Bit i: byte pos + i may begin a capitalised word. pos > 0. */
static unsigned name_starts(const uint8_t *data, size_t pos)
{
    uint8_t __attribute__((vector_size(16))) here, before;
    memcpy(&here, data + pos, sizeof here);
    memcpy(&before, data + pos - 1, sizeof before);
    uint8_t __attribute__((vector_size(16))) letter = (before | 0x20) - 'a';
    return (unsigned)bits_of((uint8_t __attribute__((vector_size(16))))(
        (((here - 'A') < 26) | (here >= 0xC3)) & ~(letter < 26)));
}

static enum sp_err name_at(struct name_chain *chain, size_t pos)
{
    const struct sp_text *text = chain->text;
    if (!name_is_capital(text->data, text->len, pos) || (pos > 0 && letter_before(text->data, pos)))
        return SP_OK;
    size_t end = name_word_end(text->data, text->len, pos);
    if (end == pos || end - pos > SP_VALUE_MAX || name_is_particle(text->data, pos, end))
        return SP_OK;
    struct name_word word = {.begin = (uint32_t)pos, .end = (uint32_t)end};
    word.initial = name_is_initial(text->data, pos, end);
    return name_push(chain, &word);
}

enum sp_err sp_name_find(const struct sp_text *text, sp_name_wanted wanted, void *wanted_ctx,
                         sp_name_out out, void *out_ctx, struct sp_why *why)
{
    struct name_chain chain = {.text = text,
                               .wanted = wanted,
                               .wanted_ctx = wanted_ctx,
                               .out = out,
                               .out_ctx = out_ctx,
                               .why = why};
    /* how far a name may reach beyond what is owned */
    size_t reach = (size_t)NAME_BACK_MAX * (NAME_GAP_MAX + SP_VALUE_MAX);
    size_t end = text->len - text->own_end > reach ? text->own_end + reach : text->len;
    size_t pos = text->own_begin > NAME_BEFORE ? text->own_begin - NAME_BEFORE : 0;
    enum sp_err err = SP_OK;
    if (pos == 0 && end > 0)
        err = name_at(&chain, pos++);
    while (err == SP_OK && pos < end) {
        if (end - pos < NAME_BLOCK) {
            err = name_at(&chain, pos++);
            continue;
        }
        for (unsigned starts = name_starts(text->data, pos); starts != 0 && err == SP_OK;
             starts &= starts - 1)
            err = name_at(&chain, pos + (unsigned)__builtin_ctz(starts));
        pos += NAME_BLOCK;
    }
    return err;
}

/* ---- a name that was typed ------------------------------------------------------------------ */
bool sp_name_canonical(struct sp_slice value, struct sp_canonical *out)
{
    struct name_word first = {0}, last = {0}, behind = {0}; /* behind a comma */
    bool comma = false;
    size_t pos = 0;
    if (value.len > SP_VALUE_MAX || !sp_utf8_valid(value))
        return false;
    while (pos < value.len) {
        size_t end = name_word_end(value.ptr, value.len, pos);
        if (end == pos) {
            comma = comma || (value.ptr[pos] == ',' && last.end > 0);
            pos++;
            continue;
        }
        struct name_word word = {.begin = (uint32_t)pos, .end = (uint32_t)end};
        word.initial = name_is_initial(value.ptr, pos, end);
        pos = end;
        if (name_is_particle(value.ptr, word.begin, end) ||
            name_is_title(value.ptr, word.begin, end))
            continue;
        if (comma && behind.end == 0)
            behind = word;
        if (!comma)
            last = word;
        if (first.end == 0)
            first = word;
    }
    const struct name_word *given = behind.end > 0 ? &behind : &first;
    if (last.initial || last.end == 0 || given->begin == last.begin)
        return false;
    bool initial = given->initial || name_is_run_of_initials(value.ptr, given->begin, given->end);
    name_form(value.ptr, given, initial, &last, out);
    return true;
}
