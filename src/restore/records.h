/* Which records of which member are to be cut out: read from the decisions of a check. Only HIT
 * decisions count: what else there is, a person decides. */
#ifndef SP_RESTORE_RECORDS_H
#define SP_RESTORE_RECORDS_H

#include "base/buf.h"

enum sp_cut_kind {
    SP_CUT_TUPLE,   /* table and row of an SQL dump */
    SP_CUT_ROW,     /* of a CSV file */
    SP_CUT_MESSAGE, /* index in a mailbox */
    SP_CUT_LINE     /* of a log */
};

/* One record. Sorted by kind, table, row. */
struct sp_cut {
    enum sp_cut_kind kind;
    struct sp_slice table;  /* empty but for tuples */
    uint64_t row;           /* from 1 */
    struct sp_slice column; /* of a tuple: the first that was hit, or empty */
    bool found;             /* set when it is cut */
};

/* What is to be cut out of one member. */
struct sp_cuts {
    struct sp_cut *items;
    size_t count;
    uint64_t whole; /* HITs that no record stands for: a document, a name, what lies in another
                     * container in it. The member can only go as a whole. */
};

struct sp_records;

/* SP_ERR_NOINPUT, SP_ERR_FORMAT: a line that no check wrote, with its number. */
enum sp_err sp_records_read(const char *path, struct sp_records **out, struct sp_why *why);
void sp_records_free(struct sp_records *records);
size_t sp_records_count(const struct sp_records *records);
/* Of a member by its raw name; NULL: nothing of it is to be cut. Marks it as seen. */
struct sp_cuts *sp_records_find(struct sp_records *records, struct sp_slice name);
/* The only member there is, for input that is no archive; NULL: there is none. *many: several. */
struct sp_cuts *sp_records_only(struct sp_records *records, bool *many, struct sp_slice *name);
/* Names that sp_records_find was never asked for: index from 0; empty behind the last. */
struct sp_slice sp_records_unseen(const struct sp_records *records, size_t *index);
/* The cut that is this record, or NULL. */
struct sp_cut *sp_cuts_find(struct sp_cuts *cuts, enum sp_cut_kind kind, struct sp_slice table,
                            uint64_t row);

#endif
