#include "scan/window.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/intern.h"
#include "detect/columns.h"
#include "detect/holder.h"
#include "extract/formats.h"

#include <assert.h>

enum {
    WINDOW_TEXT_MAX = 64 << 20,    /* bytes of a window: own + margins + one text; far below */
    WINDOW_INTERN_MAX = 4 << 20,   /* names kept before a record boundary empties the pool */
    WINDOW_INTERN_HARD = 64 << 20, /* names of one record: only a hostile one has so many */
    WINDOW_COLUMNS_MAX = 1 << 20,  /* bytes of rows that are waited for */
    WINDOW_ESCAPE_MAX = 24,        /* bytes of a colour sequence */
    WINDOW_LINE_LOOK = SP_WINDOW_MARGIN_BYTES / 2, /* a line begins at most so far back */
    WINDOW_ITEMS_MAX = 64 << 20                    /* fields, records or points of one window */
};

/* What the sink told of a record, its strings kept in the pool. */
struct window_record {
    struct sp_record told;
    bool begun_before; /* the window: its line was counted on */
};

struct sp_window {
    struct sp_matcher *matcher; /* borrowed */
    sp_located_out out;
    sp_unjudged_out unjudged;
    void *ctx;
    size_t own_bytes;

    struct sp_buf text;       /* in the clear: wiped */
    struct sp_buf fields;     /* struct sp_text_field[] */
    struct sp_buf records;    /* struct sp_text_record[] */
    struct sp_buf told;       /* struct window_record[], one for each of records */
    struct sp_buf points;     /* struct sp_origin[] */
    struct sp_intern *intern; /* strings of fields and records */
    size_t own_begin;         /* text before it was matched already */
    uint64_t base;            /* text bytes of the object that were dropped from the front */
    uint64_t before;          /* text bytes of the objects before it */
    bool field_open;          /* the last field is still growing */
    bool record_open;

    /* A table waits for its first rows, which tell what columns without a telling header hold. */
    enum { COLUMNS_NONE, COLUMNS_WAIT, COLUMNS_KNOWN } columns_state;
    size_t columns_rows;
    struct sp_text_columns columns;

    struct sp_holder_memo holders; /* of the text as it is matched */

    /* the line cursor: where line counting stands, as position from the object's first byte */
    uint64_t cursor;
    uint64_t line;       /* of the cursor, 0 unknown */
    uint64_t line_begin; /* position of the first byte of that line */
};

#define WINDOW_COUNT(buf, item) ((buf).len / sizeof(item))

static struct sp_text_field *window_fields(const struct sp_window *window)
{
    return (struct sp_text_field *)(void *)window->fields.data;
}

static struct sp_text_record *window_records(const struct sp_window *window)
{
    return (struct sp_text_record *)(void *)window->records.data;
}

static struct window_record *window_told(const struct sp_window *window)
{
    return (struct window_record *)(void *)window->told.data;
}

static struct sp_origin *window_points(const struct sp_window *window)
{
    return (struct sp_origin *)(void *)window->points.data;
}

