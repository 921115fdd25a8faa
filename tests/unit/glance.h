/* What a format bids for a head and a name. */
#ifndef SP_TESTS_GLANCE_H
#define SP_TESTS_GLANCE_H

#include "extract/extract.h"

static inline int bid_of(int (*bid)(const struct sp_glance *at), struct sp_slice head,
                         struct sp_slice name)
{
    struct sp_glance glance;
    sp_glance_at(&glance, head, name);
    return bid(&glance);
}

#endif
