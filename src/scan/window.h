/* From records, fields and texts of a sink to windows of a matcher, and back: each match with its
 * record, its field, its line and its place in the source. One per thread. */
#ifndef SP_SCAN_WINDOW_H
#define SP_SCAN_WINDOW_H

#include "core/sink.h"
#include "detect/matcher.h"

/* A match with all that is known of its place. Borrowed for the call. */
struct sp_located {
    const struct sp_match *match;
    const struct sp_record *record;
    struct sp_slice key; /* of its field, or empty */
    struct sp_slice part;
    uint32_t column; /* ordinal, 0 none */
    uint64_t at;     /* its first byte, as sp_window_at counts; match->len bytes of text */
    uint64_t offset; /* byte in the leaf's decoded stream; SP_SIZE_UNKNOWN */
    uint32_t length; /* bytes there */
    const struct sp_canonical *holder; /* whose it is, where that stands near it; or NULL */
    int64_t date_s;       /* of the record, or of the line of a log; INT64_MIN unknown */
    uint64_t line;        /* from 1; 0 unknown */
    uint32_t line_column; /* from 1, bytes of normalised text; 0 unknown */
};
typedef enum sp_err (*sp_located_out)(void *ctx, const struct sp_located *located,
                                      struct sp_why *why);
/* A candidate could not be judged within the match limit: near this source byte, at this byte of
 * text as sp_window_at counts. */
typedef enum sp_err (*sp_unjudged_out)(void *ctx, uint64_t offset, uint64_t at, struct sp_why *why);

struct sp_window;
/* own_bytes: how much text is matched at a time; 0 = SP_WINDOW_OWN_BYTES. Borrows the matcher. */
enum sp_err sp_window_new(struct sp_matcher *matcher, size_t own_bytes, sp_located_out out,
                          sp_unjudged_out unjudged, void *ctx, struct sp_window **out_window,
                          struct sp_why *why);
void sp_window_free(struct sp_window *window);

enum sp_err sp_window_record_begin(struct sp_window *, const struct sp_record *, struct sp_why *);
enum sp_err sp_window_field(struct sp_window *, const struct sp_field *, struct sp_why *);
enum sp_err sp_window_text(struct sp_window *, struct sp_slice utf8, struct sp_origin_map map,
                           struct sp_why *);
enum sp_err sp_window_record_end(struct sp_window *, struct sp_why *);
/* Matches all that is left and forgets it: the object ends, or another one comes between. */
enum sp_err sp_window_finish(struct sp_window *, struct sp_why *);
/* Ends a record that its sender left open. */
void sp_window_abort_record(struct sp_window *);
/* Forgets all without matching. */
void sp_window_discard(struct sp_window *);

/* Bytes of text that the window has ever taken, separators included: where the next text stands.
 * Never goes back. */
uint64_t sp_window_at(const struct sp_window *);
/* All matches that begin before this byte were given. */
uint64_t sp_window_matched(const struct sp_window *);

#endif
