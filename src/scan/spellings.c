#include "scan/spellings.h"

#include "base/mem.h"
#include "extract/escapes.h"
#include "extract/markup.h"

#include <string.h>

struct sp_spellings {
    struct sp_sink base; /* first: what the markup's row is pushed to */
    struct sp_markup *markup;
    struct sp_slice whole; /* the text that is read */
    sp_spelling_out out;
    void *ctx;
    struct sp_buf text;   /* of the field at hand */
    struct sp_buf points; /* struct sp_origin[] */
    struct sp_row row;
};

/* ---- the sink ------------------------------------------------------------------------------ */
/* The field at hand has ended. One that reads as the text stands is none. */
static enum sp_err spelling_give(struct sp_spellings *spellings, struct sp_why *why)
{
    const struct sp_slice text = sp_buf_slice(&spellings->text);
    const struct sp_origin_map map = {
        (const struct sp_origin *)(const void *)spellings->points.data,
        spellings->points.len / sizeof(struct sp_origin)};
    bool same = text.len == spellings->whole.len &&
                (text.len == 0 || memcmp(text.ptr, spellings->whole.ptr, text.len) == 0);
    enum sp_err err =
        text.len == 0 || same ? SP_OK : spellings->out(spellings->ctx, text, map, why);
    sp_buf_reset(&spellings->text);
    sp_buf_reset(&spellings->points);
    return err;
}

static enum sp_err spelling_field(struct sp_sink *sink, const struct sp_field *field,
                                  struct sp_why *why)
{
    (void)field;
    return spelling_give((struct sp_spellings *)(void *)sink, why);
}

static enum sp_err spelling_text(struct sp_sink *sink, struct sp_slice utf8,
                                 struct sp_origin_map map, struct sp_why *why)
{
    struct sp_spellings *spellings = (struct sp_spellings *)(void *)sink;
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < map.count; i++) {
        struct sp_origin point = map.points[i];
        point.text_pos += (uint32_t)spellings->text.len;
        err = sp_buf_append(&spellings->points, &point, sizeof point, why);
    }
    return err == SP_OK ? sp_buf_append(&spellings->text, utf8.ptr, utf8.len, why) : err;
}

static enum sp_err spelling_record(struct sp_sink *sink, const struct sp_record *record,
                                   struct sp_why *why)
{
    (void)sink, (void)record, (void)why;
    return SP_OK;
}

static enum sp_err spelling_record_end(struct sp_sink *sink, struct sp_why *why)
{
    return spelling_give((struct sp_spellings *)(void *)sink, why);
}

static const struct sp_sink_ops spelling_sink_ops = {.record_begin = spelling_record,
                                                     .record_end = spelling_record_end,
                                                     .field = spelling_field,
                                                     .text = spelling_text};

/* ---- the markup ---------------------------------------------------------------------------- */
static enum sp_err markup_begin(void *ctx, uint64_t line, struct sp_why *why)
{
    struct sp_spellings *spellings = ctx;
    const struct sp_slice none = {NULL, 0};
    return sp_row_named(&spellings->row, none, none, line, why);
}

static enum sp_err markup_block(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                                uint64_t line, struct sp_why *why)
{
    struct sp_spellings *spellings = ctx;
    enum sp_err err = markup_begin(ctx, line, why);
    return err == SP_OK ? sp_row_text(&spellings->row, utf8, map, why) : err;
}

enum sp_err sp_spellings_new(struct sp_spellings **out, struct sp_why *why)
{
    static const struct sp_markup_ops ops = {markup_begin, markup_block};
    struct sp_spellings *spellings = sp_alloc(sizeof *spellings);
    if (spellings == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read other spellings");
    spellings->base.ops = &spelling_sink_ops;
    sp_buf_init(&spellings->text, SIZE_MAX);
    sp_buf_init(&spellings->points, SIZE_MAX);
    sp_row_init(&spellings->row, &spellings->base);
    enum sp_err err = sp_markup_new(&spellings->row, &ops, spellings, &spellings->markup, why);
    if (err != SP_OK) {
        sp_free(spellings);
        return err;
    }
    *out = spellings;
    return SP_OK;
}

void sp_spellings_free(struct sp_spellings *spellings)
{
    if (spellings == NULL)
        return;
    sp_buf_wipe(&spellings->text);
    sp_buf_clear(&spellings->points);
    sp_markup_free(spellings->markup);
    sp_free(spellings);
}

bool sp_spellings_may(struct sp_slice text)
{
    return text.len > 0 && (memchr(text.ptr, '&', text.len) != NULL ||
                            memchr(text.ptr, '<', text.len) != NULL || sp_escapes_may(text));
}

enum sp_err sp_spellings_each(struct sp_spellings *spellings, struct sp_slice text,
                              sp_spelling_out out, void *ctx, struct sp_why *why)
{
    static const struct sp_markup_ops ops = {markup_begin, markup_block};
    const struct sp_origin begin = {0, 0};
    spellings->whole = text;
    spellings->out = out;
    spellings->ctx = ctx;
    sp_markup_restart(spellings->markup, &spellings->row, &ops, spellings);
    sp_row_begin(&spellings->row);
    enum sp_err err =
        sp_markup_push(spellings->markup, text, (struct sp_origin_map){&begin, 1}, why);
    if (err == SP_OK)
        err = sp_markup_finish(spellings->markup, why);
    return err == SP_OK ? sp_row_end(&spellings->row, why) : err;
}

/* ---- back to the text ---------------------------------------------------------------------- */
static bool is_border(uint8_t byte)
{
    return byte <= ' ' || byte == '"' || byte == '\'' || byte == '<' || byte == '>';
}

struct sp_slice sp_spelling_source(struct sp_slice text, struct sp_origin_map map, size_t begin,
                                   size_t end)
{
    uint64_t first = sp_origin_find(map, (uint32_t)begin);
    uint64_t last = sp_origin_find(map, (uint32_t)end - 1);
    if (first >= text.len || last < first)
        return text; /* not known: all of it */
    size_t from = (size_t)first;
    size_t to = last < text.len ? (size_t)last + 1 : text.len;
    bool in_tag = text.ptr[from] == '<'; /* what an attribute hides */
    while (from > 0 && !in_tag && !is_border(text.ptr[from - 1]))
        from--;
    while (to < text.len && (in_tag ? text.ptr[to - 1] != '>' : !is_border(text.ptr[to])))
        to++;
    return (struct sp_slice){text.ptr + from, to - from};
}
