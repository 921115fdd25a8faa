/* Which records of which member are to be cut out: read from the decisions of a check. HIT
 * decisions count, and of EXEMPT ones, when asked for, the tuples that stay and are anonymised:
 * what else there is, a person decides. */
#ifndef SP_RESTORE_RECORDS_H
#define SP_RESTORE_RECORDS_H

#include "base/buf.h"
#include "speur/finding.h"
#include "speur/reason.h"

enum sp_cut_kind {
    SP_CUT_TUPLE,   /* table and row of an SQL dump */
    SP_CUT_ROW,     /* of a CSV file */
    SP_CUT_MESSAGE, /* index in a mailbox */
    SP_CUT_LINE     /* of a log */
};

/* A column of an exempt tuple in which the person was met. */
struct sp_cut_column {
    uint32_t ordinal; /* from 1 */
    enum sp_type type;
    bool packed;   /* inside of JSON or the like in it */
    uint32_t next; /* index + 1 of the next one of the tuple, 0: none */
};

/* One record. Sorted by kind, table, row. */
struct sp_cut {
    enum sp_cut_kind kind;
    struct sp_slice table;  /* empty but for tuples */
    uint64_t row;           /* from 1 */
    struct sp_slice column; /* of a tuple: the first that was hit, or empty */
    uint64_t offset;        /* of its byte in which the person was met first; SP_SIZE_UNKNOWN */
    bool found;             /* set when it is cut */
    bool exempt;            /* it stays */
    uint32_t columns;       /* of an exempt one: index + 1 of its first, 0: none */
};

/* What is to be cut out of one member. */
struct sp_cuts {
    struct sp_cut *items;
    size_t count;
    size_t exempt;                       /* of count: so many stay */
    const struct sp_cut_column *columns; /* that items point into; borrowed */
    bool used;                           /* a member of this name came by */
    uint64_t
        size; /* bytes of the member that was checked, the last one of this name; SP_SIZE_UNKNOWN */
    uint64_t whole; /* HITs that no record stands for: a document, a name, what lies in another
                     * container in it. The member can only go as a whole. */
};

struct sp_records;

/* exempt: with the tuples of EXEMPT decisions. SP_ERR_NOINPUT, SP_ERR_FORMAT: a line that no check
 * wrote, with its number. */
enum sp_err sp_records_read(const char *path, bool exempt, struct sp_records **out,
                            struct sp_why *why);
void sp_records_free(struct sp_records *records);
size_t sp_records_count(const struct sp_records *records);
/* How many EXEMPT decisions there are about tuples, asked for or not. */
uint64_t sp_records_exempt(const struct sp_records *records);
/* HITs of no member by its name: in a part of the archive that is none, in a member without one. */
uint64_t sp_records_of_none(const struct sp_records *records);
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
