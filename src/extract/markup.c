#include "extract/markup.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "extract/cfemail.h"
#include "extract/entity.h"
#include "extract/escapes.h"
#include "extract/markup_look.h"

#include <string.h>
#include <strings.h>

enum {
    WAIT_BYTES_MAX = 4 * SP_FRAME_TEXT_MAX, /* of blocks that wait, and of the one that is read */
    WAIT_POINTS_MAX = 16384,
    WAIT_BLOCKS_MAX = 1024,
    WAIT_ESCAPES_MAX = 1 << 20, /* bytes of escapes that wait */
    BLOCK_POINTS_MAX = 4096     /* as many as a text may have on its way */
};

enum markup_state {
    MARKUP_TEXT,
    MARKUP_OPEN, /* behind < */
    MARKUP_NAME, /* in the name of a tag */
    MARKUP_TAG,  /* behind it */
    MARKUP_COMMENT
};

/* Text of a block, without its tags. */
struct block {
    size_t begin;    /* in wait_text */
    size_t len;      /* bytes */
    size_t point;    /* first in wait_points; their text_pos counts from begin */
    size_t points;   /* how many */
    uint64_t line;   /* where it starts */
    bool split;      /* an inline tag stands between two characters of it */
    bool tag_waits;  /* such a tag was met: what follows it is not known yet */
    bool line_waits; /* the same of a line end */
};

struct sp_markup {
    struct sp_row *row;
    const struct sp_markup_ops *ops;
    void *ctx;
    bool begun;    /* the row has a cell for the text that follows */
    uint64_t line; /* of the next byte */
    enum markup_state state;
    uint64_t open_off; /* source byte of the < */
    char name[SP_MARKUP_NAME_MAX + 1];
    size_t name_len;
    unsigned dashes; /* in a comment: before the > that perhaps ends it */
    uint8_t entity[SP_ENTITY_MAX];
    uint64_t entity_off[SP_ENTITY_MAX];
    size_t entity_len; /* 0: no & is open */
    struct sp_cfemail email;
    struct block block;
    size_t wait_count;
    struct block wait[WAIT_BLOCKS_MAX];
    struct sp_origin wait_points[WAIT_POINTS_MAX];
    uint8_t wait_text[WAIT_BYTES_MAX];
    struct sp_escapes escapes;
};

/* ---- blocks ------------------------------------------------------------------------------ */
static void block_begin(struct sp_markup *markup)
{
    const struct block *last =
        markup->wait_count > 0 ? &markup->wait[markup->wait_count - 1] : NULL;
    markup->block = (struct block){.begin = last == NULL ? 0 : last->begin + last->len,
                                   .point = last == NULL ? 0 : last->point + last->points};
}

static enum sp_err blocks_flush(struct sp_markup *markup, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < markup->wait_count; i++) {
        const struct block *block = &markup->wait[i];
        struct sp_origin_map map = {markup->wait_points + block->point, block->points};
        err = markup->ops->block(markup->ctx,
                                 (struct sp_slice){markup->wait_text + block->begin, block->len},
                                 map, block->line, why);
    }
    markup->begun = markup->begun && markup->wait_count == 0 && markup->escapes.kept.len == 0;
    markup->wait_count = 0;
    block_begin(markup);
    return err == SP_OK ? sp_escapes_give(&markup->escapes, markup->ops->block, markup->ctx, why)
                        : err;
}

/* A block ends: it waits when a value in it may be split, else it is forgotten. */
static enum sp_err block_end(struct sp_markup *markup, struct sp_why *why)
{
    const struct block *block = &markup->block;
    if (block->split)
        markup->wait[markup->wait_count++] = *block;
    block_begin(markup);
    bool full = markup->wait_count == WAIT_BLOCKS_MAX ||
                markup->escapes.kept.len > WAIT_ESCAPES_MAX ||
                WAIT_BYTES_MAX - markup->block.begin < SP_FRAME_TEXT_MAX ||
                WAIT_POINTS_MAX - markup->block.point < BLOCK_POINTS_MAX;
    return full ? blocks_flush(markup, why) : SP_OK;
}

static bool text_is_blank(struct sp_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] > ' ')
            return false;
    return true;
}

/* What may stand on both sides of a blank within a value: NL91 <b>ABNA</b> 0417, 06 <i>1234</i>. */
static bool byte_groups(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
}

/* Whether a tag between the block's text and this one may split a value. */
static bool block_joins(const struct sp_markup *markup, struct sp_slice text)
{
    const uint8_t *before = markup->wait_text + markup->block.begin;
    size_t end = markup->block.len;
    size_t next = 0;
    while (end > 0 && before[end - 1] <= ' ')
        end--;
    while (next < text.len && text.ptr[next] <= ' ')
        next++;
    if (end == 0 || next == text.len)
        return false;
    bool blank = end < markup->block.len || next > 0;
    return !blank || (byte_groups(before[end - 1]) && byte_groups(text.ptr[next]));
}

