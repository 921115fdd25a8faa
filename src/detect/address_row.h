/* A row: cells that know what they hold, gathered from the fields of a record (address_row.c),
 * from keyed text (address_pairs.c) or from delimited text with a header (address_delimited.c). */
#ifndef SP_DETECT_ADDRESS_ROW_H
#define SP_DETECT_ADDRESS_ROW_H

#include "detect/address.h"

enum {
    SP_ADDR_CELLS_MAX = 48,  /* cells with a role in one row */
    SP_ADDR_KEY_MAX = 48,    /* bytes of a key */
    SP_ADDR_VALUE_MAX = 240, /* bytes of a value that belongs to an address */
    SP_ADDR_FIELDS_MAX = 64  /* fields to each side that are looked at */
};

struct sp_addr_cell {
    struct sp_addr_span at; /* its value */
    size_t key_at;          /* where its key begins: the end of the value before it */
    enum sp_addr_role role;
    bool open; /* the value ended nowhere in particular: the next key ends it */
    char group[SP_ADDR_GROUP_LEN];
};
struct sp_addr_row {
    struct sp_addr_cell cells[SP_ADDR_CELLS_MAX]; /* ascending */
    unsigned count;
};

/* What keys stand for, remembered by their address while one text lasts. All zero: nothing. */
enum { SP_ADDR_MEMO_KEYS = 128 }; /* a power of two */
struct sp_addr_memo {
    struct {
        struct sp_slice key;
        enum sp_addr_role role;
        char group[SP_ADDR_GROUP_LEN];
    } keys[SP_ADDR_MEMO_KEYS];
};

/* Without blanks and quotes at its ends. */
struct sp_addr_span sp_addr_trim(const struct sp_addr_view *view, struct sp_addr_span at);
/* False: the key has no role, or the row is full. */
bool sp_addr_row_push(struct sp_addr_row *row, struct sp_slice key, struct sp_addr_span at,
                      size_t key_at);
/* The cell in which `pos` lies, or NULL. */
const struct sp_addr_cell *sp_addr_row_anchor(const struct sp_addr_row *row, size_t pos);
/* Makes an address of the cells that belong with the anchor's. */
bool sp_addr_row_combine(const struct sp_addr_view *view, const struct sp_addr_row *row,
                         const struct sp_addr_cell *anchor, struct sp_addr *out);
static inline struct sp_slice sp_addr_slice(const struct sp_addr_view *view,
                                            struct sp_addr_span span)
{
    return (struct sp_slice){view->data + span.begin, span.end - span.begin};
}

#endif
