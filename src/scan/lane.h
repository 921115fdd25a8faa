/* A lane: what one thread owns. Its matcher, its text window, its batch, its workers, and the
 * stack of objects that are open. It is the sink in which extraction meets detection and the
 * inventory: the only place where a value in the clear becomes tokens. */
#ifndef SP_SCAN_LANE_H
#define SP_SCAN_LANE_H

#include "core/charset.h"
#include "core/plan.h"
#include "core/sink.h"
#include "extract/extract.h"
#include "scan/enclosures.h"
#include "scan/link.h"
#include "scan/owner.h"
#include "scan/queue.h"
#include "scan/scan.h"
#include "scan/seen.h"
#include "scan/spellings.h"
#include "scan/window.h"

#include <sys/stat.h>

enum {
    SP_LANE_OPEN_MAX = 80, /* objects open at once: wire's own bound and nested runs */
    SP_LANE_LINKS_MAX = 20 /* workers of one lane: a child that no other lane can take is read
                            * while its container's worker waits; depth_max bounds it */
};

/* An object that is open. */
struct sp_lane_object {
    int64_t id, parent, unit;
    unsigned depth;
    struct sp_object_info info; /* slices point into names */
    struct sp_buf names;
    struct sp_stat_id stat;
    bool has_stat;
    bool is_root_file; /* the one file that was given as root: its members are the units */
    bool is_stored;    /* a row was put, OPEN */
    bool is_flushed;   /* that row is in the inventory */
    bool has_gap, has_unread;
    uint64_t reasons; /* of those that were told: bit enum sp_reason */
    struct sp_enclosures enclosures;
    bool is_kept_in_part;   /* a row, segment or child of it, or of what is in it, left the stack */
    struct sp_top *account; /* of a member directly below a file in which something is read by
                             * itself; one part of it is this object; or NULL */
    uint32_t mode;
    uint32_t segments; /* stored */
    struct sp_segment segment;
    struct sp_seen seen;
    bool record_kept; /* the record of the last finding is in the segment */
    uint64_t kept_ordinal;
    enum sp_record_kind kept_kind;
};

/* What lanes share, read-only but for the queue and the inventory, which lock themselves. */
struct sp_shared {
    const struct sp_scan_options *options;
    struct sp_queue *queue;
    int root_fd;      /* the directory, or -1 when the root is one file */
    const char *root; /* path as given */
    bool root_is_tree;
    int64_t root_id, scan_id;
    uint64_t root_dev;
    struct sp_worker_how worker, ocr;
    struct sp_spare *spare; /* a worker of the first kind */
};

/* What safe.c looks with. */
struct sp_safe {
    struct sp_matcher *matcher;
    struct sp_spellings *spellings; /* made when first needed */
    bool names;                     /* of persons are looked for */
};

struct sp_lane {
    struct sp_sink base; /* first: a lane is a sink */
    const struct sp_shared *shared;
    struct sp_matcher *matcher; /* of the window */
    struct sp_safe safe;        /* is asked while that one is at work */
    struct sp_window *window;
    struct sp_copier *copier; /* of who wants copies, or NULL */
    struct sp_batch *batch;
    struct sp_link links[SP_LANE_LINKS_MAX];
    struct sp_link ocr;         /* for words of pictures, in which nothing else is */
    unsigned links_used;        /* workers at work right now, innermost last */
    struct sp_wire_in *replay;  /* decodes parcels; NULL until the first */
    const struct sp_plan *plan; /* of the innermost job; NULL: none */
    unsigned plan_base;         /* objects open when it began, its own included */
    struct sp_resume resume;    /* of the file at hand */
    struct sp_lane_object open[SP_LANE_OPEN_MAX];
    unsigned open_count;
    struct sp_top *top;              /* of the task at hand */
    uint64_t top_bytes;              /* size of the top file, SP_SIZE_UNKNOWN */
    char format[SP_FORMAT_NAME_MAX]; /* of the object read last */
    uint64_t flushed_ms;             /* monotonic time of the last flush */
    uint64_t told_bytes;             /* of the file at hand, told to progress already */
    uint64_t files, reused;
    struct sp_owners owners;
};

enum sp_err sp_lane_new(const struct sp_shared *shared, struct sp_lane **out, struct sp_why *why);
void sp_lane_free(struct sp_lane *lane);
/* Reads one task, whole. What could not be read becomes unread records; fails only when the
 * inventory, memory or the program itself does, or with SP_ERR_STOP. Frees the task. */
enum sp_err sp_lane_do(struct sp_lane *lane, struct sp_task *task, struct sp_why *why);
/* Keeps a thing of the tree that is not opened: a directory, a link, a device, something excluded
 * or unreadable. unread may be NULL; link is what a symbolic link says, or empty. */
enum sp_err sp_lane_note(struct sp_lane *lane, struct sp_slice name, struct sp_slice link,
                         const struct stat *st, enum sp_node node, const struct sp_unread *unread,
                         struct sp_why *why);
/* Writes what is collected. */
enum sp_err sp_lane_flush(struct sp_lane *lane, struct sp_why *why);