static enum sp_err block_run(struct sp_markup *markup, struct sp_slice text, uint64_t off,
                             struct sp_why *why)
{
    enum sp_err err = SP_OK;
    struct block *block = &markup->block;
    if (text.len > SP_FRAME_TEXT_MAX - block->len || block->points == BLOCK_POINTS_MAX)
        err = block_end(markup, why);
    if (block->len == 0)
        block->line = markup->line;
    block->split = block->split || (block->tag_waits && block_joins(markup, text));
    block->tag_waits = block->tag_waits && text_is_blank(text);
    struct sp_origin *points = markup->wait_points + block->point;
    const struct sp_origin *last = block->points > 0 ? &points[block->points - 1] : NULL;
    if (last == NULL || last->source_off + (block->len - last->text_pos) != off)
        points[block->points++] = (struct sp_origin){(uint32_t)block->len, off};
    memcpy(markup->wait_text + block->begin + block->len, text.ptr, text.len);
    block->len += text.len;
    return err;
}

static size_t blank_tail(struct sp_slice text)
{
    size_t end = text.len;
    while (end > 0 && text.ptr[end - 1] <= ' ')
        end--;
    return text.len - end;
}

static bool byte_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* A line end within a value that has groups: 06 1234<line end>5678. */
static bool line_joins(const struct sp_markup *markup, uint8_t next)
{
    const uint8_t *text = markup->wait_text + markup->block.begin;
    size_t end = markup->block.len - blank_tail((struct sp_slice){text, markup->block.len});
    return end > 0 && byte_groups(text[end - 1]) && byte_groups(next) &&
           (byte_is_digit(text[end - 1]) || byte_is_digit(next));
}

/* The blanks at the end of the block, a line end among them, become one. */
static enum sp_err line_join(struct sp_markup *markup, uint64_t off, struct sp_why *why)
{
    struct block *block = &markup->block;
    const struct sp_origin *points = markup->wait_points + block->point;
    block->len -= blank_tail((struct sp_slice){markup->wait_text + block->begin, block->len});
    while (block->points > 0 && points[block->points - 1].text_pos >= block->len)
        block->points--;
    block->split = true;
    return block_run(markup, sp_slice_of(" "), off, why);
}

/* Up to behind the next line end and the blanks that follow it; the blanks only, behind one. */
static size_t line_len(struct sp_slice text, bool behind)
{
    const uint8_t *newline = memchr(text.ptr, '\n', text.len);
    size_t len = newline == NULL ? text.len : (size_t)(newline - text.ptr);
    if (behind && text.ptr[0] <= ' ')
        len = 0;
    while (len < text.len && text.ptr[len] <= ' ')
        len++;
    return len;
}

static enum sp_err block_append(struct sp_markup *markup, struct sp_slice text, uint64_t off,
                                struct sp_why *why)
{
    enum sp_err err = SP_OK;
    while (err == SP_OK && text.len > 0) {
        size_t len = line_len(text, markup->block.line_waits);
        if (markup->block.line_waits && text.ptr[0] > ' ') {
            if (line_joins(markup, text.ptr[0]))
                err = line_join(markup, off, why);
            markup->block.line_waits = false;
        }
        if (err == SP_OK)
            err = block_run(markup, (struct sp_slice){text.ptr, len}, off, why);
        markup->block.line_waits = markup->block.line_waits || memchr(text.ptr, '\n', len) != NULL;
        text = (struct sp_slice){text.ptr + len, text.len - len};
        off = off == SP_SIZE_UNKNOWN ? off : off + len;
    }
    return err;
}

/* ---- tags -------------------------------------------------------------------------------- */
static enum sp_err tag_end(struct sp_markup *markup, struct sp_why *why)
{
    markup->state = MARKUP_TEXT;
    markup->name[markup->name_len] = '\0';
    if (!sp_markup_is_inline(markup->name))
        return block_end(markup, why);
    markup->block.tag_waits = markup->block.len > 0;
    return SP_OK;
}

static bool name_is(const struct sp_markup *markup, const char *name)
{
    return markup->name_len == strlen(name) && memcmp(markup->name, name, markup->name_len) == 0;
}

/* The byte behind <: a tag, or a sign that means less. */
static enum sp_err open_read(struct sp_markup *markup, uint8_t byte, struct sp_why *why)
{
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    if (letter || byte == '/' || byte == '!' || byte == '?') {
        markup->state = MARKUP_NAME;
        markup->name_len = 0;
        if (byte != '/')
            markup->name[markup->name_len++] = (char)byte;
        return SP_OK;
    }
    markup->state = MARKUP_TEXT;
    return block_append(markup, sp_slice_of("<"), markup->open_off, why);
}

