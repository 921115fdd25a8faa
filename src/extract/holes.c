#include "extract/holes.h"

#include "base/mem.h"

enum { HOLE_ZEROS = 4096 }; /* bytes delivered for a longer hole: no value reaches across */

static const uint8_t hole_zeros[HOLE_ZEROS];

struct sp_slice sp_holes_zeros(uint64_t len)
{
    return (struct sp_slice){hole_zeros, len < HOLE_ZEROS ? (size_t)len : HOLE_ZEROS};
}

enum sp_err sp_holes_shorten(struct sp_holes *holes, uint64_t at, uint64_t len,
                             struct sp_slice *out, struct sp_why *why)
{
    *out = sp_holes_zeros(len);
    if (len <= HOLE_ZEROS)
        return SP_OK;
    if (holes->count == holes->cap) {
        size_t cap = holes->cap * 2 + 16;
        struct sp_hole *list = sp_realloc(holes->list, cap * sizeof *list);
        if (list == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for the holes of a sparse file");
        holes->list = list;
        holes->cap = cap;
    }
    uint64_t before = holes->count > 0 ? holes->list[holes->count - 1].behind : 0;
    holes->list[holes->count++] = (struct sp_hole){at + HOLE_ZEROS, before + len - HOLE_ZEROS};
    return SP_OK;
}

/* Bytes left out before byte `at` of the shortened stream. */
static uint64_t holes_behind(const struct sp_holes *holes, uint64_t at)
{
    size_t low = 0;
    size_t high = holes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (holes->list[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : holes->list[low - 1].behind;
}

static enum sp_err holes_add_point(struct sp_holes *holes, size_t *count, struct sp_origin point,
                                   struct sp_why *why)
{
    if (*count == holes->points_cap) {
        size_t cap = holes->points_cap * 2 + 64;
        struct sp_origin *points = sp_realloc(holes->points, cap * sizeof *points);
        if (points == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for the origins of a sparse file");
        holes->points = points;
        holes->points_cap = cap;
    }
    holes->points[(*count)++] = point;
    return SP_OK;
}

/* Moves a map; a run that reaches over the end of a hole is split there. */
static enum sp_err holes_move(struct sp_holes *holes, struct sp_origin_map map, size_t text_len,
                              size_t *count, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    *count = 0;
    for (size_t i = 0; i < map.count && err == SP_OK; i++) {
        struct sp_origin point = map.points[i];
        uint64_t run = (i + 1 < map.count ? map.points[i + 1].text_pos : text_len) - point.text_pos;
        uint64_t source = point.source_off;
        point.source_off = source + holes_behind(holes, source);
        err = holes_add_point(holes, count, point, why);
        for (size_t h = 0; h < holes->count && err == SP_OK; h++) {
            uint64_t at = holes->list[h].at;
            if (at <= source || at - source >= run)
                continue;
            struct sp_origin split = {map.points[i].text_pos + (uint32_t)(at - source),
                                      at + holes->list[h].behind};
            err = holes_add_point(holes, count, split, why);
        }
    }
    return err;
}

/* ---- the sink in between ------------------------------------------------------------------- */
static struct sp_holes *holes_of(struct sp_sink *sink)
{
    return (struct sp_holes *)sink;
}

static enum sp_err holes_object_begin(struct sp_sink *sink, const struct sp_object_info *info,
                                      struct sp_why *why)
{
    holes_of(sink)->objects++;
    return sp_sink_object_begin(holes_of(sink)->inner, info, why);
}

static enum sp_err holes_object_end(struct sp_sink *sink, const struct sp_object_done *done,
                                    struct sp_why *why)
{
    struct sp_holes *holes = holes_of(sink);
    struct sp_object_done moved = *done;
    holes->objects--;
    if (holes->objects == 0)
        moved.bytes_read += holes_behind(holes, UINT64_MAX);
    return sp_sink_object_end(holes->inner, &moved, why);
}

static enum sp_err holes_record_begin(struct sp_sink *sink, const struct sp_record *record,
                                      struct sp_why *why)
{
    return sp_sink_record_begin(holes_of(sink)->inner, record, why);
}

static enum sp_err holes_record_end(struct sp_sink *sink, struct sp_why *why)
{
    return sp_sink_record_end(holes_of(sink)->inner, why);
}

static enum sp_err holes_field(struct sp_sink *sink, const struct sp_field *field,
                               struct sp_why *why)
{
    return sp_sink_field(holes_of(sink)->inner, field, why);
}

/* Origins of objects within the member count from their own first byte: those stay. */
static enum sp_err holes_text(struct sp_sink *sink, struct sp_slice utf8, struct sp_origin_map map,
                              struct sp_why *why)
{
    struct sp_holes *holes = holes_of(sink);
    if (holes->count > 0 && holes->objects == 1) {
        size_t count;
        enum sp_err err = holes_move(holes, map, utf8.len, &count, why);
        if (err != SP_OK)
            return err;
        map = (struct sp_origin_map){holes->points, count};
    }
    return sp_sink_text(holes->inner, utf8, map, why);
}

static enum sp_err holes_child(struct sp_sink *sink, const struct sp_object_info *info, int fd,
                               struct sp_why *why)
{
    return sp_sink_child(holes_of(sink)->inner, info, fd, why);
}

static enum sp_err holes_unread(struct sp_sink *sink, const struct sp_unread *unread,
                                struct sp_why *why)
{
    return sp_sink_unread(holes_of(sink)->inner, unread, why);
}

static enum sp_err holes_progress(struct sp_sink *sink, uint64_t bytes, struct sp_why *why)
{
    struct sp_sink *inner = holes_of(sink)->inner;
    return inner->ops->progress == NULL ? SP_OK : inner->ops->progress(inner, bytes, why);
}

void sp_holes_init(struct sp_holes *holes, struct sp_sink *inner)
{
    static const struct sp_sink_ops ops = {
        .object_begin = holes_object_begin,
        .object_end = holes_object_end,
        .record_begin = holes_record_begin,
        .record_end = holes_record_end,
        .field = holes_field,
        .text = holes_text,
        .child = holes_child,
        .unread = holes_unread,
        .progress = holes_progress,
    };
    *holes = (struct sp_holes){.sink = {&ops}, .inner = inner};
}

void sp_holes_clear(struct sp_holes *holes)
{
    sp_free(holes->list);
    sp_free(holes->points);
    sp_holes_init(holes, holes->inner);
}
