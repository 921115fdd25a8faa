/* Finds values in a text window: expression → validator → context → judge. One matcher per
 * thread; the patterns are shared. Keeps nothing between calls. */
#ifndef SP_DETECT_MATCHER_H
#define SP_DETECT_MATCHER_H

#include "detect/name.h"
#include "detect/validator.h"
#include "speur/patterns.h"

/* A match, in the clear. Borrowed for the call that hands it over. */
struct sp_match {
    enum sp_type type;
    enum sp_confidence
        confidence;      /* LOW or more; NONE: a match of another type won its place, so
                          * it is for whoever asks for this very value, and for no report */
    unsigned attributes; /* SP_ATTR_* */
    uint32_t begin;      /* byte in the text */
    uint32_t len;        /* bytes of text, <= SP_VALUE_MAX; for an address over several
                          * fields the span of its main part (postcode or street) */
    const struct sp_canonical *canonical;
    struct sp_part parts[SP_PARTS_MAX]; /* its other parts then: street, number, postcode, town */
    unsigned part_count;
};

/* Why a candidate could not be judged: reported as limit_match with its place, never dropped. */
typedef enum sp_err (*sp_match_out)(void *ctx, const struct sp_match *match, struct sp_why *why);
typedef enum sp_err (*sp_match_limit_out)(void *ctx, uint32_t begin, struct sp_why *why);

struct sp_matcher;
enum sp_err sp_matcher_new(const struct sp_patterns *patterns, enum sp_region region,
                           struct sp_matcher **out, struct sp_why *why);
void sp_matcher_free(struct sp_matcher *matcher);
/* From now on the names that somebody wants are looked for too; they hide no other match. */
void sp_matcher_names(struct sp_matcher *matcher, sp_name_wanted wanted, void *wanted_ctx);
/* What the columns of a table are, by its first rows (columns.h). */
void sp_matcher_infer(const struct sp_matcher *matcher, const struct sp_text *text,
                      struct sp_text_columns *columns);
/* For proofs only: from now on every expression is tried at every place, slowly. It finds the same.
 */
void sp_matcher_plain(struct sp_matcher *matcher);
/* Gives the matches that start in [own_begin, own_end) in ascending (begin, type) order.
 * The result depends only on the text, not on how it was cut into windows, as long as the
 * margins hold SP_WINDOW_MARGIN_BYTES. `out` may not run the same matcher (SP_ERR_BUG). */
enum sp_err sp_matcher_run(struct sp_matcher *matcher, const struct sp_text *text, sp_match_out out,
                           sp_match_limit_out limit, void *ctx, struct sp_why *why);

#endif
