/* The central directory of a zip file, read by ourselves only to learn which bytes of the file it
 * does not account for: a reader that follows the directory never sees those. */
#ifndef SP_EXTRACT_ZIPDIR_H
#define SP_EXTRACT_ZIPDIR_H

#include "speur/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_zip_range {
    uint64_t begin; /* file offsets */
    uint64_t end;   /* one past the last */
    bool described; /* a data descriptor of up to 24 bytes follows */
};

struct sp_zipdir {
    struct sp_zip_range *gaps; /* ascending; what neither a member nor the directory takes up */
    size_t gap_count;
    uint64_t entries; /* records in the directory, of different places in the file */
    bool multivolume; /* the file is one part of several */
};

/* Reads the directory of the file of size_bytes behind fd, of at most entries_max records.
 * SP_ERR_FORMAT: there is none, or it is damaged; SP_ERR_LIMIT, SP_ERR_IO, SP_ERR_NOMEM. */
enum sp_err sp_zipdir_read(int fd, uint64_t size_bytes, uint64_t entries_max, struct sp_zipdir *out,
                           struct sp_why *why);
void sp_zipdir_clear(struct sp_zipdir *dir);

#endif
