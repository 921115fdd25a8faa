/* The central directory of a zip file, read by ourselves only to learn which bytes of the file it
 * does not account for: a reader that follows the directory never sees those. */
#ifndef SP_EXTRACT_ZIPDIR_H
#define SP_EXTRACT_ZIPDIR_H

#include "speur/err.h"
#include "speur/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sp_zip_range {
    uint64_t begin; /* file offsets */
    uint64_t end;   /* one past the last */
    bool described; /* a data descriptor of up to 24 bytes follows */
};

/* What a record says of its member, in the order of the places in the file. */
struct sp_zip_entry {
    struct sp_zip_range range;   /* up to the next member, with a data descriptor */
    struct sp_zip_range names;   /* name and extra field of the local record, when they tell more
                                  * than one name; else empty */
    struct sp_zip_range comment; /* of the directory's record; mostly empty */
    struct sp_zip_range stored;  /* where the directory has its name */
    uint64_t size;               /* bytes unpacked */
    uint64_t tail_at;            /* file offset of the last byte of the local name; 0 = keep it */
    char tail;                   /* that byte: a slash of either kind */
    bool content;                /* called a directory or device, but has data: read as a file */
};

struct sp_zipdir {
    struct sp_zip_entry *list; /* `entries` of them */
    struct sp_zip_range *gaps; /* ascending; what neither a member nor the directory takes up;
                                * `described`: it is the archive's comment, or names */
    size_t gap_count;
    uint64_t entries;  /* records in the directory, of different places in the file */
    uint64_t repeated; /* further records of these places: names that no member shows */
    bool multivolume;  /* the file is one part of several */
};

/* Reads the directory of the file of size_bytes behind fd, of at most entries_max records.
 * SP_ERR_FORMAT: there is none, or it is damaged; SP_ERR_LIMIT, SP_ERR_IO, SP_ERR_NOMEM. */
enum sp_err sp_zipdir_read(int fd, uint64_t size_bytes, uint64_t entries_max, struct sp_zipdir *out,
                           struct sp_why *why);
/* True when `tail`, the last bytes of a file of size_bytes, holds an end record whose directory
 * lies where it says: a zip file, whatever stands before it. */
bool sp_zipdir_ends(struct sp_slice tail, uint64_t size_bytes);
enum { SP_ZIPDIR_TAIL_BYTES = 22 + 65535 }; /* an end record and its comment */
void sp_zipdir_clear(struct sp_zipdir *dir);

#endif
