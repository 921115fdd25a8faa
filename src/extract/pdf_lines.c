#include "extract/pdf_lines.h"

#include "base/buf.h"

#include <string.h>

enum {
    APART_MIN = 6,     /* characters in a row, each on its own, that are one word */
    WORD_MAX = 320,    /* bytes of an address */
    JOINED_MAX = 4096, /* of what is given once more of a line */
    WORDS_BEFORE = 3   /* that may be the label of it */
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static enum sp_err give(struct sp_flow *flow, struct sp_slice text, struct sp_why *why)
{
    enum sp_err err = sp_flow_break(flow, '\n', SP_SIZE_UNKNOWN, why);
    if (err == SP_OK)
        err = sp_flow_text(flow, text, SP_SIZE_UNKNOWN, why);
    return err == SP_OK ? sp_flow_break(flow, '\n', SP_SIZE_UNKNOWN, why) : err;
}

/* ---- letters apart ----------------------------------------------------------------------- */
/* The word at *pos; *pos becomes where the next one begins. */
static struct sp_slice word_next(struct sp_slice line, size_t *pos)
{
    size_t begin = *pos;
    while (*pos < line.len && !is_blank(line.ptr[*pos]))
        ++*pos;
    struct sp_slice word = {line.ptr + begin, *pos - begin};
    while (*pos < line.len && is_blank(line.ptr[*pos]))
        ++*pos;
    return word;
}

static bool is_single(struct sp_slice word)
{
    size_t characters = 0;
    for (size_t i = 0; i < word.len; i++)
        characters += (word.ptr[i] & 0xC0) != 0x80;
    return characters == 1;
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Two letters that the layout saw no gap between: one is narrow, or the other wide. */
static bool is_pair(struct sp_slice word)
{
    return word.len == 2 && is_letter(word.ptr[0]) && is_letter(word.ptr[1]);
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Words from `begin` on that are one character each, joined; with a blank where letters and digits
 * meet, when `parted`. Returns where they end. */
static size_t apart_join(struct sp_slice line, size_t begin, bool parted, struct sp_buf *out,
                         size_t *count)
{
    size_t pos = begin;
    size_t pairs = 0;
    *count = 0;
    sp_buf_reset(out);
    while (pos < line.len) {
        size_t next = pos;
        struct sp_slice word = word_next(line, &next);
        bool pair = is_pair(word) && *count > 2 * pairs && !is_digit(out->data[out->len - 1]);
        if (!(is_single(word) || pair) || out->max - out->len < word.len + 1)
            break;
        pairs += pair;
        bool meets = out->len > 0 && is_digit(word.ptr[0]) != is_digit(out->data[out->len - 1]);
        if (parted && meets && sp_buf_append_byte(out, ' ', NULL) != SP_OK)
            break;
        if (sp_buf_append(out, word.ptr, word.len, NULL) != SP_OK)
            break;
        ++*count;
        pos = next;
    }
    return pos;
}

static enum sp_err apart_give(struct sp_flow *flow, struct sp_slice line, size_t label,
                              size_t begin, struct sp_buf *room, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    size_t joined_len = 0;
    for (int parted = 0; err == SP_OK && parted < 2; parted++) {
        size_t count;
        (void)apart_join(line, begin, parted != 0, room, &count);
        if (parted != 0 && room->len == joined_len)
            break; /* the same */
        joined_len = room->len;
        err = sp_flow_break(flow, '\n', SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_text(flow, (struct sp_slice){line.ptr + label, begin - label},
                               SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_text(flow, sp_buf_slice(room), SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = sp_flow_break(flow, '\n', SP_SIZE_UNKNOWN, why);
    }
    return err;
}

static enum sp_err line_apart(struct sp_flow *flow, struct sp_slice line, struct sp_buf *room,
                              struct sp_why *why)
{
    size_t before[WORDS_BEFORE] = {0}; /* where the last words began */
    size_t words = 0;
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && pos < line.len;) {
        size_t count;
        size_t end = apart_join(line, pos, false, room, &count);
        if (count >= APART_MIN) {
            size_t label =
                words == 0 ? pos : before[words < WORDS_BEFORE ? 0 : words % WORDS_BEFORE];
            err = apart_give(flow, line, label, pos, room, why);
            pos = end;
            continue;
        }
        before[words++ % WORDS_BEFORE] = pos;
        (void)word_next(line, &pos);
    }
    return err;
}

/* One character a line, as poppler gives letters with wide gaps. */
struct column {
    size_t count;
    struct sp_buf text;
};

static enum sp_err column_end(struct sp_flow *flow, struct column *column, struct sp_why *why)
{
    enum sp_err err =
        column->count >= APART_MIN ? give(flow, sp_buf_slice(&column->text), why) : SP_OK;
    column->count = 0;
    sp_buf_reset(&column->text);
    return err;
}

static enum sp_err column_line(struct sp_flow *flow, struct column *column, struct sp_slice line,
                               struct sp_why *why)
{
    bool full = column->text.max - column->text.len < line.len;
    enum sp_err err = !is_single(line) || full ? column_end(flow, column, why) : SP_OK;
    if (err != SP_OK || !is_single(line))
        return err;
    column->count++;
    return sp_buf_append(&column->text, line.ptr, line.len, why);
}

/* ---- addresses over two lines ------------------------------------------------------------ */
static bool is_part(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
           byte >= 0x80 || (byte != 0 && strchr("@.-_+", byte) != NULL);
}

/* An at-mark or a hyphen at the break, or a point in the domain of an address. */
static bool is_broken(struct sp_slice tail, struct sp_slice head)
{
    bool at_tail = memchr(tail.ptr, '@', tail.len) != NULL;
    bool at_head = memchr(head.ptr, '@', head.len) != NULL;
    uint8_t last = tail.ptr[tail.len - 1];
    if (at_tail == at_head) /* none, or two addresses */
        return false;
    return last == '@' || head.ptr[0] == '@' || last == '-' ||
           (at_tail && (last == '.' || head.ptr[0] == '.'));
}

static enum sp_err lines_join(struct sp_flow *flow, struct sp_slice before, struct sp_slice line,
                              struct sp_buf *room, struct sp_why *why)
{
    size_t tail = 0, head = 0;
    while (before.len > 0 && is_blank(before.ptr[before.len - 1]))
        before.len--;
    while (tail < before.len && tail < WORD_MAX && is_part(before.ptr[before.len - 1 - tail]))
        tail++;
    while (head < line.len && head < WORD_MAX && is_part(line.ptr[head]))
        head++;
    struct sp_slice first = {before.ptr + before.len - tail, tail};
    struct sp_slice second = {line.ptr, head};
    if (tail == 0 || head == 0 || !is_broken(first, second))
        return SP_OK;
    enum sp_err err = SP_OK;
    size_t hyphens = first.ptr[tail - 1] == '-' ? 1 : 0;
    for (size_t without = 0; err == SP_OK && without <= hyphens; without++) {
        sp_buf_reset(room);
        err = sp_buf_append(room, first.ptr, tail - without, why);
        if (err == SP_OK)
            err = sp_buf_append(room, second.ptr, head, why);
        if (err == SP_OK)
            err = give(flow, sp_buf_slice(room), why);
    }
    return err;
}

enum sp_err sp_pdf_lines(struct sp_flow *flow, struct sp_slice text, struct sp_why *why)
{
    struct sp_buf room;
    struct column column = {.count = 0};
    struct sp_slice before = {NULL, 0};
    enum sp_err err = SP_OK;
    sp_buf_init(&room, JOINED_MAX);
    sp_buf_init(&column.text, JOINED_MAX);
    while (err == SP_OK && text.len > 0) {
        const uint8_t *newline = memchr(text.ptr, '\n', text.len);
        struct sp_slice line = {text.ptr,
                                newline == NULL ? text.len : (size_t)(newline - text.ptr)};
        err = sp_flow_text(flow, line, SP_SIZE_UNKNOWN, why);
        if (err == SP_OK && newline != NULL)
            err = sp_flow_text(flow, sp_slice_of("\n"), SP_SIZE_UNKNOWN, why);
        if (err == SP_OK)
            err = line_apart(flow, line, &room, why);
        if (err == SP_OK)
            err = column_line(flow, &column, line, why);
        if (err == SP_OK && before.len > 0)
            err = lines_join(flow, before, line, &room, why);
        before = line;
        text.ptr += line.len + (newline != NULL);
        text.len -= line.len + (newline != NULL);
    }
    if (err == SP_OK)
        err = column_end(flow, &column, why);
    sp_buf_wipe(&room);
    sp_buf_wipe(&column.text);
    return err;
}
