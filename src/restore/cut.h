/* Finds the bytes of records that are to be cut out of one object, so that what is left is whole:
 * tuples go with their comma, a statement with its last tuple, a row with its line end. */
#ifndef SP_RESTORE_CUT_H
#define SP_RESTORE_CUT_H

#include "base/buf.h"
#include "core/budget.h"
#include "core/stream.h"
#include "restore/records.h"

struct sp_excision {
    uint64_t begin, end; /* end UINT64_MAX: all that follows */
    bool line_end;       /* a line end behind it goes too */
};

struct sp_spans {
    struct sp_excision *items; /* ascending */
    size_t count, cap;
    uint64_t records;    /* that are cut */
    bool wants_rows;     /* in: SQL tuples that are cut, or exempt, are told one by one */
    struct sp_buf rows;  /* struct sp_cut_row[] */
    struct sp_buf names; /* that they point into: each with a NUL behind it */
};

/* A tuple that is cut or exempt, for who undoes it in a database (undo.c). */
enum { SP_CUT_KEYS_MAX = 4 };
struct sp_cut_row {
    uint64_t begin, end; /* its bytes, without what goes along */
    size_t table;        /* in names; the names of columns follow it */
    size_t column_count;
    uint32_t keys[SP_CUT_KEYS_MAX]; /* of the primary key: ordinals from 1 */
    uint32_t key_count;
    uint32_t hit; /* ordinal of the column in which it was hit; 0 not known */
    bool exempt;  /* it stays, and is anonymised */
    uint32_t met; /* of an exempt one: where the person was met, as in struct sp_cut */
    bool in_copy, backslash;
};

/* Reads the object once with the same code that the check read it with, so that rows have the same
 * numbers. `name` decides its format where that is needed. *refusal (static) not NULL: it
 * cannot be cut, and nothing of it may be given on. SP_ERR_NOMEM, or what the stream fails with.
 */
enum sp_err sp_cut_find(struct sp_stream *stream, struct sp_slice name,
                        const struct sp_limits *limits, struct sp_cuts *cuts,
                        struct sp_spans *spans, const char **refusal, struct sp_why *why);
void sp_spans_clear(struct sp_spans *spans);

/* Gives all bytes of the stream but those of the spans. */
typedef enum sp_err (*sp_bytes_out)(void *ctx, struct sp_slice bytes, struct sp_why *why);
enum sp_err sp_cut_copy(struct sp_stream *stream, const struct sp_spans *spans, sp_bytes_out out,
                        void *ctx, struct sp_why *why);

#endif
