/* The names in a register, for a scan that is to look for them. */
#ifndef SP_CHECK_NAMES_H
#define SP_CHECK_NAMES_H

#include "scan/name_set.h"
#include "store/register.h"

/* How many names in force the register has. */
size_t sp_register_name_count(const struct sp_register *reg);
/* *out is NULL when the register has none. Withdrawn rows are left out. */
enum sp_err sp_register_names(const struct sp_register *reg, const struct sp_key *key,
                              struct sp_name_set **out, struct sp_why *why);

#endif
