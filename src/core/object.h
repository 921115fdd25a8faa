/* Objects: what a scan opens. A tree: file, member, message, attachment. */
#ifndef SP_CORE_OBJECT_H
#define SP_CORE_OBJECT_H

#include "speur/reason.h"
#include "speur/slice.h"

/* How an object hangs below its parent; decides how its locator segment reads. Stored. */
enum sp_step {
    SP_STEP_FILE,    /* a file of the tree that is scanned; name = path relative to the root */
    SP_STEP_MEMBER,  /* member of an archive; name = raw stored name */
    SP_STEP_MESSAGE, /* message of a mailbox; ordinal = index from 1, name = Message-ID or empty */
    SP_STEP_PART,    /* MIME part that is an attachment; name = file name or empty, part = "1.2" */
    SP_STEP_COUNT
};

/* What a member is, besides its bytes. Stored. */
enum sp_node {
    SP_NODE_REGULAR,
    SP_NODE_DIRECTORY,
    SP_NODE_SYMLINK,
    SP_NODE_HARDLINK, /* link = stored name of the member it repeats */
    SP_NODE_SPECIAL   /* FIFO, socket, device */
};

/* Where reading stands. Stored. */
enum sp_state {
    SP_STATE_OPEN,     /* begun, not finished: after a crash it is read again */
    SP_STATE_COMPLETE, /* read to the end */
    SP_STATE_PARTIAL,  /* something of it was not read: it has unread records */
    SP_STATE_SKIPPED,  /* nothing of it was read: it has an unread record */
    SP_STATE_COUNT
};
const char *sp_state_name(enum sp_state state);

/* What judging treats alike. Stored: append only. */
enum sp_shape {
    SP_SHAPE_DOCUMENT, /* text, mail, office: a hit drops it whole */
    SP_SHAPE_RECORDS,  /* dump, CSV, log: holds records of several people */
    SP_SHAPE_MAILBOX,  /* holds messages */
    SP_SHAPE_ARCHIVE,  /* holds members */
    SP_SHAPE_NONE      /* directory, link, special: no content of its own */
};

/* Told when an object begins. All slices are borrowed for the call. */
struct sp_object_info {
    enum sp_step step;
    enum sp_node node;
    uint64_t ordinal;      /* from 1 below its parent, in stored order */
    struct sp_slice name;  /* raw bytes as stored, see enum sp_step */
    struct sp_slice part;  /* MIME part path; SP_STEP_PART only */
    struct sp_slice link;  /* target of a link, raw bytes */
    uint64_t size_claimed; /* bytes, SP_SIZE_UNKNOWN when not told */
    int64_t mtime_s;       /* seconds since 1970; INT64_MIN unknown */
    struct sp_slice owner; /* user name stored with it, or empty */
    struct sp_slice group;
    const char *mime; /* type declared by a mail part or NULL; a hint, never trusted */
};

/* Told when an object ends. */
struct sp_object_done {
    const char
        *format; /* name of the extractor, e.g. "tar", "mbox", "plain"; with filters "gzip+tar" */
    enum sp_shape shape;
    const char *encoding;  /* of text, or NULL */
    uint64_t bytes_read;   /* of its decoded stream */
    uint64_t record_count; /* records in it, found in or not; a CSV header is none */
    enum sp_state state;
};

/* Something that was not read. */
struct sp_unread {
    enum sp_reason reason;
    char detail[160];        /* one line, no file content; may be empty */
    uint64_t bytes_read;     /* of the object, before it stopped; SP_SIZE_UNKNOWN */
    uint64_t bytes_expected; /* SP_SIZE_UNKNOWN when the format does not tell */
    bool partial;            /* some of it was read */
    bool fallback;           /* the raw byte pass went over it as well */
};

void sp_unread_init(struct sp_unread *unread, enum sp_reason reason);

#endif
