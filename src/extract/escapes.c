#include "extract/escapes_in.h"

#include "base/utf8.h"

#include <string.h>

enum {
    QUERY_MAX = 96 /* bytes before a + in which the = stands that makes it a blank */
};

/* ---- where we are ------------------------------------------------------------------------ */
static uint64_t off_at(const struct sp_escapes *escapes, size_t pos)
{
    return sp_origin_find(escapes->map, (uint32_t)pos);
}

static void lines_count(struct sp_escapes *escapes, size_t to)
{
    if (to > escapes->counted) {
        escapes->line += sp_line_ends(escapes->text.ptr + escapes->counted, to - escapes->counted);
        escapes->counted = to;
    }
}

static bool is_border(uint8_t byte)
{
    return byte == '"' || byte == '\'' || byte == '`' || byte == '\n';
}

/* ---- a piece ----------------------------------------------------------------------------- */
static enum sp_err piece_keep(struct sp_escapes *escapes, struct sp_why *why)
{
    return sp_escapes_read_again(escapes, (struct sp_slice){escapes->piece, escapes->len},
                                 (struct sp_origin_map){escapes->point, escapes->points},
                                 escapes->begun, why);
}

/* The piece is full: another one goes on, and begins with its end, as a value may stand there. */
static enum sp_err piece_cut(struct sp_escapes *escapes, struct sp_why *why)
{
    enum sp_err err = piece_keep(escapes, why);
    size_t from = escapes->len > SP_ESCAPES_CONTEXT ? escapes->len - SP_ESCAPES_CONTEXT : 0;
    if (escapes->points > SP_ESCAPES_CONTEXT &&
        escapes->point[escapes->points - SP_ESCAPES_CONTEXT].text_pos > from)
        from = escapes->point[escapes->points - SP_ESCAPES_CONTEXT].text_pos;
    while (from < escapes->len && (escapes->piece[from] & 0xC0) == 0x80)
        from++;
    escapes->points = sp_origin_cut((struct sp_origin_map){escapes->point, escapes->points},
                                    (uint32_t)from, escapes->point);
    escapes->len -= from;
    memmove(escapes->piece, escapes->piece + from, escapes->len);
    return err;
}

static enum sp_err piece_put(struct sp_escapes *escapes, const uint8_t *ptr, size_t len,
                             uint64_t off, struct sp_why *why)
{
    const struct sp_origin *last =
        escapes->points > 0 ? &escapes->point[escapes->points - 1] : NULL;
    bool known = last != NULL && last->source_off != SP_SIZE_UNKNOWN;
    bool goes_on = known ? last->source_off + (escapes->len - last->text_pos) == off
                         : last != NULL && off == SP_SIZE_UNKNOWN;
    bool inner = (ptr[0] & 0xC0) == 0x80; /* of a character that fits: four bytes are left for it */
    if (!inner &&
        (len + 4 > SP_ESCAPES_PIECE - escapes->len || escapes->points + 4 > SP_ESCAPES_POINTS)) {
        enum sp_err err = piece_cut(escapes, why);
        if (err != SP_OK)
            return err;
    }
    if (!goes_on)
        escapes->point[escapes->points++] = (struct sp_origin){(uint32_t)escapes->len, off};
    memcpy(escapes->piece + escapes->len, ptr, len);
    escapes->len += len;
    return SP_OK;
}

/* What was held is no UTF-8. */
static enum sp_err held_put(struct sp_escapes *escapes, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t len = escapes->held_len;
    escapes->held_len = 0;
    for (size_t i = 0; err == SP_OK && i < len; i++) {
        uint8_t utf8[4];
        uint32_t code = escapes->held[i];
        size_t size = sp_code_normalise(&code) ? sp_utf8_encode(code, utf8) : 0;
        if (size > 0)
            err = piece_put(escapes, utf8, size, escapes->held_off, why);
    }
    return err;
}

