/* Findings are not rows: those of one object lie in packed segments. A check streams the token
 * array of each segment past a hash set and decodes the rest only where something was hit.
 * Layout of the blobs: see segment.c. */
#ifndef SP_STORE_SEGMENT_H
#define SP_STORE_SEGMENT_H

#include "core/sink.h"
#include "store/seal.h"

enum { SP_SEGMENT_FINDINGS_MAX = 4096 };

/* A record as kept: only records that have a finding, and locator parts already made safe
 * (a primary key or Message-ID that contains a finding is masked before it comes here). */
struct sp_kept_record {
    enum sp_record_kind kind;
    uint64_t ordinal; /* within its object; SP_RECORD_ORDINAL_NAME for its name */
    uint64_t row;     /* number within its table, shown in the locator */
    uint64_t line;
    int64_t date_s; /* INT64_MIN unknown */
    struct sp_slice table;
    struct sp_slice pk;
    struct sp_slice message_id;
};

struct sp_kept_finding {
    enum sp_type type;
    enum sp_confidence confidence;
    unsigned attributes;
    uint64_t offset;      /* byte in the leaf's decoded stream, SP_SIZE_UNKNOWN */
    uint32_t length;      /* bytes there */
    uint64_t line;        /* from 1; 0 unknown */
    uint32_t line_column; /* character position in the line, bytes from 1; 0 unknown */
    uint32_t column;      /* ordinal of the column, 0 none */
    struct sp_slice key;  /* column header, mail header; safe */
    struct sp_slice part; /* MIME part path */
    struct sp_slice mask;
    struct sp_slice holder; /* mask of the name that stands near it; or empty */
    uint8_t token_count;    /* from 1; of each kind one for each key, tokens[0] the exact one of the
                             * newest key */
    struct {
        uint8_t kind; /* enum sp_token_kind */
        uint8_t bytes[SP_TOKEN_LEN];
    } tokens[SP_TOKENS_MAX];
    struct sp_slice value; /* in the clear: only going in with --keep-values, only coming out when
                            * the values blob was opened; else empty */
};

enum { SP_SEGMENT_SLOTS = 4096 }; /* strings remembered for reuse; more brings under 1% */

/* Building. A segment that is full (SP_SEGMENT_FINDINGS_MAX) is encoded and begun again. */
struct sp_segment {
    struct sp_buf records, findings, strings, tokens, values; /* values are in the clear: wiped */
    uint32_t record_count, finding_count, token_count;
    uint32_t record_step; /* records added since the last finding */
    /* Delta coding: what was written last, 0 at the start. */
    uint64_t last_record, last_record_line, last_offset, last_line;
    int64_t last_date_s;
    uint16_t counts[SP_TYPE_COUNT][SP_CONF_HIGH + 1]; /* findings by type and confidence */
    uint32_t slots[SP_SEGMENT_SLOTS]; /* by hash: where in `strings` it may stand; 0 none. A hint,
                                       * compared before use, so a reset may leave it */
};
void sp_segment_init(struct sp_segment *segment);
/* On failure (SP_ERR_NOMEM, SP_ERR_LIMIT) the segment is as before. */
enum sp_err sp_segment_add_record(struct sp_segment *, const struct sp_kept_record *,
                                  struct sp_why *);
/* Belongs to the record added last. */
enum sp_err sp_segment_add_finding(struct sp_segment *, const struct sp_kept_finding *,
                                   struct sp_why *);
bool sp_segment_full(const struct sp_segment *);
void sp_segment_reset(struct sp_segment *); /* empty, memory kept, values wiped */
void sp_segment_clear(struct sp_segment *);
/* Findings by type and confidence, packed: appended to `out`. */
enum sp_err sp_segment_counts(const struct sp_segment *, struct sp_buf *out, struct sp_why *);

/* Reading: a decoder over the blobs of one row. Altered or cut blobs give SP_ERR_ALTERED, never
 * a read out of bounds. */
struct sp_segment_view {
    struct sp_slice records, findings, strings, tokens; /* borrowed from the row */
    struct sp_slice values;                             /* opened, in the clear, or empty */
    uint32_t finding_count, token_count;
};
/* The view of a segment under construction, values included: borrowed until the next change. */
struct sp_segment_view sp_segment_view_of(const struct sp_segment *segment);
/* Token i of the array (16 bytes), i < token_count: the fast path of a check. Which finding it
 * belongs to is told when the segment is decoded: findings take their tokens in order. */
typedef enum sp_err (*sp_segment_out)(void *ctx, uint32_t index, const struct sp_kept_record *,
                                      const struct sp_kept_finding *, struct sp_why *);
enum sp_err sp_segment_each(const struct sp_segment_view *view, sp_segment_out out, void *ctx,
                            struct sp_why *why);
/* Adds what sp_segment_counts wrote to `counts`. SP_ERR_ALTERED: cut, or an unknown type. */
enum sp_err sp_segment_counts_add(struct sp_slice packed,
                                  uint64_t counts[SP_TYPE_COUNT][SP_CONF_HIGH + 1],
                                  struct sp_why *why);

#endif
