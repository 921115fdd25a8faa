/* What an export shows: the findings of an inventory, or what was not read, one at a time in a
 * fixed order (path, ordinals, offset, type), each with all that a line of any form wants to tell.
 */
#ifndef SP_REPORT_SHOWN_H
#define SP_REPORT_SHOWN_H

#include "detect/systems.h"
#include "store/inventory.h"

enum { SP_SHOWN_ID_LEN = 2 * SP_TOKEN_LEN };

struct sp_shown_options {
    enum sp_confidence min_confidence; /* findings below are left out */
    bool unread;                       /* what was not read instead of what was found */
    const struct sp_key *values_key;   /* opens clear values (canonical); NULL = masked only */
    const struct sp_systems *systems;  /* NULL: none is known */
    /* Only findings with one of these tokens; NULL: all. Asked for whole segments first. */
    bool (*wants)(void *ctx, struct sp_slice tokens); /* SP_TOKEN_LEN bytes each */
    void *wants_ctx;
};

/* One line to be. Borrowed for the call. Either finding and record, or unread, is not NULL. */
struct sp_shown {
    const struct sp_root_row *root;
    const struct sp_object_row *object; /* NULL: a walk that did not reach its end */
    const struct sp_kept_record *record;
    const struct sp_kept_finding *finding;
    const struct sp_unread *unread;
    struct sp_slice path;    /* raw: of the file in its tree */
    struct sp_slice locator; /* escaped, down to the record and field */
    const char *system_name; /* or NULL */
    char id[SP_SHOWN_ID_LEN + 1];
};
typedef enum sp_err (*sp_shown_out)(void *ctx, const struct sp_shown *shown, struct sp_why *why);

enum sp_err sp_shown_each(struct sp_inventory *inventory, const struct sp_root_row *root,
                          const struct sp_shown_options *options, sp_shown_out out, void *ctx,
                          struct sp_why *why);

/* How much harm a finding can do: of its type, and of what it carries. */
enum sp_severity { SP_SEVERITY_LOW, SP_SEVERITY_MEDIUM, SP_SEVERITY_HIGH };
enum sp_severity sp_severity_of(enum sp_type type, unsigned attributes);
const char *sp_severity_name(enum sp_severity severity);
/* What a type is called by people who know no types, in English. */
const char *sp_type_category(enum sp_type type);

/* Gets bytes of an export: a line, a header, an end. */
typedef enum sp_err (*sp_line_out)(void *ctx, struct sp_slice line, struct sp_why *why);

#endif
