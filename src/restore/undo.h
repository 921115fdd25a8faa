/* SQL that takes tuples out of a database into which a dump was loaded as a whole: a DELETE each,
 * in one transaction; of one that is exempt and stays, an UPDATE of what it need not hold. A row is
 * told by its primary key and by the old value of the column in which the person was met, so that a
 * row that is another by now stays; without a key by all of its columns. In the dialect of the
 * dump: MySQL and MariaDB, or the SQL of PostgreSQL and SQLite. */
#ifndef SP_RESTORE_UNDO_H
#define SP_RESTORE_UNDO_H

#include "core/stream.h"
#include "restore/cut.h"

#include <stdio.h>

/* What was written so far; zero at the start. */
struct sp_undo {
    bool begun;
    bool anonymises;  /* exempt tuples are to be changed; set by who asks */
    bool backslash;   /* the dialect */
    uint64_t count;   /* DELETEs */
    uint64_t changed; /* UPDATEs */
    uint64_t left; /* columns of exempt tuples that only a person can change: in a comment each */
};

/* `bytes` gives the tuple as it stands in the dump; `columns` is what row->met points into.
 * SP_ERR_FORMAT: it has not as many values as its table has columns, or dumps of two dialects are
 * in one backup. */
enum sp_err sp_undo_tuple(FILE *out, const struct sp_cut_row *row, const char *names,
                          const struct sp_cut_column *columns, struct sp_stream *bytes,
                          struct sp_undo *undo, struct sp_why *why);
/* Ends the transaction. exempt: how many decisions keep a tuple. */
enum sp_err sp_undo_end(FILE *out, uint64_t exempt, const struct sp_undo *undo, struct sp_why *why);

#endif
