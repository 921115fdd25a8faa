#include "extract/mail_flowed.h"

#include <string.h>

void sp_flowed_init(struct sp_flowed *flowed, struct sp_row *row, struct sp_slice part,
                    bool delete_space)
{
    memset(flowed, 0, offsetof(struct sp_flowed, text));
    flowed->row = row;
    flowed->part = part;
    flowed->delete_space = delete_space;
    flowed->line = 1;
    flowed->at_start = true;
}

/* ---- paragraphs -------------------------------------------------------------------------- */
static enum sp_err paragraph_end(struct sp_flowed *flowed, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    struct sp_walk walk;
    if (flowed->joins && flowed->len > 0) {
        err =
            sp_row_named(flowed->row, (struct sp_slice){NULL, 0}, flowed->part, flowed->begun, why);
        sp_walk_init(&walk, (struct sp_slice){flowed->text, flowed->len},
                     (struct sp_origin_map){flowed->point, flowed->points});
        if (err == SP_OK)
            err = sp_walk_append(&walk, flowed->row, 0, flowed->len, why);
    }
    flowed->soft = flowed->broken = flowed->joins = false;
    flowed->begin = flowed->len = flowed->points = 0;
    flowed->begun = flowed->line;
    return err;
}

static bool is_group(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
}

/* Whether a value may go on with `next` behind the break: without a blank, or with groups of digits
 * and capitals on both sides of it. */
static bool break_joins(const struct sp_flowed *flowed, uint8_t next)
{
    size_t len = flowed->len;
    while (len > 0 && flowed->text[len - 1] == ' ')
        len--;
    if (len == 0 || next == ' ')
        return false;
    uint8_t before = flowed->text[len - 1];
    bool digits = (before >= '0' && before <= '9') || (next >= '0' && next <= '9');
    return len == flowed->len || (digits && is_group(before) && is_group(next));
}

static enum sp_err text_put(struct sp_flowed *flowed, uint8_t byte, uint64_t off,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    bool inner = (byte & 0xC0) == 0x80; /* room for four bytes is left before a character */
    if (!inner && (flowed->len + 4 > SP_FLOWED_MAX || flowed->points + 4 > SP_FLOWED_POINTS))
        err = paragraph_end(flowed, why);
    if (flowed->broken)
        flowed->joins = flowed->joins || break_joins(flowed, byte);
    flowed->broken = false;
    const struct sp_origin *last = flowed->points > 0 ? &flowed->point[flowed->points - 1] : NULL;
    if (last == NULL || last->source_off + (flowed->len - last->text_pos) != off)
        flowed->point[flowed->points++] = (struct sp_origin){(uint32_t)flowed->len, off};
    flowed->text[flowed->len++] = byte;
    return err;
}

/* ---- lines --------------------------------------------------------------------------------- */
/* Behind its quote marks: the line goes on with the paragraph, or begins one. */
static enum sp_err line_begin(struct sp_flowed *flowed, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    flowed->at_start = false;
    if (!flowed->soft || flowed->quotes != flowed->depth)
        err = paragraph_end(flowed, why);
    flowed->depth = flowed->quotes;
    flowed->broken = flowed->soft;
    flowed->begin = flowed->len;
    return err;
}

static enum sp_err line_end(struct sp_flowed *flowed, struct sp_why *why)
{
    enum sp_err err = flowed->at_start ? line_begin(flowed, why) : SP_OK;
    size_t len = flowed->len - flowed->begin;
    bool signature = len == 3 && memcmp(flowed->text + flowed->begin, "-- ", 3) == 0;
    flowed->soft = len > 0 && flowed->text[flowed->len - 1] == ' ' && !signature;
    if (flowed->soft && flowed->delete_space)
        flowed->len--;
    while (flowed->points > 0 && flowed->point[flowed->points - 1].text_pos >= flowed->len)
        flowed->points--;
    flowed->line++;
    flowed->at_start = true;
    flowed->stuffed = false;
    flowed->quotes = 0;
    return err;
}

enum sp_err sp_flowed_push(struct sp_flowed *flowed, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why)
{
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len; pos++) {
        uint8_t byte = utf8.ptr[pos];
        uint64_t off = map.count == 0 ? SP_SIZE_UNKNOWN : sp_walk_origin(&walk, pos);
        if (byte == '\n') {
            err = line_end(flowed, why);
            continue;
        }
        if (flowed->at_start && byte == '>' && !flowed->stuffed) {
            flowed->quotes++;
            continue;
        }
        if (flowed->at_start && byte == ' ' && !flowed->stuffed) {
            flowed->stuffed = true;
            continue;
        }
        if (flowed->at_start)
            err = line_begin(flowed, why);
        if (err == SP_OK)
            err = text_put(flowed, byte, off, why);
    }
    return err;
}

enum sp_err sp_flowed_end(struct sp_flowed *flowed, struct sp_why *why)
{
    return paragraph_end(flowed, why);
}