static enum sp_err piece_close(struct sp_escapes *escapes, struct sp_why *why)
{
    enum sp_err err = held_put(escapes, why);
    escapes->open = false;
    return err == SP_OK ? piece_keep(escapes, why) : err;
}

/* A byte of the text itself. */
static enum sp_err byte_put(struct sp_escapes *escapes, const uint8_t *ptr, size_t len,
                            uint64_t off, struct sp_why *why)
{
    enum sp_err err = held_put(escapes, why);
    return err == SP_OK ? piece_put(escapes, ptr, len, off, why) : err;
}

static enum sp_err code_put(struct sp_escapes *escapes, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    enum sp_err err = held_put(escapes, why);
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || !sp_code_normalise(&code))
        return err;
    size_t size = sp_utf8_encode(code < ' ' ? ' ' : code, utf8);
    return err == SP_OK ? piece_put(escapes, utf8, size, escapes->seen_off, why) : err;
}

/* A byte beyond ASCII that was written as one: of UTF-8, if others follow it. */
static enum sp_err high_put(struct sp_escapes *escapes, uint8_t byte, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool follows = (byte & 0xC0) == 0x80 && escapes->held_len > 0;
    if (!follows) {
        err = held_put(escapes, why);
        escapes->held_want = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        escapes->held_off = escapes->seen_off;
    }
    escapes->held[escapes->held_len++] = byte;
    if (err != SP_OK || escapes->held_len < escapes->held_want)
        return err;
    struct sp_slice utf8 = {escapes->held, escapes->held_len};
    uint32_t code;
    if (!sp_utf8_valid(utf8))
        return held_put(escapes, why);
    sp_utf8_decode(utf8.ptr, utf8.len, &code);
    escapes->held_len = 0;
    return code_put(escapes, code, why);
}

/* Byte `back` before text.ptr[pos], or before the text, in what is carried. */
static bool byte_before(const struct sp_escapes *escapes, size_t pos, size_t back, uint8_t *byte,
                        uint64_t *off)
{
    if (back <= pos) {
        *byte = escapes->text.ptr[pos - back];
        *off = off_at(escapes, pos - back);
        return true;
    }
    back -= pos;
    if (back > escapes->carry_len)
        return false;
    *byte = escapes->carry[escapes->carry_len - back];
    *off = escapes->carry_off[escapes->carry_len - back];
    return true;
}

/* What stands before an escape whose first byte is `own` before text.ptr[pos]. */
static enum sp_err piece_open(struct sp_escapes *escapes, size_t pos, size_t own,
                              struct sp_why *why)
{
    size_t back = own;
    uint8_t byte;
    uint64_t off;
    enum sp_err err = SP_OK;
    while (back < own + SP_ESCAPES_CONTEXT && byte_before(escapes, pos, back + 1, &byte, &off) &&
           !is_border(byte))
        back++;
    while (back > own && byte_before(escapes, pos, back, &byte, &off) && (byte & 0xC0) == 0x80)
        back--; /* no half of a character */
    lines_count(escapes, pos);
    escapes->open = true;
    escapes->begun = escapes->line;
    escapes->len = escapes->points = 0;
    escapes->held_len = 0;
    for (; err == SP_OK && back > own && byte_before(escapes, pos, back, &byte, &off); back--)
        err = piece_put(escapes, &byte, 1, off, why);
    return err;
}