enum sp_err sp_window_new(struct sp_matcher *matcher, size_t own_bytes, sp_located_out out,
                          sp_unjudged_out unjudged, void *ctx, struct sp_window **out_window,
                          struct sp_why *why)
{
    struct sp_window *window = sp_alloc_zero(sizeof *window);
    if (window == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for a text window");
    enum sp_err err = sp_intern_new(&window->intern, why);
    if (err != SP_OK) {
        sp_free(window);
        return err;
    }
    window->matcher = matcher;
    window->own_bytes = own_bytes == 0 ? SP_WINDOW_OWN_BYTES : own_bytes;
    window->out = out;
    window->unjudged = unjudged;
    window->ctx = ctx;
    sp_buf_init(&window->text, WINDOW_TEXT_MAX);
    sp_buf_init(&window->fields, WINDOW_ITEMS_MAX);
    sp_buf_init(&window->records, WINDOW_ITEMS_MAX);
    sp_buf_init(&window->told, WINDOW_ITEMS_MAX);
    sp_buf_init(&window->points, WINDOW_ITEMS_MAX);
    *out_window = window;
    return SP_OK;
}

void sp_window_free(struct sp_window *window)
{
    if (window == NULL)
        return;
    sp_buf_wipe(&window->text);
    sp_buf_clear(&window->fields);
    sp_buf_clear(&window->records);
    sp_buf_clear(&window->told);
    sp_buf_clear(&window->points);
    sp_intern_free(window->intern);
    sp_free(window);
}

uint64_t sp_window_at(const struct sp_window *window)
{
    return window->before + window->base + window->text.len;
}

uint64_t sp_window_matched(const struct sp_window *window)
{
    return window->before + window->base + window->own_begin;
}

void sp_window_discard(struct sp_window *window)
{
    window->before = sp_window_at(window);
    sp_buf_reset(&window->text);
    sp_buf_reset(&window->fields);
    sp_buf_reset(&window->records);
    sp_buf_reset(&window->told);
    sp_buf_reset(&window->points);
    sp_intern_reset(window->intern);
    window->own_begin = 0;
    window->base = 0;
    window->field_open = false;
    window->record_open = false;
    window->cursor = 0;
    window->line = 0;
    window->line_begin = 0;
    window->columns_state = COLUMNS_NONE;
    window->columns_rows = 0;
}

/* ---- where a match lies -------------------------------------------------------------------- */

/* Moves the line cursor to text byte `pos` of the window. Records and fields that tell their line
 * set it; between them line ends are counted. */
static void window_count_lines(struct sp_window *window, size_t pos,
                               const struct sp_text_record *record, size_t record_index,
                               const struct sp_text_field *field)
{
    uint64_t target = window->base + pos;
    uint64_t record_at = window->base + record->begin;
    bool begins = !window_told(window)[record_index].begun_before;
    if (begins && record_at >= window->cursor && record->begin <= pos) {
        window->cursor = record_at;
        window->line = window_told(window)[record_index].told.line;
        window->line_begin = record_at;
    }
    if (field != NULL && field->line != 0 && window->base + field->begin >= window->cursor) {
        window->cursor = window->base + field->begin;
        window->line = field->line == SP_LINE_NONE ? 0 : field->line;
        window->line_begin = window->cursor;
    }
    if (window->cursor >= target)
        return;
    const uint8_t *from = window->text.data + (window->cursor - window->base);
    size_t len = (size_t)(target - window->cursor);
    const uint8_t *newline = memrchr(from, '\n', len);
    if (newline != NULL) {
        window->line += window->line != 0 ? sp_line_ends(from, (size_t)(newline + 1 - from)) : 0;
        window->line_begin = window->cursor + (uint64_t)(newline - from) + 1;
    }
    window->cursor = target;
}

static uint64_t window_source(const struct sp_window *window, uint32_t pos)
{
    struct sp_origin_map map = {window_points(window),
                                WINDOW_COUNT(window->points, struct sp_origin)};
    return sp_origin_find(map, pos);
}

/* Bytes of the source. What follows may lie far behind: the last character ends where the next one
 * begins only if that is near, by the width of an encoding. */
static uint32_t window_length(const struct sp_window *window, const struct sp_match *match,
                              uint64_t begin)
{
    enum { WIDTH_MAX = 4 };
    uint64_t last = window_source(window, match->begin + match->len - 1);
    uint64_t end = window_source(window, match->begin + match->len);
    if (begin == SP_SIZE_UNKNOWN || last == SP_SIZE_UNKNOWN || last < begin)
        return match->len;
    bool near = end != SP_SIZE_UNKNOWN && end > last && end - last <= WIDTH_MAX;
    return (uint32_t)((near ? end : last + 1) - begin);
}

struct window_run {
    struct sp_window *window;
    const struct sp_text *text;
    size_t line_begin, line_end; /* the line of a log that was asked for last; equal: none */
    int64_t line_date;
    struct sp_canonical holder; /* of the match at hand */
};

/* The date of the line of a log around a place, from its beginning on, as far as the window holds
 * it. */
static int64_t window_line_date(struct window_run *run, size_t pos)
{
    const struct sp_text *text = run->text;
    size_t low = pos > WINDOW_LINE_LOOK ? pos - WINDOW_LINE_LOOK : 0;
    if (pos >= run->line_begin && pos < run->line_end && low <= run->line_begin)
        return run->line_date;
    const uint8_t *before = memrchr(text->data + low, '\n', pos - low);
    if (before == NULL && (low > 0 || !text->first))
        return INT64_MIN;
    size_t begin = before == NULL ? 0 : (size_t)(before + 1 - text->data);
    const uint8_t *end = memchr(text->data + begin, '\n', text->len - begin);
    size_t len = end == NULL ? text->len - begin : (size_t)(end - text->data) - begin;
    run->line_begin = begin;
    run->line_end = begin + len;
    run->line_date = sp_log_date((struct sp_slice){text->data + begin, len});
    return run->line_date;
}

/* Running text says whose a value is; in a table the row does. */
static bool window_has_holder(const struct sp_match *match, const struct sp_text_field *field)
{
    bool of_somebody = match->type == SP_TYPE_IBAN || match->type == SP_TYPE_EMAIL ||
                       match->type == SP_TYPE_PHONE || match->type == SP_TYPE_ADDRESS;
    return of_somebody && match->confidence >= SP_CONF_MEDIUM &&
           (field == NULL || (field->column == 0 && field->key.len == 0));
}

static enum sp_err window_match(void *ctx, const struct sp_match *match, struct sp_why *why)
{
    struct window_run *run = ctx;
    struct sp_window *window = run->window;
    const struct sp_text_record *record = sp_text_record_find(run->text, match->begin);
    const struct sp_text_field *field = sp_text_field_find(run->text, match->begin);
    size_t record_index = (size_t)(record - window_records(window));
    window_count_lines(window, match->begin, record, record_index, field);
    struct sp_located located = {
        .match = match,
        .at = window->before + window->base + match->begin,
        .record = &window_told(window)[record_index].told,
        .offset = window_source(window, match->begin),
        .line = window->line,
        .line_column = (uint32_t)(window->base + match->begin - window->line_begin + 1),
    };
    located.date_s = located.record->kind == SP_RECORD_LINE ? window_line_date(run, match->begin)
                                                            : located.record->date_s;
    located.length = window_length(window, match, located.offset);
    if (field != NULL) {
        located.key = field->key;
        located.part = field->part;
        located.column = field->column;
    }
    if (window_has_holder(match, field) &&
        sp_holder_find(run->text, match->begin, match->begin + match->len, &window->holders,
                       &run->holder))
        located.holder = &run->holder;
    return window->out(window->ctx, &located, why);
}

static enum sp_err window_limit(void *ctx, uint32_t begin, struct sp_why *why)
{
    const struct window_run *run = ctx;
    const struct sp_window *window = run->window;
    return window->unjudged(window->ctx, window_source(window, begin),
                            window->before + window->base + begin, why);
}

/* Matches what lies in [own_begin, own_end). */
static enum sp_err window_run(struct sp_window *window, size_t own_end, bool last,
                              struct sp_why *why)
{
    struct sp_text_near near = {0};
    struct sp_text text = {
        .data = window->text.data,
        .len = window->text.len,
        .own_begin = window->own_begin,
        .own_end = own_end,
        .first = window->base == 0,
        .last = last,
        .fields = window_fields(window),
        .field_count = WINDOW_COUNT(window->fields, struct sp_text_field),
        .records = window_records(window),
        .record_count = WINDOW_COUNT(window->records, struct sp_text_record),
        .columns = window->columns_state == COLUMNS_KNOWN ? &window->columns : NULL,
        .near = &near,
    };
    if (text.len == 0 || text.record_count == 0 || text.own_begin >= text.own_end)
        return SP_OK;
    text.kind = text.records[0].kind;
    struct window_run run = {.window = window, .text = &text};
    window->holders.from = window->holders.to = window->holders.count = 0;
    enum sp_err err = sp_matcher_run(window->matcher, &text, window_match, window_limit, &run, why);
    window->own_begin = own_end;
    return err;
}

/* ---- sliding ------------------------------------------------------------------------------- */
static void window_slide_fields(struct sp_window *window, size_t drop, size_t records_dropped)
{
    struct sp_text_field *fields = window_fields(window);
    size_t count = WINDOW_COUNT(window->fields, struct sp_text_field);
    size_t gone = 0;
    /* the open field stays, though it may be empty yet */
    while (gone < count && fields[gone].end <= drop && !(window->field_open && gone + 1 == count))
        gone++;
    sp_buf_drop_front(&window->fields, gone * sizeof *fields);
    for (size_t i = 0; i < count - gone; i++) {
        fields[i].line = fields[i].begin < drop ? 0 : fields[i].line; /* was counted on */
        fields[i].begin = fields[i].begin > drop ? fields[i].begin - (uint32_t)drop : 0;
        fields[i].end -= (uint32_t)(fields[i].end < drop ? fields[i].end : drop);
        fields[i].record -= (uint32_t)records_dropped;
    }
}

static size_t window_slide_records(struct sp_window *window, size_t drop)
{
    struct sp_text_record *records = window_records(window);
    size_t count = WINDOW_COUNT(window->records, struct sp_text_record);
    size_t gone = 0;
    while (gone + 1 < count && records[gone + 1].begin <= drop)
        gone++;
    sp_buf_drop_front(&window->records, gone * sizeof *records);
    sp_buf_drop_front(&window->told, gone * sizeof(struct window_record));
    for (size_t i = 0; i < count - gone; i++) {
        window_told(window)[i].begun_before |= records[i].begin < drop;
        records[i].begin = records[i].begin > drop ? records[i].begin - (uint32_t)drop : 0;
        records[i].end = records[i].end > drop ? records[i].end - (uint32_t)drop : 0;
    }
    return gone;
}

static void window_slide_points(struct sp_window *window, size_t drop)
{
    struct sp_origin *points = window_points(window);
    size_t count = WINDOW_COUNT(window->points, struct sp_origin);
    size_t gone = 0;
    while (gone + 1 < count && points[gone + 1].text_pos <= drop)
        gone++;
    sp_buf_drop_front(&window->points, gone * sizeof *points);
    for (size_t i = 0; i < count - gone; i++) {
        if (points[i].text_pos >= drop) {
            points[i].text_pos -= (uint32_t)drop;
        } else { /* the run that spans the new front */
            if (points[i].source_off != SP_SIZE_UNKNOWN)
                points[i].source_off += drop - points[i].text_pos;
            points[i].text_pos = 0;
        }
    }
}

/* Drops text that no later match needs for context. */
static void window_slide(struct sp_window *window)
{
    if (window->own_begin <= SP_WINDOW_MARGIN_BYTES)
        return;
    size_t drop = window->own_begin - SP_WINDOW_MARGIN_BYTES;
    while (drop > 0 && (window->text.data[drop] & 0xC0) == 0x80) /* not inside a character */
        drop--;
    const struct sp_text text = {.records = window_records(window),
                                 .record_count =
                                     WINDOW_COUNT(window->records, struct sp_text_record),
                                 .fields = window_fields(window),
                                 .field_count = WINDOW_COUNT(window->fields, struct sp_text_field)};
    if (text.record_count > 0 && window->base + drop > window->cursor) {
        const struct sp_text_record *record = sp_text_record_find(&text, drop);
        window_count_lines(window, drop, record, (size_t)(record - text.records),
                           sp_text_field_find(&text, drop));
    }
    size_t records_dropped = window_slide_records(window, drop);
    window_slide_fields(window, drop, records_dropped);
    window_slide_points(window, drop);
    sp_buf_drop_front(&window->text, drop);
    window->own_begin -= drop;
    window->base += drop;
}

/* The rows that a table waits for are here. */
static void window_infer(struct sp_window *window)
{
    const struct sp_text text = {
        .data = window->text.data,
        .len = window->text.len,
        .fields = window_fields(window),
        .field_count = WINDOW_COUNT(window->fields, struct sp_text_field),
    };
    sp_matcher_infer(window->matcher, &text, &window->columns);
    window->columns_state = COLUMNS_KNOWN;
}

static enum sp_err window_advance(struct sp_window *window, struct sp_why *why)
{
    if (window->columns_state == COLUMNS_WAIT) {
        if (window->text.len < WINDOW_COLUMNS_MAX)
            return SP_OK;
        window_infer(window);
    }
    if (window->text.len - window->own_begin < window->own_bytes + SP_WINDOW_MARGIN_BYTES)
        return SP_OK;
    enum sp_err err = window_run(window, window->text.len - SP_WINDOW_MARGIN_BYTES, false, why);
    window_slide(window);
    return err;
}

enum sp_err sp_window_finish(struct sp_window *window, struct sp_why *why)
{
    if (window->columns_state == COLUMNS_WAIT)
        window_infer(window);
    enum sp_err err = window_run(window, window->text.len, true, why);
    sp_window_discard(window);
    return err;
}

/* ---- what the sink tells ------------------------------------------------------------------- */
static enum sp_err window_separator(struct sp_window *window, uint8_t separator, struct sp_why *why)
{
    return sp_buf_append_byte(&window->text, separator, why);
}

static void window_close_field(struct sp_window *window)
{
    if (!window->field_open)
        return;
    size_t count = WINDOW_COUNT(window->fields, struct sp_text_field);
    window_fields(window)[count - 1].end = (uint32_t)window->text.len;
    window->field_open = false;
}

/* The pool is emptied only where no string of it is in use: at a record boundary, after all text
 * was matched. */
static enum sp_err window_bound_intern(struct sp_window *window, struct sp_why *why)
{
    return sp_intern_bytes(window->intern) < WINDOW_INTERN_MAX ? SP_OK
                                                               : sp_window_finish(window, why);
}

/* A row of a table begins: the first one makes the window wait for those behind it. */
static void window_row(struct sp_window *window, const struct sp_record *record)
{
    if (record->kind != SP_RECORD_ROW || record->table.len > 0)
        return;
    if (window->columns_state == COLUMNS_NONE && window->records.len == 0)
        window->columns_state = COLUMNS_WAIT;
    if (window->columns_state == COLUMNS_WAIT && window->columns_rows++ == SP_COLUMNS_ROWS)
        window_infer(window);
}

enum sp_err sp_window_record_begin(struct sp_window *window, const struct sp_record *record,
                                   struct sp_why *why)
{
    assert(!window->record_open);
    enum sp_err err = window_bound_intern(window, why);
    window_row(window, record);
    struct window_record told = {.told = *record};
    if (err == SP_OK)
        err = sp_intern_put(window->intern, record->table, &told.told.table, why);
    if (err == SP_OK)
        err = sp_intern_put(window->intern, record->pk, &told.told.pk, why);
    if (err == SP_OK)
        err = sp_intern_put(window->intern, record->message_id, &told.told.message_id, why);
    if (err == SP_OK && window->records.len > 0)
        err = window_separator(window, '\n', why);
    if (err != SP_OK)
        return err;
    struct sp_text_record entry = {.begin = (uint32_t)window->text.len,
                                   .end = (uint32_t)window->text.len,
                                   .ordinal = record->ordinal,
                                   .kind = record->kind,
                                   .table = told.told.table};
    err = sp_buf_append(&window->told, &told, sizeof told, why);
    if (err == SP_OK)
        err = sp_buf_append(&window->records, &entry, sizeof entry, why);
    window->record_open = err == SP_OK;
    return err;
}

enum sp_err sp_window_field(struct sp_window *window, const struct sp_field *field,
                            struct sp_why *why)
{
    assert(window->record_open);
    size_t records = WINDOW_COUNT(window->records, struct sp_text_record);
    const struct sp_text_record *record = &window_records(window)[records - 1];
    window_close_field(window);
    enum sp_err err = SP_OK;
    size_t fields = WINDOW_COUNT(window->fields, struct sp_text_field);
    bool first = fields == 0 || window_fields(window)[fields - 1].record + 1 < records;
    if (!first || window->text.len > record->begin)
        err = window_separator(window, SP_TEXT_FIELD_SEPARATOR, why);
    struct sp_text_field entry = {.begin = (uint32_t)window->text.len,
                                  .end = (uint32_t)window->text.len,
                                  .record = (uint32_t)(records - 1),
                                  .column = field->column,
                                  .line = field->line};
    bool room = sp_intern_bytes(window->intern) < WINDOW_INTERN_HARD; /* else fields go unnamed */
    if (err == SP_OK && room)
        err = sp_intern_put(window->intern, field->key, &entry.key, why);
    if (err == SP_OK && room)
        err = sp_intern_put(window->intern, field->part, &entry.part, why);
    if (err == SP_OK)
        err = sp_buf_append(&window->fields, &entry, sizeof entry, why);
    window->field_open = err == SP_OK;
    return err == SP_OK ? window_advance(window, why) : err;
}

/* Takes over the origins of a text that is about to stand at text.len. Runs that go on where the
 * last one ended need no point of their own. */
static enum sp_err window_add_points(struct sp_window *window, struct sp_origin_map map,
                                     struct sp_why *why)
{
    const struct sp_origin unknown = {0, SP_SIZE_UNKNOWN};
    if (map.count == 0)
        map = (struct sp_origin_map){&unknown, 1};
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < map.count; i++) {
        struct sp_origin point = {(uint32_t)(window->text.len + map.points[i].text_pos),
                                  map.points[i].source_off};
        size_t count = WINDOW_COUNT(window->points, struct sp_origin);
        const struct sp_origin *last = count == 0 ? NULL : &window_points(window)[count - 1];
        if (last != NULL && last->source_off != SP_SIZE_UNKNOWN &&
            point.source_off == last->source_off + (point.text_pos - last->text_pos))
            continue;
        err = sp_buf_append(&window->points, &point, sizeof point, why);
    }
    return err;
}

