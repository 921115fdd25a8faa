#include "detect/gap.h"

#include "detect/bytes.h"

enum {
    REMARK_MAX = 15,     /* bytes of a remark in brackets */
    TAG_MAX = 40,        /* bytes of a markup tag */
    CAPITALISED_MAX = 2, /* words such as a city name */
    CHARACTERS_MAX = 40  /* between label and value, markup not counted */
};

static const char punctuation[] = ":=#.()\"'>/-*[\\ +?&`";
static const char cell_bounds[] = "|;,\t\x1F";

static const char *const fillers[] = {"nr",    "nummer", "no", "number", "n",         "is",   "te",
                                      "onder", "van",    "in", "bij",    "werknemer", "klant"};

/* Reading a gap from left to right. */
struct gap {
    const struct sp_text *text;
    size_t pos, to;
    unsigned capitalised; /* words so far */
    unsigned characters;  /* bytes that count against CHARACTERS_MAX */
    bool cell;            /* a cell boundary was crossed */
    bool remark;
};

static bool is_filler(const uint8_t *word, size_t len)
{
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++) {
        if (strlen(fillers[i]) == len && strncasecmp(fillers[i], (const char *)word, len) == 0)
            return true;
    }
    return false;
}

/* A word in the gap: filler, or one of few capitalised ones. */
static bool gap_word(struct gap *gap)
{
    const uint8_t *data = gap->text->data;
    size_t begin = gap->pos;
    while (gap->pos < gap->to && (byte_is_alpha(data[gap->pos]) || data[gap->pos] >= 0x80))
        gap->pos++;
    gap->characters += (unsigned)(gap->pos - begin);
    if (is_filler(data + begin, gap->pos - begin))
        return true;
    /* In a cell of its own a word is a value, not a filler. */
    if (gap->cell || !(byte_is_upper(data[begin]) || data[begin] == 0xC3))
        return false;
    return ++gap->capitalised <= CAPITALISED_MAX;
}

/* `<...>` and `(...)` as a whole; false when it is not closed soon. */
static bool gap_bracket(struct gap *gap, uint8_t close, size_t max)
{
    const uint8_t *data = gap->text->data;
    for (size_t pos = gap->pos + 1; pos < gap->to && pos - gap->pos - 1 <= max; pos++) {
        if (data[pos] == '\n' || data[pos] == '<')
            return false;
        if (data[pos] == close) {
            gap->pos = pos + 1;
            return true;
        }
    }
    return false;
}

static bool gap_step(struct gap *gap)
{
    uint8_t byte = gap->text->data[gap->pos];
    if (byte == '<')
        return gap_bracket(gap, '>', TAG_MAX);
    if (byte == '(' && gap_bracket(gap, ')', REMARK_MAX)) {
        gap->remark = true;
        return true;
    }
    if (byte_is_alpha(byte) || byte >= 0x80)
        return gap_word(gap);
    if (byte_in(byte, cell_bounds)) {
        if (gap->cell || gap->capitalised)
            return false;
        gap->cell = true;
    } else if (!byte_in(byte, punctuation)) {
        return false;
    }
    gap->pos++;
    gap->characters++;
    return true;
}

enum sp_gap sp_gap_between(const struct sp_text *text, size_t from, size_t to)
{
    struct gap gap = {.text = text, .pos = from, .to = to};
    if (to - from > SP_GAP_MAX_BYTES)
        return SP_GAP_NONE;
    while (gap.pos < to) {
        if (!gap_step(&gap) || gap.characters > CHARACTERS_MAX)
            return SP_GAP_NONE;
    }
    return gap.capitalised || gap.remark || gap.cell ? SP_GAP_LOOSE : SP_GAP_TIGHT;
}

bool sp_gap_joins(const struct sp_text *text, size_t from, size_t to)
{
    static const char *const joins[] = {"en", "of", "and", "or", "et", "ou"};
    bool joined = false;
    for (size_t pos = from; pos < to;) {
        uint8_t byte = text->data[pos];
        if (byte == ' ' || byte_in(byte, "/&+()-,.")) {
            joined = joined || byte_in(byte, "/&+(,");
            pos++;
            continue;
        }
        size_t end = pos, match = 0;
        while (end < to && byte_is_alpha(text->data[end]))
            end++;
        for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++)
            match += strlen(joins[i]) == end - pos &&
                     strncasecmp(joins[i], (const char *)text->data + pos, end - pos) == 0;
        if (!match)
            return false;
        joined = true;
        pos = end;
    }
    return joined;
}
