#include "extract/tail.h"

#include <string.h>

void sp_tail_add(struct sp_tail *tail, struct sp_slice utf8, uint64_t off)
{
    size_t skip = utf8.len > SP_TAIL_BYTES ? utf8.len - SP_TAIL_BYTES : 0;
    tail->total += skip;
    while (skip < utf8.len) { /* up to the end of the ring, then from its beginning */
        size_t at = tail->total % SP_TAIL_BYTES, count = SP_TAIL_BYTES - at;
        if (count > utf8.len - skip)
            count = utf8.len - skip;
        memcpy(tail->bytes + at, utf8.ptr + skip, count);
        for (size_t i = 0; i < count; i++)
            tail->offs[at + i] = off == SP_SIZE_UNKNOWN ? off : off + skip + i;
        tail->total += count;
        skip += count;
    }
}

void sp_tail_add_map(struct sp_tail *tail, struct sp_slice utf8, struct sp_origin_map map)
{
    size_t from = utf8.len > SP_TAIL_BYTES ? utf8.len - SP_TAIL_BYTES : 0;
    if (map.count == 0) {
        sp_tail_add(tail, utf8, SP_SIZE_UNKNOWN);
        return;
    }
    tail->total += from;
    for (size_t i = 0; i < map.count; i++) {
        const struct sp_origin point = map.points[i];
        size_t begin = point.text_pos > from ? point.text_pos : from;
        size_t end = i + 1 < map.count ? map.points[i + 1].text_pos : utf8.len;
        uint64_t off = point.source_off == SP_SIZE_UNKNOWN
                           ? SP_SIZE_UNKNOWN
                           : point.source_off + (begin - point.text_pos);
        if (end > begin)
            sp_tail_add(tail, (struct sp_slice){utf8.ptr + begin, end - begin}, off);
    }
}

/* The first byte in text[from, end) of these signs, and one on; or `end`. */
static size_t sign_behind(struct sp_slice text, size_t from, size_t end, const char *signs)
{
    for (size_t i = from; i < end; i++) {
        if (memchr(signs, text.ptr[i], strlen(signs)) != NULL)
            return i + 1;
    }
    return end;
}

size_t sp_tail_begin(struct sp_slice text, size_t from)
{
    static const char *const signs[] = {"\n", "\t>\"'", " "}; /* blanks stand in values */
    size_t end = from + SP_TAIL_BYTES / 2 < text.len ? from + SP_TAIL_BYTES / 2 : text.len;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t at = sign_behind(text, from, end, signs[i]);
        if (at < end)
            return at;
    }
    while (from < text.len && (text.ptr[from] & 0xC0) == 0x80)
        from++;
    return from;
}

void sp_tail_read(const struct sp_tail *tail, struct sp_tail_text *out)
{
    size_t len = tail->total < SP_TAIL_BYTES ? tail->total : SP_TAIL_BYTES;
    size_t first = tail->total - len;
    for (size_t i = 0; i < len; i++)
        out->bytes[i] = tail->bytes[(first + i) % SP_TAIL_BYTES];
    size_t begin = first == 0 ? 0 : sp_tail_begin((struct sp_slice){out->bytes, len}, 0);
    out->text = (struct sp_slice){out->bytes + begin, len - begin};
    out->map = (struct sp_origin_map){out->points, 0};
    out->lines = 0;
    for (size_t i = begin; i < len; i++) {
        uint64_t off = tail->offs[(first + i) % SP_TAIL_BYTES];
        uint64_t before = i == begin ? 0 : tail->offs[(first + i - 1) % SP_TAIL_BYTES];
        bool follows = before == SP_SIZE_UNKNOWN ? off == before : off == before + 1;
        if (i == begin || (!follows && (out->bytes[i] & 0xC0) != 0x80))
            out->points[out->map.count++] = (struct sp_origin){(uint32_t)(i - begin), off};
        out->lines += out->bytes[i] == '\n';
    }
}
