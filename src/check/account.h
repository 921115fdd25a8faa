/* The account of a walk over a root's objects, depth-first: which restore unit the object at hand
 * belongs to, and what was seen in each unit. */
#ifndef SP_CHECK_ACCOUNT_H
#define SP_CHECK_ACCOUNT_H

#include "check/units.h"

/* An object and its ancestors. */
struct sp_account_frame {
    int64_t id;
    int64_t unit; /* 0 above units: the archive whose members are the units */
    enum sp_shape shape;
    bool in_document;      /* below a document: counts to that, but for the rows of a table */
    bool hit;              /* a document: a HIT in it or in a document below it */
    uint64_t record_count; /* as read */
    uint64_t records_hit;  /* distinct */
    uint64_t record_last;  /* ordinal of the record counted last, 0 none */
};

struct sp_account {
    struct sp_account_frame *frames;
    size_t frame_count, frame_cap;
    int64_t unit;            /* id of the unit at hand, 0 above units */
    struct sp_buf unit_name; /* raw */
    uint64_t unit_size;      /* as told or of the file; SP_SIZE_UNKNOWN */
    struct sp_buf unit_link; /* raw */
    struct sp_unit_facts facts;
    struct sp_units *units;
    bool above; /* a person was met in a part of the archive that is none of its members, as in a
                 * header for all of them: none can be kept */
};

enum sp_err sp_account_init(struct sp_account *account, bool drop_containers, struct sp_why *why);
void sp_account_clear(struct sp_account *account);

/* The next object. One that names no unit belongs to that of its parent. SP_ERR_ALTERED: its unit
 * is not at hand. */
enum sp_err sp_account_enter(struct sp_account *account, const struct sp_object_row *row,
                             struct sp_why *why);
/* After the last one: the last unit is added. */
enum sp_err sp_account_end(struct sp_account *account, struct sp_why *why);

/* What was seen in the object at hand. */
void sp_account_gap(struct sp_account *account, bool accepted);
void sp_account_decision(struct sp_account *account, enum sp_decision decision,
                         const struct sp_kept_record *record);

#endif
