/* Restore units: the judgement over one copy, and the table that brings copies of one name and
 * hard links together. A restore tool selects by name, so a name can only go one way. */
#ifndef SP_CHECK_UNITS_H
#define SP_CHECK_UNITS_H

#include "check/verdict.h"

/* What was seen in one copy of a unit, everything below it included. */
struct sp_unit_facts {
    enum sp_shape shape;
    enum sp_node node;
    bool hit;          /* a record with HIT */
    bool document_hit; /* a document: a HIT in it itself or in a document attached to it */
    bool review;       /* a record with REVIEW */
    bool gap;          /* a gap that nobody accepted, or an object not finished */
    bool gap_accepted;
    uint64_t records;         /* of people: tuples, rows, messages, documents */
    uint64_t records_hit;     /* of those, distinct */
    uint64_t attached_others; /* a document: rows without a hit in the tables attached to it */
};

/* Where one copy goes by itself. *others: records of other people that a DROP takes along. */
enum sp_list sp_unit_judge(const struct sp_unit_facts *facts, bool drop_containers,
                           uint64_t *others);

struct sp_units;

/* SP_ERR_NOMEM. */
enum sp_err sp_units_new(bool drop_containers, struct sp_units **out, struct sp_why *why);
void sp_units_free(struct sp_units *units);
/* One copy of the unit called `name`. `link`: for SP_NODE_HARDLINK the name it repeats, which may
 * come later or never. Names and links are copied once. SP_ERR_NOMEM, SP_ERR_LIMIT. */
enum sp_err sp_units_add(struct sp_units *units, struct sp_slice name, struct sp_slice link,
                         const struct sp_unit_facts *facts, struct sp_why *why);
/* Each name once, in the order of first appearance. A name whose copies go different ways: DROP
 * when one is to drop and all are documents or to drop; HOLD otherwise. A hard link goes with the
 * name it repeats; to HOLD when that name never came, or links go in a circle. keeps: false when
 * none may be KEEP. Adds to sum->units and sum->records_of_others. out may be NULL. */
enum sp_err sp_units_each(struct sp_units *units, bool keeps, sp_unit_out out, void *ctx,
                          struct sp_verdict_sum *sum, struct sp_why *why);

#endif
