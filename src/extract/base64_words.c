#include "extract/base64_words.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "core/object.h"

#include <string.h>

enum {
    HEX_MIN = 32,   /* digits; by chance fewer are text */
    HEX_LOOK = 16,  /* of them, that are no controls */
    LATIN_MIN = 24, /* bytes of a word that are not all text */
    LATIN_PART = 8, /* of them one in so many at most is no ASCII: of random bytes half are */
    RUNS_MIN = 256, /* digits of a key or certificate; paths have fewer */
    RUN_MIN = 6,    /* characters of a@b.nl */
    STEP = 8,       /* a word, which has twice as many digits, holds all of a look */
    LINE_MIN = 40,  /* digits of a line that goes on in the next one */
    GAP_MAX = 80    /* bytes between two lines: indents, quotes */
};

/* Leaves out NUL: UTF-16, and what PHP puts into names. Few of them are ends of values (SASL PLAIN,
 * RFC 4616), and become those of lines. The number of bytes that are left. */
static size_t drop_nul(uint8_t *bytes, size_t len)
{
    size_t kept = 0, nuls = 0;
    bool php = false; /* "\0*\0mail" */
    for (size_t i = 0; i < len; i++) {
        nuls += bytes[i] == 0;
        php = php || (bytes[i] == 0 && i > 0 && bytes[i - 1] == '"');
    }
    bool ends = nuls <= 2 && len > 4 * nuls && !php;
    for (size_t i = 0; i < len; i++) {
        bytes[kept] = bytes[i] == 0 && ends ? '\n' : bytes[i];
        kept += bytes[i] != 0 || ends;
    }
    return kept;
}

/* Text in UTF-8 or windows-1252, of which a little may be something else; controls become line
 * ends. */
static bool is_text(uint8_t *bytes, size_t len)
{
    size_t controls = 0, beyond = 0;
    for (size_t i = 0; i < len; i++) {
        beyond += bytes[i] >= 0x80;
        if (sp_byte_is_control(bytes[i])) {
            controls++;
            bytes[i] = '\n';
        }
    }
    if (controls == 0 && sp_utf8_valid((struct sp_slice){bytes, len}))
        return len > 0;
    return len >= LATIN_MIN && (beyond + controls) * LATIN_PART <= len;
}

size_t sp_base64_text(struct sp_slice text, uint8_t *out)
{
    size_t len = 0, digits = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int sextet = sp_base64_digit(text.ptr[i]);
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r')
            continue;
        if (text.ptr[i] == '=' && text.len - i <= 2)
            break;
        if (sextet < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)sextet) & 0xFFFFFF;
        if (++digits % 4 != 1)
            out[len++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
    }
    size_t kept = drop_nul(out, len);
    return digits % 4 != 1 && kept * 2 + 1 >= len && is_text(out, kept) ? kept : 0;
}

/* Long words and hexadecimal numbers are of one case, accounts and plates of the other; of 16
 * digits of text in base64 some are of each. */
static bool is_mixed(const uint8_t *digits, size_t len)
{
    bool small = false, large = false;
    for (size_t i = 0; i < len && !(small && large); i++) {
        small = small || (digits[i] >= 'a' && digits[i] <= 'z');
        large = large || (digits[i] >= 'A' && digits[i] <= 'Z');
    }
    return small && large;
}

/* ---- one word ------------------------------------------------------------------------------ */
struct word {
    struct sp_slice digits;
    const uint16_t *lines; /* where each of its lines begins; the first at 0 */
    size_t line_count;
    bool cut; /* it goes on behind its digits */
    uint64_t off, line;
};

struct give {
    sp_base64_out out;
    void *ctx;
};

