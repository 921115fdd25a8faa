/* Where records lie in the bytes of an object, for who cuts some of them out (restore/cut.c). An
 * extractor tells it only when it is asked; what it pushes into its sink is the same. */
#ifndef SP_EXTRACT_EXTENTS_H
#define SP_EXTRACT_EXTENTS_H

#include "speur/slice.h"

#include <stdbool.h>

enum sp_extent_kind {
    SP_EXTENT_LIST,    /* a statement that may hold several records begins; `end` means nothing */
    SP_EXTENT_RECORD,  /* a record; in a list others stand before and behind it, with separators */
    SP_EXTENT_LIST_END /* the statement ended; `begin` means nothing */
};

/* Bytes of the leaf's decoded stream, before charset conversion: [begin, end). */
struct sp_extent {
    enum sp_extent_kind kind;
    struct sp_slice table; /* of an SQL tuple, as its record has it; else empty. For the call */
    uint64_t row;          /* as the record has it: number in its table, row, index of a message */
    uint64_t begin, end;
    /* of an SQL tuple; for the call */
    const struct sp_slice *columns; /* names, as far as they are known */
    size_t column_count;
    const uint32_t *key_columns; /* of the primary key: ordinals from 1 */
    size_t key_count;
    bool in_copy;   /* a line of COPY data */
    bool backslash; /* MySQL's strings */
};

/* Embed as the first member of what implements it. In the order of the bytes. */
struct sp_extents {
    void (*tell)(struct sp_extents *, const struct sp_extent *);
};

#endif
