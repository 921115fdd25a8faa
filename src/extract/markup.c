#include "extract/markup.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "extract/cfemail.h"
#include "extract/entity.h"
#include "extract/escapes.h"
#include "extract/tail.h"

#include <string.h>
#include <strings.h>

enum {
    WAIT_BYTES_MAX = 4 * SP_FRAME_TEXT_MAX, /* of runs that wait, and of the one that is read */
    WAIT_POINTS_MAX = 16384,
    WAIT_RUNS_MAX = 1024,
    WAIT_ESCAPES_MAX = 1 << 20, /* bytes of escapes that wait */
    RUN_POINTS_MAX = 4096,      /* as many as a text may have on its way */
    RUN_ROOM = 64,              /* bytes that are left free at the end of a run */
    CARRY_POINTS = 512,         /* of what a run that was cut begins with */
    LINE_MAX_BYTES = 400,       /* a longer block is no line of an address and ends a run */
    TAG_NAME_MAX = 16           /* longer names are cut: no inline element has one */
};

enum markup_state {
    MARKUP_TEXT,
    MARKUP_OPEN, /* behind < */
    MARKUP_NAME, /* in the name of a tag */
    MARKUP_TAG,  /* behind it */
    MARKUP_COMMENT
};

/* Text without its tags: short blocks behind each other, as the lines of an address or the cells of
 * a row are, or one long block. */
struct run {
    size_t begin;    /* in wait_text */
    size_t len;      /* bytes */
    size_t point;    /* first in wait_points; their text_pos counts from begin */
    size_t points;   /* how many */
    uint64_t line;   /* where it starts; */
    uint64_t lines;  /* and the line ends in it; */
    bool line_known; /* false: those of the source are others */
    size_t block;    /* bytes before the block that is read */
    uint8_t joint;   /* stands between two blocks once there is text behind: '\n', in a row '\t'; 0:
                      * no block has ended */
    bool joined, celled; /* there are such in it: any, '\t' */
    bool blank;          /* white space waits for what follows it, */
    bool wraps;          /* with a line end in it, */
    uint64_t blank_off;  /* from this source byte on */
    bool wrapped;        /* such a line end stands in the text, as a blank */
    bool split;          /* an inline tag stands between two characters of it */
    bool tag_waits;      /* such a tag was met: what follows it is not known yet */
};

struct sp_markup {
    struct sp_row *row;
    const struct sp_markup_ops *ops;
    void *ctx;
    bool begun;    /* the row has a cell for the text that follows */
    uint64_t line; /* of the next byte */
    enum markup_state state;
    uint64_t open_off; /* source byte of the < */
    char name[TAG_NAME_MAX + 1];
    size_t name_len;
    unsigned dashes; /* in a comment: before the > that perhaps ends it */
    uint8_t entity[SP_ENTITY_MAX];
    uint64_t entity_off[SP_ENTITY_MAX];
    size_t entity_len; /* 0: no & is open */
    struct sp_cfemail email;
    struct sp_tail tail; /* of the text with its tags */
    struct run run;
    size_t wait_count;
    struct run wait[WAIT_RUNS_MAX];
    struct sp_origin wait_points[WAIT_POINTS_MAX];
    uint8_t wait_text[WAIT_BYTES_MAX];
    struct sp_escapes escapes;
};

/* ---- runs of blocks ----------------------------------------------------------------------- */
static void run_begin(struct sp_markup *markup)
{
    const struct run *last = markup->wait_count > 0 ? &markup->wait[markup->wait_count - 1] : NULL;
    markup->run = (struct run){.begin = last == NULL ? 0 : last->begin + last->len,
                               .point = last == NULL ? 0 : last->point + last->points};
}

static uint8_t *run_text(struct sp_markup *markup)
{
    return markup->wait_text + markup->run.begin;
}

