#include "extract/cells.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/charset.h"
#include "extract/base64_words.h"
#include "extract/entity.h"
#include "extract/escapes.h"
#include "extract/formats.h"
#include "extract/json_read.h"
#include "extract/markup.h"
#include "extract/number.h"
#include "extract/php_read.h"

#include <string.h>

enum {
    CELLS_DEPTH_MAX = 6,        /* one in the other */
    CELLS_NAMES_BYTES = 1 << 16 /* remembered from cell to cell */
};

/* One depth: the fields of what is open there. */
struct cells_level {
    struct sp_intern *names;
    struct sp_json_in json;
    struct sp_row row;
    struct sp_escapes escapes;
    uint8_t bytes[SP_FRAME_TEXT_MAX]; /* decoded base64 */
};

struct sp_cells {
    unsigned depth;
    struct sp_markup *markup;                    /* made when first needed */
    struct cells_level *levels[CELLS_DEPTH_MAX]; /* made when first needed */
};

enum cell_form {
    CELL_TEXT,
    CELL_JSON,
    CELL_PHP,
    CELL_BASE64,
    CELL_MARKUP,
    CELL_REFERENCES,
    CELL_NUMBER, /* in another spelling than that of a whole one */
    CELL_ESCAPES
};

enum sp_err sp_cells_new(struct sp_cells **out, struct sp_why *why)
{
    *out = sp_alloc_zero(sizeof **out);
    return *out != NULL ? SP_OK : sp_fail(why, SP_ERR_NOMEM, "no memory to open cells");
}

void sp_cells_free(struct sp_cells *cells)
{
    if (cells == NULL)
        return;
    for (unsigned i = 0; i < CELLS_DEPTH_MAX; i++) {
        struct cells_level *level = cells->levels[i];
        if (level == NULL)
            continue;
        sp_intern_free(level->names);
        sp_escapes_clear(&level->escapes);
        sp_free(level);
    }
    sp_markup_free(cells->markup);
    sp_free(cells);
}

/* ---- base64 -------------------------------------------------------------------------------- */
/* Of a JSON Web Token (RFC 7519) what it claims: header.claims.signature, each in base64. All else
 * as it is. */
static struct sp_slice token_claims(struct sp_slice text)
{
    const uint8_t *end = text.ptr + text.len;
    const uint8_t *claims = memchr(text.ptr, '.', text.len);
    if (text.len < 4 || memcmp(text.ptr, "eyJ", 3) != 0 || claims == NULL)
        return text;
    claims++;
    const uint8_t *dot = memchr(claims, '.', (size_t)(end - claims));
    return dot == NULL ? text : (struct sp_slice){claims, (size_t)(dot - claims)};
}

static bool looks_base64(struct sp_slice text)
{
    size_t letters = 0;
    if (text.len < SP_BASE64_WORD_MIN)
        return false;
    for (size_t i = 0; i < SP_BASE64_WORD_MIN; i++)
        letters += sp_base64_digit(text.ptr[i]) >= 0;
    return letters == SP_BASE64_WORD_MIN;
}

/* ---- character references ------------------------------------------------------------------ */
/* The reference at `at`, which is an `&`: its length with the `;`, or 0. */
static size_t reference_at(struct sp_slice text, size_t at, uint32_t *code)
{
    size_t most = text.len - at < SP_ENTITY_MAX ? text.len - at : SP_ENTITY_MAX;
    const uint8_t *end = memchr(text.ptr + at, ';', most);
    if (end == NULL)
        return 0;
    struct sp_slice entity = {text.ptr + at, (size_t)(end - (text.ptr + at))};
    return sp_entity_code(entity, code) ? entity.len + 1 : 0;
}

static bool looks_referenced(struct sp_slice text)
{
    uint32_t code;
    for (size_t at = 0; at < text.len; at++) {
        const uint8_t *amp = memchr(text.ptr + at, '&', text.len - at);
        if (amp == NULL)
            return false;
        at = (size_t)(amp - text.ptr);
        if (reference_at(text, at, &code) > 0)
            return true;
    }
    return false;
}