/* Gives what was decoded of word->digits from `begin` on, as UTF-8. */
static enum sp_err bytes_give(const struct word *word, size_t begin, struct sp_slice bytes,
                              const struct give *give, struct sp_why *why)
{
    uint8_t text[4 * SP_BASE64_TEXT_MAX] = {0};
    size_t text_len = 0;
    bool utf8 = sp_utf8_valid(bytes);
    for (size_t at = 0; at < bytes.len;) {
        uint32_t code = bytes.ptr[at];
        at += utf8 ? sp_utf8_decode(bytes.ptr + at, bytes.len - at, &code) : 1;
        if (sp_code_normalise(&code))
            text_len += sp_utf8_encode(code, text + text_len);
    }
    uint64_t off = word->off == SP_SIZE_UNKNOWN ? word->off : word->off + begin;
    return text_len == 0
               ? SP_OK
               : give->out(give->ctx, (struct sp_slice){text, text_len}, off, word->line, why);
}

/* Gives it when it decodes. (The compiler clears what is large here: nobody comes in vain.) */
__attribute__((noinline)) static enum sp_err word_decode(const struct word *word, size_t begin,
                                                         size_t end, bool *given,
                                                         const struct give *give,
                                                         struct sp_why *why)
{
    uint8_t bytes[SP_BASE64_WORD_MAX];
    size_t len = sp_base64_text((struct sp_slice){word->digits.ptr + begin, end - begin}, bytes);
    *given = len > 0;
    return *given ? bytes_give(word, begin, (struct sp_slice){bytes, len}, give, why) : SP_OK;
}

/* ---- text within what is none: keys, certificates -------------------------------------------- */
static bool is_printable(uint8_t byte)
{
    return byte >= ' ' && byte < 0x7F;
}

/* How many bytes the string has whose first is bytes.ptr[at], as DER (X.690) tells before it: its
 * tag (UTF8String, PrintableString, T61String, IA5String) and length. 0: none is told. */
static size_t der_len(struct sp_slice bytes, size_t at)
{
    static const char tags[] = "\x0C\x13\x14\x16";
    if (at < 2 || memchr(tags, bytes.ptr[at - 2], sizeof tags - 1) == NULL)
        return 0;
    size_t len = bytes.ptr[at - 1];
    if (len > bytes.len - at)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_printable(bytes.ptr[at + i]))
            return 0; /* it only looks like one */
    }
    return len;
}

/* Gives runs of characters in which a mail address stands. */
static enum sp_err runs_give(const struct word *word, struct sp_slice bytes,
                             const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    const uint8_t *mark = bytes.len == 0 ? NULL : memchr(bytes.ptr, '@', bytes.len);
    while (err == SP_OK && mark != NULL) {
        const size_t at = (size_t)(mark - bytes.ptr);
        size_t begin = at, end = at, told = der_len(bytes, at);
        while (begin > 0 && is_printable(bytes.ptr[begin - 1]) && told <= at - begin)
            told = der_len(bytes, --begin);
        while (end < bytes.len && is_printable(bytes.ptr[end]) &&
               (told <= at - begin || end < begin + told))
            end++;
        if (end - begin >= RUN_MIN)
            err = bytes_give(word, 0, (struct sp_slice){bytes.ptr + begin, end - begin}, give, why);
        mark = end == bytes.len ? NULL : memchr(bytes.ptr + end, '@', bytes.len - end);
    }
    return err;
}

