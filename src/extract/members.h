/* Members of an archive, read by libarchive with exactly one format enabled. */
#ifndef SP_EXTRACT_MEMBERS_H
#define SP_EXTRACT_MEMBERS_H

#include "extract/extract.h"
#include "extract/tape.h"
#include "extract/zipdir.h"

enum sp_members_kind {
    SP_MEMBERS_TAR,        /* from a tape */
    SP_MEMBERS_ZIP_SEEK,   /* from a descriptor, by the central directory */
    SP_MEMBERS_ZIP_STREAM, /* from a tape, local records as they come */
    SP_MEMBERS_7Z,         /* from a descriptor; the others from either */
    SP_MEMBERS_RAR,        /* versions 1.5 to 4 */
    SP_MEMBERS_RAR5,
    SP_MEMBERS_CAB,
    SP_MEMBERS_ISO,
    SP_MEMBERS_CPIO,
    SP_MEMBERS_AR,
    SP_MEMBERS_XAR
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
    struct sp_tape *tape;    /* borrowed, at the archive's first byte; NULL: read from fd */
    int fd;                  /* without a tape: borrowed */
    uint64_t offset;         /* without a tape: of the archive's first byte in the file */
    uint64_t count;          /* in: members told before; out: and after. Ordinals go on from it */
    enum sp_members_end end; /* out */
    uint64_t break_pos;      /* out: tape position; after SP_MEMBERS_END where the search for
                              * another header began */
    struct sp_zip_entry *listed; /* ZIP_SEEK: of each header in order; `content` of those that are
                                  * not told here is set. Borrowed */
    uint64_t listed_count;
    char tail; /* in: what stands for '_' at the end of the first member's name; 0 = itself */
    struct sp_slice locked; /* in: a byte for each header in order, 1 = the data is encrypted */
    uint64_t seen;          /* out: headers in all, told or not */
    uint64_t end_pos;       /* out: how far libarchive had read, as break_pos is counted */
    bool encrypted;         /* out: the reader stopped because the headers are encrypted */
    bool unsupported;       /* out: it stopped at something that it does not know */
    bool skipped;           /* out: it passed over bytes to find a header */
    uint64_t pass_over;     /* in: headers that were told in an earlier call over the same bytes */
};

/* Reads every member through sp_extract_member. What is wrong with a member is told of that
 * member; what is wrong with the archive is left to the caller (members->end). */
enum sp_err sp_members_read(struct sp_extract *x, struct sp_members *members, struct sp_why *why);

#endif
