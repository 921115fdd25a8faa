/* What every register command opens, and the commands by their verb. */
#ifndef SP_APP_KEEPING_H
#define SP_APP_KEEPING_H

#include "app/app.h"

struct sp_keeping {
    char *key_path, *register_path;
    struct sp_key *key;
    struct sp_register *reg;
    char today[11]; /* YYYY-MM-DD, UTC */
};
enum sp_err sp_keeping_paths(struct sp_keeping *keeping, const struct sp_options *options,
                             struct sp_why *why);
/* Key and register, which is verified as a whole. */
enum sp_err sp_keeping_open(struct sp_keeping *keeping, const struct sp_options *options,
                            struct sp_why *why);
void sp_keeping_close(struct sp_keeping *keeping);

/* One verb; options->args[0] is its name. */
typedef enum sp_err (*sp_keeping_verb)(struct sp_keeping *, struct sp_options *, struct sp_why *);

/* register_enrol.c: from outside into the register */
enum sp_err sp_register_verb_add(struct sp_keeping *, struct sp_options *, struct sp_why *);
enum sp_err sp_register_verb_import(struct sp_keeping *, struct sp_options *, struct sp_why *);
/* register_dump.c: the requests of a WordPress dump as CSV of our own form, in memory: *fd is a new
 * descriptor of it, at its start. Read by a process of its own, which is contained. */
enum sp_err sp_register_dump_csv(int dump, const struct sp_options *options, int *fd,
                                 struct sp_why *why);
/* register_note.c: withdraw, exempt, identify, extend, answer */
enum sp_err sp_register_verb_note(struct sp_keeping *, struct sp_options *, struct sp_why *);
/* register_keys.c: keys that are made, and keys and identifiers that are destroyed */
enum sp_err sp_register_verb_new_key(struct sp_keeping *, struct sp_options *, struct sp_why *);
enum sp_err sp_register_verb_expire(struct sp_keeping *, struct sp_options *, struct sp_why *);
/* A line for each key, unless there is but one and all rows are under it. */
void sp_keys_print(const struct sp_register *reg);
/* What is wrong with a key, and what to do; NULL: nothing. */
const char *sp_keys_advice(const struct sp_key_use *use);
/* register_list.c */
enum sp_err sp_register_verb_list(struct sp_keeping *, struct sp_options *, struct sp_why *);
/* register_kit.c: a copy for off-site keeping, and the way back */
enum sp_err sp_register_verb_kit(struct sp_keeping *, struct sp_options *, struct sp_why *);
enum sp_err sp_register_verb_unpack(struct sp_keeping *, struct sp_options *, struct sp_why *);

#endif