static enum sp_err name_read(struct sp_markup *markup, uint8_t byte, struct sp_why *why)
{
    if (byte == '>')
        return tag_end(markup, why);
    if (byte <= ' ' || byte == '/') {
        markup->state = MARKUP_TAG;
        return SP_OK;
    }
    if (markup->name_len < SP_MARKUP_NAME_MAX)
        markup->name[markup->name_len++] = (char)byte;
    if (name_is(markup, "!--")) {
        markup->state = MARKUP_COMMENT;
        markup->dashes = 0;
    }
    return name_is(markup, "![CDATA[") ? tag_end(markup, why) : SP_OK;
}

/* A byte of a tag that is in the row already. */
static enum sp_err tag_read(struct sp_markup *markup, uint8_t byte, struct sp_why *why)
{
    switch (markup->state) {
    case MARKUP_TEXT:
        break;
    case MARKUP_OPEN:
        return open_read(markup, byte, why);
    case MARKUP_NAME:
        return name_read(markup, byte, why);
    case MARKUP_TAG:
        if (sp_cfemail_take(&markup->email, byte))
            return sp_escapes_add(&markup->escapes,
                                  (struct sp_slice){markup->email.bytes + 1, markup->email.len - 1},
                                  markup->open_off, markup->line, why);
        return byte == '>' ? tag_end(markup, why) : SP_OK;
    case MARKUP_COMMENT:
        if (byte == '>' && markup->dashes >= 2)
            return tag_end(markup, why);
        markup->dashes = byte == '-' ? markup->dashes + 1 : 0;
        break;
    }
    return SP_OK;
}

/* ---- characters -------------------------------------------------------------------------- */
static enum sp_err row_append(struct sp_markup *markup, struct sp_slice text, uint64_t off,
                              struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (!markup->begun)
        err = markup->ops->text_begin(markup->ctx, markup->line, why);
    markup->begun = true;
    return err == SP_OK ? sp_row_append(markup->row, text.ptr, text.len, off, why) : err;
}

/* `count` bytes behind `off`, if that is known. */
static uint64_t off_add(uint64_t off, size_t count)
{
    return off == SP_SIZE_UNKNOWN ? off : off + count;
}

static uint64_t walk_off(struct sp_walk *walk, size_t pos)
{
    return walk->map.count == 0 ? SP_SIZE_UNKNOWN : sp_walk_origin(walk, pos);
}

/* What begins at pos, in state MARKUP_TEXT: text up to a <, and the <. */
static enum sp_err plain_take(struct sp_markup *markup, struct sp_slice text, size_t *pos,
                              uint64_t off, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    const uint8_t *open = memchr(text.ptr + *pos, '<', text.len - *pos);
    size_t end = open == NULL ? text.len : (size_t)(open - text.ptr);
    if (end > *pos)
        err = block_append(markup, (struct sp_slice){text.ptr + *pos, end - *pos},
                           off_add(off, *pos), why);
    for (; *pos < end; ++*pos)
        markup->line += text.ptr[*pos] == '\n';
    if (open != NULL) {
        markup->state = MARKUP_OPEN;
        markup->open_off = off_add(off, (*pos)++);
    }
    return err;
}

/* Text outside and inside tags, one to one from source byte `off` on; not cut in a character. */
static enum sp_err text_take(struct sp_markup *markup, struct sp_slice text, uint64_t off,
                             struct sp_why *why)
{
    enum sp_err err = row_append(markup, text, off, why);
    for (size_t pos = 0; err == SP_OK && pos < text.len;) {
        if (markup->state == MARKUP_TEXT) {
            err = plain_take(markup, text, &pos, off, why);
            continue;
        }
        enum markup_state before = markup->state;
        err = tag_read(markup, text.ptr[pos], why);
        if (before != MARKUP_OPEN || markup->state != MARKUP_TEXT) /* else it is text too */
            markup->line += text.ptr[pos++] == '\n';
    }
    return err;
}

/* A character that an entity stands for: no < of it begins a tag. */
static enum sp_err code_take(struct sp_markup *markup, uint32_t code, struct sp_why *why)
{
    uint8_t utf8[4];
    struct sp_slice text = {utf8, sp_utf8_encode(code, utf8)};
    enum sp_err err = SP_OK;
    if (markup->state == MARKUP_OPEN) { /* "<&" was no tag */
        markup->state = MARKUP_TEXT;
        err = block_append(markup, sp_slice_of("<"), markup->open_off, why);
    }
    if (err == SP_OK)
        err = row_append(markup, text, markup->entity_off[0], why);
    if (err == SP_OK && markup->state == MARKUP_TEXT)
        err = block_append(markup, text, markup->entity_off[0], why);
    return err;
}

