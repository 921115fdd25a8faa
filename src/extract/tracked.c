#include "extract/tracked.h"

#include "base/buf.h"
#include "base/mem.h"

#include <string.h>

enum { TEXT_MAX = 4 << 20, REGIONS_MAX = 4096, ID_MAX = 64 };

struct region {
    char id[ID_MAX];
    bool inserted;
    size_t begin, len;
};

struct sp_tracked {
    struct sp_buf regions;
    struct sp_buf text;
    bool in_deletion, in_info;
    bool cut;
};

enum sp_err sp_tracked_new(struct sp_tracked **out, struct sp_why *why)
{
    struct sp_tracked *tracked = sp_alloc_zero(sizeof *tracked);
    if (tracked == NULL)
        return sp_fail(why, SP_ERR_NOMEM, "no memory for tracked changes");
    sp_buf_init(&tracked->regions, REGIONS_MAX * sizeof(struct region));
    sp_buf_init(&tracked->text, TEXT_MAX);
    *out = tracked;
    return SP_OK;
}

void sp_tracked_free(struct sp_tracked *tracked)
{
    if (tracked == NULL)
        return;
    sp_buf_clear(&tracked->regions);
    sp_buf_wipe(&tracked->text);
    sp_free(tracked);
}

static struct region *region_last(const struct sp_tracked *tracked)
{
    size_t count = tracked->regions.len / sizeof(struct region);
    return count == 0 ? NULL : (struct region *)(void *)tracked->regions.data + count - 1;
}

enum sp_err sp_tracked_begin(struct sp_tracked *tracked, const char *name, const char *id,
                             struct sp_why *why)
{
    struct region *last = region_last(tracked);
    if (strcmp(name, "changed-region") == 0 && id != NULL) {
        struct region made = {.begin = tracked->text.len};
        bool fits =
            strlen(id) < ID_MAX && tracked->regions.max - tracked->regions.len >= sizeof made;
        tracked->cut = tracked->cut || !fits;
        if (!fits)
            return SP_OK;
        (void)snprintf(made.id, sizeof made.id, "%s", id);
        return sp_buf_append(&tracked->regions, &made, sizeof made, why);
    }
    if (strcmp(name, "insertion") == 0 && last != NULL)
        last->inserted = true;
    else if (strcmp(name, "deletion") == 0)
        tracked->in_deletion = !tracked->cut && last != NULL;
    else if (strcmp(name, "change-info") == 0)
        tracked->in_info = true;
    return SP_OK;
}

void sp_tracked_end(struct sp_tracked *tracked, const char *name)
{
    if (strcmp(name, "deletion") == 0)
        tracked->in_deletion = false;
    else if (strcmp(name, "change-info") == 0)
        tracked->in_info = false;
}

enum sp_err sp_tracked_text(struct sp_tracked *tracked, struct sp_slice utf8, struct sp_why *why)
{
    struct region *last = region_last(tracked);
    if (!tracked->in_deletion || tracked->in_info || last == NULL)
        return SP_OK;
    if (utf8.len > TEXT_MAX - tracked->text.len) {
        tracked->cut = true;
        return SP_OK;
    }
    last->len += utf8.len;
    return sp_buf_append(&tracked->text, utf8.ptr, utf8.len, why);
}

struct sp_slice sp_tracked_find(const struct sp_tracked *tracked, const char *id, bool *inserted)
{
    size_t count = tracked->regions.len / sizeof(struct region);
    const struct region *regions = (const struct region *)(const void *)tracked->regions.data;
    *inserted = false;
    for (size_t i = 0; id != NULL && i < count; i++) {
        if (strcmp(regions[i].id, id) != 0)
            continue;
        *inserted = regions[i].inserted;
        if (regions[i].len == 0) /* there may be no text at all */
            break;
        return (struct sp_slice){tracked->text.data + regions[i].begin, regions[i].len};
    }
    return (struct sp_slice){NULL, 0};
}

bool sp_tracked_is_cut(const struct sp_tracked *tracked)
{
    return tracked->cut;
}
