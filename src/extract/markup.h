/* Reads the text of HTML and XML: entities become characters, tags stay as they are, for their
 * attributes hold values too. Where a value may go over tags (06-<b>1234</b>5678, the lines of an
 * address with <br> between, the cells of a row), the text is given once more as it is shown:
 * without tags, white space as one blank, blocks as lines, cells with a tab between. So is what
 * scripts write as escapes, and what Cloudflare hides. */
#ifndef SP_EXTRACT_MARKUP_H
#define SP_EXTRACT_MARKUP_H

#include "extract/row.h"

struct sp_markup;

/* Where the text goes. */
struct sp_markup_ops {
    /* Text follows for a cell of the row: begin one, and its record when there is none. Called
     * before the first text and before text that comes after blocks. `line` is where it starts. */
    enum sp_err (*text_begin)(void *ctx, uint64_t line, struct sp_why *why);
    /* Text without tags: at most SP_FRAME_TEXT_MAX bytes, with origins; `line` is SP_LINE_NONE
     * where its line ends are not those of the source. Called by sp_markup_finish, and before that
     * whenever many wait. */
    enum sp_err (*block)(void *ctx, struct sp_slice utf8, struct sp_origin_map map, uint64_t line,
                         struct sp_why *why);
};

/* ops, ctx and the row are borrowed; lines are counted from 1. */
enum sp_err sp_markup_new(struct sp_row *row, const struct sp_markup_ops *ops, void *ctx,
                          struct sp_markup **out, struct sp_why *why);
/* Begins another text, for another row; what was held is dropped. */
void sp_markup_restart(struct sp_markup *markup, struct sp_row *row,
                       const struct sp_markup_ops *ops, void *ctx);
/* Reads the next piece of decoded text, cut anywhere between two characters. */
enum sp_err sp_markup_push(struct sp_markup *markup, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *why);
/* The text ends here: passes on what is held, and all blocks that wait. */
enum sp_err sp_markup_finish(struct sp_markup *markup, struct sp_why *why);
/* More escapes were met than are kept: a gap. */
bool sp_markup_is_cut(const struct sp_markup *markup);
/* Drops what is held. */
void sp_markup_free(struct sp_markup *markup);

#endif
