/* The erasure requests that WordPress keeps itself: rows of type user_request in a dump. */
#ifndef SP_RESTORE_WORDPRESS_H
#define SP_RESTORE_WORDPRESS_H

#include "core/budget.h"
#include "speur/err.h"
#include "speur/slice.h"

/* One request to be erased. Slices are borrowed for the call; dates as in the dump, which may be
 * empty. */
struct sp_wordpress_request {
    struct sp_slice id;        /* of the post: a number */
    struct sp_slice email;     /* as the person gave it */
    struct sp_slice received;  /* "YYYY-MM-DD HH:MM:SS" */
    struct sp_slice completed; /* likewise, or empty: not carried out yet */
    bool confirmed; /* the person followed the link; without it, anybody may have asked */
    uint64_t row;   /* in its table */
};
typedef enum sp_err (*sp_wordpress_out)(void *ctx, const struct sp_wordpress_request *request,
                                        struct sp_why *why);

/* Whether the file is an SQL dump, also a compressed one. */
bool sp_wordpress_is_dump(int fd);
/* Reads the dump from the descriptor's start. *rows: requests of any kind that came by.
 * SP_ERR_FORMAT: damaged. */
enum sp_err sp_wordpress_read(int fd, const struct sp_limits *limits, sp_wordpress_out out,
                              void *ctx, uint64_t *rows, struct sp_why *why);

#endif
