/* Which columns of a file mean what: our own form, and those that other programs write. */
#ifndef SP_CHECK_IMPORT_FORM_H
#define SP_CHECK_IMPORT_FORM_H

#include "speur/err.h"
#include "speur/slice.h"

enum sp_import_column {
    SP_IMPORT_REQ_ID,
    SP_IMPORT_KIND,
    SP_IMPORT_RECEIVED,
    SP_IMPORT_IDENTIFIED,
    SP_IMPORT_DUE,
    SP_IMPORT_ERASED_AT,
    SP_IMPORT_ORIGIN,
    SP_IMPORT_TYPE,
    SP_IMPORT_VALUE,
    SP_IMPORT_STRENGTH,
    SP_IMPORT_SCOPE,
    SP_IMPORT_EXEMPT_BASIS,
    SP_IMPORT_EXEMPT_UNTIL,
    SP_IMPORT_LAST_BACKUP_EXPIRY,
    SP_IMPORT_COLUMN_COUNT
};

struct sp_import_column_name {
    const char *header; /* compared without regard to case */
    enum sp_import_column column;
};
struct sp_import_form {
    const char *name;                            /* for messages */
    const char *wants[4];                        /* headers that must all be there; ended by NULL */
    const struct sp_import_column_name *columns; /* ended by a NULL header */
    const char *constants[SP_IMPORT_COLUMN_COUNT]; /* what its rows have for want of a column */
    const char *prefix; /* of a request's id that is made from its token; NULL: the file has ids */
    bool tells_unknown; /* a column of another name is told of */
};

/* The form with this header, or NULL, with *missing set to a column that our own form lacks. */
const struct sp_import_form *sp_import_form_find(const struct sp_slice *header, size_t count,
                                                 const char **missing);
/* The column of this name, or -1. */
int sp_import_form_column(const struct sp_import_form *form, struct sp_slice name);

#endif
