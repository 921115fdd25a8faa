/* Names as GNU tar lists them for incremental backups (tar manual, "Dumpdir", "Format of Snapshot
 * Files"): a letter, the name, a NUL. Read as lines, with a blank in place of the letter. */
#ifndef SP_EXTRACT_DUMPDIR_H
#define SP_EXTRACT_DUMPDIR_H

#include "core/stream.h"

/* Where the reading of such names stands. Begin with zeros: a list of one folder. */
struct sp_dumpdir {
    bool snapshot;    /* names of folders stand between numbers, each before its list */
    bool in_field;    /* within a name or number */
    unsigned numbers; /* of a snapshot: fields before the next name of a folder; 0 = in a list */
    bool folder;      /* of a snapshot: the field at hand is the name of a folder */
};

/* True for bytes with which a list of one folder begins. */
bool sp_dumpdir_is(struct sp_slice head);
/* Makes lines of the next bytes, of the same length. */
void sp_dumpdir_lines(struct sp_dumpdir *names, uint8_t *bytes, size_t len);
/* A stream of such lines over `inner`, which stays the caller's. `room` is the caller's too, and
 * must live as long as the stream. */
struct sp_dumpdir_lines {
    struct sp_dumpdir names;
    struct sp_stream *inner, *own;
    size_t skip; /* bytes at the beginning that go on as they are */
    uint8_t room[8192];
};
enum sp_err sp_dumpdir_open(struct sp_dumpdir_lines *lines, struct sp_stream *inner,
                            struct sp_why *why);

#endif