/* All that decodes. */
__attribute__((noinline)) static enum sp_err word_runs(const struct word *word,
                                                       const struct give *give, struct sp_why *why)
{
    uint8_t bytes[SP_BASE64_TEXT_MAX];
    size_t len = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < word->digits.len; i++) {
        bits = bits << 6 | (uint32_t)sp_base64_digit(word->digits.ptr[i]);
        if (i % 4 != 0)
            bytes[len++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return runs_give(word, (struct sp_slice){bytes, len}, give, why);
}

/* ---- hexadecimal --------------------------------------------------------------------------- */
/* x or 0x before hexadecimal digits. */
static size_t hex_prefix(struct sp_slice word)
{
    if (word.len > 0 && (word.ptr[0] | 0x20) == 'x')
        return 1;
    return word.len > 1 && word.ptr[0] == '0' && (word.ptr[1] | 0x20) == 'x' ? 2 : 0;
}

/* Where hexadecimal digits of text begin; word.len: they are none, or too few. */
static size_t hex_begin(struct sp_slice word, bool cut)
{
    size_t begin = hex_prefix(word);
    if (word.len - begin < HEX_MIN || ((word.len - begin) % 2 != 0 && !cut))
        return word.len;
    for (size_t i = begin; i < word.len; i++) {
        int digit = sp_hex_digit(word.ptr[i]);
        bool control = i < begin + HEX_LOOK && (i - begin) % 2 == 0 && digit == 1;
        if (digit < 0 || control)
            return word.len; /* of random ones, nearly always within the look */
    }
    return begin;
}

/* The bytes of the hexadecimal digits [begin, end), as sp_base64_text. */
__attribute__((noinline)) static enum sp_err hex_decode(const struct word *word, size_t begin,
                                                        size_t end, bool *given,
                                                        const struct give *give, struct sp_why *why)
{
    uint8_t bytes[SP_BASE64_TEXT_MAX];
    size_t len = 0;
    for (size_t i = begin; i + 1 < end; i += 2)
        bytes[len++] = (uint8_t)(sp_hex_digit(word->digits.ptr[i]) << 4 |
                                 sp_hex_digit(word->digits.ptr[i + 1]));
    size_t kept = drop_nul(bytes, len);
    *given = kept * 2 + 1 >= len && is_text(bytes, kept);
    return *given ? bytes_give(word, begin, (struct sp_slice){bytes, kept}, give, why) : SP_OK;
}

/* ---- one word, in base64 ------------------------------------------------------------------- */
/* Whether the first digits, SP_BASE64_WORD_MIN or more, are of bytes that a text may have: a
 * document in base64 has hundreds of words between its signs. */
static bool begins_text(const uint8_t *digits)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < SP_BASE64_WORD_MIN; i++) {
        bits = bits << 6 | (uint32_t)sp_base64_digit(digits[i]);
        uint8_t byte = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        if (i % 4 != 0 && byte != 0 && sp_byte_is_control(byte))
            return false;
    }
    return true;
}

static enum sp_err word_part(const struct word *word, size_t begin, size_t end, bool *given,
                             const struct give *give, struct sp_why *why)
{
    *given = false;
    const uint8_t *digits = word->digits.ptr + begin;
    if (end - begin < SP_BASE64_WORD_MIN || !is_mixed(digits, end - begin) || !begins_text(digits))
        return SP_OK;
    return word_decode(word, begin, end, given, give, why);
}

static bool is_sign(uint8_t digit)
{
    return digit == '/' || digit == '-' || digit == '_' || digit == '+';
}

/* Digits [begin, end), if they are of text. */
static enum sp_err part_read(const struct word *word, size_t begin, size_t end, bool *given,
                             const struct give *give, struct sp_why *why)
{
    const struct sp_slice part = {word->digits.ptr + begin, end - begin};
    size_t hex = hex_begin(part, word->cut);
    *given = false;
    enum sp_err err = hex < part.len ? hex_decode(word, begin + hex, end, given, give, why) : SP_OK;
    return err != SP_OK || *given ? err : word_part(word, begin, end, given, give, why);
}

/* What stands between signs that are digits too: a path, a name with dashes. */
static enum sp_err signs_read(const struct word *word, size_t from, size_t to,
                              const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t begin = from, end = from; err == SP_OK && begin < to; begin = end + 1) {
        bool given;
        for (end = begin; end < to && !is_sign(word->digits.ptr[end]);)
            end++;
        if (end - begin < to - from)
            err = part_read(word, begin, end, &given, give, why);
    }
    return err;
}

/* Lines that are no text together may be words of their own: each with the next one, or alone. */
static enum sp_err lines_read(const struct word *word, const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < word->line_count; i++) {
        bool given = false;
        size_t begin = word->lines[i];
        size_t end = i + 1 < word->line_count ? word->lines[i + 1] : word->digits.len;
        size_t next = i + 2 < word->line_count ? word->lines[i + 2] : word->digits.len;
        if (next > end)
            err = part_read(word, begin, next, &given, give, why);
        if (err == SP_OK && !given)
            err = part_read(word, begin, end, &given, give, why);
        if (err == SP_OK && !given)
            err = signs_read(word, begin, end, give, why);
    }
    return err;
}