static enum sp_err runs_flush(struct sp_markup *markup, struct sp_why *why)
{
    enum sp_err err = SP_OK;
    for (size_t i = 0; err == SP_OK && i < markup->wait_count; i++) {
        const struct run *run = &markup->wait[i];
        struct sp_origin_map map = {markup->wait_points + run->point, run->points};
        err = markup->ops->block(markup->ctx,
                                 (struct sp_slice){markup->wait_text + run->begin, run->len}, map,
                                 run->line_known ? run->line : SP_LINE_NONE, why);
    }
    markup->begun = markup->begun && markup->wait_count == 0 && markup->escapes.kept.len == 0;
    markup->wait_count = 0;
    run_begin(markup);
    return err == SP_OK ? sp_escapes_give(&markup->escapes, markup->ops->block, markup->ctx, why)
                        : err;
}

/* Whether it may hold a value that the text with its tags does not: one over a tag, a line end or
 * several blocks. Those have digits, but for names in the cells of a row. */
static bool run_tells(const struct sp_markup *markup)
{
    const struct run *run = &markup->run;
    const uint8_t *text = markup->wait_text + run->begin;
    bool digit = false;
    if (run->split || run->celled)
        return true;
    for (size_t i = 0; i < run->len && !digit && (run->joined || run->wrapped); i++)
        digit = text[i] >= '0' && text[i] <= '9';
    return digit;
}

/* A run ends: it waits when it tells something, else it is forgotten. */
static enum sp_err run_end(struct sp_markup *markup, struct sp_why *why)
{
    if (run_tells(markup))
        markup->wait[markup->wait_count++] = markup->run;
    run_begin(markup);
    bool full = markup->wait_count == WAIT_RUNS_MAX ||
                markup->escapes.kept.len > WAIT_ESCAPES_MAX ||
                WAIT_BYTES_MAX - markup->run.begin < SP_FRAME_TEXT_MAX ||
                WAIT_POINTS_MAX - markup->run.point < RUN_POINTS_MAX;
    return full ? runs_flush(markup, why) : SP_OK;
}

/* A block ends; the next one goes on in the same run, unless this one was too long. */
static enum sp_err block_end(struct sp_markup *markup, uint8_t joint, struct sp_why *why)
{
    struct run *run = &markup->run;
    if (run->len - run->block > LINE_MAX_BYTES)
        return run_end(markup, why);
    run->block = run->len;
    run->tag_waits = false;
    if (run->len > 0 && run->joint != '\n')
        run->joint = joint;
    return SP_OK;
}

/* What may stand on both sides of a blank within a value: NL91 <b>ABNA</b> 0417, 06 <i>1234</i>. */
static bool byte_groups(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z');
}

static void run_put(struct sp_markup *markup, const uint8_t *bytes, size_t len, uint64_t off)
{
    struct run *run = &markup->run;
    struct sp_origin *points = markup->wait_points + run->point;
    const struct sp_origin *last = run->points > 0 ? &points[run->points - 1] : NULL;
    if (last == NULL || last->source_off + (run->len - last->text_pos) != off)
        points[run->points++] = (struct sp_origin){(uint32_t)run->len, off};
    memcpy(run_text(markup) + run->len, bytes, len);
    run->len += len;
}

/* What stands between the text so far and a word: the end of a block, or a blank. */
static void run_between(struct sp_markup *markup, uint8_t first, uint64_t off)
{
    struct run *run = &markup->run;
    if (run->tag_waits)
        run->split = run->split || !run->blank ||
                     (byte_groups(run_text(markup)[run->len - 1]) && byte_groups(first));
    run->tag_waits = false;
    if (run->joint != 0) {
        run->joined = true;
        run->celled = run->celled || run->joint == '\t';
        run_put(markup, &run->joint, 1, off);
        run->block = run->len;
        run->lines += run->joint == '\n';
    } else if (run->blank) {
        run->wrapped = run->wrapped || run->wraps;
        run_put(markup, (const uint8_t *)" ", 1, run->blank_off);
    }
    run->line_known = run->line_known && markup->line == run->line + run->lines;
    run->joint = 0;
    run->blank = run->wraps = false;
}