static enum sp_err references_push(struct cells_level *level, struct sp_slice text,
                                   struct sp_origin_map map, struct sp_why *why)
{
    struct sp_walk walk;
    size_t from = 0;
    enum sp_err err = sp_json_in_field(&level->json, true, why);
    sp_walk_init(&walk, text, map);
    for (size_t at = 0; err == SP_OK && at < text.len; at++) {
        uint32_t code = 0;
        uint8_t utf8[4];
        size_t len = text.ptr[at] == '&' ? reference_at(text, at, &code) : 0;
        if (len == 0)
            continue;
        err = sp_walk_append(&walk, &level->row, from, at, why);
        if (err == SP_OK && code != 0)
            err = sp_row_append(&level->row, utf8, sp_utf8_encode(code, utf8),
                                sp_walk_origin(&walk, at), why);
        from = at + len;
        at = from - 1;
    }
    return err == SP_OK ? sp_walk_append(&walk, &level->row, from, text.len, why) : err;
}

/* ---- HTML ---------------------------------------------------------------------------------- */
/* A tag: < with a letter or / behind it, and > somewhere. */
static bool looks_tagged(struct sp_slice text)
{
    const uint8_t *open = memchr(text.ptr, '<', text.len);
    while (open != NULL) {
        size_t left = text.len - (size_t)(open - text.ptr);
        uint8_t next = left > 1 ? open[1] : 0;
        bool tag = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' ||
                   next == '!';
        if (tag)
            return memchr(open, '>', left) != NULL;
        open = memchr(open + 1, '<', left - 1);
    }
    return false;
}

/* Whether its second reading may tell something: values over tags have a digit or an at-mark, names
 * in cells stand in a table, and Cloudflare says what it hides. A look at less than all of it. */
static bool markup_tells(struct sp_slice text)
{
    const uint8_t *at = text.ptr, *end = text.ptr + text.len;
    if (memchr(at, '@', text.len) != NULL || memmem(at, text.len, "<td", 3) != NULL ||
        memmem(at, text.len, "<TD", 3) != NULL || memmem(at, text.len, "cfemail", 7) != NULL ||
        memmem(at, text.len, "&commat", 7) != NULL ||
        memmem(at, text.len, "email-protection", 16) != NULL)
        return true;
    while (at < end) {
        const uint8_t *open = memchr(at, '<', (size_t)(end - at));
        for (const uint8_t *stop = open == NULL ? end : open; at < stop; at++) {
            if (*at >= '0' && *at <= '9')
                return true;
        }
        at = open == NULL ? end : memchr(open, '>', (size_t)(end - open));
        if (at == NULL)
            return false;
    }
    return false;
}

static enum sp_err markup_begin(void *ctx, uint64_t line, struct sp_why *why)
{
    struct cells_level *level = ctx;
    (void)line; /* of the cell */
    return sp_json_in_field(&level->json, true, why);
}

static enum sp_err piece_push(void *ctx, struct sp_slice utf8, struct sp_origin_map map,
                              uint64_t line, struct sp_why *why)
{
    struct cells_level *level = ctx;
    enum sp_err err = markup_begin(ctx, line, why);
    return err == SP_OK ? sp_row_text(&level->row, utf8, map, why) : err;
}

static enum sp_err markup_open(struct sp_cells *cells, struct cells_level *level,
                               struct sp_why *why)
{
    static const struct sp_markup_ops ops = {markup_begin, piece_push};
    level->row.cells_open = NULL; /* its text has tags again */
    if (cells->markup == NULL)
        return sp_markup_new(&level->row, &ops, level, &cells->markup, why);
    sp_markup_restart(cells->markup, &level->row, &ops, level);
    return SP_OK;
}