/* All of it, or what there is in it; of what is large and no text, what addresses are in it. */
static enum sp_err word_read(const struct word *word, const struct give *give, struct sp_why *why)
{
    bool given;
    size_t len = word->digits.len;
    enum sp_err err = part_read(word, 0, len, &given, give, why);
    if (err != SP_OK || given)
        return err;
    if (len >= RUNS_MIN && is_mixed(word->digits.ptr, len))
        err = word_runs(word, give, why);
    if (err == SP_OK && word->line_count > 1)
        return lines_read(word, give, why);
    return err == SP_OK ? signs_read(word, 0, len, give, why) : err;
}

/* ---- words of a text ----------------------------------------------------------------------- */
static bool all_digits(const uint8_t *at)
{
    if (sp_base64_any_low(at))
        return false;
    for (size_t i = 0; i < STEP; i++) {
        if (sp_base64_digit(at[i]) < 0)
            return false;
    }
    return true;
}

bool sp_base64_words_may(struct sp_slice text)
{
    if (text.len < SP_BASE64_WORD_MIN)
        return false;
    for (size_t at = 0; at + STEP <= text.len; at += STEP) {
        size_t begin = at, end = at;
        if (!all_digits(text.ptr + at))
            continue;
        while (begin > 0 && sp_base64_digit(text.ptr[begin - 1]) >= 0)
            begin--;
        while (end < text.len && sp_base64_digit(text.ptr[end]) >= 0)
            end++;
        const struct sp_slice word = {text.ptr + begin, end - begin};
        if (word.len >= SP_BASE64_WORD_MIN &&
            (is_mixed(word.ptr, word.len) || hex_begin(word, false) < word.len))
            return true;
        at = end;
    }
    return false;
}

/* The text that is being read. */
struct reading {
    struct sp_slice text;
    struct sp_origin_map map;
    uint64_t line; /* of text.ptr[counted] */
    size_t counted;
};

static uint64_t line_of(struct reading *reading, size_t pos)
{
    if (pos > reading->counted) {
        reading->line += sp_line_ends(reading->text.ptr + reading->counted, pos - reading->counted);
        reading->counted = pos;
    }
    return reading->line;
}

static size_t digits_end(const struct reading *reading, size_t from)
{
    while (from < reading->text.len && sp_base64_digit(reading->text.ptr[from]) >= 0)
        from++;
    return from;
}

/* What was held is a word, or as much of one as is read at a time. */
static enum sp_err held_read(struct sp_base64_words *words, const struct give *give,
                             struct sp_why *why)
{
    const struct word word = {{words->digits, words->len},      words->lines, words->line_count,
                              words->len == SP_BASE64_WORD_MAX, words->off,   words->line};
    bool fresh = words->len > words->again;
    words->len = words->again = words->line_count = 0;
    words->state = SP_BASE64_DIGITS;
    return fresh ? word_read(&word, give, why) : SP_OK;
}

static void line_begins(struct sp_base64_words *words, size_t at)
{
    if (words->line_count < SP_BASE64_LINES_MAX)
        words->lines[words->line_count++] = (uint16_t)at;
}

/* The room is full: what is held is read, and its end once more with what follows. */
static enum sp_err held_cut(struct sp_base64_words *words, const struct give *give,
                            struct sp_why *why)
{
    const size_t count = words->line_count;
    enum sp_err err = held_read(words, give, why);
    /* pairs of hexadecimal digits stay pairs */
    const size_t odd = hex_prefix((struct sp_slice){words->digits, SP_BASE64_WORD_MAX}) % 2;
    const size_t from = SP_BASE64_WORD_MAX - SP_BASE64_WORD_AGAIN + odd;
    words->len = words->again = SP_BASE64_WORD_MAX - from;
    memmove(words->digits, words->digits + from, words->len);
    words->off += words->off == SP_SIZE_UNKNOWN ? 0 : from;
    line_begins(words, 0);
    for (size_t i = 0; i < count; i++) {
        if (words->lines[i] > from)
            line_begins(words, words->lines[i] - from);
    }
    return err;
}