/* The run is full: another one goes on, and begins with its end, as a value may stand there. */
static enum sp_err run_cut(struct sp_markup *markup, struct sp_why *why)
{
    uint8_t text[SP_TAIL_BYTES];
    struct sp_origin points[CARRY_POINTS];
    const struct run old = markup->run;
    struct sp_origin_map map = {markup->wait_points + old.point, old.points};
    size_t from = old.len > SP_TAIL_BYTES ? old.len - SP_TAIL_BYTES : 0;
    if (old.points > CARRY_POINTS && map.points[old.points - CARRY_POINTS].text_pos > from)
        from = map.points[old.points - CARRY_POINTS].text_pos;
    from = sp_tail_begin((struct sp_slice){run_text(markup), old.len}, from);
    size_t len = old.len - from;
    if (len > 0)
        memcpy(text, run_text(markup) + from, len);
    size_t count = len == 0 ? 0 : sp_origin_cut(map, (uint32_t)from, points);
    enum sp_err err = run_end(markup, why);
    struct run *run = &markup->run;
    const size_t begin = run->begin, point = run->point;
    *run = old;
    run->begin = begin;
    run->point = point;
    run->len = len;
    run->points = count;
    run->block = old.block > from ? old.block - from : 0;
    run->lines = 0;
    for (size_t i = 0; i < len; i++)
        run->lines += text[i] == '\n';
    run->line = old.line + old.lines - run->lines;
    memcpy(run_text(markup), text, len);
    memcpy(markup->wait_points + point, points, count * sizeof points[0]);
    return err;
}

/* Text of which no byte is white space, one to one from source byte `off` on. */
static enum sp_err run_word(struct sp_markup *markup, struct sp_slice word, uint64_t off,
                            struct sp_why *why)
{
    enum sp_err err = SP_OK;
    if (word.len + RUN_ROOM > SP_FRAME_TEXT_MAX - markup->run.len ||
        markup->run.points + 3 > RUN_POINTS_MAX)
        err = run_cut(markup, why);
    if (markup->run.len == 0) {
        markup->run.line = markup->line;
        markup->run.line_known = true;
        markup->run.blank = markup->run.wraps = false;
    } else {
        run_between(markup, word.ptr[0], off);
    }
    run_put(markup, word.ptr, word.len, off);
    return err;
}

/* `count` bytes behind `off`, if that is known. */
static uint64_t off_add(uint64_t off, size_t count)
{
    return off == SP_SIZE_UNKNOWN ? off : off + count;
}

/* Text outside tags: white space becomes one blank. */
static enum sp_err run_append(struct sp_markup *markup, struct sp_slice text, uint64_t off,
                              struct sp_why *why)
{
    struct run *run = &markup->run;
    enum sp_err err = SP_OK;
    for (size_t pos = 0; err == SP_OK && pos < text.len;) {
        size_t end = pos;
        while (end < text.len && text.ptr[end] > ' ')
            end++;
        size_t take = end - pos < SP_FRAME_TEXT_MAX / 2 ? end - pos : SP_FRAME_TEXT_MAX / 2;
        while (take < end - pos && take > 0 && (text.ptr[pos + take] & 0xC0) == 0x80)
            take--;
        if (take > 0)
            err = run_word(markup, (struct sp_slice){text.ptr + pos, take}, off_add(off, pos), why);
        for (pos += take; take == 0 && pos < text.len && text.ptr[pos] <= ' '; pos++) {
            run->blank_off = run->blank ? run->blank_off : off_add(off, pos);
            run->blank = true;
            run->wraps = run->wraps || text.ptr[pos] == '\n';
            markup->line += text.ptr[pos] == '\n';
        }
    }
    return err;
}