static enum sp_err markup_push(struct sp_cells *cells, struct cells_level *level,
                               struct sp_slice text, struct sp_origin_map map, struct sp_why *why)
{
    enum sp_err err = markup_open(cells, level, why);
    if (err == SP_OK)
        err = sp_markup_push(cells->markup, text, map, why);
    return err == SP_OK ? sp_markup_finish(cells->markup, why) : err;
}

/* ---- other spellings ------------------------------------------------------------------------ */
static enum sp_err escapes_push(struct cells_level *level, struct sp_slice text,
                                struct sp_origin_map map, struct sp_why *why)
{
    sp_escapes_again(&level->escapes);
    enum sp_err err = sp_escapes_push(&level->escapes, text, map, why);
    if (err == SP_OK)
        err = sp_escapes_end(&level->escapes, why);
    return err == SP_OK ? sp_escapes_give(&level->escapes, piece_push, level, why) : err;
}

/* 1.11222333E8 besides: 111222333. */
static enum sp_err number_push(struct cells_level *level, struct sp_slice text,
                               struct sp_origin_map map, struct sp_why *why)
{
    char room[SP_NUMBER_MAX];
    uint64_t off = map.count > 0 ? map.points[0].source_off : SP_SIZE_UNKNOWN;
    struct sp_slice whole = sp_number_whole(text, room);
    enum sp_err err = sp_json_in_field(&level->json, true, why);
    return err == SP_OK ? sp_row_append(&level->row, whole.ptr, whole.len, off, why) : err;
}

/* ---- one cell ------------------------------------------------------------------------------ */
/* What nothing is packed in may be written in another way. Escapes are read with words of base64,
 * and markup with both. */
static enum cell_form spelling_of(struct sp_slice text)
{
    bool escaped = sp_escapes_may(text);
    if (looks_tagged(text) && markup_tells(text))
        return CELL_MARKUP;
    if (looks_referenced(text))
        return escaped ? CELL_MARKUP : CELL_REFERENCES;
    if (escaped)
        return CELL_ESCAPES;
    char room[SP_NUMBER_MAX];
    return sp_number_whole(text, room).len > 0 ? CELL_NUMBER : CELL_TEXT;
}

static enum cell_form cell_form(struct sp_slice text)
{
    unsigned roots;
    bool whole;
    uint8_t first = text.ptr[0];
    if ((first == '{' || first == '[') && sp_json_looks(text.ptr, text.len, &roots, &whole) &&
        whole && roots == 1)
        return CELL_JSON;
    if (sp_php_looks(text))
        return CELL_PHP;
    return looks_base64(text) ? CELL_BASE64 : spelling_of(text);
}