/* Colours of terminals stand between words of many logs: ESC '[' parameters letter. They become
 * blanks of the same length, so that no origin changes. From `from` on; a sequence may have begun
 * in the text before. */
static void window_blank_colours(struct sp_window *window, size_t from)
{
    uint8_t *text = window->text.data;
    size_t len = window->text.len;
    size_t at = from > WINDOW_ESCAPE_MAX ? from - WINDOW_ESCAPE_MAX : 0;
    at = at < window->own_begin ? window->own_begin : at; /* what was matched stays as it was */
    uint8_t *escape;
    while (at < len && (escape = memchr(text + at, 0x1B, len - at)) != NULL) {
        size_t begin = (size_t)(escape - text);
        size_t end = begin + 1;
        if (end < len && text[end] == '[')
            for (end++;
                 end < len && end - begin < WINDOW_ESCAPE_MAX &&
                 (text[end] == ';' || text[end] == '?' || (text[end] >= '0' && text[end] <= '9'));)
                end++;
        bool ended =
            end < len && end > begin + 1 && (text[end] | 0x20) >= 'a' && (text[end] | 0x20) <= 'z';
        if (ended)
            memset(text + begin, ' ', end + 1 - begin);
        at = ended ? end + 1 : begin + 1;
    }
}

enum sp_err sp_window_text(struct sp_window *window, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why)
{
    assert(window->record_open);
    size_t before = window->text.len;
    enum sp_err err = window_add_points(window, map, why);
    if (err == SP_OK)
        err = sp_buf_append(&window->text, utf8.ptr, utf8.len, why);
    if (err != SP_OK)
        return err;
    window_blank_colours(window, before);
    size_t records = WINDOW_COUNT(window->records, struct sp_text_record);
    window_records(window)[records - 1].end = (uint32_t)window->text.len;
    if (window->field_open) {
        size_t fields = WINDOW_COUNT(window->fields, struct sp_text_field);
        window_fields(window)[fields - 1].end = (uint32_t)window->text.len;
    }
    return window_advance(window, why);
}

enum sp_err sp_window_record_end(struct sp_window *window, struct sp_why *why)
{
    assert(window->record_open);
    window_close_field(window);
    window->record_open = false;
    return window_advance(window, why);
}

void sp_window_abort_record(struct sp_window *window)
{
    window_close_field(window);
    window->record_open = false;
}
