/* The header of one member of a tar, with all that stands before it (POSIX pax interchange, ustar,
 * GNU long names and sparse files): its blocks as they came, and what they mean. The checks that
 * decide whether a block is a header are those of tar.c. */
#ifndef SP_EXTRACT_TARHEAD_H
#define SP_EXTRACT_TARHEAD_H

#include "base/buf.h"

enum {
    SP_TAR_BLOCK = 512,
    SP_TAR_HEAD_MAX = 16 << 20 /* bytes of all headers of one member */
};

struct sp_tarhead {
    struct sp_buf blocks; /* extensions with their data, then the header, then what describes the
                           * holes of an old GNU sparse file */
    size_t main;          /* of the header in blocks */
    struct sp_buf name;   /* as stored */
    struct sp_buf link;   /* what a link points to, as stored */
    uint8_t type;         /* '0' file, '1' hard link, '2' symbolic link, '5' directory, … */
    uint64_t size;        /* bytes of data behind the header, without padding */
    bool sparse;
    /* while it is read */
    struct sp_buf pax; /* records of the extended header that count */
    bool has_name, has_link, has_size;
    uint64_t pax_size;
};

void sp_tarhead_init(struct sp_tarhead *head);
void sp_tarhead_clear(struct sp_tarhead *head);
void sp_tarhead_reset(struct sp_tarhead *head);

/* What one block is. */
enum sp_tarblock {
    SP_TARBLOCK_ZERO,   /* the end, or padding behind it */
    SP_TARBLOCK_OTHER,  /* no header */
    SP_TARBLOCK_GLOBAL, /* a header that belongs to no member; *size bytes follow */
    SP_TARBLOCK_MORE,   /* an extension: give its *size bytes to sp_tarhead_extend */
    SP_TARBLOCK_MAIN,   /* the header: *size is 0, or 512 for each block of holes that follows */
};
/* Takes the next block into the head. */
enum sp_err sp_tarhead_block(struct sp_tarhead *head, const uint8_t block[SP_TAR_BLOCK],
                             enum sp_tarblock *kind, uint64_t *size, struct sp_why *why);
/* The data of an extension, padded to whole blocks. SP_ERR_LIMIT, SP_ERR_NOMEM. */
enum sp_err sp_tarhead_extend(struct sp_tarhead *head, struct sp_slice data, uint64_t size,
                              struct sp_why *why);
/* A block that describes holes; *more: another follows. */
enum sp_err sp_tarhead_holes(struct sp_tarhead *head, const uint8_t block[SP_TAR_BLOCK], bool *more,
                             struct sp_why *why);

/* Reads the octal or binary number of a field (TAR size: offset 124, 12 bytes). */
uint64_t sp_tar_number(const uint8_t *field, size_t len);
/* The next record "LEN KEY=VALUE\n" of an extended header at *pos. */
bool sp_pax_next(struct sp_slice data, size_t *pos, struct sp_slice *record, struct sp_slice *key,
                 struct sp_slice *value);
bool sp_pax_begins(struct sp_slice key, const char *name);

#endif