/* What is held is no entity. */
static enum sp_err entity_literal(struct sp_markup *markup, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < markup->entity_len; i++)
        err =
            text_take(markup, (struct sp_slice){&markup->entity[i], 1}, markup->entity_off[i], why);
    markup->entity_len = 0;
    return err;
}

/* What is held ends here. An & that was written as &amp; may begin another one: feeds and dumps
 * hold HTML that was escaped once more. */
static enum sp_err entity_end(struct sp_markup *markup, bool *known, struct sp_why *why)
{
    uint32_t code;
    *known = sp_entity_code((struct sp_slice){markup->entity, markup->entity_len}, &code);
    if (!*known)
        return entity_literal(markup, why);
    if (code == '&') {
        markup->entity_len = 1;
        return SP_OK;
    }
    markup->entity_len = 0;
    return code == 0 ? SP_OK : code_take(markup, code, why);
}

/* The byte at *pos, while an & is open. */
static enum sp_err entity_read(struct sp_markup *markup, struct sp_walk *walk, size_t *pos,
                               struct sp_why *why)
{
    bool known;
    uint8_t byte = walk->text.ptr[*pos];
    struct sp_slice held = {markup->entity, markup->entity_len};
    bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9');
    if (byte == ';') {
        enum sp_err err = entity_end(markup, &known, why);
        *pos += known ? 1 : 0;
        return err;
    }
    if (sp_entity_number_ends(held, byte))
        return entity_end(markup, &known, why);
    if (!(letter || (byte == '#' && held.len == 1)) || held.len == SP_ENTITY_MAX)
        return entity_literal(markup, why);
    markup->entity[markup->entity_len] = byte;
    markup->entity_off[markup->entity_len++] = walk_off(walk, *pos);
    ++*pos;
    return SP_OK;
}

enum sp_err sp_markup_push(struct sp_markup *markup, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why)
{
    struct sp_walk walk;
    enum sp_err err = SP_OK;
    sp_walk_init(&walk, utf8, map);
    err = sp_escapes_push(&markup->escapes, utf8, map, why);
    for (size_t pos = 0; err == SP_OK && pos < utf8.len;) {
        if (markup->entity_len > 0) {
            err = entity_read(markup, &walk, &pos, why);
            continue;
        }
        uint64_t off = walk_off(&walk, pos);
        if (utf8.ptr[pos] == '&') {
            markup->entity[0] = '&';
            markup->entity_off[0] = off;
            markup->entity_len = 1;
            pos++;
            continue;
        }
        const uint8_t *amp = memchr(utf8.ptr + pos, '&', utf8.len - pos);
        size_t end = amp == NULL ? utf8.len : (size_t)(amp - utf8.ptr);
        if (walk.point + 1 < map.count && map.points[walk.point + 1].text_pos < end)
            end = map.points[walk.point + 1].text_pos;
        err = text_take(markup, (struct sp_slice){utf8.ptr + pos, end - pos}, off, why);
        pos = end;
    }
    return err;
}

/* ---- life -------------------------------------------------------------------------------- */
static void markup_begin(struct sp_markup *markup, struct sp_row *row,
                         const struct sp_markup_ops *ops, void *ctx)
{
    memset(markup, 0, offsetof(struct sp_markup, wait));
    markup->row = row;
    markup->ops = ops;
    markup->ctx = ctx;
    markup->line = 1;
}

enum sp_err sp_markup_new(struct sp_row *row, const struct sp_markup_ops *ops, void *ctx,
                          struct sp_markup **out, struct sp_why *why)
{
    struct sp_markup *markup = sp_alloc(sizeof *markup);
    if (markup == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read markup");
    sp_escapes_init(&markup->escapes);
    markup_begin(markup, row, ops, ctx);
    *out = markup;
    return SP_OK;
}

void sp_markup_again(struct sp_markup *markup)
{
    struct sp_row *row = markup->row;
    const struct sp_markup_ops *ops = markup->ops;
    void *ctx = markup->ctx;
    sp_escapes_again(&markup->escapes);
    markup->escapes.whole = true;
    markup_begin(markup, row, ops, ctx);
}

bool sp_markup_is_cut(const struct sp_markup *markup)
{
    return markup->escapes.overfull;
}

enum sp_err sp_markup_finish(struct sp_markup *markup, struct sp_why *why)
{
    bool known;
    enum sp_err err = SP_OK;
    while (err == SP_OK && markup->entity_len > 1)
        err = entity_end(markup, &known, why);
    if (err == SP_OK)
        err = entity_literal(markup, why);
    if (err == SP_OK)
        err = block_end(markup, why);
    return err == SP_OK ? blocks_flush(markup, why) : err;
}

void sp_markup_free(struct sp_markup *markup)
{
    if (markup != NULL)
        sp_escapes_clear(&markup->escapes);
    sp_free(markup);
}