/* ---- lane_file.c ---------------------------------------------------------------------------- */
enum sp_err sp_lane_do_file(struct sp_lane *lane, struct sp_task *task, struct sp_why *why);

/* ---- attributes.c --------------------------------------------------------------------------- */
/* Extended attributes of the file behind fd, as parts of the innermost open object. */
enum sp_err sp_lane_attributes(struct sp_lane *lane, int fd, struct sp_why *why);

/* ---- lane_read.c ---------------------------------------------------------------------------- */
/* Reads and closes the innermost open object. fd is borrowed. */
enum sp_err sp_lane_finish(struct sp_lane *lane, int fd, struct sp_why *why);
/* A part of the innermost open object that a scan before this one has finished. */
bool sp_lane_is_done(const struct sp_lane *lane, uint64_t ordinal);
/* The raw byte pass over what is behind fd, as text of the innermost open object. */
enum sp_err sp_lane_read_raw(struct sp_lane *lane, int fd, struct sp_why *why);
/* The same of a stream; done->format stays. */
enum sp_err sp_lane_read_aside(struct sp_lane *lane, struct sp_stream *stream,
                               struct sp_object_done *done, struct sp_why *why);

/* ---- lane_child.c --------------------------------------------------------------------------- */
/* A child that a worker handed back: to the queue, or read here when the queue is full. Takes
 * over fd. */
enum sp_err sp_lane_child(struct sp_lane *lane, const struct sp_object_info *info, int fd,
                          struct sp_why *why);
/* Whole members of the innermost open object as frames: the same. Takes *frames over. */
enum sp_err sp_lane_parcel(struct sp_lane *lane, struct sp_buf *frames, struct sp_why *why);
/* A child or a parcel of another lane. */
enum sp_err sp_lane_do_part(struct sp_lane *lane, struct sp_task *task, struct sp_why *why);
/* Ends the part at hand: well, or with what went wrong (then its file stays OPEN). */
enum sp_err sp_lane_part_done(struct sp_lane *lane, enum sp_err err, struct sp_why *why);

/* ---- lane_sink.c: objects and findings ------------------------------------------------------ */
extern const struct sp_sink_ops sp_lane_ops;
struct sp_lane_object *sp_lane_top(struct sp_lane *lane); /* innermost open object */
/* The restore unit of what hangs below an object: of a root that is one file, the members of an
 * archive are units, while a mailbox or a document is one itself. */
int64_t sp_lane_unit_below(const struct sp_lane_object *parent, enum sp_step step, int64_t id);
/* Opens an object on the stack: copies the names, matches them. */
enum sp_err sp_lane_open(struct sp_lane *lane, const struct sp_object_info *info, int64_t id,
                         struct sp_why *why);
/* Ends the innermost: findings and row go to the batch. */
enum sp_err sp_lane_close(struct sp_lane *lane, const struct sp_object_done *done,
                          struct sp_why *why);
/* Forgets the innermost without a row of its end: after a stop. */
void sp_lane_drop(struct sp_lane *lane);
/* From here on the innermost object, and what it is in, cannot be dropped without a trace. */
void sp_lane_keep_in_part(struct sp_lane *lane);
/* The same from its parts. */
enum sp_err sp_lane_unread_reason(struct sp_lane *lane, enum sp_reason reason, const char *detail,
                                  bool partial, struct sp_why *why);
/* An unread record about the innermost. */
enum sp_err sp_lane_unread(struct sp_lane *lane, const struct sp_unread *unread,
                           struct sp_why *why);
/* window.h's callbacks */
enum sp_err sp_lane_located(void *ctx, const struct sp_located *located, struct sp_why *why);
enum sp_err sp_lane_unjudged(void *ctx, uint64_t offset, uint64_t at, struct sp_why *why);

/* ---- safe.c: locator parts that are safe to keep --------------------------------------------- */
/* Copies text into out with every value that a detector finds in it replaced by "***"; a text in
 * which one stands in another spelling is "***" as a whole. */
enum sp_err sp_safe_part(struct sp_safe *safe, struct sp_slice text, struct sp_buf *out,
                         struct sp_why *why);
/* The same of a path in JSON or XML, of names between slashes. */
enum sp_err sp_safe_pointer(struct sp_safe *safe, struct sp_slice text, struct sp_buf *out,
                            struct sp_why *why);
/* Of what a category was found under, each name of a path: one that has words or numbers of its own
 * ("medicatie insuline 10mg") says what is not to be kept, and is "***" as a whole. */
enum sp_err sp_safe_names(struct sp_slice path, struct sp_buf *out, struct sp_why *why);
void sp_safe_clear(struct sp_safe *safe);
/* A primary key ("id=1041"): a value that is no surrogate key (at most eight digits, or a UUID or
 * the like) may be anything of a person and is not kept; the row number tells the place. */
enum sp_err sp_safe_pk(struct sp_slice pk, struct sp_buf *out, struct sp_why *why);
/* A Message-ID has the shape of an e-mail address: kept when it looks made by a machine. */
enum sp_err sp_safe_message_id(struct sp_safe *safe, struct sp_slice id, struct sp_buf *out,
                               struct sp_why *why);

#endif
