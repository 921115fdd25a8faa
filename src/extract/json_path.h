/* Where a reader of JSON stands: the containers around it, and their names as a JSON pointer
 * (RFC 6901). Of any depth: what lies deeper than the limit has the path of the limit. */
#ifndef SP_EXTRACT_JSON_PATH_H
#define SP_EXTRACT_JSON_PATH_H

#include "speur/slice.h"

enum {
    SP_JSON_DEPTH_MAX = 256, /* containers whose kind and path are known */
    SP_JSON_PATH_MAX = 4096, /* bytes of a pointer; what goes on behind it is not told */
    SP_JSON_KEY_MAX = 256    /* bytes of a key in a pointer */
};

struct sp_json_level {
    bool is_array;
    uint32_t path_len; /* of the container itself */
    uint32_t key_at;   /* where in `path` the name of the value at hand begins; 0: no name */
    uint64_t index;    /* of the element at hand, from 0 */
    bool has_id;       /* an object in it stands under a name that is a number or the like */
};

struct sp_json_path {
    struct sp_json_level levels[SP_JSON_DEPTH_MAX];
    uint64_t depth; /* containers that are open */
    size_t len;     /* of the path of the value at hand */
    char path[SP_JSON_PATH_MAX];
};

void sp_json_path_init(struct sp_json_path *path);
/* A container begins or ends. Ends that nothing began are ignored. */
void sp_json_path_push(struct sp_json_path *path, bool is_array);
void sp_json_path_pop(struct sp_json_path *path);
/* The value behind this name, or the next element, is at hand. */
void sp_json_path_key(struct sp_json_path *path, struct sp_slice key);
void sp_json_path_next(struct sp_json_path *path);
/* The innermost container; NULL outside of all, and beyond the limit. */
struct sp_json_level *sp_json_path_top(struct sp_json_path *path);
bool sp_json_path_in_array(const struct sp_json_path *path);
/* What the value at hand is called, as it is written in the path; the container's name for elements
 * of an array. Empty without a name. */
struct sp_slice sp_json_path_name(const struct sp_json_path *path);
/* The name one object further out. */
struct sp_slice sp_json_path_outer_name(const struct sp_json_path *path);

#endif
