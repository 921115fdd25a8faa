/* Which objects hold a wanted token: the fast pass over all token arrays of a root. */
#ifndef SP_CHECK_MET_H
#define SP_CHECK_MET_H

#include "check/wanted.h"

struct sp_met {
    int64_t *objects; /* ids, ascending, each once */
    size_t count, cap;
};

enum sp_err sp_met_collect(struct sp_met *met, const struct sp_wanted *wanted,
                           struct sp_inventory *inventory, int64_t root_id, struct sp_why *why);
bool sp_met_has(const struct sp_met *met, int64_t object_id);
void sp_met_clear(struct sp_met *met);

#endif