/* Digits [at, end) of the text go behind what is held. */
static enum sp_err hold(struct sp_base64_words *words, struct reading *reading, size_t at,
                        size_t end, const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (words->len == 0) {
        words->off = sp_origin_find(reading->map, (uint32_t)at);
        words->line = line_of(reading, at);
        words->line_len = words->line_count = 0;
    }
    if (words->line_len == 0)
        line_begins(words, words->len);
    words->line_len += end - at;
    while (err == SP_OK && at < end) {
        size_t room = SP_BASE64_WORD_MAX - words->len;
        size_t take = end - at < room ? end - at : room;
        memcpy(words->digits + words->len, reading->text.ptr + at, take);
        words->len += take;
        at += take;
        if (words->len == SP_BASE64_WORD_MAX)
            err = held_cut(words, give, why);
    }
    return err;
}

static enum sp_err hold_one(struct sp_base64_words *words, uint8_t digit, const struct give *give,
                            struct sp_why *why)
{
    words->digits[words->len++] = digit;
    words->line_len++;
    words->state = SP_BASE64_DIGITS;
    return words->len == SP_BASE64_WORD_MAX ? held_cut(words, give, why) : SP_OK;
}

/* A byte that is no digit, or stands behind such a one. False: the word has ended before it. */
static bool gap_take(struct sp_base64_words *words, uint8_t byte, uint8_t *digit)
{
    bool line_ends = words->line_len >= LINE_MIN;
    switch (words->state) {
    case SP_BASE64_DIGITS:
        words->gap_len = 0;
        words->state = byte == '\\'  ? SP_BASE64_SLASH
                       : byte == '%' ? SP_BASE64_PERCENT
                                     : SP_BASE64_GAP;
        return byte == '\\' || byte == '%' ||
               (line_ends && (byte == '\n' || byte == '\r' || byte == '"' || byte == '\''));
    case SP_BASE64_GAP:
        words->state = byte == '\\'  ? SP_BASE64_SLASH
                       : byte == '%' ? SP_BASE64_PERCENT
                                     : SP_BASE64_GAP;
        return ++words->gap_len < GAP_MAX && memchr("\r\n \t>\"'\\,|#*;%.", byte, 15) != NULL;
    case SP_BASE64_SLASH:
        *digit = byte == '/' ? byte : 0;
        words->state = SP_BASE64_GAP;
        return byte == '/' || (line_ends && (byte == 'n' || byte == 'r' || byte == '\n'));
    case SP_BASE64_PERCENT:
        words->state = byte == '2' ? SP_BASE64_TWO : SP_BASE64_ZERO;
        return byte == '2' || (line_ends && byte == '0');
    case SP_BASE64_TWO:
        *digit = (byte | 0x20) == 'b' ? '+' : '/';
        return (byte | 0x20) == 'b' || (byte | 0x20) == 'f';
    case SP_BASE64_ZERO:
        words->state = SP_BASE64_GAP;
        return (byte | 0x20) == 'a' || (byte | 0x20) == 'd';
    }
    return false;
}

/* Goes on with the word that is held, from text.ptr[at] on; gives where the text is not of it. */
static enum sp_err held_go_on(struct sp_base64_words *words, struct reading *reading, size_t *at,
                              const struct give *give, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && *at < reading->text.len) {
        uint8_t byte = reading->text.ptr[*at];
        uint8_t digit = 0;
        bool inside = words->state == SP_BASE64_DIGITS || words->state == SP_BASE64_GAP;
        /* "…" + "…" in a program */
        bool joins =
            words->state == SP_BASE64_GAP && byte == '+' &&
            (*at + 1 == reading->text.len || sp_base64_digit(reading->text.ptr[*at + 1]) < 0);
        if (joins) {
            ++*at;
        } else if (inside && sp_base64_digit(byte) >= 0) {
            size_t end = digits_end(reading, *at);
            words->line_len = words->state == SP_BASE64_GAP ? 0 : words->line_len;
            words->state = SP_BASE64_DIGITS;
            err = hold(words, reading, *at, end, give, why);
            *at = end;
        } else if (!gap_take(words, byte, &digit)) {
            return held_read(words, give, why);
        } else {
            ++*at;
            if (digit != 0)
                err = hold_one(words, digit, give, why);
        }
    }
    return err;
}

