/* Which program a record is of (a shop, a mailing list, a bank): recognised by the names of tables,
 * columns and files, as files in patterns/systems say. And what its columns hold, where their names
 * do not say it to everybody.
 *
 * A system file (*.sys, UTF-8) is one system. One `key: text` a line; a line that starts with `#`
 * and an empty line are skipped.
 *
 *   system: woocommerce        required: lower case letters, digits, '.', '_', '-'
 *   table: GLOB GLOB …         tables of it; `*` stands for anything
 *   column: GLOB GLOB …        columns that no other system has: one of them tells
 *   file: GLOB GLOB …          parts of a path
 *   holds: TYPE WORD WORD …    columns that hold values of a type (phone), or a category (health):
 *                              words as in context: of a pattern (detect/pattern.h), also for
 *                              columns of other systems. A line a type
 *
 * Case matters only in a GLOB that has both (consumerAccount). `_` in a GLOB stands for any one
 * character: it may be a blank in the name. Keys may be repeated. A table tells first, then a
 * column, then another column of the same file, then its path; of several systems the first by the
 * name of its file. */
#ifndef SP_DETECT_SYSTEMS_H
#define SP_DETECT_SYSTEMS_H

#include "speur/err.h"
#include "speur/finding.h"

struct sp_systems;
/* From the folder `systems` of a folder of patterns; without that folder there are none.
 * SP_ERR_CONFIG names file and line. */
enum sp_err sp_systems_load(const char *own, const char *beside, struct sp_systems **out,
                            struct sp_why *why);
void sp_systems_free(struct sp_systems *systems);
size_t sp_systems_count(const struct sp_systems *systems);
const char *sp_systems_name(const struct sp_systems *systems, size_t index);
/* What columns hold: lines as they stand, in the order of the files. */
struct sp_system_holds {
    enum sp_type type;
    struct sp_slice words;
    const char *file; /* path, for messages */
    unsigned line;
};
size_t sp_systems_holds_count(const struct sp_systems *systems);
const struct sp_system_holds *sp_systems_holds(const struct sp_systems *systems, size_t index);
/* The system of what stands in a table, or under a column; NULL: not known by that. */
const char *sp_systems_by_table(const struct sp_systems *systems, struct sp_slice table);
const char *sp_systems_by_column(const struct sp_systems *systems, struct sp_slice column);
/* Of a path, archives in it included: by any of its parts. */
const char *sp_systems_by_path(const struct sp_systems *systems, struct sp_slice path);

#endif
