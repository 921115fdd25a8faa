#include "extract/json_path.h"

#include <string.h>

void sp_json_path_init(struct sp_json_path *path)
{
    path->depth = 0;
    path->len = 0;
}

struct sp_json_level *sp_json_path_top(struct sp_json_path *path)
{
    bool known = path->depth > 0 && path->depth <= SP_JSON_DEPTH_MAX;
    return known ? &path->levels[path->depth - 1] : NULL;
}

static void path_byte(struct sp_json_path *path, unsigned byte)
{
    if (path->len < sizeof path->path)
        path->path[path->len++] = (char)byte;
}

static void path_number(struct sp_json_path *path, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + (int)(number % 10));
    while ((number /= 10) > 0);
    path_byte(path, '/');
    while (count > 0)
        path_byte(path, (uint8_t)digits[--count]);
}

void sp_json_path_push(struct sp_json_path *path, bool is_array)
{
    path->depth++;
    struct sp_json_level *level = sp_json_path_top(path);
    if (level == NULL)
        return;
    *level = (struct sp_json_level){.is_array = is_array, .path_len = (uint32_t)path->len};
    if (is_array)
        path_number(path, 0);
}

void sp_json_path_pop(struct sp_json_path *path)
{
    if (path->depth == 0)
        return;
    const struct sp_json_level *level = sp_json_path_top(path);
    if (level != NULL)
        path->len = level->path_len;
    path->depth--;
}

void sp_json_path_key(struct sp_json_path *path, struct sp_slice key)
{
    struct sp_json_level *level = sp_json_path_top(path);
    if (level == NULL)
        return;
    path->len = level->path_len;
    path_byte(path, '/');
    level->key_at = (uint32_t)path->len;
    for (size_t i = 0; i < key.len && i < SP_JSON_KEY_MAX; i++) {
        bool escaped = key.ptr[i] == '~' || key.ptr[i] == '/';
        if (i + 4 >= SP_JSON_KEY_MAX && (key.ptr[i] & 0xC0) != 0x80)
            break; /* no character is cut */
        path_byte(path, escaped ? '~' : key.ptr[i]);
        if (escaped)
            path_byte(path, key.ptr[i] == '~' ? '0' : '1');
    }
}

void sp_json_path_next(struct sp_json_path *path)
{
    struct sp_json_level *level = sp_json_path_top(path);
    if (level == NULL)
        return;
    path->len = level->path_len;
    if (level->is_array)
        path_number(path, ++level->index);
}

bool sp_json_path_in_array(const struct sp_json_path *path)
{
    return path->depth > 0 && path->depth <= SP_JSON_DEPTH_MAX &&
           path->levels[path->depth - 1].is_array;
}

/* The name that holds at the level, looking outwards; *level is where it was found. */
static struct sp_slice path_name(const struct sp_json_path *path, uint64_t *level)
{
    const uint8_t *bytes = (const uint8_t *)path->path;
    size_t end = path->len;
    for (; *level > 0; --*level) {
        const struct sp_json_level *at = &path->levels[*level - 1];
        if (!at->is_array && at->key_at > 0 && at->key_at <= end) {
            const uint8_t *slash = memchr(bytes + at->key_at, '/', end - at->key_at);
            size_t len = slash == NULL ? end - at->key_at : (size_t)(slash - bytes) - at->key_at;
            return (struct sp_slice){bytes + at->key_at, len};
        }
        if (!at->is_array)
            break;
        end = at->path_len;
    }
    return (struct sp_slice){NULL, 0};
}

static uint64_t path_levels(const struct sp_json_path *path)
{
    return path->depth < SP_JSON_DEPTH_MAX ? path->depth : SP_JSON_DEPTH_MAX;
}

struct sp_slice sp_json_path_name(const struct sp_json_path *path)
{
    uint64_t level = path_levels(path);
    return path_name(path, &level);
}

struct sp_slice sp_json_path_outer_name(const struct sp_json_path *path)
{
    uint64_t level = path_levels(path);
    (void)path_name(path, &level);
    if (level == 0)
        return (struct sp_slice){NULL, 0};
    level--;
    return path_name(path, &level);
}