/* Where the word begins of which text.ptr[at] is a digit; its digits may be escaped. */
static size_t word_begin(const struct reading *reading, size_t from, size_t at)
{
    const uint8_t *text = reading->text.ptr;
    while (at > from) {
        bool escaped = text[at - 1] == '\\' && text[at] == '/';
        bool coded = text[at - 1] == '%' && text[at] == '2' && at + 1 < reading->text.len &&
                     ((text[at + 1] | 0x20) == 'b' || (text[at + 1] | 0x20) == 'f');
        if (sp_base64_digit(text[at - 1]) < 0 && !escaped && !coded)
            break;
        at--;
    }
    while (at < reading->text.len && sp_base64_digit(text[at]) < 0)
        at++; /* it begins with one that is escaped: nearly never */
    return at;
}

/* The same behind a backslash. \\x before many digits is no escape, but how PostgreSQL writes them.
 */
static size_t slash_rest(struct sp_slice text)
{
    size_t hex = 1;
    switch (text.ptr[0]) {
    case 'n':
    case 'r':
    case 't':
        return 1;
    case 'x':
        while (hex < text.len && sp_hex_digit(text.ptr[hex]) >= 0)
            hex++;
        return hex > HEX_MIN ? 0 : 3;
    case 'u':
        return 5;
    default:
        return 0;
    }
}

/* How many digits at text.ptr[at] are the end of an escape: %20, \\n, \\x3d, \\u003d. */
static size_t escape_rest(const struct reading *reading, size_t at)
{
    const uint8_t *text = reading->text.ptr + at;
    size_t len = 0;
    if (at > 0 && text[-1] == '%')
        len = sp_hex_digit(text[0]) >= 0 ? 2 : 0;
    else if (at > 1 && text[-2] == '%' && sp_hex_digit(text[-1]) >= 0)
        len = 1;
    else if (at > 0 && text[-1] == '\\')
        len = slash_rest((struct sp_slice){text, reading->text.len - at});
    return len < reading->text.len - at ? len : 0;
}

/* A word that is whole and too short. */
static bool is_short(const struct reading *reading, size_t begin, size_t end)
{
    return end < reading->text.len && end - begin < SP_BASE64_WORD_MIN &&
           reading->text.ptr[end] != '\\' && reading->text.ptr[end] != '%';
}

enum sp_err sp_base64_words_push(struct sp_base64_words *words, struct sp_slice utf8,
                                 struct sp_origin_map map, uint64_t line, sp_base64_out out,
                                 void *ctx, struct sp_why *why)
{
    const struct give give = {out, ctx};
    struct reading reading = {utf8, map, line, 0};
    enum sp_err err = SP_OK;
    size_t from = 0; /* before it all is read */
    if (words->len > 0)
        err = held_go_on(words, &reading, &from, &give, why);
    for (size_t at = from; err == SP_OK && at + STEP <= utf8.len; at += STEP) {
        if (!all_digits(utf8.ptr + at))
            continue;
        size_t begin = word_begin(&reading, from, at);
        begin += escape_rest(&reading, begin);
        from = digits_end(&reading, at);
        if (!is_short(&reading, begin, from)) {
            from = begin;
            err = held_go_on(words, &reading, &from, &give, why);
        }
        at = from; /* and a step */
    }
    if (err != SP_OK || from == utf8.len)
        return err;
    size_t last = utf8.len; /* a word that has begun at the end */
    while (last > from && sp_base64_digit(utf8.ptr[last - 1]) >= 0)
        last--;
    return last < utf8.len ? held_go_on(words, &reading, &last, &give, why) : err;
}

enum sp_err sp_base64_words_end(struct sp_base64_words *words, sp_base64_out out, void *ctx,
                                struct sp_why *why)
{
    const struct give give = {out, ctx};
    return held_read(words, &give, why);
}
