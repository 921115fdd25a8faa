/* Names of users and groups, remembered: asking the system for each file would cost more than
 * reading a small one. */
#ifndef SP_SCAN_OWNER_H
#define SP_SCAN_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

enum {
    SP_OWNER_NAME_MAX = 64, /* with the final null character; longer names are cut */
    SP_OWNERS_MAX = 16      /* remembered of each kind, a power of two */
};

struct sp_owner {
    bool known;
    unsigned id;
    char name[SP_OWNER_NAME_MAX];
};

/* Per thread. All zero bytes: nothing is remembered. */
struct sp_owners {
    struct sp_owner users[SP_OWNERS_MAX], groups[SP_OWNERS_MAX];
};

/* The name, or the number when there is none. Valid until the next call. */
const char *sp_owner_user(struct sp_owners *owners, uid_t uid);
const char *sp_owner_group(struct sp_owners *owners, gid_t gid);

#endif
