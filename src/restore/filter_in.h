/* Inside of a filter: filter_io.c (bytes in and out), filter_head.c (what stands before a member),
 * filter_cut.c (members of which records go) and filter.c (members as a whole). */
#ifndef SP_RESTORE_FILTER_IN_H
#define SP_RESTORE_FILTER_IN_H

#include "extract/tarhead.h"
#include "restore/cut.h"
#include "restore/filter.h"
#include "restore/packing.h"
#include "restore/scratch.h"
#include "restore/undo.h"

struct sp_filter_gone;

struct sp_filter {
    const struct sp_filter_job *job;
    struct sp_filter_sum *sum;
    struct sp_stream *raw, *in; /* in: unpacked; may be raw itself */
    struct sp_slice block;      /* what is left of the block at hand */
    uint64_t at;                /* bytes of `in` that were taken */
    struct sp_buf out;          /* waits to be written */
    struct sp_scratch *scratch;
    struct sp_tarhead head;
    struct sp_filter_gone **gone; /* by index in the drop list; NULL: none is */
    struct sp_buf refused;        /* names left out, NUL behind each */
    struct sp_buf bytes;          /* of an extended header */
    struct sp_buf joined;         /* the rest of a block and the one behind it */
    struct sp_undo undone;
};

/* ---- filter_io.c ---------------------------------------------------------------------------- */
/* These three fit sp_bytes_out: to the output (small pieces are collected, large ones go out as
 * they lie), to the scratch file, nowhere. */
enum sp_err sp_filter_give(void *ctx, struct sp_slice bytes, struct sp_why *why);
enum sp_err sp_filter_keep_back(void *ctx, struct sp_slice bytes, struct sp_why *why);
enum sp_err sp_filter_mute(void *ctx, struct sp_slice bytes, struct sp_why *why);
/* Writes what was collected. */
enum sp_err sp_filter_flush(struct sp_filter *filter, struct sp_why *why);
/* Has a block of the input, empty at its end. */
enum sp_err sp_filter_fill(struct sp_filter *filter, struct sp_why *why);
/* Has at least `want` bytes in one block, unless the input ends. */
enum sp_err sp_filter_join(struct sp_filter *filter, size_t want, struct sp_why *why);
/* Gives the next `size` bytes of the input to `out`. SP_ERR_FORMAT: there are fewer. */
enum sp_err sp_filter_pass(struct sp_filter *filter, uint64_t size, sp_bytes_out out,
                           struct sp_why *why);
/* The next `size` bytes in filter->bytes. SP_ERR_LIMIT: more than SP_TAR_HEAD_MAX. */
enum sp_err sp_filter_take(struct sp_filter *filter, uint64_t size, struct sp_why *why);
enum sp_err sp_filter_cut_off(const struct sp_filter *filter, struct sp_why *why);
/* Bytes from the end of data of that size to the end of its block; and zeros for them. */
uint64_t sp_filter_padding(uint64_t size);
enum sp_err sp_filter_pad(struct sp_filter *filter, uint64_t size, struct sp_why *why);
/* Gives [begin, end) of the scratch file to `out`. */
enum sp_err sp_filter_from_scratch(struct sp_filter *filter, uint64_t begin, uint64_t end,
                                   sp_bytes_out out, struct sp_why *why);

/* ---- filter_head.c -------------------------------------------------------------------------- */
/* Reads up to the next member; *end: there is none. */
enum sp_err sp_filter_head(struct sp_filter *filter, bool *end, struct sp_why *why);
/* A HIT that has no member's name: what stands before all members, or has no name, may be where. */
bool sp_filter_may_be_met(const struct sp_filter *filter);

/* ---- filter.c ------------------------------------------------------------------------------- */
enum sp_err sp_filter_keep(struct sp_filter *filter, struct sp_why *why);
enum sp_err sp_filter_skip(struct sp_filter *filter, struct sp_why *why);
/* Leaves the member out, and says why; its bytes are still to be skipped. */
enum sp_err sp_filter_refuse(struct sp_filter *filter, const char *refusal, struct sp_why *why);

/* ---- filter_cut.c --------------------------------------------------------------------------- */
/* A member in the scratch file: as it came, and without its packing. */
struct sp_filter_waiting {
    uint64_t begin, end;
    uint64_t plain_begin, plain_end; /* unpacked; the same when it was not packed */
    enum sp_packing packing;
};
/* Gives on the member at hand without its records, or refuses it. */
enum sp_err sp_filter_cut(struct sp_filter *filter, struct sp_cuts *cuts, struct sp_why *why);
/* The same of one that waits in the scratch file [waiting->begin, waiting->end). */
enum sp_err sp_filter_cut_waiting(struct sp_filter *filter, struct sp_filter_waiting *waiting,
                                  struct sp_cuts *cuts, bool in_tar, struct sp_why *why);

#endif
