#include "scan/owner.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>

enum { OWNER_BUFFER = 4096 };

static void owner_set(struct sp_owner *owner, unsigned id, const char *name)
{
    owner->known = true;
    owner->id = id;
    if (name != NULL)
        (void)snprintf(owner->name, sizeof owner->name, "%s", name);
    else
        (void)snprintf(owner->name, sizeof owner->name, "%u", id);
}

static void owner_ask_user(struct sp_owner *owner, uid_t uid)
{
    char buffer[OWNER_BUFFER];
    struct passwd entry;
    struct passwd *found = NULL;
    bool is_found = getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL;
    owner_set(owner, uid, is_found ? entry.pw_name : NULL);
}

static void owner_ask_group(struct sp_owner *owner, gid_t gid)
{
    char buffer[OWNER_BUFFER];
    struct group entry;
    struct group *found = NULL;
    bool is_found = getgrgid_r(gid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL;
    owner_set(owner, gid, is_found ? entry.gr_name : NULL);
}

const char *sp_owner_user(struct sp_owners *owners, uid_t uid)
{
    struct sp_owner *owner = &owners->users[uid % SP_OWNERS_MAX];
    if (!owner->known || owner->id != uid)
        owner_ask_user(owner, uid);
    return owner->name;
}

const char *sp_owner_group(struct sp_owners *owners, gid_t gid)
{
    struct sp_owner *owner = &owners->groups[gid % SP_OWNERS_MAX];
    if (!owner->known || owner->id != gid)
        owner_ask_group(owner, gid);
    return owner->name;
}