/* ---- escapes ----------------------------------------------------------------------------- */
static bool is_alnum(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* Whether the + at text.ptr[pos] stands in a value of a link: behind name=, without blanks. */
static bool is_query(const struct sp_escapes *escapes, size_t pos)
{
    uint8_t byte;
    uint64_t off;
    if (!byte_before(escapes, pos, 1, &byte, &off) || !is_alnum(byte))
        return false;
    for (size_t back = 1; back < QUERY_MAX && byte_before(escapes, pos, back, &byte, &off);
         back++) {
        if (byte == '=')
            return true;
        if (byte <= ' ' || is_border(byte))
            return false;
    }
    return false;
}

/* Whether text.ptr[pos] may begin one. */
static bool escape_may(const struct sp_escapes *escapes, size_t pos)
{
    uint8_t byte = escapes->text.ptr[pos];
    uint8_t next = pos + 1 < escapes->text.len ? escapes->text.ptr[pos + 1] : '0';
    return byte == '\\' || (byte == '%' && (sp_hex_digit(next) >= 0 || next == 'u')) ||
           (byte == '+' && is_alnum(next) && escapes->depth == 0 && is_query(escapes, pos));
}

static void escape_begin(struct sp_escapes *escapes, size_t pos)
{
    uint8_t byte = escapes->text.ptr[pos];
    escapes->state = byte == '\\'  ? SP_ESCAPE_SLASH
                     : byte == '%' ? SP_ESCAPE_PERCENT
                                   : SP_ESCAPE_PLUS;
    escapes->seen[0] = byte;
    escapes->seen_len = 1;
    escapes->seen_off = off_at(escapes, pos);
    escapes->digits = 0;
    escapes->code = 0;
}

/* `own`: from its first byte to text.ptr[pos]. */
static enum sp_err escape_done(struct sp_escapes *escapes, size_t pos, size_t own,
                               struct sp_why *why)
{
    uint32_t code = escapes->code, high = escapes->high;
    bool is_byte = escapes->state == SP_ESCAPE_BYTE || escapes->state == SP_ESCAPE_OCTAL ||
                   escapes->state == SP_ESCAPE_PERCENT;
    enum sp_err err = escapes->open ? SP_OK : piece_open(escapes, pos, own, why);
    escapes->state = SP_ESCAPE_NONE;
    escapes->since = 0;
    escapes->high = code >= 0xD800 && code < 0xDC00 ? code : 0;
    if (err != SP_OK)
        return err;
    if (is_byte && code >= 0x80)
        return high_put(escapes, (uint8_t)code, why);
    if (code >= 0xDC00 && code < 0xE000 && high != 0)
        code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
    return code_put(escapes, code, why);
}

/* What was held is none. */
static enum sp_err escape_literal(struct sp_escapes *escapes, struct sp_why *why)
{
    escapes->state = SP_ESCAPE_NONE;
    escapes->since += escapes->seen_len;
    return escapes->open
               ? byte_put(escapes, escapes->seen, escapes->seen_len, escapes->seen_off, why)
               : SP_OK;
}

/* Digits of an escape: how many it has, of how many bits. */
struct escape_form {
    unsigned digits, bits;
};
static struct escape_form form_of(enum sp_escape_state state)
{
    static const struct escape_form forms[] = {
        [SP_ESCAPE_UNIT] = {4, 4}, [SP_ESCAPE_CODE] = {6, 4},  [SP_ESCAPE_WIDE] = {8, 4},
        [SP_ESCAPE_BYTE] = {2, 4}, [SP_ESCAPE_OCTAL] = {3, 3}, [SP_ESCAPE_PERCENT] = {2, 4},
        [SP_ESCAPE_PLUS] = {0, 0}};
    return forms[state];
}

/* A byte that says which escape it is. */
static bool escape_kind(struct sp_escapes *escapes, uint8_t byte)
{
    enum sp_escape_state state = escapes->state;
    bool slash = state == SP_ESCAPE_SLASH;
    if (slash && byte == '\\')
        return escapes->seen_len < SP_ESCAPES_SLASHES;
    if ((slash || (state == SP_ESCAPE_PERCENT && escapes->digits == 0)) && byte == 'u')
        escapes->state = SP_ESCAPE_UNIT;
    else if (slash && byte == 'U')
        escapes->state = SP_ESCAPE_WIDE;
    else if (slash && byte == 'x')
        escapes->state = SP_ESCAPE_BYTE;
    else if (state == SP_ESCAPE_UNIT && byte == '{' && escapes->digits == 0)
        escapes->state = SP_ESCAPE_CODE;
    else
        return false;
    return true;
}

/* A byte behind the first one. *again: it is no part of an escape. */
static enum sp_err escape_take(struct sp_escapes *escapes, size_t pos, bool *again,
                               struct sp_why *why)
{
    uint8_t byte = escapes->text.ptr[pos];
    int digit = sp_hex_digit(byte);
    *again = escapes->state == SP_ESCAPE_PLUS;
    if (*again) {
        escapes->code = ' ';
        return is_alnum(byte) ? escape_done(escapes, pos, 1, why) : escape_literal(escapes, why);
    }
    if (escapes->seen_len < sizeof escapes->seen)
        escapes->seen[escapes->seen_len++] = byte;
    if (escape_kind(escapes, byte))
        return SP_OK;
    if (escapes->state == SP_ESCAPE_CODE && byte == '}' && escapes->digits > 0)
        return escape_done(escapes, pos, escapes->seen_len - 1, why);
    if (escapes->state == SP_ESCAPE_SLASH && byte >= '0' && byte <= '3')
        escapes->state = SP_ESCAPE_OCTAL;
    struct escape_form form = form_of(escapes->state);
    if (digit >= 0 && escapes->digits < form.digits && digit < 1 << form.bits) {
        escapes->code = escapes->code << form.bits | (uint32_t)digit;
        bool whole = ++escapes->digits == form.digits && escapes->state != SP_ESCAPE_CODE;
        return whole ? escape_done(escapes, pos, escapes->seen_len - 1, why) : SP_OK;
    }
    *again = true;
    escapes->seen_len--;
    return escape_literal(escapes, why);
}

/* ---- text -------------------------------------------------------------------------------- */
static enum sp_err byte_take(struct sp_escapes *escapes, size_t *pos, struct sp_why *why)
{
    bool again = false;
    uint8_t byte = escapes->text.ptr[*pos];
    enum sp_err err = SP_OK;
    if (escapes->state != SP_ESCAPE_NONE) {
        err = escape_take(escapes, *pos, &again, why);
        *pos += !again;
        return err;
    }
    if (escape_may(escapes, *pos)) {
        escape_begin(escapes, (*pos)++);
        return SP_OK;
    }
    bool ends = is_border(byte) || (escapes->since >= SP_ESCAPES_CONTEXT && (byte & 0xC0) != 0x80);
    if (ends)
        return piece_close(escapes, why); /* the byte is looked at again, as one outside */
    escapes->since++;
    err = byte_put(escapes, &byte, 1, off_at(escapes, *pos), why);
    ++*pos;
    return err;
}

/* Where bytes from `begin` on stem from: nearly always in one run. */
static void carry_offs(const struct sp_escapes *escapes, size_t begin, uint64_t *offs, size_t count)
{
    struct sp_origin_map map = escapes->map;
    uint64_t first = off_at(escapes, begin);
    bool one_run = map.count == 0 || map.points[map.count - 1].text_pos <= begin;
    bool known = first != SP_SIZE_UNKNOWN;
    for (size_t i = 0; one_run && i < count; i++)
        offs[i] = known ? first + i : first;
    for (size_t i = 0; !one_run && i < count; i++)
        offs[i] = off_at(escapes, begin + i);
}

static void carry_keep(struct sp_escapes *escapes)
{
    size_t len = escapes->text.len;
    size_t fresh = len < SP_ESCAPES_CARRY ? len : SP_ESCAPES_CARRY;
    size_t room = SP_ESCAPES_CARRY - fresh;
    size_t old = escapes->carry_len < room ? escapes->carry_len : room;
    memmove(escapes->carry, escapes->carry + escapes->carry_len - old, old);
    memmove(escapes->carry_off, escapes->carry_off + escapes->carry_len - old,
            old * sizeof escapes->carry_off[0]);
    memcpy(escapes->carry + old, escapes->text.ptr + len - fresh, fresh);
    carry_offs(escapes, len - fresh, escapes->carry_off + old, fresh);
    escapes->carry_len = old + fresh;
}

static enum sp_err word_out(void *ctx, struct sp_slice utf8, uint64_t off, uint64_t line,
                            struct sp_why *why)
{
    const struct sp_origin point = {0, off};
    return sp_escapes_read_again(ctx, utf8, (struct sp_origin_map){&point, 1}, line, why);
}

static const uint8_t escape_signs[] = {'\\', '%', '+'};
enum { ESCAPE_SIGNS = sizeof escape_signs };

/* The next sign from `pos` on, or the text's end. `next` remembers those that were found. */
static size_t sign_next(struct sp_slice text, size_t pos, size_t next[ESCAPE_SIGNS])
{
    size_t first = text.len;
    for (size_t i = 0; i < ESCAPE_SIGNS; i++) {
        if (next[i] < pos || pos == 0) {
            const uint8_t *at = memchr(text.ptr + pos, escape_signs[i], text.len - pos);
            next[i] = at == NULL ? text.len : (size_t)(at - text.ptr);
        }
        first = next[i] < first ? next[i] : first;
    }
    return first;
}

/* Whether one of eight bytes is a sign; by chance also when one is beside it. */
static bool any_sign(const uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, zero = 0;
    memcpy(&word, at, sizeof word);
    for (size_t i = 0; i < ESCAPE_SIGNS; i++) {
        uint64_t differ = word ^ (ones * escape_signs[i]);
        zero |= (differ - ones) & ~differ;
    }
    return (zero & (ones << 7)) != 0;
}

/* Whether text.ptr[at] begins one that a text of its own may have. */
static bool sign_may(struct sp_slice text, size_t at)
{
    uint8_t byte = text.ptr[at], next = text.ptr[at + 1];
    return byte == '\\' || (byte == '%' && (sp_hex_digit(next) >= 0 || next == 'u')) ||
           (byte == '+' && is_alnum(next) && memchr(text.ptr, '=', at) != NULL);
}

bool sp_escapes_may(struct sp_slice text)
{
    for (size_t at = 0; at + 1 < text.len; at++) {
        if (at + sizeof(uint64_t) <= text.len && !any_sign(text.ptr + at))
            at += sizeof(uint64_t) - 1;
        else if (sign_may(text, at))
            return true;
    }
    return sp_base64_words_may(text);
}

enum sp_err sp_escapes_push(struct sp_escapes *escapes, struct sp_slice utf8,
                            struct sp_origin_map map, struct sp_why *why)
{
    size_t next[ESCAPE_SIGNS] = {0};
    enum sp_err err =
        sp_base64_words_push(&escapes->words, utf8, map, escapes->line, word_out, escapes, why);
    escapes->text = utf8;
    escapes->map = map;
    escapes->counted = 0;
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        if (escapes->open || escapes->state != SP_ESCAPE_NONE) {
            err = byte_take(escapes, &pos, why);
            continue;
        }
        pos = sign_next(utf8, pos, next);
        if (pos == utf8.len)
            break;
        if (escape_may(escapes, pos))
            escape_begin(escapes, pos);
        pos++;
    }
    if (escapes->whole)
        return err;
    lines_count(escapes, utf8.len);
    carry_keep(escapes);
    return err;
}

enum sp_err sp_escapes_end(struct sp_escapes *escapes, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (escapes->state != SP_ESCAPE_NONE)
        err = escape_literal(escapes, why);
    if (err == SP_OK && escapes->open)
        err = piece_close(escapes, why);
    return err == SP_OK ? sp_base64_words_end(&escapes->words, word_out, escapes, why) : err;
}
