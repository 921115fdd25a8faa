/* Strings that repeat (column headers, table names), kept once at an address that stays. */
#ifndef SP_CORE_INTERN_H
#define SP_CORE_INTERN_H

#include "speur/err.h"
#include "speur/slice.h"

struct sp_intern;
enum sp_err sp_intern_new(struct sp_intern **out, struct sp_why *why);
void sp_intern_free(struct sp_intern *intern);
/* The kept copy; valid until the next reset. Empty for an empty one. */
enum sp_err sp_intern_put(struct sp_intern *intern, struct sp_slice text, struct sp_slice *out,
                          struct sp_why *why);
size_t sp_intern_bytes(const struct sp_intern *intern);
/* Forgets all; memory of the first chunk is kept. */
void sp_intern_reset(struct sp_intern *intern);

#endif
