/* Members of an archive, read by libarchive with exactly one format enabled. */
#ifndef SP_EXTRACT_MEMBERS_H
#define SP_EXTRACT_MEMBERS_H

#include "extract/extract.h"
#include "extract/tape.h"
#include "extract/zipdir.h"

enum sp_members_kind {
    SP_MEMBERS_TAR,       /* from a tape */
    SP_MEMBERS_ZIP_SEEK,  /* from a descriptor, by the central directory */
    SP_MEMBERS_ZIP_STREAM /* from a tape, local records as they come */
};

enum sp_members_end {
    SP_MEMBERS_END,     /* the archive's end */
    SP_MEMBERS_DAMAGED, /* no header where one was due: break_pos is its place */
    SP_MEMBERS_BROKEN,  /* libarchive gave up within the data of the last member, which was told;
                         * break_pos is how far it had read */
    SP_MEMBERS_LIMIT,   /* a limit was hit and reported */
    SP_MEMBERS_FAILED   /* the stream below failed: its next() gives the failure again */
};

struct sp_members {
    enum sp_members_kind kind;
    struct sp_tape *tape;    /* TAR, ZIP_STREAM: borrowed, at the archive's first byte */
    int fd;                  /* ZIP_SEEK: borrowed */
    uint64_t count;          /* in: members told before; out: and after. Ordinals go on from it */
    enum sp_members_end end; /* out */
    uint64_t break_pos;      /* out: tape position; after SP_MEMBERS_END where the search for
                              * another header began */
    struct sp_zip_entry *listed; /* ZIP_SEEK: of each header in order; `content` of those that are
                                  * not told here is set. Borrowed */
    uint64_t listed_count;
    uint64_t seen;      /* out: headers in all, told or not */
    uint64_t pass_over; /* in: headers that were told in an earlier call over the same bytes */
};

/* Reads every member through sp_extract_member. What is wrong with a member is told of that
 * member; what is wrong with the archive is left to the caller (members->end). */
enum sp_err sp_members_read(struct sp_extract *x, struct sp_members *members, struct sp_why *why);

#endif
