/* Bytes that belong to somebody else: never NUL-terminated, may hold any byte. */
#ifndef SPEUR_SLICE_H
#define SPEUR_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_slice {
    const uint8_t *ptr; /* may be NULL when len is 0 */
    size_t len;         /* bytes */
};

/* A slice over a C string, without its NUL. NULL gives an empty slice. */
struct sp_slice sp_slice_of(const char *text);
bool sp_slice_equal(struct sp_slice a, struct sp_slice b);
/* ASCII case-insensitive comparison with a C string. */
bool sp_slice_is(struct sp_slice a, const char *text);

#endif
