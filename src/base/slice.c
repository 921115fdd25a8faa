#include "speur/slice.h"

#include <strings.h>

struct sp_slice sp_slice_of(const char *text)
{
    struct sp_slice slice = {NULL, 0};
    if (text != NULL) {
        slice.ptr = (const uint8_t *)text;
        slice.len = strlen(text);
    }
    return slice;
}

bool sp_slice_equal(struct sp_slice a, struct sp_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool sp_slice_is(struct sp_slice a, const char *text)
{
    return a.len == strlen(text) &&
           (a.len == 0 || strncasecmp((const char *)a.ptr, text, a.len) == 0);
}
