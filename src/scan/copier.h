/* Copies the records of one person while a scan goes by. A lane tells it what it tells its window;
 * a record stays here until the window has matched all of it, and when one of its values is the
 * person's it goes to the copies: its fields, or its text, other people's values masked. Memory is
 * bounded by the window and by SP_COPY_RECORD_MAX for the record that is open. */
#ifndef SP_SCAN_COPIER_H
#define SP_SCAN_COPIER_H

#include "core/sink.h"
#include "scan/copies.h"
#include "scan/copy_mask.h"

/* Whose records, and where to. Borrowed. */
struct sp_copy_options {
    struct sp_copies *copies;
    sp_copy_own own;
    void *own_ctx;
};

/* A match of the window. */
struct sp_copy_match {
    uint64_t begin, end; /* of its text, as sp_window_at counts */
    uint64_t line;       /* of a log */
    bool own;            /* surely the person's */
    bool unjudged;       /* a candidate, too hard to judge */
    bool part;           /* of a value in several places: not where it was found */
    char mask[SP_MASK_LEN];
};

struct sp_copy_field {
    uint64_t begin, end; /* as sp_window_at counts */
    size_t key, key_len; /* in strings */
    size_t part, part_len;
    uint32_t column; /* ordinal from 1, 0 none */
};

struct sp_copy_record {
    struct sp_copy_id id;
    uint64_t begin, end; /* what has arrived and is still here */
    size_t text;         /* where the byte at `begin` lies in the text buffer */
    size_t fields;       /* index of its first */
    size_t strings;      /* offset of its first */
    uint64_t told;       /* of a log: the line that was told as too large last */
    bool open;
    bool too_large; /* nothing of its text is here; of a log: of the line at `begin` */
    bool has_own;   /* something in it is the person's: known of what is too large only */
};

struct sp_copier {
    const struct sp_copy_options *options;
    struct sp_copy_eyes eyes;
    uint64_t matched;      /* up to which all was settled */
    struct sp_buf text;    /* of records that wait, in the clear: wiped */
    struct sp_buf records; /* struct sp_copy_record[] */
    struct sp_buf fields;  /* struct sp_copy_field[] */
    struct sp_buf strings; /* keys and parts, in the clear: wiped */
    struct sp_buf matches; /* struct sp_copy_match[], ascending once settled */
    struct sp_buf made;    /* values of the record that is written, in the clear: wiped */
    struct sp_buf values;  /* what they are called */
    struct sp_buf members; /* the JSON that goes out */
};

/* The matcher is for the eyes: not the window's. */
enum sp_err sp_copier_new(const struct sp_copy_options *options, struct sp_matcher *matcher,
                          const struct sp_key *key, bool mask_hint, struct sp_copier **out,
                          struct sp_why *why);
void sp_copier_free(struct sp_copier *copier); /* NULL is fine */

/* What the sink tells; `at` is where its text begins. */
enum sp_err sp_copier_begin(struct sp_copier *copier, int64_t object,
                            const struct sp_record *record, uint64_t at, struct sp_why *why);
enum sp_err sp_copier_field(struct sp_copier *copier, const struct sp_field *field, uint64_t at,
                            struct sp_why *why);
enum sp_err sp_copier_text(struct sp_copier *copier, struct sp_slice utf8, uint64_t at,
                           struct sp_why *why);
void sp_copier_end(struct sp_copier *copier);
/* What the window finds. */
enum sp_err sp_copier_match(struct sp_copier *copier, const struct sp_copy_match *match,
                            struct sp_why *why);
/* All matches before `matched` were told: what ends there is copied, or forgotten. */
enum sp_err sp_copier_settle(struct sp_copier *copier, uint64_t matched, struct sp_why *why);
/* Forgets all that waits. */
void sp_copier_discard(struct sp_copier *copier);

/* ---- copier_json.c --------------------------------------------------------------------------- */
/* Appends members of a JSON object: the fields or the text of [begin, end) of the record, and how
 * much in it was masked. Errors of `members`; of more than its ceiling SP_ERR_LIMIT. */
enum sp_err sp_copier_json(struct sp_copier *copier, const struct sp_copy_record *record,
                           uint64_t begin, uint64_t end, struct sp_why *why);

#endif