static enum sp_err level_open(struct sp_cells *cells, struct sp_sink *sink,
                              const struct sp_row_cell *outer, struct sp_why *why)
{
    struct cells_level *level = cells->levels[cells->depth];
    if (level == NULL) {
        level = sp_alloc(sizeof *level);
        if (level == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory to open a cell");
        enum sp_err err = sp_intern_new(&level->names, why);
        if (err != SP_OK) {
            sp_free(level);
            return err;
        }
        sp_escapes_init(&level->escapes);
        cells->levels[cells->depth] = level;
    }
    if (sp_intern_bytes(level->names) > CELLS_NAMES_BYTES)
        sp_intern_reset(level->names);
    sp_row_init(&level->row, sink);
    sp_row_begin(&level->row);
    level->row.open = true; /* the record is the cell's, begun and ended by its owner */
    level->row.cells_open = cells;
    sp_json_in_init(&level->json, &level->row, level->names);
    level->json.within = true;
    level->json.cell = *outer;
    level->json.line = outer->line;
    return SP_OK;
}

static enum sp_err base64_push(struct cells_level *level, size_t len, struct sp_origin_map map,
                               struct sp_why *why)
{
    enum sp_err err = sp_json_in_field(&level->json, true, why);
    uint64_t off = map.count > 0 ? map.points[0].source_off : 0;
    if (err == SP_OK && sp_utf8_valid((struct sp_slice){level->bytes, len}))
        return sp_row_append(&level->row, level->bytes, len, off, why);
    for (size_t i = 0; err == SP_OK && i < len; i++) {
        uint8_t utf8[4];
        uint32_t code = level->bytes[i];
        if (sp_code_normalise(&code))
            err = sp_row_append(&level->row, utf8, sp_utf8_encode(code, utf8), off, why);
    }
    return err;
}

static enum sp_err level_read(struct sp_cells *cells, struct cells_level *level,
                              enum cell_form form, struct sp_slice text, struct sp_origin_map map,
                              bool *opened, struct sp_why *why)
{
    bool open;
    size_t len;
    enum sp_err err;
    *opened = true;
    switch (form) {
    case CELL_JSON:
        err = sp_json_in_text(&level->json, text, map, why);
        return err == SP_OK ? sp_json_in_end(&level->json, &open, why) : err;
    case CELL_PHP:
        return sp_php_read(&level->json, text, map, why);
    case CELL_MARKUP:
        return markup_push(cells, level, text, map, why);
    case CELL_REFERENCES:
        return references_push(level, text, map, why);
    case CELL_NUMBER:
        *opened = false;
        return number_push(level, text, map, why);
    case CELL_ESCAPES:
        *opened = false;
        return escapes_push(level, text, map, why);
    case CELL_BASE64:
        len = sp_base64_text(token_claims(text), level->bytes);
        if (len == 0) /* a long word */
            return level_read(cells, level, spelling_of(text), text, map, opened, why);
        *opened = false; /* by chance it may be a value as it stands */
        return base64_push(level, len, map, why);
    case CELL_TEXT:
        break;
    }
    *opened = false;
    return SP_OK;
}

enum sp_err sp_cells_push(struct sp_cells *cells, struct sp_sink *sink,
                          const struct sp_row_cell *outer, struct sp_slice text,
                          struct sp_origin_map map, bool *opened, struct sp_why *why)
{
    enum cell_form form = CELL_TEXT;
    *opened = false;
    if (cells->depth < CELLS_DEPTH_MAX)
        form = cell_form(text);
    if (form == CELL_TEXT)
        return SP_OK;
    enum sp_err err = level_open(cells, sink, outer, why);
    if (err != SP_OK)
        return err;
    struct cells_level *level = cells->levels[cells->depth++];
    err = level_read(cells, level, form, text, map, opened, why);
    if (err == SP_OK)
        err = sp_row_push(&level->row, why);
    cells->depth--;
    return err;
}

/* ---- a cell in pieces ------------------------------------------------------------------------ */
enum sp_err sp_cells_long_begin(struct sp_cells *cells, struct sp_sink *sink,
                                const struct sp_row_cell *outer, bool *begun, struct sp_why *why)
{
    *begun = false;
    if (cells->depth == CELLS_DEPTH_MAX)
        return SP_OK;
    enum sp_err err = level_open(cells, sink, outer, why);
    if (err == SP_OK)
        err = markup_open(cells, cells->levels[cells->depth], why);
    if (err != SP_OK)
        return err;
    cells->depth++;
    *begun = true;
    return SP_OK;
}

enum sp_err sp_cells_long_push(struct sp_cells *cells, struct sp_slice text,
                               struct sp_origin_map map, struct sp_why *why)
{
    return sp_markup_push(cells->markup, text, map, why);
}

enum sp_err sp_cells_long_end(struct sp_cells *cells, struct sp_why *why)
{
    enum sp_err err = sp_markup_finish(cells->markup, why);
    cells->depth--;
    struct sp_row *row = &cells->levels[cells->depth]->row;
    if (err == SP_OK)
        err = sp_row_push(row, why);
    return err == SP_OK && sp_markup_is_cut(cells->markup)
               ? sp_sink_unread_reason(row->sink, SP_REASON_LIMIT_MEMORY,
                                       "a cell: characters written as escapes, or words in base64",
                                       0, SP_SIZE_UNKNOWN, why)
               : err;
}

void sp_cells_long_drop(struct sp_cells *cells)
{
    cells->depth--;
}