/* ---- tags -------------------------------------------------------------------------------- */
static bool name_in(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcasecmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* Elements that stand within a line of text; all others end a block. A word processor puts a
 * run of its own round any part of a word: w:r and w:t, and what describes them. */
static bool name_is_inline(const char *name)
{
    static const char *const inlines[] = {
        "a",   "abbr", "acronym", "b",     "bdi",     "bdo",  "big", "cite",      "code",
        "del", "dfn",  "em",      "font",  "i",       "ins",  "kbd", "label",     "mark",
        "q",   "nobr", "s",       "samp",  "small",   "span", "sub", "strike",    "strong",
        "sup", "time", "tt",      "tspan", "u",       "var",  "wbr", "text:span", "!--",
        "a:r", "a:t",  "a:rPr",   "data",  "a:latin", NULL};
    static const char *const word_blocks[] = {"w:p",   "w:tc", "w:tr", "w:tbl",
                                              "w:tab", "w:br", "w:cr", NULL};
    bool word = strncasecmp(name, "w:", 2) == 0;
    return word ? !name_in(name, word_blocks) : name_in(name, inlines);
}

/* Cells stand side by side in a row. */
static bool name_is_cell(const char *name)
{
    static const char *const cells[] = {"td", "th", "w:tc", "table:table-cell", NULL};
    return name_in(name, cells);
}

static enum sp_err tag_end(struct sp_markup *markup, struct sp_why *why)
{
    markup->state = MARKUP_TEXT;
    markup->name[markup->name_len] = '\0';
    if (!name_is_inline(markup->name))
        return block_end(markup, name_is_cell(markup->name) ? '\t' : '\n', why);
    markup->run.tag_waits = markup->run.len > 0 && markup->run.joint == 0;
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
    return run_append(markup, sp_slice_of("<"), markup->open_off, why);
}

static enum sp_err name_read(struct sp_markup *markup, uint8_t byte, struct sp_why *why)
{
    if (byte == '>')
        return tag_end(markup, why);
    if (byte <= ' ' || byte == '/') {
        markup->state = MARKUP_TAG;
        return SP_OK;
    }
    if (markup->name_len < TAG_NAME_MAX)
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
    if (!markup->begun) {
        struct sp_tail_text tail;
        sp_tail_read(&markup->tail, &tail);
        err = markup->ops->text_begin(markup->ctx, markup->line - tail.lines, why);
        if (err == SP_OK)
            err = sp_row_text(markup->row, tail.text, tail.map, why);
    }
    markup->begun = true;
    sp_tail_add(&markup->tail, text, off);
    return err == SP_OK ? sp_row_append(markup->row, text.ptr, text.len, off, why) : err;
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
        err = run_append(markup, (struct sp_slice){text.ptr + *pos, end - *pos}, off_add(off, *pos),
                         why);
    *pos = end;
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
        err = run_append(markup, sp_slice_of("<"), markup->open_off, why);
    }
    if (err == SP_OK)
        err = row_append(markup, text, markup->entity_off[0], why);
    if (err == SP_OK && markup->state == MARKUP_TEXT)
        err = run_append(markup, text, markup->entity_off[0], why);
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
    if (err == SP_OK && markup->escapes.kept.len > WAIT_ESCAPES_MAX)
        err = run_cut(markup, why); /* as no run may end, in a long tag */
    return err;
}

/* ---- life -------------------------------------------------------------------------------- */
enum sp_err sp_markup_new(struct sp_row *row, const struct sp_markup_ops *ops, void *ctx,
                          struct sp_markup **out, struct sp_why *why)
{
    struct sp_markup *markup = sp_alloc(sizeof *markup);
    if (markup == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory to read markup");
    sp_escapes_init(&markup->escapes);
    sp_markup_restart(markup, row, ops, ctx);
    *out = markup;
    return SP_OK;
}

void sp_markup_restart(struct sp_markup *markup, struct sp_row *row,
                       const struct sp_markup_ops *ops, void *ctx)
{
    memset(markup, 0, offsetof(struct sp_markup, wait));
    sp_escapes_again(&markup->escapes);
    markup->row = row;
    markup->ops = ops;
    markup->ctx = ctx;
    markup->line = 1;
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
        err = run_end(markup, why);
    if (err == SP_OK)
        err = sp_escapes_end(&markup->escapes, why);
    return err == SP_OK ? runs_flush(markup, why) : err;
}

bool sp_markup_is_cut(const struct sp_markup *markup)
{
    return markup->escapes.overfull;
}

void sp_markup_free(struct sp_markup *markup)
{
    if (markup != NULL)
        sp_escapes_clear(&markup->escapes);
    sp_free(markup);
}
