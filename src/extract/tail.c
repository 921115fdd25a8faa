#include "extract/tail.h"

#include <string.h>

void sp_tail_add(struct sp_tail *tail, struct sp_slice utf8, uint64_t off)
{
    size_t skip = utf8.len > SP_TAIL_BYTES ? utf8.len - SP_TAIL_BYTES : 0;
    tail->total += skip;
    for (size_t i = skip; i < utf8.len; i++, tail->total++) {
        tail->bytes[tail->total % SP_TAIL_BYTES] = utf8.ptr[i];
        tail->offs[tail->total % SP_TAIL_BYTES] = off == SP_SIZE_UNKNOWN ? off : off + i;
    }
}

/* A sign behind which no value has begun; blanks stand in values. */
static bool is_border(uint8_t byte)
{
    return byte == '\n' || byte == '\t' || byte == '>' || byte == '"' || byte == '\'';
}

size_t sp_tail_begin(struct sp_slice text, size_t from)
{
    size_t end = from + SP_TAIL_BYTES / 2 < text.len ? from + SP_TAIL_BYTES / 2 : text.len;
    for (size_t i = from; i < end; i++) {
        if (is_border(text.ptr[i]))
            return i + 1;
    }
    for (size_t i = from; i < end; i++) {
        if (text.ptr[i] == ' ')
            return i + 1;
    }
    while (from < text.len && (text.ptr[from] & 0xC0) == 0x80)
        from++;
    return from;
}

/* What is to be read once more: its bytes, in order, from byte *first of the text on. */
static struct sp_slice tail_unroll(const struct sp_tail *tail, uint8_t room[SP_TAIL_BYTES],
                                   size_t *first)
{
    size_t len = tail->total < SP_TAIL_BYTES ? tail->total : SP_TAIL_BYTES;
    *first = tail->total - len;
    for (size_t i = 0; i < len; i++)
        room[i] = tail->bytes[(*first + i) % SP_TAIL_BYTES];
    size_t begin = *first == 0 ? 0 : sp_tail_begin((struct sp_slice){room, len}, 0);
    *first += begin;
    return (struct sp_slice){room + begin, len - begin};
}

size_t sp_tail_lines(const struct sp_tail *tail)
{
    uint8_t room[SP_TAIL_BYTES];
    size_t first, lines = 0;
    struct sp_slice text = tail_unroll(tail, room, &first);
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    return lines;
}

/* Where what lies one to one in the source from text.ptr[begin] on ends. */
static size_t tail_run_end(const struct sp_tail *tail, struct sp_slice text, size_t first,
                           size_t begin)
{
    size_t end = begin + 1;
    for (; end < text.len; end++) {
        uint64_t before = tail->offs[(first + end - 1) % SP_TAIL_BYTES];
        uint64_t off = tail->offs[(first + end) % SP_TAIL_BYTES];
        bool follows = before == SP_SIZE_UNKNOWN ? off == before : off == before + 1;
        if (!follows && (text.ptr[end] & 0xC0) != 0x80)
            break;
    }
    return end;
}

enum sp_err sp_tail_put(const struct sp_tail *tail, struct sp_row *row, struct sp_why *why)
{
    uint8_t room[SP_TAIL_BYTES];
    size_t first;
    struct sp_slice text = tail_unroll(tail, room, &first);
    enum sp_err err = SP_OK;
    for (size_t begin = 0, end; err == SP_OK && begin < text.len; begin = end) {
        end = tail_run_end(tail, text, first, begin);
        err = sp_row_append(row, text.ptr + begin, end - begin,
                            tail->offs[(first + begin) % SP_TAIL_BYTES], why);
    }
    return err;
}
